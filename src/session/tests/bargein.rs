//! The user speaks over the answer, or coughs.

use std::time::Duration;

use serde_json::json;

use super::{
    stage::{
        Stage,
        Step::{self, *},
    },
    *,
};

fn spoken() -> serde_json::Value {
    json!({ "responseModalities": ["AUDIO"], "outputAudioTranscription": {} })
}

fn told(steps: &[Step]) -> Vec<String> {
    Stage::new(spoken(), |_| {}).steps(steps).told
}

/// The user hears 200 ms of an answer of two seconds in a quiet room.
const ANSWERING: [Step; 2] = [Answer(2000), Quiet(200)];

fn over_answer(steps: &[Step]) -> Vec<String> {
    told(&[&ANSWERING, steps].concat())
}

#[test]
fn who_speaks_silences_the_answer_at_once_and_the_service_confirms_it() {
    assert_eq!(over_answer(&[Voice(80)]), [""; 0], "too short to be more than a click");
    let steps = [Voice(400), Interrupted, Voice(600), Complete, Quiet(3000)];
    assert_eq!(over_answer(&steps), ["paused", "interrupted 300"]);
    let stage = Stage::new(spoken(), |_| {}).steps(&ANSWERING).steps(&steps);
    assert_eq!((stage.heard.len(), stage.queued), (300 * 24, 2000 * 24));
    assert_eq!(
        (stage.talk.session.stats().playback_pauses, stage.talk.session.stats().false_interruptions),
        (1, 0)
    );
}

#[test]
fn a_cough_pauses_the_answer_and_nothing_of_it_is_lost_or_heard_twice() {
    let steps = [Voice(300), Quiet(2000), Generated, Complete, Quiet(2000)];
    assert_eq!(over_answer(&steps), ["paused", "resumed 1000", "ended 2000"]);
    let stage = Stage::new(spoken(), |_| {}).steps(&ANSWERING).steps(&steps);
    assert_eq!(stage.heard, (0..2000 * 24).collect::<Vec<_>>());
    let stats = stage.talk.session.stats();
    assert_eq!((stats.playback_pauses, stats.false_interruptions), (1, 1));
    assert_eq!((stats.playback_samples_played, stats.concealment_events), (48_000.0, 0.0));
}

#[test]
fn rows() {
    let rows: &[(&str, &[Step], &[&str])] = &[
        (
            "speech after the cough is speech",
            &[Voice(300), Quiet(1200), Voice(300), Interrupted],
            &["paused", "resumed 1000", "paused", "interrupted 920"],
        ),
        (
            "speech during the pause of a cough goes on with it",
            &[Voice(200), Quiet(300), Voice(700), Interrupted],
            &["paused", "interrupted 300"],
        ),
        (
            "an interruption that comes late is one all the same",
            &[Voice(300), Quiet(1500), Interrupted],
            &["paused", "resumed 1000", "interrupted 1020"],
        ),
        (
            "who goes on speaking is not spoken to meanwhile",
            &[Voice(2000), Quiet(300), Interrupted],
            &["paused", "interrupted 300"],
        ),
        (
            "what the service does not call speech for five seconds is none",
            &[Voice(8000), Complete, Quiet(500)],
            &["paused", "resumed 5000", "ended 2000"],
        ),
        (
            "the turn's end is no word about the pause",
            &[Voice(300), Generated, Complete, Quiet(4000)],
            &["paused", "resumed 1000", "ended 2000"],
        ),
        (
            "more of the answer waits behind the pause",
            &[Voice(300), Answer(500), Quiet(1000), Complete, Quiet(4000)],
            &["paused", "resumed 1000", "ended 2500"],
        ),
        ("the application's word is final", &[Voice(300), Silence, Quiet(3000)], &["paused", "ended 300"]),
        (
            "who mutes has said what there was to say",
            &[Voice(300), Mute(true), Nothing(2000)],
            &["paused", "resumed 1000"],
        ),
        (
            "a microphone that gives nothing more ends no pause before its time",
            &[Voice(140), Nothing(940)],
            &["paused"],
        ),
        ("and holds none for ever", &[Voice(140), Nothing(960)], &["paused", "resumed 1000"]),
        ("muted, nobody is heard", &[Mute(true), Voice(500)], &[]),
        (
            "another speaker begins where there is no pause",
            &[Voice(300), Speaker(true), Answer(500), Quiet(100)],
            &["paused", "resumed 200", "ended 300"],
        ),
        ("without a speaker there is nothing to pause", &[Speaker(false), Voice(500)], &["ended 200"]),
        ("what is only still played cannot be interrupted", &[Complete, Voice(500)], &[]),
        ("while a call holds the microphone back the service hears nobody", &[Call, Voice(500)], &["paused"]),
        ("the end is silence", &[Voice(300), Close, Nothing(500)], &["paused", "end"]),
    ];
    for (rule, steps, wanted) in rows {
        assert_eq!(over_answer(steps), *wanted, "{rule}");
    }
}

#[test]
fn a_microphone_that_is_held_back_pauses_nothing() {
    let mut stage = Stage::new(spoken(), |_| {});
    stage.talk = Talk::open_by(
        Policy { barge_in: Some(BargeInPolicy::default()), ..Policy::default() },
        "gemini-2.5-flash-native-audio-latest",
        spoken(),
    );
    let stage = stage.steps(&[Speaker(true), Answer(2000), Quiet(200), Call, Voice(500)]);
    assert_eq!(stage.told, [""; 0]);
}

#[test]
fn where_nobody_asked_for_it_or_the_service_does_not_interrupt_nothing_is_paused() {
    let handling = json!({ "responseModalities": ["AUDIO"], "realtimeInputConfig": { "activityHandling": "NO_INTERRUPTION" } });
    let translation = json!({ "translationConfig": { "targetLanguageCode": "de" } });
    type Change = fn(&mut Policy);
    let rows: [(serde_json::Value, Change); 5] = [
        (spoken(), |policy| policy.barge_in = None),
        (handling, |_| {}),
        (translation, |_| {}),
        (spoken(), |policy| policy.half_duplex = true),
        (spoken(), |policy| policy.push_to_talk = true),
    ];
    for (config, change) in rows {
        let shown = config.to_string();
        assert_eq!(
            Stage::new(config, change).steps(&ANSWERING).steps(&[Voice(500)]).told,
            [""; 0],
            "{shown}"
        );
    }
}

#[test]
fn the_press_of_the_button_pauses_the_answer_and_the_voice_alone_does_not() {
    for half_duplex in [false, true] {
        let change = |policy: &mut Policy| (policy.push_to_talk, policy.half_duplex) = (true, half_duplex);
        let begin = || Stage::new(manual(), change).steps(&ANSWERING);
        assert_eq!(begin().steps(&[Voice(500)]).told, [""; 0]);
        let mut stage = begin().steps(&[Voice(500), Press(true)]);
        assert_eq!(stage.told, ["paused"]);
        // What is said over the pause reaches the service, half duplex or not.
        let before = stage.talk.session.stats().audio_frames_sent;
        stage.step(Voice(100));
        assert_eq!(stage.talk.session.stats().audio_frames_sent, before + 5);
        let stage = stage.steps(&[Interrupted, Voice(500), Press(false), Quiet(3000)]);
        assert_eq!(stage.told, ["paused", "interrupted 700"]);
        // A service that does not interrupt: from the release on nobody speaks.
        let stage = begin().steps(&[Press(true), Voice(1500), Press(false), Quiet(20)]);
        assert_eq!(stage.told, ["paused", "resumed 1500"]);
    }
}

#[test]
fn with_automatic_detection_what_was_said_before_the_press_counts() {
    let stage = Stage::new(spoken(), |policy| policy.push_to_talk = true).steps(&ANSWERING);
    let stage = stage.steps(&[Voice(200), Press(true)]);
    assert_eq!(stage.told, ["paused"]);
}

#[test]
fn a_pause_does_not_outlast_the_connection_for_good() {
    let stage = Stage::new(spoken(), |policy| policy.resumption = false).steps(&ANSWERING);
    let mut stage = stage.steps(&[Voice(300), Lose]);
    assert_eq!(stage.told, ["paused", "resumed 200", "end"]);
    // What had come is heard to its end.
    stage.pass(3000, None);
    assert_eq!(stage.heard, (0..2000 * 24).collect::<Vec<_>>());
}

#[test]
fn the_policy_says_how_long_a_voice_lasts_and_how_long_the_service_has() {
    let change = |policy: &mut Policy| {
        let barge_in =
            BargeInPolicy { speech: Duration::from_millis(300), confirm: Duration::from_millis(600) };
        policy.barge_in = Some(barge_in);
    };
    let begin = || Stage::new(spoken(), change).steps(&ANSWERING);
    assert_eq!(begin().steps(&[Voice(280)]).told, [""; 0]);
    assert_eq!(begin().steps(&[Voice(300), Quiet(1000)]).told, ["paused", "resumed 600"]);
}

#[test]
fn a_loudspeaker_that_the_microphone_hears_pauses_the_answer_four_times_and_then_no_more() {
    let mut stage = Stage::new(spoken(), |_| {}).steps(&[Answer(60_000)]);
    for _ in 0..2000 {
        // The room has the answer's sound, without a pause in it: nothing could be worse.
        stage.step(if stage.is_playing && stage.paused.is_none() { Voice(20) } else { Quiet(20) });
    }
    assert_eq!(stage.talk.session.stats().playback_pauses, 4);
    assert_eq!(stage.paused, None);
    // The service's own word makes it trust its ears again.
    let stage =
        stage.steps(&[Quiet(1000), Interrupted, Complete, Quiet(1500), Answer(2000), Quiet(200), Voice(100)]);
    assert_eq!(stage.talk.session.stats().playback_pauses, 5);
}

#[test]
fn what_was_heard_before_the_pause_is_what_the_turn_has_of_an_interrupted_answer() {
    let mut stage = Stage::new(spoken(), |_| {});
    for word in ["one ", "two ", "three ", "four "] {
        stage.frame(json!({ "serverContent": { "outputTranscription": { "text": word } } }));
        stage.step(Answer(500));
    }
    let stage = stage.steps(&[Quiet(1000), Voice(700), Interrupted, Complete]);
    let turns: Vec<_> = stage.talk.session.turns.all().collect();
    let answer = turns.iter().find(|turn| turn.is_interrupted).expect("one was interrupted");
    assert_eq!((answer.played_ms, answer.heard.as_deref().map(str::trim)), (Some(1100.0), Some("one two")));
}

#[test]
fn nothing_was_heard_during_the_pause_where_the_interruption_comes_right_after_it() {
    for (unreported_ms, wanted) in [(0, 300.0), (40, 340.0)] {
        let mut stage = Stage::new(spoken(), |_| {}).steps(&ANSWERING).steps(&[Voice(300), Quiet(780)]);
        assert_eq!(stage.told, ["paused"]);
        stage.talk.pass(20);
        // The speaker goes on, and says how far it is only after 100 ms.
        stage.talk.pass(unreported_ms);
        let told = events(stage.talk.frame(json!({ "serverContent": { "interrupted": true } })));
        let played = told.iter().find_map(|event| match event {
            Event::Interrupted(fields) => fields.played_ms,
            _ => None,
        });
        assert_eq!(played, Some(wanted));
        assert!(stage.talk.session.stats().false_interruptions == 1, "the pause was over");
    }
}

/// Numbers by chance, the same for each seed.
struct Chance(u32);

impl Chance {
    fn below(&mut self, most: u32) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) % most
    }

    fn step(&mut self) -> Step {
        match self.below(20) {
            0..=4 => Voice(20 * self.below(40)),
            5..=7 => Quiet(20 * self.below(60)),
            8 => Nothing(20 * self.below(60)),
            9..=12 => Answer(self.below(1500)),
            13 => Interrupted,
            14 => Generated,
            15 => Complete,
            16 => Silence,
            17 => Mute(self.below(2) == 0),
            18 => Press(self.below(3) > 0),
            _ => Speaker(self.below(4) > 0),
        }
    }
}

#[test]
fn whatever_happens_every_sample_is_heard_once_or_flushed_and_no_pause_outlasts_five_seconds() {
    for seed in 0..100 {
        let mut chance = Chance(seed);
        let (is_manual, is_button, is_half) =
            (chance.below(4) == 0, chance.below(4) == 0, chance.below(6) == 0);
        let config = if is_manual { manual() } else { spoken() };
        let mut stage = Stage::new(config, |policy| {
            (policy.push_to_talk, policy.half_duplex) = (is_button, is_half);
        });
        for _ in 0..60 {
            let step = chance.step();
            stage.step(step);
            let since = stage.paused.map(|since| stage.talk.now.ms_since(since));
            assert!(since.is_none_or(|ms| ms <= 5000.0), "seed {seed}: {since:?} after {step:?}");
        }
        for _ in 0..1000 {
            stage.step(Nothing(100));
            if stage.paused.is_none() && stage.queue.is_empty() {
                break;
            }
        }
        // A turn that was completed by nobody has ended by then.
        stage.step(Nothing(1500));
        assert_eq!((stage.paused, stage.queue.len()), (None, 0), "seed {seed}");
        assert!(
            stage.heard.is_sorted_by(|one, next| one < next),
            "seed {seed}: heard twice, or out of order"
        );
        assert_eq!(stage.heard.len() as u32 + stage.flushed, stage.queued, "seed {seed}");
        let played: f64 = stage.talk.session.turns.all().filter_map(|turn| turn.played_ms).sum();
        assert!((played * 24.0 - stage.heard.len() as f64).abs() < 1.0, "seed {seed}: {played}");
    }
}

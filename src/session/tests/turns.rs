//! The turns of the conversation: who said what, and what of it was heard.

use serde_json::json;

use super::{answers::listening, *};
use crate::{event::LiveTurn, protocol::setup::Role};

/// The turns as they were told: the latest word on each, oldest first.
fn told(actions: Vec<Action>) -> Vec<LiveTurn> {
    let mut turns: Vec<LiveTurn> = Vec::new();
    for event in events(actions) {
        let Event::Turn { turn } = event else { continue };
        match turns.iter_mut().find(|known| known.id == turn.id) {
            Some(known) => *known = *turn,
            None => turns.push(*turn),
        }
    }
    turns.sort_by_key(|turn| turn.id);
    turns
}

fn telling(mut talk: Talk) -> Talk {
    talk.session.turns = Turns::new(&talk.session.setup, &Policy::default());
    talk
}

fn told_of() -> Talk {
    telling(Talk::open())
}

/// Each turn in short: who, what, and how it stands.
fn outline(turns: &[LiveTurn]) -> Vec<String> {
    let line = |turn: &LiveTurn| {
        let marks = [(turn.is_final, "."), (turn.is_complete, "!"), (turn.is_interrupted, "/")];
        let marks: String = marks.iter().filter(|(is_set, _)| *is_set).map(|(_, mark)| *mark).collect();
        format!("{}: {}{marks}", turn.role.as_str(), turn.text)
    };
    turns.iter().map(line).collect()
}

fn asked(text: &str) -> serde_json::Value {
    json!({ "serverContent": { "inputTranscription": { "text": text } } })
}

fn said(text: &str) -> serde_json::Value {
    json!({ "serverContent": { "outputTranscription": { "text": text } } })
}

fn content(fields: serde_json::Value) -> serde_json::Value {
    json!({ "serverContent": fields })
}

impl Talk {
    fn frames(&mut self, frames: impl IntoIterator<Item = serde_json::Value>) -> Vec<Action> {
        frames.into_iter().flat_map(|frame| self.frame(frame)).collect()
    }

    /// An answer of one second with four words, of which so many milliseconds were played.
    fn half_heard(&mut self, played_ms: f64) -> Vec<Action> {
        let mut actions = self.feed(Input::Speaker(true));
        for word in ["one", " two", " three", " four"] {
            actions.extend(self.frames([said(word), audio(6000)]));
        }
        let played = played_ms * 24.0;
        actions.extend(self.feed(playing(played, 24_000.0 - played)));
        actions
    }

    fn texts(&self) -> Vec<String> {
        let text = |content: setup::Content| {
            let parts = content.parts.expect("parts");
            format!("{}: {}", content.role.expect("a role").as_str(), parts[0].text.as_deref().expect("text"))
        };
        self.session.history().into_iter().map(text).collect()
    }
}

#[test]
fn a_question_and_its_answer_are_two_turns_with_a_life() {
    let mut talk = told_of();
    let begun = told(talk.frames([asked(" How"), asked(" are you?")]));
    assert_eq!(outline(&begun), ["user: How are you?"]);
    let mut actions = talk.frames([said("I am"), said(" fine."), audio(2400)]);
    actions.extend(talk.frame(content(json!({ "generationComplete": true }))));
    assert_eq!(outline(&told(actions)), ["model: I am fine.."]);
    let over = told(talk.frame(json!({
        "serverContent": { "turnComplete": true },
        "usageMetadata": { "promptTokenCount": 5, "totalTokenCount": 7 },
    })));
    assert_eq!(outline(&over), ["user: How are you?.!", "model: I am fine..!"]);
    assert_eq!(over.iter().map(|turn| turn.id).collect::<Vec<_>>(), [1, 2]);
    let usage = over[1].usage_metadata.clone().expect("usage").tokens;
    assert_eq!(usage["totalTokenCount"], 7);
}

#[test]
fn a_frame_tells_of_a_turn_once_and_audio_alone_of_none() {
    let mut talk = told_of();
    let count = |actions: Vec<Action>| {
        events(actions).iter().filter(|event| matches!(event, Event::Turn { .. })).count()
    };
    let frame = json!({ "serverContent": {
        "outputTranscription": { "text": "a" }, "generationComplete": true, "turnComplete": true,
    }, "usageMetadata": { "totalTokenCount": 1 } });
    assert_eq!(count(talk.frame(frame)), 1);
    assert_eq!(count(talk.frame(audio(2400))), 1, "the next turn begins");
    assert_eq!(count(talk.frames([audio(2400), audio(2400)])), 0);
}

#[test]
fn the_transcription_of_a_question_may_come_after_its_answer_began() {
    let mut talk = told_of();
    let mut actions = talk.frames([asked("What"), said("It"), asked(" time?"), said(" is noon.")]);
    actions.extend(talk.frame(complete()));
    assert_eq!(outline(&told(actions)), ["user: What time?.!", "model: It is noon..!"]);
    // All of it late: a voice was heard, so somebody said something.
    let mut actions = talk.speak(20);
    actions.extend(talk.frames([said("Yes."), complete(), asked("Noon?")]));
    assert_eq!(outline(&told(actions)), ["user: Noon?", "model: Yes..!"]);
    // Much later it is what the user says next.
    let _ = talk.wait(5_000);
    let actions = talk.frame(asked("Thanks."));
    assert_eq!(outline(&told(actions)), ["user: Noon?.!", "user: Thanks."]);
}

#[test]
fn finished_and_voice_activity_end_what_the_user_says() {
    let mut talk = told_of();
    let finished = content(json!({ "inputTranscription": { "text": "One.", "finished": true } }));
    let began = json!({ "voiceActivity": { "voiceActivityType": "ACTIVITY_START" } });
    let actions = talk.frames([finished, asked("Two."), began, asked("Three.")]);
    assert_eq!(outline(&told(actions)), ["user: One..!", "user: Two..!", "user: Three."]);
}

#[test]
fn an_interim_transcription_is_a_guess_until_the_words_come() {
    let mut talk = told_of();
    let guess = |text: &str| content(json!({ "interimInputTranscription": { "text": text } }));
    let interim = |turns: Vec<LiveTurn>| (turns[0].interim.clone(), turns[0].text.clone());
    assert_eq!(interim(told(talk.frames([guess(" He"), guess(" Hello")]))), ("Hello".into(), String::new()));
    assert_eq!(interim(told(talk.frame(asked(" Hello")))), (String::new(), "Hello".into()));
}

#[test]
fn what_was_not_heard_of_an_interrupted_answer_is_left_out() {
    for (played_ms, heard) in
        [(0.0, ""), (100.0, ""), (260.0, "one"), (760.0, "one two three"), (1000.0, "one two three four")]
    {
        let mut talk = told_of();
        let _ = talk.frame(asked("Count."));
        let mut actions = talk.half_heard(played_ms);
        actions.extend(talk.frames([
            content(json!({ "interrupted": true })),
            said(" five"),
            complete(),
            asked("Stop."),
        ]));
        let turns = told(actions);
        assert_eq!(outline(&turns)[1..], ["model: one two three four five.!/", "user: Stop."], "{played_ms}");
        // " five" came when all four quarters of the sound had: nobody knows where in it it belongs.
        let history = talk.texts();
        let model = format!("model: {heard}");
        let wanted: Vec<&str> =
            ["user: Count.", &model, "user: Stop."].into_iter().filter(|line| *line != "model: ").collect();
        if played_ms < 1000.0 {
            assert_eq!(history, wanted, "{played_ms}");
        }
        assert_eq!(turns[1].played_ms, Some(played_ms), "{played_ms}");
    }
}

#[test]
fn a_turn_that_is_cut_says_the_same_as_its_interruption() {
    let mut talk = told_of();
    let _ = talk.half_heard(260.0);
    let _ = talk.wait(100);
    let told_of_it = events(talk.frame(content(json!({ "interrupted": true }))));
    let cut = told_of_it.iter().find_map(|event| match event {
        Event::Interrupted(interrupted) => interrupted.played_ms,
        _ => None,
    });
    assert_eq!(cut, Some(360.0), "{told_of_it:?}");
    let turn = told_of_it.iter().find_map(|event| match event {
        Event::Turn { turn } if turn.role == Role::Model => Some(turn),
        _ => None,
    });
    assert_eq!(turn.and_then(|turn| turn.played_ms), cut, "{told_of_it:?}");
}

#[test]
fn a_transcription_that_comes_before_or_after_all_sound_is_cut_in_proportion() {
    for frames in [[said("one two three four"), audio(24_000)], [audio(24_000), said("one two three four")]] {
        let mut talk = told_of();
        let _ = talk.feed(Input::Speaker(true));
        let _ = talk.frames(frames);
        let _ = talk.feed(playing(12_000.0, 12_000.0));
        let turns = told(talk.frame(content(json!({ "interrupted": true }))));
        assert_eq!(turns[0].heard.as_deref(), Some("one two"));
    }
}

#[test]
fn an_answer_that_was_heard_whole_keeps_its_words_and_how_long_it_was() {
    let mut talk = told_of();
    let _ = talk.half_heard(500.0);
    let _ = talk.frame(complete());
    let turns = told(talk.feed(playing(24_000.0, 0.0)));
    assert_eq!(outline(&turns), ["model: one two three four.!"]);
    assert_eq!((turns[0].played_ms, turns[0].heard.clone()), (Some(1000.0), None));
    // The next one is counted from its own first sample.
    let _ = talk.frames([said("Next."), audio(24_000)]);
    let _ = talk.feed(playing(30_000.0, 18_000.0));
    let turns = told(talk.frame(content(json!({ "interrupted": true }))));
    assert_eq!(turns.last().and_then(|turn| turn.played_ms), Some(250.0));
}

#[test]
fn an_answer_that_is_complete_and_still_heard_can_be_interrupted() {
    let mut talk = told_of();
    let _ = talk.half_heard(260.0);
    let _ = talk.frame(content(json!({ "generationComplete": true })));
    let _ = talk.frame(complete());
    let turns = told(talk.frame(content(json!({ "interrupted": true }))));
    assert_eq!(turns[0].heard.as_deref(), Some("one"));
    // One that was heard to its end cannot.
    let mut talk = told_of();
    let _ = talk.half_heard(1000.0);
    let _ = talk.frame(complete());
    assert_eq!(outline(&told(talk.frame(content(json!({ "interrupted": true }))))), [""; 0]);
}

#[test]
fn an_answer_that_another_follows_without_a_pause_is_told_to_be_heard_when_it_is() {
    let mut talk = told_of();
    let _ = talk.half_heard(260.0);
    let _ = talk.frames([complete(), audio(24_000), said("Five.")]);
    let heard = |talk: &mut Talk, played: f64| {
        let turns = told(talk.feed(playing(played * 24.0, 48_000.0 - played * 24.0)));
        turns.iter().map(|turn| (turn.text.clone(), turn.played_ms)).collect::<Vec<_>>()
    };
    assert_eq!(heard(&mut talk, 900.0), []);
    assert_eq!(heard(&mut talk, 1020.0), [("one two three four".to_owned(), Some(1000.0))]);
    assert_eq!(heard(&mut talk, 1120.0), []);
}

#[test]
fn an_interruption_cuts_every_answer_that_is_still_to_be_heard() {
    let is_whole = |played: f64| {
        let mut talk = told_of();
        let _ = talk.half_heard(260.0);
        let _ = talk.frame(complete());
        let _ = talk.say("And then?");
        let _ = talk.frames([said("Five."), audio(24_000)]);
        let _ = talk.feed(playing(played * 24.0, 48_000.0 - played * 24.0));
        let turns = told(talk.frame(content(json!({ "interrupted": true }))));
        let heard: Vec<_> = turns.iter().map(|turn| turn.heard.clone()).collect();
        (heard, talk.texts())
    };
    let (heard, history) = is_whole(520.0);
    assert_eq!(heard, [Some("one two".to_owned()), Some(String::new())]);
    assert_eq!(history, ["model: one two", "user: And then?"]);
    // The first was heard to its end.
    let (heard, history) = is_whole(1500.0);
    assert_eq!(heard, [Some(String::new())]);
    assert_eq!(history, ["model: one two three four", "user: And then?"]);
}

#[test]
fn words_that_come_behind_the_end_of_their_turn_belong_to_it() {
    let mut talk = told_of();
    let _ = talk.frames([asked("Count."), said("one"), audio(2400), complete()]);
    let _ = talk.wait(500);
    let turns = told(talk.frames([said(" two"), said("")]));
    assert_eq!(outline(&turns), ["model: one two.!"]);
    // Who says something is answered, and so is who is answered by sound.
    let _ = talk.say("Go on.");
    assert_eq!(outline(&told(talk.frames([said("three"), complete()]))), ["model: three.!"]);
    let _ = talk.frame(audio(2400));
    assert_eq!(outline(&told(talk.frame(said("four")))), ["model: four"]);
    let _ = talk.frame(complete());
    let _ = talk.wait(2000);
    assert_eq!(outline(&told(talk.frame(said("five")))), ["model: five"]);
}

#[test]
fn the_completion_of_an_interrupted_turn_does_not_complete_the_next() {
    let mut talk = told_of();
    let _ = talk.half_heard(260.0);
    let _ = talk.frame(content(json!({ "interrupted": true })));
    let _ = talk.wait(1500);
    let actions = talk.frames([said("Sorry?"), audio(2400), complete()]);
    assert_eq!(outline(&told(actions)), ["model: Sorry?"]);
    assert_eq!(outline(&told(talk.frame(complete()))), ["model: Sorry?.!"]);
}

#[test]
fn thoughts_calls_and_sources_are_the_models_turns() {
    let mut talk = told_of();
    let parts = json!([{ "text": "Hm.", "thought": true }, { "text": "So:" }]);
    let call = json!({ "id": "1", "name": "f", "args": { "a": 1.50 } });
    let turns = told(talk.frames([
        content(json!({ "modelTurn": { "parts": parts } })),
        json!({ "toolCall": { "functionCalls": [call] } }),
        content(json!({ "groundingMetadata": { "webSearchQueries": ["q"] } })),
        content(json!({ "urlContextMetadata": { "urlMetadata": [{ "retrievedUrl": "https://example" }] } })),
    ]));
    let [turn] = &turns[..] else { panic!("{turns:?}") };
    assert_eq!((turn.thoughts.as_str(), turn.text.as_str()), ("Hm.", "So:"));
    assert_eq!(turn.function_calls[0]["name"], "f");
    assert_eq!(turn.grounding_metadata.clone().expect("sources")["webSearchQueries"][0], "q");
    let fetched = turn.url_context_metadata.clone().expect("pages");
    assert_eq!(fetched["urlMetadata"][0]["retrievedUrl"], "https://example");
}

#[test]
fn what_the_application_says_is_a_turn_and_history_seeds_another_session() {
    let mut talk = told_of();
    let turns = json!([{ "role": "user", "parts": [{ "text": "a" }, { "text": "b" }] }, { "role": "model", "parts": [{ "text": "c" }] }]);
    let seed = client::client_content(json!({ "turns": turns, "turnComplete": false })).expect("usable");
    let _ = talk.feed(Input::Send(seed.into()));
    let _ = talk.say("d");
    let _ = talk.frames([said("e"), complete()]);
    assert_eq!(talk.texts(), ["user: ab", "model: c", "user: d", "model: e"]);
    let content = client::ClientContent::turns(talk.session.history());
    let again = client::client_content(content).expect("the history is client content");
    let mut other = told_of();
    let _ = other.feed(Input::Send(again.into()));
    assert_eq!(other.texts(), talk.texts());
}

#[test]
fn a_model_that_completes_no_turn_completes_it_when_it_was_heard() {
    let mut talk = telling(Talk::open_with("gemini-3.5-live-translate-preview", json!({})));
    let _ = talk.frame(asked("Hola"));
    let _ = talk.half_heard(500.0);
    let mut actions = talk.feed(playing(24_000.0, 0.0));
    actions.extend(talk.pass(2_000));
    assert_eq!(outline(&told(actions)), ["user: Hola.!", "model: one two three four.!"]);
    assert_eq!(outline(&told(talk.frame(said("Good day.")))), ["model: Good day."]);
}

#[test]
fn a_long_turn_goes_on_as_another_and_old_ones_are_forgotten() {
    let policy = Policy { turns: 3, turn_bytes: 10, ..Policy::default() };
    let mut talk = told_of();
    talk.session.turns = Turns::new(&talk.session.setup, &policy);
    let actions = talk.frames((0..4).map(|_| said("12345678 ")));
    assert_eq!(outline(&told(actions)), ["model: 12345678 12345678 .!", "model: 12345678 12345678 "]);
    let _ = talk.frames((0..20).map(|_| said("12345678 ")));
    assert_eq!(talk.session.history().len(), 3);
    talk.session.turns = Turns::new(&talk.session.setup, &Policy { turns: 0, ..policy });
    assert_eq!(outline(&told(talk.frames([asked("a"), said("b"), audio(2400), complete()]))), [""; 0]);
}

#[test]
fn one_frame_makes_no_turn_longer_than_turns_are() {
    let words = "word ".repeat(1 << 18);
    let text = json!({ "modelTurn": { "parts": [{ "text": words }] } });
    let thought = json!({ "modelTurn": { "parts": [{ "text": words, "thought": true }] } });
    let sources = json!({ "groundingMetadata": { "webSearchQueries": [words] } });
    for frame in [
        asked(&words),
        said(&words),
        content(json!({ "interimInputTranscription": { "text": words } })),
        content(text),
        content(thought),
        content(sources),
    ] {
        let turns = told(told_of().frame(frame));
        let turn = turns.first().expect("a turn");
        let fields = [turn.text.len(), turn.interim.len(), turn.thoughts.len()];
        assert!(fields.iter().sum::<usize>() <= 8192, "{fields:?}");
        assert_eq!(turn.grounding_metadata, None);
    }
}

#[test]
fn the_end_of_the_session_ends_its_turns_before_it_is_told() {
    let mut talk = told_of();
    let _ = talk.frame(said("And"));
    let told_at_the_end = events(talk.feed(Input::Fail(Error::new(Code::Network, "gone"))));
    let [.., Event::Turn { turn }, Event::StateChange { .. }, Event::Closed { .. }] = &told_at_the_end[..]
    else {
        panic!("{told_at_the_end:?}");
    };
    assert_eq!(outline(std::slice::from_ref(turn)), ["model: And.!/"]);
}

/// The connection is lost, and there is another.
fn reconnect(talk: &mut Talk) -> Vec<Action> {
    let mut actions =
        talk.feed(Input::SocketClosed(ConnId(1), CloseFrame { code: 1006, reason: String::new() }));
    actions.extend(talk.feed(Input::Opened(ConnId(2))));
    actions.extend(talk.feed(Input::Frame(ConnId(2), br#"{"setupComplete":{}}"#)));
    actions
}

#[test]
fn an_answer_whose_connection_is_lost_is_cut_short_and_heard_as_far_as_it_had_come() {
    let mut talk = told_of();
    let _ = talk.frame(asked("Count."));
    let _ = talk.half_heard(260.0);
    let turns = told(reconnect(&mut talk));
    assert_eq!(outline(&turns), ["user: Count..!", "model: one two three four.!/"]);
    assert_eq!(turns[1].heard.as_deref(), Some("one"));
    assert_eq!(talk.texts(), ["user: Count.", "model: one"]);
    // What had come plays on, and is told when it has.
    let _ = talk.feed(playing(18_500.0, 5_500.0));
    assert_eq!(talk.texts()[1], "model: one two three");
    let mut actions = talk.feed(playing(24_000.0, 0.0));
    actions.extend(talk.pass(2_000));
    let turns = told(actions);
    assert_eq!((turns[0].heard.as_deref(), turns[0].played_ms), (Some("one two three four"), Some(1000.0)));
    assert_eq!(turns.len(), 1);
}

#[test]
fn how_much_was_heard_of_an_answer_that_was_cut_is_told_though_another_follows_it() {
    let mut talk = told_of();
    let _ = talk.half_heard(260.0);
    let _ = reconnect(&mut talk);
    let next = |frame: serde_json::Value, talk: &mut Talk| {
        talk.feed(Input::Frame(ConnId(2), frame.to_string().as_bytes()))
    };
    let mut actions = next(said("Sorry."), &mut talk);
    actions.extend(next(audio(2400), &mut talk));
    actions.extend(next(complete(), &mut talk));
    actions.extend(talk.feed(playing(26_400.0, 0.0)));
    let turns = told(actions);
    assert_eq!(outline(&turns), ["model: one two three four.!/", "model: Sorry..!"]);
    assert_eq!(turns[0].heard.as_deref(), Some("one two three four"));
    assert_eq!((turns[0].played_ms, turns[1].played_ms), (Some(1000.0), Some(100.0)));
}

#[test]
fn an_answer_that_was_generated_is_not_cut_by_the_loss_of_its_connection() {
    let generated = || content(json!({ "generationComplete": true }));
    for frames in [vec![generated()], vec![generated(), complete()]] {
        let mut talk = told_of();
        let _ = talk.half_heard(260.0);
        let _ = talk.frames(frames);
        let _ = reconnect(&mut talk);
        assert_eq!(talk.texts(), ["model: one two three four"], "it is played to its end");
    }
    // Nobody knows whether a model had said all that completes no turn.
    let mut talk = telling(Talk::open_with("gemini-3.5-live-translate-preview", json!({})));
    let _ = talk.half_heard(260.0);
    let _ = reconnect(&mut talk);
    assert_eq!(talk.texts(), ["model: one two three four"]);
}

#[test]
fn tokens_of_several_reports_on_one_turn_are_summed_by_modality() {
    let mut talk = told_of();
    let usage = |audio: u64, text: u64| {
        json!({ "usageMetadata": { "responseTokenCount": audio + text, "responseTokensDetails": [
            { "modality": "AUDIO", "tokenCount": audio }, { "modality": "TEXT", "tokenCount": text },
        ] } })
    };
    let turns = told(talk.frames([said("a"), usage(3, 1), usage(4, 2)]));
    let total = turns[0].usage_metadata.clone().expect("usage").tokens;
    assert_eq!(total["responseTokenCount"], 10);
    assert_eq!(total["responseTokensDetails"][0]["tokenCount"], 7);
    assert_eq!(total["responseTokensDetails"][1]["tokenCount"], 3);
}

/// A speaker as the worklet is one: it plays in quanta, and fades out behind a flush before it says how much of the epoch it has
/// played.
struct Worklet {
    quantum: f64,
    played: f64,
    before: f64,
    epoch: u32,
}

impl Worklet {
    fn at(rate_hz: f64) -> Self {
        Self { quantum: 128.0 * 24_000.0 / rate_hz, played: 0.0, before: 0.0, epoch: 0 }
    }

    /// Plays to the end of the quantum that `samples` lie in.
    fn play_to(&mut self, samples: f64) -> f64 {
        self.played = self.before + (samples / self.quantum).ceil() * self.quantum;
        self.played - self.before
    }

    fn report(&self, waiting: f64) -> Input<'static> {
        let Self { epoch, played, .. } = *self;
        let epoch_played = played - self.before;
        let is_playing = waiting > 0.0;
        Input::Played(Playback { epoch, played, epoch_played, waiting, is_playing, ..Playback::default() })
    }

    /// Obeys a flush: the fall is heard, and no more.
    fn flush(&mut self, epoch: u32) -> Input<'static> {
        self.played += 96.0;
        (self.before, self.epoch) = (self.played, epoch);
        self.report(0.0)
    }
}

/// The model's turn as it was told last.
fn told_last(events: Vec<Event>) -> LiveTurn {
    let mut turns = events.into_iter().filter_map(|event| match event {
        Event::Turn { turn } if turn.role == Role::Model => Some(*turn),
        _ => None,
    });
    turns.next_back().expect("a turn")
}

/// An answer that is interrupted `late_ms` after the sample `at` was heard: by how many samples what the turn says is more than what
/// was heard; and the same of the interruption.
fn excess(rate_hz: f64, at: f64, late_ms: u64, is_seen: bool) -> (f64, f64) {
    let mut talk = telling(listening());
    let mut worklet = Worklet::at(rate_hz);
    talk.frame(audio(48_000));
    talk.feed(worklet.report(48_000.0));
    let heard = worklet.play_to(at) + 96.0;
    talk.wait(late_ms);
    if is_seen {
        talk.feed(Input::Position(0, heard - 96.0));
    }
    let mut told = events(talk.frame(content(json!({ "interrupted": true }))));
    let by_event = told.iter().find_map(|event| match event {
        Event::Interrupted(interrupted) => interrupted.played_ms,
        _ => None,
    });
    told.extend(events(talk.feed(worklet.flush(1))));
    let by_turn = told_last(told).played_ms.expect("it was heard");
    (by_turn * 24.0 - heard, by_event.expect("it was heard") * 24.0 - heard)
}

#[test]
fn what_was_heard_of_an_interrupted_answer_is_what_its_speaker_has_played() {
    for rate_hz in [44_100.0, 48_000.0, 96_000.0] {
        for at in [0.0, 30.0, 5_000.0, 12_345.0, 23_000.0] {
            // A page that is busy hears of the interruption later than it was, and of what was played as well.
            for (late_ms, is_seen) in [(3, true), (90, true), (3, false), (90, false)] {
                let (turn, event) = excess(rate_hz, at, late_ms, is_seen);
                assert!(turn.abs() < 0.01, "{rate_hz} Hz, at {at}, {late_ms} ms late: {turn}");
                assert!(!is_seen || event.abs() < 0.1, "{rate_hz} Hz, at {at}, {late_ms} ms late: {event}");
            }
        }
    }
}

#[test]
fn what_is_said_of_a_flush_counts_for_the_answer_that_was_flushed_and_for_no_other() {
    let mut talk = telling(listening());
    let mut worklet = Worklet::at(48_000.0);
    let interrupted = || content(json!({ "interrupted": true }));
    talk.frame(audio(24_000));
    worklet.play_to(6_400.0);
    talk.feed(worklet.report(17_600.0));
    // The next is flushed as well, before the speaker has said a word.
    talk.frames([interrupted(), complete(), audio(24_000), interrupted(), complete(), audio(4_800)]);
    let turns = told(talk.feed(worklet.flush(2)));
    let played: Vec<_> = turns.iter().map(|turn| (turn.id, turn.played_ms.unwrap_or(0.0) * 24.0)).collect();
    assert_eq!(played, [(1, 6_496.0)]);
    worklet.play_to(2_400.0);
    talk.feed(worklet.report(2_400.0));
    talk.frame(interrupted());
    talk.feed(Input::Speaker(false));
    talk.feed(Input::Speaker(true));
    let mut another = Worklet::at(48_000.0);
    assert!(told(talk.feed(another.report(0.0))).is_empty());
    assert!(told(talk.feed(another.flush(3))).is_empty(), "what another speaker says is not of this answer");
}

#[test]
fn what_is_given_to_the_speaker_has_its_place_in_its_turn_and_words_theirs_in_its_audio() {
    let mut talk = telling(listening());
    let mut actions = talk.frames([said("one"), audio(2_400), said(" two"), audio(960), complete()]);
    actions.extend(talk.frames([audio(240), said("three")]));
    let places = actions.iter().filter_map(|action| match action {
        Action::Play { place, .. } => Some(*place),
        _ => None,
    });
    assert_eq!(places.collect::<Vec<_>>(), [(1, 0.0), (1, 2_400.0), (2, 0.0)]);
    let words = events(actions).into_iter().filter_map(|event| match event {
        Event::OutputTranscription(words) => Some((words.text, words.audio_ms)),
        _ => None,
    });
    let expected = [("one", 0.0), (" two", 100.0), ("three", 10.0)];
    assert_eq!(words.collect::<Vec<_>>(), expected.map(|(text, ms)| (text.to_owned(), Some(ms))));
    // Where none are kept, the place is that among all that was queued since playback was flushed.
    let mut talk = listening();
    let actions = talk.frames([audio(2_400), said("one"), audio(240)]);
    assert!(matches!(&actions[2], Action::Play { place: (0, at), .. } if *at == 2_400.0), "{actions:?}");
    assert!(matches!(&events(actions)[0], Event::OutputTranscription(words) if words.audio_ms.is_none()));
}

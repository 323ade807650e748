//! Silencing the answer, push-to-talk, the user's speech, and the budget.

use serde_json::json;

use super::*;
use crate::session::usage::Usage;

fn interrupted() -> serde_json::Value {
    json!({ "serverContent": { "interrupted": true } })
}

fn generated() -> serde_json::Value {
    json!({ "serverContent": { "generationComplete": true } })
}

impl Talk {
    fn with(change: impl FnOnce(&mut Policy)) -> Self {
        Self::with_config(json!({ "responseModalities": ["AUDIO"] }), change)
    }

    fn with_config(config: serde_json::Value, change: impl FnOnce(&mut Policy)) -> Self {
        let mut talk = Self::open_with("sim-parrot", config);
        change(&mut talk.session.policy);
        talk.session.talk = talk::Talk::new(&talk.session.policy);
        talk
    }

    /// An answer is being said, and heard.
    fn answering() -> Self {
        let mut talk = Self::open();
        let _ = talk.feed(Input::Speaker(true));
        let _ = talk.frame(audio(24_000));
        let _ = talk.feed(playing(2400.0, 21_600.0));
        talk
    }

    /// Frames that can be told apart: each holds its number, and none is a voice.
    fn numbered(&mut self, numbers: std::ops::Range<i16>) -> Vec<Action> {
        numbers.flat_map(|number| self.feed(Input::Audio(&[number; 320]))).collect()
    }
}

/// The numbers of the frames that were sent, and the marks between them.
fn leaving(actions: &[Action]) -> Vec<String> {
    let all = (0..100).map(|number| (client::audio(&[number; 320]), number.to_string())).collect::<Vec<_>>();
    let name = |text: &&str| {
        all.iter()
            .find(|(audio, _)| audio == text)
            .map_or_else(|| (*text).to_owned(), |(_, name)| name.clone())
    };
    sent(actions).iter().map(name).collect()
}

#[test]
fn interrupt_silences_the_answer_at_once_and_the_rest_of_it_for_good() {
    let mut talk = Talk::answering();
    let actions = talk.feed(Input::Interrupt);
    assert!(matches!(actions[0], Action::Flush { epoch: 1 }), "{actions:?}");
    assert_eq!(events(actions), [Event::PlaybackEnded { played_ms: 100.0 }]);
    // However long the service goes on: it was told nothing.
    for _ in 0..5 {
        assert_eq!(plays(&talk.frame(audio(24_000))), 0);
        let _ = talk.wait(2_000);
    }
    let _ = talk.frame(generated());
    let _ = talk.frame(complete());
    assert_eq!(plays(&talk.frame(audio(2400))), 1, "the next answer is heard");
}

#[test]
fn an_answer_after_a_silenced_one_is_heard_however_that_ended() {
    for end in [interrupted(), complete(), generated()] {
        let mut talk = Talk::answering();
        let _ = talk.feed(Input::Interrupt);
        assert_eq!(plays(&talk.frame(audio(2400))), 0);
        let _ = talk.frame(end);
        let _ = talk.frame(complete());
        assert_eq!(plays(&talk.frame(audio(2400))), 1);
    }
}

#[test]
fn nothing_is_condemned_where_nothing_is_said() {
    let mut talk = Talk::open();
    let _ = talk.feed(Input::Speaker(true));
    assert!(events(talk.feed(Input::Interrupt)).is_empty());
    assert_eq!(plays(&talk.frame(audio(2400))), 1);
    // Nor where the answer is generated, and only still heard.
    let mut talk = Talk::answering();
    let _ = talk.frame(generated());
    assert_eq!(events(talk.feed(Input::Interrupt)).len(), 1);
    assert_eq!(plays(&talk.frame(audio(2400))), 1);
}

#[test]
fn what_the_model_only_thought_of_is_silenced_too() {
    let mut talk = Talk::open();
    let _ = talk.feed(Input::Speaker(true));
    let thought = json!({ "text": "Hm.", "thought": true });
    let _ = talk.frame(json!({ "serverContent": { "modelTurn": { "parts": [thought] } } }));
    let _ = talk.feed(Input::Interrupt);
    assert_eq!(plays(&talk.frame(audio(2400))), 0);
}

#[test]
fn the_users_next_message_gives_the_silenced_answer_a_second_to_end() {
    let mut talk = Talk::answering();
    let _ = talk.feed(Input::Interrupt);
    let _ = talk.say("something else");
    assert_eq!(plays(&talk.frame(audio(2400))), 0, "the service has not heard it yet");
    let _ = talk.wait(1_100);
    assert_eq!(plays(&talk.frame(audio(2400))), 1);
}

#[test]
fn a_translation_that_was_silenced_goes_on_after_a_second() {
    let mut talk = Talk::open_with("gemini-3.5-live-translate-preview", json!({}));
    let _ = talk.feed(Input::Speaker(true));
    let _ = talk.frame(audio(24_000));
    let _ = talk.feed(Input::Interrupt);
    assert_eq!(plays(&talk.frame(audio(2400))), 0);
    let _ = talk.wait(1_100);
    assert_eq!(plays(&talk.frame(audio(2400))), 1);
}

#[test]
fn push_to_talk_sends_the_mark_then_what_was_said_before_the_press_then_the_rest() {
    let mut talk = Talk::with_config(manual(), |policy| policy.push_to_talk = true);
    assert_eq!(leaving(&talk.numbered(0..50)), [""; 0]);
    let mut actions = talk.feed(Input::Talk(true));
    actions.extend(talk.numbered(50..52));
    actions.extend(talk.feed(Input::Talk(false)));
    actions.extend(talk.numbered(52..60));
    let mut wanted = vec![client::ACTIVITY_START.to_owned()];
    wanted.extend((40..52).map(|number| number.to_string()));
    wanted.push(client::ACTIVITY_END.to_owned());
    assert_eq!(leaving(&actions), wanted);
    // What was sent is not sent again.
    let again = leaving(&talk.feed(Input::Talk(true)));
    assert_eq!(again[1..], (52..60).map(|number| number.to_string()).collect::<Vec<_>>());
}

#[test]
fn with_automatic_detection_push_to_talk_ends_with_silence_and_no_marks() {
    let mut talk = Talk::with(|policy| policy.push_to_talk = true);
    assert_eq!(sent(&talk.speak(20)).len(), 0);
    assert_eq!(outline(&talk.feed(Input::Talk(true))), "audiox10");
    assert_eq!(outline(&talk.speak(5)), "audiox5");
    assert_eq!(sent(&talk.feed(Input::Talk(false))).len(), 0);
    assert_eq!(outline(&talk.pass(3_000)), "audiox75 audioStreamEnd");
}

#[test]
fn the_first_press_makes_an_open_microphone_one_to_push() {
    let mut talk = Talk::with_config(manual(), |_| {});
    assert_eq!(outline(&talk.numbered(0..2)), "audiox2");
    let _ = talk.feed(Input::Talk(true));
    let _ = talk.feed(Input::Talk(true));
    assert_eq!(outline(&talk.feed(Input::Talk(false))), "activityEnd");
    assert_eq!(outline(&talk.feed(Input::Talk(false))), "");
    assert_eq!(outline(&talk.numbered(0..2)), "");
}

#[test]
fn a_muted_microphone_keeps_nothing_for_the_press() {
    let mut talk = Talk::with_config(manual(), |policy| policy.push_to_talk = true);
    let _ = talk.feed(Input::Mute(true));
    let _ = talk.numbered(0..10);
    assert_eq!(outline(&talk.feed(Input::Talk(true))), "", "nobody is heard, so nobody is interrupted");
    assert_eq!(outline(&talk.feed(Input::Mute(false))), "activityStart");
    assert_eq!(outline(&talk.numbered(0..2)), "audiox2");
}

#[test]
fn what_was_said_before_a_mute_another_microphone_a_hold_or_long_ago_is_not_sent_by_a_press() {
    let press = |between: fn(&mut Talk)| {
        let mut talk = Talk::with_config(manual(), |policy| {
            policy.push_to_talk = true;
            policy.half_duplex = true;
        });
        let _ = talk.feed(Input::Microphone(true));
        let _ = talk.feed(Input::Speaker(true));
        let _ = talk.numbered(0..10);
        between(&mut talk);
        let mut left = leaving(&talk.feed(Input::Talk(true)));
        left.retain(|what| !what.contains("activityStart"));
        left
    };
    assert_eq!(press(|_| {}).len(), 10);
    let secrets: [fn(&mut Talk); 8] = [
        |talk| drop(talk.feed(Input::Mute(true))),
        |talk| drop((talk.feed(Input::Mute(true)), talk.feed(Input::Mute(false)))),
        |talk| drop(talk.feed(Input::Microphone(true))),
        |talk| drop((talk.feed(Input::Microphone(false)), talk.feed(Input::Microphone(true)))),
        // Nothing tells of a device that only stops giving samples.
        |talk| drop(talk.wait(201)),
        |talk| drop(talk.wait(3_600_000)),
        |talk| {
            let _ = talk.frame(audio(24_000));
            let _ = talk.numbered(10..11);
        },
        |talk| {
            let _ = talk.frame(audio(24_000));
            let _ = talk.feed(playing(2400.0, 21_600.0));
            let _ = talk.numbered(10..11);
            let _ = talk.feed(Input::Interrupt);
        },
    ];
    for (at, secret) in secrets.into_iter().enumerate() {
        assert_eq!(press(secret), [""; 0], "{at}");
    }
    let after = press(|talk| {
        let _ = talk.feed(Input::Mute(true));
        let _ = talk.feed(Input::Mute(false));
        let _ = talk.numbered(20..22);
    });
    assert_eq!(after, ["20", "21"]);
    let after = press(|talk| {
        let _ = talk.wait(1_000);
        let _ = talk.numbered(20..22);
    });
    assert_eq!(after, ["20", "21"]);
}

#[test]
fn no_more_is_kept_for_the_press_than_was_asked_for_however_it_came() {
    let mut talk = Talk::with_config(manual(), |policy| policy.push_to_talk = true);
    // Two seconds that a busy page took in at once.
    let _ = talk.feed(Input::Audio(&[1; 32_000]));
    assert_eq!(outline(&talk.feed(Input::Talk(true))), "activityStart audiox10");
}

#[test]
fn who_mutes_or_changes_the_microphone_while_talking_goes_on_in_another_activity() {
    let ways = [[Input::Mute(true), Input::Mute(false)], [Input::Microphone(false), Input::Microphone(true)]];
    for [off, on] in ways {
        let mut talk = Talk::with_config(manual(), |policy| policy.push_to_talk = true);
        assert_eq!(outline(&talk.feed(Input::Talk(true))), "activityStart");
        assert_eq!(outline(&talk.feed(Input::Microphone(true))), "", "one is open already");
        assert_eq!(outline(&talk.numbered(0..2)), "audiox2");
        assert_eq!(outline(&talk.feed(off)), "activityEnd");
        assert_eq!(outline(&talk.feed(on)), "activityStart", "or the service would not listen");
        assert_eq!(outline(&talk.numbered(0..2)), "audiox2");
        assert_eq!(outline(&talk.feed(Input::Talk(false))), "activityEnd");
    }
}

#[test]
fn the_silence_behind_the_release_is_longer_than_what_the_service_waits_for() {
    for (silence_ms, frames) in [(100, 75), (800, 75), (1500, 100), (3000, 175), (3_600_000, 525), (-1, 75)] {
        let detection = json!({ "silenceDurationMs": silence_ms });
        let config = json!({ "realtimeInputConfig": { "automaticActivityDetection": detection } });
        let mut talk = Talk::with_config(config, |policy| policy.push_to_talk = true);
        let _ = talk.feed(Input::Talk(true));
        let _ = talk.speak(5);
        // It has had some of it already.
        let _ = talk.wait(silence_ms.clamp(20, 1500) as u64 - 20);
        let _ = talk.feed(Input::Talk(false));
        let wanted = format!("audiox{frames} audioStreamEnd");
        assert_eq!(outline(&talk.pass(20_000)), wanted, "{silence_ms}");
    }
}

#[test]
fn half_duplex_holds_the_microphone_while_the_answer_is_played() {
    let mut talk = Talk::with(|policy| policy.half_duplex = true);
    let _ = talk.feed(Input::Speaker(true));
    let _ = talk.frame(audio(24_000));
    let _ = talk.feed(playing(2400.0, 21_600.0));
    assert_eq!(outline(&talk.numbered(0..5)), "");
    let _ = talk.frame(complete());
    let _ = talk.feed(playing(24_000.0, 0.0));
    assert_eq!(outline(&talk.numbered(0..5)), "audiox5");
}

#[test]
fn the_microphone_is_held_until_its_echo_canceller_has_heard_the_loudspeaker() {
    let mut talk = Talk::with(|policy| policy.echo_gate = std::time::Duration::from_millis(700));
    let _ = talk.feed(Input::Microphone(true));
    let _ = talk.feed(Input::Speaker(true));
    assert_eq!(outline(&talk.numbered(0..5)), "audiox5", "there is no echo yet");
    let _ = talk.frame(audio(48_000));
    assert_eq!(outline(&talk.numbered(0..5)), "", "it is about to be played");
    let _ = talk.feed(playing(16_799.0, 31_201.0));
    assert_eq!(outline(&talk.numbered(0..5)), "");
    let _ = talk.feed(playing(16_800.0, 31_200.0));
    assert_eq!(outline(&talk.numbered(0..5)), "audiox5");
    // Another microphone's has heard nothing.
    let _ = talk.feed(Input::Microphone(true));
    assert_eq!(outline(&talk.numbered(0..5)), "");
    let _ = talk.feed(playing(40_000.0, 8_000.0));
    assert_eq!(outline(&talk.numbered(0..5)), "audiox5");
    // And another speaker has not been heard. Between answers nothing is held.
    let _ = talk.feed(Input::Speaker(true));
    assert_eq!(outline(&talk.numbered(0..5)), "audiox5");
    let _ = talk.frame(audio(24_000));
    assert_eq!(outline(&talk.numbered(0..5)), "");
}

#[test]
fn half_duplex_does_not_wait_for_an_answer_that_cannot_be_played() {
    let failure = || Input::PlaybackFailed(Error::new(Code::InvalidMessage, "This is no base64."));
    let mut talk = Talk::with(|policy| policy.half_duplex = true);
    let _ = talk.feed(Input::Speaker(true));
    let _ = talk.frame(audio(24_000));
    let _ = talk.frame(audio(24_000));
    let _ = talk.feed(failure());
    assert_eq!(outline(&talk.numbered(0..5)), "", "the other part may be played");
    let _ = talk.feed(failure());
    assert_eq!(outline(&talk.numbered(0..5)), "audiox5");
    let _ = talk.frame(audio(0));
    assert_eq!(outline(&talk.numbered(0..5)), "audiox5", "there is nothing in it");
    // Of an answer that is played, what is missing is a gap.
    let _ = talk.frame(audio(24_000));
    let _ = talk.feed(playing(2400.0, 21_600.0));
    let _ = talk.frame(audio(24_000));
    let _ = talk.feed(failure());
    let _ = talk.feed(failure());
    assert_eq!(outline(&talk.numbered(0..5)), "");
}

#[test]
fn the_users_speech_is_told_over_the_pauses_between_words() {
    let mut talk = Talk::with(|policy| policy.speech_pause = Policy::default().speech_pause);
    let is_told = |actions: Vec<Action>| {
        events(actions)
            .into_iter()
            .filter(|event| !matches!(event, Event::Diagnosis { .. }))
            .collect::<Vec<_>>()
    };
    let quiet_for = |talk: &mut Talk, frames: usize| {
        let mut actions = Vec::new();
        for _ in 0..frames {
            actions.extend(talk.wait(20));
            actions.extend(talk.feed(Input::Audio(&[1; 320])));
        }
        actions
    };
    assert_eq!(is_told(talk.speak(2)), [], "a click is no speech");
    let _ = quiet_for(&mut talk, 5);
    assert_eq!(is_told(talk.speak(10)), [Event::UserSpeechStart {}]);
    assert_eq!(is_told(quiet_for(&mut talk, 20)), [], "a pause between words");
    assert_eq!(is_told(talk.speak(5)), []);
    // From the first frame to the last: 10, 20 and 5 of them, 20 ms apart.
    assert_eq!(is_told(quiet_for(&mut talk, 30)), [Event::UserSpeechEnd { duration_ms: 680.0 }]);
    let _ = talk.speak(10);
    let muted = is_told(talk.feed(Input::Mute(true)));
    assert_eq!(muted, [Event::UserSpeechEnd { duration_ms: 180.0 }]);
}

#[test]
fn a_user_who_speaks_into_a_muted_microphone_is_told_so_now_and_then() {
    let mut talk = Talk::with(|policy| policy.speech_pause = Policy::default().speech_pause);
    let told = |frames: usize, talk: &mut Talk| {
        let actions = talk.speak(frames);
        assert!(sent(&actions).is_empty(), "nothing of it leaves");
        events(actions).into_iter().filter(|event| *event == Event::SpeechWhileMuted {}).count()
    };
    talk.feed(Input::Mute(true));
    assert_eq!(told(50, &mut talk), 0, "the end of the sentence in which it was muted");
    assert_eq!(told(10, &mut talk), 0, "a cough");
    let _ = talk.stream(20);
    assert_eq!(told(14, &mut talk), 0);
    assert_eq!(told(1, &mut talk), 1);
    assert_eq!(told(499, &mut talk), 0, "not again at once");
    assert_eq!(told(20, &mut talk), 1);
    talk.feed(Input::Mute(false));
    let _ = talk.speak(5);
    talk.feed(Input::Mute(true));
    let _ = talk.pass(5_000);
    assert_eq!(told(20, &mut talk), 1, "another time it is muted is another time to tell");
}

#[test]
fn speech_ends_though_its_microphone_gives_nothing_any_more() {
    let mut talk = Talk::with(|policy| policy.speech_pause = Policy::default().speech_pause);
    let ends = |actions: Vec<Action>| {
        events(actions)
            .into_iter()
            .filter(|event| matches!(event, Event::UserSpeechEnd { .. }))
            .collect::<Vec<_>>()
    };
    let _ = talk.speak(10);
    assert_eq!(ends(talk.pass(900)), [], "frames may be late");
    assert_eq!(ends(talk.pass(200)), [Event::UserSpeechEnd { duration_ms: 180.0 }]);
    assert_eq!(ends(talk.pass(5_000)), [], "once");
}

fn used(prompt: u64, response: u64) -> serde_json::Value {
    json!({ "usageMetadata": {
        "promptTokenCount": prompt, "promptTokensDetails": [{ "modality": "AUDIO", "tokenCount": prompt }],
        "responseTokenCount": response, "responseTokensDetails": [{ "modality": "AUDIO", "tokenCount": response / 2 }],
        "totalTokenCount": prompt + response,
    } })
}

#[test]
fn a_cost_cannot_be_bounded_without_prices() {
    let prices = Prices { response_audio: 12.0, ..Prices::default() };
    let cost = Budget { cost: 0.5, ..Budget::default() };
    let refused = cost.check(&Prices::default()).expect_err("it would never be used up");
    assert_eq!((refused.code, refused.field.as_deref()), (Code::InvalidOption, Some("budget")));
    for (budget, prices) in [
        (cost, prices),
        (Budget { tokens: 1.0, ..Budget::default() }, Prices::default()),
        (Budget::default(), Prices::default()),
    ] {
        assert_eq!(budget.check(&prices), Ok(()));
    }
}

#[test]
fn the_usage_of_all_turns_is_summed_and_priced() {
    let mut talk = Talk::with(|policy| {
        policy.prices =
            Prices { prompt_audio: 3.0, response_audio: 12.0, response_text: 2.0, ..Prices::default() };
    });
    let _ = talk.frame(used(1_000_000, 100_000));
    let told = events(talk.frame(used(1_000_000, 100_000)));
    let [_, Event::Usage { usage }] = &told[..] else { panic!("{told:?}") };
    assert_eq!(usage.tokens["totalTokenCount"], 2_200_000);
    // Two million of audio in; 100 000 of audio out, and as many of which nothing is said: text.
    assert_eq!(usage.cost, Some(6.0 + 1.2 + 0.2));
    let mut talk = Talk::open();
    let told = events(talk.frame(used(1, 1)));
    assert!(matches!(&told[..], [_, Event::Usage { usage }] if usage.cost.is_none()));
}

#[test]
fn a_budget_warns_once_and_then_ends_the_session() {
    let mut talk = Talk::with(|policy| policy.budget.tokens = 1000.0);
    assert_eq!(warning_codes(talk.frame(used(700, 0))), [""; 0]);
    assert_eq!(warning_codes(talk.frame(used(150, 0))), ["budget-low"]);
    assert_eq!(warning_codes(talk.frame(used(50, 0))), [""; 0]);
    let end = talk.frame(used(100, 0));
    assert!(end.iter().any(|action| matches!(action, Action::CloseSocket(..))));
    assert_eq!(closing_error(end).code, Code::BudgetExhausted);
}

#[test]
fn a_budget_of_nothing_is_used_up_by_the_first_usage() {
    for least in [0.0, -1.0, f64::NAN] {
        for of_tokens in [true, false] {
            let mut talk = Talk::with(|policy| {
                policy.prices.prompt_audio = 3.0;
                let budget = &mut policy.budget;
                *(if of_tokens { &mut budget.tokens } else { &mut budget.cost }) = least;
            });
            assert_eq!(closing_error(talk.frame(used(1, 0))).code, Code::BudgetExhausted, "{least}");
        }
    }
}

#[test]
fn what_shares_a_frame_with_the_last_of_the_budget_is_told_before_the_end() {
    let mut talk = Talk::with(|policy| policy.budget.tokens = 1.0);
    let mut frame = used(1, 1);
    frame["serverContent"] = json!({ "turnComplete": true });
    let told = events(talk.frame(frame));
    assert!(
        matches!(&told[..], [.., Event::TurnComplete(_), Event::StateChange { .. }, Event::Closed { .. }]),
        "{told:?}"
    );
}

#[test]
fn a_budget_of_money_counts_what_the_prices_say() {
    let mut talk = Talk::with(|policy| {
        policy.prices.prompt_audio = 3.0;
        policy.budget.cost = 0.003;
        policy.budget.warn_at = 0.5;
    });
    assert_eq!(warning_codes(talk.frame(used(600, 0))), ["budget-low"]);
    assert_eq!(closing_error(talk.frame(used(400, 0))).code, Code::BudgetExhausted);
    // Without prices nothing is known of cost.
    let mut talk = Talk::with(|policy| policy.budget.cost = 0.003);
    talk.session.usage = Usage::default();
    assert_eq!(warning_codes(talk.frame(used(1_000_000, 0))), [""; 0]);
}

#[test]
fn a_budget_that_is_used_up_as_the_connection_is_left_needs_no_other() {
    let mut talk = Talk::with(|policy| policy.budget.tokens = 1000.0);
    let _ = talk.frame(json!({ "goAway": { "timeLeft": "0s" } }));
    let _ = talk.pass(100);
    assert_eq!(talk.session.state(), State::Reconnecting);
    assert_eq!(closing_error(talk.frame(used(1000, 0))).code, Code::BudgetExhausted);
}

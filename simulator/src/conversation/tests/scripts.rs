//! What scripts do to connections, each through its JSON form: every `on`, then every `do`.

use super::*;

/// A session with handles that goes through steps.
fn session(steps: Value) -> Talk {
    Talk::scripted(&json!({"name": "story", "steps": steps}), json!({"sessionResumption": {}}))
}

/// The next connection by the same path, with this setup besides.
fn next(talk: Talk, extra: Value) -> Talk {
    talk.enter_again("story", "key=k").with_setup(MODEL, extra)
}

fn resumed(mut talk: Talk) -> Talk {
    let handle = last_handle(&mut talk);
    next(talk, json!({"sessionResumption": {"handle": handle}}))
}

fn last_handle(talk: &mut Talk) -> String {
    let messages = talk.take();
    let mut handles =
        messages.iter().filter_map(|message| message["sessionResumptionUpdate"]["newHandle"].as_str());
    handles.rfind(|handle| !handle.is_empty()).unwrap().to_owned()
}

fn mark(on: Value) -> Value {
    json!([{"on": on, "do": {"send": {"mark": {}}}}])
}

/// When the mark was sent.
fn marks(talk: &Talk) -> Vec<u64> {
    let marks = talk.sent.iter().filter(|(_, message)| message.get("mark").is_some());
    marks.map(|(at, _)| (*at - START).as_millis() as u64).collect()
}

fn audio_parts(talk: &Talk) -> usize {
    let parts = talk.sent.iter().map(|(_, message)| &message["serverContent"]["modelTurn"]["parts"][0]);
    parts.filter(|part| part["inlineData"].is_object()).count()
}

#[test]
fn on_nothing_it_happens_before_anything_else() {
    let talk = session(mark(json!({})));
    assert!(talk.sent[0].1.get("setupComplete").is_some());
    assert!(talk.sent[1].1.get("mark").is_some());
    assert!(talk.sent[2].1.get("sessionResumptionUpdate").is_some());
}

#[test]
fn on_after_counts_from_setup_complete() {
    let mut talk = session(json!([
        {"on": {"setup": true}, "do": {"delaySetup": "1s"}},
        {"on": {"after": "900ms"}, "do": {"send": {"mark": {}}}},
    ]));
    talk.wait_seconds(5.0);
    assert_eq!(marks(&talk), [1_900]);
}

#[test]
fn on_every_comes_again_and_again() {
    let mut talk = session(mark(json!({"every": "300ms", "after": "500ms"})));
    talk.wait_seconds(1.2);
    assert_eq!(marks(&talk), [500, 800, 1_100]);
}

#[test]
fn on_connection_counts_along_the_chain_of_handles() {
    let steps = mark(json!({"connection": {"from": 2, "to": 3}}));
    let mut talk = session(steps);
    let mut marked = vec![marks(&talk).len()];
    for _ in 0..3 {
        talk = resumed(talk);
        marked.push(marks(&talk).len());
    }
    assert_eq!(marked, [0, 1, 1, 0]);
    assert_eq!(marks(&next(talk, json!({}))).len(), 0, "without a handle a session begins");
}

#[test]
fn on_attempt_counts_every_request_of_a_run() {
    let talk = session(mark(json!({"attempt": 2})));
    assert!(marks(&talk).is_empty());
    let mut talk = next(talk, json!({}));
    assert_eq!(marks(&talk).len(), 1);
    let (door, _) = talk.service.enter(Some("story"), "another").unwrap();
    assert_eq!(door.script.unwrap().1, 1, "another run counts for itself");
    assert!(marks(&next(talk, json!({}))).is_empty());
}

#[test]
fn on_audio_part_counts_over_the_connection() {
    let mut talk = session(mark(json!({"audioPart": 25})));
    for _ in 0..5 {
        talk.say(&text("one two three four five six"));
        talk.wait_seconds(20.0);
    }
    let before = talk.sent.iter().position(|(_, message)| message.get("mark").is_some()).unwrap();
    talk.sent.truncate(before);
    assert_eq!(audio_parts(&talk), 25);
}

#[test]
fn on_answer_part_and_turn_start_are_about_one_answer() {
    let mut talk = session(mark(json!({"turnStart": 2, "answerPart": 3})));
    talk.say(&text("hello"));
    talk.wait_seconds(20.0);
    assert!(marks(&talk).is_empty());
    let first = audio_parts(&talk);
    talk.say(&text("hello"));
    talk.wait_seconds(20.0);
    let before = talk.sent.iter().position(|(_, message)| message.get("mark").is_some()).unwrap();
    talk.sent.truncate(before);
    assert_eq!(audio_parts(&talk), first + 3);
}

#[test]
fn on_tool_call_waits_for_the_call() {
    let script = json!({"name": "story", "steps": mark(json!({"toolCall": 1}))});
    let mut talk = Talk::scripted(&script, json!({"tools": [{"functionDeclarations": [{"name": "lamp"}]}]}));
    assert!(marks(&talk).is_empty());
    talk.say(&text("call lamp"));
    let kinds = talk.take_kinds();
    assert_eq!(&kinds[kinds.len() - 2..], ["toolCall", "mark"]);
}

#[test]
fn on_received_ms_counts_the_audio_that_came() {
    let mut talk = session(mark(json!({"receivedMs": 500})));
    talk.say(&audio(&[0; 48 * 499], 48_000));
    assert!(marks(&talk).is_empty());
    talk.say(&audio(&[0; 48 * 10], 48_000));
    assert_eq!(marks(&talk), [0]);
}

#[test]
fn on_handle_given_counts_handles() {
    let mut talk = session(mark(json!({"handleGiven": 2})));
    assert!(marks(&talk).is_empty(), "the first comes with the setup");
    talk.say(&text("hello"));
    talk.wait_seconds(20.0);
    assert_eq!(marks(&talk).len(), 1);
}

#[test]
fn on_several_all_must_hold_and_a_delay_follows() {
    let mut talk = session(mark(json!({"handleGiven": 1, "after": "2s", "delay": "250ms"})));
    talk.wait_seconds(5.0);
    assert_eq!(marks(&talk), [2_250]);
}

#[test]
fn do_go_away_tells_what_it_is_told() {
    for (form, message, close) in [
        (json!({"timeLeft": "1.5s"}), json!({"timeLeft": "1.5s"}), Some((1_500, 1008))),
        (json!({}), json!({}), None),
        (json!({"endAfter": "2s"}), json!({}), Some((2_000, 1008))),
        (json!({"timeLeft": "10s", "endAfter": "1s"}), json!({"timeLeft": "10s"}), Some((1_000, 1008))),
        (json!({"timeLeft": "1s", "then": "nothing"}), json!({"timeLeft": "1s"}), None),
        (
            json!({"timeLeft": "1s", "then": {"close": {"code": 1011, "reason": "over"}}}),
            json!({"timeLeft": "1s"}),
            Some((1_000, 1011)),
        ),
    ] {
        let mut talk = session(json!([{"do": {"goAway": form}}]));
        let told: Vec<_> = talk.sent.iter().filter_map(|(_, message)| message.get("goAway")).collect();
        assert_eq!(told, [&message]);
        let (ms, code) = close.unwrap_or((300_000, 0));
        talk.wait(Duration::from_millis(ms - 1));
        assert_eq!(talk.close_reason().0, 0, "{form}");
        talk.wait(Duration::from_millis(1));
        assert_eq!(talk.close_reason().0, code, "{form}");
    }
}

#[test]
fn do_go_away_can_end_in_a_cut_or_a_reset() {
    for (then, dropped, reset) in [("cut", true, false), ("reset", false, true)] {
        let mut talk = session(json!([{"do": {"goAway": {"timeLeft": "1s", "then": then}}}]));
        talk.wait_seconds(1.0);
        assert_eq!((talk.dropped, talk.reset), (dropped, reset));
    }
}

#[test]
fn a_script_that_has_warned_is_not_warned_over() {
    let script = json!({"name": "story", "steps": [{"do": {"goAway": {"then": "nothing"}}}]});
    // Without it, the session itself would end after a quarter of an hour.
    let mut talk = Talk::scripted(&script, json!({"contextWindowCompression": {"slidingWindow": {}}}));
    talk.wait_seconds(2_000.0);
    assert!(talk.closed.is_none());
    assert_eq!(talk.sent.iter().filter(|(_, message)| message.get("goAway").is_some()).count(), 1);
}

#[test]
fn do_close_closes_with_code_and_text() {
    let mut talk =
        session(json!([{"on": {"after": "1s"}, "do": {"close": {"code": 4001, "reason": "why"}}}]));
    talk.wait_seconds(1.0);
    assert_eq!(talk.close_reason(), (4001, "why"));
}

#[test]
fn do_close_closes_in_the_services_own_words() {
    let mut talk = session(json!([{"on": {"after": "1s"}, "do": {"close": {"as": "location"}}}]));
    talk.wait_seconds(1.0);
    assert_eq!(talk.close_reason(), (1007, "User location is not supported for the API use."));
    let refused = session(json!([{"on": {"setup": true}, "do": {"refuseSetup": {"as": "permission"}}}]));
    assert_eq!(refused.close_reason(), (1008, "The caller does not have permission"));
    for close in [
        json!({}),
        json!({"as": "nothing"}),
        json!({"as": "quota", "code": 1011}),
        json!({"as": "quota", "reason": "x"}),
    ] {
        let script = json!({"name": "x", "steps": [{"do": {"close": close}}]}).to_string();
        let error = Script::from_json(&script).unwrap_err().to_string();
        assert!(error.starts_with("steps[0].do"), "{error}");
    }
}

#[test]
fn do_cut_and_reset_come_right_after_the_part() {
    for how in ["cut", "reset"] {
        let mut talk = session(json!([{"on": {"audioPart": 3}, "do": how}]));
        talk.say(&text("one two three four five six"));
        // Late: many parts are due at one moment.
        talk.now += Duration::from_secs(5);
        talk.feed(Input::Tick);
        assert_eq!(audio_parts(&talk), 3);
        assert_eq!((talk.dropped, talk.reset), (how == "cut", how == "reset"));
        assert!(talk.closed.is_none());
        let record = &talk.service.connections()[0];
        assert_eq!(record["sent"]["audio"]["messages"], 3, "what was not sent is not recorded");
        assert_eq!(record["close"]["code"], 1006);
    }
}

#[test]
fn do_stall_sends_nothing_more_and_hears_on() {
    let mut talk = session(json!([{"on": {"audioPart": 2}, "do": "stall"}]));
    talk.say(&text("one two three four five six"));
    talk.wait_seconds(30.0);
    assert_eq!(audio_parts(&talk), 2);
    talk.take();
    talk.say(&audio(&[0; 1600], 16_000));
    talk.say(&json!({"nonsense": 1}));
    talk.wait_seconds(600.0);
    assert!(talk.take().is_empty() && talk.closed.is_none() && !talk.dropped, "no close frame either");
    assert_eq!(talk.service.connections()[0]["received"]["audio"]["samples"], 1600);
    talk.wait_seconds(60.0);
    assert!(talk.dropped && talk.closed.is_none(), "but not for ever");
}

#[test]
fn a_stalled_connection_ends_with_the_simulator() {
    let mut talk = session(json!([{"do": "stall"}]));
    talk.feed(Input::Stopping);
    assert_eq!(talk.close_reason().0, 1001);
}

#[test]
fn do_stop_reading_is_left_to_the_socket() {
    let mut talk = session(json!([{"on": {"after": "1s"}, "do": "stopReading"}]));
    assert!(!talk.stopped_reading);
    talk.wait_seconds(1.0);
    assert!(talk.stopped_reading);
}

#[test]
fn who_is_not_read_is_cut_and_can_take_up_its_session() {
    let mut talk = Talk::open("sim-stops-reading", json!({"sessionResumption": {}}));
    let handle = talk.handle();
    talk.wait_seconds(15.9);
    assert!(!talk.dropped && talk.closed.is_none());
    talk.wait_seconds(0.1);
    assert!(talk.dropped && talk.conversation.is_over());
    let mut next = Talk::knock(talk.service, "BidiGenerateContent", "key=k", talk.now);
    next.say(&resuming("sim-stops-reading", &handle, json!({})));
    next.wait_seconds(20.0);
    assert_eq!(next.take()[0], json!({"setupComplete": {}}));
    assert!(!next.stopped_reading && !next.dropped);
}

#[test]
fn do_stop_answering_leaves_later_turns_unanswered() {
    let mut talk = session(json!([{"on": {"after": "20s"}, "do": "stopAnswering"}]));
    for is_answered in [true, false] {
        talk.take();
        talk.say(&text("hello"));
        talk.wait_seconds(20.0);
        assert_eq!(talk.take_kinds().contains(&"modelTurn".to_owned()), is_answered);
    }
}

#[test]
fn do_refuse_upgrade_counts_attempts() {
    let mut service = Service::new(1);
    let status = |service: &mut Service| {
        let (_, fault) = service.enter(Some("unavailable-twice-then-up"), "").unwrap();
        fault.map(|fault| format!("{fault:?}").contains("status: 503"))
    };
    assert_eq!([(); 3].map(|()| status(&mut service)), [Some(true), Some(true), None]);
}

#[test]
fn do_delay_setup_keeps_what_comes_early() {
    let mut talk = session(json!([{"on": {"setup": true}, "do": {"delaySetup": "3s"}}]));
    talk.say(&text("hello"));
    talk.wait_seconds(2.9);
    assert!(talk.sent.is_empty());
    talk.wait_seconds(10.0);
    assert!(talk.take_kinds().contains(&"turnComplete".to_owned()));
}

#[test]
fn do_ignore_setup_is_for_the_connections_it_is_for() {
    let steps = json!([{"on": {"setup": true, "connection": 2}, "do": "ignoreSetup"}]);
    let talk = session(steps);
    assert!(!talk.sent.is_empty());
    let mut talk = resumed(talk);
    talk.wait_seconds(60.0);
    assert!(talk.sent.is_empty() && talk.closed.is_none());
}

#[test]
fn do_refuse_setup_has_its_own_words() {
    let talk = session(json!([
        {"on": {"setup": true}, "do": {"refuseSetup": {"code": 1011, "reason": "RESOURCE_EXHAUSTED"}}},
    ]));
    assert_eq!(talk.close_reason(), (1011, "RESOURCE_EXHAUSTED"));
}

#[test]
fn do_model_not_found_names_the_model() {
    let talk = session(json!([{"on": {"setup": true}, "do": "modelNotFound"}]));
    assert!(talk.close_reason().1.starts_with("models/gemini-2.5-flash-native-audio-latest is not found"));
}

#[test]
fn do_cut_can_meet_a_setup() {
    let talk = session(json!([{"on": {"setup": true, "attempt": 1}, "do": "cut"}]));
    assert!(talk.dropped && talk.sent.is_empty());
    assert!(!next(talk, json!({})).sent.is_empty());
}

#[test]
fn do_send_raw_sends_any_text_in_any_frame() {
    let mut talk = session(json!([
        {"on": {"after": "1s"}, "do": {"sendRaw": {"text": "no json"}}},
        {"on": {"after": "2s"}, "do": {"sendRaw": {"text": "{\"a\": 1}", "frame": "text"}}},
    ]));
    talk.wait_seconds(1.0);
    assert_eq!((talk.broken_frames, talk.text_frames), (1, 0));
    talk.wait_seconds(1.0);
    assert_eq!((talk.broken_frames, talk.text_frames), (1, 1));
    assert_eq!(talk.take().last().unwrap(), &json!({"a": 1}));
}

#[test]
fn do_resumption_has_any_form() {
    for (form, is_good) in [
        (json!({}), false),
        (json!({"resumable": true}), false),
        (json!({"newHandle": "empty", "resumable": false}), false),
        (json!({"newHandle": "unknown"}), false),
        (json!({"newHandle": "fresh", "resumable": false}), true),
    ] {
        let script = json!({"name": "story", "steps": [{"do": {"resumption": form}}]});
        let mut talk = Talk::scripted(&script, json!({}));
        let messages = talk.take();
        let update = messages[1]["sessionResumptionUpdate"].as_object().unwrap();
        let names = |object: &Value| object.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(update.keys().cloned().collect::<Vec<_>>(), names(&form));
        if let Some(handle) = update.get("newHandle") {
            let extra = json!({"sessionResumption": {"handle": handle}});
            let talk = next(talk, extra);
            let is_resumed = talk.service.connections()[1]["connection"] == 2;
            assert_eq!(is_resumed, is_good, "{form}");
        }
    }
}

#[test]
fn do_pacing_changes_answers_to_come() {
    let mut talk = session(json!([{"do": {"pacing": {"part": "40ms", "every": "10ms", "burst": 4}}}]));
    talk.say(&text("hello"));
    talk.wait_seconds(20.0);
    let times: Vec<Time> = talk
        .sent
        .iter()
        .filter(|(_, message)| message["serverContent"]["modelTurn"].is_object())
        .map(|(at, _)| *at)
        .collect();
    assert_eq!(times[0], times[3]);
    assert_eq!(times[4] - times[3], Duration::from_millis(40));
}

#[test]
fn do_pacing_bundles_into_text_frames() {
    let mut talk = session(json!([{"do": {"pacing": {"bundle": true}}}]));
    assert_eq!(talk.text_frames, 1);
    let messages = talk.take();
    assert!(
        messages[0].get("setupComplete").is_some() && messages[0].get("sessionResumptionUpdate").is_some()
    );
}

#[test]
fn do_expire_handles_refuses_them_in_three_wordings() {
    for (wording, close) in [
        ("invalid", (1007, "Invalid session handle")),
        ("sessionNotFound", (1008, "BidiGenerateContent session not found")),
        ("entityNotFound", (1008, "Requested entity was not found.")),
    ] {
        let mut talk = session(json!([{"on": {"after": "1s"}, "do": {"expireHandles": {"as": wording}}}]));
        talk.wait_seconds(1.0);
        assert_eq!(resumed(talk).close_reason(), close);
    }
}

#[test]
fn do_expire_token_ends_the_connection_and_the_token() {
    let mut service = Service::new(1);
    let mint = |service: &mut Service, now| {
        let token = service.create_token(Some("k"), br#"{"uses": 0}"#, now).unwrap();
        format!("access_token={}", token["name"].as_str().unwrap())
    };
    let query = mint(&mut service, START);
    let wishes = json!({"sessionResumption": {}});
    let mut talk = Talk::enter(service, "token-expires", &query, START).with_setup(MODEL, wishes);
    talk.wait_seconds(2.0);
    assert_eq!(talk.close_reason(), (1011, "auth token has expired"));
    let handle = last_handle(&mut talk);
    let wishes = json!({"sessionResumption": {"handle": handle}});
    let mut talk = talk.enter_again("token-expires", &query);
    assert_eq!(talk.close_reason(), (1011, "Token has expired"));
    let query = mint(&mut talk.service, talk.now);
    let mut talk = talk.enter_again("token-expires", &query).with_setup(MODEL, wishes);
    talk.wait_seconds(5.0);
    assert!(talk.closed.is_none() && !talk.sent.is_empty());
}

#[test]
fn an_answer_says_what_the_script_says() {
    let script = json!({"name": "story", "answers": [
        {"when": {"says": "Lamp"}, "call": {"name": "set_lamp", "args": {"on": true}}, "say": "It is on."},
        {"when": {"turn": 2}, "hears": "Good morning.", "say": "Hello yourself."},
    ]});
    let functions = json!([{"name": "other"}, {"name": "set_lamp"}]);
    let extra = json!({
        "tools": [{"functionDeclarations": functions}],
        "inputAudioTranscription": {},
        "outputAudioTranscription": {},
    });
    let mut talk = Talk::scripted(&script, extra);
    talk.say(&text("the LAMP, please"));
    let call = talk.take().into_iter().find_map(|message| message.get("toolCall").cloned()).unwrap();
    let call = &call["functionCalls"][0];
    assert_eq!((&call["name"], &call["args"]), (&json!("set_lamp"), &json!({"on": true})));
    let response = json!({"id": call["id"], "name": "set_lamp", "response": {"ok": true}});
    talk.say(&json!({"toolResponse": {"functionResponses": [response]}}));
    talk.wait_seconds(20.0);
    assert_eq!(transcript(&talk.take()), "It is on.");

    talk.speak(&[voice(1.0, 16_000), silence(0.8)].concat());
    talk.wait_seconds(20.0);
    let messages = talk.take();
    // This family tells them word by word.
    let words =
        messages.iter().filter_map(|message| message["serverContent"]["inputTranscription"]["text"].as_str());
    assert_eq!(words.collect::<String>(), "Good morning.");
    assert_eq!(transcript(&messages), "Hello yourself.");

    talk.say(&text("anything else"));
    talk.wait_seconds(20.0);
    assert_eq!(transcript(&talk.take()), "You wrote: anything else");
}

#[test]
fn a_story_goes_on_where_the_handle_was_given() {
    let script = json!({"name": "story", "answers": [
        {"when": {"turn": 1}, "say": "One."},
        {"when": {"turn": 2}, "say": "Two."},
        {"say": "The end."},
    ]});
    let extra = json!({"outputAudioTranscription": {}, "sessionResumption": {}});
    let mut talk = Talk::scripted(&script, extra.clone());
    talk.say(&text("go on"));
    talk.wait_seconds(20.0);
    let handle = talk.handle();
    let mut next = talk.enter_again("story", "key=k");
    next.say(&resuming("gemini-2.5-flash-native-audio-latest", &handle, extra.clone()));
    next.say(&text("go on"));
    next.wait_seconds(20.0);
    assert_eq!(transcript(&next.take()), "Two.");
    let mut fresh =
        next.enter_again("story", "key=k").with_setup("gemini-2.5-flash-native-audio-latest", extra);
    fresh.say(&text("go on"));
    fresh.wait_seconds(20.0);
    assert_eq!(transcript(&fresh.take()), "One.");
}

#[test]
fn long_speech_is_resampled_where_nobody_waits_for_it() {
    let mut talk = Talk::open(
        "sim-parrot",
        json!({"realtimeInputConfig": {"automaticActivityDetection": {"disabled": true}}}),
    );
    talk.say(&json!({"realtimeInput": {"activityStart": {}}}));
    talk.say(&audio(&voice(10.0, 16_000), 16_000));
    let end = json!({"realtimeInput": {"activityEnd": {}}}).to_string();
    talk.conversation.handle(Input::Message(end.as_bytes()), &mut talk.service, talk.now);
    let actions: Vec<_> = std::iter::from_fn(|| talk.conversation.poll()).collect();
    let asked = actions.iter().find_map(|action| match action {
        Action::Resample { id, samples, rate_hz: 16_000, to_hz: 24_000 } => Some((*id, samples.len())),
        _ => None,
    });
    let (id, length) = asked.unwrap();
    assert_eq!(length, 160_000);
    let sound = Some((&[7_i16; 24_000][..], 24_000));
    talk.feed(Input::Voice { id, sound });
    talk.wait_seconds(20.0);
    let answer = samples(&talk.take());
    assert!(answer.len() > 24_000 && answer.ends_with(&[7; 24_000]), "a chime, and what came back");
}

#[test]
fn an_odd_rate_is_made_where_nobody_waits_for_it() {
    let mut talk = Talk::open("sim-odd-audio", json!({}));
    talk.take();
    let message = text("hello").to_string();
    talk.conversation.handle(Input::Message(message.as_bytes()), &mut talk.service, talk.now);
    let ask = |talk: &mut Talk| std::iter::from_fn(|| talk.conversation.poll()).collect::<Vec<_>>();
    let spoken = ask(&mut talk).into_iter().find_map(|action| match action {
        Action::Speak { id, .. } => Some(id),
        _ => None,
    });
    let input = Input::Voice { id: spoken.unwrap(), sound: Some((&[7; 24_000], 24_000)) };
    talk.conversation.handle(input, &mut talk.service, talk.now);
    let converted = ask(&mut talk).into_iter().find_map(|action| match action {
        Action::Resample { id, samples, rate_hz: 24_000, to_hz: 16_000 } => Some((id, samples.len())),
        _ => None,
    });
    let (id, length) = converted.unwrap();
    assert_eq!(length, 24_000);
    talk.feed(Input::Voice { id, sound: Some((&[5; 16_000], 16_000)) });
    talk.wait_seconds(20.0);
    assert_eq!(samples(&talk.take()), [5; 16_000], "what came back");
}

#[test]
fn a_lever_does_to_a_live_connection_what_a_script_does() {
    let mut talk = Talk::open("sim-parrot", json!({}));
    let lever = Lever::read("go-away", Some(json!({"timeLeft": "1s"}))).unwrap();
    talk.feed(Input::Lever(&lever));
    assert_eq!(talk.take().last().unwrap(), &json!({"goAway": {"timeLeft": "1s"}}));
    talk.wait_seconds(1.0);
    assert_eq!(talk.close_reason().0, 1008);
}

#[test]
fn stale_handles_of_the_named_scripts_lead_to_a_session_that_lives() {
    for name in ["stale-handle", "stale-handle-session", "stale-handle-entity"] {
        let wishes = json!({"sessionResumption": {}});
        let mut talk = Talk::enter(Service::new(1), name, "key=k", START).with_setup(MODEL, wishes.clone());
        talk.wait_seconds(3.0);
        assert_eq!(talk.close_reason().0, 1008);
        let handle = last_handle(&mut talk);
        let resume = json!({"sessionResumption": {"handle": handle}});
        let talk = talk.enter_again(name, "key=k").with_setup(MODEL, resume);
        assert!(talk.closed.is_some() && talk.sent.is_empty(), "{name}");
        let mut talk = talk.enter_again(name, "key=k").with_setup(MODEL, wishes);
        talk.wait_seconds(60.0);
        assert!(talk.closed.is_none(), "{name}");
    }
}

#[test]
fn what_is_for_the_first_connection_spares_the_second() {
    for name in [
        "go-away-then-live",
        "go-away-short",
        "go-away-without-time-left",
        "end-before-time-left",
        "half-open",
        "stops-reading",
    ] {
        let wishes = json!({"sessionResumption": {}});
        let mut talk = Talk::enter(Service::new(1), name, "key=k", START).with_setup(MODEL, wishes);
        talk.wait_seconds(4.0);
        let is_stalled = {
            let before = talk.sent.len();
            talk.say(&text("hello"));
            talk.wait_seconds(1.0);
            talk.sent.len() == before
        };
        assert!(is_stalled || talk.closed.is_some() || talk.stopped_reading, "{name}");
        let handle = last_handle(&mut talk);
        let resume = json!({"sessionResumption": {"handle": handle}});
        let mut talk = talk.enter_again(name, "key=k").with_setup(MODEL, resume);
        talk.say(&text("hello"));
        talk.wait_seconds(20.0);
        assert!(talk.closed.is_none() && talk.take_kinds().contains(&"turnComplete".to_owned()), "{name}");
        let record = &talk.service.connections()[1];
        assert_eq!((&record["connection"], &record["session"]), (&json!(2), &json!(1)), "{name}");
        assert_eq!((&record["resumedFrom"], &record["script"]), (&json!(1), &json!(name)), "{name}");
    }
}

const MODEL: &str = "gemini-2.5-flash-native-audio-latest";

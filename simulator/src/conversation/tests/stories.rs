//! Stories that go on over several connections: rotations, calls that are lost in one, and what is told twice.

use super::*;

const MODEL: &str = "gemini-2.5-flash-native-audio-latest";

/// A session with handles by the path of one of the simulator's own scripts.
fn begin(name: &str, extra: Value) -> Talk {
    Talk::enter(Service::new(1), name, "key=k", START).with_setup(MODEL, wishing(extra))
}

fn wishing(mut extra: Value) -> Value {
    extra["sessionResumption"] = json!({});
    extra["outputAudioTranscription"] = json!({});
    extra
}

/// The next connection of the session, by the same path.
fn rotated(mut talk: Talk, name: &str, extra: Value) -> Talk {
    let mut wishes = wishing(extra);
    wishes["sessionResumption"] = json!({"handle": talk.handle()});
    let mut next = talk.enter_again(name, "key=k").with_setup(MODEL, wishes);
    assert_eq!(next.closed, None);
    assert!(next.sent[0].1.get("setupComplete").is_some(), "{:?}", next.sent);
    next.sent.remove(0);
    next
}

/// How a connection ended within a minute: the milliseconds until then, and the close code, 1006 for a cut.
fn end(talk: &mut Talk) -> Option<(u64, u16)> {
    let began = talk.now;
    while talk.now < began + Duration::from_secs(60) {
        talk.wait(Duration::from_millis(10));
        let ms = (talk.now - began).as_millis() as u64;
        if let Some(close) = &talk.closed {
            return Some((ms, close.code));
        }
        if talk.dropped {
            return Some((ms, 1006));
        }
    }
    None
}

fn time_left(talk: &Talk) -> Option<String> {
    let mut warnings = talk.sent.iter().filter_map(|(_, message)| message["goAway"]["timeLeft"].as_str());
    warnings.next_back().map(str::to_owned)
}

fn says(talk: &mut Talk, words: &str) -> String {
    talk.sent.retain(|(_, message)| message.get("sessionResumptionUpdate").is_some());
    talk.say(&text(words));
    talk.wait_seconds(20.0);
    let messages: Vec<Value> = talk.sent.iter().map(|(_, message)| message.clone()).collect();
    transcript(&messages)
}

fn lamp() -> Value {
    json!({"tools": [{"functionDeclarations": [{"name": "lamp"}, {"name": "door"}]}]})
}

fn called(talk: &mut Talk) -> Vec<(String, String)> {
    let messages = talk.take();
    let calls =
        messages.iter().filter_map(|message| message["toolCall"]["functionCalls"].as_array()).flatten();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    calls.map(|call| (text(&call["id"]), text(&call["name"]))).collect()
}

fn cancelled(talk: &Talk) -> Vec<Value> {
    let cancellations =
        talk.sent.iter().filter_map(|(_, message)| message["toolCallCancellation"]["ids"].as_array());
    cancellations.flatten().cloned().collect()
}

fn answered(id: &str) -> Value {
    json!({"toolResponse": {"functionResponses": [{"id": id, "name": "lamp", "response": {"is": "lit"}}]}})
}

#[test]
fn go_away_comes_while_the_user_speaks() {
    let mut talk = begin("go-away-mid-speech", json!({}));
    talk.speak(&silence(2.0));
    assert_eq!(time_left(&talk), None, "silence is no speech");
    talk.speak(&voice(1.0, 16_000));
    assert_eq!(time_left(&talk).as_deref(), Some("2s"));
    assert!(talk.closed.is_none());
    talk.speak(&[voice(1.0, 16_000), silence(0.6)].concat());
    assert_eq!(talk.closed.as_ref().unwrap().code, 1008);
    let mut next = rotated(talk, "go-away-mid-speech", json!({}));
    next.speak(&[voice(1.0, 16_000), silence(0.8)].concat());
    next.wait_seconds(20.0);
    assert!(next.closed.is_none() && !samples(&next.take()).is_empty());
}

#[test]
fn two_connections_are_warned_within_ten_seconds_and_the_third_remembers() {
    let mut talk = begin("two-rotations", json!({}));
    talk.say(&text("hello"));
    assert_eq!(end(&mut talk), Some((3_000, 1008)));
    let mut talk = rotated(talk, "two-rotations", json!({}));
    assert_eq!(end(&mut talk), Some((3_000, 1008)));
    let mut talk = rotated(talk, "two-rotations", json!({}));
    assert_eq!(end(&mut talk), None);
    assert_eq!(says(&mut talk, "recall"), "You said: hello");
}

#[test]
fn a_resumed_connection_may_fall_silent_too() {
    let mut talk = begin("half-open-resumed", json!({}));
    assert_eq!(end(&mut talk), Some((3_000, 1008)));
    let mut talk = rotated(talk, "half-open-resumed", json!({}));
    talk.wait_seconds(1.0);
    let handle = talk.handle();
    talk.say(&text("hello"));
    talk.wait_seconds(20.0);
    assert!(talk.take().is_empty() && talk.closed.is_none());
    let wishes = json!({"sessionResumption": {"handle": handle}});
    let mut talk = talk.enter_again("half-open-resumed", "key=k").with_setup(MODEL, wishes);
    talk.say(&text("hello"));
    talk.wait_seconds(20.0);
    assert!(talk.take_kinds().contains(&"turnComplete".to_owned()));
}

#[test]
fn a_token_that_was_retired_opens_nothing_and_ends_nothing() {
    let mut service = Service::new(1);
    let mint = |service: &mut Service, now| {
        let token = service.create_token(Some("k"), br#"{"uses": 0}"#, now).unwrap();
        format!("access_token={}", token["name"].as_str().unwrap())
    };
    let name = "token-expired-at-resume";
    let query = mint(&mut service, START);
    let mut talk = Talk::enter(service, name, &query, START).with_setup(MODEL, wishing(json!({})));
    assert_eq!(end(&mut talk), Some((3_000, 1008)), "as goAway had it");
    let handle = talk.handle();
    let mut talk = talk.enter_again(name, &query);
    assert_eq!(talk.close_reason(), (1011, "Token has expired"));
    let query = mint(&mut talk.service, talk.now);
    let wishes = json!({"sessionResumption": {"handle": handle}});
    let mut talk = talk.enter_again(name, &query).with_setup(MODEL, wishes);
    assert_eq!(end(&mut talk), None);
}

#[test]
fn go_away_comes_at_a_call_whose_answer_may_come_on_the_next_connection() {
    let name = "go-away-at-call";
    let mut talk = begin(name, lamp());
    let handle = talk.handle();
    talk.say(&text("call lamp"));
    assert_eq!(time_left(&talk).as_deref(), Some("1.5s"));
    let (id, _) = called(&mut talk).remove(0);
    assert_eq!(end(&mut talk), Some((1_500, 1008)));
    let wishes = json!({"sessionResumption": {"handle": handle}});
    let mut talk = talk.enter_again(name, "key=k").with_setup(MODEL, wishes);
    talk.say(&answered(&id));
    assert_eq!(end(&mut talk), None);
    talk.take();
    talk.say(&text("call lamp"));
    assert_eq!(called(&mut talk).len(), 1, "and is not warned again");
    assert_eq!(time_left(&talk), None);
}

#[test]
fn a_run_is_cut_once_and_turned_away_twice() {
    let name = "cut-then-unavailable-twice";
    let mut talk = begin(name, json!({}));
    assert_eq!(end(&mut talk), Some((1_000, 1006)));
    let wishes = json!({"sessionResumption": {"handle": talk.handle()}});
    for _ in 0..2 {
        let (_, fault) = talk.service.enter(Some(name), "").unwrap();
        assert!(format!("{fault:?}").contains("status: 503"), "{fault:?}");
    }
    let mut talk = talk.enter_again(name, "key=k").with_setup(MODEL, wishes);
    assert_eq!(end(&mut talk), None);
}

#[test]
fn every_session_of_a_process_can_find_its_handle_stale() {
    let name = "stale-handle";
    let mut talk = begin(name, json!({}));
    for _ in 0..3 {
        assert_eq!(end(&mut talk), Some((3_000, 1008)));
        let handle = talk.handle();
        let wishes = json!({"sessionResumption": {"handle": handle}});
        talk = talk.enter_again(name, "key=k").with_setup(MODEL, wishes);
        assert_eq!(talk.close_reason(), (1007, "Invalid session handle"));
        talk = talk.enter_again(name, "key=k").with_setup(MODEL, wishing(json!({})));
        assert_eq!(end(&mut talk), None, "the session in its place lives");
        talk = talk.enter_again(name, "key=k").with_setup(MODEL, wishing(json!({})));
    }
}

/// What becomes of so many connections of a soak, and what they were told.
fn soaked(seed: u64, run: &str, connections: usize) -> Vec<((u64, u16), Option<String>)> {
    let mut service = Service::new(seed);
    let mut handle: Option<String> = None;
    let mut now = START;
    let mut ends = Vec::new();
    for _ in 0..connections {
        let (door, _) = service.enter(Some("soak"), run).unwrap();
        let path = "google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent";
        let mut knock = Knock::read(path, "key=k", None).unwrap();
        knock.door = door;
        let resumption = handle.take().map_or_else(|| json!({}), |handle| json!({"handle": handle}));
        let wishes = json!({"sessionResumption": resumption});
        let mut talk = Talk::open_door(service, knock, now).with_setup(MODEL, wishes);
        let end = end(&mut talk).unwrap();
        ends.push((end, time_left(&talk)));
        handle = Some(talk.handle());
        talk.feed(Input::Lost);
        (service, now) = (talk.service, talk.now);
    }
    let records = service.connections();
    let numbers: Vec<_> =
        records.as_array().unwrap().iter().map(|record| record["connection"].clone()).collect();
    assert_eq!(numbers, (1..=connections).collect::<Vec<_>>(), "one session");
    ends
}

#[test]
fn a_soak_rotates_for_ever_by_warnings_and_cuts_in_turn() {
    let ends = soaked(7, "", 12);
    for (index, ((ms, code), time_left)) in ends.iter().enumerate() {
        let (least, most, how) = if index % 2 == 0 { (2_500, 8_010, 1008) } else { (2_000, 5_010, 1006) };
        assert!((least..=most).contains(ms) && *code == how, "{index}: {ms} {code}");
        assert_eq!(time_left.is_some(), index % 2 == 0);
    }
    let distinct: std::collections::BTreeSet<_> = ends.iter().map(|((ms, _), _)| ms).collect();
    assert!(distinct.len() > 8, "{distinct:?}");
}

#[test]
fn a_soak_is_the_same_with_the_same_seed_and_run() {
    assert_eq!(soaked(7, "a", 4), soaked(7, "a", 4));
    assert_ne!(soaked(7, "a", 4), soaked(8, "a", 4));
    assert_ne!(soaked(7, "a", 4), soaked(7, "b", 4));
}

#[test]
fn a_turn_that_was_cut_short_is_not_told_again() {
    let script = json!({"name": "story", "steps": [{"on": {"turnStart": 2, "answerPart": 1}, "do": "cut"}], "answers": [
        {"when": {"turn": 1}, "say": "One."},
        {"when": {"turn": 2}, "say": "Two."},
        {"say": "The end."},
    ]});
    let mut talk = Talk::scripted(&script, wishing(json!({})));
    assert_eq!(says(&mut talk, "go on"), "One.");
    says(&mut talk, "go on");
    assert!(talk.dropped);
    let mut talk = rotated(talk, "story", json!({}));
    assert_eq!(says(&mut talk, "go on"), "The end.");
}

#[test]
fn several_functions_are_called_in_one_message() {
    let script = json!({"name": "story", "answers": [
        {"call": [{"name": "lamp", "args": {"on": true}}, {"name": "door"}, {"name": "nobodys"}], "say": "Done."},
    ]});
    let mut extra = lamp();
    extra["outputAudioTranscription"] = json!({});
    let mut talk = Talk::scripted(&script, extra);
    talk.say(&text("evening"));
    let calls =
        talk.take().into_iter().filter_map(|message| message.get("toolCall").cloned()).collect::<Vec<_>>();
    assert_eq!(calls.len(), 1);
    let calls = calls[0]["functionCalls"].as_array().unwrap();
    let names: Vec<_> = calls.iter().map(|call| (&call["name"], &call["args"])).collect();
    assert_eq!(names, [(&json!("lamp"), &json!({"on": true})), (&json!("door"), &json!({}))]);
    for call in calls {
        assert!(talk.take().is_empty(), "the turn waits for both");
        talk.say(&answered(call["id"].as_str().unwrap()));
    }
    talk.wait_seconds(20.0);
    assert_eq!(transcript(&talk.take()), "Done.");
}

#[test]
fn calls_are_cancelled_by_their_ids_all_or_one() {
    for (which, kept) in [("all", vec![]), ("first", vec!["door", "lamp"]), ("last", vec!["lamp", "door"])] {
        let script = json!({
            "name": "story",
            "steps": [{"on": {"toolCall": 3, "delay": "1s"}, "do": {"cancelCalls": which}}],
            "answers": [{"call": [{"name": "lamp"}, {"name": "door"}, {"name": "lamp"}]}],
        });
        let mut talk = Talk::scripted(&script, lamp());
        talk.say(&text("evening"));
        let calls = called(&mut talk);
        talk.wait_seconds(2.0);
        let gone = cancelled(&talk);
        assert_eq!(gone.len(), 3 - kept.len(), "{which}");
        let left: Vec<_> = calls.iter().filter(|(id, _)| !gone.contains(&json!(id))).collect();
        assert_eq!(
            left.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(),
            kept,
            "in the order of calls"
        );
        let is_complete =
            talk.sent.iter().any(|(_, message)| message["serverContent"]["turnComplete"] == true);
        assert_eq!(is_complete, kept.is_empty(), "{which}: nothing is waited for any more");
        for (id, _) in &calls {
            talk.say(&answered(id));
        }
        talk.wait_seconds(20.0);
        assert!(talk.closed.is_none(), "what was cancelled may be answered");
        assert!(talk.take_kinds().contains(&"turnComplete".to_owned()));
    }
}

#[test]
fn nothing_is_cancelled_where_nothing_is_called() {
    let mut talk = Talk::open("sim-parrot", json!({}));
    talk.take();
    talk.feed(Input::Lever(&Lever::read("cancel-calls", None).unwrap()));
    assert!(talk.take().is_empty());
}

#[test]
fn an_answer_to_a_call_that_was_lost_with_its_connection_does_as_was_chosen() {
    for (late, spoken, close) in
        [(None, "", 0), (Some("taken"), "lamp says: is lit.", 0), (Some("refused"), "", 1008)]
    {
        let behaviour = late.map_or_else(|| json!({}), |late| json!({"lateAnswer": late}));
        let script = json!({
            "name": "story",
            "behaviour": behaviour,
            "steps": [{"on": {"connection": 1, "toolCall": 1}, "do": "cut"}],
        });
        let mut talk = Talk::scripted(&script, wishing(lamp()));
        talk.say(&text("call lamp"));
        assert!(talk.dropped);
        let updates: Vec<_> =
            talk.sent.iter().filter(|(_, message)| message.get("toolCall").is_none()).cloned().collect();
        let (id, _) = called(&mut talk).remove(0);
        talk.sent = updates;
        let mut talk = rotated(talk, "story", lamp());
        talk.take();
        talk.say(&answered(&id));
        talk.wait_seconds(20.0);
        assert_eq!(transcript(&talk.take()), spoken, "{late:?}");
        assert_eq!(talk.close_reason().0, close, "{late:?}");
        if close == 0 {
            talk.say(&answered("function-call-of-nobody"));
            assert_eq!(talk.close_reason().0, 1008, "nobody has made that call");
        }
    }
}

#[test]
fn a_call_that_is_older_than_the_handle_is_answered_over_the_next_connection() {
    let script = json!({"name": "story", "steps": [
        {"on": {"connection": 1, "toolCall": 1}, "do": {"resumption": {"newHandle": "fresh", "resumable": true}}},
        {"on": {"connection": 1, "toolCall": 1, "delay": "1s"}, "do": "cut"},
    ]});
    let mut talk = Talk::scripted(&script, wishing(lamp()));
    talk.say(&text("call lamp"));
    talk.wait_seconds(2.0);
    assert!(talk.dropped);
    let calls =
        talk.sent.iter().filter_map(|(_, message)| message.get("toolCall")).cloned().collect::<Vec<_>>();
    let id = calls[0]["functionCalls"][0]["id"].as_str().unwrap().to_owned();
    talk.sent.retain(|(_, message)| message.get("toolCall").is_none());
    let mut talk = rotated(talk, "story", lamp());
    talk.take();
    talk.say(&answered(&id));
    talk.wait_seconds(20.0);
    assert_eq!(transcript(&talk.take()), "lamp says: is lit.");
}

#[test]
fn a_step_does_so_many_times_what_it_does() {
    let script = json!({"name": "story", "steps": [
        {"on": {"after": "1s"}, "do": {"send": {"mark": {}}}, "times": 3000},
        {"on": {"after": "2s"}, "do": {"sendRaw": {"text": "{"}}, "times": 2},
    ]});
    let mut talk = Talk::scripted(&script, json!({}));
    talk.wait_seconds(3.0);
    let marks: Vec<_> = talk.sent.iter().filter(|(_, message)| message.get("mark").is_some()).collect();
    assert_eq!((marks.len(), talk.broken_frames), (3000, 2));
    assert!(marks.iter().all(|(at, _)| *at == START + Duration::from_secs(1)));
}

#[test]
fn a_frame_may_come_before_setup_complete() {
    let script = json!({"name": "story", "steps": [
        {"on": {"setup": true}, "do": {"sendRaw": {"text": "no json"}}},
        {"on": {"setup": true}, "do": {"send": {"early": {}}}},
        {"on": {"setup": true}, "do": {"delaySetup": "2s"}},
    ]});
    let mut talk = Talk::scripted(&script, json!({}));
    assert_eq!((talk.broken_frames, talk.take()), (1, vec![json!({"early": {}})]));
    talk.wait_seconds(2.0);
    assert!(talk.take()[0].get("setupComplete").is_some());
}

//! Reading scripts.

use super::*;

fn error(json: &str) -> String {
    Script::from_json(json).unwrap_err().to_string()
}

fn step_error(on: &str, fault: &str) -> String {
    error(&format!(r#"{{"name": "x", "steps": [{{"on": {on}, "do": {fault}}}]}}"#))
}

#[test]
fn the_simulators_own_scripts_are_all_read() {
    let written: Vec<Value> = serde_json::from_str(include_str!("scripts.json")).unwrap();
    for script in &written {
        Script::from_json(&script.to_string()).unwrap();
    }
    let mut names: Vec<_> = Script::built_in().iter().map(|script| script.name().to_owned()).collect();
    assert_eq!(names.len(), written.len());
    assert!(Script::built_in().iter().all(|script| !script.summary().is_empty()));
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), written.len(), "two of one name");
}

#[test]
fn a_script_that_counts_attempts_says_that_a_run_has_it_once() {
    let is_counted = |script: &&Script| script.steps.iter().any(|step| step.on.attempt.is_some());
    let scripts = Script::built_in();
    let counted: Vec<_> = scripts.iter().filter(is_counted).collect();
    assert!(!counted.is_empty());
    for script in counted {
        assert!(script.summary().contains("a run"), "{}: {}", script.name(), script.summary());
    }
}

#[test]
fn the_readme_lists_every_script() {
    let readme = include_str!("../../README.md");
    for script in Script::built_in() {
        let row = format!("| `sim-{}` | {} |", script.name(), script.summary());
        assert!(readme.lines().any(|line| line == row), "{row}");
    }
    assert_eq!(readme.matches("\n| `sim-").count(), Script::built_in().len());
}

#[test]
fn the_scripts_in_the_guide_are_scripts() {
    let guide = include_str!("../../docs/scripts.md");
    let blocks: Vec<_> =
        guide.split("```json\n").skip(1).filter_map(|block| block.split("```").next()).collect();
    assert_eq!(blocks.len(), 3);
    for block in blocks {
        Script::from_json(block).unwrap();
    }
}

#[test]
fn the_guide_tells_of_everything_that_can_be_done() {
    let guide = include_str!("../../docs/scripts.md");
    let unknown =
        Script::from_json(r#"{"name": "x", "steps": [{"do": "explode"}]}"#).unwrap_err().to_string();
    let (_, known) = unknown.split_once("expected one of ").unwrap();
    let names: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
    assert!(names.len() > 15, "{unknown}");
    for name in names {
        assert!(
            guide.contains(&format!("`\"{name}\"`")) || guide.contains(&format!("`{{\"{name}\":")),
            "{name}"
        );
    }
}

#[test]
fn a_foreign_model_is_a_parrot_and_a_misspelt_one_of_ours_is_not_found() {
    let name = |model| Library::default().of_model(model, "").name().to_owned();
    assert_eq!(name("models/gemini-3.1-flash-live-preview"), "parrot");
    assert_eq!(name("models/sim-go-away"), "go-away");
    assert_eq!(name("models/sim-parot"), "not-found");
}

#[test]
fn an_error_says_where_it_is() {
    assert!(error("{").starts_with("EOF"), "{}", error("{"));
    assert!(error(r#"{"name": "x", "step": []}"#).contains("unknown field `step`"));
    assert!(error(r#"{"name": "X"}"#).starts_with("name: "));
    assert!(error(r#"{"name": "sim-x"}"#).starts_with("name: "));
    let unknown = step_error("{}", r#""explode""#);
    assert!(unknown.starts_with("steps[0].do: unknown variant `explode`"), "{unknown}");
    let misspelt = step_error("{}", r#"{"goAway": {"timeleft": "1s"}}"#);
    assert!(misspelt.starts_with("steps[0].do.goAway.timeleft: unknown field"), "{misspelt}");
    let no_duration = step_error(r#"{"after": "soon"}"#, r#""cut""#);
    assert!(no_duration.starts_with("steps[0].on.after: \"soon\" is no duration"), "{no_duration}");
    let no_number = step_error(r#"{"connection": 0}"#, r#""cut""#);
    assert!(no_number.starts_with("steps[0].on.connection: "), "{no_number}");
    let code = step_error("{}", r#"{"close": {"code": 1006}}"#);
    assert_eq!(code, "steps[0].do.close.code: 1006 may not be sent in a close frame");
}

#[test]
fn what_cannot_be_is_refused() {
    for (on, fault, place) in [
        (r#"{"upgrade": true, "after": "1s"}"#, r#""cut""#, ".on.after"),
        (r#"{"setup": true, "audioPart": 1}"#, r#""cut""#, ".on.audioPart"),
        (r#"{"upgrade": true, "connection": 1}"#, r#""cut""#, ".on.connection"),
        (r#"{"upgrade": true, "setup": true}"#, r#""cut""#, ".on"),
        (r#"{"every": "1ms"}"#, r#"{"send": {}}"#, ".on.every"),
        (r#"{"connection": {"from": 3, "to": 2}}"#, r#""cut""#, ".on.connection"),
        ("{}", r#"{"refuseUpgrade": {"status": 503}}"#, ".do"),
        ("{}", r#"{"delaySetup": "1s"}"#, ".do"),
        (r#"{"upgrade": true}"#, r#"{"goAway": {}}"#, ".do"),
        (r#"{"upgrade": true}"#, r#"{"refuseUpgrade": {"status": 200}}"#, ".do.refuseUpgrade.status"),
        (r#"{"setup": true}"#, r#""stopAnswering""#, ".do"),
        ("{}", r#"{"send": "text"}"#, ".do.send"),
        (r#"{"setup": true}"#, r#"{"cancelCalls": "all"}"#, ".do"),
        (r#"{"upgrade": true, "restarted": true}"#, r#""cut""#, ".on.restarted"),
        (r#"{"connection": {"every": 0}}"#, r#""cut""#, ".on.connection"),
        (r#"{"after": {"from": "2s", "to": "1s"}}"#, r#""cut""#, ".on.after"),
        ("{}", r#"{"goAway": {"timeLeft": {"from": "2s"}}}"#, ".do.goAway.timeLeft"),
        ("{}", r#"{"cancelCalls": "none"}"#, ".do.cancelCalls"),
        ("{}", r#"{"pacing": {"burst": 0}}"#, ".do.pacing.burst"),
        ("{}", r#"{"pacing": {"part": "0s"}}"#, ".do.pacing.part"),
    ] {
        let error = step_error(on, fault);
        assert!(error.starts_with(&format!("steps[0]{place}: ")), "{on} {fault}: {error}");
    }
    let many = vec![serde_json::json!({"do": "cut"}); MOST_STEPS + 1];
    assert!(
        error(&serde_json::json!({"name": "x", "steps": many}).to_string()).starts_with("steps: at most")
    );
    assert!(error(&format!("\"{}\"", "x".repeat(MOST_BYTES))).contains("bytes"));
}

#[test]
fn what_is_done_several_times_sends_something_and_not_too_much() {
    let with = |fault: &str, times: u64| {
        Script::from_json(&format!(r#"{{"name": "x", "steps": [{{"do": {fault}, "times": {times}}}]}}"#))
    };
    assert!(with(r#"{"send": {}}"#, 10_000).is_ok());
    let long = format!(r#"{{"sendRaw": {{"text": "{}"}}}}"#, "x".repeat(10_000));
    for (fault, times) in
        [("\"cut\"", 2), (r#"{"send": {}}"#, 0), (r#"{"send": {}}"#, 10_001), (&long, 5_000)]
    {
        let error = with(fault, times).unwrap_err().to_string();
        assert!(error.starts_with("steps[0].times: "), "{error}");
    }
}

#[test]
fn an_answer_calls_one_function_or_several() {
    let calls = |call: &str| {
        let script = Script::from_json(&format!(r#"{{"name": "x", "answers": [{{"call": {call}}}]}}"#))?;
        Ok::<_, ScriptError>(script.answers[0].call.len())
    };
    assert_eq!((calls("{}"), calls(r#"[{"name": "a"}, {"args": {}}]"#)), (Ok(1), Ok(2)));
    for (call, place) in [
        ("[]", "answers[0].call"),
        (r#"[{}, {"nam": "a"}]"#, "answers[0].call[1].nam"),
        ("1", "answers[0].call"),
    ] {
        let error = calls(call).unwrap_err().to_string();
        assert!(error.starts_with(place), "{error}");
    }
}

#[test]
fn numbers_are_a_range_or_every_so_many_of_one() {
    let numbers = |json: &str| {
        let numbers: condition::Numbers = serde_json::from_str(json).unwrap();
        (1..=8).filter(|number| numbers.contain(*number)).collect::<Vec<u32>>()
    };
    assert_eq!(numbers("3"), [3]);
    assert_eq!(numbers(r#"{"from": 2, "to": 4}"#), [2, 3, 4]);
    assert_eq!(numbers(r#"{"from": 2, "every": 3}"#), [2, 5, 8]);
    assert_eq!(numbers(r#"{"every": 2, "to": 5}"#), [1, 3, 5]);
}

#[test]
fn a_runs_script_is_the_runs_alone_and_goes_with_it() {
    let script =
        |summary: &str| Script::from_json(&format!(r#"{{"name": "mine", "summary": "{summary}"}}"#)).unwrap();
    let mut library = Library::default();
    library.add(script("given"), Source::Start).unwrap();
    library.add(script("of a"), Source::Run("a".to_owned())).unwrap();
    let found =
        |library: &Library, run: &str| library.find("mine", run).map(|script| script.summary().to_owned());
    assert_eq!(
        (found(&library, "a").unwrap(), found(&library, "b").unwrap()),
        ("of a".into(), "given".into())
    );
    assert_eq!(library.of_model("models/sim-mine", "a").summary(), "of a");
    library.forget(Some("a"));
    assert_eq!(found(&library, "a").unwrap(), "given");
    library.add(script("posted"), Source::Posted).unwrap();
    assert_eq!(found(&library, "a").unwrap(), "posted", "in place of what was given");
    library.forget(Some("a"));
    assert_eq!(found(&library, "a").unwrap(), "posted", "that is no run's");
    library.forget(None);
    assert_eq!(found(&library, "a"), None);
}

#[test]
fn a_lever_is_named_as_in_paths_or_as_in_scripts() {
    assert!(matches!(Fault::named("go-away", None), Ok(Fault::GoAway(_))));
    assert!(matches!(Fault::named("cut", None), Ok(Fault::Cut)));
    assert!(matches!(Fault::named("stopReading", None), Ok(Fault::StopReading)));
    let close = Fault::named("close", Some(serde_json::json!({"code": 4000})));
    assert!(matches!(close, Ok(Fault::Close(_))), "{close:?}");
    assert!(Fault::named("close", Some(serde_json::json!({"code": 1}))).is_err());
    assert!(Fault::named("explode", None).unwrap_err().contains("explode"));
    assert!(Lever::read("stall", None).is_ok());
    assert!(Lever::read("delay-setup", Some(serde_json::json!("1s"))).is_err());
}

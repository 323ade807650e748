//! What Playwright's report says, which is JSON.

use std::path::Path;
use std::{fs, mem};

use anyhow::{Context, Result};
use serde_json::Value;

use super::Tally;
use super::sound;

/// What became of the tests. They are named as `--test-list` takes them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Report {
    tally: Tally,
    passed: Vec<String>,
    failed: Vec<String>,
    /// Those that failed at first and passed when they were tried again.
    flaky: Vec<String>,
    /// Those that failed at first because their sound server or their browser died, and how it did.
    excused: Vec<String>,
}

impl Report {
    /// Reads what Playwright wrote.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).context("Playwright made no report; its reason is above")?;
        let report: Value = serde_json::from_str(&text).context("Playwright's report is not JSON")?;
        let mut found = Self::default();
        found.add_suites(&report, &[]);
        Ok(found)
    }

    /// Those that passed only at another try, if they are so few that a busy machine may be to blame.
    pub(super) fn doubted(&self) -> &[String] {
        if self.flaky.len() <= MOST_DOUBTED { &self.flaky } else { &[] }
    }

    /// Takes for steady, if not for flawless, what has passed each time that it was tried again by itself.
    pub(super) fn settle(&mut self, again: &Self) {
        let has_passed =
            |name: &String| again.passed.iter().filter(|other| *other == name).count() >= TIMES_AGAIN;
        let (steady, flaky) = mem::take(&mut self.flaky).into_iter().partition::<Vec<_>, _>(has_passed);
        self.flaky = flaky;
        let words = format!("failed once, then passed {} times of {}", 1 + TIMES_AGAIN, 1 + TIMES_AGAIN);
        self.excused.extend(steady.into_iter().map(|name| format!("{name}: {words}")));
    }

    /// What was counted. A test that passes only at times is not passed: it is broken, or what it tests is.
    pub(super) fn tally(self, succeeded: bool) -> Tally {
        let Self { mut tally, failed, flaky, excused, .. } = self;
        tally.broken = u64::from(!succeeded);
        (tally.flaky, tally.excused) = (flaky.len() as u64, excused.len() as u64);
        let named = |how: &'static str, names: Vec<String>| {
            names.into_iter().map(move |name| format!("{how}: {name}"))
        };
        tally.named = named("failed", failed)
            .chain(named("passed only at another try", flaky))
            .chain(named("second chance", excused))
            .collect();
        tally
    }

    fn add_suites(&mut self, parent: &Value, titles: &[&str]) {
        for suite in items(parent, "suites") {
            let titles = [titles, &[text(suite, "title")]].concat();
            for spec in items(suite, "specs") {
                for test in items(spec, "tests") {
                    let path = [&titles[..], &[text(spec, "title")]].concat().join(" › ");
                    self.add(format!("[{}] › {path}", text(test, "projectName")), test);
                }
            }
            self.add_suites(suite, &titles);
        }
    }

    fn add(&mut self, name: String, test: &Value) {
        match text(test, "status") {
            "expected" => {
                self.tally.passed += 1;
                self.passed.push(name);
            }
            "flaky" => match excuse(test) {
                Some(excuse) => self.excused.push(format!("{name}: {excuse}")),
                None => self.flaky.push(name),
            },
            "skipped" if is_for_another_browser(test) => self.tally.elsewhere += 1,
            "skipped" => self.tally.skipped += 1,
            _ => {
                self.tally.failed += 1;
                self.failed.push(name);
            }
        }
    }
}

/// How often a test is tried again that had passed only at another try, and has to pass.
pub(super) const TIMES_AGAIN: usize = 5;
/// More of them are no accident.
const MOST_DOUBTED: usize = 3;

/// Whether `tests/e2e/support/browsers.mjs` says that only another browser can run it.
fn is_for_another_browser(test: &Value) -> bool {
    items(test, "annotations").iter().any(|annotation| {
        annotation["type"] == "skip"
            && annotation["description"]
                .as_str()
                .is_some_and(|why| ELSEWHERE.iter().any(|words| why.starts_with(words)))
    })
}

/// How the reason begins.
const ELSEWHERE: [&str; 2] = ["Chromium only: ", "not in WebKitGTK: "];

/// What `tests/e2e/support` said of the sound server or the browser, if one of them died in every try that failed.
fn excuse(test: &Value) -> Option<String> {
    let failed = items(test, "results").iter().filter(|result| result["status"] != "passed");
    let excuses = failed.map(|result| {
        let mut messages = items(result, "errors").iter().filter_map(|error| error["message"].as_str());
        messages.find_map(|message| {
            message.lines().find_map(|line| DIED.iter().find_map(|words| line.get(line.find(words)?..)))
        })
    });
    excuses.collect::<Option<Vec<_>>>()?.first().map(|words| (*words).to_owned())
}

/// What is said of what died, before how.
const DIED: [&str; 2] = [sound::DIED, "the browser died"];

fn text<'a>(of: &'a Value, name: &str) -> &'a str {
    of[name].as_str().unwrap_or_default()
}

fn items<'a>(of: &'a Value, name: &str) -> &'a [Value] {
    of[name].as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn report(tests: Value) -> Report {
        let specs = json!([{"title": "a title", "tests": tests}]);
        let described = json!([{"title": "what is described", "specs": specs}]);
        let mut report = Report::default();
        report
            .add_suites(&json!({"suites": [{"title": "a.spec.mjs", "specs": [], "suites": described}]}), &[]);
        report
    }

    const NAME: &str = "[firefox] › a.spec.mjs › what is described › a title";

    fn test(status: &str) -> Value {
        json!({"projectName": "firefox", "status": status, "annotations": []})
    }

    #[test]
    fn every_test_counts_in_the_suites_below_as_well() {
        let found = report(json!([test("expected"), test("expected"), test("unexpected"), test("skipped")]));
        let tally = found.tally(false);
        assert_eq!((tally.passed, tally.failed, tally.skipped, tally.broken), (2, 1, 1, 1));
    }

    #[test]
    fn a_test_that_needed_another_try_is_counted_as_such() {
        let found = report(json!([test("expected"), test("flaky")]));
        assert_eq!(found.flaky, [NAME]);
        let tally = found.tally(true);
        assert_eq!((tally.passed, tally.flaky), (1, 1));
        assert_eq!(tally.named, [format!("passed only at another try: {NAME}")]);
        assert_eq!(
            tally.verdict().map_err(|error| error.to_string()),
            Err("1 test passed only at times: what it waits for, or what it tests, depends on time"
                .to_owned())
        );
    }

    #[test]
    fn a_test_that_then_passes_each_time_it_is_tried_again_is_named_and_forgiven() {
        let settled = |tries: &[&str]| {
            let mut found = report(json!([test("expected"), test("flaky")]));
            assert_eq!(found.doubted(), [NAME]);
            found.settle(&report(tries.iter().map(|status| test(status)).collect()));
            found.tally(true)
        };
        let tally = settled(&["expected"; 5]);
        assert_eq!((tally.passed, tally.excused, tally.flaky, tally.broken), (1, 1, 0, 0));
        assert_eq!(tally.named, [format!("second chance: {NAME}: failed once, then passed 6 times of 6")]);
        assert!(tally.verdict().is_ok());
        for tries in
            [&["expected"; 4][..], &["expected", "expected", "unexpected", "expected", "expected"], &[]]
        {
            assert_eq!((settled(tries).excused, settled(tries).flaky), (0, 1));
        }
    }

    #[test]
    fn too_many_that_needed_another_try_are_no_accident() {
        let found = |count| report(vec![test("flaky"); count].into());
        assert_eq!((found(3).doubted().len(), found(4).doubted().len()), (3, 0));
    }

    #[test]
    fn a_run_that_breaks_is_told_whatever_was_forgiven() {
        let mut failed = report(json!([test("unexpected"), test("flaky")]));
        failed.settle(&report(vec![test("expected"); 5].into()));
        let tally = failed.tally(false);
        assert_eq!((tally.failed, tally.excused, tally.broken), (1, 1, 1));
        assert_eq!(tally.named[0], format!("failed: {NAME}"));
        assert_eq!(report(json!([test("expected")])).tally(false).broken, 1);
    }

    #[test]
    fn a_test_whose_sound_server_or_browser_died_has_a_second_chance_and_no_other() {
        let tried = |messages: &[&str]| {
            let errors: Vec<_> = messages.iter().map(|message| json!({ "message": message })).collect();
            let mut test = test("flaky");
            test["results"] =
                json!([{"status": "failed", "errors": errors}, {"status": "passed", "errors": []}]);
            report(json!([test]))
        };
        let found =
            tried(&["Error: device-not-found", "Error: the sound server died (signal: 9)\n  at check"]);
        assert_eq!(found.excused, [format!("{NAME}: the sound server died (signal: 9)")]);
        let tally = found.tally(true);
        assert_eq!((tally.passed, tally.excused, tally.flaky), (0, 1, 0));
        assert!(tally.verdict().is_ok());
        let tally = tried(&["Error: the browser died (WebKitWebProcess)"]).tally(true);
        assert_eq!((tally.excused, tally.flaky), (1, 0));
        for messages in [&["Error: device-not-found"][..], &[]] {
            let tally = tried(messages).tally(true);
            assert_eq!((tally.excused, tally.flaky), (0, 1));
        }
    }

    #[test]
    fn only_a_reason_makes_a_test_another_browsers() {
        let with = |why: &str| {
            let mut test = test("skipped");
            test["annotations"] = json!([{"type": "skip", "description": why}]);
            report(json!([test])).tally(true)
        };
        assert_eq!(with("Chromium only: it asks").elsewhere, 1);
        assert_eq!(with("not in WebKitGTK: it waits").elsewhere, 1);
        assert_eq!((with("too slow").elsewhere, with("too slow").skipped), (0, 1));
    }
}

//! What Playwright's report says, which is JSON.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::Tally;
use super::sound;

/// What became of the tests.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Report {
    tally: Tally,
    /// The names of those that failed at first and passed when they were tried again.
    flaky: Vec<String>,
    /// Of these, the names of those that had failed because their sound server or their browser died, and how it did.
    excused: Vec<String>,
}

impl Report {
    /// Reads what Playwright wrote.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).context("Playwright made no report; its reason is above")?;
        let report: Value = serde_json::from_str(&text).context("Playwright's report is not JSON")?;
        let mut found = Self::default();
        found.add_suites(&report);
        Ok(found)
    }

    /// What was counted. A test that needed another try is named, and is not passed: one of the two is broken.
    pub(super) fn tally(self, succeeded: bool) -> Tally {
        for name in &self.flaky {
            println!("  passed only at another try: {name}");
        }
        for name in &self.excused {
            println!("  second chance: {name}");
        }
        let excused = self.excused.len() as u64;
        Tally { excused, flaky: self.flaky.len() as u64, broken: u64::from(!succeeded), ..self.tally }
    }

    fn add_suites(&mut self, parent: &Value) {
        for suite in items(parent, "suites") {
            for spec in items(suite, "specs") {
                for test in items(spec, "tests") {
                    self.add(spec, test);
                }
            }
            self.add_suites(suite);
        }
    }

    fn add(&mut self, spec: &Value, test: &Value) {
        match test["status"].as_str() {
            Some("expected") => self.tally.passed += 1,
            Some("flaky") => {
                let [project, file, title] = [&test["projectName"], &spec["file"], &spec["title"]]
                    .map(|value| value.as_str().unwrap_or_default());
                let name = format!("{project} › {file} › {title}");
                match excuse(test) {
                    Some(excuse) => self.excused.push(format!("{name}: {excuse}")),
                    None => self.flaky.push(name),
                }
            }
            Some("skipped") if is_for_another_browser(test) => self.tally.elsewhere += 1,
            Some("skipped") => self.tally.skipped += 1,
            _ => self.tally.failed += 1,
        }
    }
}

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

fn items<'a>(of: &'a Value, name: &str) -> &'a [Value] {
    of[name].as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn report(tests: Value) -> Report {
        let specs = json!([{"title": "a title", "file": "a.spec.mjs", "tests": tests}]);
        let nested = json!([{"specs": [], "suites": [{"specs": specs}]}]);
        let mut report = Report::default();
        report.add_suites(&json!({ "suites": nested }));
        report
    }

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
        assert_eq!(found.flaky, ["firefox › a.spec.mjs › a title"]);
        let tally = found.tally(true);
        assert_eq!((tally.passed, tally.flaky), (1, 1));
        assert_eq!(
            tally.verdict().map_err(|error| error.to_string()),
            Err("1 test passed only at another try: what it waits for, or what it tests, depends on time"
                .to_owned())
        );
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
        assert_eq!(found.excused, ["firefox › a.spec.mjs › a title: the sound server died (signal: 9)"]);
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

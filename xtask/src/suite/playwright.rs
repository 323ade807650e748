//! What Playwright's report says, which is JSON.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::Tally;

/// What became of the tests.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Report {
    tally: Tally,
    /// The names of those that failed at first and passed when they were tried again.
    flaky: Vec<String>,
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
        Tally { flaky: self.flaky.len() as u64, broken: u64::from(!succeeded), ..self.tally }
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
                self.flaky.push(format!("{project} › {file} › {title}"));
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
            && annotation["description"].as_str().is_some_and(|why| why.starts_with("Chromium only: "))
    })
}

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
    fn only_a_reason_makes_a_test_another_browsers() {
        let with = |why: &str| {
            let mut test = test("skipped");
            test["annotations"] = json!([{"type": "skip", "description": why}]);
            report(json!([test])).tally(true)
        };
        assert_eq!(with("Chromium only: it asks").elsewhere, 1);
        assert_eq!((with("too slow").elsewhere, with("too slow").skipped), (0, 1));
    }
}

//! Counting what a test program says it ran: no tests at all is a failure, not a success.
//!
//! Playwright and Node write reports. What cargo prints is read by its words: the JSON of its test programs is not stable
//! yet, and those of `wasm-bindgen-test` have none. So the exit code counts beside it, and nothing found is a failure.

use std::fmt;
use std::ops::AddAssign;

use anyhow::{Result, anyhow};
use serde_json::Value;

/// What a part ran.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Tests that passed.
    pub(crate) passed: u64,
    /// Tests that failed.
    pub(crate) failed: u64,
    /// Tests that say of themselves that they were not run.
    pub(crate) skipped: u64,
    /// Tests that passed only when they were tried again.
    pub(crate) flaky: u64,
    /// Tests that failed once and are not to blame: the machine was, or they passed whenever they were tried again.
    pub(crate) excused: u64,
    /// Tests that only another browser can run, which is why they were not run in this one.
    pub(crate) elsewhere: u64,
    /// Checks that are not tests: a linter, a build.
    pub(crate) checks: u64,
    /// Programs that ended in failure, whatever they counted.
    pub(crate) broken: u64,
    /// What the last lines name: tests that failed, if only once, and how.
    pub(crate) named: Vec<String>,
}

impl Tally {
    /// One check that went well.
    pub(crate) const CHECK: Self = Self {
        passed: 0,
        failed: 0,
        skipped: 0,
        flaky: 0,
        excused: 0,
        elsewhere: 0,
        checks: 1,
        broken: 0,
        named: Vec::new(),
    };

    /// This, unless it is a failure.
    pub(crate) fn verdict(self) -> Result<Self> {
        self.check().map(|()| self)
    }

    /// The reason, if it is a failure.
    pub(crate) fn check(&self) -> Result<()> {
        match self {
            Self { failed: 1.., .. } => {
                Err(anyhow!("{} of {} tests failed", self.failed, self.failed + self.passed))
            }
            Self { flaky: 1.., .. } => Err(anyhow!(
                "{} passed only at times: what it waits for, or what it tests, depends on time",
                counted(self.flaky, "test")
            )),
            Self { broken: 1.., .. } => Err(anyhow!("a test program failed; its reason is above")),
            Self { skipped: 1.., .. } => Err(anyhow!("{} tests were not run", self.skipped)),
            Self { passed: 0, checks: 0, excused: 0, .. } => Err(anyhow!("found no tests")),
            _ => Ok(()),
        }
    }

    /// What `cargo test` counted: of every program and of the documentation. Tests that are marked as ignored are
    /// meant to be.
    pub(crate) fn of_cargo(output: &str, succeeded: bool) -> Self {
        let mut tally = Self { broken: u64::from(!succeeded), ..Self::default() };
        for line in output.lines().filter(|line| line.contains("test result: ")) {
            tally.passed += before(line, " passed");
            tally.failed += before(line, " failed");
        }
        // In browsers it is `FAIL`.
        let named = |line: &str| {
            let name = line.strip_prefix("test ")?;
            let name = name.strip_suffix(" ... FAILED").or_else(|| name.strip_suffix(" ... FAIL"))?;
            Some(format!("failed: {name}"))
        };
        tally.named.extend(output.lines().map(str::trim_end).filter_map(named));
        tally
    }

    /// What `tests/tally.mjs` counted for `node --test`, which fails when it counted nothing at all.
    pub(crate) fn of_node(report: &str, succeeded: bool) -> Self {
        let counts: Value = serde_json::from_str(report).unwrap_or_default();
        let of = |name: &str| counts[name].as_u64().unwrap_or_default();
        let names = counts["names"].as_array().into_iter().flatten().filter_map(Value::as_str);
        Self {
            passed: of("passed"),
            failed: of("failed"),
            skipped: of("skipped"),
            broken: u64::from(!succeeded),
            named: names.map(|name| format!("failed: {name}")).collect(),
            ..Self::default()
        }
    }

    /// The same, the names of what failed behind that of the browser it was run in.
    pub(crate) fn in_browser(mut self, browser: &str) -> Self {
        for name in &mut self.named {
            *name = name.replacen(": ", &format!(": [{browser}] › "), 1);
        }
        self
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.flaky += other.flaky;
        self.excused += other.excused;
        self.elsewhere += other.elsewhere;
        self.checks += other.checks;
        self.broken += other.broken;
        self.named.extend(other.named);
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = [(self.passed, "test"), (self.checks, "check")];
        let words = counts.into_iter().filter(|(count, _)| *count > 0);
        let words = words.map(|(count, name)| counted(count, name));
        let excused = (self.excused > 0).then(|| format!("{} at a second chance", self.excused));
        let elsewhere = (self.elsewhere > 0).then(|| format!("{} for another browser", self.elsewhere));
        formatter.write_str(&words.chain(excused).chain(elsewhere).collect::<Vec<_>>().join(", "))
    }
}

fn counted(count: u64, name: &str) -> String {
    format!("{count} {name}{}", if count == 1 { "" } else { "s" })
}

/// The number right before `label`, 0 if there is none.
fn before(line: &str, label: &str) -> u64 {
    let head = line.split(label).next().unwrap_or_default();
    let is_there = head.len() < line.len();
    let number = head.rsplit(|letter: char| !letter.is_ascii_digit()).next().unwrap_or_default();
    if is_there { number.parse().unwrap_or_default() } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_test_program_of_cargo_counts() {
        let output = "running 5 tests\n\
            test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s\n\
            test result: FAILED. 17 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out\n";
        let tally = Tally::of_cargo(output, false);
        assert_eq!((tally.passed, tally.failed, tally.broken), (22, 2, 1));
    }

    #[test]
    fn what_failed_is_named_as_cargo_node_and_browsers_tell_it() {
        let output = "test a::passes ... ok\ntest a::fails ... FAILED\ntest src/lib.rs - b (line 3) ... FAILED\n\
            test c ... FAIL\n\nfailures:\n    a::fails\n";
        let named = Tally::of_cargo(output, false).in_browser("firefox").named;
        let expected = ["a::fails", "src/lib.rs - b (line 3)", "c"];
        assert_eq!(named, expected.map(|name| format!("failed: [firefox] › {name}")));
        let report = r#"{"passed":2,"failed":1,"skipped":0,"names":["a.test.mjs › a title"]}"#;
        assert_eq!(Tally::of_node(report, false).named, ["failed: a.test.mjs › a title"]);
    }

    #[test]
    fn nodes_report_counts() {
        let tally = Tally::of_node(r#"{"passed":2,"failed":0,"skipped":1}"#, true);
        assert_eq!((tally.passed, tally.failed, tally.skipped), (2, 0, 1));
        assert!(Tally::of_node("", true).verdict().is_err());
    }

    #[test]
    fn what_another_browser_runs_is_told_and_no_failure() {
        let tally = Tally { passed: 2, elsewhere: 3, ..Tally::default() };
        assert_eq!(
            tally.verdict().map(|tally| tally.to_string()).ok().as_deref(),
            Some("2 tests, 3 for another browser")
        );
        assert!(Tally { elsewhere: 3, ..Tally::default() }.verdict().is_err());
    }

    #[test]
    fn no_tests_is_a_failure() {
        assert!(Tally::default().verdict().is_err());
        assert!(Tally::of_cargo("test result: ok. 0 passed; 0 failed;", true).verdict().is_err());
    }

    #[test]
    fn a_test_that_did_not_run_is_a_failure() {
        assert!(Tally { passed: 5, skipped: 1, ..Tally::default() }.verdict().is_err());
    }

    #[test]
    fn a_program_that_breaks_is_a_failure_whatever_it_counted() {
        assert!(Tally { passed: 5, broken: 1, ..Tally::default() }.verdict().is_err());
        assert_eq!(Tally { passed: 5, ..Tally::default() }.verdict().map(|tally| tally.passed).ok(), Some(5));
    }
}

//! Counting what a test program says it ran: no tests at all is a failure, not a success.

use std::fmt;
use std::ops::AddAssign;

use anyhow::{Result, anyhow};

/// What a part ran.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Tests that passed.
    pub(crate) passed: u64,
    /// Tests that failed.
    pub(crate) failed: u64,
    /// Tests that say of themselves that they were not run.
    pub(crate) skipped: u64,
    /// Checks that are not tests: a linter, a build.
    pub(crate) checks: u64,
    /// Programs that ended in failure, whatever they counted.
    pub(crate) broken: u64,
}

impl Tally {
    /// One check that went well.
    pub(crate) const CHECK: Self = Self { passed: 0, failed: 0, skipped: 0, checks: 1, broken: 0 };

    /// This, unless it is a failure.
    pub(crate) fn verdict(self) -> Result<Self> {
        match self {
            Self { failed: 1.., .. } => {
                Err(anyhow!("{} of {} tests failed", self.failed, self.failed + self.passed))
            }
            Self { broken: 1.., .. } => Err(anyhow!("a test program failed; its reason is above")),
            Self { skipped: 1.., .. } => Err(anyhow!("{} tests were not run", self.skipped)),
            Self { passed: 0, checks: 0, .. } => Err(anyhow!("found no tests")),
            _ => Ok(self),
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
        tally
    }

    /// What `node --test` counted.
    pub(crate) fn of_node(output: &str, succeeded: bool) -> Self {
        let of = |label: &str| output.lines().map(|line| after(line, label)).sum();
        Self {
            passed: of("ℹ pass "),
            failed: of("ℹ fail "),
            skipped: of("ℹ skipped ") + of("ℹ todo "),
            broken: u64::from(!succeeded),
            checks: 0,
        }
    }

    /// What Playwright counted. A test that passed at the second try has passed, and is said to be flaky above.
    pub(crate) fn of_playwright(output: &str, succeeded: bool) -> Self {
        let of = |label: &str| {
            output.lines().filter(|line| line.starts_with("  ")).map(|line| lone(line, label)).sum()
        };
        Self {
            passed: of("passed") + of("flaky"),
            failed: of("failed"),
            skipped: of("skipped") + of("did not run"),
            broken: u64::from(!succeeded),
            checks: 0,
        }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.checks += other.checks;
        self.broken += other.broken;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = [(self.passed, "test"), (self.checks, "check")];
        let words = counts.into_iter().filter(|(count, _)| *count > 0);
        let words = words.map(|(count, name)| format!("{count} {name}{}", if count == 1 { "" } else { "s" }));
        formatter.write_str(&words.collect::<Vec<_>>().join(", "))
    }
}

/// The number right before `label`, 0 if there is none.
fn before(line: &str, label: &str) -> u64 {
    let head = line.split(label).next().unwrap_or_default();
    let is_there = head.len() < line.len();
    let number = head.rsplit(|letter: char| !letter.is_ascii_digit()).next().unwrap_or_default();
    if is_there { number.parse().unwrap_or_default() } else { 0 }
}

/// The number after `label` at the start of a line, 0 if there is none.
fn after(line: &str, label: &str) -> u64 {
    line.strip_prefix(label).and_then(|rest| rest.trim().parse().ok()).unwrap_or_default()
}

/// The number in a line that is nothing but a number and `label`, perhaps with a duration in parentheses.
fn lone(line: &str, label: &str) -> u64 {
    let line = line.trim().split(" (").next().unwrap_or_default();
    line.strip_suffix(label).and_then(|number| number.trim().parse().ok()).unwrap_or_default()
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
    fn nodes_summary_counts() {
        let tally =
            Tally::of_node("ℹ tests 3\nℹ pass 2\nℹ fail 0\nℹ cancelled 0\nℹ skipped 1\nℹ todo 0\n", true);
        assert_eq!((tally.passed, tally.failed, tally.skipped), (2, 0, 1));
    }

    #[test]
    fn playwrights_summary_counts() {
        let output = "Running 4 tests using 1 worker\n  ✓  1 a test about 7 passed turns (2.0s)\n\
            \n  1 failed\n    [chromium] › a.spec.mjs:3 › b\n  1 flaky\n  2 passed (6.1s)\n";
        let tally = Tally::of_playwright(output, false);
        assert_eq!((tally.passed, tally.failed), (3, 1));
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

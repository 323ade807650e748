//! `cargo xtask test`: every test of the project, in parts that can be run alone.

mod browser;
mod consumers;
mod end_to_end;
mod engine;
pub(crate) mod fuzz;
mod lint;
mod native;
mod node;
mod playwright;
pub(crate) mod ring;
mod room;
pub(crate) mod soak;
pub(crate) mod sound;
mod strangers;
mod tally;
mod types;
mod webkit;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use crate::report::one_line;
use crate::workspace::Workspace;
use engine::Engine;
use tally::Tally;

/// Options of `test`.
#[derive(Debug, Args)]
pub(crate) struct TestOptions {
    /// The parts to run, in this order [default: all]
    #[arg(value_enum)]
    pub(crate) parts: Vec<Part>,
    /// A part of those above to leave out, where this machine cannot run it; may be given more than once. The result names it
    #[arg(long = "skip", value_enum, value_name = "PART", hide_possible_values = true)]
    pub(crate) skipped: Vec<Part>,
    /// Stop at the first part that fails
    #[arg(long)]
    pub(crate) fail_fast: bool,
    /// The only browser that the parts `browser` and `e2e` run in, WebKitGTK being a part of its own; may be given more than once [default: all]
    #[arg(long = "browser", value_enum, value_name = "BROWSER")]
    pub(crate) browsers: Vec<Engine>,
    /// Of the end-to-end tests only those whose file, title or tag contain this; may be given more than once
    #[arg(long, value_name = "WORD")]
    pub(crate) only: Vec<String>,
    /// To the first failure in a browser, with a package that is not made small, and without wasm-pack and what compares
    /// sounds sample by sample
    #[arg(long)]
    pub(crate) quick: bool,
}

/// How the tests in browsers are run.
#[derive(Debug, Clone, Copy)]
struct Choice<'a> {
    engines: &'a [Engine],
    only: &'a [String],
    is_quick: bool,
}

/// A part of the tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Format, clippy and documentation.
    Lint,
    /// Tests of the crate, the simulator and these tasks, on this machine.
    Native,
    /// Any input, guided by coverage, for a short while.
    Fuzz,
    /// The worklets, under Node.
    Worklet,
    /// The types of the built package, and its scripts.
    Types,
    /// The official SDK against the simulator.
    Sdk,
    /// The crate in headless browsers.
    Browser,
    /// The packed package in headless browsers.
    E2e,
    /// The packed package in WebKitGTK.
    Webkit,
    /// The packed package in applications built by other tools.
    Consumers,
}

impl Part {
    /// Every part, quick ones first.
    pub(crate) const ALL: &'static [Self] = &[
        Self::Lint,
        Self::Native,
        Self::Fuzz,
        Self::Worklet,
        Self::Types,
        Self::Sdk,
        Self::Browser,
        Self::E2e,
        Self::Webkit,
        Self::Consumers,
    ];

    /// The name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Lint => "lint",
            Self::Native => "native",
            Self::Fuzz => "fuzz",
            Self::Worklet => "worklet",
            Self::Types => "types",
            Self::Sdk => "sdk",
            Self::Browser => "browser",
            Self::E2e => "e2e",
            Self::Webkit => "webkit",
            Self::Consumers => "consumers",
        }
    }

    /// What the part is for.
    pub(crate) fn purpose(self) -> &'static str {
        match self {
            Self::Lint => {
                "format, clippy, documentation and the Rust in prose, for this machine and for wasm32"
            }
            Self::Native => "cargo test: the crate, the simulator and these tasks",
            Self::Fuzz => {
                "hostile frames, configs, audio and sessions, by libFuzzer, for some twenty seconds of a processor"
            }
            Self::Worklet => "the audio worklets under Node, and the arithmetic of the bench",
            Self::Types => {
                "tsc --strict on the types of the packed package, its weight, and how its scripts load the rest"
            }
            Self::Sdk => "the official SDK against the simulator",
            Self::Browser => "wasm-bindgen-test in headless Chromium and Firefox, and wasm-pack",
            Self::E2e => "Playwright on the packed package in headless Chromium and Firefox",
            Self::Webkit => "the same in WebKitGTK, by its own driver, as far as engines matter; on Linux",
            Self::Consumers => {
                "applications built with the packed package by Vite, webpack, Next and others, each holding a conversation"
            }
        }
    }

    /// Why it is left out, by wish or because there is no such thing on this machine.
    fn why_not(self, skipped: &[Self]) -> Option<&'static str> {
        if skipped.contains(&self) {
            return Some("by --skip");
        }
        if self == Self::Webkit { webkit::why_not_here() } else { None }
    }

    fn run(self, workspace: &Workspace, choice: Choice<'_>) -> Result<Tally> {
        match self {
            Self::Lint => lint::run(workspace),
            Self::Native => native::run(workspace),
            Self::Fuzz => fuzz::run_for(workspace, BRIEFLY),
            Self::Worklet => node::run_worklet(workspace),
            Self::Types => types::run(workspace),
            Self::Sdk => node::run_sdk(workspace),
            Self::Browser => browser::run(workspace, choice),
            Self::E2e => end_to_end::run(workspace, choice),
            Self::Webkit => webkit::run(workspace, choice),
            Self::Consumers => consumers::run(workspace),
        }
    }
}

impl ValueEnum for Part {
    fn value_variants<'a>() -> &'a [Self] {
        Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).help(self.purpose()))
    }
}

/// Runs the parts asked for, each once, and sums up.
pub(crate) fn run(workspace: &Workspace, options: &TestOptions) -> Result<ExitCode> {
    let mut parts = options.parts.clone();
    if parts.is_empty() {
        parts = Part::ALL.to_vec();
    }
    let engines = if options.browsers.is_empty() { Engine::value_variants() } else { &options.browsers };
    let choice = Choice { engines, only: &options.only, is_quick: options.quick };
    let mut outcomes: Vec<Outcome> = Vec::new();
    for part in parts {
        if outcomes.iter().any(|outcome| outcome.part == part) {
            continue;
        }
        let outcome = match part.why_not(&options.skipped) {
            Some(why) => Outcome::skipped(part, why),
            None => Outcome::of(part, workspace, choice),
        };
        let is_over = matches!(outcome.ending, Ending::Failed(_)) && options.fail_fast;
        outcomes.push(outcome);
        if is_over {
            break;
        }
    }
    print!("{}", summary(&outcomes));
    Ok(if is_clean(&outcomes) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// How a part ended, and how long it took.
#[derive(Debug)]
struct Outcome {
    part: Part,
    ending: Ending,
    took: Duration,
    /// Tests that failed, if only once.
    named: Vec<String>,
}

/// What became of a part.
#[derive(Debug)]
enum Ending {
    /// What it counted.
    Passed(Tally),
    /// Why, in one line.
    Failed(String),
    /// Why it was left out.
    Skipped(&'static str),
}

impl Outcome {
    fn skipped(part: Part, why: &'static str) -> Self {
        let outcome = Self { part, ending: Ending::Skipped(why), took: Duration::ZERO, named: Vec::new() };
        println!("\n── {}", outcome.line());
        outcome
    }

    fn of(part: Part, workspace: &Workspace, choice: Choice<'_>) -> Self {
        println!("\n── {}: {}", part.name(), part.purpose());
        let started = Instant::now();
        let counted = part.run(workspace, choice);
        let named = counted.as_ref().map(|tally| tally.named.clone()).unwrap_or_default();
        let ending = match counted.and_then(Tally::verdict) {
            Ok(tally) => Ending::Passed(tally),
            Err(error) => Ending::Failed(one_line(&error)),
        };
        let outcome = Self { part, ending, took: started.elapsed(), named };
        println!("── {}", outcome.line());
        outcome
    }

    fn line(&self) -> String {
        let (name, seconds) = (self.part.name(), self.took.as_secs_f64());
        match &self.ending {
            Ending::Passed(tally) => format!("{name:<9} ok      {seconds:>6.1} s  {tally}"),
            Ending::Failed(reason) => format!("{name:<9} FAILED  {seconds:>6.1} s  {reason}"),
            Ending::Skipped(why) => format!("{name:<9} skipped, {why}"),
        }
    }
}

/// Whether what was to run passed. Where everything was left out, nothing did.
fn is_clean(outcomes: &[Outcome]) -> bool {
    let has = |is: fn(&Ending) -> bool| outcomes.iter().any(|outcome| is(&outcome.ending));
    has(|ending| matches!(ending, Ending::Passed(_))) && !has(|ending| matches!(ending, Ending::Failed(_)))
}

fn summary(outcomes: &[Outcome]) -> String {
    let lines: String = outcomes.iter().map(|outcome| format!("{}\n", outcome.line())).collect();
    let tests = outcomes
        .iter()
        .flat_map(|outcome| outcome.named.iter().map(|test| format!("  {}: {test}\n", outcome.part.name())));
    let tests: String = tests.collect();
    let named = |is: fn(&Ending) -> bool| -> Vec<&str> {
        outcomes.iter().filter(|outcome| is(&outcome.ending)).map(|outcome| outcome.part.name()).collect()
    };
    let passed = named(|ending| matches!(ending, Ending::Passed(_))).len();
    let failed = named(|ending| matches!(ending, Ending::Failed(_))).len();
    let skipped = named(|ending| matches!(ending, Ending::Skipped(_)));
    let not_run = match skipped.as_slice() {
        [] => String::new(),
        names => format!(", {} SKIPPED ({})", names.len(), names.join(", ")),
    };
    format!("\n{tests}{lines}parts: {passed} passed, {failed} failed{not_run}\n")
}

/// How much of a processor fuzzing takes among the other tests, not counting its build.
const BRIEFLY: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_counts_the_parts() {
        let outcomes = [passed(Part::Lint), failed(Part::E2e)];
        let text = summary(&outcomes);
        assert!(text.ends_with("\nparts: 1 passed, 1 failed\n"), "{text}");
        assert!(text.contains("no Chromium found"), "{text}");
        assert!(is_clean(&outcomes[..1]) && !is_clean(&outcomes));
    }

    #[test]
    fn a_part_that_was_left_out_is_named_and_does_not_pass() {
        let outcomes = [passed(Part::Lint), left_out(Part::Fuzz), left_out(Part::E2e)];
        let text = summary(&outcomes);
        assert!(text.ends_with("\nparts: 1 passed, 0 failed, 2 SKIPPED (fuzz, e2e)\n"), "{text}");
        assert!(
            text.lines().any(|line| line.starts_with("fuzz ") && line.ends_with("skipped, by --skip")),
            "{text}"
        );
        assert!(is_clean(&outcomes) && !is_clean(&outcomes[1..]));
    }

    #[test]
    fn a_test_that_failed_is_named_among_the_last_lines() {
        let named = vec!["failed: firefox › a.spec.mjs › a title".to_owned()];
        let text = summary(&[passed(Part::Lint), Outcome { named, ..failed(Part::E2e) }]);
        assert!(text.starts_with("\n  e2e: failed: firefox › a.spec.mjs › a title\nlint "), "{text}");
    }

    fn left_out(part: Part) -> Outcome {
        let why = part.why_not(&[part]).expect("it is to be skipped");
        Outcome::skipped(part, why)
    }

    fn passed(part: Part) -> Outcome {
        let ending = Ending::Passed(Tally { checks: 4, ..Tally::default() });
        Outcome { part, ending, took: Duration::from_millis(1250), named: Vec::new() }
    }

    fn failed(part: Part) -> Outcome {
        let ending = Ending::Failed("no Chromium found".to_owned());
        Outcome { part, ending, took: Duration::from_millis(1250), named: Vec::new() }
    }

    #[test]
    fn every_part_has_its_own_name() {
        let mut names: Vec<_> = Part::ALL.iter().map(|part| part.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Part::ALL.len());
    }
}

use anyhow::Result;
use clap::ValueEnum;
use clap::builder::PossibleValue;

use super::copy::Copy;
use super::edit::Mutant;
use super::trial::Trial;
use super::{found, rows};

/// A kind of mistakes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Code,
    Rows,
    Worklet,
    Package,
    Browser,
}

impl ValueEnum for Kind {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Code, Self::Rows, Self::Worklet, Self::Package, Self::Browser]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).help(match self {
            Self::Code => "the core's code, by cargo-mutants, under the crate's tests",
            Self::Rows => "the rows of the protocol's tables, lost or misspelt, under the crate's tests",
            Self::Worklet => "the audio worklets' JavaScript, under Node's tests",
            Self::Package => "the package's own JavaScript, under Node's tests, then those in Chromium",
            Self::Browser => "src/web, by cargo-mutants, under the tests in Chromium",
        }))
    }
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Rows => "rows",
            Self::Worklet => "worklet",
            Self::Package => "package",
            Self::Browser => "browser",
        }
    }

    /// The copy in which it is tried: what is built in another way, or in which a browser is waited for, has its own.
    pub(super) fn place(self) -> &'static str {
        match self {
            Self::Code | Self::Rows => "core",
            Self::Worklet | Self::Package => "scripts",
            Self::Browser => "browser",
        }
    }

    /// Every mutant of this kind that there is.
    pub(super) fn mutants(self, copy: &Copy) -> Result<Vec<Mutant>> {
        match self {
            Self::Code => found::by_cargo_mutants(copy, CORE),
            Self::Browser => found::by_cargo_mutants(copy, &["src/web/**"]),
            Self::Rows => rows::all(copy.tree()),
            Self::Worklet => found::in_scripts(copy, &["www/worklets"]),
            Self::Package => found::in_scripts(copy, &["www/package", "www/worker"]),
        }
    }

    /// What builds it, and the tests that should notice, quick ones first.
    pub(super) fn trial(self, mutant: &Mutant, is_brief: bool) -> Trial {
        let trial = Trial::default();
        match self {
            Self::Code => trial
                .build("cargo test --quiet --no-run --lib")
                .test(format!("cargo test --quiet --lib {}", module(&mutant.file)))
                .build("cargo test --quiet --no-run --lib --tests")
                .test(format!("cargo test --quiet {}", beside(&mutant.file)))
                .test("cargo test --quiet --lib --tests"),
            // Tests that look at tables from without are built sooner than those of the crate itself.
            Self::Rows => trial
                .build("cargo test --quiet --no-run --test tables --test oracle --test documentation")
                .test("cargo test --quiet --test tables --test oracle --test documentation")
                .build("cargo test --quiet --no-run --lib --test protocol_properties")
                .test(format!("cargo test --quiet --lib protocol -- {WRITTEN}"))
                .test(format!("cargo test --quiet --lib --test protocol_properties -- {WRITTEN}")),
            // Only what it is tested with is built for it, once.
            Self::Worklet if mutant.file.is_empty() => trial.build("cargo xtask test worklet"),
            // The threads wait for each other for long when one does not come.
            Self::Worklet => trial.test(ALONE).test("node --test tests/worklet/*.test.mjs"),
            Self::Package => match mutant.file.as_str() {
                "www/worker/spawn.js" => trial.browse("cargo xtask test browser --quick --browser chromium"),
                _ => trial
                    .build("cargo xtask package --dev")
                    .test("node --test tests/package/*.test.mjs")
                    .browse(format!("{E2E} --only @loading --only connect.spec --only worker.spec")),
            },
            Self::Browser => {
                let trial = trial.build("cargo xtask package --dev").browse(format!("{E2E} {FIRST}"));
                let whole = "cargo xtask test browser --quick --browser chromium";
                if is_brief { trial } else { trial.browse(whole).browse(E2E) }
            }
        }
    }
}

/// What is compiled for every machine.
const CORE: &[&str] = &["src/protocol/**", "src/session/**", "src/audio/**", "src/json/**"];

const ALONE: &str = "node --test tests/worklet/playback.test.mjs tests/worklet/capture.test.mjs \
    tests/worklet/jitter.test.mjs tests/worklet/resampler.test.mjs tests/worklet/ring.test.mjs \
    tests/worklet/stretch.test.mjs";
const E2E: &str = "cargo xtask test e2e --quick --browser chromium";
/// What most of the shell takes part in.
const FIRST: &str = "--only connect.spec --only messages.spec --only microphone.spec --only worker.spec";
/// Without the test that `types.d.ts` is what the rows say: whoever changes a row by mistake writes that anew.
const WRITTEN: &str = "--skip the_declarations_are_those_of_the_rows";

/// The module of the crate that a file is part of, whose own tests are the first that may notice. Of none it is all.
fn module(file: &str) -> &str {
    let inner = file.strip_prefix("src/").and_then(|path| path.split_once('/'));
    inner.map_or("", |(module, _)| module)
}

/// The programs of tests that look at the same.
fn beside(file: &str) -> &str {
    match module(file) {
        "json" => "--test json --test oracle",
        "audio" => "--test worklet_fixtures",
        "session" => "--test diagnosis",
        _ => "--test tables --test oracle --test protocol_properties",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_own_tests_are_those_of_its_module() {
        assert_eq!(module("src/protocol/setup/config.rs"), "protocol");
        assert_eq!(module("src/error.rs"), "");
    }
}

//! `cargo xtask mutants`: makes one mistake at a time and looks whether a test notices.
//!
//! It works on a copy of the tree below `target/mutants`, never on the files themselves. It takes long, and is asked
//! for by whoever wants to know what the tests are worth.

mod copy;
mod edit;
mod found;
mod rows;
mod trial;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, anyhow};
use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use self::copy::Copy;
use self::edit::Mutant;
use self::trial::{Trial, Verdict};
use crate::workspace::{Workspace, write};

/// Options of `mutants`.
#[derive(Debug, Args)]
pub(crate) struct MutantsOptions {
    /// The kinds of mistakes [default: all but those that need a browser]
    #[arg(value_enum)]
    kinds: Vec<Kind>,
    /// How many of each kind are tried, taken by chance [default: all]
    #[arg(long)]
    sample: Option<usize>,
    /// What chance begins with: the same sample for the same number
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only those whose name contains this
    #[arg(long)]
    only: Option<String>,
    /// Names them, and tries none
    #[arg(long)]
    list: bool,
}

/// A kind of mistakes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
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
            Self::Package => "the package's own JavaScript, under the end-to-end tests in Chromium",
            Self::Browser => "src/web, by cargo-mutants, under the tests in Chromium",
        }))
    }
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Rows => "rows",
            Self::Worklet => "worklet",
            Self::Package => "package",
            Self::Browser => "browser",
        }
    }

    /// Every mutant of this kind that there is.
    fn mutants(self, workspace: &Workspace) -> Result<Vec<Mutant>> {
        match self {
            Self::Code => found::by_cargo_mutants(workspace, CORE),
            Self::Browser => found::by_cargo_mutants(workspace, &["src/web/**"]),
            Self::Rows => rows::all(workspace),
            Self::Worklet => found::in_scripts(workspace, &["www/worklets"]),
            Self::Package => found::in_scripts(workspace, &["www/package", "www/worker"]),
        }
    }

    /// What builds it, and the tests that should notice, quick ones first.
    fn trial(self) -> Trial {
        match self {
            Self::Code => Trial::new(&[TESTS_BUILD], &[TESTS]),
            Self::Rows => Trial::new(&[ROWS_BUILD], &[ROWS_TESTS]),
            Self::Worklet => Trial::new(&[], &["cargo xtask test worklet"]),
            Self::Package => Trial::new(&[], &["cargo xtask test e2e --browser chromium"]),
            Self::Browser => Trial::new(
                &["cargo check --quiet --lib --target wasm32-unknown-unknown"],
                &["cargo xtask test browser --browser chromium", "cargo xtask test e2e --browser chromium"],
            ),
        }
    }
}

/// What is compiled for every machine.
const CORE: &[&str] = &["src/protocol/**", "src/session/**", "src/audio/**", "src/json/**"];

const TESTS_BUILD: &str = "cargo test --quiet --no-run --lib --tests";
const TESTS: &str = "cargo test --quiet --lib --tests";
/// There are many: the tests that look at tables, built once.
const ROWS_BUILD: &str =
    "cargo test --quiet --no-run --lib --test oracle --test tables --test protocol_properties";
/// Without the test that `types.d.ts` is what the rows say: whoever changes a row by mistake writes that anew.
const ROWS_TESTS: &str = "cargo test --quiet --lib --test oracle --test tables --test protocol_properties -- \
    --skip the_declarations_are_those_of_the_rows";

/// Tries the mutants of each kind, and says which of them nobody noticed.
pub(crate) fn run(workspace: &Workspace, options: &MutantsOptions) -> Result<ExitCode> {
    let quick = [Kind::Code, Kind::Rows, Kind::Worklet];
    let kinds = if options.kinds.is_empty() { &quick[..] } else { &options.kinds };
    let mut survivors = 0;
    for kind in kinds {
        let mut mutants = kind.mutants(workspace)?;
        mutants.retain(|mutant| options.only.as_ref().is_none_or(|part| mutant.name.contains(part)));
        let all = mutants.len();
        let mutants = sample(mutants, options.sample.unwrap_or(all), options.seed);
        println!("\n── {}: {} of {all} mutants, seed {}", kind.name(), mutants.len(), options.seed);
        if options.list {
            mutants.iter().for_each(|mutant| println!("{}", mutant.name));
            continue;
        }
        survivors += try_all(workspace, *kind, &mutants)?;
    }
    Ok(if survivors == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// How many mutants of this kind survived.
fn try_all(workspace: &Workspace, kind: Kind, mutants: &[Mutant]) -> Result<usize> {
    let copy = Copy::fresh(workspace)?;
    let trial = kind.trial();
    let baseline = Instant::now();
    match trial.run(&copy, None)? {
        Verdict::Survived => {}
        verdict => {
            return Err(anyhow!(
                "without any mistake it is {}: see {}",
                verdict.word(),
                copy.log().display()
            ));
        }
    }
    let usual = baseline.elapsed();
    println!("   without any mistake the tests pass in {:.0} s", usual.as_secs_f64());
    let mut report = String::new();
    let mut counts = [0_usize; 4];
    for (at, mutant) in mutants.iter().enumerate() {
        let started = Instant::now();
        copy.plant(mutant)?;
        let verdict = trial.run(&copy, Some(usual));
        copy.heal(mutant)?;
        let verdict = verdict?;
        counts[verdict as usize] += 1;
        let seconds = started.elapsed().as_secs_f64();
        let line =
            format!("{:<9} {seconds:>5.1} s  {}/{} {}", verdict.word(), at + 1, mutants.len(), mutant.name);
        println!("   {line}");
        report += &format!("{line}\n");
        if verdict == Verdict::Survived {
            let diff = mutant.diff(workspace)?;
            print!("{diff}");
            report += &diff;
        }
    }
    let [killed, survived, slow, not_built] = counts;
    let sum = format!(
        "{}: {killed} killed, {slow} never ended, {survived} survived, {not_built} not built",
        kind.name()
    );
    println!("── {sum}");
    let path = workspace.made(&format!("mutants/{}.txt", kind.name()));
    write(&path, report + &sum + "\n").context("the report cannot be kept")?;
    Ok(survived)
}

/// So many of the mutants, by chance, in their order.
fn sample(mut mutants: Vec<Mutant>, size: usize, seed: u64) -> Vec<Mutant> {
    let mut state = seed;
    let mut next = move || {
        // SplitMix64.
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    };
    while mutants.len() > size {
        let at = (next() % mutants.len() as u64) as usize;
        mutants.remove(at);
    }
    mutants
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: impl IntoIterator<Item = usize>) -> Vec<Mutant> {
        names.into_iter().map(|name| Mutant { name: name.to_string(), ..Mutant::default() }).collect()
    }

    #[test]
    fn a_sample_is_of_its_size_and_the_same_for_the_same_seed() {
        let names = |seed| -> Vec<_> {
            sample(named(0..50), 5, seed).into_iter().map(|mutant| mutant.name).collect()
        };
        assert_eq!((names(1).len(), names(1)), (5, names(1)));
        assert_ne!(names(1), names(2));
        assert_eq!(sample(named(0..3), 9, 1).len(), 3);
    }
}

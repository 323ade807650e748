//! `cargo xtask mutants`: makes one mistake at a time and looks whether a test notices.
//!
//! It works on a copy of the tree below `target/mutants`, never on the files themselves. It takes long, and is asked
//! for by whoever wants to know what the tests are worth.

mod copy;
mod edit;
mod found;
mod kind;
mod known;
mod rows;
mod trial;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, anyhow};
use clap::Args;

use self::copy::Copy;
use self::edit::Mutant;
use self::kind::Kind;
use self::trial::Verdict;
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
    /// Without the tests that take longest: what survives may yet be noticed by those
    #[arg(long)]
    brief: bool,
    /// Names them, and tries none
    #[arg(long)]
    list: bool,
}

/// Tries the mutants of each kind, and says which of them nobody noticed.
pub(crate) fn run(workspace: &Workspace, options: &MutantsOptions) -> Result<ExitCode> {
    let quick = [Kind::Code, Kind::Rows, Kind::Worklet];
    let kinds = if options.kinds.is_empty() { &quick[..] } else { &options.kinds };
    let mut survivors = 0;
    for kind in kinds {
        let copy = Copy::fresh(workspace, kind.place())?;
        let mut mutants = kind.mutants(&copy)?;
        let known = known::leave_out(copy.tree(), &mut mutants)?;
        mutants.retain(|mutant| options.only.as_ref().is_none_or(|part| mutant.name.contains(part)));
        let all = mutants.len();
        let mutants = sample(mutants, options.sample.unwrap_or(all), options.seed);
        println!(
            "\n── {}: {} of {all} mutants, seed {}, of {}; {known} more are known to change nothing",
            kind.name(),
            mutants.len(),
            options.seed,
            copy.commit(),
        );
        if options.list {
            mutants.iter().for_each(|mutant| println!("{}", mutant.name));
            continue;
        }
        survivors += try_all(&copy, *kind, options.brief, &mutants)?;
    }
    Ok(if survivors == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// How many mutants of this kind survived.
fn try_all(copy: &Copy, kind: Kind, is_brief: bool, mutants: &[Mutant]) -> Result<usize> {
    let (verdict, usual) = kind.trial(&Mutant::default(), is_brief).rehearse(copy)?;
    if verdict != Verdict::Survived {
        return Err(anyhow!("without any mistake it is {}: see {}", verdict.word(), copy.log().display()));
    }
    println!("   without any mistake the tests pass, each within {:.0} s", usual.as_secs_f64());
    let mut report = Report::default();
    for (at, mutant) in mutants.iter().enumerate() {
        let started = Instant::now();
        let verdict = copy.with(mutant, || kind.trial(mutant, is_brief).run(copy, Some(usual)))?;
        report.counts[verdict as usize] += 1;
        let seconds = started.elapsed().as_secs_f64();
        report.say(format!(
            "{:<9} {seconds:>5.1} s  {}/{} {}",
            verdict.word(),
            at + 1,
            mutants.len(),
            mutant.name
        ));
        match verdict {
            Verdict::Survived => report.say(mutant.diff(copy.tree())?),
            Verdict::Killed => report.say(format!("      by {}", trial::killer(copy)?)),
            Verdict::Endless | Verdict::NotBuilt => {}
        }
    }
    let [killed, survived, slow, not_built] = report.counts;
    report.say(format!(
        "{} at {}: {killed} killed, {slow} never ended, {survived} survived, {not_built} not built",
        kind.name(),
        copy.commit(),
    ));
    let path = copy.of().made(&format!("mutants/{}.txt", kind.name()));
    write(&path, report.text).context("the report cannot be kept")?;
    Ok(survived)
}

/// What was printed, and how often each verdict was given.
#[derive(Debug, Default)]
struct Report {
    text: String,
    counts: [usize; 4],
}

impl Report {
    fn say(&mut self, line: String) {
        println!("   {}", line.trim_end());
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }
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

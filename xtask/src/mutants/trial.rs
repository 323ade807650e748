use std::fs::File;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::copy::Copy;
use crate::process;
use crate::workspace::{Workspace, files_below};

/// What is done with a copy to see whether a test fails there, step by step.
#[derive(Debug, Default)]
pub(super) struct Trial(Vec<Step>);

#[derive(Debug)]
enum Step {
    Build(String),
    Test(String),
    /// A test whose every wait has a deadline. Where much else is done it may fail by that alone: it must fail twice.
    Browse(String),
}

/// What became of a mutant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// A test failed.
    Killed,
    /// None did.
    Survived,
    /// The tests did not end.
    Endless,
    /// The compiler noticed it.
    NotBuilt,
}

impl Verdict {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Killed => "killed",
            Self::Survived => "SURVIVED",
            Self::Endless => "endless",
            Self::NotBuilt => "not built",
        }
    }
}

impl Trial {
    pub(super) fn build(mut self, line: impl Into<String>) -> Self {
        self.0.push(Step::Build(line.into()));
        self
    }

    pub(super) fn test(mut self, line: impl Into<String>) -> Self {
        self.0.push(Step::Test(line.into()));
        self
    }

    pub(super) fn browse(mut self, line: impl Into<String>) -> Self {
        self.0.push(Step::Browse(line.into()));
        self
    }

    /// Goes on until a step fails. `usual` is how long the longest test takes without a mistake.
    pub(super) fn run(&self, copy: &Copy, usual: Option<Duration>) -> Result<Verdict> {
        let mut log = File::create(copy.log()).context("the log cannot be written")?;
        let limit = usual.map_or(LONGEST, |usual| SHORTEST_LIMIT.max(4 * usual));
        for step in &self.0 {
            let (line, limit, chances, failed) = match step {
                Step::Build(line) => (line, LONGEST, 1, Verdict::NotBuilt),
                Step::Test(line) => (line, limit, 1, Verdict::Killed),
                Step::Browse(line) => (line, LONGEST, 2, Verdict::Killed),
            };
            let mut outcome = None;
            for _ in 0..chances {
                outcome = ended(copy, line, limit, &mut log)?;
                if outcome != Some(false) {
                    break;
                }
            }
            match outcome {
                Some(true) => {}
                Some(false) => return Ok(failed),
                None => return Ok(Verdict::Endless),
            }
        }
        Ok(Verdict::Survived)
    }

    /// Goes through it without any mistake, so that everything is built, and says how long the longest test takes then.
    pub(super) fn rehearse(&self, copy: &Copy) -> Result<(Verdict, Duration)> {
        let verdict = self.run(copy, None)?;
        let mut longest = Duration::ZERO;
        let tests = self.0.iter().filter_map(|step| match step {
            Step::Test(line) => Some(line),
            Step::Build(_) | Step::Browse(_) => None,
        });
        for line in tests.filter(|_| verdict == Verdict::Survived) {
            let mut log = File::create(copy.log()).context("the log cannot be written")?;
            let started = Instant::now();
            ended(copy, line, LONGEST, &mut log)?;
            longest = longest.max(started.elapsed());
        }
        Ok((verdict, longest))
    }
}

/// Whether a command succeeded; `None` if it did not end.
fn ended(copy: &Copy, line: &str, limit: Duration, log: &mut File) -> Result<Option<bool>> {
    let tree = copy.tree();
    let mut words = line.split_whitespace().flat_map(|word| files(tree, word));
    let mut command: Command = process::command(words.next().unwrap_or_default(), tree.root());
    command.args(words).env("CARGO_TARGET_DIR", tree.built("")).env("PACKAGE_DIR", tree.package());
    // Nobody looks at these programs with a debugger, and they are linked sooner.
    command.env("CARGO_PROFILE_DEV_DEBUG", "0");
    command.stdout(Stdio::from(log.try_clone()?)).stderr(Stdio::from(log.try_clone()?));
    let running = process::Running::start(&mut command)?;
    Ok(running.wait(limit).ok().map(|status| status.success()))
}

/// The files that a word with a star means, as a shell would put them there; any other word is itself.
fn files(tree: &Workspace, word: &str) -> Vec<String> {
    let Some((directory, ending)) = word.split_once('*') else { return vec![word.to_owned()] };
    let files = files_below(&tree.path(directory)).into_iter();
    files.map(|file| file.to_string_lossy().into_owned()).filter(|file| file.ends_with(ending)).collect()
}

/// The first test that the last trial's log says to have failed. Whoever doubts it, tries that test alone.
pub(super) fn killer(copy: &Copy) -> Result<String> {
    let log = std::fs::read(copy.log()).context("the log cannot be read")?;
    let log = String::from_utf8_lossy(&log).into_owned();
    let named = log.lines().map(str::trim).find_map(|line| {
        let of_cargo = line.strip_prefix("---- ").and_then(|rest| rest.strip_suffix(" stdout ----"));
        of_cargo.or_else(|| line.strip_prefix("✘ ")).or_else(|| line.strip_prefix("not ok "))
    });
    Ok(named.unwrap_or("a test that says no name").to_owned())
}

const LONGEST: Duration = Duration::from_secs(40 * 60);
/// Other work on the same machine may slow a trial down by much.
const SHORTEST_LIMIT: Duration = Duration::from_secs(100);

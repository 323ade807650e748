use std::fs::File;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};

use super::copy::Copy;
use crate::process;

/// Commands that build the copy, and commands that test it.
#[derive(Debug)]
pub(super) struct Trial {
    builds: Vec<String>,
    tests: Vec<String>,
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
    pub(super) fn new(builds: &[&str], tests: &[&str]) -> Self {
        let owned = |list: &[&str]| list.iter().map(|line| (*line).to_owned()).collect();
        Self { builds: owned(builds), tests: owned(tests) }
    }

    /// Runs it all; `usual` is how long that takes without a mistake.
    pub(super) fn run(&self, copy: &Copy, usual: Option<Duration>) -> Result<Verdict> {
        let mut log = File::create(copy.log()).context("the log cannot be written")?;
        for line in &self.builds {
            if ended(copy, line, LONGEST_BUILD, &mut log)? != Some(true) {
                return Ok(Verdict::NotBuilt);
            }
        }
        let limit = usual.map_or(LONGEST_BUILD, |usual| SHORTEST_LIMIT.max(3 * usual));
        for line in &self.tests {
            match ended(copy, line, limit, &mut log)? {
                Some(true) => {}
                Some(false) => return Ok(Verdict::Killed),
                None => return Ok(Verdict::Endless),
            }
        }
        Ok(Verdict::Survived)
    }
}

/// Whether a command succeeded; `None` if it did not end.
fn ended(copy: &Copy, line: &str, limit: Duration, log: &mut File) -> Result<Option<bool>> {
    let mut words = line.split_whitespace();
    let mut command: Command = process::command(words.next().unwrap_or_default(), copy.root());
    command.args(words).env("CARGO_TARGET_DIR", copy.build());
    command.stdout(Stdio::from(log.try_clone()?)).stderr(Stdio::from(log.try_clone()?));
    let running = process::Running::start(&mut command)?;
    Ok(running.wait(limit).ok().map(|status| status.success()))
}

const LONGEST_BUILD: Duration = Duration::from_secs(30 * 60);
/// Other work on the same machine may slow a trial down by much.
const SHORTEST_LIMIT: Duration = Duration::from_secs(120);

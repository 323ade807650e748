//! Fuzzing with libFuzzer's coverage guidance, on stable Rust: what `cargo fuzz` does, without its nightly sanitizers.

mod seeds;

use std::fs::{self, File};
use std::num::NonZero;
use std::path::Path;
use std::process::{ExitCode, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use clap::Args;

use super::Tally;
use crate::process;
use crate::setup;
use crate::workspace::{Workspace, files_below};

/// Options of `fuzz`.
#[derive(Debug, Args)]
pub(crate) struct FuzzOptions {
    /// How long, in minutes: each target gets an equal share
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=160))]
    pub(crate) minutes: u64,
    /// The targets to run [default: all]
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(TARGETS))]
    pub(crate) targets: Vec<String>,
}

/// Fuzzes for as long as is asked.
pub(crate) fn run(workspace: &Workspace, options: &FuzzOptions) -> Result<ExitCode> {
    let targets: Vec<&str> = match options.targets.as_slice() {
        [] => TARGETS.to_vec(),
        named => named.iter().map(String::as_str).collect(),
    };
    let total = Duration::from_secs(60 * options.minutes * at_once() as u64);
    fuzz(workspace, &targets, total).map(|_| ExitCode::SUCCESS)
}

/// Runs every target for its share of `total`, which is a processor's time.
pub(super) fn run_for(workspace: &Workspace, total: Duration) -> Result<Tally> {
    fuzz(workspace, &TARGETS, total)
}

/// The programs in `fuzz/targets`.
const TARGETS: [&str; 9] =
    ["frame", "config", "audio", "session", "json", "token", "close", "time", "simulator"];

/// What makes the compiler report which way the program went.
const COVERAGE: &str = "--cfg fuzzing -Cpasses=sancov-module -Ccodegen-units=1 \
    -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table";

/// What the targets find interesting is kept, so that the next run goes on there. What once broke one is in
/// `fuzz/crashes`, and is tried first.
fn fuzz(workspace: &Workspace, targets: &[&str], total: Duration) -> Result<Tally> {
    setup::ensure_cxx(workspace)?;
    let host = host(workspace)?;
    let made = workspace.made("fuzz");
    let mut build = setup::cargo(workspace);
    build.args(["build", "--package", "gemini-live-fuzz", "--profile", "fuzz", "--target", &host]);
    build.env("RUSTFLAGS", COVERAGE).env("CARGO_TARGET_DIR", &made);
    process::run(&mut build).context("the fuzz targets do not build")?;

    seeds::write_dictionary(workspace, &made.join("words.dict"))?;
    let seconds = (total.as_secs() / targets.len() as u64).max(1);
    let programs = made.join(&host).join("fuzz");
    for group in targets.chunks(at_once()) {
        thread::scope(|scope| {
            let run = |target: &&str| try_out(workspace, &programs.join(*target), target, seconds);
            let running: Vec<_> = group.iter().map(|target| scope.spawn(move || run(target))).collect();
            let ended = running.into_iter().map(|one| one.join().unwrap_or_else(|_| Err(anyhow!("a panic"))));
            ended.collect::<Result<()>>()
        })?;
    }
    Ok(Tally { checks: targets.len() as u64, ..Tally::default() })
}

/// How many targets run at once: each keeps a processor busy.
fn at_once() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Has a target try what once broke it, and then look for more.
fn try_out(workspace: &Workspace, program: &Path, target: &str, seconds: u64) -> Result<()> {
    let crashes = files_below(&workspace.path(&format!("fuzz/crashes/{target}")));
    if !crashes.is_empty() {
        let mut again = process::command(program, workspace.root());
        process::run(again.args(&crashes).arg("-verbosity=0"))
            .with_context(|| format!("what once broke the fuzz target `{target}` breaks it again"))?;
    }
    seeds::write_seeds(workspace, target, &workspace.made("fuzz/seeds").join(target))?;
    let growth = explore(workspace, program, target, seconds)?;
    println!("   {target:<9} {seconds:>4} s  {growth}, {} kept crashes", crashes.len());
    Ok(())
}

/// Lets one target look for input that breaks it.
fn explore(workspace: &Workspace, program: &Path, target: &str, seconds: u64) -> Result<Growth> {
    let made = workspace.made("fuzz");
    let corpus = made.join("corpus").join(target);
    fs::create_dir_all(&corpus).with_context(|| format!("{} cannot be made", corpus.display()))?;
    let path = made.join(format!("{target}.log"));
    let log = File::create(&path).with_context(|| format!("{} cannot be written", path.display()))?;
    let mut fuzz = process::command(program, workspace.root());
    fuzz.arg(&corpus).arg(made.join("seeds").join(target));
    fuzz.arg(format!("-dict={}", made.join("words.dict").display()));
    fuzz.arg(format!("-max_total_time={seconds}")).args([
        "-timeout=10",
        "-rss_limit_mb=2048",
        "-max_len=16384",
    ]);
    fuzz.arg(format!("-artifact_prefix={}/{target}-", made.display()));
    fuzz.stdout(Stdio::from(log.try_clone()?)).stderr(Stdio::from(log));
    let status = process::Running::start(&mut fuzz)?.wait(Duration::from_secs(seconds) + SLACK)?;
    let said = fs::read(&path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    if !status.success() {
        // What it says last is what broke.
        let last: Vec<&str> = said.lines().rev().take(30).collect();
        last.iter().rev().for_each(|line| println!("   {line}"));
        return Err(anyhow!(
            "the fuzz target `{target}` failed; its input is {}/{target}-…: keep it in fuzz/crashes/{target}",
            made.display()
        ));
    }
    let growth = Growth::read(&said);
    growth
        .filter(|growth| growth.executions > 0)
        .ok_or_else(|| anyhow!("the fuzz target `{target}` tried nothing"))
}

/// Reading a large corpus, and a machine that has other work.
const SLACK: Duration = Duration::from_secs(10 * 60);

/// What a run tried and what it came upon.
#[derive(Debug, PartialEq, Eq)]
struct Growth {
    executions: u64,
    /// Edges of the program that were gone along, at the beginning and in the end.
    before: u64,
    after: u64,
}

impl Growth {
    /// Of libFuzzer's lines: `#2 INITED cov: 12 ft: 13 …` and `#9 DONE cov: 14 …`.
    fn read(said: &str) -> Option<Self> {
        let line = |word: &str| said.lines().rev().find(|line| line.split_whitespace().nth(1) == Some(word));
        let covered = |line: &str| line.split_once("cov: ")?.1.split_whitespace().next()?.parse().ok();
        let done = line("DONE")?;
        let executions = done.split_whitespace().next()?.strip_prefix('#')?.parse().ok()?;
        Some(Self { executions, before: covered(line("INITED")?)?, after: covered(done)? })
    }
}

impl std::fmt::Display for Growth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:>9} executions, coverage {} → {}", self.executions, self.before, self.after)
    }
}

/// This machine's target: named explicitly, build scripts are spared the flags.
fn host(workspace: &Workspace) -> Result<String> {
    let about = process::ask(process::command("rustc", workspace.root()).arg("-vV"));
    let host = about.as_deref().and_then(|text| text.lines().find_map(|line| line.strip_prefix("host: ")));
    host.map(str::to_owned).context("`rustc -vV` does not say what machine this is")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_read_from_what_libfuzzer_says() {
        let said = "INFO: Seed: 1\n#2\tINITED cov: 12 ft: 13 corp: 1/1b exec/s: 0 rss: 30Mb\n\
            #8\tNEW    cov: 13 ft: 14 corp: 2/2b\n#900\tDONE   cov: 20 ft: 40 corp: 9/80b\nDone 900 runs\n";
        assert_eq!(Growth::read(said), Some(Growth { executions: 900, before: 12, after: 20 }));
        assert_eq!(Growth::read("INFO: nothing"), None);
    }
}

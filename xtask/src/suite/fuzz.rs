//! Fuzzing with libFuzzer's coverage guidance, on stable Rust: what `cargo fuzz` does, without its nightly sanitizers.

use std::fs;
use std::process::ExitCode;
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
    /// How long, all targets together
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=160))]
    pub(crate) minutes: u64,
}

/// Fuzzes for as long as is asked.
pub(crate) fn run(workspace: &Workspace, options: &FuzzOptions) -> Result<ExitCode> {
    run_for(workspace, Duration::from_secs(60 * options.minutes)).map(|_| ExitCode::SUCCESS)
}

/// The programs in `fuzz/targets`.
const TARGETS: [&str; 5] = ["frame", "config", "audio", "session", "json"];

/// What makes the compiler report which way the program went.
const COVERAGE: &str = "--cfg fuzzing -Cpasses=sancov-module -Ccodegen-units=1 \
    -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table";

/// Runs every target for its share of `total`. What they find interesting is kept, so that the next run goes on there.
pub(super) fn run_for(workspace: &Workspace, total: Duration) -> Result<Tally> {
    setup::ensure_cxx(workspace)?;
    let host = host(workspace)?;
    let made = workspace.made("fuzz");
    let mut build = setup::cargo(workspace);
    build.args(["build", "--package", "gemini-live-fuzz", "--profile", "fuzz", "--target", &host]);
    build.env("RUSTFLAGS", COVERAGE).env("CARGO_TARGET_DIR", &made);
    process::run(&mut build).context("the fuzz targets do not build")?;

    let seconds = (total.as_secs() / TARGETS.len() as u64).max(1);
    let mut tally = Tally::default();
    for target in TARGETS {
        println!("   {target}: {seconds} s");
        let corpus = made.join("corpus").join(target);
        fs::create_dir_all(&corpus).with_context(|| format!("{} cannot be made", corpus.display()))?;
        let mut fuzz = process::command(made.join(&host).join("fuzz").join(target), workspace.root());
        fuzz.arg(&corpus).arg(format!("-max_total_time={seconds}")).arg("-verbosity=0");
        fuzz.args(["-timeout=10", "-rss_limit_mb=2048"]);
        fuzz.arg(format!("-artifact_prefix={}/{target}-", made.display()));
        process::run(&mut fuzz).with_context(|| {
            format!("the fuzz target `{target}` failed; its input is in {}", made.display())
        })?;
        if files_below(&corpus).is_empty() {
            return Err(anyhow!("the fuzz target `{target}` tried nothing"));
        }
        tally += Tally::CHECK;
    }
    Ok(tally)
}

/// This machine's target: named explicitly, build scripts are spared the flags.
fn host(workspace: &Workspace) -> Result<String> {
    let about = process::ask(process::command("rustc", workspace.root()).arg("-vV"));
    let host = about.as_deref().and_then(|text| text.lines().find_map(|line| line.strip_prefix("host: ")));
    host.map(str::to_owned).context("`rustc -vV` does not say what machine this is")
}

//! What can be asked for on the command line.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Result, anyhow};
use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::server::{Isolation, Mount};
use crate::suite::Part;

/// Reads the command line. `None` means that help was asked for and has been printed.
pub(crate) fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Option<Task>> {
    match Arguments::try_parse_from(words) {
        Ok(arguments) => Ok(Some(arguments.task)),
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp) => {
            print!("{error}");
            Ok(None)
        }
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand) => {
            print!("{error}");
            Err(anyhow!("name a task: demo, test, package or fuzz"))
        }
        Err(error) => Err(anyhow!("{} (see `cargo xtask --help`)", first_line(&error.to_string()))),
    }
}

fn first_line(text: &str) -> &str {
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or(text);
    line.strip_prefix("error: ").unwrap_or(line)
}

#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    about = "The tasks of gemini-live-web",
    disable_help_subcommand = true
)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

/// A task, with its options.
#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Builds the package and serves the demo page, with the simulator or with the service (GEMINI_API_KEY)
    Demo(DemoOptions),
    /// Runs every test, or the named parts, setting up what they need
    Test(TestOptions),
    /// Builds and packs target/npm/gemini-live-web-<version>.tgz and says what it weighs
    Package(PackageOptions),
    /// Looks for input that breaks anything, for as long as is asked
    Fuzz(FuzzOptions),
    /// Serves the demo page and nothing else: what the end-to-end tests start
    #[command(hide = true)]
    Serve(ServeOptions),
}

/// Options of `demo`.
#[derive(Debug, Args)]
pub(crate) struct DemoOptions {
    /// The port to listen on, at 127.0.0.1; 0 takes any free one [default: 8080, with --check 0]
    #[arg(long)]
    pub(crate) port: Option<u16>,
    /// Whether the page is cross-origin isolated (COOP and COEP headers, SharedArrayBuffer) or not
    #[arg(long, value_enum, default_value_t = Isolation::Isolated)]
    pub(crate) headers: Isolation,
    /// Instead of serving a person: one exchange in headless Chromium with this WAV file as its microphone
    #[arg(long, value_name = "FILE.wav")]
    pub(crate) check: Option<PathBuf>,
}

/// Options of `test`.
#[derive(Debug, Args)]
pub(crate) struct TestOptions {
    /// The parts to run [default: all]
    #[arg(value_enum)]
    pub(crate) parts: Vec<Part>,
    /// Ends at the first part that fails
    #[arg(long)]
    pub(crate) fail_fast: bool,
}

/// Options of `package`.
#[derive(Debug, Args)]
pub(crate) struct PackageOptions {
    /// Builds without optimisation and with names, for debugging in the browser
    #[arg(long)]
    pub(crate) dev: bool,
    /// Fails when the package weighs more than target T1 allows
    #[arg(long, conflicts_with = "dev")]
    pub(crate) strict_size: bool,
}

/// Options of `fuzz`.
#[derive(Debug, Args)]
pub(crate) struct FuzzOptions {
    /// How long, all targets together
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=160))]
    pub(crate) minutes: u64,
}

/// Options of `serve`.
#[derive(Debug, Args)]
pub(crate) struct ServeOptions {
    /// The port to listen on, at 127.0.0.1; 0 takes any free one
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// Whether the page is cross-origin isolated or not
    #[arg(long, value_enum, default_value_t = Isolation::Isolated)]
    pub(crate) headers: Isolation,
    /// A directory to look in before the demo's own, or PREFIX=DIR to serve it under a prefix such as /fixtures/
    #[arg(long = "root", value_name = "[PREFIX=]DIR")]
    pub(crate) roots: Vec<Mount>,
}

impl ValueEnum for Part {
    fn value_variants<'a>() -> &'a [Self] {
        Self::ALL
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(clap::builder::PossibleValue::new(self.name()).help(self.purpose()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Option<Task>> {
        parse(std::iter::once("xtask").chain(line.split_whitespace()).map(OsString::from))
    }

    #[test]
    fn parts_are_run_in_the_order_asked_for() {
        let Ok(Some(Task::Test(options))) = read("test e2e native --fail-fast") else {
            panic!("not a test task")
        };
        assert_eq!(options.parts, [Part::E2e, Part::Native]);
        assert!(options.fail_fast);
    }

    #[test]
    fn the_demo_is_isolated_unless_told_otherwise() {
        let Ok(Some(Task::Demo(options))) = read("demo") else { panic!("not a demo task") };
        assert_eq!((options.headers, options.port), (Isolation::Isolated, None));
        let Ok(Some(Task::Demo(options))) = read("demo --headers plain --port 0") else {
            panic!("not a demo task")
        };
        assert_eq!((options.headers, options.port), (Isolation::Plain, Some(0)));
    }

    #[test]
    fn a_mistyped_option_is_one_line_that_points_to_the_help() {
        for line in ["demo --prot 80", "test browsers", "demo --port 99999", "fly", ""] {
            let error = read(line).expect_err(line).to_string();
            assert_eq!(error.lines().count(), 1, "{error}");
        }
        let error = read("test browsers").expect_err("no such part").to_string();
        assert!(error.contains("browsers") && error.contains("--help"), "{error}");
    }

    #[test]
    fn a_root_may_carry_a_prefix() {
        let Ok(Some(Task::Serve(options))) = read("serve --root src --root /fixtures/=src/server") else {
            panic!("not a serve task")
        };
        let prefixes: Vec<_> = options.roots.iter().map(|mount| mount.prefix.as_str()).collect();
        assert_eq!(prefixes, ["/", "/fixtures/"]);
    }
}

//! The command line: which tasks there are. What can be said to a task is declared by that task.

use std::ffi::OsString;

use anyhow::{Result, anyhow};
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};

use crate::bench::BenchOptions;
use crate::demo::DemoOptions;
use crate::mutants::MutantsOptions;
use crate::package::PackageOptions;
use crate::server::ServeOptions;
use crate::suite::TestOptions;
use crate::suite::fuzz::FuzzOptions;
use crate::suite::soak::SoakOptions;

/// Reads the command line. `None` means that help was asked for and has been printed.
pub(crate) fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Option<Task>> {
    let words: Vec<_> = words.into_iter().collect();
    match Arguments::try_parse_from(&words) {
        Ok(arguments) => Ok(Some(arguments.task)),
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp) => {
            print!("{error}");
            Ok(None)
        }
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand) => {
            print!("{error}");
            Err(anyhow!("name a task: demo, test, package, bench, fuzz, soak or mutants"))
        }
        Err(error) => Err(anyhow!("{} (see `{}`)", complaint(&error.to_string()), help_for(words.get(1)))),
    }
}

/// What clap says is wrong, and what it takes instead, as one line: without its usage, which the help shows as well.
fn complaint(text: &str) -> String {
    let is_complaint =
        |line: &&str| !["Usage:", "For more information"].iter().any(|end| line.starts_with(end));
    let lines: Vec<_> = text.lines().take_while(is_complaint).collect();
    let line = lines.join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
    line.strip_prefix("error: ").unwrap_or(&line).to_owned()
}

/// How to ask for the help of the task that was named, if there is such a task.
fn help_for(task: Option<&OsString>) -> String {
    let command = Arguments::command();
    let known = task.and_then(|name| command.find_subcommand(name)).map(clap::Command::get_name);
    known.map_or_else(|| "cargo xtask --help".to_owned(), |name| format!("cargo xtask {name} --help"))
}

#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    about = "Builds, tests and shows gemini-live-web. What a task needs is installed, or asked for in one line.",
    disable_help_subcommand = true
)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

/// A task, with its options.
#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Serve the demo page, which talks to a built-in simulator, or to the service if GEMINI_API_KEY is set
    Demo(DemoOptions),
    /// Run every test, or the named parts
    Test(TestOptions),
    /// Build and pack the npm package, target/npm/gemini-live-web-<version>.tgz, and say what it weighs
    Package(PackageOptions),
    /// Measure the packed package beside its peers, in one browser against one local server, and write target/bench/index.html
    Bench(BenchOptions),
    /// Look for input that breaks anything, by libFuzzer, for as many minutes as are asked for
    Fuzz(FuzzOptions),
    /// Have sessions go from connection to connection for minutes, and follow every sample of them
    Soak(SoakOptions),
    /// Test the tests: plant one mistake at a time in a copy of the code, and see whether any test fails (takes hours)
    Mutants(MutantsOptions),
    /// Serve the demo page and nothing else: what the end-to-end tests start
    #[command(hide = true)]
    Serve(ServeOptions),
    /// A sound card for a Firefox, for as long as standard input is open: what the end-to-end tests start
    #[command(hide = true)]
    Sound,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::Isolation;
    use crate::suite::Part;

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
    fn parts_can_be_left_out() {
        let Ok(Some(Task::Test(options))) = read("test --skip fuzz --skip consumers") else {
            panic!("not a test task")
        };
        assert_eq!(options.skipped, [Part::Fuzz, Part::Consumers]);
        assert!(options.parts.is_empty());
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
        let error = read("demo --prot 80").expect_err("no such option").to_string();
        assert!(error.contains("--port") && error.ends_with("(see `cargo xtask demo --help`)"), "{error}");
    }

    #[test]
    fn a_mistyped_part_is_answered_with_those_there_are() {
        let error = read("test browsers").expect_err("no such part").to_string();
        assert!(Part::ALL.iter().all(|part| error.contains(part.name())), "{error}");
        assert!(error.contains("'browsers'") && error.contains("cargo xtask test --help"), "{error}");
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

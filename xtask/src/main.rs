//! The project's tasks: `cargo xtask demo | test | package | fuzz`.
//!
//! The same program is `wasm-bindgen` and `wasm-bindgen-test-runner` when it is started under one of those names
//! (see [`toolbox`]): the tools come out of the workspace's `Cargo.lock`, so they cannot be of another version than
//! the crate they work on.

mod arguments;
mod demo;
mod package;
mod process;
mod server;
mod setup;
mod suite;
mod toolbox;
mod workspace;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;

use crate::arguments::Task;
use crate::workspace::Workspace;

fn main() -> ExitCode {
    let outcome = match toolbox::impersonated() {
        Some(tool) => tool.run(),
        None => run(),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {}", one_line(&error));
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<ExitCode> {
    let Some(task) = arguments::parse(std::env::args_os())? else { return Ok(ExitCode::SUCCESS) };
    process::end_children_with_us()?;
    let workspace = Workspace::find()?;
    match task {
        Task::Demo(options) => demo::run(&workspace, &options),
        Task::Test(options) => suite::run(&workspace, &options),
        Task::Package(options) => package::run(&workspace, &options),
        Task::Fuzz(options) => {
            suite::fuzz::run(&workspace, Duration::from_secs(60 * options.minutes)).map(|_| ExitCode::SUCCESS)
        }
        Task::Serve(options) => server::run(&workspace, &options),
    }
}

/// An error and its causes as one line, which is what a person reads at the end of a long log.
fn one_line(error: &anyhow::Error) -> String {
    format!("{error:#}").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::one_line;

    #[test]
    fn an_error_with_causes_is_one_line() {
        let error = anyhow!("first\n  cause").context("what failed");
        assert_eq!(one_line(&error), "what failed: first cause");
    }
}

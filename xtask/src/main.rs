//! The project's tasks: `cargo xtask demo | test | package | bench | fuzz | soak | mutants`.
//!
//! The same program is `wasm-bindgen` and `wasm-bindgen-test-runner` when it is started under one of those names
//! (see [`toolbox`]): the tools come out of the workspace's `Cargo.lock`, so they cannot be of another version than
//! the crate they work on.

mod arguments;
mod bench;
mod demo;
mod mutants;
mod package;
mod process;
#[cfg(test)]
mod published;
mod report;
mod server;
mod setup;
mod suite;
mod toolbox;
mod workspace;

use std::process::ExitCode;

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
            eprintln!("error: {}", report::one_line(&error));
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
        Task::Bench(options) => bench::run(&workspace, &options),
        Task::Fuzz(options) => suite::fuzz::run(&workspace, &options),
        Task::Soak(options) => suite::soak::run(&workspace, &options),
        Task::Mutants(options) => mutants::run(&workspace, &options),
        Task::Serve(options) => server::run(&workspace, &options),
        Task::Sound => suite::sound::run(&workspace),
    }
}

//! Mutants that others find: cargo-mutants in Rust, `operators.mjs` in JavaScript.

use std::fs;

use anyhow::{Context, Result, anyhow};
use serde_json::Value;

use super::copy::Copy;
use super::edit::{Mutant, byte_at};
use crate::process;
use crate::setup;
use crate::workspace::Workspace;

/// What cargo-mutants would change in these files.
pub(super) fn by_cargo_mutants(copy: &Copy, files: &[&str]) -> Result<Vec<Mutant>> {
    let mut command = setup::cargo_mutants(copy.of())?;
    command.current_dir(copy.tree().root()).args(["--list", "--json"]);
    for file in files {
        command.args(["--file", file]);
    }
    let list = process::ask(&mut command).context("cargo-mutants lists nothing")?;
    let list: Vec<Value> =
        serde_json::from_str(&list).context("cargo-mutants lists something else than JSON")?;
    let mutants: Result<Vec<_>> = list.iter().map(|found| of_cargo_mutants(copy.tree(), found)).collect();
    // It does not see that whole modules are tests.
    mutants.map(|mutants| mutants.into_iter().filter(|mutant| !mutant.file.contains("tests")).collect())
}

fn of_cargo_mutants(tree: &Workspace, found: &Value) -> Result<Mutant> {
    let text =
        |name: &str| found[name].as_str().map(str::to_owned).ok_or_else(|| anyhow!("no `{name}` in {found}"));
    let file = text("file")?;
    let source = fs::read_to_string(tree.path(&file)).with_context(|| format!("cannot read {file}"))?;
    let place = |end: &str| {
        let at = |name: &str| found["span"][end][name].as_u64().map(|number| number as usize);
        byte_at(&source, at("line")?, at("column")?)
    };
    let (start, end) = place("start").zip(place("end")).ok_or_else(|| anyhow!("no place in {found}"))?;
    Ok(Mutant { name: text("name")?, file, start, end, text: text("replacement")? })
}

/// What may be changed in the JavaScript below these directories.
pub(super) fn in_scripts(copy: &Copy, directories: &[&str]) -> Result<Vec<Mutant>> {
    setup::ensure_npm_packages(copy.of())?;
    let mut command = setup::node_command(copy.of());
    command.arg(copy.of().path("xtask/src/mutants/operators.mjs")).arg(copy.tree().root()).args(directories);
    let list = process::ask(&mut command).context("no mutants of the scripts could be found")?;
    let list: Vec<Value> =
        serde_json::from_str(&list).context("operators.mjs says something else than JSON")?;
    let mutants = list.iter().map(|found| {
        let text = |name: &str| found[name].as_str().map(str::to_owned);
        let place = |name: &str| found[name].as_u64().map(|number| number as usize);
        Some(Mutant {
            name: text("name")?,
            file: text("file")?,
            start: place("start")?,
            end: place("end")?,
            text: text("text")?,
        })
    });
    mutants.collect::<Option<_>>().context("operators.mjs left something out")
}

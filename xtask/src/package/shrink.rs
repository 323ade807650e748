//! Makes what a page downloads smaller than wasm-bindgen leaves it, with the same meaning: short names between the glue
//! and the wasm, and scripts without comments and long words. Compressed, a fifth of what is not wasm goes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use serde_json::json;

use crate::process;
use crate::setup;
use crate::workspace::{Workspace, files_below};

/// Gives everything that the wasm imports from the glue and exports to it a short name, in the wasm; [`minify`] does the same to
/// the glue. Those that wasm-bindgen makes up end in a hash, which no compression shortens.
pub(super) fn shorten(package: &Path) -> Result<Names> {
    let path = package.join("gemini_live_web_bg.wasm");
    let mut module = walrus::ModuleConfig::new()
        .generate_name_section(true)
        .generate_producers_section(false)
        .parse_file(&path)
        .context("the package's wasm cannot be read")?;
    let mut names = Names::default();
    for (import, short) in module.imports.iter_mut().zip(short_names()) {
        names.shorten(&mut import.name, short)?;
    }
    for (export, short) in module.exports.iter_mut().zip(short_names()) {
        names.shorten(&mut export.name, short)?;
    }
    module.emit_wasm_file(&path).context("the package's wasm cannot be written")?;
    Ok(names)
}

/// What the wasm's imports and exports were called, and are called now.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeMap<String, String>);

impl Names {
    /// Takes the short name, unless the long one could be somebody else's property too: no name of JavaScript's own has an
    /// underscore in it, and wasm-bindgen's have, but for a few such as `memory`.
    fn shorten(&mut self, name: &mut String, short: String) -> Result<()> {
        if !name.contains('_') {
            return Ok(());
        }
        let long = std::mem::replace(name, short.clone());
        match self.0.insert(long, short) {
            None => Ok(()),
            Some(_) => Err(anyhow!("the wasm imports and exports the same name: has wasm-bindgen changed?")),
        }
    }

    /// A name that is still in a script: the wasm does not have it any more.
    fn left_in<'a>(&'a self, script: &str) -> Option<&'a str> {
        let mut words = script.split(|letter| !is_word(letter));
        words.find_map(|word| self.0.get_key_value(word)).map(|(name, _)| name.as_str())
    }
}

/// Takes comments, spaces, long local names and the wasm's long names out of the scripts.
pub(super) fn minify(workspace: &Workspace, package: &Path, names: &Names) -> Result<()> {
    let mut scripts = files_below(package);
    scripts.retain(|file| file.extension().is_some_and(|extension| extension == "js"));
    let mut node = setup::node_command(workspace);
    node.args(["--input-type=module", "--eval", include_str!("minify.js"), "--"]);
    node.arg(json!(names.0).to_string()).args(&scripts);
    process::ask(&mut node).context("terser cannot minify the package's scripts")?;
    for script in scripts {
        let text =
            fs::read_to_string(&script).with_context(|| format!("{} cannot be read", script.display()))?;
        if let Some(name) = names.left_in(&text) {
            return Err(anyhow!(
                "{} still says `{name}`, which the wasm calls otherwise now",
                script.display()
            ));
        }
    }
    Ok(())
}

/// a, b, … z, aa, ba, … without end.
fn short_names() -> impl Iterator<Item = String> {
    (0_usize..).map(|number| {
        let mut name = String::new();
        let mut rest = number;
        loop {
            name.push(char::from(b'a' + (rest % 26) as u8));
            if rest < 26 {
                return name;
            }
            rest = rest / 26 - 1;
        }
    })
}

fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_' || letter == '$'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(long: &[&str]) -> Result<(Names, Vec<String>)> {
        let mut names = Names::default();
        let mut now: Vec<_> = long.iter().map(|name| (*name).to_owned()).collect();
        for (name, short) in now.iter_mut().zip(short_names()) {
            names.shorten(name, short)?;
        }
        Ok((names, now))
    }

    #[test]
    fn only_names_that_nobody_else_can_have_become_short() {
        let (_, now) = names(&["__wbg_now_01", "memory", "session_close", "drive"]).expect("names");
        assert_eq!(now, ["a", "memory", "c", "drive"]);
        assert!(names(&["a_b", "c_d", "a_b"]).is_err());
    }

    #[test]
    fn a_name_that_the_wasm_no_longer_has_is_found_in_whatever_form() {
        let (names, _) = names(&["__wbg_now_01", "session_close"]).expect("names");
        for script in
            ["wasm.session_close(1)", "wasm[\"session_close\"]()", "const { session_close: a } = wasm;"]
        {
            assert_eq!(names.left_in(script), Some("session_close"), "{script}");
        }
        assert_eq!(names.left_in("my_session_close(); __wbg_now_012(); a.b();"), None);
    }

    #[test]
    fn short_names_do_not_repeat() {
        let names: Vec<_> = short_names().take(2000).collect();
        let mut sorted = names.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!(sorted.len(), names.len());
        assert_eq!((names[0].as_str(), names[25].as_str(), names[26].len()), ("a", "z", 2));
    }
}

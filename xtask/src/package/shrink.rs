//! Makes what a page downloads smaller than wasm-bindgen leaves it, with the same meaning: short names between the glue
//! and the wasm, and scripts without comments and long words. Compressed, a fifth of what is not wasm goes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow};

use crate::process;
use crate::setup;
use crate::workspace::{Workspace, files_below, write};

/// Gives everything that the wasm imports from the glue and exports to it a short name, on both sides. Those that
/// wasm-bindgen makes up end in a hash, which no compression shortens.
pub(super) fn shorten(package: &Path) -> Result<()> {
    let path = package.join("gemini_live_web_bg.wasm");
    let mut module = walrus::ModuleConfig::new()
        .generate_name_section(true)
        .generate_producers_section(false)
        .parse_file(&path)
        .context("the package's wasm cannot be read")?;
    let mut names = Names::default();
    for (import, short) in module.imports.iter_mut().zip(short_names()) {
        names.imports.insert(std::mem::replace(&mut import.name, short.clone()), short);
    }
    for (export, short) in module.exports.iter_mut().zip(short_names()) {
        names.exports.insert(std::mem::replace(&mut export.name, short.clone()), short);
    }
    let glue = package.join("gemini_live_web.js");
    let text = fs::read_to_string(&glue).context("the package's glue cannot be read")?;
    write(&glue, names.put_into_glue(&text)?)?;
    module.emit_wasm_file(&path).context("the package's wasm cannot be written")
}

/// What the wasm's imports and exports were called, and are called now.
#[derive(Debug, Default)]
struct Names {
    imports: BTreeMap<String, String>,
    exports: BTreeMap<String, String>,
}

impl Names {
    /// The glue with the new names. Imports are the keys of an object there, exports the properties of `wasm`.
    fn put_into_glue(&self, glue: &str) -> Result<String> {
        let mut found = 0;
        let mut text = String::with_capacity(glue.len());
        let mut rest = glue;
        while let Some(start) = rest.find(is_word) {
            let (before, from) = rest.split_at(start);
            let (word, after) = from.split_at(from.find(|letter| !is_word(letter)).unwrap_or(from.len()));
            text.push_str(before);
            let is_key = after.starts_with(": ") && before.ends_with("        ");
            let is_property = text.ends_with("wasm.") && !text.ends_with("_wasm.");
            let short = match () {
                () if is_property => self.exports.get(word),
                () if is_key => self.imports.get(word),
                () => None,
            };
            found += usize::from(is_key && short.is_some());
            text.push_str(short.map_or(word, String::as_str));
            rest = after;
        }
        text.push_str(rest);
        if found != self.imports.len() {
            let all = self.imports.len();
            return Err(anyhow!(
                "the glue defines {found} of {all} imports in the form known: has wasm-bindgen changed?"
            ));
        }
        Ok(text)
    }
}

/// Takes comments, spaces and long local names out of the scripts.
pub(super) fn minify(workspace: &Workspace, package: &Path) -> Result<()> {
    let mut scripts = files_below(package);
    scripts.retain(|file| file.extension().is_some_and(|extension| extension == "js"));
    let mut node = setup::node_command(workspace);
    node.args(["--input-type=module", "--eval", include_str!("minify.js"), "--"]).args(scripts);
    process::ask(&mut node).context("terser cannot minify the package's scripts").map(|_| ())
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

    fn names() -> Names {
        let map = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(long, short)| ((*long).to_owned(), (*short).to_owned())).collect()
        };
        Names {
            imports: map(&[("__wbg_now_01", "a")]),
            exports: map(&[("session_close", "a"), ("drive", "b")]),
        }
    }

    #[test]
    fn both_sides_get_the_same_names() {
        let glue = "const import0 = {\n        __wbg_now_01: function() { return Date.now(); },\n};\n\
            close() { wasm.session_close(this.__wbg_ptr); drive(); wasm.drive(); my_wasm.drive(); }";
        let expected = "const import0 = {\n        a: function() { return Date.now(); },\n};\n\
            close() { wasm.a(this.__wbg_ptr); drive(); wasm.b(); my_wasm.drive(); }";
        assert_eq!(names().put_into_glue(glue).expect("known"), expected);
    }

    #[test]
    fn glue_of_another_form_is_refused_not_broken() {
        assert!(names().put_into_glue("imports.wbg.__wbg_now_01 = () => 0;").is_err());
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

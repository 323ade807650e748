//! The package's `package.json`.

use anyhow::{Context, Result};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::contents::COPY_ASSETS;
use crate::process;
use crate::setup;
use crate::workspace::{PACKAGE_NAME, Workspace, version};

/// Where the sources are.
pub(super) const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// The manifest.
pub(super) fn text(workspace: &Workspace) -> Result<String> {
    with(&description(workspace)?)
}

fn with(description: &str) -> Result<String> {
    let git = ["git+", REPOSITORY, ".git"].concat();
    let manifest = Manifest {
        name: PACKAGE_NAME,
        version: version(),
        description,
        license: env!("CARGO_PKG_LICENSE"),
        author: "The gemini-live-web contributors",
        repository: json!({ "type": "git", "url": git }),
        homepage: [REPOSITORY, "#readme"].concat(),
        bugs: [REPOSITORY, "/issues"].concat(),
        keywords: &KEYWORDS,
        r#type: "module",
        main: CODE,
        module: CODE,
        types: TYPES,
        exports: &EXPORTS,
        bin: json!({ "gemini-live-web-assets": COPY_ASSETS }),
        files: &["*.js", "*.d.ts", "*.wasm", "CHANGELOG.md", "LICENSE-*"],
        side_effects: &[CODE, "./inline.js", "./live-worker.js", "./live-audio.js"],
        engines: json!({ "node": ">=20" }),
    };
    Ok(serde_json::to_string_pretty(&manifest)? + "\n")
}

/// In the order in which it is written, which people know.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest<'a> {
    name: &'a str,
    version: &'a str,
    description: &'a str,
    license: &'a str,
    author: &'a str,
    repository: Value,
    homepage: String,
    bugs: String,
    keywords: &'a [&'a str],
    r#type: &'a str,
    main: &'a str,
    module: &'a str,
    types: &'a str,
    #[serde(serialize_with = "in_their_order")]
    exports: &'a [(&'a str, Export)],
    bin: Value,
    files: &'a [&'a str],
    side_effects: &'a [&'a str],
    engines: Value,
}

/// What an address in the package leads to.
#[derive(Serialize)]
#[serde(untagged)]
enum Export {
    /// The types come first: TypeScript takes the first condition that it knows.
    Code {
        types: &'static str,
        default: &'static str,
    },
    Data(&'static str),
}

const fn code(types: &'static str, default: &'static str) -> Export {
    Export::Code { types, default }
}

fn in_their_order<S: Serializer>(exports: &[(&str, Export)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(exports.iter().map(|(path, export)| (path, export)))
}

const CODE: &str = "./gemini_live_web.js";
const TYPES: &str = "./gemini_live_web.d.ts";

const EXPORTS: [(&str, Export); 6] = [
    (".", code(TYPES, CODE)),
    ("./inline", code("./inline.d.ts", "./inline.js")),
    ("./live-audio.js", code("./live-audio.d.ts", "./live-audio.js")),
    ("./live-worker.js", code("./live-worker.d.ts", "./live-worker.js")),
    ("./gemini_live_web_bg.wasm", code("./gemini_live_web_bg.wasm.d.ts", "./gemini_live_web_bg.wasm")),
    ("./package.json", Export::Data("./package.json")),
];

const KEYWORDS: [&str; 9] =
    ["gemini", "live-api", "realtime", "voice", "speech", "websocket", "audio", "wasm", "rust"];

/// The description of the crate, which is that of the package too.
fn description(workspace: &Workspace) -> Result<String> {
    let mut cargo = setup::cargo(workspace);
    cargo.args(["metadata", "--no-deps", "--format-version", "1"]);
    let answer = process::ask(&mut cargo).context("`cargo metadata` does not answer")?;
    let metadata: Value = serde_json::from_str(&answer).context("cargo's answer is not JSON")?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let described = packages.filter(|package| package["name"] == PACKAGE_NAME);
    let description = described.filter_map(|package| package["description"].as_str()).next();
    description.map(str::to_owned).context("the root's Cargo.toml has no description")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(description: &str) -> Value {
        serde_json::from_str(&with(description).expect("written")).expect("json")
    }

    #[test]
    fn the_types_come_before_the_code() {
        let text = with("").expect("written");
        let exports = text.split("\"exports\"").nth(1).expect("exports");
        for export in exports.split("\": {").skip(1).take(5) {
            let (types, code) = (export.find("\"types\""), export.find("\"default\""));
            assert!(types.is_some() && types < code, "{export}");
        }
    }

    #[test]
    fn the_manifest_is_json() {
        let manifest = read("says \"what\" it is");
        assert_eq!(manifest["description"], "says \"what\" it is");
        assert_eq!(manifest["version"], version());
        assert_eq!(manifest["exports"]["./live-audio.js"]["default"], "./live-audio.js");
    }

    #[test]
    fn the_manifest_says_whose_it_is_and_what_it_needs() {
        let manifest = read("");
        assert_eq!(manifest["repository"]["url"], format!("git+{REPOSITORY}.git"));
        for (field, start) in
            [("homepage", REPOSITORY), ("bugs", REPOSITORY), ("author", "The "), ("license", "MIT")]
        {
            assert!(manifest[field].as_str().is_some_and(|text| text.starts_with(start)), "{field}");
        }
        assert_eq!(manifest["engines"]["node"], ">=20");
    }

    #[test]
    fn whatever_runs_when_it_is_imported_has_side_effects() {
        let manifest = read("");
        let named: Vec<_> = manifest["sideEffects"].as_array().expect("a list").iter().collect();
        // Every script that an application can name: a bundler that drops one of them drops the library.
        let exports = manifest["exports"].as_object().expect("exports").values();
        for script in
            exports.filter_map(|export| export["default"].as_str()).filter(|path| path.ends_with(".js"))
        {
            assert!(named.iter().any(|name| *name == script), "{script}");
        }
    }

    #[test]
    fn the_crate_has_a_description() {
        let workspace = Workspace::find().expect("a workspace");
        assert!(description(&workspace).is_ok_and(|text| text.len() > 20));
    }
}

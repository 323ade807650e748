//! The package's `package.json`.

use anyhow::{Context, Result};
use serde_json::json;

use super::contents::COPY_ASSETS;
use crate::workspace::{PACKAGE_NAME, version};

/// Where the sources are.
pub(super) const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// The manifest. Written out, because the order matters: TypeScript takes the first condition of an export that it
/// knows.
pub(super) fn text() -> Result<String> {
    let description = description().context("the root's Cargo.toml has no description")?;
    Ok(with(description))
}

fn with(description: &str) -> String {
    format!(
        r#"{{
  "name": {name},
  "version": {version},
  "description": {description},
  "license": {license},
  "author": "The gemini-live-web contributors",
  "repository": {{ "type": "git", "url": {git} }},
  "homepage": {homepage},
  "bugs": {bugs},
  "keywords": ["gemini", "live-api", "realtime", "voice", "speech", "websocket", "audio", "wasm", "rust"],
  "type": "module",
  "main": "./gemini_live_web.js",
  "module": "./gemini_live_web.js",
  "types": "./gemini_live_web.d.ts",
  "exports": {{
    ".": {{
      "types": "./gemini_live_web.d.ts",
      "default": "./gemini_live_web.js"
    }},
    "./inline": {{
      "types": "./inline.d.ts",
      "default": "./inline.js"
    }},
    "./live-audio.js": {{
      "types": "./live-audio.d.ts",
      "default": "./live-audio.js"
    }},
    "./live-worker.js": {{
      "types": "./live-worker.d.ts",
      "default": "./live-worker.js"
    }},
    "./gemini_live_web_bg.wasm": {{
      "types": "./gemini_live_web_bg.wasm.d.ts",
      "default": "./gemini_live_web_bg.wasm"
    }},
    "./package.json": "./package.json"
  }},
  "bin": {{ "gemini-live-web-assets": {bin} }},
  "files": ["*.js", "*.d.ts", "*.wasm", "CHANGELOG.md", "LICENSE-*"],
  "sideEffects": ["./gemini_live_web.js", "./inline.js", "./live-worker.js", "./live-audio.js"],
  "engines": {{ "node": ">=20" }}
}}
"#,
        name = json!(PACKAGE_NAME),
        version = json!(version()),
        description = json!(description),
        license = json!(env!("CARGO_PKG_LICENSE")),
        git = json!(["git+", REPOSITORY, ".git"].concat()),
        homepage = json!([REPOSITORY, "#readme"].concat()),
        bugs = json!([REPOSITORY, "/issues"].concat()),
        bin = json!(COPY_ASSETS),
    )
}

/// The description of the crate, which is that of the package too.
fn description() -> Option<&'static str> {
    let package = include_str!("../../../Cargo.toml").split("[package]").nth(1)?;
    let line = package.lines().find_map(|line| line.strip_prefix("description = \""))?;
    line.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_types_come_before_the_code() {
        let text = with("");
        let exports = text.split("\"exports\"").nth(1).expect("exports");
        for export in exports.split("\": {").skip(1).take(5) {
            assert!(export.find("\"types\"") < export.find("\"default\""), "{export}");
        }
    }

    #[test]
    fn the_manifest_is_json() {
        let manifest: Value = serde_json::from_str(&with("says \"what\" it is")).expect("json");
        assert_eq!(manifest["description"], "says \"what\" it is");
        assert_eq!(manifest["version"], version());
        assert_eq!(manifest["exports"]["./live-audio.js"]["default"], "./live-audio.js");
    }

    #[test]
    fn the_manifest_says_whose_it_is_and_what_it_needs() {
        let manifest: Value = serde_json::from_str(&with("")).expect("json");
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
        let manifest: Value = serde_json::from_str(&with("")).expect("json");
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
        assert!(description().is_some_and(|text| text.len() > 20));
    }
}

//! The package's `package.json`.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::json;

use crate::workspace::{PACKAGE_NAME, files_below, version};

/// The manifest for what lies in `package`.
pub(super) fn of(package: &Path) -> Result<String> {
    let worklet = files_below(package).into_iter().find(|file| file.ends_with("worklets/live-audio.js"));
    let worklet = worklet.as_deref().and_then(|file| file.strip_prefix(package).ok());
    let description = description().context("the root's Cargo.toml has no description")?;
    Ok(with(description, worklet))
}

/// Written out, because the order matters: TypeScript takes the first condition of an export that it knows.
fn with(description: &str, worklet: Option<&Path>) -> String {
    // The worklet's real path carries a hash; an application that sets `workletUrl` needs a name that stays.
    let worklet = worklet
        .map(|path| path.to_string_lossy().replace('\\', "/"))
        .map(|path| format!("\n    \"./live-audio.js\": {},", json!(format!("./{path}"))))
        .unwrap_or_default();
    format!(
        r#"{{
  "name": {name},
  "version": {version},
  "description": {description},
  "license": {license},
  "keywords": ["gemini", "live-api", "realtime", "voice", "websocket", "wasm", "rust"],
  "type": "module",
  "types": "./gemini_live_web.d.ts",
  "exports": {{
    ".": {{
      "types": "./gemini_live_web.d.ts",
      "default": "./gemini_live_web.js"
    }},{worklet}
    "./gemini_live_web_bg.wasm": "./gemini_live_web_bg.wasm",
    "./package.json": "./package.json"
  }},
  "files": ["gemini_live_web.js", "gemini_live_web.d.ts", "gemini_live_web_bg.wasm", "snippets", "CHANGELOG.md", "LICENSE-*"],
  "sideEffects": ["./snippets/*"]
}}
"#,
        name = json!(PACKAGE_NAME),
        version = json!(version()),
        description = json!(description),
        license = json!(env!("CARGO_PKG_LICENSE")),
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

    fn sample() -> String {
        let worklet = Path::new("snippets/gemini-live-web-01/www/worklets/live-audio.js");
        with("says \"what\" it is", Some(worklet))
    }

    #[test]
    fn the_types_come_before_the_code() {
        let text = sample();
        let exports = text.split("\"exports\"").nth(1).expect("exports");
        assert!(exports.find("\"types\"") < exports.find("\"default\""));
    }

    #[test]
    fn the_manifest_is_json_and_names_the_worklet() {
        let manifest: Value = serde_json::from_str(&sample()).expect("json");
        let worklet = "./snippets/gemini-live-web-01/www/worklets/live-audio.js";
        assert_eq!(manifest["exports"]["./live-audio.js"], worklet);
        assert_eq!(manifest["description"], "says \"what\" it is");
        assert_eq!(manifest["version"], version());
    }

    #[test]
    fn the_crate_has_a_description() {
        assert!(description().is_some_and(|text| text.len() > 20));
    }
}

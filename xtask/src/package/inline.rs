//! The package's other files as text in a script, for bundlers that carry scripts alone.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;

use super::contents::INLINE_WORKER;
use crate::workspace::{Workspace, write};

/// Writes `live-inline.js`, from the files as they are in the package by now.
pub(super) fn write_into(workspace: &Workspace, package: &Path) -> Result<()> {
    let read = |name: &str| {
        let file = package.join(name);
        fs::read(&file).with_context(|| format!("cannot read {}", file.display()))
    };
    let text = |name: &str| read(name).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let template = workspace.path("www/package/live-inline.js");
    let template = fs::read_to_string(&template).context("www/package/live-inline.js is missing")?;
    let filled = filled(
        &template,
        &[
            ("@wasm", STANDARD.encode(read("gemini_live_web_bg.wasm")?)),
            ("@worker", text(INLINE_WORKER)?),
            ("@worklet", text("live-audio.js")?),
        ],
    )?;
    write(&package.join("live-inline.js"), filled)?;
    fs::remove_file(package.join(INLINE_WORKER)).context("the inline Worker's script cannot be removed")
}

/// The template with each quoted name replaced by its text, quoted.
fn filled(template: &str, texts: &[(&str, String)]) -> Result<String> {
    let mut script = template.to_owned();
    for (name, text) in texts {
        let place = json!(name).to_string();
        if script.matches(&place).count() != 1 {
            return Err(anyhow!("www/package/live-inline.js does not have {place} once"));
        }
        script = script.replacen(&place, &json!(text).to_string(), 1);
    }
    Ok(script)
}

#[cfg(test)]
mod tests {
    use super::filled;

    #[test]
    fn texts_take_the_places_of_their_names() {
        let texts = [("@a", "say \"@b\"\n".to_owned()), ("@c", "1".to_owned())];
        let script = filled("const A = \"@a\";\nconst C = \"@c\";", &texts).expect("both are there");
        assert_eq!(script, "const A = \"say \\\"@b\\\"\\n\";\nconst C = \"1\";");
        assert!(filled("const A = \"@a\";", &texts).is_err());
    }
}

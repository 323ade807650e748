//! Takes wasm-bindgen's output apart into files that any bundler can carry.
//!
//! wasm-bindgen's glue imports what starts the Worker, and the Worker imports the glue: some bundlers never see the end
//! of that circle. Here the glue becomes a core that names no file; the entry (`www/package`) imports the core and
//! knows where the files are; the Worker imports the core alone.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};

use super::contents;
use crate::workspace::{Workspace, files_below, write};

/// Lays the package's directory out anew, from what wasm-bindgen has put there.
pub(super) fn split(workspace: &Workspace, package: &Path) -> Result<()> {
    let glue = package.join("gemini_live_web.js");
    let snippets = package.join("snippets");
    let core = core_of(&read(&glue)?, |path| read(&package.join(path)))?;
    let worker = worker_of(&read(&only(&snippets, "www/worker/worker.js")?)?)?;
    let worklets = read(&only(&snippets, "www/worklets/live-audio.js")?)?;
    let types = package.join("gemini_live_web.d.ts");
    let own = |name: &str| read(&workspace.path("www/package").join(name));
    write(&types, types_of(&read(&types)?, &own("entry.d.ts")?)?)?;
    let entry = own("entry.js")?;
    let assets = own("live-assets.js")?;
    write(&package.join("inline.js"), replaced(&entry, "\"./live-assets.js\"", "\"./live-inline.js\"")?)?;
    write(&glue, joined(&entry, &assets)?)?;
    write(&package.join(contents::INLINE_WORKER), inline_worker_of(&core, &worker))?;
    write(&package.join("live-core.js"), core)?;
    write(&package.join("live-worker.js"), [WORKER_IMPORT, &worker].concat())?;
    write(&package.join("live-audio.js"), worklets)?;
    write(&package.join("live-loading.js"), own("live-loading.js")?)?;
    for Late { snippet, file, .. } in LATE {
        write(&package.join(file), read(&only(&snippets, snippet)?)?)?;
    }
    fs::remove_dir_all(&snippets).context("the snippets cannot be removed")
}

/// The glue without the files it names: what only a page can know comes through `provide`, and the module is given to
/// it compiled.
fn core_of(glue: &str, snippet: impl Fn(&str) -> Result<String>) -> Result<String> {
    let (glue, _) = glue.split_once(LOADING).with_context(|| unknown("loading"))?;
    let mut core = String::with_capacity(glue.len());
    for line in glue.lines().filter(|line| !line.starts_with("/* @ts-self-types")) {
        if let Some(path) = imported_snippet(line) {
            let text = match path {
                _ if path.ends_with(SPAWN) => PROVIDE.to_owned(),
                _ => match LATE.into_iter().find(|late| path.ends_with(late.snippet)) {
                    Some(late) => late.provided(),
                    None => without_exports(&snippet(path)?),
                },
            };
            core.push_str(&text);
        } else if let Some((indent, path)) = linked_snippet(line) {
            let address = if path.ends_with("/live-audio.js") { "host.workletUrl()" } else { "''" };
            core.push_str(&[indent, "const ret = ", address, ";"].concat());
        } else if line.starts_with(CONTEXT) {
            // Browsers that prefix it have no worklets. In a Worker there is none at all.
            core.push_str(&[CONTEXT, "globalThis.AudioContext;"].concat());
        } else {
            core.push_str(line);
        }
        core.push('\n');
    }
    core.push_str(START);
    let core = replaced(&core, "new lAudioContext(", "host.openContext(")?;
    if core.contains("import.meta") || core.contains("./snippets/") || !core.contains(PROVIDE) {
        return Err(anyhow!(unknown("what it imports")));
    }
    Ok(core)
}

/// `import { a } from './snippets/…';`
fn imported_snippet(line: &str) -> Option<&str> {
    let from = line.strip_prefix("import ")?.split_once(" from './")?.1;
    from.strip_suffix("';").filter(|path| path.starts_with("snippets/"))
}

/// `const ret = new URL('snippets/…', import.meta.url).toString();`, its indent and its path.
fn linked_snippet(line: &str) -> Option<(&str, &str)> {
    let (indent, from) = line.split_once("const ret = new URL('")?;
    Some((indent, from.strip_suffix("', import.meta.url).toString();")?))
}

/// The Worker's script without its import.
fn worker_of(script: &str) -> Result<String> {
    replaced(script, "import * as glue from \"../../../../gemini_live_web.js\";\n", "")
}

/// The Worker and all it needs in one script, for a Worker that is made from text.
fn inline_worker_of(core: &str, worker: &str) -> String {
    [&without_exports(core), WORKER_GLUE, worker].concat()
}

/// A script whose names are for itself alone.
fn without_exports(script: &str) -> String {
    let lines = script.lines().filter(|line| !line.starts_with("export {"));
    let own = lines.map(|line| {
        let rest = line.strip_prefix("export ").unwrap_or(line);
        rest.strip_prefix("default ").unwrap_or(rest)
    });
    own.flat_map(|line| [line, "\n"]).collect()
}

/// The entry with its assets in it: one request less for every page.
fn joined(entry: &str, assets: &str) -> Result<String> {
    let entry = replaced(entry, "import * as assets from \"./live-assets.js\";\n", "")?;
    Ok([&entry, &without_exports(assets), ASSETS].concat())
}

/// The types of the crate, with the entry's own in place of wasm-bindgen's for loading.
fn types_of(types: &str, entry: &str) -> Result<String> {
    let (types, _) = types.split_once("export type InitInput").with_context(|| unknown("its types"))?;
    Ok([types, entry].concat())
}

fn replaced(text: &str, from: &str, to: &str) -> Result<String> {
    match text.matches(from).count() {
        1 => Ok(text.replacen(from, to, 1)),
        count => Err(anyhow!("{} is there {count} times, not once", from.trim())),
    }
}

fn only(directory: &Path, ending: &str) -> Result<PathBuf> {
    let mut found = files_below(directory).into_iter().filter(|file| file.ends_with(ending));
    match (found.next(), found.next()) {
        (Some(file), None) => Ok(file),
        _ => Err(anyhow!("wasm-bindgen does not ship {ending} once")),
    }
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

fn unknown(what: &str) -> String {
    format!("the glue is not of the form known in {what}: has wasm-bindgen changed?")
}

/// Where the glue's own loading begins, which the entry does instead.
const LOADING: &str = "async function __wbg_load(";

/// Where the glue finds the class of audio contexts. The entry may have opened one before there was wasm to ask for it.
const CONTEXT: &str = "const lAudioContext = ";

const SPAWN: &str = "/www/worker/spawn.js";

/// A script that the entry loads for whoever needs it.
struct Late {
    snippet: &'static str,
    /// A class, which is there when it is needed; or functions, which answer with a promise anyway.
    names: &'static [&'static str],
    file: &'static str,
}

impl Late {
    /// In place of its import.
    fn provided(&self) -> String {
        self.names.iter().map(|name| provided(name)).collect()
    }
}

fn provided(name: &str) -> String {
    if name.starts_with(char::is_uppercase) {
        return format!("const {name} = function (...given) {{ return new host.{name}(...given); }};\n");
    }
    format!("const {name} = async (...given) => (await host.late({name:?}))(...given);\n")
}

const LATE: [Late; 5] = [
    Late { snippet: "src/web/page/tools.js", names: &["Tools"], file: "live-tools.js" },
    Late { snippet: "src/web/page/recording.js", names: &["Recorder"], file: "live-recording.js" },
    Late { snippet: "src/web/page/pcm.js", names: &["openPcm"], file: "live-pcm.js" },
    Late {
        snippet: "src/web/page/devices.js",
        names: &["WakeLock", "setSink", "revive"],
        file: "live-devices.js",
    },
    Late {
        snippet: "src/web/page/input.js",
        names: &["openInput", "watchPermission"],
        file: "live-microphone.js",
    },
];

/// In place of the entry's import of the assets. A function: the entry uses it before its last line.
const ASSETS: &str = "var assets = { wasm, worklet, worker };\n";

/// In place of the import of what starts the Worker.
const PROVIDE: &str = "let host;
/** Takes what only the page can know: how to start the Worker, where the worklets are, and what was fetched ahead. */
export function provide(given) { host = given; }
const spawn = (port) => host.spawn(port, wasmModule);
const fetch = (url, init) => (host ?? globalThis).fetch(url, init);
";

const START: &str = "let starting;
/** Starts the compiled module, once. */
export default function start({ module_or_path: module }) {
    starting ??= WebAssembly.instantiate(module, __wbg_get_imports()).then(
        (instance) => { __wbg_finalize_init(instance, module); },
        (error) => { starting = undefined; throw error; },
    );
    return starting;
}
";

/// By name, so that a bundler leaves out of the Worker what only a page uses.
const WORKER_IMPORT: &str =
    "import start, { drive } from \"./live-core.js\";\nconst glue = { default: start, drive };\n";

const WORKER_GLUE: &str = "const glue = { default: start, drive };\n";

#[cfg(test)]
mod tests {
    use super::*;

    const GLUE: &str = "/* @ts-self-types=\"./gemini_live_web.d.ts\" */
import { LiveError } from './snippets/p-01/src/web/live_error.js';
import { Recorder } from './snippets/p-01/src/web/page/recording.js';
import { openInput, watchPermission } from './snippets/p-01/src/web/page/input.js';
import { setSink } from './snippets/p-01/src/web/page/devices.js';
import { Tools } from './snippets/p-01/src/web/page/tools.js';
import { spawn } from './snippets/p-01/www/worker/spawn.js';
export { LiveError }
export class LiveSession {}
const import0 = {
    a: function(arg0) {
        const ret = spawn(arg0);
    },
    b: function(arg0) {
        const ret = new URL('snippets/p-01/www/worker/worker.js', import.meta.url).toString();
    },
    c: function(arg0) {
        const ret = new URL('snippets/p-01/www/worklets/live-audio.js', import.meta.url).toString();
    },
    d: function(arg0) {
        const ret = new lAudioContext(arg0);
    },
};
const lAudioContext = (typeof AudioContext !== 'undefined' ? AudioContext : undefined);
async function __wbg_load(module, imports) {
    new URL('gemini_live_web_bg.wasm', import.meta.url);
}
";

    fn core() -> Result<String> {
        core_of(GLUE, |path| Ok(format!("// {path}\nexport class LiveError {{}}\n")))
    }

    #[test]
    fn the_core_names_no_file_and_loads_nothing() {
        let core = core().expect("known");
        assert!(!core.contains("import.meta") && !core.contains("import {") && !core.contains("__wbg_load"));
        assert!(core.contains("const ret = host.workletUrl();") && core.contains("const ret = '';"));
        assert!(core.contains("\nclass LiveError {}\n") && core.contains("export { LiveError }"));
        assert!(core.contains("new host.Tools(...given)") && !core.contains("tools.js"));
        assert!(core.contains("(await host.late(\"setSink\"))(...given)") && !core.contains("devices.js"));
        assert!(core.contains("new host.Recorder(...given)") && !core.contains("recording.js"));
        assert!(
            core.contains("const ret = host.openContext(arg0);") && !core.contains("typeof AudioContext")
        );
    }

    /// Whatever the core asks for, the scripts that load have an option for it, and the entry a file.
    #[test]
    fn the_entry_knows_every_late_file() {
        let entry = include_str!("../../../www/package/entry.js");
        for Late { file, .. } in LATE {
            assert!(entry.contains(&format!("import(\"./{file}\")")), "{file}");
        }
        let loading = include_str!("../../../www/package/live-loading.js");
        let fields =
            loading.split("const FIELDS = ").nth(1).and_then(|rest| rest.lines().next()).expect("fields");
        let names = LATE.iter().flat_map(|late| late.names);
        for name in names.filter(|name| !name.starts_with(char::is_uppercase)) {
            assert!(fields.contains(&format!("{name}: ")), "{name}");
        }
    }

    #[test]
    fn a_glue_of_another_form_is_refused() {
        let with = |from: &str, to: &str| core_of(&GLUE.replace(from, to), |_| Ok(String::new()));
        assert!(with("async function __wbg_load", "function load").is_err());
        assert!(with("www/worker/spawn.js", "www/worker/start.js").is_err());
        assert!(with("new lAudioContext(", "new AudioContext(").is_err());
        assert!(with("const ret = new URL(", "const at = new URL(").is_err());
        assert!(with("import { spawn } from './", "import { spawn } from \"./").is_err());
    }

    #[test]
    fn the_inline_worker_exports_nothing() {
        let worker = worker_of("import * as glue from \"../../../../gemini_live_web.js\";\nglue.drive();\n");
        let script = inline_worker_of(&core().expect("known"), &worker.expect("known"));
        assert!(!script.contains("export ") && script.contains("function start("), "{script}");
        assert!(script.ends_with("const glue = { default: start, drive };\nglue.drive();\n"), "{script}");
    }

    #[test]
    fn the_entry_waits_no_longer_than_a_session_does() {
        let connect_ms = gemini_live_web::session::Policy::default().connect.as_millis();
        let entry = include_str!("../../../www/package/entry.js").replace('_', "");
        assert!(entry.contains(&format!("const CONNECTMS = {connect_ms};")));
    }

    #[test]
    fn a_worker_that_imports_something_else_is_refused() {
        assert!(worker_of("import init from \"../../../../gemini_live_web.js\";\n").is_err());
    }

    #[test]
    fn the_types_of_loading_are_the_entrys() {
        let types = "class A {}\nexport type InitInput = any;\nexport default function x(): any;\n";
        assert_eq!(
            types_of(types, "export function preload(): void;\n").expect("known"),
            "class A {}\nexport function preload(): void;\n"
        );
        assert!(types_of("class A {}", "").is_err());
    }
}

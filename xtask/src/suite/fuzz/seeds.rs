//! What the fuzzers begin with: the recorded frames, and the words of the protocol.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use serde_json::Value;

use crate::workspace::{Workspace, files_below, fresh_directory, write};

/// What a target begins with, which is empty where its input is no text.
pub(super) fn write_seeds(workspace: &Workspace, target: &str, directory: &Path) -> Result<()> {
    fresh_directory(directory)?;
    let recorded = Recorded::read(workspace)?;
    let seeds: Vec<Vec<u8>> = match target {
        "frame" | "json" => recorded.frames(),
        "config" => recorded.inputs().iter().map(|input| format!("m\n{input}").into_bytes()).collect(),
        "token" => recorded.tokens().iter().map(|text| format!("\n{text}").into_bytes()).collect(),
        "simulator" => recorded.conversations(),
        "session" => recorded.sequences(),
        "close" => {
            close_texts(workspace)?.iter().map(|text| [b"\xf3\x03", text.as_bytes()].concat()).collect()
        }
        "time" => TIMES.iter().map(|time| time.as_bytes().to_vec()).collect(),
        _ => Vec::new(),
    };
    for (at, seed) in seeds.iter().enumerate() {
        write(&directory.join(format!("{at:03}")), seed)?;
    }
    Ok(())
}

const TIMES: [&str; 4] = [
    "2030-05-01T12:34:56Z",
    "2000-02-29t23:59:60.123456789-00:30",
    "0001-01-01T00:00:00.5+23:59",
    "9999-12-31T23:59:59z",
];

/// Every word that means something on the wire, in libFuzzer's form.
pub(super) fn write_dictionary(workspace: &Workspace, path: &Path) -> Result<()> {
    let types = workspace.path("src/protocol/types.d.ts");
    let types = fs::read_to_string(&types).with_context(|| format!("cannot read {}", types.display()))?;
    let mut words: BTreeSet<String> = types
        .lines()
        .filter_map(|line| line.trim().strip_prefix("readonly ")?.split(['?', ':']).next())
        .map(str::to_owned)
        .collect();
    // Every other piece between quotes is a name of an enum.
    words.extend(types.lines().flat_map(|line| line.split('"').skip(1).step_by(2)).map(str::to_owned));
    words.extend(close_texts(workspace)?);
    Recorded::read(workspace)?.0.iter().for_each(|recording| keys(recording, &mut words));
    words.retain(|word| {
        (2..=60).contains(&word.len()) && word.bytes().all(|byte| (b' '..0x7f).contains(&byte))
    });
    if words.len() < FEWEST_WORDS {
        return Err(anyhow!("only {} words for the fuzzers' dictionary", words.len()));
    }
    let lines = words.iter().map(|word| format!("\"{}\"\n", word.replace('\\', "\\\\").replace('"', "\\\"")));
    write(path, lines.collect::<String>())
}

const FEWEST_WORDS: usize = 300;

fn keys(value: &Value, words: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, inner)| {
            words.insert(key.clone());
            keys(inner, words);
        }),
        Value::Array(list) => list.iter().for_each(|inner| keys(inner, words)),
        _ => {}
    }
}

/// What close reasons are known by.
fn close_texts(workspace: &Workspace) -> Result<Vec<String>> {
    let source = fs::read_to_string(workspace.path("src/protocol/close.rs")).context("no close.rs")?;
    let rows = source.lines().filter(|line| line.trim().starts_with("rule("));
    let texts = rows.filter_map(|line| line.split('"').nth(1)).filter(|text| !text.is_empty());
    Ok(texts.map(str::to_owned).collect())
}

/// The recordings of the official SDK.
struct Recorded(Vec<Value>);

impl Recorded {
    fn read(workspace: &Workspace) -> Result<Self> {
        let files = files_below(&workspace.path("tests/fixtures/oracle"));
        let files = files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "json"));
        let read = |file| serde_json::from_slice(&fs::read(file)?).context("a recording is no JSON");
        Ok(Self(files.map(read).collect::<Result<_>>()?))
    }

    fn cases(&self, list: &str) -> impl Iterator<Item = &Value> {
        self.0.iter().flat_map(move |recording| recording[list].as_array().into_iter().flatten())
    }

    fn frames(&self) -> Vec<Vec<u8>> {
        let single = self.cases("server_messages").filter_map(|case| case["raw"].as_str());
        let many = self.cases("sequences").flat_map(|case| texts(&case["frames"]));
        single.chain(many).map(|frame| frame.as_bytes().to_vec()).collect()
    }

    fn inputs(&self) -> Vec<String> {
        let configs = self.cases("setup").map(|case| &case["input"]["config"]);
        let arguments = self.cases("client_messages").map(|case| &case["args"][0]);
        configs.chain(arguments).filter(|input| input.is_object()).map(Value::to_string).collect()
    }

    fn tokens(&self) -> Vec<String> {
        let parts = |case: &Value| [case["input"]["config"].clone(), case["server_response"]["body"].clone()];
        let all = self.cases("tokens").flat_map(parts);
        all.filter(Value::is_object).map(|text| text.to_string()).collect()
    }

    /// Messages to the service, one a line. A space decides whether a setup goes before them.
    fn conversations(&self) -> Vec<Vec<u8>> {
        let sent = ["setup", "client_messages"].into_iter().flat_map(|list| self.cases(list));
        let messages = sent.map(|case| &case["expect"]["message"]).filter(|message| message.is_object());
        let even = |mut line: String| {
            line.extend((line.len() % 2 == 1).then_some(' '));
            line.into_bytes()
        };
        messages.map(|message| even(message.to_string())).collect()
    }

    /// Whole conversations, in the steps of the session's target: connect, a token, open, and the frames. Each as it is, and each over two
    /// connections: a handle comes, the first is lost in the middle (`W`), and another is made (`U`).
    fn sequences(&self) -> Vec<Vec<u8>> {
        let steps = |case: &Value| {
            let frames = texts(&case["frames"]);
            let frames = frames.filter_map(|frame| serde_json::from_str::<Value>(frame).ok());
            let lines: Vec<String> = frames.map(|frame| format!("C{frame}\n")).collect();
            let begin = "0\n&\n1\nC{\"setupComplete\":{}}\n";
            let (first, rest) = lines.split_at(lines.len() / 2);
            let (first, rest) = (first.concat(), rest.concat());
            [format!("{begin}{first}{rest}"), format!("{begin}K\n{first}W\nU\n{rest}")]
                .map(String::into_bytes)
        };
        self.cases("sequences").flat_map(steps).collect()
    }
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_that_reads_text_has_seeds_and_the_words_of_the_wire() {
        let workspace = Workspace::find().expect("a workspace");
        let made = std::env::temp_dir().join(format!("seeds-{}", std::process::id()));
        for target in super::super::TARGETS.into_iter().filter(|target| *target != "audio") {
            write_seeds(&workspace, target, &made).expect("seeds");
            assert!(files_below(&made).len() > 3, "{target}");
        }
        let path = made.join("words");
        write_dictionary(&workspace, &path).expect("a dictionary");
        let words = fs::read_to_string(&path).expect("words");
        for word in ["serverContent", "voiceName", "TURN_INCLUDES_ALL_INPUT", "used too many times"] {
            assert!(words.contains(&format!("\"{word}\"\n")), "{word}");
        }
        fs::remove_dir_all(made).expect("it can be removed");
    }
}

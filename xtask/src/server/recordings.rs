//! Recordings of conversations: the one that is played, and those that the page gives back.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use clap::Args;
use gemini_live_simulator::Recording;
use serde_json::{Value, json};

/// Options of whatever serves the demo.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct RecordingOptions {
    /// Write down what goes over the wire, for each conversation when it ends; tokens, keys and handles are left out
    #[arg(long, value_name = "FILE.jsonl")]
    record: Option<PathBuf>,
    /// With the audio, and with pictures
    #[arg(long, requires = "record")]
    record_audio: bool,
    /// Have the simulator play what was recorded, in place of answers
    #[arg(long, value_name = "FILE.jsonl")]
    replay: Option<PathBuf>,
}

impl RecordingOptions {
    /// What is to be played.
    pub(crate) fn played(&self) -> Result<Option<Recording>> {
        let read = |file: &PathBuf| {
            let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
            Recording::from_json_lines(&text).map_err(|error| anyhow!("{}: {error}", file.display()))
        };
        self.replay.as_ref().map(read).transpose()
    }

    /// What the page is told, if it is to record.
    pub(super) fn wish(&self) -> Option<Value> {
        self.record.as_ref().map(|_| json!({ "audio": self.record_audio }))
    }

    /// Writes down a recording of the page's, and says where. The simulator reads it first: it refuses what holds a secret.
    pub(super) fn keep(&self, text: &str) -> Result<PathBuf> {
        let wished = self.record.as_deref().context("nothing is to be recorded")?;
        Recording::from_json_lines(text)
            .map_err(|error| anyhow!("the page's recording is not kept: {error}"))?;
        let (path, mut file) = fresh(wished)?;
        file.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }
}

/// A file of this name, or with a number behind it: no recording is written over another.
fn fresh(wished: &Path) -> Result<(PathBuf, File)> {
    let stem = wished.file_stem().unwrap_or_default().to_string_lossy();
    let extension = wished.extension().map(|extension| format!(".{}", extension.to_string_lossy()));
    let numbered = (2..=MOST_FILES).map(|number| {
        wished.with_file_name(format!("{stem}-{number}{}", extension.as_deref().unwrap_or_default()))
    });
    for path in std::iter::once(wished.to_owned()).chain(numbered) {
        match File::create_new(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).with_context(|| format!("cannot write {}", path.display())),
        }
    }
    Err(anyhow!("there are {MOST_FILES} recordings called {} already", wished.display()))
}

const MOST_FILES: u32 = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = r#"{"format": "gemini-live-recording", "version": 1}"#;

    fn recorded(setup: &str) -> String {
        format!(
            "{HEADER}\n{{\"ms\": 0, \"connection\": 1, \"from\": \"client\", \"message\": {{\"setup\": {setup}}}}}\n"
        )
    }

    #[test]
    fn no_recording_is_written_over_another_and_none_with_a_secret() {
        let directory = std::env::temp_dir().join(format!("xtask-recordings-{}", std::process::id()));
        fs::create_dir_all(&directory).expect("a directory");
        let options = RecordingOptions { record: Some(directory.join("call.jsonl")), ..Default::default() };
        let text = recorded("{}");
        for name in ["call.jsonl", "call-2.jsonl", "call-3.jsonl"] {
            let path = options.keep(&text).expect("kept");
            assert_eq!(path, directory.join(name));
            assert_eq!(fs::read_to_string(path).expect("written"), text);
        }
        let error = options.keep(&recorded(r#"{"a": "auth_tokens/abc"}"#)).expect_err("a secret").to_string();
        assert!(error.contains("a token") && !error.contains("abc"), "{error}");
        assert!(options.keep("{}").is_err());
        assert_eq!(fs::read_dir(&directory).expect("listed").count(), 3);
        let replay = RecordingOptions { replay: options.record.clone(), ..Default::default() };
        assert!(replay.played().expect("played").is_some() && replay.wish().is_none());
        assert_eq!(options.wish(), Some(json!({ "audio": false })));
        fs::remove_dir_all(directory).expect("cleared");
    }

    #[test]
    fn who_records_nothing_keeps_nothing() {
        assert!(RecordingOptions::default().keep(&recorded("{}")).is_err());
        assert!(RecordingOptions::default().played().expect("nothing").is_none());
    }
}

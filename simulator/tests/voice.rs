//! The voice of another program: waited for, taken as it is, and told no secret.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use base64::Engine as _;
use serde_json::{Value, json};
use support::{SERVICE, next, say, turn};
use tokio_tungstenite::connect_async;

/// A program that is called `espeak-ng`, which takes its time; and the simulator that finds it.
struct Speaking {
    folder: PathBuf,
    simulator: Child,
    address: String,
}

impl Speaking {
    /// `says` is what the program does once it has read its text, as lines of a shell.
    fn with(name: &str, says: &str, words: &[&str]) -> Self {
        let folder = std::env::temp_dir().join(format!("simulator-voice-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let program = folder.join("espeak-ng");
        let script = format!(
            "#!/bin/sh\nhere=${{0%/*}}\n/bin/cat > \"$here/text\"\n/usr/bin/env > \"$here/env\"\n{says}\n"
        );
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(folder.join("voice.wav"), wav(&voice())).unwrap();
        let mut simulator = Command::new(env!("CARGO_BIN_EXE_gemini-live-simulator"))
            .args(words)
            .env("PATH", &folder)
            .env("GEMINI_API_KEY", "a secret")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(simulator.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").expect(&line).to_owned();
        Self { folder, simulator, address }
    }

    /// What is said to a typed text, at 24 kHz.
    async fn answer(&self, words: &str) -> Vec<i16> {
        let mut socket = connect_async(format!("ws://{}{SERVICE}?key=k", self.address)).await.unwrap().0;
        let audio = json!({"responseModalities": ["AUDIO"]});
        say(&mut socket, json!({"setup": {"model": "models/sim-parrot", "generationConfig": audio}})).await;
        next(&mut socket).await.unwrap();
        say(&mut socket, json!({"realtimeInput": {"text": words}})).await;
        samples(&turn(&mut socket).await)
    }
}

impl Drop for Speaking {
    fn drop(&mut self) {
        let _ = self.simulator.kill();
        let _ = self.simulator.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A second that no built-in voice would make.
fn voice() -> Vec<i16> {
    (0..24_000).map(|index| (index % 100) as i16 * 50).collect()
}

fn wav(samples: &[i16]) -> Vec<u8> {
    let mut file = b"RIFF\xff\xff\xff\x7fWAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
    file.extend(24_000_u32.to_le_bytes());
    file.extend(48_000_u32.to_le_bytes());
    // A program that writes to a pipe does not know how much there will be.
    file.extend(b"\x02\0\x10\0data\xff\xff\xff\x7f");
    file.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    file
}

fn samples(messages: &[Value]) -> Vec<i16> {
    let parts =
        messages.iter().filter_map(|message| message["serverContent"]["modelTurn"]["parts"].as_array());
    let data = parts.flatten().filter_map(|part| part["inlineData"]["data"].as_str());
    let bytes = data.flat_map(|data| base64::engine::general_purpose::STANDARD.decode(data).unwrap());
    let bytes: Vec<u8> = bytes.collect();
    bytes.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()
}

#[tokio::test]
async fn a_slow_voice_is_heard_however_fast_the_clock_runs() {
    // Half a minute of the simulator's time.
    let speaking =
        Speaking::with("slow", "/bin/sleep 0.3\n/bin/cat \"$here/voice.wav\"", &["--speed", "100"]);
    assert!(speaking.answer("the lamp is green").await == voice(), "its own sound, sample by sample");
    let text = fs::read_to_string(speaking.folder.join("text")).unwrap();
    assert_eq!(text, "You wrote: the lamp is green");
    let environment = fs::read_to_string(speaking.folder.join("env")).unwrap();
    assert!(environment.contains("PATH=") && !environment.contains("GEMINI_API_KEY"), "{environment}");
}

#[tokio::test]
async fn a_voice_that_says_nothing_is_stood_in_for() {
    for says in ["exit 1", "echo no sound"] {
        let speaking = Speaking::with("mute", says, &[]);
        let answer = speaking.answer("hi").await;
        assert!(answer.len() > 12_000 && answer != voice(), "{says}: {}", answer.len());
    }
}

#[tokio::test]
async fn a_voice_that_is_not_wanted_is_not_asked() {
    let speaking = Speaking::with("unwanted", "/bin/cat \"$here/voice.wav\"", &["--voice", "builtin"]);
    assert!(speaking.answer("hi").await != voice());
    assert!(!speaking.folder.join("text").exists());
}

//! A voice for texts: `espeak-ng`, where it is installed and wanted.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::audio::resampler::Resampler;
use crate::audio::{OUTPUT_HZ, pcm};
use crate::options::Voice;

/// What became of a text: mono samples and their rate in Hz, or nothing.
#[derive(Debug)]
pub(super) struct Spoken {
    pub(super) id: u64,
    pub(super) sound: Option<(Vec<i16>, u32)>,
}

/// Speaks `text` and hands over what came of it. The conversation has the built-in voice itself, where nothing came; it waits
/// until it is told so, and its clock may run at any speed.
pub(super) async fn speak(voice: Voice, id: u64, text: String, to: mpsc::Sender<Spoken>) {
    let sound = match voice {
        Voice::Espeak => timeout(VOICE_TIME, espeak(&text)).await.ok().flatten(),
        Voice::BuiltIn => None,
    };
    // Nobody listens any more when the connection is gone.
    let _ = to.send(Spoken { id, sound }).await;
}

/// Brings a sound from one rate to another, beside the tasks that serve.
pub(super) async fn resample(id: u64, samples: Vec<i16>, rates_hz: (u32, u32), to: mpsc::Sender<Spoken>) {
    let sound = timeout(VOICE_TIME, at_rate(samples, rates_hz)).await.ok().flatten();
    let _ = to.send(Spoken { id, sound }).await;
}

async fn at_rate(samples: Vec<i16>, (from_hz, to_hz): (u32, u32)) -> Option<(Vec<i16>, u32)> {
    let resampled = spawn_blocking(move || Resampler::convert(&samples, from_hz, to_hz));
    resampled.await.ok().map(|samples| (samples, to_hz))
}

async fn espeak(text: &str) -> Option<(Vec<i16>, u32)> {
    let mut child = Command::new("espeak-ng")
        .args(["-v", "en-us", "-s", "165", "--stdin", "--stdout"])
        // The demo has one, which is nobody's business but its own.
        .env_remove("GEMINI_API_KEY")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .ok()?;
    // The text is short enough for the pipe; closing it ends the text.
    let mut stdin = child.stdin.take()?;
    stdin.write_all(text.as_bytes()).await.ok()?;
    drop(stdin);
    let mut wav = Vec::new();
    child.stdout.take()?.take(MOST_WAV_BYTES).read_to_end(&mut wav).await.ok()?;
    let (samples, rate_hz) = pcm::from_wav(&wav).filter(|(samples, _)| !samples.is_empty())?;
    at_rate(samples, (rate_hz, OUTPUT_HZ)).await
}

/// How long a voice may take, of the computer's time; then the built-in one stands in for it.
const VOICE_TIME: Duration = Duration::from_secs(5);

/// About 90 s of speech.
const MOST_WAV_BYTES: u64 = 4 << 20;

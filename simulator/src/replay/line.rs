//! The lines of a recording.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::kind_of;
use crate::audio::pcm;
use crate::record::is_secret;
use crate::schema::base64_bytes;
use crate::settings::resumption_handle;

/// The first line.
#[derive(Debug, Deserialize)]
pub(super) struct Header {
    format: String,
    version: u32,
}

/// A line as it is written.
#[derive(Debug, Deserialize)]
struct Written {
    ms: u64,
    connection: u32,
    from: Side,
    message: Option<Value>,
    text: Option<String>,
    close: Option<Close>,
}

/// What stands where lines are missing.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Hole {
    left_out: LeftOut,
}

#[derive(Debug, Deserialize)]
struct LeftOut {
    ms: u64,
}

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Side {
    Client,
    Server,
    /// Nobody: the connection broke.
    Network,
}

#[derive(Clone, Debug, Deserialize)]
struct Close {
    code: u16,
    #[serde(default)]
    reason: String,
}

/// A line.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// Where it stands in the file.
    pub(super) number: usize,
    pub(super) connection: u32,
    pub(super) at: Duration,
    pub(super) what: What,
}

/// What went by.
#[derive(Clone, Debug)]
pub(super) enum What {
    /// A message of the client's, by its kind, and the handle in it.
    Asked { kind: String, handle: Option<String> },
    /// Audio of the client's, so long.
    Heard(Duration),
    /// A message of the server's.
    Said(Value),
    /// A frame of the server's that is no message.
    Raw(String),
    /// The server's close frame.
    Closed { code: u16, reason: String },
    /// The connection broke.
    Broke,
    /// The client has closed: it will again, or not.
    Left,
}

impl Header {
    pub(super) fn read(text: &str) -> Result<(), String> {
        let header: Self = serde_json::from_str(text).map_err(|error| {
            format!("the first line is {{\"format\": \"{FORMAT}\", \"version\": 1}}: {error}")
        })?;
        match (header.format.as_str(), header.version) {
            (FORMAT, VERSION) => Ok(()),
            (FORMAT, version) => Err(format!("version {version} is not known here, only {VERSION}")),
            (format, _) => Err(format!("{format:?} is no {FORMAT:?}")),
        }
    }
}

impl Line {
    pub(super) fn read(text: &str, number: usize) -> Result<Self, String> {
        let written: Written = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if let Some(secret) = secret(text) {
            return Err(format!("it holds {secret}, which no recording does: veil it"));
        }
        let what = match (written.from, written.message, written.text, written.close) {
            (Side::Client, Some(message), None, None) => asked(&message),
            (Side::Client, None, Some(_), None) => What::Asked { kind: "nothing".to_owned(), handle: None },
            (Side::Client, None, None, Some(_)) => What::Left,
            (Side::Server, Some(mut message), None, None) => {
                fill(&mut message)?;
                What::Said(message)
            }
            (Side::Server, None, Some(text), None) => What::Raw(text),
            (Side::Server, None, None, Some(Close { code, reason })) => What::Closed { code, reason },
            (Side::Network, None, None, Some(_)) => What::Broke,
            _ => {
                return Err(
                    "it has either `message`, `text` or `close`, and the network only `close`".to_owned()
                );
            }
        };
        Ok(Self { number, connection: written.connection, at: Duration::from_millis(written.ms), what })
    }

    /// How much time is missing here, if this is what the line says.
    pub(super) fn left_out(text: &str) -> Option<Duration> {
        serde_json::from_str(text).ok().map(|Hole { left_out }| Duration::from_millis(left_out.ms))
    }

    pub(super) fn is_setup(&self) -> bool {
        matches!(&self.what, What::Asked { kind, .. } if kind == "setup")
    }

    pub(super) fn handle(&self) -> Option<&str> {
        match &self.what {
            What::Asked { handle, .. } => handle.as_deref(),
            What::Heard(_)
            | What::Said(_)
            | What::Raw(_)
            | What::Closed { .. }
            | What::Broke
            | What::Left => None,
        }
    }
}

fn asked(message: &Value) -> What {
    let audio = ["realtimeInput", "realtime_input"].iter().find_map(|name| message.get(*name)?.get("audio"));
    if let Some(audio) = audio {
        return What::Heard(length(audio));
    }
    let handle = message.get("setup").and_then(resumption_handle).map(str::to_owned);
    What::Asked { kind: kind_of(message), handle }
}

/// How long a blob of audio is.
pub(crate) fn length(blob: &Value) -> Duration {
    let mime_type = blob.get("mimeType").or_else(|| blob.get("mime_type")).and_then(Value::as_str);
    let rate = mime_type.and_then(pcm::rate_hz).unwrap_or(crate::audio::INPUT_HZ);
    let (samples, rate) = match &blob["data"] {
        Value::String(data) => (base64_bytes(data).unwrap_or_default().len() as u64 / 2, u64::from(rate)),
        left_out => (
            left_out["samples"].as_u64().unwrap_or_default(),
            left_out["rate"].as_u64().filter(|rate| *rate > 0).unwrap_or_else(|| u64::from(rate)),
        ),
    };
    Duration::from_micros(samples.saturating_mul(1_000_000) / rate)
}

/// Gives what was left out a sound, so that there is something to be played.
fn fill(value: &mut Value) -> Result<(), String> {
    match value {
        Value::Object(fields) => {
            // A function's argument may have that name, too.
            if let Some(data) = fields.get_mut("data")
                && data.get("samples").is_some_and(Value::is_number)
            {
                let samples = data["samples"].as_u64().filter(|samples| *samples <= MOST_SAMPLES);
                let samples = samples.ok_or("`data` that was left out is {\"samples\": …, \"rate\": …}")?;
                *data = Value::from(pcm::base64(&hum(
                    samples as usize,
                    data["rate"].as_f64().unwrap_or(24_000.0),
                )));
            }
            fields.values_mut().try_for_each(fill)
        }
        Value::Array(items) => items.iter_mut().try_for_each(fill),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

/// A low tone.
fn hum(samples: usize, rate: f64) -> Vec<i16> {
    let sample = |index: usize| (index as f64 / rate * 220.0 * std::f64::consts::TAU).sin() * 2_000.0;
    (0..samples).map(|index| sample(index) as i16).collect()
}

/// What a line holds that opens something to whoever reads it.
fn secret(line: &str) -> Option<&'static str> {
    // It was read before.
    secret_in(&serde_json::from_str(line).unwrap_or_default(), "", false)
}

/// What the value of a field holds; `hides` says that the field is for credentials.
fn secret_in(value: &Value, field: &str, hides: bool) -> Option<&'static str> {
    match value {
        Value::String(text) if hides => (!text.is_empty() && text != TAKEN_OUT).then_some("a key"),
        Value::String(text) => credential(text),
        Value::Array(items) => items.iter().find_map(|item| secret_in(item, field, hides)),
        Value::Object(fields) => fields.iter().find_map(|(name, value)| {
            let is_handle = RESUMPTION.contains(&field) && HANDLES.contains(&name.as_str());
            let handle = value.as_str().filter(|handle| is_handle && !is_veiled(handle)).map(|_| "a handle");
            let inner = || secret_in(value, name, hides || is_secret(name));
            handle.or_else(|| credential(name)).or_else(inner)
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn is_veiled(handle: &str) -> bool {
    handle.is_empty() || handle.starts_with(VEILED)
}

/// A credential that is known by its looks.
fn credential(text: &str) -> Option<&'static str> {
    let is_word = |rest: &str| rest.starts_with(|letter: char| letter.is_ascii_alphanumeric());
    if ["auth_tokens/", "auth_tokens%2F", "auth_tokens%2f"]
        .iter()
        .any(|before| text.split(before).skip(1).any(is_word))
    {
        return Some("a token");
    }
    let is_value = |rest: &str| is_word(rest.trim_start_matches(['\\', '"', '\'']));
    if text.split("access_token=").skip(1).any(is_value) {
        return Some("a token");
    }
    let is_long = |rest: &str| {
        let is_in_key = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
        rest.chars().take_while(is_in_key).count() >= SHORTEST_KEY
    };
    text.split("AIza").skip(1).any(is_long).then_some("a key")
}

const FORMAT: &str = "gemini-live-recording";
const VERSION: u32 = 1;

/// What is left of a secret that was taken out.
const TAKEN_OUT: &str = "…";

const RESUMPTION: [&str; 4] =
    ["sessionResumption", "session_resumption", "sessionResumptionUpdate", "session_resumption_update"];

const HANDLES: [&str; 3] = ["handle", "newHandle", "new_handle"];

/// What follows `AIza` in a key, at least.
const SHORTEST_KEY: usize = 16;

/// How a handle begins that stands for another.
const VEILED: &str = "handle-";

/// Ten minutes at 48 kHz, in one part.
const MOST_SAMPLES: u64 = 600 * 48_000;

/// The header of a recording of the simulator's own.
pub(crate) fn header() -> Value {
    let by = concat!("gemini-live-simulator ", env!("CARGO_PKG_VERSION"));
    json!({"format": FORMAT, "version": VERSION, "by": by})
}

//! A session as a recording: what was kept of its messages, in the form that can be replayed.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Record, Records};
use crate::audio::pcm;
use crate::replay::header;

impl Records {
    /// The lines of a session's recording.
    pub(crate) fn session_recording(&self, session: u64) -> Option<String> {
        let connections = self.of_session(session);
        let opened = connections.first()?.opened;
        let numbered = (1..).zip(&connections);
        let mut lines: Vec<(u64, Value)> =
            numbered.flat_map(|(number, record)| record.lines(number, opened)).collect();
        lines.sort_by_key(|(ms, _)| *ms);
        let lines = lines.into_iter().map(|(_, line)| line);
        Some(std::iter::once(header()).chain(lines).map(|line| format!("{line}\n")).collect())
    }
}

impl Record {
    /// What went by on the session's connection of this number, each with its time since the session was `opened`.
    fn lines(&self, number: u32, opened: Duration) -> Vec<(u64, Value)> {
        let late = self.opened.saturating_sub(opened).as_millis() as u64;
        let line = |ms: &Value, from: &Value, what: &str, value: Value| {
            let ms = late + ms.as_u64().unwrap_or_default();
            (ms, json!({"ms": ms, "connection": number, "from": from, what: value}))
        };
        let messages = self.log.iter().map(|logged| {
            let mut message = logged["message"].clone();
            measure(&mut message);
            // A frame that was no message, or too long to be kept.
            let what = if message.is_string() { "text" } else { "message" };
            line(&logged["ms"], &logged["from"], what, message)
        });
        let close = (!self.close.is_null()).then(|| {
            let close = json!({"code": self.close["code"], "reason": self.close["reason"]});
            line(&self.close["ms"], &self.close["by"], "close", close)
        });
        messages.chain(close).collect()
    }
}

/// Audio that was left out, as its length.
fn measure(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let rate = fields.get("mimeType").and_then(Value::as_str).and_then(pcm::rate_hz);
            let bytes = fields.get("data").and_then(Value::as_str).and_then(bytes_left_out);
            if let (Some(rate), Some(bytes)) = (rate, bytes) {
                fields.insert("data".to_owned(), json!({"samples": bytes / 2, "rate": rate}));
            }
            fields.values_mut().for_each(measure);
        }
        Value::Array(items) => items.iter_mut().for_each(measure),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// `<960 bytes>`: what stands for base64 in a record.
fn bytes_left_out(data: &str) -> Option<u64> {
    data.strip_prefix('<')?.strip_suffix(" bytes>")?.parse().ok()
}

//! The parts of the model's turn. One part may be several events: it has a text, a medium, code.

use super::{
    audio::{AudioChunk, pcm_rate},
    decoder::{CONTENT, Decoder, one, take_flag, take_object},
    item::Item,
    rows::EventKind,
    sift,
};
use crate::json::{Map, Value};

impl Decoder {
    pub(super) fn model_turn(&mut self, mut turn: Map) {
        sift::rename(&mut turn);
        // It is always "model", and only some backends say so.
        if turn.get("role").is_some_and(|role| role.as_str().is_some()) {
            turn.remove("role");
        }
        match turn.remove("parts") {
            Some(Value::Array(parts)) => {
                for part in parts {
                    match part {
                        Value::Object(part) => self.part(part),
                        Value::Null => {}
                        other => self.odd_parts.push(other),
                    }
                }
            }
            Some(other) => {
                turn.set("parts", other);
            }
            None => {}
        }
        let odd_parts = std::mem::take(&mut self.odd_parts);
        if !odd_parts.is_empty() {
            turn.set("parts", Value::Array(odd_parts));
        }
        turn.retain(|_, value| !value.is_null());
        if !turn.is_empty() {
            self.odd.add(CONTENT, one("modelTurn", Value::Object(turn)));
        }
    }

    fn part(&mut self, mut part: Map) {
        sift::rename(&mut part);
        let text = take_text(&mut part, "text");
        let code = take_object(&mut part, "executableCode");
        let result = take_object(&mut part, "codeExecutionResult");
        let inline = take_inline(&mut part);
        // What was taken left `null` behind.
        part.retain(|_, value| !value.is_null());
        if let Some(text) = text {
            let is_thought = take_flag(&mut part, "thought") == Some(true);
            let mut fields = one("text", Value::String(text));
            part.retain(|_, value| !value.is_null());
            fields.extend(std::mem::take(&mut part));
            self.part_event(if is_thought { EventKind::Thought } else { EventKind::Text }, fields);
        }
        if let Some((data, fields)) = inline {
            self.inline(data, fields);
        }
        if let Some(fields) = code {
            self.part_event(EventKind::ExecutableCode, fields);
        }
        if let Some(fields) = result {
            self.part_event(EventKind::CodeExecutionResult, fields);
        }
        if !part.is_empty() {
            self.emit(EventKind::Part, one("part", Value::Object(part)));
        }
    }

    fn inline(&mut self, data: String, mut fields: Map) {
        let rate_hz = fields.get("mimeType").and_then(Value::as_str).and_then(pcm_rate);
        let Some(rate_hz) = rate_hz else {
            fields.set("data", Value::String(data));
            return self.part_event(EventKind::InlineData, fields);
        };
        fields.remove("mimeType");
        if !data.is_empty() {
            self.items.push(Item::Audio(AudioChunk { data, rate_hz }));
        }
        fields.retain(|_, value| !value.is_null());
        if !fields.is_empty() {
            let part = one("inlineData", Value::Object(fields));
            self.emit(EventKind::Part, one("part", Value::Object(part)));
        }
    }

    fn part_event(&mut self, kind: EventKind, mut fields: Map) {
        let odd = sift::message(kind.table(), &mut fields);
        if !odd.is_empty() {
            self.odd_parts.push(Value::Object(odd));
        }
        self.emit(kind, fields);
    }
}

fn take_text(fields: &mut Map, name: &str) -> Option<String> {
    match fields.get_mut(name)?.take() {
        Value::String(text) => Some(text),
        other => {
            fields.set(name, other);
            None
        }
    }
}

/// The medium's base64 text, moved out, and what describes it.
fn take_inline(part: &mut Map) -> Option<(String, Map)> {
    let name = "inlineData";
    let mut fields = take_object(part, name)?;
    sift::rename(&mut fields);
    match take_text(&mut fields, "data") {
        Some(data) => Some((data, fields)),
        None => {
            part.set(name, Value::Object(fields));
            None
        }
    }
}

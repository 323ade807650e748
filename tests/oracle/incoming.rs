//! What is received: every field of every frame is found again, and whole conversations add up.

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use gemini_live_web::{
    event::Event,
    protocol::server::{EventKind, Item, decode},
};
use serde_json::{Map, Value, json};

use crate::{
    rules::{camel_case, has_tag},
    structure,
};

pub(crate) fn server_message(case: &Value) -> Result<(), String> {
    let raw = case["raw"].as_str().expect("a frame");
    let decoded = decode(raw.as_bytes());
    let is_object = serde_json::from_str::<Map<String, Value>>(raw).is_ok();
    match (decoded, is_object) {
        // The SDK hands on whatever is JSON; a message is an object.
        (Err(_), false) if has_tag(case, &["malformed"]) || case["expect"]["outcome"] == "not_delivered" => {
            Ok(())
        }
        (Ok(items), true) => delivered(&items, &case["expect"], raw),
        (decoded, _) => Err(format!("{decoded:?}")),
    }
}

/// The items hold what the delivered message holds: each field, the text, the data; and nothing that the frame
/// does not have.
fn delivered(items: &[Item], expect: &Value, raw: &str) -> Result<(), String> {
    let mut found = Vec::new();
    for item in items {
        match item {
            Item::Audio(audio) => {
                found.push(("data".to_owned(), json!(audio.data)));
                found.push(("rate".to_owned(), json!(audio.rate_hz)));
            }
            Item::Event(event) => {
                let value: Value = serde_json::from_str(&event.to_json()).expect("our own JSON");
                note(&value, "", &mut found);
                typed(event.kind, Event::from(event.clone()))?;
            }
        }
    }
    nothing_invented(&found, raw)?;
    structure::check(items, raw)?;
    let mut wanted = Vec::new();
    want(&expect["message"], "", &mut wanted);
    for leaf in wanted {
        let at = found.iter().position(|found| *found == leaf);
        found.remove(at.ok_or_else(|| format!("{leaf:?} is lost: {items:?}"))?);
    }
    let text = texts(items, false);
    if text.as_deref() != expect["text"].as_str() {
        return Err(format!("text {text:?} instead of {}", expect["text"]));
    }
    let data = bytes(items, "");
    let expected = expect["data"].as_str().map(lenient).unwrap_or_default();
    // Where the SDK fails at the data, here it is the listener who decodes, in both alphabets.
    if data == expected || expect.get("data_error").is_some() {
        Ok(())
    } else {
        Err(format!("{} bytes of data instead of {}", data.len(), expected.len()))
    }
}

/// Whatever was sifted has the types that were promised: only what is unknown is typed as unknown.
fn typed(kind: EventKind, event: Event) -> Result<(), String> {
    match (kind, &event) {
        (EventKind::Unknown, Event::Unknown(_)) => Ok(()),
        (kind, Event::Unknown(_)) => Err(format!("{kind:?} has another type than promised: {event:?}")),
        _ => Ok(()),
    }
}

/// Each field of an event is one of the frame's, or one that is always there and says that it was not.
fn nothing_invented(found: &[(String, Value)], raw: &str) -> Result<(), String> {
    let frame: Value = serde_json::from_str(raw).expect("JSON");
    let mut given = Vec::new();
    note(&frame, "", &mut given);
    for leaf in found {
        if let Some(at) = given.iter().position(|given| given == leaf) {
            given.remove(at);
            continue;
        }
        let (key, value) = leaf;
        let is_ours = match (key.as_str(), value) {
            // What it is, the rate that audio has, and what an event always has.
            ("type" | "rate", _) | ("text" | "name" | "data" | "code", Value::String(_))
                if is_blank(leaf) =>
            {
                true
            }
            (_, Value::Bool(true)) => KINDS.contains(&key.as_str()),
            // An error that is a text, and the older name of a field.
            ("message", text) => given.contains(&("error".to_owned(), text.clone())),
            ("voiceActivityType", text) => given.contains(&("type".to_owned(), text.clone())),
            _ => false,
        };
        if !is_ours {
            return Err(format!("{leaf:?} is invented"));
        }
    }
    Ok(())
}

fn is_blank((key, value): &(String, Value)) -> bool {
    matches!(key.as_str(), "type" | "rate") || value == ""
}

/// What [`note`] takes the `type` of an event for.
const KINDS: &[&str] = &[
    "setupComplete",
    "inputTranscription",
    "interimInputTranscription",
    "voiceActivity",
    "voiceActivityDetectionSignal",
    "text",
    "thought",
    "inlineData",
    "executableCode",
    "codeExecutionResult",
    "part",
    "outputTranscription",
    "groundingMetadata",
    "urlContextMetadata",
    "toolCall",
    "toolCallCancellation",
    "interrupted",
    "generationComplete",
    "usageMetadata",
    "turnComplete",
    "turnStatus",
    "goAway",
    "sessionResumptionUpdate",
    "error",
    "unknown",
];

/// The fields of an event. An event without fields still says that it came.
fn note(value: &Value, key: &str, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                note(value, if key == "type_" { "type" } else { key }, found);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| note(value, key, found)),
        Value::String(kind) if key == "type" => {
            let kind = if kind == "serverError" { "error" } else { kind };
            found.push((kind.to_owned(), Value::Bool(true)));
            found.push((key.to_owned(), value.clone()));
        }
        scalar => found.push((camel_case(key), plain(scalar))),
    }
}

/// 3 and 3.0 are the same number.
fn plain(scalar: &Value) -> Value {
    scalar.as_f64().map_or_else(|| scalar.clone(), Value::from)
}

/// What must be found: every scalar, and that each kind of message came. False flags and nulls say nothing.
fn want(value: &Value, key: &str, wanted: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(fields) => {
            if ANNOUNCED.contains(&camel_case(key).as_str()) && !fields.contains_key("toolType") {
                wanted.push((camel_case(key), Value::Bool(true)));
            }
            for (name, value) in fields {
                // Rule "spelling": the older name of the field.
                let is_old = key == "voiceActivity" && name == "type";
                want(value, if is_old { "voiceActivityType" } else { name }, wanted);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| want(value, key, wanted)),
        Value::Null | Value::Bool(false) => {}
        Value::String(_) if key == "role" => {}
        Value::String(mime_type) if key == "mimeType" && mime_type.starts_with("audio/pcm") => {}
        Value::String(data) if key == "data" && data.is_empty() => {}
        scalar => wanted.push((camel_case(key), plain(scalar))),
    }
}

/// Messages that are an event of their own, even when they are empty.
const ANNOUNCED: &[&str] = &[
    "setupComplete",
    "inputTranscription",
    "interimInputTranscription",
    "outputTranscription",
    "voiceActivity",
    "voiceActivityDetectionSignal",
    "groundingMetadata",
    "urlContextMetadata",
    "toolCall",
    "toolCallCancellation",
    "usageMetadata",
    "goAway",
    "sessionResumptionUpdate",
    "error",
    "executableCode",
    "codeExecutionResult",
];

/// The text of the answer, or of its thoughts; `None` if there is none.
fn texts(items: &[Item], are_thoughts: bool) -> Option<String> {
    let kind = if are_thoughts { EventKind::Thought } else { EventKind::Text };
    let pieces = items.iter().filter_map(|item| match item {
        Item::Event(event) if event.kind == kind => event.text("text"),
        _ => None,
    });
    pieces.map(str::to_owned).reduce(|all, piece| all + &piece)
}

/// The media of the answer whose type begins so.
fn bytes(items: &[Item], kind: &str) -> Vec<u8> {
    let pieces = items.iter().filter_map(|item| match item {
        Item::Audio(audio) => Some(audio.data.as_str()),
        Item::Event(event) if event.kind == EventKind::InlineData => {
            event.text("mimeType").unwrap_or_default().starts_with(kind).then(|| event.text("data"))?
        }
        _ => None,
    });
    pieces.flat_map(lenient).collect()
}

/// Both alphabets, with or without padding.
fn lenient(text: &str) -> Vec<u8> {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let text = text.replace('-', "+").replace('_', "/");
    GeneralPurpose::new(&alphabet::STANDARD, config).decode(text).unwrap_or_default()
}

pub(crate) fn sequence(case: &Value) -> Result<(), String> {
    let frames = case["frames"].as_array().expect("frames");
    let mut all = Vec::new();
    let mut lost = 0;
    let mut delivered_ones = case["expect"]["delivered"].as_array().expect("deliveries").iter();
    for frame in frames {
        match decode(frame.as_str().expect("a frame").as_bytes()) {
            Ok(items) => {
                let expect = delivered_ones.next().ok_or("the SDK delivered fewer")?;
                delivered(&items, expect, frame.as_str().expect("a frame"))?;
                all.extend(items);
            }
            Err(_) => lost += 1,
        }
    }
    let expect = &case["expect"];
    if expect["undelivered_frames"] != lost {
        return Err(format!("{lost} frames lost instead of {}", expect["undelivered_frames"]));
    }
    let setup = all.iter().find_map(|item| match item {
        Item::Event(event) if event.kind == EventKind::SetupComplete => {
            Some(Value::from(gemini_live_web::json::Value::from(event.fields.clone())))
        }
        _ => None,
    });
    if setup.unwrap_or_default() != expect["session_setup_complete"] {
        return Err("another setupComplete".to_owned());
    }
    let ours = aggregate(&all);
    let expected = &expect["aggregate"];
    if ours == *expected { Ok(()) } else { Err(format!("{ours}\n instead of {expected}")) }
}

/// The fold that the recordings' description defines.
fn aggregate(items: &[Item]) -> Value {
    let events: Vec<Event> = items
        .iter()
        .filter_map(|item| match item {
            Item::Event(event) => Some(event.clone().into()),
            Item::Audio(_) => None,
        })
        .collect();
    let count = |test: fn(&Event) -> bool| events.iter().filter(|event| test(event)).count();
    let audio = bytes(items, "audio/");
    let words =
        |pick: fn(&Event) -> Option<&str>| events.iter().filter_map(|event| pick(event)).collect::<String>();
    let calls = events.iter().filter_map(|event| match event {
        Event::ToolCall(call) => Some(&call.function_calls),
        _ => None,
    });
    let cancelled = events.iter().filter_map(|event| match event {
        Event::ToolCallCancellation(cancellation) => Some(cancellation.ids.clone()),
        _ => None,
    });
    let go_aways = events.iter().filter_map(|event| match event {
        Event::GoAway(leaving) => Some(leaving.time_left.clone()),
        _ => None,
    });
    json!({
        "model_text": texts(items, false).unwrap_or_default(),
        "thought_text": texts(items, true).unwrap_or_default(),
        "audio_base64": base64::engine::general_purpose::STANDARD.encode(&audio),
        "audio_bytes": audio.len(),
        "input_transcript": words(|event| match event {
            Event::InputTranscription(heard) => Some(&heard.text),
            _ => None,
        }),
        "output_transcript": words(|event| match event {
            Event::OutputTranscription(said) => Some(&said.text),
            _ => None,
        }),
        "last_interim_input_transcript": events.iter().rev().find_map(|event| match event {
            Event::InterimInputTranscription(heard) => Some(heard.text.clone()),
            _ => None,
        }),
        "interrupted": count(|event| matches!(event, Event::Interrupted(_))),
        "generation_complete": count(|event| matches!(event, Event::GenerationComplete(_))),
        "turn_complete": count(|event| matches!(event, Event::TurnComplete(_))),
        "tool_call_ids": calls.flatten().map(|call| call.id.clone()).collect::<Vec<_>>(),
        "cancelled_ids": cancelled.flatten().collect::<Vec<_>>(),
        "last_resumption_handle": events.iter().rev().find_map(|event| match event {
            Event::SessionResumptionUpdate(update) if update.resumable == Some(true) => {
                update.new_handle.clone().filter(|handle| !handle.is_empty())
            }
            _ => None,
        }),
        "go_away_time_left": go_aways.collect::<Vec<_>>(),
        "last_total_token_count": items.iter().rev().find_map(|item| match item {
            Item::Event(event) if event.kind == EventKind::UsageMetadata => {
                event.fields.get("totalTokenCount")?.as_u64()
            }
            _ => None,
        }),
    })
}

//! The frame put together again from what was made of it: everything at its place, in its order, and nothing else.

use gemini_live_web::protocol::server::{EventKind, Item, ServerEvent};
use serde_json::{Map, Value, json};

use crate::rules::camel_case;

/// Fails if `items` do not say what the frame `raw` says, where it says it.
pub(crate) fn check(items: &[Item], raw: &str) -> Result<(), String> {
    let Ok(Value::Object(frame)) = serde_json::from_str(raw) else { return Err("no object".to_owned()) };
    let mut frame = camel(frame);
    let mut content = take(&mut frame, "serverContent").map(camel);
    let turn = content.as_mut().and_then(|content| take(content, "modelTurn")).map(camel);
    let (mut rest, parts) = match turn {
        Some(mut turn) => {
            let parts = turn.remove("parts");
            (turn, parts)
        }
        None => Default::default(),
    };
    if rest.get("role").is_some_and(Value::is_string) {
        rest.remove("role");
    }
    // What is left of the turn once its parts are out.
    if let Some(content) = &mut content
        && !rest.is_empty()
    {
        content.insert("modelTurn".to_owned(), Value::Object(rest));
    }
    if let Some(content) = content {
        frame.insert("serverContent".to_owned(), Value::Object(content));
    }
    let (mut ours, unread) = rebuilt(items);
    let has_odd_parts = take_odd_parts(&mut ours);
    same("", &Value::Object(frame), &Value::Object(ours))?;
    let given: Vec<Value> = match parts {
        Some(Value::Array(parts)) => parts.into_iter().flat_map(units).collect(),
        _ => Vec::new(),
    };
    // What has another type than it should is set aside; the leaves are looked for elsewhere.
    if has_odd_parts {
        return Ok(());
    }
    same("parts", &Value::Array(given), &Value::Array(unread))
}

/// Takes out what was set aside of the parts; whether there was any.
fn take_odd_parts(frame: &mut Map<String, Value>) -> bool {
    let Some(Value::Object(content)) = frame.get_mut("serverContent") else { return false };
    let Some(Value::Object(turn)) = content.get_mut("modelTurn") else { return false };
    let is_any = turn.remove("parts").is_some();
    if turn.is_empty() {
        content.remove("modelTurn");
    }
    is_any
}

/// The frame without its parts, and those, each as the units it was taken apart into.
fn rebuilt(items: &[Item]) -> (Map<String, Value>, Vec<Value>) {
    let (mut frame, mut parts) = (Map::new(), Vec::new());
    for item in items {
        match item {
            Item::Audio(audio) => {
                parts.push(json!({ "audio": { "data": audio.data, "rate": audio.rate_hz } }))
            }
            Item::Event(event) => {
                let fields = Value::from(gemini_live_web::json::Value::from(event.fields.clone()));
                match unit_name(event.kind) {
                    Some(name) => parts.push(json!({ name: fields })),
                    None => lay(&mut frame, place(event, fields)),
                }
            }
        }
    }
    (frame, parts)
}

fn unit_name(kind: EventKind) -> Option<&'static str> {
    match kind {
        EventKind::Text => Some("text"),
        EventKind::Thought => Some("thought"),
        EventKind::InlineData => Some("inlineData"),
        EventKind::ExecutableCode => Some("executableCode"),
        EventKind::CodeExecutionResult => Some("codeExecutionResult"),
        EventKind::Part => Some("part"),
        _ => None,
    }
}

/// Where in a frame an event's fields were.
fn place(event: &ServerEvent, mut fields: Value) -> Value {
    let in_content = |inner: Value| json!({ "serverContent": inner });
    match event.kind {
        EventKind::InputTranscription => in_content(json!({ "inputTranscription": fields })),
        EventKind::InterimInputTranscription => in_content(json!({ "interimInputTranscription": fields })),
        EventKind::OutputTranscription => in_content(json!({ "outputTranscription": fields })),
        EventKind::GroundingMetadata | EventKind::UrlContextMetadata | EventKind::TurnStatus => {
            in_content(fields)
        }
        EventKind::Interrupted => in_content(json!({ "interrupted": true })),
        EventKind::GenerationComplete => in_content(json!({ "generationComplete": true })),
        EventKind::TurnComplete => {
            fields["turnComplete"] = Value::Bool(true);
            in_content(fields)
        }
        EventKind::ServerError => json!({ "error": fields }),
        EventKind::Unknown => fields["fields"].take(),
        kind => json!({ kind.as_str(): fields }),
    }
}

fn lay(frame: &mut Map<String, Value>, more: Value) {
    let Value::Object(more) = more else { return };
    for (name, value) in more {
        match (frame.get_mut(&name), value) {
            (Some(Value::Object(inner)), value @ Value::Object(_)) => lay(inner, value),
            (Some(Value::Array(inner)), Value::Array(list)) => inner.extend(list),
            (_, value) => {
                frame.insert(name, value);
            }
        }
    }
}

/// What one part says: its text with what stands beside it, its medium, its code.
fn units(part: Value) -> Vec<Value> {
    let Value::Object(part) = part else { return Vec::new() };
    let mut part = camel(part);
    part.retain(|_, value| !value.is_null());
    let code =
        part.get("executableCode").is_some_and(Value::is_object).then(|| part.remove("executableCode"));
    let result = part
        .get("codeExecutionResult")
        .is_some_and(Value::is_object)
        .then(|| part.remove("codeExecutionResult"));
    let is_medium = part.get("inlineData").is_some_and(|medium| medium["data"].is_string());
    let medium = is_medium.then(|| take(&mut part, "inlineData")).flatten();
    let mut units = Vec::new();
    if part.get("text").is_some_and(Value::is_string) {
        let is_thought = part.get("thought").is_some_and(|thought| thought == true);
        if part.get("thought").is_some_and(Value::is_boolean) {
            part.remove("thought");
        }
        let name = if is_thought { "thought" } else { "text" };
        units.push(json!({ name: part }));
        part = Map::new();
    }
    units.extend(medium.into_iter().flat_map(|medium| media(camel(medium))));
    units.extend(code.flatten().map(|code| json!({ "executableCode": code })));
    units.extend(result.flatten().map(|result| json!({ "codeExecutionResult": result })));
    if !part.is_empty() {
        units.push(json!({ "part": { "part": part } }));
    }
    units
}

/// Audio that can be played, or a medium for the application.
fn media(mut medium: Map<String, Value>) -> Vec<Value> {
    let Some(rate) = medium.get("mimeType").and_then(Value::as_str).and_then(rate) else {
        return vec![json!({ "inlineData": medium })];
    };
    medium.remove("mimeType");
    let data = medium.remove("data").unwrap_or_default();
    medium.retain(|_, value| !value.is_null());
    let mut units = Vec::new();
    if data != "" {
        units.push(json!({ "audio": { "data": data, "rate": rate } }));
    }
    if !medium.is_empty() {
        units.push(json!({ "part": { "part": { "inlineData": medium } } }));
    }
    units
}

/// The rate of 16-bit samples, which is 24 kHz where it is not said.
fn rate(mime_type: &str) -> Option<f64> {
    let mut pieces = mime_type.split(';');
    if !pieces.next()?.trim().eq_ignore_ascii_case("audio/pcm") {
        return None;
    }
    let said = pieces
        .filter_map(|piece| piece.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("rate"));
    said.map_or(Some(24_000.0), |(_, rate)| rate.trim().parse().ok())
}

/// Whether both say the same. What says nothing may be missing of `ours`, and fields that are always there may be more.
fn same(at: &str, given: &Value, ours: &Value) -> Result<(), String> {
    match (given, ours) {
        (Value::Object(given), Value::Object(ours)) => same_fields(at, given, ours),
        (Value::Array(given), Value::Array(ours)) => same_lists(at, given, ours),
        // An error that is a text.
        (Value::String(_), Value::Object(fields)) if at == ".error" && fields.len() == 1 => {
            same(at, given, &fields["message"])
        }
        (Value::Number(one), Value::Number(other)) if one.as_f64() == other.as_f64() => Ok(()),
        _ if given == ours => Ok(()),
        _ => Err(format!("`{at}` was {given} and is {ours}")),
    }
}

fn same_fields(at: &str, given: &Map<String, Value>, ours: &Map<String, Value>) -> Result<(), String> {
    let mut left = ours.clone();
    for (name, value) in given {
        let below = format!("{at}.{name}");
        let newer = if at == ".voiceActivity" && name == "type" { "voiceActivityType" } else { name };
        let own = [name.as_str(), &camel_case(name), newer, "type_"]
            .into_iter()
            .find_map(|key| (key != "type_" || name == "type").then(|| left.remove(key)).flatten());
        match own {
            Some(own) => same(&below, value, &own)?,
            None if value.is_null() || says_nothing(&below, value) => {}
            None => return Err(format!("`{below}` is lost: {value}")),
        }
    }
    match left.iter().find(|(name, value)| !(ALWAYS.contains(&name.as_str()) && is_empty(value))) {
        Some((name, value)) => Err(format!("`{at}.{name}` is invented: {value}")),
        None => Ok(()),
    }
}

fn same_lists(at: &str, given: &[Value], ours: &[Value]) -> Result<(), String> {
    let in_order = |given: &[&Value]| {
        if given.len() != ours.len() {
            return Err(format!(
                "`{at}` had {} entries and has {}: {given:?} {ours:?}",
                given.len(),
                ours.len()
            ));
        }
        given.iter().zip(ours).try_for_each(|(given, ours)| same(&format!("{at}[]"), given, ours))
    };
    let all: Vec<&Value> = given.iter().collect();
    let some: Vec<&Value> = given.iter().filter(|entry| !entry.is_null()).collect();
    in_order(&all).or_else(|why| if some.len() < all.len() { in_order(&some) } else { Err(why) })
}

/// Flags that are false, and what only would have held something.
fn says_nothing(at: &str, value: &Value) -> bool {
    const FLAGS: [&str; 3] =
        [".serverContent.turnComplete", ".serverContent.interrupted", ".serverContent.generationComplete"];
    match value {
        Value::Bool(false) => FLAGS.contains(&at),
        Value::Object(fields) => {
            [".serverContent", ".serverContent.modelTurn"].contains(&at)
                && fields
                    .iter()
                    .all(|(name, value)| value.is_null() || says_nothing(&format!("{at}.{name}"), value))
        }
        _ => false,
    }
}

/// Fields that an event has even where the message had none; then they are empty.
const ALWAYS: [&str; 10] = [
    "text",
    "data",
    "code",
    "name",
    "args",
    "functionCalls",
    "ids",
    "part",
    "groundingMetadata",
    "urlContextMetadata",
];

fn is_empty(value: &Value) -> bool {
    value == "" || value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(Map::is_empty)
}

/// The object in a field, taken out; what is no object stays.
fn take(fields: &mut Map<String, Value>, name: &str) -> Option<Map<String, Value>> {
    match fields.remove(name)? {
        Value::Object(inner) => Some(inner),
        other => {
            fields.insert(name.to_owned(), other);
            None
        }
    }
}

/// Names in snake_case as the wire has them, unless both are there.
fn camel(fields: Map<String, Value>) -> Map<String, Value> {
    let mut renamed = Map::new();
    for (name, value) in fields {
        let camel = camel_case(&name);
        let name = if renamed.contains_key(&camel) { name } else { camel };
        renamed.insert(name, value);
    }
    renamed
}

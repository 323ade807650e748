//! Messages by chance, of the tables' fields: any of them together that may stand together.

use proptest::{collection::vec, prelude::*, sample::subsequence};
use serde_json::{Map, Value, json};

use crate::{
    table::Field,
    walk::{WIRE, completed},
};

/// An argument that says something of this message, as the wire writes it.
pub(crate) fn message(root: &'static str) -> BoxedStrategy<Value> {
    fields(root, "", 4)
}

fn fields(message: &'static str, name: &'static str, depth: u32) -> BoxedStrategy<Value> {
    let all: Vec<(&'static str, Field)> = WIRE
        .fields(message)
        .filter(|(name, field)| field.kind != "vertex" && *name != "model")
        // What holds itself ends somewhere.
        .filter(|(_, field)| depth > 0 || WIRE.name(field.kind).is_none())
        .collect();
    let most = all.len().min(5);
    subsequence(all, 0..=most)
        .prop_flat_map(move |chosen| {
            let values: Vec<_> = chosen.iter().map(|(name, field)| value(name, *field, depth)).collect();
            let names: Vec<_> = chosen.into_iter().map(|(name, _)| name.to_owned()).collect();
            values.prop_map(move |values| {
                let mut fields: Map<String, Value> = names.iter().cloned().zip(values).collect();
                agree(message, name, &mut fields);
                completed(message, name, Value::Object(fields))
            })
        })
        .boxed()
}

/// Takes out what may not stand beside something else.
fn agree(message: &str, name: &str, fields: &mut Map<String, Value>) {
    let mut one_of = |one: &str, other: &str| {
        if fields.contains_key(one) {
            fields.remove(other);
        }
    };
    match message {
        "FunctionDeclaration" => {
            one_of("parameters", "parametersJsonSchema");
            one_of("response", "responseJsonSchema");
        }
        "Schema" => one_of("anyOf", "type"),
        // A part that is a call needs a content, and has one; a medium needs its kind.
        "Blob" if ["audio", "video"].contains(&name) => drop(fields.remove("mimeType")),
        _ => {}
    }
}

fn value(name: &'static str, field: Field, depth: u32) -> BoxedStrategy<Value> {
    let names = WIRE.names(field.kind);
    let one: BoxedStrategy<Value> = match field.kind {
        "bool" => any::<bool>().prop_map(Value::from).boxed(),
        "int32" => (-i32::MAX..=i32::MAX).prop_map(Value::from).boxed(),
        "int64" => any::<i64>().prop_map(|number| json!(number.to_string())).boxed(),
        "number" => (-1000_i32..1000).prop_map(|number| json!(f64::from(number) / 4.0)).boxed(),
        "any" | "object" => vec(("[a-zA-Z_]{1,4}", ".{0,4}"), 1..3)
            .prop_map(|fields| fields.into_iter().map(|(name, text)| (name, json!(text))).collect())
            .boxed(),
        "empty" => Just(json!({})).boxed(),
        "duration" => Just(json!("1.5s")).boxed(),
        "timestamp" => Just(json!("2030-01-01T00:00:00Z")).boxed(),
        "bytes" => Just(json!("AAAA")).boxed(),
        // A call's answer is refused without them.
        "string" if ["id", "name"].contains(&name) => ".{1,9}".prop_map(Value::from).boxed(),
        "string" => ".{0,9}".prop_map(Value::from).boxed(),
        // A type that is null alone is refused.
        _ if !names.is_empty() => (0..names.len())
            .prop_map(|at| json!(names[at]))
            .prop_filter("null", |name| name != "NULL")
            .boxed(),
        kind => {
            fields(WIRE.name(kind).unwrap_or_else(|| panic!("no type {kind}")), name, depth.saturating_sub(1))
        }
    };
    match (field.is_list, field.is_map) {
        // One modality; and a turn that is empty is none.
        (true, _) if name == "responseModalities" => one.prop_map(|name| json!([name])).boxed(),
        (true, _) => vec(one, 1..3).prop_map(Value::Array).boxed(),
        (_, true) => vec(("[a-z_A-Z]{1,5}", one), 0..3)
            .prop_map(|fields| Value::Object(fields.into_iter().collect()))
            .boxed(),
        _ => one,
    }
}

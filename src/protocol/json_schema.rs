//! Schemas of functions: the service's subset of OpenAPI, and JSON Schema written as that.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    choices::SchemaType,
    schema::{Int64, Kind, message},
    walk::{Walk, shorten},
};
use crate::error::Error;

message! {
    /// What a function takes or returns, in the service's subset of OpenAPI.
    ///
    /// JSON Schema is understood where it means the same: types in lower case, a list of types, `null` among
    /// them, `additionalProperties`. What goes beyond belongs into
    /// [`parameters_json_schema`](super::tools::FunctionDeclaration::parameters_json_schema), which is not touched.
    Schema {
        /// The type.
        kind "type": SchemaType,
        /// A closer description of the type, such as `int32`, `double`, `enum`, `date-time`.
        format "format": String,
        /// A short name.
        title "title": String,
        /// What it means; the model reads this.
        description "description": String,
        /// Whether `null` is allowed.
        nullable "nullable": bool,
        /// The values a string may have.
        choices "enum": Vec<String>,
        /// What a list holds.
        items "items": Box<Schema>,
        /// Fewest entries of a list.
        min_items "minItems": Int64,
        /// Most entries of a list.
        max_items "maxItems": Int64,
        /// The fields of an object.
        properties "properties": BTreeMap<String, Schema>,
        /// Those that must be there.
        required "required": Vec<String>,
        /// The order in which the fields are generated.
        property_ordering "propertyOrdering": Vec<String>,
        /// Fewest fields.
        min_properties "minProperties": Int64,
        /// Most fields.
        max_properties "maxProperties": Int64,
        /// Least value of a number.
        minimum "minimum": f64,
        /// Greatest value of a number.
        maximum "maximum": f64,
        /// Least length of a string.
        min_length "minLength": Int64,
        /// Greatest length of a string.
        max_length "maxLength": Int64,
        /// A regular expression that a string matches.
        pattern "pattern": String,
        /// An example; the model reads this.
        example "example": Value,
        /// The value that is meant when there is none; the model reads this.
        default "default": Value,
        /// It is one of these.
        any_of "anyOf": Vec<Schema>,
    }
    adjust adjust
    kind Kind::Schema
}

/// Writes JSON Schema as the service's subset has it.
fn adjust(walk: &mut Walk, fields: &mut Map<String, Value>) -> Result<(), Error> {
    while unfold_nullable(walk, fields)? {}
    let is_null = |value: &Value| value.as_str() == Some("null");
    if let Some(Value::Array(alternatives)) = fields.get_mut("anyOf") {
        let before = alternatives.len();
        alternatives.retain(|item| !item.get("type").is_some_and(is_null));
        if alternatives.len() < before {
            if alternatives.is_empty() {
                return Err(walk.within("anyOf", |walk| walk.error(NULL_ALONE)));
            }
            fields.insert("nullable".to_owned(), Value::Bool(true));
        }
    }
    if let Some(Value::Array(types)) = fields.get_mut("type") {
        let mut types = std::mem::take(types);
        let before = types.len();
        types.retain(|item| !is_null(item));
        if types.len() < before {
            fields.insert("nullable".to_owned(), Value::Bool(true));
        }
        match types.len() {
            0 => return Err(walk.within("type", |walk| walk.error(NULL_ALONE))),
            1 => fields.insert("type".to_owned(), types.into_iter().next().unwrap_or_default()),
            _ => {
                fields.remove("type");
                let of_type = |item| Value::Object(Map::from_iter([("type".to_owned(), item)]));
                fields.insert("anyOf".to_owned(), types.into_iter().map(of_type).collect())
            }
        };
    }
    if fields.get("type").is_some_and(is_null) {
        return Err(walk.within("type", |walk| walk.error(NULL_ALONE)));
    }
    // `false` is what generators write everywhere, and what the model does anyway.
    match fields.remove("additionalProperties") {
        None | Some(Value::Null | Value::Bool(false)) => {}
        Some(_) => {
            walk.within("additionalProperties", |walk| walk.warn("unknown-field", NOT_SENT.to_owned()))
        }
    }
    Ok(())
}

/// `anyOf` with one schema and `null` is that schema, nullable. What stands beside it is kept.
fn unfold_nullable(walk: &mut Walk, fields: &mut Map<String, Value>) -> Result<bool, Error> {
    let is_set = |name: &str| fields.get(name).is_some_and(|value| !value.is_null());
    if is_set("type") && is_set("anyOf") {
        return Err(walk.error("`type` and `anyOf` exclude each other."));
    }
    let Some(Value::Array(alternatives)) = fields.get_mut("anyOf") else { return Ok(false) };
    let is_null = |item: &Value| item.get("type").and_then(Value::as_str) == Some("null");
    if alternatives.len() != 2 || alternatives.iter().filter(|item| is_null(item)).count() != 1 {
        return Ok(false);
    }
    let Some(Value::Object(mut other)) = alternatives.iter_mut().find(|item| !is_null(item)).map(Value::take)
    else {
        return Err(walk.within("anyOf", |walk| walk.error("Each of these must be a schema.")));
    };
    fields.remove("anyOf");
    fields.append(&mut other);
    fields.insert("nullable".to_owned(), Value::Bool(true));
    Ok(true)
}

/// The type in upper case; a type that schemas do not have becomes `TYPE_UNSPECIFIED`.
pub(crate) fn type_name(walk: &mut Walk, name: &str) -> String {
    let upper = name.to_ascii_uppercase();
    if SchemaType::NAMES.contains(&upper.as_str()) {
        return upper;
    }
    let text =
        ["\"", shorten(name), "\" is not a type that schemas have: it is sent as TYPE_UNSPECIFIED."].concat();
    walk.warn("unknown-value", text);
    "TYPE_UNSPECIFIED".to_owned()
}

const NULL_ALONE: &str = "null must not be the only type.";
const NOT_SENT: &str =
    "additionalProperties is not sent: `parameters` cannot say it. Write the schema as parametersJsonSchema.";

//! Schemas of functions: the service's subset of OpenAPI, and JSON Schema written as that.

use std::collections::BTreeMap;

use crate::{
    error::{Error, WarningCode},
    protocol::{
        json::{Map, Value, object},
        schema::{
            Int64, Kind, Validated, Validator, message,
            names::{known_as, shorten},
            open_enum,
        },
    },
};

open_enum! {
    /// Schema type: the type of a value, in upper or lower case.
    SchemaType {
        /// None.
        Unspecified = "TYPE_UNSPECIFIED",
        /// A string.
        String = "STRING",
        /// A number.
        Number = "NUMBER",
        /// An integer.
        Integer = "INTEGER",
        /// A boolean.
        Boolean = "BOOLEAN",
        /// An array.
        Array = "ARRAY",
        /// An object.
        Object = "OBJECT",
        /// Null.
        Null = "NULL",
    }
    kind Kind::Custom(type_name)
}

message! {
    /// Schema: what a function takes or returns, in the service's subset of OpenAPI.
    ///
    /// JSON Schema is understood where it means the same: types in lower case, a list of types, `null` among
    /// them, `additionalProperties`. What goes beyond belongs into `parametersJsonSchema`, which is not
    /// touched.
    Schema {
        /// Type. From JavaScript also a list, which means any of its types; `"null"` in it means `nullable`.
        kind "type": SchemaType as "SchemaType | readonly SchemaType[]",
        /// Format: a closer description of the type, such as `int32`, `double`, `enum`, `date-time`.
        format "format": String,
        /// Title: a short name.
        title "title": String,
        /// Description: what it means; the model reads this.
        description "description": String,
        /// Nullable: whether `null` is allowed.
        nullable "nullable": bool,
        /// Enum: the values a string may have.
        enumeration "enum": Vec<String>,
        /// Items: what an array holds.
        items "items": Box<Schema>,
        /// Minimum number of items of an array.
        min_items "minItems": Int64,
        /// Maximum number of items of an array.
        max_items "maxItems": Int64,
        /// Properties of an object.
        properties "properties": BTreeMap<String, Schema>,
        /// Required properties.
        required "required": Vec<String>,
        /// Property ordering: the order in which they are generated.
        property_ordering "propertyOrdering": Vec<String>,
        /// Minimum number of properties.
        min_properties "minProperties": Int64,
        /// Maximum number of properties.
        max_properties "maxProperties": Int64,
        /// Minimum of a number.
        minimum "minimum": f64,
        /// Maximum of a number.
        maximum "maximum": f64,
        /// Minimum length of a string.
        min_length "minLength": Int64,
        /// Maximum length of a string.
        max_length "maxLength": Int64,
        /// Pattern: a regular expression that a string matches.
        pattern "pattern": String,
        /// Example; the model reads this.
        example "example": Value,
        /// Default: the value that is meant when there is none; the model reads this.
        default "default": Value,
        /// Any of: it is one of these.
        any_of "anyOf": Vec<Schema>,
    }
    forms {
        /// Additional properties. Understood and left out: the service does not have them.
        "additionalProperties": "boolean | Schema",
    }
    adjust adjust
    check schema
    hint "JSON Schema beyond this goes into parametersJsonSchema."
}

/// Writes JSON Schema as the service's subset has it.
fn adjust(validator: &mut Validator, fields: &mut Map) -> Validated {
    while unfold_nullable(validator, fields)? {}
    let mut is_nullable = false;
    if let Some(Value::Array(alternatives)) = fields.get_mut("anyOf") {
        is_nullable = without_null(alternatives, is_null_schema);
        if is_nullable && alternatives.is_empty() {
            return Err(validator.error_at("anyOf", NULL_ALONE));
        }
    }
    if let Some(Value::Array(types)) = fields.get_mut("type") {
        let mut types = std::mem::take(types);
        is_nullable |= without_null(&mut types, is_null);
        let is_single = types.len() == 1;
        let last = types.pop();
        let name = if is_single { "type" } else { "anyOf" };
        let value = match last {
            None => return Err(validator.error_at("type", NULL_ALONE)),
            Some(last) if is_single => last,
            Some(last) => {
                types.push(last);
                Value::Array(types.into_iter().map(|name| object("type", name)).collect())
            }
        };
        fields.set("type", Value::Null);
        fields.set(name, value);
    }
    if fields.get("type").is_some_and(is_null) {
        return Err(validator.error_at("type", NULL_ALONE));
    }
    if is_nullable {
        fields.set("nullable", Value::Bool(true));
    }
    // `false` is what generators write everywhere, and what the model does anyway.
    if let Some(value) = fields.get_mut("additionalProperties") {
        if !matches!(value, Value::Null | Value::Bool(false)) {
            validator.warn_at("additionalProperties", WarningCode::UnknownField, NOT_SENT.to_owned());
        }
        *value = Value::Null;
    }
    Ok(())
}

/// `anyOf` with one schema and `null` is that schema, nullable. What stands beside it is kept.
fn unfold_nullable(validator: &mut Validator, fields: &mut Map) -> Result<bool, Box<Error>> {
    let is_typed = fields.get("type").is_some_and(|kind| !kind.is_null());
    let Some(Value::Array(alternatives)) = fields.get_mut("anyOf") else { return Ok(false) };
    if is_typed {
        return Err(validator.error("`type` and `anyOf` exclude each other."));
    }
    let other = match alternatives.as_mut_slice() {
        [null, other] | [other, null] if is_null_schema(null) && !is_null_schema(other) => other.take(),
        _ => return Ok(false),
    };
    let Value::Object(other) = other else {
        return Err(validator.error_at("anyOf", "Each of these must be a schema."));
    };
    fields.set("anyOf", Value::Null);
    for (name, value) in other {
        fields.insert(name, value);
    }
    fields.set("nullable", Value::Bool(true));
    Ok(true)
}

/// Takes `null` out of a list; whether it was there.
fn without_null(list: &mut Vec<Value>, is_null: fn(&Value) -> bool) -> bool {
    let before = list.len();
    list.retain(|item| !is_null(item));
    list.len() < before
}

fn is_null(name: &Value) -> bool {
    name.as_str() == Some("null")
}

fn is_null_schema(schema: &Value) -> bool {
    schema.get("type").is_some_and(is_null)
}

/// Writes a type in upper case; one that schemas do not have becomes `TYPE_UNSPECIFIED`.
fn type_name(validator: &mut Validator, value: &mut Value) -> Validated {
    let Value::String(name) = value else { return Err(validator.mismatch("text", value)) };
    if let Some(known) = known_as(SchemaType::NAMES, name) {
        *name = (*known).to_owned();
        return Ok(());
    }
    let text =
        ["\"", shorten(name), "\" is not a type that schemas have: it is sent as TYPE_UNSPECIFIED."].concat();
    validator.warn(WarningCode::UnknownValue, text);
    *name = "TYPE_UNSPECIFIED".to_owned();
    Ok(())
}

fn schema(validator: &mut Validator, value: &mut Value) -> Validated {
    validator.message(Schema::TABLE, value)
}

const NULL_ALONE: &str = "null must not be the only type.";
const NOT_SENT: &str =
    "additionalProperties is not sent: `parameters` cannot say it. Write the schema as parametersJsonSchema.";

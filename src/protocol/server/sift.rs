//! The server's messages read along their tables, where the validator would refuse: what has another type
//! than it should is set aside, and the rest of the message counts.

use crate::{
    json::{Map, Number, Value},
    protocol::schema::{Kind, Table, names::camel_case},
};

/// Sifts the fields of one message: gives them their names on the wire, drops `null`, puts in what is always
/// there. What has another type than it should is taken out and answered, each under its name.
pub(super) fn message(table: &'static Table, fields: &mut Map) -> Map {
    rename(fields);
    let mut odd = Map::new();
    for (name, kind) in table.fields() {
        if let Some(value) = fields.get_mut(name)
            && !value.is_null()
            && let Some(left) = sifted(kind, value)
        {
            odd.set(name, left);
        }
    }
    fields.retain(|_, value| !value.is_null());
    for (name, kind) in table.fields() {
        if let Kind::Always(kind) = kind
            && !fields.contains_key(name)
        {
            fields.set(name, empty(*kind));
        }
    }
    odd
}

/// Keys in snake_case as the wire has them, unless that would lose a field.
pub(super) fn rename(fields: &mut Map) {
    if !fields.keys().any(|key| key.contains('_')) {
        return;
    }
    for (key, value) in std::mem::take(fields) {
        let camel = camel_case(&key);
        let name = if fields.contains_key(&camel) { key } else { camel };
        fields.insert(name, value);
    }
}

/// Takes out of a value what is not of this kind; `None` if all of it is.
fn sifted(kind: Kind, value: &mut Value) -> Option<Value> {
    match (kind, &mut *value) {
        (Kind::Always(kind), _) => sifted(*kind, value),
        (Kind::Message(table), Value::Object(fields)) => {
            let odd = message(table, fields);
            if odd.is_empty() { None } else { Some(Value::Object(odd)) }
        }
        (Kind::List(kind), Value::Array(list)) => {
            let mut odd = Vec::new();
            list.retain_mut(|entry| {
                if !entry.is_null() {
                    odd.extend(sifted(*kind, entry));
                }
                !entry.is_null()
            });
            if odd.is_empty() { None } else { Some(Value::Array(odd)) }
        }
        (Kind::Count, Value::Number(number)) => match number.to_integer().filter(|count| *count >= 0) {
            Some(count) => {
                *value = Value::Number(Number::from(count));
                None
            }
            None => Some(value.take()),
        },
        (Kind::Text | Kind::Enum(_), Value::String(_))
        | (Kind::Bool, Value::Bool(_))
        | (Kind::Number, Value::Number(_))
        | (Kind::Struct, Value::Object(_))
        | (Kind::Json, _) => None,
        _ => Some(value.take()),
    }
}

fn empty(kind: Kind) -> Value {
    match kind {
        Kind::List(_) => Value::Array(Vec::new()),
        Kind::Text => Value::String(String::new()),
        _ => Value::Object(Map::new()),
    }
}

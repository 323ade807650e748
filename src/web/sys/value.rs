//! Plain values on their way to JavaScript.

use js_sys::{JSON, Object, Reflect};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::{error::Error, event::SessionEvent};

/// A plain object with these fields.
pub(in crate::web) fn object(fields: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in fields {
        // Fails only on frozen objects.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object
}

/// An event as the application gets it.
pub(in crate::web) fn event(event: &SessionEvent) -> JsValue {
    // What this library wrote parses.
    JSON::parse(&event.to_json()).unwrap_or_default()
}

/// An object with the fields of a `LiveError`.
pub(in crate::web) fn error(error: &Error) -> JsValue {
    JSON::parse(&error.to_json()).unwrap_or_default()
}

/// A plain value as the plain object that JavaScript expects: what JSON text would give, without the text.
pub(in crate::web) fn to_js(value: &impl Serialize) -> JsValue {
    // Maps have text keys: nothing can fail to be written.
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).unwrap_or_default()
}

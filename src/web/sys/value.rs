//! Plain values on their way to JavaScript.

use js_sys::{JSON, Object, Reflect};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::{
    error::{CloseFrame, Code, Error},
    event::SessionEvent,
};

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

/// The failure in the JSON text of one.
pub(in crate::web) fn error_from_json(json: &str) -> Option<Error> {
    error_from(&JSON::parse(json).ok()?)
}

/// The failure in an object with the fields of a `LiveError`.
pub(in crate::web) fn error_from(value: &JsValue) -> Option<Error> {
    let text = |name: &str| field(value, name).as_string();
    let mut error = Error::new(Code::parse(&text("code")?)?, text("message")?);
    error.remedy = text("remedy");
    error.field = text("field");
    error.retryable = field(value, "retryable").is_truthy();
    let close = field(value, "close");
    if let Some(code) = field(&close, "code").as_f64() {
        let reason = field(&close, "reason").as_string().unwrap_or_default();
        error.close = Some(CloseFrame { code: code as u16, reason });
    }
    Some(error)
}

/// What a script of this library's has thrown: an option that it does not take.
pub(in crate::web) fn refused(thrown: &JsValue, option: &str) -> Error {
    Error::new(Code::InvalidOption, field(thrown, "message").as_string().unwrap_or_default())
        .with_field(option)
}

/// A plain value as the plain object that JavaScript expects: what JSON text would give, without the text.
pub(in crate::web) fn to_js(value: &impl Serialize) -> JsValue {
    // Maps have text keys: nothing can fail to be written.
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).unwrap_or_default()
}

/// A field of the page's navigator; `undefined` where there is none.
pub(in crate::web) fn navigator(name: &str) -> JsValue {
    web_sys::window().map_or(JsValue::UNDEFINED, |window| field(&window.navigator(), name))
}

/// The field of an object; `undefined` where there is none, or none to be had.
pub(in crate::web) fn field(value: &JsValue, name: &str) -> JsValue {
    Reflect::get(value, &name.into()).unwrap_or_default()
}

//! The fields of this side's events, as JSON.

use crate::{
    error::{CloseFrame, Error, Failure, WarningCode},
    json::{Map, Number, Value},
};

/// A field of an event of this side.
pub(crate) trait Told {
    /// Whether the field may be left out.
    #[cfg(all(test, not(target_arch = "wasm32")))]
    const IS_OPTIONAL: bool = false;

    /// The field as JSON; `None` if there is nothing to tell.
    fn told(&self) -> Option<Value>;
}

/// Sets a field, if there is something to tell.
pub(super) fn put(fields: &mut Map, name: &str, told: Option<Value>) {
    if let Some(told) = told {
        fields.set(name, told);
    }
}

impl<T: Told> Told for Option<T> {
    #[cfg(all(test, not(target_arch = "wasm32")))]
    const IS_OPTIONAL: bool = true;

    fn told(&self) -> Option<Value> {
        self.as_ref()?.told()
    }
}

impl Told for f64 {
    fn told(&self) -> Option<Value> {
        // Milliseconds: the shortest digits of a float would be some kilobytes of code.
        Some(Number::from_thousandths(*self).into())
    }
}

impl Told for u32 {
    fn told(&self) -> Option<Value> {
        Some((*self).into())
    }
}

impl Told for bool {
    fn told(&self) -> Option<Value> {
        Some((*self).into())
    }
}

impl Told for String {
    fn told(&self) -> Option<Value> {
        Some(self.as_str().into())
    }
}

impl Told for &'static str {
    fn told(&self) -> Option<Value> {
        Some((*self).into())
    }
}

impl Told for Vec<&'static str> {
    fn told(&self) -> Option<Value> {
        Some(self.clone().into())
    }
}

impl Told for WarningCode {
    fn told(&self) -> Option<Value> {
        Some(self.as_str().into())
    }
}

impl Told for CloseFrame {
    fn told(&self) -> Option<Value> {
        let mut fields = Map::new();
        fields.set("code", self.code.into());
        fields.set("reason", self.reason.as_str().into());
        Some(Value::Object(fields))
    }
}

#[cfg(target_arch = "wasm32")]
impl Error {
    /// The fields of a `LiveError`, as JSON text.
    pub(crate) fn to_json(&self) -> String {
        self.told().unwrap_or_default().to_json()
    }
}

impl Told for Error {
    fn told(&self) -> Option<Value> {
        let Failure { code, message, remedy, field, close, retryable } = &**self;
        let mut fields = Map::new();
        put(&mut fields, "code", Some(code.as_str().into()));
        put(&mut fields, "message", message.told());
        put(&mut fields, "remedy", remedy.told());
        put(&mut fields, "field", field.told());
        put(&mut fields, "close", close.told());
        put(&mut fields, "retryable", retryable.told());
        Some(Value::Object(fields))
    }
}

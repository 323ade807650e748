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
        fields.insert("code".to_owned(), self.code.into());
        fields.insert("reason".to_owned(), self.reason.as_str().into());
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
        let told = [
            ("code", Some(code.as_str().into())),
            ("message", message.told()),
            ("remedy", remedy.told()),
            ("field", field.told()),
            ("close", close.told()),
            ("retryable", Some((*retryable).into())),
        ];
        let fields: Map =
            told.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
        Some(Value::Object(fields))
    }
}

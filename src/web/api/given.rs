//! Options as JavaScript gives them, read one by one.

use std::{cell::RefCell, ops::RangeInclusive};

use js_sys::Object;
use wasm_bindgen::prelude::*;
use web_sys::Url;

use crate::{
    error::{Code, Error},
    json::digits,
    web::sys::value,
};

/// An object of options that are read one by one. Whatever it does not know is refused: it may be a slip of the pen.
///
/// What is refused first is told at the end, by [`done`](Self::done): a way out at each option would be most of the code.
pub(super) struct Options {
    object: Object,
    refused: RefCell<Option<Error>>,
}

impl Options {
    pub(super) fn new(options: &JsValue, known: &[&str]) -> Self {
        let this = Self { object: Object::new(), refused: RefCell::default() };
        if options.is_undefined() {
            return this;
        }
        let Some(object) = options.dyn_ref::<Object>() else {
            this.refuse(option_error("options", "The options are not an object."));
            return this;
        };
        for key in Object::keys(object).iter() {
            let key = key.as_string().unwrap_or_default();
            if !known.contains(&key.as_str()) {
                this.refuse(unknown_option(&key, known));
            }
        }
        Self { object: object.clone(), ..this }
    }

    /// What was read, unless something was refused.
    pub(super) fn done<T>(self, options: T) -> Result<T, Error> {
        self.refused.into_inner().map_or(Ok(options), Err)
    }

    /// The options in one of these.
    pub(super) fn inner(&self, name: &str, known: &[&str]) -> Self {
        let value = self.get(name);
        if value.is_undefined() || value.is_object() {
            return Self::new(&value, known);
        }
        self.refuse_as(name, " is not ", "an object of options");
        Self::new(&JsValue::UNDEFINED, known)
    }

    pub(super) fn take_refused(&self, inner: &Self) {
        inner.refused.take().into_iter().for_each(|error| self.refuse(error));
    }

    pub(super) fn refuse(&self, error: Error) {
        self.refused.borrow_mut().get_or_insert(error);
    }

    /// What was made of an option, unless that was refused.
    pub(super) fn taken<T>(&self, made: Result<T, Error>) -> Option<T> {
        made.map_err(|error| self.refuse(error)).ok()
    }

    pub(super) fn get(&self, name: &str) -> JsValue {
        value::field(&self.object, name)
    }

    /// The option if it is there and `read` takes it.
    pub(super) fn read<T>(
        &self,
        name: &str,
        kind: &str,
        read: impl FnOnce(&JsValue) -> Option<T>,
    ) -> Option<T> {
        let value = self.get(name);
        let taken = read(&value);
        if taken.is_none() && !value.is_undefined() {
            self.refuse_as(name, " is not ", kind);
        }
        taken
    }

    // Not in `read` or `device`, of which there is one for each kind of option.
    fn refuse_as(&self, name: &str, is: &str, kind: &str) {
        self.refuse(option_error(name, &["`", name, "`", is, kind, "."].concat()));
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.read(name, "a string", JsValue::as_string)
    }

    pub(super) fn address(&self, name: &str) -> Option<String> {
        self.read(name, "a URL", |value| value.as_string().or_else(|| value.dyn_ref::<Url>().map(Url::href)))
    }

    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        self.read(name, "true or false", JsValue::as_bool)
    }

    pub(super) fn number(&self, name: &str) -> Option<f64> {
        self.read(name, "a number", |value| value.as_f64().filter(|number| number.is_finite()))
    }

    pub(super) fn whole(&self, name: &str, most: u32) -> Option<u32> {
        let kind = ["a number from 1 to ", &digits(most as usize)].concat();
        self.within(name, &kind, 1.0..=f64::from(most)).map(|number| number as u32)
    }

    pub(super) fn within(&self, name: &str, kind: &str, range: RangeInclusive<f64>) -> Option<f64> {
        self.read(name, kind, |value| value.as_f64().filter(|number| range.contains(number)))
    }

    /// `true`, or an object of options; `false` stands for nothing.
    pub(super) fn device<T>(&self, name: &str, parse: fn(&JsValue) -> Result<T, Error>) -> Option<T> {
        self.taken(parse(&self.device_options(name)?))
    }

    fn device_options(&self, name: &str) -> Option<JsValue> {
        let value = self.get(name);
        match value.as_bool() {
            Some(false) => None,
            Some(true) => Some(JsValue::UNDEFINED),
            None if value.is_undefined() => None,
            None if value.is_object() => Some(value),
            None => {
                self.refuse_as(name, " is neither ", "true nor an object of options");
                None
            }
        }
    }

    pub(super) fn object<T: JsCast>(&self, name: &str) -> Option<T> {
        self.read(name, "an object of the right class", |value| value.clone().dyn_into().ok())
    }
}

fn unknown_option(key: &str, known: &[&str]) -> Error {
    let message = ["There is no option `", key, "`; there are: ", &known.join(", "), "."].concat();
    let error = option_error(key, &message);
    // What code that comes from @google/genai has.
    if key == "callbacks" {
        return error.with_remedy("Listen with session.on(type, listener), or iterate over the session.");
    }
    error
}

pub(super) fn option_error(field: &str, message: &str) -> Error {
    Error::new(Code::InvalidOption, message).with_field(field)
}

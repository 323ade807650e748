//! Function responses: what functions of the application answer.

use super::{Blob, FileData, FunctionResponseScheduling};
use crate::protocol::{
    json::{Map, Value},
    schema::{Validated, Validator, message, names::known_as},
};

message! {
    /// Function response: what a function returned. `id`, `name` and `response` are needed.
    FunctionResponse {
        /// Id of the function call that this answers.
        id "id" required: String as "string | undefined",
        /// Name of the function.
        name "name" required: String,
        /// Response: what the function returned, an object; by custom with `result` or `error` in it.
        response "response" required: Map,
        /// Scheduling: what the model does with it, if the function is non-blocking.
        scheduling "scheduling": FunctionResponseScheduling,
        /// Will continue: whether more responses to the same call follow. Default `false`.
        will_continue "willContinue": bool,
        /// Parts: media that belong to the response.
        parts "parts": Vec<FunctionResponsePart>,
    }
    adjust hoist
}

message! {
    /// Function response part: a medium of the response.
    FunctionResponsePart {
        /// Inline data: the medium in the message itself.
        inline_data "inlineData": Blob,
        /// File data: the medium by its address.
        file_data "fileData": FileData,
        /// Media processing: how the medium is processed.
        media_processing "mediaProcessing": Value,
    }
}

impl FunctionResponse {
    /// The response to the call `id` of the function `name`.
    #[must_use]
    pub fn new(id: impl Into<String>, name: impl Into<String>, response: Map) -> Self {
        Self { id: Some(id.into()), name: Some(name.into()), response: Some(response), ..Self::default() }
    }
}

/// The service's guides write `scheduling` and `willContinue` inside `response`, where its API would take
/// them for the function's result and act as if they were not there. They are sent where it reads them.
fn hoist(_: &mut Validator, fields: &mut Map) -> Validated {
    hoist_field(fields, "scheduling", is_scheduling);
    hoist_field(fields, "willContinue", |value| value.as_bool().is_some());
    Ok(())
}

/// A result may have a field of that name: only what the API could take is meant for it.
fn hoist_field(fields: &mut Map, name: &str, is_meant: fn(&Value) -> bool) {
    if fields.get(name).is_some_and(|value| !value.is_null()) {
        return;
    }
    let Some(Value::Object(response)) = fields.get_mut("response") else { return };
    if response.get(name).is_some_and(is_meant)
        && let Some(value) = response.remove(name)
    {
        fields.set(name, value);
    }
}

fn is_scheduling(value: &Value) -> bool {
    value.as_str().is_some_and(|name| known_as(FunctionResponseScheduling::NAMES, name).is_some())
}

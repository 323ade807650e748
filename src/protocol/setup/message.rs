//! The setup: what a session begins with, in the form of the wire.

use std::{fmt, time::Duration};

use crate::protocol::json::{Map, Value, object};

/// The first message of a session.
///
/// Made by [`prepare`](super::prepare). It holds the system instruction and perhaps a resumption
/// handle, neither of which `Debug` shows.
#[derive(Clone, PartialEq)]
pub struct Setup {
    pub(in crate::protocol) fields: Map,
}

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup").field("model", &self.model()).finish_non_exhaustive()
    }
}

impl Setup {
    /// The message that offers this setup, as compact JSON.
    #[must_use]
    pub fn to_message(&self) -> String {
        ["{\"setup\":", &self.fields.to_json(), "}"].concat()
    }

    /// The model's full name, such as `models/gemini-3.1-flash-live-preview`.
    #[must_use]
    pub fn model(&self) -> &str {
        self.fields.get("model").and_then(Value::as_str).unwrap_or_default()
    }

    /// The field at a dotted path such as `generationConfig.temperature`.
    #[must_use]
    pub fn at(&self, path: &str) -> Option<&Value> {
        let mut names = path.split('.');
        let first = self.fields.get(names.next()?)?;
        names.try_fold(first, |value, name| value.get(name))
    }

    /// What the answer is made of, as asked for: `AUDIO`, `TEXT`. Empty leaves it to the service.
    #[must_use]
    pub fn modalities(&self) -> Vec<&str> {
        let list = self.at("generationConfig.responseModalities");
        list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// Whether the user's words are asked for as text.
    #[must_use]
    pub fn wants_input_transcription(&self) -> bool {
        self.at("inputAudioTranscription").is_some_and(Value::is_object)
    }

    /// Whether the model's words are asked for as text.
    #[must_use]
    pub fn wants_output_transcription(&self) -> bool {
        self.at("outputAudioTranscription").is_some_and(Value::is_object)
    }

    /// Whether handles for resuming are asked for.
    #[must_use]
    pub fn wants_resumption(&self) -> bool {
        self.at("sessionResumption").is_some_and(Value::is_object)
    }

    /// Whether the first client content is taken as history, which is not answered.
    #[must_use]
    pub fn takes_history(&self) -> bool {
        self.at("historyConfig.initialHistoryInClientContent").and_then(Value::as_bool) == Some(true)
    }

    /// Whether the application says itself when the user speaks (`activityStart`, `activityEnd`).
    #[must_use]
    pub fn is_manual_activity(&self) -> bool {
        self.at("realtimeInputConfig.automaticActivityDetection.disabled").and_then(Value::as_bool)
            == Some(true)
    }

    /// The silence that ends the user's turn (`silenceDurationMs`), unless that is left to the service.
    pub(crate) fn silence(&self) -> Option<Duration> {
        let ms = self.at("realtimeInputConfig.automaticActivityDetection.silenceDurationMs")?.as_u64()?;
        Some(Duration::from_millis(ms))
    }

    /// Whether the user's activity interrupts the answer (`activityHandling`).
    pub(crate) fn is_interruptible(&self) -> bool {
        self.at("realtimeInputConfig.activityHandling").and_then(Value::as_str) != Some("NO_INTERRUPTION")
    }

    /// The same setup, resuming the conversation that `handle` names; without one it begins a new conversation.
    #[must_use]
    pub fn with_handle(&self, handle: Option<&str>) -> Self {
        let mut fields = self.fields.clone();
        match (fields.get_mut("sessionResumption"), handle) {
            (Some(Value::Object(resumption)), Some(handle)) => {
                resumption.set("handle", Value::from(handle));
            }
            (Some(Value::Object(resumption)), None) => {
                resumption.remove("handle");
            }
            (_, Some(handle)) => {
                fields.set("sessionResumption", object("handle", Value::from(handle)));
            }
            (_, None) => {}
        }
        Self { fields }
    }

    /// The same setup, with the first client content taken as history, which is not answered; or without.
    #[must_use]
    pub fn with_history(&self, is_first: bool) -> Self {
        let mut fields = self.fields.clone();
        if is_first {
            let declared = object("initialHistoryInClientContent", Value::Bool(true));
            fields.set("historyConfig", declared);
        } else {
            fields.remove("historyConfig");
        }
        Self { fields }
    }

    /// A setup that was prepared before, taken as it is: what [`as_value`](Self::as_value) gave.
    #[must_use]
    pub const fn from_value(fields: Map) -> Self {
        Self { fields }
    }

    /// The setup's fields, in the form of the wire.
    #[must_use]
    pub const fn as_value(&self) -> &Map {
        &self.fields
    }
}

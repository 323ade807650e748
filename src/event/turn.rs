//! A turn of the conversation, as the application is shown it.

use super::told::{Told, put};
use crate::{
    json::{Map, Number, Value},
    protocol::setup::{Content, Role},
};

/// Turn: what one side said, from its first word to its last. Each [`Turn`](super::Event::Turn) event has the whole of it,
/// as it stands then.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LiveTurn {
    /// Id: the turns of a session are counted from 1, in their order.
    pub id: u32,
    /// Role: who speaks.
    pub role: Role,
    /// Text: what was typed, or the transcription of what was said; of the model also the text of the answer.
    pub text: String,
    /// Interim input transcription: a guess at what follows the text.
    pub interim: String,
    /// The part of an interrupted turn's text that was heard: what the speaker had played of its audio. After the loss of a connection
    /// it plays on what had come.
    pub heard: Option<String>,
    /// Whether the text stays as it is.
    pub is_final: bool,
    /// Whether nothing more of the turn comes: the service completed it, or it was cut short.
    pub is_complete: bool,
    /// Whether it was cut short: by the user, by the application, or by the loss of its connection.
    pub is_interrupted: bool,
    /// Markers in the transcription, such as `<noise>`. They are no part of the text.
    pub markers: Vec<Value>,
    /// Thoughts of the model.
    pub thoughts: String,
    /// Function calls of the model, as the service sent them.
    pub function_calls: Vec<Value>,
    /// Grounding metadata: sources.
    pub grounding_metadata: Option<Value>,
    /// URL context metadata: the pages that the model has fetched.
    pub url_context_metadata: Option<Value>,
    /// Usage metadata: the tokens of this turn, and their cost.
    pub usage_metadata: Option<LiveUsage>,
    /// Latency, in milliseconds from the end of the user's speech to the first sample of the answer.
    pub latency_ms: Option<f64>,
    /// Played milliseconds of the turn's audio; nothing as long as no speaker had any of it.
    pub played_ms: Option<f64>,
}

impl LiveTurn {
    pub(crate) fn new(id: u32, role: Role) -> Self {
        Self {
            id,
            role,
            text: String::new(),
            interim: String::new(),
            heard: None,
            is_final: false,
            is_complete: false,
            is_interrupted: false,
            markers: Vec::new(),
            thoughts: String::new(),
            function_calls: Vec::new(),
            grounding_metadata: None,
            url_context_metadata: None,
            usage_metadata: None,
            latency_ms: None,
            played_ms: None,
        }
    }

    /// What was said and heard, as a turn of client content: for the history of another session. Nothing if that is no word.
    #[must_use]
    pub fn to_content(&self) -> Option<Content> {
        let said = self.heard.as_deref().unwrap_or(&self.text);
        let say = if self.role == Role::User { Content::user } else { Content::model };
        (!said.is_empty()).then(|| say(said))
    }
}

/// Usage: tokens by modality, as `usageMetadata` has them, of one turn or of several; and what they cost.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct LiveUsage {
    /// The fields of `usageMetadata`, by their names on the wire.
    pub tokens: Map,
    /// Cost, by the prices that the application gave.
    pub cost: Option<f64>,
}

impl LiveUsage {
    pub(crate) const fn new(tokens: Map, cost: Option<f64>) -> Self {
        Self { tokens, cost }
    }
}

impl Told for LiveUsage {
    fn told(&self) -> Option<Value> {
        let mut fields = self.tokens.clone();
        if let Some(cost) = self.cost {
            fields.set("cost", Number::from_millionths(cost).into());
        }
        Some(Value::Object(fields))
    }
}

impl Told for LiveTurn {
    fn told(&self) -> Option<Value> {
        let list = |list: &[Value]| (!list.is_empty()).then(|| Value::Array(list.to_vec()));
        let text = |text: &str| (!text.is_empty()).then(|| text.into());
        let mut fields = Map::new();
        put(&mut fields, "id", Some(self.id.into()));
        put(&mut fields, "role", Some(self.role.as_str().into()));
        put(&mut fields, "text", Some(self.text.as_str().into()));
        put(&mut fields, "interim", text(&self.interim));
        put(&mut fields, "heard", self.heard.told());
        put(&mut fields, "final", Some(self.is_final.into()));
        put(&mut fields, "complete", Some(self.is_complete.into()));
        put(&mut fields, "interrupted", Some(self.is_interrupted.into()));
        put(&mut fields, "markers", list(&self.markers));
        put(&mut fields, "thoughts", text(&self.thoughts));
        put(&mut fields, "functionCalls", list(&self.function_calls));
        put(&mut fields, "groundingMetadata", self.grounding_metadata.clone());
        put(&mut fields, "urlContextMetadata", self.url_context_metadata.clone());
        put(&mut fields, "usageMetadata", self.usage_metadata.told());
        put(&mut fields, "latencyMs", self.latency_ms.told());
        put(&mut fields, "playedMs", self.played_ms.told());
        Some(Value::Object(fields))
    }
}

impl<T: Told> Told for Box<T> {
    fn told(&self) -> Option<Value> {
        self.as_ref().told()
    }
}

//! What a message to the service is about: whether it may wait, be dropped or be withheld hangs on that.

use std::fmt;

use super::{client::Outgoing, json::Value};
use crate::json::parse;

/// A message to the service, ready to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// What it is about.
    pub kind: Kind,
    /// The text frame: compact JSON.
    pub text: String,
}

/// What a message is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The first message of a connection.
    Setup,
    /// A mark in the stream of real-time input.
    Mark(Mark),
    /// Typed text, as real-time input.
    Text,
    /// Turns of the conversation.
    Content {
        /// Whether the model is to answer now.
        completes_turn: bool,
    },
    /// Answers to function calls.
    ToolResponse(Vec<AnsweredCall>),
    /// Another instruction, or other tools.
    ContextUpdate,
    /// A picture.
    Video,
    /// Sound.
    Audio,
}

/// A mark in the stream of real-time input. Its place among the audio is its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The user begins to speak.
    ActivityStart,
    /// The user has stopped speaking.
    ActivityEnd,
    /// The microphone pauses.
    AudioStreamEnd,
}

/// A function call that a message answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnsweredCall {
    /// The call's id.
    pub id: String,
    /// Whether more answers to the same call follow.
    pub will_continue: bool,
}

impl From<Outgoing> for Message {
    fn from(outgoing: Outgoing) -> Self {
        Self { kind: outgoing.kind, text: outgoing.text }
    }
}

impl fmt::Debug for Message {
    // A setup holds the system instruction and perhaps a resumption handle; the rest is what somebody said.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message").field("kind", &self.kind).field("bytes", &self.text.len()).finish()
    }
}

impl Message {
    /// The same tool response without the answers at these places; `None` if no answer is left.
    #[must_use]
    pub fn without_answers(&self, places: &[usize]) -> Option<Self> {
        let Kind::ToolResponse(answers) = &self.kind else { return Some(self.clone()) };
        let mut answers = answers.clone();
        let mut message = parse(self.text.as_bytes()).ok()?;
        let list = message.get_mut("toolResponse")?.get_mut("functionResponses")?.as_array_mut()?;
        let mut at = 0..;
        answers.retain(|_| at.next().is_some_and(|place| !places.contains(&place)));
        let mut at = 0..;
        list.retain(|_| at.next().is_some_and(|place| !places.contains(&place)));
        let is_any = !list.is_empty();
        is_any.then(|| Self { kind: Kind::ToolResponse(answers), text: message.to_json() })
    }
}

impl Kind {
    /// What a message is about that says `argument` under `name`, such as `realtimeInput`.
    pub(super) fn of(name: &str, argument: &Value) -> Self {
        match name {
            "clientContent" => Self::Content { completes_turn: is_true(argument, "turnComplete") },
            "toolResponse" => Self::ToolResponse(answered(argument)),
            "contextUpdate" => Self::ContextUpdate,
            _ => Self::of_input(argument),
        }
    }

    /// Where real-time input says several things, the one counts that is least to be lost.
    fn of_input(input: &Value) -> Self {
        let kinds = [
            ("activityEnd", Self::Mark(Mark::ActivityEnd)),
            ("activityStart", Self::Mark(Mark::ActivityStart)),
            ("audioStreamEnd", Self::Mark(Mark::AudioStreamEnd)),
            ("text", Self::Text),
            ("video", Self::Video),
            ("audio", Self::Audio),
        ];
        let is_there = |name: &str| input.get(name).is_some_and(|value| !value.is_null());
        let known = kinds.into_iter().find_map(|(name, kind)| is_there(name).then_some(kind));
        known.unwrap_or_else(|| {
            let chunk = input.get("mediaChunks").and_then(Value::as_array).and_then(|chunks| chunks.first());
            let mime_type = chunk.and_then(|chunk| chunk.get("mimeType")).and_then(Value::as_str);
            let is_video = mime_type.is_some_and(|mime_type| mime_type.starts_with("image/"));
            if is_video { Self::Video } else { Self::Audio }
        })
    }

    /// What it is called, for people and on the way to a Worker.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Mark(Mark::ActivityStart) => "activityStart",
            Self::Mark(Mark::ActivityEnd) => "activityEnd",
            Self::Mark(Mark::AudioStreamEnd) => "audioStreamEnd",
            Self::Text => "text",
            Self::Content { completes_turn: true } => "clientContent",
            Self::Content { completes_turn: false } => "clientContent of an open turn",
            Self::ToolResponse(_) => "toolResponse",
            Self::ContextUpdate => "contextUpdate",
            Self::Video => "video",
            Self::Audio => "audio",
        }
    }

    /// The kind of this name; a tool response answers `answers`.
    #[must_use]
    pub fn named(name: &str, answers: Vec<AnsweredCall>) -> Option<Self> {
        let kinds = [
            Self::Mark(Mark::ActivityStart),
            Self::Mark(Mark::ActivityEnd),
            Self::Mark(Mark::AudioStreamEnd),
            Self::Text,
            Self::Content { completes_turn: true },
            Self::Content { completes_turn: false },
            Self::ToolResponse(answers),
            Self::ContextUpdate,
            Self::Video,
            Self::Audio,
        ];
        kinds.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether the service says something when it has come.
    #[must_use]
    pub(crate) fn is_answered(&self) -> bool {
        match self {
            Self::ToolResponse(answers) => !answers.iter().all(|answer| answer.will_continue),
            _ => self.begins_turn() || matches!(self, Self::Mark(Mark::ActivityEnd)),
        }
    }

    /// Whether it is something in writing that the model answers.
    #[must_use]
    pub const fn begins_turn(&self) -> bool {
        matches!(self, Self::Text | Self::Content { completes_turn: true })
    }
}

fn answered(response: &Value) -> Vec<AnsweredCall> {
    let list = response.get("functionResponses").and_then(Value::as_array).into_iter().flatten();
    let answer = |response: &Value| {
        let id = response.get("id")?.as_str()?.to_owned();
        Some(AnsweredCall { id, will_continue: is_true(response, "willContinue") })
    };
    list.filter_map(answer).collect()
}

fn is_true(value: &Value, name: &str) -> bool {
    value.get(name).and_then(Value::as_bool) == Some(true)
}

#[cfg(test)]
mod tests {
    use super::{AnsweredCall, Kind, Mark, Message, Outgoing};
    use crate::{
        json::{json, parse},
        protocol::client,
    };

    fn kinds() -> Vec<(Kind, Result<Outgoing, crate::error::Error>)> {
        let medium = |mime_type: &str| json!({ "mimeType": mime_type, "data": "AAAA" });
        let answer = |id: &str, continues: bool| serde_json::json!({ "id": id, "name": "f", "response": {}, "willContinue": continues });
        let answered = |id: &str, will_continue| AnsweredCall { id: id.to_owned(), will_continue };
        vec![
            (Kind::Mark(Mark::ActivityStart), client::realtime_input(json!({ "activityStart": {} }))),
            (
                Kind::Mark(Mark::ActivityEnd),
                client::realtime_input(json!({ "text": "a", "activityEnd": {} })),
            ),
            (Kind::Mark(Mark::AudioStreamEnd), client::realtime_input(json!({ "audioStreamEnd": true }))),
            (Kind::Text, client::realtime_input(json!({ "text": "a", "audio": medium("audio/pcm") }))),
            (Kind::Video, client::realtime_input(json!({ "video": medium("image/png") }))),
            (Kind::Audio, client::realtime_input(json!({ "audio": medium("audio/pcm") }))),
            (Kind::Video, client::realtime_input(json!({ "media": medium("image/png") }))),
            (Kind::Audio, client::realtime_input(json!({ "media": [medium("audio/pcm")] }))),
            (Kind::Content { completes_turn: true }, client::client_content(json!({ "turns": "a" }))),
            (
                Kind::Content { completes_turn: false },
                client::client_content(json!({ "turns": "a", "turnComplete": false })),
            ),
            (Kind::ContextUpdate, client::context_update(json!({ "systemInstruction": "a" }))),
            (
                Kind::ToolResponse(vec![answered("1", false), answered("2", true)]),
                client::tool_response(json!({
                    "functionResponses": [answer("1", false), answer("2", true)]
                })),
            ),
        ]
    }

    #[test]
    fn every_message_knows_what_it_is_about_and_keeps_it_by_name() {
        for (kind, outgoing) in kinds() {
            let outgoing = outgoing.unwrap_or_else(|error| panic!("{kind:?}: {error}"));
            assert_eq!(outgoing.kind, kind, "{}", outgoing.text);
            let answers = match &kind {
                Kind::ToolResponse(answers) => answers.clone(),
                _ => Vec::new(),
            };
            assert_eq!(Kind::named(kind.name(), answers), Some(kind));
        }
        assert_eq!(Kind::named("setup", Vec::new()), None, "nobody but the session sends one");
    }

    #[test]
    fn a_tool_response_can_do_without_some_of_its_answers() {
        let (_, outgoing) = kinds().pop().unwrap_or_else(|| panic!("no kinds"));
        let message = Message::from(outgoing.unwrap_or_else(|error| panic!("{error}")));
        let rest = message.clone().without_answers(&[0, 9]).unwrap_or_else(|| panic!("one is left"));
        let text = parse(rest.text.as_bytes()).unwrap_or_default();
        assert_eq!(text["toolResponse"]["functionResponses"][0]["id"], "2");
        assert_eq!(text["toolResponse"]["functionResponses"].as_array().map(Vec::len), Some(1));
        assert!(matches!(&rest.kind, Kind::ToolResponse(answers) if answers.len() == 1));
        assert_eq!(message.without_answers(&[0, 1]), None);
    }
}

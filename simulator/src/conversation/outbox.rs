//! What leaves: messages become frames, alone or bundled.

use serde_json::Value;

use crate::script::FrameType;

/// A WebSocket frame of the service's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// JSON as bytes: how the service usually writes.
    Binary(String),
    /// JSON as text.
    Text(String),
}

/// Messages on their way out, in order.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    waiting: Vec<Outgoing>,
    /// What is sent at one moment shares a frame, and frames are text.
    bundles: bool,
    /// Nothing leaves any more.
    sealed: bool,
}

#[derive(Debug)]
enum Outgoing {
    Message(Value),
    /// Whatever it says, in a frame of its own.
    Raw(String, Option<FrameType>),
}

impl Outbox {
    pub(super) fn send(&mut self, message: Value) {
        if !self.sealed {
            self.waiting.push(Outgoing::Message(message));
        }
    }

    pub(super) fn send_raw(&mut self, text: String, frame: Option<FrameType>) {
        if !self.sealed {
            self.waiting.push(Outgoing::Raw(text, frame));
        }
    }

    /// Whether frames are shared from now on.
    pub(super) fn bundle(&mut self, bundles: bool) {
        self.bundles = bundles;
    }

    /// What is sent from now on does not leave.
    pub(super) fn seal(&mut self) {
        self.sealed = true;
    }

    pub(super) fn is_sealed(&self) -> bool {
        self.sealed
    }

    /// The frames, each with what it says (for the log).
    pub(super) fn take(&mut self) -> Vec<(Frame, Value)> {
        let bundle = self.bundles;
        let mut frames: Vec<(Frame, Value)> = Vec::new();
        let mut open: Option<Value> = None;
        for outgoing in std::mem::take(&mut self.waiting) {
            match (outgoing, open.as_mut()) {
                (Outgoing::Message(message), Some(bundled)) if bundle && fits(bundled, &message) => {
                    merge(bundled, message)
                }
                (Outgoing::Message(message), _) => {
                    frames.extend(open.replace(message).map(|message| framed(message, bundle)));
                }
                (Outgoing::Raw(text, kind), _) => {
                    frames.extend(open.take().map(|message| framed(message, bundle)));
                    let is_text = kind.map_or(bundle, |kind| kind == FrameType::Text);
                    frames.push((frame(text.clone(), is_text), Value::from(text)));
                }
            }
        }
        frames.extend(open.map(|message| framed(message, bundle)));
        frames
    }
}

fn framed(message: Value, text: bool) -> (Frame, Value) {
    // Two spaces and a trailing newline, as the service prints.
    (frame(format!("{message:#}\n"), text), message)
}

fn frame(json: String, text: bool) -> Frame {
    if text { Frame::Text(json) } else { Frame::Binary(json) }
}

/// Whether two messages can share a frame: no field would have to hold two values, and the frame stays small.
fn fits(bundled: &Value, message: &Value) -> bool {
    match (bundled, message) {
        (Value::Object(bundled), Value::Object(message)) => {
            message.iter().all(|(key, value)| bundled.get(key).is_none_or(|held| fits(held, value)))
        }
        (Value::Array(bundled), Value::Array(message)) => bundled.len() + message.len() <= MOST_PARTS,
        _ => false,
    }
}

fn merge(bundled: &mut Value, message: Value) {
    match (bundled, message) {
        (Value::Object(bundled), Value::Object(message)) => {
            for (key, value) in message {
                match bundled.get_mut(&key) {
                    Some(held) => merge(held, value),
                    None => drop(bundled.insert(key, value)),
                }
            }
        }
        (Value::Array(bundled), Value::Array(message)) => bundled.extend(message),
        _ => {}
    }
}

/// Parts or calls in one frame, at most.
const MOST_PARTS: usize = 4;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_frame_is_printed_as_the_service_prints() {
        let mut outbox = Outbox::default();
        outbox.send(json!({"setupComplete": {}}));
        assert_eq!(outbox.take()[0].0, Frame::Binary("{\n  \"setupComplete\": {}\n}\n".to_owned()));
    }

    #[test]
    fn a_bundle_holds_what_does_not_collide() {
        let mut outbox = Outbox { bundles: true, ..Outbox::default() };
        outbox.send(json!({"serverContent": {"modelTurn": {"parts": [{"text": "a"}]}}}));
        outbox.send(
            json!({"serverContent": {"modelTurn": {"parts": [{"text": "b"}]}, "generationComplete": true}}),
        );
        outbox
            .send(json!({"serverContent": {"turnComplete": true}, "usageMetadata": {"totalTokenCount": 1}}));
        outbox.send(json!({"serverContent": {"turnComplete": true}}));
        let messages: Vec<_> = outbox.take().into_iter().map(|(_, message)| message).collect();
        assert_eq!(messages.len(), 2);
        assert_eq!(messages[0]["serverContent"]["modelTurn"]["parts"][1]["text"], "b");
        assert_eq!(messages[0]["usageMetadata"]["totalTokenCount"], 1);
    }

    #[test]
    fn a_broken_frame_does_not_break_its_neighbours() {
        let mut outbox = Outbox { bundles: true, ..Outbox::default() };
        outbox.send(json!({"a": 1}));
        outbox.send_raw("{".to_owned(), None);
        outbox.send(json!({"b": 1}));
        let frames = outbox.take();
        let parsed = frames.iter().map(|(frame, _)| match frame {
            Frame::Text(json) | Frame::Binary(json) => serde_json::from_str::<Value>(json).is_ok(),
        });
        assert_eq!(parsed.collect::<Vec<_>>(), [true, false, true]);
    }
}

//! The rules of a conversation, in virtual time.

mod any_input;
mod forms;
mod limits;
mod resumption;
mod scenarios;
mod scripts;
mod setup;
mod speech;
mod stories;
mod text;
mod tools;
mod transcripts;

use std::time::Duration;

use base64::Engine as _;
use serde_json::{Value, json};

use super::{Action, Conversation, Frame, Input};
use crate::Time;
use crate::audio::pcm;
use crate::behaviour::Behaviour;
use crate::credential::Knock;
use crate::refusal::Refusal;
use crate::script::{Lever, Script};
use crate::service::Service;

const START: Time = Duration::from_secs(1_795_177_815);

/// A client and its service, and the time between them.
struct Talk {
    service: Service,
    conversation: Conversation,
    now: Time,
    sent: Vec<(Time, Value)>,
    broken_frames: usize,
    text_frames: usize,
    closed: Option<Refusal>,
    dropped: bool,
    reset: bool,
    stopped_reading: bool,
}

impl Talk {
    /// A connection that has said nothing yet.
    fn knock(service: Service, method: &str, query: &str, now: Time) -> Self {
        let path = format!("google.ai.generativelanguage.v1beta.GenerativeService.{method}");
        let knock = Knock::read(&path, query, None).unwrap();
        Self::open_door(service, knock, now)
    }

    fn open_door(mut service: Service, knock: Knock, now: Time) -> Self {
        let conversation = Conversation::open(knock, &mut service, now);
        let mut talk = Self {
            service,
            conversation,
            now,
            sent: Vec::new(),
            broken_frames: 0,
            text_frames: 0,
            closed: None,
            dropped: false,
            reset: false,
            stopped_reading: false,
        };
        talk.drain();
        talk
    }

    fn with_key() -> Self {
        Self::knock(Service::new(1), "BidiGenerateContent", "key=k", START)
    }

    /// A session in audio with this model and these further fields of the setup.
    fn open(model: &str, extra: Value) -> Self {
        let mut talk = Self::with_key();
        talk.say(&setup(model, extra));
        talk
    }

    /// A session whose connection went through this script, given as JSON.
    fn scripted(script: &Value, extra: Value) -> Self {
        let mut service = Service::new(1);
        service.add_script(Script::from_json(&script.to_string()).unwrap()).unwrap();
        let name = script["name"].as_str().unwrap();
        Self::enter(service, name, "key=k", START).with_setup("gemini-2.5-flash-native-audio-latest", extra)
    }

    /// A connection by the path of a script.
    fn enter(mut service: Service, script: &str, query: &str, now: Time) -> Self {
        let (door, fault) = service.enter(Some(script), "").unwrap();
        assert!(fault.is_none(), "{fault:?}");
        let method = if query.starts_with("access_token") {
            "BidiGenerateContentConstrained"
        } else {
            "BidiGenerateContent"
        };
        let path = format!("google.ai.generativelanguage.v1beta.GenerativeService.{method}");
        let mut knock = Knock::read(&path, query, None).unwrap();
        knock.door = door;
        Self::open_door(service, knock, now)
    }

    /// The same service, a new connection by the path of a script, after the old one was closed.
    fn enter_again(mut self, script: &str, query: &str) -> Self {
        self.feed(Input::Closed { code: 1000, reason: "" });
        Self::enter(self.service, script, query, self.now)
    }

    fn with_setup(mut self, model: &str, extra: Value) -> Self {
        self.say(&setup(model, extra));
        self
    }

    /// The same service, a new connection, after the old one was closed.
    fn again(mut self, method: &str, query: &str) -> Self {
        self.feed(Input::Closed { code: 1000, reason: "" });
        Self::knock(self.service, method, query, self.now)
    }

    /// The same service, a new connection, and the old one is open still.
    fn beside(self, method: &str, query: &str) -> (Conversation, Self) {
        (self.conversation, Self::knock(self.service, method, query, self.now))
    }

    /// A new connection that resumes with the latest handle, after the old one was closed.
    fn resume(mut self, model: &str, extra: Value) -> Self {
        let handle = self.handle();
        let mut talk = self.again("BidiGenerateContent", "key=k");
        talk.say(&resuming(model, &handle, extra));
        talk
    }

    /// The latest handle that can be resumed with.
    fn handle(&mut self) -> String {
        let messages = self.take();
        let updates = messages.iter().map(|message| &message["sessionResumptionUpdate"]);
        let mut handles = updates
            .filter(|update| update["resumable"] == true)
            .filter_map(|update| update["newHandle"].as_str());
        handles.next_back().unwrap().to_owned()
    }

    /// How the service is to behave towards this connection.
    fn behaves(&mut self, choose: impl FnOnce(&mut Behaviour)) {
        choose(self.conversation.behaviour.get_or_insert_default());
    }

    fn say(&mut self, message: &Value) {
        self.feed(Input::Message(message.to_string().as_bytes()));
    }

    fn feed(&mut self, input: Input<'_>) {
        self.conversation.handle(input, &mut self.service, self.now);
        self.drain();
    }

    /// Audio in frames of 20 ms, at the pace of a microphone.
    fn speak(&mut self, samples: &[i16]) {
        for frame in samples.chunks(320) {
            self.say(&audio(frame, 16_000));
            self.wait(Duration::from_millis(20));
        }
    }

    /// Lets time go by, stopping at every deadline.
    fn wait(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(deadline) = self.conversation.deadline().filter(|deadline| *deadline <= until) {
            self.now = self.now.max(deadline);
            self.feed(Input::Tick);
        }
        self.now = until;
    }

    fn wait_seconds(&mut self, seconds: f64) {
        self.wait(Duration::from_secs_f64(seconds));
    }

    fn drain(&mut self) {
        while let Some(action) = self.conversation.poll() {
            match action {
                Action::Send(frame) => self.receive(frame),
                // No voice on this machine: the built-in one.
                Action::Speak { id, .. } => {
                    let input = Input::Voice { id, sound: None };
                    self.conversation.handle(input, &mut self.service, self.now);
                }
                Action::Close(refusal) => self.closed = Some(refusal),
                Action::Resample { id, samples, rate_hz, .. } => {
                    let sound = Some((samples.as_slice(), rate_hz));
                    self.conversation.handle(Input::Voice { id, sound }, &mut self.service, self.now);
                }
                Action::Cut => self.dropped = true,
                Action::Reset => self.reset = true,
                Action::StopReading => self.stopped_reading = true,
            }
        }
    }

    fn receive(&mut self, frame: Frame) {
        let json = match frame {
            Frame::Text(json) => {
                self.text_frames += 1;
                json
            }
            Frame::Binary(json) => json,
        };
        match serde_json::from_str(&json) {
            Ok(message) => self.sent.push((self.now, message)),
            Err(_) => self.broken_frames += 1,
        }
    }

    /// What was sent since this was last asked.
    fn take(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.sent).into_iter().map(|(_, message)| message).collect()
    }

    /// The words for what was sent since this was last asked, without repetition.
    fn take_kinds(&mut self) -> Vec<String> {
        let mut kinds: Vec<String> = self.take().iter().flat_map(kinds).collect();
        kinds.dedup();
        kinds
    }

    fn close_reason(&self) -> (u16, &str) {
        self.closed.as_ref().map_or((0, ""), |refusal| (refusal.code, refusal.reason.as_str()))
    }
}

/// `{"setup": …}` for audio answers.
fn setup(model: &str, extra: Value) -> Value {
    let mut setup =
        json!({"model": format!("models/{model}"), "generationConfig": {"responseModalities": ["AUDIO"]}});
    for (name, value) in extra.as_object().unwrap() {
        setup[name] = value.clone();
    }
    json!({ "setup": setup })
}

/// A setup that takes up the session behind a handle.
fn resuming(model: &str, handle: &str, mut extra: Value) -> Value {
    extra["sessionResumption"] = json!({ "handle": handle });
    setup(model, extra)
}

fn audio(samples: &[i16], rate_hz: u32) -> Value {
    let mime_type = format!("audio/pcm;rate={rate_hz}");
    json!({"realtimeInput": {"audio": {"data": pcm::base64(samples), "mimeType": mime_type}}})
}

fn text(text: &str) -> Value {
    json!({"realtimeInput": {"text": text}})
}

/// A voice-like sweep: found by correlation only where it really is.
fn voice(seconds: f64, rate_hz: u32) -> Vec<i16> {
    let length = (seconds * f64::from(rate_hz)) as usize;
    let sample = |index: usize| {
        let time = index as f64 / f64::from(rate_hz);
        ((200.0 * time + 250.0 * time * time) * std::f64::consts::TAU).sin() * 8_000.0
    };
    (0..length).map(|index| sample(index) as i16).collect()
}

fn silence(seconds: f64) -> Vec<i16> {
    vec![0; (seconds * 16_000.0) as usize]
}

/// What a message is, in words that read well in a test.
fn kinds(message: &Value) -> Vec<String> {
    let fields = message.as_object().unwrap();
    let inner = |name: &String, value: &Value| match name.as_str() {
        "serverContent" => value.as_object().unwrap().keys().cloned().collect(),
        _ => vec![name.clone()],
    };
    fields.iter().flat_map(|(name, value)| inner(name, value)).collect()
}

fn samples(messages: &[Value]) -> Vec<i16> {
    let parts = messages
        .iter()
        .filter_map(|message| message["serverContent"]["modelTurn"]["parts"].as_array())
        .flatten();
    let data = parts.filter_map(|part| part["inlineData"]["data"].as_str());
    data.flat_map(|data| pcm::samples(&base64::engine::general_purpose::STANDARD.decode(data).unwrap()))
        .collect()
}

fn transcript(messages: &[Value]) -> String {
    messages
        .iter()
        .filter_map(|message| message["serverContent"]["outputTranscription"]["text"].as_str())
        .collect()
}

fn written(messages: &[Value]) -> String {
    messages
        .iter()
        .filter_map(|message| message["serverContent"]["modelTurn"]["parts"][0]["text"].as_str())
        .collect()
}

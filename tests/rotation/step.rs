//! What happens to a session, and what of it goes to the service.

use base64::{Engine, engine::general_purpose::STANDARD};
use gemini_live_web::error::CloseFrame;
use serde_json::Value;

/// What happens.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// The connection breaks, and the browser knows it after so many milliseconds; or the service closes it.
    Cut(f64, CloseFrame),
    /// The connection is gone, and nobody knows.
    FallSilent,
    Down(bool),
    Hang(bool),
    /// No token comes.
    Tokenless(bool),
    /// The driver could not make the newest link, or keep it; and whether that may be tried again.
    Fail(bool),
    Slow(bool),
    /// What the service says arrives twice.
    Twice(bool),
    /// The service refuses this setup, one after the other.
    Refuse(Vec<CloseFrame>),
    /// The service forgets every conversation.
    Forget,
    GoAway(Option<&'static str>),
    /// A handle, and whether the conversation can be resumed now.
    Handle(bool),
    Online(bool),
    Woke,
    Retry,
    /// The user speaks so many frames of 20 ms.
    Speak(u32),
    /// The microphone gives so many frames in which nobody speaks.
    Listen(u32),
    Type,
    /// The service transcribes what the user, or the model, says.
    Heard(&'static str),
    Said(&'static str),
    /// The model says something, is interrupted, completes its turn, calls a function, cancels the last call.
    Answer,
    Interrupt,
    Complete,
    Call,
    Cancel,
    /// The application answers the oldest call that it has not answered.
    Respond,
    Mark(&'static str),
    /// The application silences the answer, mutes, says whether the user talks, opens or closes a device.
    Silence,
    Mute(bool),
    Talk(bool),
    Speaker(bool),
    Microphone(bool),
    /// The machine sleeps for so long, and notices when it wakes.
    Sleep(f64),
    Close,
    Abort,
}

/// One thing that was given to be sent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Item {
    Frame(u32),
    Text(u32),
    Response(String),
}

impl Item {
    /// The call that it answers.
    pub(super) fn response(self) -> Option<String> {
        if let Self::Response(id) = self { Some(id) } else { None }
    }
}

/// What a message holds of what was given.
pub(super) fn items(text: &str) -> Vec<Item> {
    let message: Value = serde_json::from_str(text).expect("JSON");
    if let Some(responses) = message["toolResponse"]["functionResponses"].as_array() {
        return responses
            .iter()
            .map(|response| Item::Response(response["id"].as_str().unwrap().to_owned()))
            .collect();
    }
    if let Some(text) = message["realtimeInput"]["text"].as_str() {
        return vec![Item::Text(text[1..].parse().unwrap())];
    }
    let Some(data) = message["realtimeInput"]["audio"]["data"].as_str() else { return Vec::new() };
    let bytes = STANDARD.decode(data).unwrap();
    // Silence is the session's own.
    let is_silence = bytes.iter().all(|byte| *byte == 0);
    if is_silence { Vec::new() } else { vec![Item::Frame(u32::from(bytes[0]) + 256 * u32::from(bytes[2]))] }
}

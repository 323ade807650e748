//! What the page wants of a driver, here or in a Worker.

use js_sys::SharedArrayBuffer;
use web_sys::MessagePort;

use crate::{
    error::Error,
    protocol::message::Message,
    web::driver::{plan::Plan, token::AccessToken},
};

/// What the page wants of the driver.
#[derive(Debug)]
pub(in crate::web) enum Command {
    /// Make a driver for this session. It does nothing yet, but takes devices.
    Plan(Box<Plan>),
    /// Open a socket, before the session begins.
    Dial,
    /// Begin.
    Connect,
    /// Make a lost connection again now, not after the pause.
    Retry,
    /// Send a client message that was validated and encoded.
    Message(Message),
    /// Send what the microphone gives, or nothing.
    Mute(bool),
    /// Let nothing more of the answer be heard.
    Interrupt,
    /// The user begins or stops to talk.
    Talk(bool),
    /// Hear this microphone instead of the one before.
    AttachMicrophone(Attachment),
    /// Hear this microphone no more; another one that was attached since goes on.
    DetachMicrophone(u32),
    /// Play answers here instead of there where it was before.
    AttachSpeaker(Attachment),
    /// Play nothing there any more; a speaker that was attached since goes on.
    DetachSpeaker(u32),
    /// What came of the token that was asked for under this number.
    Token(u32, Result<AccessToken, Error>),
    /// Tell the counters, under this number.
    Stats(u32),
    /// Tell this listener what this speaker is given and plays, or nobody any more.
    Pcm(u32, Option<MessagePort>),
    /// Tell what goes over the wire from now on, or tell it no more.
    Record(bool),
    /// The application's signal has aborted.
    Abort,
    /// The application wishes the end.
    Close,
    /// The application cannot follow.
    Fail(Error),
}

/// The driver's end of a device: of the way to its worklet, or of that over which its tracks come. Its id names it for as long as it
/// is attached.
#[derive(Debug)]
pub(in crate::web) struct Attachment {
    pub(in crate::web) id: u32,
    pub(in crate::web) port: MessagePort,
    pub(in crate::web) ring: Option<SharedArrayBuffer>,
}

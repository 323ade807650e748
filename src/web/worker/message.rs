//! What the page and the session's Worker say to each other, on its way. Both ends are of one build.

use js_sys::Array;
use wasm_bindgen::prelude::*;

use super::policy::{self, Numbers};
use crate::{
    error::Error,
    event::State,
    json::{Value, parse},
    protocol::{
        endpoint::Endpoint,
        message::{AnsweredCall, Kind, Message},
        setup::Setup,
    },
    web::{
        driver::{
            command::{Attachment, Command},
            meaning::{Handle, Meaning},
            plan::Plan,
            tap::Told,
            token::AccessToken,
        },
        sys::value::error_from_json,
    },
};

/// What the Worker tells the page.
#[derive(Debug, PartialEq)]
pub(in crate::web) enum Notice {
    /// It takes commands. Anything else that comes first means that it cannot start.
    Ready,
    /// An event for the application, as JSON text.
    Event(String, Meaning),
    /// It needs a token, and calls the request by this number.
    Token(u32),
    /// It does not wait for that token any more.
    TokenUnwanted(u32),
    /// The counters, as an object, under the number of the question; 0 where nobody asked.
    Stats(u32, JsValue),
    /// What went over the wire, for whoever records it.
    Wire(Told),
}

/// What crosses has one form, whatever it says: a list of these.
#[derive(Default)]
struct Parcel {
    /// A number of its own for each variant.
    kind: u32,
    number: f64,
    text: String,
    values: [JsValue; 2],
}

impl Parcel {
    fn pack(self) -> Array {
        let Self { kind, number, text, values: [first, second] } = self;
        list([kind.into(), number.into(), text.into(), first, second])
    }

    fn unpack(message: &JsValue) -> Option<Self> {
        let list: &Array = message.dyn_ref()?;
        Some(Self {
            kind: list.get(0).as_f64()? as u32,
            number: list.get(1).as_f64()?,
            text: list.get(2).as_string()?,
            values: [list.get(3), list.get(4)],
        })
    }
}

fn list(values: impl IntoIterator<Item = JsValue>) -> Array {
    let list = Array::new();
    for value in values {
        list.push(&value);
    }
    list
}

const PLAN: u32 = 0;
const CONNECT: u32 = 1;
const MESSAGE: u32 = 2;
const MUTE: u32 = 3;
const ATTACH_MICROPHONE: u32 = 4;
const DETACH_MICROPHONE: u32 = 5;
const ATTACH_SPEAKER: u32 = 6;
const DETACH_SPEAKER: u32 = 7;
const TOKEN: u32 = 8;
const NO_TOKEN: u32 = 9;
const STATS: u32 = 10;
const ABORT: u32 = 11;
const CLOSE: u32 = 12;
const FAIL: u32 = 13;
const RETRY: u32 = 14;
const INTERRUPT: u32 = 20;
const TALK: u32 = 21;
const RECORD: u32 = 22;
const DIAL: u32 = 23;
const PCM: u32 = 24;

impl Command {
    /// The message, and what goes over with it and is gone here.
    pub(in crate::web) fn encode(self) -> (Array, Array) {
        let moved = Array::new();
        let mut parcel = Parcel::default();
        parcel.kind = match self {
            Self::Plan(plan) => {
                plan_into(*plan, &mut parcel);
                PLAN
            }
            Self::Dial => DIAL,
            Self::Connect => CONNECT,
            Self::Retry => RETRY,
            Self::Message(message) => {
                message_into(message, &mut parcel);
                MESSAGE
            }
            Self::Mute(is_muted) => {
                parcel.number = f64::from(u8::from(is_muted));
                MUTE
            }
            Self::Interrupt => INTERRUPT,
            Self::Talk(is_talking) => {
                parcel.number = f64::from(u8::from(is_talking));
                TALK
            }
            Self::AttachMicrophone(device) => {
                device_into(device, &mut parcel, &moved);
                ATTACH_MICROPHONE
            }
            Self::DetachMicrophone(id) => {
                parcel.number = id.into();
                DETACH_MICROPHONE
            }
            Self::AttachSpeaker(device) => {
                device_into(device, &mut parcel, &moved);
                ATTACH_SPEAKER
            }
            Self::DetachSpeaker(id) => {
                parcel.number = id.into();
                DETACH_SPEAKER
            }
            Self::Token(request, answer) => {
                parcel.number = request.into();
                token_into(answer, &mut parcel)
            }
            Self::Stats(request) => {
                parcel.number = request.into();
                STATS
            }
            Self::Pcm(id, listener) => {
                parcel.number = id.into();
                if let Some(port) = &listener {
                    moved.push(port);
                }
                parcel.values[0] = listener.into();
                PCM
            }
            Self::Record(is_on) => {
                parcel.number = f64::from(u8::from(is_on));
                RECORD
            }
            Self::Abort => ABORT,
            Self::Close => CLOSE,
            Self::Fail(error) => {
                parcel.text = error.to_json();
                FAIL
            }
        };
        (parcel.pack(), moved)
    }

    pub(in crate::web) fn decode(message: &JsValue) -> Option<Self> {
        let parcel = Parcel::unpack(message)?;
        let id = parcel.number as u32;
        Some(match parcel.kind {
            PLAN => Self::Plan(Box::new(plan_from(parcel)?)),
            DIAL => Self::Dial,
            CONNECT => Self::Connect,
            RETRY => Self::Retry,
            MESSAGE => Self::Message(message_from(parcel)?),
            MUTE => Self::Mute(id > 0),
            INTERRUPT => Self::Interrupt,
            TALK => Self::Talk(id > 0),
            ATTACH_MICROPHONE => Self::AttachMicrophone(device_from(parcel)?),
            DETACH_MICROPHONE => Self::DetachMicrophone(id),
            ATTACH_SPEAKER => Self::AttachSpeaker(device_from(parcel)?),
            DETACH_SPEAKER => Self::DetachSpeaker(id),
            TOKEN => {
                let deadline_ms = parcel.values[0].as_f64();
                Self::Token(id, Ok(AccessToken { token: parcel.text, deadline_ms }))
            }
            NO_TOKEN => Self::Token(id, Err(error_from_json(&parcel.text)?)),
            STATS => Self::Stats(id),
            RECORD => Self::Record(id > 0),
            PCM => Self::Pcm(id, parcel.values[0].clone().dyn_into().ok()),
            ABORT => Self::Abort,
            CLOSE => Self::Close,
            FAIL => Self::Fail(error_from_json(&parcel.text)?),
            _ => return None,
        })
    }
}

const READY: u32 = 0;
const NEWS: u32 = 1;
const STATE: u32 = 2;
const OPENED: u32 = 3;
const CLOSED: u32 = 4;
const TOKEN_WANTED: u32 = 5;
const TOKEN_UNWANTED: u32 = 6;
const COUNTERS: u32 = 7;
const CALLS: u32 = 9;
const RESUMABLE: u32 = 8;
const KEPT: u32 = 20;
const WIRE: u32 = 23;

impl Notice {
    pub(in crate::web) fn encode(self) -> Array {
        let mut parcel = Parcel::default();
        parcel.kind = match self {
            Self::Ready => READY,
            Self::Event(json, meaning) => {
                parcel.text = json;
                match meaning {
                    Meaning::News => NEWS,
                    Meaning::Calls => CALLS,
                    Meaning::State(state) => {
                        parcel.number = f64::from(state as u8);
                        STATE
                    }
                    Meaning::Opened => OPENED,
                    Meaning::Handle(handle) => {
                        parcel.values[0] = handle.map(|Handle(text)| text).into();
                        RESUMABLE
                    }
                    Meaning::Kept(id) => {
                        parcel.number = id.into();
                        KEPT
                    }
                    Meaning::Closed(error) => {
                        parcel.values[0] = error.map(|error| error.to_json()).into();
                        CLOSED
                    }
                }
            }
            Self::Token(request) => {
                parcel.number = request.into();
                TOKEN_WANTED
            }
            Self::TokenUnwanted(request) => {
                parcel.number = request.into();
                TOKEN_UNWANTED
            }
            Self::Stats(request, stats) => {
                parcel.number = request.into();
                parcel.values[0] = stats;
                COUNTERS
            }
            Self::Wire(Told(told)) => {
                parcel.values[0] = told.into();
                WIRE
            }
        };
        parcel.pack()
    }

    pub(in crate::web) fn decode(message: &JsValue) -> Option<Self> {
        let Parcel { kind, number, text, values: [first, _] } = Parcel::unpack(message)?;
        let id = number as u32;
        let meaning = match kind {
            READY => return Some(Self::Ready),
            TOKEN_WANTED => return Some(Self::Token(id)),
            TOKEN_UNWANTED => return Some(Self::TokenUnwanted(id)),
            COUNTERS => return Some(Self::Stats(id, first)),
            WIRE => return Some(Self::Wire(Told(first.dyn_into().ok()?))),
            NEWS => Meaning::News,
            CALLS => Meaning::Calls,
            STATE => Meaning::State(*STATES.get(id as usize)?),
            OPENED => Meaning::Opened,
            RESUMABLE => Meaning::Handle(first.as_string().map(Handle)),
            KEPT => Meaning::Kept(id),
            CLOSED => Meaning::Closed(first.as_string().and_then(|json| error_from_json(&json))),
            _ => return None,
        };
        Some(Self::Event(text, meaning))
    }
}

/// In the order of their numbers. A state that is missing here would be lost on its way.
const STATES: [State; 5] =
    [State::Connecting, State::Open, State::Reconnecting, State::Closing, State::Closed];

/// What came of asking for a token. Answers which of the two it is.
fn token_into(answer: Result<AccessToken, Error>, parcel: &mut Parcel) -> u32 {
    match answer {
        Ok(AccessToken { token, deadline_ms }) => {
            parcel.text = token;
            parcel.values[0] = deadline_ms.into();
            TOKEN
        }
        Err(error) => {
            parcel.text = error.to_json();
            NO_TOKEN
        }
    }
}

fn device_into(device: Attachment, parcel: &mut Parcel, moved: &Array) {
    let Attachment { id, port, ring } = device;
    moved.push(&port);
    parcel.number = id.into();
    parcel.values = [port.into(), ring.into()];
}

fn device_from(parcel: Parcel) -> Option<Attachment> {
    let Parcel { number, values: [port, ring], .. } = parcel;
    Some(Attachment { id: number as u32, port: port.dyn_into().ok()?, ring: ring.dyn_into().ok() })
}

/// Its text, its kind by name, and for a tool response the calls that it answers, each followed by whether more comes.
fn message_into(message: Message, parcel: &mut Parcel) {
    let calls = Array::new();
    if let Kind::ToolResponse(answers) = &message.kind {
        for AnsweredCall { id, will_continue } in answers {
            calls.push(&id.into());
            calls.push(&(*will_continue).into());
        }
    }
    parcel.text = message.text;
    parcel.values = [message.kind.name().into(), calls.into()];
}

fn message_from(parcel: Parcel) -> Option<Message> {
    let Parcel { text, values: [name, calls], .. } = parcel;
    let calls: Array = calls.dyn_into().ok()?;
    let mut answers = Vec::new();
    for at in (0..calls.length()).step_by(2) {
        answers.push(AnsweredCall {
            id: calls.get(at).as_string()?,
            will_continue: calls.get(at + 1).is_truthy(),
        });
    }
    Some(Message { kind: Kind::named(&name.as_string()?, answers)?, text })
}

/// The setup as text, the policy as numbers, and the rest of the plan in a list.
// A field that a plan or an endpoint gains is missed here by the compiler: the patterns are complete.
fn plan_into(plan: Plan, parcel: &mut Parcel) {
    let Plan { setup, policy, endpoint: Endpoint { base, version }, token_url, allows_api_key } = plan;
    let numbers = Array::new();
    policy.put(&numbers);
    let rest = list([base.into(), version.into(), token_url.into(), allows_api_key.into()]);
    parcel.text = setup.as_value().to_json();
    parcel.values = [numbers.into(), rest.into()];
}

fn plan_from(parcel: Parcel) -> Option<Plan> {
    let Parcel { text, values: [numbers, rest], .. } = parcel;
    let Ok(Value::Object(setup)) = parse(text.as_bytes()) else { return None };
    let numbers: Array = numbers.dyn_into().ok()?;
    let rest: Array = rest.dyn_into().ok()?;
    Some(Plan {
        setup: Setup::from_value(setup),
        endpoint: Endpoint { base: rest.get(0).as_string()?, version: rest.get(1).as_string() },
        token_url: rest.get(2).as_string(),
        allows_api_key: rest.get(3).is_truthy(),
        policy: policy::taken(numbers)?,
    })
}

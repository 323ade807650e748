//! What the page and the session's Worker say to each other. On the page alone, a driver takes the same commands.

use std::time::Duration;

use js_sys::Array;
use wasm_bindgen::prelude::*;

use crate::{
    event::State,
    json::{Value, parse},
    protocol::{
        endpoint::Endpoint,
        message::{AnsweredCall, Kind, Message},
        setup::Setup,
    },
    session::Policy,
    web::{
        driver::{
            command::{Attachment, Command},
            meaning::Meaning,
            plan::Plan,
            token::AccessToken,
        },
        sys::value,
    },
};

/// What the Worker tells the page.
#[derive(Debug, PartialEq)]
pub(in crate::web) enum Notice {
    /// It takes commands.
    Ready,
    /// It cannot start.
    Failed,
    /// An event for the application, as JSON text.
    Event(String, Meaning),
    /// It needs a token, and calls the request by this number.
    Token(u32),
    /// It does not wait for that token any more.
    TokenUnwanted(u32),
    /// The counters, as an object, under the number of the question; 0 where nobody asked.
    Stats(u32, JsValue),
}

impl Command {
    /// The message, and what goes over with it and is gone here.
    pub(in crate::web) fn encode(self) -> (Array, Array) {
        let moved = Array::new();
        let message = match self {
            Self::Plan(plan) => write("plan", &plan_to_js(&plan)),
            Self::Connect => write("connect", &[]),
            Self::Message(message) => write("message", &message_to_js(message)),
            Self::Mute(is_muted) => write("mute", &[is_muted.into()]),
            Self::AttachMicrophone(device) => write("attachMicrophone", &device.to_js(&moved)),
            Self::DetachMicrophone(id) => write("detachMicrophone", &[id.into()]),
            Self::AttachSpeaker(device) => write("attachSpeaker", &device.to_js(&moved)),
            Self::DetachSpeaker(id) => write("detachSpeaker", &[id.into()]),
            Self::Token(request, Ok(token)) => {
                let deadline = token.deadline_ms.map_or(JsValue::NULL, Into::into);
                write("token", &[request.into(), token.as_str().into(), deadline])
            }
            Self::Token(request, Err(error)) => write("noToken", &[request.into(), value::error(&error)]),
            Self::Stats(request) => write("stats", &[request.into()]),
            Self::Abort => write("abort", &[]),
            Self::Close => write("close", &[]),
            Self::Fail(error) => write("fail", &[value::error(&error)]),
        };
        (message, moved)
    }

    pub(in crate::web) fn decode(message: &JsValue) -> Option<Self> {
        let fields = Fields::of(message)?;
        Some(match fields.kind.as_str() {
            "plan" => Self::Plan(Box::new(plan_from_js(&fields)?)),
            "connect" => Self::Connect,
            "message" => Self::Message(message_from_js(&fields)?),
            "mute" => Self::Mute(fields.flag(1)?),
            "attachMicrophone" => Self::AttachMicrophone(Attachment::from_js(&fields)?),
            "detachMicrophone" => Self::DetachMicrophone(fields.number(1)?),
            "attachSpeaker" => Self::AttachSpeaker(Attachment::from_js(&fields)?),
            "detachSpeaker" => Self::DetachSpeaker(fields.number(1)?),
            "token" => {
                let token = AccessToken { token: fields.text(2)?, deadline_ms: fields.at(3).as_f64() };
                Self::Token(fields.number(1)?, Ok(token))
            }
            "noToken" => Self::Token(fields.number(1)?, Err(value::error_from(&fields.at(2))?)),
            "stats" => Self::Stats(fields.number(1)?),
            "abort" => Self::Abort,
            "close" => Self::Close,
            "fail" => Self::Fail(value::error_from(&fields.at(1))?),
            _ => return None,
        })
    }
}

impl Notice {
    pub(in crate::web) fn encode(self) -> Array {
        match self {
            Self::Ready => write("ready", &[]),
            Self::Failed => write("failed", &[]),
            Self::Event(json, Meaning::News) => write("event", &[json.into()]),
            Self::Event(json, Meaning::State(state)) => write("state", &[json.into(), state.as_str().into()]),
            Self::Event(json, Meaning::Opened) => write("opened", &[json.into()]),
            Self::Event(json, Meaning::Closed(error)) => {
                write("closed", &[json.into(), error.map_or(JsValue::NULL, |error| value::error(&error))])
            }
            Self::Token(request) => write("token", &[request.into()]),
            Self::TokenUnwanted(request) => write("tokenUnwanted", &[request.into()]),
            Self::Stats(request, stats) => write("stats", &[request.into(), stats]),
        }
    }

    pub(in crate::web) fn decode(message: &JsValue) -> Option<Self> {
        let fields = Fields::of(message)?;
        let meaning = match fields.kind.as_str() {
            "ready" => return Some(Self::Ready),
            "failed" => return Some(Self::Failed),
            "token" => return fields.number(1).map(Self::Token),
            "tokenUnwanted" => return fields.number(1).map(Self::TokenUnwanted),
            "stats" => return Some(Self::Stats(fields.number(1)?, fields.at(2))),
            "event" => Meaning::News,
            "state" => Meaning::State(state_from(&fields.text(2)?)?),
            "opened" => Meaning::Opened,
            "closed" => Meaning::Closed(value::error_from(&fields.at(2))),
            _ => return None,
        };
        Some(Self::Event(fields.text(1)?, meaning))
    }
}

impl Attachment {
    fn to_js(&self, moved: &Array) -> [JsValue; 3] {
        moved.push(&self.port);
        let ring = self.ring.clone().map_or(JsValue::NULL, Into::into);
        [self.id.into(), self.port.clone().into(), ring]
    }

    fn from_js(fields: &Fields) -> Option<Self> {
        let port = fields.at(2).dyn_into().ok()?;
        Some(Self { id: fields.number(1)?, port, ring: fields.at(3).dyn_into().ok() })
    }
}

/// Its kind by name, its text, and for a tool response the calls that it answers.
fn message_to_js(message: Message) -> [JsValue; 3] {
    let calls = Array::new();
    if let Kind::ToolResponse(answers) = &message.kind {
        for AnsweredCall { id, will_continue } in answers {
            calls.push(&Array::of2(&id.into(), &(*will_continue).into()));
        }
    }
    [message.kind.name().into(), message.text.into(), calls.into()]
}

fn message_from_js(fields: &Fields) -> Option<Message> {
    let calls: Array = fields.at(3).dyn_into().ok()?;
    let answered = |call: JsValue| {
        let call: Array = call.dyn_into().ok()?;
        Some(AnsweredCall { id: call.get(0).as_string()?, will_continue: call.get(1).is_truthy() })
    };
    let kind = Kind::named(&fields.text(1)?, calls.iter().filter_map(answered).collect())?;
    Some(Message { kind, text: fields.text(2)? })
}

// A field that a plan, a policy or an endpoint gains is missed here by the compiler: both patterns are complete.
fn plan_to_js(plan: &Plan) -> [JsValue; 14] {
    let Plan { setup, policy, endpoint, token_url, allows_api_key } = plan;
    let Policy {
        connect,
        close,
        audio_pause,
        backlog_bytes,
        send_bytes,
        hold,
        keep_answers,
        frame_bytes,
        model_checks,
    } = *policy;
    let Endpoint { base, version } = endpoint;
    let text = |text: &Option<String>| text.as_deref().map_or(JsValue::NULL, JsValue::from_str);
    let ms = |duration: Duration| JsValue::from(duration.as_millis() as f64);
    [
        setup.as_value().to_json().into(),
        base.into(),
        text(version),
        text(token_url),
        (*allows_api_key).into(),
        ms(connect),
        ms(close),
        ms(audio_pause),
        backlog_bytes.into(),
        send_bytes.into(),
        ms(hold),
        ms(keep_answers),
        (frame_bytes as u32).into(),
        model_checks.into(),
    ]
}

fn plan_from_js(fields: &Fields) -> Option<Plan> {
    let Ok(Value::Object(setup)) = parse(fields.text(1)?.as_bytes()) else { return None };
    let ms = |index| fields.at(index).as_f64().map(|ms| Duration::from_millis(ms as u64));
    Some(Plan {
        setup: Setup::from_value(setup),
        endpoint: Endpoint { base: fields.text(2)?, version: fields.text(3) },
        token_url: fields.text(4),
        allows_api_key: fields.flag(5)?,
        policy: Policy {
            connect: ms(6)?,
            close: ms(7)?,
            audio_pause: ms(8)?,
            backlog_bytes: fields.number(9)?,
            send_bytes: fields.number(10)?,
            hold: ms(11)?,
            keep_answers: ms(12)?,
            frame_bytes: fields.number(13)? as usize,
            model_checks: fields.flag(14)?,
        },
    })
}

fn state_from(name: &str) -> Option<State> {
    [State::Connecting, State::Open, State::Closing, State::Closed]
        .into_iter()
        .find(|state| state.as_str() == name)
}

/// A message is a list: its kind, then its fields.
fn write(kind: &str, fields: &[JsValue]) -> Array {
    let message = Array::of1(&kind.into());
    fields.iter().for_each(|field| {
        message.push(field);
    });
    message
}

struct Fields {
    kind: String,
    message: Array,
}

impl Fields {
    fn of(message: &JsValue) -> Option<Self> {
        let message: Array = message.clone().dyn_into().ok()?;
        Some(Self { kind: message.get(0).as_string()?, message })
    }

    fn at(&self, index: u32) -> JsValue {
        self.message.get(index)
    }

    fn text(&self, index: u32) -> Option<String> {
        self.at(index).as_string()
    }

    fn flag(&self, index: u32) -> Option<bool> {
        self.at(index).as_bool()
    }

    fn number(&self, index: u32) -> Option<u32> {
        self.at(index).as_f64().map(|number| number as u32)
    }
}

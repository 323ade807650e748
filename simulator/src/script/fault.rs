//! What a step of a script does to its connection.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::span::{Span, Spread};
use crate::behaviour::StaleHandle;
use crate::random::Random;
use crate::refusal::Refusal;

/// `do`: one of these.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Fault {
    /// Answers the HTTP request with a status, in place of a WebSocket.
    RefuseUpgrade(RefuseUpgrade),
    /// `setupComplete` comes this much later.
    DelaySetup(Span),
    /// The setup is never answered.
    IgnoreSetup,
    /// The setup is refused.
    RefuseSetup(Close),
    /// The service does not find the setup's model, and says so in its words.
    ModelNotFound,
    /// A warning, and what ends the connection then.
    GoAway(GoAway),
    /// A close frame.
    Close(Close),
    /// The TCP connection is ended without a close frame (FIN).
    Cut,
    /// The TCP connection is reset (RST).
    Reset,
    /// The connection stays open and is read, but nothing is sent any more.
    Stall,
    /// What the client sends is left unread: it backs up at the client.
    StopReading,
    /// Turns are not answered any more.
    StopAnswering,
    /// A message, whatever it says.
    Send(Value),
    /// A frame, whatever it says; it need not be JSON.
    SendRaw(Raw),
    /// A `sessionResumptionUpdate` of any form.
    Resumption(Update),
    /// How answers come from now on.
    Pacing(Pacing),
    /// The handles that this session was given so far open nothing any more.
    ExpireHandles(ExpireHandles),
    /// The connection's token comes to its `expireTime`.
    ExpireToken,
    /// The same for connections to come: this one goes on.
    RetireToken,
    /// Calls that are unanswered are cancelled; all of them unless it is said which.
    CancelCalls(Option<Which>),
}

/// Which of the unanswered calls, in the order in which they were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Which {
    All,
    First,
    Last,
}

/// `refuseUpgrade`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RefuseUpgrade {
    pub(crate) status: u16,
    /// The `Retry-After` header.
    pub(crate) retry_after: Option<Span>,
}

/// A close frame.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "CloseForm")]
pub(crate) struct Close {
    pub(crate) code: u16,
    pub(crate) reason: String,
}

/// A close frame as it is written: in one's own words, or in the service's by the name of its refusal.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CloseForm {
    code: Option<u16>,
    #[serde(default)]
    reason: String,
    #[serde(rename = "as")]
    name: Option<String>,
}

impl TryFrom<CloseForm> for Close {
    type Error = String;

    fn try_from(form: CloseForm) -> Result<Self, String> {
        match form {
            CloseForm { code: Some(code), reason, name: None } => Ok(Self { code, reason }),
            CloseForm { code: None, reason, name: Some(name) } if reason.is_empty() => {
                let known = || Refusal::names().collect::<Vec<_>>().join(", ");
                let refusal = Refusal::named(&name).ok_or_else(|| {
                    format!("no refusal of the service's is named {name:?}; it has {}", known())
                })?;
                Ok(Self { code: refusal.code, reason: refusal.reason })
            }
            CloseForm { code: None, name: None, .. } => {
                Err("missing field `code`, or `as` with the name of a refusal of the service's".to_owned())
            }
            CloseForm { .. } => Err("either `code` and `reason`, or `as`".to_owned()),
        }
    }
}

/// `goAway`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct GoAway {
    /// As it is told to the client; left out of the message when it is not given.
    pub(crate) time_left: Option<Spread>,
    /// When it really ends; `timeLeft` unless given. With neither, it does not end.
    end_after: Option<Spread>,
    /// How it ends.
    then: End,
}

/// How a warned connection ends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum End {
    /// 1008, `The operation was aborted.`
    #[default]
    Aborted,
    Close(Close),
    Cut,
    Reset,
    /// Not at all.
    Nothing,
}

/// `sendRaw`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Raw {
    pub(crate) text: String,
    /// The frame's type; that of the others unless given.
    pub(crate) frame: Option<FrameType>,
}

/// A type of WebSocket frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum FrameType {
    Binary,
    Text,
}

/// `resumption`: what is not given is not in the message.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Update {
    pub(crate) new_handle: Option<NewHandle>,
    pub(crate) resumable: Option<bool>,
}

/// Which handle.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum NewHandle {
    /// One that the session can be resumed with.
    Fresh,
    /// One that was never given out.
    Unknown,
    /// `""`
    Empty,
}

/// `pacing`: what is not given stays as it is.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Pacing {
    /// How much audio is in a part.
    pub(crate) part: Option<Span>,
    /// Between one part and the next.
    pub(crate) every: Option<Span>,
    /// Parts are late by up to this: as if at random, but the same each time.
    pub(crate) jitter: Option<Span>,
    /// So many parts come at one moment, and the next so many when their time has come.
    pub(crate) burst: Option<u32>,
    /// What is sent at one moment shares one frame, and frames are text.
    pub(crate) bundle: Option<bool>,
}

/// `expireHandles`.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ExpireHandles {
    /// In which of its words the service refuses them.
    #[serde(rename = "as")]
    pub(crate) words: Option<StaleHandle>,
}

impl Fault {
    /// Reads one by its name and what it takes, as a lever's path and body give them: `go-away` is `goAway`.
    pub(crate) fn named(name: &str, body: Option<Value>) -> Result<Self, String> {
        let name = camel_case(name);
        let read = |body: Value| {
            serde_path_to_error::deserialize::<_, Self>(json!({ (name.as_str()): body }))
                .map_err(super::located)
        };
        let fault = match body {
            Some(body) => read(body),
            // Those that take nothing, and those that have a default for everything.
            None => read(Value::Null).or_else(|_| read(json!({}))),
        }?;
        fault.check().map_err(|(path, message)| format!("{}: {message}", path.trim_start_matches('.')))?;
        Ok(fault)
    }

    /// What its values must be besides being of their type; with a path.
    pub(super) fn check(&self) -> Result<(), (&'static str, String)> {
        match self {
            Self::RefuseUpgrade(refusal) if !(400..=599).contains(&refusal.status) => Err((
                ".refuseUpgrade.status",
                format!("{} is no status of an error (400 to 599)", refusal.status),
            )),
            Self::RefuseSetup(close) => close.check().map_err(|message| (".refuseSetup.code", message)),
            Self::Close(close) => close.check().map_err(|message| (".close.code", message)),
            Self::GoAway(GoAway { then: End::Close(close), .. }) => {
                close.check().map_err(|message| (".goAway.then.close.code", message))
            }
            Self::Send(message) if !message.is_object() => {
                Err((".send", "a message is an object; sendRaw sends what is none".to_owned()))
            }
            Self::Pacing(pacing) => pacing.check(),
            _ => Ok(()),
        }
    }

    /// Whether it can answer an HTTP request that wants to become a WebSocket.
    pub(super) fn suits_an_upgrade(&self) -> bool {
        matches!(self, Self::RefuseUpgrade(_) | Self::Cut | Self::Stall)
    }

    /// Whether it can meet a setup.
    pub(super) fn suits_a_setup(&self) -> bool {
        self.is_for_setups_only()
            || matches!(
                self,
                Self::Close(_)
                    | Self::Cut
                    | Self::Reset
                    | Self::Stall
                    | Self::ExpireHandles(_)
                    | Self::Send(_)
                    | Self::SendRaw(_)
            )
    }

    fn is_for_setups_only(&self) -> bool {
        matches!(self, Self::DelaySetup(_) | Self::IgnoreSetup | Self::RefuseSetup(_) | Self::ModelNotFound)
    }

    /// Whether it can happen to an open session.
    pub(crate) fn suits_a_session(&self) -> bool {
        !self.is_for_setups_only() && !matches!(self, Self::RefuseUpgrade(_))
    }

    /// How long what it sends is, in bytes, if it sends something.
    pub(super) fn length(&self) -> Option<usize> {
        match self {
            Self::Send(message) => Some(message.to_string().len()),
            Self::SendRaw(raw) => Some(raw.text.len()),
            Self::Resumption(_) => Some(LONGEST_UPDATE),
            _ => None,
        }
    }

    /// The same, with times drawn that are given as from and to.
    pub(super) fn drawn(&self, random: &mut Random) -> Self {
        match self {
            Self::GoAway(go_away) => Self::GoAway(go_away.drawn(random)),
            other => other.clone(),
        }
    }

    /// Whether nothing is sent after it.
    pub(super) fn silences(&self) -> bool {
        matches!(self, Self::Close(_) | Self::Cut | Self::Reset | Self::Stall)
    }
}

impl Close {
    fn check(&self) -> Result<(), String> {
        // What a close frame may carry: RFC 6455, 7.4.
        match self.code {
            1000..=1003 | 1007..=1014 | 3000..=4999 => Ok(()),
            code => Err(format!("{code} may not be sent in a close frame")),
        }
    }

    pub(crate) fn refusal(&self) -> Refusal {
        Refusal::new(self.code, &self.reason, "the script says so")
    }
}

impl GoAway {
    fn drawn(&self, random: &mut Random) -> Self {
        let mut draw = |spread: Option<Spread>| spread.map(|spread| spread.drawn(random));
        Self { time_left: draw(self.time_left), end_after: draw(self.end_after), then: self.then.clone() }
    }

    /// The message.
    pub(crate) fn message(&self, seconds: impl Fn(Duration) -> String) -> Value {
        match self.time_left {
            Some(time_left) => json!({"goAway": {"timeLeft": seconds(time_left.least())}}),
            None => json!({"goAway": {}}),
        }
    }

    /// What ends the connection, and how long after the warning.
    pub(crate) fn end(&self) -> Option<(Duration, Fault)> {
        let after = self.end_after.or(self.time_left)?.least();
        let end = match &self.then {
            End::Aborted => {
                let Refusal { code, reason, .. } = Refusal::aborted("");
                Fault::Close(Close { code, reason })
            }
            End::Close(close) => Fault::Close(close.clone()),
            End::Cut => Fault::Cut,
            End::Reset => Fault::Reset,
            End::Nothing => return None,
        };
        Some((after, end))
    }

    /// What every connection is told when it has lasted ten minutes.
    pub(crate) fn of_the_service() -> Self {
        Self { time_left: Some(Span(SERVICE_TIME_LEFT).into()), ..Self::default() }
    }
}

impl Pacing {
    fn check(&self) -> Result<(), (&'static str, String)> {
        match self {
            Self { part: Some(Span(part)), .. } if !(SHORTEST_PART..=LONGEST_PART).contains(part) => {
                Err((".pacing.part", "a part is from 5 ms to 10 s long".to_owned()))
            }
            Self { burst: Some(burst), .. } if !(1..=MOST_IN_A_BURST).contains(burst) => {
                Err((".pacing.burst", format!("a burst is of 1 to {MOST_IN_A_BURST} parts")))
            }
            Self { every: Some(Span(time)), .. } | Self { jitter: Some(Span(time)), .. }
                if *time > LONGEST_PART =>
            {
                Err((".pacing", "parts are not farther apart than 10 s".to_owned()))
            }
            _ => Ok(()),
        }
    }
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('-');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}

const SERVICE_TIME_LEFT: Duration = Duration::from_secs(50);
const SHORTEST_PART: Duration = Duration::from_millis(5);
const LONGEST_PART: Duration = Duration::from_secs(10);
const MOST_IN_A_BURST: u32 = 1_000;
const LONGEST_UPDATE: usize = 100;

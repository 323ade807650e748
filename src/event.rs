//! What a session tells the application.
//!
//! The session tells a [`SessionEvent`]: what the server said, still as JSON, or something of this side.
//! JavaScript gets that as an object ([`to_json`](SessionEvent::to_json)). Rust applications get the
//! [`Event`] that is [made](Event::from) of it, with a type for each; pages do not link what serde derives
//! for those.

mod cause;
mod device;
mod told;
mod turn;

use serde::de::DeserializeOwned;

use self::told::Told;
pub use self::turn::{LiveTurn, LiveUsage};
pub use self::{cause::Cause, device::DeviceChangeReason};
use crate::{
    error::{CloseFrame, Error, Warning, WarningCode},
    json::{Map, Value},
    protocol::server::{self, EventKind, ServerEvent, server_events},
};

macro_rules! declare_events {
    (
        server {
            $(
                $(#[doc = $doc:literal])* $server:ident $server_kind:literal: $payload:ident
                    from $source:ident $path:literal,
            )*
        }
        local {
            $(
                $(#[doc = $local_doc:literal])* $local:ident $kind:literal {
                    $($(#[doc = $field_doc:literal])* $field:ident $name:literal: $type:ty as $typescript:literal,)*
                }
            )*
        }
    ) => {
        /// Something that happened, in the order in which it happened.
        ///
        /// In JavaScript each is a plain object whose `type` is the variant's name in camelCase.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Event {
            $($(#[doc = $doc])* $server(server::$payload),)*
            $($(#[doc = $local_doc])* $local { $($(#[doc = $field_doc])* $field: $type,)* },)*
        }

        /// Something that happened on this side.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum LocalEvent {
            $($(#[doc = $local_doc])* $local { $($(#[doc = $field_doc])* $field: $type,)* },)*
        }

        impl LocalEvent {
            /// The `type` that JavaScript sees, and the fields.
            fn told(&self) -> (&'static str, Map) {
                let mut fields = Map::new();
                match self {
                    $(Self::$local { $($field),* } => {
                        $(told::put(&mut fields, $name, $field.told());)*
                        ($kind, fields)
                    })*
                }
            }
        }

        impl From<LocalEvent> for Event {
            fn from(event: LocalEvent) -> Self {
                match event {
                    $(LocalEvent::$local { $($field),* } => Self::$local { $($field),* },)*
                }
            }
        }

        impl From<ServerEvent> for Event {
            fn from(event: ServerEvent) -> Self {
                match event.kind {
                    $(EventKind::$server => typed(event.fields, Self::$server),)*
                }
            }
        }

        /// The TypeScript of what happens on this side.
        #[cfg(all(test, not(target_arch = "wasm32")))]
        pub(crate) fn typescript(types: &mut crate::protocol::Types) {
            use crate::protocol::typescript::Field;
            $(types.event(stringify!($local), $kind, &[$($local_doc),*], |_| vec![$(Field {
                name: $name,
                docs: &[$($field_doc),*],
                is_required: !<$type as Told>::IS_OPTIONAL,
                shape: $typescript.to_owned(),
            },)*]);)*
            Cause::typescript(types);
            DeviceChangeReason::typescript(types);
            types.union("LiveLocalEvent", "Everything that happens on this side.", &[$(stringify!($local)),*]);
        }
    };
}

server_events! { declare_events local {
    /// State change: the session is in another state of its life.
    StateChange "stateChange" {
        /// State: the new one.
        state "state": State as "LiveState",
    }
    /// Audio state change: the browser has stopped the devices' sound, or lets it go on. Comes first where it does not start it.
    AudioStateChange "audioStateChange" {
        /// State: the new one.
        state "state": AudioState as "LiveAudioState",
    }
    /// Device change: the microphone is another device from here on.
    DeviceChange "deviceChange" {
        /// Reason: who or what has changed it.
        reason "reason": DeviceChangeReason as "LiveDeviceChangeReason",
        /// Label: the device's name, as the browser shows it.
        label "label": String as "string",
        /// Device id, as `enumerateDevices` has it; empty for a stream or track of the application's own without one.
        device_id "deviceId": String as "string",
    }
    /// Device mute: the microphone itself, or the system, has switched it off, or on again: `MediaStreamTrack.muted`. Silence is sent
    /// meanwhile.
    DeviceMute "deviceMute" {
        /// Muted: whether it is off.
        muted "muted": bool as "boolean",
    }
    /// Permission change: the user or the browser has granted the permission for microphones, taken it back, or left it open.
    PermissionChange "permissionChange" {
        /// State, as the Permissions API has it.
        state "state": String as "\"granted\" | \"denied\" | \"prompt\"",
    }
    /// Reconnecting: the session goes over to another connection. Comes with each attempt, and again when the time of one
    /// changes. What is sent meanwhile waits.
    Reconnecting "reconnecting" {
        /// Cause: why this attempt is needed.
        cause "cause": Cause as "LiveReconnectCause",
        /// Attempt: the number of this one, from 1.
        attempt "attempt": u32 as "number",
        /// Milliseconds until the attempt; nothing where it waits for the network to come back.
        retry_in_ms "retryInMs": Option<f64> as "number",
    }
    /// Resumed: the conversation goes on over another connection, and the model remembers it.
    Resumed "resumed" {
        /// Milliseconds of microphone audio that were held, and are sent now.
        held_ms "heldMs": f64 as "number",
        /// Milliseconds of microphone audio that were lost.
        lost_ms "lostMs": f64 as "number",
    }
    /// Restarted: there is another connection, and the service does not know the conversation any more.
    Restarted "restarted" {
        /// Reseeded: whether it is told what was said before, as far as that is known in words and was heard.
        reseeded "reseeded": bool as "boolean",
        /// Reseeded turns: how many it is told of, the latest.
        reseeded_turns "reseededTurns": u32 as "number",
        /// Dropped turns: of how many it is not told: the oldest, where all were too long, and those without words.
        dropped_turns "droppedTurns": u32 as "number",
        /// Milliseconds of microphone audio that were held, and are sent now.
        held_ms "heldMs": f64 as "number",
        /// Milliseconds of microphone audio that were lost.
        lost_ms "lostMs": f64 as "number",
    }
    /// Playback started: the first sample of an answer is being played.
    PlaybackStarted "playbackStarted" {
        /// Latency, in milliseconds from the end of the user's speech, as this side heard it, to this moment.
        latency_ms "latencyMs": Option<f64> as "number",
    }
    /// Playback ended: the answer was played to its end, the server completed the turn, and the speaker has run
    /// dry; or the application interrupted it, or stopped its speaker.
    PlaybackEnded "playbackEnded" {
        /// Played milliseconds of this answer.
        played_ms "playedMs": f64 as "number",
    }
    /// Playback paused: the user seems to speak over the answer, which is silent from here on. It is `interrupted`, or goes on.
    /// Only with `bargeIn`.
    PlaybackPaused "playbackPaused" {}
    /// Playback resumed: the service did not interrupt the answer, which goes on where it was paused.
    PlaybackResumed "playbackResumed" {
        /// Paused milliseconds.
        paused_ms "pausedMs": f64 as "number",
    }
    /// Turn: what one side says has begun, grown or ended. It comes after the events that made it so, at most once for each
    /// frame of the service; with its audio alone it does not.
    Turn "turn" {
        /// Turn: the whole of it, as it stands.
        turn "turn": Box<LiveTurn> as "LiveTurn",
    }
    /// User speech start: the microphone hears a voice, as this side judges it, by its energy against the room's. The service
    /// judges for itself.
    UserSpeechStart "userSpeechStart" {}
    /// User speech end: no voice was heard for half a second, or the microphone was muted or stopped.
    UserSpeechEnd "userSpeechEnd" {
        /// Duration in milliseconds, from the first voice to the last.
        duration_ms "durationMs": f64 as "number",
    }
    /// Speech while muted: the user has spoken for 300 ms into a microphone that is muted, as this side judges it. Comes again after
    /// ten seconds at the earliest. Nothing of what is said leaves this side.
    SpeechWhileMuted "speechWhileMuted" {}
    /// Usage: the service told what a turn used, and this is what the session used so far.
    Usage "usage" {
        /// Usage: the tokens of all turns, and their cost where there are prices.
        usage "usage": Box<LiveUsage> as "LiveUsage",
    }
    /// Diagnosis: something asked for in the config demonstrably had no effect, most often because the ephemeral
    /// token carries a setup of its own. Comes at most once, after the first turn.
    Diagnosis "diagnosis" {
        /// Missing: the fields without effect, as paths in the setup.
        missing "missing": Vec<&'static str> as "readonly string[]",
        /// Message: the likely cause, for people.
        message "message": &'static str as "string",
        /// Remedy: what to do about it.
        remedy "remedy": &'static str as "string",
    }
    /// Warning: something to know; the session goes on.
    Warning "warning" {
        /// Code: what it is about, stable.
        code "code": WarningCode as "LiveWarningCode",
        /// Message: what happened and what to do, for people.
        message "message": String as "string",
        /// Field it is about, as a path.
        field "field": Option<String> as "string",
    }
    /// Closed: the session is over, and nothing follows. Without `error`, the application wished it.
    Closed "closed" {
        /// Close: how the WebSocket ended, where there was one.
        close "close": Option<CloseFrame> as "CloseFrame",
        /// Error: why, if it was not the application's wish.
        error "error": Option<Error> as "LiveErrorDetails",
    }
} }

/// What a session tells, in the order in which it happened.
#[derive(Clone, Debug, PartialEq)]
pub enum SessionEvent {
    /// The server said it.
    Server(ServerEvent),
    /// It happened on this side.
    Local(LocalEvent),
}

impl SessionEvent {
    /// The event as JavaScript gets it: the JSON text of an object with a `type`.
    #[must_use]
    pub fn to_json(&self) -> String {
        match self {
            Self::Server(event) => event.to_json(),
            Self::Local(event) => {
                let (kind, fields) = event.told();
                server::object_of(kind, &fields)
            }
        }
    }
}

impl From<ServerEvent> for SessionEvent {
    fn from(event: ServerEvent) -> Self {
        Self::Server(event)
    }
}

impl From<LocalEvent> for SessionEvent {
    fn from(event: LocalEvent) -> Self {
        Self::Local(event)
    }
}

impl From<Warning> for LocalEvent {
    fn from(Warning { code, message, field }: Warning) -> Self {
        Self::Warning { code, message, field }
    }
}

impl From<Warning> for SessionEvent {
    fn from(warning: Warning) -> Self {
        Self::Local(warning.into())
    }
}

impl From<SessionEvent> for Event {
    fn from(event: SessionEvent) -> Self {
        match event {
            SessionEvent::Server(event) => event.into(),
            SessionEvent::Local(event) => event.into(),
        }
    }
}

/// The fields were sifted by the payload's own table. What does not fit nevertheless is not lost.
fn typed<T: DeserializeOwned>(fields: Map, event: fn(T) -> Event) -> Event {
    match serde_json::from_value(serde_json::Value::from(Value::Object(fields.clone()))) {
        Ok(payload) => event(payload),
        Err(_) => Event::Unknown(server::Unknown::new(fields)),
    }
}

/// Where a session is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// A token is fetched, a socket opened, the setup offered.
    Connecting,
    /// The service accepted the setup; messages flow.
    Open,
    /// There is no connection, and another is being made. What is sent waits.
    Reconnecting,
    /// The application asked for the end; the closing handshake is under way.
    Closing,
    /// Over.
    Closed,
}

impl State {
    /// The stable kebab-case name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Open => "open",
            Self::Reconnecting => "reconnecting",
            Self::Closing => "closing",
            Self::Closed => "closed",
        }
    }
}

impl Told for State {
    fn told(&self) -> Option<Value> {
        Some(self.as_str().into())
    }
}

/// Whether the browser lets the session's devices sound and hear.
// In this order: of several contexts the one that needs the most is told of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum AudioState {
    /// It does.
    #[default]
    Running,
    /// It did, and has stopped them: for a telephone call, say. They go on as soon as it lets them.
    Interrupted,
    /// It does not before the user has touched the page. The next click or key press lets them run.
    NeedsGesture,
}

impl AudioState {
    /// The stable kebab-case name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Interrupted => "interrupted",
            Self::NeedsGesture => "needs-gesture",
        }
    }
}

impl Told for AudioState {
    fn told(&self) -> Option<Value> {
        Some(self.as_str().into())
    }
}

#[cfg(test)]
mod tests;

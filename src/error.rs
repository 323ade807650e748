//! What can go wrong, and what is worth knowing: one catalogue of codes for programs, texts for people.

use std::{
    fmt,
    ops::{Deref, DerefMut},
};

use serde::Serialize;

/// Declares codes: an enum, its kebab-case names, what each means and, where that does not depend on the
/// place, what to do about it. `types.d.ts` gets them from the same rows.
macro_rules! codes {
    (
        $(#[doc = $doc:literal])* $name:ident as $typescript:ident {
            $($(#[doc = $code_doc:literal])* $variant:ident = $code:literal $(remedy $remedy:literal)?,)*
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[doc = $code_doc])* $variant,)*
        }

        impl $name {
            /// The stable kebab-case name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)*
                }
            }

            /// What to do about it, where that is always the same. Empty where it depends.
            #[must_use]
            pub const fn remedy(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($remedy)?),)*
                }
            }

            #[cfg(all(test, not(target_arch = "wasm32")))]
            pub(crate) fn typescript(types: &mut crate::protocol::Types) {
                types.names(stringify!($typescript), &[$($doc),*], false, &[$(($code, &[$($code_doc),*]),)*]);
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = <String as serde::Deserialize>::deserialize(deserializer)?;
                Self::parse(&name).ok_or_else(|| serde::de::Error::custom("no such code"))
            }
        }

        impl $name {
            /// The code of this name, if there is one.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                [$(Self::$variant),*].into_iter().find(|code| code.as_str() == name)
            }
        }
    };
}

codes! {
    /// Error code: what kind of failure it was. The name is stable: programs may match on it.
    Code as LiveErrorCode {
        /// An option of `connect` is missing, contradictory or of the wrong type.
        InvalidOption = "invalid-option",
        /// The session's config is contradictory or unusable; `field` names the place.
        InvalidConfig = "invalid-config",
        /// A message to send is malformed; `field` names the place.
        InvalidMessage = "invalid-message",
        /// A bare API key was given in a browser, where every visitor could read it.
        ApiKeyRefused = "api-key-refused" remedy "Let your backend mint an ephemeral token. Only where nobody else \
            can open the page, set dangerouslyAllowApiKey.",
        /// The token could not be had: the provider failed, or answered with no token.
        TokenUnavailable = "token-unavailable",
        /// The service refused the token, or it has expired or been used up.
        TokenRefused = "token-refused",
        /// The service refused the session's setup.
        SetupRefused = "setup-refused",
        /// No answer came before the deadline.
        Timeout = "timeout",
        /// The application's signal ended it.
        Aborted = "aborted",
        /// The connection was lost, or could never be made.
        Network = "network",
        /// The service closed the open session.
        ClosedByServer = "closed-by-server",
        /// The session is closed already, or not yet open.
        NotOpen = "not-open" remedy "Connect again; an event `closed` tells when a session ends.",
        /// The application did not take events as fast as they came.
        EventOverflow = "event-overflow",
        /// What is to be sent does not leave as fast as it is given.
        SendOverflow = "send-overflow",
        /// More audio waits to be played than the stated bound.
        PlaybackOverflow = "playback-overflow"
            remedy "Open the speaker, or turn audio off; the chunk was dropped.",
        /// The session has used what it was given to use.
        BudgetExhausted = "budget-exhausted" remedy "Connect again, or raise the budget.",
        /// The server sent a frame larger than the stated bound.
        FrameTooLarge = "frame-too-large" remedy "Check that the endpoint is the Live API.",
        /// The user, or the system, denied the device: until that is changed in the settings.
        PermissionDenied = "permission-denied"
            remedy "Allow it for this page in the browser's settings, then try again.",
        /// The user has not allowed the device this time, and may be asked again.
        PermissionDismissed = "permission-dismissed" remedy "Try again from a click: the browser asks again.",
        /// The page's permissions policy forbids the device, whatever the user says.
        PermissionPolicy = "permission-policy"
            remedy "Serve the page with `Permissions-Policy: microphone=(self)`, and a frame with `allow=\"microphone\"`.",
        /// There is no such device.
        DeviceNotFound = "device-not-found" remedy "Plug one in, or choose another deviceId.",
        /// The device is in use elsewhere, or failed.
        DeviceUnavailable = "device-unavailable" remedy "Close other programs that use it, then try again.",
        /// The browser starts audio only after the user has touched the page.
        AutoplayBlocked = "autoplay-blocked" remedy "Call `resumeAudio()` from a click or key press.",
        /// The worklet's script could not be loaded or did not start.
        WorkletUnavailable = "worklet-unavailable" remedy "Check that live-audio.js is served, and allowed by the \
            content security policy; or set workletUrl.",
        /// The package's wasm could not be fetched or compiled.
        WasmUnavailable = "wasm-unavailable",
        /// The browser lacks something that is needed.
        Unsupported = "unsupported",
        /// A mistake of this library.
        Internal = "internal" remedy "Please report it.",
    }
}

codes! {
    /// Warning code: what is worth knowing. The name is stable: programs may match on it.
    WarningCode as LiveWarningCode {
        /// A field that is not known here, and was not sent.
        UnknownField = "unknown-field",
        /// A name that is not known here, and was sent as it is.
        UnknownValue = "unknown-value",
        /// An option that is understood and has no effect here.
        UnusedOption = "unused-option",
        /// A deprecated form, which newer models refuse.
        Deprecated = "deprecated",
        /// A rule of the model, or of the API version, that the setup or a message is likely to break.
        ModelRule = "model-rule",
        /// There are more warnings of the same place than are worth telling.
        MoreWarnings = "more-warnings",
        /// A token that locks nothing: it is good for any model and any option.
        UnlockedToken = "unlocked-token",
        /// A message of the server was not understood, or not whole.
        MalformedFrame = "malformed-frame",
        /// Audio of the server that could not be decoded, and was left out.
        MalformedAudio = "malformed-audio",
        /// More audio waits to be played than the stated bound; the chunk was dropped.
        PlaybackOverflow = "playback-overflow",
        /// Audio arrives and no speaker is open.
        NoSpeaker = "no-speaker",
        /// Audio was dropped, because the network does not take it.
        AudioDropped = "audio-dropped",
        /// Video was dropped, because the network does not take it.
        VideoDropped = "video-dropped",
        /// Microphone audio is held back, because the model takes none while it waits for the answer to a function call.
        MicrophoneHeld = "microphone-held",
        /// An activity mark that belongs to the other kind of activity detection.
        ActivityMode = "activity-mode",
        /// An answer was not sent, because the model has cancelled the function call, or has forgotten it with its connection.
        CancelledCall = "cancelled-call",
        /// An answer was not sent, because the function call has had its answer.
        AnsweredCall = "answered-call",
        /// The handler of a tool has failed or took too long; the model was told.
        ToolFailed = "tool-failed",
        /// A function call that nobody has answered for a minute.
        UnansweredCall = "unanswered-call",
        /// An answer to a function call that is not open.
        UnknownCall = "unknown-call",
        /// A message was not sent, because the session is not open, or has ended.
        NotSent = "not-sent",
        /// A message was not sent, because too much waits to be.
        SendOverflow = "send-overflow",
        /// Most of the budget is used.
        BudgetLow = "budget-low",
        /// No Worker could be started: the session runs on the page.
        WorkerUnavailable = "worker-unavailable",
        /// The microphone has gone, and was stopped: unplugged, or its permission withdrawn.
        MicrophoneEnded = "microphone-ended",
        /// The speaker's output device has gone: the voice goes on at the system's default.
        SinkGone = "sink-gone",
        /// An audio processor has failed: another takes its place the first time, and then its device is stopped.
        WorkletFailed = "worklet-failed",
    }
}

/// How a WebSocket ended: RFC 6455 close code and reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CloseFrame {
    /// The close code; 1006 when the connection was lost without one.
    pub code: u16,
    /// The reason's text, which the service cuts at 123 bytes. It holds no credential.
    pub reason: String,
}

/// A failure, who caused it and what to do about it: a [`Failure`], whose fields it has.
// In a box: whatever may fail hands on eight times as much otherwise, at every step, in every page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Error(Box<Failure>);

/// What an [`Error`] says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Failure {
    /// The kind of failure, stable.
    pub code: Code,
    /// What happened, for people. Holds no credential.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// The field that is at fault, as a path such as `generationConfig.temperature`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// How the socket ended, when that is the failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub close: Option<CloseFrame>,
    /// Whether trying again may succeed without changing anything.
    pub retryable: bool,
}

impl Error {
    /// A failure of kind `code`, described for people by `message`. Where what to do about it is always the
    /// same, the catalogue of codes says it.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        let remedy = code.remedy();
        let remedy = if remedy.is_empty() { None } else { Some(remedy.to_owned()) };
        Self(Box::new(Failure {
            code,
            message: message.into(),
            remedy,
            field: None,
            close: None,
            retryable: false,
        }))
    }

    /// The same failure with a word on what to do.
    #[must_use]
    pub fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// The same failure with the field at fault.
    #[must_use]
    pub fn with_field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }
}

impl Error {
    /// What [`Display`](fmt::Display) shows, without the formatting that no page is to download.
    pub(crate) fn in_words(&self) -> String {
        match &self.remedy {
            Some(remedy) => [&*self.message, " ", remedy].concat(),
            None => self.message.clone(),
        }
    }
}

impl Deref for Error {
    type Target = Failure;

    fn deref(&self) -> &Failure {
        &self.0
    }
}

impl DerefMut for Error {
    fn deref_mut(&mut self) -> &mut Failure {
        &mut self.0
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_words())
    }
}

impl std::error::Error for Error {}

/// Something the application should know that does not end the session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Warning {
    /// What it is about, stable.
    pub code: WarningCode,
    /// What happened and what to do, for people. Holds no credential.
    pub message: String,
    /// The field it is about, as a path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

impl Warning {
    /// A warning of kind `code`, described for people by `message`.
    pub fn new(code: WarningCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: None }
    }

    /// The same warning with the field it is about.
    #[must_use]
    pub fn with_field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }
}

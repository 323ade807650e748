//! What can go wrong: one error type, a stable code for programs, a text for people.

use std::fmt;

use serde::Serialize;

/// What kind of thing went wrong. The kebab-case name is stable: programs may match on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Code {
    /// An option of `connect` is missing, contradictory or of the wrong type.
    InvalidOption,
    /// The session's config is contradictory or unusable; `field` names the place.
    InvalidConfig,
    /// A message to send is malformed; `field` names the place.
    InvalidMessage,
    /// A bare API key was given in a browser, where every visitor could read it.
    ApiKeyRefused,
    /// The token could not be had: the provider failed, or answered with no token.
    TokenUnavailable,
    /// The service refused the token, or it has expired or been used up.
    TokenRefused,
    /// The service refused the session's setup.
    SetupRefused,
    /// No answer came before the deadline.
    Timeout,
    /// The application's signal ended it.
    Aborted,
    /// The connection was lost, or could never be made.
    Network,
    /// The service closed the open session.
    ClosedByServer,
    /// The session is closed already, or not yet open.
    NotOpen,
    /// The application did not take events as fast as they came.
    EventOverflow,
    /// What is to be sent does not leave as fast as it is given.
    SendOverflow,
    /// More audio waits to be played than the stated bound.
    PlaybackOverflow,
    /// The server sent a frame larger than the stated bound.
    FrameTooLarge,
    /// The person, or the page's policy, denied the device.
    PermissionDenied,
    /// There is no such device.
    DeviceNotFound,
    /// The device is in use elsewhere, or failed.
    DeviceUnavailable,
    /// The browser starts audio only after the person has touched the page.
    AutoplayBlocked,
    /// The worklet's script could not be loaded or did not start.
    WorkletUnavailable,
    /// The browser lacks something that is needed.
    Unsupported,
    /// A mistake of this library.
    Internal,
}

impl Code {
    /// The stable kebab-case name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidOption => "invalid-option",
            Self::InvalidConfig => "invalid-config",
            Self::InvalidMessage => "invalid-message",
            Self::ApiKeyRefused => "api-key-refused",
            Self::TokenUnavailable => "token-unavailable",
            Self::TokenRefused => "token-refused",
            Self::SetupRefused => "setup-refused",
            Self::Timeout => "timeout",
            Self::Aborted => "aborted",
            Self::Network => "network",
            Self::ClosedByServer => "closed-by-server",
            Self::NotOpen => "not-open",
            Self::EventOverflow => "event-overflow",
            Self::SendOverflow => "send-overflow",
            Self::PlaybackOverflow => "playback-overflow",
            Self::FrameTooLarge => "frame-too-large",
            Self::PermissionDenied => "permission-denied",
            Self::DeviceNotFound => "device-not-found",
            Self::DeviceUnavailable => "device-unavailable",
            Self::AutoplayBlocked => "autoplay-blocked",
            Self::WorkletUnavailable => "worklet-unavailable",
            Self::Unsupported => "unsupported",
            Self::Internal => "internal",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
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

/// A failure, who caused it and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Error {
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
    /// A failure of kind `code`, described for people by `message`.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), remedy: None, field: None, close: None, retryable: false }
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

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(remedy) = &self.remedy {
            f.write_str(" ")?;
            f.write_str(remedy)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// Something the application should know that does not end the session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Warning {
    /// A stable kebab-case name, such as `unknown-field` or `malformed-frame`.
    pub code: &'static str,
    /// What happened and what to do, for people. Holds no credential.
    pub message: String,
    /// The field it is about, as a path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

impl Warning {
    /// A warning of kind `code`, described for people by `message`.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: None }
    }

    /// The same warning with the field it is about.
    #[must_use]
    pub fn with_field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }
}

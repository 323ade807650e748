//! How the service ends a connection: a close code, a text, and what we knew about the cause.

/// A close frame the service sends, with a note for whoever inspects the simulator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// WebSocket close code.
    pub code: u16,
    /// Reason text, at most 123 bytes: longer ones do not fit a close frame and are cut, as the service's
    /// are.
    pub reason: String,
    /// What the simulator found. Shown by `/_simulator/connections` only, never sent.
    pub detail: String,
}

impl Refusal {
    /// A close frame with this code and reason; the reason is cut to 123 bytes at a character's edge.
    #[must_use]
    pub fn new(code: u16, reason: &str, detail: impl Into<String>) -> Self {
        let mut end = reason.len().min(REASON_BYTES);
        while !reason.is_char_boundary(end) {
            end -= 1;
        }
        Self { code, reason: reason.get(..end).unwrap_or_default().to_owned(), detail: detail.into() }
    }

    /// A refusal of the service's by name: see [`Refusal::names`].
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let (_, code, reason) = NAMED.iter().find(|(known, ..)| *known == name)?;
        Some(Self::new(*code, reason, format!("the script refuses: {name}")))
    }

    /// The names of the service's refusals.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMED.iter().map(|(name, ..)| *name)
    }

    /// 1007: a field has a value that cannot be used.
    #[must_use]
    pub fn invalid_argument(detail: impl Into<String>) -> Self {
        Self::new(1007, "Request contains an invalid argument.", detail)
    }

    /// 1007: a field the service does not have.
    #[must_use]
    pub fn unknown_name(name: &str, path: &str) -> Self {
        let reason = format!("Invalid JSON payload received. Unknown name \"{name}\": Cannot find field.");
        Self::new(1007, &reason, format!("unknown field {path}"))
    }

    /// 1007: the frame is not JSON.
    #[must_use]
    pub fn not_json(detail: impl Into<String>) -> Self {
        Self::new(1007, "Invalid JSON payload received. Unexpected token.", detail)
    }

    /// 1007: these response modalities are not to be had from the model.
    #[must_use]
    pub fn modalities(asked: &str) -> Self {
        let reason = format!(
            "The requested combination of response modalities ({asked}) is not supported by the model"
        );
        Self::new(1007, &reason, "generationConfig.responseModalities")
    }

    /// 1007: `realtimeInput.mediaChunks`, which newer models no longer read.
    #[must_use]
    pub fn media_chunks() -> Self {
        let reason = "realtime_input.media_chunks is deprecated. Use audio, video, or text instead.";
        Self::new(1007, reason, "realtimeInput.mediaChunks")
    }

    /// 1008: there is no such model.
    #[must_use]
    pub fn model_not_found(model: &str, version: &str) -> Self {
        let reason = format!(
            "{model} is not found for API version {version}, or is not supported for bidiGenerateContent."
        );
        Self::new(1008, &reason, "no such model")
    }

    /// 1008: a named thing, a session or a function call, is not known.
    #[must_use]
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(1008, "Requested entity was not found.", detail)
    }

    /// 1008: the feature is not to be had here and now.
    #[must_use]
    pub fn not_supported(detail: impl Into<String>) -> Self {
        Self::new(1008, "Operation is not implemented, or supported, or enabled.", detail)
    }

    /// 1008: no credential, or one that does not belong to this method.
    #[must_use]
    pub fn unregistered_caller(detail: impl Into<String>) -> Self {
        Self::new(1008, UNREGISTERED, detail)
    }

    /// 1008: the token is not one of ours.
    #[must_use]
    pub fn invalid_credentials() -> Self {
        let reason = "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie \
                      or other valid authentication credential.";
        Self::new(1008, reason, "unknown token")
    }

    /// 1008: the connection has run out of its time.
    #[must_use]
    pub fn aborted(detail: impl Into<String>) -> Self {
        Self::new(1008, "The operation was aborted.", detail)
    }

    /// 1007: more was said than the model's window holds. How the session ends then is not known: these are the
    /// words of the API's other methods.
    #[must_use]
    pub fn context_overflow(tokens: u64, window: u64) -> Self {
        let reason = format!(
            "The input token count ({tokens}) exceeds the maximum number of tokens allowed ({window})."
        );
        Self::new(1007, &reason, "the context window is full, and contextWindowCompression is not set")
    }

    /// 1011: time is up.
    #[must_use]
    pub fn deadline(detail: impl Into<String>) -> Self {
        Self::server("Deadline expired before operation could complete.", detail)
    }

    /// 1011: as many sessions are open as may be.
    #[must_use]
    pub fn concurrent_sessions(detail: impl Into<String>) -> Self {
        Self::server(CONCURRENT, detail)
    }

    /// 1011: something to do with the server or the account.
    #[must_use]
    pub fn server(reason: &str, detail: impl Into<String>) -> Self {
        Self::new(1011, reason, detail)
    }
}

/// How the service ends connections, in its own words as far as they were reported. Those that need a name of something
/// in them, such as a model's, are not here.
const NAMED: [(&str, u16, &str); 27] = [
    ("invalidArgument", 1007, "Request contains an invalid argument."),
    ("precondition", 1007, "Precondition check failed."),
    ("location", 1007, "User location is not supported for the API use."),
    ("keyInvalid", 1007, "API key not valid. Please pass a valid API key."),
    ("keyExpired", 1007, "API key expired. Please renew the API key."),
    ("voicesWithoutAudio", 1007, "Cannot extract voices from a non-audio request"),
    ("thinkingConfig", 1007, "thinking_config is not supported"),
    ("thinkingLevel", 1007, "Thinking level is not supported for this model."),
    ("handleInvalid", 1007, "Invalid session handle"),
    ("handleNotFound", 1008, "BidiGenerateContent session not found"),
    ("notFound", 1008, "Requested entity was not found."),
    ("notImplemented", 1008, "Operation is not implemented, or supported, or enabled."),
    ("permission", 1008, "The caller does not have permission"),
    ("projectDenied", 1008, "Your project has been denied access. Please contact support."),
    ("unregisteredCaller", 1008, UNREGISTERED),
    ("aborted", 1008, "The operation was aborted."),
    ("internal", 1011, "Internal error encountered."),
    ("internalOccurred", 1011, "Internal error occurred."),
    ("unavailable", 1011, "The service is currently unavailable."),
    ("overloaded", 1011, "The model is overloaded. Please try again later."),
    ("quota", 1011, "You exceeded your current quota, please check your plan and billing details."),
    ("concurrentSessions", 1011, CONCURRENT),
    ("deadline", 1011, "Deadline expired before operation could complete."),
    ("tokenUsedUp", 1011, "Token has been used too many times"),
    ("tokenExpiredLive", 1011, "auth token has expired"),
    ("tokenExpired", 1011, "Token has expired"),
    ("stopping", 1001, ""),
];

const UNREGISTERED: &str = "Method doesn't allow unregistered callers (callers without established identity). Please \
                            use API Key or other form of API consumer identity to call this API.";

const CONCURRENT: &str = "RESOURCE_EXHAUSTED: Maximum concurrent sessions exceeded.";

/// What a close frame holds beside its code.
const REASON_BYTES: usize = 123;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_has_one_name() {
        let mut names: Vec<_> = Refusal::names().collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), NAMED.len());
        let refusal = Refusal::named("location").unwrap();
        assert_eq!(
            (refusal.code, refusal.reason.as_str()),
            (1007, "User location is not supported for the API use.")
        );
        assert!(Refusal::named("Location").is_none());
        assert_eq!(
            Refusal::named("unregisteredCaller").unwrap().reason,
            Refusal::unregistered_caller("").reason
        );
    }

    #[test]
    fn the_longest_reasons_read_as_the_service_writes_them() {
        assert_eq!(
            Refusal::unregistered_caller("").reason,
            "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API c"
        );
        assert_eq!(
            Refusal::invalid_credentials().reason,
            "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication c"
        );
    }

    #[test]
    fn no_reason_holds_what_a_line_of_source_was_indented_by() {
        for (name, _, reason) in NAMED {
            assert!(!reason.contains("  ") && reason.trim() == reason, "{name}: {reason:?}");
        }
    }

    #[test]
    fn a_reason_is_cut_to_what_a_close_frame_holds() {
        assert_eq!(Refusal::unregistered_caller("").reason.len(), 123);
        let umlauts = Refusal::new(1007, &format!("x{}", "ä".repeat(80)), "");
        assert_eq!(umlauts.reason.len(), 123);
        assert!(Refusal::new(1007, &"ä".repeat(80), "").reason.len() <= 123);
    }
}

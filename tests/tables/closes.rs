//! Every close of the service that is known, by what it says and what that means.

use gemini_live_web::{
    error::CloseFrame,
    protocol::close::{Phase, Verdict, explain},
};

/// What the service is known to say when it closes, the beginning of what that means, and how to go on.
const CLOSES: &[(u16, &str, &str, Verdict)] = &[
    (1011, "Token has been used too many times", "The token has been used up.", Verdict::NewToken),
    (1011, "auth token has expired", "The token has expired.", Verdict::NewToken),
    (1007, "API key expired. Please renew the API key.", "The API key has expired.", Verdict::Fatal),
    (1007, "API key not valid. Please pass a valid API key.", "The API key is not valid.", Verdict::Fatal),
    (1008, "API key is missing", "The service does not accept the API key.", Verdict::Fatal),
    (
        1008,
        "Method doesn't allow unregistered callers",
        "The service saw no valid credential.",
        Verdict::NewToken,
    ),
    (
        1008,
        "Request had invalid authentication credentials.",
        "The service does not accept the cred",
        Verdict::NewToken,
    ),
    (1008, "The caller does not have permission", "The credential does not permit this.", Verdict::NewToken),
    (
        1007,
        "User location is not supported for the API use.",
        "The service is not offered where",
        Verdict::Fatal,
    ),
    (1007, "Precondition check failed.", "The account does not meet a condition", Verdict::Fatal),
    (1007, "Cannot extract voices from a non-audio request.", "A voice was asked for, but", Verdict::Fatal),
    (
        1007,
        "The requested combination of response modalities",
        "The model cannot answer in the modal",
        Verdict::Fatal,
    ),
    (1007, "Thinking level is not supported", "The model does not take this thinkingConfig.", Verdict::Fatal),
    (1007, "Invalid session handle", "The session to resume no longer exists.", Verdict::Fresh),
    (
        1007,
        "Invalid JSON payload received. Unknown name",
        "The service does not know a field",
        Verdict::Fatal,
    ),
    (
        1007,
        "Request contains an invalid argument.",
        "The service refuses a field that was sent;",
        Verdict::Fatal,
    ),
    (1008, "models/x is not found for API version v1", "There is no such model for live", Verdict::Fatal),
    (
        1008,
        "BidiGenerateContent session not found",
        "The session to resume no longer exists.",
        Verdict::Fresh,
    ),
    (
        1008,
        "Requested entity was not found.",
        "Something that a message named does not exist.",
        Verdict::Fresh,
    ),
    (
        1008,
        "Operation is not implemented, or supported, or",
        "The model does not support something",
        Verdict::Fatal,
    ),
    (1011, "Maximum concurrent sessions reached", "Too many sessions are open at once.", Verdict::BackOff),
    (1011, "You exceeded your current quota, please", "The quota is used up.", Verdict::Fatal),
    (1011, "RESOURCE_EXHAUSTED", "Too many sessions are open at once.", Verdict::BackOff),
    (1011, "Quota exceeded for metric", "The quota is used up.", Verdict::Fatal),
    (1008, "The operation was aborted.", "The connection reached its time limit.", Verdict::Resume),
    (
        1011,
        "Deadline expired before operation could",
        "The connection reached its time limit.",
        Verdict::Resume,
    ),
    (1008, "Internal error encountered.", "The service failed.", Verdict::BackOff),
    (1008, "The service is currently unavailable.", "The service failed.", Verdict::BackOff),
    (1000, "", "The service ended the session. ", Verdict::Fatal),
    (1001, "", "The service is going away.", Verdict::Resume),
    (1005, "", "The service ended the session without", Verdict::Fatal),
    (1006, "", "The connection was lost, or could", Verdict::Resume),
    (1007, "", "The service refuses a field that was sent;", Verdict::Fatal),
    (1008, "", "The service refuses the session.", Verdict::Fatal),
    (1009, "", "A message was too large.", Verdict::Fatal),
    (1011, "", "The service failed.", Verdict::BackOff),
    (1012, "", "The service is restarting.", Verdict::BackOff),
    (1013, "", "The service is overloaded.", Verdict::BackOff),
    (1014, "", "A proxy could not reach the service.", Verdict::BackOff),
    (1015, "", "No secure connection could be made.", Verdict::BackOff),
    (4999, "", "The socket was closed.", Verdict::Fatal),
];

#[test]
fn every_close_that_is_known_is_explained_as_that_one() {
    for (code, reason, cause, verdict) in CLOSES {
        let explanation = explain(&CloseFrame { code: *code, reason: (*reason).to_owned() }, Phase::Open);
        assert!(
            explanation.error.message.starts_with(cause),
            "{code} {reason}: {}",
            explanation.error.message
        );
        assert_eq!(explanation.verdict, *verdict, "{code} {reason}");
    }
}

//! What a close means: the service reports every failure by closing the socket with a code and a text.

use Verdict::{BackOff, Fatal, Fresh, NewToken, Resume};

use super::holds;
use crate::{
    error::{CloseFrame, Code, Error},
    json::digits,
};

/// Where the session was when the socket closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The setup was not accepted yet.
    Setup,
    /// The session was open.
    Open,
    /// The session was open, and the service had said that it goes away. Whatever words it finds for that, the conversation goes on,
    /// unless they are about who may have one at all.
    Announced,
}

/// What a close means: words for people, a verdict for programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Why the socket closed and what to do about it.
    pub error: Error,
    /// How the conversation can go on.
    pub verdict: Verdict,
}

/// How a conversation can go on after its connection closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// At once, with the resumption handle: nothing is wrong but the connection.
    Resume,
    /// Without the handle: the service does not know the conversation any more.
    Fresh,
    /// With another token: this one is used up, expired, or not accepted. The handle is still good.
    NewToken,
    /// After a pause that grows: the service is in trouble.
    BackOff,
    /// Not at all: the same would be refused again.
    Fatal,
}

/// Why the socket closed, what to do about it, and how to go on.
///
/// The service's text decides, where it is known; it may be cut off, so its beginning or a telling part is
/// enough. Otherwise the code does. The service's own words are always part of the message.
#[must_use]
pub fn explain(close: &CloseFrame, phase: Phase) -> Explanation {
    let reason = close.reason.to_ascii_lowercase();
    let rule = TEXTS
        .iter()
        .find(|rule| (rule.close == close.code || rule.close == 0) && holds(&reason, rule.text))
        .or_else(|| CODES.iter().find(|rule| rule.close == close.code))
        .unwrap_or(&OTHER);
    let mut message = rule.cause.to_owned();
    message.push_str(" (close code ");
    message.push_str(&digits(usize::from(close.code)));
    if !close.reason.is_empty() {
        message.push_str(": ");
        message.push_str(&close.reason);
    }
    message.push(')');
    let code = match (rule.fault, phase) {
        (Fault::Token, _) => Code::TokenRefused,
        (Fault::Network, _) => Code::Network,
        (Fault::Account | Fault::Setup | Fault::Service, Phase::Setup) => Code::SetupRefused,
        (Fault::Account | Fault::Setup | Fault::Service, Phase::Open | Phase::Announced) => {
            Code::ClosedByServer
        }
    };
    let verdict = match (phase, rule.fault) {
        (Phase::Announced, Fault::Setup | Fault::Service | Fault::Network) => Resume,
        (Phase::Setup | Phase::Open | Phase::Announced, _) => rule.verdict,
    };
    let mut error = Error::new(code, message).with_remedy(rule.remedy);
    error.close = Some(close.clone());
    // Unchanged, as `retryable` promises: a token that is used up stays so, unless somebody gives another.
    error.retryable = matches!(verdict, Resume | BackOff);
    Explanation { error, verdict }
}

/// The close of a connection that is gone without a word.
pub(crate) fn lost() -> CloseFrame {
    CloseFrame { code: 1006, reason: String::new() }
}

/// Who is at fault.
#[derive(Clone, Copy)]
enum Fault {
    Token,
    /// Whose project it is.
    Account,
    Setup,
    Service,
    Network,
}

struct Rule {
    /// The close code; 0 where the text is enough.
    close: u16,
    /// A telling part of the reason, in lower case.
    text: &'static str,
    fault: Fault,
    cause: &'static str,
    remedy: &'static str,
    verdict: Verdict,
}

const fn rule(
    close: u16,
    text: &'static str,
    fault: Fault,
    [cause, remedy]: [&'static str; 2],
    verdict: Verdict,
) -> Rule {
    Rule { close, text, fault, cause, remedy, verdict }
}

/// The first that fits counts: the particular stands before the general.
static TEXTS: &[Rule] = &[
    rule(0, "used too many times", Fault::Token, USED_UP, NewToken),
    rule(0, "token has expired", Fault::Token, EXPIRED, NewToken),
    rule(0, "api key expired", Fault::Token, ["The API key has expired.", NEW_KEY], Fatal),
    rule(0, "api key not valid", Fault::Token, ["The API key is not valid.", NEW_KEY], Fatal),
    rule(0, "unregistered callers", Fault::Token, UNREGISTERED, NewToken),
    rule(0, "authentication credential", Fault::Token, NOT_ACCEPTED, NewToken),
    rule(0, "permission", Fault::Token, NOT_PERMITTED, NewToken),
    rule(0, "api key", Fault::Token, ["The service does not accept the API key.", NEW_KEY], Fatal),
    rule(0, "user location", Fault::Account, LOCATION, Fatal),
    rule(0, "precondition check failed", Fault::Account, PRECONDITION, Fatal),
    rule(1007, "extract voices from a non-audio", Fault::Setup, NOT_AUDIO, Fatal),
    rule(1007, "response modalities", Fault::Setup, MODALITIES, Fatal),
    rule(1007, "thinking", Fault::Setup, THINKING, Fatal),
    rule(1007, "session handle", Fault::Setup, STALE_HANDLE, Fresh),
    rule(1007, "unknown name", Fault::Setup, UNKNOWN_FIELD, Fatal),
    rule(1007, "invalid argument", Fault::Setup, INVALID_ARGUMENT, Fatal),
    rule(0, "is not found for api version", Fault::Setup, NO_MODEL, Fatal),
    rule(0, "session not found", Fault::Setup, STALE_HANDLE, Fresh),
    rule(0, "entity was not found", Fault::Setup, NO_ENTITY, Fresh),
    rule(0, "not implemented, or supported", Fault::Setup, UNSUPPORTED, Fatal),
    rule(0, "maximum concurrent", Fault::Service, CONCURRENT, BackOff),
    rule(0, "exceeded your current quota", Fault::Account, QUOTA, Fatal),
    rule(0, "resource_exhausted", Fault::Service, CONCURRENT, BackOff),
    rule(0, "quota", Fault::Account, QUOTA, Fatal),
    rule(0, "operation was aborted", Fault::Service, TIME_LIMIT, Resume),
    rule(0, "deadline expired", Fault::Service, TIME_LIMIT, Resume),
    rule(0, "internal error", Fault::Service, INTERNAL, BackOff),
    rule(0, "currently unavailable", Fault::Service, INTERNAL, BackOff),
];

static CODES: &[Rule] = &[
    rule(1000, "", Fault::Service, ["The service ended the session.", "Connect again to go on."], Fatal),
    rule(
        1001,
        "",
        Fault::Service,
        ["The service is going away.", "Connect again, with the resumption handle."],
        Resume,
    ),
    rule(
        1005,
        "",
        Fault::Service,
        ["The service ended the session without saying why.", "Connect again to go on."],
        Fatal,
    ),
    rule(
        1006,
        "",
        Fault::Network,
        ["The connection was lost, or could never be made.", CHECK_NETWORK],
        Resume,
    ),
    rule(1007, "", Fault::Setup, INVALID_ARGUMENT, Fatal),
    rule(1008, "", Fault::Setup, POLICY, Fatal),
    rule(
        1009,
        "",
        Fault::Setup,
        ["A message was too large.", "Send smaller pieces: one picture or 20 ms of audio each."],
        Fatal,
    ),
    rule(1011, "", Fault::Service, INTERNAL, BackOff),
    rule(1012, "", Fault::Service, ["The service is restarting.", WAIT], BackOff),
    rule(1013, "", Fault::Service, ["The service is overloaded.", WAIT], BackOff),
    rule(1014, "", Fault::Service, ["A proxy could not reach the service.", WAIT], BackOff),
    rule(1015, "", Fault::Network, ["No secure connection could be made.", CHECK_NETWORK], BackOff),
];

static OTHER: Rule = rule(
    0,
    "",
    Fault::Service,
    ["The socket was closed.", "The reason given says what the other side wants."],
    Fatal,
);

const NEW_KEY: &str = "Renew the API key where tokens are made.";
const WAIT: &str = "Try again after a pause that grows.";
const CHECK_NETWORK: &str =
    "Check the network and the endpoint, then connect again; a resumption handle keeps the conversation.";
const USED_UP: [&str; 2] = [
    "The token has been used up.",
    "Fetch a new token for each session, or make it with more uses. Resuming needs none.",
];
const EXPIRED: [&str; 2] =
    ["The token has expired.", "Fetch a new token and connect again; it may resume with the old handle."];
const UNREGISTERED: [&str; 2] = [
    "The service saw no valid credential.",
    "Use a fresh auth_tokens/… token; it works on the constrained method alone, an API key on the plain one.",
];
const NOT_ACCEPTED: [&str; 2] =
    ["The service does not accept the credential.", "Fetch a new token; check the key that makes it."];
const NOT_PERMITTED: [&str; 2] = [
    "The credential does not permit this.",
    "Check that its project has the Gemini API enabled and may use the model.",
];
const LOCATION: [&str; 2] =
    ["The service is not offered where the user is.", "See the list of available regions of the Gemini API."];
const PRECONDITION: [&str; 2] = [
    "The account does not meet a condition of the service.",
    "Check the project's billing and terms of the Gemini API.",
];
const NOT_AUDIO: [&str; 2] = [
    "A voice was asked for, but the answer is not to be audio.",
    "Set responseModalities to [\"AUDIO\"], also in the token's setup: it replaces the client's.",
];
const MODALITIES: [&str; 2] = [
    "The model cannot answer in the modality that was asked for.",
    "Set responseModalities to [\"AUDIO\"]. A token made with a setup needs it there: it replaces the client's.",
];
const THINKING: [&str; 2] = [
    "The model does not take this thinkingConfig.",
    "Leave thinkingConfig out, or use the field the model knows: thinkingBudget on 2.5, thinkingLevel on 3.1.",
];
const STALE_HANDLE: [&str; 2] = [
    "The session to resume no longer exists.",
    "Start a new session without sessionResumption.handle; a handle lives about two hours.",
];
const UNKNOWN_FIELD: [&str; 2] = [
    "The service does not know a field that was sent.",
    "Take the field out of extraSetup, or use the API version that has it.",
];
const INVALID_ARGUMENT: [&str; 2] = [
    "The service refuses a field that was sent; it does not say which.",
    "Take out options one by one; begin with those the model may not support.",
];
const NO_MODEL: [&str; 2] = [
    "There is no such model for live sessions in this API version.",
    "Check the model's name, and whether apiVersion offers it.",
];
const NO_ENTITY: [&str; 2] = [
    "Something that a message named does not exist.",
    "A stale resumption handle or the id of an unknown tool call: start a new session without the handle.",
];
const UNSUPPORTED: [&str; 2] = [
    "The model does not support something that was asked for.",
    "Take out options the model does not list. On 2.5 models do not send audio while a tool call waits for its answer.",
];
const POLICY: [&str; 2] = [
    "The service refuses the session.",
    "The reason given says why; check the model, the token and the options.",
];
const CONCURRENT: [&str; 2] =
    ["Too many sessions are open at once.", "Close others, or wait and try again after a pause that grows."];
const QUOTA: [&str; 2] =
    ["The quota is used up.", "Check plan and billing of the project, or wait until it is renewed."];
const TIME_LIMIT: [&str; 2] = [
    "The connection reached its time limit.",
    "Connect again with the resumption handle; goAway announces it.",
];
const INTERNAL: [&str; 2] = ["The service failed.", WAIT];

//! What is not known of the service for certain, or differs from model to model: switches, each with what its default
//! rests on.

use serde::Deserialize;

/// How the service behaves where the evidence leaves room. The default of each switch is the reading with the best
/// evidence, and its documentation says how good that is:
///
/// * *reference*: Google's documents, or the source of its SDKs;
/// * *recorded*: Google's own recordings of the wire;
/// * *reported*: somebody measured it on the live service and wrote it down;
/// * *assumed*: nobody has said, one reading had to be chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Behaviour {
    /// What becomes of a setup whose handle belongs to a session that has a connection still. *Reported*, by one:
    /// refused with 1011 until the older socket is closed. The text of the close is *assumed*.
    pub handle_in_use: HandleInUse,
    /// In which words a handle that is no good any more is refused. All three are *reported*, when which is not: unless
    /// told otherwise, a handle that was never given out is invalid, and one that has grown old is not found.
    pub stale_handle: Option<StaleHandle>,
    /// `sessionResumptionUpdate`: when, and in which form.
    pub updates: Updates,
    /// What `historyConfig` does in the setup of a resumed session. *Assumed*: nothing, for the session has its
    /// history. (*Reported*, and in favour of it: `gemini-3.1-flash-live` closes a resumed session that is given
    /// its history once more.)
    pub history_on_resume: HistoryOnResume,
    /// What becomes of the client's handle when its token holds the setup. Open: nobody has seen it. One document
    /// says that the connection's own setup is ignored then, another makes resuming likely, without which such
    /// tokens would be of little use.
    pub locked_handle: LockedHandle,
    /// What new input does while the model waits for the answer to a blocking call. *Reported*: it cancels the
    /// call with `gemini-3.8-live`, and waits with it, for ever if need be, with older models.
    pub unanswered_call: Option<UnansweredCall>,
    /// What the model makes of an answer without a result. *Reported*: `gemini-3.8-live` calls again, up to
    /// twice here.
    pub empty_result: Option<EmptyResult>,
    /// How much a session can hold and how long it can last.
    pub limits: Limits,
}

/// What becomes of a second connection to a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum HandleInUse {
    /// It is refused, the first goes on.
    #[default]
    Refused,
    /// Both go on, each for itself.
    Accepted,
}

/// The words of a refused handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StaleHandle {
    /// 1007 `Invalid session handle`.
    Invalid,
    /// 1008 `BidiGenerateContent session not found`.
    SessionNotFound,
    /// 1008 `Requested entity was not found.`
    EntityNotFound,
}

/// What `historyConfig` does in the setup of a resumed session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum HistoryOnResume {
    /// Nothing.
    #[default]
    Ignored,
    /// The first `clientContent` is taken for history once more, and not answered.
    Applied,
}

/// What becomes of the client's handle when its token holds the setup.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LockedHandle {
    /// It counts where the token's setup has `sessionResumption`.
    #[default]
    Honoured,
    /// It is ignored like the rest of what the token holds: a new session begins.
    Ignored,
}

/// What new input does while a blocking call is unanswered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum UnansweredCall {
    /// It waits until the call is answered.
    Wedges,
    /// It cancels the call.
    Cancelled,
}

/// What the model makes of an answer without a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EmptyResult {
    /// It takes it.
    Taken,
    /// It calls the function again.
    Repeats,
}

/// How much a session can hold and how long it can last, unless `contextWindowCompression` is set.
///
/// The limits are *reference*: whoever exceeds them is disconnected. How is *assumed*: a full window ends as a
/// request that is too long does elsewhere in the API, with 1007; a session whose time is over is warned and ends
/// as connections do.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Limits {
    /// Tokens of the context window. Unless told otherwise 128,000 for models with native audio, 32,000 for others.
    pub window_tokens: Option<u64>,
    /// Milliseconds that a session with audio alone may be connected, all its connections together.
    pub audio_session_ms: u64,
    /// The same for a session in which an image came.
    pub video_session_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { window_tokens: None, audio_session_ms: 15 * 60_000, video_session_ms: 2 * 60_000 }
    }
}

/// When `sessionResumptionUpdate` is sent, and in which form.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Updates {
    /// Milliseconds between updates while nothing is generated and no function runs, asked for or not; 0 for none. Unless
    /// told otherwise, 1200 with `gemini-3.1-flash-live`, and none with other models. *Reported* for that model; that the
    /// others send updates at the turns alone is *assumed*.
    pub every_ms: Option<u64>,
    /// Whether a session that asked for handles gets the first right after `setupComplete`. *Assumed*: nobody has written
    /// down whether it comes before the first turn is over.
    pub at_start: bool,
    /// The forms of updates while the session can be resumed, in turn; the last stays. A whole one: *recorded* by the
    /// SDK's types; others were *reported* beside it.
    pub idle: Vec<UpdateForm>,
    /// The forms while something is generated or a function runs, when the session cannot be resumed (*reference*), in
    /// turn. Empty unless told otherwise: *reported*.
    pub busy: Vec<UpdateForm>,
}

impl Default for Updates {
    fn default() -> Self {
        Self { every_ms: None, at_start: true, idle: vec![UpdateForm::Whole], busy: vec![UpdateForm::Empty] }
    }
}

/// The form of a `sessionResumptionUpdate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum UpdateForm {
    /// `{newHandle, resumable: true}`.
    Whole,
    /// `{newHandle}`: proto JSON leaves out what is false.
    HandleOnly,
    /// `{newHandle, resumable: false}`.
    HandleNotResumable,
    /// `{resumable: true}`.
    FlagOnly,
    /// `{resumable: false}`.
    NotResumable,
    /// `{}`.
    Empty,
    /// No update at all.
    None,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_told_is_the_best_reading_and_what_is_misspelt_is_refused() {
        let read = |json: &str| serde_json::from_str::<Behaviour>(json);
        assert_eq!(read("{}").unwrap(), Behaviour::default());
        let told =
            read(r#"{"handleInUse": "accepted", "updates": {"idle": ["flagOnly", "whole"]}}"#).unwrap();
        assert_eq!(told.handle_in_use, HandleInUse::Accepted);
        assert_eq!(
            told.updates,
            Updates { idle: vec![UpdateForm::FlagOnly, UpdateForm::Whole], ..Updates::default() }
        );
        assert!(read(r#"{"handleInUs": "accepted"}"#).is_err());
        assert!(read(r#"{"updates": {"everyMs": "often"}}"#).is_err());
    }
}

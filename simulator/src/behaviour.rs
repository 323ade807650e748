//! What is not known of the service for certain, or differs from model to model: switches, each with what its default
//! rests on.

use serde::{Deserialize, Serialize};

/// How the service behaves where the evidence leaves room. The default of each switch is the reading with the best
/// evidence, and its documentation says how good that is:
///
/// * *reference*: Google's documents, or the source of its SDKs;
/// * *recorded*: Google's own recordings of the wire;
/// * *reported*: somebody measured it on the live service and wrote it down;
/// * *assumed*: nobody has said, one reading had to be chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
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
    /// What an answer does whose call was made on an earlier connection of its session, after the handle that this one was
    /// taken up with: the session does not remember the call. *Assumed*: nothing.
    pub late_answer: LateAnswer,
    /// How much a session can hold and how long it can last.
    pub limits: Limits,
    /// What `audioStreamEnd` right after speech does. *Reference*: what was heard so far is dealt with, so the turn
    /// ends. *Reported*: at times it stays open, until 1.5 s of silence have come.
    pub stream_end: StreamEnd,
    /// How speech is transcribed.
    pub transcripts: Transcripts,
    /// The form of audio.
    pub audio: AudioForm,
    /// The form of messages.
    pub messages: MessageForm,
    /// What is said when a turn is over.
    pub turn_end: TurnEnd,
}

/// What becomes of a second connection to a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum HandleInUse {
    /// It is refused, the first goes on.
    #[default]
    Refused,
    /// Both go on, each for itself.
    Accepted,
}

/// The words of a refused handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum HistoryOnResume {
    /// Nothing.
    #[default]
    Ignored,
    /// The first `clientContent` is taken for history once more, and not answered.
    Applied,
}

/// What becomes of the client's handle when its token holds the setup.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum LockedHandle {
    /// It counts where the token's setup has `sessionResumption`.
    #[default]
    Honoured,
    /// It is ignored like the rest of what the token holds: a new session begins.
    Ignored,
}

/// What new input does while a blocking call is unanswered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum UnansweredCall {
    /// It waits until the call is answered.
    Wedges,
    /// It cancels the call.
    Cancelled,
}

/// What the model makes of an answer without a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum EmptyResult {
    /// It takes it.
    Taken,
    /// It calls the function again.
    Repeats,
}

/// What becomes of an answer to a call that the session has made, and does not remember.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum LateAnswer {
    /// Nothing.
    #[default]
    Ignored,
    /// It is spoken of, as if the call had been open.
    Taken,
    /// It is refused like an answer to a call that nobody has made: 1008.
    Refused,
}

/// How much a session can hold and how long it can last, unless `contextWindowCompression` is set.
///
/// The limits are *reference*: whoever exceeds them is disconnected. How is *assumed*: a full window ends as a
/// request that is too long does elsewhere in the API, with 1007; a session whose time is over is warned and ends
/// as connections do.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
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

/// What `audioStreamEnd` right after speech does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum StreamEnd {
    /// It ends the turn.
    #[default]
    EndsTurn,
    /// The turn stays open until enough silence has come.
    LeavesOpen,
}

/// How speech is transcribed. Transcripts have no order relative to the model's turn (*reference*).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Transcripts {
    /// In which pieces the user's words come. Unless told otherwise, word by word with the 2.x models, whole with
    /// others. *Reported* for 2.5 and 3.1, *assumed* for the rest.
    pub input: Option<InputTranscripts>,
    /// Where `finished: true` stands. Unless told otherwise in the user's last piece, and nowhere when words come one
    /// by one. *Reported* for 2.5 and 3.1.
    pub finished: Option<Finished>,
    /// The user's words come when the answer has begun. *Reported*.
    pub late: bool,
    /// With `<noise>` in the user's words and `<ctrl46>` in the model's. *Reported*.
    pub markers: bool,
    /// The user's words are Chinese, with spaces where none belong. *Reported*.
    pub cjk: bool,
    /// `outputTranscription: {}` at the end of an answer. *Recorded*.
    pub empty: bool,
    /// The `languageCode` of each piece. The field is *reference*; that it is left out otherwise is *assumed*.
    pub language_code: Option<String>,
    /// With the times of words, asked for (`wordTimestamp`) or not. The fields are *reference*.
    pub words: bool,
}

/// In which pieces the user's words come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum InputTranscripts {
    /// One piece, when the user has finished.
    Whole,
    /// Word by word, each but the first behind a space.
    Fragments,
    /// `interimInputTranscription` while the user speaks, each in place of the one before; then the whole.
    Interim,
}

/// Where `finished: true` stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Finished {
    /// Nowhere.
    Never,
    /// In the last piece of the user's words.
    InLast,
    /// By itself, without a text, behind the user's words and the model's.
    Alone,
}

/// The form of audio.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct AudioForm {
    /// Parts of a `modelTurn`, 1 to 16. One: *recorded*.
    pub parts_per_message: u32,
    /// Samples per second, 8,000 to 96,000. 24,000: *reference*.
    pub rate_hz: u32,
    /// Whether `mimeType` tells the rate. *Recorded*: it does, `audio/pcm` alone is Vertex AI's.
    pub names_rate: bool,
}

impl Default for AudioForm {
    fn default() -> Self {
        Self { parts_per_message: 1, rate_hz: 24_000, names_rate: true }
    }
}

/// The form of messages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct MessageForm {
    /// `role: "model"` in each `modelTurn`. *Recorded* from Vertex AI, not from the Gemini API.
    pub role: bool,
    /// A `sessionId` in `setupComplete`. *Recorded* from Vertex AI, not from the Gemini API.
    pub session_id: bool,
    /// Fields named in snake_case, which proto JSON allows. *Assumed*: it never is.
    pub snake_case: bool,
}

/// What is said when a turn is over. The fields are *reference*; which turns have them is not known, so that none has
/// them unless told otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct TurnEnd {
    /// Whether a turn is ever completed. Unless told otherwise it is, but with `live-translate` models: *reported*.
    pub completes: Option<bool>,
    /// `turnCompleteReason` beside `turnComplete`.
    pub reason: Option<String>,
    /// `waitingForInput` beside `turnComplete`.
    pub waiting_for_input: Option<bool>,
    /// `interactionStatus` beside `turnComplete`.
    pub interaction_status: Option<String>,
}

/// When `sessionResumptionUpdate` is sent, and in which form.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
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
    use serde_json::Value;

    use super::*;

    fn switches(of: &Value, path: &str, found: &mut Vec<String>) {
        for (name, value) in of.as_object().into_iter().flatten() {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            if value.is_object() { switches(value, &path, found) } else { found.push(path) }
        }
    }

    #[test]
    fn the_document_names_every_switch_and_no_other() {
        let document = include_str!("../docs/behaviour.md");
        let mut known = Vec::new();
        switches(&serde_json::to_value(Behaviour::default()).unwrap(), "", &mut known);
        assert!(known.len() > 25, "{known:?}");
        let rows = document.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('|'));
        let cells = rows.map(|(cell, _)| format!("`{cell}"));
        let mut named: Vec<String> = cells
            .flat_map(|cell| {
                let names = cell.split_once(':').map_or(cell.as_str(), |(names, _)| names);
                names.split(',').map(|name| name.trim().trim_matches('`').to_owned()).collect::<Vec<_>>()
            })
            .collect();
        known.sort();
        named.sort();
        assert_eq!(named, known);
    }

    #[test]
    fn the_documents_example_can_be_read() {
        let document = include_str!("../docs/behaviour.md");
        let (_, rest) = document.split_once("```json").unwrap();
        let script: Value = serde_json::from_str(rest.split_once("```").unwrap().0).unwrap();
        let read: Behaviour = serde_json::from_value(script["behaviour"].clone()).unwrap();
        assert_eq!(read.transcripts.input, Some(InputTranscripts::Interim));
    }

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

//! Contents: turns of a conversation, made of parts.

#[cfg(all(test, not(target_arch = "wasm32")))]
use super::super::schema::typescript::Alias;
use super::{Blob, FileData, FunctionResponse, Language, Outcome, PartMediaResolutionLevel, Role, ToolType};
use crate::{
    error::Error,
    protocol::{
        json::{Map, Value, object},
        schema::{Kind, VERTEX_ONLY, Validated, Validator, message},
    },
};

message! {
    /// Content: one turn, or the system instruction.
    Content {
        /// Parts: what it consists of, in order.
        parts "parts": Vec<Part>,
        /// Role: who says it. The system instruction needs none.
        role "role": Role,
    }
    check content
}

message! {
    /// Part: a piece of a content. One of the kinds of data is set, and perhaps what describes it.
    Part {
        /// Text.
        text "text": String,
        /// Inline data: a medium in the message itself.
        inline_data "inlineData": Blob,
        /// File data: a medium by its address.
        file_data "fileData": FileData,
        /// Function call that the model made; for restoring a conversation.
        function_call "functionCall": FunctionCallPart,
        /// Function response; for restoring a conversation. A live call is answered with a tool response.
        function_response "functionResponse": FunctionResponse,
        /// Executable code: code the model wrote.
        executable_code "executableCode": ExecutableCode,
        /// Code execution result: what became of that code.
        code_execution_result "codeExecutionResult": CodeExecutionResult,
        /// Tool call: a call of one of the service's own tools; for restoring a conversation.
        tool_call "toolCall": ServerToolCall,
        /// Tool response: what that tool answered.
        tool_response "toolResponse": ServerToolResponse,
        /// Thought: whether this is the model's thinking and not its answer.
        thought "thought": bool,
        /// Thought signature: the model's own mark on a thought, in base64, to be sent back unchanged.
        thought_signature "thoughtSignature": String,
        /// Video metadata: which stretch of a video is meant.
        video_metadata "videoMetadata": VideoMetadata,
        /// Media resolution of this part.
        media_resolution "mediaResolution": PartMediaResolution,
        /// Part metadata: the application's own notes.
        part_metadata "partMetadata": Map,
        /// Audio transcription: the text of an audio part.
        audio_transcription "audioTranscription": Map as "object",
        /// Speech metadata: who speaks in an audio part, and how.
        speech_metadata "speechMetadata": Map as "object",
        /// Media processing: how the medium is processed.
        media_processing "mediaProcessing": Value,
    }
}

message! {
    /// Function call of the past.
    FunctionCallPart {
        /// Id of the call.
        id "id": String,
        /// Name of the function.
        name "name": String,
        /// Arguments.
        args "args": Map,
    }
    hidden {
        "partialArgs": Kind::Unsupported(&VERTEX_ONLY),
        "willContinue": Kind::Unsupported(&VERTEX_ONLY),
    }
}

message! {
    /// Executable code: code the model wrote for the service to run.
    ExecutableCode {
        /// Language.
        language "language": Language,
        /// Code.
        code "code": String,
        /// Id, which the result repeats.
        id "id": String,
    }
}

message! {
    /// Code execution result: what became of code that the service ran.
    CodeExecutionResult {
        /// Outcome: how it ended.
        outcome "outcome": Outcome,
        /// Output: what it wrote, or the error.
        output "output": String,
        /// Id of the code.
        id "id": String,
    }
}

message! {
    /// Tool call: a call of one of the service's own tools.
    ServerToolCall {
        /// Id of the call.
        id "id": String,
        /// Tool type: which tool.
        tool_type "toolType": ToolType,
        /// Arguments.
        args "args": Map,
    }
}

message! {
    /// Tool response: what one of the service's own tools answered.
    ServerToolResponse {
        /// Id of the call.
        id "id": String,
        /// Tool type: which tool.
        tool_type "toolType": ToolType,
        /// Response.
        response "response": Map,
    }
}

message! {
    /// Video metadata: a stretch of a video, and how densely it is sampled.
    VideoMetadata {
        /// Start offset, in seconds such as `"1.5s"`.
        start_offset "startOffset": String,
        /// End offset, in seconds such as `"10s"`.
        end_offset "endOffset": String,
        /// Frames per second.
        fps "fps": f64,
    }
}

message! {
    /// Media resolution of one part.
    PartMediaResolution {
        /// Level.
        level "level": PartMediaResolutionLevel,
        /// Number of tokens: the same as a figure.
        num_tokens "numTokens": i32,
    }
}

/// What stands for a content where JavaScript writes one.
#[cfg(all(test, not(target_arch = "wasm32")))]
pub(crate) static CONTENT_UNION: Alias = Alias {
    name: "ContentUnion",
    doc: "A content; or a text, a part, or a list of them, which stand for a turn of the user.",
    shape: "string | Part | Content | readonly (string | Part)[]",
};

impl Content {
    /// A turn of the user that says `text`.
    #[must_use]
    pub fn user(text: impl Into<String>) -> Self {
        Self { role: Some(Role::User), parts: Some(vec![Part::text(text)]) }
    }

    /// A turn of the model that says `text`; for restoring a conversation.
    #[must_use]
    pub fn model(text: impl Into<String>) -> Self {
        Self { role: Some(Role::Model), parts: Some(vec![Part::text(text)]) }
    }
}

impl Part {
    /// A part that is text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: Some(text.into()), ..Self::default() }
    }
}

/// A content, or what stands for one: a text, a part, or a list of them, which the user says.
pub(crate) fn content(validator: &mut Validator, value: &mut Value) -> Validated {
    if is_content(value) {
        return validator.message(Content::TABLE, value);
    }
    if let Value::Array(parts) = value {
        return spoken(validator, std::mem::take(parts), value);
    }
    let mut part = part_of(validator, value.take())?;
    validator.message(Part::TABLE, &mut part)?;
    *value = by_user(vec![part]);
    Ok(())
}

/// A list of turns: contents as they are, or one turn of the user made of texts and parts.
pub(crate) fn turns(validator: &mut Validator, value: &mut Value) -> Validated {
    let Value::Array(list) = value else {
        refuse_bare_call(validator, value)?;
        content(validator, value)?;
        *value = Value::Array(vec![value.take()]);
        return Ok(());
    };
    let are_contents = list.first().is_some_and(is_content);
    if list.iter().any(|item| is_content(item) != are_contents) {
        return Err(
            validator.error("Contents and bare parts must not be mixed: put the parts into a content.")
        );
    }
    if are_contents {
        return validator.list(Kind::Message(Content::TABLE), list);
    }
    for item in list.iter() {
        refuse_bare_call(validator, item)?;
    }
    spoken(validator, std::mem::take(list), value)?;
    *value = Value::Array(vec![value.take()]);
    Ok(())
}

/// Makes of texts and parts a turn of the user.
fn spoken(validator: &mut Validator, list: Vec<Value>, value: &mut Value) -> Validated {
    if list.is_empty() {
        return Err(validator.error("This must not be an empty list."));
    }
    let mut parts = Vec::with_capacity(list.len());
    for part in list {
        parts.push(part_of(validator, part)?);
    }
    validator.list(Kind::Message(Part::TABLE), &mut parts)?;
    *value = by_user(parts);
    Ok(())
}

fn part_of(validator: &Validator, value: Value) -> Result<Value, Box<Error>> {
    match value {
        Value::String(_) => Ok(object("text", value)),
        Value::Object(_) => Ok(value),
        other => Err(validator.mismatch("text, a part, a content, or a list of them", &other)),
    }
}

fn by_user(parts: Vec<Value>) -> Value {
    let mut content = Map::new();
    content.set("parts", Value::Array(parts));
    content.set("role", Value::from("user"));
    Value::Object(content)
}

fn is_content(value: &Value) -> bool {
    value.get("parts").is_some_and(|parts| !parts.is_null())
}

/// Without a content around it, nobody knows who says a call or its answer.
fn refuse_bare_call(validator: &Validator, value: &Value) -> Validated {
    if value.get("functionCall").is_none() && value.get("functionResponse").is_none() {
        return Ok(());
    }
    Err(validator.error("A functionCall or functionResponse part needs a content with a role around it."))
}

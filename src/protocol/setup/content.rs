//! Contents: turns of a conversation, made of parts.

use serde_json::{Map, Value};

use super::{FunctionResponse, Language, Outcome, PartMediaResolutionLevel, Role, ToolType};
use crate::{
    error::Error,
    protocol::{
        VERTEX_ONLY, object,
        schema::{
            Kind, message,
            validator::{Validated, Validator},
        },
    },
};

message! {
    /// One turn, or the system instruction.
    Content {
        /// What it consists of, in order.
        parts "parts": Vec<Part>,
        /// Who says it. The system instruction needs none.
        role "role": Role,
    }
    kind Kind::Content
}

message! {
    /// A piece of a content. One of the kinds of data is set, and perhaps what describes it.
    Part {
        /// Text.
        text "text": String,
        /// A medium, in the message itself.
        inline_data "inlineData": Blob,
        /// A medium, by its address.
        file_data "fileData": FileData,
        /// A call the model made; for restoring a conversation.
        function_call "functionCall": FunctionCallPart,
        /// The answer to a call; for restoring a conversation. A live call is answered with a tool response.
        function_response "functionResponse": FunctionResponse,
        /// Code the model wrote.
        executable_code "executableCode": ExecutableCode,
        /// What became of that code.
        code_execution_result "codeExecutionResult": CodeExecutionResult,
        /// A call of one of the service's own tools; for restoring a conversation.
        tool_call "toolCall": ServerToolCall,
        /// What that tool answered.
        tool_response "toolResponse": ServerToolResponse,
        /// Whether this is the model's thinking and not its answer.
        thought "thought": bool,
        /// The model's own mark on a thought, in base64, to be sent back unchanged.
        thought_signature "thoughtSignature": String,
        /// Which stretch of a video is meant.
        video_metadata "videoMetadata": VideoMetadata,
        /// How finely this medium is looked at.
        media_resolution "mediaResolution": PartMediaResolution,
        /// The application's own notes about this part.
        part_metadata "partMetadata": Map<String, Value>,
        /// The text of an audio part.
        audio_transcription "audioTranscription": Map<String, Value>,
        /// Who speaks in an audio part, and how.
        speech_metadata "speechMetadata": Map<String, Value>,
        /// How the medium is processed.
        media_processing "mediaProcessing": Value,
    }
}

message! {
    /// A medium in the message itself.
    Blob {
        /// Its type, such as `image/jpeg` or `audio/pcm;rate=16000`.
        mime_type "mimeType": String,
        /// Its bytes in base64.
        data "data": String,
        /// A name for it.
        display_name "displayName": String,
    }
}

message! {
    /// A medium by its address.
    FileData {
        /// Its type, such as `image/jpeg`.
        mime_type "mimeType": String,
        /// Its address.
        file_uri "fileUri": String,
        /// A name for it.
        display_name "displayName": String,
    }
}

message! {
    /// A function call of the past.
    FunctionCallPart {
        /// The call's id.
        id "id": String,
        /// The function's name.
        name "name": String,
        /// Its arguments.
        args "args": Map<String, Value>,
    }
    hidden {
        "partialArgs": Kind::Unsupported(&VERTEX_ONLY),
        "willContinue": Kind::Unsupported(&VERTEX_ONLY),
    }
}

message! {
    /// Code the model wrote for the service to run.
    ExecutableCode {
        /// The language.
        language "language": Language,
        /// The code.
        code "code": String,
        /// Names it; the result repeats this.
        id "id": String,
    }
}

message! {
    /// What became of code that the service ran.
    CodeExecutionResult {
        /// How it ended.
        outcome "outcome": Outcome,
        /// What it wrote, or the error.
        output "output": String,
        /// The id of the code.
        id "id": String,
    }
}

message! {
    /// A call of one of the service's own tools.
    ServerToolCall {
        /// The call's id.
        id "id": String,
        /// Which tool.
        tool_type "toolType": ToolType,
        /// Its arguments.
        args "args": Map<String, Value>,
    }
}

message! {
    /// What one of the service's own tools answered.
    ServerToolResponse {
        /// The call's id.
        id "id": String,
        /// Which tool.
        tool_type "toolType": ToolType,
        /// The answer.
        response "response": Map<String, Value>,
    }
}

message! {
    /// A stretch of a video, and how densely it is looked at.
    VideoMetadata {
        /// Where it begins, in seconds such as `"1.5s"`.
        start_offset "startOffset": String,
        /// Where it ends, in seconds such as `"10s"`.
        end_offset "endOffset": String,
        /// Frames per second that are looked at.
        fps "fps": f64,
    }
}

message! {
    /// How finely one medium is looked at.
    PartMediaResolution {
        /// The level.
        level "level": PartMediaResolutionLevel,
        /// The same as a number of tokens.
        num_tokens "numTokens": i32,
    }
}

impl Content {
    /// A turn of the person that says `text`.
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

/// A content, or what stands for one: a text, a part, or a list of them, which the person says.
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

/// A list of turns: contents as they are, or one turn of the person made of texts and parts.
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

/// Makes of texts and parts a turn of the person.
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
    content.insert("parts".to_owned(), Value::Array(parts));
    content.insert("role".to_owned(), Value::from("user"));
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

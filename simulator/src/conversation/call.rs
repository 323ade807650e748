//! Function calls: which words make them, with what arguments, and what is still outstanding.

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

use crate::refusal::Refusal;
use crate::script::Which;
use crate::settings::Function;

/// Calls that were made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Calls {
    /// By their ids, in the order in which they were made.
    outstanding: Vec<(String, Call)>,
    /// Ids that are over: an answer may still be on its way.
    settled: VecDeque<String>,
}

/// A call that was made.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Call {
    function: String,
    args: Value,
    blocks: bool,
    /// How often it was made again.
    repeats: u32,
}

/// A function that is to be called, with arguments of somebody's choice or made up.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) function: Function,
    pub(super) args: Option<Value>,
}

/// An answer to a call.
#[derive(Debug, PartialEq)]
pub(super) struct Answered {
    /// A sentence for the listener.
    pub(super) sentence: String,
    /// The conversation was waiting for it.
    pub(super) blocks: bool,
    pub(super) scheduling: Scheduling,
    /// The call, when its answer held nothing.
    pub(super) unserved: Option<Call>,
}

/// When an answer to a call that did not block is spoken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheduling {
    Silent,
    WhenIdle,
    Interrupt,
}

impl Calls {
    /// Makes calls: the message that says so. Arguments are made up unless they are given.
    pub(super) fn make(&mut self, wanted: Vec<(String, Wanted)>, words: &str) -> Value {
        let made = wanted.into_iter().map(|(id, Wanted { function, args })| {
            let args = args.unwrap_or_else(|| arguments(&function.parameters, words));
            self.place(id, Call { function: function.name, args, blocks: function.blocks, repeats: 0 })
        });
        json!({"toolCall": {"functionCalls": made.collect::<Vec<_>>()}})
    }

    /// Makes a call again that was answered with nothing; not for ever.
    pub(super) fn repeat(&mut self, id: String, call: &Call) -> Option<Value> {
        let repeats = call.repeats + 1;
        (repeats <= MOST_REPEATS).then(|| {
            let made = self.place(id, Call { repeats, ..call.clone() });
            json!({"toolCall": {"functionCalls": [made]}})
        })
    }

    fn place(&mut self, id: String, call: Call) -> Value {
        let made = json!({"name": call.function, "args": call.args, "id": id});
        self.outstanding.push((id, call));
        made
    }

    /// Whether the conversation waits for an answer.
    pub(super) fn is_blocked(&self) -> bool {
        self.outstanding.iter().any(|(_, call)| call.blocks)
    }

    /// Whether any call is unanswered.
    pub(super) fn is_any_outstanding(&self) -> bool {
        !self.outstanding.is_empty()
    }

    /// Gives up the calls the conversation waits for: the message that says so.
    pub(super) fn cancel(&mut self) -> Option<Value> {
        let blocking = self.outstanding.iter().filter(|(_, call)| call.blocks);
        self.give_up(blocking.map(|(id, _)| id.clone()).collect())
    }

    /// Gives up unanswered calls, whether they block or not.
    pub(super) fn cancel_some(&mut self, which: Which) -> Option<Value> {
        let mut ids = self.outstanding.iter().map(|(id, _)| id.clone());
        let ids = match which {
            Which::All => ids.collect(),
            Which::First => ids.next().into_iter().collect(),
            Which::Last => ids.next_back().into_iter().collect(),
        };
        self.give_up(ids)
    }

    fn give_up(&mut self, ids: Vec<String>) -> Option<Value> {
        ids.iter().for_each(|id| self.settle(id));
        (!ids.is_empty()).then(|| json!({"toolCallCancellation": {"ids": ids}}))
    }

    /// Whether a call is unanswered, or was settled on this connection.
    pub(super) fn knows(&self, id: &str) -> bool {
        self.outstanding.iter().map(|(id, _)| id).chain(&self.settled).any(|known| known == id)
    }

    /// Takes a `functionResponses` entry. `None` when nothing is to be said: the call was cancelled
    /// meanwhile, or more is to come.
    pub(super) fn answer(&mut self, response: &Value) -> Result<Option<Answered>, Refusal> {
        let Some(id) = response["id"].as_str().filter(|id| !id.is_empty()) else {
            return Err(Refusal::invalid_argument("a function response has no id"));
        };
        let Some(result) = response["response"].as_object() else {
            return Err(Refusal::invalid_argument("a function response has no response object"));
        };
        let Some((_, call)) = self.outstanding.iter().find(|(known, _)| known == id) else {
            let settled = self.settled.iter().any(|settled| settled == id);
            return if settled { Ok(None) } else { Err(Refusal::not_found("no function call has this id")) };
        };
        let scheduling = response["scheduling"].as_str().or_else(|| result.get("scheduling")?.as_str());
        let answered = Answered {
            sentence: sentence(&call.function, result),
            blocks: call.blocks,
            scheduling: match scheduling {
                Some("SILENT") => Scheduling::Silent,
                Some("INTERRUPT") => Scheduling::Interrupt,
                _ => Scheduling::WhenIdle,
            },
            unserved: is_empty(result).then(|| call.clone()),
        };
        if response["willContinue"] == true {
            return Ok((!answered.blocks).then_some(answered));
        }
        self.settle(id);
        Ok(Some(answered))
    }

    fn settle(&mut self, id: &str) {
        self.outstanding.retain(|(known, _)| known != id);
        if self.settled.len() >= MOST_SETTLED {
            self.settled.pop_front();
        }
        self.settled.push_back(id.to_owned());
    }
}

/// The functions these words call: `call <name>`, `call <name> and <name>`, or one about the weather.
pub(super) fn functions_called<'a>(words: &str, functions: &'a [Function]) -> Vec<&'a Function> {
    let words = words.to_lowercase();
    let find = |name: &str| functions.iter().find(|function| function.name.to_lowercase() == name);
    let named = words.split_once("call ").map_or("", |(_, rest)| rest);
    let names = named
        .split_whitespace()
        .map(|name| name.trim_end_matches(['.', ',', '!', '?']))
        .filter(|name| *name != "and")
        .map_while(find)
        .take(MOST_AT_ONCE);
    let called: Vec<&Function> = names.collect();
    if called.is_empty() && words.contains("weather") {
        return functions
            .iter()
            .find(|function| function.name.to_lowercase().contains("weather"))
            .into_iter()
            .collect();
    }
    called
}

/// Arguments a schema would accept: a place named in the words where a string is wanted, something plain
/// elsewhere.
fn arguments(schema: &Value, words: &str) -> Value {
    let Some(properties) = schema["properties"].as_object() else { return json!({}) };
    let required: Vec<&str> = match schema["required"].as_array() {
        Some(names) => names.iter().filter_map(Value::as_str).collect(),
        None => properties.keys().map(String::as_str).collect(),
    };
    let arguments = properties.iter().filter(|(name, _)| required.contains(&name.as_str()));
    Value::Object(
        arguments.map(|(name, schema)| (name.clone(), argument(schema, words, 0))).collect::<Map<_, _>>(),
    )
}

fn argument(schema: &Value, words: &str, depth: usize) -> Value {
    if let Some(example) = [&schema["example"], &schema["default"], &schema["enum"][0]]
        .into_iter()
        .find(|value| !value.is_null())
    {
        return example.clone();
    }
    match schema["type"].as_str().map(str::to_uppercase).as_deref() {
        Some("INTEGER") => json!(1),
        Some("NUMBER") => json!(1.5),
        Some("BOOLEAN") => json!(true),
        Some("ARRAY") if depth < 4 => json!([argument(&schema["items"], words, depth + 1)]),
        Some("OBJECT") if depth < 4 => arguments(schema, words),
        _ => Value::from(place(words)),
    }
}

/// What follows the last ` in `, or Paris.
fn place(words: &str) -> &str {
    let place = words.rsplit_once(" in ").map(|(_, place)| place.trim().trim_end_matches(['.', '!', '?']));
    place.filter(|place| !place.is_empty()).unwrap_or("Paris")
}

/// Whether a result holds nothing.
fn is_empty(result: &Map<String, Value>) -> bool {
    let is_nothing = |value: &Value| match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    };
    result.iter().all(|(name, value)| name == "scheduling" || is_nothing(value))
}

/// `get_weather says: celsius 21, sky clear.`
pub(super) fn sentence(function: &str, result: &Map<String, Value>) -> String {
    let facts = result.iter().filter(|(name, _)| *name != "scheduling").map(|(name, value)| match value {
        Value::String(text) => format!("{name} {text}"),
        other => format!("{name} {other}"),
    });
    let facts: String = facts.collect::<Vec<_>>().join(", ").chars().take(LONGEST_FACTS).collect();
    if facts.is_empty() { format!("{function} says nothing.") } else { format!("{function} says: {facts}.") }
}

/// Calls in one message.
const MOST_AT_ONCE: usize = 8;

/// How often a call is made again.
const MOST_REPEATS: u32 = 2;

const MOST_SETTLED: usize = 100;

const LONGEST_FACTS: usize = 300;

#[cfg(test)]
mod tests {
    use super::*;

    fn function(name: &str) -> Function {
        Function { name: name.to_owned(), blocks: true, parameters: Value::Null }
    }

    fn wanted(name: &str) -> Wanted {
        Wanted { function: function(name), args: None }
    }

    #[test]
    fn words_choose_the_function() {
        let functions = [function("turn_on"), function("get_Weather")];
        let name = |words| functions_called(words, &functions).first().map(|function| function.name.as_str());
        assert_eq!(name("How is the weather?"), Some("get_Weather"));
        assert_eq!(name("Please call turn_on."), Some("turn_on"));
        assert_eq!(name("call me by your name"), None);
        assert_eq!(name("hello"), None);
        assert!(functions_called("weather", &[function("turn_on")]).is_empty());
        let both: Vec<_> = functions_called("Call turn_on, and get_weather now", &functions)
            .iter()
            .map(|function| function.name.as_str())
            .collect();
        assert_eq!(both, ["turn_on", "get_Weather"]);
    }

    #[test]
    fn arguments_follow_the_schema() {
        let schema = json!({"type": "OBJECT", "required": ["city", "days", "unit", "tags"], "properties": {
            "city": {"type": "STRING"}, "days": {"type": "integer"}, "unit": {"type": "STRING", "enum": ["C", "F"]},
            "tags": {"type": "ARRAY", "items": {"type": "BOOLEAN"}}, "note": {"type": "STRING"}}});
        let wanted = json!({"city": "Oslo", "days": 1, "unit": "C", "tags": [true]});
        assert_eq!(arguments(&schema, "What is the weather in Oslo?"), wanted);
        assert_eq!(arguments(&Value::Null, ""), json!({}));
    }

    #[test]
    fn an_answer_names_its_call_and_carries_an_object() {
        let mut calls = Calls::default();
        calls.make(vec![("a".into(), wanted("f"))], "");
        let mut code = |response| calls.answer(&response).err().map(|refusal| refusal.code);
        assert_eq!(code(json!({"response": {}})), Some(1007));
        assert_eq!(code(json!({"id": "a"})), Some(1007));
        assert_eq!(code(json!({"id": "b", "response": {}})), Some(1008));
        assert_eq!(code(json!({"id": "a", "response": {"sky": "clear", "celsius": 21}})), None);
        assert_eq!(code(json!({"id": "a", "response": {}})), None);
    }

    #[test]
    fn a_cancelled_call_may_still_be_answered() {
        let mut calls = Calls::default();
        calls.make(vec![("a".into(), wanted("f"))], "");
        assert_eq!(calls.cancel(), Some(json!({"toolCallCancellation": {"ids": ["a"]}})));
        assert_eq!(calls.cancel(), None);
        assert_eq!(calls.answer(&json!({"id": "a", "response": {}})), Ok(None));
    }

    #[test]
    fn the_sentence_holds_the_result() {
        let mut calls = Calls::default();
        calls.make(vec![("a".into(), wanted("f"))], "");
        let answered = calls
            .answer(&json!({"id": "a", "response": {"sky": "clear", "scheduling": "SILENT"}}))
            .unwrap()
            .unwrap();
        assert_eq!(answered.sentence, "f says: sky clear.");
        assert_eq!(answered.scheduling, Scheduling::Silent);
    }
}

//! What the service reads, by a table that shares nothing with this library: the simulator's.

use std::{collections::BTreeMap, sync::LazyLock};

use serde_json::Value;

/// The messages the service reads, and its enums.
pub(crate) struct Table {
    messages: BTreeMap<&'static str, BTreeMap<&'static str, Field>>,
    enums: BTreeMap<&'static str, Vec<&'static str>>,
}

/// What a field holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    /// A scalar, an enum or a message.
    pub(crate) kind: &'static str,
    pub(crate) is_list: bool,
    pub(crate) is_map: bool,
}

/// What the service reads, and the forms of JavaScript.
pub(crate) static SERVICE: LazyLock<Table> = LazyLock::new(|| Table::read([LIVE, FORMS]));

/// The simulator's table.
pub(crate) const LIVE: &str = include_str!("../../simulator/src/schema/live.txt");

/// Forms beside the wire's: what JavaScript writes flat in a configuration, and the configuration of a token.
const FORMS: &str = "
Setup
  generationConfig GenerationConfig
  responseModalities Modality[]
  temperature number
  topP number
  topK number
  maxOutputTokens int32
  mediaResolution MediaResolution
  seed int32
  speechConfig SpeechConfig
  thinkingConfig ThinkingConfig
  enableAffectiveDialog bool
  translationConfig TranslationConfig
  httpOptions object

RealtimeInput
  media Blob

TokenConfig
  uses int32
  expireTime timestamp
  newSessionExpireTime timestamp
  lockAdditionalFields string[]
  liveConnectConstraints TokenConstraints
  httpOptions object

TokenConstraints
  model string
  config Setup
";

impl Table {
    /// One table of several texts, of which the later ones are of more weight.
    pub(crate) fn read<const N: usize>(texts: [&'static str; N]) -> Self {
        let mut table = Self { messages: BTreeMap::new(), enums: BTreeMap::new() };
        let mut message = "";
        for line in texts.iter().flat_map(|text| text.lines()).filter(|line| !line.starts_with('#')) {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                ["enum", name, values @ ..] => {
                    table.enums.insert(name, values.to_vec());
                }
                [name] if !line.starts_with(' ') => message = name,
                [name, kind] => {
                    let field = Field {
                        kind: kind.trim_end_matches(['[', ']', '{', '}']),
                        is_list: kind.ends_with("[]"),
                        is_map: kind.ends_with("{}"),
                    };
                    table.messages.entry(message).or_default().insert(name, field);
                }
                [] => {}
                _ => panic!("the table has another form: {line}"),
            }
        }
        assert!(table.messages.len() > 30 && table.enums.len() > 10, "the table has another form");
        table
    }

    /// The field of this name.
    pub(crate) fn field(&self, message: &str, name: &str) -> Option<Field> {
        self.messages.get(message).and_then(|fields| fields.get(name)).copied()
    }

    pub(crate) fn fields(&self, message: &str) -> impl Iterator<Item = (&'static str, Field)> {
        self.messages.get(message).into_iter().flatten().map(|(name, field)| (*name, *field))
    }

    /// The message of this name, if there is one.
    pub(crate) fn name(&self, message: &str) -> Option<&'static str> {
        self.messages.get_key_value(message).map(|(name, _)| *name)
    }

    /// The names of an enum; none if it is not one.
    pub(crate) fn names(&self, name: &str) -> &[&'static str] {
        self.enums.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether any message has a field of this name.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.messages.values().any(|fields| fields.contains_key(name))
    }

    /// Whether this is a value for a field of this name, in any message that has one.
    pub(crate) fn may_be(&self, name: &str, value: &Value) -> bool {
        self.messages.values().filter_map(|fields| fields.get(name)).any(|field| self.is_of(*field, value))
    }

    fn is_of(&self, field: Field, value: &Value) -> bool {
        if field.is_list {
            return value.is_array();
        }
        match field.kind {
            _ if field.is_map => value.is_object(),
            "any" => true,
            "bool" => value.is_boolean(),
            "number" => value.is_number(),
            "int32" => {
                value.as_f64().is_some_and(|number| number.fract() == 0.0 && number.abs() < 2_147_483_648.0)
            }
            "int64" => {
                value.is_number() || value.as_str().is_some_and(|digits| digits.parse::<i64>().is_ok())
            }
            "string" | "bytes" | "duration" | "timestamp" => value.is_string(),
            kind if self.enums.contains_key(kind) => value.is_string(),
            _ => value.is_object(),
        }
    }
}

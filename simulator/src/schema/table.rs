//! The table behind the walker, parsed once from `live.txt`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::camel_case;
use super::scalar::Scalar;

/// A field of a message.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) shape: Shape,
    pub(super) kind: Kind,
}

/// How many values a field holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Shape {
    One,
    List,
    Map,
}

/// What a value of a field is.
#[derive(Debug)]
pub(super) enum Kind {
    Scalar(Scalar),
    Enum(Vec<String>),
    Message(String),
}

impl Kind {
    /// For people: what was expected.
    pub(super) fn title(&self) -> String {
        match self {
            Self::Scalar(scalar) => scalar.title().to_owned(),
            Self::Enum(values) => format!("one of {}", values.join(", ")),
            Self::Message(name) => name.clone(),
        }
    }
}

/// The field of `message` that `name` (in either spelling) stands for.
pub(super) fn field(message: &str, name: &str) -> Option<&'static Field> {
    TABLE.get(message)?.get(camel_case(name).as_str())
}

type Messages = HashMap<&'static str, HashMap<&'static str, Field>>;

static TABLE: LazyLock<Messages> = LazyLock::new(|| parse(include_str!("live.txt")));

fn parse(text: &'static str) -> Messages {
    let enums: HashMap<&str, Vec<String>> = text
        .lines()
        .filter_map(|line| line.strip_prefix("enum ")?.split_once(' '))
        .map(|(name, values)| (name, values.split(' ').map(str::to_owned).collect()))
        .collect();
    let mut messages = Messages::new();
    let mut message = "";
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.starts_with("enum ")) {
        match line.strip_prefix("  ").and_then(|field| field.split_once(' ')) {
            Some((name, kind)) => {
                let field = parse_field(name, kind, &enums);
                messages.entry(message).or_default().insert(name, field);
            }
            None => message = line,
        }
    }
    messages
}

fn parse_field(name: &str, kind: &str, enums: &HashMap<&str, Vec<String>>) -> Field {
    let (kind, shape) = match (kind.strip_suffix("[]"), kind.strip_suffix("{}")) {
        (Some(kind), _) => (kind, Shape::List),
        (_, Some(kind)) => (kind, Shape::Map),
        _ => (kind, Shape::One),
    };
    let kind = match (Scalar::named(kind), enums.get(kind)) {
        (Some(scalar), _) => Kind::Scalar(scalar),
        (_, Some(values)) => Kind::Enum(values.clone()),
        _ => Kind::Message(kind.to_owned()),
    };
    Field { name: name.to_owned(), shape, kind }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_in_the_table_is_in_the_table() {
        assert!(TABLE.len() > 40);
        for (message, fields) in TABLE.iter() {
            for field in fields.values() {
                if let Kind::Message(inner) = &field.kind {
                    assert!(TABLE.contains_key(inner.as_str()), "{message}.{}: {inner}", field.name);
                }
            }
        }
    }
}

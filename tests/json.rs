//! The crate's JSON beside `serde_json`: what one takes the other takes, and reads the same.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "json/oracle.rs"]
mod oracle;

use std::collections::BTreeMap;

use gemini_live_web::json::{Map, Value, parse};
use proptest::{collection::vec, prelude::*, sample::select};

/// Pieces that make something of each other that is nearly JSON, and often is.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\"a\"",
    "\"b\":",
    "{\"a\":",
    "null",
    "true",
    "fals",
    "e",
    "0",
    "-",
    "1",
    "12",
    ".5",
    "E+3",
    "e-400",
    "1e400",
    "\\n",
    "\\u00e9",
    "\\ud83e",
    "\\udd9c",
    "\\",
    "é",
    " ",
    "\n",
    "\u{1}",
    "[1,",
    "\"\"",
    "18446744073709551616",
    "-9223372036854775809",
    "-0",
];

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
        "[\\x00-\\x7f\"\\\\]{0,40}".prop_map(Into::into),
    ];
    leaf.prop_recursive(6, 64, 8, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(serde_json::Value::Array),
            vec(("[a-e\"]{0,2}", inner), 0..60).prop_map(|fields| fields.into_iter().collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_serde_json_writes_is_read_the_same(value in any_json(), is_pretty in any::<bool>()) {
        let text = if is_pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
        let text = text.unwrap();
        oracle::check(text.as_bytes());
        let ours = parse(text.as_bytes()).unwrap();
        prop_assert_eq!(&ours, &Value::from(value));
        // With the same numbers, and the names in their order, it is the same text.
        let theirs: serde_json::Value = ours.clone().into();
        prop_assert_eq!(Value::from(theirs).to_json().len(), ours.to_json().len());
        // And by way of serde's own types.
        prop_assert_eq!(serde_json::from_value::<Value>(serde_json::to_value(&ours).unwrap()).unwrap(), ours);
    }

    #[test]
    fn what_is_nearly_json_is_judged_the_same(pieces in vec(select(PIECES), 0..16)) {
        oracle::check(pieces.concat().as_bytes());
    }

    #[test]
    fn what_is_cut_or_changed_is_judged_the_same(
        value in any_json(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        is_cut in any::<bool>(),
    ) {
        let mut text = value.to_string().into_bytes();
        let at = at.index(text.len());
        text[at] = byte;
        if is_cut {
            text.truncate(at);
        }
        oracle::check(&text);
    }

    #[test]
    fn any_bytes_are_judged_the_same(bytes in vec(any::<u8>(), 0..60)) {
        oracle::check(&bytes);
    }

    #[test]
    fn a_map_holds_what_a_map_holds(steps in vec(("[a-z]{1,2}", any::<Option<u32>>()), 0..300)) {
        let (mut ours, mut theirs) = (Map::new(), BTreeMap::new());
        for (name, value) in steps {
            match value {
                Some(value) => {
                    prop_assert_eq!(ours.insert(name.clone(), value.into()), theirs.insert(name, value).map(Value::from));
                }
                None => prop_assert_eq!(ours.remove(&name), theirs.remove(&name).map(Value::from)),
            }
            prop_assert_eq!(ours.len(), theirs.len());
        }
        for (name, value) in &theirs {
            prop_assert_eq!(ours.get(name), Some(&Value::from(*value)));
        }
        prop_assert!(ours.keys().all(|name| theirs.contains_key(name)));
    }
}

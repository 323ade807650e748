//! Judges a text as `serde_json` does, but for what is documented to differ. The fuzzer asks this as well.

use gemini_live_web::json::{Repairs, Value, parse, parse_repairing};

/// Fails if these bytes are read otherwise than `serde_json` reads them, or are not written as they were read.
pub(crate) fn check(bytes: &[u8]) {
    compare(bytes);
    // Control characters in strings are no mistake here. Without any, what is left must be judged alike.
    let plain: Vec<u8> = bytes.iter().map(|byte| if *byte < b' ' { b' ' } else { *byte }).collect();
    let (ours, theirs) = compare(&plain);
    let Some((value, repairs)) = ours else { return };
    let is_repaired = repairs != Repairs::default();
    assert!(theirs.is_some() || is_repaired || has_huge_number(&value), "only serde_json refuses {value}");
    assert!(theirs.is_none() || !is_repaired, "there was nothing to repair in {value}");
}

type Read = (Option<(Value, Repairs)>, Option<serde_json::Value>);

fn compare(bytes: &[u8]) -> Read {
    let ours = parse_repairing(bytes);
    let theirs = serde_json::from_slice(bytes);
    match (&ours, &theirs) {
        (Ok((value, _)), theirs) => {
            if let Ok(theirs) = theirs {
                assert!(is_same(value, theirs), "{value} is not {theirs}");
            }
            let text = value.to_json();
            assert_eq!(parse(text.as_bytes()).as_ref(), Ok(value), "it is not read as it was written");
            let again: Option<serde_json::Value> = serde_json::from_str(&text).ok();
            assert!(
                again.map_or_else(|| has_huge_number(value), |again| is_same(value, &again)),
                "serde_json does not understand {text}"
            );
        }
        (Err(error), Ok(theirs)) => panic!("{error}, but serde_json reads {theirs}"),
        (Err(error), Err(_)) => assert!(error.at <= bytes.len()),
    }
    (ours.ok(), theirs.ok())
}

fn is_same(ours: &Value, theirs: &serde_json::Value) -> bool {
    match (ours, theirs) {
        (Value::Array(ours), serde_json::Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| is_same(ours, theirs))
        }
        (Value::Object(ours), serde_json::Value::Object(theirs)) => {
            ours.len() == theirs.len()
                && ours
                    .iter()
                    .all(|(name, value)| theirs.get(name).is_some_and(|theirs| is_same(value, theirs)))
        }
        (Value::Number(ours), serde_json::Value::Number(theirs)) if !theirs.is_f64() => {
            (ours.as_i64(), ours.as_u64()) == (theirs.as_i64(), theirs.as_u64())
        }
        // Without its feature `float_roundtrip`, serde_json may be off by a last digit.
        (Value::Number(ours), serde_json::Value::Number(theirs)) => {
            let (ours, theirs) = (ours.as_f64().unwrap_or(f64::NAN), theirs.as_f64().unwrap_or(f64::NAN));
            (ours - theirs).abs() <= 1e-15 * ours.abs().max(f64::MIN_POSITIVE)
        }
        (Value::String(ours), serde_json::Value::String(theirs)) => ours == theirs,
        (Value::Bool(ours), serde_json::Value::Bool(theirs)) => ours == theirs,
        (Value::Null, serde_json::Value::Null) => true,
        _ => false,
    }
}

fn has_huge_number(value: &Value) -> bool {
    match value {
        // serde_json gives up a little before the largest float.
        Value::Number(number) => number.as_f64().is_none_or(|number| number.abs() > 1.7e308),
        Value::Array(list) => list.iter().any(has_huge_number),
        Value::Object(map) => map.values().any(has_huge_number),
        _ => false,
    }
}

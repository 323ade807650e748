//! The scalars of proto JSON: what is accepted for each, and the one spelling it is given back in.

use std::time::Duration;

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Value, json};

/// A type of proto JSON that is not a message or an enum.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scalar {
    Bool,
    Int32,
    Int64,
    Number,
    Text,
    Bytes,
    Duration,
    Timestamp,
    Object,
    Empty,
    Any,
}

impl Scalar {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "bool" => Self::Bool,
            "int32" => Self::Int32,
            "int64" => Self::Int64,
            "number" => Self::Number,
            "string" => Self::Text,
            "bytes" => Self::Bytes,
            "duration" => Self::Duration,
            "timestamp" => Self::Timestamp,
            "object" => Self::Object,
            "empty" => Self::Empty,
            "any" => Self::Any,
            _ => return None,
        })
    }

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Bool => "true or false",
            Self::Int32 => "a 32-bit integer",
            Self::Int64 => "a 64-bit integer",
            Self::Number => "a number",
            Self::Text => "a string",
            Self::Bytes => "base64",
            Self::Duration => "a duration such as \"1.5s\"",
            Self::Timestamp => "a time such as \"2030-01-01T00:00:00Z\"",
            Self::Object => "an object",
            Self::Empty => "an empty object",
            Self::Any => "a value",
        }
    }

    /// The value in one spelling, or `None` when it is not of this type.
    pub(super) fn read(self, value: &Value) -> Option<Value> {
        match self {
            Self::Bool => value.as_bool().map(Value::from),
            Self::Int32 => integer(value).filter(|number| i32::try_from(*number).is_ok()).map(Value::from),
            Self::Int64 => integer(value).map(Value::from),
            Self::Number => number(value),
            Self::Text => value.is_string().then(|| value.clone()),
            Self::Bytes => value.as_str().filter(|text| is_base64(text)).map(Value::from),
            Self::Duration => value.as_str().filter(|text| duration(text).is_some()).map(Value::from),
            Self::Timestamp => value.as_str().filter(|text| timestamp(text).is_some()).map(Value::from),
            Self::Object => value.is_object().then(|| value.clone()),
            Self::Empty => value.as_object().filter(|object| object.is_empty()).map(|_| json!({})),
            Self::Any => Some(value.clone()),
        }
    }
}

/// The enum's name in upper case; the service reads any case, and numbers.
pub(super) fn enum_value(values: &[String], value: &Value) -> Option<Value> {
    let name = match value {
        Value::String(name) => values.iter().find(|known| known.eq_ignore_ascii_case(name))?,
        Value::Number(number) => values.get(usize::try_from(number.as_u64()?).ok()?)?,
        _ => return None,
    };
    Some(Value::from(name.as_str()))
}

/// The bytes behind base64 in either alphabet, with or without padding.
pub(crate) fn base64_bytes(text: &str) -> Option<Vec<u8>> {
    let engine = if text.contains(['-', '_']) { &URL_SAFE_BASE64 } else { &STANDARD_BASE64 };
    engine.decode(text).ok()
}

/// A duration of proto JSON: seconds with up to nine decimals and an `s`. Negative ones are of no use here.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let seconds: f64 = decimal(text.strip_suffix('s')?)?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// A time of proto JSON (RFC 3339), as the time since the Unix epoch.
pub(crate) fn timestamp(text: &str) -> Option<Duration> {
    // jiff reads ISO 8601 and more: a blank for the T, no seconds, a time zone's name behind the offset.
    let (date, time) = text.split_once(['T', 't'])?;
    let is_rfc3339 = date.len() == 10 && time.as_bytes().get(5) == Some(&b':') && !time.contains('[');
    let moment: jiff::Timestamp = text.parse().ok().filter(|_| is_rfc3339)?;
    moment.as_duration().try_into().ok()
}

fn decimal(text: &str) -> Option<f64> {
    let plain = !text.is_empty()
        && text.len() <= 24
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    plain.then(|| text.parse().ok())?
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?)),
        _ => None,
    }
}

fn whole(number: f64) -> Option<i64> {
    // 2^53: beyond it a floating-point number does not say which integer it is.
    let exact = number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0;
    exact.then_some(number as i64)
}

fn number(value: &Value) -> Option<Value> {
    match value {
        Value::Number(_) => Some(value.clone()),
        Value::String(text) => text.parse::<f64>().ok().map(Value::from),
        _ => None,
    }
}

fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let alphabet = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    body.len() % 4 != 1 && text.len() - body.len() <= 2 && body.bytes().all(alphabet)
}

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD_BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
const URL_SAFE_BASE64: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_timestamp_counts_from_the_epoch() {
        let cases = [
            ("1970-01-01T00:00:00Z", Some(0.0)),
            ("2026-11-20T12:30:15.250Z", Some(1_795_177_815.25)),
            ("2000-02-29T23:59:59+01:00", Some(951_865_199.0)),
            ("2030-01-01T00:00:00Z", Some(1_893_456_000.0)),
            ("2028-02-29t00:00:00z", Some(1_835_395_200.0)),
            ("2030-13-01T00:00:00Z", None),
            ("2030-02-30T00:00:00Z", None),
            ("1969-12-31T23:59:59Z", None),
            ("2030-01-01T00:00Z", None),
            ("20300101T000000Z", None),
            ("2030-01-01T00:00:00+01:00[Europe/Paris]", None),
            ("2030-01-01 00:00:00Z", None),
            ("2030-01-01T00:00:00", None),
            ("tomorrow", None),
        ];
        for (text, seconds) in cases {
            assert_eq!(timestamp(text).map(|time| time.as_secs_f64()), seconds, "{text}");
        }
    }

    #[test]
    fn both_base64_alphabets_are_read_with_and_without_padding() {
        assert_eq!(base64_bytes("+/8=").unwrap(), [251, 255]);
        assert_eq!(base64_bytes("-_8").unwrap(), [251, 255]);
        assert!(Scalar::Bytes.read(&json!("a b")).is_none());
        assert!(Scalar::Bytes.read(&json!("abcde")).is_none());
    }

    #[test]
    fn a_64_bit_integer_may_come_as_a_string() {
        assert_eq!(Scalar::Int64.read(&json!("12800")), Some(json!(12800)));
        assert_eq!(Scalar::Int64.read(&json!(12800.0)), Some(json!(12800)));
        assert_eq!(Scalar::Int32.read(&json!(4_000_000_000_i64)), None);
    }

    proptest! {
        #[test]
        fn no_text_breaks_a_scalar(text in ".*") {
            let value = Value::from(text.as_str());
            for scalar in [Scalar::Int64, Scalar::Number, Scalar::Bytes, Scalar::Duration, Scalar::Timestamp] {
                let _ = scalar.read(&value);
            }
            if is_base64(&text) {
                let _ = base64_bytes(&text);
            }
        }
    }
}

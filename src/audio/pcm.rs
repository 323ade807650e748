//! 16-bit PCM: conversion to and from floats, little-endian bytes and base64.

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use crate::error::{Code, Error};

/// The sample nearest to `value`, where ±1.0 is full scale.
///
/// Saturates (`+1.0` and above give 32767) and turns not-a-number into silence. Halves round up, as the worklet does.
pub fn from_f32(value: f32) -> i16 {
    from_f64(f64::from(value))
}

/// [`from_f32`] for a sum that was kept in double precision.
pub fn from_f64(value: f64) -> i16 {
    // A float to integer cast saturates and maps NaN to 0.
    (value * 32768.0 + 0.5).floor() as i16
}

/// The sample as a float in [-1, 1); exact.
pub fn to_f32(sample: i16) -> f32 {
    f32::from(sample) / 32768.0
}

/// The samples as little-endian bytes, as the wire wants them.
pub fn to_bytes(samples: &[i16]) -> Vec<u8> {
    samples.iter().flat_map(|sample| sample.to_le_bytes()).collect()
}

/// The samples in little-endian `bytes`; a last odd byte is left out.
pub fn from_bytes(bytes: &[u8]) -> impl ExactSizeIterator<Item = i16> + '_ {
    bytes.chunks_exact(2).map(|pair| match pair {
        [low, high] => i16::from_le_bytes([*low, *high]),
        _ => 0, // chunks_exact gives pairs only
    })
}

/// Appends the bytes that `text` stands for in base64. On failure `bytes` is as before.
///
/// Takes the standard and the URL-safe alphabet, even mixed; padding is optional.
pub fn decode_base64(text: &str, bytes: &mut Vec<u8>) -> Result<(), Error> {
    let start = bytes.len();
    let decoded = TOLERANT.decode_vec(text, bytes).or_else(|_| {
        bytes.truncate(start);
        TOLERANT.decode_vec(standard(text), bytes)
    });
    decoded.map_err(|_| {
        bytes.truncate(start);
        Error::new(Code::InvalidMessage, "The audio is not valid base64.")
            .with_remedy("The chunk was left out; check what stands between here and the service.")
            .with_field("inlineData.data")
    })
}

/// The text with the standard alphabet's characters in place of the URL-safe one's.
fn standard(text: &str) -> Vec<u8> {
    let character = |byte| match byte {
        b'-' => b'+',
        b'_' => b'/',
        other => other,
    };
    text.bytes().map(character).collect()
}

/// The service pads; proxies and other servers need not.
const TOLERANT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

    fn decoded(text: &str) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        decode_base64(text, &mut bytes).ok().map(|()| bytes)
    }

    #[test]
    fn full_scale_saturates_instead_of_wrapping() {
        let cases = [(1.0, 32767), (2.0, 32767), (-1.0, -32768), (-2.0, -32768), (0.0, 0)];
        for (value, sample) in cases {
            assert_eq!(from_f32(value), sample, "{value}");
        }
        assert_eq!(from_f32(f32::INFINITY), 32767);
        assert_eq!(from_f32(f32::NEG_INFINITY), -32768);
        assert_eq!(from_f32(f32::NAN), 0);
    }

    #[test]
    fn every_sample_survives_the_way_through_floats() {
        for sample in i16::MIN..=i16::MAX {
            assert_eq!(from_f32(to_f32(sample)), sample);
        }
    }

    #[test]
    fn conversion_rounds_to_the_nearest_sample() {
        assert_eq!(from_f32(0.49 / 32768.0), 0);
        assert_eq!(from_f32(0.51 / 32768.0), 1);
        assert_eq!(from_f32(-0.49 / 32768.0), 0);
        assert_eq!(from_f32(-0.51 / 32768.0), -1);
    }

    #[test]
    fn bytes_are_little_endian_and_a_last_odd_one_is_left_out() {
        assert_eq!(to_bytes(&[1, -2, 0x1234]), [1, 0, 0xfe, 0xff, 0x34, 0x12]);
        assert_eq!(from_bytes(&[1, 0, 0xfe, 0xff, 0x34]).collect::<Vec<_>>(), [1, -2]);
    }

    #[test]
    fn both_alphabets_are_read_with_and_without_padding() {
        for length in 0..70usize {
            let bytes: Vec<u8> = (0..length).map(|i| (i * 37 + 251 * length) as u8).collect();
            for engine in [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD] {
                assert_eq!(decoded(&engine.encode(&bytes)).as_ref(), Some(&bytes));
            }
        }
    }

    #[test]
    fn what_is_not_base64_is_refused_and_leaves_no_trace() {
        for text in ["A", "AAAAA", "AA AA", "AA\nA", "äAAA", "A===", "=", "AAAA=", "AAAA==", "A=AA"] {
            let mut bytes = vec![7];
            let error = decode_base64(text, &mut bytes).expect_err(text);
            assert_eq!((error.code, bytes), (Code::InvalidMessage, vec![7]));
        }
    }
}

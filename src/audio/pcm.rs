//! 16-bit PCM: conversion to and from floats, little-endian bytes and base64.

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
    let decoded = append_base64(text.as_bytes(), bytes);
    if decoded.is_none() {
        bytes.truncate(start);
    }
    decoded.ok_or_else(|| {
        Error::new(Code::InvalidMessage, "The audio is not valid base64.")
            .with_remedy("The chunk was left out; check what stands between here and the service.")
            .with_field("inlineData.data")
    })
}

fn append_base64(text: &[u8], bytes: &mut Vec<u8>) -> Option<()> {
    let body = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    if body.len() < text.len() && !text.len().is_multiple_of(4) {
        return None;
    }
    let start = bytes.len();
    bytes.resize(start + body.len() / 4 * 3, 0);
    let mut quads = body.chunks_exact(4);
    let triples = bytes.get_mut(start..).unwrap_or_default().chunks_exact_mut(3);
    for (quad, triple) in (&mut quads).zip(triples) {
        let [_, decoded @ ..] = sextets(quad)?.to_be_bytes();
        triple.copy_from_slice(&decoded);
    }
    let rest = quads.remainder();
    let bits = sextets(rest)?;
    match rest.len() {
        0 => {}
        2 => bytes.push((bits >> 4) as u8),
        3 => bytes.extend_from_slice(&[(bits >> 10) as u8, (bits >> 2) as u8]),
        _ => return None,
    }
    Some(())
}

/// The characters' 6-bit values, side by side; `None` if one is of neither alphabet.
fn sextets(characters: &[u8]) -> Option<u32> {
    let mut bits = 0;
    let mut wrong = 0;
    for &character in characters {
        let value = SEXTETS[usize::from(character)];
        wrong |= value;
        bits = bits << 6 | u32::from(value);
    }
    (wrong & WRONG == 0).then_some(bits)
}

const WRONG: u8 = 0x80;

/// What each byte stands for in base64, both alphabets in one table; [`WRONG`] where it stands for nothing.
const SEXTETS: [u8; 256] = {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut table = [WRONG; 256];
    let mut value = 0;
    while value < alphabet.len() {
        table[alphabet[value] as usize] = value as u8;
        value += 1;
    }
    table[b'-' as usize] = 62;
    table[b'_' as usize] = 63;
    table
};

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
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
        for text in ["A", "AAAAA", "AA AA", "AA\nA", "äAAA", "A===", "AA=", "=", "AAAA=", "AAAA==", "A=AA"] {
            let mut bytes = vec![7];
            let error = decode_base64(text, &mut bytes).expect_err(text);
            assert_eq!((error.code, bytes), (Code::InvalidMessage, vec![7]));
        }
    }
}

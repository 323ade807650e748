//! 16-bit PCM: conversion to and from floats, little-endian bytes and base64.

use std::{fmt, slice};

use super::PLAYBACK_RATE_HZ;
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
    bytes.as_chunks::<2>().0.iter().map(|pair| i16::from_le_bytes(*pair))
}

/// Samples, and the first half of one whose other half comes later.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Pcm {
    /// What is complete.
    pub samples: Vec<i16>,
    /// The byte that is left, if their number is odd.
    pub odd: Option<u8>,
    /// Samples per second.
    pub rate_hz: u32,
}

impl Pcm {
    /// How many samples this is at 24 kHz.
    #[must_use]
    pub fn samples_at_24_khz(&self) -> f64 {
        self.samples.len() as f64 * f64::from(PLAYBACK_RATE_HZ) / f64::from(self.rate_hz.max(1))
    }
}

/// How much it is: what was said is nobody's business.
impl fmt::Debug for Pcm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pcm").field("samples", &self.samples.len()).field("rate_hz", &self.rate_hz).finish()
    }
}

/// The PCM that `text` stands for in base64.
///
/// Takes the standard and the URL-safe alphabet, even mixed; padding is optional. Own code, because every sample that the
/// service speaks goes through it: optimised for size as the package is, it takes a fraction of the time of the `base64` crate's,
/// which the tests hold it against, and makes samples at once.
///
/// # Errors
///
/// When it is not base64.
pub fn from_base64(text: &str, rate_hz: u32) -> Result<Pcm, Error> {
    let body = text.trim_end_matches('=');
    let (eights, rest) = body.as_bytes().as_chunks::<8>();
    // `A` is no bit.
    let mut last = [b'A'; 8];
    last.iter_mut().zip(rest).for_each(|(place, character)| *place = *character);
    let mut samples = vec![0_i16; 3 * eights.len() + 3];
    let mut triples = samples.as_chunks_mut::<3>().0.iter_mut();
    let (over, padding) = (body.len() % 4, text.len() - body.len());
    // Looked at once at the end: a branch for each character would cost more than the characters do.
    let mut seen = if over == 1 || padding > (4 - over) % 4 { NO_DIGIT } else { 0 };
    for eights in [eights, slice::from_ref(&last)] {
        // Written out: optimised for size, an iterator over the eight or a function of them takes six times as long.
        for ([a, b, c, d, e, f, g, h], triple) in eights.iter().zip(triples.by_ref()) {
            let first = digit(*a) << 18 | digit(*b) << 12 | digit(*c) << 6 | digit(*d);
            let second = digit(*e) << 18 | digit(*f) << 12 | digit(*g) << 6 | digit(*h);
            seen |= first | second;
            *triple = [
                (first >> 16 | first & 0xff00) as i16,
                (first & 0xff | second >> 8 & 0xff00) as i16,
                (second >> 8 & 0xff | second << 8) as i16,
            ];
        }
    }
    if seen < 0 {
        return Err(Error::new(Code::InvalidMessage, "The audio is not valid base64.")
            .with_remedy("The chunk was left out; check what stands between here and the service.")
            .with_field("inlineData.data"));
    }
    let bytes = body.len() / 4 * 3 + over * 3 / 4;
    let odd = samples.get(bytes / 2).filter(|_| bytes % 2 == 1).map(|sample| *sample as u8);
    samples.truncate(bytes / 2);
    Ok(Pcm { samples, odd, rate_hz })
}

/// Appends `bytes` in base64: the standard alphabet, padded.
pub fn encode_base64(bytes: &[u8], text: &mut String) {
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| chunk.get(at).copied().unwrap_or(0);
        let bits = u32::from_be_bytes([0, byte(0), byte(1), byte(2)]);
        for digit in 0..4 {
            let value = (bits >> (18 - 6 * digit)) & 63;
            text.push(if digit > chunk.len() { '=' } else { char::from(ALPHABET[value as usize]) });
        }
    }
}

/// What `character` stands for, or [`NO_DIGIT`].
fn digit(character: u8) -> i32 {
    DIGITS.get(usize::from(character)).map_or(NO_DIGIT, |value| i32::from(*value))
}

/// In [`DIGITS`], for what is none: negative, and so is whatever it is put together with.
const NO_DIGIT: i32 = -1;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The value of each character that is a digit, in either alphabet.
static DIGITS: [i8; 256] = {
    let mut digits = [NO_DIGIT as i8; 256];
    let mut value = 0;
    while value < ALPHABET.len() {
        digits[ALPHABET[value] as usize] = value as i8;
        value += 1;
    }
    digits[b'-' as usize] = 62;
    digits[b'_' as usize] = 63;
    digits
};

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
    use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
    use base64::{Engine as _, alphabet};
    use std::hint::black_box;

    /// What the service may send, as the `base64` crate reads it.
    const ORACLE: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true),
    );

    fn by_oracle(text: &str) -> Option<Vec<u8>> {
        ORACLE.decode(text.replace('-', "+").replace('_', "/")).ok()
    }

    fn decoded(text: &str) -> Option<Vec<u8>> {
        let Pcm { samples, odd, .. } = from_base64(text, 24_000).ok()?;
        Some(to_bytes(&samples).into_iter().chain(odd).collect())
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
    fn bytes_are_written_as_the_base64_crate_writes_them() {
        for length in 0..800usize {
            let bytes: Vec<u8> = (0..length).map(|i| (i * 37 + 251 * length) as u8).collect();
            let mut text = "before ".to_owned();
            encode_base64(&bytes, &mut text);
            assert_eq!(text, ["before ", &STANDARD.encode(&bytes)].concat());
        }
    }

    #[test]
    fn what_is_not_base64_is_refused() {
        for text in ["A", "AAAAA", "AA AA", "AA\nA", "äAAA", "A===", "=", "AAAA=", "AAAA==", "A=AA"] {
            for text in [text.to_owned(), ["AAAAAAAA", text].concat(), [text, "AAAAAAAAAAAA"].concat()] {
                assert_eq!(by_oracle(&text), decoded(&text), "{text}");
            }
            assert_eq!(from_base64(text, 24_000).expect_err(text).code, Code::InvalidMessage);
        }
    }

    #[test]
    fn what_is_wrong_is_found_wherever_it_stands() {
        let text = STANDARD.encode([0xfb; 50]);
        for at in 0..text.len() {
            for wrong in ["!", "=", "é", "\"", " ", "\u{0}"] {
                let broken = [&text[..at], wrong, &text[at + 1..]].concat();
                assert_eq!(decoded(&broken), by_oracle(&broken), "{broken}");
            }
        }
    }

    #[test]
    fn what_is_said_is_measured_at_the_rate_of_the_speaker() {
        for (text, rate_hz, samples) in [
            ("", 24_000, 0.0),
            ("AAA=", 24_000, 1.0),
            ("AAAAAAAA", 24_000, 3.0),
            ("AAAAAA", 24_000, 2.0),
            ("AAA=", 16_000, 1.5),
        ] {
            assert_eq!(from_base64(text, rate_hz).map(|pcm| pcm.samples_at_24_khz()), Ok(samples), "{text}");
        }
    }

    #[test]
    fn any_text_is_read_as_the_base64_crate_reads_it() {
        let characters: Vec<char> = "AZaz09+/-_===é \u{7f}".chars().collect();
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) as usize
        };
        let mut valid = 0;
        for _ in 0..200_000 {
            // Mostly digits, or hardly a text would be valid.
            let length = next() % 30;
            let digits = if next() % 2 == 0 { 10 } else { characters.len() };
            let mut text: String = (0..length).map(|_| characters[next() % digits]).collect();
            text.extend(std::iter::repeat_n('=', next() % 4));
            assert_eq!(decoded(&text), by_oracle(&text), "{text:?}");
            valid += usize::from(decoded(&text).is_some());
        }
        assert!(valid > 20_000, "{valid}");
    }

    /// `cargo test --release base64_takes -- --nocapture`
    #[test]
    fn base64_takes_so_long() {
        for ms in [40, 250, 1_000] {
            let samples: Vec<i16> = (0..ms * 24).map(|i| (i * 7919 % 60_000 - 30_000) as i16).collect();
            let text = STANDARD.encode(to_bytes(&samples));
            let measure = |decode: &dyn Fn()| {
                let times = (0..200).map(|_| {
                    let start = std::time::Instant::now();
                    decode();
                    start.elapsed()
                });
                times.min().unwrap_or_default().as_secs_f64() * 1e6
            };
            let ours = measure(&|| drop(black_box(from_base64(&text, 24_000))));
            let theirs = measure(&|| drop(black_box(ORACLE.decode(&text))));
            println!("{ms} ms of speech: {ours:.2} us, the base64 crate {theirs:.2} us");
        }
    }
}

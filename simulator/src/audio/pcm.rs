//! PCM as it is on the wire and in WAV files.
//!
//! Files are read and written in 25 lines of our own: the last release of `hound`, 3.5.1, is of September 2023.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Little-endian 16-bit samples; an odd byte at the end is not a sample.
pub(crate) fn samples(bytes: &[u8]) -> Vec<i16> {
    bytes.chunks_exact(2).filter_map(|pair| pair.try_into().ok().map(i16::from_le_bytes)).collect()
}

/// Samples as base64 of little-endian bytes.
pub(crate) fn base64(samples: &[i16]) -> String {
    STANDARD.encode(bytes(samples))
}

/// The rate in `audio/pcm;rate=16000`; 16 kHz when none is given. `None` when it is not PCM, or the rate is
/// absurd.
pub(crate) fn rate_hz(mime_type: &str) -> Option<u32> {
    let mut parts = mime_type.split(';').map(str::trim);
    if !parts.next()?.eq_ignore_ascii_case("audio/pcm") {
        return None;
    }
    let rate = parts.find_map(|part| part.strip_prefix("rate="));
    rate.map_or(Some(super::INPUT_HZ), |rate| rate.parse().ok()).filter(|rate| RATES_HZ.contains(rate))
}

/// A mono WAV file.
pub(crate) fn wav(samples: &[i16], rate_hz: u32) -> Vec<u8> {
    let data = bytes(samples);
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX - 36);
    let mut file = Vec::with_capacity(data.len() + 44);
    file.extend(b"RIFF");
    file.extend((length + 36).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend(rate_hz.to_le_bytes());
    file.extend((rate_hz * 2).to_le_bytes());
    file.extend(b"\x02\0\x10\0data");
    file.extend(length.to_le_bytes());
    file.extend(data);
    file
}

/// The samples and the rate of a mono 16-bit WAV file. The sizes in its header are not trusted: a program
/// that writes to a pipe does not know them.
pub(crate) fn from_wav(file: &[u8]) -> Option<(Vec<i16>, u32)> {
    let rate: [u8; 4] = file.get(24..28)?.try_into().ok()?;
    let mono =
        file.starts_with(b"RIFF") && file.get(20..24)? == b"\x01\0\x01\0" && file.get(34..36)? == b"\x10\0";
    let data = file.windows(4).take(HEADER_BYTES).position(|window| window == b"data")?;
    mono.then_some((samples(file.get(data + 8..)?), u32::from_le_bytes(rate)))
}

fn bytes(samples: &[i16]) -> Vec<u8> {
    samples.iter().flat_map(|sample| sample.to_le_bytes()).collect()
}

const RATES_HZ: std::ops::RangeInclusive<u32> = 8_000..=96_000;

/// The `data` chunk begins within so many bytes.
const HEADER_BYTES: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mime_type_tells_the_rate() {
        let cases = [
            ("audio/pcm;rate=16000", Some(16_000)),
            ("audio/pcm; rate=48000", Some(48_000)),
            ("audio/pcm", Some(16_000)),
            ("AUDIO/PCM;rate=24000", Some(24_000)),
            ("audio/pcm;rate=5", None),
            ("audio/pcm;rate=fast", None),
            ("audio/wav", None),
            ("", None),
        ];
        for (mime_type, rate) in cases {
            assert_eq!(rate_hz(mime_type), rate, "{mime_type}");
        }
    }

    #[test]
    fn a_wav_file_gives_back_what_went_in() {
        let samples = [0, 1, -1, i16::MAX, i16::MIN];
        assert_eq!(from_wav(&wav(&samples, 22_050)), Some((samples.to_vec(), 22_050)));
        assert_eq!(from_wav(b"RIFF"), None);
    }
}

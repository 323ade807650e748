//! The form of what is sent: parts and rates of audio, names of fields.

use serde_json::{Value, json};

use super::outbox::Frame;
use crate::audio::resampler::Resampler;
use crate::audio::{OUTPUT_HZ, pcm};
use crate::behaviour::AudioForm;

/// An answer's sound on its way to the wire.
#[derive(Debug)]
pub(super) struct Voice {
    form: AudioForm,
    /// The answer at the wire's rate, where that is not the usual one.
    converted: Option<Vec<i16>>,
    /// Samples at 24 kHz that were asked for.
    asked: usize,
}

impl Voice {
    pub(super) fn new(form: AudioForm) -> Self {
        Self { form, converted: None, asked: 0 }
    }

    /// An answer begins: all of it, and its rate, which is the wire's unless nobody has brought it there.
    pub(super) fn begin(&mut self, (samples, from_hz): (&[i16], u32)) {
        self.asked = 0;
        let rate_hz = self.rate_hz();
        self.converted = (rate_hz != OUTPUT_HZ).then(|| Resampler::convert(samples, from_hz, rate_hz));
    }

    /// The next samples of the answer as the parts of a message.
    pub(super) fn parts(&mut self, samples: &[i16]) -> Value {
        let from = self.position();
        self.asked += samples.len();
        let sound = match &self.converted {
            None => samples,
            Some(converted) => converted.get(from..self.position().min(converted.len())).unwrap_or_default(),
        };
        let count = self.form.parts_per_message.clamp(1, MOST_PARTS) as usize;
        let mime_type = match self.form.names_rate {
            true => format!("audio/pcm;rate={}", self.rate_hz()),
            false => "audio/pcm".to_owned(),
        };
        let part = |samples| json!({"inlineData": {"mimeType": mime_type, "data": pcm::base64(samples)}});
        sound.chunks(sound.len().div_ceil(count).max(1)).map(part).collect()
    }

    fn position(&self) -> usize {
        (self.asked as u64 * u64::from(self.rate_hz()) / u64::from(OUTPUT_HZ)) as usize
    }

    /// The wire's.
    pub(super) fn rate_hz(&self) -> u32 {
        self.form.rate_hz.clamp(8_000, 96_000)
    }
}

/// The same frame with its fields' names in snake_case. What an application named itself stays.
pub(super) fn in_snake_case(frame: Frame, message: &Value) -> Frame {
    if !message.is_object() {
        return frame;
    }
    let mut message = message.clone();
    rename(&mut message);
    let json = format!("{message:#}\n");
    match frame {
        Frame::Binary(_) => Frame::Binary(json),
        Frame::Text(_) => Frame::Text(json),
    }
}

fn rename(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(rename),
        Value::Object(fields) => {
            let renamed = std::mem::take(fields).into_iter().map(|(name, mut value)| {
                if name != "args" {
                    rename(&mut value);
                }
                (snake_case(&name), value)
            });
            *fields = renamed.collect();
        }
        _ => {}
    }
}

fn snake_case(name: &str) -> String {
    let letters = name.chars().flat_map(|letter| {
        let lower = letter.to_ascii_lowercase();
        letter.is_ascii_uppercase().then_some('_').into_iter().chain([lower])
    });
    letters.collect()
}

const MOST_PARTS: u32 = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_services_names_change_and_the_applications_do_not() {
        let message =
            json!({"toolCall": {"functionCalls": [{"name": "getWeather", "args": {"cityName": "Oslo"}}]}});
        let Frame::Binary(json) = in_snake_case(Frame::Binary(String::new()), &message) else { panic!() };
        let wanted =
            json!({"tool_call": {"function_calls": [{"name": "getWeather", "args": {"cityName": "Oslo"}}]}});
        assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), wanted);
        let broken = Frame::Text("{".to_owned());
        assert_eq!(in_snake_case(broken.clone(), &Value::from("{")), broken);
    }

    #[test]
    fn the_parts_make_up_the_answer_at_any_rate() {
        for (rate_hz, parts_per_message) in [(24_000, 3), (16_000, 1), (48_000, 2), (44_100, 1)] {
            let form = AudioForm { rate_hz, parts_per_message, names_rate: true };
            let samples: Vec<i16> =
                (0..24_000).map(|index| ((index as f32 * 0.05).sin() * 9_000.0) as i16).collect();
            let mut voice = Voice::new(form);
            voice.begin((&samples, OUTPUT_HZ));
            let mut heard = Vec::new();
            for chunk in samples.chunks(5_280) {
                let parts = voice.parts(chunk);
                assert_eq!(parts.as_array().unwrap().len(), parts_per_message as usize);
                for part in parts.as_array().unwrap() {
                    assert_eq!(part["inlineData"]["mimeType"], format!("audio/pcm;rate={rate_hz}"));
                    let data = part["inlineData"]["data"].as_str().unwrap();
                    heard.extend(pcm::samples(&crate::schema::base64_bytes(data).unwrap()));
                }
            }
            assert_eq!(heard, Resampler::convert(&samples, 24_000, rate_hz));
            assert_eq!(heard.len(), rate_hz as usize);
        }
    }
}

//! Counting tokens as the service bills them: each turn pays for the whole context again.

use serde_json::{Map, Value, json};

use crate::settings::Compression;

/// Tokens of a context or a turn, by modality.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Context {
    pub(crate) text: u64,
    pub(crate) audio: u64,
    pub(crate) image: u64,
}

impl Context {
    /// So many samples of audio at `rate_hz`.
    pub(crate) fn audio(samples: usize, rate_hz: u32) -> Self {
        let tokens = (samples as u64 * AUDIO_TOKENS_PER_SECOND).div_ceil(u64::from(rate_hz.max(1)));
        Self { audio: tokens, ..Self::default() }
    }

    pub(crate) fn text(tokens: u64) -> Self {
        Self { text: tokens, ..Self::default() }
    }

    pub(crate) fn image() -> Self {
        Self { image: IMAGE_TOKENS, ..Self::default() }
    }

    pub(crate) fn total(self) -> u64 {
        self.text + self.audio + self.image
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.text = self.text.saturating_add(other.text);
        self.audio = self.audio.saturating_add(other.audio);
        self.image = self.image.saturating_add(other.image);
    }

    /// Drops the oldest once the context is over its trigger.
    pub(crate) fn compress(&mut self, compression: Option<Compression>) {
        let Some(Compression { trigger_tokens, target_tokens: target }) = compression else { return };
        let total = self.total();
        if total > trigger_tokens {
            let keep = |tokens: u64| {
                u64::try_from(u128::from(tokens) * u128::from(target) / u128::from(total)).unwrap_or(0)
            };
            *self = Self { text: keep(self.text), audio: keep(self.audio), image: keep(self.image) };
        }
    }

    fn details(self) -> Vec<Value> {
        [("TEXT", self.text), ("AUDIO", self.audio), ("IMAGE", self.image)]
            .into_iter()
            .filter(|(_, tokens)| *tokens > 0)
            .map(|(modality, tokens)| json!({"modality": modality, "tokenCount": tokens}))
            .collect()
    }
}

/// The `usageMetadata` of a turn. Zero counts and empty lists are left out, as the service leaves them out.
pub(crate) fn metadata(prompt: Context, response: Context, thoughts: u64) -> Value {
    let mut usage = Map::new();
    let mut count = |name: &str, tokens: u64| {
        if tokens > 0 {
            usage.insert(name.to_owned(), Value::from(tokens));
        }
    };
    count("promptTokenCount", prompt.total());
    count("responseTokenCount", response.total());
    count("thoughtsTokenCount", thoughts);
    count("totalTokenCount", prompt.total() + response.total() + thoughts);
    for (name, details) in
        [("promptTokensDetails", prompt.details()), ("responseTokensDetails", response.details())]
    {
        if !details.is_empty() {
            usage.insert(name.to_owned(), Value::Array(details));
        }
    }
    Value::Object(usage)
}

const AUDIO_TOKENS_PER_SECOND: u64 = 25;

const IMAGE_TOKENS: u64 = 258;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_of_audio_is_25_tokens() {
        assert_eq!(Context::audio(24_000, 24_000).audio, 25);
        assert_eq!(Context::audio(1, 16_000).audio, 1);
    }

    #[test]
    fn zero_counts_are_left_out() {
        let usage = metadata(Context::text(4), Context::default(), 0);
        assert_eq!(
            usage,
            json!({
                "promptTokenCount": 4,
                "totalTokenCount": 4,
                "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 4}],
            })
        );
    }

    #[test]
    fn compression_cuts_to_the_target_once_the_trigger_is_passed() {
        let compression = Some(Compression { trigger_tokens: 100, target_tokens: 40 });
        let mut context = Context { text: 50, audio: 50, image: 0 };
        context.compress(compression);
        assert_eq!(context.total(), 100);
        context.add(Context::text(100));
        context.compress(compression);
        assert!((38..=40).contains(&context.total()), "{context:?}");
    }
}

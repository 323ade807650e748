//! What the conversation has used.

use super::Session;
use crate::{
    error::{Code, Error, Warning, WarningCode},
    event::{LiveUsage, LocalEvent},
    json::{Map, Number, Value},
};

/// What a million tokens cost, in the currency of your own. Thoughts are counted as text of the response, what tools put in as
/// prompt, and tokens whose modality is not said as text.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Prices {
    /// A million tokens of text in the prompt.
    pub prompt_text: f64,
    /// A million tokens of audio in the prompt.
    pub prompt_audio: f64,
    /// A million tokens of pictures and video in the prompt.
    pub prompt_video: f64,
    /// A million tokens of text in the response.
    pub response_text: f64,
    /// A million tokens of audio in the response.
    pub response_audio: f64,
}

/// How much a session may use.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Budget {
    /// Tokens, of prompt and response together. Default without bound.
    pub tokens: f64,
    /// Cost, by the prices that are given. Default without bound.
    pub cost: f64,
    /// The share of either at which a warning comes, once. Default 0.8.
    pub warn_at: f64,
}

impl Default for Budget {
    fn default() -> Self {
        Self { tokens: f64::INFINITY, cost: f64::INFINITY, warn_at: 0.8 }
    }
}

impl Budget {
    /// Whether it can be kept with these prices.
    ///
    /// # Errors
    ///
    /// When it bounds the cost, and nobody says what anything costs: it would never be used up.
    pub fn check(&self, prices: &Prices) -> Result<(), Error> {
        if self.cost.is_finite() && !prices.is_any() {
            return Err(Error::new(Code::InvalidOption, COST_WITHOUT_PRICES).with_field("budget"));
        }
        Ok(())
    }
}

impl Prices {
    /// Whether there are any.
    pub(super) fn is_any(&self) -> bool {
        *self != Self::default()
    }

    /// What so many tokens cost; nothing where there are no prices.
    pub(super) fn cost(&self, usage: &Map) -> Option<f64> {
        let prompt = [self.prompt_text, self.prompt_audio, self.prompt_video];
        let response = [self.response_text, self.response_audio, self.response_text];
        let parts = [
            ("promptTokenCount", "promptTokensDetails", prompt),
            ("toolUsePromptTokenCount", "toolUsePromptTokensDetails", prompt),
            ("responseTokenCount", "responseTokensDetails", response),
            ("thoughtsTokenCount", "", response),
        ];
        let sum: f64 = parts.iter().map(|(name, details, prices)| part(usage, name, details, prices)).sum();
        self.is_any().then_some(sum / 1e6)
    }
}

/// What one count costs.
fn part(usage: &Map, name: &str, details: &str, [text, audio, video]: &[f64; 3]) -> f64 {
    let mut unsaid = count(&usage[name]);
    let mut sum = 0.0;
    for entry in usage[details].as_array().into_iter().flatten() {
        let tokens = count(&entry["tokenCount"]);
        let price = match entry["modality"].as_str() {
            Some("AUDIO") => audio,
            Some("IMAGE" | "VIDEO") => video,
            _ => text,
        };
        unsaid = unsaid.saturating_sub(tokens);
        sum += tokens as f64 * price;
    }
    sum + unsaid.max(0) as f64 * text
}

/// What the session has used.
#[derive(Debug, Default)]
pub(super) struct Usage {
    total: Map,
    /// The share of the budget.
    used: f64,
    is_low_told: bool,
}

impl Session {
    /// The service told what a turn used.
    pub(super) fn on_usage(&mut self, usage: &Map) {
        add(&mut self.usage.total, usage);
        let total = self.usage.total.clone();
        let cost = self.policy.prices.cost(&total);
        let budget = self.policy.budget;
        let tokens = share(count(&total["totalTokenCount"]) as f64, budget.tokens);
        self.usage.used = tokens.max(share(cost.unwrap_or_default(), budget.cost));
        self.emit(LocalEvent::Usage { usage: Box::new(LiveUsage::new(total, cost)) });
    }

    /// A frame was heard to its end: what it says besides is told before the session ends for it.
    pub(super) fn keep_budget(&mut self) {
        let used = self.usage.used;
        if !self.life.is_live() {
            return;
        }
        if used >= 1.0 {
            return self.fail(Error::new(Code::BudgetExhausted, "The session has used its budget."));
        }
        if used >= self.policy.budget.warn_at && !self.usage.is_low_told {
            self.usage.is_low_told = true;
            let share = [Number::from_thousandths(100.0 * used).as_str(), LOW].concat();
            self.warn(Warning::new(WarningCode::BudgetLow, share));
        }
    }
}

/// How much of a budget is used. One of nothing, or of less, or of what is no number, is used up: it must not last for ever.
fn share(used: f64, most: f64) -> f64 {
    if most > 0.0 { used / most } else { f64::INFINITY }
}

const COST_WITHOUT_PRICES: &str =
    "`budget.cost` needs `prices`: this library knows none, and without them nothing costs anything.";
const LOW: &str = " % of the budget are used. With the last of it the session ends.";

/// Adds the tokens of one `usageMetadata` to what was used before, field by field and by modality: each message counts its own
/// turn and no other.
pub(super) fn add(total: &mut Map, usage: &Map) {
    for (name, value) in usage {
        let sum = match (total.get_mut(name), value) {
            (Some(Value::Array(list)), Value::Array(more)) => {
                more.iter().filter_map(Value::as_object).for_each(|entry| add_modality(list, entry));
                continue;
            }
            (Some(before), Value::Number(_)) => count(before).saturating_add(count(value)).into(),
            _ => value.clone(),
        };
        total.insert(name.clone(), sum);
    }
}

fn add_modality(list: &mut Vec<Value>, entry: &Map) {
    let is_same = |known: &&mut Value| known["modality"] == entry["modality"];
    match list.iter_mut().find(is_same).and_then(Value::as_object_mut) {
        Some(known) => {
            let sum = count(&known["tokenCount"]).saturating_add(count(&entry["tokenCount"]));
            known.set("tokenCount", sum.into());
        }
        None => list.push(Value::Object(entry.clone())),
    }
}

/// A number of tokens; the service leaves out what is 0.
fn count(value: &Value) -> i64 {
    value.as_number().and_then(Number::to_integer).unwrap_or_default()
}

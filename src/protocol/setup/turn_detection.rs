//! Turn detection: named settings of the automatic activity detection.

use super::{Setup, prepare::lay_over};
use crate::{
    error::{Code, Error},
    protocol::json::{Map, Value, object},
};

/// Turn detection: how the service detects that the user speaks, and that the turn is over, under one name. What each stands for is
/// a row of the guide to turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TurnDetection {
    /// The answer comes soon: the shortest silence that the service's guide recommends.
    Quick,
    /// For most conversations: the middle of what it recommends.
    Balanced,
    /// For users who think while they speak: a silence well above what is usual, and below what is felt as a delay.
    Patient,
    /// For loud rooms: what is not clearly speech begins no turn.
    Noisy,
}

impl TurnDetection {
    /// The one of this name, in lower case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        ROWS.iter().find(|row| row.name == name).map(|row| row.of)
    }

    fn settings(self) -> Map {
        let mut settings = Map::new();
        for row in ROWS.iter().filter(|row| row.of == self) {
            let start = if row.starts_easily { "START_SENSITIVITY_HIGH" } else { "START_SENSITIVITY_LOW" };
            let end = if row.ends_easily { "END_SENSITIVITY_HIGH" } else { "END_SENSITIVITY_LOW" };
            settings.set("startOfSpeechSensitivity", start.into());
            settings.set("endOfSpeechSensitivity", end.into());
            settings.set("prefixPaddingMs", row.prefix_padding_ms.into());
            settings.set("silenceDurationMs", row.silence_duration_ms.into());
        }
        settings
    }
}

impl Setup {
    /// The same setup with what `detection` stands for, wherever it says nothing of its own.
    ///
    /// # Errors
    ///
    /// When the setup leaves it to the application to say when the user speaks.
    pub fn with_turn_detection(self, detection: TurnDetection) -> Result<Self, Error> {
        if self.is_manual_activity() {
            return Err(Error::new(Code::InvalidConfig, MANUAL)
                .with_remedy("Give one of the two.")
                .with_field("realtimeInputConfig.automaticActivityDetection.disabled"));
        }
        let settings = object("automaticActivityDetection", Value::Object(detection.settings()));
        let mut fields = Map::new();
        fields.set("realtimeInputConfig", settings);
        lay_over(&mut fields, self.fields);
        Ok(Self { fields })
    }
}

struct Row {
    of: TurnDetection,
    name: &'static str,
    starts_easily: bool,
    ends_easily: bool,
    prefix_padding_ms: u64,
    silence_duration_ms: u64,
}

const fn row(
    of: TurnDetection,
    name: &'static str,
    easily: [bool; 2],
    padding_and_silence_ms: [u64; 2],
) -> Row {
    let [starts_easily, ends_easily] = easily;
    let [prefix_padding_ms, silence_duration_ms] = padding_and_silence_ms;
    Row { of, name, starts_easily, ends_easily, prefix_padding_ms, silence_duration_ms }
}

// The service's guide (ai.google.dev/gemini-api/docs/live-guide) recommends 500 to 800 ms of silence, calls 100 to 200 too little
// and 2000 too much, and has 20 ms of padding in its examples. What padding is, its pages say differently: a sound that lasts less
// is no speech, or so much from before it belongs to it. A little is right either way; in loud rooms more is.
const ROWS: &[Row] = &[
    row(TurnDetection::Quick, "quick", [true, true], [20, 500]),
    row(TurnDetection::Balanced, "balanced", [true, false], [20, 650]),
    row(TurnDetection::Patient, "patient", [true, false], [20, 1500]),
    row(TurnDetection::Noisy, "noisy", [false, false], [200, 800]),
];

const MANUAL: &str =
    "Turn detection is the service's, and automaticActivityDetection.disabled leaves it to the application.";

#[cfg(test)]
mod tests {
    use super::TurnDetection;
    use crate::{
        error::Code,
        json::{Value, json},
        protocol::setup::prepare,
    };

    fn detection(config: Value, extra: Option<Value>, named: &str) -> Value {
        let detection = TurnDetection::named(named).expect("there is one of the name");
        let setup = prepare("m", config, extra).expect("usable").setup;
        let setup = setup.with_turn_detection(detection).expect("no conflict");
        setup.at("realtimeInputConfig").cloned().unwrap_or_default()
    }

    #[test]
    fn what_the_application_says_itself_wins() {
        let balanced = |changes: &[(&str, Value)]| {
            let mut wanted = json!({
                "startOfSpeechSensitivity": "START_SENSITIVITY_HIGH", "endOfSpeechSensitivity": "END_SENSITIVITY_LOW",
                "prefixPaddingMs": 20, "silenceDurationMs": 650,
            });
            for (field, value) in changes {
                wanted.as_object_mut().unwrap().insert((*field).to_owned(), value.clone());
            }
            wanted
        };
        let rows = [
            (json!({}), None, balanced(&[])),
            (
                json!({ "realtimeInputConfig": { "automaticActivityDetection": { "silenceDurationMs": 900 } } }),
                None,
                balanced(&[("silenceDurationMs", 900.into())]),
            ),
            (
                json!({ "realtime_input_config": { "automatic_activity_detection": { "prefix_padding_ms": 1 } } }),
                None,
                balanced(&[("prefixPaddingMs", 1.into())]),
            ),
            (
                json!({}),
                Some(
                    json!({ "realtimeInputConfig": { "automaticActivityDetection": { "disabled": false, "newer": 1 } } }),
                ),
                balanced(&[("disabled", false.into()), ("newer", 1.into())]),
            ),
        ];
        for (config, extra, wanted) in rows {
            let shown = config.to_json();
            assert_eq!(detection(config, extra, "balanced")["automaticActivityDetection"], wanted, "{shown}");
        }
        // What is beside it stays.
        let beside = json!({ "realtimeInputConfig": { "activityHandling": "NO_INTERRUPTION" } });
        assert_eq!(detection(beside, None, "quick")["activityHandling"], "NO_INTERRUPTION");
    }

    #[test]
    fn manual_activity_and_turn_detection_are_a_contradiction() {
        let manual =
            || json!({ "realtimeInputConfig": { "automaticActivityDetection": { "disabled": true } } });
        for (config, extra) in [(manual(), None), (json!({}), Some(manual()))] {
            let setup = prepare("m", config, extra).expect("usable").setup;
            let error = setup.with_turn_detection(TurnDetection::Quick).expect_err("it is one");
            assert_eq!(error.code, Code::InvalidConfig);
            assert_eq!(
                error.field.as_deref(),
                Some("realtimeInputConfig.automaticActivityDetection.disabled")
            );
        }
    }
}

//! What a connection goes through besides conversation, chosen by the model's name.

use std::time::Duration;

use serde_json::{Value, json};

use crate::behaviour::{Behaviour, Updates};
use crate::refusal::Refusal;

/// A connection's fate. [`Scenario::parrot`] is the plain one; the others differ from it in one thing each.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The model's name without `models/`.
    pub name: &'static str,
    /// What its users will see, in a sentence.
    pub summary: &'static str,
    /// How the setup is met.
    pub(crate) setup: SetupFate,
    /// Frames sent right after `setupComplete`.
    pub(crate) greeting: Vec<Value>,
    /// When `goAway` is sent, and how the connection ends if the client stays.
    pub(crate) go_away: GoAway,
    /// When the connection ends without a warning.
    pub(crate) end: Option<(Duration, End)>,
    /// A frame that is not JSON is sent in the middle of the first answer.
    pub(crate) breaks_a_frame: bool,
    /// What is sent at one moment shares one frame, and frames are text.
    pub(crate) bundles: bool,
    /// Answers come in small pieces, as fast as they are played.
    pub(crate) speaks_in_real_time: bool,
    /// Every turn calls the first declared function.
    pub(crate) always_calls: bool,
    /// Turns are never answered.
    pub(crate) silent: bool,
    /// How the service behaves where that is not known for certain.
    pub(crate) behaviour: Behaviour,
}

/// How a setup is met.
#[derive(Clone, Debug)]
pub(crate) enum SetupFate {
    /// `setupComplete` after this time.
    Accepted(Duration),
    /// The connection is closed.
    Refused(Refusal),
    /// The service looks for the model and does not find it.
    ModelNotFound,
    /// Nothing, for ever.
    Unanswered,
}

/// A warning and what follows it.
#[derive(Clone, Debug)]
pub(crate) struct GoAway {
    /// Since `setupComplete`.
    pub(crate) after: Duration,
    /// Between the warning and the end.
    pub(crate) time_left: Duration,
    /// The end.
    pub(crate) refusal: Refusal,
}

/// An end without a warning.
#[derive(Clone, Debug)]
pub(crate) enum End {
    /// A close frame.
    Closed(Refusal),
    /// The connection breaks without a close frame, as when a network fails.
    Dropped,
}

impl Scenario {
    /// The scenario of a model; models that are not the simulator's own get the plain one.
    #[must_use]
    pub fn of(model: &str) -> Self {
        let name = model.strip_prefix("models/").unwrap_or(model);
        let own = SCENARIOS.iter().map(|scenario| scenario()).find(|scenario| scenario.name == name);
        match own {
            Some(scenario) => scenario,
            None if name.starts_with("sim-") => Self::not_found(),
            None => Self::parrot(),
        }
    }

    /// Every scenario, for listings.
    #[must_use]
    pub fn all() -> Vec<Self> {
        SCENARIOS.iter().map(|scenario| scenario()).collect()
    }

    /// Answers what it hears with the speaker's own words. A connection lasts ten minutes.
    #[must_use]
    pub fn parrot() -> Self {
        Self {
            name: "sim-parrot",
            summary: "answers with the speaker's own words",
            setup: SetupFate::Accepted(Duration::ZERO),
            greeting: Vec::new(),
            go_away: GoAway {
                after: Duration::from_secs(600),
                time_left: Duration::from_secs(50),
                refusal: Refusal::aborted("ten minutes are over"),
            },
            end: None,
            breaks_a_frame: false,
            bundles: false,
            speaks_in_real_time: false,
            always_calls: false,
            silent: false,
            behaviour: Behaviour::default(),
        }
    }

    fn text() -> Self {
        Self { name: "sim-text", summary: "also answers in text (responseModalities TEXT)", ..Self::parrot() }
    }

    fn go_away() -> Self {
        let go_away = GoAway {
            after: Duration::from_secs(1),
            time_left: Duration::from_secs(2),
            refusal: Refusal::aborted("goAway ran out"),
        };
        Self {
            name: "sim-go-away",
            summary: "goAway after 1 s, closed 2 s later (1008)",
            go_away,
            ..Self::parrot()
        }
    }

    fn deadline() -> Self {
        let refusal = Refusal::server("Deadline expired before operation could complete.", "goAway ran out");
        let go_away = GoAway { refusal, ..Self::go_away().go_away };
        Self {
            name: "sim-deadline",
            summary: "goAway after 1 s, closed 2 s later (1011)",
            go_away,
            ..Self::parrot()
        }
    }

    fn refuse_1007() -> Self {
        let setup = SetupFate::Refused(Refusal::invalid_argument("the scenario refuses every setup"));
        Self { name: "sim-refuse-1007", summary: "refuses the setup (1007)", setup, ..Self::parrot() }
    }

    fn quota() -> Self {
        let reason = "You exceeded your current quota, please check your plan and billing details.";
        let setup = SetupFate::Refused(Refusal::server(reason, "the scenario refuses every setup"));
        Self { name: "sim-quota", summary: "refuses the setup: quota (1011)", setup, ..Self::parrot() }
    }

    fn unavailable() -> Self {
        let reason = "The service is currently unavailable.";
        let setup = SetupFate::Refused(Refusal::server(reason, "the scenario refuses every setup"));
        Self {
            name: "sim-unavailable",
            summary: "refuses the setup: unavailable (1011)",
            setup,
            ..Self::parrot()
        }
    }

    fn not_found() -> Self {
        let setup = SetupFate::ModelNotFound;
        Self {
            name: "sim-not-found",
            summary: "refuses the setup: no such model (1008)",
            setup,
            ..Self::parrot()
        }
    }

    fn half_open() -> Self {
        let setup = SetupFate::Unanswered;
        Self {
            name: "sim-half-open",
            summary: "accepts the socket, never answers the setup",
            setup,
            ..Self::parrot()
        }
    }

    fn slow_setup() -> Self {
        let setup = SetupFate::Accepted(Duration::from_secs(3));
        Self { name: "sim-slow-setup", summary: "answers the setup after 3 s", setup, ..Self::parrot() }
    }

    fn bad_json() -> Self {
        let summary = "sends one frame that is not JSON in the middle of its first answer";
        Self { name: "sim-bad-json", summary, breaks_a_frame: true, ..Self::parrot() }
    }

    fn close_1011() -> Self {
        let refusal = Refusal::server("Internal error encountered.", "the scenario closes every session");
        let end = Some((Duration::from_secs(1), End::Closed(refusal)));
        Self { name: "sim-close-1011", summary: "closes the session after 1 s (1011)", end, ..Self::parrot() }
    }

    fn drop() -> Self {
        let end = Some((Duration::from_secs(1), End::Dropped));
        Self {
            name: "sim-drop",
            summary: "breaks the connection after 1 s, no close frame",
            end,
            ..Self::parrot()
        }
    }

    fn bundled() -> Self {
        let summary = "sends what belongs to one moment in one frame, as text frames";
        Self { name: "sim-bundled", summary, bundles: true, ..Self::parrot() }
    }

    fn real_time() -> Self {
        let summary = "speaks in pieces of 40 ms, as fast as they are played";
        Self { name: "sim-real-time", summary, speaks_in_real_time: true, ..Self::parrot() }
    }

    fn tool() -> Self {
        let summary = "calls the first declared function in every turn, spoken ones too";
        Self { name: "sim-tool", summary, always_calls: true, ..Self::parrot() }
    }

    fn silent() -> Self {
        Self { name: "sim-silent", summary: "listens, never answers", silent: true, ..Self::parrot() }
    }

    fn handles() -> Self {
        let updates = Updates { every_ms: Some(1200), ..Updates::default() };
        Self {
            name: "sim-handles",
            summary: "a resumption handle every 1.2 s, unasked",
            behaviour: Behaviour { updates, ..Behaviour::default() },
            ..Self::parrot()
        }
    }

    fn error() -> Self {
        let greeting = vec![
            json!({"error": {"code": 500, "message": "Internal error encountered.", "status": "INTERNAL"}}),
        ];
        Self {
            name: "sim-error",
            summary: "sends a top-level error message and goes on",
            greeting,
            ..Self::parrot()
        }
    }

    fn future() -> Self {
        let greeting = vec![
            json!({"serverContent": {}}),
            json!({"weatherReport": {"sky": "blue"}, "serverContent": {"interactionStatus": "DREAMING"}}),
            json!({"serverContent": {"mood": {"level": 3}}}),
            json!({"serverContent": {"modelTurn": {"parts": [{"scent": {"data": "bGlsYWM="}}]}}}),
        ];
        Self {
            name: "sim-future",
            summary: "sends fields and enum values nobody knows",
            greeting,
            ..Self::parrot()
        }
    }
}

const SCENARIOS: [fn() -> Scenario; 20] = [
    Scenario::parrot,
    Scenario::text,
    Scenario::tool,
    Scenario::bundled,
    Scenario::real_time,
    Scenario::bad_json,
    Scenario::future,
    Scenario::error,
    Scenario::handles,
    Scenario::silent,
    Scenario::slow_setup,
    Scenario::half_open,
    Scenario::refuse_1007,
    Scenario::not_found,
    Scenario::quota,
    Scenario::unavailable,
    Scenario::go_away,
    Scenario::deadline,
    Scenario::close_1011,
    Scenario::drop,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_model_is_a_parrot_and_a_misspelt_one_of_ours_is_not_found() {
        assert_eq!(Scenario::of("models/gemini-3.1-flash-live-preview").name, "sim-parrot");
        assert_eq!(Scenario::of("models/sim-go-away").name, "sim-go-away");
        assert_eq!(Scenario::of("models/sim-parot").name, "sim-not-found");
    }

    #[test]
    fn the_readme_lists_every_scenario() {
        let readme = include_str!("../README.md");
        for Scenario { name, summary, .. } in Scenario::all() {
            let row = format!("| `{name}` | {summary} |");
            assert!(readme.lines().any(|line| line == row), "{row}");
        }
        assert_eq!(readme.matches("\n| `sim-").count(), SCENARIOS.len());
    }

    #[test]
    fn every_scenario_has_a_name_of_its_own() {
        let mut names: Vec<_> = Scenario::all().iter().map(|scenario| scenario.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), SCENARIOS.len());
    }
}

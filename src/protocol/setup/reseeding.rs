//! How a model is told what was said before its session began.

use super::{
    Setup,
    model_checks::{FLEETING, V3_1},
};

/// How the history of a conversation is given to a fresh session. Either way nothing is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reseeding {
    /// The setup declares it by `historyConfig`, and client content that completes a turn ends it.
    Declared,
    /// As client content of a turn that is left open.
    Undeclared,
}

/// How the model of this setup is told a history; `None` where it has no conversation. Only those take it as declared that take it in no
/// other way: a token may carry another setup than this one, and a history that is not known as such would be answered.
#[must_use]
pub fn reseeding(setup: &Setup) -> Option<Reseeding> {
    let is_declared = setup.takes_history() || V3_1.includes(setup.model());
    let way = if is_declared { Reseeding::Declared } else { Reseeding::Undeclared };
    (!FLEETING.includes(setup.model())).then_some(way)
}

#[cfg(test)]
mod tests {
    use super::{Reseeding, reseeding};
    use crate::{json::json, protocol::setup::prepare};

    #[test]
    fn each_family_is_told_its_history_in_the_way_that_it_takes() {
        let declared = json!({ "historyConfig": { "initialHistoryInClientContent": true } });
        for (model, config, way) in [
            ("gemini-3.1-flash-live-preview", json!({}), Some(Reseeding::Declared)),
            ("gemini-3.8-live", json!({}), Some(Reseeding::Undeclared)),
            ("gemini-3.8-live", declared.clone(), Some(Reseeding::Declared)),
            ("gemini-2.5-flash-native-audio-latest", json!({}), Some(Reseeding::Undeclared)),
            ("gemini-3.5-live-translate-preview", json!({}), None),
            ("gemini-3.5-transcribe-live", declared, None),
        ] {
            let setup = prepare(model, config, None).expect("usable").setup;
            assert_eq!(reseeding(&setup), way, "{model}");
        }
    }
}

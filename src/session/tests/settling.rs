//! Every call of a function is settled once, whatever happens in whatever order.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{
    calls::{call, response},
    *,
};

/// What a call is to the one who looks on.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Open,
    Answered,
    Cancelled,
}

#[derive(Clone, Debug)]
enum Step {
    Call(u8),
    Cancel(u8),
    /// Answers in one message, each with whether it continues.
    Answer(Vec<(u8, bool)>),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let id = || 0..4_u8;
    let step = prop_oneof![
        3 => id().prop_map(Step::Call),
        2 => id().prop_map(Step::Cancel),
        4 => proptest::collection::vec((id(), any::<bool>()), 1..4).prop_map(Step::Answer),
    ];
    proptest::collection::vec(step, 0..40)
}

/// The answers that were sent, by id.
fn answered(actions: &[Action]) -> Vec<u8> {
    let texts = sent(actions);
    let messages = texts.iter().map(|text| serde_json::from_str::<serde_json::Value>(text).expect("JSON"));
    let lists = messages.map(|message| message["toolResponse"]["functionResponses"].clone());
    let all = lists.flat_map(|list| list.as_array().cloned().unwrap_or_default());
    all.map(|answer| answer["id"].as_str().and_then(|id| id.parse().ok()).expect("an id")).collect()
}

proptest! {
    /// Whatever is called, cancelled and answered in whatever order: nothing is sent to a call that was cancelled or has its
    /// answer, nothing is withheld without a word, and whoever has an open call can answer it.
    #[test]
    fn every_call_is_answered_or_cancelled_once(steps in steps()) {
        let mut talk = Talk::open();
        let mut fates: BTreeMap<u8, Fate> = BTreeMap::new();
        for step in steps {
            match step {
                Step::Call(id) => {
                    talk.frame(call(&[&id.to_string()]));
                    fates.insert(id, Fate::Open);
                }
                Step::Cancel(id) => {
                    talk.frame(json!({ "toolCallCancellation": { "ids": [id.to_string()] } }));
                    fates.insert(id, Fate::Cancelled);
                }
                Step::Answer(list) => {
                    let responses = list.iter().map(|(id, continues)| {
                        let mut answer = response(&id.to_string());
                        answer["willContinue"] = json!(continues);
                        answer
                    });
                    let actions = talk.answer(responses.collect());
                    let (mut expected, mut words) = (Vec::new(), Vec::new());
                    for (id, continues) in list {
                        let fate = fates.get(&id).copied();
                        match fate {
                            Some(Fate::Cancelled) => words.push("cancelled-call"),
                            Some(Fate::Answered) => words.push("answered-call"),
                            Some(Fate::Open) => expected.push(id),
                            None => {
                                words.push("unknown-call");
                                expected.push(id);
                            }
                        }
                        if !continues && matches!(fate, None | Some(Fate::Open)) {
                            fates.insert(id, Fate::Answered);
                        }
                    }
                    prop_assert_eq!(answered(&actions), expected);
                    prop_assert_eq!(warning_codes(actions), words);
                }
            }
        }
    }
}

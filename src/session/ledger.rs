//! The function calls of the model: which are open, which were cancelled, which hold the microphone.

use crate::{
    json::Value,
    protocol::{holds, message::AnsweredCall, setup::Setup},
};

/// Every call the model made, until it is answered.
#[derive(Debug)]
pub(super) struct Ledger {
    open: Vec<Call>,
    cancelled: Vec<String>,
    /// Whether this model takes no audio while a call that it waits for is open: it closes the session instead.
    is_strict: bool,
    /// Functions that the model does not wait for.
    non_blocking: Vec<String>,
    /// The conversation began before this session: so may calls have that it is to answer.
    is_resumed: bool,
}

#[derive(Debug)]
struct Call {
    id: String,
    is_blocking: bool,
}

/// What is to be said of an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Standing {
    Expected,
    /// The model has taken the call back: it wants no answer.
    Cancelled,
    /// No such call is open.
    Unknown,
}

impl Ledger {
    pub(super) fn new(setup: &Setup) -> Self {
        let lists = setup.at("tools").and_then(Value::as_array).into_iter().flatten();
        let functions = lists.filter_map(|tool| tool.get("functionDeclarations")?.as_array()).flatten();
        let unwaited = functions
            .filter(|function| function.get("behavior").and_then(Value::as_str) == Some("NON_BLOCKING"));
        Self {
            open: Vec::new(),
            cancelled: Vec::new(),
            is_strict: holds(setup.model(), "-2.5-"),
            non_blocking: unwaited
                .filter_map(|function| Some(function.get("name")?.as_str()?.to_owned()))
                .collect(),
            is_resumed: setup.at("sessionResumption.handle").is_some(),
        }
    }

    /// Calls, by id and name.
    pub(super) fn on_calls<'a>(&mut self, calls: impl Iterator<Item = (&'a str, &'a str)>) {
        for (id, name) in calls {
            let is_blocking = !self.non_blocking.iter().any(|known| known == name);
            keep(&mut self.open, Call { id: id.to_owned(), is_blocking });
        }
    }

    pub(super) fn on_cancelled<'a>(&mut self, ids: impl Iterator<Item = &'a str>) {
        for id in ids {
            self.open.retain(|call| call.id != id);
            keep(&mut self.cancelled, id.to_owned());
        }
    }

    pub(super) fn standing(&self, id: &str) -> Standing {
        if self.cancelled.iter().any(|cancelled| cancelled == id) {
            Standing::Cancelled
        } else if self.is_resumed || self.open.iter().any(|call| call.id == id) {
            Standing::Expected
        } else {
            Standing::Unknown
        }
    }

    /// An answer has been sent.
    pub(super) fn on_answered(&mut self, answer: &AnsweredCall) {
        if !answer.will_continue {
            self.open.retain(|call| call.id != answer.id);
        }
    }

    /// Whether audio must not be sent now.
    pub(super) fn holds_audio(&self) -> bool {
        self.is_strict && self.open.iter().any(|call| call.is_blocking)
    }
}

fn keep<T>(list: &mut Vec<T>, item: T) {
    if list.len() >= MOST_CALLS {
        list.remove(0);
    }
    list.push(item);
}

/// Calls that are remembered. No conversation has so many open at once; a service gone wrong might.
const MOST_CALLS: usize = 1024;

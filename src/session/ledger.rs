//! The function calls of the model: which are open, which were cancelled, which hold the microphone.

use std::time::Duration;

use crate::{
    json::Value,
    protocol::{holds, message::AnsweredCall, setup::Setup},
    time::Instant,
};

/// Every call the model made, until it is answered.
#[derive(Debug)]
pub(super) struct Ledger {
    open: Vec<Call>,
    cancelled: Vec<String>,
    /// Calls that have had their last answer.
    answered: Vec<String>,
    /// Whether this model takes no audio while a call that it waits for is open: it closes the session instead.
    is_strict: bool,
    /// Whether the model waits for a function that says nothing of it.
    is_waiting: bool,
    /// Functions that say the opposite.
    exceptions: Vec<String>,
    /// The conversation began before this session: so may calls have that it is to answer.
    is_resumed: bool,
}

#[derive(Debug)]
struct Call {
    id: String,
    is_blocking: bool,
    /// When to say that nobody answers it. Of one that the model does not wait for that is not said.
    overdue: Option<Instant>,
}

/// What is to be said of an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Standing {
    Expected,
    /// The model has taken the call back: it wants no answer.
    Cancelled,
    /// It has its answer: the service may close the session for another.
    Answered,
    /// No such call is open.
    Unknown,
}

impl Ledger {
    pub(super) fn new(setup: &Setup) -> Self {
        let lists = setup.at("tools").and_then(Value::as_array).into_iter().flatten();
        let functions = lists.filter_map(|tool| tool.get("functionDeclarations")?.as_array()).flatten();
        let is_waiting = !holds(setup.model(), "3.8-live");
        let opposite = if is_waiting { "NON_BLOCKING" } else { "BLOCKING" };
        let exceptions =
            functions.filter(|function| function.get("behavior").and_then(Value::as_str) == Some(opposite));
        Self {
            open: Vec::new(),
            cancelled: Vec::new(),
            answered: Vec::new(),
            is_strict: holds(setup.model(), "-2.5-"),
            is_waiting,
            exceptions: exceptions
                .filter_map(|function| Some(function.get("name")?.as_str()?.to_owned()))
                .collect(),
            is_resumed: setup.at("sessionResumption.handle").is_some(),
        }
    }

    /// Calls, by id and name. One that is made again is open again: its answer was lost with a link.
    pub(super) fn on_calls<'a>(&mut self, calls: impl Iterator<Item = (&'a str, &'a str)>, now: Instant) {
        for (id, name) in calls {
            let is_blocking = self.is_waiting != self.exceptions.iter().any(|known| known == name);
            self.forget(id);
            let overdue = is_blocking.then_some(now + UNANSWERED);
            keep(&mut self.open, Call { id: id.to_owned(), is_blocking, overdue });
        }
    }

    fn forget(&mut self, id: &str) {
        self.open.retain(|call| call.id != id);
        self.cancelled.retain(|cancelled| cancelled != id);
        self.answered.retain(|answered| answered != id);
    }

    pub(super) fn on_cancelled<'a>(&mut self, ids: impl Iterator<Item = &'a str>) {
        for id in ids {
            self.forget(id);
            keep(&mut self.cancelled, id.to_owned());
        }
    }

    pub(super) fn standing(&self, id: &str) -> Standing {
        if self.cancelled.iter().any(|cancelled| cancelled == id) {
            Standing::Cancelled
        } else if self.open.iter().any(|call| call.id == id) {
            Standing::Expected
        } else if self.answered.iter().any(|answered| answered == id) {
            Standing::Answered
        } else if self.is_resumed {
            Standing::Expected
        } else {
            Standing::Unknown
        }
    }

    /// An answer has been sent.
    pub(super) fn on_answered(&mut self, answer: &AnsweredCall) {
        if !answer.will_continue {
            self.forget(&answer.id);
            keep(&mut self.answered, answer.id.clone());
        }
    }

    /// An answer did not leave after all: another may.
    pub(super) fn on_unsent(&mut self, answer: &AnsweredCall) {
        if self.standing(&answer.id) == Standing::Answered {
            self.forget(&answer.id);
            keep(&mut self.open, Call { id: answer.id.clone(), is_blocking: true, overdue: None });
        }
    }

    /// The calls that nobody has answered for too long, each once.
    pub(super) fn overdue(&mut self, now: Instant) -> Vec<String> {
        let due = self.open.iter_mut().filter(|call| call.overdue.is_some_and(|due| due <= now));
        due.map(|call| {
            call.overdue = None;
            call.id.clone()
        })
        .collect()
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.open.iter().filter_map(|call| call.overdue).reduce(Instant::min)
    }

    /// The service has forgotten the conversation, and every call of it. Returns those that were open.
    pub(super) fn withdraw(&mut self) -> Vec<String> {
        self.is_resumed = false;
        let ids: Vec<_> = std::mem::take(&mut self.open).into_iter().map(|call| call.id).collect();
        ids.iter().for_each(|id| keep(&mut self.cancelled, id.clone()));
        ids
    }

    /// Whether the model waits for an answer.
    pub(super) fn is_waited_for(&self) -> bool {
        self.open.iter().any(|call| call.is_blocking)
    }

    /// Whether audio must not be sent now.
    pub(super) fn holds_audio(&self) -> bool {
        self.is_strict && self.is_waited_for()
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
/// Longer than handlers have unless they are given more.
const UNANSWERED: Duration = Duration::from_secs(60);

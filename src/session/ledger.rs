//! The function calls of the model: which are open, which were cancelled, which hold the microphone.

use std::time::Duration;

use super::{
    ConnId,
    outbox::{Parcel, Sent},
};
use crate::{
    json::Value,
    protocol::{
        holds,
        message::{AnsweredCall, Kind, Message},
        server::{EventKind, ServerEvent},
        setup::Setup,
    },
    time::Instant,
};

/// Every call the model made, and what became of it.
#[derive(Debug)]
pub(super) struct Ledger {
    calls: Vec<Call>,
    /// Whether this model takes no audio while a call that it waits for is open: it closes the session instead.
    is_strict: bool,
    /// Whether the model waits for a function that says nothing of it.
    is_waiting: bool,
    /// Functions that say the opposite.
    exceptions: Vec<String>,
    /// The conversation began before this session: so may calls have that it is to answer.
    is_resumed: bool,
    /// Answers that sockets were given and the last good handle does not know, and how often they were taken back. Whoever goes on with it waits for them, as far as it
    /// knows the calls.
    answers: Vec<(u8, Message)>,
}

#[derive(Debug)]
struct Call {
    id: String,
    /// Over which link it came, if it did in this session.
    conn: Option<ConnId>,
    is_blocking: bool,
    fate: Fate,
    /// The last good handle is younger: whoever goes on with that knows of the call.
    is_in_handle: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Open {
        /// When to say that nobody answers it. Of one that the model does not wait for that is not said.
        overdue: Option<Instant>,
    },
    /// The model has taken it back, or the service has forgotten it.
    Cancelled,
    /// It has had its last answer.
    Answered,
}

/// What is to be said of an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Standing {
    Expected,
    /// Nobody waits for it any more.
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
            calls: Vec::new(),
            is_strict: holds(setup.model(), "-2.5-"),
            is_waiting,
            exceptions: exceptions
                .filter_map(|function| Some(function.get("name")?.as_str()?.to_owned()))
                .collect(),
            is_resumed: setup.at("sessionResumption.handle").is_some(),
            answers: Vec::new(),
        }
    }

    /// Takes out of an event what its link has told before: a call that is open is not made again, nor one taken back twice. Nothing is
    /// left of some.
    pub(super) fn news(&self, conn: ConnId, mut event: ServerEvent) -> Option<ServerEvent> {
        let is_known: &dyn Fn(&Value) -> bool = match event.kind {
            EventKind::ToolCall => &|call| {
                let id = call.get("id").and_then(Value::as_str);
                id.and_then(|id| self.find(id)).is_some_and(|call| call.is_open() && call.conn == Some(conn))
            },
            EventKind::ToolCallCancellation => {
                &|id| id.as_str().is_some_and(|id| self.standing(id) == Standing::Cancelled)
            }
            _ => return Some(event),
        };
        let field = if event.kind == EventKind::ToolCall { "functionCalls" } else { "ids" };
        let Some(list) = event.fields.get_mut(field).and_then(Value::as_array_mut) else {
            return Some(event);
        };
        let was_empty = list.is_empty();
        list.retain(|item| !is_known(item));
        (was_empty || !list.is_empty()).then_some(event)
    }

    /// Calls, by id and name. One that is made again is open again: its answer was lost with a link, or its id is used anew.
    pub(super) fn on_calls<'a>(
        &mut self,
        conn: ConnId,
        calls: impl Iterator<Item = (&'a str, &'a str)>,
        now: Instant,
    ) {
        for (id, name) in calls {
            let is_blocking = self.is_waiting != self.exceptions.iter().any(|known| known == name);
            self.calls.retain(|call| call.id != id);
            let overdue = is_blocking.then_some(now + UNANSWERED);
            self.keep(id, Some(conn), is_blocking, Fate::Open { overdue });
        }
    }

    fn find(&self, id: &str) -> Option<&Call> {
        self.calls.iter().find(|call| call.id == id)
    }

    fn keep(&mut self, id: &str, conn: Option<ConnId>, is_blocking: bool, fate: Fate) {
        if self.calls.len() >= MOST_CALLS {
            // What is open is asked for again.
            let settled = self.calls.iter().position(|call| !call.is_open());
            self.calls.remove(settled.unwrap_or_default());
        }
        self.calls.push(Call { id: id.to_owned(), conn, is_blocking, fate, is_in_handle: false });
    }

    fn settle(&mut self, id: &str, fate: Fate) {
        match self.calls.iter_mut().find(|call| call.id == id) {
            Some(call) => call.fate = fate,
            None => self.keep(id, None, true, fate),
        }
    }

    pub(super) fn on_cancelled<'a>(&mut self, ids: impl Iterator<Item = &'a str>) {
        for id in ids {
            self.settle(id, Fate::Cancelled);
        }
    }

    pub(super) fn standing(&self, id: &str) -> Standing {
        match self.find(id).map(|call| call.fate) {
            Some(Fate::Open { .. }) => Standing::Expected,
            Some(Fate::Cancelled) => Standing::Cancelled,
            Some(Fate::Answered) => Standing::Answered,
            None if self.is_resumed => Standing::Expected,
            None => Standing::Unknown,
        }
    }

    /// An answer has been sent.
    pub(super) fn on_answered(&mut self, answer: &AnsweredCall) {
        if !answer.will_continue {
            self.settle(&answer.id, Fate::Answered);
        }
    }

    /// A socket is given a message with answers, which was taken back so often. As long as the handle is older, it may be needed
    /// again.
    pub(super) fn on_given(&mut self, message: &Message, returns: u8) {
        if answered(message).is_empty() {
            return;
        }
        if self.answers.len() >= MOST_ANSWERS {
            self.answers.remove(0);
        }
        self.answers.push((returns, message.clone()));
    }

    fn is_in_handle(&self, id: &str) -> bool {
        self.calls.iter().any(|call| call.id == id && call.is_in_handle)
    }

    /// A message did not leave after all.
    pub(super) fn forget(&mut self, message: &Message) {
        self.answers.retain(|(_, given)| given.text != message.text);
    }

    /// Another answer may be given to what it answers.
    pub(super) fn reopen(&mut self, message: &Message) {
        for AnsweredCall { id, .. } in answered(message) {
            if self.standing(id) == Standing::Answered {
                self.settle(id, Fate::Open { overdue: None });
            }
        }
    }

    /// What the last good handle does not know was answered, the last first.
    pub(super) fn lost_answers(&mut self) -> Vec<Option<Sent>> {
        let given = std::mem::take(&mut self.answers).into_iter().rev();
        let is_lost =
            |message: &Message| answered(message).iter().any(|answer| self.is_in_handle(&answer.id));
        given
            .filter(|(_, message)| is_lost(message))
            .map(|(returns, message)| Some(Sent { returns, ..Parcel::Message(message).into() }))
            .collect()
    }

    /// The calls that nobody has answered for too long, each once.
    pub(super) fn overdue(&mut self, now: Instant) -> Vec<String> {
        let due = self.calls.iter_mut().filter(|call| call.overdue().is_some_and(|due| due <= now));
        due.map(|call| {
            call.fate = Fate::Open { overdue: None };
            call.id.clone()
        })
        .collect()
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.calls.iter().filter_map(Call::overdue).reduce(Instant::min)
    }

    /// The service has given a handle to the conversation as it stands. What still `waits` in a socket it does not know.
    pub(super) fn on_handle(&mut self, waits: impl Fn(&Message) -> bool) {
        self.calls.iter_mut().for_each(|call| call.is_in_handle = true);
        self.answers.retain(|(_, message)| waits(message));
    }

    /// The conversation goes on where its handle was given, or begins anew: nobody waits for answers to the calls that it does not
    /// know. Returns those that were open.
    pub(super) fn withdraw(&mut self, is_fresh: bool) -> Vec<String> {
        self.is_resumed &= !is_fresh;
        let forgotten =
            self.calls.iter_mut().filter(|call| call.is_open() && (is_fresh || !call.is_in_handle));
        forgotten
            .map(|call| {
                call.fate = Fate::Cancelled;
                call.id.clone()
            })
            .collect()
    }

    /// Whether the model waits for an answer.
    pub(super) fn is_waited_for(&self) -> bool {
        self.calls.iter().any(|call| call.is_open() && call.is_blocking)
    }

    /// Whether audio must not be sent now.
    pub(super) fn holds_audio(&self) -> bool {
        self.is_strict && self.is_waited_for()
    }
}

impl Call {
    fn is_open(&self) -> bool {
        matches!(self.fate, Fate::Open { .. })
    }

    fn overdue(&self) -> Option<Instant> {
        if let Fate::Open { overdue } = self.fate { overdue } else { None }
    }
}

fn answered(message: &Message) -> &[AnsweredCall] {
    if let Kind::ToolResponse(answers) = &message.kind { answers } else { &[] }
}

/// Messages with answers that are kept for another connection. As many calls as handlers may be at work on.
const MOST_ANSWERS: usize = 64;
/// Calls that are remembered. No conversation has so many open at once; a service gone wrong might.
const MOST_CALLS: usize = 1024;
/// Longer than handlers have unless they are given more.
const UNANSWERED: Duration = Duration::from_secs(60);

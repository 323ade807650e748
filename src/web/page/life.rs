//! What the page knows of a session's life.

use std::cell::{Cell, RefCell};

use crate::{error::Error, event::State, web::sys::channel::Latch};

/// What the page knows of the session's life, told by its events.
#[derive(Debug)]
pub(in crate::web) struct Life {
    state: Cell<State>,
    failure: RefCell<Option<Error>>,
    over: Latch,
}

impl Default for Life {
    fn default() -> Self {
        Self { state: Cell::new(State::Connecting), failure: RefCell::default(), over: Latch::default() }
    }
}

impl Life {
    pub(in crate::web) fn state(&self) -> State {
        self.state.get()
    }

    pub(in crate::web) fn on_state(&self, state: State) {
        self.state.set(state);
    }

    /// The last event came.
    pub(in crate::web) fn on_closed(&self, failure: Option<Error>) {
        self.state.set(State::Closed);
        self.failure.replace(failure);
        self.over.set();
    }

    pub(in crate::web) fn is_over(&self) -> bool {
        self.over.is_set()
    }

    /// Why the session ended, unless that was wished.
    pub(in crate::web) fn failure(&self) -> Option<Error> {
        self.failure.borrow().clone()
    }

    /// Set with the last event.
    pub(in crate::web) fn over(&self) -> &Latch {
        &self.over
    }
}

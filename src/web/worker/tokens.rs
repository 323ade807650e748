//! Tokens that the Worker needs and only the page can get: the application's function is here.

use std::{cell::RefCell, rc::Rc};

use crate::{
    error::Error,
    web::driver::token::{AccessToken, Asking, TokenSource},
};

/// The requests that are not answered yet.
pub(in crate::web) struct Requests {
    tokens: TokenSource,
    open: RefCell<Vec<(u32, Asking)>>,
}

impl Requests {
    pub(in crate::web) fn new(tokens: TokenSource) -> Rc<Self> {
        Rc::new(Self { tokens, open: RefCell::default() })
    }

    /// Asks the application, and answers with what came of it, unless it is given up before.
    pub(in crate::web) fn ask(
        self: &Rc<Self>,
        request: u32,
        answer: impl Fn(Result<AccessToken, Error>) + Clone + 'static,
    ) {
        let me = Rc::downgrade(self);
        let answering = answer.clone();
        let then = move |token| {
            let asking = me.upgrade().and_then(|requests| requests.take(request));
            if let Some(mut asking) = asking
                && asking.is_answered()
            {
                answering(token);
            }
        };
        match Asking::begin(self.tokens.clone(), Box::new(then)) {
            Ok(asking) => self.open.borrow_mut().push((request, asking)),
            Err(error) => answer(Err(error)),
        }
    }

    /// The Worker does not wait for it any more.
    pub(in crate::web) fn give_up(&self, request: u32) {
        drop(self.take(request));
    }

    /// Nobody waits for any of them.
    pub(in crate::web) fn give_up_all(&self) {
        drop(self.open.take());
    }

    fn take(&self, request: u32) -> Option<Asking> {
        let mut open = self.open.borrow_mut();
        let index = open.iter().position(|(number, _)| *number == request)?;
        Some(open.swap_remove(index).1)
    }
}

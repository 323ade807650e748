//! Tokens that the Worker needs and only the page can get: the application's function is here.

use std::{cell::RefCell, rc::Rc};

use web_sys::AbortController;

use crate::{
    error::Error,
    web::{
        driver::token::{self, AccessToken, TokenSource},
        sys::task::spawn_local,
    },
};

/// The requests that are not answered yet, each with the way to give it up.
pub(in crate::web) struct Requests {
    tokens: TokenSource,
    open: RefCell<Vec<(u32, AbortController)>>,
}

impl Requests {
    pub(in crate::web) fn new(tokens: TokenSource) -> Rc<Self> {
        Rc::new(Self { tokens, open: RefCell::default() })
    }

    /// Asks the application, and answers with what came of it, unless it is given up before.
    pub(in crate::web) fn ask(
        self: &Rc<Self>,
        request: u32,
        answer: impl FnOnce(Result<AccessToken, Error>) + 'static,
    ) {
        let controller = match token::controller() {
            Ok(controller) => controller,
            Err(error) => return answer(Err(error)),
        };
        let signal = controller.signal();
        self.open.borrow_mut().push((request, controller));
        let me = self.clone();
        spawn_local(async move {
            let token = me.tokens.clone().get(signal).await;
            if me.take(request).is_some() {
                answer(token);
            }
        });
    }

    /// The Worker does not wait for it any more.
    pub(in crate::web) fn give_up(&self, request: u32) {
        if let Some(controller) = self.take(request) {
            controller.abort();
        }
    }

    /// Nobody waits for any of them.
    pub(in crate::web) fn give_up_all(&self) {
        let open = self.open.take();
        open.iter().for_each(|(_, controller)| controller.abort());
    }

    fn take(&self, request: u32) -> Option<AbortController> {
        let mut open = self.open.borrow_mut();
        let index = open.iter().position(|(number, _)| *number == request)?;
        Some(open.swap_remove(index).1)
    }
}

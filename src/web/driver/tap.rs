//! What goes over the wire, told to whoever records it.

use std::{
    cell::{Cell, RefCell},
    fmt,
};

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsValue;

use crate::{
    error::CloseFrame,
    protocol::message::{Kind, Message},
    session::ConnId,
    web::{driver::links::Links, sys::timer::now},
};

/// What a recorder is told. A token may be in it: `Debug` does not show it.
#[derive(Clone, PartialEq)]
pub(in crate::web) struct Told(pub(in crate::web) Array);

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Told(…)")
    }
}

/// Tells the recorder, in lists: what it is, when, of which connection, the thing itself, and for a close its reason.
///
/// | what | the thing |
/// |---|---|
/// | `begin` | what opened the connection that is there, in lists as these |
/// | `handle` | the conversation's handle, which is veiled wherever it comes |
/// | `address` | an address that was dialled: it holds a credential, which is veiled wherever it comes |
/// | `client` | the text of a frame, or the code of a close |
/// | `server` | the bytes of a frame, or the code of a close |
/// | `end` | nothing: the session is over |
pub(in crate::web) struct Tap {
    tell: Box<dyn Fn(Told)>,
    is_on: Cell<bool>,
    /// The latest setup and the first answer to it. A recording that begins later begins with them: nothing else can be
    /// played.
    opening: RefCell<Vec<(ConnId, Told)>>,
}

impl Tap {
    pub(in crate::web) fn new(tell: impl Fn(Told) + 'static) -> Self {
        Self { tell: Box::new(tell), is_on: Cell::default(), opening: RefCell::default() }
    }

    /// Tells all from now on, or nothing more. The conversation has this handle.
    pub(in crate::web) fn record(&self, is_on: bool, links: &Links, handle: &str) {
        self.is_on.set(is_on);
        let opening = Array::new();
        for (conn, Told(told)) in self.opening.borrow().clone() {
            if links.holds(conn) {
                opening.push(&told);
            }
        }
        self.tell(list("begin", ConnId::default(), opening.into(), ""));
        self.tell(list("handle", ConnId::default(), handle.into(), ""));
        let mut at = 0;
        while let Some((_, socket)) = links.at(at) {
            at += 1;
            socket.iter().for_each(|socket| self.dialled(&socket.url()));
        }
    }

    pub(in crate::web) fn dialled(&self, url: &str) {
        if self.is_on.get() {
            self.tell(list("address", ConnId::default(), url.into(), ""));
        }
    }

    pub(in crate::web) fn sent(&self, conn: ConnId, message: &Message) {
        let is_setup = message.kind == Kind::Setup;
        if !is_setup && !self.is_on.get() {
            return;
        }
        let told = list("client", conn, (&message.text).into(), "");
        if is_setup {
            self.opening.replace(vec![(conn, told.clone())]);
        }
        self.tell(told);
    }

    pub(in crate::web) fn received(&self, conn: ConnId, frame: &[u8]) {
        let is_first = matches!(&self.opening.borrow()[..], [(opened, _)] if *opened == conn);
        if !is_first && !self.is_on.get() {
            return;
        }
        let told = list("server", conn, Uint8Array::from(frame).into(), "");
        if is_first {
            self.opening.borrow_mut().push((conn, told.clone()));
        }
        self.tell(told);
    }

    /// This side gave up the connection.
    pub(in crate::web) fn left(&self, conn: ConnId, code: u16) {
        self.tell(list("client", conn, code.into(), ""));
    }

    pub(in crate::web) fn closed(&self, conn: ConnId, close: &CloseFrame) {
        self.tell(list("server", conn, close.code.into(), &close.reason));
    }

    /// The session is over.
    pub(in crate::web) fn end(&self) {
        self.tell(list("end", ConnId::default(), JsValue::UNDEFINED, ""));
        self.is_on.set(false);
    }

    fn tell(&self, told: Told) {
        if self.is_on.get() {
            (self.tell)(told);
        }
    }
}

fn list(what: &str, ConnId(conn): ConnId, value: JsValue, reason: &str) -> Told {
    Told(Array::of5(&what.into(), &now().as_ms().into(), &conn.into(), &value, &reason.into()))
}

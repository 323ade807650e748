//! The sockets a driver holds, each under the name by which the session knows it.

use std::{cell::RefCell, rc::Rc};

use crate::session::ConnId;
use crate::web::driver::{socket::Socket, token::Asking};

/// What is being opened or is open. There may be several: a socket that is being left, and its successor.
#[derive(Default)]
pub(in crate::web) struct Links(RefCell<Vec<(ConnId, Link)>>);

enum Link {
    Dialing(Asking),
    Connected(Rc<Socket>),
}

impl Links {
    /// A token is being asked for, for `conn`.
    pub(in crate::web) fn dial(&self, conn: ConnId, asking: Asking) {
        self.0.borrow_mut().push((conn, Link::Dialing(asking)));
    }

    /// The token for `conn` has come. Says whether anybody still waits for it.
    pub(in crate::web) fn has_token(&self, conn: ConnId) -> bool {
        let mut links = self.0.borrow_mut();
        let dialing = links.iter_mut().find_map(|(name, link)| match link {
            Link::Dialing(dialing) if *name == conn => Some(dialing),
            Link::Dialing(_) | Link::Connected(_) => None,
        });
        dialing.is_some_and(Asking::is_answered)
    }

    /// Whether `conn` was not given up yet.
    pub(in crate::web) fn holds(&self, conn: ConnId) -> bool {
        self.0.borrow().iter().any(|(name, _)| *name == conn)
    }

    /// The socket for `conn` is on its way.
    pub(in crate::web) fn connect(&self, conn: ConnId, socket: Socket) {
        drop(self.remove(conn));
        self.0.borrow_mut().push((conn, Link::Connected(Rc::new(socket))));
    }

    /// Gives up `conn`. What it held is given back when the answer is dropped: outside any borrow, since that runs JavaScript.
    #[must_use]
    pub(in crate::web) fn remove(&self, conn: ConnId) -> Option<impl Sized> {
        let mut links = self.0.borrow_mut();
        let index = links.iter().position(|(name, _)| *name == conn)?;
        Some(links.swap_remove(index))
    }

    /// Gives up everything.
    pub(in crate::web) fn clear(&self) {
        drop(self.0.take());
    }

    pub(in crate::web) fn socket(&self, conn: ConnId) -> Option<Rc<Socket>> {
        let mut at = 0;
        while let Some((name, socket)) = self.at(at) {
            if name == conn && socket.is_some() {
                return socket;
            }
            at += 1;
        }
        None
    }

    /// The link at this place, with its socket if there is one yet; `None` behind the last. For loops: nothing is borrowed
    /// between two of these.
    pub(in crate::web) fn at(&self, place: usize) -> Option<(ConnId, Option<Rc<Socket>>)> {
        self.0.borrow().get(place).map(|(conn, link)| match link {
            Link::Connected(socket) => (*conn, Some(socket.clone())),
            Link::Dialing(_) => (*conn, None),
        })
    }
}

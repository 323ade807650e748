//! The place for one device of a kind.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use crate::web::page::device::Device;

/// The place for one device of a kind. Of two that are being opened the one that was asked for later gets it.
#[derive(Debug, Default)]
pub(in crate::web) struct Seat {
    current: RefCell<Option<Rc<Device>>>,
    latest: Cell<u32>,
}

impl Seat {
    /// One is being opened. Answers the number of its turn.
    pub(in crate::web) fn begin(&self) -> u32 {
        self.latest.set(self.latest.get().wrapping_add(1));
        self.latest.get()
    }

    pub(in crate::web) fn is_latest(&self, turn: u32) -> bool {
        self.latest.get() == turn
    }

    /// Stops the one that was here: it is never merely forgotten.
    pub(in crate::web) fn take(&self, device: &Rc<Device>) {
        let before = self.current.replace(Some(device.clone()));
        if let Some(before) = before {
            before.stop();
        }
    }

    pub(in crate::web) fn current(&self) -> Option<Rc<Device>> {
        self.current.borrow().clone().filter(|device| !device.is_stopped())
    }

    /// Stops the one that is here, and outdates those that are being opened.
    pub(in crate::web) fn stop(&self) {
        self.begin();
        let device = self.current.take();
        if let Some(device) = device {
            device.stop();
        }
    }
}

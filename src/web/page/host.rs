//! The way to a session's driver.

use std::rc::Rc;

use wasm_bindgen::JsValue;

#[cfg(feature = "js")]
use crate::web::worker::WorkerLink;
use crate::{
    error::Error,
    web::{
        driver::{Driver, command::Command},
        sys::value::to_js,
    },
};

/// Where the driver runs. The same commands go to both.
pub(in crate::web) enum Host {
    Page(Rc<Driver>),
    #[cfg(feature = "js")]
    Worker(WorkerLink),
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl Host {
    /// `page` or `worker`.
    pub(in crate::web) fn name(&self) -> &'static str {
        match self {
            Self::Page(_) => "page",
            #[cfg(feature = "js")]
            Self::Worker(_) => "worker",
        }
    }

    pub(in crate::web) fn command(&self, command: Command) {
        match self {
            Self::Page(driver) => driver.command(command),
            #[cfg(feature = "js")]
            Self::Worker(link) => link.post(command),
        }
    }

    /// The counters, as an object.
    pub(in crate::web) async fn stats(&self) -> Result<JsValue, Error> {
        match self {
            Self::Page(driver) => Ok(to_js(&driver.stats())),
            #[cfg(feature = "js")]
            Self::Worker(link) => link.stats().await,
        }
    }

    /// The session is over: what runs apart from this page ends.
    pub(in crate::web) fn end(&self) {
        match self {
            Self::Page(_) => {}
            #[cfg(feature = "js")]
            Self::Worker(link) => link.end(),
        }
    }
}

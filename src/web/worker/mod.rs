//! The session in a dedicated Worker: what is said between it and the page, and the two ends of that.

#[cfg(feature = "js")]
mod inside;
#[cfg(feature = "js")]
mod link;
mod message;
#[cfg(feature = "js")]
mod tokens;

pub(super) use self::message::{Attachment, Command};
#[cfg(feature = "js")]
pub(super) use self::{
    link::{Started, WorkerLink, crashed, start},
    message::{Notice, error_from_js},
    tokens::Requests,
};

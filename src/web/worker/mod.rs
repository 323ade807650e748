//! The session in a dedicated Worker: what is said between it and the page, and the two ends of that.

mod inside;
mod link;
mod message;
mod policy;
mod tokens;

pub(super) use self::{
    link::{Started, WorkerLink, crashed, post, start},
    message::Notice,
    tokens::Requests,
};

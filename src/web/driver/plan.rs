//! What a driver needs to know of a session: plain data.

use crate::{
    protocol::{endpoint::Endpoint, setup::Setup},
    session::Policy,
};

/// A session as it is wished. It can go into a Worker.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::web) struct Plan {
    pub(in crate::web) setup: Setup,
    pub(in crate::web) policy: Policy,
    pub(in crate::web) endpoint: Endpoint,
    /// The application's token endpoint, as an absolute URL; `None` where the application itself gives tokens.
    pub(in crate::web) token_url: Option<String>,
    pub(in crate::web) allows_api_key: bool,
}

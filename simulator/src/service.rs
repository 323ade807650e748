//! What connections have in common.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::Time;
use crate::credential::{self, KeyFault, Knock};
use crate::handle::{Chain, Handles};
use crate::options::{Capacity, Options};
use crate::random::Random;
use crate::record::{Ending, Records};
use crate::replay::{Beginnings, Recording};
use crate::script::{Door, Fault, Library, Script, ScriptError, Source};
use crate::token::Tokens;

/// Tokens, resumption handles and records: the state that outlives a connection. Plain data, no I/O.
#[derive(Debug)]
pub struct Service {
    pub(crate) tokens: Tokens,
    pub(crate) handles: Handles,
    pub(crate) records: Records,
    pub(crate) scripts: Library,
    names: Random,
    /// What is played in place of answers, and which setups have begun it.
    pub(crate) recording: Option<Arc<Recording>>,
    pub(crate) replayed: Beginnings,
    /// What is drawn for scripts follows from it.
    pub(crate) seed: u64,
}

/// Why no token was minted: what the HTTP answer is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenFault {
    /// HTTP status.
    pub status: u16,
    /// The canonical name of the error, such as `INVALID_ARGUMENT`.
    pub name: &'static str,
    /// Text for people.
    pub message: String,
}

impl Service {
    /// A service that has seen nothing yet. Names of tokens and handles are made from the seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::empty(seed, Capacity::default())
    }

    /// A service with these scripts and capacity.
    ///
    /// # Errors
    ///
    /// When a script has the name of one of the simulator's own, there are too many, or none has the name asked for.
    pub fn with(options: &Options) -> Result<Self, ScriptError> {
        let mut service = Self::empty(options.seed(), options.capacity);
        for script in &options.scripts {
            service.scripts.add(script.clone(), Source::Start)?;
        }
        service.recording = options.recording.clone().map(Arc::new);
        if let Some(name) = &options.script {
            service.scripts.put_on_for_all(name)?;
        }
        Ok(service)
    }

    fn empty(seed: u64, capacity: Capacity) -> Self {
        Self {
            tokens: Tokens::default(),
            handles: Handles::default(),
            records: Records::new(capacity),
            scripts: Library::default(),
            names: Random::new(seed),
            recording: None,
            replayed: Beginnings::default(),
            seed,
        }
    }

    /// Adds a script, in place of one of the same name that was added before.
    ///
    /// # Errors
    ///
    /// When the simulator has one of that name itself, or has too many.
    pub fn add_script(&mut self, script: Script) -> Result<(), ScriptError> {
        self.scripts.add(script, Source::Posted)
    }

    /// Forgets the connections of a run, or all of them, with their handles and what was posted for them; attempts are counted
    /// anew.
    pub(crate) fn forget(&mut self, run: Option<&str>) {
        let sessions = self.records.forget(run);
        self.scripts.forget(run);
        match run {
            Some(_) => self.handles.forget(&sessions),
            None => (self.handles, self.replayed) = (Handles::default(), Beginnings::default()),
        }
    }

    /// Somebody asks for a connection by a path: the script's name, if it has one, and the run's. Gives the way in,
    /// and what answers the request if that is no WebSocket. `None` when there is no such script.
    pub(crate) fn enter(&mut self, script: Option<&str>, run: &str) -> Option<(Door, Option<Fault>)> {
        let run: String = run.chars().take(LONGEST_RUN).collect();
        let script = match script {
            Some(name) => Some(self.scripts.find(name, &run)?),
            None => self.scripts.for_all(),
        };
        let Some(script) = script else { return Some((Door { script: None, run }, None)) };
        let attempt = self.scripts.attempt(&script, &run);
        let fault = script.at_upgrade(attempt).cloned();
        Some((Door { script: Some((script, attempt)), run }, fault))
    }

    /// A request for a connection was not answered with a WebSocket.
    pub(crate) fn turned_away(&mut self, knock: &Knock, fault: &Fault, now: Time) {
        let id = self.records.open(knock, now);
        let Some(record) = self.records.get_mut(id) else { return };
        if let Some((script, attempt)) = &knock.door.script {
            record.scripted(script.name().to_owned(), *attempt, Chain::default());
        }
        let status = if let Fault::RefuseUpgrade(refusal) = fault { Some(refusal.status) } else { None };
        self.records.ended(id, Ending::TurnedAway { status }, now);
    }

    /// A message came over a connection that has ended.
    pub(crate) fn late(&mut self, id: u64, message: &[u8]) {
        if let (Some(record), Ok(message)) = (self.records.get_mut(id), serde_json::from_slice(message)) {
            record.late(&message);
        }
    }

    /// Answers `POST auth_tokens`: the new token's JSON, or why there is none.
    ///
    /// # Errors
    ///
    /// When the key opens nothing, or the body is not an `AuthToken` that can be granted.
    pub fn create_token(&mut self, key: Option<&str>, body: &[u8], now: Time) -> Result<Value, TokenFault> {
        credential::check_key(key.unwrap_or_default()).map_err(TokenFault::key)?;
        let body: Value = match body {
            [] => json!({}),
            body => serde_json::from_slice(body)
                .map_err(|error| TokenFault::argument(format!("Invalid JSON payload received. {error}")))?,
        };
        let name = format!("auth_tokens/{}", self.next_name());
        self.tokens.mint(name.clone(), &body, now).map_err(TokenFault::argument)?;
        Ok(json!({ "name": name }))
    }

    /// A new handle, unlike any other.
    pub(crate) fn next_handle(&mut self) -> String {
        format!("Cih{}", self.next_name())
    }

    /// Makes every handle given out so far stale: who resumes with one is refused.
    pub fn expire_handles(&mut self) {
        self.handles.expire(None, None);
    }

    /// A name unlike any other.
    fn next_name(&mut self) -> String {
        let numbers = [(); 2].map(|()| self.names.number());
        numbers.map(|number| format!("{number:016x}")).concat()
    }

    /// An id for a function call.
    pub(crate) fn next_call_id(&mut self) -> String {
        format!("function-call-{}", self.names.number())
    }

    /// The latest connections, for `/_simulator/connections`.
    #[must_use]
    pub fn connections(&self) -> Value {
        self.records.list()
    }
}

impl TokenFault {
    fn argument(message: String) -> Self {
        Self { status: 400, name: "INVALID_ARGUMENT", message }
    }

    fn key(fault: KeyFault) -> Self {
        match fault {
            KeyFault::Missing => {
                Self { status: 403, name: "PERMISSION_DENIED", message: fault.text().to_owned() }
            }
            KeyFault::Invalid | KeyFault::Expired => Self::argument(fault.text().to_owned()),
        }
    }

    /// The body of the HTTP answer, in the shape of Google's APIs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({"error": {"code": self.status, "message": self.message, "status": self.name}})
    }
}

/// The name of a run, at most.
const LONGEST_RUN: usize = 64;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_key_that_opens_nothing_mints_nothing() {
        let mut service = Service::new(1);
        let mut status = |key| {
            service.create_token(key, b"{}", Duration::ZERO).map_err(|fault| (fault.status, fault.name))
        };
        assert_eq!(status(None), Err((403, "PERMISSION_DENIED")));
        assert_eq!(status(Some("")), Err((403, "PERMISSION_DENIED")));
        assert_eq!(status(Some("bad-key")), Err((400, "INVALID_ARGUMENT")));
        assert!(status(Some("any")).is_ok());
    }

    #[test]
    fn no_two_tokens_have_a_name_in_common() {
        let mut service = Service::new(1);
        let mut mint = || service.create_token(Some("k"), b"", Duration::ZERO).unwrap()["name"].to_string();
        let names: std::collections::HashSet<_> = (0..100).map(|_| mint()).collect();
        assert_eq!(names.len(), 100);
    }

    #[test]
    fn a_body_that_is_not_json_is_the_callers_fault() {
        let fault = Service::new(1).create_token(Some("k"), b"{", Duration::ZERO).unwrap_err();
        assert_eq!(fault.to_json()["error"]["code"], 400);
    }
}

//! Resumption handles, the sessions behind them, and which of these have a connection.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use crate::Time;
use crate::behaviour::{Behaviour, HandleInUse, StaleHandle};
use crate::memory::Memory;
use crate::refusal::Refusal;
use crate::settings::Settings;

/// Every handle that was given out, and every session that has a connection.
#[derive(Debug, Default)]
pub(crate) struct Handles {
    known: HashMap<String, Remembered>,
    live: Vec<Seat>,
    /// The latest calls, each with its session: an answer may come on a later connection than that it was made on.
    calls: VecDeque<(u64, String)>,
}

/// What a session can be taken up from.
#[derive(Clone, Debug)]
pub(crate) struct Remembered {
    /// The connection it was given to, and where that stands in its session, which may have other handles too.
    pub(crate) given_to: u64,
    pub(crate) chain: Chain,
    pub(crate) model: String,
    pub(crate) memory: Memory,
    pub(crate) at: Time,
    /// In which words it is refused once it was made stale.
    pub(crate) stale_words: Option<StaleHandle>,
}

/// Where a connection stands among those of its session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Chain {
    /// The id of the session's first connection.
    pub(crate) session: u64,
    /// The connection's number in its session, from 1.
    pub(crate) connection: u32,
    /// The id of the connection whose handle opened this one.
    pub(crate) resumed_from: Option<u64>,
}

impl Chain {
    /// A connection without a handle begins a session.
    pub(crate) fn first(id: u64) -> Self {
        Self { session: id, connection: 1, resumed_from: None }
    }
}

/// A connection that has a session.
#[derive(Clone, Copy, Debug)]
struct Seat {
    session: u64,
    connection: u64,
}

impl Handles {
    pub(crate) fn remember(&mut self, handle: String, session: Remembered) {
        if self.known.len() >= MOST_HANDLES {
            let oldest =
                self.known.iter().min_by_key(|(_, session)| session.at).map(|(handle, _)| handle.clone());
            oldest.map(|handle| self.known.remove(&handle));
        }
        self.known.insert(handle, session);
    }

    /// Where connection `id` stands if it comes with this handle, good or not.
    pub(crate) fn chain(&self, handle: &str, id: u64) -> Chain {
        self.known.get(handle).map_or_else(
            || Chain::first(id),
            |session| Chain {
                session: session.chain.session,
                connection: session.chain.connection + 1,
                resumed_from: Some(session.given_to),
            },
        )
    }

    /// Seats `connection` in a session: the one behind the settings' handle, or a new one. Gives what it knows, if it
    /// is not new. The model is the one thing that may not change.
    pub(crate) fn enter(
        &mut self,
        connection: u64,
        settings: &Settings,
        ways: &Behaviour,
        now: Time,
    ) -> Result<Option<Memory>, Refusal> {
        let (session, memory) = match settings.handle.as_deref() {
            None => (connection, None),
            Some(handle) => {
                let session = self.resume(handle, &settings.model, ways, now)?;
                (session.chain.session, Some(session.memory.clone()))
            }
        };
        self.live.push(Seat { session, connection });
        Ok(memory)
    }

    /// The connection is over: its session can be resumed.
    pub(crate) fn leave(&mut self, connection: u64) {
        self.live.retain(|seat| seat.connection != connection);
    }

    /// A session has begun its so-many-th turn. Whichever of its handles it is taken up with, that turn is not told again.
    pub(crate) fn turn_began(&mut self, session: u64, turns: u32) {
        for remembered in self.known.values_mut().filter(|remembered| remembered.chain.session == session) {
            remembered.memory.turns = turns;
        }
    }

    /// A session has made a call.
    pub(crate) fn called(&mut self, session: u64, id: String) {
        if self.calls.len() >= MOST_CALLS {
            self.calls.pop_front();
        }
        self.calls.push_back((session, id));
    }

    /// Whether a session has made this call, on whichever of its connections.
    pub(crate) fn has_called(&self, session: u64, id: &str) -> bool {
        self.calls.iter().any(|(of, known)| *of == session && known == id)
    }

    /// Whether a handle is refused because it is no good, or no good any more.
    pub(crate) fn is_stale(&self, handle: &str, now: Time) -> bool {
        self.known.get(handle).is_none_or(|session| session.is_old(now))
    }

    /// Forgets every handle of these sessions.
    pub(crate) fn forget(&mut self, sessions: &[u64]) {
        self.known.retain(|_, remembered| !sessions.contains(&remembered.chain.session));
        self.calls.retain(|(session, _)| !sessions.contains(session));
    }

    /// Makes the handles given out so far stale, those of a session or all, as if they had been forgotten.
    pub(crate) fn expire(&mut self, session: Option<u64>, words: Option<StaleHandle>) {
        for remembered in self.known.values_mut() {
            if session.is_none_or(|session| session == remembered.chain.session) {
                (remembered.at, remembered.stale_words) = (LONG_AGO, words);
            }
        }
    }

    fn resume(&self, handle: &str, model: &str, ways: &Behaviour, now: Time) -> Result<&Remembered, Refusal> {
        let Some(session) = self.known.get(handle) else {
            return Err(stale(
                ways.stale_handle.unwrap_or(StaleHandle::Invalid),
                "the handle was never given out",
            ));
        };
        if session.is_old(now) {
            let words = session.stale_words.or(ways.stale_handle).unwrap_or(StaleHandle::SessionNotFound);
            return Err(stale(words, "the handle has expired"));
        }
        if session.model != model {
            return Err(Refusal::invalid_argument("the model may not change when a session is resumed"));
        }
        let is_live = self.live.iter().any(|seat| seat.session == session.chain.session);
        if is_live && ways.handle_in_use == HandleInUse::Refused {
            return Err(Refusal::server(
                "Internal error encountered.",
                "the session has an open connection still",
            ));
        }
        Ok(session)
    }
}

impl Remembered {
    fn is_old(&self, now: Time) -> bool {
        self.at == LONG_AGO || now > self.at + LIFE
    }
}

fn stale(words: StaleHandle, detail: &str) -> Refusal {
    match words {
        StaleHandle::Invalid => Refusal::new(1007, "Invalid session handle", detail),
        StaleHandle::SessionNotFound => Refusal::new(1008, "BidiGenerateContent session not found", detail),
        StaleHandle::EntityNotFound => Refusal::not_found(detail),
    }
}

/// How long a handle can be used. *Reference.*
const LIFE: Duration = Duration::from_secs(2 * 60 * 60);

/// When a handle was given out that has been made stale.
const LONG_AGO: Time = Duration::ZERO;

const MOST_HANDLES: usize = 10_000;
const MOST_CALLS: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    const START: Time = Duration::from_secs(1_795_177_815);

    fn remembered(at: Time) -> Remembered {
        Remembered {
            given_to: 7,
            chain: Chain::first(7),
            model: "models/m".into(),
            memory: Memory::default(),
            at,
            stale_words: None,
        }
    }

    fn refusal(handles: &Handles, handle: &str, after_s: u64) -> Option<(u16, String)> {
        let now = START + Duration::from_secs(after_s);
        let refused = handles.resume(handle, "models/m", &Behaviour::default(), now).err();
        refused.map(|refusal| (refusal.code, refusal.reason))
    }

    #[test]
    fn a_handle_leads_to_the_next_connection_of_its_session() {
        let mut handles = Handles::default();
        handles.remember("h".into(), remembered(START));
        assert_eq!(handles.chain("h", 9), Chain { session: 7, connection: 2, resumed_from: Some(7) });
        assert_eq!(handles.chain("unknown", 9), Chain::first(9));
    }

    #[test]
    fn the_handles_of_one_session_can_be_made_stale() {
        let mut handles = Handles::default();
        handles.remember("h".into(), remembered(START));
        handles.expire(Some(8), None);
        assert_eq!(refusal(&handles, "h", 1), None, "that was another's");
        handles.expire(Some(7), Some(StaleHandle::Invalid));
        assert_eq!(refusal(&handles, "h", 1), Some((1007, "Invalid session handle".into())));
    }

    #[test]
    fn a_handle_lives_two_hours_and_keeps_its_model() {
        let mut handles = Handles::default();
        handles.remember("h".into(), remembered(START));
        assert_eq!(refusal(&handles, "h", 7200), None);
        assert_eq!(
            refusal(&handles, "h", 7201),
            Some((1008, "BidiGenerateContent session not found".into()))
        );
        assert_eq!(refusal(&handles, "x", 1), Some((1007, "Invalid session handle".into())));
        let other = handles.resume("h", "models/other", &Behaviour::default(), START);
        assert_eq!(other.unwrap_err().code, 1007);
    }

    #[test]
    fn what_expires_from_outside_is_stale_at_once_and_what_comes_later_is_not() {
        let mut handles = Handles::default();
        handles.remember("old".into(), remembered(START));
        handles.expire(None, None);
        handles.remember("new".into(), remembered(START));
        assert_eq!(refusal(&handles, "old", 0), Some((1008, "BidiGenerateContent session not found".into())));
        assert_eq!(refusal(&handles, "new", 0), None);
    }

    #[test]
    fn a_stale_handle_is_refused_in_the_words_that_were_chosen() {
        let mut handles = Handles::default();
        handles.remember("h".into(), remembered(START));
        handles.expire(None, None);
        for (words, code, reason) in [
            (StaleHandle::Invalid, 1007, "Invalid session handle"),
            (StaleHandle::SessionNotFound, 1008, "BidiGenerateContent session not found"),
            (StaleHandle::EntityNotFound, 1008, "Requested entity was not found."),
        ] {
            let ways = Behaviour { stale_handle: Some(words), ..Behaviour::default() };
            for handle in ["h", "never given out"] {
                let refusal = handles.resume(handle, "models/m", &ways, START).unwrap_err();
                assert_eq!((refusal.code, refusal.reason.as_str()), (code, reason));
            }
        }
    }

    #[test]
    fn the_oldest_handle_is_forgotten_when_there_are_too_many() {
        let mut handles = Handles::default();
        for number in 0..=MOST_HANDLES as u64 {
            handles.remember(number.to_string(), remembered(START + Duration::from_secs(number)));
        }
        assert!(refusal(&handles, "0", 1).is_some());
        assert!(refusal(&handles, "1", 1).is_none());
    }
}

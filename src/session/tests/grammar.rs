//! The grammar of what a session tells: a small automaton, written as its table. Tests of every kind include this file, and
//! `tests/e2e/support/grammar.mjs` is the same for those in browsers; `tests/fixtures/grammar.json` holds them together.

use gemini_live_web::event::{Event, State};

/// How much has been told.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Place {
    pub(crate) life: Life,
    /// The answer is paused, and in the end is told what has become of it.
    is_paused: bool,
    /// An answer is heard, whose end is told before another begins.
    is_playing: bool,
    /// The user is heard, whose silence is told.
    is_speaking: bool,
}

/// How much has been told of the session itself.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Life {
    #[default]
    Begin,
    Connecting,
    /// The session is open, and says in a moment that it is.
    Accepted,
    /// The session has said so. What it was to remember may be gone, and then it says that at once.
    Begun,
    Open,
    /// There is no link, and in a moment the attempt to make another is announced: it has this number or the next.
    Lost,
    Reconnecting(u32),
    /// There is a link again, and in a moment is told what it knows.
    Back,
    Closing,
    Ending,
    End,
}

impl Place {
    /// Takes in an event, and fails the test if it must not come here.
    pub(crate) fn hear(&mut self, event: &Event) {
        let next = after(*self, event);
        assert!(next.is_some(), "not now, {self:?}: {event:?}");
        *self = next.unwrap_or(*self);
    }
}

impl PartialEq<Life> for Place {
    fn eq(&self, life: &Life) -> bool {
        self.life == *life
    }
}

/// Where the session is after `event`; `None` if it must not come here. The table stands in the documentation of
/// `session::Session` as well.
pub(crate) fn after(place: Place, event: &Event) -> Option<Place> {
    let life = lives_on(place.life, event)?;
    let state = if let Event::StateChange { state } = event { Some(*state) } else { None };
    let is_playing = match event {
        Event::PlaybackStarted { .. } if place.is_playing => return None,
        Event::PlaybackStarted { .. } => true,
        Event::Interrupted(_) | Event::PlaybackEnded { .. } => false,
        _ => place.is_playing && !matches!(state, Some(State::Closing | State::Closed)),
    };
    let is_speaking = match event {
        Event::UserSpeechStart {} if place.is_speaking => return None,
        Event::UserSpeechEnd { .. } if !place.is_speaking => return None,
        Event::UserSpeechStart {} => true,
        Event::UserSpeechEnd { .. } => false,
        _ => place.is_speaking && state != Some(State::Closed),
    };
    let is_paused = match event {
        // Without a connection nobody could interrupt it.
        Event::PlaybackPaused {} if place.is_paused || life != Life::Open => return None,
        Event::PlaybackPaused {} => true,
        Event::PlaybackResumed { .. } if !place.is_paused => return None,
        Event::PlaybackResumed { .. }
        | Event::Interrupted(_)
        | Event::PlaybackEnded { .. }
        | Event::StateChange { state: State::Closing | State::Closed } => false,
        _ => place.is_paused,
    };
    Some(Place { life, is_paused, is_playing, is_speaking })
}

fn lives_on(place: Life, event: &Event) -> Option<Life> {
    use Life::*;
    let state = if let Event::StateChange { state } = event { Some(*state) } else { None };
    Some(match (place, event) {
        (Begin, _) if state == Some(State::Connecting) => Connecting,
        (Connecting, _) if state == Some(State::Open) => Accepted,
        (Accepted, Event::SetupComplete(_)) => Begun,
        (Begun | Open, _) if state == Some(State::Reconnecting) => Lost,
        (Lost, Event::Reconnecting { attempt: 1, .. }) => Reconnecting(1),
        (Reconnecting(last), Event::Reconnecting { attempt, .. })
            if *attempt == last || *attempt == last + 1 =>
        {
            Reconnecting(*attempt)
        }
        (Reconnecting(_), _) if state == Some(State::Open) => Back,
        (Back, Event::Resumed { .. }) | (Begun | Back, Event::Restarted { .. }) => Open,
        (Begun | Open, _) if state == Some(State::Closing) => Closing,
        (Begin | Connecting | Begun | Open | Lost | Reconnecting(_) | Closing, _)
            if state == Some(State::Closed) =>
        {
            Ending
        }
        (Ending, Event::Closed { .. }) => End,
        (
            _,
            Event::StateChange { .. }
            | Event::SetupComplete(_)
            | Event::Reconnecting { .. }
            | Event::Resumed { .. }
            | Event::Restarted { .. }
            | Event::Closed { .. },
        ) => return None,
        // What is sent before the beginning is not sent.
        (Begin, Event::Warning { .. }) => Begin,
        (Begin | Accepted | Lost | Back | Ending | End, _) => return None,
        (Begun, _) => Open,
        (Connecting | Open | Reconnecting(_) | Closing, _) => place,
    })
}

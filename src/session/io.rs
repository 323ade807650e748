//! What goes into the machine and what comes out: plain data.

use crate::{
    audio::pcm::Pcm,
    error::{CloseFrame, Error},
    event::SessionEvent,
    protocol::message::Message,
};

/// Names one socket. A socket that was replaced has an old name, and nobody listens to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConnId(pub u32);

/// What the playback worklet last said, and what still waits in front of it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Playback {
    /// The epoch of the sample that is next to be played. A report that was under way when playback was flushed still
    /// carries the epoch before.
    pub epoch: u32,
    /// 24 kHz samples played since the speaker was opened; what was flushed does not count.
    pub played: f64,
    /// 24 kHz samples of this epoch that were played.
    pub epoch_played: f64,
    /// 24 kHz samples not played yet, in the ring and in front of it.
    pub waiting: f64,
    /// Times the speaker ran dry in the middle of an answer.
    pub concealment_events: f64,
    /// 24 kHz samples of silence that those inserted.
    pub concealed_samples: f64,
    /// 24 kHz samples by which answers became longer because they were played slower.
    pub inserted_samples: f64,
    /// Seconds: the sum of the jitter targets with which samples were played.
    pub target_delay: f64,
    /// Seconds: the same of what the network alone asks for.
    pub minimum_delay: f64,
    /// The energy of what was played: the sum of squares, in seconds.
    pub energy: f64,
    /// Whether sound is coming out.
    pub is_playing: bool,
}

/// Something that happened.
#[derive(Debug)]
#[non_exhaustive]
pub enum Input<'a> {
    /// The application gets ready for a session: the first connection can be made, and nothing said over it.
    Dial,
    /// The application wants the session to begin.
    Connect,
    /// The token has come: a socket is being opened with it.
    TokenReady(ConnId),
    /// No token or no socket could be had, or the socket cannot go on for a reason that no close frame tells.
    LinkFailed(ConnId, Error),
    /// The socket is open.
    Opened(ConnId),
    /// A message came, text or binary.
    Frame(ConnId, &'a [u8]),
    /// The socket is closed.
    SocketClosed(ConnId, CloseFrame),
    /// So many bytes wait in the socket (`bufferedAmount`). Fed ahead of every other input: between two of these the
    /// machine only knows what it has sent itself.
    Backlog(ConnId, u32),
    /// The socket did not take this message: it is closing, and will say so.
    Unsent(ConnId, Message),
    /// A message of the application's, validated and encoded.
    Send(Message),
    /// A microphone was opened, or stopped.
    Microphone(bool),
    /// From the microphone: 16 kHz samples, usually a frame of them.
    Audio(&'a [i16]),
    /// So many samples from the microphone were lost before they came here.
    CaptureLost(u32),
    /// The microphone is to be heard, or not.
    Mute(bool),
    /// The application wants to hear no more of the answer.
    Interrupt,
    /// The user begins or stops to talk: push-to-talk.
    Talk(bool),
    /// A speaker was opened, or stopped.
    Speaker(bool),
    /// How far playback is, as the speaker says.
    Played(Playback),
    /// How far playback is: so many samples of this epoch were played by now. Fed ahead of what may end the answer, where it can be
    /// seen; elsewhere it is reckoned from what the speaker said last.
    Position(u32, f64),
    /// Received audio could not be taken for playback.
    PlaybackFailed(Error),
    /// The browser says that the device is online, or offline.
    Network(bool),
    /// The clocks show that the page did not run for a while: the device slept, or the tab was frozen. Nobody knows
    /// whether the connection lives.
    Woke,
    /// The application wants the next attempt to connect now.
    Retry,
    /// The application aborted.
    Abort,
    /// The application wants the end.
    Close,
    /// The application cannot follow: the session ends with this failure.
    Fail(Error),
    /// Time has passed.
    Tick,
}

impl Input<'_> {
    /// The socket it comes from, if it comes from one.
    pub(super) fn conn(&self) -> Option<ConnId> {
        match self {
            Self::TokenReady(conn)
            | Self::LinkFailed(conn, _)
            | Self::Opened(conn)
            | Self::Frame(conn, _)
            | Self::SocketClosed(conn, _)
            | Self::Backlog(conn, _)
            | Self::Unsent(conn, _) => Some(*conn),
            Self::Dial
            | Self::Connect
            | Self::Send(_)
            | Self::Microphone(_)
            | Self::Audio(_)
            | Self::CaptureLost(_)
            | Self::Mute(_)
            | Self::Interrupt
            | Self::Talk(_)
            | Self::Speaker(_)
            | Self::Played(_)
            | Self::Position(..)
            | Self::PlaybackFailed(_)
            | Self::Network(_)
            | Self::Woke
            | Self::Retry
            | Self::Abort
            | Self::Close
            | Self::Fail(_)
            | Self::Tick => None,
        }
    }
}

/// Something to do.
///
/// Not `#[non_exhaustive]`: who drives the machine has to perform every action, and must not compile without a new one.
#[derive(Debug, PartialEq)]
pub enum Action {
    /// Ask for a token, then open a socket with it.
    Open(ConnId),
    /// Send one text frame. One that the socket does not take comes back as [`Input::Unsent`].
    Send(ConnId, Message),
    /// Close the socket with this code, or stop opening it.
    CloseSocket(ConnId, u16),
    /// Queue audio for playback.
    Play {
        /// How often playback was flushed before it; what carries an older epoch is dropped wherever it is found.
        epoch: u32,
        /// Number of the turn that it is of, or 0 where none are kept; and how many 24 kHz samples of that come before it.
        place: (u32, f64),
        /// The audio.
        audio: Pcm,
    },
    /// What was queued is complete: running dry after it is no gap.
    Finish,
    /// Playback falls silent: everything of older epochs is dropped.
    Flush {
        /// The epoch that begins.
        epoch: u32,
    },
    /// Playback falls silent and stays where it is, or goes on there.
    Pause(bool),
    /// Tell the application.
    Emit(SessionEvent),
}

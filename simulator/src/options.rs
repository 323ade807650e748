//! What can be chosen about a simulator.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use crate::replay::Recording;
use crate::script::Script;

/// What can be chosen about a simulator; the default is what tests and demos need.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What the names of tokens, handles and calls are made from: the same seed, the same names. Without one they are
    /// others each time.
    pub seed: Option<u64>,
    /// Who speaks what was not heard.
    pub voice: Voice,
    /// Names besides those of this machine that it may be asked under, such as that of a container: in `Host`, and as
    /// the host of a page's origin.
    pub names: Vec<String>,
    /// Scripts besides the simulator's own.
    pub scripts: Vec<Script>,
    /// The name of what every connection goes through that chooses nothing by its path.
    pub script: Option<String>,
    /// How fast its clock runs: at 60 a minute takes a second. From 0.01 to 10 000; that of the wall unless given.
    pub speed: Option<f64>,
    /// What is kept, and served at the same time.
    pub capacity: Capacity,
    /// What every connection is played, in place of answers.
    pub recording: Option<Recording>,
    /// How long a client may take to read a frame, of the computer's time, before it is taken for gone: 10 s unless given.
    pub send_time: Option<Duration>,
}

/// How much a simulator keeps, and serves at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// Connections that are remembered.
    pub connections: usize,
    /// Connections whose audio is remembered though they are over.
    pub with_audio: usize,
    /// Sessions at the same time.
    pub sessions: usize,
}

impl Default for Capacity {
    fn default() -> Self {
        Self { connections: 64, with_audio: 16, sessions: 32 }
    }
}

impl Options {
    pub(crate) fn seed(&self) -> u64 {
        self.seed.unwrap_or_else(|| RandomState::new().hash_one("names"))
    }
}

/// Who speaks what was not heard: answers to typed text, and to what functions return.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Voice {
    /// `espeak-ng`, where it is installed; otherwise as [`Voice::BuiltIn`].
    #[default]
    Espeak,
    /// The simulator's own: no words, but the same sounds for the same text on every machine.
    BuiltIn,
}

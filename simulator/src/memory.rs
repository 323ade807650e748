//! What a session knows: it goes with the handle from one connection to the next.

use std::sync::Arc;
use std::time::Duration;

use crate::behaviour::{Behaviour, HistoryOnResume};
use crate::conversation::call::Calls;
use crate::settings::{Settings, Tools};
use crate::usage::Context;

/// What a session knows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    /// Everything said so far, in tokens.
    pub(crate) context: Context,
    /// What the user said last, to be said again when somebody asks for it.
    pub(crate) said: Option<Said>,
    /// Content of the user's turn that is not complete yet.
    pub(crate) open_turn: Option<String>,
    /// `clientContent` is history still.
    pub(crate) history_open: bool,
    /// Calls that were made. *Assumed*: whoever is given a handle while one is open, and comes with it, may answer.
    pub(crate) calls: Calls,
    /// What could be called and searched.
    pub(crate) tools: Arc<Tools>,
    /// How long the session has been connected, all its connections together.
    pub(crate) lived: Duration,
    /// Turns that were begun: a script's story goes on where it was.
    pub(crate) turns: u32,
    /// An image came: the session is one with video.
    pub(crate) saw_images: bool,
}

impl Memory {
    /// What is known when a setup has been read: what the session knew, if it is resumed, and what the setup says.
    /// Tools that a resuming setup does not name stay as they were, which is *assumed*.
    pub(crate) fn at_setup(known: Option<Self>, settings: &Settings, ways: &Behaviour) -> Self {
        let is_new = known.is_none();
        let mut memory = known.unwrap_or_default();
        if is_new || ways.history_on_resume == HistoryOnResume::Applied {
            memory.history_open = settings.history_first;
        }
        if let Some(tools) = &settings.tools {
            memory.tools = tools.clone();
        }
        memory
    }
}

/// Something the user said.
#[derive(Clone, Debug)]
pub(crate) enum Said {
    Words(String),
    /// Samples at 16 kHz. Handles share them.
    Sound(Arc<[i16]>),
}

impl Said {
    /// Keeps the beginning of a sound: there are many handles.
    pub(crate) fn sound(samples: &[i16]) -> Self {
        Self::Sound(samples.iter().take(LONGEST_SOUND).copied().collect())
    }
}

/// 5 s at 16 kHz.
const LONGEST_SOUND: usize = 5 * 16_000;

//! What ends a session that goes on for too long.

use std::time::Duration;

use serde_json::json;

use super::dialogue::Dialogue;
use super::session::{Stage, seconds};
use crate::Time;
use crate::refusal::Refusal;

impl Dialogue {
    /// When the session's time is up, the connections before this one counted; compressed sessions go on for ever.
    pub(super) fn time_is_up(&self) -> Option<Time> {
        if self.settings.compression.is_some() {
            return None;
        }
        let limits = &self.ways.limits;
        let limit = if self.memory.saw_images { limits.video_session_ms } else { limits.audio_session_ms };
        Some(self.began + Duration::from_millis(limit).saturating_sub(self.memory.lived))
    }

    /// When the limits want to be looked at.
    pub(super) fn limits_deadline(&self) -> Option<Time> {
        let end = self.time_is_up()?;
        Some(if self.warned { end } else { end.saturating_sub(WARNING).max(self.began) })
    }

    /// Warns of the end, and ends the session when it is over or does not hold any more.
    pub(super) fn check_limits(&mut self, stage: &mut Stage<'_>) -> Result<(), Refusal> {
        let window = self.ways.limits.window_tokens.unwrap_or(self.settings.family.window_tokens);
        let total = self.memory.context.total() + self.settings.instruction_tokens;
        if self.settings.compression.is_none() && total > window {
            return Err(Refusal::context_overflow(total, window));
        }
        let Some(end) = self.time_is_up() else { return Ok(()) };
        if end <= stage.now {
            return Err(Refusal::deadline("the session was as long as it may be without compression"));
        }
        if !self.warned && end <= stage.now + WARNING {
            self.warned = true;
            stage.send(json!({"goAway": {"timeLeft": seconds(end - stage.now)}}));
        }
        Ok(())
    }
}

/// A session is warned so long before its end. *Reported* for connections.
const WARNING: Duration = Duration::from_secs(50);

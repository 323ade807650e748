//! What a session was, over all its connections: what one of them did not get, another may have.

use serde_json::{Value, json};

use super::sound::Sound;
use super::{Record, Records};
use crate::audio::{INPUT_HZ, OUTPUT_HZ};

/// A direction in which audio goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Received,
    Sent,
}

impl Records {
    /// The sessions whose connections are remembered, of a run or all.
    pub(crate) fn sessions(&self, run: Option<&str>) -> Vec<Value> {
        let is_meant = |record: &&Record| run.is_none_or(|run| run == record.run);
        let mut sessions: Vec<u64> =
            self.records.iter().filter(is_meant).map(|record| record.chain.session).collect();
        sessions.sort_unstable();
        sessions.dedup();
        sessions.into_iter().filter_map(|session| self.session(session)).collect()
    }

    /// A session, by the id of its first connection.
    pub(crate) fn session(&self, session: u64) -> Option<Value> {
        let connections = self.of_session(session);
        let first = connections.first()?;
        let is_open = connections.iter().any(|record| record.closed.is_none());
        Some(json!({
            "session": session,
            "run": first.run,
            "script": first.script,
            "isOpen": is_open,
            "connections": connections.iter().map(|record| record.id).collect::<Vec<_>>(),
            // The oldest records go first: what they had is not in the sums then.
            "isComplete": first.id == session,
            "received": sum(&connections, Direction::Received),
            "sent": sum(&connections, Direction::Sent),
        }))
    }

    /// The audio of a session's connections, one after the other, as far as it was kept.
    pub(crate) fn session_samples(&self, session: u64, direction: Direction) -> Option<Vec<i16>> {
        let connections = self.of_session(session);
        connections.first()?;
        Some(connections.iter().flat_map(|record| record.sound(direction).kept.iter().copied()).collect())
    }

    /// When the audio of a session's connections went by: `[ms, first sample, samples, connection]`. Times count from the
    /// first connection, samples over all of them.
    pub(crate) fn session_audio(&self, session: u64) -> Option<Value> {
        let connections = self.of_session(session);
        let first = connections.first()?;
        let frames = |direction| {
            let mut before = 0;
            let mut frames = Vec::new();
            for record in &connections {
                let sound = record.sound(direction);
                let late = record.opened.saturating_sub(first.opened).as_millis() as u64;
                frames.extend(
                    sound
                        .frames
                        .iter()
                        .map(|[ms, start, samples]| json!([late + ms, before + start, samples, record.id])),
                );
                before += sound.samples;
            }
            json!({ "frames": frames })
        };
        Some(json!({
            "session": session,
            "received": frames(Direction::Received),
            "sent": frames(Direction::Sent),
        }))
    }

    /// The connections of a session, in their order.
    pub(super) fn of_session(&self, session: u64) -> Vec<&Record> {
        self.records.iter().filter(|record| session > 0 && record.chain.session == session).collect()
    }
}

impl Record {
    fn sound(&self, direction: Direction) -> &Sound {
        match direction {
            Direction::Received => &self.received,
            Direction::Sent => &self.sent,
        }
    }
}

fn sum(connections: &[&Record], direction: Direction) -> Value {
    let sounds = || connections.iter().map(|record| record.sound(direction));
    let rate_hz = match direction {
        Direction::Received => INPUT_HZ,
        Direction::Sent => OUTPUT_HZ,
    };
    let samples: u64 = sounds().map(|sound| sound.samples).sum();
    let kept: usize = sounds().map(|sound| sound.kept.len()).sum();
    json!({"audio": {"samples": samples, "kept": {"samples": kept, "rate": rate_hz}}})
}

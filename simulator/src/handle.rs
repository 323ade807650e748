//! Resumption handles and what they stand for.

use std::collections::HashMap;
use std::time::Duration;

use crate::Time;
use crate::refusal::Refusal;
use crate::usage::Context;

/// Every handle that was given out.
#[derive(Debug, Default)]
pub(crate) struct Handles {
    known: HashMap<String, Remembered>,
}

/// What a session can be taken up from.
#[derive(Clone, Debug)]
pub(crate) struct Remembered {
    pub(crate) model: String,
    pub(crate) context: Context,
    pub(crate) at: Time,
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

    /// The session behind a handle, for `model`: the model is the one thing that may not change.
    pub(crate) fn resume(&self, handle: &str, model: &str, now: Time) -> Result<Remembered, Refusal> {
        match self.known.get(handle) {
            None => Err(Refusal::new(1007, "Invalid session handle", "the handle was never given out")),
            Some(session) if now > session.at + LIFE => Err(Refusal::new(
                1008,
                "BidiGenerateContent session not found",
                "the handle is older than 2 h",
            )),
            Some(session) if session.model != model => {
                Err(Refusal::invalid_argument("the model may not change when a session is resumed"))
            }
            Some(session) => Ok(session.clone()),
        }
    }
}

/// How long a handle can be used.
const LIFE: Duration = Duration::from_secs(2 * 60 * 60);

const MOST_HANDLES: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_lives_two_hours_and_keeps_its_model() {
        let mut handles = Handles::default();
        let session =
            Remembered { model: "models/m".into(), context: Context::default(), at: Duration::ZERO };
        handles.remember("h".into(), session);
        let resume = |handle: &str, model: &str, at| handles.resume(handle, model, Duration::from_secs(at));
        assert!(resume("h", "models/m", 7200).is_ok());
        assert_eq!(resume("h", "models/m", 7201).unwrap_err().code, 1008);
        assert_eq!(resume("h", "models/other", 1).unwrap_err().code, 1007);
        assert_eq!(resume("x", "models/m", 1).unwrap_err().reason, "Invalid session handle");
    }

    #[test]
    fn the_oldest_handle_is_forgotten_when_there_are_too_many() {
        let mut handles = Handles::default();
        for number in 0..=MOST_HANDLES as u64 {
            let at = Duration::from_secs(number);
            handles.remember(
                number.to_string(),
                Remembered { model: "m".into(), context: Context::default(), at },
            );
        }
        let now = Duration::from_secs(1);
        assert!(handles.resume("0", "m", now).is_err());
        assert!(handles.resume("1", "m", now).is_ok());
    }
}

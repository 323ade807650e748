//! What the user said, said again: by this a listener can tell that a session was taken up with its memory.

use super::dialogue::{Dialogue, Stimulus};
use super::session::Stage;
use crate::memory::Said;

/// Whether these words ask for what was said before them.
pub(super) fn is_asked_for(words: &str) -> bool {
    words.split(|letter: char| !letter.is_alphanumeric()).any(|word| word.eq_ignore_ascii_case("recall"))
}

impl Dialogue {
    /// Keeps what the user says.
    pub(super) fn note(&mut self, stimulus: &Stimulus, words: &str) {
        match stimulus {
            Stimulus::Spoken(samples) if words.is_empty() => self.memory.said = Some(Said::sound(samples)),
            Stimulus::Spoken(_) | Stimulus::Typed(_) => self.note_words(words),
            Stimulus::Answered(_) => {}
        }
    }

    pub(super) fn note_words(&mut self, words: &str) {
        if !is_asked_for(words) && !words.trim().is_empty() {
            self.memory.said = Some(Said::Words(words.chars().take(LONGEST_WORDS).collect()));
        }
    }

    /// Says what the user said last: what was written in words, what was spoken in the speaker's own voice.
    pub(super) fn recall(&mut self, stage: &mut Stage<'_>) {
        match self.memory.said.clone() {
            None => self.say("You have said nothing yet.".to_owned(), stage),
            Some(Said::Words(words)) => self.say(format!("You said: {words}"), stage),
            Some(Said::Sound(samples)) => self.repeat(&samples, stage),
        }
    }
}

const LONGEST_WORDS: usize = 400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_asks_for_it() {
        assert!(is_asked_for("Recall!") && is_asked_for("please recall what I said"));
        assert!(!is_asked_for("recalled") && !is_asked_for(""));
    }
}

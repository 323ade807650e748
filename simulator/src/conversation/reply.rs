//! What the model makes of a turn: calls, words, or the speaker's own sound.

use serde_json::{Map, Value};

use super::Action;
use super::answer::{Answer, Manner};
use super::call::{Wanted, functions_called};
use super::dialogue::{Dialogue, Stimulus, Turn};
use super::session::Stage;
use super::transcript::length_in_words;
use crate::audio::{INPUT_HZ, OUTPUT_HZ, sound};
use crate::script::{Call, Scripted, Which};
use crate::settings::Function;

impl Dialogue {
    pub(super) fn reply(&mut self, stimulus: Stimulus, stage: &mut Stage<'_>) {
        match stimulus {
            Stimulus::Spoken(samples) => self.repeat(&samples, stage),
            Stimulus::Typed(text) if text.trim().is_empty() => {
                self.say("You wrote nothing.".to_owned(), stage)
            }
            Stimulus::Typed(text) => self.say(format!("You wrote: {}", excerpt(&text)), stage),
            Stimulus::Answered(sentence) => self.say(sentence, stage),
        }
    }

    /// What the script has for this turn, which is counted. What a function answered begins no turn of its own.
    pub(super) fn scripted(&mut self, stimulus: &Stimulus, stage: &mut Stage<'_>) -> Option<Scripted> {
        let typed = match stimulus {
            Stimulus::Answered(_) => return None,
            Stimulus::Typed(text) => Some(text.as_str()),
            Stimulus::Spoken(_) => None,
        };
        self.memory.turns += 1;
        stage.service.handles.turn_began(self.chain.session, self.memory.turns);
        self.script.answer(typed, self.memory.turns).cloned()
    }

    /// The functions that the script or the words ask for.
    pub(super) fn functions_for(&self, words: &str, scripted: &[Call]) -> Vec<Wanted> {
        let functions = &self.memory.tools.functions;
        let by_words = functions_called(words, functions);
        let wanted = |function: &Function, args: Option<&Map<String, Value>>| Wanted {
            function: function.clone(),
            args: args.cloned().map(Value::Object),
        };
        if scripted.is_empty() {
            return by_words.into_iter().map(|function| wanted(function, None)).collect();
        }
        let called = scripted.iter().flat_map(|Call { name, args }| {
            let found: Vec<&Function> = match name {
                Some(name) => functions.iter().filter(|function| function.name == *name).take(1).collect(),
                None if by_words.is_empty() => functions.iter().take(1).collect(),
                None => by_words.clone(),
            };
            found.into_iter().map(|function| wanted(function, args.as_ref())).collect::<Vec<_>>()
        });
        called.collect()
    }

    /// Calls functions, in one message. What the script says is for when they have answered.
    pub(super) fn call(
        &mut self,
        wanted: Vec<Wanted>,
        words: &str,
        say: Option<String>,
        stage: &mut Stage<'_>,
    ) {
        let names: Vec<String> = wanted.iter().map(|wanted| wanted.function.name.clone()).collect();
        let calls = wanted.into_iter().map(|wanted| {
            let id = stage.service.next_call_id();
            stage.service.handles.called(self.chain.session, id.clone());
            (id, wanted)
        });
        let calls = calls.collect();
        self.called_at = stage.now;
        stage.send(self.calls.make(calls, words));
        if self.calls.is_blocked() {
            self.turn = Turn::Calling { sentences: Vec::new(), scripted: say };
        } else {
            self.say(
                say.unwrap_or_else(|| format!("I have asked {} and will tell you.", names.join(" and "))),
                stage,
            );
        }
    }

    /// Gives up unanswered calls before they are answered. A turn that waits for none any more goes on without them.
    pub(super) fn cancel_calls(&mut self, which: Which, stage: &mut Stage<'_>) {
        let Some(cancellation) = self.calls.cancel_some(which) else { return };
        stage.send(cancellation);
        match &self.turn {
            Turn::Calling { sentences, .. } if sentences.is_empty() && !self.calls.is_blocked() => {
                self.complete_turn(stage);
            }
            _ => {
                self.go_on_when_answered(stage);
                self.offer_resumption(stage);
            }
        }
    }

    /// The speaker's own words, behind a chime.
    pub(super) fn repeat(&mut self, samples: &[i16], stage: &mut Stage<'_>) {
        let length = length_in_words(samples.len());
        if self.settings.answers_text {
            return self.say(format!("I heard {length}."), stage);
        }
        self.last_speech += 1;
        let (id, samples) = (self.last_speech, samples.to_vec());
        self.turn = Turn::Preparing { words: length, opening: sound::chime(&samples) };
        stage.actions.push_back(Action::Resample { id, samples, rate_hz: INPUT_HZ, to_hz: OUTPUT_HZ });
    }

    /// Words of the service's own.
    pub(super) fn say(&mut self, words: String, stage: &mut Stage<'_>) {
        if self.settings.answers_text {
            self.turn = Turn::Speaking(Answer::written(&words, self.manner(), stage.now));
            return;
        }
        self.last_speech += 1;
        stage.actions.push_back(Action::Speak { id: self.last_speech, text: words.clone() });
        self.turn = Turn::Preparing { words, opening: Vec::new() };
    }

    /// Says an answer, at 24 kHz, which has to be brought to another rate first if that is how it is sent.
    pub(super) fn speak(&mut self, samples: Vec<i16>, words: String, stage: &mut Stage<'_>) {
        let to_hz = self.voice.rate_hz();
        if to_hz == OUTPUT_HZ {
            self.voice.begin((&samples, OUTPUT_HZ));
            return self.begin_speaking(&samples, &words, stage);
        }
        self.last_speech += 1;
        let (id, rate_hz) = (self.last_speech, OUTPUT_HZ);
        stage.actions.push_back(Action::Resample { id, samples: samples.clone(), rate_hz, to_hz });
        self.turn = Turn::Converting { words, samples };
    }

    pub(super) fn begin_speaking(&mut self, samples: &[i16], words: &str, stage: &Stage<'_>) {
        self.turn = Turn::Speaking(Answer::spoken(samples, words, self.manner(), stage.now));
    }

    pub(super) fn manner(&self) -> Manner {
        Manner {
            transcript: self.settings.transcribes_output,
            thought: self.settings.shows_thoughts,
            pace: self.pace,
        }
    }
}

/// The words of a turn. What was spoken has those that the script hears, if any.
pub(super) fn words_of(stimulus: &Stimulus, scripted: Option<&Scripted>) -> String {
    match stimulus {
        Stimulus::Typed(text) => text.clone(),
        Stimulus::Spoken(_) => scripted.and_then(|scripted| scripted.hears.clone()).unwrap_or_default(),
        Stimulus::Answered(_) => String::new(),
    }
}

fn excerpt(text: &str) -> String {
    text.chars().take(LONGEST_EXCERPT).collect()
}

const LONGEST_EXCERPT: usize = 400;

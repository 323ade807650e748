//! An open session: whose turn it is, and what is said.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::{Value, json};

use super::answer::{Answer, Pace, Piece};
use super::call::{Answered, Calls, Scheduling};
use super::ear::{Ear, Heard};
use super::recall;
use super::reply::words_of;
use super::resumption::Resumption;
use super::session::{Stage, seconds};
use super::shape::Voice;
use super::transcript::Transcriber;
use crate::Time;
use crate::audio::resampler::Resampler;
use crate::audio::{INPUT_HZ, OUTPUT_HZ};
use crate::behaviour::Behaviour;
use crate::handle::Chain;
use crate::memory::Memory;
use crate::refusal::Refusal;
use crate::script::{Pacing, Script};
use crate::settings::{Settings, text_tokens};
use crate::usage::{self, Context};

/// The talk of a session.
#[derive(Debug)]
pub(super) struct Dialogue {
    pub(super) settings: Settings,
    pub(super) script: Arc<Script>,
    pub(super) chain: Chain,
    pub(super) pace: Pace,
    /// Turns are not answered any more.
    silent: bool,
    pub(super) ear: Ear,
    pub(super) calls: Calls,
    /// When the last call was sent.
    pub(super) called_at: Time,
    pub(super) turn: Turn,
    /// What asks for a turn and has not had one.
    waiting: VecDeque<Stimulus>,
    /// What goes with a handle to the next connection.
    pub(super) memory: Memory,
    /// What was said in the present turn, in tokens.
    response: Context,
    thoughts: u64,
    pub(super) last_speech: u64,
    pub(super) resumption: Resumption,
    pub(super) transcriber: Transcriber,
    pub(super) voice: Voice,
    /// What is told when the present answer has been generated.
    pub(super) findings: Vec<Value>,
    pub(super) ways: Behaviour,
    /// When the connection was set up.
    pub(super) began: Time,
    /// The client was told that the session's time is nearly over.
    pub(super) warned: bool,
}

/// Whose turn it is.
#[derive(Debug)]
pub(super) enum Turn {
    /// The client's.
    Idle,
    /// A voice is being looked for. That takes time of the computer's, whatever the clock here says: who looks for it
    /// says when there is none.
    Preparing {
        words: String,
        /// What sounds before it.
        opening: Vec<i16>,
    },
    /// The answer is being brought to the rate that it is sent at; this is how it was.
    Converting { words: String, samples: Vec<i16> },
    /// The answers to function calls are missing; these are there.
    Calling { sentences: Vec<String>, scripted: Option<String> },
    /// The answer is on its way, or being played.
    Speaking(Answer),
}

/// What makes the service speak.
#[derive(Debug)]
pub(super) enum Stimulus {
    /// Somebody spoke: samples at 16 kHz.
    Spoken(Vec<i16>),
    /// Somebody wrote.
    Typed(String),
    /// A function that did not block has answered.
    Answered(String),
}

impl Dialogue {
    pub(super) fn new(
        settings: Settings,
        script: Arc<Script>,
        ways: Behaviour,
        chain: Chain,
        memory: Option<Memory>,
    ) -> Self {
        let mut memory = Memory::at_setup(memory, &settings, &ways);
        Self {
            resumption: Resumption::new(ways.updates.clone(), settings.family),
            ear: Ear::new(settings.detection),
            transcriber: Transcriber::new(
                ways.transcripts.clone(),
                settings.family.transcripts,
                settings.times_words,
            ),
            voice: Voice::new(ways.audio.clone()),
            findings: Vec::new(),
            calls: std::mem::take(&mut memory.calls),
            memory,
            ways,
            settings,
            script,
            chain,
            pace: Pace::default(),
            silent: false,
            called_at: Time::default(),
            turn: Turn::Idle,
            waiting: VecDeque::new(),
            response: Context::default(),
            thoughts: 0,
            last_speech: 0,
            began: Time::ZERO,
            warned: false,
        }
    }

    /// What follows `setupComplete`.
    pub(super) fn greet(&mut self, stage: &mut Stage<'_>) {
        self.began = stage.now;
        self.begin_updates(stage);
    }

    /// Turns are not answered any more.
    pub(super) fn fall_silent(&mut self) {
        self.silent = true;
    }

    /// Answers come at another pace from now on.
    pub(super) fn change_pace(&mut self, pacing: &Pacing) {
        self.pace = self.pace.changed(pacing);
    }

    pub(super) fn deadline(&self) -> Option<Time> {
        let turn = match &self.turn {
            Turn::Idle | Turn::Preparing { .. } | Turn::Converting { .. } | Turn::Calling { .. } => None,
            Turn::Speaking(answer) => Some(answer.deadline()),
        };
        let others = [self.resumption.deadline(), self.transcriber.deadline(), self.limits_deadline()];
        others.into_iter().chain([turn]).flatten().min()
    }

    /// Does what is due.
    pub(super) fn on_time(&mut self, stage: &mut Stage<'_>) -> Result<(), Refusal> {
        self.update_on_time(stage);
        self.tell_transcripts(stage);
        self.continue_answer(stage);
        while matches!(self.turn, Turn::Idle)
            && let Some(stimulus) = self.waiting.pop_front()
        {
            self.begin_turn(stimulus, stage);
        }
        self.check_limits(stage)
    }

    /// Whether something is generated, or a function runs: a session that is busy cannot be resumed.
    pub(super) fn is_busy(&self) -> bool {
        !matches!(self.turn, Turn::Idle) || self.calls.is_any_outstanding() || !self.waiting.is_empty()
    }

    /// A voice was found, or not; or it was brought to another rate.
    pub(super) fn on_voice(&mut self, id: u64, sound: Option<(&[i16], u32)>, stage: &mut Stage<'_>) {
        if id != self.last_speech {
            return;
        }
        let sound = sound.filter(|(samples, rate_hz)| !samples.is_empty() && *rate_hz > 0);
        match std::mem::replace(&mut self.turn, Turn::Idle) {
            Turn::Preparing { words, opening: mut answer } => {
                answer.extend(match sound {
                    Some((samples, rate_hz)) => Resampler::convert(samples, rate_hz, OUTPUT_HZ),
                    None => crate::audio::voice::speak(&words),
                });
                self.speak(answer, words, stage);
            }
            Turn::Converting { words, samples } => {
                self.voice.begin(sound.unwrap_or((&samples, OUTPUT_HZ)));
                self.begin_speaking(&samples, &words, stage);
            }
            other => self.turn = other,
        }
    }

    /// Somebody is heard to begin or to finish.
    pub(super) fn on_heard(&mut self, heard: Heard, stage: &mut Stage<'_>) {
        let (kind, at) = match &heard {
            Heard::Started(at) => {
                stage.plot.speech_started();
                ("ACTIVITY_START", *at)
            }
            Heard::Utterance(_, at) => ("ACTIVITY_END", *at),
        };
        if self.settings.detection.is_some() {
            let activity = json!({"voiceActivityType": kind, "audioOffset": seconds(at)});
            stage.send(json!({"serverContent": {}, "voiceActivity": activity}));
        }
        match heard {
            Heard::Started(_) if self.settings.interruptible => self.interrupt(stage),
            Heard::Utterance(samples, _) if !samples.is_empty() => self.ask(Stimulus::Spoken(samples)),
            _ => {}
        }
    }

    /// Asks for a turn, now or when the present one is over.
    pub(super) fn ask(&mut self, stimulus: Stimulus) {
        if self.waiting.len() >= MOST_WAITING {
            self.waiting.pop_front();
        }
        self.waiting.push_back(stimulus);
    }

    /// Ends the present turn before its time.
    pub(super) fn interrupt(&mut self, stage: &mut Stage<'_>) {
        if matches!(self.turn, Turn::Idle) || self.is_wedged() || !self.completes_turns() {
            return;
        }
        if let Some(cancellation) = self.calls.cancel() {
            stage.send(cancellation);
        }
        stage.send(json!({"serverContent": {"interrupted": true}}));
        self.complete_turn(stage);
    }

    /// Function calls were answered.
    pub(super) fn on_answers(&mut self, answers: Vec<Answered>, stage: &mut Stage<'_>) {
        for answered in answers {
            self.memory.context.add(Context::text(text_tokens(&answered.sentence)));
            if self.call_again(&answered, stage) {
                continue;
            }
            match (&mut self.turn, answered.blocks, answered.scheduling) {
                (Turn::Calling { sentences, .. }, true, _) => sentences.push(answered.sentence),
                (_, _, Scheduling::Silent) => {}
                (_, _, Scheduling::WhenIdle) => self.ask(Stimulus::Answered(answered.sentence)),
                (_, _, Scheduling::Interrupt) => {
                    self.interrupt(stage);
                    self.waiting.push_front(Stimulus::Answered(answered.sentence));
                }
            }
        }
        self.go_on_when_answered(stage);
        self.offer_resumption(stage);
    }

    /// Says what the functions have answered, if that was waited for and is all there.
    pub(super) fn go_on_when_answered(&mut self, stage: &mut Stage<'_>) {
        if let Turn::Calling { sentences, scripted } = &self.turn
            && !self.calls.is_blocked()
        {
            let words = scripted.clone().unwrap_or_else(|| sentences.join(" "));
            self.say(words, stage);
        }
    }

    fn begin_turn(&mut self, stimulus: Stimulus, stage: &mut Stage<'_>) {
        self.memory.history_open = false;
        let scripted = self.scripted(&stimulus, stage);
        let words = words_of(&stimulus, scripted.as_ref());
        self.note(&stimulus, &words);
        if let Stimulus::Spoken(samples) = &stimulus {
            self.memory.context.add(Context::audio(samples.len(), INPUT_HZ));
            if self.settings.transcribes_input {
                let heard = scripted.as_ref().and_then(|scripted| scripted.hears.as_deref());
                self.transcriber.utterance(heard, samples.len(), stage.now);
                self.tell_transcripts(stage);
            }
        }
        if self.silent {
            return;
        }
        stage.plot.turn_started();
        self.suspend_resumption(stage);
        self.look_up(&words, stage);
        let scripted = scripted.unwrap_or_default();
        let functions = self.functions_for(&words, &scripted.call);
        if !functions.is_empty() {
            self.call(functions, &words, scripted.say, stage);
        } else if let Some(words) = scripted.say {
            self.say(words, stage);
        } else if recall::is_asked_for(&words) {
            self.recall(stage);
        } else {
            self.reply(stimulus, stage);
        }
    }

    fn continue_answer(&mut self, stage: &mut Stage<'_>) {
        let Turn::Speaking(answer) = &mut self.turn else { return };
        let pieces: Vec<Piece> = std::iter::from_fn(|| answer.due(stage.now)).collect();
        let is_complete = answer.is_complete(stage.now);
        pieces.into_iter().for_each(|piece| self.send_piece(piece, stage));
        if is_complete {
            self.complete_turn(stage);
        }
    }

    fn send_piece(&mut self, piece: Piece, stage: &mut Stage<'_>) {
        let content = match piece {
            Piece::Thought(text) => {
                self.thoughts += text_tokens(text);
                json!({"modelTurn": {"parts": [{"text": text, "thought": true}]}})
            }
            Piece::Audio(samples) => {
                self.response.add(Context::audio(samples.len(), OUTPUT_HZ));
                stage.spoke(&samples);
                json!({"modelTurn": {"parts": self.voice.parts(&samples)}})
            }
            Piece::Text(text) => {
                self.response.add(Context::text(text_tokens(&text)));
                json!({"modelTurn": {"parts": [{"text": text}]}})
            }
            Piece::Transcript(text) => self.transcriber.output(&text),
            Piece::Generated => return self.generated(stage),
        };
        self.send_content(content, stage);
    }

    pub(super) fn complete_turn(&mut self, stage: &mut Stage<'_>) {
        let mut prompt = self.memory.context;
        prompt.add(Context::text(self.settings.instruction_tokens));
        let (response, thoughts) = (std::mem::take(&mut self.response), std::mem::take(&mut self.thoughts));
        let usage = usage::metadata(prompt, response, thoughts);
        if self.completes_turns() {
            stage.send(json!({"serverContent": self.turn_end(), "usageMetadata": usage}));
        }
        self.memory.context.add(response);
        self.memory.context.compress(self.settings.compression);
        self.turn = Turn::Idle;
        self.offer_resumption(stage);
    }
}

/// Things that ask for a turn at the same time, at most; the oldest is forgotten.
const MOST_WAITING: usize = 8;

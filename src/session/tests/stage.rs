//! A conversation in front of a speaker that plays what it is told to play.

use std::collections::VecDeque;

use serde_json::json;

use super::*;

/// A conversation and what is heard of it. Every sample of the answers has a number.
pub(super) struct Stage {
    pub(super) talk: Talk,
    pub(super) queue: VecDeque<u32>,
    pub(super) queued: u32,
    pub(super) heard: Vec<u32>,
    pub(super) flushed: u32,
    /// How many were heard of the speakers before.
    heard_before: usize,
    epoch: u32,
    epoch_played: u32,
    /// Since when the speaker is silent, as it was told to be.
    pub(super) paused: Option<Instant>,
    pub(super) is_playing: bool,
    /// Whether the application knows of a pause.
    is_told: bool,
    pub(super) told: Vec<String>,
}

/// What happens, each for so many milliseconds where that says anything.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Voice(u32),
    Quiet(u32),
    /// Nothing comes from the microphone.
    Nothing(u32),
    Answer(u32),
    Interrupted,
    Generated,
    Complete,
    Silence,
    Mute(bool),
    Press(bool),
    Speaker(bool),
    Call,
    Close,
    Lose,
}
use Step::*;

impl Stage {
    pub(super) fn new(config: serde_json::Value, change: impl FnOnce(&mut Policy)) -> Self {
        let mut policy = Policy { barge_in: Some(BargeInPolicy::default()), ..Policy::default() };
        change(&mut policy);
        let talk = Talk::open_by(policy, "sim-parrot", config);
        let mut stage = Self {
            talk,
            queue: VecDeque::new(),
            queued: 0,
            heard: Vec::new(),
            flushed: 0,
            heard_before: 0,
            epoch: 0,
            epoch_played: 0,
            paused: None,
            is_playing: false,
            is_told: false,
            told: Vec::new(),
        };
        stage.step(Speaker(true));
        stage
    }

    fn perform(&mut self, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Play { epoch, audio, .. } => {
                    assert_eq!(epoch, self.epoch);
                    let samples = audio.samples_at_24_khz() as u32;
                    self.queue.extend(self.queued..self.queued + samples);
                    self.queued += samples;
                }
                Action::Flush { epoch } => {
                    self.flushed += self.queue.len() as u32;
                    self.queue.clear();
                    (self.epoch, self.epoch_played, self.is_playing) = (epoch, 0, false);
                }
                Action::Pause(is_paused) => {
                    assert_ne!(is_paused, self.paused.is_some(), "said twice");
                    self.paused = is_paused.then_some(self.talk.now);
                }
                Action::Emit(event) => self.hear(event.into()),
                Action::Open(_) | Action::Send(..) | Action::CloseSocket(..) | Action::Finish => {}
            }
        }
        assert_eq!(self.is_told, self.paused.is_some(), "what is told is what is heard: {:?}", self.told);
    }

    fn hear(&mut self, event: Event) {
        let is_about_pause = matches!(event, Event::PlaybackPaused {} | Event::PlaybackResumed { .. });
        let (is_paused, word) = match event {
            Event::PlaybackPaused {} => (true, "paused".to_owned()),
            Event::PlaybackResumed { paused_ms } => (false, format!("resumed {paused_ms}")),
            Event::Interrupted(fields) => {
                (false, format!("interrupted {}", fields.played_ms.unwrap_or(-1.0)))
            }
            Event::PlaybackEnded { played_ms } => (false, format!("ended {played_ms}")),
            Event::StateChange { state: State::Closing | State::Closed } => (false, "end".to_owned()),
            _ => return,
        };
        assert!(!is_about_pause || is_paused != self.is_told, "{word} after {:?}", self.told);
        self.is_told = is_paused;
        self.told.push(word);
    }

    /// 20 ms of the speaker's, which says how far it is.
    fn play(&mut self) {
        if self.paused.is_some() {
            return;
        }
        let count = self.queue.len().min(480);
        self.heard.extend(self.queue.drain(..count));
        self.epoch_played += count as u32;
        let was_playing = std::mem::replace(&mut self.is_playing, count > 0);
        if was_playing || self.is_playing {
            let actions = self.talk.feed(Input::Played(Playback {
                epoch: self.epoch,
                played: (self.heard.len() - self.heard_before) as f64,
                epoch_played: f64::from(self.epoch_played),
                waiting: self.queue.len() as f64,
                is_playing: self.is_playing,
                ..Playback::default()
            }));
            self.perform(actions);
        }
    }

    pub(super) fn pass(&mut self, ms: u32, frame: Option<[i16; 320]>) {
        for _ in 0..ms / 20 {
            let actions = self.talk.pass(20);
            self.perform(actions);
            self.play();
            if let Some(frame) = frame {
                let actions = self.talk.feed(Input::Audio(&frame));
                self.perform(actions);
            }
        }
    }

    fn feed(&mut self, input: Input<'_>) {
        let actions = self.talk.feed(input);
        self.perform(actions);
    }

    pub(super) fn frame(&mut self, content: serde_json::Value) {
        let actions = self.talk.frame(content);
        self.perform(actions);
    }

    pub(super) fn step(&mut self, step: Step) {
        let content = |name: &str| json!({ "serverContent": { name: true } });
        match step {
            Voice(ms) => self.pass(ms, Some(std::array::from_fn(|i| if i % 2 == 0 { 8000 } else { -8000 }))),
            Quiet(ms) => self.pass(ms, Some([1; 320])),
            Nothing(ms) => self.pass(ms, None),
            Answer(ms) => self.frame(audio(ms as usize * 24)),
            Interrupted => self.frame(content("interrupted")),
            Generated => self.frame(content("generationComplete")),
            Complete => self.frame(content("turnComplete")),
            Silence => self.feed(Input::Interrupt),
            Mute(is_muted) => self.feed(Input::Mute(is_muted)),
            Press(is_talking) => self.feed(Input::Talk(is_talking)),
            Speaker(is_open) => {
                (self.epoch_played, self.is_playing) = (0, false);
                self.heard_before = self.heard.len();
                self.flushed += self.queue.len() as u32;
                self.queue.clear();
                self.feed(Input::Speaker(is_open));
            }
            Call => self
                .frame(json!({ "toolCall": { "functionCalls": [{ "id": "1", "name": "f", "args": {} }] } })),
            Close => self.feed(Input::Close),
            Lose => self.feed(Input::SocketClosed(ConnId(1), crate::protocol::close::lost())),
        }
    }

    pub(super) fn steps(mut self, steps: &[Step]) -> Self {
        steps.iter().for_each(|step| self.step(*step));
        self
    }
}

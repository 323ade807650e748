//! What comes from the microphone, and what the service is told when it falls silent.

use std::time::Duration;

use super::{
    Session,
    outbox::{Parcel, Sent},
};
use crate::{
    audio::vad::{self, Vad},
    error::{Warning, WarningCode},
    protocol::{
        client::{ACTIVITY_END, AUDIO_STREAM_END},
        message::{Kind, Mark, Message},
        setup::Setup,
    },
    time::Instant,
};

/// The microphone as the session knows it.
#[derive(Debug)]
pub(super) struct Microphone {
    vad: Vad,
    /// The application says when the user speaks; the service does not listen for it.
    is_manual: bool,
    /// So much silence ends a turn for the service.
    patience: Duration,
    is_muted: bool,
    is_activity_open: bool,
    /// When a voice was last heard, unless the service has been given the silence that ends its turn.
    voice: Option<Instant>,
    /// When a voice was last heard that has not been answered.
    unanswered: Option<Instant>,
    /// When audio last left, if the service has not been told of a pause since.
    streaming: Option<Instant>,
    silence: Option<Silence>,
    is_mode_told: bool,
    is_hold_told: bool,
}

/// Silence that is sent for a microphone that fell silent right after speech.
#[derive(Clone, Copy, Debug)]
struct Silence {
    due: Instant,
    frames: u32,
}

impl Microphone {
    pub(super) fn new(setup: &Setup) -> Self {
        Self {
            vad: Vad::default(),
            is_manual: setup.is_manual_activity(),
            patience: setup.silence().unwrap_or_default().clamp(USUAL_PATIENCE, MOST_PATIENCE),
            is_muted: false,
            is_activity_open: false,
            voice: None,
            unanswered: None,
            streaming: None,
            silence: None,
            is_mode_told: false,
            is_hold_told: false,
        }
    }

    /// Whether a voice is heard in the next 20 ms of these samples, if there are so many.
    fn hears_voice(&mut self, samples: &mut &[i16], now: Instant) -> Option<bool> {
        let is_voice = self.vad.hear(samples)?;
        if is_voice {
            self.voice = Some(now);
            self.unanswered = Some(now);
        }
        Some(is_voice)
    }

    /// The same, where nothing else is made of it.
    pub(super) fn is_voice(&mut self, samples: &mut &[i16]) -> Option<bool> {
        self.vad.hear(samples)
    }

    /// Milliseconds since the user's last word, for the answer that begins now.
    pub(super) fn take_latency(&mut self, now: Instant) -> Option<f64> {
        let latency = now.ms_since(self.unanswered.take()?);
        // After that long it is the answer to something else.
        (latency <= LONGEST_LATENCY_MS).then_some(latency)
    }

    /// The user's next answer is to something that was typed.
    pub(super) fn on_typed(&mut self) {
        self.unanswered = None;
    }

    pub(super) fn on_audio_sent(&mut self, now: Instant) {
        self.streaming = Some(now);
    }

    /// The application said a mark. Says whether it fits how this session finds out that the user speaks.
    pub(super) fn on_mark(&mut self, mark: Mark) -> bool {
        match mark {
            Mark::ActivityStart => self.is_activity_open = true,
            Mark::ActivityEnd => self.is_activity_open = false,
            Mark::AudioStreamEnd => self.streaming = None,
        }
        self.is_manual == (mark != Mark::AudioStreamEnd)
    }

    /// The link is gone over which audio left: to the next it is no stream yet.
    pub(super) fn on_left(&mut self) {
        self.streaming = None;
    }

    /// Whether the application says that the user speaks.
    pub(super) const fn is_muted(&self) -> bool {
        self.is_muted
    }

    pub(super) fn is_activity_open(&self) -> bool {
        self.is_manual && self.is_activity_open
    }

    pub(super) fn is_manual(&self) -> bool {
        self.is_manual
    }

    pub(super) fn on_mark_sent(&mut self, mark: Mark) {
        if mark == Mark::AudioStreamEnd {
            self.streaming = None;
        }
    }

    /// While audio waits, the stream has not paused: it has only not left.
    pub(super) fn deadline(&self, pause: Duration, is_audio_waiting: bool) -> Option<Instant> {
        let silence = self.silence.map(|silence| silence.due);
        silence.or_else(|| if is_audio_waiting { None } else { self.pause_deadline(pause) })
    }

    fn pause_deadline(&self, pause: Duration) -> Option<Instant> {
        // With manual activity the service refuses to be told.
        if self.is_manual { None } else { self.streaming.map(|sent| sent + pause) }
    }
}

impl Session {
    pub(super) fn on_microphone(&mut self, is_open: bool) {
        self.microphone.is_muted = false;
        self.talk.forget();
        self.player.gate(self.policy.echo_gate);
        if is_open { self.resume_talk() } else { self.fall_silent() }
    }

    pub(super) fn on_mute(&mut self, is_muted: bool) {
        let is_new = is_muted && !self.microphone.is_muted;
        self.microphone.is_muted = is_muted;
        self.talk.forget();
        if is_new {
            self.on_muted();
            self.fall_silent();
        } else if !is_muted {
            self.resume_talk();
        }
    }

    /// Whether the device is not to be heard, because it would hear the answer.
    fn is_held(&self) -> bool {
        // While the answer is paused there is nothing of it to be heard.
        let is_over_answer = self.player.is_answering() && !self.barge_in.is_paused();
        is_over_answer && (self.policy.half_duplex || self.player.is_gated())
    }

    pub(super) fn on_audio(&mut self, samples: &[i16]) {
        if !self.life.is_live() {
            self.stats.audio_frames_dropped = self.stats.audio_frames_dropped.saturating_add(1);
            return;
        }
        if self.microphone.is_muted {
            self.talk.forget();
            self.on_unheard(samples);
        } else if self.is_held() {
            self.talk.forget();
        } else if !self.keeps_for_talk(samples) {
            self.hear(samples);
        }
    }

    /// The user is heard.
    pub(super) fn hear(&mut self, samples: &[i16]) {
        self.microphone.silence = None;
        let mut rest = samples;
        while let Some(is_voice) = self.microphone.hears_voice(&mut rest, self.now) {
            self.on_speech(is_voice);
            if is_voice {
                self.has_begun = true;
                self.turns.on_voice();
                self.diagnosis.on_voice(vad::FRAME_SAMPLES);
                self.on_voice();
            }
        }
        self.tell_of_hold();
        self.outbox.push(Parcel::Microphone(samples.to_vec()).into(), self.now);
        self.send_waiting();
    }

    /// In manual activity it is the end of the activity that is answered.
    fn on_voice(&mut self) {
        if !self.microphone.is_manual {
            self.turn.on_asked(self.now);
            self.liveness.on_voice(self.now);
        }
    }

    fn tell_of_hold(&mut self) {
        let is_held = self.ledger.holds_audio();
        if is_held && !self.microphone.is_hold_told {
            self.warn(Warning::new(WarningCode::MicrophoneHeld, HELD));
        }
        self.microphone.is_hold_told = is_held;
    }

    /// The application said a mark. Whether it fits is for the service to say: a token may carry another setup than this one.
    pub(super) fn on_mark(&mut self, mark: Mark) {
        let fits = self.microphone.on_mark(mark);
        self.on_mark_over_answer(mark);
        if fits || self.microphone.is_mode_told {
            return;
        }
        self.microphone.is_mode_told = true;
        let message = if self.microphone.is_manual { STREAM_END_IN_MANUAL } else { MARK_IN_AUTOMATIC };
        self.warn(Warning::new(WarningCode::ActivityMode, message));
    }

    /// The microphone is muted or stopped. Without more the service would wait for the rest of the sentence: `audioStreamEnd`
    /// right after speech may leave the turn open, and what closes it is silence.
    pub(super) fn fall_silent(&mut self) {
        self.end_speech();
        if !self.life.is_live() {
            return;
        }
        if self.microphone.is_manual {
            if self.microphone.is_activity_open {
                self.microphone.is_activity_open = false;
                self.post(mark(Mark::ActivityEnd));
            }
            return;
        }
        let voice = self.microphone.voice.take();
        let patience = self.microphone.patience;
        if voice.is_some_and(|voice| voice + patience > self.now) {
            let frame = self.policy.frame;
            let frames = ((patience + MARGIN).as_millis() as u32).div_ceil((frame.as_millis() as u32).max(1));
            self.microphone.silence = Some(Silence { due: self.now + frame, frames });
        }
    }

    pub(super) fn on_microphone_time(&mut self) {
        while let Some(Silence { due, frames }) =
            self.microphone.silence.filter(|silence| silence.due <= self.now)
        {
            let rest = frames - 1;
            self.outbox.push(Parcel::Microphone(vec![0; self.policy.frame_samples()]).into(), self.now);
            self.send_waiting();
            let due = due + self.policy.frame;
            self.microphone.silence = (rest > 0).then_some(Silence { due, frames: rest });
            if rest == 0 {
                self.post(mark(Mark::AudioStreamEnd));
            }
        }
        let pause = self.microphone.pause_deadline(self.policy.audio_pause);
        let is_paused = self.microphone.silence.is_none() && !self.outbox.has_audio();
        if is_paused && pause.is_some_and(|due| due <= self.now) {
            self.microphone.streaming = None;
            self.post(mark(Mark::AudioStreamEnd));
        }
    }
}

fn mark(mark: Mark) -> Sent {
    let text = if mark == Mark::ActivityEnd { ACTIVITY_END } else { AUDIO_STREAM_END };
    Parcel::Message(Message { kind: Kind::Mark(mark), text: text.to_owned() }).into()
}

/// With the service's own settings.
const USUAL_PATIENCE: Duration = Duration::from_secs(1);
/// Who waits for longer is not helped by what a microphone sends that is off.
const MOST_PATIENCE: Duration = Duration::from_secs(10);
/// 1.5 s in all end a turn with those settings.
const MARGIN: Duration = Duration::from_millis(500);
const LONGEST_LATENCY_MS: f64 = 60_000.0;
const HELD: &str = "While its function call waits for an answer this model takes no audio: the microphone is held back, and \
    what is older than two seconds is dropped. Answer the call, or declare the function with behavior NON_BLOCKING.";
const MARK_IN_AUTOMATIC: &str = "activityStart and activityEnd are for sessions whose automatic activity detection is \
    disabled; the service refuses them in others. Set realtimeInputConfig.automaticActivityDetection.disabled.";
const STREAM_END_IN_MANUAL: &str = "audioStreamEnd is for sessions with automatic activity detection; the service refuses \
    it in others. Send activityEnd.";

//! What is heard of the answers, as the speaker reports it.

use std::time::Duration;

use super::{Session, io::Playback, stats::Stats, waits::Waits};
use crate::{
    error::{Code, Error, Warning, WarningCode},
    event::LocalEvent,
    time::Instant,
};

/// Samples in a millisecond of the wire's output rate.
pub(super) const SAMPLES_PER_MS: f64 = 24.0;

/// Follows playback by the reports of the worklet.
///
/// Reports and flushes cross on their way. Each report names the epoch that its position lies in, so that what was said
/// of the answer before a flush is never taken for the answer after it.
#[derive(Debug, Default)]
pub(super) struct Player {
    epoch: u32,
    /// The epoch that the speaker was in when it reported last, and what it had played before that.
    reached: (u32, f64),
    last: Playback,
    /// When that was said.
    reported: Instant,
    /// When it was last seen where playback is.
    seen: Option<Instant>,
    /// Since when the speaker has had something to play and has not said that it does.
    idle: Instant,
    /// What the speakers before this one have played, so that the counters only grow.
    before: Playback,
    waits: Waits,
    /// Samples that speakers were given; and as many of them as came before the last flush, which are played or void.
    queued: f64,
    queued_before: f64,
    /// Samples that speakers were given and never played.
    discarded: f64,
    answer: Option<Answer>,
    /// How many samples are to be played in all before the microphone is heard over them.
    gate: f64,
    /// The epoch of the chunk that the speaker is being given.
    given: u32,
}

/// The answer that is queued or heard.
#[derive(Debug)]
struct Answer {
    /// `epoch_played` when it began.
    from: f64,
    is_playing: bool,
    /// Chunks of it that the speaker took, or is about to be given.
    chunks: u32,
    /// Since when the speaker has had nothing left of it.
    drained: Option<Instant>,
}

/// What a report meant.
#[derive(Debug, PartialEq)]
pub(super) enum Heard {
    Nothing,
    /// The first sample came out.
    Started,
    /// The answer is over, so many milliseconds of it were played.
    Ended {
        played_ms: f64,
    },
}

impl Player {
    pub(super) fn epoch(&self) -> u32 {
        self.epoch
    }

    /// So many samples of an answer are queued. The first of a new answer start the count; what follows while the last is
    /// still heard continues it.
    pub(super) fn on_audio(&mut self, samples: f64, now: Instant) {
        self.queued += samples;
        self.waits.on_queued(samples, now);
        if self.last.waiting <= 0.0 {
            self.idle = now;
        }
        // Until the speaker reports again, it cannot have run dry.
        self.last.waiting += samples;
        let from = self.last.epoch_played;
        // There are chunks with nothing in them.
        if samples >= 1.0 {
            let new = Answer { from, is_playing: false, chunks: 0, drained: None };
            let answer = self.answer.get_or_insert(new);
            answer.chunks += 1;
            answer.drained = None;
        }
    }

    /// The speaker is given a chunk of this epoch.
    pub(super) fn on_given(&mut self, epoch: u32) {
        self.given = epoch;
    }

    /// The speaker cannot play it. An answer of which nothing can be played is none: it would be waited for without end.
    fn on_failed(&mut self) {
        if self.given != self.epoch {
            return;
        }
        self.answer = self.answer.take().and_then(|answer| {
            let chunks = answer.chunks.saturating_sub(1);
            (chunks > 0 || answer.is_playing).then_some(Answer { chunks, ..answer })
        });
    }

    /// Samples of this epoch that have been played: what the speaker said, and what it has played since.
    pub(super) fn position(&self, now: Instant) -> f64 {
        let since = if self.last.is_playing { now.ms_since(self.reported).min(LONGEST_MS) } else { 0.0 };
        self.last.epoch_played + (since * SAMPLES_PER_MS).min(self.last.waiting)
    }

    /// Where playback is seen to be. What the speaker has reported is older.
    pub(super) fn on_position(&mut self, epoch: u32, played: f64, now: Instant) {
        let since = played - self.last.epoch_played;
        if epoch == self.epoch && since >= 0.0 {
            self.last.epoch_played = played;
            self.last.waiting = (self.last.waiting - since).max(0.0);
            self.reported = now;
            self.seen = Some(now);
        }
    }

    /// Where playback ends that is flushed now. Where that is seen, what plays is heard for a ramp more; what is reckoned is not as
    /// exact. Who was paused has had the ramp.
    pub(super) fn end(&self, now: Instant, is_paused: bool) -> f64 {
        let position = self.position(now);
        if self.seen != Some(now) || is_paused || !self.last.is_playing {
            return position;
        }
        position + FALL_SAMPLES.min(self.last.waiting)
    }

    /// The first report behind a flush: how much was really played, and of which epoch.
    fn settle(&mut self, report: &Playback) -> Option<(u32, f64)> {
        let before = report.played - report.epoch_played;
        let (epoch, began) = std::mem::replace(&mut self.reached, (report.epoch, before));
        (epoch != report.epoch).then(|| (epoch, (before - began).max(0.0)))
    }

    /// The speaker goes on, and has played nothing for so long.
    pub(super) fn on_pause_over(&mut self, paused_ms: f64, now: Instant) {
        self.reported = Instant::from_ms(self.reported.as_ms() + paused_ms).min(now);
    }

    /// Everything behind this position is dropped. Returns what of the answer was played, as far as is known: the speaker's next report
    /// knows it exactly.
    pub(super) fn on_flush(&mut self, position: f64, now: Instant) -> Option<f64> {
        self.last.epoch_played = position;
        self.waits.on_played(position, now);
        self.waits.on_flush();
        let played_ms = self.answer.take().map(|answer| self.played_ms(&answer));
        self.queued_before = self.queued;
        self.epoch = self.epoch.wrapping_add(1);
        self.last =
            Playback { epoch: self.epoch, waiting: 0.0, epoch_played: 0.0, is_playing: false, ..self.last };
        played_ms
    }

    /// The speaker is gone, and with it what it had not played: what was heard ends here.
    pub(super) fn on_speaker_closed(&mut self) -> Heard {
        let answer = self.answer.take().filter(|answer| answer.is_playing);
        let heard =
            answer.map_or(Heard::Nothing, |answer| Heard::Ended { played_ms: self.played_ms(&answer) });
        self.before = self.totals();
        self.reached = (self.epoch, 0.0);
        self.last = Playback { epoch: self.epoch, ..Playback::default() };
        self.queued_before = self.queued;
        self.waits.on_flush();
        self.count_discarded();
        heard
    }

    /// Counts what was flushed, once it is known how much of it was heard: some still is, as it fades out.
    fn count_discarded(&mut self) {
        let played_before = self.totals().played - self.last.epoch_played;
        self.discarded = self.discarded.max(self.queued_before - played_before);
    }

    /// Whether an answer is heard, or about to be.
    pub(super) fn is_answering(&self) -> bool {
        self.answer.is_some()
    }

    /// A device was opened: its echo is not known yet.
    pub(super) fn gate(&mut self, longest: Duration) {
        self.gate = self.totals().played + longest.as_millis() as f64 * SAMPLES_PER_MS;
    }

    /// Whether too little was played for its echo to be known.
    pub(super) fn is_gated(&self) -> bool {
        self.totals().played < self.gate
    }

    pub(super) fn on_report(&mut self, report: Playback, is_complete: bool, now: Instant) -> Heard {
        self.idle = now;
        let is_stale = report.epoch != self.epoch;
        if is_stale {
            // Its counters are true all the same.
            let Playback { epoch, epoch_played, waiting, is_playing, .. } = self.last;
            self.last = Playback { epoch, epoch_played, waiting, is_playing, ..report };
            return Heard::Nothing;
        }
        self.last = report;
        self.reported = now;
        self.waits.on_played(report.epoch_played, now);
        self.count_discarded();
        let Some(answer) = &mut self.answer else { return Heard::Nothing };
        if report.is_playing && !answer.is_playing {
            answer.is_playing = true;
            return Heard::Started;
        }
        let is_drained = report.waiting <= 0.0 && !report.is_playing;
        answer.drained = if is_drained { answer.drained.or(Some(now)) } else { None };
        self.on_time(is_complete, now)
    }

    /// Ends the answer when nothing is left of it and nothing more is to be expected: the server has completed the turn,
    /// or it says nothing for so long that this is no gap. Some models complete no turn, and others pause for a tool.
    pub(super) fn on_time(&mut self, is_complete: bool, now: Instant) -> Heard {
        let is_over = |answer: &mut Answer| {
            answer.is_playing && answer.drained.is_some_and(|since| is_complete || since + SILENCE <= now)
        };
        let Some(answer) = self.answer.take_if(is_over) else { return Heard::Nothing };
        Heard::Ended { played_ms: self.played_ms(&answer) }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        let answer = self.answer.as_ref().filter(|answer| answer.is_playing)?;
        answer.drained.map(|since| since + SILENCE)
    }

    /// When what waits has become old: nothing was heard of the speaker for so long, as where its context is suspended.
    pub(super) fn stale_at(&self, keep: Duration) -> Option<Instant> {
        (self.last.waiting > 0.0).then_some(self.idle + keep)
    }

    /// Whether the application was told that an answer is heard.
    fn is_heard(&self) -> bool {
        self.answer.as_ref().is_some_and(|answer| answer.is_playing)
    }

    pub(super) fn count(&self, stats: &mut Stats) {
        let totals = self.totals();
        stats.playback_samples_played = totals.played;
        stats.playback_samples_discarded += self.discarded;
        stats.concealment_events = totals.concealment_events;
        stats.concealed_samples = totals.concealed_samples;
        stats.silent_concealed_samples = totals.concealed_samples;
        stats.inserted_samples_for_deceleration = totals.inserted_samples;
        stats.jitter_buffer_delay = self.waits.seconds();
        stats.jitter_buffer_target_delay = totals.target_delay;
        stats.jitter_buffer_minimum_delay = totals.minimum_delay;
        stats.jitter_buffer_emitted_count = totals.played;
        stats.total_samples_received = totals.played + totals.concealed_samples + totals.inserted_samples;
        stats.total_samples_duration = stats.total_samples_received / (1000.0 * SAMPLES_PER_MS);
        stats.total_audio_energy = totals.energy;
    }

    fn totals(&self) -> Playback {
        Playback {
            played: self.before.played + self.last.played,
            concealment_events: self.before.concealment_events + self.last.concealment_events,
            concealed_samples: self.before.concealed_samples + self.last.concealed_samples,
            inserted_samples: self.before.inserted_samples + self.last.inserted_samples,
            target_delay: self.before.target_delay + self.last.target_delay,
            minimum_delay: self.before.minimum_delay + self.last.minimum_delay,
            energy: self.before.energy + self.last.energy,
            ..self.last
        }
    }

    fn played_ms(&self, answer: &Answer) -> f64 {
        (self.last.epoch_played - answer.from).max(0.0) / SAMPLES_PER_MS
    }
}

impl Session {
    pub(super) fn on_speaker(&mut self, is_open: bool) {
        // One that is opened over another takes its place: the reports that come now are a new speaker's.
        self.resume_playback();
        if std::mem::replace(&mut self.has_speaker, is_open) {
            let heard = self.player.on_speaker_closed();
            self.turns.on_speaker_closed(self.player.epoch());
            self.on_heard(heard);
        }
        self.player.gate(self.policy.echo_gate);
        if is_open {
            self.play_early_audio();
        }
    }

    pub(super) fn on_played(&mut self, report: Playback) {
        if let Some((epoch, played)) = self.player.settle(&report) {
            self.turns.on_settled(epoch, played);
        }
        if report.epoch == self.player.epoch() {
            self.turns.on_played(report.epoch_played);
        }
        let heard = self.player.on_report(report, self.turn.is_complete(), self.now);
        self.on_heard(heard);
    }

    pub(super) fn on_heard(&mut self, heard: Heard) {
        match heard {
            Heard::Nothing => {}
            Heard::Started => {
                self.is_loss_told = false;
                let latency_ms = self.microphone.take_latency(self.now);
                self.stats.turn_latency_ms = latency_ms.or(self.stats.turn_latency_ms);
                self.turns.on_playback_started(latency_ms);
                self.emit(LocalEvent::PlaybackStarted { latency_ms });
            }
            Heard::Ended { played_ms } => {
                // It had nothing left to say when it was paused.
                self.end_pause();
                self.turns.on_playback_ended();
                self.emit(LocalEvent::PlaybackEnded { played_ms });
            }
        }
    }

    /// Drops what waits in a speaker that does not run: when it does again, nobody wants to hear the answers of then.
    pub(super) fn drop_stale_playback(&mut self) {
        if self.player.stale_at(self.policy.keep_answers).is_none_or(|due| due > self.now) {
            return;
        }
        let is_heard = self.player.is_heard();
        if let Some(played_ms) = self.flush_playback().filter(|_| is_heard) {
            self.emit(LocalEvent::PlaybackEnded { played_ms });
        }
        self.tell_loss();
    }

    pub(super) fn on_playback_failed(&mut self, error: &Error) {
        self.player.on_failed();
        self.warn_of_audio(error);
    }

    /// Audio of the answer is left out.
    pub(super) fn warn_of_audio(&mut self, error: &Error) {
        if !self.turn.is_new_failure(error.code) {
            return;
        }
        let code = match error.code {
            Code::PlaybackOverflow => WarningCode::PlaybackOverflow,
            _ => WarningCode::MalformedAudio,
        };
        self.warn(Warning::new(code, error.in_words()));
    }
}

/// What a speaker that plays leaves between two reports, with time for the second to come. One that says nothing for longer
/// plays nothing, as where its context was suspended.
const LONGEST_MS: f64 = 120.0;

/// What is heard of an answer as it falls: the worklet's `FALL_MS`.
const FALL_SAMPLES: f64 = 4.0 * SAMPLES_PER_MS;

/// Silence after which an answer that was not completed is over all the same.
const SILENCE: Duration = Duration::from_secs(1);

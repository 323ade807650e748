//! Microphone to wire past the audio thread: what tracks give becomes 16 kHz samples, of one track after the other.
//!
//! Where another track takes over, what comes of both at the same time is taken to be of the same time, as an audio context takes it:
//! two devices have two clocks. Within [`SEAM`] samples one is faded into the other, and none is missing or given twice before or behind
//! that.

use super::{CAPTURE_RATE_HZ, filter::Resampler};
use crate::time::Instant;

/// What a track has given at once: an `AudioData`.
#[derive(Clone, Copy, Debug)]
pub struct TrackData<'a> {
    /// Its planes, one channel behind the other.
    pub planes: &'a [f32],
    /// How many channels there are.
    pub channels: usize,
    /// Samples per second and channel.
    pub rate_hz: u32,
    /// When the first of them was captured, in microseconds on the browser's clock.
    pub timestamp_us: f64,
}

/// The tracks of a microphone: the one that is heard, and the one that is to be heard instead.
#[derive(Debug, Default)]
pub struct Tracks {
    heard: Option<Box<Line>>,
    next: Option<Box<Line>>,
    turns: u32,
    lost: u32,
}

impl Tracks {
    /// Expects another track, which takes over as soon as it gives something, in place of another that was expected. Answers its turn:
    /// the first one's is 1.
    pub fn add(&mut self) -> u32 {
        self.turns += 1;
        let place = if self.heard.is_none() { &mut self.heard } else { &mut self.next };
        *place = Some(Box::new(Line { turn: self.turns, ..Line::default() }));
        self.turns
    }

    /// Takes what the track of this turn gives `now`. What comes of one whose turn is over is left out.
    pub fn hear(&mut self, turn: u32, data: &TrackData<'_>, now: Instant) {
        let is_heard = turn == self.turn();
        let lost = self.line(turn).map_or(0, |line| line.hear(data, now));
        if is_heard {
            self.lost = self.lost.saturating_add(lost);
        }
    }

    /// The track of this turn gives nothing more.
    pub fn end(&mut self, turn: u32) {
        if let Some(line) = self.line(turn) {
            line.is_over = true;
        }
    }

    /// The samples that are due.
    pub fn take(&mut self) -> Vec<i16> {
        let Some(heard) = &mut self.heard else { return Vec::new() };
        let Some(next) = &mut self.next else { return std::mem::take(&mut heard.held) };
        let (count, gives_way) = heard.meet(next);
        let rest = heard.held.split_off(count);
        let mut given = std::mem::replace(&mut heard.held, rest);
        if gives_way {
            given.append(&mut next.held);
            self.heard = self.next.take();
        }
        given
    }

    /// Whose turn it is: the samples that come from here on are this track's. 0 if there is none.
    pub fn turn(&self) -> u32 {
        self.heard.as_ref().map_or(0, |line| line.turn)
    }

    /// Whether nothing comes any more, of any track there is.
    pub fn is_over(&self) -> bool {
        self.next.is_none() && self.heard.as_ref().is_none_or(|line| line.is_over)
    }

    /// 16 kHz samples that the track which is heard has dropped since this was asked last: nobody took them in time.
    pub fn take_lost(&mut self) -> u32 {
        std::mem::take(&mut self.lost)
    }

    fn line(&mut self, turn: u32) -> Option<&mut Line> {
        let line = if turn == self.turn() { &mut self.heard } else { &mut self.next };
        line.as_deref_mut().filter(|line| line.turn == turn)
    }
}

/// One track.
#[derive(Debug, Default)]
struct Line {
    turn: u32,
    /// The rate it gives, and what converts that.
    resampler: Option<(u32, Resampler)>,
    /// 16 kHz samples that nobody was given yet.
    held: Vec<i16>,
    /// When what it has given ends, in seconds.
    end_s: f64,
    is_over: bool,
    heard_at: Option<Instant>,
    /// How many portions more may have a gap before them because nobody took what was there.
    overdue: u8,
}

impl Line {
    /// Answers how many samples before these were dropped.
    fn hear(&mut self, data: &TrackData<'_>, now: Instant) -> u32 {
        let Self { held, resampler, .. } = self;
        if resampler.as_ref().is_none_or(|(rate_hz, _)| *rate_hz != data.rate_hz) {
            if let Some((_, before)) = resampler {
                before.finish(held);
            }
            *resampler = Resampler::new(data.rate_hz, CAPTURE_RATE_HZ).ok().map(|made| (data.rate_hz, made));
        }
        // No browser gives a rate that there is no filter for.
        let Some((_, resampler)) = resampler else { return 0 };
        let samples = mono(data);
        resampler.append(&samples, held);
        let begin_s = data.timestamp_us / 1e6;
        let gap_s = begin_s - self.end_s;
        self.end_s = begin_s + samples.len() as f64 / f64::from(data.rate_hz);
        self.dropped(gap_s, now)
    }

    /// A browser that has to wait drops the oldest, and does not say so. The first portion after that was on its way already, and has
    /// its gap behind it. Gaps at other times are the device's.
    fn dropped(&mut self, gap_s: f64, now: Instant) -> u32 {
        let before = self.heard_at.replace(now);
        if before.is_some_and(|before| now.ms_since(before) > WAITED_MS) {
            self.overdue = 2;
        }
        if self.overdue == 0 {
            return 0;
        }
        self.overdue -= 1;
        // A little is the clock's.
        if gap_s > 0.005 { (gap_s * f64::from(CAPTURE_RATE_HZ)) as u32 } else { 0 }
    }

    /// How much comes before `next` takes over, and whether it does.
    fn meet(&mut self, next: &mut Self) -> (usize, bool) {
        let (count, others) = (self.held.len(), next.held.len());
        if self.is_over || others > MOST_HELD {
            return (count, true);
        }
        // What came last is of the same time.
        let (before, early) = (count.saturating_sub(others), others.saturating_sub(count));
        let (mine, its) = (self.held.get_mut(before..before + SEAM), next.held.get(early..early + SEAM));
        let Some((mine, its)) = mine.zip(its) else { return (before, false) };
        let (mut share, whole) = (0, SEAM as i32);
        for (mine, its) in mine.iter_mut().zip(its) {
            share += 1;
            *mine = ((i32::from(*mine) * (whole - share) + i32::from(*its) * share) / whole) as i16;
        }
        next.held = next.held.split_off(early + SEAM);
        (before + SEAM, true)
    }
}

/// The channels averaged, as the worklet does it.
fn mono(data: &TrackData<'_>) -> Vec<f32> {
    let frames = data.planes.len() / data.channels.max(1);
    let mut samples = vec![0.0; frames];
    for plane in data.planes.chunks_exact(frames.max(1)) {
        for (sum, sample) in samples.iter_mut().zip(plane) {
            *sum += sample / data.channels as f32;
        }
    }
    samples
}

/// 16 kHz samples in which one track is faded into another: 5 ms.
pub const SEAM: usize = 80;
/// How much the next one gives before the one that gives nothing meanwhile is taken to be over: half a second.
const MOST_HELD: usize = 8_000;
/// A browser that holds what a track gives holds it for longer than this.
const WAITED_MS: f64 = 1_000.0;

#[cfg(test)]
mod tests;

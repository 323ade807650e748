//! Wire to loudspeaker: base64 chunks become 24 kHz samples, in order, kept until there is room for them.

use std::collections::VecDeque;

use crate::error::{Code, Error};

use super::filter::Resampler;
use super::ring::{Producer, RingMemory};
use super::{PLAYBACK_RATE_HZ, pcm};

/// Most samples that may wait behind the ring: five minutes at 24 kHz.
pub const BACKLOG_SAMPLES: usize = 5 * 60 * PLAYBACK_RATE_HZ as usize;

/// Where samples go to be played: the shared ring, or a port to a worklet that has its own.
pub trait Outlet {
    /// Takes `samples`, as many as fit, first ones first; says how many.
    fn push(&mut self, samples: &[i16]) -> usize;
    /// Voids what was pushed and has not been played.
    fn flush(&mut self);
    /// What has been pushed is complete: running dry after it is no underrun.
    fn finish(&mut self);
}

impl<M: RingMemory> Outlet for Producer<M> {
    fn push(&mut self, samples: &[i16]) -> usize {
        Self::push(self, samples)
    }

    fn flush(&mut self) {
        Self::flush(self);
    }

    fn finish(&mut self) {
        Self::finish(self);
    }
}

/// Decodes what the service says and keeps it until the outlet has room.
///
/// | call | what waits here | the outlet, at the next [`drain`](Self::drain) |
/// |---|---|---|
/// | [`accept`](Self::accept) | grows; a chunk of an older generation is dropped | gets what fits |
/// | [`void`](Self::void) | is dropped | is flushed first |
/// | [`finish`](Self::finish) | stays | is finished once what waits now has been pushed |
///
/// Generations count barge-ins, modulo 2^32.
#[derive(Debug, Default)]
pub struct Downlink {
    generation: u32,
    backlog: VecDeque<i16>,
    /// Samples of the backlog that are still to be pushed before the utterance is complete.
    end: Option<usize>,
    must_flush: bool,
    /// First half of a sample whose other half is in the next chunk.
    odd_byte: Option<u8>,
    resampler: Option<(u32, Resampler)>,
    bytes: Vec<u8>,
}

impl Downlink {
    /// A downlink that holds no samples, of generation 0.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one chunk of base64 PCM at `rate_hz` and says how many 24 kHz samples it added: 0 when it is of an older generation.
    ///
    /// Fails, and leaves everything as it was, when the chunk is not base64, when the rate cannot be resampled, or when more than
    /// [`BACKLOG_SAMPLES`] would wait.
    pub fn accept(&mut self, generation: u32, base64: &str, rate_hz: u32) -> Result<usize, Error> {
        if is_older(generation, self.generation) {
            return Ok(0);
        }
        self.bytes.clear();
        pcm::decode_base64(base64, &mut self.bytes)?;
        self.make_room(rate_hz)?;
        self.select_resampler(rate_hz)?;
        if generation != self.generation {
            self.generation = generation;
            self.break_stream();
        }
        let before = self.backlog.len();
        self.append();
        Ok(self.backlog.len() - before)
    }

    /// Moves what fits to `outlet`, after a flush if one is due, and finishes the utterance when its last sample went.
    ///
    /// Returns how many samples went.
    pub fn drain(&mut self, outlet: &mut impl Outlet) -> usize {
        if std::mem::take(&mut self.must_flush) {
            outlet.flush();
        }
        let before = self.backlog.len();
        loop {
            if self.end == Some(0) {
                self.end = None;
                outlet.finish();
            }
            let (waiting, _) = self.backlog.as_slices();
            let utterance = self.end.and_then(|end| waiting.get(..end)).unwrap_or(waiting);
            let count = if utterance.is_empty() { 0 } else { outlet.push(utterance) };
            if count == 0 {
                break;
            }
            self.backlog.drain(..count);
            self.end = self.end.map(|end| end.saturating_sub(count));
        }
        before - self.backlog.len()
    }

    /// Drops everything older than `generation`, here and, at the next [`drain`](Self::drain), in the outlet.
    ///
    /// Returns how many samples were dropped here.
    pub fn void(&mut self, generation: u32) -> usize {
        if is_older(generation, self.generation) {
            return 0;
        }
        self.generation = generation;
        self.break_stream();
        self.end = None;
        self.must_flush = true;
        let dropped = self.backlog.len();
        self.backlog = VecDeque::new();
        dropped
    }

    /// Marks what was accepted so far as complete: the utterance, or, when it follows one that still waits, both.
    pub fn finish(&mut self) {
        let backlog = &mut self.backlog;
        if let Some((_, resampler)) = &mut self.resampler {
            resampler.finish(|value| backlog.push_back(pcm::from_f64(value)));
        }
        self.break_stream();
        self.end = Some(self.backlog.len());
    }

    /// Samples that wait for room in the outlet.
    pub fn backlog(&self) -> usize {
        self.backlog.len()
    }

    /// Whether the next [`drain`](Self::drain) has anything to do, given room.
    pub fn is_pending(&self) -> bool {
        self.must_flush || self.end.is_some() || !self.backlog.is_empty()
    }

    /// The oldest generation that is still accepted.
    pub const fn generation(&self) -> u32 {
        self.generation
    }

    fn make_room(&self, rate_hz: u32) -> Result<(), Error> {
        let samples = self.bytes.len() as u64 / 2 * u64::from(PLAYBACK_RATE_HZ) / u64::from(rate_hz.max(1));
        if self.backlog.len() as u64 + samples <= BACKLOG_SAMPLES as u64 {
            return Ok(());
        }
        Err(Error::new(Code::PlaybackOverflow, "More than five minutes of audio wait to be played.")
            .with_remedy("Open the speaker, or turn audio off; the chunk was dropped."))
    }

    fn select_resampler(&mut self, rate_hz: u32) -> Result<(), Error> {
        if rate_hz == PLAYBACK_RATE_HZ {
            self.resampler = None;
        } else if self.resampler.as_ref().is_none_or(|(rate, _)| *rate != rate_hz) {
            self.resampler = Some((rate_hz, Resampler::new(rate_hz, PLAYBACK_RATE_HZ)?));
        }
        Ok(())
    }

    /// What comes next does not continue what came before.
    fn break_stream(&mut self) {
        self.odd_byte = None;
        if let Some((_, resampler)) = &mut self.resampler {
            resampler.reset();
        }
    }

    fn append(&mut self) {
        if let Some(low) = self.odd_byte.take() {
            self.bytes.insert(0, low);
        }
        if self.bytes.len() % 2 == 1 {
            self.odd_byte = self.bytes.pop();
        }
        let samples = pcm::from_bytes(&self.bytes);
        let Some((_, resampler)) = &mut self.resampler else {
            return self.backlog.extend(samples);
        };
        let input: Vec<f32> = samples.map(pcm::to_f32).collect();
        resampler.process(&input, |value| self.backlog.push_back(pcm::from_f64(value)));
    }
}

/// Whether `generation` came before `than`, counting modulo 2^32.
const fn is_older(generation: u32, than: u32) -> bool {
    (generation.wrapping_sub(than) as i32) < 0
}

#[cfg(test)]
mod tests;

//! Wire to loudspeaker: chunks of PCM become 24 kHz samples, in order, kept until there is room for them.

use crate::error::{Code, Error};

use super::filter::Resampler;
use super::ring::{Producer, RingMemory};
use super::{
    PLAYBACK_RATE_HZ,
    pcm::{self, Pcm},
};

/// Most samples that may wait behind the ring: five minutes at 24 kHz.
pub const BACKLOG_SAMPLES: usize = 5 * 60 * PLAYBACK_RATE_HZ as usize;

/// Where samples go to be played: the shared ring, or a port to a worklet that has its own.
///
/// Positions count samples since the start, modulo 2^32, as those of the [ring](super::ring) do.
pub trait Outlet {
    /// Takes `samples`, as many as fit, first ones first; says how many.
    fn push(&mut self, samples: &[i16]) -> usize;
    /// Flushes what was pushed and has not been played.
    fn flush(&mut self);
    /// What has been pushed is complete: running dry after it is no gap.
    fn finish(&mut self);
    /// The position of the next sample to be pushed.
    fn written(&self) -> u32;
    /// Samples that were pushed and not played or skipped yet.
    fn waiting(&self) -> usize;
    /// The worklet says how far it has read; news only to an outlet that cannot look for itself.
    fn on_read(&mut self, position: u32);
    /// How far the worklet has read, to an outlet that can look.
    fn read(&self) -> Option<u32> {
        None
    }
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

    fn written(&self) -> u32 {
        Self::written(self)
    }

    fn waiting(&self) -> usize {
        Self::waiting(self)
    }

    fn on_read(&mut self, _position: u32) {}

    fn read(&self) -> Option<u32> {
        Some(Self::read(self))
    }
}

/// Decodes what the service says and keeps it until the outlet has room.
///
/// | call | what waits here | the outlet, at the next [`drain`](Self::drain) |
/// |---|---|---|
/// | [`accept`](Self::accept) | grows; a chunk of an older epoch is dropped | gets what fits |
/// | [`flush`](Self::flush) | is dropped | is flushed first |
/// | [`finish`](Self::finish) | stays | is finished once what waits now has been pushed |
///
/// An epoch is the time between two flushes; they are counted modulo 2^32.
#[derive(Debug)]
pub struct Downlink {
    epoch: u32,
    epochs: Epochs,
    backlog: Vec<i16>,
    /// How many samples at its beginning have been pushed.
    pushed: usize,
    /// Samples of the backlog that are still to be pushed before the utterance is complete.
    end: Option<usize>,
    must_flush: bool,
    /// First half of a sample whose other half is in the next chunk.
    odd_byte: Option<u8>,
    rate_hz: u32,
    /// One for each rate that was ever met: to design its filter takes longer than a minute's resampling.
    resamplers: Vec<(u32, Resampler)>,
}

impl Downlink {
    /// A downlink that holds no samples, in epoch 0.
    pub fn new() -> Self {
        Self {
            epoch: 0,
            epochs: Epochs::default(),
            backlog: Vec::new(),
            pushed: 0,
            end: None,
            must_flush: false,
            odd_byte: None,
            rate_hz: PLAYBACK_RATE_HZ,
            resamplers: Vec::new(),
        }
    }

    /// Takes one chunk and says how many 24 kHz samples it added: 0 when it is of an older epoch. A chunk of a newer one flushes
    /// what is there.
    ///
    /// Fails, and leaves everything as it was, when the rate cannot be resampled, or when more than [`BACKLOG_SAMPLES`] would wait.
    pub fn accept(&mut self, epoch: u32, mut pcm: Pcm) -> Result<usize, Error> {
        if is_before(epoch, self.epoch) {
            return Ok(0);
        }
        self.check_room(&pcm)?;
        self.select_resampler(pcm.rate_hz)?;
        if epoch != self.epoch {
            self.flush(epoch);
        }
        let before = self.backlog.len();
        self.join(&mut pcm);
        self.append(&pcm.samples);
        Ok(self.backlog.len() - before)
    }

    /// Moves what fits to `outlet`, after a flush if one is due, and finishes the utterance when its last sample went.
    ///
    /// Returns how many samples went.
    pub fn drain(&mut self, outlet: &mut dyn Outlet) -> usize {
        if std::mem::take(&mut self.must_flush) {
            outlet.flush();
            self.epochs.begin(self.epoch, outlet.written());
        }
        let before = self.pushed;
        loop {
            if self.end == Some(0) {
                self.end = None;
                outlet.finish();
            }
            let waiting = self.backlog.get(self.pushed..).unwrap_or_default();
            let utterance = self.end.and_then(|end| waiting.get(..end)).unwrap_or(waiting);
            let count = if utterance.is_empty() { 0 } else { outlet.push(utterance) };
            if count == 0 {
                break;
            }
            self.pushed += count;
            self.end = self.end.map(|end| end.saturating_sub(count));
        }
        let gone = self.pushed - before;
        self.forget_pushed();
        gone
    }

    /// Drops everything older than `epoch`, here and, at the next [`drain`](Self::drain), in the outlet.
    ///
    /// Returns how many samples were dropped here.
    pub fn flush(&mut self, epoch: u32) -> usize {
        if is_before(epoch, self.epoch) {
            return 0;
        }
        self.epoch = epoch;
        self.break_stream();
        self.end = None;
        self.must_flush = true;
        std::mem::take(&mut self.backlog).len() - std::mem::take(&mut self.pushed)
    }

    /// Marks what was accepted so far as complete: the utterance, or, when it follows one that still waits, both.
    pub fn finish(&mut self) {
        if let Some(resampler) = resampler(&mut self.resamplers, self.rate_hz) {
            resampler.finish(&mut self.backlog);
        }
        self.break_stream();
        self.end = Some(self.backlog());
    }

    /// Takes out what waits for room in the outlet, for whoever goes on with it when this ends.
    pub fn take_rest(&mut self) -> Vec<i16> {
        let mut rest = std::mem::take(&mut self.backlog);
        rest.drain(..std::mem::take(&mut self.pushed).min(rest.len()));
        self.end = None;
        rest
    }

    /// Samples that wait for room in the outlet.
    pub fn backlog(&self) -> usize {
        self.backlog.len() - self.pushed
    }

    /// The last `count` samples that were accepted, until they are [drained](Self::drain).
    pub fn latest(&self, count: usize) -> &[i16] {
        self.backlog.get(self.backlog.len().saturating_sub(count)..).unwrap_or_default()
    }

    /// The epoch that the outlet's `position` lies in, and how many samples of it lie before that.
    ///
    /// Positions are to be asked for in the order in which they were reported.
    pub fn epoch_at(&mut self, position: u32) -> (u32, u32) {
        self.epochs.at(position)
    }

    /// The same for where the outlet is seen to be now. Reports of before may still be on their way.
    pub fn seen_at(&self, position: u32) -> (u32, u32) {
        self.epochs.seen_at(position)
    }

    /// Makes room once it is worth the move. Not with `drain`: its code is long, and different for each kind of item.
    fn forget_pushed(&mut self) {
        if self.pushed > self.backlog.len() / 2 {
            self.backlog.copy_within(self.pushed.., 0);
            self.backlog.truncate(self.backlog());
            self.pushed = 0;
        }
        if self.backlog.is_empty() {
            // Or a page that once heard a long answer would keep megabytes for it.
            self.backlog.shrink_to(KEPT_SAMPLES);
        }
    }

    fn check_room(&self, pcm: &Pcm) -> Result<(), Error> {
        if self.backlog() as f64 + pcm.samples_at_24_khz() <= BACKLOG_SAMPLES as f64 {
            return Ok(());
        }
        Err(Error::new(Code::PlaybackOverflow, "More than five minutes of audio wait to be played.")
            .with_remedy("Open the speaker, or turn audio off; the chunk was dropped."))
    }

    fn select_resampler(&mut self, rate_hz: u32) -> Result<(), Error> {
        if rate_hz == self.rate_hz {
            return Ok(());
        }
        if let Some(known) = resampler(&mut self.resamplers, rate_hz) {
            known.reset();
        } else if rate_hz != PLAYBACK_RATE_HZ {
            if self.resamplers.len() >= MOST_RATES {
                // Each is a filter to design and up to a quarter of a megabyte: a new one with every chunk would stop the page.
                return Err(Error::new(Code::Unsupported, "The audio's rate has changed too often.")
                    .with_remedy("The chunk was left out; check what stands between here and the service."));
            }
            self.resamplers.push((rate_hz, Resampler::new(rate_hz, PLAYBACK_RATE_HZ)?));
        }
        self.rate_hz = rate_hz;
        Ok(())
    }

    /// What comes next does not continue what came before.
    fn break_stream(&mut self) {
        self.odd_byte = None;
        if let Some(resampler) = resampler(&mut self.resamplers, self.rate_hz) {
            resampler.reset();
        }
    }

    /// Puts the halves of samples together where a chunk began in the middle of one.
    fn join(&mut self, pcm: &mut Pcm) {
        if let Some(mut half) = self.odd_byte.take() {
            for sample in &mut pcm.samples {
                let [first, second] = sample.to_le_bytes();
                *sample = i16::from_le_bytes([half, first]);
                half = second;
            }
            match pcm.odd.take() {
                Some(last) => pcm.samples.push(i16::from_le_bytes([half, last])),
                None => pcm.odd = Some(half),
            }
        }
        self.odd_byte = pcm.odd;
    }

    fn append(&mut self, samples: &[i16]) {
        if let Some(resampler) = resampler(&mut self.resamplers, self.rate_hz) {
            let input: Vec<f32> = samples.iter().copied().map(pcm::to_f32).collect();
            resampler.append(&input, &mut self.backlog);
        } else {
            self.backlog.extend_from_slice(samples);
        }
    }
}

impl Default for Downlink {
    fn default() -> Self {
        Self::new()
    }
}

/// The one for `rate_hz`; none is needed for what is at 24 kHz already.
fn resampler(resamplers: &mut [(u32, Resampler)], rate_hz: u32) -> Option<&mut Resampler> {
    resamplers.iter_mut().find(|(rate, _)| *rate == rate_hz).map(|(_, resampler)| resampler)
}

/// Where in the outlet the epochs begin.
///
/// A report that was under way when playback was flushed still speaks of the epoch before. Its position tells.
#[derive(Debug)]
struct Epochs {
    /// Position and number, oldest first. The first is the one that was last reported to be played, so there is always one.
    begins: Vec<(u32, u32)>,
}

impl Default for Epochs {
    fn default() -> Self {
        Self { begins: vec![(0, 0)] }
    }
}

impl Epochs {
    fn begin(&mut self, epoch: u32, position: u32) {
        self.begins.push((position, epoch));
        if self.begins.len() > MOST_EPOCHS {
            // Nobody reports, as with a suspended context. What lies there will be skipped, not played.
            self.begins.remove(1);
        }
    }

    fn at(&mut self, position: u32) -> (u32, u32) {
        // Forgotten once they are passed: positions that lie far apart cannot be compared.
        while self.begins.get(1).is_some_and(|(begin, _)| !is_before(position, *begin)) {
            self.begins.remove(0);
        }
        self.seen_at(position)
    }

    fn seen_at(&self, position: u32) -> (u32, u32) {
        // The first is where the last report was, however long ago it began.
        let passed = self.begins.iter().skip(1).take_while(|(begin, _)| !is_before(position, *begin));
        let reached = passed.last().or_else(|| self.begins.first());
        reached.map_or((0, 0), |(begin, epoch)| (*epoch, position.wrapping_sub(*begin)))
    }
}

/// Whether `a` comes before `b`, counting modulo 2^32.
const fn is_before(a: u32, b: u32) -> bool {
    (a.wrapping_sub(b) as i32) < 0
}

/// What the backlog may go on holding when it is empty: as much as the ring.
const KEPT_SAMPLES: usize = super::PLAYBACK_CAPACITY;

/// Rates other than 24 kHz that one session may have.
const MOST_RATES: usize = 4;

/// Flushes that are remembered until the worklet has reached them.
const MOST_EPOCHS: usize = 16;

#[cfg(test)]
mod tests;

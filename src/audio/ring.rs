//! The ring through which samples go between a worklet and the driver, without locks and without waiting.
//!
//! One buffer holds [`HEADER_WORDS`] 32-bit words and then a power of two of 16-bit samples:
//!
//! ```text
//! byte  0      4      8     12     16            32                         32 + 2 * capacity
//!       WRITE  FLUSH  READ  END    zero, unused  sample sample sample ...
//! ```
//!
//! Positions count samples since the start, modulo 2^32; position p lies in slot p mod capacity. Every word of the header has
//! one writer, so no lock is needed:
//!
//! | word | written by | meaning |
//! |---|---|---|
//! | [`WRITE`] | producer | samples ever pushed |
//! | [`FLUSH`] | producer | samples before this position are void: never play them, count them as lost when they were captured |
//! | [`READ`] | consumer | samples ever taken or skipped |
//! | [`END`] | producer | an utterance is complete up to here: running dry at this position is no concealment |
//! | 4 to 7 | nobody | zero |
//!
//! The producer stores `FLUSH` before it overwrites or pushes anything; the consumer loads `FLUSH` before `WRITE`, or a flush
//! in between would seem to lie beyond what was written, and again after it has copied, to discard what was overwritten under
//! its hands. Nothing here allocates.
//!
//! | ring | producer | consumer | rate | when full |
//! |---|---|---|---|---|
//! | capture | worklet | [`Consumer`] | 16 kHz | the oldest samples are voided; the consumer counts them |
//! | playback | [`Producer`] | worklet | 24 kHz | the producer pushes only what fits |

/// Position of the next sample to be pushed; the producer's.
pub const WRITE: usize = 0;
/// Position before which samples are void; the producer's.
pub const FLUSH: usize = 1;
/// Position of the next sample to be taken; the consumer's.
pub const READ: usize = 2;
/// Position up to which an utterance is complete; the producer's.
pub const END: usize = 3;
/// 32-bit words before the samples.
pub const HEADER_WORDS: usize = 8;
/// Bytes before the samples.
pub const HEADER_BYTES: usize = HEADER_WORDS * 4;

/// The bytes that both halves see. `load` and `store` are atomic and sequentially consistent; `read` and `write` need not be.
pub trait RingMemory {
    /// The header's word number `word`.
    fn load(&self, word: usize) -> u32;
    /// Sets the header's word number `word`.
    fn store(&self, word: usize, value: u32);
    /// Copies the samples from slot `offset` on; `offset + out.len()` does not exceed the capacity.
    fn read(&self, offset: usize, out: &mut [i16]);
    /// Copies `samples` to slot `offset` and on; `offset + samples.len()` does not exceed the capacity.
    fn write(&self, offset: usize, samples: &[i16]);
    /// How many samples the ring holds: a power of two, at most 2^31.
    fn capacity(&self) -> usize;
}

/// The writing half. Only one may exist per ring.
#[derive(Debug)]
pub struct Producer<M> {
    memory: M,
    write: u32,
}

impl<M: RingMemory> Producer<M> {
    /// The writing half of the ring in `memory`, going on where the header says.
    pub fn new(memory: M) -> Self {
        let write = memory.load(WRITE);
        Self { memory, write }
    }

    /// Pushes as many of `samples` as fit, first ones first, and says how many.
    pub fn push(&mut self, samples: &[i16]) -> usize {
        let count = samples.len().min(self.free());
        let (samples, _) = samples.split_at(count);
        let offset = slot(self.write, self.memory.capacity());
        let (head, tail) = samples.split_at(count.min(self.memory.capacity() - offset));
        self.memory.write(offset, head);
        if !tail.is_empty() {
            self.memory.write(0, tail);
        }
        self.write = self.write.wrapping_add(count as u32);
        self.memory.store(WRITE, self.write);
        count
    }

    /// How many samples fit now. A flush frees its samples only when the consumer has obeyed it.
    pub fn free(&self) -> usize {
        self.memory.capacity().saturating_sub(self.waiting())
    }

    /// How many samples were pushed and not taken or skipped yet.
    pub fn waiting(&self) -> usize {
        self.write.wrapping_sub(self.read()) as usize
    }

    /// The position of the next sample to be taken.
    pub fn read(&self) -> u32 {
        self.memory.load(READ)
    }

    /// Flushes everything pushed so far, and ends the utterance there.
    pub fn flush(&mut self) {
        self.memory.store(FLUSH, self.write);
        self.memory.store(END, self.write);
    }

    /// Marks the utterance as complete: nothing more belongs to what has been pushed so far.
    pub fn finish(&mut self) {
        self.memory.store(END, self.write);
    }

    /// Samples ever pushed, modulo 2^32.
    pub const fn written(&self) -> u32 {
        self.write
    }
}

/// What one [`Consumer::pull`] found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pulled {
    /// Samples copied to the front of the output.
    pub count: usize,
    /// Samples that were voided before they could be taken; they came before the copied ones.
    pub lost: usize,
}

/// The reading half. Only one may exist per ring.
#[derive(Debug)]
pub struct Consumer<M> {
    memory: M,
    read: u32,
}

impl<M: RingMemory> Consumer<M> {
    /// The reading half of the ring in `memory`, going on where the header says.
    pub fn new(memory: M) -> Self {
        let read = memory.load(READ);
        Self { memory, read }
    }

    /// Takes the oldest samples, as many as there are and as fit into `out`.
    pub fn pull(&mut self, out: &mut [i16]) -> Pulled {
        let start = later(self.read, self.memory.load(FLUSH));
        let held = self.memory.load(WRITE).wrapping_sub(start) as usize;
        let count = out.len().min(held).min(self.memory.capacity());
        let (copied, _) = out.split_at_mut(count);
        self.copy(start, copied);
        // The producer may have voided the front while it was copied, and overwritten it.
        let end = start.wrapping_add(count as u32);
        let valid = later(start, self.memory.load(FLUSH));
        let void = (valid.wrapping_sub(start) as usize).min(count);
        copied.copy_within(void.., 0);
        let pulled = Pulled {
            count: count - void,
            lost: later(end, valid).wrapping_sub(self.read) as usize + void - count,
        };
        self.read = later(end, valid);
        self.memory.store(READ, self.read);
        pulled
    }

    fn copy(&self, position: u32, out: &mut [i16]) {
        let offset = slot(position, self.memory.capacity());
        let (head, tail) = out.split_at_mut(out.len().min(self.memory.capacity() - offset));
        self.memory.read(offset, head);
        if !tail.is_empty() {
            self.memory.read(0, tail);
        }
    }
}

/// Where in the ring the sample at `position` lies.
const fn slot(position: u32, capacity: usize) -> usize {
    position as usize & (capacity - 1)
}

/// The later of two positions that are less than 2^31 samples apart.
const fn later(a: u32, b: u32) -> u32 {
    if (b.wrapping_sub(a) as i32) > 0 { b } else { a }
}

#[cfg(test)]
mod tests;

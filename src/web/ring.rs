//! The rings' memory as the browser has it: shared, or mirrored over a port.

use std::cell::Cell;

use js_sys::{Atomics, Int16Array, Int32Array, SharedArrayBuffer};
use wasm_bindgen::prelude::*;
use web_sys::MessagePort;

use crate::audio::{
    PLAYBACK_CAPACITY,
    ring::{END, FLUSH, HEADER_BYTES, HEADER_WORDS, READ, RingMemory, WRITE},
};

/// A new shared buffer for a ring of `capacity` samples, where the browser lets pages have one.
pub(super) fn shared(capacity: usize) -> Option<SharedArrayBuffer> {
    // The constructor itself is looked for: a page may be isolated and yet not have it.
    let exists = js_sys::Reflect::has(&js_sys::global(), &"SharedArrayBuffer".into()).unwrap_or(false);
    exists.then(|| SharedArrayBuffer::new((HEADER_BYTES + 2 * capacity) as u32))
}

/// A ring's memory in a `SharedArrayBuffer`; the other half is a worklet.
#[derive(Debug)]
pub(super) struct SharedMemory {
    header: Int32Array,
    samples: Int16Array,
}

impl SharedMemory {
    pub(super) fn new(buffer: &SharedArrayBuffer) -> Self {
        Self {
            header: Int32Array::new_with_byte_offset_and_length(buffer, 0, HEADER_WORDS as u32),
            samples: Int16Array::new_with_byte_offset(buffer, HEADER_BYTES as u32),
        }
    }
}

impl RingMemory for SharedMemory {
    fn load(&self, word: usize) -> u32 {
        Atomics::load(&self.header, word as u32).unwrap_or_default() as u32
    }

    fn store(&self, word: usize, value: u32) {
        // Fails only beyond the header's end.
        let _ = Atomics::store(&self.header, word as u32, value as i32);
    }

    fn read(&self, offset: usize, out: &mut [i16]) {
        let offset = offset as u32;
        self.samples.subarray(offset, offset + out.len() as u32).copy_to(out);
    }

    fn write(&self, offset: usize, samples: &[i16]) {
        let offset = offset as u32;
        self.samples.subarray(offset, offset + samples.len() as u32).copy_from(samples);
    }

    fn capacity(&self) -> usize {
        self.samples.length() as usize
    }
}

/// The producer's view of a ring that lives in the worklet: what is written goes there as messages, in order.
///
/// `READ` is what the worklet last reported, so the producer believes the ring a little fuller than it is.
#[derive(Debug)]
pub(super) struct PortMemory {
    port: MessagePort,
    write: Cell<u32>,
    read: Cell<u32>,
}

impl PortMemory {
    pub(super) fn new(port: MessagePort) -> Self {
        Self { port, write: Cell::new(0), read: Cell::new(0) }
    }

    pub(super) fn set_read(&self, position: u32) {
        self.read.set(position);
    }
}

impl RingMemory for PortMemory {
    fn load(&self, word: usize) -> u32 {
        match word {
            WRITE => self.write.get(),
            READ => self.read.get(),
            _ => 0,
        }
    }

    fn store(&self, word: usize, value: u32) {
        // A flush voids and ends at once: the worklet does both for "flush".
        match word {
            WRITE => self.write.set(value),
            FLUSH => post(&self.port, "flush"),
            END => post(&self.port, "end"),
            _ => {}
        }
    }

    fn read(&self, _offset: usize, out: &mut [i16]) {
        // The producer's half does not read.
        out.fill(0);
    }

    fn write(&self, _offset: usize, samples: &[i16]) {
        if samples.is_empty() {
            return;
        }
        let buffer: JsValue = Int16Array::from(samples).buffer().into();
        let _ = self.port.post_message_with_transferable(&buffer, &js_sys::Array::of1(&buffer));
    }

    fn capacity(&self) -> usize {
        PLAYBACK_CAPACITY
    }
}

fn post(port: &MessagePort, word: &str) {
    let _ = port.post_message(&word.into());
}

/// The playback ring's memory, of either kind.
#[derive(Debug)]
pub(super) enum PlaybackMemory {
    Shared(SharedMemory),
    Port(PortMemory),
}

impl PlaybackMemory {
    /// What the worklet reports of its position, where that is not shared.
    pub(super) fn set_read(&self, position: u32) {
        if let Self::Port(memory) = self {
            memory.set_read(position);
        }
    }

    fn as_memory(&self) -> &dyn RingMemory {
        match self {
            Self::Shared(memory) => memory,
            Self::Port(memory) => memory,
        }
    }
}

impl RingMemory for PlaybackMemory {
    fn load(&self, word: usize) -> u32 {
        self.as_memory().load(word)
    }

    fn store(&self, word: usize, value: u32) {
        self.as_memory().store(word, value);
    }

    fn read(&self, offset: usize, out: &mut [i16]) {
        self.as_memory().read(offset, out);
    }

    fn write(&self, offset: usize, samples: &[i16]) {
        self.as_memory().write(offset, samples);
    }

    fn capacity(&self) -> usize {
        self.as_memory().capacity()
    }
}

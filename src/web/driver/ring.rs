//! The rings' memory, where the browser lets pages share any.

use js_sys::{Atomics, Int16Array, Int32Array, SharedArrayBuffer};

use crate::audio::ring::{HEADER_BYTES, HEADER_WORDS, RingMemory};

/// A new shared buffer for a ring of `capacity` samples, where the browser lets pages have one.
pub(in crate::web) fn shared(capacity: usize) -> Option<SharedArrayBuffer> {
    // The constructor itself is looked for: a page may be isolated and yet not have it.
    let exists = js_sys::Reflect::has(&js_sys::global(), &"SharedArrayBuffer".into()).unwrap_or(false);
    exists.then(|| SharedArrayBuffer::new((HEADER_BYTES + 2 * capacity) as u32))
}

/// A ring's memory in a `SharedArrayBuffer`; the other half is a worklet.
#[derive(Debug)]
pub(in crate::web) struct SharedMemory {
    header: Int32Array,
    samples: Int16Array,
}

impl SharedMemory {
    pub(in crate::web) fn new(buffer: &SharedArrayBuffer) -> Self {
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

//! In a module of this name, which is as far as the Worker's own is seen.

#[allow(dead_code, reason = "the page makes the memory, here as there")]
#[path = "../../../src/web/driver/ring.rs"]
pub(crate) mod ring;

use js_sys::SharedArrayBuffer;
use wasm_bindgen::prelude::*;

use crate::audio::ring::{Consumer, Producer};
use ring::SharedMemory;

/// What the Worker plays with.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Playing(Producer<SharedMemory>);

#[wasm_bindgen]
impl Playing {
    /// The writing half of the ring in this memory.
    #[wasm_bindgen(constructor)]
    pub fn new(memory: &SharedArrayBuffer) -> Self {
        Self(Producer::new(SharedMemory::new(memory)))
    }

    /// Pushes what fits, and says how many.
    pub fn push(&mut self, samples: &[i16]) -> usize {
        self.0.push(samples)
    }

    /// Voids everything pushed so far.
    pub fn flush(&mut self) {
        self.0.flush();
    }
}

/// What the Worker listens with.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Listening {
    ring: Consumer<SharedMemory>,
    lost: usize,
}

#[wasm_bindgen]
impl Listening {
    /// The reading half of the ring in this memory.
    #[wasm_bindgen(constructor)]
    pub fn new(memory: &SharedArrayBuffer) -> Self {
        Self { ring: Consumer::new(SharedMemory::new(memory)), lost: 0 }
    }

    /// Takes samples into `out`, and says how many. Those that were lost came before them.
    pub fn pull(&mut self, out: &mut [i16]) -> usize {
        let pulled = self.ring.pull(out);
        self.lost = pulled.lost;
        pulled.count
    }

    /// How many samples the last pull found lost.
    pub fn lost(&self) -> usize {
        self.lost
    }
}

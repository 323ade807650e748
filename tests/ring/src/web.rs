//! In a module of this name, which is as far as the Worker's own is seen.

#[allow(dead_code, reason = "the page makes the memory, here as there")]
#[path = "../../../src/web/driver/ring.rs"]
pub(crate) mod ring;

use js_sys::SharedArrayBuffer;
use wasm_bindgen::prelude::*;

use gemini_live_web::{
    audio::{downlink::Downlink, pcm},
    json,
    protocol::{
        server::{self, Item},
        setup,
    },
    session::{Action, ConnId, Input, Policy, Session},
    time::Instant,
};

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

/// A session that is open, and its way to a speaker's ring: what `tests/worklet/decode.mjs` measures.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Decoding {
    session: Session,
    conn: ConnId,
    downlink: Downlink,
    ring: Producer<SharedMemory>,
}

#[wasm_bindgen]
impl Decoding {
    /// One whose ring is in this memory.
    #[wasm_bindgen(constructor)]
    pub fn new(memory: &SharedArrayBuffer) -> Result<Self, String> {
        let config = json!({ "responseModalities": ["AUDIO"] });
        let prepared = setup::prepare("sim-parrot", config, None).map_err(|error| error.to_string())?;
        let mut decoding = Self {
            session: Session::new(prepared.setup, Policy::default()),
            conn: ConnId::default(),
            downlink: Downlink::new(),
            ring: Producer::new(SharedMemory::new(memory)),
        };
        decoding.feed(Input::Connect, 0.0);
        let conn = decoding.conn;
        decoding.feed(Input::TokenReady(conn), 0.0);
        decoding.feed(Input::Opened(conn), 0.0);
        decoding.feed(Input::Frame(conn, br#"{"setupComplete":{}}"#), 0.0);
        decoding.feed(Input::Speaker(true), 0.0);
        Ok(decoding)
    }

    /// A frame has come, so many milliseconds after the beginning. Says how many samples are in the ring now, ever.
    pub fn hear(&mut self, frame: &[u8], ms: f64) -> u32 {
        self.feed(Input::Frame(self.conn, frame), ms);
        self.ring.written()
    }

    /// The same without a session and a ring, to the samples. Says how many.
    pub fn read(&mut self, frame: &[u8]) -> usize {
        let audio = |item| if let Item::Audio(audio) = item { Some(audio) } else { None };
        let items = server::decode(frame).unwrap_or_default().into_iter().filter_map(audio);
        items
            .filter_map(|audio| pcm::from_base64(&audio.data, audio.rate_hz).ok())
            .map(|pcm| pcm.samples.len())
            .sum()
    }

    fn feed(&mut self, input: Input<'_>, ms: f64) {
        self.session.handle(input, Instant::from_ms(ms));
        while let Some(action) = self.session.poll() {
            match action {
                Action::Open(conn) => self.conn = conn,
                Action::Play { epoch, audio, .. } => {
                    let _ = self.downlink.accept(epoch, audio);
                    self.downlink.drain(&mut self.ring);
                }
                _ => {}
            }
        }
    }
}

//! The driver's end of a playback worklet: answers go into the ring, or over the port, and reports come back.

use std::{cell::RefCell, rc::Rc};

use js_sys::{Reflect, SharedArrayBuffer};
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, MessagePort};

use super::ring::{PlaybackMemory, PortMemory, SharedMemory};
use crate::{
    audio::{
        downlink::Downlink,
        ring::{Producer, READ, RingMemory},
    },
    error::Error,
    protocol::server::AudioChunk,
    session::{Input, Playback},
};

/// Answers on their way to a speaker. Dropping it stops the worklet.
pub(super) struct Speech {
    port: MessagePort,
    outflow: RefCell<Outflow>,
    on_message: RefCell<Option<OnMessage>>,
}

type OnMessage = Closure<dyn FnMut(MessageEvent)>;

struct Outflow {
    downlink: Downlink,
    producer: Producer<PlaybackMemory>,
}

impl Speech {
    pub(super) fn new(
        port: MessagePort,
        ring: Option<SharedArrayBuffer>,
        feed: impl Fn(Input<'_>) + 'static,
    ) -> Rc<Self> {
        let memory = match ring {
            Some(buffer) => PlaybackMemory::Shared(SharedMemory::new(&buffer)),
            None => PlaybackMemory::Port(PortMemory::new(port.clone())),
        };
        let outflow = Outflow { downlink: Downlink::default(), producer: Producer::new(memory) };
        let speech = Rc::new(Self { port, outflow: RefCell::new(outflow), on_message: RefCell::new(None) });
        let me = Rc::downgrade(&speech);
        let on_message = Closure::new(move |event: MessageEvent| {
            let Some(speech) = me.upgrade() else { return };
            let playback = speech.outflow.borrow_mut().on_report(&event.data());
            feed(Input::Played(playback));
        });
        speech.port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        speech.on_message.replace(Some(on_message));
        speech
    }

    pub(super) fn play(&self, generation: u32, audio: &AudioChunk) -> Result<(), Error> {
        let Outflow { downlink, producer } = &mut *self.outflow.borrow_mut();
        let accepted = downlink.accept(generation, &audio.data, audio.rate_hz);
        downlink.drain(producer);
        accepted.map(|_| ())
    }

    pub(super) fn finish(&self) {
        let Outflow { downlink, producer } = &mut *self.outflow.borrow_mut();
        downlink.finish();
        downlink.drain(producer);
    }

    pub(super) fn void(&self, generation: u32) {
        let Outflow { downlink, producer } = &mut *self.outflow.borrow_mut();
        downlink.void(generation);
        downlink.drain(producer);
    }
}

impl Drop for Speech {
    fn drop(&mut self) {
        self.port.set_onmessage(None);
        let _ = self.port.post_message(&"stop".into());
        self.port.close();
    }
}

impl Outflow {
    fn on_report(&mut self, report: &JsValue) -> Playback {
        let field = |name: &str| Reflect::get(report, &name.into()).unwrap_or_default();
        let number = |name: &str| field(name).as_f64().unwrap_or_default();
        // Room was made: what waits in front of the ring goes in first.
        self.producer.memory().set_read(number("read") as u32);
        self.downlink.drain(&mut self.producer);
        let in_ring = self.producer.written().wrapping_sub(self.producer.memory().load(READ));
        Playback {
            played: number("played"),
            waiting: f64::from(in_ring) + self.downlink.backlog() as f64,
            underruns: number("concealmentEvents"),
            concealed: number("concealedSamples"),
            is_playing: field("playing").is_truthy(),
        }
    }
}

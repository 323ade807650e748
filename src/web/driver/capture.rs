//! The driver's end of a microphone: samples come out of a worklet's ring, or over its port, or out of tracks that come over the port,
//! and are cut into frames.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use js_sys::{Array, ArrayBuffer, Int16Array, SharedArrayBuffer};
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, MessagePort};

use crate::web::{
    driver::{ring::SharedMemory, track::Reading},
    sys::{timer::now, value::field},
};
use crate::{
    audio::{
        ring::Consumer,
        track::{TrackData, Tracks},
        uplink::Uplink,
    },
    session::Input,
    time::Instant,
};

/// A microphone's samples on their way to the session. Dropping it stops the worklet, and gives the tracks back.
pub(in crate::web) struct CapturePort {
    way: Rc<Way>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
}

/// What a port leads to. If tracks come over it, the page is told by its number which is heard; 0 when nothing comes of it any more.
pub(super) struct Way {
    port: MessagePort,
    intake: RefCell<Intake>,
    heard: RefCell<Option<Reading>>,
    /// What is to be heard instead.
    next: RefCell<Option<Reading>>,
    told: Cell<Option<u32>>,
    frame_samples: usize,
    feed: Box<dyn Fn(Input<'_>)>,
}

impl CapturePort {
    pub(in crate::web) fn new(
        port: MessagePort,
        ring: Option<SharedArrayBuffer>,
        frame_samples: usize,
        feed: impl Fn(Input<'_>) + 'static,
    ) -> Self {
        let intake = Intake {
            ring: ring.map(|buffer| Consumer::new(SharedMemory::new(&buffer))),
            tracks: Tracks::default(),
            uplink: Uplink::new(frame_samples),
            lost: 0,
            unsaid: 0,
        };
        let way = Rc::new(Way {
            port,
            intake: RefCell::new(intake),
            heard: RefCell::default(),
            next: RefCell::default(),
            told: Cell::default(),
            frame_samples,
            feed: Box::new(feed),
        });
        let hearing = way.clone();
        let on_message: Closure<dyn FnMut(MessageEvent)> = Closure::new(move |event: MessageEvent| {
            let message = event.data();
            // What a worklet says with each frame is a number, which has no fields to be asked for.
            let track = if message.is_object() { field(&message, "track") } else { JsValue::UNDEFINED };
            if track.is_undefined() {
                hearing.take(&message);
            } else {
                hearing.read(&track);
            }
        });
        way.port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        Self { way, _on_message: on_message }
    }

    /// What has come and was not fed yet, the incomplete frame included: it was said before the mark, the mute or the stop
    /// that comes next. Without a shared ring up to a frame may be on their way still, and come after it.
    pub(in crate::web) fn flush(&self) -> Vec<i16> {
        self.way.intake.borrow_mut().flush()
    }
}

impl Drop for CapturePort {
    fn drop(&mut self) {
        let Way { port, heard, next, .. } = &*self.way;
        port.set_onmessage(None);
        let _ = port.post_message(&"stop".into());
        port.close();
        drop((heard.take(), next.take()));
    }
}

impl Way {
    /// Takes what a worklet says.
    fn take(&self, message: &JsValue) {
        // The frames are collected first: no borrow is held while the session hears of them.
        let (frames, lost) = self.intake.borrow_mut().take(message, &self.port);
        self.give(&frames, lost);
    }

    fn give(&self, frames: &[i16], lost: u32) {
        if lost > 0 {
            (self.feed)(Input::CaptureLost(lost));
        }
        for frame in frames.chunks(self.frame_samples) {
            (self.feed)(Input::Audio(frame));
        }
    }

    /// Reads another track, which is heard as soon as it gives something.
    fn read(self: &Rc<Self>, readable: &JsValue) {
        let turn = self.intake.borrow_mut().tracks.add();
        let reading = Reading::begin(readable, Rc::downgrade(self), turn);
        let place = if turn == 1 { &self.heard } else { &self.next };
        let unwanted = place.replace(Some(reading));
        drop(unwanted);
    }

    /// Takes what the track of this turn gives, or that it gives nothing more. The one before is given back when another has taken over.
    pub(super) fn hear(&self, turn: u32, given: Option<TrackData<'_>>) {
        let now = now();
        let mut intake = self.intake.borrow_mut();
        let before = intake.tracks.turn();
        let (frames, lost) = intake.hear(turn, given, now);
        let heard = intake.tracks.turn();
        let word = if intake.tracks.is_over() { 0 } else { heard };
        drop(intake);
        if heard != before {
            let over = self.heard.replace(self.next.take());
            drop(over);
        }
        if self.told.replace(Some(word)) != Some(word) {
            let _ = self.port.post_message(&word.into());
        }
        self.give(&frames, lost);
    }
}

struct Intake {
    ring: Option<Consumer<SharedMemory>>,
    tracks: Tracks,
    uplink: Uplink,
    /// Samples lost so far, as the worklet counts them.
    lost: u32,
    /// Samples whose loss was noticed during a flush, and not fed yet.
    unsaid: u32,
}

impl Intake {
    /// The frames that are complete now, and how many samples before them were lost.
    fn take(&mut self, message: &JsValue, port: &MessagePort) -> (Vec<i16>, u32) {
        if let Some(buffer) = message.dyn_ref::<ArrayBuffer>() {
            self.uplink.push(&Int16Array::new(buffer).to_vec());
            // The worklet fills the same memory again: it allocates nothing.
            let _ = port.post_message_with_transferable(buffer, &Array::of1(buffer));
        }
        self.drain();
        let lost = std::mem::take(&mut self.unsaid).saturating_add(self.newly_lost(message));
        (self.uplink.frames(), lost)
    }

    /// The same of what a track gives.
    fn hear(&mut self, turn: u32, given: Option<TrackData<'_>>, now: Instant) -> (Vec<i16>, u32) {
        match given {
            Some(data) => self.tracks.hear(turn, &data, now),
            None => self.tracks.end(turn),
        }
        self.uplink.push(&self.tracks.take());
        (self.uplink.frames(), self.tracks.take_lost())
    }

    fn flush(&mut self) -> Vec<i16> {
        self.drain();
        self.uplink.flush()
    }

    /// Takes what the ring holds, if there is one.
    fn drain(&mut self) {
        let Some(ring) = &mut self.ring else { return };
        let mut samples = [0; PORTION];
        loop {
            let pulled = ring.pull(&mut samples);
            self.unsaid = self.unsaid.saturating_add(pulled.lost as u32);
            let taken = samples.get(..pulled.count).unwrap_or_default();
            self.uplink.push(taken);
            if pulled.count < samples.len() {
                return;
            }
        }
    }

    fn newly_lost(&mut self, message: &JsValue) -> u32 {
        let Some(total) = field(message, "lost").as_f64().map(|total| total as u32) else { return 0 };
        let lost = total.saturating_sub(self.lost);
        self.lost = total;
        lost
    }
}

/// Samples that are taken from the ring at a time: 80 ms.
const PORTION: usize = 1280;

#[cfg(test)]
mod tests;

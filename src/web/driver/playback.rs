//! The driver's end of a playback worklet: answers go into the ring, or over the port, and reports come back.

use std::{cell::RefCell, rc::Rc};

use js_sys::{Array, Int16Array, Reflect, SharedArrayBuffer};
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, MessagePort};

use crate::web::{
    driver::{pcm::PcmTap, ring::SharedMemory},
    sys::value::field,
};
use crate::{
    audio::{
        PLAYBACK_CAPACITY,
        downlink::{Downlink, Outlet},
        pcm::Pcm,
        ring::Producer,
    },
    error::Error,
    session::Playback,
};

/// Answers on their way to a speaker. Once it is dropped, the worklet plays what it has, if that was not flushed, and ends.
/// What waits in front of its ring it has only once that was [handed over](PlaybackPort::hand_over).
pub(in crate::web) struct PlaybackPort {
    port: MessagePort,
    flow: RefCell<Flow>,
    pcm: PcmTap,
    on_message: RefCell<Option<OnMessage>>,
}

type OnMessage = Closure<dyn FnMut(MessageEvent)>;

struct Flow {
    downlink: Downlink,
    outlet: Box<dyn Outlet>,
}

impl PlaybackPort {
    pub(in crate::web) fn new(
        port: MessagePort,
        ring: Option<SharedArrayBuffer>,
        on_report: impl Fn(Playback) + 'static,
    ) -> Rc<Self> {
        let outlet: Box<dyn Outlet> = match ring {
            Some(buffer) => Box::new(Producer::new(SharedMemory::new(&buffer))),
            None => Box::new(PortOutlet { port: port.clone(), written: 0, read: 0 }),
        };
        let flow = RefCell::new(Flow { downlink: Downlink::new(), outlet });
        let playback = Rc::new(Self { port, flow, pcm: PcmTap::default(), on_message: RefCell::new(None) });
        let me = Rc::downgrade(&playback);
        let on_message = Closure::new(move |event: MessageEvent| {
            let Some(playback) = me.upgrade() else { return };
            // Read first: no borrow is held while the session hears of it, and it may say to play more.
            let report = playback.flow.borrow_mut().on_report(&event.data());
            playback.pcm.played(&report, &event.data());
            on_report(report);
        });
        playback.port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        playback.on_message.replace(Some(on_message));
        playback
    }

    /// Plays a chunk of this place: the number of its turn, and how many samples of that come before it.
    pub(in crate::web) fn play(&self, epoch: u32, place: (u32, f64), audio: Pcm) -> Result<(), Error> {
        let flow = &mut *self.flow.borrow_mut();
        let accepted = flow.downlink.accept(epoch, audio);
        if let Ok(count) = accepted
            && count > 0
        {
            self.pcm.given(epoch, place, flow.downlink.latest(count));
        }
        flow.drain();
        accepted.map(|_| ())
    }

    pub(in crate::web) fn finish(&self) {
        let flow = &mut *self.flow.borrow_mut();
        flow.downlink.finish();
        flow.drain();
    }

    pub(in crate::web) fn flush(&self, epoch: u32) {
        let flow = &mut *self.flow.borrow_mut();
        flow.downlink.flush(epoch);
        flow.drain();
    }

    /// Tells this listener what is given to the worklet and what of it is played, or nobody any more.
    pub(in crate::web) fn tell_pcm(&self, listener: Option<MessagePort>) {
        self.pcm.listen(listener);
    }

    pub(in crate::web) fn pause(&self, is_paused: bool) {
        post(&self.port, if is_paused { "pause" } else { "resume" });
    }

    /// The epoch that the worklet is in, and how many samples of it were played, as they are now; nothing where its reports alone
    /// tell.
    pub(in crate::web) fn position(&self) -> Option<(u32, u32)> {
        let flow = self.flow.borrow();
        flow.outlet.read().map(|read| flow.downlink.seen_at(read))
    }

    /// Gives the worklet all that has not found room in its ring yet, which it goes on with by itself: a Worker ends with
    /// its session, and minutes of an answer may have come ahead of their time. It is the last thing that is said.
    pub(in crate::web) fn hand_over(&self) {
        let rest = self.flow.borrow_mut().downlink.take_rest();
        if !rest.is_empty() {
            post_samples(&self.port, &rest);
        }
    }
}

impl Drop for PlaybackPort {
    fn drop(&mut self) {
        self.port.set_onmessage(None);
        // Not "stop": a lost connection must not cut off what has come already. Who wants silence flushes first.
        post(&self.port, "drain");
        self.port.close();
    }
}

impl Flow {
    fn drain(&mut self) {
        self.downlink.drain(&mut *self.outlet);
    }

    fn on_report(&mut self, report: &JsValue) -> Playback {
        let number = |name: &str| field(report, name).as_f64().unwrap_or_default();
        let sums = field(report, "sums");
        let sum = |at: u32| Reflect::get_u32(&sums, at).ok().and_then(|sum| sum.as_f64()).unwrap_or_default();
        let read = number("read") as u32;
        // Room was made: what waits in front of the ring goes in first.
        self.outlet.on_read(read);
        self.drain();
        let (epoch, read) = self.downlink.epoch_at(read);
        let epoch_played = read.saturating_sub(number("ahead") as u32);
        Playback {
            epoch,
            played: number("played"),
            epoch_played: f64::from(epoch_played),
            waiting: (self.outlet.waiting() + self.downlink.backlog()) as f64,
            concealment_events: number("concealmentEvents"),
            concealed_samples: number("concealedSamples"),
            inserted_samples: number("insertedSamplesForDeceleration"),
            target_delay: sum(0),
            minimum_delay: sum(1),
            energy: sum(2),
            // An answer that was heard to its last sample may be flushed before the worklet has noticed its end.
            is_playing: field(report, "playing").is_truthy() && epoch_played > 0,
        }
    }
}

/// A worklet that has its ring to itself: it is fed by messages, in order, and its reports say what it has read.
#[derive(Debug)]
struct PortOutlet {
    port: MessagePort,
    written: u32,
    /// What the worklet last reported, so the ring is believed a little fuller than it is.
    read: u32,
}

impl Outlet for PortOutlet {
    fn push(&mut self, samples: &[i16]) -> usize {
        let count = samples.len().min(PLAYBACK_CAPACITY.saturating_sub(self.waiting()));
        let Some(samples) = samples.get(..count).filter(|samples| !samples.is_empty()) else { return 0 };
        post_samples(&self.port, samples);
        self.written = self.written.wrapping_add(count as u32);
        count
    }

    fn flush(&mut self) {
        post(&self.port, "flush");
    }

    fn finish(&mut self) {
        post(&self.port, "end");
    }

    fn written(&self) -> u32 {
        self.written
    }

    fn waiting(&self) -> usize {
        self.written.wrapping_sub(self.read) as usize
    }

    fn on_read(&mut self, position: u32) {
        self.read = position;
    }
}

fn post_samples(port: &MessagePort, samples: &[i16]) {
    let buffer: JsValue = Int16Array::from(samples).buffer().into();
    let _ = port.post_message_with_transferable(&buffer, &Array::of1(&buffer));
}

fn post(port: &MessagePort, word: &str) {
    let _ = port.post_message(&word.into());
}

#[cfg(test)]
mod tests;

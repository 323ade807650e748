//! The driver's end of a capture worklet: samples come out of the ring, or over the port, and are cut into frames.

use std::{cell::RefCell, rc::Rc};

use js_sys::{Array, ArrayBuffer, Int16Array, Reflect, SharedArrayBuffer};
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, MessagePort};

use crate::web::driver::ring::SharedMemory;
use crate::{
    audio::{ring::Consumer, uplink::Uplink},
    session::Input,
};

/// A microphone's samples on their way to the session. Dropping it stops the worklet.
pub(in crate::web) struct CapturePort {
    port: MessagePort,
    intake: Rc<RefCell<Intake>>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
}

impl CapturePort {
    pub(in crate::web) fn new(
        port: MessagePort,
        ring: Option<SharedArrayBuffer>,
        frame_samples: usize,
        feed: impl Fn(Input<'_>) + 'static,
    ) -> Self {
        let intake = Rc::new(RefCell::new(Intake {
            ring: ring.map(|buffer| Consumer::new(SharedMemory::new(&buffer))),
            uplink: Uplink::new(frame_samples),
            lost: 0,
            unsaid: 0,
        }));
        let (taking, back) = (intake.clone(), port.clone());
        let on_message = Closure::new(move |event: MessageEvent| {
            // The frames are collected first: no borrow is held while the session hears of them.
            let (frames, lost) = taking.borrow_mut().take(&event.data(), &back);
            if lost > 0 {
                feed(Input::CaptureLost(lost));
            }
            for frame in frames.chunks(frame_samples) {
                feed(Input::Audio(frame));
            }
        });
        port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        Self { port, intake, _on_message: on_message }
    }

    /// What has come and was not fed yet, the incomplete frame included: it was said before the mark, the mute or the stop
    /// that comes next. Without a shared ring up to a frame may be on their way still, and come after it.
    pub(in crate::web) fn flush(&self) -> Vec<i16> {
        self.intake.borrow_mut().flush()
    }
}

impl Drop for CapturePort {
    fn drop(&mut self) {
        self.port.set_onmessage(None);
        let _ = self.port.post_message(&"stop".into());
        self.port.close();
    }
}

struct Intake {
    ring: Option<Consumer<SharedMemory>>,
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
        let total = Reflect::get(message, &"lost".into()).ok().and_then(|lost| lost.as_f64());
        let Some(total) = total.map(|total| total as u32) else { return 0 };
        let lost = total.saturating_sub(self.lost);
        self.lost = total;
        lost
    }
}

/// Samples that are taken from the ring at a time: 80 ms.
const PORTION: usize = 1280;

#[cfg(test)]
mod tests;

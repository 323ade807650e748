//! The voice as samples, told to whoever listens on the page.

use std::cell::{Cell, RefCell};

use js_sys::{Array, Int16Array};
use wasm_bindgen::JsValue;
use web_sys::MessagePort;

use crate::{session::Playback, web::sys::value::field};

/// Tells a listener, in lists, what is given to the speaker and how far that is:
///
/// | list | |
/// |---|---|
/// | `audio`, epoch, samples of the epoch before it, number of the turn, samples of the turn before it, samples | a chunk, decoded |
/// | `played`, epoch, samples of the epoch, samples since the speaker was opened, samples that wait, whether it goes on, the context's time then | a report; the first is the latest there was |
/// | `end` | the speaker is gone, or somebody else listens |
#[derive(Default)]
pub(super) struct PcmTap {
    listener: RefCell<Option<MessagePort>>,
    /// The latest epoch that chunks came in, and how many samples of it did.
    given: Cell<(u32, u32)>,
    /// The latest report, and the worklet's words for it.
    last: RefCell<Option<(Playback, JsValue)>>,
}

impl PcmTap {
    /// Tells this listener from now on, or nobody.
    pub(super) fn listen(&self, listener: Option<MessagePort>) {
        if let (Some(listener), Some((report, words))) = (&listener, &*self.last.borrow()) {
            let _ = listener.post_message(&told(report, words));
        }
        let before = self.listener.replace(listener);
        if let Some(before) = before {
            // Closed by who hears it: closed here it might never come.
            let _ = before.post_message(&Array::of1(&"end".into()));
        }
    }

    /// These samples of a turn are given to the speaker.
    pub(super) fn given(&self, epoch: u32, (turn, position): (u32, f64), samples: &[i16]) {
        let (latest, count) = self.given.get();
        let at = if latest == epoch { count } else { 0 };
        self.given.set((epoch, at.wrapping_add(samples.len() as u32)));
        if let Some(listener) = &*self.listener.borrow() {
            let samples = Int16Array::from(samples);
            let moved = Array::of1(&samples.buffer());
            let list: Array = ["audio".into(), epoch.into(), at.into(), turn.into(), position.into()]
                .into_iter()
                .chain([JsValue::from(samples)])
                .collect();
            let _ = listener.post_message_with_transferable(&list, &moved);
        }
    }

    /// The speaker says how far it is, in these words.
    pub(super) fn played(&self, report: &Playback, words: &JsValue) {
        if let Some(listener) = &*self.listener.borrow() {
            let _ = listener.post_message(&told(report, words));
        }
        self.last.replace(Some((*report, words.clone())));
    }
}

fn told(report: &Playback, words: &JsValue) -> Array {
    let Playback { epoch, epoch_played, played, waiting, is_playing, .. } = *report;
    let moves = is_playing && !field(words, "paused").is_truthy();
    ["played".into(), epoch.into(), epoch_played.into(), played.into(), waiting.into()]
        .into_iter()
        .chain([moves.into(), field(words, "time")])
        .collect()
}

impl Drop for PcmTap {
    fn drop(&mut self) {
        self.listen(None);
    }
}

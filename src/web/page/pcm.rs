//! The voice as samples: for recordings, lip-sync and avatars. How it is told is in `pcm.js`.

use std::{fmt, rc::Rc};

use js_sys::{Int16Array, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, AudioContext, MessageChannel, MessagePort};

use crate::{
    error::{Code, Error},
    web::{
        driver::command::Command,
        page::device::{Device, Parts},
        sys::value::{error_from, field},
    },
};

#[wasm_bindgen(module = "/src/web/page/pcm.js")]
extern "C" {
    // `catch` has wasm-bindgen write a function around it. The package step knows no other way of importing one.
    #[wasm_bindgen(js_name = openPcm, catch)]
    fn open_pcm(
        context: &AudioContext,
        port: &MessagePort,
        stop: &JsValue,
        signal: &AbortSignal,
    ) -> Result<Promise, JsValue>;

    /// What a JavaScript application gets.
    type LivePcm;

    #[wasm_bindgen(method)]
    fn next(this: &LivePcm) -> Promise;

    #[wasm_bindgen(method)]
    fn playback(this: &LivePcm) -> JsValue;

    #[wasm_bindgen(method)]
    fn stop(this: &LivePcm);

    #[wasm_bindgen(method, getter)]
    fn stopped(this: &LivePcm) -> bool;

    #[wasm_bindgen(method, getter, js_name = droppedSamples)]
    fn dropped_samples(this: &LivePcm) -> f64;
}

impl Device {
    /// The voice as samples, from now on, as a JavaScript application gets it.
    pub(in crate::web) fn pcm(&self) -> Result<Promise, Error> {
        let lease = |parts: &Parts| Some((parts.lease.id, parts.lease.context.clone(), parts.over.signal()?));
        let lease = self.parts.borrow().as_ref().and_then(lease);
        let ((id, context, over), host) = lease.zip(self.host()).ok_or_else(stopped)?;
        let channel = MessageChannel::new().map_err(|_| stopped())?;
        host.command(Command::Pcm(id, Some(channel.port2())));
        let host = Rc::downgrade(&host);
        let stop: Closure<dyn Fn()> = Closure::new(move || {
            host.upgrade().iter().for_each(|host| host.command(Command::Pcm(id, None)));
        });
        // The garbage collector owns it from here on.
        open_pcm(&context, &channel.port1(), &stop.into_js_value(), &over).map_err(|_| stopped())
    }
}

fn stopped() -> Error {
    Error::new(Code::NotOpen, "The speaker is stopped.").with_remedy("Open one again.")
}

/// Something of the voice as samples.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum PcmEvent {
    /// Audio that is given to the speaker, mostly ahead of its time.
    Audio {
        /// Where it begins.
        at: PcmPosition,
        /// The samples, at 24 kHz.
        samples: Vec<i16>,
    },
    /// The answer was interrupted: nothing of it from here on is ever heard.
    Interrupted {
        /// The first sample that is not heard.
        at: PcmPosition,
    },
}

/// A place in the audio of a turn.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct PcmPosition {
    /// Id of the turn; `None` where no turns are kept.
    pub turn_id: Option<u32>,
    /// 24 kHz samples of the turn before it.
    pub position: f64,
}

impl PcmPosition {
    fn of(value: &JsValue) -> Option<Self> {
        let number = |name| field(value, name).as_f64();
        Some(Self { turn_id: number("turnId").map(|id| id as u32), position: number("position")? })
    }
}

/// The voice as samples, as the speaker is given them, and where in them the ear is. A speaker has one: another that is on ends. It ends
/// with its speaker, and is told nothing once dropped.
pub struct Pcm(LivePcm);

impl fmt::Debug for Pcm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pcm").field("is_stopped", &self.is_stopped()).finish_non_exhaustive()
    }
}

impl Pcm {
    pub(super) async fn of(device: &Device) -> Result<Self, Error> {
        let opened = JsFuture::from(device.pcm()?).await;
        opened
            .map(|pcm| Self(pcm.unchecked_into()))
            .map_err(|thrown| error_from(&thrown).unwrap_or_else(stopped))
    }

    /// The next event; `None` once the speaker is stopped. Who takes them too slowly misses the oldest: a minute of audio is kept.
    pub async fn next(&mut self) -> Option<PcmEvent> {
        let taken = JsFuture::from(self.0.next()).await.ok()?;
        let event = field(&taken, "value");
        let at = PcmPosition::of(&event)?;
        Some(match field(&event, "samples").dyn_into::<Int16Array>() {
            Ok(samples) => PcmEvent::Audio { at, samples: samples.to_vec() },
            Err(_) => PcmEvent::Interrupted { at },
        })
    }

    /// What is heard at this moment, the output latency taken into account; `None` before anything is. Where nothing plays, it is where
    /// the voice has stopped.
    #[must_use]
    pub fn playback(&self) -> Option<PcmPosition> {
        PcmPosition::of(&self.0.playback())
    }

    /// Samples that were dropped because nobody took them.
    #[must_use]
    pub fn dropped_samples(&self) -> u64 {
        self.0.dropped_samples() as u64
    }

    /// Listens no more.
    pub fn stop(&self) {
        self.0.stop();
    }

    /// Whether nothing more comes: it was stopped, or its speaker was.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.0.stopped()
    }
}

impl Drop for Pcm {
    fn drop(&mut self) {
        self.stop();
    }
}

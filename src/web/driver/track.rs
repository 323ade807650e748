//! A microphone's track that is read here, past the audio thread.

use std::rc::Weak;

use js_sys::{Function, Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::{
    audio::track::TrackData,
    web::{
        driver::capture::Way,
        sys::{
            channel::observed,
            task::spawn_local,
            value::{field, object},
        },
    },
};

#[wasm_bindgen]
extern "C" {
    /// What a track gives at once. web-sys has it among what may change yet.
    type AudioData;

    #[wasm_bindgen(method, catch, js_name = copyTo)]
    fn copy_to(this: &AudioData, destination: &mut [f32], options: &Object) -> Result<(), JsValue>;
}

/// A track that is read. Dropping it gives the track back.
pub(super) struct Reading(JsValue);

impl Reading {
    /// Reads what a `MediaStreamTrackProcessor` gives, for as long as the way is there.
    pub(super) fn begin(readable: &JsValue, way: Weak<Way>, turn: u32) -> Self {
        let reader = call(readable, "getReader");
        spawn_local(read(reader.clone(), way, turn));
        Self(reader)
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        // What waits for more hears that there is none.
        observed(Promise::resolve(&call(&self.0, "cancel")));
    }
}

async fn read(reader: JsValue, way: Weak<Way>, turn: u32) {
    // A stream that breaks is one that is over.
    while let Ok(read) = JsFuture::from(Promise::resolve(&call(&reader, "read"))).await {
        let data = field(&read, "value");
        let number = |name| field(&data, name).as_f64().unwrap_or_default();
        let (channels, rate_hz) = (number("numberOfChannels") as usize, number("sampleRate") as u32);
        let timestamp_us = number("timestamp");
        let planes = planes(&data, channels, number("numberOfFrames") as usize);
        let Some(planes) = planes else { break };
        if let Some(way) = way.upgrade() {
            way.hear(turn, Some(TrackData { planes: &planes, channels, rate_hz, timestamp_us }));
        }
    }
    if let Some(way) = way.upgrade() {
        way.hear(turn, None);
    }
}

/// Whatever it holds, every browser converts it to floats, one plane behind the other. Nothing if it is none, or cannot be read.
fn planes(data: &JsValue, channels: usize, frames: usize) -> Option<Vec<f32>> {
    let mut planes = vec![0.0; channels * frames];
    let mut is_read = channels > 0;
    for (plane, samples) in planes.chunks_exact_mut(frames.max(1)).enumerate() {
        let options = object(&[("planeIndex", (plane as u32).into()), ("format", "f32-planar".into())]);
        is_read &= data.unchecked_ref::<AudioData>().copy_to(samples, &options).is_ok();
    }
    // The browser has only so many of them, and the garbage collector is late.
    call(data, "close");
    is_read.then_some(planes)
}

/// What a method without arguments answers; nothing if there is none.
fn call(of: &JsValue, method: &str) -> JsValue {
    let method = field(of, method);
    method.dyn_ref::<Function>().and_then(|method| method.call0(of).ok()).unwrap_or_default()
}

//! The devices that JavaScript sees.

use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use web_sys::{AnalyserNode, MediaStream};

use super::{boxed, ending};
use crate::web::{api::convert::live_error, page::device::Device, sys::value::object};

/// The object for JavaScript that stands for a device.
pub(super) fn device(device: Rc<Device>) -> JsValue {
    if device.is_microphone() {
        ending(JsMicrophone(device), "stop")
    } else {
        ending(JsSpeaker(device), "stop")
    }
}

/// A microphone that is heard, until `stop()` or the session's end; `using` and `free()` stop it as well.
#[wasm_bindgen(js_name = Microphone)]
#[derive(Debug)]
pub struct JsMicrophone(Rc<Device>);

#[wasm_bindgen(js_class = Microphone)]
impl JsMicrophone {
    /// The device's name, as the browser shows it.
    #[wasm_bindgen(getter)]
    pub fn label(&self) -> String {
        self.0.label()
    }

    /// The settings of the track, as `getSettings()` tells them: which processing is really on. Empty once it is stopped.
    #[wasm_bindgen(getter, unchecked_return_type = "MediaTrackSettings")]
    pub fn settings(&self) -> JsValue {
        self.0.settings().map_or_else(|| object(&[]).into(), JsValue::from)
    }

    /// The rate of the audio context in hertz. What is sent has 16 000 in any case.
    #[wasm_bindgen(getter, js_name = sampleRate)]
    pub fn sample_rate(&self) -> u32 {
        self.0.sample_rate()
    }

    /// Capture path: the way that its samples really take.
    #[wasm_bindgen(
        getter,
        js_name = capturePath,
        unchecked_return_type = "\"worklet\" | \"track-processor\""
    )]
    pub fn capture_path(&self) -> JsValue {
        self.0.capture_path().as_str().into()
    }

    /// Whether it was stopped: by `stop()`, by another that took its place, or with the session.
    #[wasm_bindgen(getter)]
    pub fn stopped(&self) -> bool {
        self.0.is_stopped()
    }

    /// Whether nothing is sent at the moment.
    #[wasm_bindgen(getter)]
    pub fn muted(&self) -> bool {
        self.0.is_muted()
    }

    /// Sends nothing until `unmute()`. The device stays open, so that it is back at once.
    pub fn mute(&self) {
        self.0.set_muted(true);
    }

    /// Sends again.
    pub fn unmute(&self) {
        self.0.set_muted(false);
    }

    /// Root mean square of what the device gives right now, 0 to 1.
    pub fn level(&self) -> f64 {
        self.0.level()
    }

    /// Peak: the largest sample of the last 20 ms or so of what the device gives, before anything is limited or muted: at 1 it clips.
    pub fn peak(&self) -> f64 {
        self.0.peak()
    }

    /// The analyser of what the device gives, for its spectrum or wave. It is measured when asked only; nothing once it is stopped.
    #[wasm_bindgen(getter)]
    pub fn analyser(&self) -> Option<AnalyserNode> {
        self.0.analyser()
    }

    /// Hears another device: the microphone stays open, muted or not, and so does what is joined to it. `device` is the id of one, a
    /// stream or track of your own, or nothing: the system's default. Call it from a click or key press.
    ///
    /// Resolves when it is heard and the one before given up; one is faded into the other within 5 ms, and nothing is missing or
    /// sent twice around that. If it cannot be had this rejects, and the one before is heard as ever. Of two that are chosen at
    /// once the later is heard, and the earlier rejects with `aborted`.
    #[wasm_bindgen(js_name = setDevice, unchecked_return_type = "Promise<void>")]
    pub fn set_device(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "string | MediaStream | MediaStreamTrack")]
        device: Option<JsValue>,
    ) -> Promise {
        let microphone = self.0.clone();
        boxed(async move {
            let done = microphone.set_input(device.unwrap_or_default()).await;
            done.map(|()| JsValue::UNDEFINED).map_err(|error| live_error(&error))
        })
    }

    /// Stops listening and gives the device back.
    pub fn stop(&self) {
        self.0.stop();
    }
}

/// A speaker that plays the answers, until `stop()` or the session's end; `using` and `free()` stop it as well.
#[wasm_bindgen(js_name = Speaker)]
#[derive(Debug)]
pub struct JsSpeaker(Rc<Device>);

#[wasm_bindgen(js_class = Speaker)]
impl JsSpeaker {
    /// The rate of the audio context in hertz.
    #[wasm_bindgen(getter, js_name = sampleRate)]
    pub fn sample_rate(&self) -> u32 {
        self.0.sample_rate()
    }

    /// Whether it was stopped: by `stop()`, by another that took its place, or with the session.
    #[wasm_bindgen(getter)]
    pub fn stopped(&self) -> bool {
        self.0.is_stopped()
    }

    /// Linear gain, 0 to 1.
    #[wasm_bindgen(getter)]
    pub fn volume(&self) -> f32 {
        self.0.volume()
    }

    /// Sets the linear gain; what lies outside 0 to 1 is taken as the nearer of them.
    #[wasm_bindgen(setter)]
    pub fn set_volume(&self, volume: f32) {
        self.0.set_volume(volume);
    }

    /// Root mean square of what is being played right now, before the volume, 0 to 1.
    pub fn level(&self) -> f64 {
        self.0.level()
    }

    /// Sink id: the output device that it plays at; empty for the system's default.
    #[wasm_bindgen(getter, js_name = sinkId)]
    pub fn sink_id(&self) -> String {
        self.0.sink_id()
    }

    /// Plays at this output device, as `enumerateDevices` names it, or with `""` at the system's default. When the device goes away it
    /// plays there too, and a `sink-gone` warning says so.
    #[wasm_bindgen(js_name = setSinkId, unchecked_return_type = "Promise<void>")]
    pub fn set_sink_id(&self, id: String) -> Promise {
        let device = self.0.clone();
        boxed(async move {
            let set = device.set_sink_id(&id).await;
            set.map(|()| JsValue::UNDEFINED).map_err(|error| live_error(&error))
        })
    }

    /// Output latency: milliseconds from when a sample is played, which is what `playedMs` and `playbackStarted` tell, to when it is
    /// heard, as the browser knows it. 0 where it does not, and before it runs.
    #[wasm_bindgen(getter, js_name = latencyMs)]
    pub fn latency_ms(&self) -> f64 {
        self.0.latency_ms()
    }

    /// Playout stats: what the browser counts of its context's output, in the names of WebRTC's `RTCAudioPlayoutStats`. Nothing where
    /// it does not count (`AudioContext.playbackStats`), and once the speaker is stopped.
    #[wasm_bindgen(getter, js_name = playoutStats, unchecked_return_type = "LivePlayoutStats | undefined")]
    pub fn playout_stats(&self) -> JsValue {
        self.0.playout_stats().map_or(JsValue::UNDEFINED, |stats| {
            let fields = [
                ("synthesizedSamplesDuration", stats.synthesized_samples_duration.into()),
                ("synthesizedSamplesEvents", stats.synthesized_samples_events.into()),
                ("totalSamplesDuration", stats.total_samples_duration.into()),
                ("totalPlayoutDelay", stats.total_playout_delay.into()),
                ("totalSamplesCount", stats.total_samples_count.into()),
            ];
            object(&fields).into()
        })
    }

    /// The voice as a stream, ahead of the volume: to be recorded, or sent elsewhere. It ends with the speaker; nothing once that is
    /// stopped.
    ///
    /// Who plays it sets the volume to 0, or it is heard twice, and no echo canceller knows of the second.
    #[wasm_bindgen(getter)]
    pub fn stream(&self) -> Option<MediaStream> {
        self.0.stream()
    }

    /// The voice as samples, from now on, and where in them the ear is: for recordings, lip-sync, avatars. A speaker has one of these:
    /// another that is on ends. Rejects with `not-open` once the speaker is stopped.
    #[wasm_bindgen(unchecked_return_type = "Promise<LivePcm>")]
    pub fn pcm(&self) -> Promise {
        self.0.pcm().unwrap_or_else(|error| Promise::reject(&live_error(&error)))
    }

    /// Peak: the largest sample of the last 20 ms or so of what is being played, before the volume.
    pub fn peak(&self) -> f64 {
        self.0.peak()
    }

    /// The analyser of what is being played, for its spectrum or wave. It is measured when asked only; nothing once it is stopped.
    #[wasm_bindgen(getter)]
    pub fn analyser(&self) -> Option<AnalyserNode> {
        self.0.analyser()
    }

    /// Falls silent and gives the device back.
    pub fn stop(&self) {
        self.0.stop();
    }
}

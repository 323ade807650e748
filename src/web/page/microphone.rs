//! The microphone: from the user's consent to what the driver is given of it. Page only.

use std::rc::Rc;

use js_sys::SharedArrayBuffer;
use wasm_bindgen::JsValue;
use web_sys::{AnalyserNode, AudioContext, AudioNode, MediaStream, MediaStreamTrack, MediaTrackSettings};

use crate::web::{
    driver::ring,
    page::{
        context::Lease,
        device::{Device, End, Parts},
        input::Input,
        meter::Meter,
        worklet::{Worklet, WorkletOptions},
    },
    sys::listener::Over,
};
use crate::{
    audio::{CAPTURE_CAPACITY, CAPTURE_RATE_HZ},
    error::{Code, Error},
};

/// How the microphone is opened. Each option left out has the default that is named.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct MicrophoneOptions {
    /// The input device, as `enumerateDevices` names it. Default: the system's.
    pub device_id: Option<String>,
    /// Default `true`: without it the model hears itself.
    pub echo_cancellation: Option<bool>,
    /// Default `true`.
    pub noise_suppression: Option<bool>,
    /// Default `true`.
    pub auto_gain_control: Option<bool>,
    /// Voice isolation, where the browser has it. Default: as `noise_suppression`.
    pub voice_isolation: Option<bool>,
    /// Whether another default device of the system's takes the place of this one, when the user changes it or unplugs this one. Not
    /// where a device is named. Default `true`.
    pub follow_default: Option<bool>,
    /// A stream of your own instead of a device: its first audio track that is live. It stays yours: stopping leaves it running.
    pub stream: Option<MediaStream>,
    /// A track of your own instead of a device. It stays yours: stopping leaves it running.
    pub track: Option<MediaStreamTrack>,
    /// A context of your own, at any rate. Default: one at the device's rate, shared with the speaker.
    pub context: Option<AudioContext>,
    /// The address of `live-audio.js`, where a content security policy asks for your own.
    pub worklet_url: Option<String>,
    /// How samples come from the device to the connection. [`Microphone::capture_path`] says which way they take.
    pub capture_path: CapturePath,
}

/// Capture path: how a microphone's samples come from its device to the connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CapturePath {
    /// By way of the audio context, in every browser.
    #[default]
    Worklet,
    /// By a `MediaStreamTrackProcessor`, 10 ms and more sooner, where the browser has it for audio: Chromium's. In others it is the worklet.
    TrackProcessor,
}

impl CapturePath {
    pub(in crate::web) fn as_str(self) -> &'static str {
        match self {
            Self::Worklet => "worklet",
            Self::TrackProcessor => "track-processor",
        }
    }
}

impl MicrophoneOptions {
    pub(in crate::web) fn device(&self) -> JsValue {
        // The nearest to what is heard.
        let own = self.track.clone().map(JsValue::from).or_else(|| self.stream.clone().map(JsValue::from));
        own.unwrap_or_else(|| self.device_id.as_deref().into())
    }
}

/// What a microphone is to hear: the system's default device, unless it is made of something else.
#[derive(Clone, Debug, Default)]
pub struct MicrophoneDevice(JsValue);

impl From<&str> for MicrophoneDevice {
    /// The input device of this id, as `enumerateDevices` names it.
    fn from(device_id: &str) -> Self {
        Self(device_id.into())
    }
}

impl From<MediaStream> for MicrophoneDevice {
    /// A stream of your own: its first audio track that is live. It stays yours.
    fn from(stream: MediaStream) -> Self {
        Self(stream.into())
    }
}

impl From<MediaStreamTrack> for MicrophoneDevice {
    /// A track of your own, which stays yours.
    fn from(track: MediaStreamTrack) -> Self {
        Self(track.into())
    }
}

/// A microphone that is heard. The one that was opened stops when dropped; one that the session was asked for does not.
#[derive(Debug)]
pub struct Microphone {
    device: Rc<Device>,
    is_owner: bool,
}

impl Microphone {
    pub(in crate::web) fn new(device: Rc<Device>, is_owner: bool) -> Self {
        Self { device, is_owner }
    }

    /// The device's name, as the browser shows it.
    #[must_use]
    pub fn label(&self) -> String {
        self.device.label()
    }

    /// The settings of the track, as [`getSettings`](https://developer.mozilla.org/docs/Web/API/MediaStreamTrack/getSettings) tells
    /// them: which processing is really on. Nothing once it is stopped.
    #[must_use]
    pub fn settings(&self) -> Option<MediaTrackSettings> {
        self.device.settings()
    }

    /// The rate of the audio context, in hertz. What is sent has 16 000 in any case.
    #[must_use]
    pub fn sample_rate(&self) -> u32 {
        self.device.sample_rate()
    }

    /// The way that its samples really take.
    #[must_use]
    pub fn capture_path(&self) -> CapturePath {
        self.device.capture_path()
    }

    /// Whether nothing is sent at the moment.
    #[must_use]
    pub fn is_muted(&self) -> bool {
        self.device.is_muted()
    }

    /// Whether it was stopped: by [`stop`](Self::stop), by another that took its place, or with the session.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.device.is_stopped()
    }

    /// Sends nothing, or sends again. The device stays open, so that it is back at once.
    pub fn set_muted(&self, is_muted: bool) {
        self.device.set_muted(is_muted);
    }

    /// Root mean square of what the device gives right now, 0 to 1.
    #[must_use]
    pub fn level(&self) -> f64 {
        self.device.level()
    }

    /// Peak: the largest sample of the last 20 ms or so of what the device gives, before anything is limited or muted: at 1 it clips.
    #[must_use]
    pub fn peak(&self) -> f64 {
        self.device.peak()
    }

    /// The analyser of what the device gives, for its spectrum or wave. It is measured when asked only. Nothing once it is stopped.
    #[must_use]
    pub fn analyser(&self) -> Option<AnalyserNode> {
        self.device.analyser()
    }

    /// Hears another device: the microphone stays open, muted or not, and so does what is joined to it. The device before is given up
    /// when the other one is heard; one is faded into the other within 5 ms, and nothing is missing or sent twice around that.
    ///
    /// Of two that are chosen at once the later is heard, and the earlier fails with [`Code::Aborted`](crate::error::Code::Aborted).
    ///
    /// # Errors
    ///
    /// When the device cannot be had: then the one before is heard as ever. Or when the microphone is stopped.
    pub async fn set_device(&self, device: impl Into<MicrophoneDevice>) -> Result<(), Error> {
        self.device.set_input(device.into().0).await
    }

    /// Stops listening and gives the device back.
    pub fn stop(&self) {
        self.device.stop();
    }
}

impl Drop for Microphone {
    fn drop(&mut self) {
        if self.is_owner {
            self.stop();
        }
    }
}

/// Leads the input to where the driver can take it: past the audio thread, or to a capture worklet. What measures it hears it either way.
pub(in crate::web) fn join(lease: Lease, input: Input) -> Result<Parts, Error> {
    let source = input.join(&lease.context)?;
    let meter = Meter::new(&lease, &source)?;
    let (worklet, port, ring) = match input.port() {
        Some(port) => (None, port, None),
        None => {
            let ring = ring::shared(CAPTURE_CAPACITY);
            let worklet = capture(&lease, ring.clone(), &source)?;
            let port = worklet.join().ok_or_else(not_connected)?;
            (Some(worklet), port, ring)
        }
    };
    Ok(Parts {
        end: End::Microphone(input),
        worklet,
        meter,
        lease,
        over: Over::default(),
        way: Some((port, ring)),
    })
}

fn capture(lease: &Lease, ring: Option<SharedArrayBuffer>, source: &AudioNode) -> Result<Worklet, Error> {
    let options = WorkletOptions {
        outputs: 0,
        ring,
        capacity: CAPTURE_CAPACITY,
        frame: lease.graph().frame_samples,
        rates: (None, Some(CAPTURE_RATE_HZ)),
        jitter_ms: None,
        time_stretch: false,
    };
    Worklet::new(lease, "live-capture", &options, source)
}

pub(in crate::web) fn not_connected() -> Error {
    Error::new(Code::DeviceUnavailable, "The microphone could not be connected to the audio context.")
        .with_remedy("Leave `context` out, so that one at the device's own rate is made.")
}

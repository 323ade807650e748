//! The microphone: from the person's consent to the capture worklet. Page only.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AudioContext, AudioNode, AudioWorkletNode, MediaStream, MediaStreamConstraints, MediaStreamTrack,
    MessageChannel,
};

use super::{
    alarm::within,
    context::{Graph, Lease, Meter, WorkletOptions},
    host::Host,
    ring,
    value::object,
};
use crate::{
    audio::{CAPTURE_CAPACITY, CAPTURE_RATE_HZ, uplink::FRAME_SAMPLES},
    error::{Code, Error},
};

/// How the microphone is opened. Each option left out has the default that is named.
#[derive(Clone, Debug, Default)]
pub struct MicrophoneOptions {
    /// The input device, as `enumerateDevices` names it. Default: the system's.
    pub device_id: Option<String>,
    /// Default `true`: without it the model hears itself.
    pub echo_cancellation: Option<bool>,
    /// Default `true`.
    pub noise_suppression: Option<bool>,
    /// Default `true`.
    pub auto_gain_control: Option<bool>,
    /// A stream of your own instead of a device. It stays yours: stopping leaves its tracks running.
    pub stream: Option<MediaStream>,
    /// A context of your own, at any rate. Default: one at the device's rate, shared with the speaker.
    pub context: Option<AudioContext>,
    /// The address of `live-audio.js`, where a content security policy asks for your own.
    pub worklet_url: Option<String>,
}

/// A microphone that is heard. It stops when dropped.
#[derive(Debug)]
pub struct Microphone(pub(super) Rc<Capturing>);

impl Microphone {
    /// The device's name, as the browser shows it.
    #[must_use]
    pub fn label(&self) -> String {
        self.0.label()
    }

    /// The rate of the audio context, in hertz. What is sent has 16 000 in any case.
    #[must_use]
    pub fn sample_rate(&self) -> u32 {
        self.0.sample_rate()
    }

    /// Whether nothing is sent at the moment.
    #[must_use]
    pub fn is_muted(&self) -> bool {
        self.0.is_muted()
    }

    /// Sends nothing, or sends again. The device stays open, so that it is back at once.
    pub fn set_muted(&self, is_muted: bool) {
        self.0.set_muted(is_muted);
    }

    /// Root mean square of what the device gives right now, 0 to 1.
    #[must_use]
    pub fn level(&self) -> f64 {
        self.0.level()
    }

    /// Stops listening and gives the device back.
    pub fn stop(&self) {
        self.0.stop();
    }
}

impl Drop for Microphone {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What a running microphone holds.
#[derive(Debug)]
pub(super) struct Capturing {
    host: Rc<Host>,
    label: String,
    rate_hz: u32,
    is_muted: Cell<bool>,
    parts: RefCell<Option<Parts>>,
}

#[derive(Debug)]
struct Parts {
    source: AudioNode,
    node: AudioWorkletNode,
    meter: Meter,
    /// Tracks to be stopped; none for a stream of the application's own.
    tracks: Vec<MediaStreamTrack>,
    _lease: Lease,
}

impl Capturing {
    pub(super) async fn open(
        graph: &Rc<Graph>,
        host: &Rc<Host>,
        options: MicrophoneOptions,
    ) -> Result<Rc<Self>, Error> {
        let lease = graph.lease(options.context.clone())?;
        // Asked before the device is, while the person's gesture still counts.
        let asked = lease.ask();
        let input = Stream::open(&options).await?;
        lease.start(asked).await?;
        lease.load(options.worklet_url).await?;
        let source = lease.context.create_media_stream_source(&input.stream).map_err(|_| not_connected())?;
        let ring = ring::shared(CAPTURE_CAPACITY);
        let node = lease.node(
            "live-capture",
            &WorkletOptions {
                outputs: 0,
                ring: ring.clone(),
                capacity: CAPTURE_CAPACITY,
                rates: (None, Some(CAPTURE_RATE_HZ)),
                extra: ("frame", FRAME_SAMPLES as f64),
            },
        )?;
        let meter = lease.meter(&source)?;
        source.connect_with_audio_node(&node).map_err(|_| not_connected())?;
        let channel = MessageChannel::new().map_err(|_| not_connected())?;
        hand_over(&node, &channel)?;
        host.attach_microphone(channel.port2(), ring);
        host.mute(false);
        let (label, rate_hz) = (input.label(), lease.rate_hz());
        let parts = Parts { source: source.into(), node, meter, tracks: input.into_tracks(), _lease: lease };
        Ok(Rc::new(Self {
            host: host.clone(),
            label,
            rate_hz,
            is_muted: Cell::new(false),
            parts: RefCell::new(Some(parts)),
        }))
    }

    pub(super) fn stop(&self) {
        if let Some(parts) = self.parts.take() {
            self.host.detach_microphone();
            let _ = parts.source.disconnect();
            parts.tracks.iter().for_each(MediaStreamTrack::stop);
        }
    }

    pub(super) fn label(&self) -> String {
        self.label.clone()
    }

    pub(super) fn sample_rate(&self) -> u32 {
        self.rate_hz
    }

    pub(super) fn is_muted(&self) -> bool {
        self.is_muted.get()
    }

    pub(super) fn set_muted(&self, is_muted: bool) {
        if self.parts.borrow().is_some() && self.is_muted.replace(is_muted) != is_muted {
            self.host.mute(is_muted);
        }
    }

    pub(super) fn level(&self) -> f64 {
        self.parts.borrow().as_ref().map_or(0.0, |parts| parts.meter.level())
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        let _ = self.node.disconnect();
    }
}

/// A stream that is given back, unless it is the application's.
struct Stream {
    stream: MediaStream,
    is_ours: bool,
}

impl Stream {
    async fn open(options: &MicrophoneOptions) -> Result<Self, Error> {
        if let Some(stream) = &options.stream {
            // Not `stream.clone()`, which is the browser's: it would make tracks that nobody stops.
            return Ok(Self { stream: Clone::clone(stream), is_ours: false });
        }
        let devices = web_sys::window()
            .and_then(|window| window.navigator().media_devices().ok())
            .filter(|devices| !devices.is_undefined())
            .ok_or_else(no_devices)?;
        let constraints = MediaStreamConstraints::new();
        constraints.set_audio(&constraints_of(options).into());
        let asked =
            devices.get_user_media_with_constraints(&constraints).map_err(|error| device_error(&error))?;
        match within(PROMPT_MS, JsFuture::from(asked)).await {
            Some(Ok(stream)) => Ok(Self { stream: stream.unchecked_into(), is_ours: true }),
            Some(Err(error)) => Err(device_error(&error)),
            None => Err(Error::new(Code::Timeout, "Nobody answered the question for the microphone.")
                .with_remedy("Allow or block it where the browser asks, then try again.")),
        }
    }

    fn tracks(&self) -> Vec<MediaStreamTrack> {
        self.stream.get_audio_tracks().iter().map(JsCast::unchecked_into).collect()
    }

    fn label(&self) -> String {
        self.tracks().first().map(MediaStreamTrack::label).unwrap_or_default()
    }

    fn into_tracks(mut self) -> Vec<MediaStreamTrack> {
        if std::mem::take(&mut self.is_ours) { self.tracks() } else { Vec::new() }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if self.is_ours {
            self.tracks().iter().for_each(MediaStreamTrack::stop);
        }
    }
}

/// Gives the worklet its end of the channel to the driver.
pub(super) fn hand_over(node: &AudioWorkletNode, channel: &MessageChannel) -> Result<(), Error> {
    let end = channel.port1();
    let message = object(&[("port", end.clone().into())]);
    let port = node.port().map_err(|_| not_connected())?;
    port.post_message_with_transferable(&message, &js_sys::Array::of1(&end)).map_err(|_| not_connected())
}

fn constraints_of(options: &MicrophoneOptions) -> js_sys::Object {
    let constraints = object(&[
        ("channelCount", 1.into()),
        ("echoCancellation", options.echo_cancellation.unwrap_or(true).into()),
        ("noiseSuppression", options.noise_suppression.unwrap_or(true).into()),
        ("autoGainControl", options.auto_gain_control.unwrap_or(true).into()),
    ]);
    if let Some(id) = &options.device_id {
        let exact = object(&[("exact", id.as_str().into())]);
        let _ = Reflect::set(&constraints, &"deviceId".into(), &exact);
    }
    constraints
}

fn device_error(error: &JsValue) -> Error {
    // By its name and not by its class: in Firefox not all of these are DOMExceptions.
    let name = Reflect::get(error, &"name".into()).ok().and_then(|name| name.as_string()).unwrap_or_default();
    match name.as_str() {
        "NotAllowedError" | "SecurityError" => {
            Error::new(Code::PermissionDenied, "The microphone was not allowed.")
                .with_remedy("Allow it for this page in the browser's settings, then try again.")
        }
        "NotFoundError" | "OverconstrainedError" => {
            Error::new(Code::DeviceNotFound, "There is no such microphone.")
                .with_remedy("Plug one in, or choose another deviceId.")
        }
        _ => Error::new(Code::DeviceUnavailable, "The microphone could not be opened.")
            .with_remedy("Close other programs that use it, then try again."),
    }
}

fn no_devices() -> Error {
    Error::new(Code::Unsupported, "This page may not use a microphone.").with_remedy(
        "Serve it over https: or from localhost, and allow the microphone in its permissions policy.",
    )
}

fn not_connected() -> Error {
    Error::new(Code::DeviceUnavailable, "The microphone could not be connected to the audio context.")
        .with_remedy("Leave `context` out, so that one at the device's own rate is made.")
}

const PROMPT_MS: u32 = 120_000;

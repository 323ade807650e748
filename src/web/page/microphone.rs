//! The microphone: from the user's consent to the capture worklet. Page only.

use std::rc::Rc;

use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AudioContext, MediaStream, MediaStreamConstraints, MediaStreamTrack};

use crate::web::{
    driver::ring,
    page::{
        context::Lease,
        device::{Device, End, Node, Parts},
        meter::Meter,
        worklet::{Worklet, WorkletOptions},
    },
    sys::{channel::Oneshot, task::spawn_local, value::object},
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
    /// A stream of your own instead of a device. It stays yours: stopping leaves its tracks running.
    pub stream: Option<MediaStream>,
    /// A context of your own, at any rate. Default: one at the device's rate, shared with the speaker.
    pub context: Option<AudioContext>,
    /// The address of `live-audio.js`, where a content security policy asks for your own.
    pub worklet_url: Option<String>,
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

    /// The rate of the audio context, in hertz. What is sent has 16 000 in any case.
    #[must_use]
    pub fn sample_rate(&self) -> u32 {
        self.device.sample_rate()
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

/// Joins the stream to a capture worklet.
pub(in crate::web) fn join(lease: Lease, stream: Stream) -> Result<Parts, Error> {
    let source = lease.context.create_media_stream_source(&stream.stream).map_err(|_| not_connected())?;
    let source = Node(source.into());
    let ring = ring::shared(CAPTURE_CAPACITY);
    let worklet = Worklet::new(
        &lease,
        "live-capture",
        &WorkletOptions {
            outputs: 0,
            ring: ring.clone(),
            capacity: CAPTURE_CAPACITY,
            rates: (None, Some(CAPTURE_RATE_HZ)),
            jitter_ms: None,
            time_stretch: false,
        },
    )?;
    let meter = Meter::new(&lease, &source.0)?;
    source.0.connect_with_audio_node(&worklet.node).map_err(|_| not_connected())?;
    let port = worklet.join().ok_or_else(not_connected)?;
    let end = End::Microphone { _source: source, stream, on_ended: None };
    Ok(Parts { end, worklet, meter, lease, way: Some((port, ring)) })
}

/// A stream that is given back when it is dropped, unless it is the application's.
#[derive(Debug)]
pub(in crate::web) struct Stream {
    stream: MediaStream,
    is_ours: bool,
}

impl Stream {
    pub(in crate::web) async fn open(options: &MicrophoneOptions) -> Result<Self, Error> {
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
        let answer: Rc<Oneshot<Result<Self, Error>>> = Rc::default();
        let answering = answer.clone();
        // Not awaited here: the user may answer when nobody waits any more, and then the stream is dropped with the answer.
        spawn_local(async move {
            let stream = JsFuture::from(asked).await;
            answering.put(match stream {
                Ok(stream) => Ok(Self { stream: stream.unchecked_into(), is_ours: true }),
                Err(error) => Err(device_error(&error)),
            });
        });
        answer.take_within(PROMPT_MS).await.unwrap_or_else(|| {
            Err(Error::new(Code::Timeout, "Nobody answered the question for the microphone.")
                .with_remedy("Allow or block it where the browser asks, then try again."))
        })
    }

    pub(in crate::web) fn track(&self) -> Option<MediaStreamTrack> {
        self.stream.get_audio_tracks().iter().next().map(JsCast::unchecked_into)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if self.is_ours {
            self.stream
                .get_tracks()
                .iter()
                .for_each(|track| track.unchecked_into::<MediaStreamTrack>().stop());
        }
    }
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

pub(in crate::web) fn not_connected() -> Error {
    Error::new(Code::DeviceUnavailable, "The microphone could not be connected to the audio context.")
        .with_remedy("Leave `context` out, so that one at the device's own rate is made.")
}

const PROMPT_MS: u32 = 120_000;

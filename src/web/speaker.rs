//! The speaker: the playback worklet and what follows it. Page only.

use std::{cell::RefCell, rc::Rc};

use web_sys::{AudioContext, AudioNode, AudioWorkletNode, GainNode, MessageChannel};

use super::{
    context::{Graph, Lease, Meter, WorkletOptions},
    host::Host,
    microphone::hand_over,
    ring,
};
use crate::{
    audio::{PLAYBACK_CAPACITY, PLAYBACK_RATE_HZ},
    error::{Code, Error},
};

/// How the speaker is opened. Each option left out has the default that is named.
#[derive(Clone, Debug, Default)]
pub struct SpeakerOptions {
    /// A context of your own, at any rate. Default: one at the device's rate, shared with the microphone.
    pub context: Option<AudioContext>,
    /// Where the voice goes. Default: the context's destination.
    pub destination: Option<AudioNode>,
    /// Linear gain, 0 to 1. Default 1.
    pub volume: Option<f32>,
    /// Jitter target: milliseconds by which audio may come late without a gap, 0 to 400. An answer starts so much after its
    /// first audio, or as soon as so much more is there; grows by itself after a gap. Default 18.
    pub jitter_ms: Option<f64>,
    /// The address of `live-audio.js`, where a content security policy asks for your own.
    pub worklet_url: Option<String>,
}

/// A speaker that plays the answers. It stops when dropped.
#[derive(Debug)]
pub struct Speaker(pub(super) Rc<Playing>);

impl Speaker {
    /// The rate of the audio context, in hertz.
    #[must_use]
    pub fn sample_rate(&self) -> u32 {
        self.0.sample_rate()
    }

    /// Linear gain, 0 to 1.
    #[must_use]
    pub fn volume(&self) -> f32 {
        self.0.volume()
    }

    /// Sets the linear gain; what lies outside 0 to 1 is taken as the nearer of them.
    pub fn set_volume(&self, volume: f32) {
        self.0.set_volume(volume);
    }

    /// Root mean square of what is being played right now, before the volume, 0 to 1.
    #[must_use]
    pub fn level(&self) -> f64 {
        self.0.level()
    }

    /// Falls silent and gives the device back.
    pub fn stop(&self) {
        self.0.stop();
    }
}

impl Drop for Speaker {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What a running speaker holds.
#[derive(Debug)]
pub(super) struct Playing {
    host: Rc<Host>,
    rate_hz: u32,
    parts: RefCell<Option<Parts>>,
}

#[derive(Debug)]
struct Parts {
    node: AudioWorkletNode,
    gain: GainNode,
    meter: Meter,
    _lease: Lease,
}

impl Playing {
    pub(super) async fn open(
        graph: &Rc<Graph>,
        host: &Rc<Host>,
        options: SpeakerOptions,
    ) -> Result<Rc<Self>, Error> {
        let lease = graph.lease(options.context)?;
        let asked = lease.ask();
        lease.start(asked).await?;
        lease.load(options.worklet_url).await?;
        let ring = ring::shared(PLAYBACK_CAPACITY);
        let node = lease.node(
            "live-playback",
            &WorkletOptions {
                outputs: 1,
                ring: ring.clone(),
                capacity: PLAYBACK_CAPACITY,
                rates: (Some(PLAYBACK_RATE_HZ), None),
                extra: (
                    "jitterMs",
                    options.jitter_ms.filter(|ms| ms.is_finite()).unwrap_or(18.0).clamp(0.0, 400.0),
                ),
            },
        )?;
        let meter = lease.meter(&node)?;
        let gain = lease.context.create_gain().map_err(|_| not_connected())?;
        node.connect_with_audio_node(&gain).map_err(|_| not_connected())?;
        let destination = options.destination.unwrap_or_else(|| lease.context.destination().into());
        gain.connect_with_audio_node(&destination).map_err(|_| not_connected())?;
        let channel = MessageChannel::new().map_err(|_| not_connected())?;
        hand_over(&node, &channel)?;
        host.attach_speaker(channel.port2(), ring);
        let playing = Self {
            host: host.clone(),
            rate_hz: lease.rate_hz(),
            parts: RefCell::new(Some(Parts { node, gain, meter, _lease: lease })),
        };
        playing.set_volume(options.volume.unwrap_or(1.0));
        Ok(Rc::new(playing))
    }

    pub(super) fn stop(&self) {
        if let Some(parts) = self.parts.take() {
            self.host.detach_speaker();
            let _ = parts.node.disconnect();
            let _ = parts.gain.disconnect();
        }
    }

    pub(super) fn sample_rate(&self) -> u32 {
        self.rate_hz
    }

    pub(super) fn volume(&self) -> f32 {
        self.parts.borrow().as_ref().map_or(0.0, |parts| parts.gain.gain().value())
    }

    pub(super) fn set_volume(&self, volume: f32) {
        if let Some(parts) = &*self.parts.borrow() {
            // The browser throws at what is not a number.
            let volume = if volume.is_nan() { 0.0 } else { volume.clamp(0.0, 1.0) };
            parts.gain.gain().set_value(volume);
        }
    }

    pub(super) fn level(&self) -> f64 {
        self.parts.borrow().as_ref().map_or(0.0, |parts| parts.meter.level())
    }
}

fn not_connected() -> Error {
    Error::new(Code::DeviceUnavailable, "The speaker could not be connected to the audio context.")
        .with_remedy("Give a `destination` that belongs to the same `context`.")
}

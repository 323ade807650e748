//! The speaker: the playback worklet and what follows it. Page only.

use std::{cell::RefCell, rc::Rc};

use web_sys::{AnalyserNode, AudioContext, AudioNode, GainNode, MediaStream};

use crate::web::{
    driver::ring,
    page::{
        context::Lease,
        device::{Device, End, Node, Parts},
        meter::Meter,
        output::PlayoutStats,
        pcm::Pcm,
        worklet::{Worklet, WorkletOptions},
    },
    sys::listener::Over,
};
use crate::{
    audio::{PLAYBACK_CAPACITY, PLAYBACK_RATE_HZ},
    error::{Code, Error},
};

/// How the speaker is opened. Each option left out has the default that is named.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct SpeakerOptions {
    /// A context of your own, at any rate. Default: one at the device's rate, shared with the microphone.
    pub context: Option<AudioContext>,
    /// Where the voice goes. Default: the context's destination.
    pub destination: Option<AudioNode>,
    /// Sink id: the output device, as `enumerateDevices` names it, or `""` for the system's default. Default: where the context
    /// plays.
    pub sink_id: Option<String>,
    /// Linear gain, 0 to 1. Default 1.
    pub volume: Option<f32>,
    /// Jitter target: milliseconds by which audio may come late without a gap, 0 to 400. An answer starts so much after its
    /// first audio, or as soon as so much more is there; grows by itself where audio comes later than that. Default 18.
    pub jitter_ms: Option<f64>,
    /// Time stretching: whether an answer may be played slower by a tenth, at its pitch, while audio may come too late. Default
    /// true.
    pub time_stretch: Option<bool>,
    /// The address of `live-audio.js`, where a content security policy asks for your own.
    pub worklet_url: Option<String>,
}

/// A speaker that plays the answers. The one that was opened stops when dropped; one that the session was asked for does
/// not.
#[derive(Debug)]
pub struct Speaker {
    device: Rc<Device>,
    is_owner: bool,
}

impl Speaker {
    pub(in crate::web) fn new(device: Rc<Device>, is_owner: bool) -> Self {
        Self { device, is_owner }
    }

    /// The rate of the audio context, in hertz.
    #[must_use]
    pub fn sample_rate(&self) -> u32 {
        self.device.sample_rate()
    }

    /// Linear gain, 0 to 1.
    #[must_use]
    pub fn volume(&self) -> f32 {
        self.device.volume()
    }

    /// Sets the linear gain; what lies outside 0 to 1 is taken as the nearer of them.
    pub fn set_volume(&self, volume: f32) {
        self.device.set_volume(volume);
    }

    /// Whether it was stopped: by [`stop`](Self::stop), by another that took its place, or with the session.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.device.is_stopped()
    }

    /// Root mean square of what is being played right now, before the volume, 0 to 1.
    #[must_use]
    pub fn level(&self) -> f64 {
        self.device.level()
    }

    /// Sink id: the output device that it plays at; empty for the system's default.
    #[must_use]
    pub fn sink_id(&self) -> String {
        self.device.sink_id()
    }

    /// Plays at this output device, as `enumerateDevices` names it, or with `""` at the system's default. When the device goes away it
    /// plays there too, and a `sink-gone` warning says so.
    ///
    /// # Errors
    ///
    /// When there is no such device, it is not allowed, or the browser cannot choose.
    pub async fn set_sink_id(&self, id: &str) -> Result<(), Error> {
        self.device.set_sink_id(id).await
    }

    /// Output latency: milliseconds from when a sample is played, which is what `played_ms` and `PlaybackStarted` tell, to when it is
    /// heard, as the browser knows it. 0 where it does not, and before it runs.
    #[must_use]
    pub fn latency_ms(&self) -> f64 {
        self.device.latency_ms()
    }

    /// Playout stats: what the browser counts of its context's output; `None` where it does not, which is most of them, and once the
    /// speaker is stopped.
    #[must_use]
    pub fn playout_stats(&self) -> Option<PlayoutStats> {
        self.device.playout_stats()
    }

    /// The voice as a stream, ahead of the volume: to be recorded, or sent elsewhere. It ends with the speaker; `None` once that is
    /// stopped.
    ///
    /// Who plays it sets the volume to 0, or it is heard twice, and no echo canceller knows of the second.
    #[must_use]
    pub fn stream(&self) -> Option<MediaStream> {
        self.device.stream()
    }

    /// The voice as samples, from now on, and where in them the ear is. A speaker has one of these: another that is on ends.
    ///
    /// # Errors
    ///
    /// When the speaker is stopped.
    pub async fn pcm(&self) -> Result<Pcm, Error> {
        Pcm::of(&self.device).await
    }

    /// Peak: the largest sample of the last 20 ms or so of what is being played, before the volume.
    #[must_use]
    pub fn peak(&self) -> f64 {
        self.device.peak()
    }

    /// The analyser of what is being played, for its spectrum or wave. It is measured when asked only. Nothing once it is stopped.
    #[must_use]
    pub fn analyser(&self) -> Option<AnalyserNode> {
        self.device.analyser()
    }

    /// Falls silent and gives the device back.
    pub fn stop(&self) {
        self.device.stop();
    }
}

impl Drop for Speaker {
    fn drop(&mut self) {
        if self.is_owner {
            self.stop();
        }
    }
}

/// Joins a playback worklet to the loudspeaker.
pub(in crate::web) fn join(lease: Lease, options: &SpeakerOptions) -> Result<Parts, Error> {
    let ring = ring::shared(PLAYBACK_CAPACITY);
    let jitter_ms = options.jitter_ms.filter(|ms| ms.is_finite()).unwrap_or(18.0).clamp(0.0, 400.0);
    // What stays when the processor has to be rebuilt.
    let voice = Node(lease.context.create_gain().map_err(|_| not_connected())?.into());
    let worklet = Worklet::new(
        &lease,
        "live-playback",
        &WorkletOptions {
            outputs: 1,
            ring: ring.clone(),
            capacity: PLAYBACK_CAPACITY,
            frame: 0,
            rates: (Some(PLAYBACK_RATE_HZ), None),
            jitter_ms: Some(jitter_ms),
            time_stretch: options.time_stretch.unwrap_or(true),
        },
        &voice.0,
    )?;
    let meter = Meter::new(&lease, &voice.0)?;
    let volume = lease.context.create_gain().map_err(|_| not_connected())?;
    let node = Node(volume.clone().into());
    voice.0.connect_with_audio_node(&node.0).map_err(|_| not_connected())?;
    let destination = options.destination.clone().unwrap_or_else(|| lease.context.destination().into());
    node.0.connect_with_audio_node(&destination).map_err(|_| not_connected())?;
    let port = worklet.join().ok_or_else(not_connected)?;
    set_gain(&volume, options.volume.unwrap_or(1.0));
    let end = End::Speaker { volume, _node: node, voice, stream: RefCell::default() };
    Ok(Parts { end, worklet: Some(worklet), meter, lease, over: Over::default(), way: Some((port, ring)) })
}

pub(in crate::web) fn set_gain(gain: &GainNode, volume: f32) {
    // The browser throws at what is not a number.
    gain.gain().set_value(if volume.is_nan() { 0.0 } else { volume.clamp(0.0, 1.0) });
}

pub(super) fn not_connected() -> Error {
    Error::new(Code::DeviceUnavailable, "The speaker could not be connected to the audio context.")
        .with_remedy("Give a `destination` that belongs to the same `context`.")
}

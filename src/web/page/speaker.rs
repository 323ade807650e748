//! The speaker: the playback worklet and what follows it. Page only.

use std::{cell::RefCell, rc::Rc};

use js_sys::SharedArrayBuffer;
use web_sys::{AudioContext, AudioNode, GainNode, MessagePort};

use crate::web::{
    driver::{
        command::{Attachment, Command},
        ring,
    },
    page::{
        context::{Graph, Lease, Meter, Worklet, WorkletOptions},
        host::Host,
        seat::Device,
    },
    sys::task::spawn_local,
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
    /// Linear gain, 0 to 1. Default 1.
    pub volume: Option<f32>,
    /// Jitter target: milliseconds by which audio may come late without a gap, 0 to 400. An answer starts so much after its
    /// first audio, or as soon as so much more is there; grows by itself after a gap. Default 18.
    pub jitter_ms: Option<f64>,
    /// The address of `live-audio.js`, where a content security policy asks for your own.
    pub worklet_url: Option<String>,
}

/// A speaker that plays the answers. The one that was opened stops when dropped; one that the session was asked for does
/// not.
#[derive(Debug)]
pub struct Speaker {
    playing: Rc<Playing>,
    is_owner: bool,
}

impl Speaker {
    pub(in crate::web) fn new(playing: Rc<Playing>, is_owner: bool) -> Self {
        Self { playing, is_owner }
    }

    /// The rate of the audio context, in hertz.
    #[must_use]
    pub fn sample_rate(&self) -> u32 {
        self.playing.sample_rate()
    }

    /// Linear gain, 0 to 1.
    #[must_use]
    pub fn volume(&self) -> f32 {
        self.playing.volume()
    }

    /// Sets the linear gain; what lies outside 0 to 1 is taken as the nearer of them.
    pub fn set_volume(&self, volume: f32) {
        self.playing.set_volume(volume);
    }

    /// Whether it was stopped: by [`stop`](Self::stop), by another that took its place, or with the session.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.playing.is_stopped()
    }

    /// Root mean square of what is being played right now, before the volume, 0 to 1.
    #[must_use]
    pub fn level(&self) -> f64 {
        self.playing.level()
    }

    /// Falls silent and gives the device back.
    pub fn stop(&self) {
        self.playing.stop();
    }
}

impl Drop for Speaker {
    fn drop(&mut self) {
        if self.is_owner {
            self.stop();
        }
    }
}

/// A speaker on the page: from its playback worklet to the loudspeaker.
#[derive(Debug)]
pub(in crate::web) struct Playing {
    rate_hz: u32,
    parts: RefCell<Option<Parts>>,
    /// The way to the driver, once it is attached.
    host: RefCell<Option<Rc<Host>>>,
}

#[derive(Debug)]
struct Parts {
    worklet: Worklet,
    gain: Gain,
    meter: Meter,
    lease: Lease,
    /// What the driver is to be given.
    way: Option<(MessagePort, Option<SharedArrayBuffer>)>,
}

/// The volume. It is taken out of the graph when dropped.
#[derive(Debug)]
struct Gain(GainNode);

impl Drop for Gain {
    fn drop(&mut self) {
        let _ = self.0.disconnect();
    }
}

impl Playing {
    /// Opens the speaker. It plays nothing before it is attached.
    pub(in crate::web) async fn open(graph: &Rc<Graph>, options: SpeakerOptions) -> Result<Rc<Self>, Error> {
        let lease = graph.lease(options.context)?;
        let asked = lease.ask();
        lease.start(asked).await?;
        lease.load(options.worklet_url).await?;
        let ring = ring::shared(PLAYBACK_CAPACITY);
        let jitter_ms = options.jitter_ms.filter(|ms| ms.is_finite()).unwrap_or(18.0).clamp(0.0, 400.0);
        let worklet = lease.worklet(
            "live-playback",
            &WorkletOptions {
                outputs: 1,
                ring: ring.clone(),
                capacity: PLAYBACK_CAPACITY,
                rates: (Some(PLAYBACK_RATE_HZ), None),
                extra: ("jitterMs", jitter_ms),
            },
        )?;
        let meter = lease.meter(&worklet.node)?;
        let gain = Gain(lease.context.create_gain().map_err(|_| not_connected())?);
        worklet.node.connect_with_audio_node(&gain.0).map_err(|_| not_connected())?;
        let destination = options.destination.unwrap_or_else(|| lease.context.destination().into());
        gain.0.connect_with_audio_node(&destination).map_err(|_| not_connected())?;
        let port = worklet.join().ok_or_else(not_connected)?;
        let rate_hz = lease.rate_hz();
        let parts = Parts { worklet, gain, meter, lease, way: Some((port, ring)) };
        let playing = Self { rate_hz, parts: RefCell::new(Some(parts)), host: RefCell::default() };
        playing.set_volume(options.volume.unwrap_or(1.0));
        Ok(Rc::new(playing))
    }

    /// Lets the session play through it, instead of the one before.
    pub(in crate::web) fn attach(&self, host: &Rc<Host>) {
        let way =
            self.parts.borrow_mut().as_mut().and_then(|parts| Some((parts.lease.id, parts.way.take()?)));
        let Some((id, (port, ring))) = way else { return };
        self.host.replace(Some(host.clone()));
        host.command(Command::AttachSpeaker(Attachment { id, port, ring }));
    }

    pub(in crate::web) fn sample_rate(&self) -> u32 {
        self.rate_hz
    }

    pub(in crate::web) fn volume(&self) -> f32 {
        self.parts.borrow().as_ref().map_or(0.0, |parts| parts.gain.0.gain().value())
    }

    pub(in crate::web) fn set_volume(&self, volume: f32) {
        if let Some(parts) = &*self.parts.borrow() {
            // The browser throws at what is not a number.
            let volume = if volume.is_nan() { 0.0 } else { volume.clamp(0.0, 1.0) };
            parts.gain.0.gain().set_value(volume);
        }
    }

    pub(in crate::web) fn level(&self) -> f64 {
        self.parts.borrow().as_ref().map_or(0.0, |parts| parts.meter.level())
    }
}

impl Playing {
    /// Nothing more will come: what has come is heard to its end, and then it stops. Until then it can be stopped.
    pub(in crate::web) fn finish(self: &Rc<Self>) {
        let node = self.parts.borrow().as_ref().map(|parts| parts.worklet.node.clone());
        let Some(node) = node else { return };
        let me = self.clone();
        spawn_local(async move {
            Worklet::drained(node).await;
            me.stop();
        });
    }
}

impl Drop for Playing {
    // Of a connect that failed, too: the processor ends first, then the context.
    fn drop(&mut self) {
        self.stop();
    }
}

impl Device for Playing {
    fn stop(&self) {
        let parts = self.parts.take();
        let Some(Parts { worklet, gain, meter, lease, .. }) = parts else { return };
        if let Some(host) = self.host.take() {
            host.command(Command::DetachSpeaker(lease.id));
        }
        drop(meter);
        worklet.retire((gain, lease));
    }

    fn is_stopped(&self) -> bool {
        self.parts.borrow().is_none()
    }
}

fn not_connected() -> Error {
    Error::new(Code::DeviceUnavailable, "The speaker could not be connected to the audio context.")
        .with_remedy("Give a `destination` that belongs to the same `context`.")
}

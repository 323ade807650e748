//! Where a speaker plays besides: at another device, or into a stream.

use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use web_sys::{AudioContext, AudioNode, MediaStream, MediaStreamTrack};

use crate::{
    error::{Code, Error, Warning, WarningCode},
    web::{
        page::{
            context::Lease,
            device::{Device, End, Node, Parts},
            running::Watch,
            speaker::not_connected,
        },
        sys::{
            channel::observed,
            value::{error_from, field},
        },
    },
};

// The rules are there. It is loaded when somebody chooses.
#[wasm_bindgen(module = "/src/web/page/devices.js")]
extern "C" {
    #[wasm_bindgen(js_name = setSink)]
    pub(super) fn set_sink(context: &AudioContext, id: &str, gone: &JsValue) -> Promise;
}

impl Device {
    /// The device that it plays at; nothing for the system's default.
    pub(in crate::web) fn sink_id(&self) -> String {
        self.watch().map_or_else(String::new, |watch| watch.sink_id())
    }

    fn watch(&self) -> Option<Rc<Watch>> {
        self.parts.borrow().as_ref().map(|parts| parts.lease.watch().clone())
    }

    /// Plays at this device, or at the system's default.
    pub(in crate::web) async fn set_sink_id(&self, id: &str) -> Result<(), Error> {
        let graph = self.parts.borrow().as_ref().map(|parts| Rc::downgrade(parts.lease.graph()));
        let Some((watch, graph)) = self.watch().zip(graph) else { return Ok(()) };
        watch.move_away();
        let moved = Rc::downgrade(&watch);
        let gone: Closure<dyn Fn()> = Closure::new(move || {
            if let Some((watch, graph)) = moved.upgrade().zip(graph.upgrade()) {
                watch.set_sink_id("");
                graph.warn(Warning::new(WarningCode::SinkGone, SINK_GONE));
            }
        });
        // The garbage collector owns it from here on.
        match observed(set_sink(watch.context(), id, &gone.into_js_value())).take_within(CHOICE_MS).await {
            Some(Ok(_)) => watch.set_sink_id(id),
            Some(Err(thrown)) => return Err(error_from(&thrown).unwrap_or_else(no_sink)),
            None => return Err(no_sink()),
        }
        Ok(())
    }

    /// Milliseconds until what is played is heard, as the browser knows it.
    pub(in crate::web) fn latency_ms(&self) -> f64 {
        let parts = self.parts.borrow();
        let Some(parts) = parts.as_ref().filter(|_| tells_latency()) else { return 0.0 };
        let latency = |name| field(&parts.lease.context, name).as_f64().filter(|seconds| *seconds > 0.0);
        // Safari has the second alone: without what the device itself takes.
        1000.0 * latency("outputLatency").or_else(|| latency("baseLatency")).unwrap_or_default()
    }

    /// What the browser counts of the context's output, where it does.
    pub(in crate::web) fn playout_stats(&self) -> Option<PlayoutStats> {
        let context = self.parts.borrow().as_ref().map(|parts| parts.lease.context.clone())?;
        let stats = field(&context, "playbackStats");
        let number = |name| field(&stats, name).as_f64();
        let seconds = number("totalDuration")?;
        let count = (seconds * f64::from(context.sample_rate())).round();
        Some(PlayoutStats {
            synthesized_samples_duration: number("underrunDuration").unwrap_or_default(),
            synthesized_samples_events: number("underrunEvents").unwrap_or_default(),
            total_samples_duration: seconds,
            total_playout_delay: number("averageLatency").unwrap_or_default() * count,
            total_samples_count: count,
        })
    }

    /// The voice as a stream, made when it is first asked for; nothing once the speaker is stopped.
    pub(in crate::web) fn stream(&self) -> Option<MediaStream> {
        let parts = self.parts.borrow();
        let Some(Parts { end: End::Speaker { voice, stream, .. }, lease, .. }) = &*parts else { return None };
        let mut stream = stream.borrow_mut();
        if stream.is_none() {
            *stream = Voice::new(lease, &voice.0).ok();
        }
        stream.as_ref().map(|voice| Clone::clone(&voice.stream))
    }
}

/// Whether the browser may be asked for an output's latency. Firefox on Linux may never answer: its page asks the sound server, and
/// holds meanwhile what the audio thread waits for, which the sound server waits for.
fn tells_latency() -> bool {
    let agent = field(&field(&js_sys::global(), "navigator"), "userAgent").as_string().unwrap_or_default();
    // Not `str::contains`, which weighs more than half a kilobyte.
    let has = |word: &[u8]| agent.as_bytes().windows(word.len()).any(|part| part == word);
    !(has(b"X11") && has(b"Firefox"))
}

/// Playout stats: what the browser counts of an audio context's output, in the names of WebRTC's `RTCAudioPlayoutStats`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct PlayoutStats {
    /// Seconds of silence that the browser put out because nothing was ready: the machine was too slow.
    pub synthesized_samples_duration: f64,
    /// How often it did.
    pub synthesized_samples_events: f64,
    /// Seconds that were put out in all.
    pub total_samples_duration: f64,
    /// Seconds from when a sample was rendered to when it was heard, summed over all of them.
    pub total_playout_delay: f64,
    /// Samples that were put out in all, at the context's rate.
    pub total_samples_count: f64,
}

fn no_sink() -> Error {
    Error::new(Code::DeviceUnavailable, "The audio output could not be opened.").with_field("sinkId")
}

/// The voice as a stream, ahead of the volume: where it is heard elsewhere, this side can be silent. It ends with this.
#[derive(Debug)]
pub(in crate::web) struct Voice {
    stream: MediaStream,
    _node: Node,
}

impl Voice {
    fn new(lease: &Lease, voice: &AudioNode) -> Result<Self, Error> {
        let node = lease.context.create_media_stream_destination().map_err(|_| not_connected())?;
        voice.connect_with_audio_node(&node).map_err(|_| not_connected())?;
        Ok(Self { stream: node.stream(), _node: Node(node.into()) })
    }
}

impl Drop for Voice {
    fn drop(&mut self) {
        self.stream.get_tracks().iter().for_each(|track| track.unchecked_into::<MediaStreamTrack>().stop());
    }
}

const SINK_GONE: &str = "The audio output has gone: the voice goes on at the system's default.";
/// The user may be asked.
const CHOICE_MS: u32 = 30_000;

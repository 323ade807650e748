//! A microphone or a speaker on the page: its processor, and what that hangs on. Whatever both do is here once.

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use js_sys::SharedArrayBuffer;
use wasm_bindgen::JsValue;
use web_sys::{AnalyserNode, AudioContext, AudioNode, GainNode, MediaTrackSettings, MessagePort};

use crate::error::{Code, Error, Warning, WarningCode};
use crate::event::{DeviceChangeReason, LocalEvent};
use crate::web::{
    driver::command::{Attachment, Command},
    page::{
        context::{Graph, Lease},
        host::Host,
        input::{Input, MicrophoneInput},
        meter::Meter,
        microphone::{self, CapturePath, MicrophoneOptions},
        output::Voice,
        speaker::{self, SpeakerOptions},
        worklet::Worklet,
    },
    sys::{listener::Over, task::spawn_local, value},
};

/// A device that is to be opened.
pub(in crate::web) enum Wish {
    Microphone(MicrophoneOptions),
    Speaker(SpeakerOptions),
}

impl Wish {
    pub(in crate::web) fn is_microphone(&self) -> bool {
        matches!(self, Self::Microphone(_))
    }

    fn context(&self) -> Option<AudioContext> {
        match self {
            Self::Microphone(options) => options.context.clone(),
            Self::Speaker(options) => options.context.clone(),
        }
    }

    fn worklet_url(&self) -> Option<String> {
        match self {
            Self::Microphone(options) => options.worklet_url.clone(),
            Self::Speaker(options) => options.worklet_url.clone(),
        }
    }
}

/// A device: on until it is stopped, or dropped.
#[derive(Debug)]
pub(in crate::web) struct Device {
    /// Of a microphone that is stopped.
    last_label: RefCell<String>,
    rate_hz: u32,
    is_microphone: bool,
    has_worklet: bool,
    is_muted: Cell<bool>,
    pub(super) parts: RefCell<Option<Parts>>,
    /// The way to the driver, once it is attached.
    host: RefCell<Option<Rc<Host>>>,
}

/// What is on. However it is dropped, a microphone's tracks are stopped: a device that is on with nobody to end it is the
/// worst there can be.
#[derive(Debug)]
pub(in crate::web) struct Parts {
    pub(in crate::web) end: End,
    /// None where a microphone's samples go past the audio thread.
    pub(in crate::web) worklet: Option<Worklet>,
    pub(in crate::web) meter: Meter,
    pub(in crate::web) lease: Lease,
    /// For who listens to its samples, whom its driver may not tell.
    pub(super) over: Over,
    /// What the driver is to be given.
    pub(in crate::web) way: Option<(MessagePort, Option<SharedArrayBuffer>)>,
}

/// The end away from the processor.
#[derive(Debug)]
pub(in crate::web) enum End {
    Microphone(Input),
    Speaker { volume: GainNode, _node: Node, voice: Node, stream: RefCell<Option<Voice>> },
}

/// A node that is taken out of the graph when dropped.
#[derive(Debug)]
pub(in crate::web) struct Node(pub(in crate::web) AudioNode);

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.0.disconnect();
    }
}

impl Device {
    /// Opens a device. A microphone is heard by nobody, and a speaker plays nothing, before it is attached.
    pub(in crate::web) async fn open(graph: &Rc<Graph>, wish: Wish) -> Result<Rc<Self>, Error> {
        let lease = graph.lease(wish.context())?;
        if wish.is_microphone() {
            graph.claim("play-and-record");
        }
        // Asked before a microphone is, while the user's gesture still counts.
        let asked = lease.ask(wish.worklet_url())?;
        let input = match &wish {
            Wish::Microphone(options) => Some(Input::open(options).await?),
            Wish::Speaker(_) => None,
        };
        lease.start(asked).await?;
        let parts = match (input, &wish) {
            (Some(input), _) => microphone::join(lease, input)?,
            (None, Wish::Speaker(options)) => speaker::join(lease, options)?,
            // It has one by now.
            (None, Wish::Microphone(_)) => return Err(microphone::not_connected()),
        };
        let device = Self::of(parts);
        if let Wish::Speaker(SpeakerOptions { sink_id: Some(id), .. }) = &wish {
            device.set_sink_id(id).await?;
        }
        Ok(device)
    }

    fn of(parts: Parts) -> Rc<Self> {
        Rc::new_cyclic(|me: &Weak<Self>| {
            let dying = me.clone();
            if let Some(worklet) = &parts.worklet {
                worklet.on_end(move || dying.upgrade().iter().for_each(|device| device.stop()));
            }
            Self {
                rate_hz: parts.lease.rate_hz(),
                is_microphone: matches!(parts.end, End::Microphone { .. }),
                has_worklet: parts.worklet.is_some(),
                is_muted: Cell::new(false),
                last_label: RefCell::default(),
                parts: RefCell::new(Some(parts)),
                host: RefCell::default(),
            }
        })
    }

    /// Joins it to the session, instead of the one before.
    pub(in crate::web) fn attach(self: &Rc<Self>, host: &Rc<Host>) {
        let way =
            self.parts.borrow_mut().as_mut().and_then(|parts| Some((parts.lease.id, parts.way.take()?)));
        let Some((id, (port, ring))) = way else { return };
        self.host.replace(Some(host.clone()));
        let attachment = Attachment { id, port, ring };
        if self.is_microphone {
            // Which is not muted, whatever the one before was.
            host.command(Command::AttachMicrophone(attachment));
            self.listen_to_input();
        } else {
            host.command(Command::AttachSpeaker(attachment));
        }
    }

    /// From here on it hears what becomes of its input.
    fn listen_to_input(self: &Rc<Self>) {
        if let Some(input) = self.input() {
            let me = Rc::downgrade(self);
            input.tell(move |told| me.upgrade().iter().for_each(|device| device.hear(&told)));
        }
    }

    /// Something happened to the input.
    fn hear(&self, told: &JsValue) {
        let text = |name| value::field(told, name).as_string().unwrap_or_default();
        let event = match text("type").as_str() {
            "deviceMute" => LocalEvent::DeviceMute { muted: value::field(told, "muted").is_truthy() },
            "deviceChange" => LocalEvent::DeviceChange {
                reason: DeviceChangeReason::parse(&text("reason")).unwrap_or(DeviceChangeReason::Chosen),
                label: text("label"),
                device_id: text("deviceId"),
            },
            _ => return self.on_ended(&text("why")),
        };
        let graph = self.graph();
        if let Some(graph) = graph {
            graph.tell(&event.into());
        }
    }

    pub(super) fn host(&self) -> Option<Rc<Host>> {
        self.host.borrow().clone()
    }

    fn graph(&self) -> Option<Rc<Graph>> {
        self.parts.borrow().as_ref().map(|parts| parts.lease.graph().clone())
    }

    /// Hears another input device.
    pub(in crate::web) async fn set_input(&self, device: JsValue) -> Result<(), Error> {
        match self.input() {
            Some(input) => input.open(device).await,
            None => Err(stopped()),
        }
    }

    fn input(&self) -> Option<MicrophoneInput> {
        match self.parts.borrow().as_ref().map(|parts| &parts.end) {
            Some(End::Microphone(input)) => Some(input.handle()),
            Some(End::Speaker { .. }) | None => None,
        }
    }

    /// The device was unplugged, or the user took back the permission, and no other took its place.
    fn on_ended(&self, why: &str) {
        let graph = self.graph();
        self.stop();
        if let Some(graph) = graph {
            graph.warn(Warning::new(WarningCode::MicrophoneEnded, [MICROPHONE_ENDED, why].concat()));
        }
    }

    /// Nothing more will come: what has come is heard to its end, and then a speaker stops. Until then it can be stopped.
    pub(in crate::web) fn finish(self: &Rc<Self>) {
        let node = self.parts.borrow().as_ref().and_then(|parts| Some(parts.worklet.as_ref()?.node()));
        let Some(node) = node else { return };
        let me = self.clone();
        spawn_local(async move {
            Worklet::drained(node).await;
            me.stop();
        });
    }

    pub(in crate::web) fn stop(&self) {
        let label = self.label();
        self.last_label.replace(label);
        let parts = self.parts.take();
        let Some(Parts { end, worklet, meter, lease, .. }) = parts else { return };
        if let Some(host) = self.host.take() {
            let id = lease.id;
            host.command(match end {
                End::Microphone(_) => Command::DetachMicrophone(id),
                End::Speaker { .. } => Command::DetachSpeaker(id),
            });
        }
        drop(meter);
        let falling_silent = match end {
            // Off at once.
            End::Microphone(_) => None,
            End::Speaker { .. } => Some(end),
        };
        if let Some(worklet) = worklet {
            worklet.retire((falling_silent, lease));
        }
    }

    pub(in crate::web) fn is_stopped(&self) -> bool {
        self.parts.borrow().is_none()
    }

    pub(in crate::web) fn is_microphone(&self) -> bool {
        self.is_microphone
    }

    pub(in crate::web) fn label(&self) -> String {
        self.input().map_or_else(|| self.last_label.borrow().clone(), |input| input.track().label())
    }

    /// What the browser makes of the sound, as `MediaStreamTrack.getSettings` tells it; nothing once it is stopped.
    pub(in crate::web) fn settings(&self) -> Option<MediaTrackSettings> {
        self.input().map(|input| input.track().get_settings())
    }

    pub(in crate::web) fn sample_rate(&self) -> u32 {
        self.rate_hz
    }

    pub(in crate::web) fn capture_path(&self) -> CapturePath {
        if self.has_worklet { CapturePath::Worklet } else { CapturePath::TrackProcessor }
    }

    pub(in crate::web) fn is_muted(&self) -> bool {
        self.is_muted.get()
    }

    pub(in crate::web) fn set_muted(&self, is_muted: bool) {
        let host = self.host.borrow().clone();
        if let Some(host) = host
            && self.is_muted.replace(is_muted) != is_muted
        {
            host.command(Command::Mute(is_muted));
        }
    }

    pub(in crate::web) fn volume(&self) -> f32 {
        match self.parts.borrow().as_ref().map(|parts| &parts.end) {
            Some(End::Speaker { volume, .. }) => volume.gain().value(),
            Some(End::Microphone(_)) | None => 0.0,
        }
    }

    pub(in crate::web) fn set_volume(&self, volume: f32) {
        if let Some(Parts { end: End::Speaker { volume: gain, .. }, .. }) = &*self.parts.borrow() {
            speaker::set_gain(gain, volume);
        }
    }

    pub(in crate::web) fn level(&self) -> f64 {
        self.parts.borrow().as_ref().map_or(0.0, |parts| parts.meter.level())
    }

    pub(in crate::web) fn peak(&self) -> f64 {
        self.parts.borrow().as_ref().map_or(0.0, |parts| parts.meter.peak())
    }

    pub(in crate::web) fn analyser(&self) -> Option<AnalyserNode> {
        self.parts.borrow().as_ref().map(|parts| parts.meter.analyser())
    }
}

impl Drop for Device {
    // Of a connect that failed, too: the processor ends first, then the context.
    fn drop(&mut self) {
        self.stop();
    }
}

fn stopped() -> Error {
    Error::new(Code::NotOpen, "The microphone is stopped.").with_remedy("Open one again.")
}

const MICROPHONE_ENDED: &str =
    "The microphone has gone: it was unplugged, or its permission withdrawn. Open one again.";

//! Whether the devices' contexts run. The browser starts them only for a user who has touched the page, and stops them when it
//! likes: for a telephone call, say.

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use js_sys::{Array, Promise, Reflect};
use wasm_bindgen::JsValue;
use web_sys::{AudioContext, AudioContextState};

use crate::{
    error::{Code, Error},
    event::{AudioState, LocalEvent},
    web::{
        page::{
            context::{Answer, Graph},
            output::set_sink,
        },
        sys::{
            channel::observed,
            listener::Listener,
            value::{field, navigator},
        },
    },
};

/// A context that is listened to for as long as a device uses it.
#[derive(Debug)]
pub(in crate::web) struct Watch {
    context: AudioContext,
    /// One of the application's own may be suspended by the application.
    is_shared: bool,
    /// `None` while it starts.
    state: Cell<Option<AudioState>>,
    /// Where it plays, if not at the system's default.
    sink_id: RefCell<String>,
    /// Whether it was ever wished to play elsewhere, which may come later.
    is_moved: Cell<bool>,
    /// On what may let it run, while it does not.
    chances: RefCell<Vec<Listener>>,
    _listener: Listener,
}

impl Watch {
    /// Asks for sound. The answer is observed from here on: closing the context rejects it, whether or not anybody awaits it.
    pub(in crate::web) fn ask(&self) -> Option<Answer> {
        self.context.resume().ok().map(observed)
    }

    pub(super) fn context(&self) -> &AudioContext {
        &self.context
    }

    pub(super) fn sink_id(&self) -> String {
        self.sink_id.borrow().clone()
    }

    pub(super) fn move_away(&self) {
        self.is_moved.set(true);
    }

    pub(super) fn set_sink_id(&self, id: &str) {
        id.clone_into(&mut self.sink_id.borrow_mut());
    }

    pub(in crate::web) fn is_running(&self) -> bool {
        self.context.state() == AudioContextState::Running
    }

    fn enter(self: &Rc<Self>, state: AudioState) {
        if self.state.replace(Some(state)) == Some(state) {
            return;
        }
        let waits = match state {
            AudioState::Running => false,
            AudioState::Interrupted => self.is_shared,
            AudioState::NeedsGesture => true,
        };
        let window = web_sys::window().filter(|_| waits);
        let chances = window.into_iter().flat_map(|window| CHANCES.map(|kind| self.chance(&window, kind)));
        // Dropped outside the borrow, as each takes its listener off.
        drop(self.chances.replace(chances.collect()));
    }

    fn chance(self: &Rc<Self>, window: &web_sys::Window, kind: &'static str) -> Listener {
        let me = Rc::downgrade(self);
        Listener::first(window, kind, move || {
            me.upgrade().and_then(|watch| watch.ask());
        })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if self.is_moved.get() {
            // Refused where the context is closed.
            observed(set_sink(&self.context, "", &JsValue::UNDEFINED));
        }
    }
}

impl Graph {
    /// One listener for all devices of a context: they are interrupted at once.
    pub(in crate::web) fn watch(self: &Rc<Self>, context: &AudioContext, is_shared: bool) -> Rc<Watch> {
        let known = self.known(context);
        // Outside the borrow: what the page put in the place of `addEventListener` may open a device itself.
        known.unwrap_or_else(|| {
            let watch = Rc::new_cyclic(|me: &Weak<Watch>| {
                let (graph, me) = (Rc::downgrade(self), me.clone());
                let listener = Listener::new(context, "statechange", move || {
                    if let Some((graph, watch)) = graph.upgrade().zip(me.upgrade()) {
                        graph.on_state_change(&watch);
                    }
                });
                let is_running = context.state() == AudioContextState::Running;
                Watch {
                    context: context.clone(),
                    is_shared,
                    state: Cell::new(is_running.then_some(AudioState::Running)),
                    sink_id: RefCell::default(),
                    is_moved: Cell::default(),
                    chances: RefCell::default(),
                    _listener: listener,
                }
            });
            self.watched.borrow_mut().push(Rc::downgrade(&watch));
            watch
        })
    }

    fn known(&self, context: &AudioContext) -> Option<Rc<Watch>> {
        let mut watched = self.watched.borrow_mut();
        watched.retain(|watch| watch.strong_count() > 0);
        watched.iter().filter_map(Weak::upgrade).find(|watch| watch.context == *context)
    }

    fn on_state_change(&self, watch: &Rc<Watch>) {
        let state = match (watch.context.state(), watch.state.get()) {
            (AudioContextState::Running, _) => AudioState::Running,
            // It never ran, or never will.
            (AudioContextState::Closed, _) | (_, None | Some(AudioState::NeedsGesture)) => return,
            // Suspended; or "interrupted", which Safari has beside the specification's.
            (_, Some(AudioState::Running | AudioState::Interrupted)) => AudioState::Interrupted,
        };
        watch.enter(state);
        if state == AudioState::Interrupted && watch.is_shared {
            // Refused, or answered when the interruption is over: either is told as a change of the state.
            watch.ask();
        }
        self.tell_audio_state();
    }

    /// The browser did not start this context.
    fn on_not_started(&self, watch: &Rc<Watch>) {
        // Of two devices in one context the other has seen it run.
        if watch.state.get().is_none() {
            watch.enter(AudioState::NeedsGesture);
            self.tell_audio_state();
        }
    }

    /// Tells the state, if that is another than was told. Before anybody hears it nothing is; and one that runs from the
    /// beginning is not told.
    pub(in crate::web) fn tell_audio_state(&self) {
        let heard = self.is_heard().then(|| self.audio_state()).flatten();
        if let Some(state) = heard
            && self.told.replace(state) != state
        {
            self.tell(&LocalEvent::AudioStateChange { state }.into());
        }
    }

    fn watches(&self) -> Vec<Rc<Watch>> {
        self.watched.borrow().iter().filter_map(Weak::upgrade).collect()
    }

    /// Whether the browser lets the devices run; `None` as long as there are none, or they start.
    pub(in crate::web) fn audio_state(&self) -> Option<AudioState> {
        self.watches().iter().filter_map(|watch| watch.state.get()).max()
    }

    /// Has all contexts run. They are asked before this is awaited: the user's gesture counts for moments only.
    pub(in crate::web) fn resume(&self) -> impl Future<Output = Result<(), Error>> + use<> {
        let asked: Array = self.watches().iter().filter_map(|watch| watch.context.resume().ok()).collect();
        let asked = observed(Promise::all(&asked));
        async move {
            match asked.take_within(RESUME_MS).await {
                Some(Ok(_)) => Ok(()),
                _ => Err(Error::new(Code::AutoplayBlocked, "The browser does not start audio yet.")),
            }
        }
    }

    /// Tells the system what the page's sound is for: an iPhone whose silent switch is on would play none of it. An application
    /// that has said so itself is left alone.
    pub(in crate::web) fn claim(&self, kind: &str) {
        let session = navigator("audioSession");
        let others = CLAIMS.get() - u32::from(self.is_claimed.get());
        let is_ours = CLAIMS.get() > 0;
        if !session.is_object() || !(is_ours || field(&session, "type") == UNCLAIMED) {
            return;
        }
        CLAIMS.set(others + 1);
        self.is_claimed.set(true);
        // Another session may hear as well.
        if others == 0 || kind != PLAYBACK {
            set_type(&session, kind);
        }
    }

    /// Gives back what was claimed, unless another session of the page's needs it.
    pub(in crate::web) fn disclaim(&self) {
        if self.is_claimed.take() {
            CLAIMS.set(CLAIMS.get() - 1);
            if CLAIMS.get() == 0 {
                set_type(&navigator("audioSession"), UNCLAIMED);
            }
        }
    }
}

/// Waits until a context runs, or that has taken too long, which is told.
pub(super) async fn started(graph: Weak<Graph>, watch: Weak<Watch>, asked: Answer, is_touched: bool) {
    let most_ms = if is_touched { RESUME_MS } else { START_MS };
    let is_running = matches!(asked.take_within(most_ms).await, Some(Ok(_)));
    if !is_running && let Some((graph, watch)) = graph.upgrade().zip(watch.upgrade()) {
        graph.on_not_started(&watch);
    }
}

/// Whether the user has touched the page: then its contexts start, mostly within a tenth of the time that is given them.
pub(super) fn is_touched() -> bool {
    field(&navigator("userActivation"), "hasBeenActive").is_truthy()
}

fn set_type(session: &JsValue, kind: &str) {
    // One that the browser does not know changes nothing.
    let _ = Reflect::set(session, &"type".into(), &kind.into());
}

/// The user's touch; and that the page is seen again, when an interruption is mostly over.
const CHANCES: [&str; 4] = ["click", "keydown", "touchend", "visibilitychange"];
const UNCLAIMED: &str = "auto";
pub(super) const PLAYBACK: &str = "playback";
const START_MS: u32 = 1_500;
const RESUME_MS: u32 = 5_000;

thread_local! {
    /// How many sessions of this page have told what its sound is for.
    static CLAIMS: Cell<u32> = const { Cell::new(0) };
}

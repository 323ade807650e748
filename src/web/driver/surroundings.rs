//! What goes on around a session: whether there is a network, and whether the machine or the page slept.

use std::{
    cell::Cell,
    rc::{Rc, Weak},
    time::Duration,
};

use wasm_bindgen::prelude::*;
use web_sys::EventTarget;

use crate::session::Input;
use crate::web::sys::{
    listener::Listener,
    timer::{Alarm, now},
};

type Feed = Rc<dyn Fn(Input<'_>)>;

/// Tells what goes on around a session, until it is dropped.
pub(in crate::web) struct Surroundings {
    _listeners: Vec<Listener>,
    _pulse: Rc<Pulse>,
}

impl Surroundings {
    pub(in crate::web) fn watch(feed: impl Fn(Input<'_>) + 'static) -> Self {
        let feed: Feed = Rc::new(feed);
        let on = |target: &EventTarget, kind, input: fn() -> Input<'static>| {
            let feed = feed.clone();
            Listener::new(target, kind, move || feed(input()))
        };
        // A page and a Worker each hear of the network themselves.
        let global: EventTarget = js_sys::global().unchecked_into();
        let mut listeners = vec![
            on(&global, "offline", || Input::Network(false)),
            on(&global, "online", || Input::Network(true)),
        ];
        let document = web_sys::window().and_then(|window| window.document());
        // A page that was frozen has had no time, while its sockets grew old. A Worker is frozen with its page, and hears of
        // it from its clocks alone.
        listeners.extend(document.as_ref().map(|document| on(document, "resume", || Input::Woke)));
        let patience_ms = if document.is_some() { THROTTLED_MS } else { LATE_MS };
        Self { _listeners: listeners, _pulse: Pulse::begin(feed, patience_ms) }
    }
}

/// A timer that goes off again and again. When it comes far too late, or the date has moved meanwhile as the clock has not,
/// there was a time in which nothing ran here.
struct Pulse {
    feed: Feed,
    alarm: Alarm,
    last: Cell<Clocks>,
    /// How late it may come.
    patience_ms: f64,
}

/// Both clocks at one moment: in some systems the one that never goes back stands still while the machine sleeps.
#[derive(Clone, Copy)]
pub(in crate::web) struct Clocks {
    pub(in crate::web) steady_ms: f64,
    pub(in crate::web) date_ms: f64,
}

impl Clocks {
    fn now() -> Self {
        Self { steady_ms: now().as_ms(), date_ms: js_sys::Date::now() }
    }

    /// Whether nothing ran between `last` and now but a machine or a page that slept.
    pub(in crate::web) fn have_slept(self, last: Self, patience_ms: f64) -> bool {
        let steady_ms = self.steady_ms - last.steady_ms;
        let date_ms = self.date_ms - last.date_ms;
        steady_ms > BEAT_MS + patience_ms || date_ms - steady_ms > LATE_MS
    }
}

impl Pulse {
    fn begin(feed: Feed, patience_ms: f64) -> Rc<Self> {
        let pulse = Rc::new_cyclic(|me: &Weak<Self>| {
            let me = me.clone();
            let alarm = Alarm::new(move || {
                if let Some(pulse) = me.upgrade() {
                    pulse.beat();
                }
            });
            Self { feed, alarm, last: Cell::new(Clocks::now()), patience_ms }
        });
        pulse.arm();
        pulse
    }

    fn beat(&self) {
        let clocks = Clocks::now();
        let has_slept = clocks.have_slept(self.last.replace(clocks), self.patience_ms);
        self.alarm.rang();
        self.arm();
        if has_slept {
            (self.feed)(Input::Woke);
        }
    }

    fn arm(&self) {
        self.alarm.set(Some(now() + Duration::from_millis(BEAT_MS as u64)));
    }
}

const BEAT_MS: f64 = 2_000.0;
/// Far above what a busy machine makes of a timer, far below what a service waits.
const LATE_MS: f64 = 5_000.0;
/// Browsers let the timers of a hidden page go off once in a minute. Those of its Workers they leave alone.
const THROTTLED_MS: f64 = 65_000.0;

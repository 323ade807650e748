//! From options to an open session: where the driver runs, who hears it, and the devices that come first.

#[cfg(feature = "js")]
use std::cell::Cell;
use std::{cell::RefCell, future::Future, pin::Pin, rc::Rc, time::Duration};

use web_sys::AbortSignal;

#[cfg(feature = "js")]
use crate::error::WarningCode;
use crate::web::{
    driver::{Driver, command::Command, meaning::Meaning, plan::Plan, token::TokenSource},
    page::{
        context::Graph,
        device::{Device, Wish},
        handle::Handle,
        host::Host,
        hub::Hub,
        options::ConnectOptions,
    },
    sys::{
        channel::{Latch, all_until},
        listener::on_abort,
    },
};
#[cfg(feature = "js")]
use crate::web::{sys::timer::now, worker};
use crate::{
    error::{Code, Error, Warning},
    session::aborted,
};

/// A session that is being opened.
pub(in crate::web) struct Opening {
    warnings: Vec<Warning>,
    options: ConnectOptions,
    graph: Rc<Graph>,
}

impl Opening {
    /// What these options make, the devices among them, and the plan for a driver.
    pub(in crate::web) fn new(mut options: ConnectOptions) -> Result<(Self, Wishes, Plan), Error> {
        if is_aborted(options.signal.as_ref()) {
            return Err(aborted());
        }
        let (plan, warnings) = options.plan()?;
        options.token = options.token.ahead()?;
        let graph = Graph::new(options.worklet_url.take(), plan.policy.frame_samples(), options.hints());
        let wishes = Wishes {
            devices: [
                options.speaker.take().map(Wish::Speaker),
                options.microphone.take().map(Wish::Microphone),
            ],
            graph: graph.clone(),
            signal: options.signal.clone(),
        };
        Ok((Self { warnings, options, graph }, wishes, plan))
    }

    pub(in crate::web) fn tokens(&self) -> TokenSource {
        self.options.token.clone()
    }

    /// Begins the session, and waits until it is open.
    pub(in crate::web) async fn begin<E: Clone + 'static>(
        self,
        host: Host,
        hub: &Rc<Hub<E>>,
        devices: Vec<Rc<Device>>,
        deadline: Duration,
    ) -> Result<Rc<Handle>, Error> {
        let keepsake = self.options.keepsake();
        let handle = Handle::new(host, self.graph, self.options.served, hub);
        handle.keep_in(keepsake);
        handle.take(devices);
        if let Some(recorder) = self.options.recorder {
            handle.start_recording(recorder);
        }
        let mut given_up = GivenUp(Some(handle.clone()));
        handle.host().command(Command::Connect);
        hub.warn(self.warnings);
        handle.graph().tell_audio_state();
        if let Some(signal) = self.options.signal {
            handle.abort_on(signal);
        }
        // The driver keeps the deadline; this one is for a Worker that does not answer.
        let opened = hub.opened().take_within(millis(deadline).saturating_add(GRACE_MS)).await;
        given_up.0 = None;
        match opened {
            Some(opened) => {
                opened?;
                if self.options.wake_lock {
                    handle.stay_awake();
                }
                Ok(handle)
            }
            None => {
                let error = no_answer();
                hub.tell_end(Some(error.clone()));
                Err(error)
            }
        }
    }
}

/// Ends a session whose opening nobody waits for any more: the future was dropped, and with it the only way to end the
/// socket and the devices, which hold each other.
struct GivenUp(Option<Rc<Handle>>);

impl Drop for GivenUp {
    fn drop(&mut self) {
        if let Some(handle) = self.0.take() {
            handle.abort();
        }
    }
}

/// The devices that a session begins with.
pub(in crate::web) struct Wishes {
    devices: [Option<Wish>; 2],
    graph: Rc<Graph>,
    signal: Option<AbortSignal>,
}

impl Wishes {
    /// Opens the devices, both at once and as the first thing: the user's gesture counts for moments only. Meanwhile
    /// `other` is done.
    pub(in crate::web) async fn open(
        self,
        other: impl Future<Output = ()>,
    ) -> Result<Vec<Rc<Device>>, Error> {
        // The first that cannot be had ends it, as the signal does: a question to the user would be for nothing.
        let stop: Rc<Latch> = Rc::default();
        let _listener = self.signal.as_ref().map(|signal| {
            let stop = stop.clone();
            on_abort(signal, move || stop.set())
        });
        let opened = RefCell::new(Vec::new());
        // It begins first: what it waits for, nobody here works at.
        let mut works: Vec<Pin<Box<dyn Future<Output = ()> + '_>>> = vec![Box::pin(other)];
        for wish in self.devices.into_iter().flatten() {
            works.push(Box::pin(async {
                let device = Device::open(&self.graph, wish).await;
                stop.set_if(device.is_err());
                opened.borrow_mut().push(device);
            }));
        }
        all_until(&stop, works).await;
        if is_aborted(self.signal.as_ref()) {
            return Err(aborted());
        }
        opened.into_inner().into_iter().collect()
    }
}

/// Opens a session whose driver is on this page. Answers the driver as well.
pub(in crate::web) async fn on_page<E: Clone + 'static>(
    options: ConnectOptions,
    hub: &Rc<Hub<E>>,
) -> Result<(Rc<Handle>, Rc<Driver>), Error> {
    let (opening, wishes, plan) = Opening::new(options)?;
    let deadline = plan.policy.connect;
    let driver = drive_here(plan, &opening, hub);
    driver.command(Command::Dial);
    let devices = wishes.open(async {}).await?;
    let handle = opening.begin(Host::Page(driver.clone()), hub, devices, deadline).await?;
    Ok((handle, driver))
}

/// Opens a session whose driver is in a Worker, if that is wanted; on this page if none can be started.
///
/// One function for both, as [`on_page`] is for Rust alone: every other one would be a copy of all that follows.
#[cfg(feature = "js")]
pub(in crate::web) async fn for_js<E: Clone + 'static>(
    options: ConnectOptions,
    wants_worker: bool,
    hub: &Rc<Hub<E>>,
    parse: fn(&str) -> E,
) -> Result<Rc<Handle>, Error> {
    let (mut opening, wishes, mut plan) = Opening::new(options)?;
    let whole = plan.policy.connect;
    let mut link = None;
    let has_failed: Rc<Cell<bool>> = Rc::default();
    let starting = async {
        let began = now();
        // Half of the time is left to do it here instead.
        let most_ms = START_MS.min(millis(whole) / 2);
        let started = if wants_worker { worker::start(most_ms).await } else { None };
        plan.policy.connect = whole.saturating_sub(Duration::from_millis(now().ms_since(began) as u64));
        link = started.map(|started| {
            let link = hear_worker(started, &opening, hub, parse, has_failed.clone());
            link.post(Command::Plan(Box::new(plan.clone())));
            link.post(Command::Dial);
            link
        });
    };
    let devices = wishes.open(starting).await?;
    let deadline = plan.policy.connect;
    // It may have failed since: the user's consent can take minutes.
    let host = match link.filter(|_| !has_failed.get()) {
        Some(link) => Host::Worker(link),
        None => {
            if wants_worker {
                let warning = Warning::new(WarningCode::WorkerUnavailable, NO_WORKER);
                opening.warnings.push(warning.with_field("runIn"));
            }
            Host::Page(drive_here(plan, &opening, hub))
        }
    };
    let handle = opening.begin(host, hub, devices, deadline).await?;
    if let Host::Worker(_) = **handle.host() {
        handle.watch();
    }
    Ok(handle)
}

/// What the page does about what the Worker says. One that fails before there is a session has done so in silence.
#[cfg(feature = "js")]
fn hear_worker<E: Clone + 'static>(
    started: worker::Started,
    opening: &Opening,
    hub: &Rc<Hub<E>>,
    parse: fn(&str) -> E,
    has_failed: Rc<Cell<bool>>,
) -> worker::WorkerLink {
    let requests = worker::Requests::new(opening.tokens());
    let asked = requests.clone();
    let tools = opening.options.served.clone();
    let port = started.port().clone();
    // Strong: the Worker's session lives until its last event, whoever forgets it here.
    let (hearing, ending) = (hub.clone(), hub.clone());
    let on_notice = move |notice| match notice {
        worker::Notice::Event(json, meaning) => {
            let calls = tools.as_ref().filter(|_| meaning == Meaning::Calls);
            hearing.hear(parse(&json), meaning);
            if let Some(tools) = calls {
                tools.hear(&json);
            }
        }
        worker::Notice::Token(request) => {
            let port = port.clone();
            requests.ask(request, move |token| worker::post(&port, Command::Token(request, token)));
        }
        worker::Notice::TokenUnwanted(request) => requests.give_up(request),
        worker::Notice::Wire(told) => hearing.session().iter().for_each(|session| session.recorded(&told)),
        // Said before there was a link, and what the link keeps to itself.
        worker::Notice::Ready | worker::Notice::Stats(..) => {}
    };
    worker::WorkerLink::new(started, asked, on_notice, move |error| {
        if ending.session().is_some() { ending.tell_end(Some(error)) } else { has_failed.set(true) }
    })
}

/// A driver on this page, whose events are told to `hub`.
fn drive_here<E: Clone + 'static>(plan: Plan, opening: &Opening, hub: &Rc<Hub<E>>) -> Rc<Driver> {
    let (hub, tools) = (hub.clone(), opening.options.served.clone());
    let recording = hub.clone();
    let outlet = move |event| {
        hub.tell(&event);
        if let Some(tools) = &tools
            && Meaning::of(&event) == Meaning::Calls
        {
            tools.hear(&event.to_json());
        }
    };
    Driver::new(plan, opening.tokens(), outlet, move |told| {
        recording.session().iter().for_each(|session| session.recorded(&told));
    })
}

fn is_aborted(signal: Option<&AbortSignal>) -> bool {
    signal.is_some_and(AbortSignal::aborted)
}

fn millis(duration: Duration) -> u32 {
    let ms = duration.as_secs().saturating_mul(1000).saturating_add(duration.subsec_millis().into());
    u32::try_from(ms).unwrap_or(u32::MAX)
}

fn no_answer() -> Error {
    let mut error = Error::new(Code::Timeout, "The session's Worker does not answer.")
        .with_remedy("Connect again; `runIn: \"page\"` does without a Worker.");
    error.retryable = true;
    error
}

#[cfg(feature = "js")]
const NO_WORKER: &str = "No Worker could be started: the session runs on the page, where a busy page delays it. Check worker-src.";
/// A Worker that takes longer to start is given up.
#[cfg(feature = "js")]
const START_MS: u32 = 10_000;
/// How much longer than the driver's deadline its word may take.
const GRACE_MS: u32 = 1_000;

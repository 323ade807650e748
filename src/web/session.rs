//! The handle that Rust applications hold.

use std::{
    cell::RefCell,
    pin::Pin,
    rc::{Rc, Weak},
    task::{Context, Poll},
    time::Duration,
};

use futures_core::Stream;
use wasm_bindgen_futures::spawn_local;
use web_sys::AbortSignal;

use super::{
    driver::{Driver, Plan},
    handle::{Handle, Life, closed_early},
    host::Host,
    microphone::{Microphone, MicrophoneOptions},
    queue::{Queue, Slot},
    speaker::{Speaker, SpeakerOptions},
    token::{AccessToken, TokenSource},
};
use crate::{
    error::{Code, Error, Warning},
    event::{Event, State},
    json::Value,
    protocol::{
        client::{self, ClientContent, ContextUpdate, Outgoing, RealtimeInput, ToolResponse},
        endpoint::Endpoint,
        setup::{self, LiveConfig, Prepared, model_checks},
    },
    session::{Input, Policy, Stats},
};

/// What a session is to be. `Default` leaves everything but the model at what is named.
#[derive(Clone, Debug, Default)]
pub struct ConnectOptions {
    /// The model's name, with or without `models/`.
    pub model: String,
    /// The session's configuration.
    pub config: LiveConfig,
    /// Merged into the setup message as it is, for fields newer than this library.
    pub extra_setup: Option<Value>,
    /// Which service to talk to. Default: the real one.
    pub endpoint: Endpoint,
    /// Until `connect` gives up: token, socket and setup together. Default 15 s.
    pub connect_timeout: Option<Duration>,
    /// Allows a bare API key as token. Whoever opens the page can read it.
    pub dangerously_allow_api_key: bool,
    /// Whether known rules of the model are left unchecked.
    pub skips_preflight: bool,
}

/// A conversation with the Live API, driven on the page. It closes when dropped.
#[derive(Debug)]
pub struct LiveSession {
    handle: Rc<Handle>,
    queue: Rc<Queue<Event>>,
}

impl LiveSession {
    /// Opens a session. Each socket asks `token` for a token.
    ///
    /// # Errors
    ///
    /// When the config is unusable, no token can be had, the service refuses, or the time is over.
    pub async fn connect<F, T>(options: ConnectOptions, token: F) -> Result<(Self, Events), Error>
    where
        F: AsyncFn() -> Result<T, Error> + 'static,
        T: Into<AccessToken>,
    {
        let (plan, warnings) = plan(options, token)?;
        let life: Rc<Life> = Rc::default();
        let queue = Rc::new(Queue::new(EVENT_LIMIT));
        let opened: Rc<Slot<Result<(), Error>>> = Rc::default();
        let hearing = Rc::new(Hearing {
            life: life.clone(),
            queue: queue.clone(),
            opened: opened.clone(),
            driver: RefCell::default(),
        });
        let telling = hearing.clone();
        let driver = Driver::new(plan, move |event| telling.on_event(event));
        hearing.driver.replace(Rc::downgrade(&driver));
        let session = Self { handle: Handle::new(Host::Page(driver.clone()), life), queue };
        session.warn(warnings);
        driver.feed(Input::Connect);
        // The session has a deadline for this.
        opened.take().await?;
        let events = Events { queue: session.queue.clone() };
        Ok((session, events))
    }

    /// Where the session is in its life.
    #[must_use]
    pub fn state(&self) -> State {
        self.handle.state()
    }

    /// Says something in writing.
    ///
    /// # Errors
    ///
    /// When the session is not open.
    pub fn send(&self, text: &str) -> Result<(), Error> {
        self.send_realtime_input(RealtimeInput { text: Some(text.to_owned()), ..RealtimeInput::default() })
    }

    /// Sends text, audio, video or activity marks as they happen.
    ///
    /// # Errors
    ///
    /// When the session is not open, or the input is malformed.
    pub fn send_realtime_input(&self, input: RealtimeInput) -> Result<(), Error> {
        self.post(input, client::realtime_input)
    }

    /// Sends turns of the conversation.
    ///
    /// # Errors
    ///
    /// When the session is not open, or the content is malformed.
    pub fn send_client_content(&self, content: ClientContent) -> Result<(), Error> {
        self.post(content, client::client_content)
    }

    /// Answers tool calls.
    ///
    /// # Errors
    ///
    /// When the session is not open, or the response is malformed.
    pub fn send_tool_response(&self, response: ToolResponse) -> Result<(), Error> {
        self.post(response, client::tool_response)
    }

    /// Changes instructions or tools of the open session.
    ///
    /// # Errors
    ///
    /// When the session is not open, or the update is malformed.
    pub fn send_context_update(&self, update: ContextUpdate) -> Result<(), Error> {
        self.post(update, client::context_update)
    }

    /// Opens the microphone and sends what it hears, until it is dropped. Call it from a click or key press.
    ///
    /// # Errors
    ///
    /// When the session is not open, or the device cannot be had.
    pub async fn open_microphone(&self, options: MicrophoneOptions) -> Result<Microphone, Error> {
        self.handle.open_microphone(options).await.map(Microphone)
    }

    /// Opens the speaker and plays the answers, until it is dropped. Call it from a click or key press.
    ///
    /// # Errors
    ///
    /// When the session is not open, or the browser does not start audio.
    pub async fn open_speaker(&self, options: SpeakerOptions) -> Result<Speaker, Error> {
        self.handle.open_speaker(options).await.map(Speaker)
    }

    /// The counters since the session began.
    #[must_use]
    pub fn stats(&self) -> Stats {
        match self.handle.host() {
            Host::Page(driver) => driver.stats(),
            Host::Worker(_) => Stats::default(),
        }
    }

    /// Closes the session, the microphone and the speaker, and waits for the end.
    pub async fn close(&self) {
        self.handle.close().await;
    }

    /// Lets `signal` close the session.
    pub fn obey(&self, signal: AbortSignal) {
        self.handle.obey(signal);
    }

    fn post(
        &self,
        message: impl Into<Value>,
        encode: impl FnOnce(Value) -> Result<Outgoing, Error>,
    ) -> Result<(), Error> {
        let warnings = self.handle.send(encode(message.into()))?;
        self.warn(warnings);
        Ok(())
    }

    fn warn(&self, warnings: Vec<Warning>) {
        for warning in warnings {
            // A full queue fails the session at its next event.
            let _ = self.queue.push(Event::Warning(warning));
        }
    }
}

impl Drop for LiveSession {
    fn drop(&mut self) {
        let handle = self.handle.clone();
        // The closing handshake outlives the handle, and has a deadline.
        spawn_local(async move { handle.close().await });
    }
}

/// The events of a session, in order. Ends after [`Event::Closed`], or with the failure that closed it.
#[derive(Debug)]
pub struct Events {
    queue: Rc<Queue<Event>>,
}

impl Events {
    /// The next event; `None` when the session is over.
    pub async fn next(&mut self) -> Option<Result<Event, Error>> {
        std::future::poll_fn(|context| self.poll(context)).await
    }

    fn poll(&self, context: &mut Context<'_>) -> Poll<Option<Result<Event, Error>>> {
        self.queue.poll_next(context).map(|event| {
            event.map(|event| match event {
                Event::Closed { error: Some(error), .. } => Err(error),
                event => Ok(event),
            })
        })
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.queue.forget();
    }
}

impl Stream for Events {
    type Item = Result<Event, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(context)
    }
}

/// Where the driver's events go.
struct Hearing {
    life: Rc<Life>,
    queue: Rc<Queue<Event>>,
    opened: Rc<Slot<Result<(), Error>>>,
    driver: RefCell<Weak<Driver>>,
}

impl Hearing {
    fn on_event(&self, event: Event) {
        match &event {
            Event::StateChange { state } => self.life.on_state(*state),
            Event::SetupComplete { .. } => self.opened.put(Ok(())),
            Event::Closed { error, .. } => {
                self.opened.put(Err(error.clone().unwrap_or_else(closed_early)));
                self.queue.push_last(event);
                self.queue.end();
                return self.life.on_closed();
            }
            _ => {}
        }
        if !self.queue.push(event)
            && let Some(driver) = self.driver.borrow().upgrade()
        {
            driver.feed(Input::Fail(overflow()));
        }
    }
}

fn plan<F, T>(options: ConnectOptions, token: F) -> Result<(Plan, Vec<Warning>), Error>
where
    F: AsyncFn() -> Result<T, Error> + 'static,
    T: Into<AccessToken>,
{
    let Prepared { setup, mut warnings } =
        setup::prepare(&options.model, options.config, options.extra_setup)?;
    if !options.skips_preflight {
        warnings.extend(model_checks::check(&setup, options.endpoint.version.as_deref()));
    }
    options.endpoint.check()?;
    let mut policy = Policy::default();
    policy.connect = options.connect_timeout.unwrap_or(policy.connect);
    let token = Rc::new(token);
    let provider = move |_: AbortSignal| -> super::token::TokenFuture {
        let token = token.clone();
        Box::pin(async move { token().await.map(Into::into) })
    };
    let plan = Plan {
        setup,
        policy,
        endpoint: options.endpoint,
        tokens: TokenSource::Provider(Rc::new(provider)),
        allows_api_key: options.dangerously_allow_api_key,
    };
    Ok((plan, warnings))
}

fn overflow() -> Error {
    Error::new(Code::EventOverflow, "The application did not take its events: the queue is full.")
        .with_remedy("Take events as they come and do slow work elsewhere, or drop `Events`.")
}

const EVENT_LIMIT: usize = 4096;

//! The handle that Rust applications hold.

use std::{
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use futures_core::Stream;
use web_sys::AbortSignal;

use crate::web::{
    driver::{Driver, command::Command},
    page::{
        connect,
        device::Wish,
        handle::Handle,
        hub::{Cursor, Hub, Taken},
        live_tool::served,
        microphone::{Microphone, MicrophoneOptions},
        options::ConnectOptions,
        recording::{RecordOptions, Recording},
        speaker::{Speaker, SpeakerOptions},
    },
    sys::task::spawn_local,
};
use crate::{
    error::Error,
    event::{AudioState, Event, LiveTurn, LiveUsage, State},
    json::Value,
    protocol::{
        client::{self, ClientContent, ContextUpdate, Outgoing, RealtimeInput, ToolResponse},
        setup::Content,
    },
    session::Stats,
};

/// A conversation with the Live API, driven on the page. It closes when dropped.
pub struct LiveSession {
    handle: Rc<Handle>,
    driver: Rc<Driver>,
    hub: Rc<Hub<Event>>,
}

impl std::fmt::Debug for LiveSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LiveSession").field("state", &self.state()).finish_non_exhaustive()
    }
}

impl LiveSession {
    /// Opens a session.
    ///
    /// # Errors
    ///
    /// When the config is unusable, no token can be had, the service refuses, the time is over, or a device that was
    /// wished for cannot be had.
    pub async fn connect(options: ConnectOptions) -> Result<(Self, Events), Error> {
        let hub = Hub::new(options.event_queue_limit, options.turns, |event| Event::from(event.clone()));
        let events = Events { cursor: hub.consume() };
        let mut options = served(options)?;
        options.recorder = options.record.map(RecordOptions::recorder).transpose()?;
        let (handle, driver) = connect::on_page(options, &hub).await?;
        Ok((Self { handle, driver, hub }, events))
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
        self.send_realtime_input(RealtimeInput::text(text))
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

    /// The turns of the conversation, oldest first, each as the latest [`Event::Turn`] had it.
    #[must_use]
    pub fn turns(&self) -> Vec<LiveTurn> {
        let turn = |event| if let Event::Turn { turn } = event { Some(*turn) } else { None };
        self.hub.turns().into_iter().filter_map(turn).collect()
    }

    /// The conversation as turns of client content: what was said and heard. To store, or to begin another session with.
    #[must_use]
    pub fn history(&self) -> Vec<Content> {
        self.turns().iter().filter_map(LiveTurn::to_content).collect()
    }

    /// The tokens that the session has used, and their cost where there are prices; nothing before the first turn's.
    #[must_use]
    pub fn usage(&self) -> Option<LiveUsage> {
        let usage = |event| if let Event::Usage { usage } = event { Some(*usage) } else { None };
        self.hub.usage().and_then(usage)
    }

    /// Silences the answer at once. Nothing more of it is heard; the next one is.
    ///
    /// # Errors
    ///
    /// When the session is not open.
    pub fn interrupt(&self) -> Result<(), Error> {
        self.handle.wish(Command::Interrupt)
    }

    /// Push-to-talk: the user begins to talk. From the first time on the microphone is heard only until
    /// [`stop_talking`](Self::stop_talking).
    ///
    /// # Errors
    ///
    /// When the session is not open.
    pub fn start_talking(&self) -> Result<(), Error> {
        self.handle.wish(Command::Talk(true))
    }

    /// Push-to-talk: the user has said it.
    ///
    /// # Errors
    ///
    /// When the session is not open.
    pub fn stop_talking(&self) -> Result<(), Error> {
        self.handle.wish(Command::Talk(false))
    }

    /// The microphone that is open. It is the session's: dropping this answer leaves it on.
    #[must_use]
    pub fn microphone(&self) -> Option<Microphone> {
        self.handle.microphone().map(|device| Microphone::new(device, false))
    }

    /// The speaker that is open. It is the session's: dropping this answer leaves it on.
    #[must_use]
    pub fn speaker(&self) -> Option<Speaker> {
        self.handle.speaker().map(|device| Speaker::new(device, false))
    }

    /// Opens the microphone and sends what it hears, until it is dropped. Call it from a click or key press.
    ///
    /// A session has one: another that is open is stopped. Of two that are being opened at once the later stays; the
    /// earlier comes already stopped.
    ///
    /// # Errors
    ///
    /// When the session is not open, or the device cannot be had.
    pub async fn open_microphone(&self, options: MicrophoneOptions) -> Result<Microphone, Error> {
        self.handle.open(Wish::Microphone(options)).await.map(|device| Microphone::new(device, true))
    }

    /// Opens the speaker and plays the answers, until it is dropped. Call it from a click or key press.
    ///
    /// A session has one: another that is open is stopped as soon as this one plays. Of two that are being opened at once
    /// the later stays; the earlier comes already stopped.
    ///
    /// # Errors
    ///
    /// When the session is not open, or the browser does not start audio.
    pub async fn open_speaker(&self, options: SpeakerOptions) -> Result<Speaker, Error> {
        self.handle.open(Wish::Speaker(options)).await.map(|device| Speaker::new(device, true))
    }

    /// Whether the browser lets the devices sound and hear; `None` as long as there are none, or they start.
    #[must_use]
    pub fn audio_state(&self) -> Option<AudioState> {
        self.handle.graph().audio_state()
    }

    /// Has the devices sound and hear again where the browser has not let them. Call it from a click or key press.
    ///
    /// # Errors
    ///
    /// When the browser still does not.
    pub async fn resume_audio(&self) -> Result<(), Error> {
        self.handle.graph().resume().await
    }

    /// Makes a lost connection again now: without waiting for the next attempt, or for the browser to be online. Does
    /// nothing while there is one.
    pub fn retry_now(&self) {
        self.handle.retry();
    }

    /// Records what goes over the wire from now on, with the setup of the connection that is there. A session has one
    /// recording: another that is on ends. [`ConnectOptions::record`] begins with the first connection.
    ///
    /// # Errors
    ///
    /// When the session is not open, or the bytes to keep are fewer than 65 536 or more than 2^30.
    pub fn record(&self, options: RecordOptions) -> Result<Recording, Error> {
        options.recorder().and_then(|recorder| self.handle.record(recorder)).map(Recording::of)
    }

    /// The latest recording. It may be over.
    #[must_use]
    pub fn recording(&self) -> Option<Recording> {
        self.handle.recorder().map(Recording::of)
    }

    /// The counters since the session began.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.driver.stats()
    }

    /// Closes the session, the microphone and the speaker, and waits for the end.
    pub async fn close(&self) {
        self.handle.close().await;
    }

    /// Lets `signal` close the session. One that is aborted already closes it now.
    pub fn abort_on(&self, signal: AbortSignal) {
        self.handle.abort_on(signal);
    }

    fn post(
        &self,
        message: impl Into<Value>,
        encode: impl FnOnce(Value) -> Result<Outgoing, Error>,
    ) -> Result<(), Error> {
        let warnings = self.handle.send(|| encode(message.into()))?;
        self.hub.warn(warnings);
        Ok(())
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
pub struct Events {
    cursor: Cursor<Event>,
}

impl std::fmt::Debug for Events {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}

impl Events {
    /// The next event; `None` when the session is over.
    pub async fn next(&mut self) -> Option<Result<Event, Error>> {
        std::future::poll_fn(|context| self.poll(context)).await
    }

    fn poll(&self, context: &Context<'_>) -> Poll<Option<Result<Event, Error>>> {
        self.cursor.poll(context).map(|taken| match taken {
            Taken::Event(Event::Closed { error: Some(error), .. }) => Some(Err(error)),
            Taken::Event(event) => Some(Ok(event)),
            // Told with the last event.
            Taken::Failure(_) | Taken::Nothing => None,
        })
    }
}

impl Stream for Events {
    type Item = Result<Event, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(context)
    }
}

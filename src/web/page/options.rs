//! The options of `connect`, and the plan that is made of them.

use std::{fmt, ops::RangeInclusive, time::Duration};

use wasm_bindgen::JsValue;
use web_sys::AbortSignal;

use crate::web::{
    driver::{
        plan::Plan,
        token::{Source, TokenSource},
    },
    page::{
        keepsake::Keepsake,
        live_tool::LiveTool,
        microphone::MicrophoneOptions,
        recording::{RecordOptions, Recorder},
        speaker::SpeakerOptions,
        tools::Tools,
    },
    sys::value::navigator,
};
use crate::{
    error::{Code, Error, Warning},
    json::Value,
    protocol::{
        endpoint::{Credential, Endpoint, KEY_VERSION},
        setup::{self, Lasting, LiveConfig, Prepared, Setup, TurnDetection, model_checks},
    },
    session::{BargeInPolicy, Budget, Policy, Prices, RetryPolicy},
};

/// What a session is to be: the options of `connect`, in Rust and in JavaScript.
///
/// Begin with [`new`](Self::new), then set what is to be otherwise.
#[derive(Clone)]
#[non_exhaustive]
pub struct ConnectOptions {
    /// The model's name, with or without `models/`.
    pub model: String,
    /// Where tokens come from; asked for each socket.
    pub token: TokenSource,
    pub(in crate::web) config: Value,
    /// Functions that answer the model's calls of them. What they declare is added to the tools of the config.
    pub tools: Vec<LiveTool>,
    /// The same as they answer, in either language.
    pub(in crate::web) served: Option<Tools>,
    /// Records what goes over the wire from the first connection on. Default: nothing.
    pub record: Option<RecordOptions>,
    /// The same in either language.
    pub(in crate::web) recorder: Option<Recorder>,
    /// Merged into the setup message as it is, for fields newer than this library.
    pub extra_setup: Option<Value>,
    /// Whether a connection that is lost, or that the service goes away from, is made again, with the conversation if
    /// the service still knows it. Default `true`; without it the session ends with its connection.
    pub resumption: bool,
    /// How a lost connection is made again: the pauses between attempts, and their end.
    pub retry: RetryPolicy,
    /// How long the service may say nothing, to what it was asked or in the middle of an answer, before another connection is tried.
    /// For audio alone it is three times as long. Default 20 s.
    pub silence: Duration,
    /// How much of the microphone's audio is kept while there is no connection: the oldest is dropped. Default 20 s.
    pub hold: Duration,
    /// Whether a service that has forgotten the conversation is told what was said and heard, as far as there are words for it.
    /// Default `true`.
    pub reseed: bool,
    /// Whether context window compression is asked for where the config says nothing of it: without, a session ends after
    /// fifteen minutes. Default `true`.
    pub compression: bool,
    /// A key of the tab's session storage under which the session's handle is kept: the next session with this key, after a
    /// reload, goes on with the conversation. Whoever reads the storage can do so as well, with a token.
    pub persist: Option<String>,
    /// Aborts the pending connect, or closes the open session.
    pub signal: Option<AbortSignal>,
    /// Opens the speaker before the service is dialled, so that nothing it says first is lost. Call `connect` from a click
    /// or key press then.
    pub speaker: Option<SpeakerOptions>,
    /// Opens the microphone before the service is dialled. Call `connect` from a click or key press then.
    pub microphone: Option<MicrophoneOptions>,
    /// Which service to talk to. Default: the real one.
    pub endpoint: Endpoint,
    /// Until `connect` gives up: token, socket and setup together. Default 15 s.
    pub connect_timeout: Option<Duration>,
    /// Allows a bare API key as token. Whoever opens the page can read it.
    pub dangerously_allow_api_key: bool,
    /// Whether known rules of the model are checked beforehand and told as warnings. Default `true`.
    pub model_checks: bool,
    /// Events that may wait for the application before the session fails with `event-overflow`. Default 4096.
    pub event_queue_limit: usize,
    /// Turns of the conversation that are kept and told of by `turn` events; with 0 none are. Default 100.
    pub turns: u32,
    /// Push-to-talk: the microphone is heard only between `start_talking` and `stop_talking`. Default `false`.
    pub push_to_talk: bool,
    /// What push-to-talk sends of what was said before it began. Default 200 ms.
    pub pre_roll: Duration,
    /// Frame length: how much of the microphone's audio one message holds, 10 to 100 ms. Shorter ones arrive sooner, by half of the
    /// difference on average, and are more messages. Default 20 ms.
    pub frame: Duration,
    /// Half duplex: the microphone is held while an answer is played. Default `false`.
    pub half_duplex: bool,
    /// Echo gate: how much has to be played, since a speaker or a microphone was opened, before the microphone is heard over it. For
    /// echo cancellers that learn what to cancel by hearing it. Default 700 ms in WebKit's browsers, and nothing in others.
    pub echo_gate: Option<Duration>,
    /// Barge-in: whether an answer falls silent as soon as this side hears the user speak over it, before the service says
    /// `interrupted`. Default not.
    pub barge_in: Option<BargeInPolicy>,
    /// Turn detection: how soon the service takes the user to have finished, under one name. What the config says of
    /// `automatic_activity_detection` wins. Default the service's own.
    pub turn_detection: Option<TurnDetection>,
    /// What a million tokens cost. Default nothing: this library knows no prices.
    pub prices: Prices,
    /// What the session may use: then it ends with `budget-exhausted`. Default without bound.
    pub budget: Budget,
    /// Wake lock: whether the screen stays on while the session is open and its page seen, where the browser can do that. Default
    /// `false`.
    pub wake_lock: bool,
    /// `latencyHint` of the audio context that microphone and speaker share: `"interactive"`, `"balanced"`, `"playback"`, or seconds.
    /// Default the browser's own, `"interactive"`, and a calmer one once the machine was too slow for that. With 0 some machines play
    /// holes.
    pub latency_hint: Option<ContextHint>,
    /// `renderSizeHint` of that context, where the browser has it: `"default"`, `"hardware"`, or samples. Default the browser's own.
    pub render_size_hint: Option<ContextHint>,
    /// The address of `live-audio.js`, where a content security policy asks for your own.
    pub worklet_url: Option<String>,
}

/// What an audio context is wished to be: a word that the browser knows, or a number.
#[derive(Clone, Debug)]
pub struct ContextHint(pub(in crate::web) JsValue);

impl From<&str> for ContextHint {
    fn from(word: &str) -> Self {
        Self(word.into())
    }
}

impl From<f64> for ContextHint {
    fn from(number: f64) -> Self {
        Self(number.into())
    }
}

impl ConnectOptions {
    /// A session with this model, whose tokens come from there; everything else as by default.
    pub fn new(model: impl Into<String>, token: impl Into<TokenSource>) -> Self {
        Self {
            model: model.into(),
            token: token.into(),
            config: Value::Null,
            tools: Vec::new(),
            served: None,
            record: None,
            recorder: None,
            extra_setup: None,
            resumption: true,
            retry: RetryPolicy::default(),
            silence: Policy::default().silence,
            hold: Policy::default().hold_reconnecting,
            reseed: true,
            compression: true,
            persist: None,
            signal: None,
            speaker: None,
            microphone: None,
            endpoint: Endpoint::default(),
            connect_timeout: None,
            dangerously_allow_api_key: false,
            model_checks: true,
            event_queue_limit: 4096,
            turns: Policy::default().turns,
            push_to_talk: false,
            pre_roll: Policy::default().pre_roll,
            frame: Policy::default().frame,
            half_duplex: false,
            echo_gate: None,
            barge_in: None,
            turn_detection: None,
            prices: Prices::default(),
            budget: Budget::default(),
            wake_lock: false,
            latency_hint: None,
            render_size_hint: None,
            worklet_url: None,
        }
    }

    /// The same with this configuration of the session.
    #[must_use]
    pub fn with_config(mut self, config: LiveConfig) -> Self {
        self.config = config.into();
        self
    }

    /// The same with this function.
    #[must_use]
    pub fn with_tool(mut self, tool: LiveTool) -> Self {
        self.tools.push(tool);
        self
    }

    /// The version of the API, as far as it is known before there is a token.
    fn version(&self) -> Option<&str> {
        let is_token = match &self.token.0 {
            Source::Fixed(token) => !Credential::detect(token.as_str()).is_api_key(),
            // Who allows a key may still give tokens: what is not known is not warned of.
            Source::Url(_) | Source::Provider(_) => true,
        };
        self.endpoint.version.as_deref().or(if is_token { None } else { Some(KEY_VERSION) })
    }

    /// The plan that they make, and what is to be said about them.
    pub(in crate::web) fn plan(&mut self) -> Result<(Plan, Vec<Warning>), Error> {
        let mut config = std::mem::take(&mut self.config);
        let wished = Lasting { resumption: self.resumption, compression: self.compression };
        setup::lasting(&self.model, &mut config, wished);
        let Prepared { mut setup, mut warnings } =
            setup::prepare(&self.model, config, self.extra_setup.take())?;
        if let Some(detection) = self.turn_detection {
            setup = setup.with_turn_detection(detection)?;
        }
        if self.model_checks {
            warnings.extend(model_checks::check(&setup, self.version()));
        }
        self.endpoint.check()?;
        self.budget.check(&self.prices)?;
        if !FRAMES.contains(&self.frame) {
            return Err(Error::new(Code::InvalidOption, "`frameMs` is not a number from 10 to 100.")
                .with_field("frameMs"));
        }
        self.token.resolve()?;
        let token_url = match &self.token.0 {
            Source::Url(url) => Some(url.clone()),
            Source::Fixed(_) | Source::Provider(_) => None,
        };
        let mut policy = Policy::default();
        policy.connect = self.connect_timeout.unwrap_or(policy.connect);
        policy.model_checks = self.model_checks;
        policy.resumption = self.resumption;
        policy.retry = self.retry;
        policy.silence = self.silence;
        policy.hold_reconnecting = self.hold;
        if !self.reseed {
            policy.reseed_bytes = 0;
        }
        policy.seed = (js_sys::Math::random() * f64::from(u32::MAX)) as u32;
        if let Some(handle) = self.kept_handle(&setup) {
            setup = setup.with_handle(Some(&handle));
            policy.fresh_if_stale = true;
        }
        policy.turns = self.turns;
        policy.push_to_talk = self.push_to_talk;
        policy.pre_roll = self.pre_roll.min(MOST_PRE_ROLL);
        policy.frame = self.frame;
        policy.half_duplex = self.half_duplex;
        policy.echo_gate = self.echo_gate.unwrap_or_else(usual_gate);
        policy.barge_in = self.barge_in;
        policy.prices = self.prices;
        policy.budget = self.budget;
        let plan = Plan {
            setup,
            policy,
            endpoint: self.endpoint.clone(),
            token_url,
            allows_api_key: self.dangerously_allow_api_key,
        };
        Ok((plan, warnings))
    }

    /// What the audio context is made with.
    pub(in crate::web) fn hints(&self) -> Vec<(&'static str, JsValue)> {
        let hints = [("latencyHint", &self.latency_hint), ("renderSizeHint", &self.render_size_hint)];
        hints.into_iter().filter_map(|(name, hint)| Some((name, hint.as_ref()?.0.clone()))).collect()
    }

    /// The handle that was kept by a session before this page was loaded, unless the application has one of its own.
    fn kept_handle(&self, setup: &Setup) -> Option<String> {
        let is_wanted = setup.wants_resumption() && setup.at("sessionResumption.handle").is_none();
        self.keepsake().filter(|_| is_wanted)?.handle()
    }

    /// Where this session's handle is kept.
    pub(in crate::web) fn keepsake(&self) -> Option<Keepsake> {
        self.persist.clone().filter(|_| self.resumption).map(Keepsake::new)
    }
}

/// Only WebKit's is known to need it.
fn usual_gate() -> Duration {
    let vendor = navigator("vendor").as_string().unwrap_or_default();
    if vendor.starts_with("Apple") { Duration::from_millis(700) } else { Duration::ZERO }
}

/// Below, a message is more head than sound; above, the service hears the end of a sentence late.
const FRAMES: RangeInclusive<Duration> = Duration::from_millis(10)..=Duration::from_millis(100);
/// What was said longer ago belongs to nothing that is said now.
const MOST_PRE_ROLL: Duration = Duration::from_secs(5);

impl fmt::Debug for ConnectOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectOptions").field("model", &self.model).finish_non_exhaustive()
    }
}

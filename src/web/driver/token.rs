//! Where tokens come from: asked for each socket, used once, kept by nobody.

use std::{
    cell::RefCell,
    fmt,
    future::{Future, ready},
    pin::Pin,
    rc::Rc,
};

use gloo_net::http::Response;
use js_sys::Promise;
use wasm_bindgen::{JsCast, prelude::*};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal, RequestInit, Url};

use crate::web::sys::{
    channel::{Latch, Oneshot, all_until},
    task::spawn_local,
    timer::now,
    value,
};
use crate::{
    error::{Code, Error},
    json::digits,
    protocol::{
        endpoint::{Credential, TOKEN_KEPT_MS},
        unix_ms,
    },
};

/// What a provider gives: a token, and until when a session can be begun with it.
#[derive(Clone, PartialEq)]
pub struct AccessToken {
    pub(in crate::web) token: String,
    /// Milliseconds since 1970.
    pub(in crate::web) deadline_ms: Option<f64>,
}

impl AccessToken {
    /// The token itself, `auth_tokens/…`.
    pub fn new(token: impl Into<String>) -> Self {
        Self { token: token.into(), deadline_ms: None }
    }

    /// The same token, known to begin no session after `time`: the backend's `newSessionExpireTime` or
    /// `expireTime`, in RFC 3339. Of several the earliest counts; a time that is none is left out.
    #[must_use]
    pub fn until(mut self, time: &str) -> Self {
        let known = self.deadline_ms.unwrap_or(f64::INFINITY);
        if let Some(deadline) = unix_ms(time) {
            self.deadline_ms = Some(known.min(deadline));
        }
        self
    }

    /// Whether a socket opened now would be refused.
    fn is_stale(&self) -> bool {
        self.deadline_ms.is_some_and(|deadline| deadline < js_sys::Date::now() + HANDSHAKE_MS)
    }

    pub(in crate::web) fn as_str(&self) -> &str {
        &self.token
    }
}

impl From<String> for AccessToken {
    fn from(token: String) -> Self {
        Self::new(token)
    }
}

impl From<&str> for AccessToken {
    fn from(token: &str) -> Self {
        Self::new(token)
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(…)")
    }
}

pub(in crate::web) type TokenFuture = Pin<Box<dyn Future<Output = Result<AccessToken, Error>>>>;

/// Where tokens come from. It is asked once for each socket.
///
/// A text is the URL of a token endpoint if it begins as one (`/`, `./`, `../`, `http:`, `https:`), or a token otherwise.
#[derive(Clone)]
pub struct TokenSource(pub(in crate::web) Source);

#[derive(Clone)]
pub(in crate::web) enum Source {
    /// The application's token endpoint.
    Url(String),
    /// One token, for every socket.
    Fixed(AccessToken),
    /// The application itself.
    Provider(Rc<dyn Fn(AbortSignal) -> TokenFuture>),
}

impl TokenSource {
    /// A function of the application.
    ///
    /// Its failure ends a `connect`. An open session that needs another connection asks again, for as long as its
    /// [`retry`](crate::ConnectOptions::retry) says, if the failure is `retryable` or of [`Code::TokenUnavailable`]: a network
    /// that is away is a backend that is away. Any other failure ends the session.
    pub fn provider<F, T>(provide: F) -> Self
    where
        F: AsyncFn() -> Result<T, Error> + 'static,
        T: Into<AccessToken>,
    {
        let provide = Rc::new(provide);
        Self(Source::Provider(Rc::new(move |_| {
            let provide = provide.clone();
            Box::pin(async move { provide().await.map(Into::into).map_err(passing) })
        })))
    }

    /// The same with the endpoint's address as seen from the page: a Worker's own base is another.
    pub(in crate::web) fn resolve(&mut self) -> Result<(), Error> {
        if let Source::Url(url) = &mut self.0 {
            *url = absolute(url)?;
        }
        Ok(())
    }

    /// The same source, whose first token is asked for at once: meanwhile devices and the Worker are made ready. It is given up
    /// when nobody can want it any more.
    pub(in crate::web) fn ahead(self) -> Result<Self, Error> {
        if let Source::Fixed(_) = self.0 {
            return Ok(self);
        }
        let answer: Rc<Oneshot<_>> = Rc::default();
        let answering = answer.clone();
        let then = Box::new(move |token| answering.put((token, now())));
        let asking = RefCell::new(Some(Asking::begin(self.clone(), then)?));
        let later = self.clone();
        let first = Self(Source::Provider(Rc::new(move |signal| {
            let (asking, answer, later) = (asking.take(), answer.clone(), later.clone());
            Box::pin(async move {
                // Dropped with this, it aborts what has not been answered.
                let Some(mut asking) = asking else { return later.ask(&signal).await };
                let answered = answer.take().await;
                asking.is_answered();
                match answered {
                    Some((token, at)) if now().ms_since(at) < TOKEN_KEPT_MS => token,
                    _ => later.ask(&signal).await,
                }
            })
        })));
        Ok(Self::in_turn(first, self))
    }

    /// The first token from `first`, all others from `then`.
    pub(in crate::web) fn in_turn(first: Self, then: Self) -> Self {
        let first = RefCell::new(Some(first));
        Self(Source::Provider(Rc::new(move |signal| {
            let first = first.borrow_mut().take();
            first.as_ref().unwrap_or(&then).ask(&signal)
        })))
    }

    /// A token for the socket that is opened next.
    pub(in crate::web) async fn get(self, signal: AbortSignal) -> Result<AccessToken, Error> {
        let token = self.ask(&signal).await?;
        // A provider may keep its tokens too long. Asked again it can do better; if it cannot, the service
        // decides: this side's clock may be wrong.
        if token.is_stale() { self.ask(&signal).await } else { Ok(token) }
    }

    fn ask(&self, signal: &AbortSignal) -> TokenFuture {
        match &self.0 {
            Source::Url(url) => Box::pin(fetch(url.clone(), signal.clone())),
            Source::Fixed(token) => Box::pin(ready(Ok(token.clone()))),
            Source::Provider(provider) => provider(signal.clone()),
        }
    }
}

impl From<AccessToken> for TokenSource {
    fn from(token: AccessToken) -> Self {
        Self(Source::Fixed(token))
    }
}

impl From<String> for TokenSource {
    fn from(text: String) -> Self {
        let is_url = ["/", "./", "../", "http:", "https:"].iter().any(|prefix| text.starts_with(prefix));
        if is_url { Self(Source::Url(text)) } else { AccessToken::new(text).into() }
    }
}

impl From<&str> for TokenSource {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSource(…)")
    }
}

fn absolute(url: &str) -> Result<String, Error> {
    let document = web_sys::window().and_then(|window| window.document());
    let base = document.and_then(|document| document.base_uri().ok().flatten()).unwrap_or_default();
    Url::new_with_base(url, &base)
        .map(|url| url.href())
        .map_err(|_| Error::new(Code::InvalidOption, "`token` is not a valid URL.").with_field("token"))
}

/// What a token is, by its form; a bare API key only if the application insists. What is neither goes nowhere: it may be a
/// page that the endpoint answered with.
pub(in crate::web) fn credential(token: &AccessToken, allows_api_key: bool) -> Result<Credential, Error> {
    let credential = Credential::detect(token.as_str());
    match &credential {
        Credential::Token(text) if is_word(text) => return Ok(credential),
        Credential::ApiKey(key) if is_word(key) && allows_api_key => return Ok(credential),
        Credential::ApiKey(key) if is_word(key) && (key.starts_with("AIza") || key.len() >= KEY_LENGTH) => {}
        Credential::ApiKey(key) if key.is_empty() => {
            return Err(unavailable("The token provider gave an empty token."));
        }
        Credential::Token(_) | Credential::ApiKey(_) => return Err(no_token()),
    }
    Err(Error::new(
        Code::ApiKeyRefused,
        "This is no ephemeral token (auth_tokens/…); it looks like an API key.",
    )
    .with_remedy(
        "Let your backend mint an ephemeral token. Only where nobody else can open the page, \
             set dangerouslyAllowApiKey.",
    )
    .with_field("token"))
}

/// Whether this has the form of a credential: one word of moderate length, and nothing of a page's or of JSON's text.
fn is_word(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"<>{}\"'\\".contains(&byte);
    text.len() <= CREDENTIAL_BYTES && !text.is_empty() && text.bytes().all(is_plain)
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = fetch, catch)]
    fn fetch_global(url: &str, init: &RequestInit) -> Result<Promise, JsValue>;
}

async fn fetch(url: String, signal: AbortSignal) -> Result<AccessToken, Error> {
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_signal(Some(&signal));
    // Not by gloo's builder: it puts queries together, and would be all that needs `core::fmt` here. Nor sent by gloo: what
    // the page put in the place of `fetch` may reject with anything, and gloo panics at what is no `Error`.
    let sent = fetch_global(&url, &init).map_err(|_| unreached())?;
    let response = JsFuture::from(sent).await.map_err(|_| unreached())?;
    let response = Response::from(response.dyn_into::<web_sys::Response>().map_err(|_| unreached())?);
    if !response.ok() {
        return Err(refused(&response));
    }
    // Nor read by gloo, which panics where that throws.
    let read = web_sys::Response::from(response).text().map_err(|_| broken_off())?;
    let text = JsFuture::from(read).await.map_err(|_| broken_off())?;
    parse(text.as_string().unwrap_or_default().trim())
}

/// The token in an endpoint's answer: a JSON object with `token` (or the service's own `name`), or the text alone.
fn parse(text: &str) -> Result<AccessToken, Error> {
    let Ok(value) = js_sys::JSON::parse(text) else { return Ok(AccessToken::new(text)) };
    from_js(&value)
}

/// The token in what a provider gave: a string, or an object with `token`.
pub(in crate::web) fn from_js(value: &JsValue) -> Result<AccessToken, Error> {
    if let Some(token) = value.as_string() {
        return Ok(AccessToken::new(token));
    }
    let field = |name: &str| value::field(value, name).as_string();
    if value.is_object()
        && let Some(token) = field("token").or_else(|| field("name"))
    {
        let times = ["newSessionExpireTime", "expireTime"].into_iter().filter_map(field);
        return Ok(times.fold(AccessToken::new(token), |token, time| token.until(&time)));
    }
    Err(unavailable("The token provider gave no token.")
        .with_remedy("Answer with a string, or with an object that has a `token`."))
}

/// A token that is being asked for. Dropping this gives it up: the signal aborts, and nothing is held any longer for an answer
/// that may never come.
pub(in crate::web) struct Asking {
    /// Taken out when the answer has come.
    controller: Option<AbortController>,
    stop: Rc<Latch>,
}

impl Asking {
    /// Asks, and tells `then` what came of it, unless it is given up before.
    pub(in crate::web) fn begin(
        tokens: TokenSource,
        then: Box<dyn FnOnce(Result<AccessToken, Error>)>,
    ) -> Result<Self, Error> {
        let controller = AbortController::new()
            .map_err(|_| Error::new(Code::Unsupported, "This browser has no AbortController."))?;
        let signal = controller.signal();
        let stop: Rc<Latch> = Rc::default();
        let stopping = stop.clone();
        spawn_local(async move {
            let mut token = None;
            all_until(&stopping, vec![Box::pin(async { token = Some(tokens.get(signal).await) })]).await;
            if let Some(token) = token {
                then(token);
            }
        });
        Ok(Self { controller: Some(controller), stop })
    }

    /// The answer has come: what the asking left behind need not be aborted. Says whether it was the first.
    pub(in crate::web) fn is_answered(&mut self) -> bool {
        self.controller.take().is_some()
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        if let Some(controller) = &self.controller {
            controller.abort();
        }
        self.stop.set();
    }
}

fn no_token() -> Error {
    unavailable("What came for a token is none (auth_tokens/…).").with_remedy(
        "Look at what the token endpoint or the `token` function answers: a page or an error in words, perhaps. \
             A URL begins with `/`, `./` or `https:`.",
    )
}

pub(in crate::web) fn unavailable(message: &str) -> Error {
    Error::new(Code::TokenUnavailable, message).with_field("token")
}

fn unreached() -> Error {
    retryable(
        unavailable("The token endpoint could not be reached.")
            .with_remedy("Check its URL, and CORS if it is on another origin."),
    )
}

fn broken_off() -> Error {
    retryable(unavailable("The token endpoint's answer broke off."))
}

fn refused(response: &Response) -> Error {
    let status = digits(response.status().into());
    let error = unavailable(&["The token endpoint answered with status ", &status, "."].concat())
        .with_remedy("Look at the backend's log.");
    // Asked too early or too often, or something is down.
    let may_pass = matches!(response.status(), 408 | 425 | 429 | 500..);
    if may_pass { retryable(error) } else { error }
}

/// What a provider failed with. Where that is only that there was no token, there may be one later.
fn passing(error: Error) -> Error {
    if error.code == Code::TokenUnavailable { retryable(error) } else { error }
}

pub(in crate::web) fn retryable(mut error: Error) -> Error {
    error.retryable = true;
    error
}

/// What opening a socket may take.
const HANDSHAKE_MS: f64 = 2_000.0;
/// Far above the length of any token, far below that of a page.
const CREDENTIAL_BYTES: usize = 4_096;
/// A word this long may be a key; a shorter one is a slip.
const KEY_LENGTH: usize = 20;

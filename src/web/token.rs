//! Where tokens come from: asked for each socket, used once, kept by nobody.

use std::{fmt, future::Future, pin::Pin, rc::Rc};

use gloo_net::http::{Request, Response};
use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, AbortSignal};

use crate::{
    error::{Code, Error},
    protocol::{endpoint::Credential, unix_ms},
};

/// What a provider gives: a token, and until when a session can be begun with it.
#[derive(Clone)]
pub struct AccessToken {
    token: String,
    /// Milliseconds since 1970.
    deadline_ms: Option<f64>,
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

    pub(super) fn as_str(&self) -> &str {
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

pub(super) type TokenFuture = Pin<Box<dyn Future<Output = Result<AccessToken, Error>>>>;

/// Asked once for each socket.
#[derive(Clone)]
pub(super) enum TokenSource {
    /// The application's token endpoint, as an absolute URL.
    Url(String),
    /// The application itself.
    Provider(Rc<dyn Fn(AbortSignal) -> TokenFuture>),
}

impl TokenSource {
    /// A token for the socket that is opened next.
    pub(super) async fn get(&self, signal: AbortSignal) -> Result<AccessToken, Error> {
        let token = self.ask(signal.clone()).await?;
        // A provider may keep its tokens too long. Asked again it can do better; if it cannot, the service
        // decides: this side's clock may be wrong.
        if token.is_stale() { self.ask(signal).await } else { Ok(token) }
    }

    async fn ask(&self, signal: AbortSignal) -> Result<AccessToken, Error> {
        match self {
            Self::Url(url) => fetch(url, signal).await,
            Self::Provider(provider) => provider(signal).await,
        }
    }
}

/// What a token is, by its form; a bare API key only if the application insists.
pub(super) fn credential(token: &AccessToken, allows_api_key: bool) -> Result<Credential, Error> {
    let credential = Credential::detect(token.as_str());
    match &credential {
        Credential::Token(_) => return Ok(credential),
        Credential::ApiKey(key) if key.is_empty() => {
            return Err(unavailable("The token provider gave an empty token."));
        }
        Credential::ApiKey(_) if allows_api_key => return Ok(credential),
        Credential::ApiKey(_) => {}
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

async fn fetch(url: &str, signal: AbortSignal) -> Result<AccessToken, Error> {
    let response = Request::post(url).abort_signal(Some(&signal)).send().await.map_err(|_| {
        retryable(
            unavailable("The token endpoint could not be reached.")
                .with_remedy("Check its URL, and CORS if it is on another origin."),
        )
    })?;
    if !response.ok() {
        return Err(refused(&response));
    }
    let text = response.text().await.map_err(|_| unavailable("The token endpoint's answer broke off."))?;
    parse(text.trim())
}

/// The token in an endpoint's answer: a JSON object with `token` (or the service's own `name`), or the text alone.
fn parse(text: &str) -> Result<AccessToken, Error> {
    let Ok(value) = js_sys::JSON::parse(text) else { return Ok(AccessToken::new(text)) };
    from_js(&value)
}

/// The token in what a provider gave: a string, or an object with `token`.
pub(super) fn from_js(value: &JsValue) -> Result<AccessToken, Error> {
    if let Some(token) = value.as_string() {
        return Ok(AccessToken::new(token));
    }
    let field = |name: &str| Reflect::get(value, &name.into()).ok().and_then(|field| field.as_string());
    if value.is_object()
        && let Some(token) = field("token").or_else(|| field("name"))
    {
        return Ok(AccessToken::new(token));
    }
    Err(unavailable("The token provider gave no token.")
        .with_remedy("Answer with a string, or with an object that has a `token`."))
}

/// What lets a request for a token be given up.
pub(super) fn controller() -> Result<AbortController, Error> {
    AbortController::new().map_err(|_| Error::new(Code::Unsupported, "This browser has no AbortController."))
}

pub(super) fn unavailable(message: &str) -> Error {
    Error::new(Code::TokenUnavailable, message).with_field("token")
}

fn refused(response: &Response) -> Error {
    let status = response.status().to_string();
    let error = unavailable(&["The token endpoint answered with status ", &status, "."].concat())
        .with_remedy("Look at the backend's log.");
    if response.status() >= 500 { retryable(error) } else { error }
}

fn retryable(mut error: Error) -> Error {
    error.retryable = true;
    error
}

/// What opening a socket may take.
const HANDSHAKE_MS: f64 = 2_000.0;

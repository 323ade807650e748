//! Where the socket goes: host, version, method and credential.

use std::fmt;

use crate::error::{Code, Error};

/// The service's own address.
pub const DEFAULT_BASE: &str = "wss://generativelanguage.googleapis.com";

/// The version of the API that a key goes to unless another is wished.
pub(crate) const KEY_VERSION: &str = "v1beta";

/// What lets a session in. It is never printed.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// An ephemeral token, `auth_tokens/…`, made for one page.
    Token(String),
    /// An API key. Whoever has it can spend on its account: not for pages.
    ApiKey(String),
}

impl Credential {
    /// A token if the text says so (`auth_tokens/…`), otherwise an API key. Space around it is dropped.
    pub fn detect(text: &str) -> Self {
        let text = text.trim();
        match text.starts_with("auth_tokens/") {
            true => Self::Token(text.to_owned()),
            false => Self::ApiKey(text.to_owned()),
        }
    }

    /// Whether this is an API key.
    #[must_use]
    pub const fn is_api_key(&self) -> bool {
        matches!(self, Self::ApiKey(_))
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token(_) => "Token(…)",
            Self::ApiKey(_) => "ApiKey(…)",
        })
    }
}

/// Which service to talk to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Endpoint {
    /// `wss:` URL, with a path if there is a proxy in between; `ws:` only to this machine.
    /// Default: the service itself.
    pub base: String,
    /// Version of the API, such as `v1alpha`. Default: the documented one, `v1alpha` with a token and
    /// `v1beta` with a key.
    pub version: Option<String>,
}

impl Default for Endpoint {
    fn default() -> Self {
        Self { base: DEFAULT_BASE.to_owned(), version: None }
    }
}

impl From<&str> for Endpoint {
    /// The service at this URL, in the documented version.
    fn from(base: &str) -> Self {
        base.to_owned().into()
    }
}

impl From<String> for Endpoint {
    fn from(base: String) -> Self {
        Self { base, version: None }
    }
}

impl Endpoint {
    /// Whether this can be used, before a credential is there.
    ///
    /// # Errors
    ///
    /// When the base is no usable `wss:` or loopback `ws:` URL, or the version is no word.
    pub fn check(&self) -> Result<(), Error> {
        // The credential is checked when there is one.
        url(self, &Credential::Token("auth_tokens/".to_owned())).map(|_| ())
    }
}

/// The address to open. It holds the credential: it must not be printed.
///
/// A token goes to `BidiGenerateContentConstrained?access_token=`, a key to `BidiGenerateContent?key=`,
/// percent-encoded, so that no character of it is taken for another.
///
/// # Errors
///
/// When the base is no usable `wss:` or loopback `ws:` URL, the version is no word, or the credential is
/// empty. The text of the error never holds the credential.
pub fn url(endpoint: &Endpoint, credential: &Credential) -> Result<String, Error> {
    let base = checked_base(&endpoint.base, Scheme::WebSocket)?;
    let (method, parameter, secret, default_version) = match credential {
        Credential::Token(token) => ("BidiGenerateContentConstrained", "access_token", token, "v1alpha"),
        Credential::ApiKey(key) => ("BidiGenerateContent", "key", key, KEY_VERSION),
    };
    if secret.is_empty() {
        return Err(Error::new(Code::InvalidOption, "The token is empty.").with_field("token"));
    }
    let version = checked_version(endpoint.version.as_deref().unwrap_or(default_version))?;
    let mut url = [
        base,
        "/ws/google.ai.generativelanguage.",
        version,
        ".GenerativeService.",
        method,
        "?",
        parameter,
        "=",
    ]
    .concat();
    push_encoded(&mut url, secret);
    Ok(url)
}

/// The kind of connection that a base URL is for.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Scheme {
    WebSocket,
    Http,
}

pub(super) fn checked_version(version: &str) -> Result<&str, Error> {
    if !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Ok(version);
    }
    Err(Error::new(Code::InvalidOption, "The API version is not one such as v1alpha or v1beta.")
        .with_field("apiVersion"))
}

/// The base without its trailing slashes, if it may be used.
pub(super) fn checked_base(base: &str, scheme: Scheme) -> Result<&str, Error> {
    let (secure, plain, remedy) = match scheme {
        Scheme::WebSocket => (
            "wss://",
            "ws://",
            "Give a wss: URL such as wss://proxy.example/gemini, or ws: with a loopback address.",
        ),
        Scheme::Http => ("https://", "http://", "Give an https: URL, or http: with a loopback address."),
    };
    let refuse = |message: &str| {
        Err(Error::new(Code::InvalidOption, message).with_field("endpoint").with_remedy(remedy))
    };
    let base = base.trim();
    let (is_secure, rest) = match (strip_scheme(base, secure), strip_scheme(base, plain)) {
        (Some(rest), _) => (true, rest),
        (_, Some(rest)) => (false, rest),
        _ => return refuse("The endpoint is not a URL of this kind."),
    };
    let is_odd = |c: char| matches!(c, '?' | '#' | '@' | '\\') || c.is_whitespace() || c.is_control();
    if rest.contains(is_odd) {
        return refuse("The endpoint must have no query, fragment, user name or space.");
    }
    let authority = rest.split('/').next().unwrap_or_default();
    let host = host_of(authority);
    if host.is_empty() {
        return refuse("The endpoint names no host.");
    }
    if !is_secure && !is_loopback(host) {
        return refuse(
            "An unencrypted endpoint may only be on this machine: the token would be readable on its way.",
        );
    }
    Ok(base.trim_end_matches('/'))
}

fn strip_scheme<'a>(base: &'a str, scheme: &str) -> Option<&'a str> {
    let head = base.get(..scheme.len())?;
    if head.eq_ignore_ascii_case(scheme) { base.get(scheme.len()..) } else { None }
}

/// The host without its port; an IPv6 address keeps its brackets.
fn host_of(authority: &str) -> &str {
    match authority.split_once(']') {
        Some((_, port)) if !port.is_empty() && !port.starts_with(':') => "",
        Some((address, _)) => authority.get(..=address.len()).unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

fn is_loopback(host: &str) -> bool {
    if host.eq_ignore_ascii_case("localhost") || host == "[::1]" {
        return true;
    }
    // All of 127.0.0.0/8. The standard library's parser of addresses is a kilobyte of code.
    let mut octets = 0;
    for piece in host.split('.') {
        let digit = |value: u32, byte: u8| {
            Some(value * 10 + char::from(byte).to_digit(10)?).filter(|value| *value < 256)
        };
        if piece.is_empty() || piece.bytes().try_fold(0, digit).is_none() {
            return false;
        }
        octets += 1;
    }
    octets == 4 && host.starts_with("127.")
}

/// Everything but unreserved characters is written as `%XX`.
pub(super) fn push_encoded(url: &mut String, text: &str) {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            url.push(char::from(byte));
        } else {
            url.extend(['%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
    }
}

/// How long a token, or the socket it was given to, is kept that was asked for ahead, while the user is asked for the microphone: half of
/// the minute in which a session can be begun with one whose backend says nothing else. In milliseconds.
pub(crate) const TOKEN_KEPT_MS: f64 = 30_000.0;

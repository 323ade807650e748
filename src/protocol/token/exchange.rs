//! The exchange that gets a token, as data: whoever has an HTTP client performs it.

use std::fmt;

use super::AuthTokenRequest;
use crate::{
    error::{Code, Error},
    json::{digits, parse},
    protocol::{
        endpoint::{Credential, Scheme, checked_base, checked_version},
        json::{Map, Value},
        schema::names::shorten,
    },
};
use serde::{Deserialize, Serialize};

/// The service that makes tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenService {
    /// `https:` URL, with a path if there is a proxy in between; `http:` only to this machine.
    /// Default: the service itself.
    pub base: String,
    /// Version of the API. Default: the documented one, `v1alpha`.
    pub version: Option<String>,
}

impl Default for TokenService {
    fn default() -> Self {
        Self { base: "https://generativelanguage.googleapis.com".to_owned(), version: None }
    }
}

/// A POST request with a JSON body. It holds the API key, which `Debug` does not show.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// The address; the key is not in it.
    pub url: String,
    /// Names and values, the key among them.
    pub headers: [(&'static str, String); 2],
    /// JSON.
    pub body: String,
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpRequest")
            .field("url", &self.url)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl TokenService {
    /// The HTTP request for a token, at `now_ms`, milliseconds since 1970.
    ///
    /// # Errors
    ///
    /// When the credential is no API key, the base is no usable URL, or a time of the request is not.
    pub fn request(
        &self,
        key: &Credential,
        request: &AuthTokenRequest,
        now_ms: f64,
    ) -> Result<HttpRequest, Error> {
        let Credential::ApiKey(key) = key else {
            return Err(Error::new(Code::InvalidOption, "A token cannot make tokens: an API key is needed.")
                .with_field("key"));
        };
        if key.is_empty() {
            return Err(Error::new(Code::InvalidOption, "The API key is missing.").with_field("key"));
        }
        let base = checked_base(&self.base, Scheme::Http)?;
        let version = checked_version(self.version.as_deref().unwrap_or("v1alpha"))?;
        Ok(HttpRequest {
            url: [base, "/", version, "/auth_tokens"].concat(),
            headers: [("content-type", "application/json".to_owned()), ("x-goog-api-key", key.clone())],
            body: request.body(now_ms)?.to_string(),
        })
    }
}

/// A token as the service answers it. `Debug` does not show its name, which is the secret itself.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthToken {
    /// `auth_tokens/…`: what the page connects with.
    pub name: String,
    /// When it ends: RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expire_time: Option<String>,
    /// Until when it starts sessions: RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_session_expire_time: Option<String>,
    /// How many sessions it starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses: Option<i64>,
    /// What else the answer held.
    #[serde(flatten)]
    pub extra: Map,
}

impl fmt::Debug for AuthToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthToken")
            .field("expire_time", &self.expire_time)
            .field("new_session_expire_time", &self.new_session_expire_time)
            .field("uses", &self.uses)
            .finish_non_exhaustive()
    }
}

impl AuthToken {
    /// Reads the service's answer: the HTTP status and the body.
    ///
    /// # Errors
    ///
    /// When the status is no success, or the body has no token. 429 and 5xx are worth another try.
    pub fn parse(status: u16, body: &str) -> Result<Self, Error> {
        if !(200..300).contains(&status) {
            return Err(refusal(status, body));
        }
        let token: Option<Self> = serde_json::from_str(body).ok();
        token.filter(|token| !token.name.is_empty()).ok_or_else(|| {
            Error::new(Code::TokenUnavailable, "The service's answer holds no token.")
                .with_remedy("Check that the address is the Gemini API's.")
        })
    }
}

fn refusal(status: u16, body: &str) -> Error {
    let answer = parse(body.as_bytes()).unwrap_or_default();
    let reason = answer.get("error").and_then(|error| error.get("message")).and_then(Value::as_str);
    let text = [
        "No token: the service answered ",
        &digits(status.into()),
        ". ",
        shorten(reason.unwrap_or_default()),
    ];
    let mut error = Error::new(Code::TokenUnavailable, text.concat().trim_end()).with_remedy(match status {
        400 => "Check the constraints and times of the request.",
        401 | 403 => "Check the API key and that its project may use the Gemini API.",
        404 => "Check the base URL and the API version.",
        429 => "The quota is used up: wait, or check the plan.",
        _ => "Try again after a pause that grows.",
    });
    error.retryable = status == 429 || status >= 500;
    error
}

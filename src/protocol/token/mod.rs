//! Ephemeral tokens: the request an application's backend makes for a page.
//!
//! A token that carries a setup makes the service ignore the page's own: whatever the page asks for and the
//! token does not have never comes. So the request is made from the same [`Setup`] as the session.
//!
//! ```
//! use gemini_live_web::{
//!     json::json,
//!     protocol::{setup::prepare, token::AuthTokenRequest},
//! };
//!
//! let setup = prepare(
//!     "gemini-3.1-flash-live-preview",
//!     json!({ "responseModalities": ["AUDIO"], "outputAudioTranscription": {} }),
//!     None,
//! )?
//! .setup;
//! let now_ms = 1_795_000_000_000.0;
//! let body = AuthTokenRequest::locked(&setup).uses(1).body(now_ms)?;
//! assert_eq!(body["bidiGenerateContentSetup"]["sessionResumption"], json!({}));
//! # Ok::<(), gemini_live_web::error::Error>(())
//! ```

mod exchange;
mod timestamp;

use std::fmt;

pub use self::{
    exchange::{AuthToken, HttpRequest, TokenService},
    timestamp::unix_ms,
};
use super::{
    json::{Map, Value},
    schema::{
        Kind, Validator, message,
        names::{camel_case, shorten},
    },
    setup::{GenerationConfig, LiveConfig, Setup, convert, model_name},
};
use crate::error::{Code, Error, Warning, WarningCode};

/// A request for an ephemeral token.
///
/// | made with | the page's setup |
/// |---|---|
/// | [`unlocked`](Self::unlocked) | counts: whoever has the token may use any model and any option |
/// | [`locked`](Self::locked) | is ignored: the token's counts |
/// | [`locked_fields`](Self::locked_fields) | counts, but for the fields that the token's setup has |
#[derive(Clone, PartialEq)]
#[must_use]
pub struct AuthTokenRequest {
    setup: Option<Map>,
    /// Fields to lock besides those of the setup; `None` locks the setup as a whole.
    fields: Option<Vec<String>>,
    uses: Option<u32>,
    expire_time: Option<String>,
    new_session_expire_time: Option<String>,
    is_resumable: bool,
}

impl fmt::Debug for AuthTokenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fields, uses, expire_time, new_session_expire_time, .. } = self;
        f.debug_struct("AuthTokenRequest")
            .field("has_setup", &self.setup.is_some())
            .field("fields", fields)
            .field("uses", uses)
            .field("expire_time", expire_time)
            .field("new_session_expire_time", new_session_expire_time)
            .finish_non_exhaustive()
    }
}

impl AuthTokenRequest {
    /// A token for any session. It lets whoever has it spend on the key's account as they like.
    pub const fn unlocked() -> Self {
        Self {
            setup: None,
            fields: None,
            uses: None,
            expire_time: None,
            new_session_expire_time: None,
            is_resumable: true,
        }
    }

    /// A token for sessions with exactly this setup. `sessionResumption` is added if it is not there:
    /// without it the page could never resume. That the service then takes a handle from the page, whose setup
    /// it ignores otherwise, is not documented; it is assumed.
    pub fn locked(setup: &Setup) -> Self {
        Self { setup: Some(setup.fields.clone()), ..Self::unlocked() }
    }

    /// A token that fixes the fields this setup has, and those that `others` names (`temperature`,
    /// `tools`, …), which stay at the service's default. All other fields are the page's.
    ///
    /// `sessionResumption` is left to the page: a fixed one would overwrite its handle.
    pub fn locked_fields<N: Into<String>>(setup: &Setup, others: impl IntoIterator<Item = N>) -> Self {
        let fields = others.into_iter().map(Into::into).collect();
        Self { fields: Some(fields), ..Self::locked(setup) }
    }

    /// How many sessions it starts; 0 is any number. Default 1. Resuming a session is free.
    pub const fn uses(mut self, uses: u32) -> Self {
        self.uses = Some(uses);
        self
    }

    /// When it ends, and with it every session it started: RFC 3339, less than 20 hours ahead.
    /// Default: 30 minutes ahead.
    pub fn expires(mut self, time: impl Into<String>) -> Self {
        self.expire_time = Some(time.into());
        self
    }

    /// Until when it starts sessions: RFC 3339, not after it ends. Default: 60 seconds ahead.
    pub fn starts_until(mut self, time: impl Into<String>) -> Self {
        self.new_session_expire_time = Some(time.into());
        self
    }

    /// Takes `sessionResumption` as the setup has it and adds none.
    pub const fn without_resumption(mut self) -> Self {
        self.is_resumable = false;
        self
    }

    /// The request that `authTokens.create` of `@google/genai` makes of its `config`, and what is to be
    /// said about it. The API version that its `httpOptions` name comes third.
    ///
    /// # Errors
    ///
    /// When an option cannot be used; the error names it.
    pub fn from_genai(config: Value) -> Result<(Self, Vec<Warning>, Option<String>), Error> {
        let mut validator = Validator::new(Code::InvalidConfig);
        let mut options = if config.is_null() { Value::Object(Map::new()) } else { config };
        validator.message(CreateAuthTokenConfig::TABLE, &mut options).map_err(|error| *error)?;
        let CreateAuthTokenConfig {
            uses,
            expire_time,
            new_session_expire_time,
            live_connect_constraints,
            lock_additional_fields,
            http_options,
        } = serde_json::from_value(options.into())
            .map_err(|error| Error::new(Code::InvalidConfig, error.to_string()))?;
        let mut warnings = validator.warnings;
        let setup = match live_connect_constraints {
            Some(constraints) => constrained(constraints, &mut warnings)?,
            None => None,
        };
        let uses = match uses {
            Some(uses) => Some(u32::try_from(uses).map_err(|_| {
                Error::new(Code::InvalidConfig, "`uses` must not be negative.").with_field("uses")
            })?),
            None => None,
        };
        let fields = lock_additional_fields.filter(|fields| setup.is_some() || !fields.is_empty());
        let version = http_options.and_then(|options| options.get("apiVersion")?.as_str().map(str::to_owned));
        let request = Self { setup, fields, uses, expire_time, new_session_expire_time, is_resumable: false };
        Ok((request, warnings, version))
    }

    /// What this request locks that no setup has, by name; such a name is likely a slip.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        let unknown = |name: &&String| {
            let head = name.split('.').next().unwrap_or_default();
            let head = camel_case(head);
            let is_known = head == "model" || LiveConfig::TABLE.find(&head).is_some();
            !is_known && !is_generation_field(&head)
        };
        let names = self.fields.iter().flatten().filter(unknown);
        names
            .map(|name| {
                let text = ["`", shorten(name), "` is locked, but no setup has such a field."].concat();
                Warning::new(WarningCode::UnknownField, text)
                    .with_field(["lockAdditionalFields.", shorten(name)].concat())
            })
            .collect()
    }

    /// The body of `POST …/auth_tokens`, at `now_ms`, milliseconds since 1970.
    ///
    /// # Errors
    ///
    /// When a time is not RFC 3339, is past, is 20 hours ahead or more, or sessions could start after the
    /// token has ended.
    pub fn body(&self, now_ms: f64) -> Result<Value, Error> {
        self.check_times(now_ms)?;
        let mut body = Map::new();
        let setup = self.setup_to_send();
        if let Some(mask) = self.field_mask(setup.as_ref()) {
            body.set("fieldMask", Value::String(mask));
        }
        if let Some(setup) = setup {
            body.set("bidiGenerateContentSetup", Value::Object(setup));
        }
        if let Some(uses) = self.uses {
            body.set("uses", Value::from(uses));
        }
        let times =
            [("expireTime", &self.expire_time), ("newSessionExpireTime", &self.new_session_expire_time)];
        for (name, time) in times {
            if let Some(time) = time {
                body.set(name, Value::from(time.as_str()));
            }
        }
        Ok(Value::Object(body))
    }

    fn setup_to_send(&self) -> Option<Map> {
        let mut setup = self.setup.clone()?;
        match (self.is_resumable, &self.fields) {
            (true, None) => {
                if !setup.contains_key("sessionResumption") {
                    setup.set("sessionResumption", Value::Object(Map::new()));
                }
            }
            (true, Some(_)) => {
                setup.remove("sessionResumption");
            }
            (false, _) => {}
        }
        Some(setup)
    }

    fn field_mask(&self, setup: Option<&Map>) -> Option<String> {
        let names = self.fields.as_ref()?;
        let mut paths = Vec::new();
        for (name, value) in setup.into_iter().flatten() {
            match value {
                Value::Object(inner) if !inner.is_empty() => {
                    paths.extend(inner.keys().map(|sub| [name, ".", sub].concat()));
                }
                _ => paths.push(name.clone()),
            }
        }
        // A mask that names nothing means something else than none.
        paths.extend(names.iter().filter(|name| !name.is_empty()).map(|name| mask_path(name)));
        paths.sort_unstable();
        paths.dedup();
        if paths.is_empty() { None } else { Some(paths.join(",")) }
    }

    fn check_times(&self, now_ms: f64) -> Result<(), Error> {
        let end = checked_time("expireTime", self.expire_time.as_deref(), now_ms)?;
        let start = checked_time("newSessionExpireTime", self.new_session_expire_time.as_deref(), now_ms)?;
        let Some(start) = start else { return Ok(()) };
        if start > end.unwrap_or(now_ms + DEFAULT_LIFE_MS) {
            let text =
                "Sessions could start after the token has ended (expireTime, by default 30 minutes ahead).";
            return Err(Error::new(Code::InvalidOption, text).with_field("newSessionExpireTime"));
        }
        Ok(())
    }
}

message! {
    /// The `config` of `authTokens.create` in `@google/genai`.
    CreateAuthTokenConfig {
        /// How many sessions the token starts; 0 is any number. Default 1.
        uses "uses": i32,
        /// When it ends: RFC 3339. Default: 30 minutes ahead.
        expire_time "expireTime": String,
        /// Until when it starts sessions: RFC 3339. Default: 60 seconds ahead.
        new_session_expire_time "newSessionExpireTime": String,
        /// The setup it carries.
        live_connect_constraints "liveConnectConstraints": LiveConnectConstraints,
        /// Absent: the setup is locked as a whole. Otherwise its fields and these are.
        lock_additional_fields "lockAdditionalFields": Vec<String>,
        /// Only `apiVersion` of it is used.
        http_options "httpOptions": Map,
    }
    hidden { "abortSignal": Kind::Ignored(&"This has no effect here."), }
}

message! {
    /// The setup a token carries, as `@google/genai` takes it.
    LiveConnectConstraints {
        /// The model's name.
        model "model": String,
        /// The session's configuration.
        config "config": Map,
    }
}

/// The setup that constraints mean; `None` if they say nothing.
fn constrained(
    constraints: LiveConnectConstraints,
    warnings: &mut Vec<Warning>,
) -> Result<Option<Map>, Error> {
    let mut config = constraints.config;
    if config.as_mut().and_then(|config| config.remove("httpOptions")).is_some() {
        let place = "liveConnectConstraints.config.httpOptions";
        warnings.push(
            Warning::new(WarningCode::UnusedOption, "A token's setup has no httpOptions.").with_field(place),
        );
    }
    let (mut setup, found) = convert(config.map_or(Value::Null, Value::Object))?;
    warnings.extend(found);
    if let Some(model) = constraints.model {
        setup.set("model", Value::String(model_name(&model)?));
    }
    if setup.is_empty() {
        warnings
            .push(Warning::new(WarningCode::UnlockedToken, UNLOCKED).with_field("liveConnectConstraints"));
        return Ok(None);
    }
    Ok(Some(setup))
}

/// The setup's path of a field that is named as in a config.
fn mask_path(name: &str) -> String {
    let name = camel_case(name);
    if is_generation_field(&name) { ["generationConfig.", &name].concat() } else { name }
}

fn is_generation_field(name: &str) -> bool {
    GenerationConfig::TABLE.find(name).is_some()
}

fn checked_time(field: &str, time: Option<&str>, now_ms: f64) -> Result<Option<f64>, Error> {
    let Some(time) = time else { return Ok(None) };
    let refuse = |text: &str| Err(Error::new(Code::InvalidOption, text).with_field(field));
    match unix_ms(time) {
        None => refuse("This is not an RFC 3339 time such as 2030-01-01T00:00:00Z."),
        Some(at) if at <= now_ms => refuse("This time is past already."),
        Some(at) if at >= now_ms + LONGEST_LIFE_MS => {
            refuse("A token lives less than 20 hours: take an earlier time.")
        }
        Some(at) => Ok(Some(at)),
    }
}

const HOUR_MS: f64 = 3_600_000.0;
const LONGEST_LIFE_MS: f64 = 20.0 * HOUR_MS;
const DEFAULT_LIFE_MS: f64 = 0.5 * HOUR_MS;
const UNLOCKED: &str =
    "The constraints are empty, so the token locks nothing: it is good for any model and any option.";

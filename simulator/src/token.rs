//! Ephemeral tokens: minting them, and what they make of a connection.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::Time;
use crate::behaviour::LockedHandle;
use crate::refusal::Refusal;
use crate::schema;
use crate::settings::resumption_handle;

/// Every token there is.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    minted: HashMap<String, Token>,
}

#[derive(Debug)]
struct Token {
    /// `None`: no limit.
    uses_left: Option<u32>,
    expires: Time,
    new_sessions_until: Time,
    /// The setup inside the token, and what of it counts.
    setup: Option<Value>,
    mask: Vec<String>,
}

/// What a token grants a connection.
#[derive(Debug, PartialEq)]
pub(crate) struct Grant {
    /// The setup in effect.
    pub(crate) setup: Value,
    /// When the session ends.
    pub(crate) expires: Time,
}

impl Tokens {
    /// Puts a token made from the body of a request under `name`, or gives the text of the refusal.
    pub(crate) fn mint(&mut self, name: String, body: &Value, now: Time) -> Result<(), String> {
        let body = schema::read("AuthToken", body).map_err(|refusal| match refusal.reason.as_str() {
            "Request contains an invalid argument." => {
                format!("Invalid value at 'auth_token': {}", refusal.detail)
            }
            _ => refusal.reason,
        })?;
        let uses = body["uses"].as_i64().unwrap_or(1);
        let uses = u32::try_from(uses).map_err(|_| "uses must not be negative".to_owned())?;
        let mask = mask(&body["fieldMask"])?;
        let token = Token {
            uses_left: (uses > 0).then_some(uses),
            expires: moment(&body["expireTime"], "expire_time", Duration::from_secs(30 * 60), now)?,
            new_sessions_until: moment(
                &body["newSessionExpireTime"],
                "new_session_expire_time",
                Duration::from_secs(60),
                now,
            )?,
            setup: body.get("bidiGenerateContentSetup").cloned(),
            mask,
        };
        self.minted.retain(|_, token| now < token.expires + KEPT_AFTER_EXPIRY);
        if self.minted.len() >= MOST_TOKENS {
            return Err("too many live tokens: this is a simulator, start it anew".to_owned());
        }
        self.minted.insert(name, token);
        Ok(())
    }

    /// Whether the token is known and alive; asked when a connection opens.
    pub(crate) fn check(&self, name: &str, now: Time) -> Result<(), Refusal> {
        match self.minted.get(name) {
            None => Err(Refusal::invalid_credentials()),
            Some(token) if now >= token.expires => Err(expired("past expireTime")),
            Some(_) => Ok(()),
        }
    }

    /// Brings the token to its `expireTime`.
    pub(crate) fn expire(&mut self, name: &str, now: Time) {
        if let Some(token) = self.minted.get_mut(name) {
            token.expires = token.expires.min(now);
        }
    }

    /// The setup in effect for a connection that sends `client`. A new session costs a use, a resumed one
    /// does not.
    pub(crate) fn admit(
        &mut self,
        name: &str,
        client: &Value,
        handle: LockedHandle,
        now: Time,
    ) -> Result<Grant, Refusal> {
        self.check(name, now)?;
        let token = self.minted.get_mut(name).ok_or_else(Refusal::invalid_credentials)?;
        let setup = token.effective(client, handle);
        if resumption_handle(&setup).is_none() {
            if now >= token.new_sessions_until {
                return Err(expired("past newSessionExpireTime, and not a resumption"));
            }
            match &mut token.uses_left {
                Some(0) => {
                    return Err(Refusal::server("Token has been used too many times", "no use is left"));
                }
                Some(left) => *left -= 1,
                None => {}
            }
        }
        Ok(Grant { setup, expires: token.expires })
    }
}

impl Token {
    /// Unlocked: the client's setup. Locked whole: the token's. With a mask: the client's, the masked fields
    /// the token's. What of `sessionResumption` is the token's allows to resume, or does not; it has no handle.
    fn effective(&self, client: &Value, handle: LockedHandle) -> Value {
        let empty = Value::Null;
        let own = self.setup.as_ref().unwrap_or(&empty);
        let mut setup = match (&self.setup, self.mask.is_empty()) {
            (None, true) => return client.clone(),
            (Some(own), true) => own.clone(),
            (_, false) => {
                let mut setup = client.clone();
                self.mask.iter().for_each(|path| overwrite(&mut setup, own, path));
                setup
            }
        };
        let resumption = setup.get_mut("sessionResumption").and_then(Value::as_object_mut);
        if let (LockedHandle::Honoured, Some(handle), Some(resumption)) =
            (handle, resumption_handle(client), resumption)
        {
            resumption.entry("handle").or_insert_with(|| Value::from(handle));
        }
        setup
    }
}

fn expired(detail: &str) -> Refusal {
    Refusal::server("Token has expired", detail)
}

/// Makes the field at `path` what it is in `from`: also absent, if it is absent there.
fn overwrite(into: &mut Value, from: &Value, path: &str) {
    let Value::Object(into) = into else { return };
    match path.split_once('.') {
        Some((head, tail)) => {
            let inner = into.entry(head.to_owned()).or_insert_with(|| Value::Object(Map::new()));
            overwrite(inner, &from[head], tail);
        }
        None => match from.get(path) {
            Some(value) => drop(into.insert(path.to_owned(), value.clone())),
            None => drop(into.remove(path)),
        },
    }
}

fn mask(value: &Value) -> Result<Vec<String>, String> {
    let paths = value.as_str().unwrap_or_default().split(',').map(str::trim).filter(|path| !path.is_empty());
    paths
        .map(|path| match schema::has_path("Setup", path) {
            true => Ok(path.split('.').map(schema::camel_case).collect::<Vec<_>>().join(".")),
            false => Err(format!(
                "Invalid value at 'auth_token.field_mask': \"{path}\" is not a field of the setup"
            )),
        })
        .collect()
}

fn moment(value: &Value, name: &str, default: Duration, now: Time) -> Result<Time, String> {
    match value.as_str().and_then(schema::timestamp) {
        None => Ok(now + default),
        Some(time) if time <= now => Err(format!("{name} must be in the future")),
        Some(time) if time > now + LONGEST_LIFE => Err(format!("{name} is too far in the future")),
        Some(time) => Ok(time),
    }
}

const LONGEST_LIFE: Duration = Duration::from_secs(20 * 60 * 60);

/// An expired token is remembered this long, so that it is called expired, not unknown.
const KEPT_AFTER_EXPIRY: Duration = Duration::from_secs(60 * 60);

const MOST_TOKENS: usize = 1_000;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Time = Duration::from_secs(1_795_177_815);

    fn minted(body: Value) -> Tokens {
        let mut tokens = Tokens::default();
        tokens.mint("auth_tokens/t".to_owned(), &body, NOW).unwrap();
        tokens
    }

    fn admit(tokens: &mut Tokens, client: Value, after_s: u64) -> Result<Value, String> {
        admit_with(tokens, client, LockedHandle::Honoured, after_s)
    }

    fn admit_with(
        tokens: &mut Tokens,
        client: Value,
        handle: LockedHandle,
        after_s: u64,
    ) -> Result<Value, String> {
        let grant = tokens.admit("auth_tokens/t", &client, handle, NOW + Duration::from_secs(after_s));
        grant.map(|grant| grant.setup).map_err(|refusal| refusal.reason)
    }

    #[test]
    fn one_use_unless_told_otherwise_and_zero_is_unlimited() {
        let used_up = Err("Token has been used too many times".to_owned());
        let mut one = minted(json!({}));
        assert!(admit(&mut one, json!({}), 0).is_ok());
        assert_eq!(admit(&mut one, json!({}), 0), used_up);
        let mut three = minted(json!({"uses": 3}));
        (0..3).for_each(|_| assert!(admit(&mut three, json!({}), 0).is_ok()));
        assert_eq!(admit(&mut three, json!({}), 0), used_up);
        let mut many = minted(json!({"uses": 0}));
        (0..50).for_each(|_| assert!(admit(&mut many, json!({}), 0).is_ok()));
    }

    #[test]
    fn resuming_costs_no_use_and_is_not_a_new_session() {
        let mut tokens = minted(json!({}));
        let resuming = || json!({"sessionResumption": {"handle": "h"}});
        assert!(admit(&mut tokens, json!({}), 0).is_ok());
        assert!(admit(&mut tokens, resuming(), 0).is_ok());
        assert!(admit(&mut tokens, resuming(), 600).is_ok());
        assert_eq!(admit(&mut tokens, resuming(), 1800), Err("Token has expired".to_owned()));
    }

    #[test]
    fn a_new_session_must_begin_within_a_minute() {
        assert!(admit(&mut minted(json!({})), json!({}), 59).is_ok());
        assert_eq!(admit(&mut minted(json!({})), json!({}), 60), Err("Token has expired".to_owned()));
        let longer = json!({"newSessionExpireTime": "2026-11-20T12:40:15Z"});
        assert!(admit(&mut minted(longer), json!({}), 599).is_ok());
    }

    #[test]
    fn the_longest_life_is_twenty_hours() {
        let mut tokens = Tokens::default();
        let error = tokens.mint("t".into(), &json!({"expireTime": "2026-11-21T09:00:00Z"}), NOW).unwrap_err();
        assert_eq!(error, "expire_time is too far in the future");
        assert!(tokens.mint("t".into(), &json!({"expireTime": "2026-11-21T08:00:00Z"}), NOW).is_ok());
        assert!(
            tokens.mint("t".into(), &json!({"newSessionExpireTime": "2020-01-01T00:00:00Z"}), NOW).is_err()
        );
    }

    #[test]
    fn an_unlocked_token_leaves_the_setup_to_the_client() {
        let client = json!({"model": "models/m", "inputAudioTranscription": {}});
        assert_eq!(admit(&mut minted(json!({})), client.clone(), 0), Ok(client));
    }

    #[test]
    fn a_setup_without_a_mask_replaces_the_clients_whole() {
        let mut tokens = minted(json!({"bidiGenerateContentSetup": {"model": "models/m"}}));
        let client =
            json!({"model": "models/other", "inputAudioTranscription": {}, "generationConfig": {"seed": 1}});
        assert_eq!(admit(&mut tokens, client, 0), Ok(json!({"model": "models/m"})));
    }

    #[test]
    fn a_locked_setup_that_allows_resumption_can_be_resumed() {
        let own = json!({"model": "models/m", "sessionResumption": {}});
        let mut tokens = minted(json!({"bidiGenerateContentSetup": own}));
        let client = json!({"sessionResumption": {"handle": "h"}, "labels": {"a": "b"}});
        let wanted = json!({"model": "models/m", "sessionResumption": {"handle": "h"}});
        assert_eq!(admit(&mut tokens, client, 0), Ok(wanted));
    }

    /// Nobody has seen which of the two the service does.
    #[test]
    fn what_a_locked_setup_makes_of_a_handle_can_be_chosen() {
        let own = json!({"model": "models/m", "sessionResumption": {}});
        let client = json!({"model": "models/m", "sessionResumption": {"handle": "h"}});
        let resumed = |request: Value, handle| {
            admit_with(&mut minted(request), client.clone(), handle, 0).unwrap()["sessionResumption"]["handle"]
                == "h"
        };
        let whole = json!({"bidiGenerateContentSetup": own});
        let mask = |mask: &str| json!({"bidiGenerateContentSetup": own, "fieldMask": mask});
        for request in [whole, mask("model,sessionResumption")] {
            assert!(resumed(request.clone(), LockedHandle::Honoured));
            assert!(!resumed(request, LockedHandle::Ignored));
        }
        assert!(resumed(mask("model"), LockedHandle::Ignored), "what is not locked is the client's");
        let closed = json!({"bidiGenerateContentSetup": {"model": "models/m"}});
        assert!(!resumed(closed, LockedHandle::Honoured), "a setup without resumption allows none");
    }

    #[test]
    fn a_masked_field_is_the_tokens_also_when_it_is_absent_there() {
        let own = json!({"model": "models/m", "generation_config": {"temperature": 0.5}});
        let mask = "model,generation_config.temperature,generationConfig.topK,tools";
        let mut tokens = minted(json!({"bidiGenerateContentSetup": own, "fieldMask": mask}));
        let generation = json!({"temperature": 1.0, "topK": 3, "seed": 7});
        let client = json!({"model": "models/x", "generationConfig": generation, "tools": []});
        let wanted = json!({"model": "models/m", "generationConfig": {"temperature": 0.5, "seed": 7}});
        assert_eq!(admit(&mut tokens, client, 0), Ok(wanted));
    }

    #[test]
    fn what_is_no_field_is_refused_by_name() {
        let mut tokens = Tokens::default();
        let mut mint = |body| tokens.mint("t".into(), &body, NOW).unwrap_err();
        let unknown =
            "Invalid JSON payload received. Unknown name \"liveConnectConstraints\": Cannot find field.";
        assert_eq!(mint(json!({"liveConnectConstraints": {}})), unknown);
        assert!(mint(json!({"authToken": {}})).contains("Unknown name \"authToken\""));
        assert!(
            mint(json!({"bidiGenerateContentSetup": {"audioConfig": {}}}))
                .contains("Unknown name \"audioConfig\"")
        );
        assert!(mint(json!({"fieldMask": "mediaResolution"})).contains("mediaResolution"));
        assert!(mint(json!({"uses": -1})).contains("uses"));
    }
}

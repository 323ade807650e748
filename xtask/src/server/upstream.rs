//! Where tokens come from and where the page connects to: the service, or the simulator in this process.

use std::env;

use anyhow::{Context, Result, anyhow};
use axum::http::Uri;
use gemini_live_simulator::Recording;

use super::key::ApiKey;

/// Who answers the page.
#[derive(Debug, Clone)]
pub(crate) enum Upstream {
    /// The simulator, in this process.
    Simulator {
        /// The scenario.
        model: String,
        /// What it plays in place of answers.
        recording: Option<Recording>,
    },
    /// The service, or whatever speaks for it at `base`.
    Service {
        /// What tokens are asked for with.
        key: ApiKey,
        /// Scheme and authority, perhaps a path; no slash at the end.
        base: String,
        /// The model that the page asks for.
        model: String,
    },
}

impl Upstream {
    /// The simulator with this recording; without one what the environment says.
    pub(crate) fn playing(recording: Option<Recording>) -> Result<Self> {
        if recording.is_none() {
            return Self::from_environment();
        }
        Ok(Self::Simulator { model: SIMULATED_MODEL.into(), recording })
    }

    /// What `GEMINI_API_KEY`, `GEMINI_API_BASE_URL` and `GEMINI_MODEL` say.
    fn from_environment() -> Result<Self> {
        // What is no text is shown as such and then refused: passed over in silence, it would be the simulator.
        Self::from_variables(|name| env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }

    fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let variable = |name| variable(name).filter(|value| !value.trim().is_empty());
        let model = variable("GEMINI_MODEL");
        let base = variable("GEMINI_API_BASE_URL");
        let Some(key) = variable("GEMINI_API_KEY") else {
            if base.is_some() {
                return Err(anyhow!(
                    "GEMINI_API_BASE_URL is set without GEMINI_API_KEY: set both, or neither"
                ));
            }
            let model = model.unwrap_or_else(|| SIMULATED_MODEL.into());
            return Ok(Self::Simulator { model, recording: None });
        };
        Ok(Self::Service {
            key: ApiKey::parse(&key)?,
            base: checked_base(&base.unwrap_or_else(|| SERVICE.into()))?,
            model: model.unwrap_or_else(|| SERVICE_MODEL.into()),
        })
    }

    /// The simulator, whatever the environment says.
    pub(crate) fn simulator() -> Self {
        Self::Simulator { model: SIMULATED_MODEL.into(), recording: None }
    }

    /// Whether it is the service itself, and nothing that speaks for it.
    pub(crate) fn is_google(&self) -> bool {
        matches!(self, Self::Service { base, .. } if base == SERVICE)
    }

    /// The WebSocket end of it, as the page is told; `port` is that of this server.
    pub(super) fn endpoint(&self, port: u16) -> String {
        match self {
            Self::Simulator { .. } => format!("ws://127.0.0.1:{port}"),
            // https to wss and http to ws.
            Self::Service { base, .. } => base.replacen("http", "ws", 1),
        }
    }

    /// The word for it in `config.json`.
    pub(super) fn mode(&self) -> &'static str {
        match self {
            Self::Simulator { .. } => "simulator",
            Self::Service { .. } => "service",
        }
    }

    /// The model that the page asks for.
    pub(super) fn model(&self) -> &str {
        match self {
            Self::Simulator { model, .. } | Self::Service { model, .. } => model,
        }
    }
}

/// A base that the key may be sent to: by https anywhere, by http only on this machine.
fn checked_base(text: &str) -> Result<String> {
    let wrong = || {
        anyhow!(
            "GEMINI_API_BASE_URL is {text}: it has to be https://HOST, or http://127.0.0.1:PORT on this machine"
        )
    };
    let base = text.trim().trim_end_matches('/');
    let uri: Uri = base.parse().map_err(|_| wrong())?;
    let host = uri.host().with_context(|| wrong().to_string())?;
    let is_allowed = match uri.scheme_str() {
        Some("https") => true,
        Some("http") => is_loopback(host),
        _ => false,
    };
    let is_plain =
        uri.query().is_none() && !uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
    if is_allowed && is_plain { Ok(base.to_owned()) } else { Err(wrong()) }
}

/// Whether a host's name or address is this machine, without asking a name server.
pub(super) fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if host.eq_ignore_ascii_case("localhost") {
        return true;
    }
    host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

const SERVICE: &str = "https://generativelanguage.googleapis.com";
const SERVICE_MODEL: &str = "gemini-3.1-flash-live-preview";
const SIMULATED_MODEL: &str = "sim-parrot";

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> Result<Upstream> {
        Upstream::from_variables(|name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn without_a_key_the_page_talks_to_the_simulator_in_this_process() {
        let upstream = with(&[("GEMINI_API_KEY", " ")]).expect("the simulator");
        assert_eq!((upstream.mode(), upstream.model()), ("simulator", "sim-parrot"));
        assert_eq!(upstream.endpoint(81), "ws://127.0.0.1:81");
    }

    #[test]
    fn with_a_key_the_page_talks_to_the_service() {
        let upstream = with(&[("GEMINI_API_KEY", "k")]).expect("the service");
        assert_eq!((upstream.mode(), upstream.model()), ("service", "gemini-3.1-flash-live-preview"));
        assert_eq!(upstream.endpoint(81), "wss://generativelanguage.googleapis.com");
    }

    #[test]
    fn a_key_goes_by_https_or_stays_on_this_machine() {
        for base in
            ["http://127.0.0.1:9000", "http://localhost:1/", "http://[::1]:9", "https://proxy.example/live"]
        {
            let upstream = with(&[("GEMINI_API_KEY", "k"), ("GEMINI_API_BASE_URL", base)]).expect(base);
            assert!(upstream.endpoint(1).starts_with("ws"), "{}", upstream.endpoint(1));
        }
        for base in [
            "http://example.com",
            "http://127.0.0.1.example.com",
            "ftp://localhost",
            "example.com",
            "https://a@b",
        ] {
            let error = with(&[("GEMINI_API_KEY", "k"), ("GEMINI_API_BASE_URL", base)]).expect_err(base);
            assert!(error.to_string().contains("GEMINI_API_BASE_URL"), "{error}");
        }
    }

    #[test]
    fn a_key_that_is_no_text_is_a_mistake() {
        let error = with(&[("GEMINI_API_KEY", "key\u{fffd}")]).expect_err("no key").to_string();
        assert!(error.contains("GEMINI_API_KEY") && !error.contains("key\u{fffd}"), "{error}");
    }

    #[test]
    fn a_base_without_a_key_is_a_mistake() {
        assert!(with(&[("GEMINI_API_BASE_URL", "https://a.example")]).is_err());
    }

    #[test]
    fn only_names_of_this_machine_are_loopback() {
        for (host, expected) in
            [("localhost", true), ("127.0.0.1", true), ("127.9.9.9", true), ("[::1]", true)]
        {
            assert_eq!(is_loopback(host), expected, "{host}");
        }
        for host in ["localhost.example", "10.0.0.1", "127.0.0.1.example", "[::2]", ""] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}

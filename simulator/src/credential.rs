//! Who knocks: the path and the query of a connection, and the keys that open doors.

use std::fmt;

use crate::refusal::Refusal;
use crate::script::Door;

/// A version of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// `v1alpha`
    V1Alpha,
    /// `v1beta`
    V1Beta,
}

impl Version {
    /// As it is written in paths.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V1Alpha => "v1alpha",
            Self::V1Beta => "v1beta",
        }
    }
}

/// What a client says when it opens a connection. Its `Debug` does not show the credential.
#[derive(Clone)]
pub struct Knock {
    pub(crate) version: Version,
    /// The method that tokens are for.
    pub(crate) constrained: bool,
    key: Option<String>,
    token: Option<String>,
    /// What its path chose.
    pub(crate) door: Door,
}

/// What a connection has shown, checked against its method.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Credential {
    Key,
    Token(String),
}

impl fmt::Debug for Knock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Knock").field("path", &self.path()).field("credential", &self.kind()).finish()
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Key => "Key",
            Self::Token(_) => "Token(…)",
        })
    }
}

impl Knock {
    /// Reads the path's last segment (the service and method), the query and the `x-goog-api-key` header.
    /// `None` when there is no such service.
    #[must_use]
    pub fn read(service: &str, query: &str, key_header: Option<&str>) -> Option<Self> {
        let (version, method) = service.strip_prefix(SERVICE)?.split_once(".GenerativeService.")?;
        let version = match version {
            "v1alpha" => Version::V1Alpha,
            "v1beta" => Version::V1Beta,
            _ => return None,
        };
        let constrained = match method {
            "BidiGenerateContent" => false,
            "BidiGenerateContentConstrained" => true,
            _ => return None,
        };
        let key = parameter(query, "key").or_else(|| key_header.map(str::to_owned));
        Some(Self {
            version,
            constrained,
            key,
            token: parameter(query, "access_token"),
            door: Door::default(),
        })
    }

    /// The path, without the credential.
    #[must_use]
    pub fn path(&self) -> String {
        let method = if self.constrained { "BidiGenerateContentConstrained" } else { "BidiGenerateContent" };
        format!("/ws/{SERVICE}{}.GenerativeService.{method}", self.version.as_str())
    }

    /// The kind of the credential: `key`, `token`, `both` or `none`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match (&self.key, &self.token) {
            (Some(_), Some(_)) => "both",
            (Some(_), None) => "key",
            (None, Some(_)) => "token",
            (None, None) => "none",
        }
    }

    /// The credential, if it belongs to the method.
    pub(crate) fn credential(&self) -> Result<Credential, Refusal> {
        match (self.constrained, &self.key, &self.token) {
            (true, _, Some(token)) => Ok(Credential::Token(token.clone())),
            (false, Some(key), None) => match check_key(key) {
                Ok(()) => Ok(Credential::Key),
                Err(KeyFault::Missing) => Err(Refusal::unregistered_caller("the key is empty")),
                Err(fault) => Err(Refusal::new(1007, fault.text(), "the key")),
            },
            (true, ..) => Err(Refusal::unregistered_caller("the constrained method takes ?access_token=")),
            (false, ..) => Err(Refusal::unregistered_caller("the plain method takes ?key=, and no token")),
        }
    }
}

/// Why a key opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyFault {
    Missing,
    Invalid,
    Expired,
}

impl KeyFault {
    /// The service's words.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Missing => {
                "Method doesn't allow unregistered callers (callers without established identity). \
                 Please use API Key or other form of API consumer identity to call this API."
            }
            Self::Invalid => "API key not valid. Please pass a valid API key.",
            Self::Expired => "API key expired. Please renew the API key.",
        }
    }
}

/// Any key will do, but for two that are meant to fail, and tokens given for keys.
pub(crate) fn check_key(key: &str) -> Result<(), KeyFault> {
    match key {
        "" => Err(KeyFault::Missing),
        "bad-key" => Err(KeyFault::Invalid),
        "expired-key" => Err(KeyFault::Expired),
        token if token.starts_with("auth_tokens/") => Err(KeyFault::Invalid),
        _ => Ok(()),
    }
}

pub(crate) fn parameter(query: &str, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

const SERVICE: &str = "google.ai.generativelanguage.";

#[cfg(test)]
mod tests {
    use super::*;

    fn knock(method: &str, query: &str) -> Knock {
        Knock::read(&format!("google.ai.generativelanguage.v1beta.GenerativeService.{method}"), query, None)
            .unwrap()
    }

    #[test]
    fn a_token_is_read_percent_encoded_or_not() {
        for query in ["access_token=auth_tokens/abc", "alt=x&access_token=auth_tokens%2Fabc"] {
            let credential = knock("BidiGenerateContentConstrained", query).credential();
            assert_eq!(credential, Ok(Credential::Token("auth_tokens/abc".to_owned())));
        }
    }

    #[test]
    fn a_credential_of_the_other_method_is_refused() {
        for (method, query) in [
            ("BidiGenerateContent", "access_token=auth_tokens/abc"),
            ("BidiGenerateContentConstrained", "key=k"),
            ("BidiGenerateContent", ""),
            ("BidiGenerateContent", "key="),
        ] {
            assert_eq!(knock(method, query).credential().unwrap_err().code, 1008, "{method} {query}");
        }
        let refusal = knock("BidiGenerateContent", "key=auth_tokens/abc").credential().unwrap_err();
        assert_eq!(
            (refusal.code, refusal.reason.as_str()),
            (1007, "API key not valid. Please pass a valid API key.")
        );
    }

    #[test]
    fn a_credential_is_never_shown() {
        let shown = format!("{:?}", knock("BidiGenerateContent", "key=secret"));
        assert!(!shown.contains("secret"), "{shown}");
        assert!(!format!("{:?}", Credential::Token("auth_tokens/secret".into())).contains("secret"));
    }

    #[test]
    fn broken_escapes_stay_as_they_are() {
        let decoded = |query| parameter(query, "key");
        assert_eq!(decoded("key=a%2Fb%zz%2").as_deref(), Some("a/b%zz%2"));
        assert_eq!(decoded("key=%%41").as_deref(), Some("%A"));
        assert_eq!(decoded("other=1&key=").as_deref(), Some(""));
        assert_eq!(decoded("keys=1"), None);
    }
}

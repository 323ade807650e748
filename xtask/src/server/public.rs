//! The address by which others reach this server: a tunnel's, which ends here.

use std::str::FromStr;

use anyhow::{Error, Result, anyhow};
use axum::http::Uri;

/// An https address without a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublicUrl {
    authority: String,
}

impl PublicUrl {
    /// Whether a request with this `Host` came by it.
    pub(super) fn is_at(&self, host: &str) -> bool {
        self.authority.eq_ignore_ascii_case(host)
    }

    /// What browsers say of its pages.
    pub(super) fn origin(&self) -> String {
        format!("https://{}", self.authority)
    }

    /// The WebSocket end of it.
    pub(super) fn endpoint(&self) -> String {
        format!("wss://{}", self.authority)
    }
}

impl FromStr for PublicUrl {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong =
            || anyhow!("{text} has to be https://HOST: microphones need https, and the page is at the root");
        let uri: Uri = text.parse().map_err(|_| wrong())?;
        let is_root = matches!(uri.path(), "" | "/") && uri.query().is_none();
        match (uri.scheme_str(), uri.authority()) {
            (Some("https"), Some(authority)) if is_root && !authority.as_str().contains('@') => {
                // As browsers write it.
                Ok(Self { authority: authority.as_str().trim_end_matches(":443").to_ascii_lowercase() })
            }
            _ => Err(wrong()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_known_by_its_name_alone() {
        let public: PublicUrl = "https://Phone.Example:443/".parse().expect("an address");
        assert!(public.is_at("phone.example") && public.is_at("PHONE.example"));
        assert!(!public.is_at("phone.example.evil") && !public.is_at("phone.example:8080"));
        assert_eq!(
            (public.origin().as_str(), public.endpoint().as_str()),
            ("https://phone.example", "wss://phone.example")
        );
    }

    #[test]
    fn what_no_microphone_can_be_used_by_is_refused() {
        for text in
            ["http://phone.example", "phone.example", "https://phone.example/demo", "https://a@b", "https://"]
        {
            let error = text.parse::<PublicUrl>().expect_err(text).to_string();
            assert!(error.contains("https://HOST") && error.lines().count() == 1, "{error}");
        }
    }
}

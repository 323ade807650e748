use std::fmt;

use anyhow::{Result, anyhow};

/// An API key. It goes into one request header and nowhere else: not into `Debug`, an error or the page.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ApiKey(String);

impl ApiKey {
    /// The key without the white space that copying leaves around it; refused when it cannot be a header's value.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let key = text.trim();
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(anyhow!(
                "GEMINI_API_KEY is not a key: copy it again from https://aistudio.google.com/apikey"
            ));
        }
        Ok(Self(key.to_owned()))
    }

    /// The key itself, for the request header.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }

    /// `text` without the key, whoever put it there.
    pub(crate) fn redact(&self, text: &str) -> String {
        text.replace(&self.0, "(key)")
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ApiKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_does_not_show() {
        let key = ApiKey::parse(" secret-1 \n").expect("a key");
        assert_eq!(key.reveal(), "secret-1");
        assert!(!format!("{key:?}").contains("secret"));
        assert_eq!(key.redact("the key secret-1 is bad"), "the key (key) is bad");
    }

    #[test]
    fn what_cannot_be_a_key_is_refused_without_repeating_it() {
        for text in ["", "  ", "two words", "line\nbreak", "schlüssel"] {
            let error = ApiKey::parse(text).expect_err(text).to_string();
            assert!(text.trim().is_empty() || !error.contains(text.trim()), "{error}");
        }
    }
}

//! How errors are shown.

/// An error and its causes as one line, which is what a person reads at the end of a long log.
pub(crate) fn one_line(error: &anyhow::Error) -> String {
    format!("{error:#}").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::one_line;

    #[test]
    fn an_error_with_causes_is_one_line() {
        let error = anyhow!("first\n  cause").context("what failed");
        assert_eq!(one_line(&error), "what failed: first cause");
    }
}

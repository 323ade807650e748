use clap::ValueEnum;

/// A browser that tests are run in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Engine {
    /// Chromium or Chrome.
    Chromium,
    /// Firefox, which plays into a sound server that the tests start.
    Firefox,
}

impl Engine {
    /// Its name, for people and for Playwright.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
        }
    }
}

//! The caller's clock: the machine has none of its own.

use std::{ops::Add, time::Duration};

/// A point on the caller's monotonic clock, in milliseconds since any fixed origin.
///
/// In a browser this is `performance.now()`; in a test it is whatever the test says.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Instant(f64);

impl Instant {
    /// The clock's origin.
    pub const ZERO: Self = Self(0.0);

    /// The point `ms` milliseconds after the clock's origin.
    pub const fn from_ms(ms: f64) -> Self {
        Self(ms)
    }

    /// Milliseconds since the clock's origin.
    pub const fn as_ms(self) -> f64 {
        self.0
    }

    /// Milliseconds since `earlier`; zero if that is later.
    pub fn ms_since(self, earlier: Self) -> f64 {
        (self.0 - earlier.0).max(0.0)
    }

    /// The earlier of two points.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        if other.0 < self.0 { other } else { self }
    }

    /// The later of two points.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        if other.0 > self.0 { other } else { self }
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0 + duration.as_secs_f64() * 1000.0)
    }
}

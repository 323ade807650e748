//! A policy on its way to the Worker: nothing but numbers.

use std::time::Duration;

use js_sys::Array;

use crate::session::{BargeInPolicy, Budget, Policy, Prices, RetryPolicy};

/// The policy in these numbers, if they are one's.
pub(super) fn taken(numbers: Array) -> Option<Policy> {
    let mut row = Row { numbers, next: 0, is_short: false };
    let mut policy = Policy::default();
    policy.take(&mut row);
    (!row.is_short).then_some(policy)
}

/// Numbers that are taken one after another. That one is missing is asked for once, when all are taken.
pub(super) struct Row {
    numbers: Array,
    next: u32,
    is_short: bool,
}

impl Row {
    fn next(&mut self) -> Option<f64> {
        let number = self.numbers.get(self.next).as_f64();
        self.next += 1;
        self.is_short |= number.is_none();
        number
    }
}

/// What goes over the port as one number, or as several in a row.
pub(super) trait Numbers {
    fn put(&self, numbers: &Array);

    /// Becomes what was put, by the numbers that come next.
    fn take(&mut self, numbers: &mut Row);
}

macro_rules! in_a_row {
    ($type:ident { $($field:ident),* $(,)? }) => {
        // The compiler misses a field that is not named.
        impl Numbers for $type {
            fn put(&self, numbers: &Array) {
                let Self { $($field),* } = self;
                $($field.put(numbers);)*
            }

            fn take(&mut self, numbers: &mut Row) {
                let Self { $($field),* } = self;
                $(Numbers::take($field, numbers);)*
            }
        }
    };
}

in_a_row!(Policy {
    connect,
    close,
    audio_pause,
    backlog_bytes,
    send_bytes,
    hold,
    keep_answers,
    frame_bytes,
    resumption,
    fresh_if_stale,
    retry,
    hold_reconnecting,
    reseed_bytes,
    silence,
    seed,
    turns,
    turn_bytes,
    speech_pause,
    push_to_talk,
    pre_roll,
    frame,
    half_duplex,
    echo_gate,
    barge_in,
    prices,
    budget,
    model_checks,
});
in_a_row!(RetryPolicy { first, factor, longest, jitter, give_up });
in_a_row!(BargeInPolicy { speech, confirm });
in_a_row!(Prices { prompt_text, prompt_audio, prompt_video, response_text, response_audio });
in_a_row!(Budget { tokens, cost, warn_at });

impl<T: Numbers + Default + Copy> Numbers for Option<T> {
    fn put(&self, numbers: &Array) {
        self.is_some().put(numbers);
        self.unwrap_or_default().put(numbers);
    }

    fn take(&mut self, numbers: &mut Row) {
        let (mut is_some, mut inner) = (false, T::default());
        is_some.take(numbers);
        inner.take(numbers);
        *self = is_some.then_some(inner);
    }
}

macro_rules! as_one {
    ($($type:ty: $to:expr, $from:expr;)*) => {$(
        impl Numbers for $type {
            fn put(&self, numbers: &Array) {
                let to: fn(Self) -> f64 = $to;
                numbers.push(&to(*self).into());
            }

            fn take(&mut self, numbers: &mut Row) {
                let from: fn(f64) -> Self = $from;
                if let Some(taken) = numbers.next().map(from) {
                    *self = taken;
                }
            }
        }
    )*};
}

as_one! {
    f64: |number| number, |number| number;
    u32: f64::from, |number| number as u32;
    usize: |size| size as f64, |number| number as usize;
    bool: |is_on| f64::from(u8::from(is_on)), |number| number > 0.0;
    Duration: ms, |ms| Duration::from_millis(ms as u64);
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs() as f64 * MS_PER_SECOND + f64::from(duration.subsec_millis())
}

const MS_PER_SECOND: f64 = 1000.0;

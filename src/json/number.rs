//! A number, which is its text.

use std::fmt;

/// A number as it was written, digit by digit.
///
/// Nothing rounds it on its way through this library. Two numbers are equal if they are written alike:
/// `1.0` is not `1`.
#[derive(Clone, PartialEq, Eq)]
pub struct Number(String);

impl Number {
    /// A number whose text the reader has checked.
    pub(super) fn from_checked(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text: what JSON says a number looks like.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value, if it is written as an integer and is one of 64 bits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        // An integer has no other zero; a float has.
        self.0.parse().ok().filter(|_| self.0 != "-0")
    }

    /// The value, if it is written as an integer and is one of 64 bits without sign.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        self.0.parse().ok()
    }

    /// The float nearest to the value; `None` where that would be infinite.
    ///
    /// 15 kB of code stand behind this one: on JavaScript's way nothing calls it.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        self.0.parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// The value, if it is an integer of 64 bits, however it is written: `40`, `40.0`, `4e1`.
    #[must_use]
    pub fn to_integer(&self) -> Option<i64> {
        let (mantissa, exponent) = self.0.split_once(['e', 'E']).unwrap_or((&self.0, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = [whole, fraction].concat();
        let digits = digits.trim_end_matches('0');
        if digits.is_empty() || digits == "-" {
            return Some(0);
        }
        // How many zeros follow the last other digit. With fewer than none, that one is behind the point.
        let zeros = exponent.parse::<i64>().ok()?.checked_add(whole.len() as i64 - digits.len() as i64)?;
        if !(0..19).contains(&zeros) {
            return None;
        }
        let last = digits.parse::<i64>().ok();
        (0..zeros).fold(last, |value, _| value?.checked_mul(10))
    }

    /// The shortest text that means this float; `None` for NaN and the infinities.
    ///
    /// As with [`as_f64`](Self::as_f64), the code behind this is large: see [`from_thousandths`](Self::from_thousandths).
    #[must_use]
    pub fn from_f64(number: f64) -> Option<Self> {
        serde_json::Number::from_f64(number).map(|number| Self(number.to_string()))
    }

    /// A float rounded to three decimals, for milliseconds and their like. NaN is 0.
    #[must_use]
    pub fn from_thousandths(number: f64) -> Self {
        let thousandths = (number * 1000.0).round() as i64;
        let mut text = String::from(if thousandths < 0 { "-" } else { "" });
        push_digits(&mut text, thousandths.unsigned_abs() / 1000);
        let fraction = thousandths.unsigned_abs() % 1000;
        if fraction > 0 {
            text.push('.');
            let (mut rest, mut place) = (fraction, 100);
            while rest > 0 {
                push_digits(&mut text, rest / place);
                rest %= place;
                place /= 10;
            }
        }
        Self(text)
    }
}

impl Number {
    /// A float rounded to six decimals, for small sums of money. NaN is 0.
    #[must_use]
    pub fn from_millionths(number: f64) -> Self {
        let mut text = Self::from((number * 1e6).round() as i64).0;
        text.push_str("e-6");
        Self(text)
    }
}

impl From<u64> for Number {
    fn from(number: u64) -> Self {
        let mut text = String::new();
        push_digits(&mut text, number);
        Self(text)
    }
}

impl From<i64> for Number {
    fn from(number: i64) -> Self {
        let mut text = String::from(if number < 0 { "-" } else { "" });
        push_digits(&mut text, number.unsigned_abs());
        Self(text)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The decimal digits. What the standard library has is there once for each type.
pub(crate) fn digits(number: usize) -> String {
    let mut text = String::new();
    push_digits(&mut text, number as u64);
    text
}

fn push_digits(text: &mut String, number: u64) {
    if number > 9 {
        push_digits(text, number / 10);
    }
    text.push(char::from(b'0' + (number % 10) as u8));
}

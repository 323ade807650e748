//! Times as the wire writes them: RFC 3339.

/// Milliseconds since 1970 of a time such as `2030-05-01T12:34:56.5+02:00`; `None` if it is not one.
#[must_use]
pub fn unix_ms(text: &str) -> Option<f64> {
    let (date, rest) = text.split_at_checked(10)?;
    let rest = rest.strip_prefix(['T', 't'])?;
    let (clock, rest) = rest.split_at_checked(8)?;
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
    let is_real = (1..=12).contains(&month)
        && (1..=days_of(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    if !is_real {
        return None;
    }
    let (fraction, zone) = fraction_ms(rest)?;
    let offset_minutes = offset(zone)?;
    let seconds =
        days_since_1970(year, month, day) * 86_400 + hour * 3_600 + (minute - offset_minutes) * 60 + second;
    Some(seconds as f64 * 1_000.0 + fraction)
}

/// Three numbers of fixed width.
fn numbers(text: &str, separator: char, widths: [usize; 3]) -> Option<[i64; 3]> {
    let mut pieces = text.split(separator);
    let mut found = [0; 3];
    for (number, width) in found.iter_mut().zip(widths) {
        *number = digits(pieces.next()?, width)?;
    }
    if pieces.next().is_some() { None } else { Some(found) }
}

fn digits(text: &str, width: usize) -> Option<i64> {
    let is_number = text.len() == width && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

fn fraction_ms(rest: &str) -> Option<(f64, &str)> {
    let Some(rest) = rest.strip_prefix('.') else { return Some((0.0, rest)) };
    let width = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (fraction, zone) = rest.split_at_checked(width)?;
    if !(1..=9).contains(&width) {
        return None;
    }
    // Digit by digit: the standard library's parser of floats is 15 kB of code.
    let (mut fraction_ms, mut weight) = (0.0, 100.0);
    for digit in fraction.bytes() {
        fraction_ms += f64::from(digit - b'0') * weight;
        weight /= 10.0;
    }
    Some((fraction_ms, zone))
}

/// Minutes by which the zone is ahead of UTC.
fn offset(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = match zone.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    if hours < 24 && minutes < 60 { Some(sign * (hours * 60 + minutes)) } else { None }
}

const fn days_of(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days of the Gregorian calendar; the year is counted from March, so that the leap day is its last, and from 400 years
/// earlier, so that none is negative and divisions round one way.
const fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year + 400, month - 3) } else { (year + 399, month + 9) };
    let leap_days = year / 4 - year / 100 + year / 400;
    year * 365 + leap_days + (month * 153 + 2) / 5 + day - 1 - 865_565
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_count_from_1970() {
        for (text, ms) in [
            ("1970-01-01T00:00:00Z", 0.0),
            ("2000-02-29T12:00:00Z", 951_825_600_000.0),
            ("2030-05-01T12:34:56+02:00", 1_903_862_096_000.0),
            ("2030-05-01t10:34:56.25z", 1_903_862_096_250.0),
            ("0001-01-01T00:00:00Z", -62_135_596_800_000.0),
            ("0000-02-29T00:00:00Z", -62_162_121_600_000.0),
        ] {
            assert_eq!(unix_ms(text), Some(ms), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "tomorrow",
            "2030-05-01",
            "2030-05-01T12:34:56",
            "2030-05-01 12:34:56Z",
            "2030-02-29T00:00:00Z",
            "2030-13-01T00:00:00Z",
            "2030-05-01T24:00:00Z",
            "2030-05-01T12:34:56.Z",
            "2030-05-01T12:34:56+2:00",
            "2030-05-01T12:34:56+02:00x",
            "２０30-05-01T12:34:56Z",
            "+203-05-01T12:34:56Z",
        ] {
            assert_eq!(unix_ms(text), None, "{text}");
        }
    }
}

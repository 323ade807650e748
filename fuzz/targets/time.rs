//! Any text as a time: read as `jiff` reads it, but for what RFC 3339 and the Gregorian calendar leave open.

#![no_main]

use gemini_live_web::protocol::unix_ms;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let ours = unix_ms(text);
    let theirs = text.parse::<jiff::Timestamp>().ok().map(|time| time.as_nanosecond() as f64 / 1e6);
    match (ours, theirs) {
        // A minute has a 61st second now and then; it is counted as the next minute's first, and theirs as the 60th.
        (Some(ours), Some(theirs)) => {
            let leap = if text.get(17..19) == Some("60") { 1000.0 } else { 0.0 };
            // Far from 1970 a float's last digits are hundredths of a millisecond.
            assert!((ours - theirs).abs() <= leap + 0.1, "{text}: {ours} {theirs}");
        }
        // ISO 8601 has more forms than RFC 3339.
        (None, Some(_)) => assert!(!is_rfc_3339(text), "{text} is a time"),
        // Theirs does not reach as far into the past and the future.
        (Some(ours), None) => {
            let is_far = !(-6.2e13..=2.5e14).contains(&ours);
            let is_leap = text.get(17..19) == Some("60");
            assert!(is_far || is_leap, "{text} is no time");
        }
        (None, None) => {}
    }
});

/// The form alone: `2030-05-01T12:34:56.5+02:00`.
fn is_rfc_3339(text: &str) -> bool {
    let form = |text: &str, form: &str| {
        text.len() == form.len()
            && text.bytes().zip(form.bytes()).all(|(byte, wanted)| match wanted {
                b'0' => byte.is_ascii_digit(),
                wanted => byte.eq_ignore_ascii_case(&wanted),
            })
    };
    let Some((moment, rest)) = text.split_at_checked(19) else { return false };
    let fraction =
        rest.strip_prefix('.').map_or(0, |rest| 1 + rest.bytes().take_while(u8::is_ascii_digit).count());
    let zone = rest.get(fraction..).unwrap_or_default();
    // Theirs has zones of more than a day.
    let is_of_a_day = zone.get(1..3).is_none_or(|hours| hours < "24");
    let is_zone = form(zone, "z") || is_of_a_day && (form(zone, "+00:00") || form(zone, "-00:00"));
    form(moment, "0000-00-00t00:00:00") && fraction != 1 && fraction <= 10 && is_zone
}

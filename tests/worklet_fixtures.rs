//! What the worklet's resampler must compute, as Rust computes it: `tests/worklet/fixtures/resampler.json`.
//!
//! After a change of the filters: `UPDATE_FIXTURES=1 cargo test --test worklet_fixtures`.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, reason = "a test, helpers included")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gemini_live_web::audio::filter::{Polyphase, Resampler, design};
use gemini_live_web::audio::pcm;
use serde_json::{Value, json};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/worklet/fixtures/resampler.json");

/// Noise that JavaScript makes as well, from the same seed.
fn noise(count: usize) -> Vec<f32> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as i16
    };
    (0..count).map(|_| pcm::to_f32(next())).collect()
}

fn fixture(from_hz: u32, to_hz: u32, filter: &Polyphase) -> Value {
    let mut output = Vec::new();
    Resampler::with_filter(Some(filter.clone()))
        .process(&noise(1_000), |value| output.push(pcm::from_f64(value)));
    let coefficients: Vec<u8> = filter.coefficients.iter().flat_map(|value| value.to_le_bytes()).collect();
    json!({
        "fromHz": from_hz,
        "toHz": to_hz,
        "up": filter.up,
        "down": filter.down,
        "taps": filter.taps,
        "coefficients": STANDARD.encode(coefficients),
        "output": STANDARD.encode(pcm::to_bytes(&output)),
    })
}

/// Ratios with one phase, with few and with many, up and down, and one that needs interpolation.
fn fixtures() -> Vec<Value> {
    let pairs = [
        (48_000, 16_000),
        (24_000, 16_000),
        (24_000, 48_000),
        (24_000, 44_100),
        (24_000, 96_000),
        (24_000, 47_999),
    ];
    let fixtures = pairs.map(|(from_hz, to_hz)| {
        let mut filter = design(from_hz, to_hz).expect("rates").expect("a filter");
        let rows = filter.coefficients.len() / filter.taps as usize;
        if rows < filter.up as usize {
            // Every 31st row of an interpolated table is a coarser table: as good for comparing, and small.
            let taps = filter.taps as usize;
            let coarse = filter.coefficients.chunks(taps).step_by(31).take((rows - 1) / 31 + 1);
            filter.coefficients = coarse.flatten().copied().collect();
        }
        fixture(from_hz, to_hz, &filter)
    });
    fixtures.to_vec()
}

#[test]
fn the_worklets_fixtures_are_what_rust_computes() {
    let fixtures = fixtures();
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        let lines: Vec<String> = fixtures.iter().map(Value::to_string).collect();
        std::fs::write(PATH, format!("[\n{}\n]\n", lines.join(",\n"))).expect("the fixtures can be written");
    }
    let stored = std::fs::read_to_string(PATH).unwrap_or_default();
    let stored: Vec<Value> = serde_json::from_str(&stored).unwrap_or_default();
    assert!(stored == fixtures, "stale fixtures; run UPDATE_FIXTURES=1 cargo test --test worklet_fixtures");
}

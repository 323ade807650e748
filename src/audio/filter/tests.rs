//! Each test prints what it measured: `cargo test --lib audio::filter -- --nocapture`.

use super::*;

/// Rates of microphones and loudspeakers: of sound cards, of Bluetooth headsets, and one that divides nothing.
const DEVICE_RATES_HZ: [u32; 9] = [8_000, 11_025, 22_050, 24_000, 44_100, 47_999, 48_000, 96_000, 192_000];

/// Amplitude of all test tones: -6 dB of full scale.
const AMPLITUDE: f64 = 0.5;

fn tone(frequency_hz: f64, rate_hz: u32, samples: usize) -> Vec<f32> {
    let step = std::f64::consts::TAU * frequency_hz / f64::from(rate_hz);
    (0..samples).map(|i| (AMPLITUDE * (step * i as f64).sin()) as f32).collect()
}

/// The steady part of what a sixteenth of a second of a tone becomes.
fn steady(frequency_hz: f64, from_hz: u32, to_hz: u32) -> Vec<f64> {
    let mut output = Vec::new();
    let mut resampler = Resampler::new(from_hz, to_hz).expect("rates");
    resampler.process(&tone(frequency_hz, from_hz, from_hz as usize / 16), |value| output.push(value));
    output.split_off(output.len() / 4)
}

fn decibels(power: f64) -> f64 {
    10.0 * (power + 1e-20).log10()
}

fn power(samples: &[f64]) -> f64 {
    samples.iter().map(|sample| sample * sample).sum::<f64>() / samples.len() as f64
}

/// Level of everything in the output against a tone of [`AMPLITUDE`], in dB.
fn level(samples: &[f64]) -> f64 {
    decibels(power(samples) / (AMPLITUDE * AMPLITUDE / 2.0))
}

/// Gain of a tone, and its distance to all that is not the tone, in dB: a least-squares fit of the tone, and what is left over.
fn gain_and_sndr(samples: &[f64], frequency_hz: f64, rate_hz: u32) -> (f64, f64) {
    let step = std::f64::consts::TAU * frequency_hz / f64::from(rate_hz);
    let basis = |i: usize| (step * i as f64).sin_cos();
    let (mut ss, mut cc, mut sc, mut ys, mut yc) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (i, y) in samples.iter().enumerate() {
        let (s, c) = basis(i);
        (ss, cc, sc, ys, yc) = (ss + s * s, cc + c * c, sc + s * c, ys + y * s, yc + y * c);
    }
    let determinant = ss * cc - sc * sc;
    let (a, b) = ((ys * cc - yc * sc) / determinant, (yc * ss - ys * sc) / determinant);
    let rest: Vec<f64> =
        samples.iter().enumerate().map(|(i, y)| y - a * basis(i).0 - b * basis(i).1).collect();
    let tone_power = (a * a + b * b) / 2.0;
    (decibels(tone_power / (AMPLITUDE * AMPLITUDE / 2.0)), decibels(tone_power / power(&rest)))
}

/// `count` frequencies from `low` to `high` Hz.
fn frequencies(low: u32, high: u32, count: u32) -> impl Iterator<Item = f64> {
    (0..count).map(move |i| f64::from(low) + f64::from(high - low) * f64::from(i) / f64::from(count - 1))
}

#[test]
fn what_the_wire_cannot_hold_is_gone_by_90_db_from_8500_hz() {
    for from_hz in DEVICE_RATES_HZ.into_iter().filter(|&rate| rate > 17_000) {
        let worst = frequencies(8_500, from_hz / 2 - 100, 15)
            .map(|frequency| (level(&steady(frequency, from_hz, 16_000)), frequency))
            .fold((-999.0, 0.0), |worst, found| if found.0 > worst.0 { found } else { worst });
        println!("{from_hz:6} -> 16000 Hz: alias at most {:.1} dB, at {:.0} Hz", worst.0, worst.1);
        assert!(worst.0 <= -90.0, "{from_hz}: {worst:?}");
    }
}

#[test]
fn a_voice_reaches_the_wire_within_a_tenth_of_a_db_and_90_db_clean_to_7_khz() {
    for from_hz in DEVICE_RATES_HZ.into_iter().filter(|&rate| rate > 17_000) {
        let (mut ripple, mut sndr) = (0.0_f64, 999.0_f64);
        for frequency in frequencies(100, 6_999, 15) {
            let found = gain_and_sndr(&steady(frequency, from_hz, 16_000), frequency, 16_000);
            (ripple, sndr) = (ripple.max(found.0.abs()), sndr.min(found.1));
        }
        println!("{from_hz:6} -> 16000 Hz: ripple {ripple:.4} dB, SNDR at least {sndr:.1} dB to 7 kHz");
        assert!(ripple <= 0.1 && sndr >= 90.0, "{from_hz}: {ripple} {sndr}");
    }
}

#[test]
fn an_answer_reaches_the_loudspeaker_90_db_clean_to_10_khz() {
    for to_hz in DEVICE_RATES_HZ.into_iter().filter(|&rate| rate > 24_000) {
        let (mut ripple, mut sndr) = (0.0_f64, 999.0_f64);
        for frequency in frequencies(100, 9_999, 15) {
            let found = gain_and_sndr(&steady(frequency, 24_000, to_hz), frequency, to_hz);
            (ripple, sndr) = (ripple.max(found.0.abs()), sndr.min(found.1));
        }
        println!("24000 -> {to_hz:6} Hz: ripple {ripple:.4} dB, SNDR at least {sndr:.1} dB to 10 kHz");
        assert!(ripple <= 0.1 && sndr >= 90.0, "{to_hz}: {ripple} {sndr}");
    }
}

#[test]
fn narrow_devices_get_and_give_what_they_can_hold() {
    for (from_hz, to_hz) in
        [(8_000, 16_000), (11_025, 16_000), (24_000, 8_000), (24_000, 11_025), (24_000, 22_050)]
    {
        let mut sndr = 999.0_f64;
        for frequency in frequencies(100, from_hz.min(to_hz) * 2 / 5, 15) {
            let found = gain_and_sndr(&steady(frequency, from_hz, to_hz), frequency, to_hz);
            assert!(found.0.abs() <= 0.1, "{from_hz} -> {to_hz} at {frequency}: {found:?}");
            sndr = sndr.min(found.1);
        }
        println!("{from_hz:6} -> {to_hz:5} Hz: SNDR at least {sndr:.1} dB to 0.4 of the lower rate");
        assert!(sndr >= 90.0);
    }
}

#[test]
fn the_microphone_is_held_back_by_at_most_2_7_ms() {
    for from_hz in [44_100, 48_000, 96_000] {
        let filter = design(from_hz, 16_000).expect("rates").expect("a filter");
        let delay_ms = filter.delay_s(from_hz) * 1000.0;
        println!("{from_hz:6} -> 16000 Hz: {} taps, {delay_ms:.2} ms", filter.taps);
        assert!(delay_ms <= 2.7);
    }
}

#[test]
fn the_stated_delay_is_the_delay_of_an_impulse() {
    let filter = design(48_000, 16_000).expect("rates").expect("a filter");
    let mut input = vec![0.0; 960];
    input[300] = 1.0;
    let mut output = Vec::new();
    Resampler::with_filter(Some(filter.clone())).process(&input, |value| output.push(value));
    let peak =
        (0..output.len()).max_by(|&a, &b| output[a].abs().total_cmp(&output[b].abs())).expect("output");
    let delay_s = peak as f64 / 16_000.0 - 300.0 / 48_000.0;
    assert!((delay_s - filter.delay_s(48_000)).abs() < 0.5 / 48_000.0, "{delay_s}");
}

#[test]
fn every_second_of_input_makes_exactly_a_second_of_output() {
    for (from_hz, to_hz) in
        [(44_100, 16_000), (48_000, 16_000), (47_999, 16_000), (24_000, 44_100), (24_000, 47_999)]
    {
        // The stepping does not look at the coefficients: four of them, all zero, show the same count in less time.
        let filter = design(from_hz, to_hz).expect("rates").expect("a filter");
        let mut resampler =
            Resampler::with_filter(Some(Polyphase { taps: 4, coefficients: vec![0.0; 8], ..filter }));
        let start = resampler.phase;
        for _ in 0..3 {
            let mut count = 0;
            resampler.process(&vec![0.0; from_hz as usize], |_| count += 1);
            // The phase is where it was: what holds for this second holds for every one after it.
            assert_eq!((count, resampler.phase), (to_hz, start), "{from_hz} -> {to_hz}");
        }
    }
}

#[test]
fn the_stream_is_the_same_however_it_is_cut() {
    for (from_hz, to_hz) in
        [(44_100, 16_000), (48_000, 16_000), (24_000, 44_100), (24_000, 47_999), (16_000, 16_000)]
    {
        let input = tone(997.0, from_hz, 6_000);
        let run = |portion: usize| {
            let mut resampler = Resampler::new(from_hz, to_hz).expect("rates");
            let mut output = Vec::new();
            input.chunks(portion).for_each(|samples| resampler.process(samples, |value| output.push(value)));
            output
        };
        let whole = run(input.len());
        for portion in [1, 7, 64, 128, 160, 441, 4_096] {
            assert!(run(portion) == whole, "{from_hz} -> {to_hz} in portions of {portion}");
        }
    }
}

#[test]
fn equal_rates_need_no_filter_and_change_nothing() {
    assert_eq!(design(16_000, 16_000).expect("rates"), None);
    let samples: Vec<i16> = (i16::MIN..=i16::MAX).collect();
    assert_eq!(resample(&samples, 24_000, 24_000).expect("rates"), samples);
}

#[test]
fn rates_that_no_device_has_are_refused() {
    for (from_hz, to_hz) in [(0, 16_000), (16_000, 0), (2_999, 16_000), (24_000, 768_001), (u32::MAX, 1)] {
        assert_eq!(design(from_hz, to_hz).expect_err("refused").code, Code::Unsupported);
    }
}

#[test]
fn no_ratio_makes_a_table_beyond_its_bound() {
    let awkward = [3_000, 3_001, 7_999, 11_025, 44_099, 47_999, 95_999, 191_999, 767_999, 768_000];
    for (from_hz, to_hz) in awkward.iter().flat_map(|&a| awkward.map(|b| (a, b))).filter(|(a, b)| a != b) {
        let filter = design(from_hz, to_hz).expect("rates").expect("a filter");
        let rows = filter.coefficients.len() / filter.taps as usize;
        assert!(filter.coefficients.len() <= TABLE && filter.taps.is_multiple_of(4));
        assert!(rows == filter.up as usize || rows >= 2, "{from_hz} -> {to_hz}: {rows}");
    }
}

#[test]
fn silence_and_a_constant_stay_what_they_are() {
    for (from_hz, to_hz) in [(44_100, 16_000), (24_000, 44_100), (24_000, 47_999)] {
        let mut resampler = Resampler::new(from_hz, to_hz).expect("rates");
        let mut output = Vec::new();
        resampler.process(&vec![0.25; 4_000], |value| output.push(value));
        let settled = output.split_off(output.len() / 2);
        assert!(settled.iter().all(|value| (value - 0.25).abs() < 1e-6));
        resampler.reset();
        resampler.process(&[0.0; 1_000], |value| assert!(value == 0.0));
    }
}

#[test]
fn a_sample_that_is_no_number_passes_and_leaves_no_trace() {
    let mut resampler = Resampler::new(48_000, 16_000).expect("rates");
    let mut input = vec![0.0; 2_000];
    input[100] = f32::NAN;
    input[101] = f32::INFINITY;
    let mut output = Vec::new();
    resampler.process(&input, |value| output.push(pcm::from_f64(value)));
    assert!(output.iter().skip(150).all(|&sample| sample == 0));
}

#[test]
fn finishing_hands_over_what_the_filter_holds() {
    let mut resampler = Resampler::new(48_000, 24_000).expect("rates");
    let mut held = Vec::new();
    resampler.process(&tone(1_000.0, 48_000, 480), |_| {});
    resampler.finish(&mut held);
    let energy: f64 = held.iter().map(|sample| f64::from(pcm::to_f32(*sample)).powi(2)).sum();
    assert!(energy > 1.0, "{energy}");
    resampler.process(&[0.0; 480], |value| assert!(value == 0.0));
}

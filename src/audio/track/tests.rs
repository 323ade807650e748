use super::*;
use crate::audio::pcm;

/// A track that gives what it is told to, portion by portion, as a browser does.
struct Device {
    rate_hz: u32,
    channels: usize,
    /// When its next portion begins.
    at_us: f64,
    samples: Vec<f32>,
    given: usize,
}

impl Device {
    fn new(rate_hz: u32, samples: Vec<f32>) -> Self {
        Self { rate_hz, channels: 1, at_us: 0.0, samples, given: 0 }
    }

    /// Gives its next portion of so many samples, or what is left of them.
    fn give(&mut self, tracks: &mut Tracks, turn: u32, count: usize) {
        let end = (self.given + count).min(self.samples.len());
        let mono = &self.samples[self.given..end];
        // Whatever is of one channel alone cancels out.
        let planes: Vec<f32> = match self.channels {
            1 => mono.to_vec(),
            _ => [0.25, -0.25].iter().flat_map(|own| mono.iter().map(move |sample| sample + own)).collect(),
        };
        let data = TrackData {
            planes: &planes,
            channels: self.channels,
            rate_hz: self.rate_hz,
            timestamp_us: self.at_us,
        };
        tracks.hear(turn, &data, Instant::from_ms(self.at_us / 1e3));
        self.given = end;
        self.at_us += mono.len() as f64 * 1e6 / f64::from(self.rate_hz);
    }
}

/// Samples that are each another than their neighbours, exact at 16 bit.
fn count(from: i16, samples: usize) -> Vec<f32> {
    (0..samples).map(|at| f32::from(from + at as i16) / 32768.0).collect()
}

fn wave(samples: usize) -> Vec<f32> {
    (0..samples).map(|at| (at as f32 * 0.05).sin() * 0.5).collect()
}

fn counted(from: i16, samples: usize) -> Vec<i16> {
    (0..samples).map(|at| from + at as i16).collect()
}

#[test]
fn at_the_wires_own_rate_every_sample_is_given_once_and_as_it_was() {
    for portion in [1, 7, 128, 160, 441, 1_000] {
        let (mut tracks, mut device) = (Tracks::default(), Device::new(16_000, count(-2_000, 4_000)));
        let turn = tracks.add();
        let mut given = Vec::new();
        while device.given < 4_000 {
            device.give(&mut tracks, turn, portion);
            given.extend(tracks.take());
        }
        assert_eq!(given, counted(-2_000, 4_000), "portions of {portion}");
        assert_eq!(tracks.take_lost(), 0);
    }
}

#[test]
fn at_any_rate_what_is_given_is_what_the_resampler_makes_of_it_however_it_is_cut() {
    for rate_hz in [8_000, 22_050, 44_100, 48_000] {
        // A tenth of a second.
        let samples = rate_hz as usize / 10;
        let mut expected = Vec::new();
        let mut whole = Resampler::new(rate_hz, CAPTURE_RATE_HZ).expect("a rate");
        whole.process(&wave(samples), |value| expected.push(pcm::from_f64(value)));
        assert_eq!(expected.len(), 1_600, "{rate_hz} Hz");
        for (portion, channels) in [(samples / 10, 1), (441, 1), (1, 1), (1_023, 2)] {
            let (mut tracks, mut device) = (Tracks::default(), Device::new(rate_hz, wave(samples)));
            device.channels = channels;
            let turn = tracks.add();
            let mut given = Vec::new();
            while device.given < samples {
                device.give(&mut tracks, turn, portion);
                given.extend(tracks.take());
            }
            assert_eq!(given.len(), expected.len(), "{rate_hz} Hz in portions of {portion}");
            // Two channels are averaged in floats.
            let wrong = given
                .iter()
                .zip(&expected)
                .filter(|(one, other)| one.abs_diff(**other) > channels as u16 - 1);
            assert_eq!(wrong.count(), 0, "{rate_hz} Hz in portions of {portion}");
        }
    }
}

#[test]
fn a_track_that_changes_its_rate_keeps_what_the_filter_still_held() {
    let mut tracks = Tracks::default();
    let turn = tracks.add();
    let mut device = Device::new(48_000, wave(48_000));
    device.give(&mut tracks, turn, 24_000);
    device.rate_hz = 16_000;
    device.give(&mut tracks, turn, 16_000);
    // Half a second and a second; and what the filter gives when silence follows, half of its length.
    assert_eq!(tracks.take().len(), 8_000 + 40 + 16_000);
}

#[test]
fn two_tracks_are_joined_at_one_moment_and_no_sample_is_missing_or_doubled() {
    // Portions of both; and whose comes first.
    for (mine, its, is_first) in [
        (160, 160, true),
        (160, 160, false),
        (128, 160, true),
        (480, 160, true),
        (7, 160, false),
        (160, 9, true),
    ] {
        let mut tracks = Tracks::default();
        let first = tracks.add();
        let mut one = Device::new(16_000, count(1, 16_000));
        let mut given = Vec::new();
        while one.given < 3_200 {
            one.give(&mut tracks, first, mine);
            given.extend(tracks.take());
        }
        let begun = one.given;
        let second = tracks.add();
        // At each time it has the same number, downwards.
        let downwards = (0_i16..12_000).map(|at| f32::from(-1 - begun as i16 - at) / 32768.0);
        let mut other = Device::new(16_000, downwards.collect());
        // A clock of its own.
        other.at_us = 1e9;
        while one.given < 8_000 {
            let is_behind = other.given + begun < one.given;
            if is_behind || (is_first && other.given + begun == one.given) {
                other.give(&mut tracks, second, its);
            } else {
                one.give(&mut tracks, first, mine);
            }
            given.extend(tracks.take());
        }
        assert_eq!(tracks.turn(), second);
        let seam = given.iter().zip(1..).take_while(|(sample, due)| **sample == *due).count();
        assert!((begun..=begun + 4 * SEAM + 2 * mine).contains(&seam), "{seam} from {begun} on");
        // As nearly of the same time as portions are long.
        let rest = &given[seam + SEAM..];
        let off = i32::from(-rest[0]) - (seam + SEAM + 1) as i32;
        assert!(
            off.unsigned_abs() as usize <= mine.max(its),
            "{off} samples off, in portions of {mine} and {its}"
        );
        let wrong = rest.windows(2).filter(|pair| pair[1] != pair[0] - 1).count();
        assert_eq!(wrong, 0, "behind the seam, in portions of {mine} and {its}");
        assert!(rest.len() > 4_000);
        for (at, (sample, due)) in given.iter().zip(1_i32..).skip(seam).take(SEAM).enumerate() {
            let share = (at + 1) as f64 / SEAM as f64;
            let mixed = f64::from(due) * (1.0 - share) - f64::from(due + off) * share;
            assert!(
                (f64::from(*sample) - mixed).abs() <= 1.0,
                "sample {at} of the seam: {sample}, not {mixed}"
            );
        }
    }
}

#[test]
fn the_one_before_is_heard_for_as_long_as_the_next_gives_nothing() {
    let mut tracks = Tracks::default();
    let (first, mut one) = (tracks.add(), Device::new(16_000, count(1, 3_200)));
    tracks.add();
    let mut given = Vec::new();
    for _ in 0..20 {
        one.give(&mut tracks, first, 160);
        given.extend(tracks.take());
    }
    assert_eq!(given, counted(1, 3_200));
    assert_eq!(tracks.turn(), first);
}

#[test]
fn after_a_track_that_has_ended_the_next_is_heard_from_its_beginning() {
    let mut tracks = Tracks::default();
    let (first, mut one) = (tracks.add(), Device::new(16_000, count(1, 160)));
    one.give(&mut tracks, first, 160);
    assert_eq!(tracks.take(), counted(1, 160));
    tracks.end(first);
    assert!(tracks.is_over());
    let (second, mut other) = (tracks.add(), Device::new(16_000, count(1_000, 320)));
    assert!(!tracks.is_over());
    other.at_us = 5e6;
    other.give(&mut tracks, second, 320);
    assert_eq!(tracks.take(), counted(1_000, 320));
    assert_eq!((tracks.turn(), tracks.take_lost()), (second, 0));
}

#[test]
fn a_track_that_falls_silent_without_an_end_does_not_keep_the_next_from_being_heard() {
    let mut tracks = Tracks::default();
    let (first, mut one) = (tracks.add(), Device::new(16_000, count(1, 320)));
    one.give(&mut tracks, first, 160);
    assert_eq!(tracks.take(), counted(1, 160));
    let (second, mut other) = (tracks.add(), Device::new(16_000, vec![0.5; 32_000]));
    other.at_us = 1e9;
    let mut given = Vec::new();
    for _ in 0..120 {
        other.give(&mut tracks, second, 160);
        given.extend(tracks.take());
    }
    assert_eq!(tracks.turn(), second);
    assert!(given.len() > 8_000, "{}", given.len());
}

#[test]
fn of_two_that_are_expected_the_later_is_heard() {
    let mut tracks = Tracks::default();
    let (first, mut one) = (tracks.add(), Device::new(16_000, count(1, 1_600)));
    one.give(&mut tracks, first, 160);
    tracks.take();
    let (second, third) = (tracks.add(), tracks.add());
    let (mut unwanted, mut other) =
        (Device::new(16_000, vec![0.9; 1_600]), Device::new(16_000, vec![-0.5; 1_600]));
    (unwanted.at_us, other.at_us) = (one.at_us, one.at_us);
    unwanted.give(&mut tracks, second, 160);
    one.give(&mut tracks, first, 160);
    other.give(&mut tracks, third, 160);
    let given = tracks.take();
    assert_eq!((tracks.turn(), given.len()), (third, 160));
    assert!(given[SEAM..].iter().all(|sample| *sample == -16_384));
}

#[test]
fn what_a_browser_has_dropped_because_nobody_took_it_is_counted_and_no_other_gap_is() {
    let mut tracks = Tracks::default();
    let turn = tracks.add();
    let data = |at_ms: f64| TrackData {
        planes: &[0.0; 160],
        channels: 1,
        rate_hz: 16_000,
        timestamp_us: at_ms * 1e3,
    };
    let mut hear = |at_ms, now_ms| {
        tracks.hear(turn, &data(at_ms), Instant::from_ms(now_ms));
        tracks.take_lost()
    };
    assert_eq!(hear(0.0, 10.0), 0);
    // The device itself was late.
    assert_eq!(hear(50.0, 60.0), 0);
    // The driver was away for twenty seconds. One portion was on its way; of the others four seconds had no room.
    assert_eq!(hear(60.0, 20_070.0), 0);
    assert_eq!(hear(4_070.0, 20_070.0), 64_000);
    assert_eq!(hear(4_080.0, 20_070.0), 0);
    assert_eq!(hear(4_190.0, 20_071.0), 0);
}

#[test]
fn what_no_browser_gives_does_no_harm() {
    let mut tracks = Tracks::default();
    assert!(tracks.take().is_empty());
    let turn = tracks.add();
    for (planes, channels, rate_hz) in
        [(&[0.5; 4][..], 0, 16_000), (&[0.5; 3], 2, 16_000), (&[], 1, 16_000), (&[0.5; 4], 1, 1)]
    {
        tracks.hear(turn, &TrackData { planes, channels, rate_hz, timestamp_us: f64::NAN }, Instant::ZERO);
    }
    assert!(tracks.take().len() <= 5);
    tracks.hear(
        77,
        &TrackData { planes: &[0.5], channels: 1, rate_hz: 16_000, timestamp_us: 0.0 },
        Instant::ZERO,
    );
    tracks.end(77);
    assert!(tracks.take().is_empty());
}

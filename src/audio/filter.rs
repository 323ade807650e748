//! Change of sampling rate: design of the polyphase filter, and the resampler that the worklet's is checked against.
//!
//! The ratio of two rates is a fraction `up / down`. The filter is a Kaiser-windowed sinc, tabulated once per phase, so that
//! one output costs `taps` multiplications and no output is ever early or late: `up` outputs are made of exactly `down`
//! inputs, for ever.
//!
//! | | from the higher to the lower rate (microphone) | from the lower to the higher (loudspeaker) |
//! |---|---|---|
//! | length | 80 samples of the lower rate | 64 samples of the lower rate |
//! | passes (-0.1 dB) | to 0.44 of the lower rate: 7 kHz of 16 | to 0.43 of the lower rate: 10.4 kHz of 24 |
//! | stops (-90 dB) | from 0.53 of the lower rate: 8.5 kHz of 16 | from 0.55 of the lower rate: 13.2 kHz of 24 |
//! | delay | 2.5 ms to 16 kHz | 1.33 ms from 24 kHz |

use crate::error::{Code, Error};
use crate::json::digits;

use super::pcm;

/// The lowest and highest rate, in Hz, that [`design`] accepts: those of an `AudioContext`.
pub const RATES_HZ: std::ops::RangeInclusive<u32> = 3_000..=768_000;

/// A polyphase filter: what the worklets get as `processorOptions.filter`.
///
/// `coefficients` holds rows of `taps` values, oldest sample first. With `up` rows, row `p` belongs to phase `p`. A ratio with more
/// phases than a table may hold has `n + 1` rows at equal distances instead, between which the arithmetic interpolates.
#[derive(Clone, Debug, PartialEq)]
pub struct Polyphase {
    /// Outputs per `down` inputs; the output's rate over the greatest common divisor of both.
    pub up: u32,
    /// Inputs per `up` outputs; the input's rate over the greatest common divisor of both.
    pub down: u32,
    /// Inputs that one output is made of; a multiple of four.
    pub taps: u32,
    /// The rows, one after another.
    pub coefficients: Vec<f32>,
}

/// The filter that turns `from_hz` into `to_hz`; `None` when there is nothing to do.
///
/// Fails when a rate is outside [`RATES_HZ`]. The table never exceeds 256 kB.
pub fn design(from_hz: u32, to_hz: u32) -> Result<Option<Polyphase>, Error> {
    if let Some(rate) = [from_hz, to_hz].into_iter().find(|rate| !RATES_HZ.contains(rate)) {
        let message = ["Audio at ", &digits(rate as usize), " Hz cannot be resampled."].concat();
        return Err(Error::new(Code::Unsupported, message).with_remedy("Use a rate from 3000 to 768000 Hz."));
    }
    Ok((from_hz != to_hz).then(|| Polyphase::new(from_hz, to_hz)))
}

impl Polyphase {
    fn new(from_hz: u32, to_hz: u32) -> Self {
        let divisor = greatest_common_divisor(from_hz, to_hz);
        let (up, down) = (to_hz / divisor, from_hz / divisor);
        let kernel = Kernel::new(from_hz, to_hz);
        let exact = up as usize * kernel.taps <= TABLE;
        let steps = if exact { up as usize } else { TABLE / kernel.taps - 1 };
        let rows = if exact { steps } else { steps + 1 };
        let mut coefficients = Vec::with_capacity(rows * kernel.taps);
        for row in 0..rows {
            kernel.append_row(row as f64 / steps as f64, &mut coefficients);
        }
        Self { up, down, taps: kernel.taps as u32, coefficients }
    }

    /// How long the filter holds a sound back, in seconds of input at `from_hz`.
    pub fn delay_s(&self, from_hz: u32) -> f64 {
        f64::from(self.taps) / 2.0 / f64::from(from_hz)
    }
}

/// A windowed sinc over `taps` inputs.
struct Kernel {
    taps: usize,
    /// Twice the cut-off frequency, in cycles per input.
    bandwidth: f64,
}

impl Kernel {
    fn new(from_hz: u32, to_hz: u32) -> Self {
        let (span, cutoff) = if to_hz < from_hz { (80u64, 0.9685) } else { (64, 0.98) };
        let lower = from_hz.min(to_hz);
        let taps = (span * u64::from(from_hz)).div_ceil(u64::from(lower)).next_multiple_of(4);
        Self { taps: taps as usize, bandwidth: cutoff * f64::from(lower) / f64::from(from_hz) }
    }

    /// The coefficients for an output `phase` of an input interval after the newest input. Their sum is 1.
    fn append_row(&self, phase: f64, coefficients: &mut Vec<f32>) {
        let half = self.taps as f64 / 2.0;
        // Age of the oldest input first.
        let row: Vec<f64> = (0..self.taps).rev().map(|age| self.at(age as f64 + phase - half)).collect();
        let sum: f64 = row.iter().sum();
        coefficients.extend(row.iter().map(|value| (value / sum) as f32));
    }

    fn at(&self, time: f64) -> f64 {
        let position = time / (self.taps as f64 / 2.0);
        let window = bessel_i0(KAISER_BETA * (1.0 - position * position).max(0.0).sqrt());
        window * sinc(self.bandwidth * time)
    }
}

/// Resamples a stream, remembering across calls what the filter needs. The worklets do the same arithmetic in the same order.
#[derive(Clone, Debug)]
pub struct Resampler {
    filter: Option<Polyphase>,
    /// The last `taps` inputs, twice, so that they lie in one piece wherever the oldest is.
    history: Vec<f32>,
    oldest: usize,
    /// Where the next output lies after the newest input, in `up`ths of an input interval.
    phase: u32,
}

impl Resampler {
    /// A resampler from `from_hz` to `to_hz`; see [`design`]. At equal rates it copies.
    pub fn new(from_hz: u32, to_hz: u32) -> Result<Self, Error> {
        Ok(Self::with_filter(design(from_hz, to_hz)?))
    }

    /// A resampler with a filter at hand; without one it copies.
    pub fn with_filter(filter: Option<Polyphase>) -> Self {
        let taps = filter.as_ref().map_or(0, |filter| filter.taps as usize);
        let phase = filter.as_ref().map_or(0, |filter| filter.up);
        Self { filter, history: vec![0.0; 2 * taps], oldest: 0, phase }
    }

    /// Takes `input` and hands over every output that it completes, in order, in double precision.
    pub fn process(&mut self, input: &[f32], mut emit: impl FnMut(f64)) {
        let Some(filter) = &self.filter else {
            return input.iter().for_each(|&sample| emit(f64::from(sample)));
        };
        let taps = filter.taps as usize;
        for &sample in input {
            for at in [self.oldest, self.oldest + taps] {
                if let Some(slot) = self.history.get_mut(at) {
                    *slot = sample;
                }
            }
            self.oldest = (self.oldest + 1) % taps;
            self.phase -= filter.up;
            while self.phase < filter.up {
                let window = self.history.get(self.oldest..self.oldest + taps).unwrap_or_default();
                emit(filter.output(self.phase, window));
                self.phase += filter.down;
            }
        }
    }

    /// The same, with every output as a sample behind those that are there.
    pub fn append(&mut self, input: &[f32], samples: &mut Vec<i16>) {
        self.process(input, |value| samples.push(pcm::from_f64(value)));
    }

    /// Appends what the filter still holds, as if silence followed, and forgets it.
    pub fn finish(&mut self, samples: &mut Vec<i16>) {
        let taps = self.filter.as_ref().map_or(0, |filter| filter.taps as usize);
        self.append(&vec![0.0; taps / 2], samples);
        self.reset();
    }

    /// Forgets all samples: what comes next does not continue them.
    pub fn reset(&mut self) {
        self.history.fill(0.0);
        self.oldest = 0;
        self.phase = self.filter.as_ref().map_or(0, |filter| filter.up);
    }
}

impl Polyphase {
    /// The output at `phase` after the newest of the `taps` samples in `window`.
    fn output(&self, phase: u32, window: &[f32]) -> f64 {
        let taps = self.taps as usize;
        let rows = self.coefficients.len() / taps;
        if rows == self.up as usize {
            return self.dot(phase as usize, window);
        }
        let position = f64::from(phase) * (rows - 1) as f64 / f64::from(self.up);
        let row = position.floor();
        let below = self.dot(row as usize, window);
        let above = self.dot(row as usize + 1, window);
        below + (position - row) * (above - below)
    }

    /// Sum of products with a row, in four interleaved sums: the order is part of the contract with the worklet.
    fn dot(&self, row: usize, window: &[f32]) -> f64 {
        let taps = self.taps as usize;
        let row = self.coefficients.get(row * taps..(row + 1) * taps).unwrap_or_default();
        let mut sums = [0.0; 4];
        for (samples, values) in window.chunks_exact(4).zip(row.chunks_exact(4)) {
            for (sum, (sample, value)) in sums.iter_mut().zip(samples.iter().zip(values)) {
                *sum += f64::from(*sample) * f64::from(*value);
            }
        }
        let [a, b, c, d] = sums;
        (a + b) + (c + d)
    }
}

/// All of `samples` at another rate, without the filter's delay: sound stays where it is in time.
pub fn resample(samples: &[i16], from_hz: u32, to_hz: u32) -> Result<Vec<i16>, Error> {
    let mut resampler = Resampler::new(from_hz, to_hz)?;
    let input: Vec<f32> = samples.iter().map(|&sample| pcm::to_f32(sample)).collect();
    let mut output = Vec::new();
    resampler.append(&input, &mut output);
    Ok(output)
}

const fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// sin(πx) / (πx).
fn sinc(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { sin_pi(x) / (std::f64::consts::PI * x) }
}

/// sin(πx) by its series. The standard library's sine is many times the code, and differs between platforms in the last bit.
fn sin_pi(x: f64) -> f64 {
    let nearest = (x + 0.5).floor();
    let angle = (x - nearest) * std::f64::consts::PI;
    let (mut sum, mut term) = (angle, angle);
    for n in 1..12 {
        term *= -angle * angle / f64::from(2 * n * (2 * n + 1));
        sum += term;
    }
    if nearest % 2.0 == 0.0 { sum } else { -sum }
}

/// The modified Bessel function of the first kind and order 0, by its series: the Kaiser window's shape.
fn bessel_i0(x: f64) -> f64 {
    let (mut sum, mut term) = (1.0, 1.0);
    // Up to the window's own argument, those that follow change no bit of the sum.
    for n in 1..27 {
        term *= x * x / f64::from(4 * n * n);
        sum += term;
    }
    sum
}

/// Shape of the Kaiser window: about 100 dB between what passes and what does not.
const KAISER_BETA: f64 = 10.06;

/// Most coefficients that a filter may have. Interpolating between the rows of a table of this size errs by less than -110 dB.
const TABLE: usize = 65_536;

#[cfg(test)]
mod tests;

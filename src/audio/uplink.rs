//! Microphone to wire: samples in portions of any size become frames of exactly 20 ms.

/// Samples of one frame: 20 ms at 16 kHz.
pub const FRAME_SAMPLES: usize = 320;

/// Cuts a stream of 16 kHz samples into frames of exactly 20 ms.
///
/// Allocates nothing; holds at most one incomplete frame.
#[derive(Clone, Debug)]
pub struct Uplink {
    frame: [i16; FRAME_SAMPLES],
    filled: usize,
}

impl Uplink {
    /// An uplink that holds no samples.
    pub const fn new() -> Self {
        Self { frame: [0; FRAME_SAMPLES], filled: 0 }
    }

    /// Takes `samples` and hands every frame that they complete to `on_frame`, oldest first.
    pub fn push(&mut self, mut samples: &[i16], mut on_frame: impl FnMut(&[i16; FRAME_SAMPLES])) {
        while !samples.is_empty() {
            let count = samples.len().min(FRAME_SAMPLES - self.filled);
            let (head, tail) = samples.split_at(count);
            let free = self.frame.iter_mut().skip(self.filled);
            free.zip(head).for_each(|(slot, sample)| *slot = *sample);
            self.filled += count;
            samples = tail;
            if self.filled == FRAME_SAMPLES {
                self.filled = 0;
                on_frame(&self.frame);
            }
        }
    }

    /// Gives the samples of the incomplete frame: what comes next does not wait for its rest.
    pub fn flush(&mut self) -> &[i16] {
        let count = std::mem::take(&mut self.filled);
        self.frame.get(..count).unwrap_or_default()
    }
}

impl Default for Uplink {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(from: usize, to: usize) -> Vec<i16> {
        (from..to).map(|i| i as i16).collect()
    }

    #[test]
    fn frames_are_exact_and_in_order_however_the_samples_arrive() {
        for portion in [1, 7, 128, 319, 320, 321, 1000, 5000] {
            let mut uplink = Uplink::default();
            let mut framed = Vec::new();
            for samples in ramp(0, 5000).chunks(portion) {
                uplink.push(samples, |frame| framed.extend_from_slice(frame));
            }
            assert_eq!(framed, ramp(0, 4800), "portions of {portion}");
            assert_eq!(uplink.flush(), ramp(4800, 5000));
        }
    }

    #[test]
    fn a_flush_gives_the_incomplete_frame_and_begins_another() {
        let mut uplink = Uplink::new();
        uplink.push(&ramp(0, 420), |_| {});
        assert_eq!(uplink.flush(), ramp(320, 420));
        assert!(uplink.flush().is_empty());
        let mut frames = Vec::new();
        uplink.push(&ramp(420, 740), |frame| frames.extend_from_slice(frame));
        assert_eq!(frames, ramp(420, 740));
    }
}

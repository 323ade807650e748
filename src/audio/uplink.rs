//! Microphone to wire: samples in portions of any size become frames of one length.

/// Cuts a stream of 16 kHz samples into frames of one length.
///
/// Holds what no complete frame has taken yet.
#[derive(Clone, Debug)]
pub struct Uplink {
    frame_samples: usize,
    samples: Vec<i16>,
}

impl Uplink {
    /// An uplink that holds no samples, for frames of so many.
    pub const fn new(frame_samples: usize) -> Self {
        Self { frame_samples, samples: Vec::new() }
    }

    /// Takes `samples`.
    pub fn push(&mut self, samples: &[i16]) {
        self.samples.extend_from_slice(samples);
    }

    /// Gives the frames that are complete, one behind the other, oldest first.
    pub fn frames(&mut self) -> Vec<i16> {
        let rest = self.samples.len() % self.frame_samples.max(1);
        let rest = self.samples.split_off(self.samples.len() - rest);
        std::mem::replace(&mut self.samples, rest)
    }

    /// Gives the samples of the incomplete frame: what comes next does not wait for its rest.
    pub fn flush(&mut self) -> Vec<i16> {
        std::mem::take(&mut self.samples)
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
        for length in [160, 320, 1600] {
            let whole = 5000 / length * length;
            for portion in [1, 7, 128, 319, 320, 321, 1000, 5000] {
                let mut uplink = Uplink::new(length);
                let mut framed = Vec::new();
                for samples in ramp(0, 5000).chunks(portion) {
                    uplink.push(samples);
                    let frames = uplink.frames();
                    assert_eq!(frames.len() % length, 0);
                    framed.extend(frames);
                }
                assert_eq!(framed, ramp(0, whole), "{length}: portions of {portion}");
                assert_eq!(uplink.flush(), ramp(whole, 5000));
            }
        }
    }

    #[test]
    fn a_flush_gives_the_incomplete_frame_and_begins_another() {
        let mut uplink = Uplink::new(320);
        uplink.push(&ramp(0, 420));
        assert_eq!(uplink.frames(), ramp(0, 320));
        assert_eq!(uplink.flush(), ramp(320, 420));
        assert!(uplink.flush().is_empty());
        uplink.push(&ramp(420, 740));
        assert_eq!(uplink.frames(), ramp(420, 740));
    }
}

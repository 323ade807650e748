//! Numbers that look random and follow from a seed: the SplitMix64 sequence. Nothing here needs to be unguessable.

/// A sequence of such numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Random {
    state: u64,
}

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The sequence of a thing of its own, named by texts and a number: whatever else draws numbers, these are the same.
    pub(crate) fn of(seed: u64, texts: &[&str], number: u32) -> Self {
        let mut random = Self::new(seed ^ u64::from(number));
        for byte in texts.iter().flat_map(|text| text.bytes().chain([0xFF])) {
            random.state = random.number() ^ u64::from(byte);
        }
        random
    }

    pub(crate) fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to 1.
    pub(crate) fn share(&mut self) -> f64 {
        self.number() as f64 / u64::MAX as f64
    }
}

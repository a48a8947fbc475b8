//! Chance that can be repeated: `AUDITOR_TEST_SEED` takes the seed that a failed test has printed.

use std::time::{SystemTime, UNIX_EPOCH};

use super::database::setting;

/// SplitMix64: small, and good enough to choose moments.
pub(crate) struct Chance(u64);

impl Chance {
    /// Prints its seed.
    pub(crate) fn new() -> Self {
        let seed = match setting("AUDITOR_TEST_SEED") {
            Some(seed) => seed.parse().expect("AUDITOR_TEST_SEED is a number"),
            None => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap()
                .subsec_nanos()
                .into(),
        };
        println!("AUDITOR_TEST_SEED={seed}");
        Self(seed)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

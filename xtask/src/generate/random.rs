//! Reproducible randomness: splitmix64 (Steele, Lea, Flood 2014), the same on every machine and for ever.

/// A stream of numbers that depends on its seed only.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The stream number `stream` of a seed; streams of one seed are independent of each other.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut random = Random(seed);
        random.0 ^= Random(stream).next().rotate_left(17);
        random
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number of `low..=high`; `low` when the range is empty.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = u128::from(high.saturating_sub(low).max(0).unsigned_abs()) + 1;
        let part = (u128::from(self.next()) * width) >> 64;
        low.saturating_add(i64::try_from(part).unwrap_or_default())
    }

    /// True once in `n` times.
    pub fn once_in(&mut self, n: i64) -> bool {
        self.between(1, n) == 1
    }

    /// One of a list; `None` of an empty one.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        let last = i64::try_from(list.len()).ok()?.checked_sub(1)?;
        list.get(usize::try_from(self.between(0, last)).ok()?)
    }
}

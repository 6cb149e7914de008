//! Numbers that only the seed decides.

/// SplitMix64.
pub(crate) struct Random(u64);

impl Random {
    /// The numbers of one world, independent of every other's.
    pub(crate) fn of_world(seed: u64, world: u64) -> Self {
        let mut mixed = Self(seed);
        let start = mixed.next() ^ world.wrapping_mul(0xd134_2543_de82_ef95);
        Self(start)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }

    /// Yes, once in so many times.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of several.
    pub(crate) fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    /// One of several, to keep.
    pub(crate) fn pick_text(&mut self, from: &[String]) -> String {
        from[self.below(from.len())].clone()
    }
}

//! Estimates the number of different hashes seen, in 16 KiB (HyperLogLog, Flajolet et al. 2007).

/// Bits of a hash that choose a register: 2^14 registers give a standard error of 0.8 %.
const INDEX_BITS: u32 = 14;
const REGISTERS: usize = 1 << INDEX_BITS;

pub(super) struct HyperLogLog {
    /// For each register the longest run of zeros seen, plus one.
    ranks: Vec<u8>,
}

impl HyperLogLog {
    pub fn new() -> Self {
        Self { ranks: vec![0; REGISTERS] }
    }

    #[inline]
    pub fn add(&mut self, hash: u64) {
        let index = (hash >> (64 - INDEX_BITS)) as usize;
        // The set bit below the rest bounds the run.
        let rank = ((hash << INDEX_BITS) | (1 << (INDEX_BITS - 1))).leading_zeros() as u8 + 1;
        if self.ranks[index] < rank {
            self.ranks[index] = rank;
        }
    }

    pub fn estimate(&self) -> u64 {
        let m = REGISTERS as f64;
        let sum: f64 = self.ranks.iter().map(|rank| (-f64::from(*rank)).exp2()).sum();
        let raw = 0.7213 / (1.0 + 1.079 / m) * m * m / sum;
        let empty = self.ranks.iter().filter(|rank| **rank == 0).count();
        // Few values: counting empty registers is more exact.
        let estimate = if raw <= 2.5 * m && empty > 0 { m * (m / empty as f64).ln() } else { raw };
        estimate.round() as u64
    }
}

//! Attempt tokens: unequal for every attempt, equal whenever the same attempt is derived again.

/// The token of attempt `no` of operator `op` in the run with this seed. Never 0.
///
/// It fences zombies and duplicates, and isn't a secret against an operator that wants to forge another's result: the mixing can be inverted.
pub fn attempt_token(token_seed: u64, op: u32, no: u32) -> u64 {
    let position = (u64::from(op) << 32) | u64::from(no);
    mix(mix(token_seed) ^ position).max(1)
}

/// The finaliser of splitmix64: a bijection, so that attempts of one run never share a token (save that 0 becomes 1).
fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn tokens_differ_by_seed_operator_and_number() {
        let mut seen = BTreeSet::new();
        for seed in 0..20 {
            for op in 0..20 {
                for no in 1..20 {
                    assert!(seen.insert(attempt_token(seed, op, no)), "seed {seed}, operator {op}, attempt {no}");
                }
            }
        }
        assert!(!seen.contains(&0));
    }

    #[test]
    fn a_token_is_the_same_in_every_version() {
        assert_eq!(attempt_token(0, 0, 1), 627_405_149_472_732_430);
    }
}

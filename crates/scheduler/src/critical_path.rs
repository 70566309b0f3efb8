//! How long the longest way from an operator to the end of its run takes.

use crate::graph::Graph;
use crate::{OpIx, OpSpec};

/// An operator of unknown (or no measurable) duration counts this much, so that among unknown ones the longer chain goes first.
pub(crate) const MIN_HOP_MS: u64 = 1;

/// For each operator, the sum of expected milliseconds along the longest path that starts with it. `order` is topological.
pub(crate) fn remaining_ms(graph: &Graph, order: &[OpIx], ops: &[OpSpec]) -> Vec<u64> {
    let mut remaining = vec![0u64; ops.len()];
    for &op in order.iter().rev() {
        let longest = graph.successors(op).iter().map(|&next| remaining[next as usize]).max().unwrap_or(0);
        remaining[op as usize] = longest + u64::from(ops[op as usize].expected_ms).max(MIN_HOP_MS);
    }
    remaining
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expected_ms: &[u32], edges: &[(OpIx, OpIx)], expected: &[u64]) {
        let ops: Vec<OpSpec> =
            expected_ms.iter().map(|&expected_ms| OpSpec { expected_ms, ..OpSpec::default() }).collect();
        let graph = Graph::new(edges, &vec![true; ops.len()]).expect("edges in range");
        let order = graph.topological_order().expect("no cycle");
        assert_eq!(remaining_ms(&graph, &order, &ops), expected);
    }

    #[test]
    fn sums_along_the_longest_path() {
        check(&[0, 0, 0], &[], &[1, 1, 1]);
        check(&[0, 0, 0], &[(0, 1), (1, 2)], &[3, 2, 1]);
        check(&[5, 10, 200, 7], &[(0, 1), (0, 2), (1, 3), (2, 3)], &[212, 17, 207, 7]);
        check(&[u32::MAX, u32::MAX], &[(0, 1)], &[2 * u64::from(u32::MAX), u64::from(u32::MAX)]);
    }
}

//! An order in which every operator comes after those it reads from.

/// Positions `0..count` so that the source of each edge comes before its target (Kahn 1962); ties by position. What lies on or behind a cycle is left out; [`crate::read`] lets no cycle through.
///
/// Edges that name no position are ignored; an edge given twice counts twice on both sides, which changes nothing.
pub fn topological_order(count: usize, edges: impl Iterator<Item = (u32, u32)>) -> Vec<u32> {
    let mut missing = vec![0u32; count];
    let mut followers: Vec<Vec<u32>> = vec![Vec::new(); count];
    for (source, target) in edges {
        if (source as usize) < count && (target as usize) < count {
            followers[source as usize].push(target);
            missing[target as usize] += 1;
        }
    }
    let mut order: Vec<u32> = (0..count as u32).filter(|at| missing[*at as usize] == 0).collect();
    let mut next = 0;
    while let Some(&at) = order.get(next) {
        next += 1;
        for &follower in &followers[at as usize] {
            missing[follower as usize] -= 1;
            if missing[follower as usize] == 0 {
                order.push(follower);
            }
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::topological_order;

    #[test]
    fn sources_come_first_and_cycles_are_left_out() {
        for (count, edges, expected) in [
            (0, vec![], vec![]),
            (3, vec![], vec![0, 1, 2]),
            (4, vec![(3, 1), (1, 0), (3, 0), (0, 2)], vec![3, 1, 0, 2]),
            (2, vec![(1, 0), (1, 0)], vec![1, 0]),
            (3, vec![(0, 1), (1, 0)], vec![2]),
            (2, vec![(0, 9)], vec![0, 1]),
        ] {
            assert_eq!(topological_order(count, edges.iter().copied()), expected, "{edges:?}");
        }
    }
}

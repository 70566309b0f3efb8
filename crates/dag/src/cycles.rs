//! Finds cycles among edges: one per knot of operators that reach each other, without recursion.

/// One cycle per strongly connected part of more than one node. Each is a list of positions in `edges`, in the order of travel.
/// `edges` are (source, target) pairs of nodes below `nodes`; self edges are passed over.
pub(crate) fn cycles(nodes: usize, edges: &[(u32, u32)]) -> Vec<Vec<usize>> {
    let graph = Graph::new(nodes, edges);
    let left = graph.without_acyclic_parts(edges);
    if !left.iter().any(|l| *l) {
        return Vec::new();
    }
    let part = graph.parts(&left, edges);
    let mut found = Vec::new();
    let mut done = vec![false; nodes];
    for node in 0..nodes {
        let p = part[node] as usize;
        if left[node] && !done[p] {
            done[p] = true;
            if let Some(cycle) = graph.shortest_cycle(node as u32, &part, edges) {
                found.push(cycle);
            }
        }
    }
    found
}

/// Outgoing edges of each node: positions in the edge list, grouped by source.
struct Graph {
    first: Vec<u32>,
    out: Vec<u32>,
}

impl Graph {
    fn new(nodes: usize, edges: &[(u32, u32)]) -> Graph {
        let mut first = vec![0u32; nodes + 1];
        for (source, _) in edges {
            first[*source as usize + 1] += 1;
        }
        for i in 0..nodes {
            first[i + 1] += first[i];
        }
        let mut next = first.clone();
        let mut out = vec![0u32; edges.len()];
        for (i, (source, _)) in edges.iter().enumerate() {
            let slot = &mut next[*source as usize];
            out[*slot as usize] = i as u32;
            *slot += 1;
        }
        Graph { first, out }
    }

    fn out(&self, node: u32) -> &[u32] {
        &self.out[self.first[node as usize] as usize..self.first[node as usize + 1] as usize]
    }

    /// Takes away, again and again, nodes that nothing leads to. What is left lies on or behind a cycle.
    fn without_acyclic_parts(&self, edges: &[(u32, u32)]) -> Vec<bool> {
        let nodes = self.first.len() - 1;
        let mut incoming = vec![0u32; nodes];
        for (source, target) in edges {
            if source != target {
                incoming[*target as usize] += 1;
            }
        }
        let mut left = vec![true; nodes];
        let mut ready: Vec<u32> = (0..nodes as u32).filter(|n| incoming[*n as usize] == 0).collect();
        while let Some(node) = ready.pop() {
            left[node as usize] = false;
            for edge in self.out(node) {
                let (source, target) = edges[*edge as usize];
                if source != target {
                    incoming[target as usize] -= 1;
                    if incoming[target as usize] == 0 {
                        ready.push(target);
                    }
                }
            }
        }
        left
    }

    /// The strongly connected part of each node that is left (Tarjan's algorithm with a stack of its own).
    fn parts(&self, left: &[bool], edges: &[(u32, u32)]) -> Vec<u32> {
        const NEW: u32 = u32::MAX;
        let nodes = left.len();
        let mut order = vec![NEW; nodes];
        let mut low = vec![0u32; nodes];
        let mut part = vec![NEW; nodes];
        let mut open: Vec<u32> = Vec::new();
        let mut walk: Vec<(u32, u32)> = Vec::new();
        let (mut next_order, mut next_part) = (0, 0);
        for root in (0..nodes as u32).filter(|n| left[*n as usize]) {
            if order[root as usize] != NEW {
                continue;
            }
            walk.push((root, 0));
            while let Some((node, step)) = walk.pop() {
                let n = node as usize;
                if step == 0 {
                    order[n] = next_order;
                    low[n] = next_order;
                    next_order += 1;
                    open.push(node);
                }
                if let Some(edge) = self.out(node).get(step as usize) {
                    walk.push((node, step + 1));
                    let target = edges[*edge as usize].1;
                    let t = target as usize;
                    if order[t] == NEW {
                        walk.push((target, 0));
                    } else if part[t] == NEW {
                        low[n] = low[n].min(order[t]);
                    }
                    continue;
                }
                if low[n] == order[n] {
                    while let Some(member) = open.pop() {
                        part[member as usize] = next_part;
                        if member == node {
                            break;
                        }
                    }
                    next_part += 1;
                }
                if let Some((parent, _)) = walk.last() {
                    let p = *parent as usize;
                    low[p] = low[p].min(low[n]);
                }
            }
        }
        part
    }

    /// A shortest way from `start` back to itself within its part, breadth first.
    fn shortest_cycle(&self, start: u32, part: &[u32], edges: &[(u32, u32)]) -> Option<Vec<usize>> {
        let mut came_by: std::collections::HashMap<u32, u32> = std::collections::HashMap::new();
        let mut queue = std::collections::VecDeque::from([start]);
        while let Some(node) = queue.pop_front() {
            for edge in self.out(node) {
                let (source, target) = edges[*edge as usize];
                if source == target || part[target as usize] != part[start as usize] {
                    continue;
                }
                if target == start {
                    let mut cycle = vec![*edge as usize];
                    let mut at = node;
                    while at != start {
                        let edge = *came_by.get(&at)?;
                        cycle.push(edge as usize);
                        at = edges[edge as usize].0;
                    }
                    cycle.reverse();
                    return Some(cycle);
                }
                came_by.entry(target).or_insert_with(|| {
                    queue.push_back(target);
                    *edge
                });
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(nodes: usize, edges: &[(u32, u32)], expected: &[&[usize]]) {
        assert_eq!(cycles(nodes, edges), expected);
    }

    #[test]
    fn known_graphs() {
        check(0, &[], &[]);
        check(3, &[(0, 1), (1, 2), (0, 2)], &[]);
        check(2, &[(0, 0), (0, 1)], &[]);
        check(2, &[(0, 1), (1, 0)], &[&[0, 1]]);
        // Two knots, and a tail behind the first.
        check(6, &[(0, 1), (1, 2), (2, 0), (2, 3), (4, 5), (5, 4)], &[&[0, 1, 2], &[4, 5]]);
        // The shorter way back is told.
        check(4, &[(0, 1), (1, 2), (2, 3), (3, 0), (1, 0)], &[&[0, 4]]);
    }

    #[test]
    fn long_chain_closes() {
        let n = 200_000u32;
        let edges: Vec<_> = (0..n).map(|i| (i, (i + 1) % n)).collect();
        assert_eq!(cycles(n as usize, &edges).iter().map(Vec::len).collect::<Vec<_>>(), [n as usize]);
    }

    proptest! {
        #[test]
        fn finds_a_cycle_exactly_when_there_is_one(edges in prop::collection::vec((0u32..7, 0u32..7), 0..14)) {
            let found = cycles(7, &edges);
            // Floyd-Warshall as the judge.
            let mut reach = [[false; 7]; 7];
            for (a, b) in edges.iter().filter(|(a, b)| a != b) {
                reach[*a as usize][*b as usize] = true;
            }
            for k in 0..7 {
                for i in 0..7 {
                    for j in 0..7 {
                        reach[i][j] |= reach[i][k] && reach[k][j];
                    }
                }
            }
            let knots: std::collections::BTreeSet<Vec<usize>> = (0..7)
                .filter(|i| reach[*i][*i])
                .map(|i| (0..7).filter(|j| reach[i][*j] && reach[*j][i]).collect())
                .collect();
            prop_assert_eq!(found.len(), knots.len());
            for cycle in found {
                for (here, next) in cycle.iter().zip(cycle.iter().cycle().skip(1)) {
                    prop_assert_eq!(edges[*here].1, edges[*next].0);
                }
            }
        }
    }
}

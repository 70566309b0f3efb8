//! The order within layers: by the middle of the neighbours, up and down, and the best order seen is kept (Sugiyama, Tagawa and Toda 1981).

use super::layers::Layered;

/// Ways down and up; the order rarely improves after that.
const SWEEPS: usize = 8;

pub(crate) fn reduce_crossings(graph: &mut Layered) {
    let mut place = vec![0f64; graph.layer_of.len()];
    number(graph, &mut place);
    let mut fewest = crossings(graph, &place);
    let mut best = graph.layers.clone();
    for sweep in 0..SWEEPS {
        if fewest == 0 {
            break;
        }
        let down = sweep % 2 == 0;
        let depth = graph.layers.len();
        for step in 0..depth {
            let layer = if down { step } else { depth - 1 - step };
            let neighbours = if down { &graph.above } else { &graph.below };
            sort(&mut graph.layers[layer], neighbours, &mut place);
        }
        let crossings = crossings(graph, &place);
        if crossings < fewest {
            fewest = crossings;
            best.clone_from(&graph.layers);
        }
    }
    graph.layers = best;
}

fn number(graph: &Layered, place: &mut [f64]) {
    for layer in &graph.layers {
        layer.iter().enumerate().for_each(|(at, node)| place[*node as usize] = at as f64);
    }
}

/// By the middle of each node's neighbours; those without any stay where they are.
fn sort(layer: &mut [u32], neighbours: &[Vec<u32>], place: &mut [f64]) {
    let mut keyed: Vec<(f64, u32)> = layer
        .iter()
        .map(|node| {
            let beside = &neighbours[*node as usize];
            let sum: f64 = beside.iter().map(|other| place[*other as usize]).sum();
            (if beside.is_empty() { place[*node as usize] } else { sum / beside.len() as f64 }, *node)
        })
        .collect();
    keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (at, (_, node)) in keyed.into_iter().enumerate() {
        layer[at] = node;
        place[node as usize] = at as f64;
    }
}

/// Pairs of edges that cross, between all neighbouring layers.
pub(crate) fn crossings(graph: &Layered, place: &[f64]) -> u64 {
    let mut total = 0;
    for (at, layer) in graph.layers.iter().enumerate() {
        let Some(next) = graph.layers.get(at + 1) else { break };
        let mut ends = Vec::new();
        for node in layer {
            let from = ends.len();
            ends.extend(graph.below[*node as usize].iter().map(|lower| place[*lower as usize] as usize));
            ends[from..].sort_unstable();
        }
        total += inversions(&ends, next.len());
    }
    total
}

/// Pairs that stand in the wrong order; `below` bounds the numbers (a Fenwick tree counts those before).
fn inversions(numbers: &[usize], below: usize) -> u64 {
    let mut tree = vec![0u64; below + 1];
    let mut total = 0;
    for (seen, number) in numbers.iter().enumerate() {
        let (mut at, mut not_after) = (number + 1, 0);
        while at > 0 {
            not_after += tree[at];
            at &= at - 1;
        }
        total += seen as u64 - not_after;
        at = number + 1;
        while at <= below {
            tree[at] += 1;
            at += at & at.wrapping_neg();
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn inversions_are_the_pairs_in_the_wrong_order(numbers in prop::collection::vec(0usize..8, 0..20)) {
            let pairs = |i: usize| numbers[i + 1..].iter().filter(|later| **later < numbers[i]).count() as u64;
            prop_assert_eq!(inversions(&numbers, 8), (0..numbers.len()).map(pairs).sum::<u64>());
        }

        #[test]
        fn crossings_never_grow(edges in prop::collection::vec((0u32..12, 0u32..12), 0..30)) {
            let edges: Vec<(u32, u32)> = edges.into_iter().filter(|(a, b)| a < b).collect();
            let mut graph = Layered::new(12, &edges);
            let count = |graph: &Layered| {
                let mut place = vec![0.0; graph.layer_of.len()];
                number(graph, &mut place);
                crossings(graph, &place)
            };
            let before = count(&graph);
            reduce_crossings(&mut graph);
            prop_assert!(count(&graph) <= before);
            let mut nodes: Vec<u32> = graph.layers.concat();
            nodes.sort_unstable();
            prop_assert_eq!(nodes, (0..graph.layer_of.len() as u32).collect::<Vec<_>>());
        }
    }
}

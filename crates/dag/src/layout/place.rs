//! Columns: each node as near to the middle of its neighbours as the order and the room between nodes allow.

use super::STEP_X;
use super::layers::Layered;

const SWEEPS: usize = 6;
/// Room of a stand-in: edges may run closer than operators stand.
const EDGE_X: f64 = 40.0;

/// The left edge of each node.
pub(crate) fn columns(graph: &Layered) -> Vec<f64> {
    let mut x = vec![0.0; graph.layer_of.len()];
    for layer in &graph.layers {
        let mut at = 0.0;
        for node in layer {
            x[*node as usize] = at;
            at += room(graph, *node);
        }
    }
    for sweep in 0..SWEEPS {
        let depth = graph.layers.len();
        for step in 0..depth {
            let layer = if sweep % 2 == 0 { step } else { depth - 1 - step };
            let neighbours = if sweep % 2 == 0 { &graph.above } else { &graph.below };
            settle(graph, &graph.layers[layer], neighbours, &mut x);
        }
    }
    x
}

fn room(graph: &Layered, node: u32) -> f64 {
    if (node as usize) < graph.operators { STEP_X } else { EDGE_X }
}

/// Moves a layer's nodes to the middles of their neighbours, or where these overlap, as near as least squares say (pool adjacent violators).
fn settle(graph: &Layered, layer: &[u32], neighbours: &[Vec<u32>], x: &mut [f64]) {
    // Without the room of those before, the order is a rising sequence.
    let mut before = 0.0;
    // Sum of wishes, and how many nodes share them.
    let mut pools: Vec<(f64, usize)> = Vec::with_capacity(layer.len());
    let mut offsets = Vec::with_capacity(layer.len());
    for node in layer {
        let beside = &neighbours[*node as usize];
        let middle = |node: u32| x[node as usize] + room(graph, node) / 2.0;
        let wish = if beside.is_empty() {
            x[*node as usize]
        } else {
            beside.iter().map(|other| middle(*other)).sum::<f64>() / beside.len() as f64 - room(graph, *node) / 2.0
        };
        offsets.push(before);
        let mut pool = (wish - before, 1);
        before += room(graph, *node);
        while let Some(last) = pools.last().copied() {
            if last.0 / last.1 as f64 <= pool.0 / pool.1 as f64 {
                break;
            }
            pool = (pool.0 + last.0, pool.1 + last.1);
            pools.pop();
        }
        pools.push(pool);
    }
    let placed = pools.into_iter().flat_map(|(sum, count)| std::iter::repeat_n(sum / count as f64, count));
    for ((node, offset), at) in layer.iter().zip(offsets).zip(placed) {
        x[*node as usize] = at + offset;
    }
}

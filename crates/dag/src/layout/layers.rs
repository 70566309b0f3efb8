//! Which layer each operator is in; edges over several layers pass through stand-ins.

use crate::topological_order;

/// Stand-ins that long edges may have in all; without them long edges only cross more.
const MAX_STAND_INS: usize = 30_000;

pub(crate) struct Layered {
    /// Nodes of each layer from left to right: first operators, then stand-ins by number.
    pub layers: Vec<Vec<u32>>,
    pub layer_of: Vec<u32>,
    /// Neighbours in the layer above and below, of operators and stand-ins.
    pub above: Vec<Vec<u32>>,
    pub below: Vec<Vec<u32>>,
    /// Operators come before this number.
    pub operators: usize,
}

impl Layered {
    pub fn new(operators: usize, edges: &[(u32, u32)]) -> Layered {
        let mut layer_of = layers(operators, edges);
        // An edge against the order lies on a cycle, which is no layout's business.
        let mut down: Vec<(u32, u32)> = edges.to_vec();
        down.retain(|(source, target)| layer_of[*source as usize] < layer_of[*target as usize]);
        down.sort_unstable();
        down.dedup();
        let length = |(source, target): &(u32, u32)| (layer_of[*target as usize] - layer_of[*source as usize]) as usize;
        let stand_ins: usize = down.iter().map(|edge| length(edge) - 1).sum();
        let mut links: Vec<(u32, u32)> = Vec::with_capacity(down.len() + stand_ins);
        for (source, target) in down {
            let (first, last) = (layer_of[source as usize], layer_of[target as usize]);
            if stand_ins > MAX_STAND_INS && last - first > 1 {
                continue;
            }
            let mut from = source;
            for layer in first + 1..last {
                let stand_in = layer_of.len() as u32;
                layer_of.push(layer);
                links.push((from, stand_in));
                from = stand_in;
            }
            links.push((from, target));
        }
        let depth = layer_of.iter().max().map_or(0, |deepest| *deepest as usize + 1);
        let mut layers = vec![Vec::new(); depth];
        for (node, layer) in layer_of.iter().enumerate() {
            layers[*layer as usize].push(node as u32);
        }
        let (mut above, mut below) = (vec![Vec::new(); layer_of.len()], vec![Vec::new(); layer_of.len()]);
        for (upper, lower) in links {
            below[upper as usize].push(lower);
            above[lower as usize].push(upper);
        }
        Layered { layers, layer_of, above, below, operators }
    }
}

/// Each operator stands below all it reads from, and as far down as what reads it allows.
fn layers(count: usize, edges: &[(u32, u32)]) -> Vec<u32> {
    let (mut out, mut into) = (vec![Vec::new(); count], vec![Vec::new(); count]);
    for (source, target) in edges.iter().filter(|(source, target)| source != target) {
        out[*source as usize].push(*target);
        into[*target as usize].push(*source);
    }
    // On or behind a cycle there is no order; there the text's will do.
    let mut order = topological_order(count, edges.iter().copied());
    let mut placed = vec![false; count];
    order.iter().for_each(|op| placed[*op as usize] = true);
    order.extend((0..count as u32).filter(|op| !placed[*op as usize]));
    let mut rank = vec![0u32; count];
    order.iter().enumerate().for_each(|(at, op)| rank[*op as usize] = at as u32);
    let mut layer = vec![0u32; count];
    for op in &order {
        let before = into[*op as usize].iter().filter(|source| rank[**source as usize] < rank[*op as usize]);
        layer[*op as usize] = before.map(|source| layer[*source as usize] + 1).max().unwrap_or(0);
    }
    // What reads nothing stands just above the first that reads it.
    for op in order.iter().rev().filter(|op| into[**op as usize].is_empty()) {
        let after = out[*op as usize].iter().map(|target| layer[*target as usize]).min();
        layer[*op as usize] = after.map_or(0, |first| first.saturating_sub(1));
    }
    layer
}

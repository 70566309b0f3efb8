//! Arranges operators for the canvas: layers by what they read, few crossings, neighbours below each other. Takes milliseconds for thousands of operators.

mod layers;
mod order;
mod place;

use crate::{Coordinate, Dag, Edit};
use layers::Layered;

/// From one operator's left edge to the next one's.
pub(crate) const STEP_X: f64 = 220.0;
/// From one layer's top to the next one's.
pub(crate) const STEP_Y: f64 = 100.0;
/// Where the leftmost and topmost stand.
const MARGIN: f64 = 40.0;
/// Between parts that aren't connected.
const GAP_X: f64 = 60.0;
/// Coordinates are whole multiples, as the canvas snaps them.
const GRID: f64 = 10.0;
/// Parts are put side by side until a row is this much wider than it would be high.
const ASPECT: f64 = 1.6;

/// The edits that move each operator to its place; those that are there already have none.
pub fn layout(dag: &Dag) -> Vec<Edit> {
    let places = places(dag);
    let moved = dag.operators.iter().zip(places).filter(|(operator, place)| operator.coordinate != Some(*place));
    moved.map(|(operator, coordinate)| Edit::SetCoordinate { operator: operator.id.to_string(), coordinate }).collect()
}

fn places(dag: &Dag) -> Vec<Coordinate> {
    let count = dag.operators.len();
    let parts: Vec<Part> = components(dag).into_iter().map(arranged).collect();
    let mut places = vec![Coordinate { x: MARGIN, y: MARGIN }; count];
    let area: f64 = parts.iter().map(|part| part.width * part.height).sum();
    let widest = parts.iter().map(|part| part.width).fold(0.0, f64::max);
    let row_width = (area.sqrt() * ASPECT).max(widest);
    let (mut left, mut top, mut row_height) = (0.0, 0.0, 0.0_f64);
    for part in parts {
        if left > 0.0 && left + part.width > row_width {
            (left, top, row_height) = (0.0, top + row_height, 0.0);
        }
        for (op, at) in part.places {
            let snap = |f: f64| (f / GRID).round() * GRID + MARGIN;
            if let Some(place) = places.get_mut(op as usize) {
                *place = Coordinate { x: snap(at.x + left), y: snap(at.y + top) };
            }
        }
        left += part.width + GAP_X;
        row_height = row_height.max(part.height);
    }
    places
}

/// Operators that hang together, arranged.
struct Part {
    places: Vec<(u32, Coordinate)>,
    width: f64,
    height: f64,
}

fn arranged(members: Members) -> Part {
    let mut layered = Layered::new(members.operators.len(), &members.edges);
    order::reduce_crossings(&mut layered);
    let xs = place::columns(&layered);
    let left = xs.iter().copied().fold(f64::INFINITY, f64::min);
    let right = xs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let place = |at: usize| Coordinate {
        x: xs.get(at).map_or(0.0, |x| x - left),
        y: f64::from(layered.layer_of.get(at).copied().unwrap_or(0)) * STEP_Y,
    };
    Part {
        places: members.operators.iter().enumerate().map(|(at, op)| (*op, place(at))).collect(),
        width: if right >= left { right - left + STEP_X } else { STEP_X },
        height: layered.layers.len() as f64 * STEP_Y,
    }
}

/// One connected part: its operators, and its edges between positions among them.
struct Members {
    operators: Vec<u32>,
    edges: Vec<(u32, u32)>,
}

/// In the order of their first operators.
fn components(dag: &Dag) -> Vec<Members> {
    let count = dag.operators.len();
    let mut root: Vec<u32> = (0..count as u32).collect();
    fn find(root: &mut [u32], mut at: u32) -> u32 {
        while root[at as usize] != at {
            root[at as usize] = root[root[at as usize] as usize];
            at = root[at as usize];
        }
        at
    }
    let valid = || dag.edges.iter().filter(|e| (e.source as usize) < count && (e.target as usize) < count);
    for edge in valid() {
        let (a, b) = (find(&mut root, edge.source), find(&mut root, edge.target));
        // The lower one leads, so that parts come in the order of the text.
        root[a.max(b) as usize] = a.min(b);
    }
    let mut number = vec![u32::MAX; count];
    let mut position = vec![0u32; count];
    let mut parts: Vec<Members> = Vec::new();
    for op in 0..count as u32 {
        let lead = find(&mut root, op) as usize;
        if number[lead] == u32::MAX {
            number[lead] = parts.len() as u32;
            parts.push(Members { operators: Vec::new(), edges: Vec::new() });
        }
        number[op as usize] = number[lead];
        let part = &mut parts[number[lead] as usize];
        position[op as usize] = part.operators.len() as u32;
        part.operators.push(op);
    }
    for edge in valid() {
        let part = &mut parts[number[edge.source as usize] as usize];
        part.edges.push((position[edge.source as usize], position[edge.target as usize]));
    }
    parts
}

//! Which operators of a DAG lead to a model, and which follow it.

use std::collections::BTreeSet;
use suanzi_dag::{Dag, Edge};

/// All that `from` reads, whatever lies between.
pub(super) fn before(dag: &Dag, from: &[u32]) -> BTreeSet<u32> {
    reached(dag, from, |edge| (edge.target, edge.source))
}

/// All that reads `from`, whatever lies between.
pub(super) fn after(dag: &Dag, from: &[u32]) -> BTreeSet<u32> {
    reached(dag, from, |edge| (edge.source, edge.target))
}

fn reached(dag: &Dag, from: &[u32], step: impl Fn(&Edge) -> (u32, u32)) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    let mut open = from.to_vec();
    while let Some(at) = open.pop() {
        for next in dag.edges.iter().map(&step).filter(|(here, _)| *here == at).map(|(_, next)| next) {
            if found.insert(next) {
                open.push(next);
            }
        }
    }
    found
}

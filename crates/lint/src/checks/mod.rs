//! The checks, a file per kind of mistake.

mod before_split;
mod columns;
mod parts;
mod scoring;
mod transforms;

use crate::facts::Facts;
use crate::finding::Finding;
use crate::graph::Graph;

pub(crate) fn all(graph: &Graph<'_>, facts: &Facts) -> Vec<Finding> {
    let mut found = Vec::new();
    for check in [before_split::check, parts::check, columns::check, transforms::check, scoring::check] {
        check(graph, facts, &mut found);
    }
    found
}

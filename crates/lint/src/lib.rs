//! What a colleague would point out in a pipeline before it runs: rows and columns that leak from where they must not, steps that don't fit each other. Pure: from ports, roles and
//! parameters alone; no table is read.
//!
//! [`lint`] follows rows and columns through a bound DAG and gives what it found, each with a fix where there is one. [`mend`] gives the fix of what an *evaluation* found.
//! Where it can't know (code that may do anything), nothing is said: a warning that is wrong is worse than none.

mod checks;
mod codes;
mod facts;
mod finding;
mod graph;
mod insert;
mod mend;
mod step;

pub use codes::CODES;
pub use finding::{Finding, Fix, Said};
pub use mend::mend;

use suanzi_dag::Dag;
use suanzi_operator::Bound;

/// All findings, by operator. Operators that are left out (disabled) have none.
pub fn lint(dag: &Dag, bound: &Bound) -> Vec<Finding> {
    let graph = graph::Graph::new(dag, bound);
    let facts = facts::Facts::of(&graph);
    let mut found = checks::all(&graph, &facts);
    found.sort_by_key(|finding| finding.operator);
    found
}

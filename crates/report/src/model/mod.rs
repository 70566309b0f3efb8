//! What is known of a registered model's version: what trained it, on which data, how it was judged. Read from rows and JSON; no model is loaded.

mod compare;
mod facts;
mod graph;
mod name;

pub use compare::compare_versions;
pub use facts::{ModelFacts, model_facts};
#[cfg(test)]
use facts::{Step, Table};
pub use name::version_named;

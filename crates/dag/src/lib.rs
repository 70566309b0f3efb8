//! The DAG and its YAML: a pure crate that knows text and shape, and nothing of operators' meaning, storage or time.
//!
//! [`read`] turns the seed's YAML (or the same as JSON) into a [`Document`], or gives back every fault of it at once, each with line, column and hint.

mod fault;
mod model;
mod value;

pub use fault::{Fault, Faults, Place};
pub use model::{Coordinate, Dag, Edge, Operator, OperatorId, Resources, TriggerRule, Viewport};
pub use value::Value;

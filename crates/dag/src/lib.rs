//! The DAG and its YAML: a pure crate that knows text and shape, and nothing of operators' meaning, storage or time.
//!
//! [`read`] turns the seed's YAML (or the same as JSON) into a [`Document`], or gives back every fault of it at once, each with line, column and hint.
//! [`write()`] gives the canonical text of a [`Dag`].

mod apply;
mod assemble;
mod cycles;
mod document;
mod draft;
mod edit;
mod fault;
mod fault_log;
mod ids;
mod json_lexer;
mod layout;
pub mod limits;
mod model;
mod order;
mod patch;
mod quantity;
mod read;
mod read_dag;
mod read_operator;
mod reader;
mod scalar;
mod seen_keys;
mod sketch;
mod source;
mod suggest;
mod token;
mod value;
mod write;
mod write_scalar;
mod yaml_lexer;

pub use document::Document;
pub use edit::{Edit, EditError, Edited, Refusal};
pub use fault::{Fault, Faults, Place};
pub use layout::layout;
pub use limits::Limits;
pub use model::{Coordinate, Dag, Edge, Operator, OperatorId, Resources, TriggerRule, Viewport};
pub use order::topological_order;
pub use patch::edit;
pub use quantity::parse_duration_ms;
pub use read::{read, read_owned};
pub use sketch::{EdgeEnds, LooseEdge, Sketch, sketch};
pub use value::Value;
pub use write::write;

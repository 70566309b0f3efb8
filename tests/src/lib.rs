//! What the tests in `tests/` share: the real program in a home of its own, texts of DAGs, and the database read with plain SQL. Links no crate of the engine: a judge has no share in what it judges.

pub mod checker;
pub mod dag_text;
pub mod graph;
pub mod isolation;
pub mod platform;
pub mod program;
pub mod python;
pub mod report;
pub mod repository;
pub mod rows;
mod skip;
pub mod small_python;
pub mod snapshot;
mod suanzi;
pub mod wheels;

pub use dag_text::{DagText, Op};
pub use report::Report;
pub use skip::{forbidden, has_namespaces, skipped};
pub use suanzi::{Output, RUN_LIMIT_SECONDS, Suanzi};

//! What the server asks of the program it is part of.

use std::sync::Arc;
use suanzi_dag::Document;
use suanzi_dag_engine::{FileAccess, PrepareError, Prepared, RunOptions};

/// Only the program around the server knows which operators, interpreters and executors there are. Called from several threads at once.
pub trait Host: Send + Sync {
    /// Binds a DAG whose author may read `files`. May take as long as indexing its operators takes.
    fn prepare(&self, document: Arc<Document>, options: &RunOptions, files: FileAccess) -> Result<Prepared, Refusal>;

    /// Workers will be needed soon. Returns at once.
    fn warm_up(&self);
}

/// Why a DAG can't be prepared.
#[derive(Debug)]
pub enum Refusal {
    /// Its faults, or the database's error.
    Prepare(PrepareError),
    /// Something around it: an operator directory, the interpreter.
    Around { message: String, hint: Option<String> },
}

//! What came out of a run and what changed from one to another, read back from the store: what the command line prints and the server answers.

mod diff;
mod model;
mod outputs;
mod run;
mod words;

pub use diff::diff;
pub use model::{ModelFacts, compare_versions, model_facts, version_named};
pub use run::{read_json, run_report};
pub use words::{run_state, task_state};

use suanzi_dag::{Document, Faults, Limits};
use suanzi_store::{RunRow, Store, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}")]
    Gone(&'static str),
    /// The stored DAG can't be read any more.
    #[error("{0}")]
    Faults(Faults),
    /// Files can't be had now.
    #[error(transparent)]
    Artifact(#[from] suanzi_artifact::ArtifactError),
}

/// The DAG that a run ran.
///
/// # Errors
/// The database's; a version that is gone or can't be read any more.
pub fn document_of(store: &dyn Store, run: &RunRow) -> Result<Document, ReportError> {
    let version = store.dag_version(run.dag_version)?.ok_or(ReportError::Gone("the run's DAG version is gone"))?;
    suanzi_dag::read(&version.source, &Limits::file()).map_err(ReportError::Faults)
}

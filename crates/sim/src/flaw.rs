//! What can be made wrong on purpose, to see that the oracles notice.

use suanzi_dag_engine::Defect;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    Engine(Defect),
    /// The store writes batches whoever owns the run.
    MissingEpochFence,
}

impl Flaw {
    pub fn all() -> Vec<Flaw> {
        Defect::ALL.into_iter().map(Flaw::Engine).chain([Flaw::MissingEpochFence]).collect()
    }

    pub fn name(self) -> &'static str {
        match self {
            Flaw::Engine(defect) => defect.name(),
            Flaw::MissingEpochFence => "missing_epoch_fence",
        }
    }
}

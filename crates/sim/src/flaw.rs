//! What can be made wrong on purpose, to see that the oracles notice.

use suanzi_dag_engine::Defect;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// Of the engine itself.
    Engine(Defect),
    /// The store writes batches whoever owns the run.
    MissingEpochFence,
    /// The store writes every other record of a batch when the engine dies during the commit.
    TornBatch,
    /// The engine is told of more slots than its executors have.
    TooManySlots,
    /// The engine is told of more room in pools than there is.
    TooWidePools,
    /// A run's own limit isn't kept.
    MissingConcurrencyLimit,
    /// Files count as synced that are not.
    MissingSync,
    /// A new engine goes on with runs without taking them over.
    MissingClaim,
    /// A new engine doesn't look at what was published.
    ForgottenOutputs,
    /// A new engine doesn't look at how operators ended.
    ForgottenTasks,
}

const OF_THE_WORLD: [(Flaw, &str); 9] = [
    (Flaw::MissingEpochFence, "missing_epoch_fence"),
    (Flaw::TornBatch, "torn_batch"),
    (Flaw::TooManySlots, "too_many_slots"),
    (Flaw::TooWidePools, "too_wide_pools"),
    (Flaw::MissingConcurrencyLimit, "missing_concurrency_limit"),
    (Flaw::MissingSync, "missing_sync"),
    (Flaw::MissingClaim, "missing_claim"),
    (Flaw::ForgottenOutputs, "forgotten_outputs"),
    (Flaw::ForgottenTasks, "forgotten_tasks"),
];

impl Flaw {
    pub fn all() -> Vec<Flaw> {
        Defect::ALL.into_iter().map(Flaw::Engine).chain(OF_THE_WORLD.iter().map(|(flaw, _)| *flaw)).collect()
    }

    pub fn name(self) -> &'static str {
        if let Flaw::Engine(defect) = self {
            return defect.name();
        }
        OF_THE_WORLD.iter().find(|(flaw, _)| *flaw == self).map_or("", |(_, name)| name)
    }
}

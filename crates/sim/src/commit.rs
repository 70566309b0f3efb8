//! The writer as a step of its own: what it took is committed, refused or lost with its process.

use crate::flaw::Flaw;
use crate::process::Unwritten;
use suanzi_store::{Batch, BatchOutcome, MemoryStore, Store};

/// Applies a batch as `owner`. Positions of stale records refer to each run's own part under the flaw.
pub fn apply(store: &MemoryStore, owner: &str, taken: &Unwritten, flaw: Option<Flaw>) -> Result<BatchOutcome, String> {
    let batch = Batch { owner: owner.to_string(), runs: taken.runs.clone(), records: taken.records.clone() };
    if flaw != Some(Flaw::MissingEpochFence) {
        return store.apply(&batch).map_err(|e| e.to_string());
    }
    // As if nobody asked who owns the run: each run's part is written in the name of whoever does.
    let mut outcome = BatchOutcome::default();
    for (run, _) in &batch.runs {
        let Some(row) = store.run(*run).map_err(|e| e.to_string())? else { continue };
        let records = batch.records.iter().filter(|r| r.run() == *run).cloned().collect();
        let part = Batch { owner: row.owner, runs: vec![(*run, row.owner_epoch)], records };
        let written = store.apply(&part).map_err(|e| e.to_string())?;
        outcome.stale.extend(written.stale);
    }
    Ok(outcome)
}

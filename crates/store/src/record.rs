//! What can be said of a record without looking at the database: the run it belongs to, and whether it contradicts itself.

use crate::{AttemptState, RunKey, RunState, StoreRecord, TaskState};

impl StoreRecord {
    /// The run under whose ownership the record is written.
    pub fn run(&self) -> RunKey {
        match self {
            StoreRecord::Dispatched { run, .. }
            | StoreRecord::Ended { run, .. }
            | StoreRecord::Settled { run, .. }
            | StoreRecord::Described { run, .. }
            | StoreRecord::Keyed { run, .. }
            | StoreRecord::Durable { run, .. }
            | StoreRecord::RunEnded { run, .. } => *run,
        }
    }

    /// False for a record that no state of the database could accept. Such a record is stale everywhere.
    ///
    /// An attempt ends in a state other than `Running`; attempt and task succeed together; only success publishes; one output per port; a run ends in an end state.
    pub fn is_consistent(&self) -> bool {
        match self {
            StoreRecord::Dispatched { attempt_no, .. } => *attempt_no >= 1,
            StoreRecord::Ended { state, task, result, .. } => {
                let success = *state == AttemptState::Success;
                *state != AttemptState::Running
                    && *task != TaskState::Running
                    && success == (*task == TaskState::Success)
                    && result.as_ref().is_none_or(|r| success && all_different(r.outputs.iter().map(|o| o.port)))
            }
            StoreRecord::Settled { state, outputs, .. } => {
                let publishes = matches!(state, TaskState::Cached | TaskState::Success);
                state.is_final()
                    && (outputs.is_empty() || publishes)
                    && all_different(outputs.iter().map(|(port, _)| *port))
            }
            StoreRecord::RunEnded { state, .. } => *state != RunState::Running,
            StoreRecord::Described { .. } | StoreRecord::Keyed { .. } | StoreRecord::Durable { .. } => true,
        }
    }
}

fn all_different(ports: impl ExactSizeIterator<Item = u16>) -> bool {
    if ports.len() < 2 {
        return true;
    }
    let mut ports: Vec<u16> = ports.collect();
    ports.sort_unstable();
    ports.windows(2).all(|pair| pair[0] != pair[1])
}

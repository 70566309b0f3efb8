//! Why a task isn't running yet, for the person who asks.

use crate::queue::{Blocked, Queue};
use crate::run::Run;
use crate::state::TaskState;
use crate::{Millis, TaskRef};
use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitingReason {
    /// This many of its predecessors haven't ended.
    Predecessors {
        unmet: u32,
    },
    /// A cached result is being looked for.
    Lookup,
    /// Its last attempt failed; the next starts at `until`.
    RetryDelay {
        until: Millis,
    },
    /// As many tasks of its run are running as the run allows.
    RunConcurrency {
        running: u32,
        limit: u32,
    },
    Pool {
        pool: u16,
        running: u32,
        limit: u32,
    },
    /// Its executor has too few free slots. `slots` is 0 while the executor hasn't said that it has any.
    Slots {
        executor: u16,
        needed: u32,
        in_use: u64,
        slots: u32,
    },
    /// What is expected to be held where it would run leaves too little room for it.
    Memory {
        executor: u16,
        needed_mib: u32,
        free_mib: u32,
        budget_mib: u32,
    },
}

pub(crate) fn reason(run: &Run, queue: &Queue, task: TaskRef) -> Option<WaitingReason> {
    match run.tasks.get(task.op as usize)?.state {
        TaskState::NotSelected | TaskState::Running(_) | TaskState::Final(_) => None,
        TaskState::Waiting(tally) => Some(WaitingReason::Predecessors { unmet: tally.unmet }),
        TaskState::LookingUp => Some(WaitingReason::Lookup),
        TaskState::Retrying { at } => Some(WaitingReason::RetryDelay { until: at }),
        TaskState::Queued => Some(match queue.blocked(task)? {
            Blocked::Run { running, limit } => WaitingReason::RunConcurrency { running, limit },
            Blocked::Pool { pool, running, limit } => WaitingReason::Pool { pool, running, limit },
            Blocked::Slots { executor, needed, in_use, slots } => {
                WaitingReason::Slots { executor, needed, in_use, slots }
            }
            Blocked::Memory { executor, needed_mib, free_mib, budget_mib } => {
                WaitingReason::Memory { executor, needed_mib, free_mib, budget_mib }
            }
        }),
    }
}

impl fmt::Display for WaitingReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WaitingReason::Predecessors { unmet: 1 } => write!(f, "waits for 1 predecessor"),
            WaitingReason::Predecessors { unmet } => write!(f, "waits for {unmet} predecessors"),
            WaitingReason::Lookup => write!(f, "a cached result is being looked for"),
            WaitingReason::RetryDelay { until } => write!(f, "waits until {until} ms for its next attempt"),
            WaitingReason::RunConcurrency { running, limit } => {
                write!(f, "{running} of this run's tasks are running, its limit is {limit}")
            }
            WaitingReason::Pool { pool, running, limit } => {
                write!(f, "{running} tasks are running in pool {pool}, its limit is {limit}")
            }
            WaitingReason::Slots { executor, slots: 0, .. } => write!(f, "executor {executor} has no slots"),
            WaitingReason::Slots { executor, needed, in_use, slots } => {
                write!(f, "needs {needed} slots, {in_use} of executor {executor}'s {slots} are in use")
            }
            WaitingReason::Memory { executor, needed_mib, free_mib, budget_mib } => {
                write!(f, "needs {needed_mib} MiB, {free_mib} of executor {executor}'s {budget_mib} MiB are free")
            }
        }
    }
}

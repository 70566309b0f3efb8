//! The scheduler's story of a task, with the names and the clock that people know.

use super::{Core, Now};
use crate::words::Words;
use suanzi_scheduler::{self as sched, Names, WaitingReason};
use suanzi_store::{EpochMillis, RunKey};

/// One thing that happened to a task, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub at: EpochMillis,
    pub text: Words,
}

impl Core {
    /// Newest last, with what it waits for now; empty where it was long ago. `operators` are the ids of the run's own: it may have ended, and be known no more.
    pub fn story(&self, now: Now, run: RunKey, op: u32, operators: &[&str]) -> Vec<Told> {
        let task = sched::TaskRef { run: sched::RunKey(run.0), op };
        let run_name = |run: sched::RunKey| self.runs.get(&RunKey(run.0)).map(|data| data.plan.run_id.clone());
        let operator = |other: sched::TaskRef| {
            if other.run == task.run {
                return operators.get(other.op as usize).map(|id| id.to_string());
            }
            let plan = &self.runs.get(&RunKey(other.run.0))?.plan;
            Some(format!("{}/{}", plan.run_id, plan.ops.get(other.op as usize)?.operator_id))
        };
        let names = Names { operator: &operator, run: &run_name };
        let told = |line: &sched::StoryLine| Told {
            // The scheduler's clock counts from the engine's start.
            at: now.wall - now.mono_ms.saturating_sub(line.at) as EpochMillis,
            text: Words::new(line.english(names), line.chinese(names)),
        };
        let mut lines: Vec<Told> = self.scheduler.story(task).iter().map(told).collect();
        lines.extend(self.waits(run, op).map(|Words { en, zh }| Told {
            at: now.wall,
            text: Words::new(format!("waits for {en}"), format!("等待{zh}")),
        }));
        lines
    }

    /// What a task waits for that is ready, where that is memory.
    pub fn waits(&self, run: RunKey, op: u32) -> Option<Words> {
        match self.scheduler.waiting_reason(sched::TaskRef { run: sched::RunKey(run.0), op })? {
            WaitingReason::Memory { needed_mib, free_mib, budget_mib, .. } => {
                Some(crate::memory::waits(needed_mib, free_mib, budget_mib))
            }
            _ => None,
        }
    }
}

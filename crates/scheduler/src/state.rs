//! Where a task stands, with all that belongs to the state inside it.

use crate::trigger::Tally;
use crate::{FinalState, Millis, StopReason};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskState {
    /// Not part of this run.
    NotSelected,
    /// For predecessors.
    Waiting(Tally),
    /// A cached result is being looked for.
    LookingUp,
    /// Ready; waits for its turn, slots, its pool or its run's limit.
    Queued,
    Running(Running),
    /// Waits for its next attempt until `at`.
    Retrying {
        at: Millis,
    },
    Final(FinalState),
}

/// An attempt in hand. Its number is the task's count of attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Running {
    pub token: u64,
    pub phase: Phase,
    /// When it is told to stop for taking too long; none once it was.
    pub deadline: Option<Millis>,
    /// It was told to stop. How it ends decides what becomes of the task: a success is a success.
    pub stopping: Option<StopReason>,
    /// An earlier engine handed it out: the token is of that engine's making.
    pub taken_over: bool,
}

/// How far an attempt is known to have come. Bookkeeping only: nothing is decided by it, so a lost or late report costs nothing but a better word on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Its dispatch record must be durable before it leaves.
    AwaitingCommit,
    HandedOut,
    Started,
}

/// One task, as the run keeps it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Task {
    pub state: TaskState,
    /// Attempts begun; also the number of the newest.
    pub attempts: u32,
    /// Those that count against the user's retries.
    pub failures: u32,
    /// Those that were lost.
    pub lost: u32,
    /// Those that were ended to make room.
    pub evicted: u32,
}

/// How many of a run's selected tasks are in each state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TaskCounts {
    pub waiting: u32,
    pub looking_up: u32,
    pub queued: u32,
    pub running: u32,
    pub retrying: u32,
    pub success: u32,
    pub cached: u32,
    pub failed: u32,
    pub skipped: u32,
    pub cancelled: u32,
}

impl TaskCounts {
    /// Tasks that aren't final.
    pub fn open(&self) -> u32 {
        self.waiting + self.looking_up + self.queued + self.running + self.retrying
    }

    pub fn total(&self) -> u32 {
        self.open() + self.success + self.cached + self.failed + self.skipped + self.cancelled
    }

    pub(crate) fn moved(&mut self, from: &TaskState, to: &TaskState) {
        if let Some(count) = self.of(from) {
            *count -= 1;
        }
        self.entered(to);
    }

    pub(crate) fn entered(&mut self, state: &TaskState) {
        if let Some(count) = self.of(state) {
            *count += 1;
        }
    }

    fn of(&mut self, state: &TaskState) -> Option<&mut u32> {
        Some(match state {
            TaskState::NotSelected => return None,
            TaskState::Waiting(_) => &mut self.waiting,
            TaskState::LookingUp => &mut self.looking_up,
            TaskState::Queued => &mut self.queued,
            TaskState::Running(_) => &mut self.running,
            TaskState::Retrying { .. } => &mut self.retrying,
            TaskState::Final(FinalState::Success) => &mut self.success,
            TaskState::Final(FinalState::Cached) => &mut self.cached,
            TaskState::Final(FinalState::Failed) => &mut self.failed,
            TaskState::Final(FinalState::Skipped) => &mut self.skipped,
            TaskState::Final(FinalState::Cancelled) => &mut self.cancelled,
        })
    }
}

//! Why anything happened: the newest lines of what became of every task, each with the input that caused it.

use crate::{AttemptEnd, Cause, EndReason, FinalState, Input, Millis, OpIx, RunKey, StopReason, TaskNext, TaskRef};
use std::collections::VecDeque;
use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoryLine {
    /// Number of the input; the same as on the records and actions it led to.
    pub cause: Cause,
    pub at: Millis,
    pub task: TaskRef,
    pub event: StoryEvent,
    pub because: Because,
}

/// What happened to the task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoryEvent {
    LookupAsked,
    Queued,
    Dispatched { no: u32 },
    Started { no: u32 },
    StopAsked { no: u32, reason: StopReason },
    Ended { no: u32, why: EndReason, next: TaskNext },
    Settled(FinalState),
}

/// The input it followed from, without its contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    RunSubmitted(RunKey),
    LookedUp { task: TaskRef, hit: bool },
    Committed(TaskRef),
    AttemptStarted { task: TaskRef, no: u32 },
    AttemptFinished { task: TaskRef, no: u32, end: AttemptEnd },
    AttemptLost { task: TaskRef, no: u32 },
    Cancel(RunKey),
    Disowned(RunKey),
    Capacity { executor: u16, slots: u32 },
    Timer,
}

#[derive(Debug, Clone)]
pub(crate) struct Story {
    lines: VecDeque<StoryLine>,
    limit: usize,
}

impl Story {
    pub fn new(limit: usize) -> Story {
        Story { lines: VecDeque::new(), limit }
    }

    pub fn tell(&mut self, cause: Cause, at: Millis, because: Because, task: TaskRef, event: StoryEvent) {
        if self.limit == 0 {
            return;
        }
        if self.lines.len() == self.limit {
            self.lines.pop_front();
        }
        self.lines.push_back(StoryLine { cause, at, task, event, because });
    }

    pub fn of(&self, task: TaskRef) -> Vec<StoryLine> {
        self.lines.iter().filter(|line| line.task == task).copied().collect()
    }
}

impl Because {
    pub(crate) fn of(input: &Input) -> Because {
        match *input {
            Input::RunSubmitted(ref spec) => Because::RunSubmitted(spec.run),
            Input::LookedUp { task, hit } => Because::LookedUp { task, hit },
            Input::Committed { attempt } => Because::Committed(attempt.task),
            Input::AttemptStarted { attempt } => Because::AttemptStarted { task: attempt.task, no: attempt.no },
            Input::AttemptFinished { attempt, end } => {
                Because::AttemptFinished { task: attempt.task, no: attempt.no, end }
            }
            Input::AttemptLost { attempt } => Because::AttemptLost { task: attempt.task, no: attempt.no },
            Input::Cancel { run } => Because::Cancel(run),
            Input::Disowned { run } => Because::Disowned(run),
            Input::Capacity { executor, slots } => Because::Capacity { executor, slots },
            Input::Timer => Because::Timer,
        }
    }
}

impl fmt::Display for StoryLine {
    /// `340 ms: queued, because operator 3's attempt 1 succeeded (cause 12)`. Operators are named by position; who knows their names puts them in from the fields.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} ms: {}, because {} (cause {})",
            self.at,
            self.event,
            self.because.seen_from(self.task),
            self.cause
        )
    }
}

impl fmt::Display for StoryEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoryEvent::LookupAsked => write!(f, "ready, a cached result is looked for"),
            StoryEvent::Queued => write!(f, "queued"),
            StoryEvent::Dispatched { no } => write!(f, "attempt {no} dispatched"),
            StoryEvent::Started { no } => write!(f, "attempt {no} started"),
            StoryEvent::StopAsked { no, reason } => {
                let reason = match reason {
                    StopReason::Cancelled => "cancelled",
                    StopReason::TimedOut => "timed out",
                    StopReason::Disowned => "disowned",
                };
                write!(f, "attempt {no} told to stop ({reason})")
            }
            StoryEvent::Ended { no, why, next } => {
                let why = match why {
                    EndReason::Success => "succeeded",
                    EndReason::Failed => "failed",
                    EndReason::TimedOut => "timed out",
                    EndReason::Cancelled => "was cancelled",
                    EndReason::Lost => "was lost",
                };
                write!(f, "attempt {no} {why}")?;
                match next {
                    TaskNext::Final(state) => write!(f, " and the task is {}", final_word(*state)),
                    TaskNext::Retry { at } => write!(f, ", another follows at {at} ms"),
                }
            }
            StoryEvent::Settled(state) => f.write_str(final_word(*state)),
        }
    }
}

fn final_word(state: FinalState) -> &'static str {
    match state {
        FinalState::Success => "successful",
        FinalState::Cached => "cached",
        FinalState::Failed => "failed",
        FinalState::Skipped => "skipped",
        FinalState::Cancelled => "cancelled",
    }
}

/// [`Because`] in words, for the story of `task`.
struct Reason {
    because: Because,
    task: TaskRef,
}

impl Because {
    fn seen_from(self, task: TaskRef) -> Reason {
        Reason { because: self, task }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whose = |task: TaskRef| Whose {
            op: task.op,
            run: (task.run != self.task.run).then_some(task.run),
            own: task == self.task,
        };
        match self.because {
            Because::RunSubmitted(run) if run == self.task.run => write!(f, "the run was submitted"),
            Because::RunSubmitted(RunKey(run)) => write!(f, "run {run} was submitted"),
            Because::LookedUp { task, hit } => {
                write!(f, "{} lookup {}", whose(task), if hit { "found a result" } else { "found nothing" })
            }
            Because::Committed(task) => write!(f, "{} dispatch became durable", whose(task)),
            Because::AttemptStarted { task, no } => write!(f, "{} attempt {no} started", whose(task)),
            Because::AttemptFinished { task, no, end } => {
                let end = match end {
                    AttemptEnd::Success => "succeeded",
                    AttemptEnd::Failed { retry: true } => "failed",
                    AttemptEnd::Failed { retry: false } => "failed beyond retrying",
                    AttemptEnd::Stopped => "stopped",
                };
                write!(f, "{} attempt {no} {end}", whose(task))
            }
            Because::AttemptLost { task, no } => write!(f, "{} attempt {no} was lost", whose(task)),
            Because::Cancel(run) if run == self.task.run => write!(f, "the run was cancelled"),
            Because::Cancel(RunKey(run)) => write!(f, "run {run} was cancelled"),
            Because::Disowned(run) if run == self.task.run => write!(f, "the run has another owner"),
            Because::Disowned(RunKey(run)) => write!(f, "run {run} has another owner"),
            Because::Capacity { executor, slots } => write!(f, "executor {executor} now has {slots} slots"),
            Because::Timer => write!(f, "its time had come"),
        }
    }
}

/// `its`, `operator 3's` or `operator 3 of run 7's`.
struct Whose {
    op: OpIx,
    run: Option<RunKey>,
    own: bool,
}

impl fmt::Display for Whose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.own, self.run) {
            (true, _) => f.write_str("its"),
            (false, None) => write!(f, "operator {}'s", self.op),
            (false, Some(RunKey(run))) => write!(f, "operator {} of run {run}'s", self.op),
        }
    }
}

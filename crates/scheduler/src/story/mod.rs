//! Why anything happened: the newest lines of what became of every task, each with the input that caused it.

mod chinese;
mod english;

use crate::{AttemptEnd, Cause, EndReason, FinalState, Input, Millis, RunKey, StopReason, TaskNext, TaskRef};
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
    Dispatched {
        no: u32,
    },
    /// By this engine, from the one that handed it out.
    TakenOver {
        no: u32,
    },
    Started {
        no: u32,
    },
    StopAsked {
        no: u32,
        reason: StopReason,
    },
    Ended {
        no: u32,
        why: EndReason,
        next: TaskNext,
    },
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
    AttemptEvicted { task: TaskRef, no: u32 },
    Cancel(RunKey),
    Disowned(RunKey),
    Capacity { executor: u16, slots: u32 },
    Memory { executor: u16, mib: Option<u32> },
    Timer,
}

/// What people call the operators and runs that a line tells of, those of other runs included; none where nobody remembers.
#[derive(Clone, Copy)]
pub struct Names<'a> {
    pub operator: &'a dyn Fn(TaskRef) -> Option<String>,
    pub run: &'a dyn Fn(RunKey) -> Option<String>,
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
            Input::AttemptEvicted { attempt, .. } => Because::AttemptEvicted { task: attempt.task, no: attempt.no },
            Input::Cancel { run } => Because::Cancel(run),
            Input::Disowned { run } => Because::Disowned(run),
            Input::Capacity { executor, slots } => Because::Capacity { executor, slots },
            Input::Memory { executor, mib } => Because::Memory { executor, mib },
            Input::Timer => Because::Timer,
        }
    }
}

impl StoryLine {
    /// `queued, because read's attempt 1 succeeded`.
    pub fn english(&self, names: Names<'_>) -> String {
        let StoryLine { at, task, event, because, .. } = *self;
        format!("{}, because {}", english::event(event, at), english::because(because, task, names))
    }

    /// The same in Chinese.
    pub fn chinese(&self, names: Names<'_>) -> String {
        let StoryLine { at, task, event, because, .. } = *self;
        format!("{}——{}", chinese::event(event, at), chinese::because(because, task, names))
    }
}

impl fmt::Display for StoryLine {
    /// `340 ms: queued, because operator 3's attempt 1 succeeded (cause 12)`: operators and runs by their numbers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Names {
            operator: &|task| {
                let run = if task.run == self.task.run { String::new() } else { format!(" of run {}", task.run.0) };
                Some(format!("operator {}{run}", task.op))
            },
            run: &|RunKey(run)| Some(format!("run {run}")),
        };
        write!(f, "{} ms: {} (cause {})", self.at, self.english(names), self.cause)
    }
}

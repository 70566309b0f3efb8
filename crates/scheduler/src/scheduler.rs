//! The scheduler itself: one input in, records and actions out.

use crate::cx::{Cx, Runs};
use crate::queue::Queue;
use crate::story::{Because, Story, StoryLine};
use crate::timer::Timers;
use crate::{
    Cause, Input, Millis, RunKey, Step, TaskCounts, TaskRef, TaskState, WaitingReason, attempt_evicted,
    attempt_finished, attempt_lost, attempt_progress, cancel, disowned, looked_up, run_submitted, timer, waiting,
};

/// How many [`StoryLine`]s are kept unless [`Options`] says otherwise.
pub const DEFAULT_STORY_LINES: usize = 16_384;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Tasks that may run at once in each named pool; [`crate::OpSpec::pool`] is an index into it. 0 pauses a pool.
    pub pool_limits: Vec<u32>,
    /// Newest lines kept for [`Scheduler::story`], of all runs together; 0 keeps none.
    pub story_lines: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options { pool_limits: Vec::new(), story_lines: DEFAULT_STORY_LINES }
    }
}

/// Which tasks of which runs are where, and what to do when something happens.
///
/// An executor has no slots until an [`Input::Capacity`] says so.
#[derive(Debug, Clone)]
pub struct Scheduler {
    pub(crate) runs: Runs,
    pub(crate) queue: Queue,
    pub(crate) timers: Timers,
    story: Story,
    cause: Cause,
}

impl Scheduler {
    pub fn new(options: Options) -> Scheduler {
        Scheduler {
            runs: Runs::new(),
            queue: Queue::new(&options.pool_limits),
            timers: Timers::default(),
            story: Story::new(options.story_lines),
            cause: 0,
        }
    }

    /// Takes one input and appends to `step` what follows from it. Total: an input that is late, doubled or about something unknown changes nothing.
    ///
    /// Inputs are numbered from 1; records and actions carry the number of theirs. Records are in the order in which they must be applied; a record comes before every action that relies on it.
    /// `now` must not go back for deadlines to be kept; nothing else depends on it.
    pub fn handle(&mut self, now: Millis, input: Input, step: &mut Step) {
        self.cause += 1;
        let Scheduler { runs, queue, timers, story, cause } = self;
        let mut cx = Cx { now, cause: *cause, because: Because::of(&input), step, story, queue, timers };
        match input {
            Input::RunSubmitted(spec) => run_submitted::handle(runs, &mut cx, *spec),
            Input::LookedUp { task, hit } => looked_up::handle(runs, &mut cx, task, hit),
            Input::Committed { attempt } => attempt_progress::committed(runs, attempt),
            Input::AttemptStarted { attempt } => attempt_progress::started(runs, &mut cx, attempt),
            Input::AttemptFinished { attempt, end } => attempt_finished::handle(runs, &mut cx, attempt, end),
            Input::AttemptLost { attempt } => attempt_lost::handle(runs, &mut cx, attempt),
            Input::AttemptEvicted { attempt, held_mib } => {
                attempt_evicted::handle(runs, &mut cx, attempt, held_mib);
            }
            Input::Cancel { run } => cancel::handle(runs, &mut cx, run),
            Input::Disowned { run } => disowned::handle(runs, &mut cx, run),
            Input::Capacity { executor, slots } => cx.queue.set_capacity(executor, slots),
            Input::Memory { executor, mib } => cx.queue.set_memory(executor, mib),
            Input::Timer => timer::handle(runs, &mut cx),
        }
        while let Some(task) = cx.queue.pop() {
            if let Some(run) = runs.get_mut(&task.run) {
                run.dispatch(&mut cx, task.op);
            }
        }
        cx.timers.arm(&mut cx.step.actions);
    }

    /// The number of the newest input.
    pub fn cause(&self) -> Cause {
        self.cause
    }

    /// No run is live.
    pub fn is_idle(&self) -> bool {
        self.runs.is_empty()
    }

    /// Live runs, by key.
    pub fn runs(&self) -> impl Iterator<Item = RunKey> + '_ {
        self.runs.keys().copied()
    }

    /// How many of a live run's tasks are in each state.
    pub fn counts(&self, run: RunKey) -> Option<TaskCounts> {
        self.runs.get(&run).map(|run| run.counts)
    }

    /// A cancel has been asked for and the run hasn't ended yet.
    pub fn is_cancelling(&self, run: RunKey) -> bool {
        self.runs.get(&run).is_some_and(|run| run.cancelled)
    }

    /// State of a task of a live run.
    pub fn task_state(&self, task: TaskRef) -> Option<TaskState> {
        Some(self.runs.get(&task.run)?.tasks.get(task.op as usize)?.state)
    }

    /// What a task that neither runs nor has ended waits for.
    pub fn waiting_reason(&self, task: TaskRef) -> Option<WaitingReason> {
        waiting::reason(self.runs.get(&task.run)?, &self.queue, task)
    }

    /// Expected milliseconds from a task's start to the end of its live run, along the longest path.
    pub fn critical_path_ms(&self, task: TaskRef) -> Option<Millis> {
        self.queue.path_ms(task.run, task.op)
    }

    /// What happened to a task and because of what, oldest first, as far back as the lines kept reach. Also for runs that have ended.
    pub fn story(&self, task: TaskRef) -> Vec<StoryLine> {
        self.story.of(task)
    }

    /// Queue positions and lanes looked at since the start. Grows in proportion to the events, whatever the number of waiting tasks; a test holds it to that.
    pub fn queue_effort(&self) -> u64 {
        self.queue.effort()
    }
}

//! What every input's handler is given: the time, the cause, where output goes, and what all runs share.

use crate::queue::Queue;
use crate::run::Run;
use crate::story::{Because, Story, StoryEvent};
use crate::timer::Timers;
use crate::{Action, Cause, Change, Millis, Record, RunKey, Step, TaskRef};
use std::collections::BTreeMap;

/// Live runs. A run that ended isn't here.
pub(crate) type Runs = BTreeMap<RunKey, Box<Run>>;

pub(crate) struct Cx<'a> {
    pub now: Millis,
    pub cause: Cause,
    pub because: Because,
    pub step: &'a mut Step,
    pub story: &'a mut Story,
    pub queue: &'a mut Queue,
    pub timers: &'a mut Timers,
}

impl Cx<'_> {
    pub fn record(&mut self, change: Change) {
        self.step.records.push(Record { cause: self.cause, change });
    }

    pub fn act(&mut self, action: Action) {
        self.step.actions.push(action);
    }

    pub fn tell(&mut self, task: TaskRef, event: StoryEvent) {
        self.story.tell(self.cause, self.now, self.because, task, event);
    }
}

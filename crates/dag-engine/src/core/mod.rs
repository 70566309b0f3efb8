//! The deciding half of the dag engine: scheduler inputs in, [`Effects`] out. No threads, no clock, no I/O; a simulation can drive it from one seed.

mod effects;
mod events;
mod keys;
mod records;
mod requests;
mod run;
mod start;
mod story;

pub use effects::{AfterCommit, CheckJob, Deployment, DescribeJob, Effects, LookupJob, Now};
pub use run::{InputPlan, NewCoreRun, OpPlan, RunPlan, StillRunning};
pub use story::Told;

use run::RunData;
use std::collections::HashMap;
use std::path::PathBuf;
use suanzi_executor::{AttemptId, ObjectPlace, TaskRequest};
use suanzi_scheduler::{self as sched, Input, Scheduler, Step};
use suanzi_store::RunKey;

pub struct Core {
    scheduler: Scheduler,
    runs: HashMap<RunKey, RunData>,
    artifact_dir: PathBuf,
    objects: Option<ObjectPlace>,
    step: Step,
    /// Runs whose end waits until all they published is durable.
    ending: Vec<RunKey>,
    /// Inputs that the core itself answers actions with.
    answers: Vec<Input>,
    /// Side-effecting attempts whose dispatch record isn't durable yet.
    held: HashMap<AttemptId, (u16, Box<TaskRequest>)>,
    #[cfg(feature = "planted-defects")]
    planted: crate::defect::Planted,
}

impl Core {
    /// `pool_limits` by position; `slots` and `memory_bytes` by executor.
    pub fn new(artifact_dir: PathBuf, pool_limits: Vec<u32>, slots: &[u32], memory_bytes: &[Option<u64>]) -> Core {
        let mut core = Core {
            scheduler: Scheduler::new(sched::Options { pool_limits, ..Default::default() }),
            runs: HashMap::new(),
            artifact_dir,
            objects: None,
            step: Step::default(),
            ending: Vec::new(),
            answers: Vec::new(),
            held: HashMap::new(),
            #[cfg(feature = "planted-defects")]
            planted: Default::default(),
        };
        let mut nothing = Effects::default();
        for (executor, slots) in slots.iter().enumerate() {
            core.feed(Now::default(), Input::Capacity { executor: executor as u16, slots: *slots }, &mut nothing);
        }
        for (executor, bytes) in memory_bytes.iter().enumerate() {
            let mib = bytes.map(crate::memory::whole_mib);
            core.feed(Now::default(), Input::Memory { executor: executor as u16, mib }, &mut nothing);
        }
        core
    }

    /// Workers read artifacts there and write them there.
    pub fn with_objects(mut self, objects: Option<ObjectPlace>) -> Core {
        self.objects = objects;
        self
    }

    /// Makes it go wrong on purpose.
    #[cfg(feature = "planted-defects")]
    pub fn with_defect(mut self, defect: Option<crate::Defect>) -> Core {
        self.planted.defect = defect;
        self
    }

    /// Takes a run whose row is committed.
    pub fn submit(&mut self, now: Now, new: NewCoreRun, fx: &mut Effects) {
        let key = new.key;
        let lost = new.lost.clone();
        let running = new.running.clone();
        let memory: Vec<u32> =
            running.iter().map(|r| new.spec.ops.get(r.op as usize).map_or(0, |op| op.memory_mib)).collect();
        let (data, spec) = RunData::new(new);
        let published: Vec<u32> =
            (0..data.ops.len() as u32).filter(|op| !data.ops[*op as usize].outputs.is_empty()).collect();
        self.runs.insert(key, data);
        for op in published {
            self.describe_taken_over(key, op, fx);
            if let Some(data) = self.runs.get_mut(&key) {
                data.carry_out(now, key, op, fx);
            }
        }
        for (op, attempt_no, token) in lost {
            self.record_lost(now, key, op, attempt_no, token, fx);
        }
        self.feed(now, Input::RunSubmitted(Box::new(spec)), fx);
        for (still, memory_mib) in running.into_iter().zip(memory) {
            self.re_attach(now, key, still, memory_mib, fx);
        }
    }

    pub fn cancel(&mut self, now: Now, run: RunKey, fx: &mut Effects) {
        #[cfg(feature = "planted-defects")]
        self.planted.cancelled(run);
        self.feed(now, Input::Cancel { run: sched::RunKey(run.0) }, fx);
    }

    /// Another process owns the run now: its attempts are stopped and nothing more is written for it.
    pub fn disowned(&mut self, now: Now, run: RunKey, fx: &mut Effects) {
        self.feed(now, Input::Disowned { run: sched::RunKey(run.0) }, fx);
        self.runs.remove(&run);
        self.ending.retain(|r| *r != run);
        self.held.retain(|attempt, _| attempt.run != run.0);
        fx.after.push(AfterCommit::Gone { run });
    }

    pub fn timer(&mut self, now: Now, fx: &mut Effects) {
        self.feed(now, Input::Timer, fx);
    }

    /// The dispatch record of a held attempt is durable: it may leave, unless it was told to stop meanwhile.
    pub fn committed(&mut self, now: Now, attempt: AttemptId, fx: &mut Effects) {
        if let Some(held) = self.held.remove(&attempt) {
            fx.starts.push(held);
            self.feed(now, Input::Committed { attempt: events::sched_attempt(attempt) }, fx);
        }
    }

    pub fn is_idle(&self) -> bool {
        self.runs.is_empty()
    }

    pub fn has_run(&self, run: RunKey) -> bool {
        self.runs.contains_key(&run)
    }

    pub fn executor_of(&self, run: RunKey, op: u32) -> Option<u16> {
        Some(self.runs.get(&run)?.plan.ops.get(op as usize)?.executor)
    }

    /// One input through the scheduler, and then, one after the other, what the core itself answers to its actions. A loop: a chain of cached operators can be long.
    fn feed(&mut self, now: Now, input: Input, fx: &mut Effects) {
        self.feed_one(now, input, fx);
        while let Some(input) = self.answers.pop() {
            self.feed_one(now, input, fx);
        }
        self.finish_ended(now, fx);
    }

    fn feed_one(&mut self, now: Now, input: Input, fx: &mut Effects) {
        let mut step = std::mem::take(&mut self.step);
        self.scheduler.handle(now.mono_ms, input, &mut step);
        for record in step.records.drain(..) {
            self.record(now, record.change, fx);
        }
        for action in step.actions.drain(..) {
            self.action(action, fx);
        }
        self.step = step;
    }
}

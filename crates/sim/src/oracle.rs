//! The promises, judged from the store's rows, the model disk and what was told to whom. Nothing here looks into the core.

use crate::disk::Disk;
use crate::process::{Process, Use};
use crate::shape::{MEMORY_MIB, POOLS, SLOTS, Shape, artifact_dir};
use std::collections::{BTreeMap, BTreeSet};
use suanzi_dag_engine::RunEvent;
use suanzi_executor::{AttemptId, Location, Outcome, TaskRequest};
use suanzi_scheduler::Trigger;
use suanzi_store::{AttemptState, MemoryStore, RunKey, RunState, Store, StoreRecord, TaskRow, TaskState};

type Verdict = Result<(), String>;

/// How an attempt's end was told to the engine that had handed it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    Success,
    Failed,
    Stopped,
    Lost,
}

impl Heard {
    pub fn of(outcome: &Outcome) -> Heard {
        match outcome {
            Outcome::Success { .. } => Heard::Success,
            Outcome::Failed(_) => Heard::Failed,
            Outcome::Stopped => Heard::Stopped,
            Outcome::Lost | Outcome::Evicted { .. } => Heard::Lost,
        }
    }

    /// May the attempt's row say this? Lost always: the engine may have died before the commit.
    fn allows(self, state: AttemptState) -> bool {
        match self {
            Heard::Success => matches!(state, AttemptState::Success | AttemptState::Lost),
            Heard::Failed => matches!(state, AttemptState::Failed | AttemptState::Lost),
            Heard::Stopped => {
                matches!(state, AttemptState::Cancelled | AttemptState::TimedOut | AttemptState::Lost)
            }
            Heard::Lost => state == AttemptState::Lost,
        }
    }
}

#[derive(Default)]
pub struct Oracle {
    /// Committed final states: they never change.
    finals: BTreeMap<(RunKey, u32), (TaskState, u32)>,
    ended: BTreeMap<RunKey, RunState>,
    /// Told to somebody outside.
    acknowledged: Vec<RunEvent>,
    started: BTreeSet<u64>,
    pub heard: BTreeMap<u64, Heard>,
}

fn rows<T>(result: suanzi_store::Result<T>) -> Result<T, String> {
    result.map_err(|e| format!("the store failed: {e}"))
}

fn task(store: &MemoryStore, run: RunKey, op: u32) -> Result<Option<TaskRow>, String> {
    Ok(rows(store.tasks(run))?.into_iter().find(|t| t.op == op))
}

impl Oracle {
    /// An engine hands an attempt out. `owns`: it is the run's owner by the store.
    pub fn starts(
        &mut self,
        store: &MemoryStore,
        disk: &Disk,
        shape: &Shape,
        process: &Process,
        request: &TaskRequest,
        owns: bool,
    ) -> Verdict {
        let attempt = request.attempt;
        let (run, op) = (RunKey(attempt.run), &shape.ops[attempt.op as usize]);
        if !self.started.insert(attempt.token) {
            return Err(format!("attempt {attempt:?} was started twice"));
        }
        if !owns {
            return Ok(());
        }
        if let Some(row) = task(store, run, attempt.op)?.filter(|row| row.state.is_final()) {
            return Err(format!("operator {} is {:?} and was started again as {attempt:?}", attempt.op, row.state));
        }
        if op.spec.side_effects {
            let row = rows(store.attempts(run, Some(attempt.op)))?.into_iter().find(|a| a.token == attempt.token);
            if row.is_none() {
                return Err(format!("{attempt:?} has side effects and left before its dispatch was committed"));
            }
        }
        if op.spec.trigger == Trigger::AllSuccess && request.inputs.len() != op.inputs.len() {
            return Err(format!("{attempt:?} got {} of {} inputs", request.inputs.len(), op.inputs.len()));
        }
        for input in &request.inputs {
            if let Location::Path(path) = &input.at
                && !disk.exists(path)
            {
                return Err(format!("{attempt:?} reads {}, which doesn't exist", path.display()));
            }
        }
        capacity(shape, process, attempt)
    }

    /// Something is told to the outside.
    pub fn acknowledges(&mut self, store: &MemoryStore, event: RunEvent) -> Verdict {
        is_true(store, &event)?;
        self.acknowledged.push(event);
        Ok(())
    }

    /// An engine is about to commit what it has recorded. Who heard of a success or a failure knows it: that attempt wasn't lost.
    pub fn records(&self, process: &Process, records: &[StoreRecord]) -> Verdict {
        for record in records {
            if let StoreRecord::Ended { run, op, attempt_no, token, state: AttemptState::Lost, .. } = record
                && let Some(heard) =
                    process.heard.get(token).filter(|heard| matches!(heard, Heard::Success | Heard::Failed))
            {
                return Err(format!("task {}/{op}: attempt {attempt_no} was heard as {heard:?} and is lost", run.0));
            }
        }
        Ok(())
    }

    /// A batch was committed.
    pub fn committed(&mut self, store: &MemoryStore, disk: &Disk, runs: &[(RunKey, u64)]) -> Verdict {
        for (run, _) in runs {
            let tasks = rows(store.tasks(*run))?;
            for row in tasks.iter().filter(|row| row.state.is_final()) {
                let found = (row.state, row.attempt_no);
                let known = *self.finals.entry((*run, row.op)).or_insert(found);
                if known != found {
                    return Err(format!("task {}/{} was {known:?} and became {found:?}", run.0, row.op));
                }
            }
            let settled = self.finals.range((*run, 0)..=(*run, u32::MAX)).count();
            if settled != tasks.iter().filter(|row| row.state.is_final()).count() {
                return Err(format!("run {} has tasks that were final and aren't any more", run.0));
            }
            let Some(row) = rows(store.run(*run))? else { return Err(format!("run {} is gone", run.0)) };
            if row.state != RunState::Running && self.ended.insert(*run, row.state).is_none() {
                is_on_disk(store, disk, *run)?;
            }
        }
        Ok(())
    }

    /// The world has come to rest.
    pub fn at_rest(&self, store: &MemoryStore, run: RunKey, shape: &Shape, cancelled: bool) -> Verdict {
        let Some(row) = rows(store.run(run))? else { return Err(format!("run {} is gone", run.0)) };
        if row.state == RunState::Running {
            return Err(format!("run {} never ends: {:?}", run.0, rows(store.tasks(run))?));
        }
        let tasks = rows(store.tasks(run))?;
        if tasks.len() != shape.ops.len() {
            return Err(format!("run {} ended with {} of {} tasks", run.0, tasks.len(), shape.ops.len()));
        }
        let attempts = rows(store.attempts(run, None))?;
        let outputs = rows(store.outputs(run))?;
        for task in &tasks {
            let own: Vec<_> = attempts.iter().filter(|a| a.op == task.op).collect();
            let name = format!("task {}/{}", run.0, task.op);
            if !own.iter().map(|a| a.attempt_no).eq(1..=own.len() as u32) {
                return Err(format!("{name}: attempts aren't numbered 1 to {}", own.len()));
            }
            let successes = own.iter().filter(|a| a.state == AttemptState::Success).count();
            if successes != usize::from(task.state == TaskState::Success) {
                return Err(format!("{name} is {:?} with {successes} successful attempts", task.state));
            }
            let published = outputs.iter().filter(|o| o.op == task.op).count();
            let made = matches!(task.state, TaskState::Success | TaskState::Cached);
            if published != if made { usize::from(shape.ops[task.op as usize].ports) } else { 0 } {
                return Err(format!("{name} is {:?} with {published} outputs", task.state));
            }
            for attempt in own {
                if attempt.state == AttemptState::Running {
                    return Err(format!("{name}: attempt {} runs for ever", attempt.attempt_no));
                }
                if let Some(heard) = self.heard.get(&attempt.token)
                    && !heard.allows(attempt.state)
                {
                    let no = attempt.attempt_no;
                    return Err(format!("{name}: attempt {no} was heard as {heard:?} and is {:?}", attempt.state));
                }
            }
        }
        let any = |state| tasks.iter().any(|t| t.state == state);
        let fits = match row.state {
            RunState::Success => !any(TaskState::Failed) && !any(TaskState::Cancelled),
            RunState::Failed => any(TaskState::Failed) && !any(TaskState::Cancelled),
            RunState::Cancelled => cancelled,
            RunState::Running => false,
        };
        if !fits {
            return Err(format!("run {} ended as {:?}, which its tasks don't say", run.0, row.state));
        }
        for event in self.acknowledged.iter().filter(|event| event.run() == run) {
            is_true(store, event)?;
        }
        Ok(())
    }
}

/// Whoever reads the state after having been told finds what was told.
fn is_true(store: &MemoryStore, event: &RunEvent) -> Verdict {
    let found = match event {
        RunEvent::TaskStarted { run, op, attempt_no } => {
            rows(store.attempts(*run, Some(*op)))?.iter().any(|a| a.attempt_no == *attempt_no)
        }
        RunEvent::TaskEnded(end) if end.state.is_final() => {
            task(store, end.run, end.op)?.is_some_and(|row| row.state == end.state)
        }
        RunEvent::TaskEnded(end) => rows(store.attempts(end.run, Some(end.op)))?
            .iter()
            .any(|a| a.attempt_no == end.attempt_no && a.state != AttemptState::Running),
        RunEvent::RunEnded { run, state } => rows(store.run(*run))?.is_some_and(|row| row.state == *state),
        RunEvent::Progress { .. } | RunEvent::Metric { .. } => true,
    };
    if found { Ok(()) } else { Err(format!("acknowledged and not in the store: {event:?}")) }
}

/// A run's end implies that its files survive a power cut.
fn is_on_disk(store: &MemoryStore, disk: &Disk, run: RunKey) -> Verdict {
    for output in rows(store.outputs(run))?.iter().filter(|o| !o.artifact.path.is_empty()) {
        let path = artifact_dir().join(&output.artifact.path);
        if !output.artifact.durable || !disk.is_synced(&path) {
            return Err(format!("run {} ended, and {} could still be lost", run.0, path.display()));
        }
    }
    Ok(())
}

/// What this engine hands out fits together. Attempts of earlier engines come with their runs, one run after the other, also beside what was handed out before: they run already.
fn capacity(shape: &Shape, process: &Process, attempt: AttemptId) -> Verdict {
    let Some(Use { executor, pool, .. }) = process.in_use.get(&attempt) else { return Ok(()) };
    let own = || process.in_use.iter().filter(|(_, u)| !u.taken_over);
    let beside = || own().map(|(_, u)| u).filter(|u| u.executor == *executor);
    let slots = SLOTS[usize::from(*executor)];
    if beside().map(|u| u.slots).sum::<u32>() > slots {
        return Err(format!("more than {slots} slots of executor {executor} are taken"));
    }
    let kept: Vec<u32> = beside().map(|u| u.memory_mib).filter(|mib| *mib > 0).collect();
    if kept.len() > 1 && kept.iter().map(|mib| u64::from(*mib)).sum::<u64>() > u64::from(MEMORY_MIB) {
        return Err(format!("{kept:?} MiB are kept free of executor {executor}'s {MEMORY_MIB}"));
    }
    if let Some(pool) = pool {
        let taken = own().filter(|(_, u)| u.pool == Some(*pool)).count();
        let limit = POOLS[usize::from(*pool)];
        if taken > limit as usize {
            return Err(format!("{taken} tasks run in pool {pool}, whose limit is {limit}"));
        }
    }
    let of_run = own().filter(|(a, _)| a.run == attempt.run).count();
    match shape.concurrency {
        Some(limit) if of_run > limit as usize => {
            Err(format!("{of_run} tasks of run {} run at once, whose limit is {limit}", attempt.run))
        }
        _ => Ok(()),
    }
}

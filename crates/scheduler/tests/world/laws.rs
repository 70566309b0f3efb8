//! Laws that hold whatever the policy is, judged from inputs and outputs alone: what no reader of the records may ever see.

use super::reference::{may_ever_start, may_start};
use std::collections::{BTreeMap, BTreeSet};
use suanzi_scheduler::*;

#[derive(Clone, Default)]
pub struct Laws {
    pool_limits: Vec<u32>,
    capacity: BTreeMap<u16, u32>,
    memory: BTreeMap<u16, u32>,
    /// What is kept free for each attempt, as its start said.
    kept_mib: BTreeMap<Attempt, u32>,
    held_mib: BTreeMap<TaskRef, u32>,
    specs: BTreeMap<RunKey, RunSpec>,
    cause: Cause,
    cancelled: BTreeSet<RunKey>,
    hits: BTreeSet<TaskRef>,
    newest: BTreeMap<TaskRef, u32>,
    stops: BTreeSet<(Attempt, u8)>,
    pub running: BTreeMap<TaskRef, Attempt>,
    pub finals: BTreeMap<TaskRef, FinalState>,
    pub run_ends: BTreeMap<RunKey, RunState>,
}

fn law(holds: bool, text: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(text()) }
}

impl Laws {
    pub fn new(pool_limits: Vec<u32>) -> Laws {
        Laws { pool_limits, ..Laws::default() }
    }

    pub fn observe(&mut self, now: Millis, input: &Input, step: &Step) -> Result<(), String> {
        self.cause += 1;
        self.note(input);
        let mut starts = vec![];
        for record in &step.records {
            law(record.cause == self.cause, || format!("{record:?} carries another cause than {}", self.cause))?;
            match &record.change {
                Change::Dispatched { attempt } => {
                    self.dispatched(*attempt)?;
                    starts.push(*attempt);
                }
                Change::Ended { attempt, why, next } => {
                    let held = self.running.remove(&attempt.task);
                    law(held == Some(*attempt), || format!("{attempt:?} ended and wasn't running"))?;
                    law(
                        matches!(input, Input::AttemptFinished { attempt: a, .. } | Input::AttemptLost { attempt: a } | Input::AttemptEvicted { attempt: a, .. } if a == attempt),
                        || format!("{attempt:?} ended unreported"),
                    )?;
                    law((*why == EndReason::Success) == matches!(next, TaskNext::Final(FinalState::Success)), || {
                        format!("{attempt:?}: {why:?} leads to {next:?}")
                    })?;
                    if let EndReason::Evicted { held_mib } = *why {
                        let most = self.held_mib.entry(attempt.task).or_default();
                        *most = held_mib.max(*most);
                    }
                    match next {
                        TaskNext::Final(state) => self.became_final(attempt.task, *state)?,
                        TaskNext::Retry { at } => law(*at >= now, || format!("{attempt:?}: a retry in the past"))?,
                    }
                }
                Change::Settled { task, state } => {
                    law(!self.running.contains_key(task), || format!("{task:?} settled while running"))?;
                    law(*state != FinalState::Success, || format!("{task:?}: success without an attempt"))?;
                    law(*state != FinalState::Cached || self.hits.contains(task), || format!("{task:?}: no hit"))?;
                    self.became_final(*task, *state)?;
                }
                Change::RunEnded { run, state } => self.run_ended(*run, *state)?,
            }
        }
        self.actions(step, &starts)?;
        if let Input::Disowned { run } = input {
            law(
                step.records
                    .iter()
                    .all(|r| matches!(r.change, Change::Dispatched { attempt } if attempt.task.run != *run)),
                || "a record of a run that was disowned".into(),
            )?;
            self.specs.remove(run);
            self.running.retain(|task, _| task.run != *run);
        }
        self.within_limits(&starts)
    }

    fn note(&mut self, input: &Input) {
        match input {
            Input::RunSubmitted(spec) if !self.specs.contains_key(&spec.run) => {
                let run = spec.run;
                self.finals.retain(|task, _| task.run != run);
                self.newest.retain(|task, _| task.run != run);
                self.hits.retain(|task| task.run != run);
                self.held_mib.retain(|task, _| task.run != run);
                self.kept_mib.retain(|attempt, _| attempt.task.run != run);
                self.stops.retain(|(attempt, _)| attempt.task.run != run);
                self.cancelled.remove(&run);
                self.run_ends.remove(&run);
                self.specs.insert(run, (**spec).clone());
                let selected = |op: OpIx| spec.ops.get(op as usize).is_some_and(|op| op.selected);
                for &(op, found) in spec.recovered.iter().filter(|(op, _)| selected(*op)) {
                    match found {
                        RecoveredTask::Final(state) => {
                            self.finals.insert(TaskRef { run, op }, state);
                            if state == FinalState::Cancelled {
                                self.cancelled.insert(run);
                            }
                        }
                        RecoveredTask::Begun { last_attempt, .. } => {
                            self.newest.insert(TaskRef { run, op }, last_attempt);
                        }
                        RecoveredTask::Running { attempt_no, token, .. } => {
                            let task = TaskRef { run, op };
                            self.newest.insert(task, attempt_no);
                            self.running.insert(task, Attempt { task, no: attempt_no, token });
                        }
                    }
                }
            }
            Input::LookedUp { task, hit: true } => {
                self.hits.insert(*task);
            }
            Input::Cancel { run } if self.specs.contains_key(run) => {
                self.cancelled.insert(*run);
            }
            Input::Capacity { executor, slots } => {
                self.capacity.insert(*executor, *slots);
            }
            Input::Memory { executor, mib } => {
                self.memory.insert(*executor, mib.unwrap_or(u32::MAX));
            }
            _ => {}
        }
    }

    fn dispatched(&mut self, attempt: Attempt) -> Result<(), String> {
        let TaskRef { run, op } = attempt.task;
        let Some(spec) = self.specs.get(&run) else { return Err(format!("{attempt:?}: its run isn't live")) };
        law(spec.ops[op as usize].selected, || format!("{attempt:?} isn't selected"))?;
        law(!self.cancelled.contains(&run), || format!("{attempt:?} dispatched in a cancelled run"))?;
        law(!self.finals.contains_key(&attempt.task), || format!("{attempt:?} dispatched after its end"))?;
        law(attempt.token != 0, || format!("{attempt:?} has no token"))?;
        let newest = self.newest.insert(attempt.task, attempt.no).unwrap_or(0);
        law(attempt.no == newest + 1, || format!("{attempt:?} follows number {newest}"))?;
        law(may_start(spec.ops[op as usize].trigger, &self.ends_before(attempt.task)), || {
            format!("{attempt:?} dispatched against its trigger rule")
        })?;
        let held = self.running.insert(attempt.task, attempt);
        law(held.is_none(), || format!("{attempt:?} dispatched beside {held:?}"))
    }

    /// How the predecessors of a task have ended, by the records so far.
    fn ends_before(&self, task: TaskRef) -> Vec<Option<FinalState>> {
        let Some(spec) = self.specs.get(&task.run) else { return vec![] };
        let before = spec.edges.iter().filter(|edge| edge.1 == task.op && spec.ops[edge.0 as usize].selected);
        before.map(|edge| self.finals.get(&TaskRef { op: edge.0, ..task }).copied()).collect()
    }

    fn may_ever_start(&self, task: TaskRef) -> bool {
        let spec = self.specs.get(&task.run);
        spec.is_some_and(|spec| may_ever_start(spec.ops[task.op as usize].trigger, &self.ends_before(task)))
    }

    fn became_final(&mut self, task: TaskRef, state: FinalState) -> Result<(), String> {
        law(self.specs.contains_key(&task.run), || format!("{task:?} became final, its run isn't live"))?;
        law(state != FinalState::Cancelled || self.cancelled.contains(&task.run), || {
            format!("{task:?} cancelled though nobody asked")
        })?;
        law(state != FinalState::Skipped || !self.may_ever_start(task), || format!("{task:?} skipped too early"))?;
        let earlier = self.finals.insert(task, state);
        law(earlier.is_none(), || format!("{task:?} became {state:?} after {earlier:?}"))
    }

    fn run_ended(&mut self, run: RunKey, state: RunState) -> Result<(), String> {
        let Some(spec) = self.specs.remove(&run) else { return Err(format!("{run:?} ended and wasn't live")) };
        let mut failed = is_malformed(&spec);
        let selected = spec.ops.iter().enumerate().filter(|(_, op)| op.selected && !is_malformed(&spec));
        for (op, _) in selected {
            let end = self.finals.get(&TaskRef { run, op: op as OpIx });
            law(end.is_some(), || format!("{run:?} ended before operator {op}"))?;
            failed |= end == Some(&FinalState::Failed);
        }
        let expected = match (self.cancelled.contains(&run), failed) {
            (true, _) if !is_malformed(&spec) => RunState::Cancelled,
            (_, true) => RunState::Failed,
            _ => RunState::Success,
        };
        law(state == expected, || format!("{run:?} ended as {state:?}, not {expected:?}"))?;
        let twice = self.run_ends.insert(run, state);
        law(twice.is_none(), || format!("{run:?} ended twice"))
    }

    fn actions(&mut self, step: &Step, dispatched: &[Attempt]) -> Result<(), String> {
        let mut started = vec![];
        for action in &step.actions {
            match action {
                Action::Start { attempt, executor, after_commit, memory_mib, cause } => {
                    let spec = self.specs.get(&attempt.task.run).map(|spec| &spec.ops[attempt.task.op as usize]);
                    law(
                        spec.is_some_and(|spec| spec.executor == *executor && spec.side_effects == *after_commit),
                        || format!("{action:?} isn't what was asked for"),
                    )?;
                    law(*cause == self.cause, || format!("{action:?} carries another cause"))?;
                    let expected = spec.map_or(0, |spec| spec.memory_mib);
                    let held = self.held_mib.get(&attempt.task).copied().unwrap_or(0);
                    law(*memory_mib >= expected.max(held.saturating_mul(2)), || {
                        format!("{action:?}: expected to hold {expected}, held {held} before it was evicted")
                    })?;
                    self.kept_mib.insert(*attempt, *memory_mib);
                    started.push(*attempt);
                }
                Action::Stop { attempt, reason, cause } => {
                    law(self.running.get(&attempt.task) == Some(attempt), || format!("{action:?}: not running"))?;
                    law(self.stops.insert((*attempt, *reason as u8)), || format!("{action:?}: told twice"))?;
                    law(*cause == self.cause, || format!("{action:?} carries another cause"))?;
                }
                Action::Lookup { cause, .. } => {
                    law(*cause == self.cause, || format!("{action:?} carries another cause"))?;
                }
                Action::SetTimer { .. } => {}
            }
        }
        law(started == dispatched, || format!("started {started:?}, recorded {dispatched:?}"))
    }

    fn within_limits(&self, starts: &[Attempt]) -> Result<(), String> {
        let mut by_executor: BTreeMap<u16, Vec<u32>> = BTreeMap::new();
        let mut kept: BTreeMap<u16, Vec<u32>> = BTreeMap::new();
        let mut by_pool: BTreeMap<u16, u32> = BTreeMap::new();
        let mut by_run: BTreeMap<RunKey, u32> = BTreeMap::new();
        for (task, attempt) in &self.running {
            let Some(spec) = self.specs.get(&task.run) else { return Err(format!("{task:?} runs on after its run")) };
            let op = &spec.ops[task.op as usize];
            by_executor.entry(op.executor).or_default().push(op.slots.max(1));
            let mib = self.kept_mib.get(attempt).copied().unwrap_or(0);
            kept.entry(op.executor).or_default().extend((mib > 0).then_some(mib));
            *by_run.entry(task.run).or_default() += 1;
            if let Some(pool) = op.pool {
                *by_pool.entry(pool).or_default() += 1;
            }
        }
        for (executor, slots) in by_executor {
            // What was started stays when an executor shrinks; only a start must find room.
            let limit = self.capacity.get(&executor).copied().unwrap_or(0);
            let sum: u64 = slots.iter().map(|&s| u64::from(s)).sum();
            let of = |a: &&Attempt| self.specs.get(&a.task.run).map(|spec| spec.ops[a.task.op as usize].executor);
            let started = starts.iter().any(|a| of(&a) == Some(executor));
            let room = sum <= u64::from(limit) || (slots.len() == 1 && limit > 0);
            law(!started || room, || format!("executor {executor} has {limit} slots and runs {slots:?}"))?;
            let budget = u64::from(self.memory.get(&executor).copied().unwrap_or(u32::MAX));
            let kept = &kept[&executor];
            let started = starts.iter().any(|a| of(&a) == Some(executor) && self.kept_mib.get(a) > Some(&0));
            let room = kept.iter().map(|&mib| u64::from(mib)).sum::<u64>() <= budget || kept.len() == 1;
            law(!started || room, || format!("executor {executor} has {budget} MiB and keeps {kept:?} free"))?;
        }
        for (pool, running) in by_pool {
            let limit = self.pool_limits.get(usize::from(pool)).copied().unwrap_or(u32::MAX);
            law(running <= limit, || format!("pool {pool} runs {running} of {limit}"))?;
        }
        for (run, running) in by_run {
            let limit = self.specs[&run].concurrency.unwrap_or(u32::MAX).max(1);
            law(running <= limit, || format!("{run:?} runs {running} of {limit}"))?;
        }
        Ok(())
    }
}

/// An edge to nowhere, or a cycle among what is selected.
pub fn is_malformed(spec: &RunSpec) -> bool {
    let known = |op: OpIx| (op as usize) < spec.ops.len();
    if spec.edges.iter().any(|&(source, target)| !known(source) || !known(target)) {
        return true;
    }
    // Strips what nothing points to until only cycles are left.
    let mut edges: Vec<(OpIx, OpIx)> = spec.edges.clone();
    edges.retain(|&(source, target)| spec.ops[source as usize].selected && spec.ops[target as usize].selected);
    loop {
        let before = edges.len();
        let targets: BTreeSet<OpIx> = edges.iter().map(|edge| edge.1).collect();
        edges.retain(|edge| targets.contains(&edge.0));
        if edges.len() == before {
            return before > 0;
        }
    }
}

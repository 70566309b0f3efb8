//! A second scheduler, written to be obviously right and never fast: it looks at every task after every input. What the real one emits must equal what this one does.

use super::laws::is_malformed;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use suanzi_scheduler::*;

#[derive(Clone, Default)]
pub struct Reference {
    pool_limits: Vec<u32>,
    capacity: BTreeMap<u16, u32>,
    memory: BTreeMap<u16, Option<u32>>,
    runs: BTreeMap<RunKey, RefRun>,
    cause: Cause,
    armed: Option<Millis>,
}

#[derive(Clone)]
struct RefRun {
    spec: RunSpec,
    cancelled: bool,
    tasks: Vec<RefTask>,
    /// By kind.
    learned_mib: BTreeMap<u32, u64>,
}

#[derive(Clone, Default)]
struct RefTask {
    end: Option<FinalState>,
    running: Option<RefAttempt>,
    /// Asked, and not answered yet.
    asking: bool,
    ready: bool,
    retry_at: Option<Millis>,
    attempts: u32,
    failures: u32,
    lost: u32,
    evicted: u32,
    need_mib: u64,
}

#[derive(Clone)]
struct RefAttempt {
    attempt: Attempt,
    deadline: Option<Millis>,
    stopping: Option<StopReason>,
}

/// What must come out, in the order in which it was thought of.
#[derive(Default)]
struct Expected {
    changes: Vec<Change>,
    lookups: Vec<TaskRef>,
    starts: Vec<TaskRef>,
    stops: Vec<(TaskRef, u8)>,
}

impl Reference {
    pub fn new(pool_limits: Vec<u32>) -> Reference {
        Reference { pool_limits, ..Reference::default() }
    }

    /// Panics if the step isn't what follows from the input.
    pub fn compare(&mut self, now: Millis, input: &Input, step: &Step) {
        self.cause += 1;
        let mut expected = Expected::default();
        self.apply(now, input, &mut expected);
        self.follow(&mut expected);
        self.dispatch(now, step, &mut expected);
        let got = step.records.iter().map(|record| record.change.clone());
        assert_eq!(sorted(got), sorted(expected.changes.into_iter()), "records after {input:?}");
        let mut actions = Expected::default();
        for action in &step.actions {
            match action {
                Action::Lookup { task, .. } => actions.lookups.push(*task),
                Action::Start { attempt, .. } => actions.starts.push(attempt.task),
                Action::Stop { attempt, reason, .. } => actions.stops.push((attempt.task, *reason as u8)),
                Action::SetTimer { at } => self.armed = Some(*at),
            }
        }
        assert_eq!(
            sorted(actions.lookups.into_iter()),
            sorted(expected.lookups.into_iter()),
            "lookups after {input:?}"
        );
        assert_eq!(actions.starts, expected.starts, "starts, in order, after {input:?}");
        assert_eq!(sorted(actions.stops.into_iter()), sorted(expected.stops.into_iter()), "stops after {input:?}");
        let tasks = self.runs.values().flat_map(|run| &run.tasks);
        let first = tasks.filter_map(|t| t.retry_at.or(t.running.as_ref().and_then(|r| r.deadline))).min();
        if first.is_some() {
            assert_eq!(self.armed, first, "timer after {input:?}");
        }
    }

    fn apply(&mut self, now: Millis, input: &Input, expected: &mut Expected) {
        match input {
            Input::RunSubmitted(spec) => self.submit(now, spec, expected),
            Input::LookedUp { task, hit } => {
                let Some(t) = self.task(*task).filter(|t| t.asking) else { return };
                t.asking = false;
                t.ready = !hit;
                if *hit {
                    t.end = Some(FinalState::Cached);
                    expected.changes.push(Change::Settled { task: *task, state: FinalState::Cached });
                }
            }
            Input::Committed { .. } | Input::AttemptStarted { .. } => {}
            Input::AttemptFinished { attempt, end } => self.finished(now, *attempt, Some(*end), expected),
            Input::AttemptLost { attempt } => self.finished(now, *attempt, None, expected),
            Input::AttemptEvicted { attempt, held_mib } => self.evicted(now, *attempt, *held_mib, expected),
            Input::Cancel { run } => self.cancel(*run, expected),
            Input::Disowned { run } => {
                for t in self.runs.remove(run).into_iter().flat_map(|run| run.tasks) {
                    expected.stops.extend(t.running.map(|r| (r.attempt.task, StopReason::Disowned as u8)));
                }
            }
            Input::Capacity { executor, slots } => {
                self.capacity.insert(*executor, *slots);
            }
            Input::Memory { executor, mib } => {
                self.memory.insert(*executor, *mib);
            }
            Input::Timer => {
                self.armed = None;
                for t in self.runs.values_mut().flat_map(|run| &mut run.tasks) {
                    if t.retry_at.is_some_and(|at| at <= now) {
                        t.retry_at = None;
                        t.ready = true;
                    }
                    if let Some(r) = t.running.as_mut().filter(|r| r.deadline.is_some_and(|at| at <= now)) {
                        r.deadline = None;
                        r.stopping = Some(StopReason::TimedOut);
                        expected.stops.push((r.attempt.task, StopReason::TimedOut as u8));
                    }
                }
            }
        }
    }

    fn submit(&mut self, now: Millis, spec: &RunSpec, expected: &mut Expected) {
        if self.runs.contains_key(&spec.run) {
            return;
        }
        if is_malformed(spec) {
            expected.changes.push(Change::RunEnded { run: spec.run, state: RunState::Failed });
            return;
        }
        let mut run = RefRun {
            spec: spec.clone(),
            cancelled: false,
            tasks: vec![RefTask::default(); spec.ops.len()],
            learned_mib: BTreeMap::new(),
        };
        for (t, op) in run.tasks.iter_mut().zip(&spec.ops) {
            t.need_mib = rounded(u64::from(op.memory_mib));
        }
        for (op, found) in &spec.recovered {
            let Some(t) = run.tasks.get_mut(*op as usize).filter(|_| spec.ops[*op as usize].selected) else { continue };
            match *found {
                _ if t.end.is_some() || t.running.is_some() => {}
                RecoveredTask::Final(state) => t.end = Some(state),
                RecoveredTask::Begun { last_attempt, failures, evicted } => {
                    t.attempts = last_attempt;
                    t.failures = failures.min(last_attempt);
                    t.evicted = evicted.min(last_attempt - t.failures);
                    t.lost = last_attempt - t.failures - t.evicted;
                }
                RecoveredTask::Running { attempt_no, token, failures, evicted, running_ms } => {
                    t.attempts = attempt_no;
                    t.failures = failures.min(attempt_no - 1);
                    t.evicted = evicted.min(attempt_no - 1 - t.failures);
                    t.lost = attempt_no - 1 - t.failures - t.evicted;
                    let left = |timeout_ms: Millis| now + timeout_ms.saturating_sub(running_ms);
                    let attempt = Attempt { task: TaskRef { run: spec.run, op: *op }, no: attempt_no, token };
                    let deadline = spec.ops[*op as usize].timeout_ms.map(left);
                    t.running = Some(RefAttempt { attempt, deadline, stopping: None });
                }
            }
        }
        run.cancelled = run.tasks.iter().any(|t| t.end == Some(FinalState::Cancelled));
        let cancelled = run.cancelled;
        for (op, t) in run.tasks.iter_mut().enumerate().filter(|(_, t)| t.end.is_none()) {
            let task = TaskRef { run: spec.run, op: op as OpIx };
            if let Some(r) = &mut t.running {
                if cancelled {
                    (r.deadline, r.stopping) = (None, Some(StopReason::Cancelled));
                    expected.stops.push((task, StopReason::Cancelled as u8));
                }
                continue;
            }
            let end = match (spec.ops[op].selected, cancelled, t.lost > MAX_LOST) {
                (true, true, _) => FinalState::Cancelled,
                (true, false, true) => FinalState::Failed,
                _ => continue,
            };
            t.end = Some(end);
            expected.changes.push(Change::Settled { task, state: end });
        }
        self.runs.insert(spec.run, run);
    }

    fn task(&mut self, task: TaskRef) -> Option<&mut RefTask> {
        self.runs.get_mut(&task.run)?.tasks.get_mut(task.op as usize)
    }

    /// Ended to make room: it is queued again, and needs twice as much.
    fn evicted(&mut self, now: Millis, attempt: Attempt, held_mib: u32, expected: &mut Expected) {
        let Some(run) = self.runs.get_mut(&attempt.task.run) else { return };
        let (cancelled, learned_mib) = (run.cancelled, &mut run.learned_mib);
        let Some(t) = run.tasks.get_mut(attempt.task.op as usize) else { return };
        if t.running.take_if(|r| r.attempt == attempt).is_none() {
            return;
        }
        t.evicted += 1;
        t.need_mib = rounded(2 * t.need_mib.max(u64::from(held_mib)).max(1));
        let spec = &run.spec.ops[attempt.task.op as usize];
        if spec.memory_mib == 0 {
            let learned = learned_mib.entry(spec.kind).or_default();
            *learned = t.need_mib.max(*learned);
        }
        let next = match (cancelled, t.evicted <= MAX_EVICTED) {
            (true, _) => TaskNext::Final(FinalState::Cancelled),
            (false, true) => TaskNext::Retry { at: now },
            (false, false) => TaskNext::Final(FinalState::Failed),
        };
        match next {
            TaskNext::Final(state) => t.end = Some(state),
            TaskNext::Retry { .. } => t.ready = true,
        }
        expected.changes.push(Change::Ended { attempt, why: EndReason::Evicted { held_mib }, next });
    }

    /// `end` is `None` for a lost attempt.
    fn finished(&mut self, now: Millis, attempt: Attempt, end: Option<AttemptEnd>, expected: &mut Expected) {
        let Some(run) = self.runs.get_mut(&attempt.task.run) else { return };
        let (cancelled, op) = (run.cancelled, attempt.task.op as usize);
        let Some(t) = run.tasks.get_mut(op) else { return };
        let Some(r) = t.running.take_if(|r| r.attempt == attempt) else { return };
        let spec = &run.spec.ops[op];
        let why = match (end, r.stopping) {
            (Some(AttemptEnd::Success), _) => EndReason::Success,
            (Some(AttemptEnd::Failed { .. }), _) => EndReason::Failed,
            (Some(AttemptEnd::Stopped), Some(StopReason::TimedOut)) => EndReason::TimedOut,
            (Some(AttemptEnd::Stopped), Some(_)) => EndReason::Cancelled,
            (Some(AttemptEnd::Stopped), None) | (None, _) => EndReason::Lost,
        };
        match why {
            EndReason::Failed | EndReason::TimedOut => t.failures += 1,
            EndReason::Lost => t.lost += 1,
            _ => {}
        }
        let again = match why {
            EndReason::Failed if end == Some(AttemptEnd::Failed { retry: false }) => None,
            EndReason::Failed | EndReason::TimedOut => {
                (t.failures <= spec.retries).then_some(now + spec.retry_delay_ms)
            }
            EndReason::Lost => (t.lost <= MAX_LOST).then_some(now),
            EndReason::Success | EndReason::Cancelled | EndReason::Evicted { .. } => None,
        };
        let next = match (why, again) {
            (EndReason::Success, _) => TaskNext::Final(FinalState::Success),
            _ if cancelled => TaskNext::Final(FinalState::Cancelled),
            (_, Some(at)) => TaskNext::Retry { at },
            (_, None) => TaskNext::Final(FinalState::Failed),
        };
        match next {
            TaskNext::Final(state) => t.end = Some(state),
            TaskNext::Retry { at } if at > now => t.retry_at = Some(at),
            TaskNext::Retry { .. } => t.ready = true,
        }
        expected.changes.push(Change::Ended { attempt, why, next });
    }

    fn cancel(&mut self, key: RunKey, expected: &mut Expected) {
        let Some(run) = self.runs.get_mut(&key).filter(|run| !run.cancelled) else { return };
        run.cancelled = true;
        for (op, t) in run.tasks.iter_mut().enumerate() {
            let task = TaskRef { run: key, op: op as OpIx };
            if let Some(r) = &mut t.running {
                r.stopping = Some(StopReason::Cancelled);
                r.deadline = None;
                expected.stops.push((task, StopReason::Cancelled as u8));
            } else if run.spec.ops[op].selected && t.end.is_none() {
                *t = RefTask { end: Some(FinalState::Cancelled), ..RefTask::default() };
                expected.changes.push(Change::Settled { task, state: FinalState::Cancelled });
            }
        }
    }

    /// Starts, skips and ends, again and again until nothing changes.
    fn follow(&mut self, expected: &mut Expected) {
        for (&key, run) in &mut self.runs {
            let mut moved = true;
            while std::mem::take(&mut moved) {
                for op in 0..run.tasks.len() {
                    let t = &run.tasks[op];
                    let idle = t.running.is_none() && !t.ready && !t.asking && t.retry_at.is_none() && t.end.is_none();
                    if !idle || !run.spec.ops[op].selected {
                        continue;
                    }
                    let ends: Vec<Option<FinalState>> = run.predecessors(op).map(|p| run.tasks[p].end).collect();
                    let (spec, task) = (&run.spec.ops[op], TaskRef { run: key, op: op as OpIx });
                    let t = &mut run.tasks[op];
                    if may_start(spec.trigger, &ends) {
                        moved = true;
                        t.asking = spec.lookup;
                        t.ready = !spec.lookup;
                        expected.lookups.extend(spec.lookup.then_some(task));
                    } else if !may_ever_start(spec.trigger, &ends) {
                        moved = true;
                        t.end = Some(FinalState::Skipped);
                        expected.changes.push(Change::Settled { task, state: FinalState::Skipped });
                    }
                }
            }
        }
        self.runs.retain(|&key, run| {
            let mut selected = run.tasks.iter().zip(&run.spec.ops).filter(|(_, spec)| spec.selected).map(|(t, _)| t);
            if !selected.clone().all(|t| t.end.is_some()) {
                return true;
            }
            let state = match run.cancelled {
                true => RunState::Cancelled,
                false if selected.any(|t| t.end == Some(FinalState::Failed)) => RunState::Failed,
                false => RunState::Success,
            };
            expected.changes.push(Change::RunEnded { run: key, state });
            false
        });
    }

    /// Of all that could start now the first in order, until nothing could. Tokens are taken from what the scheduler gave.
    fn dispatch(&mut self, now: Millis, step: &Step, expected: &mut Expected) {
        while let Some(task) = self.first_that_could_start() {
            expected.starts.push(task);
            let given = step.records.iter().find_map(|record| match record.change {
                Change::Dispatched { attempt } if attempt.task == task => Some(attempt.token),
                _ => None,
            });
            let Some(token) = given else { panic!("{task:?} could start and wasn't") };
            let run = self.runs.get_mut(&task.run).expect("found a moment ago");
            let need_mib = run.need_mib(task.op as usize);
            let (t, spec) = (&mut run.tasks[task.op as usize], &run.spec.ops[task.op as usize]);
            t.need_mib = need_mib;
            t.ready = false;
            t.attempts += 1;
            let attempt = Attempt { task, no: t.attempts, token };
            let deadline = spec.timeout_ms.map(|timeout_ms| now + timeout_ms);
            t.running = Some(RefAttempt { attempt, deadline, stopping: None });
            expected.changes.push(Change::Dispatched { attempt });
        }
    }

    fn first_that_could_start(&self) -> Option<TaskRef> {
        let all = || self.runs.iter().flat_map(|(key, run)| (0..run.tasks.len()).map(move |op| (*key, run, op)));
        let running = || all().filter(|(_, run, op)| run.tasks[*op].running.is_some());
        let could = all().filter(|(key, run, op)| {
            let spec = &run.spec.ops[*op];
            let used: Vec<u32> = running()
                .filter(|(_, r, o)| r.spec.ops[*o].executor == spec.executor)
                .map(|(_, r, o)| r.spec.ops[o].slots.max(1))
                .collect();
            let slots = self.capacity.get(&spec.executor).copied().unwrap_or(0);
            let fits = slots > 0 && (used.is_empty() || used.iter().sum::<u32>() + spec.slots.max(1) <= slots);
            let kept = running().filter(|(_, r, o)| r.spec.ops[*o].executor == spec.executor);
            let kept: u64 = kept.map(|(_, r, o)| r.tasks[o].need_mib).sum();
            let budget = self.memory.get(&spec.executor).copied().flatten().map_or(u64::MAX, u64::from);
            let need = run.need_mib(*op);
            let fits = fits && (need == 0 || kept == 0 || kept + need <= budget);
            let in_run = running().filter(|(k, ..)| k == key).count();
            let in_pool = running().filter(|(_, r, o)| r.spec.ops[*o].pool == spec.pool).count();
            let pool = spec.pool.and_then(|pool| self.pool_limits.get(usize::from(pool)));
            run.tasks[*op].ready
                && fits
                && run.spec.concurrency.is_none_or(|limit| in_run < limit.max(1) as usize)
                && pool.is_none_or(|&limit| in_pool < limit as usize)
        });
        let first = could.min_by_key(|(key, run, op)| {
            let spec = &run.spec.ops[*op];
            (Reverse(run.spec.priority), Reverse(spec.priority), Reverse(run.path_ms(*op)), *key, *op)
        });
        first.map(|(run, _, op)| TaskRef { run, op: op as OpIx })
    }
}

impl RefRun {
    fn predecessors(&self, op: usize) -> impl Iterator<Item = usize> + '_ {
        let edges = self.spec.edges.iter().filter(move |edge| edge.1 as usize == op);
        edges.map(|edge| edge.0 as usize).filter(|&source| self.spec.ops[source].selected)
    }

    /// Where nothing was known, as much as others of its kind.
    fn need_mib(&self, op: usize) -> u64 {
        let (own, spec) = (self.tasks[op].need_mib, &self.spec.ops[op]);
        let learned = self.learned_mib.get(&spec.kind).filter(|_| spec.memory_mib == 0);
        learned.map_or(own, |learned| own.max(*learned))
    }

    fn path_ms(&self, op: usize) -> u64 {
        let edges = self.spec.edges.iter().filter(|edge| edge.0 as usize == op);
        let after = edges.map(|edge| edge.1 as usize).filter(|&target| self.spec.ops[target].selected);
        u64::from(self.spec.ops[op].expected_ms.max(1)) + after.map(|target| self.path_ms(target)).max().unwrap_or(0)
    }
}

/// In at most 64 steps from one power of two to the next.
fn rounded(mib: u64) -> u64 {
    let mut step = 1;
    while mib / step >= 128 {
        step *= 2;
    }
    (mib.div_ceil(step) * step).min(u64::from(u32::MAX))
}

/// The rules as a user would say them, of predecessors that have all ended.
fn met(rule: Trigger, ends: &[FinalState]) -> bool {
    use FinalState::{Cached, Failed, Success};
    let good = |end: &FinalState| matches!(end, Success | Cached);
    let bad = |end: &FinalState| *end == Failed;
    ends.is_empty()
        || match rule {
            Trigger::AllSuccess => ends.iter().all(good),
            Trigger::AllDone => true,
            Trigger::OneSuccess => ends.iter().any(good),
            Trigger::OneFailed => ends.iter().any(bad),
            Trigger::AllFailed => ends.iter().all(bad),
            Trigger::NoneFailed => !ends.iter().any(bad),
        }
}

pub fn may_start(rule: Trigger, ends: &[Option<FinalState>]) -> bool {
    let ended: Vec<FinalState> = ends.iter().flatten().copied().collect();
    let all = ended.len() == ends.len();
    match rule {
        Trigger::OneSuccess | Trigger::OneFailed => (all || !ended.is_empty()) && met(rule, &ended),
        _ => all && met(rule, &ended),
    }
}

/// Is there any way in which the others could still end so that it starts? Tries them all.
pub fn may_ever_start(rule: Trigger, ends: &[Option<FinalState>]) -> bool {
    let Some(open) = ends.iter().position(Option::is_none) else { return may_start(rule, ends) };
    [FinalState::Success, FinalState::Failed, FinalState::Skipped].into_iter().any(|end| {
        let mut ends = ends.to_vec();
        ends[open] = Some(end);
        may_ever_start(rule, &ends)
    })
}

fn sorted<T: std::fmt::Debug>(items: impl Iterator<Item = T>) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for item in items {
        let text = format!("{item:?}");
        assert!(all.insert(text), "{item:?} came twice");
    }
    all
}

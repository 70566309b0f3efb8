//! The world: which steps are possible now, one of them chosen by the seed, until nothing is left to do.

use crate::commit;
use crate::disk::Disk;
use crate::flaw::Flaw;
use crate::oracle::{Heard, Oracle};
use crate::outcome::{Report, Violation};
use crate::process::{Process, Use, now};
use crate::rng::Rng;
use crate::shape::{OUTLIVES, Shape};
use std::collections::{BTreeMap, VecDeque};
use suanzi_dag_engine::core::{AfterCommit, Core, Effects, NewCoreRun, Now};
use suanzi_dag_engine::{RunRows, recovered};
use suanzi_executor::{AttemptId, Event, Outcome, TaskRequest, Usage};
use suanzi_scheduler as sched;
use suanzi_store::{MemoryStore, NewDagVersion, NewRun, RunFilter, RunKey, RunState, Store};

/// A world that hasn't come to rest by then never will.
const MAX_STEPS: u64 = 100_000;
/// Ends of attempts that are kept to be told again.
const MAX_REMEMBERED: usize = 32;

pub struct World {
    seed: u64,
    flaw: Option<Flaw>,
    pub(crate) rng: Rng,
    now_ms: u64,
    /// Crashes, cancels and new runs happen before this step.
    calm_from: u64,
    pub(crate) store: MemoryStore,
    pub(crate) disk: Disk,
    oracle: Oracle,
    shapes: Vec<Shape>,
    runs: Vec<Run>,
    runs_to_come: u32,
    /// The last one is the one in charge, if `in_charge`; those before it lost their runs and may not know it yet.
    processes: Vec<Process>,
    in_charge: bool,
    lives: u64,
    executions: Vec<Execution>,
    executed: u64,
    /// Results that a place beyond the engines keeps until their end is on record.
    kept: BTreeMap<AttemptId, Outcome>,
    mail: Vec<Mail>,
    remembered: VecDeque<Event>,
    pub(crate) report: Report,
}

struct Run {
    key: RunKey,
    run_id: String,
    shape: usize,
    cancelled: bool,
}

/// A worker at work on an attempt.
struct Execution {
    number: u64,
    process: u64,
    executor: u16,
    stop: bool,
    request: Box<TaskRequest>,
}

struct Mail {
    process: u64,
    executor: u16,
    event: Event,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Deliver(usize),
    Finish(usize),
    Take(usize),
    Commit(usize),
    Tell(usize),
    Read(usize),
    Sync(usize),
    Timer(usize),
    Submit,
    Cancel,
    Crash,
    TakeOver,
    Boot,
}

type Done = Result<(), String>;

impl World {
    pub fn new(seed: u64, flaw: Option<Flaw>) -> World {
        let mut rng = Rng::new(seed);
        let shapes = (0..rng.between(1, 2)).map(|id| Shape::random(&mut rng, id)).collect();
        World {
            seed,
            flaw,
            now_ms: 0,
            calm_from: rng.between(50, 900),
            store: MemoryStore::new(),
            disk: Disk::default(),
            oracle: Oracle::default(),
            shapes,
            runs: Vec::new(),
            runs_to_come: rng.between(1, 4) as u32,
            processes: Vec::new(),
            in_charge: false,
            lives: 0,
            executions: Vec::new(),
            executed: 0,
            kept: BTreeMap::new(),
            mail: Vec::new(),
            remembered: VecDeque::new(),
            report: Report::default(),
            rng,
        }
    }

    pub fn play(mut self) -> Result<Report, Violation> {
        loop {
            let step = self.report.steps;
            let result = match self.choose() {
                Some(chosen) if step < MAX_STEPS => {
                    self.report.steps += 1;
                    self.now_ms += self.rng.between(0, 3);
                    self.perform(chosen).map(|()| true)
                }
                Some(_) => Err("the world never comes to rest".to_string()),
                None => self.judge().map(|()| false),
            };
            match result {
                Ok(true) => {}
                Ok(false) => return Ok(self.report),
                Err(what) => return Err(Violation { seed: self.seed, step, what }),
            }
        }
    }

    fn judge(&self) -> Done {
        self.runs
            .iter()
            .try_for_each(|run| self.oracle.at_rest(&self.store, run.key, &self.shapes[run.shape], run.cancelled))
    }

    fn choose(&mut self) -> Option<Step> {
        let stormy = self.report.steps < self.calm_from;
        if stormy && self.in_charge {
            match self.rng.below(400) {
                0..4 => return Some(Step::Crash),
                4 => return Some(Step::TakeOver),
                5 if !self.runs.is_empty() => return Some(Step::Cancel),
                _ => {}
            }
        }
        let mut steps = Vec::new();
        steps.extend((0..self.mail.len()).map(Step::Deliver));
        steps.extend((0..self.executions.len()).map(Step::Finish));
        for (ix, p) in self.processes.iter().enumerate() {
            if p.taken.is_some() {
                steps.push(Step::Commit(ix));
            } else if !p.to_tell.is_empty() {
                steps.push(Step::Tell(ix));
            } else if !p.queued.is_empty() {
                steps.push(Step::Take(ix));
            }
            if !p.unread.is_empty() {
                steps.push(Step::Read(ix));
            }
            if !p.unsynced.is_empty() {
                steps.push(Step::Sync(ix));
            }
            if p.timer_ms.is_some_and(|at| at <= self.now_ms) {
                steps.push(Step::Timer(ix));
            }
        }
        if !self.in_charge {
            steps.push(Step::Boot);
        } else if self.runs_to_come > 0 {
            steps.push(Step::Submit);
        }
        if steps.is_empty() {
            // Nothing left but to wait.
            let at = self.processes.iter().filter_map(|p| p.timer_ms).min()?;
            self.now_ms = self.now_ms.max(at);
            return self.processes.iter().position(|p| p.timer_ms == Some(at)).map(Step::Timer);
        }
        Some(steps[self.rng.below(steps.len())])
    }

    fn perform(&mut self, step: Step) -> Done {
        match step {
            Step::Deliver(ix) => self.deliver(ix),
            Step::Finish(ix) => self.finish(ix),
            Step::Take(ix) => {
                let p = &mut self.processes[ix];
                p.taken = Some(std::mem::take(&mut p.queued));
                Ok(())
            }
            Step::Commit(ix) => self.commit(ix),
            Step::Tell(ix) => self.tell(ix),
            Step::Read(ix) => self.read(ix),
            Step::Sync(ix) => self.sync(ix),
            Step::Timer(ix) => {
                self.processes[ix].timer_ms = None;
                self.with(ix, |core, now, fx| core.timer(now, fx))
            }
            Step::Submit => self.submit(),
            Step::Cancel => self.cancel(),
            Step::Crash => self.crash(),
            Step::TakeOver => {
                self.report.takeovers += 1;
                self.boot()
            }
            Step::Boot => self.boot(),
        }
    }

    /// Gives the core an input and does what it asks for.
    fn with(&mut self, ix: usize, f: impl FnOnce(&mut Core, Now, &mut Effects)) -> Done {
        let p = &mut self.processes[ix];
        let mut fx = std::mem::take(&mut p.fx);
        f(&mut p.core, now(self.now_ms), &mut fx);
        loop {
            for (executor, request) in std::mem::take(&mut fx.starts) {
                self.start(ix, executor, request)?;
            }
            for (executor, request) in std::mem::take(&mut fx.re_attaches) {
                self.re_attach(ix, executor, &request);
            }
            for (executor, attempt) in fx.stops.drain(..) {
                let process = self.processes[ix].id;
                // Beyond the engines an attempt is stopped by its name, whoever asks.
                let theirs = |e: &&mut Execution| e.process == process || OUTLIVES[usize::from(executor)];
                let stopped = self.executions.iter_mut().filter(theirs);
                stopped.filter(|e| e.request.attempt == attempt).for_each(|e| e.stop = true);
            }
            // Nothing is to be done: whoever is let go is watched by the run's owner.
            fx.let_go.clear();
            for event in fx.events.drain(..) {
                self.oracle.acknowledges(&self.store, event)?;
            }
            let p = &mut self.processes[ix];
            for job in fx.describes.drain(..) {
                if job.table {
                    p.unread.push_back(job);
                } else {
                    p.unsynced.push_back(job);
                }
            }
            p.queued.append(&mut fx);
            p.timer_ms = fx.timer_ms.take().or(p.timer_ms);
            if fx.lookups.is_empty() {
                p.fx = fx;
                return Ok(());
            }
            let jobs = std::mem::take(&mut fx.lookups);
            let keys: Vec<_> = jobs.iter().map(|j| j.key).collect();
            let found = self.store.lookup(&keys).map_err(|e| e.to_string())?;
            for (job, hit) in jobs.into_iter().zip(found) {
                self.report.cached += u64::from(hit.is_some());
                p.core.looked_up(now(self.now_ms), job.run, job.op, hit.map(|h| h.outputs), &mut fx);
            }
        }
    }

    fn start(&mut self, ix: usize, executor: u16, request: Box<TaskRequest>) -> Done {
        let attempt = request.attempt;
        self.report.attempts += 1;
        self.report.traced(attempt.token);
        let Some(run) = self.runs.iter().find(|run| run.key.0 == attempt.run) else {
            return Err(format!("{attempt:?} is of an unknown run"));
        };
        let shape = &self.shapes[run.shape];
        self.processes[ix].in_use.insert(attempt, shape.takes(executor, &request));
        let p = &self.processes[ix];
        let owns = self.store.run(run.key).ok().flatten().is_some_and(|row| row.owner == p.owner);
        self.oracle.starts(&self.store, &self.disk, shape, p, &request, owns)?;
        let process = p.id;
        let goes_on = |e: &&Execution| {
            let same = (e.request.attempt.run, e.request.attempt.op) == (attempt.run, attempt.op);
            let elsewhere = self.processes.iter().any(|p| p.id == e.process && p.id != process);
            same && OUTLIVES[usize::from(executor)] && !elsewhere
        };
        if let Some(other) = self.executions.iter().find(goes_on).filter(|_| owns) {
            return Err(format!("{attempt:?} was started while {:?} goes on", other.request.attempt));
        }
        if self.rng.percent(70) {
            self.mail.push(Mail { process, executor, event: Event::Started { attempt, worker: "model".into() } });
        }
        self.executed += 1;
        self.executions.push(Execution { number: self.executed, process, executor, stop: false, request });
        Ok(())
    }

    /// An attempt of an earlier engine: it goes on, has ended meanwhile, or is gone.
    fn re_attach(&mut self, ix: usize, executor: u16, request: &TaskRequest) {
        let attempt = request.attempt;
        self.report.re_attached += 1;
        let shape = self.runs.iter().find(|run| run.key.0 == attempt.run).map(|run| &self.shapes[run.shape]);
        let p = &mut self.processes[ix];
        let taken = shape.map(|shape| Use { taken_over: true, ..shape.takes(executor, request) });
        p.in_use.extend(taken.map(|taken| (attempt, taken)));
        let process = p.id;
        if let Some(execution) = self.executions.iter_mut().find(|e| e.request.attempt == attempt) {
            execution.process = process;
            return;
        }
        self.report.ended_meanwhile += u64::from(self.kept.contains_key(&attempt));
        let outcome = self.kept.get(&attempt).cloned().unwrap_or(Outcome::Lost);
        self.mail.push(Mail {
            process,
            executor,
            event: Event::Finished { attempt, outcome, usage: Usage::default() },
        });
    }

    fn finish(&mut self, ix: usize) -> Done {
        let Execution { number, process, executor, stop, request } = self.executions.swap_remove(ix);
        let outcome = crate::worker::outcome(&mut self.rng, &mut self.disk, number, stop, &request)?;
        if OUTLIVES[usize::from(executor)] {
            self.kept.insert(request.attempt, outcome.clone());
        }
        let event = Event::Finished { attempt: request.attempt, outcome, usage: Usage::default() };
        // An engine that doesn't know yet that the run is another's watches it still.
        let others = self.processes.iter().filter(|p| p.id != process && p.in_use.contains_key(&request.attempt));
        let also = others.map(|p| Mail { process: p.id, executor, event: event.clone() });
        self.mail.extend(also);
        if self.rng.percent(10) {
            self.mail.push(Mail { process, executor, event: event.clone() });
        }
        self.remembered.push_back(event.clone());
        self.remembered.truncate(MAX_REMEMBERED);
        self.mail.push(Mail { process, executor, event });
        Ok(())
    }

    /// News reach the engine that they are for, or, if it is dead, perhaps the next one.
    fn deliver(&mut self, ix: usize) -> Done {
        let Mail { process, executor, event } = self.mail.swap_remove(ix);
        let to = match self.processes.iter().position(|p| p.id == process) {
            Some(to) => to,
            None if self.in_charge && self.rng.percent(70) => self.processes.len() - 1,
            None => return Ok(()),
        };
        if let Event::Finished { attempt, outcome, .. } = &event {
            self.hear(to, process, *attempt, outcome);
        }
        self.with(to, |core, now, fx| core.event(now, executor, event, fx))
    }

    fn hear(&mut self, to: usize, from: u64, attempt: AttemptId, outcome: &Outcome) {
        if self.processes[to].in_use.remove(&attempt).is_some() {
            self.oracle.heard.insert(attempt.token, Heard::of(outcome));
            self.processes[to].heard.insert(attempt.token, Heard::of(outcome));
        } else if self.processes[to].id == from {
            self.report.duplicates += 1;
        } else {
            self.report.zombie_results += 1;
        }
    }

    fn commit(&mut self, ix: usize) -> Done {
        let Some(taken) = self.processes[ix].taken.take() else { return Ok(()) };
        self.oracle.records(&self.processes[ix], &taken.records)?;
        let outcome = commit::apply(&self.store, &self.processes[ix].owner, &taken, self.flaw)?;
        self.oracle.committed(&self.store, &self.disk, &taken.runs)?;
        self.report.traced(taken.records.len() as u64);
        let owner = self.in_charge && ix + 1 == self.processes.len();
        if owner && !(outcome.stale.is_empty() && outcome.refused.is_empty()) {
            let stale: Vec<_> = outcome.stale.iter().map(|at| &taken.records[*at]).collect();
            return Err(format!("the owner's records were dropped: {stale:?}, refused {:?}", outcome.refused));
        }
        self.report.refused_batches += u64::from(!outcome.refused.is_empty());
        let told = taken.after.into_iter().filter(|act| !outcome.refused.contains(&act.run()));
        self.processes[ix].to_tell.extend(told);
        for run in outcome.refused {
            self.with(ix, |core, now, fx| core.disowned(now, run, fx))?;
        }
        Ok(())
    }

    fn tell(&mut self, ix: usize) -> Done {
        match self.processes[ix].to_tell.pop_front() {
            Some(AfterCommit::Event(event)) => {
                self.report.acknowledgements += 1;
                self.oracle.acknowledges(&self.store, event)
            }
            Some(AfterCommit::Release(attempt)) => self.with(ix, |core, now, fx| core.committed(now, attempt, fx)),
            Some(AfterCommit::Recorded(_, attempt)) => {
                self.kept.remove(&attempt);
                Ok(())
            }
            Some(AfterCommit::Register(model)) => self.with(ix, |core, now, fx| core.carried_out(now, model.run, fx)),
            Some(AfterCommit::Deploy(asked)) => self.with(ix, |core, now, fx| core.carried_out(now, asked.run, fx)),
            Some(AfterCommit::Gone { .. }) | None => Ok(()),
        }
    }

    fn read(&mut self, ix: usize) -> Done {
        let Some(job) = self.processes[ix].unread.pop_front() else { return Ok(()) };
        if !self.disk.exists(&job.path) {
            return Err(format!("{} was published and doesn't exist", job.path.display()));
        }
        // Equal operators of equal DAGs make equal tables; now and then one can't be read.
        let content_id = (!self.rng.percent(3)).then(|| format!("content of {}", job.op));
        self.processes[ix].unsynced.push_back(job.clone());
        self.with(ix, |core, now, fx| core.identified(now, &job, content_id, fx))
    }

    fn sync(&mut self, ix: usize) -> Done {
        let Some(job) = self.processes[ix].unsynced.pop_front() else { return Ok(()) };
        if self.flaw != Some(Flaw::MissingSync) {
            self.disk.sync(&job.path);
        }
        self.with(ix, |core, now, fx| core.durable(now, job.run, &job.artifact, fx))
    }

    fn submit(&mut self) -> Done {
        self.runs_to_come -= 1;
        self.report.runs += 1;
        let at = self.processes.len() - 1;
        let shape = self.rng.below(self.shapes.len());
        let number = self.runs.len();
        let (token_seed, wall) = (self.rng.next(), now(self.now_ms).wall);
        let version = NewDagVersion {
            identity: format!("dag{shape}"),
            source: String::new(),
            source_hash: String::new(),
            operators: Vec::new(),
            relations: Vec::new(),
            created_at: wall,
        };
        let dag_version = self.store.put_dag_version(&version).map_err(|e| e.to_string())?;
        let run_id = format!("run{number}");
        let new = NewRun {
            run_id: run_id.clone(),
            dag_version,
            config: String::new(),
            total: self.shapes[shape].ops.len() as u32,
            token_seed,
            created_at: wall,
        };
        let key = self.store.create_run(&new, &self.processes[at].owner).map_err(|e| e.to_string())?;
        self.runs.push(Run { key, run_id: run_id.clone(), shape, cancelled: false });
        if self.rng.percent(5) {
            // Between the row and the core.
            return self.crash();
        }
        let mut bound = self.shapes[shape].bind(&self.store, &run_id, sched::RunKey(key.0), token_seed);
        if self.flaw == Some(Flaw::MissingConcurrencyLimit) {
            bound.spec.concurrency = None;
        }
        let new = NewCoreRun {
            key,
            epoch: 1,
            seq: 0,
            plan: bound.plan,
            spec: bound.spec,
            published: bound.outside,
            failures: Vec::new(),
            lost: Vec::new(),
            running: Vec::new(),
        };
        self.with(at, |core, now, fx| core.submit(now, new, fx))
    }

    fn cancel(&mut self) -> Done {
        let ix = self.rng.below(self.runs.len());
        let run = &mut self.runs[ix];
        run.cancelled = true;
        let key = run.key;
        self.store.request_cancel(key).map_err(|e| e.to_string())?;
        self.with(self.processes.len() - 1, |core, now, fx| core.cancel(now, key, fx))
    }

    /// The engine in charge is gone, with all it knew. Its commit may have got through; its workers may live on.
    fn crash(&mut self) -> Done {
        let Some(dead) = self.processes.pop() else { return Ok(()) };
        self.in_charge = false;
        self.report.crashes += 1;
        self.report.crashes_with_uncommitted += u64::from(dead.has_uncommitted());
        if let Some(mut taken) = dead.taken.filter(|_| self.rng.percent(50)) {
            if self.flaw == Some(Flaw::TornBatch) {
                taken.records = taken.records.into_iter().skip(1).step_by(2).collect();
            }
            commit::apply(&self.store, &dead.owner, &taken, self.flaw)?;
            self.oracle.committed(&self.store, &self.disk, &taken.runs)?;
        }
        let rng = &mut self.rng;
        let lives_on = |e: &Execution| if OUTLIVES[usize::from(e.executor)] { 90 } else { 50 };
        self.executions.retain(|e| e.process != dead.id || rng.percent(lives_on(e)));
        Ok(())
    }

    /// An engine starts and takes over every run that hasn't ended.
    fn boot(&mut self) -> Done {
        self.lives += 1;
        let process = Process::new(self.lives, self.flaw);
        let claimed = match self.flaw {
            Some(Flaw::MissingClaim) => {
                let going = RunFilter { states: vec![RunState::Running], ..RunFilter::default() };
                self.store.runs(&going).map_err(|e| e.to_string())?
            }
            _ => self.store.claim_runs(&process.owner, None).map_err(|e| e.to_string())?,
        };
        self.processes.push(process);
        self.in_charge = true;
        let at = self.processes.len() - 1;
        for row in claimed {
            let Some(run) = self.runs.iter().find(|run| run.key == row.key) else { continue };
            let bound = self.shapes[run.shape].bind(&self.store, &run.run_id, sched::RunKey(row.key.0), row.token_seed);
            let mut rows = RunRows::load(&self.store, &row).map_err(|e| e.to_string())?;
            match self.flaw {
                Some(Flaw::ForgottenOutputs) => rows.outputs.clear(),
                Some(Flaw::ForgottenTasks) => rows.tasks.clear(),
                _ => {}
            }
            let new = recovered(&row, rows, bound, now(self.now_ms).wall);
            self.with(at, |core, now, fx| {
                core.submit(now, new, fx);
                if row.cancel_requested {
                    core.cancel(now, row.key, fx);
                }
            })?;
        }
        // Somebody says again what an earlier engine has heard already.
        for _ in 0..self.rng.below(4).min(self.remembered.len()) {
            let event = self.remembered[self.rng.below(self.remembered.len())].clone();
            self.mail.push(Mail { process: 0, executor: 0, event });
        }
        Ok(())
    }
}

//! The writer: commits at once when idle, and what arrives during a commit forms the next batch. What must not be seen before the commit happens here, after it.

use crate::core::AfterCommit;
use crate::deploy::Deployers;
use crate::durable::{Step, durable};
use crate::event::RunEvent;
use crate::hold::lock;
use std::collections::HashMap;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};
use suanzi_store::{Batch, BatchOutcome, RunKey, Store, StoreError, StoreRecord};

/// The most records of one transaction.
pub const MAX_BATCH_RECORDS: usize = 10_000;
/// How long a locked database is asked again before the engine gives up.
const RETRY_FOR: Duration = Duration::from_secs(60);
/// How long is waited for a database server that went away, for room on the disk or for descriptors: longer than any restart or fail-over takes, and time for somebody to make room.
const AWAY_FOR: Duration = Duration::from_secs(3_600);
const PAUSE: Duration = Duration::from_millis(200);
/// After how long, and then how often, it is said that something is waited for.
const SAY_AFTER: Duration = Duration::from_secs(1);
const SAY_EVERY: Duration = Duration::from_secs(30);

#[derive(Default)]
struct Queue {
    records: Vec<StoreRecord>,
    runs: Vec<(RunKey, u64)>,
    after: Vec<AfterCommit>,
    closed: bool,
}

/// The end of the queue that the engine fills.
#[derive(Default)]
pub(crate) struct WriteQueue {
    queue: Mutex<Queue>,
    filled: Condvar,
}

impl WriteQueue {
    pub fn push(&self, records: &mut Vec<StoreRecord>, runs: &mut Vec<(RunKey, u64)>, after: &mut Vec<AfterCommit>) {
        let mut queue = lock(&self.queue);
        queue.records.append(records);
        for run in runs.drain(..) {
            if !queue.runs.contains(&run) {
                queue.runs.push(run);
            }
        }
        queue.after.append(after);
        drop(queue);
        self.filled.notify_one();
    }

    pub fn close(&self) {
        lock(&self.queue).closed = true;
        self.filled.notify_one();
    }
}

/// What the writer asks of the engine.
pub(crate) trait AfterWrites: Send + Sync {
    fn release(&self, attempt: suanzi_executor::AttemptId);
    fn recorded(&self, executor: u16, attempt: suanzi_executor::AttemptId);
    fn carried_out(&self, run: RunKey);
    fn disowned(&self, run: RunKey);
}

pub(crate) struct Writer {
    pub store: Arc<dyn Store>,
    pub owner: String,
    pub queue: Arc<WriteQueue>,
    pub watchers: Arc<Watchers>,
    pub deployers: Arc<Deployers>,
}

impl Writer {
    /// Runs until the queue is closed and empty.
    pub fn run(self, engine: &dyn AfterWrites) {
        loop {
            let batch = {
                let mut queue = lock(&self.queue.queue);
                while queue.records.is_empty() && queue.after.is_empty() && !queue.closed {
                    queue = self.queue.filled.wait(queue).unwrap_or_else(std::sync::PoisonError::into_inner);
                }
                if queue.records.is_empty() && queue.after.is_empty() && queue.closed {
                    return;
                }
                std::mem::take(&mut *queue).with_closed(&mut queue)
            };
            let (records, runs, after) = batch;
            let refused = self.commit(records, runs);
            for run in &refused {
                engine.disowned(*run);
            }
            // What a refused run wanted to tell isn't true: its records weren't written.
            for act in after.into_iter().filter(|act| !refused.contains(&act.run())) {
                self.act(act, engine);
            }
        }
    }

    /// Gives back the runs that were refused.
    fn commit(&self, records: Vec<StoreRecord>, runs: Vec<(RunKey, u64)>) -> Vec<RunKey> {
        if records.is_empty() {
            return Vec::new();
        }
        let mut batch = Batch { owner: self.owner.clone(), runs, records };
        let mut refused = Vec::new();
        let mut rest = Vec::new();
        if batch.records.len() > MAX_BATCH_RECORDS {
            rest = batch.records.split_off(MAX_BATCH_RECORDS);
        }
        loop {
            let outcome = self.apply(&batch);
            refused.extend(outcome.refused);
            if rest.is_empty() {
                return refused;
            }
            let tail = rest.split_off(rest.len().min(MAX_BATCH_RECORDS));
            batch.records = std::mem::replace(&mut rest, tail);
        }
    }

    /// A failing commit is never passed over: what can pass (a lock, a full disk, a server that is away) is waited for, while workers go on and their results gather in the queue;
    /// the rest ends the process, and recovery begins from what is durable.
    fn apply(&self, batch: &Batch) -> BatchOutcome {
        durable(Step::Batch, || waited_for(|| self.store.apply(batch))).unwrap_or_else(|error| {
            talk!(
                "error: the state can't be written ({error}); stopping now, `suanzi runs resume` goes on from the last commit"
            );
            std::process::abort();
        })
    }

    fn act(&self, act: AfterCommit, engine: &dyn AfterWrites) {
        match act {
            AfterCommit::Event(event) => durable(Step::Told, || self.watchers.tell(event)),
            AfterCommit::Release(attempt) => engine.release(attempt),
            AfterCommit::Recorded(executor, attempt) => engine.recorded(executor, attempt),
            AfterCommit::Register(model) => {
                if let Err(error) = durable(Step::Model, || waited_for(|| self.store.register_model(&model))) {
                    talk!("warning: model '{}' couldn't be registered: {error}", model.name);
                }
                engine.carried_out(model.run);
            }
            AfterCommit::Deploy(asked) => {
                if let Err(error) = waited_for(|| self.deployers.carry_out(self.store.as_ref(), &asked)) {
                    talk!("warning: service '{}' couldn't be deployed: {error}", asked.service);
                }
                engine.carried_out(asked.run);
            }
            AfterCommit::Gone { run } => self.watchers.forget(run),
        }
    }
}

/// What `verb` comes to once the database can be written again. `verb` may be called again after a commit of unknown outcome: what it had written then changes nothing the second time.
pub(crate) fn waited_for<T>(verb: impl Fn() -> Result<T, StoreError>) -> Result<T, StoreError> {
    let began = Instant::now();
    let mut said: Option<Instant> = None;
    loop {
        let error = match verb() {
            Ok(done) => {
                if said.is_some() {
                    talk!("the database is there again after {} s", began.elapsed().as_secs());
                }
                return Ok(done);
            }
            Err(error) => error,
        };
        let patience = match error {
            StoreError::Locked => RETRY_FOR,
            StoreError::Full | StoreError::Open(_) | StoreError::Away(_) | StoreError::AwayAtCommit(_) => AWAY_FOR,
            _ => return Err(error),
        };
        if began.elapsed() >= patience {
            return Err(error);
        }
        if said.map_or(began.elapsed() >= SAY_AFTER, |at| at.elapsed() >= SAY_EVERY) {
            talk!("warning: waiting for the database ({error}); operators go on, their results are kept until then");
            said = Some(Instant::now());
        }
        std::thread::sleep(PAUSE);
    }
}

type Taken = (Vec<StoreRecord>, Vec<(RunKey, u64)>, Vec<AfterCommit>);

impl Queue {
    fn with_closed(self, left: &mut Queue) -> Taken {
        left.closed = self.closed;
        (self.records, self.runs, self.after)
    }
}

/// Those who watch runs.
#[derive(Default)]
pub(crate) struct Watchers(Mutex<HashMap<RunKey, Vec<Sender<RunEvent>>>>);

impl Watchers {
    pub fn add(&self, run: RunKey, to: Sender<RunEvent>) {
        lock(&self.0).entry(run).or_default().push(to);
    }

    pub fn tell(&self, event: RunEvent) {
        if let Some(watchers) = lock(&self.0).get_mut(&event.run()) {
            watchers.retain(|w| w.send(event.clone()).is_ok());
        }
    }

    /// Closes the channels of a run that is over here.
    pub fn forget(&self, run: RunKey) {
        lock(&self.0).remove(&run);
    }
}

//! The local executor with a pool of workers per environment: operators with requirements of their own run in workers of their own Python.
//!
//! Attempts without requirements go to one [`LocalExecutor`] as they are. For each other list of requirements there is another, over the environment with these, made when the first attempt
//! comes that needs it. The scheduler sees one executor: it hands out no more than there are slots, whichever pool they are taken in; all pools share one bound for memory.

mod idle;
mod making;

use crate::{LocalExecutor, LocalOptions, Profile, logs};
use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use suanzi_environments::{EnvironmentId, Environments, Lease};
use suanzi_executor::{
    AttemptId, AttemptStatus, CodeRef, Event, EventSink, Executor, LogError, LogRange, Outcome, StartError,
    TaskRequest, Usage, wire,
};

/// Finished attempts whose logs are found here after their pool has ended.
const MAX_FINISHED_KEPT: usize = crate::state::MAX_FINISHED_KEPT;

/// How many pools beside the usual one are kept warm, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct PoolLimits {
    /// Pools in which nothing runs are ended, the longest idle first, while there are more.
    pub most: usize,
    /// A pool in which nothing ran for so long is ended.
    pub idle: Duration,
}

impl Default for PoolLimits {
    fn default() -> PoolLimits {
        PoolLimits { most: 4, idle: Duration::from_secs(10 * 60) }
    }
}

/// Runs attempts in warm Python workers, each in the environment it asks for. Dropping it shuts it down.
pub struct LocalPools {
    usual: LocalExecutor,
    shared: Arc<Shared>,
    teller: Mutex<Option<JoinHandle<()>>>,
}

struct Shared {
    environments: Environments,
    options: LocalOptions,
    limits: PoolLimits,
    state: Mutex<State>,
    sink: OnceLock<Arc<dyn EventSink>>,
}

struct State {
    pools: HashMap<EnvironmentId, Pool>,
    /// Attempts with requirements.
    places: HashMap<AttemptId, Place>,
    finished: VecDeque<AttemptId>,
    makers: Vec<JoinHandle<()>>,
    /// Told by the teller's thread, with no lock held. `None` once it is shut down.
    tell: Option<Sender<Event>>,
    next_log: u64,
}

enum Pool {
    // Requests come boxed and go on boxed.
    #[allow(clippy::vec_box)]
    /// Its environment is being made; attempts wait.
    Making {
        waiting: Vec<Box<TaskRequest>>,
        going: Arc<AtomicBool>,
        log: Option<u64>,
        number: u32,
    },
    Warm {
        executor: Arc<LocalExecutor>,
        _lease: Lease,
        active: usize,
        idle_since: Instant,
        number: u32,
    },
}

impl Pool {
    /// No other pool that there is has it. Workers of pools with different numbers are different users.
    fn number(&self) -> u32 {
        match self {
            Pool::Making { number, .. } | Pool::Warm { number, .. } => *number,
        }
    }
}

enum Place {
    /// With what was said while its environment was made, if it waited for that: its log begins with it.
    In(EnvironmentId, Option<Said>),
    Finished(LogRange),
}

/// A log file and how many of its bytes count.
#[derive(Debug, Clone, Copy)]
struct Said {
    file: u64,
    bytes: u64,
}

impl LocalPools {
    /// Starts threads but no Python yet. Errors: the log directory or a kernel object can't be made.
    pub fn new(options: LocalOptions, environments: Environments, limits: PoolLimits) -> std::io::Result<LocalPools> {
        let usual = LocalExecutor::new(options.clone())?;
        let (tell, told) = channel();
        let next_log = logs::next_number(&options.log_dir)?;
        let state = State {
            pools: HashMap::new(),
            places: HashMap::new(),
            finished: VecDeque::new(),
            makers: Vec::new(),
            tell: Some(tell),
            next_log,
        };
        let shared = Arc::new(Shared { environments, options, limits, state: state.into(), sink: OnceLock::new() });
        let for_teller = Arc::clone(&shared);
        let name = "suanzi-pools".into();
        let teller =
            std::thread::Builder::new().name(name).spawn(move || idle::tell_and_end_idle(&for_teller, &told))?;
        Ok(LocalPools { usual, shared, teller: Mutex::new(Some(teller)) })
    }

    /// How its workers are kept from the engine and each other.
    pub fn profile(&self) -> Profile {
        self.usual.profile()
    }

    /// Starts the usual pool's Python, so that the imports run while the caller does other things. Returns at once.
    pub fn prepare(&self) {
        self.usual.prepare();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log_path(&self, number: u64) -> PathBuf {
        logs::path(&self.options.log_dir, number)
    }
}

impl State {
    fn free_number(&self) -> u32 {
        let taken: Vec<u32> = self.pools.values().map(Pool::number).collect();
        (1..).find(|number| !taken.contains(number)).unwrap_or(u32::MAX)
    }

    fn tell(&self, event: Event) {
        if let Some(tell) = &self.tell {
            // The teller outlives its sender.
            let _ = tell.send(event);
        }
    }

    /// Notes an attempt's end; who tells it is the caller's to decide.
    fn finish(&mut self, attempt: AttemptId, log: LogRange) {
        self.places.insert(attempt, Place::Finished(log));
        self.finished.push_back(attempt);
        if self.finished.len() > MAX_FINISHED_KEPT
            && let Some(oldest) = self.finished.pop_front()
        {
            self.places.remove(&oldest);
        }
    }

    fn end_waiting(&mut self, attempt: AttemptId, outcome: Outcome, usage: Usage) {
        self.finish(attempt, usage.log);
        self.tell(Event::Finished { attempt, outcome, usage });
    }

    fn executor_of(&self, attempt: &AttemptId) -> Option<Arc<LocalExecutor>> {
        let Some(Place::In(id, _)) = self.places.get(attempt) else { return None };
        match self.pools.get(id) {
            Some(Pool::Warm { executor, .. }) => Some(executor.clone()),
            _ => None,
        }
    }
}

impl Executor for LocalPools {
    fn name(&self) -> &str {
        self.usual.name()
    }

    fn slots(&self) -> u32 {
        self.usual.slots()
    }

    fn memory_bytes(&self) -> Option<u64> {
        self.usual.memory_bytes()
    }

    fn attach(&self, sink: Arc<dyn EventSink>) {
        let _ = self.shared.sink.set(sink.clone());
        self.usual.attach(sink);
    }

    /// For the usual pool; those of environments are begun by their first attempt.
    fn foresee(&self, code: &CodeRef) {
        self.usual.foresee(code);
    }

    fn start(&self, task: Box<TaskRequest>) -> Result<(), StartError> {
        if task.requirements.is_empty() {
            return self.usual.start(task);
        }
        wire::check(&task)?;
        let id = self.shared.environments.id(&task.requirements);
        let mut state = self.shared.lock();
        if state.tell.is_none() {
            return Err(StartError::ShutDown);
        }
        if state.places.contains_key(&task.attempt) {
            return Ok(());
        }
        let attempt = task.attempt;
        let executor = match state.pools.get_mut(&id) {
            Some(Pool::Making { waiting, .. }) => {
                waiting.push(task);
                state.places.insert(attempt, Place::In(id, None));
                return Ok(());
            }
            Some(Pool::Warm { executor, active, .. }) => {
                *active += 1;
                executor.clone()
            }
            None => {
                making::begin(&self.shared, &mut state, id.clone(), task)?;
                state.places.insert(attempt, Place::In(id, None));
                return Ok(());
            }
        };
        state.places.insert(attempt, Place::In(id.clone(), None));
        drop(state);
        executor.start(task).inspect_err(|_| {
            let mut state = self.shared.lock();
            state.places.remove(&attempt);
            state.left(&id);
        })
    }

    fn stop(&self, attempt: &AttemptId, grace: Duration) {
        let executor = {
            let mut state = self.shared.lock();
            match making::stop_waiting(&mut state, attempt) {
                true => return,
                false => state.executor_of(attempt),
            }
        };
        match executor {
            Some(executor) => executor.stop(attempt, grace),
            None => self.usual.stop(attempt, grace),
        }
    }

    fn status(&self, attempt: &AttemptId) -> AttemptStatus {
        let executor = {
            let state = self.shared.lock();
            match state.places.get(attempt) {
                None => return self.usual.status(attempt),
                Some(Place::Finished(_)) => return AttemptStatus::Finished,
                Some(Place::In(..)) => state.executor_of(attempt),
            }
        };
        executor.map_or(AttemptStatus::Queued, |executor| executor.status(attempt))
    }

    fn logs(&self, attempt: &AttemptId, offset: u64, limit: usize) -> Result<Vec<u8>, LogError> {
        let read = |file: u64, range| match file {
            0 => Ok(Vec::new()), // it never reached a worker
            _ => logs::read(&self.shared.log_path(file), range, offset, limit),
        };
        let (executor, said) = {
            let state = self.shared.lock();
            match state.places.get(attempt) {
                None => return self.usual.logs(attempt, offset, limit),
                Some(Place::Finished(range)) => return read(range.file, (range.start, Some(range.end))),
                Some(Place::In(id, said)) => match state.pools.get(id) {
                    Some(Pool::Making { log, .. }) => return read(log.unwrap_or(0), (0, None)),
                    _ => (state.executor_of(attempt), *said),
                },
            }
        };
        let before = said.map_or(0, |said| said.bytes);
        match (said, executor) {
            (Some(said), _) if offset < before => read(said.file, (0, Some(before))),
            (_, Some(executor)) => executor.logs(attempt, offset - before, limit),
            (_, None) => Ok(Vec::new()),
        }
    }

    fn shutdown(&self) {
        let (executors, makers) = self.shared.close();
        for executor in executors {
            executor.shutdown();
        }
        self.usual.shutdown();
        let own = std::thread::current().id();
        let teller = self.teller.lock().unwrap_or_else(PoisonError::into_inner).take();
        for thread in makers.into_iter().chain(teller).filter(|thread| thread.thread().id() != own) {
            // A panicked thread has nothing left to end.
            let _ = thread.join();
        }
    }
}

impl Drop for LocalPools {
    fn drop(&mut self) {
        self.shutdown();
    }
}

//! The local executor: warm Python workers on this host.
//!
//! One *zygote* process per executor imports the heavy libraries (scikit-learn only once an attempt may need it) and forks workers; each worker runs one attempt at a time over its own Unix socket.
//! One IO thread owns every socket and deadline and tells the sink what happened, with no lock held. [`LocalExecutor::start`] writes the task to an
//! idle worker's socket on the caller's thread: from within a sink call, an attempt that ends and the next that begins need no thread switch.
//! One more thread, alive as long as the executor, starts the zygote: Linux ends a child when the *thread* that started it dies.

mod dispatch;
mod host_memory;
mod io;
mod isolation;
mod locality;
mod logs;
mod memory;
mod options;
mod outcome;
mod pools;
mod room;
mod state;
mod stop;
mod watch;
mod worker;
mod zygote;

pub use isolation::{DEFAULT_UIDS, Isolation, Profile, Refused};
pub use memory::{MemoryLedger, default_memory_bytes};
pub use options::LocalOptions;
pub use pools::{LocalPools, PoolLimits};
pub use watch::{LOG_CAP_BYTES, MAX_ATTEMPT_PROCESSES};
pub use worker::LOG_FILE_BYTES;

use state::{Core, Phase};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use suanzi_executor::{AttemptId, AttemptStatus, CodeRef, EventSink, Executor, LogError, StartError, TaskRequest};

/// The name of this executor in YAML and on the command line.
pub const NAME: &str = "local";

/// Runs attempts in warm Python workers. Dropping it shuts it down.
pub struct LocalExecutor {
    core: Arc<Core>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl LocalExecutor {
    /// Starts the executor's two threads but no Python yet. Errors: the log directory or a kernel object can't be made.
    pub fn new(options: LocalOptions) -> std::io::Result<LocalExecutor> {
        let (core, threads) = io::begin(options)?;
        Ok(LocalExecutor { core, threads: Mutex::new(threads) })
    }

    /// How its workers are kept from the engine and each other.
    pub fn profile(&self) -> Profile {
        self.core.lock().options.isolation.as_ref().map_or(Profile::Plain, |isolation| isolation.profile)
    }

    /// Starts the zygote and asks it for a worker, so that the imports run while the caller does other things. Returns at once.
    pub fn prepare(&self) {
        let mut state = self.core.lock();
        if !state.shutting_down && state.workers.is_empty() {
            // If it can't be had, the first attempt says why.
            state.fork_worker();
        }
    }
}

impl Executor for LocalExecutor {
    fn name(&self) -> &str {
        NAME
    }

    fn slots(&self) -> u32 {
        self.core.slots
    }

    fn memory_bytes(&self) -> Option<u64> {
        Some(self.core.memory_bytes)
    }

    fn attach(&self, sink: Arc<dyn EventSink>) {
        // The contract calls it once; a second sink is not taken.
        let _ = self.core.sink.set(sink);
    }

    fn foresee(&self, code: &CodeRef) {
        if code.sklearn {
            self.core.lock().want_sklearn();
        }
    }

    fn start(&self, task: Box<TaskRequest>) -> Result<(), StartError> {
        let mut state = self.core.lock();
        state.accept(task)?;
        self.core.wake_for_events(&mut state);
        Ok(())
    }

    fn stop(&self, attempt: &AttemptId, grace: Duration) {
        let mut state = self.core.lock();
        state.stop(attempt, grace);
        self.core.wake(&mut state);
    }

    fn status(&self, attempt: &AttemptId) -> AttemptStatus {
        match self.core.lock().attempts.get(attempt) {
            None => AttemptStatus::Unknown,
            Some(Phase::Queued(_)) => AttemptStatus::Queued,
            Some(Phase::Running(_)) => AttemptStatus::Running,
            Some(Phase::Finished(_)) => AttemptStatus::Finished,
        }
    }

    fn logs(&self, attempt: &AttemptId, offset: u64, limit: usize) -> Result<Vec<u8>, LogError> {
        self.core.read_log(attempt, offset, limit)
    }

    fn shutdown(&self) {
        {
            let mut state = self.core.lock();
            state.begin_shutdown();
            self.core.wake(&mut state);
        }
        if self.core.is_io_thread() {
            return; // called by the sink: the threads end once it returns
        }
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            // A panicked thread has nothing left to end.
            let _ = thread.join();
        }
    }
}

impl Drop for LocalExecutor {
    fn drop(&mut self) {
        self.shutdown();
    }
}

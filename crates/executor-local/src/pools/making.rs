//! A pool's beginning: its environment is made on a thread of its own while attempts wait for it.

use super::{Place, Pool, Said, Shared, State};
use crate::{LocalExecutor, LocalOptions, logs};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use suanzi_environments::{EnvironmentError, EnvironmentId, Lease, Making};
use suanzi_executor::{
    AttemptId, Event, EventSink, Executor, Failure, FailureKind, LogRange, Outcome, StartError, TaskRequest, Usage,
};

/// Between two words of progress: pip says hundreds of lines.
const TELL_EVERY: Duration = Duration::from_millis(500);

/// Starts to make the environment that `task` asks for.
pub(super) fn begin(
    shared: &Arc<Shared>,
    state: &mut State,
    id: EnvironmentId,
    task: Box<TaskRequest>,
) -> Result<(), StartError> {
    let going = Arc::new(AtomicBool::new(true));
    let (for_maker, flag, requirements) = (Arc::clone(shared), Arc::clone(&going), task.requirements.clone());
    let pool = id.clone();
    let maker = std::thread::Builder::new()
        .name("suanzi-environment".into())
        .spawn(move || make(&for_maker, &pool, &requirements, &flag))
        .map_err(|error| StartError::Refused(format!("no thread can be had: {error}")))?;
    state.makers.retain(|maker| !maker.is_finished());
    state.makers.push(maker);
    let number = state.free_number();
    state.pools.insert(id, Pool::Making { waiting: vec![task], going, log: None, number });
    Ok(())
}

/// True if it waited for an environment: its end is told.
pub(super) fn stop_waiting(state: &mut State, attempt: &AttemptId) -> bool {
    let Some(Place::In(id, _)) = state.places.get(attempt) else { return false };
    let Some(Pool::Making { waiting, going, .. }) = state.pools.get_mut(id) else { return false };
    let before = waiting.len();
    waiting.retain(|task| task.attempt != *attempt);
    if waiting.len() == before {
        return false;
    }
    if waiting.is_empty() {
        going.store(false, Ordering::Relaxed);
    }
    state.end_waiting(*attempt, Outcome::Stopped, Usage::default());
    true
}

/// On its own thread.
fn make(shared: &Arc<Shared>, id: &EnvironmentId, requirements: &[String], going: &AtomicBool) {
    loop {
        let mut log = if shared.environments.is_ready(id) { None } else { open_log(shared, id) };
        let mut told: Option<Instant> = None;
        let mut line = |text: &str| {
            if let Some((file, _)) = &mut log {
                let _ = writeln!(file, "{text}");
            }
            if told.is_none_or(|at| at.elapsed() >= TELL_EVERY) {
                told = Some(Instant::now());
                tell_waiting(shared, id, text);
            }
        };
        let going = || going.load(Ordering::Relaxed);
        let taken = shared.environments.take(requirements, Making { going: &going, line: &mut line });
        let failure = match taken {
            Ok(lease) => match warm(shared, id, lease, said(&log)) {
                Ok(()) => return,
                Err(error) => failure(format!("its pool of workers can't start: {error}"), "look at the log directory"),
            },
            // Nobody waited; somebody may have come since.
            Err(EnvironmentError::Cancelled) => {
                let mut state = shared.lock();
                let again = state.tell.is_some()
                    && matches!(state.pools.get(id), Some(Pool::Making { waiting, .. }) if !waiting.is_empty());
                if !again {
                    state.pools.remove(id);
                    return;
                }
                if let Some(Pool::Making { going, .. }) = state.pools.get(id) {
                    going.store(true, Ordering::Relaxed);
                }
                continue;
            }
            Err(error) => failure(error.to_string(), error.hint()),
        };
        let mut state = shared.lock();
        if let Some(Pool::Making { waiting, .. }) = state.pools.remove(id) {
            for task in waiting {
                let log = said(&log).map_or(LogRange::default(), |said| LogRange {
                    file: said.file,
                    start: 0,
                    end: said.bytes,
                });
                let usage = Usage { log, ..Usage::default() };
                state.end_waiting(task.attempt, Outcome::Failed(failure.clone()), usage);
            }
        }
        return;
    }
}

fn said(log: &Option<(File, u64)>) -> Option<Said> {
    let (file, number) = log.as_ref()?;
    Some(Said { file: *number, bytes: file.metadata().ok()?.len() })
}

fn failure(message: String, hint: &str) -> Failure {
    Failure { kind: FailureKind::Environment, message, hint: Some(hint.to_owned()), traceback: None }
}

/// Where all that wait find what is said meanwhile. Without one, creation goes on unheard.
fn open_log(shared: &Shared, id: &EnvironmentId) -> Option<(File, u64)> {
    let mut state = shared.lock();
    let file = logs::create(&shared.options.log_dir, &mut state.next_log).ok()?;
    let number = state.next_log;
    state.next_log += 1;
    if let Some(Pool::Making { log, .. }) = state.pools.get_mut(id) {
        *log = Some(number);
    }
    Some((file, number))
}

fn tell_waiting(shared: &Shared, id: &EnvironmentId, text: &str) {
    let state = shared.lock();
    let Some(Pool::Making { waiting, .. }) = state.pools.get(id) else { return };
    for task in waiting {
        let message = format!("its environment is being made: {text}");
        state.tell(Event::Progress { attempt: task.attempt, fraction: 0.0, message });
    }
}

/// Starts the pool's workers on what waits.
fn warm(shared: &Arc<Shared>, id: &EnvironmentId, lease: Lease, said: Option<Said>) -> io::Result<()> {
    let label = format!("env-{}", id.short());
    let number = shared.lock().pools.get(id).map_or(0, Pool::number);
    let isolation = shared.options.isolation.as_ref();
    let isolation = isolation.map(|usual| usual.for_pool(&label, number, shared.options.workers)).transpose();
    let options = LocalOptions {
        python: lease.python.clone(),
        pool: Some(label),
        isolation: isolation.map_err(io::Error::other)?,
        ..shared.options.clone()
    };
    let executor = Arc::new(LocalExecutor::new(options)?);
    executor.attach(Arc::new(PoolSink { shared: Arc::clone(shared), pool: id.clone() }));
    // Locked until all are handed over: a stop must not come between. Executors tell nothing on the caller's thread.
    let mut state = shared.lock();
    let waiting = match state.pools.remove(id) {
        Some(Pool::Making { waiting, .. }) if state.tell.is_some() => waiting,
        _ => return Ok(()),
    };
    let (active, idle_since) = (waiting.len(), Instant::now());
    let pool = Pool::Warm { executor: executor.clone(), _lease: lease, active, idle_since, number };
    state.pools.insert(id.clone(), pool);
    for task in waiting {
        let attempt = task.attempt;
        state.places.insert(attempt, Place::In(id.clone(), said));
        if let Err(error) = executor.start(task) {
            state.left(id);
            let outcome = match error {
                StartError::ShutDown => Outcome::Lost,
                StartError::Refused(why) => Outcome::Failed(failure(why, "see the log")),
            };
            state.end_waiting(attempt, outcome, Usage::default());
        }
    }
    Ok(())
}

/// Hears one pool.
struct PoolSink {
    shared: Arc<Shared>,
    pool: EnvironmentId,
}

impl EventSink for PoolSink {
    fn event(&self, mut event: Event) {
        match &mut event {
            // Of all pools together the usual one tells.
            Event::Capacity { .. } | Event::Memory { .. } => return,
            Event::Finished { attempt, usage, outcome } => {
                // It never reached a worker: the pool's Python can't start.
                if let Outcome::Failed(failure) = outcome
                    && failure.kind == FailureKind::Import
                    && *usage == Usage::default()
                {
                    failure.kind = FailureKind::Environment;
                    let short = self.pool.short();
                    failure.hint = Some(format!(
                        "look at its requirements, which may not go with Suanzi; `suanzi env remove {short}` has it made anew"
                    ));
                }
                usage.log = self.whole_log(attempt, usage.log);
                let mut state = self.shared.lock();
                state.finish(*attempt, usage.log);
                state.left(&self.pool);
            }
            Event::Started { .. } | Event::Progress { .. } | Event::Metric { .. } => {}
        }
        if let Some(sink) = self.shared.sink.get() {
            sink.event(event);
        }
    }
}

impl PoolSink {
    /// What was said while its environment was made, and then what it printed, in a file of its own: as whoever followed it has seen it.
    fn whole_log(&self, attempt: &AttemptId, printed: LogRange) -> LogRange {
        let said = match self.shared.lock().places.get(attempt) {
            Some(Place::In(_, Some(said))) => *said,
            _ => return printed,
        };
        // Without room on the disk at least what it printed is there.
        self.joined(said, printed).unwrap_or(printed)
    }

    fn joined(&self, said: Said, printed: LogRange) -> io::Result<LogRange> {
        let (mut whole, number) = {
            let mut state = self.shared.lock();
            let whole = logs::create(&self.shared.options.log_dir, &mut state.next_log)?;
            state.next_log += 1;
            (whole, state.next_log - 1)
        };
        let mut end = io::copy(&mut File::open(self.shared.log_path(said.file))?.take(said.bytes), &mut whole)?;
        if printed.file != 0 {
            let mut file = File::open(self.shared.log_path(printed.file))?;
            file.seek(SeekFrom::Start(printed.start))?;
            end += io::copy(&mut file.take(printed.end.saturating_sub(printed.start)), &mut whole)?;
        }
        Ok(LogRange { file: number, start: 0, end })
    }
}

//! An executor without processes: attempts end as a script says, at once or after a delay. For tests and for measuring what is around an executor.

use crate::{
    AttemptId, AttemptStatus, Event, EventSink, Executor, LogError, LogRange, MAX_LOG_READ_BYTES, Outcome, StartError,
    TaskRequest, Usage,
};
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What an attempt does.
#[derive(Debug, Clone)]
pub struct Script {
    pub delay: Duration,
    pub outcome: Outcome,
    pub log: Vec<u8>,
    /// Told right after the start.
    pub progress: Vec<(f64, String)>,
    /// Runs on until the grace of [`Executor::stop`] is over.
    pub ignores_term: bool,
}

impl Script {
    /// Succeeds at once without outputs.
    pub fn nothing() -> Script {
        Script {
            delay: Duration::ZERO,
            outcome: Outcome::Success { outputs: Vec::new() },
            log: Vec::new(),
            progress: Vec::new(),
            ignores_term: false,
        }
    }
}

type Play = Box<dyn Fn(&TaskRequest) -> Script + Send + Sync>;

/// Plays a [`Script`] per attempt on one thread of its own; keeps to its slots.
pub struct NullExecutor {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

struct Shared {
    slots: u32,
    play: Play,
    sink: OnceLock<Arc<dyn EventSink>>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    attempts: HashMap<AttemptId, Attempt>,
    queue: VecDeque<AttemptId>,
    /// By the moment of the end; the number keeps those of one moment apart.
    running: BTreeMap<(Instant, u64), AttemptId>,
    used_slots: u32,
    count: u64,
    events: Vec<Event>,
    shut_down: bool,
}

struct Attempt {
    status: AttemptStatus,
    slots: u32,
    script: Option<Script>,
    log: Vec<u8>,
}

impl NullExecutor {
    /// Every attempt succeeds after `delay`, without outputs.
    pub fn new(slots: u32, delay: Duration) -> NullExecutor {
        NullExecutor::scripted(slots, move |_| Script { delay, ..Script::nothing() })
    }

    pub fn scripted(slots: u32, play: impl Fn(&TaskRequest) -> Script + Send + Sync + 'static) -> NullExecutor {
        let shared = Arc::new(Shared {
            slots: slots.max(1),
            play: Box::new(play),
            sink: OnceLock::new(),
            state: Mutex::default(),
            changed: Condvar::new(),
        });
        let for_thread = Arc::clone(&shared);
        let thread = std::thread::spawn(move || for_thread.run());
        NullExecutor { shared, thread: Mutex::new(Some(thread)) }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        let mut state = self.lock();
        loop {
            state.end_due(Instant::now());
            state.begin_queued(self.slots);
            if !state.events.is_empty() {
                let events = std::mem::take(&mut state.events);
                drop(state);
                for event in events {
                    if let Some(sink) = self.sink.get() {
                        sink.event(event);
                    }
                }
                state = self.lock();
                continue;
            }
            if state.shut_down {
                return;
            }
            let wait = state.running.keys().next().map(|(at, _)| at.saturating_duration_since(Instant::now()));
            state = match wait {
                Some(wait) => self.changed.wait_timeout(state, wait).map_or_else(|e| e.into_inner().0, |(s, _)| s),
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }
}

impl State {
    fn begin_queued(&mut self, slots: u32) {
        while let Some(&id) = self.queue.front() {
            let Some(attempt) = self.attempts.get_mut(&id).filter(|a| a.status == AttemptStatus::Queued) else {
                self.queue.pop_front();
                continue;
            };
            if self.used_slots + attempt.slots > slots {
                return;
            }
            self.queue.pop_front();
            let Some(script) = &attempt.script else { continue };
            self.used_slots += attempt.slots;
            attempt.status = AttemptStatus::Running;
            attempt.log.clone_from(&script.log);
            self.events.push(Event::Started { attempt: id, worker: "null".into() });
            let told = script.progress.iter().cloned();
            self.events.extend(told.map(|(fraction, message)| Event::Progress { attempt: id, fraction, message }));
            self.count += 1;
            self.running.insert((Instant::now() + script.delay, self.count), id);
        }
    }

    fn end_due(&mut self, now: Instant) {
        while let Some(entry) = self.running.first_entry().filter(|entry| entry.key().0 <= now) {
            let id = entry.remove();
            let outcome = self.attempts.get_mut(&id).and_then(|a| a.script.take()).map(|script| script.outcome);
            self.end(id, outcome.unwrap_or(Outcome::Lost));
        }
    }

    fn end(&mut self, id: AttemptId, outcome: Outcome) {
        let Some(attempt) = self.attempts.get_mut(&id) else { return };
        if attempt.status == AttemptStatus::Running {
            self.used_slots -= attempt.slots;
        }
        attempt.status = AttemptStatus::Finished;
        attempt.script = None;
        let log = LogRange { file: 0, start: 0, end: attempt.log.len() as u64 };
        self.events.push(Event::Finished { attempt: id, outcome, usage: Usage { log, ..Usage::default() } });
    }

    fn stop(&mut self, id: &AttemptId, grace: Duration) {
        let Some(attempt) = self.attempts.get_mut(id) else { return };
        match attempt.status {
            AttemptStatus::Queued => self.end(*id, Outcome::Stopped),
            AttemptStatus::Running => {
                let Some(script) = attempt.script.as_mut() else { return };
                if script.ignores_term && !grace.is_zero() {
                    script.outcome = Outcome::Stopped;
                    let Some(key) = self.running.iter().find(|(_, running)| *running == id).map(|(key, _)| *key) else {
                        return;
                    };
                    self.running.remove(&key);
                    self.running.insert((key.0.min(Instant::now() + grace), key.1), *id);
                } else {
                    self.running.retain(|_, running| running != id);
                    self.end(*id, Outcome::Stopped);
                }
            }
            AttemptStatus::Finished | AttemptStatus::Unknown => {}
        }
    }
}

impl Executor for NullExecutor {
    fn name(&self) -> &str {
        "null"
    }

    fn slots(&self) -> u32 {
        self.shared.slots
    }

    fn attach(&self, sink: Arc<dyn EventSink>) {
        // The contract calls it once; a second sink is not taken.
        let _ = self.shared.sink.set(sink);
    }

    fn start(&self, task: Box<TaskRequest>) -> Result<(), StartError> {
        let script = (self.shared.play)(&task);
        let mut state = self.shared.lock();
        if state.shut_down {
            return Err(StartError::ShutDown);
        }
        if let Entry::Vacant(place) = state.attempts.entry(task.attempt) {
            let slots = task.limits.cpu_slots.clamp(1, self.shared.slots);
            place.insert(Attempt { status: AttemptStatus::Queued, slots, script: Some(script), log: Vec::new() });
            state.queue.push_back(task.attempt);
            self.shared.changed.notify_one();
        }
        Ok(())
    }

    fn stop(&self, attempt: &AttemptId, grace: Duration) {
        self.shared.lock().stop(attempt, grace);
        self.shared.changed.notify_one();
    }

    fn status(&self, attempt: &AttemptId) -> AttemptStatus {
        self.shared.lock().attempts.get(attempt).map_or(AttemptStatus::Unknown, |attempt| attempt.status)
    }

    fn logs(&self, attempt: &AttemptId, offset: u64, limit: usize) -> Result<Vec<u8>, LogError> {
        let state = self.shared.lock();
        let log = &state.attempts.get(attempt).ok_or(LogError::UnknownAttempt)?.log;
        let from = usize::try_from(offset).unwrap_or(usize::MAX).min(log.len());
        Ok(log[from..].iter().copied().take(limit.min(MAX_LOG_READ_BYTES)).collect())
    }

    fn shutdown(&self) {
        {
            let mut state = self.shared.lock();
            state.shut_down = true;
            let open: Vec<AttemptId> = std::mem::take(&mut state.queue)
                .into_iter()
                .filter(|id| state.attempts.get(id).is_some_and(|a| a.status == AttemptStatus::Queued))
                .collect();
            let running: Vec<AttemptId> = std::mem::take(&mut state.running).into_values().collect();
            for id in open.into_iter().chain(running) {
                state.end(id, Outcome::Lost);
            }
            self.shared.changed.notify_one();
        }
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread.filter(|thread| thread.thread().id() != std::thread::current().id()) {
            // A sink that panicked has ended the thread already.
            let _ = thread.join();
        }
    }
}

impl Drop for NullExecutor {
    fn drop(&mut self) {
        self.shutdown();
    }
}

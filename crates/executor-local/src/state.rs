//! What the executor knows: attempts, workers, the zygote; and the events not yet told.

use crate::LocalOptions;
use crate::locality::Locality;
use crate::memory::Guard;
use crate::worker::Worker;
use crate::zygote::{SpawnOrder, Zygote};
use rustix::fd::OwnedFd;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::ThreadId;
use std::time::Instant;
use suanzi_executor::{AttemptId, Event, EventSink, LogRange, Outcome, TaskRequest, Usage};

/// Finished attempts whose status and log range are remembered here.
pub(crate) const MAX_FINISHED_KEPT: usize = 65_536;

pub(crate) struct Core {
    state: Mutex<State>,
    pub sink: OnceLock<Arc<dyn EventSink>>,
    pub slots: u32,
    pub memory_bytes: u64,
    wake: OwnedFd,
    pub io_thread: OnceLock<ThreadId>,
}

pub(crate) enum Phase {
    Queued(Box<TaskRequest>),
    Running(u64),
    Finished(LogRange),
}

/// An attempt on a worker.
pub(crate) struct Running {
    pub attempt: AttemptId,
    pub request: Box<TaskRequest>,
    /// Names it on the worker's connection.
    pub task: u64,
    pub since: Instant,
    /// Where its log begins.
    pub log_start: u64,
    pub seen_rss_bytes: u64,
}

pub(crate) struct State {
    pub options: LocalOptions,
    pub slots: u32,
    pub epoll: OwnedFd,
    pub attempts: HashMap<AttemptId, Phase>,
    /// Queued attempts, oldest first; may still name ones that were stopped.
    pub queue: VecDeque<AttemptId>,
    finished: VecDeque<AttemptId>,
    pub workers: BTreeMap<u64, Worker>,
    /// Idle workers, the last used at the end.
    pub idle: Vec<u64>,
    /// Cpu slots of running attempts.
    pub used_slots: u32,
    pub zygote: Option<Zygote>,
    pub zygote_generation: u64,
    /// In a row, with no worker ready between them.
    pub zygote_deaths: u32,
    /// Workers that ended before they were ready, in a row.
    pub stillborn: u32,
    /// Hash of the `suanzi` package as the zygote has it, once a task told.
    pub own_code: Option<String>,
    pub spawner: Option<Sender<SpawnOrder>>,
    pub next_worker: u64,
    pub next_log: u64,
    pub next_task: u64,
    pub locality: Locality,
    pub events: Vec<Event>,
    pub shutting_down: bool,
    /// A wake-up is on its way to the IO thread.
    pub woken: bool,
    /// Reused for encoding frames.
    pub scratch: Vec<u8>,
    pub next_tick: Option<Instant>,
    pub memory: Guard,
}

impl Core {
    pub fn new(state: State, wake: OwnedFd) -> Core {
        let (slots, memory_bytes) = (state.slots, state.memory.budget_bytes);
        Core { state: Mutex::new(state), sink: OnceLock::new(), slots, memory_bytes, wake, io_thread: OnceLock::new() }
    }

    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn is_io_thread(&self) -> bool {
        self.io_thread.get() == Some(&std::thread::current().id())
    }

    /// Makes the IO thread look at events and deadlines. Not needed on that thread itself: it looks before it waits.
    pub fn wake(&self, state: &mut State) {
        if !state.woken && !self.is_io_thread() {
            state.woken = true;
            // The counter can't overflow: it is drained at each wake-up.
            let _ = rustix::io::write(&self.wake, &1u64.to_ne_bytes());
        }
    }

    pub fn wake_for_events(&self, state: &mut State) {
        if !state.events.is_empty() {
            self.wake(state);
        }
    }

    pub fn drain_wake(&self) {
        let mut count = [0; 8];
        let _ = rustix::io::read(&self.wake, &mut count);
        self.lock().woken = false;
    }
}

impl State {
    pub fn new(options: LocalOptions, epoll: OwnedFd, next_log: u64, spawner: Sender<SpawnOrder>) -> State {
        State {
            slots: options.workers.max(1),
            memory: Guard::new(options.memory_bytes, options.ledger.clone()),
            options,
            epoll,
            attempts: HashMap::new(),
            queue: VecDeque::new(),
            finished: VecDeque::new(),
            workers: BTreeMap::new(),
            idle: Vec::new(),
            used_slots: 0,
            zygote: None,
            zygote_generation: 0,
            zygote_deaths: 0,
            stillborn: 0,
            own_code: None,
            spawner: Some(spawner),
            next_worker: 1,
            next_log,
            next_task: 1,
            locality: Locality::default(),
            events: Vec::new(),
            shutting_down: false,
            woken: false,
            scratch: Vec::new(),
            next_tick: None,
        }
    }

    /// Cpu slots that an attempt takes.
    pub fn slots_of(&self, request: &TaskRequest) -> u32 {
        request.limits.cpu_slots.clamp(1, self.slots)
    }

    /// Tells the end of an attempt that is queued or running, and remembers where its log lies.
    pub fn finish(&mut self, attempt: AttemptId, outcome: Outcome, usage: Usage) {
        self.attempts.insert(attempt, Phase::Finished(usage.log));
        self.finished.push_back(attempt);
        if self.finished.len() > MAX_FINISHED_KEPT
            && let Some(oldest) = self.finished.pop_front()
        {
            self.attempts.remove(&oldest);
        }
        self.events.push(Event::Finished { attempt, outcome, usage });
    }
}

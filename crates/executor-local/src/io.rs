//! The IO thread: waits for sockets, processes and deadlines, and tells the sink.

use crate::LocalOptions;
use crate::logs;
use crate::outcome::{Exit, Verdict};
use crate::room::Room;
use crate::state::{Core, Phase, State};
use crate::worker::Activity;
use crate::zygote;
use rustix::event::{EventfdFlags, Timespec, epoll};
use rustix::fd::AsFd;
use rustix::io::Errno;
use rustix::process::Pid;
use std::io;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Instant;
use suanzi_executor::wire;
use suanzi_executor::{Event, Failure, FailureKind, Location, LogRange, Outcome, OutputValue, TaskRequest, Usage};
use suanzi_protocol::{FrameError, FromWorker, Output, decode};

/// Why a worker retires that was forked without scikit-learn and imported it for itself (`worker/task.py`).
const IMPORTED_SKLEARN: &str = "scikit-learn was imported";
const MAX_EVENTS: usize = 64;
const WAKE: u64 = u64::MAX;

/// What an epoll token's number counts.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Worker = 0,
    /// The process of a worker whose zygote is gone.
    Orphan = 1,
    Zygote = 2,
    ZygoteProcess = 3,
}

pub(crate) fn token(number: u64, kind: Kind) -> u64 {
    number << 2 | kind as u64
}

/// Makes the kernel objects and starts the two threads.
pub(crate) fn begin(options: LocalOptions) -> io::Result<(Arc<Core>, Vec<JoinHandle<()>>)> {
    std::fs::create_dir_all(&options.log_dir)?;
    if let Some(isolation) = &options.isolation {
        clear(&isolation.work)?;
    }
    let next_log = logs::next_number(&options.log_dir)?;
    let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    let wake = rustix::event::eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
    epoll::add(&epoll, &wake, epoll::EventData::new_u64(WAKE), epoll::EventFlags::IN)?;
    let (orders, inbox) = mpsc::channel();
    let waiting = epoll.try_clone()?;
    let core = Arc::new(Core::new(State::new(options.clone(), epoll, next_log, orders), wake));
    let (for_spawner, for_io) = (Arc::clone(&core), Arc::clone(&core));
    let spawner = std::thread::Builder::new()
        .name("suanzi-spawner".into())
        .spawn(move || zygote::spawn_on_order(&for_spawner, &options, &inbox))?;
    let to_unpark = spawner.thread().clone();
    let io = std::thread::Builder::new().name("suanzi-workers".into()).spawn(move || {
        run(&for_io, &waiting);
        to_unpark.unpark();
    });
    match io {
        Ok(io) => Ok((core, vec![io, spawner])),
        Err(error) => {
            core.lock().spawner = None;
            Err(error)
        }
    }
}

/// What workers of an engine that was killed left behind.
fn clear(work: &std::path::Path) -> io::Result<()> {
    match std::fs::remove_dir_all(work) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => std::fs::create_dir_all(work),
    }
}

fn run(core: &Core, epoll: &impl AsFd) {
    let _ = core.io_thread.set(std::thread::current().id());
    let mut ready: Vec<epoll::Event> = Vec::with_capacity(MAX_EVENTS);
    let mut events = Vec::new();
    loop {
        deliver(core, &mut events);
        let now = Instant::now();
        let wait = {
            let mut state = core.lock();
            if state.shutting_down && state.workers.is_empty() && state.zygote.is_none() && state.events.is_empty() {
                return;
            }
            state.run_deadlines(now);
            state.run_tick(now);
            state.run_memory_look(now);
            state.plan_tick(now);
            state.next_deadline().map(|at| at.saturating_duration_since(now))
        };
        let wait = wait.map(|wait| Timespec { tv_sec: wait.as_secs() as i64, tv_nsec: wait.subsec_nanos().into() });
        ready.clear();
        match epoll::wait(epoll, rustix::buffer::spare_capacity(&mut ready), wait.as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => unreachable!("epoll_wait on an own descriptor: {error}"),
        }
        for event in &ready {
            let token = event.data.u64();
            if token == WAKE {
                core.drain_wake();
            } else {
                core.lock().readable(token, event.flags);
            }
            deliver(core, &mut events);
        }
    }
}

/// Tells the sink all that happened, in order, with no lock held.
fn deliver(core: &Core, events: &mut Vec<Event>) {
    loop {
        std::mem::swap(events, &mut core.lock().events);
        if events.is_empty() {
            return;
        }
        for event in events.drain(..) {
            if let Some(sink) = core.sink.get() {
                sink.event(event);
            }
        }
    }
}

/// A worker's word for its outputs, as far as it holds.
fn taken(task: &TaskRequest, room: Option<&Room>, outputs: Vec<Output>) -> Result<Vec<OutputValue>, String> {
    match room {
        Some(room) => room.accept(task, outputs),
        None => wire::outputs(task, outputs),
    }
}

enum Read {
    Some,
    Nothing,
    Closed,
}

impl State {
    fn readable(&mut self, token: u64, flags: epoll::EventFlags) {
        let number = token >> 2;
        match token & 3 {
            kind if kind == Kind::Worker as u64 => {
                if flags.contains(epoll::EventFlags::OUT)
                    && let Some(worker) = self.workers.get_mut(&number)
                    && worker.flush(&self.epoll, token).is_err()
                {
                    self.worker_closed(number);
                }
                if flags.intersects(epoll::EventFlags::IN | epoll::EventFlags::HUP | epoll::EventFlags::ERR)
                    && matches!(self.read_worker(number), Read::Closed)
                {
                    self.worker_closed(number);
                }
            }
            kind if kind == Kind::Orphan as u64 => self.worker_gone(number, Exit::Unknown),
            kind if kind == Kind::Zygote as u64 => self.zygote_readable(number),
            _ => self.zygote_gone(number),
        }
    }

    /// Reads once and handles the whole frames.
    fn read_worker(&mut self, number: u64) -> Read {
        let Some(worker) = self.workers.get_mut(&number) else { return Read::Nothing };
        let count = match rustix::io::read(&worker.socket, worker.input.space()) {
            Ok(0) => return Read::Closed,
            Ok(count) => count,
            Err(Errno::AGAIN | Errno::INTR) => return Read::Nothing,
            Err(_) => return Read::Closed,
        };
        worker.input.filled(count);
        loop {
            let Some(worker) = self.workers.get_mut(&number) else { return Read::Nothing };
            let frame = match worker.input.next_frame() {
                Ok(None) => return Read::Some,
                Ok(Some(body)) => decode::<FromWorker>(body),
                Err(error) => Err(error),
            };
            match frame {
                Ok(frame) => self.worker_frame(number, frame),
                Err(error) => {
                    self.broken(number, &error);
                    return Read::Closed;
                }
            }
        }
    }

    fn broken(&mut self, number: u64, error: &FrameError) {
        self.condemn(number, Verdict::Protocol(error.to_string()));
    }

    fn worker_frame(&mut self, number: u64, frame: FromWorker) {
        let Some(worker) = self.workers.get_mut(&number) else { return };
        let running = match &worker.activity {
            Activity::Busy(running) => Some((running.attempt, running.task)),
            _ => None,
        };
        match (frame, running) {
            (FromWorker::Ready { pid }, None) if matches!(worker.activity, Activity::Forking) => {
                worker.pid = worker.pid.or(Pid::from_raw(pid));
                worker.base_bytes = crate::watch::own_memory(pid).unwrap_or(0);
                worker.kill_at = None;
                worker.was_ready = true;
                self.zygote_works();
                self.release(number);
                self.pump();
            }
            (FromWorker::Progress { id, fraction, message }, Some((attempt, task))) if id == task => {
                self.events.push(Event::Progress { attempt, fraction, message });
            }
            (FromWorker::Metric { id, name, value, step }, Some((attempt, task))) if id == task => {
                self.events.push(Event::Metric { attempt, name, step, value });
            }
            (FromWorker::Result { id, outputs, usage, retire }, Some((_, task))) if id == task => {
                self.completed(number, usage, retire, |request, room| match taken(request, room, outputs) {
                    Ok(outputs) => Outcome::Success { outputs },
                    Err(message) => {
                        Outcome::Failed(Failure { kind: FailureKind::BadOutput, message, hint: None, traceback: None })
                    }
                });
            }
            (FromWorker::Failed { id, kind, message, hint, traceback, usage, retire }, Some((_, task)))
                if id == task =>
            {
                let kind = wire::failure_kind(kind);
                let failure = Failure { kind, message, hint, traceback };
                self.completed(number, usage, retire, |_, _| Outcome::Failed(failure));
            }
            _ => self.condemn(number, Verdict::Protocol("a frame that doesn't belong to the running task".into())),
        }
    }

    fn completed(
        &mut self,
        number: u64,
        usage: suanzi_protocol::Usage,
        retire: Option<String>,
        outcome: impl FnOnce(&TaskRequest, Option<&Room>) -> Outcome,
    ) {
        let Some(worker) = self.workers.get_mut(&number) else { return };
        let Activity::Busy(running) = std::mem::replace(&mut worker.activity, Activity::Leaving) else { return };
        worker.log_end = usage.log_end;
        let usage = wire::usage(usage, worker.log_number);
        let stopped = worker.verdict == Some(Verdict::Stopped);
        let outcome = match outcome(&running.request, worker.room.as_ref()) {
            // Its code answered TERM with an exception.
            Outcome::Failed(_) if stopped => Outcome::Stopped,
            outcome => outcome,
        };
        if let Some(room) = &worker.room {
            room.tidy();
        }
        self.used_slots -= self.slots_of(&running.request);
        if let Outcome::Success { outputs } = &outcome {
            for output in outputs {
                if let Location::Path(path) = &output.at {
                    self.locality.note(path, number);
                }
            }
        }
        self.finish(running.attempt, outcome, usage);
        if retire.is_some() {
            if retire.as_deref() == Some(IMPORTED_SKLEARN) {
                // The code did what its source didn't show: the next of its kind need not.
                self.want_sklearn();
            }
            self.retire(number);
        } else {
            self.release(number);
        }
        self.pump();
    }

    /// Its control socket is closed: it is exiting, or its code closed the socket.
    fn worker_closed(&mut self, number: u64) {
        let Some(worker) = self.workers.get_mut(&number) else { return };
        // Level-triggered: a closed socket would be reported for ever.
        let _ = epoll::delete(&self.epoll, &worker.socket);
        worker.kill_at.get_or_insert(Instant::now() + crate::stop::CLOSED_GRACE);
        if !matches!(worker.activity, Activity::Busy(_)) {
            worker.activity = Activity::Leaving;
            self.idle.retain(|idle| *idle != number);
        }
    }

    /// The process is gone, and with it its group: what it sent last is read, then its attempt, if any, is finished.
    pub fn worker_gone(&mut self, number: u64, exit: Exit) {
        while matches!(self.read_worker(number), Read::Some) {}
        self.idle.retain(|idle| *idle != number);
        let Some(worker) = self.workers.remove(&number) else { return };
        if let Activity::Busy(running) = &worker.activity {
            self.used_slots -= self.slots_of(&running.request);
            let log = LogRange {
                file: worker.log_number,
                start: running.log_start,
                end: worker.log_size().max(running.log_start),
            };
            let wall_us = running.since.elapsed().as_micros() as u64;
            let usage = Usage { wall_us, cpu_us: 0, peak_rss_bytes: running.seen_rss_bytes, log };
            let outcome = crate::outcome::of_exit(worker.verdict.as_ref(), exit, running);
            self.finish(running.attempt, outcome, usage);
        }
        if !worker.was_ready {
            self.note_stillborn(worker.generation);
        }
        drop(worker);
        self.pump();
    }

    /// Ends every queued attempt with the same failure.
    pub fn fail_queue(&mut self, failure: &Failure) {
        for attempt in std::mem::take(&mut self.queue) {
            if matches!(self.attempts.get(&attempt), Some(Phase::Queued(_))) {
                self.finish(attempt, Outcome::Failed(failure.clone()), Usage::default());
            }
        }
    }
}

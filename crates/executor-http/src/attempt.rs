//! The life of an attempt on a platform: code, task, then its events and log until it has ended.

use crate::breaker::Breaker;
use crate::client::CallError;
use crate::contract::{State, Status, task_name};
use crate::origin::{Origin, call_if_present, call_there, json_there};
use crate::outcome;
use crate::package::{OPERATORS, Package, pack};
use crate::settings::Terms;
use futures_util::future::{Either, select};
use hyper::body::Bytes;
use hyper::{Method, StatusCode};
use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use suanzi_executor::*;
use suanzi_protocol::{FrameBuffer, FromWorker, ToWorker, encode};
use tokio::sync::{Notify, Semaphore, SemaphorePermit};

/// The pause after a failed call grows up to this.
const MAX_PAUSE: Duration = Duration::from_secs(2);
/// A question may cost the platform the start of something.
const MAX_PROBE_PAUSE: Duration = Duration::from_secs(60);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// How long a platform may hold back an answer that has nothing new.
const WAIT_MS: u64 = 500;
/// Between answers of a platform that doesn't hold them back.
const POLL_PAUSE: Duration = Duration::from_millis(10);
/// After the grace of a stop, a platform that can't be reached is waited for no longer than this.
const STOP_PATIENCE: Duration = Duration::from_secs(10);
/// After so many contradictions in a row, some five seconds, the attempt fails: the platform is there, so there is nothing to wait for.
const MAX_CONTRADICTIONS: u32 = 8;
/// Of the log, before the task is asked for again: a log without end must not keep a stop waiting.
const LOG_PIECES_A_LOOK: u32 = 64;
const MAX_WORKER_CHARS: usize = 100;

/// Which engine sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    Here,
    /// One before this: it is there already, or was never or is no more.
    Earlier,
}

enum Phase {
    Queued,
    Running,
    Finished,
}

struct Known {
    phase: Phase,
    stopping: bool,
    /// Told when it is to stop while it waits for a slot.
    stop: Arc<Notify>,
    /// When to give up a stop that nobody confirms.
    give_up: Option<Instant>,
    log: Option<u64>,
}

/// What the callers' threads and the executor's own share.
pub struct Shared {
    pub terms: Terms,
    pub origin: Box<dyn Origin>,
    pub sink: OnceLock<Arc<dyn EventSink>>,
    pub ending: AtomicBool,
    slots: Semaphore,
    breaker: Breaker,
    opened: Notify,
    attempts: Mutex<HashMap<AttemptId, Known>>,
    /// By code hash and directory of the user's operators.
    packages: Mutex<HashMap<(String, Option<PathBuf>), Package>>,
}

impl Shared {
    pub fn new(terms: Terms, origin: Box<dyn Origin>) -> Shared {
        Shared {
            slots: Semaphore::new(terms.slots as usize),
            terms,
            origin,
            sink: OnceLock::new(),
            ending: AtomicBool::new(false),
            breaker: Breaker::default(),
            opened: Notify::new(),
            attempts: Mutex::default(),
            packages: Mutex::default(),
        }
    }

    fn attempts(&self) -> MutexGuard<'_, HashMap<AttemptId, Known>> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// False when it is known already.
    pub fn accept(&self, id: AttemptId) -> bool {
        let mut attempts = self.attempts();
        let fresh = !attempts.contains_key(&id);
        attempts.entry(id).or_insert(Known {
            phase: Phase::Queued,
            stopping: false,
            stop: Arc::default(),
            give_up: None,
            log: None,
        });
        fresh
    }

    /// False when there is nothing to stop.
    pub fn ask_to_stop(&self, id: &AttemptId) -> bool {
        match self.attempts().get_mut(id) {
            Some(known) if !matches!(known.phase, Phase::Finished) => {
                known.stopping = true;
                known.stop.notify_one();
                true
            }
            _ => false,
        }
    }

    /// Nothing more is told of it. False where it has ended.
    pub fn let_go(&self, id: &AttemptId) -> bool {
        match self.attempts().get_mut(id) {
            Some(known) if !matches!(known.phase, Phase::Finished) => {
                known.phase = Phase::Finished;
                true
            }
            _ => false,
        }
    }

    pub fn status(&self, id: &AttemptId) -> AttemptStatus {
        match self.attempts().get(id).map(|known| &known.phase) {
            None => AttemptStatus::Unknown,
            Some(Phase::Queued) => AttemptStatus::Queued,
            Some(Phase::Running) => AttemptStatus::Running,
            Some(Phase::Finished) => AttemptStatus::Finished,
        }
    }

    /// Why no work is sent now.
    pub fn waits(&self) -> Option<String> {
        self.breaker.why()
    }

    pub fn log_file(&self, id: &AttemptId) -> Result<Option<u64>, LogError> {
        self.attempts().get(id).map(|known| known.log).ok_or(LogError::UnknownAttempt)
    }

    /// At the end: whatever has no result has none.
    pub fn lose_all(&self) {
        for id in self.open() {
            self.finish(id, Outcome::Lost, Usage::default());
        }
    }

    fn open(&self) -> Vec<AttemptId> {
        let attempts = self.attempts();
        attempts.iter().filter(|(_, known)| !matches!(known.phase, Phase::Finished)).map(|(id, _)| *id).collect()
    }

    /// Waits until there is room for the task; none if it is stopped before.
    async fn slot(&self, task: &TaskRequest) -> Option<SemaphorePermit<'_>> {
        let stop = self.attempts().get(&task.attempt).map(|known| known.stop.clone())?;
        let (room, stopped) = (self.slots.acquire_many(self.needed(task)), stop.notified());
        match select(std::pin::pin!(room), std::pin::pin!(stopped)).await {
            Either::Left((permit, _)) => permit.ok(),
            Either::Right(_) => None,
        }
    }

    fn needed(&self, task: &TaskRequest) -> u32 {
        task.limits.cpu_slots.clamp(1, self.terms.slots.max(1))
    }

    fn stopping(&self, id: &AttemptId) -> bool {
        self.attempts().get(id).is_some_and(|known| known.stopping)
    }

    fn gives_up(&self, id: &AttemptId) -> bool {
        self.attempts().get(id).and_then(|known| known.give_up).is_some_and(|at| Instant::now() >= at)
    }

    fn tell(&self, event: Event) {
        if let Some(sink) = self.sink.get() {
            sink.event(event);
        }
    }

    /// Exactly one end for each attempt.
    fn finish(&self, attempt: AttemptId, outcome: Outcome, usage: Usage) {
        match self.attempts().get_mut(&attempt) {
            Some(known) if !matches!(known.phase, Phase::Finished) => known.phase = Phase::Finished,
            _ => return,
        }
        self.tell(Event::Finished { attempt, outcome, usage });
    }

    /// Takes note of how a call went: the platform's slots are taken back while it fails, and given again.
    fn heed<T>(&self, answer: Result<T, CallError>) -> Result<T, CallError> {
        match &answer {
            Err(error) if error.is_fault() => {
                // Made of several answers, of which none alone was one.
                if matches!(error, CallError::Contradiction(_))
                    && let Some(target) = self.origin.present()
                {
                    self.origin.missed(&target);
                }
                let why = || format!("{} {error}", self.origin.shown());
                if let Some(why) = self.breaker.failed(why) {
                    (self.terms.tell)(&format!("executor {}: work waits: {why}", self.terms.name));
                    self.tell(Event::Capacity { slots: 0 });
                    self.opened.notify_one();
                }
            }
            _ => {
                if self.breaker.answered() {
                    (self.terms.tell)(&format!("executor {}: the platform answers again", self.terms.name));
                    self.tell(Event::Capacity { slots: self.terms.slots });
                }
            }
        }
        answer
    }

    async fn call(&self, method: Method, at: &str, body: Bytes) -> Result<Bytes, CallError> {
        self.heed(call_there(self.origin.as_ref(), method, at, body).await)
    }

    fn package(&self, code: &CodeRef) -> std::io::Result<Package> {
        let mut packages = self.packages.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (code.code_hash.clone(), code.dir.clone());
        if let Some(package) = packages.get(&key) {
            return Ok(package.clone());
        }
        let package = pack(&self.terms.package, code.dir.as_deref())?;
        packages.insert(key, package.clone());
        Ok(package)
    }
}

/// From its start to its one end.
pub async fn live(shared: Arc<Shared>, task: Box<TaskRequest>, begun: Begun) {
    let id = task.attempt;
    let slot = match begun {
        Begun::Here => match shared.slot(&task).await {
            Some(slot) => Some(slot),
            None => return shared.finish(id, Outcome::Stopped, Usage::default()),
        },
        // It takes its place there already, whether or not there is one to be had here.
        Begun::Earlier => shared.slots.try_acquire_many(shared.needed(&task)).ok(),
    };
    let (outcome, usage) = match run(&shared, &task, begun).await {
        Ok(end) => end,
        Err(outcome) => (outcome, Usage::default()),
    };
    shared.finish(id, outcome, usage);
    drop(slot);
    if !shared.origin.outlives() {
        forget(shared, id).await;
    }
}

/// The platform may forget it; where that fails, it forgets by itself in time.
pub async fn forget(shared: Arc<Shared>, id: AttemptId) {
    let at = format!("/v1/tasks/{}", task_name(&id));
    let _ = call_if_present(shared.origin.as_ref(), Method::DELETE, &at).await;
}

async fn run(shared: &Shared, task: &TaskRequest, begun: Begun) -> Result<(Outcome, Usage), Outcome> {
    let storage = |error: std::io::Error| outcome::failed(FailureKind::Storage, error.to_string(), None);
    let (number, file) = log_copy::create(&shared.terms.log_dir).map_err(storage)?;
    if let Some(known) = shared.attempts().get_mut(&task.attempt) {
        known.log = Some(number);
    }
    if begun == Begun::Here {
        let package = shared.package(&task.code).map_err(storage)?;
        submit(shared, task, &package).await?;
    }
    Watch::new(shared, task, number, file).follow().await
}

async fn submit(shared: &Shared, task: &TaskRequest, package: &Package) -> Result<(), Outcome> {
    let mut frame = wire::task_frame(1, task);
    if let ToWorker::Task(task) = &mut frame
        && task.dir.is_some()
    {
        task.dir = Some(OPERATORS.into()); // below the package, wherever the platform unpacked it
    }
    let mut body = Vec::new();
    encode(&frame, &mut body).map_err(|e| outcome::failed(FailureKind::Protocol, e.to_string(), None))?;
    let body = Bytes::from(body);
    let at = task_address(task, package);
    let Some(stop) = shared.attempts().get(&task.attempt).map(|known| known.stop.clone()) else {
        return Err(Outcome::Lost);
    };
    let (mut pause, mut contradictions) = (FIRST_PAUSE, 0);
    loop {
        if shared.stopping(&task.attempt) {
            return Err(Outcome::Stopped);
        }
        let sent = std::pin::pin!(bring(shared, &at, &body, package));
        let answer = match select(sent, std::pin::pin!(stop.notified())).await {
            Either::Left((answer, _)) => answer,
            Either::Right(_) => continue, // if it began all the same, it is ended when it is forgotten
        };
        match shared.heed(answer) {
            Ok(()) => return Ok(()),
            Err(error) if error.is_refusal() => {
                let message = format!("the platform {} refused it: {error}", shared.terms.name);
                return Err(outcome::failed(FailureKind::Refused, message, None));
            }
            Err(error) => {
                contradictions = counted(contradictions, &error);
                if contradictions >= MAX_CONTRADICTIONS {
                    return Err(contradicts_itself(shared, &error));
                }
                tokio::time::sleep(pause).await;
            }
        }
        pause = (pause * 2).min(MAX_PAUSE);
    }
}

/// Contradictions in a row.
fn counted(before: u32, error: &CallError) -> u32 {
    if matches!(error, CallError::Contradiction(_)) { before + 1 } else { 0 }
}

fn contradicts_itself(shared: &Shared, error: &CallError) -> Outcome {
    let message = format!("the platform {} {error} ({MAX_CONTRADICTIONS} times in a row)", shared.terms.name);
    outcome::failed(FailureKind::Protocol, message, Some("the contract is in docs/guide/connect-your-platform.md"))
}

/// Brings the task, and its code where the platform doesn't have it yet.
async fn bring(shared: &Shared, at: &str, body: &Bytes, package: &Package) -> Result<(), CallError> {
    let put = |at: String, body: Bytes| async move {
        match call_there(shared.origin.as_ref(), Method::PUT, &at, body).await {
            Err(error) if error.is(StatusCode::NOT_FOUND) => Ok(false),
            answer => answer.map(|_| true),
        }
    };
    if put(at.to_owned(), body.clone()).await? {
        return Ok(());
    }
    if !put(format!("/v1/code/{}", package.hash), package.archive.clone()).await? {
        return Err(CallError::Contradiction("it has neither the task's code nor a place for it"));
    }
    if !put(at.to_owned(), body.clone()).await? {
        return Err(CallError::Contradiction("it took the task's code and says that it doesn't have it"));
    }
    Ok(())
}

fn task_address(task: &TaskRequest, package: &Package) -> String {
    let (name, code, slots) = (task_name(&task.attempt), &package.hash, task.limits.cpu_slots.max(1));
    let mut at = format!("/v1/tasks/{name}?code={code}&cpu_slots={slots}");
    if let Some(bytes) = task.limits.memory_bytes {
        at.push_str(&format!("&memory_bytes={bytes}"));
    }
    for (name, amount) in &task.resources {
        at.push_str(&format!("&resource={}:{amount}", escaped(name)));
    }
    at
}

/// As it may stand in a query.
fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

struct Watch<'a> {
    shared: &'a Shared,
    task: &'a TaskRequest,
    at: String,
    log_number: u64,
    log: File,
    log_read: u64,
    events_read: u64,
    frames: FrameBuffer,
    end: Option<FromWorker>,
    started: bool,
}

impl<'a> Watch<'a> {
    fn new(shared: &'a Shared, task: &'a TaskRequest, log_number: u64, log: File) -> Watch<'a> {
        let at = format!("/v1/tasks/{}", task_name(&task.attempt));
        let frames = FrameBuffer::new();
        Watch { shared, task, at, log_number, log, log_read: 0, events_read: 0, frames, end: None, started: false }
    }

    async fn follow(mut self) -> Result<(Outcome, Usage), Outcome> {
        let id = self.task.attempt;
        let (mut pause, mut contradictions) = (FIRST_PAUSE, 0);
        loop {
            let looked = match self.look().await {
                Err(Trouble::Call(error)) => self.shared.heed(Err(error)).map_err(Trouble::Call),
                Err(broken) => Err(broken),
                Ok(status) => self.shared.heed(Ok(status)).map_err(Trouble::Call),
            };
            match looked {
                Ok(Some(status)) => return Ok(self.ended(&status)),
                Ok(None) if self.shared.gives_up(&id) => return Err(Outcome::Stopped),
                Ok(None) => {
                    (pause, contradictions) = (FIRST_PAUSE, 0);
                    tokio::time::sleep(POLL_PAUSE).await;
                }
                // Accepted and forgotten, or started anew without memory.
                Err(Trouble::Call(error)) if error.is(StatusCode::NOT_FOUND) => {
                    return Err(if self.shared.stopping(&id) { Outcome::Stopped } else { Outcome::Lost });
                }
                Err(Trouble::Call(_)) if self.shared.gives_up(&id) => return Err(Outcome::Stopped),
                Err(Trouble::Call(error)) => {
                    contradictions = counted(contradictions, &error);
                    if contradictions >= MAX_CONTRADICTIONS {
                        return Err(contradicts_itself(self.shared, &error));
                    }
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(MAX_PAUSE);
                }
                Err(Trouble::Final(kind, message)) => return Err(outcome::failed(kind, message, None)),
            }
        }
    }

    /// One look at the task; its status once it has ended and all of it was read.
    async fn look(&mut self) -> Result<Option<Status>, Trouble> {
        let at = format!("{}?wait_ms={WAIT_MS}&log={}&events={}", self.at, self.log_read, self.events_read);
        let status: Status = json_there(self.shared.origin.as_ref(), &at).await?;
        if status.state != State::Queued && !self.started {
            self.started = true;
            if let Some(known) = self.shared.attempts().get_mut(&self.task.attempt) {
                known.phase = Phase::Running;
            }
            let worker = status.worker.as_deref().unwrap_or(&self.shared.terms.name);
            let worker = worker.chars().take(MAX_WORKER_CHARS).collect();
            self.shared.tell(Event::Started { attempt: self.task.attempt, worker });
        }
        let mut pieces = 0;
        while self.log_read < status.log_bytes {
            if pieces == LOG_PIECES_A_LOOK {
                return Ok(None);
            }
            pieces += 1;
            let piece = self.read("log", self.log_read).await?;
            self.log.write_all(&piece).map_err(|e| Trouble::Final(FailureKind::Storage, e.to_string()))?;
            self.log_read += piece.len() as u64;
        }
        while self.events_read < status.event_bytes {
            let piece = self.read("events", self.events_read).await?;
            self.events_read += piece.len() as u64;
            self.take(&piece)?;
        }
        Ok((status.state == State::Ended).then_some(status))
    }

    /// Some bytes of the log or the events, which the status said there are.
    async fn read(&self, what: &str, offset: u64) -> Result<Bytes, CallError> {
        let at = format!("{}/{what}?offset={offset}", self.at);
        let piece = call_there(self.shared.origin.as_ref(), Method::GET, &at, Bytes::new()).await?;
        if piece.is_empty() {
            return Err(CallError::Contradiction("log or events of a task are shorter than it says"));
        }
        Ok(piece)
    }

    fn take(&mut self, mut bytes: &[u8]) -> Result<(), Trouble> {
        let broken = |e: &dyn std::fmt::Display| {
            Trouble::Final(FailureKind::Protocol, format!("its events aren't understood: {e}"))
        };
        while !bytes.is_empty() {
            let space = self.frames.space();
            let count = space.len().min(bytes.len());
            space[..count].copy_from_slice(&bytes[..count]);
            self.frames.filled(count);
            bytes = &bytes[count..];
            while let Some(body) = self.frames.next_frame().map_err(|e| broken(&e))? {
                let attempt = self.task.attempt;
                match suanzi_protocol::decode(body).map_err(|e| broken(&e))? {
                    FromWorker::Progress { fraction, message, .. } => {
                        self.shared.tell(Event::Progress { attempt, fraction, message });
                    }
                    FromWorker::Metric { name, step, value, .. } => {
                        self.shared.tell(Event::Metric { attempt, name, step, value });
                    }
                    FromWorker::Ready { .. } => {}
                    end => self.end = self.end.take().or(Some(end)),
                }
            }
        }
        Ok(())
    }

    fn ended(self, status: &Status) -> (Outcome, Usage) {
        let log = LogRange { file: self.log_number, start: 0, end: self.log_read };
        self.end.and_then(|frame| outcome::of_frame(self.task, frame, log)).unwrap_or_else(|| {
            (outcome::of_exit(self.shared.stopping(&self.task.attempt), status), Usage { log, ..Usage::default() })
        })
    }
}

enum Trouble {
    Call(CallError),
    Final(FailureKind, String),
}

impl From<CallError> for Trouble {
    fn from(error: CallError) -> Trouble {
        Trouble::Call(error)
    }
}

/// Asks the platform to stop a task until it says yes or the attempt has ended.
pub async fn stop(shared: Arc<Shared>, id: AttemptId, grace: Duration) {
    if let Some(known) = shared.attempts().get_mut(&id) {
        known.give_up = Some(Instant::now() + grace + STOP_PATIENCE);
    }
    let at = format!("/v1/tasks/{}/stop?grace_ms={}", task_name(&id), grace.as_millis());
    while shared.status(&id) != AttemptStatus::Finished {
        if shared.heed(call_if_present(shared.origin.as_ref(), Method::POST, &at).await).is_ok() {
            return;
        }
        tokio::time::sleep(FIRST_PAUSE).await;
    }
}

/// While no work is sent, asks from time to time whether the platform is back, unless attempts do: those on their way there may have been stopped meanwhile.
pub async fn probe(shared: Arc<Shared>) {
    loop {
        shared.opened.notified().await;
        let mut pause = MAX_PAUSE;
        while shared.waits().is_some() {
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(MAX_PROBE_PAUSE);
            if shared.waits().is_some() && shared.open().is_empty() {
                // How it went is noted there.
                let _ = shared.call(Method::GET, "/v1/platform", Bytes::new()).await;
            }
        }
    }
}

/// Asks the platform to end and forget all that is open, at once: an engine that starts after this one has nothing to take over.
pub async fn end_all(shared: &Shared) {
    for id in shared.open() {
        let at = format!("/v1/tasks/{}", task_name(&id));
        // It may not be there, or not answer: then the next engine takes it over or hears that it is lost.
        let _ = call_if_present(shared.origin.as_ref(), Method::DELETE, &at).await;
    }
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn names_of_resources_stand_in_an_address() {
        assert_eq!(escaped("fast_disk-1"), "fast_disk-1");
        assert_eq!(escaped("a b&c=d:盘"), "a%20b%26c%3Dd%3A%E7%9B%98");
    }
}

//! The present link: whose attempts these are, what its dag engine has not heard yet, and what is kept for the next one.

use super::held::{Attempts, Held};
use crate::call::Caller;
use crate::door::Refusal;
use crate::secret::Secret;
use crate::wire::{Attach, Callback, OTHER_LINK, Told};
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use suanzi_executor::{AttemptId, Event, Outcome, Usage};

/// A dag engine that was not heard for this long may lose its operator engines to another.
const ABANDONED_AFTER: Duration = Duration::from_secs(30);
const MAX_BATCH: usize = 512;
const MAX_BATCH_BYTES: usize = 8 << 20;
/// While nobody has been heard for [`ABANDONED_AFTER`], progress and figures beyond this are dropped.
const MAX_UNHEARD: usize = 10_000;
/// The same for logs, in bytes.
const MAX_UNHEARD_BYTES: usize = 64 << 20;

pub(super) struct Link {
    pub id: String,
    engine: String,
    began: u64,
    callback: String,
    caller: Arc<Caller>,
    heard: Instant,
    attempts: Attempts,
    /// The number of the first in the queue.
    first: u64,
    queue: VecDeque<Told>,
    queued_bytes: usize,
}

impl Link {
    pub fn new(attach: &Attach, secret: Secret) -> Link {
        Link {
            id: attach.link.clone(),
            engine: attach.engine.clone(),
            began: attach.began,
            callback: attach.callback.clone(),
            caller: Arc::new(Caller::new(&attach.callback, secret)),
            heard: Instant::now(),
            attempts: Attempts::default(),
            first: 0,
            queue: VecDeque::new(),
            queued_bytes: 0,
        }
    }

    fn is_abandoned(&self) -> bool {
        self.heard.elapsed() >= ABANDONED_AFTER
    }

    fn push(&mut self, told: Told) {
        self.queued_bytes += bytes_of(&told);
        self.queue.push_back(told);
    }

    /// The first `count` were heard, or nobody will hear them.
    fn pass(&mut self, count: usize) {
        self.queued_bytes -= self.queue.drain(..count).map(|told| bytes_of(&told)).sum::<usize>();
    }

    /// Whether somebody may still hear it, as far as there is room: ends always have.
    fn has_room(&self, told: &Told) -> bool {
        match told {
            Told::Event(Event::Progress { .. } | Event::Metric { .. }) => {
                self.queue.len() < MAX_UNHEARD || !self.is_abandoned()
            }
            Told::Log { .. } => self.queued_bytes < MAX_UNHEARD_BYTES || !self.is_abandoned(),
            Told::Event(
                Event::Started { .. } | Event::Finished { .. } | Event::Capacity { .. } | Event::Memory { .. },
            )
            | Told::Refused { .. } => true,
        }
    }
}

fn bytes_of(told: &Told) -> usize {
    if let Told::Log { bytes, .. } = told { bytes.len() } else { 0 }
}

#[derive(Default)]
struct State {
    link: Option<Link>,
    closing: bool,
}

#[derive(Default)]
pub(super) struct Links {
    state: Mutex<State>,
    changed: Condvar,
    closed: Condvar,
}

/// Something to be told now.
pub(super) struct Batch {
    pub caller: Arc<Caller>,
    pub callback: Callback,
}

/// What a new link finds.
pub(super) struct Begun {
    /// Of the same dag engine: it says what it takes over.
    pub held: Vec<AttemptId>,
    /// What runs for another.
    pub unwanted: Vec<AttemptId>,
}

/// What an attempt that is taken over is.
pub(super) enum Took {
    Unknown,
    /// This link knows of it already.
    Told,
    Runs,
    /// Its log and its end are still to be told.
    Ended,
}

impl Links {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the old one's place, and what it held if it was of the same dag engine. Errors: who holds it, and lives.
    pub fn begin(&self, mut link: Link) -> Result<Begun, String> {
        let mut state = self.state();
        let mut unwanted = Vec::new();
        if let Some(old) = &mut state.link {
            if old.id == link.id {
                // The same call once more.
                old.heard = Instant::now();
                return Ok(Begun { held: old.attempts.not_told(), unwanted });
            }
            let ours = old.engine == link.engine;
            if !(ours && old.began <= link.began || old.is_abandoned()) {
                return Err(old.callback.clone());
            }
            let attempts = std::mem::take(&mut old.attempts);
            match ours {
                true => link.attempts = attempts.for_another(),
                false => unwanted = attempts.running(),
            }
        }
        let held = link.attempts.not_told();
        state.link = Some(link);
        self.changed.notify_all();
        Ok(Begun { held, unwanted })
    }

    /// Nobody holds it any more; what runs.
    pub fn end(&self) -> Vec<AttemptId> {
        self.state().link.take().map(|old| old.attempts.running()).unwrap_or_default()
    }

    /// Waits until a dag engine was not heard for `keep_for`: who it was, and what runs for it. None at the end.
    pub fn given_up(&self, keep_for: Duration) -> Option<(String, Vec<AttemptId>)> {
        let mut state = self.state();
        while !state.closing {
            let unheard = state.link.as_ref().map_or(Duration::ZERO, |link| link.heard.elapsed());
            if unheard >= keep_for
                && let Some(link) = state.link.take()
            {
                return Some((link.callback, link.attempts.running()));
            }
            let pause = keep_for.saturating_sub(unheard).max(Duration::from_millis(10));
            state = self.closed.wait_timeout(state, pause).map_or_else(|e| e.into_inner().0, |(state, _)| state);
        }
        None
    }

    /// What `work` gives on the present link, if that is `id`.
    fn on<R>(&self, id: &str, work: impl FnOnce(&mut Link) -> R) -> Result<R, Refusal> {
        match &mut self.state().link {
            Some(present) if present.id == id => Ok(work(present)),
            _ => Err((OTHER_LINK, "the link is unknown here".into())),
        }
    }

    /// That `link` is the present one. Its dag engine was heard just now.
    pub fn check(&self, link: &str) -> Result<(), Refusal> {
        self.on(link, |present| present.heard = Instant::now())
    }

    /// What comes of `attempt` is told to `link`; false if it is there already.
    pub fn expect(&self, link: &str, attempt: AttemptId) -> Result<bool, Refusal> {
        self.on(link, |present| present.attempts.insert(attempt))
    }

    /// What comes of `attempt` from now on is told to `link`.
    pub fn take_over(&self, link: &str, attempt: &AttemptId) -> Result<Took, Refusal> {
        let took = self.on(link, |present| {
            let Some(held) = present.attempts.get(attempt) else {
                let (outcome, usage) = (Outcome::Lost, Usage::default());
                present.push(Told::Event(Event::Finished { attempt: *attempt, outcome, usage }));
                return Took::Unknown;
            };
            if std::mem::replace(&mut held.told, true) {
                return Took::Told;
            }
            let took = if held.end.is_some() { Took::Ended } else { Took::Runs };
            if let Some(worker) = held.worker.clone() {
                present.push(Told::Event(Event::Started { attempt: *attempt, worker }));
            }
            took
        });
        self.changed.notify_all();
        took
    }

    /// The end that was kept, to the present link.
    pub fn tell_end_again(&self, attempt: &AttemptId) {
        if let Some(link) = &mut self.state().link
            && let Some(end) = link.attempts.get(attempt).and_then(|held| held.end.clone())
        {
            link.push(end);
        }
        self.changed.notify_all();
    }

    /// Nothing is kept of it; true if it runs.
    pub fn forget_attempt(&self, link: &str, attempt: &AttemptId) -> Result<bool, Refusal> {
        self.on(link, |present| present.attempts.remove(attempt).is_some_and(|held| held.end.is_none()))
    }

    pub fn tells_of(&self, attempt: &AttemptId) -> bool {
        self.state().link.as_mut().and_then(|link| link.attempts.get(attempt)).is_some_and(|held| held.told)
    }

    /// To the present link, if it has begun the attempt or taken it over. Starts and ends are noted for the next one.
    pub fn tell(&self, told: Told) {
        let mut state = self.state();
        let Some(link) = &mut state.link else { return };
        let tells = |held: Option<&mut Held>| held.is_some_and(|held| held.told);
        let wanted = match &told {
            Told::Event(Event::Capacity { .. } | Event::Memory { .. }) => true,
            Told::Event(Event::Finished { attempt, .. }) | Told::Refused { attempt, .. } => {
                link.attempts.ended(attempt, &told)
            }
            Told::Event(Event::Started { attempt, worker }) => link.attempts.get(attempt).is_some_and(|held| {
                held.worker = Some(worker.clone());
                held.told
            }),
            Told::Event(Event::Progress { attempt, .. } | Event::Metric { attempt, .. })
            | Told::Log { attempt, .. } => tells(link.attempts.get(attempt)),
        };
        if wanted && link.has_room(&told) {
            link.push(told);
            self.changed.notify_all();
        }
    }

    /// Waits until there is something to tell. None at the end, once all was told or nobody listens.
    pub fn next(&self) -> Option<Batch> {
        let mut state = self.state();
        loop {
            if let Some(link) = state.link.as_ref().filter(|link| !link.queue.is_empty()) {
                let mut bytes = 0;
                let fits = |told: &&Told| {
                    bytes += bytes_of(told);
                    bytes <= MAX_BATCH_BYTES
                };
                let told: Vec<Told> = link.queue.iter().take(MAX_BATCH).take_while(fits).cloned().collect();
                let callback = Callback { link: link.id.clone(), first: link.first, told };
                return Some(Batch { caller: link.caller.clone(), callback });
            }
            if state.closing {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// All before number `next` has come.
    pub fn heard(&self, id: &str, next: u64) {
        // A link that is gone needs nothing.
        let _ = self.on(id, |link| {
            link.heard = Instant::now();
            let count = next.saturating_sub(link.first).min(link.queue.len() as u64);
            link.pass(count as usize);
            link.first += count;
        });
    }

    /// Its dag engine knows it no more. What it held stays for the next one.
    pub fn forget(&self, id: &str) {
        let _ = self.on(id, |link| link.pass(link.queue.len()));
    }

    /// Waits a while, or until something changes that may matter. True at the end: nothing is tried again.
    pub fn pause(&self, pause: Duration) -> bool {
        let state = self.state();
        if state.closing {
            return true;
        }
        let (state, _) = self
            .changed
            .wait_timeout_while(state, pause, |state| !state.closing)
            .unwrap_or_else(PoisonError::into_inner);
        state.closing
    }

    pub fn close(&self) {
        self.state().closing = true;
        self.changed.notify_all();
        self.closed.notify_all();
    }
}

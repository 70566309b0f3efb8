//! The present link: whose attempts these are, and what its dag engine has not heard yet.

use crate::call::Caller;
use crate::door::Refusal;
use crate::secret::Secret;
use crate::wire::{Attach, Callback, OTHER_LINK, Told};
use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use suanzi_executor::{AttemptId, Event};

/// A dag engine that was not heard for this long may lose its operator engines to another.
const ABANDONED_AFTER: Duration = Duration::from_secs(30);
const MAX_BATCH: usize = 512;
const MAX_BATCH_BYTES: usize = 8 << 20;

pub(super) struct Link {
    pub id: String,
    engine: String,
    callback: String,
    caller: Arc<Caller>,
    heard: Instant,
    attempts: HashSet<AttemptId>,
    /// The number of the first in the queue.
    first: u64,
    queue: VecDeque<Told>,
}

impl Link {
    pub fn new(attach: &Attach, secret: Secret) -> Link {
        Link {
            id: attach.link.clone(),
            engine: attach.engine.clone(),
            callback: attach.callback.clone(),
            caller: Arc::new(Caller::new(&attach.callback, secret)),
            heard: Instant::now(),
            attempts: HashSet::new(),
            first: 0,
            queue: VecDeque::new(),
        }
    }
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
}

/// Something to be told now.
pub(super) struct Batch {
    pub caller: Arc<Caller>,
    pub callback: Callback,
}

impl Links {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the old one's place; gives its attempts. Errors: who holds it, and lives.
    pub fn begin(&self, link: Link) -> Result<Vec<AttemptId>, String> {
        let mut state = self.state();
        if let Some(old) = &mut state.link {
            if old.id == link.id {
                // The same call once more.
                old.heard = Instant::now();
                return Ok(Vec::new());
            }
            if old.engine != link.engine && old.heard.elapsed() < ABANDONED_AFTER {
                return Err(old.callback.clone());
            }
        }
        let old = state.link.replace(link);
        self.changed.notify_all();
        Ok(old.map(|old| old.attempts.into_iter().collect()).unwrap_or_default())
    }

    /// Nobody holds it any more; what was begun.
    pub fn end(&self) -> Vec<AttemptId> {
        self.state().link.take().map(|old| old.attempts.into_iter().collect()).unwrap_or_default()
    }

    /// That `link` is the present one. Its dag engine was heard just now.
    pub fn check(&self, link: &str) -> Result<(), Refusal> {
        match &mut self.state().link {
            Some(present) if present.id == link => {
                present.heard = Instant::now();
                Ok(())
            }
            _ => Err((OTHER_LINK, "the link is unknown here".into())),
        }
    }

    /// What comes of `attempt` is told to `link`; false when that isn't the present one.
    pub fn expect(&self, link: &str, attempt: AttemptId) -> bool {
        match &mut self.state().link {
            Some(present) if present.id == link => {
                present.attempts.insert(attempt);
                true
            }
            _ => false,
        }
    }

    pub fn has(&self, attempt: &AttemptId) -> bool {
        self.state().link.as_ref().is_some_and(|link| link.attempts.contains(attempt))
    }

    /// Of attempts of older links nobody wants to hear.
    pub fn tell(&self, told: Told) {
        let mut state = self.state();
        let Some(link) = &mut state.link else { return };
        let wanted = match &told {
            Told::Event(Event::Capacity { .. } | Event::Memory { .. }) => true,
            Told::Event(Event::Finished { attempt, .. }) | Told::Refused { attempt, .. } => {
                link.attempts.remove(attempt)
            }
            Told::Event(
                Event::Started { attempt, .. } | Event::Progress { attempt, .. } | Event::Metric { attempt, .. },
            )
            | Told::Log { attempt, .. } => link.attempts.contains(attempt),
        };
        if wanted {
            link.queue.push_back(told);
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
                    bytes += if let Told::Log { bytes, .. } = told { bytes.len() } else { 0 };
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
        let mut state = self.state();
        if let Some(link) = state.link.as_mut().filter(|link| link.id == id) {
            link.heard = Instant::now();
            let count = next.saturating_sub(link.first).min(link.queue.len() as u64);
            link.queue.drain(..count as usize);
            link.first += count;
        }
    }

    /// Its dag engine knows it no more.
    pub fn forget(&self, id: &str) {
        let mut state = self.state();
        if let Some(link) = state.link.as_mut().filter(|link| link.id == id) {
            link.queue.clear();
        }
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
    }
}

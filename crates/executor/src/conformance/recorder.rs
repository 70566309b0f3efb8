//! Records what the executor tells, in order, and waits for it.

use super::{Trouble, broken};
use crate::{AttemptId, Event, EventSink, Outcome, Usage};
use std::collections::HashSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

type Hook = Box<dyn Fn(&Event) + Send + Sync>;

pub struct Recorder {
    patience: Duration,
    seen: Mutex<Seen>,
    changed: Condvar,
    hook: Mutex<Option<std::sync::Arc<Hook>>>,
}

#[derive(Default)]
struct Seen {
    events: Vec<Event>,
    accepted: HashSet<AttemptId>,
}

impl EventSink for Recorder {
    fn event(&self, event: Event) {
        let hook = self.hook.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(hook) = hook {
            hook(&event);
        }
        self.lock().events.push(event);
        self.changed.notify_all();
    }
}

impl Recorder {
    pub fn new(patience: Duration) -> Recorder {
        Recorder { patience, seen: Mutex::default(), changed: Condvar::new(), hook: Mutex::new(None) }
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn accepted(&self, attempt: AttemptId) {
        self.lock().accepted.insert(attempt);
    }

    pub fn all_accepted(&self) -> Vec<AttemptId> {
        self.lock().accepted.iter().copied().collect()
    }

    /// Calls `hook` with each event, on the executor's thread.
    pub fn set_hook(&self, hook: Option<Hook>) {
        *self.hook.lock().unwrap_or_else(PoisonError::into_inner) = hook.map(std::sync::Arc::new);
    }

    pub fn events(&self) -> Vec<Event> {
        self.lock().events.clone()
    }

    pub fn of(&self, attempt: AttemptId) -> Vec<Event> {
        self.events().into_iter().filter(|event| id_of(event) == Some(attempt)).collect()
    }

    pub fn wait<T>(&self, what: &str, mut found: impl FnMut(&[Event]) -> Option<T>) -> Result<T, Trouble> {
        let deadline = Instant::now() + self.patience;
        let mut seen = self.lock();
        loop {
            if let Some(value) = found(&seen.events) {
                return Ok(value);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(broken(format!("{what} did not come within {:?}", self.patience)));
            }
            seen = self.changed.wait_timeout(seen, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    pub fn started(&self, attempt: AttemptId) -> Result<(), Trouble> {
        self.wait("Started", |events| {
            events.iter().any(|e| matches!(e, Event::Started { attempt: id, .. } if *id == attempt)).then_some(())
        })
    }

    pub fn finished(&self, attempt: AttemptId) -> Result<(Outcome, Usage), Trouble> {
        self.wait("Finished", |events| {
            events.iter().find_map(|event| match event {
                Event::Finished { attempt: id, outcome, usage } if *id == attempt => Some((outcome.clone(), *usage)),
                _ => None,
            })
        })
    }
}

pub fn id_of(event: &Event) -> Option<AttemptId> {
    match event {
        Event::Started { attempt, .. }
        | Event::Progress { attempt, .. }
        | Event::Metric { attempt, .. }
        | Event::Finished { attempt, .. } => Some(*attempt),
        Event::Capacity { .. } | Event::Memory { .. } => None,
    }
}

pub fn starts(events: &[Event]) -> usize {
    events.iter().filter(|event| matches!(event, Event::Started { .. })).count()
}

pub fn ends(events: &[Event]) -> usize {
    events.iter().filter(|event| matches!(event, Event::Finished { .. })).count()
}

//! The runs that others began in this engine, and whether it still takes more. The engine may end only when this says so, under one lock: a submission is either counted before or refused.

use crate::feed::Feed;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use suanzi_api::{Code, Problem};

/// Runs of others that go at one time; each has a thread that reads its events.
pub const MAX_ATTACHED_RUNS: usize = 256;
/// Feeds of ended runs that are kept for late readers.
const MAX_ENDED_FEEDS: usize = 64;

#[derive(Default)]
pub(crate) struct Attached {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    tickets: usize,
    closing: bool,
    leaving: bool,
    feeds: HashMap<String, Arc<Feed>>,
    ended: VecDeque<String>,
}

/// While it lives, the engine stays.
pub(crate) struct Ticket(Arc<Attached>);

impl Attached {
    /// For a run that somebody else begins here.
    pub fn ticket(self: &Arc<Self>) -> Result<Ticket, Problem> {
        let mut state = self.lock();
        if state.closing || state.leaving {
            return Err(Problem::new(Code::Closing, "the engine is about to end"));
        }
        if state.tickets >= MAX_ATTACHED_RUNS {
            return Err(Problem::new(Code::TooManyRuns, format!("{MAX_ATTACHED_RUNS} runs of others are going here"))
                .hint(Some("wait until some of them have ended")));
        }
        state.tickets += 1;
        Ok(Ticket(self.clone()))
    }

    pub fn count(&self) -> usize {
        self.lock().tickets
    }

    /// Takes no more runs if none is going; else changes nothing and says how many are.
    pub fn close(&self) -> Result<(), usize> {
        let mut state = self.lock();
        if state.tickets > 0 {
            return Err(state.tickets);
        }
        state.closing = true;
        Ok(())
    }

    /// Waits until no run of others is going, or until [`Attached::leave`]; then takes no more.
    pub fn close_when_idle(&self) {
        let mut state = self.lock();
        while state.tickets > 0 && !state.leaving {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.closing = true;
    }

    /// Takes runs?
    pub fn is_open(&self) -> bool {
        let state = self.lock();
        !state.closing && !state.leaving
    }

    /// Takes no more runs from now on, whatever is going.
    pub fn begin_closing(&self) {
        self.lock().closing = true;
        self.changed.notify_all();
    }

    /// Takes no more runs, and waits until none is going, but not beyond `grace`; gives how many are left.
    pub fn drain(&self, grace: Duration) -> usize {
        self.begin_closing();
        let until = Instant::now() + grace;
        let mut state = self.lock();
        while state.tickets > 0 && !state.leaving {
            let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) else { break };
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        state.tickets
    }

    pub fn leave(&self) {
        self.lock().leaving = true;
        self.changed.notify_all();
    }

    pub fn feed(&self, run_id: &str) -> Option<Arc<Feed>> {
        self.lock().feeds.get(run_id).cloned()
    }

    /// Keeps a run's feed; gives back the one that is kept, which is another's where two came at once.
    pub fn keep(&self, run_id: &str, feed: Arc<Feed>) -> Arc<Feed> {
        let mut state = self.lock();
        match state.feeds.get(run_id) {
            Some(there) if !there.is_closed() => there.clone(),
            _ => {
                state.feeds.insert(run_id.to_string(), feed.clone());
                feed
            }
        }
    }

    /// A run's feed is closed: it goes when enough others have ended after it.
    pub fn ended(&self, run_id: &str) {
        let mut state = self.lock();
        state.ended.push_back(run_id.to_string());
        while state.ended.len() > MAX_ENDED_FEEDS {
            if let Some(oldest) = state.ended.pop_front()
                && state.feeds.get(&oldest).is_some_and(|f| f.is_closed())
            {
                state.feeds.remove(&oldest);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.0.lock().tickets -= 1;
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_with_runs_of_others_does_not_close() {
        let attached = Arc::new(Attached::default());
        let first = attached.ticket().expect("open");
        let second = attached.ticket().expect("open");
        assert_eq!(attached.close(), Err(2));
        drop(first);
        assert_eq!(attached.close(), Err(1));
        drop(second);
        assert_eq!(attached.close(), Ok(()));
        assert_eq!(attached.ticket().err().map(|p| p.code), Some(Code::Closing));
    }

    #[test]
    fn leaving_does_not_wait() {
        let attached = Arc::new(Attached::default());
        let _going = attached.ticket().expect("open");
        attached.leave();
        attached.close_when_idle();
        assert_eq!(attached.count(), 1);
        assert_eq!(attached.ticket().err().map(|p| p.code), Some(Code::Closing));
    }

    #[test]
    fn draining_is_bounded() {
        let attached = Arc::new(Attached::default());
        assert!(attached.is_open());
        let going = attached.ticket().expect("open");
        assert_eq!(attached.drain(Duration::from_millis(20)), 1);
        assert!(!attached.is_open());
        assert_eq!(attached.ticket().err().map(|p| p.code), Some(Code::Closing));
        let ended = std::thread::spawn(move || drop(going));
        assert_eq!(attached.drain(Duration::from_secs(60)), 0);
        ended.join().expect("it ended");
    }

    #[test]
    fn bounded() {
        let attached = Arc::new(Attached::default());
        let tickets: Vec<_> = (0..MAX_ATTACHED_RUNS).map(|_| attached.ticket().expect("below the bound")).collect();
        assert_eq!(attached.ticket().err().map(|p| p.code), Some(Code::TooManyRuns));
        drop(tickets);
        for i in 0..=MAX_ENDED_FEEDS {
            let feed = attached.keep(&i.to_string(), Arc::new(Feed::new(Vec::new())));
            feed.close();
            attached.ended(&i.to_string());
        }
        assert!(attached.feed("0").is_none());
        assert!(attached.feed("1").is_some());
    }
}

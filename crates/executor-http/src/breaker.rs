//! Counts failing calls to a platform: after a few in a row no new work is sent until it answers again, and everybody can see why.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Failures in a row after which it opens.
pub const OPENS_AFTER: u32 = 3;

#[derive(Default)]
pub struct Breaker {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    failures: u32,
    /// Of the newest failure while it is open, in words.
    why: Option<String>,
}

impl Breaker {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The reason when this failure opened it.
    pub fn failed(&self, why: impl FnOnce() -> String) -> Option<String> {
        let mut state = self.state();
        state.failures = state.failures.saturating_add(1);
        if state.failures < OPENS_AFTER {
            return None;
        }
        state.why = Some(why());
        if state.failures == OPENS_AFTER { state.why.clone() } else { None }
    }

    /// True when this success closed it.
    pub fn answered(&self) -> bool {
        let mut state = self.state();
        state.failures = 0;
        state.why.take().is_some()
    }

    /// Why it is open; none while it is closed.
    pub fn why(&self) -> Option<String> {
        self.state().why.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::{Breaker, OPENS_AFTER};

    #[test]
    fn it_opens_once_says_why_and_closes_once() {
        let breaker = Breaker::default();
        assert!(!breaker.answered());
        let opened: Vec<_> = (1..=2 * OPENS_AFTER).filter_map(|n| breaker.failed(|| format!("failure {n}"))).collect();
        assert_eq!(opened, [format!("failure {OPENS_AFTER}")]);
        assert_eq!(breaker.why(), Some(format!("failure {}", 2 * OPENS_AFTER)));
        assert!(breaker.answered());
        assert_eq!(breaker.why(), None);
        assert!(!breaker.answered());
    }
}

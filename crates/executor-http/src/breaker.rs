//! Counts failing calls to a platform: after a few in a row no new work is sent until it answers again, and somebody is told why.

use std::sync::atomic::{AtomicU32, Ordering};

/// Failures in a row after which it opens.
pub const OPENS_AFTER: u32 = 3;

#[derive(Default)]
pub struct Breaker {
    failures: AtomicU32,
}

impl Breaker {
    /// True when this failure opened it.
    pub fn failed(&self) -> bool {
        self.failures.fetch_add(1, Ordering::SeqCst) + 1 == OPENS_AFTER
    }

    /// True when this success closed it.
    pub fn answered(&self) -> bool {
        self.failures.swap(0, Ordering::SeqCst) >= OPENS_AFTER
    }
}

#[cfg(test)]
mod tests {
    use super::{Breaker, OPENS_AFTER};

    #[test]
    fn it_opens_once_and_closes_once() {
        let breaker = Breaker::default();
        assert!(!breaker.answered());
        let opened = (0..2 * OPENS_AFTER).filter(|_| breaker.failed()).count();
        assert_eq!(opened, 1);
        assert!(breaker.answered());
        assert!(!breaker.answered());
    }
}

//! Failed attempts to sign in, by where they came from: after ten within a minute the next ones aren't looked at.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Failures that one address may have within [`WINDOW_S`].
pub const MAX_FAILURES: usize = 10;
/// Seconds.
pub const WINDOW_S: u64 = 60;
/// Addresses that are told apart; beyond this all new ones count as one.
const MAX_ADDRESSES: usize = 1_024;

#[derive(Default)]
pub(crate) struct Attempts {
    failures: Mutex<HashMap<Option<IpAddr>, VecDeque<Instant>>>,
}

impl Attempts {
    /// Counts an attempt before it is looked at, so that many at once can't all slip through; seconds to wait where there were too many.
    pub fn begin(&self, from: IpAddr, now: Instant) -> Result<Attempt, u64> {
        let mut all = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let window = Duration::from_secs(WINDOW_S);
        all.retain(|_, times| {
            times.retain(|time| now.saturating_duration_since(*time) < window);
            !times.is_empty()
        });
        let known = all.contains_key(&Some(from)) || all.len() < MAX_ADDRESSES;
        let key = known.then_some(from);
        let times = all.entry(key).or_default();
        if times.len() >= MAX_FAILURES {
            let oldest = times.front().map_or(Duration::ZERO, |time| now.saturating_duration_since(*time));
            return Err(window.saturating_sub(oldest).as_secs().max(1));
        }
        times.push_back(now);
        Ok(Attempt { key, at: now })
    }

    /// It succeeded: it doesn't count.
    pub fn succeeded(&self, attempt: Attempt) {
        let mut all = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(times) = all.get_mut(&attempt.key)
            && let Some(at) = times.iter().position(|time| *time == attempt.at)
        {
            times.remove(at);
        }
    }
}

pub(crate) struct Attempt {
    key: Option<IpAddr>,
    at: Instant,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn address(n: u32) -> IpAddr {
        IpAddr::V4(Ipv4Addr::from(n))
    }

    #[test]
    fn ten_failures_a_minute() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        let after = |s| now + Duration::from_secs(s);
        for s in 0..10 {
            attempts.begin(address(1), after(s)).map_err(|_| s).expect("below the limit");
        }
        assert_eq!(attempts.begin(address(1), after(20)).err(), Some(40));
        assert!(attempts.begin(address(2), after(20)).is_ok(), "another address isn't hindered");
        assert!(attempts.begin(address(1), after(60)).is_ok(), "the first failure is a minute old");
        assert_eq!(attempts.begin(address(1), after(60)).err(), Some(1));
    }

    #[test]
    fn successes_do_not_count() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        for _ in 0..100 {
            let attempt = attempts.begin(address(1), now).map_err(|_| ()).expect("below the limit");
            attempts.succeeded(attempt);
        }
    }

    #[test]
    fn bounded() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        let refused = (0..5_000).filter(|n| attempts.begin(address(*n), now).is_err()).count();
        assert_eq!(refused, 5_000 - MAX_ADDRESSES - MAX_FAILURES);
    }
}

//! One-time codes: each signs in once, within ten minutes.

use super::random::{Digest, digest, secret};
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a code may be used.
pub const CODE_LIFETIME_S: u64 = 600;
/// Codes that are good at one time; beyond this the oldest goes.
const MAX_CODES: usize = 16;

#[derive(Default)]
pub(crate) struct Codes {
    /// With when they end, in the order they were made.
    good: Mutex<VecDeque<(Digest, Instant)>>,
}

impl Codes {
    pub fn make(&self, now: Instant) -> String {
        let code = secret();
        let mut good = self.good.lock().unwrap_or_else(PoisonError::into_inner);
        if good.len() >= MAX_CODES {
            good.pop_front();
        }
        good.push_back((digest(&code), now + Duration::from_secs(CODE_LIFETIME_S)));
        code
    }

    /// Was it good? It no longer is.
    pub fn take(&self, code: &str, now: Instant) -> bool {
        let asked = digest(code);
        let mut good = self.good.lock().unwrap_or_else(PoisonError::into_inner);
        good.retain(|(_, until)| now < *until);
        let before = good.len();
        good.retain(|(code, _)| *code != asked);
        good.len() < before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_good_once_and_for_ten_minutes() {
        let (codes, now) = (Codes::default(), Instant::now());
        let (one, late) = (codes.make(now), codes.make(now));
        for (code, after_s, expected) in [
            ("", 0, false),
            ("guess", 0, false),
            (one.as_str(), 599, true),
            (&one, 599, false),
            (&late, 600, false),
            (&late, 0, false),
        ] {
            assert_eq!(codes.take(code, now + Duration::from_secs(after_s)), expected, "{code} after {after_s} s");
        }
        let first = codes.make(now);
        (0..MAX_CODES).for_each(|_| drop(codes.make(now)));
        assert!(!codes.take(&first, now));
    }
}

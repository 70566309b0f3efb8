//! Sessions, kept by the server: a cookie is a name for one, and says nothing by itself.

use super::random::{Digest, digest, secret};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A session ends so long after signing in.
pub const SESSION_LIFETIME_H: u64 = 7 * 24;
/// And so long after its last request.
pub const SESSION_IDLE_H: u64 = 12;
/// Beyond this the least recently used one ends.
pub const MAX_SESSIONS: usize = 256;

#[derive(Default)]
pub(crate) struct Sessions {
    by_id: Mutex<HashMap<Digest, Session>>,
}

struct Session {
    csrf: String,
    /// Of the secrets it began under.
    epoch: Digest,
    began: Instant,
    used: Instant,
}

/// A session just begun; its id is told once.
pub(crate) struct Begun {
    pub id: String,
    pub csrf: String,
}

/// A session that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub csrf: String,
    pub left: Duration,
}

impl Sessions {
    pub fn begin(&self, epoch: Digest, now: Instant) -> Begun {
        let begun = Begun { id: secret(), csrf: secret() };
        let mut sessions = self.lock();
        sessions.retain(|_, session| session.left(&epoch, now).is_some());
        while sessions.len() >= MAX_SESSIONS {
            let Some(oldest) = sessions.iter().min_by_key(|(_, s)| s.used).map(|(id, _)| *id) else { break };
            sessions.remove(&oldest);
        }
        sessions.insert(digest(&begun.id), Session { csrf: begun.csrf.clone(), epoch, began: now, used: now });
        begun
    }

    /// Looks a session up for a request, which keeps it from ending by idleness.
    pub fn touch(&self, id: &Digest, epoch: &Digest, now: Instant) -> Option<Found> {
        let mut sessions = self.lock();
        let session = sessions.get_mut(id)?;
        match session.left(epoch, now) {
            Some(left) => {
                session.used = now;
                Some(Found { csrf: session.csrf.clone(), left })
            }
            None => {
                sessions.remove(id);
                None
            }
        }
    }

    /// Does it hold still? Watching a stream keeps no session alive.
    pub fn holds(&self, id: &Digest, epoch: &Digest, now: Instant) -> bool {
        self.lock().get(id).is_some_and(|session| session.left(epoch, now).is_some())
    }

    pub fn end(&self, id: &Digest) {
        self.lock().remove(id);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, Session>> {
        self.by_id.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    fn left(&self, epoch: &Digest, now: Instant) -> Option<Duration> {
        let (whole, idle) =
            (Duration::from_secs(SESSION_LIFETIME_H * 3_600), Duration::from_secs(SESSION_IDLE_H * 3_600));
        let awake = now.saturating_duration_since(self.used) < idle;
        let left = whole.checked_sub(now.saturating_duration_since(self.began)).filter(|left| !left.is_zero());
        left.filter(|_| awake && self.epoch == *epoch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    #[test]
    fn sessions_end() {
        let (sessions, now, epoch) = (Sessions::default(), Instant::now(), digest("epoch"));
        let begun = sessions.begin(epoch, now);
        let id = digest(&begun.id);
        let found = sessions.touch(&id, &epoch, now).expect("it holds");
        assert_eq!((found.csrf, found.left), (begun.csrf, HOUR * SESSION_LIFETIME_H as u32));
        assert!(sessions.holds(&id, &epoch, now + HOUR * 11) && !sessions.holds(&id, &epoch, now + HOUR * 12));
        assert!(sessions.touch(&id, &epoch, now + HOUR * 11).is_some());
        assert!(sessions.holds(&id, &epoch, now + HOUR * 22), "a request keeps it awake, a stream doesn't");
        assert!(!sessions.holds(&id, &digest("another"), now));
        assert!(!sessions.holds(&digest("guess"), &epoch, now));
        sessions.end(&id);
        assert!(sessions.touch(&id, &epoch, now).is_none());
    }

    #[test]
    fn however_busy_a_session_ends_at_last() {
        let (sessions, now, epoch) = (Sessions::default(), Instant::now(), digest("epoch"));
        let id = digest(&sessions.begin(epoch, now).id);
        for hour in 0..SESSION_LIFETIME_H as u32 {
            assert!(sessions.touch(&id, &epoch, now + HOUR * hour).is_some(), "hour {hour}");
        }
        assert!(sessions.touch(&id, &epoch, now + HOUR * SESSION_LIFETIME_H as u32).is_none());
    }

    #[test]
    fn one_under_other_secrets_is_gone_for_good() {
        let (sessions, now, epoch) = (Sessions::default(), Instant::now(), digest("epoch"));
        let id = digest(&sessions.begin(epoch, now).id);
        assert!(sessions.touch(&id, &digest("another"), now).is_none());
        assert!(sessions.touch(&id, &epoch, now).is_none());
    }

    #[test]
    fn bounded() {
        let (sessions, now, epoch) = (Sessions::default(), Instant::now(), digest("epoch"));
        let ids: Vec<Digest> = (0..=MAX_SESSIONS)
            .map(|i| digest(&sessions.begin(epoch, now + Duration::from_millis(i as u64)).id))
            .collect();
        assert!(!sessions.holds(&ids[0], &epoch, now) && sessions.holds(&ids[1], &epoch, now));
    }
}

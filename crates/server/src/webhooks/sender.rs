//! The thread that sends what waits, and tries again what failed.

use super::allowed::Target;
use super::outbox::Outbox;
use super::post::{LIMIT, Poster};
use std::collections::HashSet;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;
use suanzi_store::{NotificationRow, NotificationState, StoreError};

/// How long after each failed attempt the next one follows; after the last of these the message is given up.
const PAUSES_MS: &[i64] = &[1_000, 10_000, 60_000, 10 * 60_000, 3_600_000];
/// Attempts at one time, each to another host: one that never answers holds up none but its own.
const MAX_AT_ONCE: usize = 8;
/// Messages that one look reads.
const READ: u32 = 1_000;
/// After the database refused.
const AGAIN_MS: i64 = 5_000;
/// After the system refused a thread.
const NO_THREAD: Duration = Duration::from_secs(1);

/// Ends with it; attempts under way end by themselves, and what they would have noted is sent again at the next start.
pub(crate) struct Sender {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    outbox: Arc<Outbox>,
    poster: Poster,
    over: AtomicBool,
    /// Hosts to which an attempt is under way.
    busy: Mutex<HashSet<String>>,
}

impl Sender {
    /// `ours`: how names of owners that were servers begin.
    pub fn start(outbox: Arc<Outbox>, ours: &'static str) -> io::Result<Sender> {
        Sender::within(outbox, ours, LIMIT)
    }

    pub(super) fn within(outbox: Arc<Outbox>, ours: &'static str, limit: Duration) -> io::Result<Sender> {
        let poster = Poster::new(limit);
        let shared = Arc::new(Shared { outbox, poster, over: AtomicBool::new(false), busy: Mutex::default() });
        let run = shared.clone();
        let thread = Builder::new().name("suanzi-webhooks".into()).spawn(move || {
            if let Err(error) = run.outbox.catch_up(ours) {
                eprintln!("warning: ends of earlier runs may not be told: {error}");
            }
            while !run.over.load(Ordering::SeqCst) {
                let next = look(&run).unwrap_or_else(|error| {
                    eprintln!("warning: messages about runs' ends wait: {error}");
                    Some(run.outbox.clock.now() + AGAIN_MS)
                });
                run.outbox.clock.wait_until(next);
            }
        })?;
        Ok(Sender { shared, thread: Some(thread) })
    }
}

/// Begins an attempt for each message that is due and whose host is free. Gives the moment of the next look; the end of an attempt wakes too.
fn look(shared: &Arc<Shared>) -> Result<Option<i64>, StoreError> {
    let now = shared.outbox.clock.now();
    let mut next: Option<i64> = None;
    for row in shared.outbox.store.waiting_notifications(READ)? {
        // A clock that was set back doesn't make anyone wait for longer than the longest pause.
        let longest = PAUSES_MS.iter().copied().max().unwrap_or_default();
        if row.next_at > now && row.next_at <= now + longest {
            next = next.into_iter().chain([row.next_at]).min();
            continue;
        }
        let target = Target::of(&row.url).filter(|target| target.is_allowed(&shared.outbox.hosts));
        let Some(target) = target else {
            let reason = "the address isn't allowed (any more)".into();
            settle(shared, NotificationRow { state: NotificationState::GivenUp, reason, ..row })?;
            continue;
        };
        let host = format!("{}:{}", target.host, target.port);
        {
            let mut busy = shared.busy.lock().unwrap_or_else(PoisonError::into_inner);
            if busy.len() >= MAX_AT_ONCE || !busy.insert(host.clone()) {
                continue;
            }
        }
        let attempt = Attempt { shared: shared.clone(), host };
        if Builder::new().name("suanzi-webhook".into()).spawn(move || attempt.make(row)).is_err() {
            // The attempt is dropped and wakes: not at once again.
            std::thread::sleep(NO_THREAD);
        }
    }
    Ok(next)
}

struct Attempt {
    shared: Arc<Shared>,
    host: String,
}

impl Attempt {
    fn make(self, row: NotificationRow) {
        let sent = self.shared.poster.post(&row.url, &row.body);
        let now = self.shared.outbox.clock.now();
        let attempts = row.attempts.saturating_add(1);
        let settled = match sent {
            Ok(()) => NotificationRow { state: NotificationState::Delivered, attempts, reason: String::new(), ..row },
            Err(reason) => match PAUSES_MS.get(attempts as usize - 1) {
                Some(pause) => NotificationRow { attempts, next_at: now + pause, reason, ..row },
                None => NotificationRow { state: NotificationState::GivenUp, attempts, reason, ..row },
            },
        };
        if let Err(error) = settle(&self.shared, settled) {
            eprintln!("warning: what became of a message isn't noted: {error}");
            // It still waits: not at once again.
            std::thread::sleep(Duration::from_millis(AGAIN_MS as u64));
        }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        self.shared.busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.host);
        self.shared.outbox.clock.wake();
    }
}

fn settle(shared: &Shared, row: NotificationRow) -> Result<(), StoreError> {
    if row.state == NotificationState::GivenUp {
        let NotificationRow { run_id, attempts, reason, .. } = &row;
        eprintln!("warning: the end of run {run_id} could not be told ({attempts} attempts): {reason}");
    }
    shared.outbox.store.settle_notification(&row)
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        self.shared.outbox.clock.wake();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

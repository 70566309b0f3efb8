//! The core behind one lock, and an inbox in front of it: whoever holds the core empties the inbox, so nobody who brings an event ever waits for the lock or holds it twice.

use crate::core::{CheckJob, Core, DescribeJob, Effects, Now};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use suanzi_executor::{AttemptId, Event};
use suanzi_store::{ArtifactId, RunKey};

/// What arrives for the core from other threads.
pub(crate) enum Message {
    Executor(u16, Event),
    /// A table's content id is known; `None`: it can't be read.
    Identified {
        job: DescribeJob,
        content_id: Option<String>,
    },
    FilesChecked {
        job: CheckJob,
        unchanged: bool,
    },
    Described {
        job: DescribeJob,
        content_id: String,
        stats: String,
    },
    Durable {
        run: RunKey,
        artifact: ArtifactId,
    },
    Committed {
        attempt: AttemptId,
    },
    CarriedOut {
        run: RunKey,
    },
    Disowned {
        run: RunKey,
    },
    Timer,
}

pub(crate) struct Hold {
    core: Mutex<(Core, Effects)>,
    inbox: Mutex<Vec<Message>>,
    started: Instant,
}

impl Hold {
    pub fn new(core: Core) -> Hold {
        Hold { core: Mutex::new((core, Effects::default())), inbox: Mutex::new(Vec::new()), started: Instant::now() }
    }

    pub fn now(&self) -> Now {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as i64);
        Now { mono_ms: self.started.elapsed().as_millis() as u64, wall }
    }

    pub fn mono_ms(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }

    /// Leaves a message and sees that somebody handles it: this thread, or the one that holds the core.
    pub fn post(&self, message: Message, act: &dyn Fn(&mut Core, &mut Effects)) {
        lock(&self.inbox).push(message);
        self.pump(act);
    }

    /// Runs `f` with the core, waiting for it; then whatever arrived meanwhile.
    pub fn with<R>(
        &self,
        act: &dyn Fn(&mut Core, &mut Effects),
        f: impl FnOnce(&mut Core, Now, &mut Effects) -> R,
    ) -> R {
        let result = {
            let mut guard = lock(&self.core);
            let (core, fx) = &mut *guard;
            let result = f(core, self.now(), fx);
            act(core, fx);
            result
        };
        self.pump(act);
        result
    }

    fn pump(&self, act: &dyn Fn(&mut Core, &mut Effects)) {
        loop {
            {
                let mut guard = match self.core.try_lock() {
                    Ok(guard) => guard,
                    Err(TryLockError::WouldBlock) => return,
                    Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
                };
                let (core, fx) = &mut *guard;
                loop {
                    let messages = std::mem::take(&mut *lock(&self.inbox));
                    if messages.is_empty() {
                        break;
                    }
                    let now = self.now();
                    for message in messages {
                        handle(core, now, message, fx);
                    }
                    act(core, fx);
                }
            }
            // Something may have come between the last look and the release.
            if lock(&self.inbox).is_empty() {
                return;
            }
        }
    }
}

fn handle(core: &mut Core, now: Now, message: Message, fx: &mut Effects) {
    match message {
        Message::Executor(executor, event) => core.event(now, executor, event, fx),
        Message::Identified { job, content_id } => core.identified(now, &job, content_id, fx),
        Message::FilesChecked { job, unchanged } => core.files_checked(now, &job, unchanged, fx),
        Message::Described { job, content_id, stats } => core.described(&job, content_id, stats, fx),
        Message::Durable { run, artifact } => core.durable(now, run, &artifact, fx),
        Message::Committed { attempt } => core.committed(now, attempt, fx),
        Message::CarriedOut { run } => core.carried_out(now, run, fx),
        Message::Disowned { run } => core.disowned(now, run, fx),
        Message::Timer => core.timer(now, fx),
    }
}

/// A panic while the lock was held leaves state that `Core` itself keeps consistent per input; going on beats taking every other run down.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! A pool's end: when nothing ran in it for long, when there are too many, or with everything else.

use super::{Pool, Shared, State};
use crate::LocalExecutor;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use suanzi_environments::EnvironmentId;
use suanzi_executor::{Event, Executor, Outcome, Usage};

/// The longest time between looks at idle pools.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The teller's thread: tells what pools themselves can't, and ends those that are idle for too long.
pub(super) fn tell_and_end_idle(shared: &Shared, events: &Receiver<Event>) {
    loop {
        match events.recv_timeout(LOOK_EVERY.min(shared.limits.idle)) {
            Ok(event) => {
                if let Some(sink) = shared.sink.get() {
                    sink.event(event);
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        let due = shared.lock().take_idle(shared.limits.most, shared.limits.idle);
        for pool in due {
            if let Pool::Warm { executor, .. } = &pool {
                executor.shutdown();
            }
        }
    }
}

impl State {
    /// One attempt less is in that pool.
    pub(super) fn left(&mut self, id: &EnvironmentId) {
        if let Some(Pool::Warm { active, idle_since, .. }) = self.pools.get_mut(id) {
            *active = active.saturating_sub(1);
            *idle_since = Instant::now();
        }
    }

    /// Pools to be ended: nothing runs in them, and they are idle for too long or too many.
    fn take_idle(&mut self, most: usize, longest: Duration) -> Vec<Pool> {
        let mut idle: Vec<(Instant, EnvironmentId)> = Vec::new();
        let mut warm = 0;
        for (id, pool) in &self.pools {
            if let Pool::Warm { active, idle_since, .. } = pool {
                warm += 1;
                if *active == 0 {
                    idle.push((*idle_since, id.clone()));
                }
            }
        }
        idle.sort();
        let surplus = usize::saturating_sub(warm, most);
        let due = idle.into_iter().enumerate().filter(|(at, (since, _))| *at < surplus || since.elapsed() >= longest);
        due.filter_map(|(_, (_, id))| self.pools.remove(&id)).collect()
    }
}

impl Shared {
    /// Nothing is taken any more; what waits is lost. Gives what has to be ended and waited for.
    pub(super) fn close(&self) -> (Vec<Arc<LocalExecutor>>, Vec<JoinHandle<()>>) {
        let mut state = self.lock();
        let mut executors = Vec::new();
        for (_, pool) in std::mem::take(&mut state.pools) {
            match pool {
                Pool::Making { waiting, going, .. } => {
                    going.store(false, Ordering::Relaxed);
                    for task in waiting {
                        state.end_waiting(task.attempt, Outcome::Lost, Usage::default());
                    }
                }
                Pool::Warm { executor, .. } => executors.push(executor),
            }
        }
        state.tell = None;
        (executors, std::mem::take(&mut state.makers))
    }
}

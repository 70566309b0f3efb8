//! Ends attempts, workers and the executor itself.

use crate::outcome::Verdict;
use crate::state::{Phase, State};
use crate::worker::Activity;
use rustix::process::Signal;
use std::time::{Duration, Instant};
use suanzi_executor::{AttemptId, Outcome, Usage};

/// How long a worker that should exit by itself may take.
pub(crate) const EXIT_GRACE: Duration = Duration::from_secs(2);
/// How long after its control socket closed a worker may take to be gone; then its code closed it and runs on.
pub(crate) const CLOSED_GRACE: Duration = Duration::from_millis(500);

impl State {
    pub fn stop(&mut self, attempt: &AttemptId, grace: Duration) {
        match self.attempts.get(attempt) {
            Some(Phase::Queued(_)) => {
                self.finish(*attempt, Outcome::Stopped, Usage::default());
                // Whoever waited behind it may go.
                self.pump();
            }
            Some(Phase::Running(number)) => {
                let number = *number;
                let Some(worker) = self.workers.get_mut(&number) else { return };
                let due = Instant::now() + grace;
                if worker.verdict.is_none() {
                    worker.verdict = Some(Verdict::Stopped);
                    worker.signal(if grace.is_zero() { Signal::KILL } else { Signal::TERM });
                }
                worker.kill_at = Some(worker.kill_at.map_or(due, |earlier| earlier.min(due)));
            }
            Some(Phase::Finished(_)) | None => {}
        }
    }

    /// Ends what a worker runs, for a reason told with the outcome.
    pub fn condemn(&mut self, number: u64, verdict: Verdict) {
        let Some(worker) = self.workers.get_mut(&number) else { return };
        worker.verdict.get_or_insert(verdict);
        worker.signal(Signal::KILL);
        self.idle.retain(|idle| *idle != number);
    }

    /// Signals whose time has come.
    pub fn run_deadlines(&mut self, now: Instant) {
        for worker in self.workers.values_mut() {
            if worker.kill_at.is_some_and(|at| at <= now) {
                worker.kill_at = None;
                worker.verdict.get_or_insert(Verdict::ControlClosed);
                worker.signal(Signal::KILL);
            }
        }
        if let Some(zygote) = &mut self.zygote
            && zygote.kill_at.is_some_and(|at| at <= now)
        {
            zygote.kill_at = None;
            zygote.kill_overdue();
        }
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        let workers = self.workers.values().filter_map(|worker| worker.kill_at);
        let looks = self.next_tick.into_iter().chain(self.memory.next_look);
        workers.chain(self.zygote.as_ref().and_then(|zygote| zygote.kill_at)).chain(looks).min()
    }

    /// Nothing new is taken; queued and running attempts are lost.
    pub fn begin_shutdown(&mut self) {
        if self.shutting_down {
            return;
        }
        self.shutting_down = true;
        self.spawner = None;
        for attempt in std::mem::take(&mut self.queue) {
            if matches!(self.attempts.get(&attempt), Some(Phase::Queued(_))) {
                self.finish(attempt, Outcome::Lost, Usage::default());
            }
        }
        self.idle.clear();
        let numbers: Vec<u64> = self.workers.keys().copied().collect();
        for number in numbers {
            self.condemn(number, Verdict::ShutDown);
            if let Some(worker) = self.workers.get_mut(&number)
                && !matches!(worker.activity, Activity::Busy(_))
            {
                worker.activity = Activity::Leaving;
            }
        }
        self.end_zygote();
    }
}

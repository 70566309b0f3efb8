//! Looks at running workers' memory and logs, only while there are any.

use crate::outcome::Verdict;
use crate::state::State;
use crate::worker::{Activity, Worker};
use std::time::{Duration, Instant};

/// An attempt that writes more than this to its log is ended: `Storage`.
pub const LOG_CAP_BYTES: u64 = 64 << 20;

/// Processes one attempt may have, itself included; more is taken for a fork bomb.
pub const MAX_ATTEMPT_PROCESSES: usize = 256;

const TICK_WITH_CAPS: Duration = Duration::from_millis(100);
const TICK: Duration = Duration::from_millis(500);

impl State {
    /// Sets or clears the next look, from what runs now.
    pub fn plan_tick(&mut self, now: Instant) {
        let mut busy = false;
        let mut capped = false;
        for worker in self.workers.values() {
            if let Activity::Busy(running) = &worker.activity {
                busy = true;
                capped |= running.request.limits.memory_bytes.is_some();
            }
        }
        self.memory.plan(busy, now);
        self.next_tick = match (busy, self.next_tick) {
            (false, _) => None,
            (true, Some(at)) => Some(at.min(now + if capped { TICK_WITH_CAPS } else { TICK })),
            (true, None) => Some(now + if capped { TICK_WITH_CAPS } else { TICK }),
        };
    }

    pub fn run_tick(&mut self, now: Instant) {
        if self.next_tick.is_none_or(|at| at > now) {
            return;
        }
        self.next_tick = None;
        let verdicts: Vec<(u64, Verdict)> =
            self.workers.iter_mut().filter_map(|(number, worker)| Some((*number, verdict(worker)?))).collect();
        for (number, verdict) in verdicts {
            self.condemn(number, verdict);
        }
    }
}

fn verdict(worker: &mut Worker) -> Option<Verdict> {
    let log_size = worker.log_size();
    let pid = worker.pid?;
    let Activity::Busy(running) = &mut worker.activity else { return None };
    if log_size.saturating_sub(running.log_start) > LOG_CAP_BYTES {
        return Some(Verdict::LogTooLong);
    }
    if processes(pid.as_raw_pid(), MAX_ATTEMPT_PROCESSES) > MAX_ATTEMPT_PROCESSES {
        return Some(Verdict::TooManyProcesses);
    }
    let used_bytes = own_memory(pid.as_raw_pid())?;
    running.seen_rss_bytes = running.seen_rss_bytes.max(used_bytes);
    let cap_bytes = running.request.limits.memory_bytes?;
    (used_bytes > cap_bytes).then_some(Verdict::OutOfMemory { used_bytes, cap_bytes })
}

/// Resident memory without file pages: memory-mapped tables are the kernel's to drop. Includes the interpreter and the libraries' heap.
pub(crate) fn own_memory(pid: i32) -> Option<u64> {
    let statm = std::fs::read_to_string(format!("/proc/{pid}/statm")).ok()?;
    let mut pages = statm.split_ascii_whitespace().skip(1).map(|word| word.parse::<u64>().ok());
    let (resident, shared) = (pages.next()??, pages.next()??);
    Some(resident.saturating_sub(shared) * rustix::param::page_size() as u64)
}

/// Processes below `pid`, itself included; stops counting past `limit`. Orphans among them count: the worker adopts them.
fn processes(pid: i32, limit: usize) -> usize {
    let mut found = vec![pid];
    let mut next = 0;
    while let Some(&parent) = found.get(next)
        && found.len() <= limit
    {
        next += 1;
        let Ok(threads) = std::fs::read_dir(format!("/proc/{parent}/task")) else { continue };
        for thread in threads.flatten() {
            let children = std::fs::read_to_string(thread.path().join("children")).unwrap_or_default();
            found.extend(children.split_ascii_whitespace().filter_map(|word| word.parse::<i32>().ok()));
        }
    }
    found.len()
}

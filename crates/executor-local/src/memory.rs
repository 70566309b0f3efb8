//! Looks at what attempts hold together, and ends some of them when it is too much.
//!
//! What an attempt holds is what its worker has of its own beyond what it had when it was forked: the libraries that all share don't count. Resident pages of files don't
//! either, the kernel drops them when it must. So the sum is a little low, and a part of the host's memory is left alone besides.

use crate::host_memory::HostMemory;
use crate::outcome::Verdict;
use crate::state::State;
use crate::watch::own_memory;
use crate::worker::Activity;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The part of the host's memory that attempts may hold unless options say otherwise.
const DEFAULT_PERCENT: u64 = 80;
/// The part that shall stay available, whoever takes the rest.
const FLOOR_PERCENT: u64 = 8;
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// An idle worker that keeps less isn't worth replacing.
const IDLE_KEEPS_BYTES: u64 = 32 << 20;

/// What attempts may hold in all where nobody says, in bytes; `u64::MAX` where the host doesn't tell what it has.
pub fn default_memory_bytes() -> u64 {
    HostMemory::find().map_or(u64::MAX, |host| host.total_bytes / 100 * DEFAULT_PERCENT)
}

/// What executors of one process hold, each as it stood when it last looked.
#[derive(Debug, Default)]
pub struct MemoryLedger(Mutex<BTreeMap<u64, Entry>>);

#[derive(Debug, Default, Clone, Copy)]
struct Entry {
    held_bytes: u64,
    running: usize,
}

impl MemoryLedger {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn join(&self) -> u64 {
        let mut entries = self.lock();
        let number = entries.last_key_value().map_or(0, |(last, _)| last + 1);
        entries.insert(number, Entry::default());
        number
    }
}

/// All but the one with that number, together.
fn others(entries: &BTreeMap<u64, Entry>, number: u64) -> Entry {
    let others = entries.iter().filter(|(other, _)| **other != number);
    others.fold(Entry::default(), |sum, (_, entry)| Entry {
        held_bytes: sum.held_bytes.saturating_add(entry.held_bytes),
        running: sum.running + entry.running,
    })
}

pub(crate) struct Guard {
    pub budget_bytes: u64,
    ledger: Arc<MemoryLedger>,
    number: u64,
    host: Option<HostMemory>,
    pub next_look: Option<Instant>,
}

/// A running attempt, as it stood when it was looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Held {
    worker: u64,
    since: Instant,
    held_bytes: u64,
    reserved_bytes: u64,
}

impl Guard {
    pub fn new(budget_bytes: u64, ledger: Arc<MemoryLedger>) -> Guard {
        let number = ledger.join();
        Guard { budget_bytes, ledger, number, host: HostMemory::find(), next_look: None }
    }

    /// Sets or clears the next look.
    pub fn plan(&mut self, busy: bool, now: Instant) {
        if !busy && self.next_look.is_some() {
            // Nobody looks here until something runs again.
            self.ledger.lock().insert(self.number, Entry::default());
        }
        self.next_look = busy.then(|| self.next_look.unwrap_or(now + LOOK_EVERY));
    }

    /// By how much too much is held. `leaving_bytes` will be free in a moment.
    fn excess(&self, held_bytes: u64, leaving_bytes: u64) -> u64 {
        let lacking = self.host.as_ref().map_or(0, |host| {
            let available = host.available_bytes().unwrap_or(u64::MAX).saturating_add(leaving_bytes);
            (host.total_bytes / 100 * FLOOR_PERCENT).saturating_sub(available)
        });
        held_bytes.saturating_sub(self.budget_bytes).max(lacking)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.ledger.lock().remove(&self.number);
    }
}

impl State {
    pub fn run_memory_look(&mut self, now: Instant) {
        if self.memory.next_look.is_none_or(|at| at > now) {
            return;
        }
        self.memory.next_look = None;
        let (mut running, mut idle, mut leaving_bytes) = (Vec::new(), Vec::new(), 0);
        for (&number, worker) in &mut self.workers {
            let Some(own_bytes) = worker.pid.and_then(|pid| own_memory(pid.as_raw_pid())) else { continue };
            let held_bytes = own_bytes.saturating_sub(worker.base_bytes);
            match &mut worker.activity {
                Activity::Busy(attempt) if worker.verdict.is_none() => {
                    attempt.seen_rss_bytes = attempt.seen_rss_bytes.max(own_bytes);
                    let reserved_bytes = attempt.request.limits.reserved_bytes;
                    running.push(Held { worker: number, since: attempt.since, held_bytes, reserved_bytes });
                }
                Activity::Idle => idle.push((held_bytes, number)),
                Activity::Busy(_) | Activity::Forking | Activity::Leaving => leaving_bytes += held_bytes,
            }
        }
        let in_idle: u64 = idle.iter().map(|(held_bytes, _)| held_bytes).sum();
        let held_bytes: u64 = running.iter().map(|held| held.held_bytes).sum();
        // Locked until it is decided who ends: another executor would end some for the same want.
        let (ledger, number) = (Arc::clone(&self.memory.ledger), self.memory.number);
        let mut entries = ledger.lock();
        entries.insert(number, Entry { held_bytes: held_bytes + in_idle, running: running.len() });
        let others = others(&entries, number);
        let mut excess = self.memory.excess(held_bytes + in_idle + others.held_bytes, leaving_bytes);
        if excess == 0 {
            return;
        }
        idle.retain(|(held_bytes, _)| *held_bytes >= IDLE_KEEPS_BYTES);
        idle.sort_unstable();
        while let Some((held_bytes, number)) = idle.pop().filter(|_| excess > 0) {
            self.retire(number);
            excess = excess.saturating_sub(held_bytes);
        }
        if let [alone] = running[..]
            && others.running == 0
            && alone.held_bytes > self.memory.budget_bytes
        {
            let (held_bytes, budget_bytes) = (alone.held_bytes, self.memory.budget_bytes);
            self.condemn(alone.worker, Verdict::TooLarge { held_bytes, budget_bytes });
        }
        for victim in victims(running, excess, others.running) {
            if let Some(entry) = entries.get_mut(&number) {
                entry.held_bytes = entry.held_bytes.saturating_sub(victim.held_bytes);
                entry.running = entry.running.saturating_sub(1);
            }
            self.condemn(victim.worker, Verdict::Evicted { held_bytes: victim.held_bytes });
        }
    }
}

/// Whom to end so that `excess` bytes come free. Never the only one, counting the `elsewhere` that run under other executors.
fn victims(mut running: Vec<Held>, mut excess: u64, elsewhere: usize) -> Vec<Held> {
    let mut ended = Vec::new();
    while excess > 0 && !running.is_empty() && running.len() + elsewhere > 1 {
        let victim = running.remove(next_victim(&running));
        excess = excess.saturating_sub(victim.held_bytes);
        ended.push(victim);
    }
    ended
}

/// Of those that hold more than was kept free for them, the youngest: it loses least. Who holds hardly anything is passed over, since its end helps nobody.
fn next_victim(running: &[Held]) -> usize {
    let beyond = |held: &Held| held.held_bytes.saturating_sub(held.reserved_bytes);
    let all = |held: &Held| held.held_bytes;
    let weight: &dyn Fn(&Held) -> u64 = if running.iter().any(|held| beyond(held) > 0) { &beyond } else { &all };
    let count = running.iter().filter(|held| weight(held) > 0).count().max(1) as u64;
    let mean = running.iter().map(weight).sum::<u64>() / count;
    let worth = running.iter().enumerate().filter(|(_, held)| weight(held) >= mean.div_ceil(2));
    worth.max_by_key(|(_, held)| held.since).map_or(0, |(ix, _)| ix)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(running: &[(u64, u64)], excess: u64) -> Vec<u64> {
        let start = Instant::now();
        let held = running.iter().enumerate().map(|(ix, &(held_bytes, reserved_bytes))| Held {
            worker: ix as u64,
            since: start + Duration::from_millis(ix as u64),
            held_bytes,
            reserved_bytes,
        });
        victims(held.collect(), excess, 0).iter().map(|held| held.worker).collect()
    }

    #[test]
    fn the_youngest_that_holds_more_than_was_kept_for_it_goes_first() {
        assert_eq!(ended(&[(100, 0), (100, 0), (100, 0)], 1), [2]);
        assert_eq!(ended(&[(100, 0), (100, 0), (100, 0)], 150), [2, 1]);
        assert_eq!(ended(&[(100, 0), (100, 0), (100, 100)], 1), [1], "who keeps to its word stays");
        assert_eq!(ended(&[(100, 100), (100, 100)], 1), [1], "unless all do");
    }

    #[test]
    fn who_holds_hardly_anything_stays() {
        assert_eq!(ended(&[(1_000, 0), (3, 0), (3, 0)], 900), [0]);
        assert_eq!(ended(&[(1_000, 1_000), (3, 0), (3, 0)], 1), [2], "unless it alone is over what was kept for it");
    }

    #[test]
    fn the_only_one_stays() {
        assert_eq!(ended(&[(1_000, 0)], 1_000), [0; 0]);
        assert_eq!(ended(&[(1_000, 0), (1_000, 0)], 9_999), [1]);
        assert_eq!(ended(&[], 1), [0; 0]);
    }

    #[test]
    fn executors_of_one_ledger_count_what_the_others_hold() {
        let ledger = Arc::new(MemoryLedger::default());
        let (first, second) = (Guard::new(1_000, ledger.clone()), Guard::new(1_000, ledger.clone()));
        ledger.lock().insert(second.number, Entry { held_bytes: 900, running: 1 });
        let seen = others(&ledger.lock(), first.number);
        assert_eq!((seen.held_bytes, seen.running), (900, 1));
        assert_eq!(first.excess(300 + seen.held_bytes, u64::MAX), 200);
        let alone = Held { worker: 1, since: Instant::now(), held_bytes: 300, reserved_bytes: 0 };
        assert_eq!(victims(vec![alone], 200, seen.running).len(), 1, "another one runs on");
        drop(second);
        assert_eq!(others(&ledger.lock(), first.number).running, 0, "who is gone holds nothing");
        assert_eq!(victims(vec![alone], 200, 0).len(), 0);
    }
}

//! The tasks that are ready, and the limits they must fit: an executor's slots and memory, their run's concurrency, their pool.
//!
//! Tasks of a run with the same executor, pool, slots and expected memory can start under exactly the same conditions, so they share a *lane*: a heap of which only the head is ever looked at.
//! Lanes that might start stand in their executor's ordered sets; one whose run or pool is full is *parked* there until something ends. So no event ever walks the waiting tasks,
//! and a task that can't start never hides one that can. Knows no states and no attempts.

mod check;
mod executor;
mod key;
mod pick;
mod run_lanes;

use crate::{OpIx, RunKey, TaskRef};
use executor::Executor;
use key::Key;
use run_lanes::{Place, RunLanes};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) use run_lanes::NewRunLanes;

#[derive(Debug, Clone, Default)]
pub(crate) struct Queue {
    runs: BTreeMap<RunKey, RunLanes>,
    executors: BTreeMap<u16, Executor>,
    pools: Vec<Pool>,
    /// Runs and pools that were full and have had a task end since the last [`Queue::pop`] that found nothing.
    freed_runs: Vec<RunKey>,
    freed_pools: Vec<u16>,
    /// Lanes and sets looked at so far: what the linearity test counts.
    effort: u64,
}

#[derive(Debug, Clone, Default)]
struct Pool {
    limit: u32,
    running: u32,
    parked: BTreeSet<Key>,
}

/// Why a queued task hasn't started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blocked {
    Run { running: u32, limit: u32 },
    Pool { pool: u16, running: u32, limit: u32 },
    Slots { executor: u16, needed: u32, in_use: u64, slots: u32 },
    Memory { executor: u16, needed_mib: u32, free_mib: u32, budget_mib: u32 },
}

impl Queue {
    pub fn new(pool_limits: &[u32]) -> Queue {
        let pools = pool_limits.iter().map(|&limit| Pool { limit, ..Pool::default() }).collect();
        Queue { pools, ..Queue::default() }
    }

    /// Makes room for a run's tasks; none is queued yet. A pool that has no limit configured doesn't limit.
    pub fn add_run(&mut self, new: NewRunLanes<'_>) {
        let lanes = RunLanes::new(new, self.pools.len());
        for lane in &lanes.lanes {
            self.executors.entry(lane.executor).or_default();
        }
        self.runs.insert(lanes.run, lanes);
    }

    /// Forgets a run's queued tasks; what runs of it keeps its place until it is released.
    pub fn clear_run(&mut self, run: RunKey) {
        let Some(lanes) = self.runs.get_mut(&run) else { return };
        for ix in 0..lanes.lanes.len() as u32 {
            if let Some(key) = lanes.head_key(ix) {
                let lane = &mut lanes.lanes[ix as usize];
                match lane.place {
                    Place::Empty | Place::ParkedInRun => {}
                    Place::Active => {
                        if let Some(executor) = self.executors.get_mut(&lane.executor) {
                            executor.remove(lane.need, &key);
                        }
                    }
                    Place::ParkedInPool(pool) => {
                        self.pools[usize::from(pool)].parked.remove(&key);
                    }
                }
                lane.place = Place::Empty;
                lane.heap.clear();
            }
        }
        lanes.parked.clear();
        lanes.queued = 0;
    }

    /// Forgets a run of which nothing runs any more.
    pub fn remove_run(&mut self, run: RunKey) {
        self.clear_run(run);
        if let Some(lanes) = self.runs.remove(&run) {
            debug_assert_eq!(lanes.running, 0, "a run is removed after its tasks were released");
            for lane in &lanes.lanes {
                if let Some(executor) = self.executors.get_mut(&lane.executor) {
                    executor.drop_empty_class(lane.need);
                }
            }
        }
    }

    pub fn push(&mut self, task: TaskRef) {
        let Some(lanes) = self.runs.get_mut(&task.run) else { return };
        self.effort += 1;
        let ix = lanes.lane_of[task.op as usize];
        let before = lanes.head_key(ix);
        lanes.push(ix, task.op);
        let after = lanes.head_key(ix);
        if before == after {
            return;
        }
        if before.is_none() {
            lanes.lanes[ix as usize].place = Place::Active;
        }
        let lane = &lanes.lanes[ix as usize];
        let set = match lane.place {
            Place::Empty | Place::Active => self.executors.entry(lane.executor).or_default().class(lane.need),
            Place::ParkedInRun => &mut lanes.parked,
            Place::ParkedInPool(pool) => &mut self.pools[usize::from(pool)].parked,
        };
        if let Some(before) = before {
            set.remove(&before);
        }
        set.extend(after);
    }

    /// A task that runs already is charged as if [`Queue::pop`] had given it.
    pub fn occupy(&mut self, task: TaskRef) {
        let Some(lanes) = self.runs.get_mut(&task.run) else { return };
        lanes.running += 1;
        let lane = &lanes.lanes[lanes.lane_of[task.op as usize] as usize];
        if let Some(pool) = lane.pool {
            self.pools[usize::from(pool)].running += 1;
        }
        let executor = self.executors.entry(lane.executor).or_default();
        executor.in_use += u64::from(lane.need.slots);
        executor.reserved_mib += u64::from(lane.need.mib);
    }

    /// A task taken with [`Queue::pop`] ended: what it held is free again.
    pub fn release(&mut self, task: TaskRef) {
        let Some(lanes) = self.runs.get_mut(&task.run) else { return };
        self.effort += 1;
        if !lanes.has_room() {
            self.freed_runs.push(task.run);
        }
        lanes.running -= 1;
        let lane = &lanes.lanes[lanes.lane_of[task.op as usize] as usize];
        if let Some(pool) = lane.pool {
            let entry = &mut self.pools[usize::from(pool)];
            if !entry.has_room() {
                self.freed_pools.push(pool);
            }
            entry.running -= 1;
        }
        if let Some(executor) = self.executors.get_mut(&lane.executor) {
            executor.in_use -= u64::from(lane.need.slots);
            executor.reserved_mib -= u64::from(lane.need.mib);
        }
    }

    /// What is kept free for a task while it runs.
    pub fn reserved_mib(&self, task: TaskRef) -> u32 {
        self.runs.get(&task.run).map_or(0, |lanes| lanes.lanes[lanes.lane_of[task.op as usize] as usize].need.mib)
    }

    /// A task that was released had to make room: from now on more is kept free for it.
    pub fn raise(&mut self, task: TaskRef, held_mib: u32) {
        let Some(lanes) = self.runs.get_mut(&task.run) else { return };
        let need = lanes.raised(task.op, held_mib);
        lanes.move_to(task.op, need);
    }

    pub fn set_capacity(&mut self, executor: u16, slots: u32) {
        self.executors.entry(executor).or_default().slots = slots;
    }

    pub fn set_memory(&mut self, executor: u16, mib: Option<u32>) {
        self.executors.entry(executor).or_default().memory_mib = mib;
    }

    /// Why a queued task waits; true after [`Queue::pop`] found nothing.
    pub fn blocked(&self, task: TaskRef) -> Option<Blocked> {
        let lanes = self.runs.get(&task.run)?;
        if !lanes.has_room() {
            return Some(Blocked::Run { running: lanes.running, limit: lanes.limit });
        }
        let lane = &lanes.lanes[lanes.lane_of[task.op as usize] as usize];
        if let Some(pool) = lane.pool {
            let entry = &self.pools[usize::from(pool)];
            if !entry.has_room() {
                return Some(Blocked::Pool { pool, running: entry.running, limit: entry.limit });
            }
        }
        let executor = self.executors.get(&lane.executor)?;
        if !executor.has_slots(lane.need.slots) {
            return Some(Blocked::Slots {
                executor: lane.executor,
                needed: lane.need.slots,
                in_use: executor.in_use,
                slots: executor.slots,
            });
        }
        (!executor.fits(lane.need)).then_some(Blocked::Memory {
            executor: lane.executor,
            needed_mib: lane.need.mib,
            free_mib: executor.free_mib(),
            budget_mib: executor.memory_mib.unwrap_or(u32::MAX),
        })
    }

    /// Milliseconds from the start of `op` to the end of its run along the longest path.
    pub fn path_ms(&self, run: RunKey, op: OpIx) -> Option<u64> {
        self.runs.get(&run)?.path_ms.get(op as usize).copied()
    }

    pub fn effort(&self) -> u64 {
        self.effort
    }
}

impl Pool {
    fn has_room(&self) -> bool {
        self.running < self.limit
    }
}

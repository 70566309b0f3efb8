//! Walks the queue and panics where it contradicts itself.

use super::Queue;
use super::run_lanes::Place;
use crate::{RunKey, TaskRef};
use std::collections::{BTreeMap, BTreeSet};

impl Queue {
    /// `held` and `queued`: the tasks that are running and queued by their states. To be called when [`Queue::pop`] has found nothing.
    pub fn check(&self, held: &[TaskRef], queued: &[TaskRef]) {
        let mut found = Vec::new();
        let mut sets: usize = 0;
        for (run, lanes) in &self.runs {
            assert_eq!(*run, lanes.run, "a run's lanes are under its key");
            let mut in_run = 0;
            for (ix, lane) in lanes.lanes.iter().enumerate() {
                in_run += lane.heap.len();
                found.extend(lanes.ops_in(ix).map(|op| TaskRef { run: *run, op }));
                let Some(key) = lanes.head_key(ix as u32) else {
                    assert_eq!(lane.place, Place::Empty, "a lane of {run:?} without tasks stands nowhere");
                    continue;
                };
                sets += 1;
                let executor = &self.executors[&lane.executor];
                match lane.place {
                    Place::Empty => panic!("a lane of {run:?} with tasks stands nowhere"),
                    Place::Active => {
                        assert!(executor.classes[&lane.need].contains(&key), "an active lane stands in its executor");
                        assert!(!executor.fits(lane.need), "{run:?}: a task that fits is left waiting");
                    }
                    Place::ParkedInRun => {
                        assert!(lanes.parked.contains(&key), "a lane parked in its run stands there");
                        assert!(!lanes.has_room(), "{run:?}: a lane is parked though its run has room");
                    }
                    Place::ParkedInPool(pool) => {
                        let pool = &self.pools[usize::from(pool)];
                        assert!(pool.parked.contains(&key), "a lane parked in its pool stands there");
                        assert!(!pool.has_room(), "{run:?}: a lane is parked though its pool has room");
                    }
                }
            }
            assert_eq!(lanes.queued as usize, in_run, "{run:?}: count of queued tasks");
            assert!(lanes.running <= lanes.limit, "{run:?}: more run at once than its limit allows");
        }
        let in_executors: usize = self.executors.values().flat_map(|e| e.classes.values()).map(BTreeSet::len).sum();
        let in_runs: usize = self.runs.values().map(|lanes| lanes.parked.len()).sum();
        let in_pools: usize = self.pools.iter().map(|pool| pool.parked.len()).sum();
        assert_eq!(
            in_executors + in_runs + in_pools,
            sets,
            "every lane with tasks stands in one set, and nothing else does"
        );
        found.sort_unstable();
        assert_eq!(found, queued, "the queue holds exactly the tasks whose state is queued");
        self.check_charges(held);
    }

    fn check_charges(&self, held: &[TaskRef]) {
        let mut by_run: BTreeMap<RunKey, u32> = BTreeMap::new();
        let mut by_pool = vec![0; self.pools.len()];
        let mut by_executor: BTreeMap<u16, (u64, u64)> = BTreeMap::new();
        for task in held {
            let lanes = &self.runs[&task.run];
            let lane = &lanes.lanes[lanes.lane_of[task.op as usize] as usize];
            *by_run.entry(task.run).or_default() += 1;
            let (slots, mib) = by_executor.entry(lane.executor).or_default();
            *slots += u64::from(lane.need.slots);
            *mib += u64::from(lane.need.mib);
            if let Some(pool) = lane.pool {
                by_pool[usize::from(pool)] += 1;
            }
        }
        for (run, lanes) in &self.runs {
            assert_eq!(lanes.running, by_run.get(run).copied().unwrap_or(0), "{run:?}: count of running tasks");
        }
        for (ix, pool) in self.pools.iter().enumerate() {
            assert_eq!(pool.running, by_pool[ix], "pool {ix}: count of running tasks");
            assert!(pool.running <= pool.limit, "pool {ix} holds more than its limit");
        }
        for (ix, executor) in &self.executors {
            let (slots, mib) = by_executor.get(ix).copied().unwrap_or_default();
            assert_eq!(executor.in_use, slots, "executor {ix}: slots in use");
            assert_eq!(executor.reserved_mib, mib, "executor {ix}: memory kept free");
        }
        assert!(self.freed_runs.is_empty() && self.freed_pools.is_empty(), "no freed place is left unused");
    }
}

impl super::run_lanes::RunLanes {
    fn ops_in(&self, lane: usize) -> impl Iterator<Item = crate::OpIx> + '_ {
        self.lanes[lane].heap.iter().map(|rank| self.op_at[rank.0 as usize])
    }
}

#[cfg(test)]
impl Queue {
    /// Breaks the queue: room appears and nobody is told.
    pub fn lift_limit(&mut self, run: RunKey) {
        if let Some(lanes) = self.runs.get_mut(&run) {
            lanes.limit = u32::MAX;
        }
    }
}

//! Which task starts next.

use super::Queue;
use super::executor::Need;
use super::key::Key;
use super::run_lanes::Place;
use crate::TaskRef;

impl Queue {
    /// Takes the first task in order that fits every limit, and charges it. `None`: nothing that is queued can start.
    pub fn pop(&mut self) -> Option<TaskRef> {
        loop {
            let candidate = self.best_active();
            let Some(key) = self.unpark_better(candidate) else {
                self.freed_runs.clear();
                self.freed_pools.clear();
                return None;
            };
            if let Some(task) = self.take_or_park(key) {
                return Some(task);
            }
        }
    }

    fn best_active(&mut self) -> Option<Key> {
        let effort = &mut self.effort;
        self.executors.values().filter_map(|executor| executor.best_fitting(effort)).min()
    }

    /// Lanes parked where there is room again and that come before `best` go back to their executor. Gives the best that fits now.
    /// Only as many move as must: a thousand lanes parked at one pool don't all wake for one free place.
    fn unpark_better(&mut self, mut best: Option<Key>) -> Option<Key> {
        for ix in 0..self.freed_runs.len() {
            let run = self.freed_runs[ix];
            while let Some(lanes) = self.runs.get_mut(&run).filter(|lanes| lanes.has_room()) {
                let Some(key) = lanes.parked.first().copied().filter(|&key| best.is_none_or(|b| key < b)) else {
                    break;
                };
                lanes.parked.remove(&key);
                best = self.activate(key).or(best);
            }
        }
        for ix in 0..self.freed_pools.len() {
            let pool = usize::from(self.freed_pools[ix]);
            while self.pools[pool].has_room() {
                let parked = &mut self.pools[pool].parked;
                let Some(key) = parked.first().copied().filter(|&key| best.is_none_or(|b| key < b)) else { break };
                parked.remove(&key);
                best = self.activate(key).or(best);
            }
        }
        best
    }

    /// Gives the key back if it fits its executor.
    fn activate(&mut self, key: Key) -> Option<Key> {
        self.effort += 1;
        let lane = &mut self.runs.get_mut(&key.run)?.lanes[key.lane as usize];
        lane.place = Place::Active;
        let executor = self.executors.entry(lane.executor).or_default();
        executor.class(lane.need).insert(key);
        executor.fits(lane.need).then_some(key)
    }

    fn take_or_park(&mut self, key: Key) -> Option<TaskRef> {
        self.effort += 1;
        let lanes = self.runs.get_mut(&key.run)?;
        let (room_in_run, learned) = (lanes.has_room(), lanes.learned(key.lane));
        let lane = &mut lanes.lanes[key.lane as usize];
        let executor = self.executors.entry(lane.executor).or_default();
        executor.remove(lane.need, &key);
        if let Some(need) = learned {
            self.move_head(key, need);
            return None;
        }
        if !room_in_run {
            lane.place = Place::ParkedInRun;
            lanes.parked.insert(key);
            return None;
        }
        if let Some(pool) = lane.pool {
            let entry = &mut self.pools[usize::from(pool)];
            if !entry.has_room() {
                lane.place = Place::ParkedInPool(pool);
                entry.parked.insert(key);
                return None;
            }
            entry.running += 1;
        }
        let need = lane.need;
        executor.in_use += u64::from(need.slots);
        executor.reserved_mib += u64::from(need.mib);
        lanes.running += 1;
        let op = lanes.take(key.lane)?;
        match lanes.head_key(key.lane) {
            Some(next) => {
                executor.class(need).insert(next);
            }
            None => lanes.lanes[key.lane as usize].place = Place::Empty,
        }
        Some(TaskRef { run: key.run, op })
    }

    /// The head of an active lane, which stands nowhere now, goes to the lane of those that need `need`, and the next one stands in its place.
    fn move_head(&mut self, key: Key, need: Need) {
        let Some(lanes) = self.runs.get_mut(&key.run) else { return };
        let Some(op) = lanes.take(key.lane) else { return };
        lanes.move_to(op, need);
        let next = lanes.head_key(key.lane);
        let lane = &mut lanes.lanes[key.lane as usize];
        match next {
            Some(next) => {
                self.executors.entry(lane.executor).or_default().class(lane.need).insert(next);
            }
            None => lane.place = Place::Empty,
        }
        self.push(TaskRef { run: key.run, op });
    }
}

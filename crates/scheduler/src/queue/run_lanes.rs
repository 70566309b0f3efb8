//! One run's part of the queue: its lanes, and the order of its tasks among themselves.

use super::executor::Need;
use super::key::Key;
use crate::{OpIx, OpSpec, RunKey};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

/// What [`super::Queue::add_run`] needs to know.
pub(crate) struct NewRunLanes<'a> {
    pub run: RunKey,
    pub priority: i32,
    pub concurrency: Option<u32>,
    pub ops: &'a [OpSpec],
    pub path_ms: Vec<u64>,
}

#[derive(Debug, Clone)]
pub(super) struct RunLanes {
    pub run: RunKey,
    pub priority: i32,
    /// `u32::MAX` where the run has none.
    pub limit: u32,
    pub running: u32,
    pub queued: u32,
    pub lanes: Vec<Lane>,
    pub lane_of: Vec<u32>,
    pub path_ms: Vec<u64>,
    op_priority: Vec<i32>,
    /// Of operators of which nothing was known when the run began.
    unknown_kind: Vec<Option<u32>>,
    /// What operators of a kind are taken to hold since one of them was evicted.
    learned_mib: BTreeMap<u32, u32>,
    /// Position of each operator in the order of starting, and back.
    rank_of: Vec<u32>,
    pub op_at: Vec<OpIx>,
    /// Heads of lanes that wait for this run's own limit.
    pub parked: BTreeSet<Key>,
}

#[derive(Debug, Clone)]
pub(super) struct Lane {
    pub executor: u16,
    pub pool: Option<u16>,
    pub need: Need,
    pub place: Place,
    /// Ranks of the queued tasks.
    pub heap: BinaryHeap<Reverse<u32>>,
}

/// In which set the head of a lane stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Empty,
    Active,
    ParkedInRun,
    ParkedInPool(u16),
}

impl Lane {
    fn new(executor: u16, pool: Option<u16>, need: Need) -> Lane {
        Lane { executor, pool, need, place: Place::Empty, heap: BinaryHeap::new() }
    }
}

impl RunLanes {
    pub fn new(new: NewRunLanes<'_>, pools: usize) -> RunLanes {
        let NewRunLanes { run, priority, concurrency, ops, path_ms } = new;
        let mut op_at: Vec<OpIx> = (0..ops.len() as u32).collect();
        op_at.sort_unstable_by_key(|&op| (Reverse(ops[op as usize].priority), Reverse(path_ms[op as usize]), op));
        let mut rank_of = vec![0; ops.len()];
        for (rank, &op) in op_at.iter().enumerate() {
            rank_of[op as usize] = rank as u32;
        }
        let (lanes, lane_of) = sort_into_lanes(ops, pools);
        RunLanes {
            run,
            priority,
            limit: concurrency.map_or(u32::MAX, |limit| limit.max(1)),
            running: 0,
            queued: 0,
            lanes,
            lane_of,
            path_ms,
            op_priority: ops.iter().map(|op| op.priority).collect(),
            unknown_kind: ops.iter().map(|op| (op.memory_mib == 0).then_some(op.kind)).collect(),
            learned_mib: BTreeMap::new(),
            rank_of,
            op_at,
            parked: BTreeSet::new(),
        }
    }

    /// What a task needs after it was evicted while it held `held_mib`: twice what was kept free for it, or what it held; or what others of its kind need.
    pub fn raised(&mut self, op: OpIx, held_mib: u32) -> Need {
        let Need { slots, mib } = self.lanes[self.lane_of[op as usize] as usize].need;
        let raised = Need::new(slots, mib.max(held_mib).max(1).saturating_mul(2));
        let Some(kind) = self.unknown_kind[op as usize] else { return raised };
        let learned = self.learned_mib.entry(kind).or_default();
        *learned = raised.mib.max(*learned);
        Need { mib: *learned, ..raised }
    }

    /// What the head of a lane needs, if more was learned of its kind since it was queued.
    pub fn learned(&self, lane: u32) -> Option<Need> {
        if self.learned_mib.is_empty() {
            return None; // nearly always
        }
        let Lane { need, heap, .. } = &self.lanes[lane as usize];
        let Reverse(rank) = heap.peek()?;
        let mib = *self.learned_mib.get(&self.unknown_kind[self.op_at[*rank as usize] as usize]?)?;
        (mib > need.mib).then_some(Need { mib, ..*need })
    }

    /// Moves a task that isn't queued to the lane of those that need `need`, which is made if there is none.
    pub fn move_to(&mut self, op: OpIx, need: Need) {
        let Lane { executor, pool, .. } = self.lanes[self.lane_of[op as usize] as usize];
        let same = |lane: &Lane| (lane.executor, lane.pool, lane.need) == (executor, pool, need);
        let lane = self.lanes.iter().position(same).unwrap_or_else(|| {
            self.lanes.push(Lane::new(executor, pool, need));
            self.lanes.len() - 1
        });
        self.lane_of[op as usize] = lane as u32;
    }

    pub fn has_room(&self) -> bool {
        self.running < self.limit
    }

    pub fn push(&mut self, lane: u32, op: OpIx) {
        self.lanes[lane as usize].heap.push(Reverse(self.rank_of[op as usize]));
        self.queued += 1;
    }

    /// Takes the head of a lane.
    pub fn take(&mut self, lane: u32) -> Option<OpIx> {
        let Reverse(rank) = self.lanes[lane as usize].heap.pop()?;
        self.queued -= 1;
        Some(self.op_at[rank as usize])
    }

    pub fn head_key(&self, lane: u32) -> Option<Key> {
        let &Reverse(rank) = self.lanes[lane as usize].heap.peek()?;
        let op = self.op_at[rank as usize] as usize;
        Some(Key {
            run_priority: Reverse(self.priority),
            priority: Reverse(self.op_priority[op]),
            path_ms: Reverse(self.path_ms[op]),
            run: self.run,
            rank,
            lane,
        })
    }
}

fn sort_into_lanes(ops: &[OpSpec], pools: usize) -> (Vec<Lane>, Vec<u32>) {
    let mut lanes = Vec::new();
    let mut known = BTreeMap::new();
    let lane_of = ops
        .iter()
        .map(|op| {
            let pool = op.pool.filter(|&pool| usize::from(pool) < pools);
            let need = Need::new(op.slots, op.memory_mib);
            *known.entry((op.executor, pool, need)).or_insert_with(|| {
                lanes.push(Lane::new(op.executor, pool, need));
                lanes.len() as u32 - 1
            })
        })
        .collect();
    (lanes, lane_of)
}

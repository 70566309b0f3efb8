//! One life of an engine: the core and what a real engine keeps around it, queue by queue.

use crate::flaw::Flaw;
use crate::oracle::Heard;
use crate::shape::{MEMORY_MIB, POOLS, SLOTS, artifact_dir};
use std::collections::{BTreeMap, VecDeque};
use suanzi_dag_engine::core::{AfterCommit, Core, DescribeJob, Effects, Now};
use suanzi_executor::AttemptId;
use suanzi_store::{RunKey, StoreRecord};

pub struct Process {
    pub id: u64,
    pub owner: String,
    pub core: Core,
    pub fx: Effects,
    /// What the writer will take next.
    pub queued: Unwritten,
    /// What the writer is committing.
    pub taken: Option<Unwritten>,
    /// Committed; now to be told.
    pub to_tell: VecDeque<AfterCommit>,
    pub unread: VecDeque<DescribeJob>,
    pub unsynced: VecDeque<DescribeJob>,
    pub timer_ms: Option<u64>,
    /// Attempts it handed out and hasn't heard the end of.
    pub in_use: BTreeMap<AttemptId, Use>,
    /// How those ended whose end it heard, by their tokens.
    pub heard: BTreeMap<u64, Heard>,
}

/// What an attempt in hand takes.
pub struct Use {
    pub executor: u16,
    pub slots: u32,
    pub pool: Option<u16>,
    /// Kept free for it.
    pub memory_mib: u32,
    /// An earlier engine handed it out.
    pub taken_over: bool,
}

#[derive(Default)]
pub struct Unwritten {
    pub records: Vec<StoreRecord>,
    pub runs: Vec<(RunKey, u64)>,
    pub after: Vec<AfterCommit>,
}

impl Unwritten {
    pub fn is_empty(&self) -> bool {
        self.records.is_empty() && self.after.is_empty()
    }

    pub fn append(&mut self, fx: &mut Effects) {
        self.records.append(&mut fx.records);
        for run in fx.runs.drain(..) {
            if !self.runs.contains(&run) {
                self.runs.push(run);
            }
        }
        self.after.append(&mut fx.after);
    }
}

impl Process {
    pub fn new(id: u64, flaw: Option<Flaw>) -> Process {
        let defect = match flaw {
            Some(Flaw::Engine(defect)) => Some(defect),
            _ => None,
        };
        let slots = SLOTS.map(|slots| slots + u32::from(flaw == Some(Flaw::TooManySlots)));
        let pools = POOLS.iter().map(|limit| limit + u32::from(flaw == Some(Flaw::TooWidePools))).collect();
        Process {
            id,
            owner: format!("engine-{id}"),
            core: Core::new(artifact_dir(), pools, &slots, &[Some(u64::from(MEMORY_MIB) << 20); SLOTS.len()])
                .with_defect(defect),
            fx: Effects::default(),
            queued: Unwritten::default(),
            taken: None,
            to_tell: VecDeque::new(),
            unread: VecDeque::new(),
            unsynced: VecDeque::new(),
            timer_ms: None,
            in_use: BTreeMap::new(),
            heard: BTreeMap::new(),
        }
    }

    pub fn has_uncommitted(&self) -> bool {
        !self.queued.records.is_empty() || self.taken.as_ref().is_some_and(|t| !t.records.is_empty())
    }
}

/// The world's clock as the core reads it.
pub fn now(now_ms: u64) -> Now {
    Now { mono_ms: now_ms, wall: 1_000_000 + now_ms as i64 }
}

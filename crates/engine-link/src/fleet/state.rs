//! Who is there, what runs where, and what must still be said to whom.

use super::attempts::{Known, LogPlace, Phase};
use crate::wire::{Hello, Order};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use suanzi_executor::*;

/// Ended attempts that are remembered.
const MAX_OVER: usize = 100_000;

/// Members under one name, to the dag engine an executor.
pub(super) struct Group {
    pub name: String,
    pub members: Vec<usize>,
    pub sink: OnceLock<Arc<dyn EventSink>>,
    told_slots: AtomicU32,
    told_memory: Mutex<Option<u64>>,
}

impl Group {
    /// Notes what the listener knows of the slots; true if it is new.
    pub fn told(&self, slots: u32) -> bool {
        self.told_slots.swap(slots, Ordering::SeqCst) != slots
    }

    /// The same of the memory.
    pub fn told_memory(&self, bytes: Option<u64>) -> bool {
        let mut told = self.told_memory.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *told, bytes) != bytes
    }
}

/// One operator engine, as it was last seen.
pub(super) struct Seen {
    /// The present link; none while there is none.
    pub link: Option<String>,
    pub hello: Option<Hello>,
    /// It answers: new work may go there.
    pub answers: bool,
    /// It was attached to once: what it holds of an earlier dag engine is known.
    pub met: bool,
    /// What it holds of an earlier dag engine and nobody has asked for.
    pub held: HashSet<AttemptId>,
    pub heard: Instant,
    /// Cpu slots of what is there.
    pub used: u32,
    /// What is kept free for it.
    pub reserved_bytes: u64,
    pub orders: VecDeque<Order>,
    /// The last trouble that was told, so that it is told once.
    pub trouble: String,
}

pub(super) struct State {
    pub closing: bool,
    pub members: Vec<Seen>,
    attempts: HashMap<AttemptId, Known>,
    over: VecDeque<AttemptId>,
    waiting: VecDeque<(usize, Box<TaskRequest>)>,
    sought: HashSet<AttemptId>,
    /// What is held beyond what was asked for is nobody's.
    taken_up: bool,
    began: Instant,
}

impl State {
    pub fn new(members: usize) -> State {
        let seen = |_| Seen {
            link: None,
            hello: None,
            answers: false,
            met: false,
            held: HashSet::new(),
            heard: Instant::now(),
            used: 0,
            reserved_bytes: 0,
            orders: VecDeque::new(),
            trouble: String::new(),
        };
        State {
            closing: false,
            members: (0..members).map(seen).collect(),
            attempts: HashMap::new(),
            over: VecDeque::new(),
            waiting: VecDeque::new(),
            sought: HashSet::new(),
            taken_up: false,
            began: Instant::now(),
        }
    }

    /// All members under `name`, and those of each label under it.
    pub fn groups(&self, name: &str) -> Vec<Group> {
        let mut labels: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (ix, member) in self.members.iter().enumerate() {
            for label in member.hello.iter().flat_map(|hello| &hello.labels).filter(|label| *label != name) {
                labels.entry(label).or_default().push(ix);
            }
        }
        let all = (name, (0..self.members.len()).collect());
        std::iter::once(all)
            .chain(labels)
            .map(|(name, members)| Group {
                name: name.to_owned(),
                members,
                sink: OnceLock::new(),
                told_slots: AtomicU32::new(u32::MAX),
                told_memory: Mutex::new(None),
            })
            .collect()
    }

    pub fn present(&self) -> usize {
        self.members.iter().filter(|member| member.answers).count()
    }

    fn slots_at(&self, member: usize) -> u32 {
        let seen = self.members.get(member).filter(|seen| seen.answers);
        seen.and_then(|seen| seen.hello.as_ref()).map_or(0, |hello| hello.slots)
    }

    pub fn slots_of(&self, members: &[usize]) -> u32 {
        members.iter().map(|member| self.slots_at(*member)).sum()
    }

    /// What attempts at these may hold in all; none where one of them doesn't mind.
    pub fn memory_of(&self, members: &[usize]) -> Option<u64> {
        let there = members.iter().filter_map(|member| self.members.get(*member)).filter(|seen| seen.answers);
        there.map(|seen| seen.hello.as_ref()?.memory_bytes).sum()
    }

    /// The one with the most room, among those with enough memory left if there are such.
    fn choose(&self, members: &[usize], reserved_bytes: u64) -> Option<usize> {
        let room = |member: usize| i64::from(self.slots_at(member)) - i64::from(self.members[member].used);
        let fits = |member: usize| {
            let seen = &self.members[member];
            let memory = seen.hello.as_ref().and_then(|hello| hello.memory_bytes);
            memory.is_none_or(|bytes| reserved_bytes == 0 || seen.reserved_bytes + reserved_bytes <= bytes)
        };
        let there = members.iter().copied().filter(|member| self.slots_at(*member) > 0);
        there.rev().max_by_key(|member| (fits(*member), room(*member)))
    }

    /// True if there is something to be sent.
    pub fn begin(&mut self, group: usize, members: &[usize], task: Box<TaskRequest>) -> Result<bool, StartError> {
        if self.closing {
            return Err(StartError::ShutDown);
        }
        if self.attempts.contains_key(&task.attempt) {
            return Ok(false);
        }
        let cpu_slots = task.limits.cpu_slots.max(1);
        let reserved_bytes = task.limits.reserved_bytes;
        let phase = Phase::Waiting;
        let known = Known { group, member: None, phase, cpu_slots, reserved_bytes, copy: None, log: None };
        self.attempts.insert(task.attempt, known);
        Ok(self.place(group, members, task))
    }

    /// Gives it to a member; false while there is none.
    fn place(&mut self, group: usize, members: &[usize], task: Box<TaskRequest>) -> bool {
        let Some(member) = self.choose(members, task.limits.reserved_bytes) else {
            self.waiting.push_back((group, task));
            return false;
        };
        if let Some(known) = self.attempts.get_mut(&task.attempt) {
            known.member = Some(member);
            known.phase = Phase::Queued;
            self.members[member].used += known.cpu_slots;
            self.members[member].reserved_bytes += known.reserved_bytes;
        }
        self.members[member].orders.push_back(Order::Start(task));
        true
    }

    /// One that an earlier dag engine handed out: whoever holds it is to tell of it. True if there is something to be sent.
    pub fn re_attach(&mut self, group: usize, task: &TaskRequest) -> Result<bool, StartError> {
        if self.closing {
            return Err(StartError::ShutDown);
        }
        let id = task.attempt;
        if self.attempts.contains_key(&id) {
            return Ok(false);
        }
        let cpu_slots = task.limits.cpu_slots.max(1);
        let reserved_bytes = task.limits.reserved_bytes;
        let phase = Phase::Sought;
        let known = Known { group, member: None, phase, cpu_slots, reserved_bytes, copy: None, log: None };
        self.attempts.insert(id, known);
        let holder = self.members.iter().position(|seen| seen.held.contains(&id));
        match holder {
            Some(member) => self.take_over(member, id),
            None => drop(self.sought.insert(id)),
        }
        Ok(holder.is_some())
    }

    fn take_over(&mut self, member: usize, id: AttemptId) {
        self.sought.remove(&id);
        let Some(known) = self.attempts.get_mut(&id) else { return };
        known.member = Some(member);
        known.phase = Phase::Queued;
        let seen = &mut self.members[member];
        seen.used += known.cpu_slots;
        seen.reserved_bytes += known.reserved_bytes;
        seen.held.remove(&id);
        seen.orders.push_back(Order::TakeOver { attempt: id });
    }

    /// `member` was attached to and holds these of an earlier link.
    pub fn met(&mut self, member: usize, held: Vec<AttemptId>) {
        self.members[member].met = true;
        self.members[member].held.clear();
        for id in held {
            if self.sought.contains(&id) {
                self.take_over(member, id);
            } else if self.taken_up || self.attempts.contains_key(&id) {
                // It counts as lost here, or its end is on its way into a record.
                self.members[member].orders.push_back(Order::Forget { attempt: id });
            } else {
                self.members[member].held.insert(id);
            }
        }
    }

    /// What is held and was not asked for is nobody's.
    pub fn all_taken_up(&mut self) {
        self.taken_up = true;
        for seen in &mut self.members {
            let left = std::mem::take(&mut seen.held);
            seen.orders.extend(left.into_iter().map(|attempt| Order::Forget { attempt }));
        }
    }

    /// Those that nobody has: all were met, or the others have been away for too long.
    pub fn not_found(&mut self, lost_after: Duration) -> Vec<(AttemptId, (usize, LogRange))> {
        if self.sought.is_empty() || !(self.members.iter().all(|seen| seen.met) || self.began.elapsed() > lost_after) {
            return Vec::new();
        }
        let sought = std::mem::take(&mut self.sought);
        sought.into_iter().filter_map(|id| Some((id, self.finish(&id)?))).collect()
    }

    /// Its end is on record, or another engine's concern: nothing is kept of it, and it is ended if it runs. True if there is something to be sent.
    pub fn forget(&mut self, id: &AttemptId) -> bool {
        self.sought.remove(id);
        let member = self.attempts.get(id).and_then(|known| known.member);
        // A link that begins later hears of it by what its operator engine holds.
        let Some(seen) = member.and_then(|ix| self.members.get_mut(ix)).filter(|seen| seen.link.is_some()) else {
            return false;
        };
        seen.orders.push_back(Order::Forget { attempt: *id });
        true
    }

    /// Somebody came: what waits may go.
    pub fn place_waiting(&mut self, groups: &[Group]) {
        for (group, task) in std::mem::take(&mut self.waiting) {
            let members = groups.get(group).map(|group| group.members.clone()).unwrap_or_default();
            self.place(group, &members, task);
        }
    }

    /// Its group, if it waited and so has ended by this.
    pub fn ask_to_stop(&mut self, id: &AttemptId, grace: Duration) -> Option<usize> {
        let known = self.attempts.get(id).filter(|known| !known.is_over())?;
        let group = known.group;
        match known.member {
            Some(member) => {
                let grace_ms = grace.as_millis().min(u128::from(u64::MAX)) as u64;
                self.members[member].orders.push_back(Order::Stop { attempt: *id, grace_ms });
                None
            }
            None => {
                self.waiting.retain(|(_, task)| task.attempt != *id);
                self.sought.remove(id);
                self.finish(id).map(|_| group)
            }
        }
    }

    pub fn status(&self, id: &AttemptId) -> AttemptStatus {
        match self.attempts.get(id).map(|known| &known.phase) {
            None => AttemptStatus::Unknown,
            Some(Phase::Waiting | Phase::Sought | Phase::Queued) => AttemptStatus::Queued,
            Some(Phase::Running) => AttemptStatus::Running,
            Some(Phase::Finished) => AttemptStatus::Finished,
        }
    }

    pub fn log_of(&self, id: &AttemptId) -> Option<LogPlace> {
        self.attempts.get(id).map(Known::log_place)
    }

    /// An attempt that runs at `member`.
    pub fn at(&mut self, member: usize, id: &AttemptId) -> Option<&mut Known> {
        self.attempts.get_mut(id).filter(|known| known.member == Some(member) && !known.is_over())
    }

    /// Its one end: its group, and the range of its log's copy.
    pub fn finish(&mut self, id: &AttemptId) -> Option<(usize, LogRange)> {
        let known = self.attempts.get_mut(id).filter(|known| !known.is_over())?;
        known.phase = Phase::Finished;
        let copy = known.copy.take();
        known.log = copy.as_ref().map(|copy| copy.number);
        let log = copy.map_or(LogRange::default(), |copy| LogRange { file: copy.number, start: 0, end: copy.bytes });
        if let Some(seen) = known.member.and_then(|member| self.members.get_mut(member)) {
            seen.used = seen.used.saturating_sub(known.cpu_slots);
            seen.reserved_bytes = seen.reserved_bytes.saturating_sub(known.reserved_bytes);
        }
        let group = known.group;
        self.over.push_back(*id);
        if self.over.len() > MAX_OVER
            && let Some(old) = self.over.pop_front()
        {
            self.attempts.remove(&old);
        }
        Some((group, log))
    }

    /// What runs at `member`, or anywhere.
    pub fn open(&self, member: Option<usize>) -> Vec<AttemptId> {
        let there = |known: &Known| !known.is_over() && (member.is_none() || known.member == member);
        self.attempts.iter().filter(|(_, known)| there(known)).map(|(id, _)| *id).collect()
    }
}

//! A run's events, kept for whoever reads them from whatever place: ends and starts all of them, progress and metrics only the newest of each operator. Memory grows with the run's tasks, not with what they report.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use suanzi_dag_engine::RunEvent;
use tokio::sync::watch;

/// The most events one read gives.
pub(crate) const MAX_EVENTS_READ: usize = 1_000;

pub(crate) struct Feed {
    /// Operator ids by position.
    names: Vec<String>,
    state: Mutex<State>,
    /// Rises with each event, and once more at the end.
    changed: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    seq: u64,
    kept: Vec<(u64, RunEvent)>,
    newest: HashMap<u32, (u64, RunEvent)>,
    closed: bool,
}

/// Events after the place asked for, in order.
pub(crate) struct Events {
    pub events: Vec<(u64, suanzi_api::RunEvent)>,
    /// Nothing comes after these.
    pub last: bool,
}

impl Feed {
    pub fn new(names: Vec<String>) -> Feed {
        Feed { names, state: Mutex::default(), changed: watch::Sender::new(0) }
    }

    /// As the API shows it.
    pub fn shown(&self, event: &RunEvent) -> suanzi_api::RunEvent {
        crate::wire::event(event, &self.names)
    }

    pub fn push(&self, event: RunEvent) {
        let mut state = self.lock();
        if state.closed {
            return;
        }
        state.seq += 1;
        let seq = state.seq;
        match &event {
            RunEvent::Progress { op, .. } | RunEvent::Metric { op, .. } => {
                state.newest.insert(*op, (seq, event));
            }
            RunEvent::TaskEnded(end) => {
                state.newest.remove(&end.op);
                state.kept.push((seq, event));
            }
            RunEvent::TaskStarted { .. } => state.kept.push((seq, event)),
            RunEvent::RunEnded { .. } => {
                state.kept.push((seq, event));
                state.closed = true;
            }
        }
        drop(state);
        self.changed.send_modify(|count| *count += 1);
    }

    /// Nothing more comes; without a `RunEnded` before it, the run went to another owner.
    pub fn close(&self) {
        self.lock().closed = true;
        self.changed.send_modify(|count| *count += 1);
    }

    pub fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Tells when there may be more to read.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Events with a sequence number above `after`.
    pub fn read(&self, after: u64) -> Events {
        let state = self.lock();
        let from = state.kept.partition_point(|(seq, _)| *seq <= after);
        let rest = &state.kept[from..];
        let take = rest.len().min(MAX_EVENTS_READ);
        // What is newest of an operator must not overtake kept events that are left for the next read.
        let until = if take < rest.len() { rest[take - 1].0 } else { u64::MAX };
        let mut found: Vec<&(u64, RunEvent)> = rest[..take].iter().collect();
        found.extend(state.newest.values().filter(|(seq, _)| *seq > after && *seq <= until));
        found.sort_by_key(|(seq, _)| *seq);
        Events {
            events: found.iter().map(|(seq, event)| (*seq, crate::wire::event(event, &self.names))).collect(),
            last: state.closed && take == rest.len(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use suanzi_dag_engine::TaskEnd;
    use suanzi_store::{RunKey, RunState, TaskState};

    const RUN: RunKey = RunKey(1);

    fn started(op: u32) -> RunEvent {
        RunEvent::TaskStarted { run: RUN, op, attempt_no: 1 }
    }

    fn progress(op: u32, fraction: f64) -> RunEvent {
        RunEvent::Progress { run: RUN, op, fraction, message: String::new() }
    }

    fn ended(op: u32) -> RunEvent {
        let end = TaskEnd {
            run: RUN,
            op,
            state: TaskState::Success,
            attempt_no: 1,
            wall_us: 1,
            failure: None,
            outputs: vec![],
        };
        RunEvent::TaskEnded(Box::new(end))
    }

    fn run_ended() -> RunEvent {
        RunEvent::RunEnded { run: RUN, state: RunState::Success }
    }

    fn feed(events: Vec<RunEvent>) -> Feed {
        let feed = Feed::new(vec!["a".into(), "b".into()]);
        events.into_iter().for_each(|e| feed.push(e));
        feed
    }

    /// Sequence numbers and names of events after a place, and whether they are the last.
    fn check(events: Vec<RunEvent>, after: u64, expected: &[(u64, &str)], last: bool) {
        let found = feed(events).read(after);
        let found_names: Vec<_> = found.events.iter().map(|(seq, e)| (*seq, e.name())).collect();
        assert_eq!((found_names.as_slice(), found.last), (expected, last));
    }

    #[test]
    fn what_a_reader_gets() {
        let all = || vec![started(0), progress(0, 0.1), progress(0, 0.2), started(1), ended(0), progress(1, 0.5)];
        check(vec![], 0, &[], false);
        check(all(), 0, &[(1, "task_started"), (4, "task_started"), (5, "task_ended"), (6, "progress")], false);
        check(all()[..4].to_vec(), 0, &[(1, "task_started"), (3, "progress"), (4, "task_started")], false);
        check(all(), 5, &[(6, "progress")], false);
        check(all(), 6, &[], false);
        check(vec![started(0), ended(0), run_ended(), started(1)], 1, &[(2, "task_ended"), (3, "run_ended")], true);
        check(vec![run_ended()], u64::MAX, &[], true);
    }

    #[test]
    fn a_long_feed_is_read_in_pieces_without_a_gap() {
        let total = 2 * MAX_EVENTS_READ as u64 + 7;
        let mut events: Vec<RunEvent> = (0..total - 2).map(|_| started(0)).collect();
        events.extend([progress(1, 0.5), run_ended()]);
        let feed = feed(events);
        let (mut after, mut seen, mut reads) = (0, Vec::new(), 0);
        loop {
            let read = feed.read(after);
            seen.extend(read.events.iter().map(|(seq, _)| *seq));
            after = seen.last().copied().unwrap_or(after);
            reads += 1;
            if read.last {
                break;
            }
            assert!(reads < 10, "the end is never told");
        }
        assert_eq!(seen, (1..=total).collect::<Vec<_>>());
        assert_eq!(reads, 3);
    }

    #[test]
    fn progress_takes_no_memory() {
        let feed = feed((0..10_000).map(|i| progress(i % 2, 0.5)).collect());
        assert_eq!(feed.read(0).events.len(), 2);
        feed.close();
        assert!(feed.read(0).last);
    }
}

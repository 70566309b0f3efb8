//! What happens in all runs and to all DAGs, for `GET /api/v1/events`. The newest events are kept; who was away longer is told that some are missed.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use suanzi_api::{AnyEvent, EventOfRun, Notice, RunEvent};
use tokio::sync::watch;

/// Events that are kept for readers who come back.
const KEPT: usize = 4_096;

pub(crate) struct News {
    state: Mutex<State>,
    changed: watch::Sender<u64>,
}

struct State {
    /// Of the newest event.
    seq: u64,
    kept: VecDeque<(u64, AnyEvent)>,
}

impl Default for News {
    /// Numbers begin with the time, so that those of a server's earlier life are older ones.
    fn default() -> News {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let seq = since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(0));
        News { state: Mutex::new(State { seq, kept: VecDeque::new() }), changed: watch::Sender::new(0) }
    }
}

impl News {
    pub fn tell(&self, notice: Notice) {
        self.push(AnyEvent::Notice(notice));
    }

    pub fn of_run(&self, run_id: &str, event: RunEvent) {
        self.push(AnyEvent::OfRun(EventOfRun { run_id: run_id.to_string(), event }));
    }

    fn push(&self, event: AnyEvent) {
        let mut state = self.lock();
        state.seq += 1;
        let seq = state.seq;
        state.kept.push_back((seq, event));
        if state.kept.len() > KEPT {
            state.kept.pop_front();
        }
        drop(state);
        self.changed.send_modify(|count| *count += 1);
    }

    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// The newest event's number.
    pub fn now(&self) -> u64 {
        self.lock().seq
    }

    /// Events after `after`; first that some are missed, where they are not kept any more or where the number is none that was given.
    pub fn read(&self, after: u64) -> Vec<(u64, AnyEvent)> {
        let state = self.lock();
        let oldest = state.kept.front().map_or(state.seq + 1, |(seq, _)| *seq);
        let missed = after.saturating_add(1) < oldest || after > state.seq;
        let from = if missed { 0 } else { state.kept.partition_point(|(seq, _)| *seq <= after) };
        let told = missed.then(|| (oldest.saturating_sub(1), AnyEvent::Notice(Notice::Missed {})));
        told.into_iter().chain(state.kept.range(from..).cloned()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(news: &News, after: u64) -> Vec<&'static str> {
        news.read(after).iter().map(|(_, event)| event.name()).collect()
    }

    #[test]
    fn a_reader_goes_on_or_is_told_that_it_missed_something() {
        let news = News::default();
        let begin = news.now();
        assert!(news.read(begin).is_empty());
        news.tell(Notice::DagChanged { dag_id: "1".into(), version: 2 });
        news.tell(Notice::RunStarted { run_id: "r".into(), dag_id: "1".into() });
        assert_eq!(names(&news, begin), ["dag_changed", "run_started"]);
        assert_eq!(names(&news, begin + 1), ["run_started"]);
        assert!(news.read(begin + 2).is_empty());
        for unknown in [0, begin - 1, begin + 3, u64::MAX - 1] {
            assert_eq!(names(&news, unknown), ["missed", "dag_changed", "run_started"], "{unknown}");
        }
    }

    #[test]
    fn the_oldest_events_are_forgotten() {
        let news = News::default();
        let begin = news.now();
        for version in 0..KEPT as u32 + 5 {
            news.tell(Notice::DagChanged { dag_id: "1".into(), version });
        }
        let read = news.read(begin);
        assert_eq!((read.len(), read[0].1.name()), (KEPT + 1, "missed"));
        assert_eq!(read.last().map(|(seq, _)| *seq), Some(news.now()));
    }
}

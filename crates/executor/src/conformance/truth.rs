//! What really becomes of the task that faulty platforms are asked about: it fails with a last word that no lie has.

use crate::{Event, EventSink, Executor, Outcome};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use suanzi_protocol::{FailureKind, FromWorker, Usage, encode};

const LAST_WORD: &str = "what really happened";
/// Any wait of these tests ends within it.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// Of a flood, beyond the largest answer that is read: what the system holds on the way.
pub const ON_THE_WAY_BYTES: u64 = 32 << 20;

/// The frame that tells the end, as a platform's `events` have it.
///
/// # Panics
/// Never: the frame is small.
pub fn last_event() -> Vec<u8> {
    let frame = FromWorker::Failed {
        id: 1,
        kind: FailureKind::Exception,
        message: LAST_WORD.into(),
        hint: None,
        traceback: None,
        usage: Usage::default(),
        retire: None,
    };
    let mut bytes = Vec::new();
    encode(&frame, &mut bytes).expect("a small frame");
    bytes
}

/// A platform's answer about a task that ended with so many bytes of events.
pub fn ended(event_bytes: usize) -> String {
    format!(r#"{{"state": "ended", "exit_status": 0, "log_bytes": 0, "event_bytes": {event_bytes}}}"#)
}

pub fn is_the_truth(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Failed(failure) if failure.message == LAST_WORD)
}

/// Hands on all that an executor tells.
struct Sink(Mutex<Sender<Event>>);

impl EventSink for Sink {
    fn event(&self, event: Event) {
        let _ = self.0.lock().expect("no panic before").send(event); // the test may have ended
    }
}

/// All that an executor tells from now on.
pub fn listen(executor: &dyn Executor) -> Receiver<Event> {
    let (sender, receiver) = channel();
    executor.attach(Arc::new(Sink(Mutex::new(sender))));
    receiver
}

/// Until the attempt's end: how it ended, and the capacities told before.
///
/// # Panics
/// There is no end within [`PATIENCE`].
pub fn end(events: &Receiver<Event>) -> (Outcome, Vec<u32>) {
    let mut capacities = Vec::new();
    loop {
        match events.recv_timeout(PATIENCE).expect("an end") {
            Event::Finished { outcome, .. } => return (outcome, capacities),
            Event::Capacity { slots } => capacities.push(slots),
            _ => {}
        }
    }
}

//! Executors that are wrong in one way each: the null executor behind a layer that misbehaves.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use suanzi_executor::*;

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fault {
    EndsTwice,
    LosesSomeEnds,
    NeverTellsStarted,
    StartedAfterEnd,
    RunsRepeatedStarts,
    IgnoresStop,
    StopIsSuccess,
    ForgetsGrace,
    StopsUnknownLater,
    StopHitsAnother,
    StatusStaysRunning,
    StatusUnknownIsQueued,
    ExitZeroIsSuccess,
    KillIsException,
    OutOfMemoryIsException,
    MixesUpLogs,
    IgnoresLogOffset,
    NoLimitOfLogRead,
    NoLiveLogs,
    UnknownLogIsEmpty,
    ProgressAfterEnd,
    DropsStartsFromEvents,
    MoreThanItsSlots,
    ShutdownLosesOpen,
    TakesAfterShutdown,
    TalksAfterShutdown,
}

pub const FAULTS: &[Fault] = &[
    Fault::EndsTwice,
    Fault::LosesSomeEnds,
    Fault::NeverTellsStarted,
    Fault::StartedAfterEnd,
    Fault::RunsRepeatedStarts,
    Fault::IgnoresStop,
    Fault::StopIsSuccess,
    Fault::ForgetsGrace,
    Fault::StopsUnknownLater,
    Fault::StopHitsAnother,
    Fault::StatusStaysRunning,
    Fault::StatusUnknownIsQueued,
    Fault::ExitZeroIsSuccess,
    Fault::KillIsException,
    Fault::OutOfMemoryIsException,
    Fault::MixesUpLogs,
    Fault::IgnoresLogOffset,
    Fault::NoLimitOfLogRead,
    Fault::NoLiveLogs,
    Fault::UnknownLogIsEmpty,
    Fault::ProgressAfterEnd,
    Fault::DropsStartsFromEvents,
    Fault::MoreThanItsSlots,
    Fault::ShutdownLosesOpen,
    Fault::TakesAfterShutdown,
    Fault::TalksAfterShutdown,
];

pub struct Broken {
    inner: NullExecutor,
    fault: Fault,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    ends: AtomicUsize,
    last: Mutex<Option<AttemptId>>,
    cursed: Mutex<HashSet<AttemptId>>,
    held: Mutex<Vec<Event>>,
    sink: Mutex<Option<Arc<dyn EventSink>>>,
    in_event: Mutex<Option<std::thread::ThreadId>>,
    shutting_down: Mutex<bool>,
}

struct BrokenSink {
    fault: Fault,
    shared: Arc<Shared>,
    outer: Arc<dyn EventSink>,
}

impl Broken {
    pub fn new(inner: NullExecutor, fault: Fault) -> Broken {
        Broken { inner, fault, shared: Arc::default() }
    }
}

impl EventSink for BrokenSink {
    fn event(&self, event: Event) {
        *self.shared.in_event.lock().unwrap() = Some(std::thread::current().id());
        self.tell(event);
        *self.shared.in_event.lock().unwrap() = None;
    }
}

impl BrokenSink {
    fn tell(&self, event: Event) {
        match (self.fault, event) {
            (Fault::EndsTwice, event @ Event::Finished { .. }) => {
                self.outer.event(event.clone());
                self.outer.event(event);
            }
            (Fault::LosesSomeEnds, Event::Finished { .. })
                if self.shared.ends.fetch_add(1, Ordering::SeqCst) % 3 == 2 => {}
            (Fault::NeverTellsStarted, Event::Started { .. }) => {}
            (Fault::StartedAfterEnd, event @ Event::Started { .. })
            | (Fault::ProgressAfterEnd, event @ Event::Progress { .. }) => {
                self.shared.held.lock().unwrap().push(event);
            }
            (Fault::StartedAfterEnd | Fault::ProgressAfterEnd, event @ Event::Finished { .. }) => {
                self.outer.event(event);
                for late in std::mem::take(&mut *self.shared.held.lock().unwrap()) {
                    self.outer.event(late);
                }
            }
            (Fault::StopIsSuccess, Event::Finished { attempt, outcome: Outcome::Stopped, usage }) => {
                let outcome = Outcome::Success { outputs: Vec::new() };
                self.outer.event(Event::Finished { attempt, outcome, usage });
            }
            (fault, Event::Finished { attempt, outcome: Outcome::Failed(failure), usage }) => {
                let outcome = match (fault, failure.kind) {
                    (Fault::ExitZeroIsSuccess, FailureKind::ExitedWithoutResult) => {
                        Outcome::Success { outputs: Vec::new() }
                    }
                    (Fault::KillIsException, FailureKind::Killed)
                    | (Fault::OutOfMemoryIsException, FailureKind::OutOfMemory) => {
                        Outcome::Failed(Failure { kind: FailureKind::Exception, ..failure })
                    }
                    _ => Outcome::Failed(failure),
                };
                self.outer.event(Event::Finished { attempt, outcome, usage });
            }
            (Fault::ShutdownLosesOpen, Event::Finished { .. }) if *self.shared.shutting_down.lock().unwrap() => {}
            (_, event) => self.outer.event(event),
        }
    }
}

impl Executor for Broken {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn slots(&self) -> u32 {
        match self.fault {
            Fault::MoreThanItsSlots => self.inner.slots() - 1,
            _ => self.inner.slots(),
        }
    }

    fn attach(&self, sink: Arc<dyn EventSink>) {
        *self.shared.sink.lock().unwrap() = Some(Arc::clone(&sink));
        self.inner.attach(Arc::new(BrokenSink { fault: self.fault, shared: Arc::clone(&self.shared), outer: sink }));
    }

    fn start(&self, task: Box<TaskRequest>) -> Result<(), StartError> {
        let attempt = task.attempt;
        *self.shared.last.lock().unwrap() = Some(attempt);
        let inside = *self.shared.in_event.lock().unwrap() == Some(std::thread::current().id());
        match self.fault {
            Fault::DropsStartsFromEvents if inside => return Ok(()),
            Fault::RunsRepeatedStarts if self.inner.status(&attempt) == AttemptStatus::Finished => {
                if let Some(sink) = self.shared.sink.lock().unwrap().clone() {
                    sink.event(Event::Started { attempt, worker: "again".into() });
                }
            }
            Fault::TakesAfterShutdown if *self.shared.shutting_down.lock().unwrap() => return Ok(()),
            _ => {}
        }
        let started = self.inner.start(task);
        if self.shared.cursed.lock().unwrap().remove(&attempt) {
            self.inner.stop(&attempt, Duration::ZERO);
        }
        started
    }

    fn stop(&self, attempt: &AttemptId, grace: Duration) {
        match self.fault {
            Fault::IgnoresStop => {}
            Fault::ForgetsGrace => self.inner.stop(attempt, Duration::ZERO),
            Fault::StopsUnknownLater if self.inner.status(attempt) == AttemptStatus::Unknown => {
                self.shared.cursed.lock().unwrap().insert(*attempt);
            }
            Fault::StopHitsAnother if self.inner.status(attempt) == AttemptStatus::Finished => {
                let next = AttemptId { op: attempt.op + 1, token: attempt.token + (1 << 32), ..*attempt };
                self.shared.cursed.lock().unwrap().insert(next);
            }
            _ => self.inner.stop(attempt, grace),
        }
    }

    fn status(&self, attempt: &AttemptId) -> AttemptStatus {
        match (self.fault, self.inner.status(attempt)) {
            (Fault::StatusStaysRunning, AttemptStatus::Finished) => AttemptStatus::Running,
            (Fault::StatusUnknownIsQueued, AttemptStatus::Unknown) => AttemptStatus::Queued,
            (_, status) => status,
        }
    }

    fn logs(&self, attempt: &AttemptId, offset: u64, limit: usize) -> Result<Vec<u8>, LogError> {
        let unknown = self.inner.status(attempt) == AttemptStatus::Unknown;
        match self.fault {
            Fault::MixesUpLogs => {
                let last = self.shared.last.lock().unwrap().unwrap_or(*attempt);
                self.inner.logs(if unknown { attempt } else { &last }, offset, limit)
            }
            Fault::IgnoresLogOffset => self.inner.logs(attempt, 0, limit),
            Fault::NoLimitOfLogRead => self.inner.logs(attempt, offset, limit.min(64)),
            Fault::NoLiveLogs if self.inner.status(attempt) == AttemptStatus::Running => Ok(Vec::new()),
            Fault::UnknownLogIsEmpty if unknown => Ok(Vec::new()),
            _ => self.inner.logs(attempt, offset, limit),
        }
    }

    fn shutdown(&self) {
        *self.shared.shutting_down.lock().unwrap() = true;
        self.inner.shutdown();
        if self.fault == Fault::TalksAfterShutdown
            && let Some(attempt) = *self.shared.last.lock().unwrap()
            && let Some(sink) = self.shared.sink.lock().unwrap().take()
        {
            sink.event(Event::Progress { attempt, fraction: 1.0, message: "late".into() });
        }
    }
}

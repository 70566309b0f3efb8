//! The operator engine: dispatches attempts to executors by name and tells the dag engine, through one sink, what became of them.

use std::sync::Arc;
use std::time::Duration;
use suanzi_executor::{
    AttemptId, AttemptStatus, CodeRef, Event, EventSink, Executor, LogError, StartError, TaskRequest,
};

/// Position of an executor in the engine's list.
pub type ExecutorIx = u16;

/// Hears everything that executors tell, with the position of the one that told it.
pub trait Callback: Send + Sync {
    fn event(&self, executor: ExecutorIx, event: Event);
}

/// The executors of this process. The same verbs for each: start, stop, status, logs.
pub struct OperatorEngine {
    executors: Vec<Arc<dyn Executor>>,
}

struct Relay {
    executor: ExecutorIx,
    callback: Arc<dyn Callback>,
}

impl EventSink for Relay {
    fn event(&self, event: Event) {
        self.callback.event(self.executor, event);
    }
}

impl OperatorEngine {
    /// Executors are named by their position from now on.
    pub fn new(executors: Vec<Arc<dyn Executor>>) -> OperatorEngine {
        assert!(executors.len() <= ExecutorIx::MAX as usize, "more executors than positions");
        OperatorEngine { executors }
    }

    pub fn names(&self) -> Vec<String> {
        self.executors.iter().map(|e| e.name().to_string()).collect()
    }

    pub fn position(&self, name: &str) -> Option<ExecutorIx> {
        self.executors.iter().position(|e| e.name() == name).map(|i| i as ExecutorIx)
    }

    /// Slots of each executor, in their order.
    pub fn slots(&self) -> Vec<u32> {
        self.executors.iter().map(|e| e.slots()).collect()
    }

    /// How much the attempts of each executor may hold in all, in bytes, in their order; none where that doesn't matter.
    pub fn memory_bytes(&self) -> Vec<Option<u64>> {
        self.executors.iter().map(|e| e.memory_bytes()).collect()
    }

    /// Why each executor takes no work now, in their order; none where it does.
    pub fn waits(&self) -> Vec<Option<String>> {
        self.executors.iter().map(|e| e.waits()).collect()
    }

    /// Called once, before the first start.
    pub fn attach(&self, callback: &Arc<dyn Callback>) {
        for (i, executor) in self.executors.iter().enumerate() {
            executor.attach(Arc::new(Relay { executor: i as ExecutorIx, callback: callback.clone() }));
        }
    }

    /// An attempt of this code may come soon.
    pub fn foresee(&self, executor: ExecutorIx, code: &CodeRef) {
        if let Some(e) = self.executors.get(executor as usize) {
            e.foresee(code);
        }
    }

    pub fn start(&self, executor: ExecutorIx, task: Box<TaskRequest>) -> Result<(), StartError> {
        match self.executors.get(executor as usize) {
            Some(e) => e.start(task),
            None => Err(StartError::Refused(format!("there is no executor number {executor}"))),
        }
    }

    pub fn stop(&self, executor: ExecutorIx, attempt: &AttemptId, grace: Duration) {
        if let Some(e) = self.executors.get(executor as usize) {
            e.stop(attempt, grace);
        }
    }

    /// Whether attempts of each executor go on without this process, in their order.
    pub fn outlive_engine(&self) -> Vec<bool> {
        self.executors.iter().map(|e| e.outlives_engine()).collect()
    }

    /// Takes over an attempt that an earlier process handed out. Errors: its executor can't.
    pub fn re_attach(&self, executor: ExecutorIx, task: Box<TaskRequest>) -> Result<(), StartError> {
        match self.executors.get(executor as usize) {
            Some(e) => e.re_attach(task),
            None => Err(StartError::Refused(format!("there is no executor number {executor}"))),
        }
    }

    /// The attempt is another engine's now; it isn't stopped.
    pub fn let_go(&self, executor: ExecutorIx, attempt: &AttemptId) {
        if let Some(e) = self.executors.get(executor as usize) {
            e.let_go(attempt);
        }
    }

    /// The attempt's end is on record.
    pub fn forget(&self, executor: ExecutorIx, attempt: &AttemptId) {
        if let Some(e) = self.executors.get(executor as usize) {
            e.forget(attempt);
        }
    }

    /// The runs of earlier engines were taken up: what no [`OperatorEngine::re_attach`] named may end.
    pub fn taken_up(&self) {
        for executor in self.executors.iter().filter(|e| e.outlives_engine()) {
            executor.taken_up();
        }
    }

    pub fn status(&self, executor: ExecutorIx, attempt: &AttemptId) -> AttemptStatus {
        self.executors.get(executor as usize).map_or(AttemptStatus::Unknown, |e| e.status(attempt))
    }

    pub fn logs(
        &self,
        executor: ExecutorIx,
        attempt: &AttemptId,
        offset: u64,
        limit: usize,
    ) -> Result<Vec<u8>, LogError> {
        self.executors.get(executor as usize).ok_or(LogError::UnknownAttempt)?.logs(attempt, offset, limit)
    }

    /// Blocks until nothing that executors started is left.
    pub fn shutdown(&self) {
        for executor in &self.executors {
            executor.shutdown();
        }
    }
}

//! Durable steps, by name. Under the feature `planted-defects` a test kills the engine just before or just after one; a shipped build only takes it.

/// What becomes durable, or is told because it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A DAG's text and structure are stored.
    Version,
    /// The folder of a run's files is made.
    Folder,
    /// A run's row is stored: from then on it was accepted.
    Accepted,
    /// A batch of records is committed.
    Batch,
    /// What was committed is told.
    Told,
    /// A published file is brought to the disk.
    Synced,
    /// A model's version is stored.
    Model,
    /// An engine takes over runs of another that died.
    Claimed,
}

impl Step {
    pub const ALL: [Step; 8] = [
        Step::Version,
        Step::Folder,
        Step::Accepted,
        Step::Batch,
        Step::Told,
        Step::Synced,
        Step::Model,
        Step::Claimed,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Step::Version => "version",
            Step::Folder => "folder",
            Step::Accepted => "accepted",
            Step::Batch => "batch",
            Step::Told => "told",
            Step::Synced => "synced",
            Step::Model => "model",
            Step::Claimed => "claimed",
        }
    }
}

/// Takes a durable step.
#[cfg(not(feature = "planted-defects"))]
#[inline]
pub fn durable<T>(_: Step, take: impl FnOnce() -> T) -> T {
    take()
}

/// Takes a durable step, unless `SUANZI_FAIL_POINT` ends the process before or after it.
#[cfg(feature = "planted-defects")]
pub fn durable<T>(step: Step, take: impl FnOnce() -> T) -> T {
    fail_point::pass("before", step);
    let taken = take();
    fail_point::pass("after", step);
    taken
}

#[cfg(feature = "planted-defects")]
mod fail_point {
    use super::Step;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// A place that ends the process when it is passed for the so-many-th time.
    struct FailPoint {
        side: String,
        step: Step,
        left: AtomicU32,
    }

    /// `SUANZI_FAIL_POINT=after:batch:3`: dies after the third batch is committed.
    fn named() -> Option<FailPoint> {
        let text = std::env::var("SUANZI_FAIL_POINT").ok()?;
        let mut words = text.split(':');
        let side = words.next().filter(|side| ["before", "after"].contains(side))?.to_owned();
        let name = words.next()?;
        let step = Step::ALL.into_iter().find(|step| step.name() == name)?;
        let left = AtomicU32::new(words.next()?.parse().ok()?);
        Some(FailPoint { side, step, left })
    }

    pub(super) fn pass(side: &str, step: Step) {
        static POINT: OnceLock<Option<FailPoint>> = OnceLock::new();
        let Some(point) = POINT.get_or_init(named) else { return };
        if point.step == step && point.side == side && point.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
            // Signals to oneself arrive before the call returns; another thread's may take a moment.
            loop {
                std::thread::park();
            }
        }
    }
}

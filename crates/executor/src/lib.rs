//! The base executor: something that can start, stop, watch and read the logs of an attempt. Every implementation passes `conformance`.

#[cfg(feature = "conformance")]
pub mod conformance;
pub mod log_copy;
mod null;
mod types;
pub mod wire;

pub use null::{NullExecutor, Script};
pub use types::*;

use std::sync::Arc;
use std::time::Duration;

/// Where an executor tells what became of its attempts. Called from any thread, never while the executor holds a lock of its own: the receiver may call [`Executor::start`] before it returns.
pub trait EventSink: Send + Sync {
    fn event(&self, event: Event);
}

/// A place where attempts run.
pub trait Executor: Send + Sync {
    /// The name used by `--executor` and `executor:` in the YAML.
    fn name(&self) -> &str;

    /// Cpu slots it has in all. Changes are announced by [`Event::Capacity`].
    fn slots(&self) -> u32;

    /// How much its attempts may hold in all; none where that isn't known or doesn't matter. It ends attempts ([`Outcome::Evicted`]) when they hold more. Changes are announced by [`Event::Memory`].
    fn memory_bytes(&self) -> Option<u64> {
        None
    }

    /// Begins to emit events to `sink`. Called once, before the first `start`.
    fn attach(&self, sink: Arc<dyn EventSink>);

    /// An attempt of this code may come soon: what it needs may be made ready meanwhile. Returns at once.
    fn foresee(&self, _code: &CodeRef) {}

    /// Starts an attempt. Returns at once; everything after is told to the sink. Idempotent by [`AttemptId`]: a second call for the same id changes nothing.
    /// Exactly one [`Event::Finished`] follows for each accepted id.
    fn start(&self, task: Box<TaskRequest>) -> Result<(), StartError>;

    /// Asks the attempt to end: TERM, then KILL after `grace`. Its [`Event::Finished`] follows ([`Outcome::Stopped`] unless it ended by itself first). Unknown ids are ignored.
    fn stop(&self, attempt: &AttemptId, grace: Duration);

    fn status(&self, attempt: &AttemptId) -> AttemptStatus;

    /// Why it takes no work now although it has slots, in words for people; none while it does, as always where nothing outside can be away.
    fn waits(&self) -> Option<String> {
        None
    }

    /// Whether attempts go on without the process that started them, so that a later one finds them again with [`Executor::re_attach`]. Their results are kept until [`Executor::forget`].
    fn outlives_engine(&self) -> bool {
        false
    }

    /// Takes over an attempt that an earlier process handed out here: nothing is started, and what becomes of it is told as after [`Executor::start`].
    /// [`Outcome::Lost`] where the place doesn't know it. Errors: attempts here end with the process that started them.
    fn re_attach(&self, _task: Box<TaskRequest>) -> Result<(), StartError> {
        Err(StartError::Refused("attempts here end with the engine that started them".into()))
    }

    /// The attempt is another engine's now: it isn't stopped where that engine can re-attach to it, and nothing more is told of it. Only called where [`Executor::outlives_engine`].
    fn let_go(&self, _attempt: &AttemptId) {}

    /// The attempt's end is on record: what the place keeps for it may go. Only called where [`Executor::outlives_engine`].
    fn forget(&self, _attempt: &AttemptId) {}

    /// The runs of earlier engines were taken up, as far as they can go on: what nobody has re-attached to is nobody's, and may be ended.
    /// Only called where [`Executor::outlives_engine`].
    fn taken_up(&self) {}

    /// Bytes of the attempt's log from `offset`, at most `limit` ([`MAX_LOG_READ_BYTES`]); empty when there is no more yet.
    fn logs(&self, attempt: &AttemptId, offset: u64, limit: usize) -> Result<Vec<u8>, LogError>;

    /// Ends all attempts and whatever the executor started. Blocks until nothing is left.
    fn shutdown(&self);
}

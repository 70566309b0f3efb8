//! Decides what runs next. Sans-IO: no clock, no randomness, no async, no serde; `now` is an argument, tokens are derived from a secret the caller gives.
//!
//! [`Scheduler::handle`] takes one [`Input`] and appends to a [`Step`] the [`Record`]s (changes of state rows) and [`Action`]s (what the outside must do).
//!
//! Each kind of input has a file of its own (`run_submitted`, `attempt_finished`, `cancel`, …); all of them move tasks through the few doors of `run`, and `queue` alone knows slots, pools and limits.

mod attempt_evicted;
mod attempt_finished;
mod attempt_lost;
mod attempt_progress;
mod cancel;
mod check;
#[cfg(test)]
mod corruption;
mod critical_path;
mod cx;
mod disowned;
mod graph;
mod looked_up;
mod queue;
mod run;
mod run_submitted;
mod scheduler;
mod state;
mod story;
mod timer;
mod token;
mod trigger;
mod types;
mod waiting;

pub use scheduler::{Options, Scheduler};
pub use state::{Phase, Running, TaskCounts, TaskState};
pub use story::{Because, Names, StoryEvent, StoryLine};
pub use token::attempt_token;
pub use trigger::Tally;
pub use types::*;
pub use waiting::WaitingReason;

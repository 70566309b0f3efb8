//! When scheduled DAGs are due: cron expressions in time zones, and what becomes of due times that were missed. Knows no clock: every function is given the time.

mod cron;
mod schedule;
mod settle;

pub use schedule::{DEFAULT_TIME_ZONE, MAX_CRON_BYTES, Missed, Schedule, ScheduleError};
pub use settle::{LATE_MS, MAX_CATCH_UP, MAX_REACH_MS, Settled, settle};

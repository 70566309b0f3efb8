//! The wall clock, for the one time the store itself chooses: when an artifact was last looked up.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::EpochMillis;

pub fn now_ms() -> EpochMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    EpochMillis::try_from(since.as_millis()).unwrap_or(EpochMillis::MAX)
}

//! What is known of one attempt.

use std::fs::File;

pub(super) enum Phase {
    /// Nobody is there who could take it.
    Waiting,
    /// An earlier dag engine handed it out; who has it has not been met yet.
    Sought,
    Queued,
    Running,
    Finished,
}

/// The copy of a log: its number, and how much of it there is.
pub(super) struct Copy {
    pub number: u64,
    pub file: File,
    pub bytes: u64,
}

pub(super) struct Known {
    pub group: usize,
    /// Set but while it waits or is sought.
    pub member: Option<usize>,
    pub phase: Phase,
    pub cpu_slots: u32,
    pub reserved_bytes: u64,
    /// Written as its end draws near.
    pub copy: Option<Copy>,
    /// The copy's number, once it has ended.
    pub log: Option<u64>,
}

/// Where an attempt's log can be read.
pub(super) enum LogPlace {
    Nowhere,
    Copy(u64),
    There(usize),
}

impl Known {
    pub fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Finished)
    }

    pub fn log_place(&self) -> LogPlace {
        match (&self.phase, self.member, self.log) {
            (Phase::Finished, _, Some(number)) => LogPlace::Copy(number),
            (Phase::Queued | Phase::Running, Some(member), _) => LogPlace::There(member),
            _ => LogPlace::Nowhere,
        }
    }
}

//! Attempts' logs: ranges of bytes in workers' log files, named `<number>.log`.

use crate::state::{Core, Phase};
use crate::worker::Activity;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use suanzi_executor::{AttemptId, LogError, MAX_LOG_READ_BYTES};

pub(crate) fn path(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("{number}.log"))
}

/// A new file that only its owner reads, under the first free number from `number` on: another executor may have taken it.
pub(crate) fn create(dir: &Path, number: &mut u64) -> io::Result<File> {
    loop {
        match OpenOptions::new().read(true).append(true).create_new(true).mode(0o600).open(path(dir, *number)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => *number += 1,
            made => return made,
        }
    }
}

/// One more than the highest number in use.
pub(crate) fn next_number(dir: &Path) -> io::Result<u64> {
    let mut highest = 0;
    for entry in std::fs::read_dir(dir)? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.strip_suffix(".log")).and_then(|stem| stem.parse().ok());
        highest = highest.max(number.unwrap_or(0));
    }
    Ok(highest + 1)
}

impl Core {
    pub fn read_log(&self, attempt: &AttemptId, offset: u64, limit: usize) -> Result<Vec<u8>, LogError> {
        let (file, start, end) = {
            let state = self.lock();
            let (number, start, end) = match state.attempts.get(attempt).ok_or(LogError::UnknownAttempt)? {
                Phase::Queued(_) => return Ok(Vec::new()),
                Phase::Finished(range) => (range.file, range.start, Some(range.end)),
                Phase::Running(number) => match state.workers.get(number) {
                    Some(worker) => match &worker.activity {
                        Activity::Busy(running) => (worker.log_number, running.log_start, None),
                        _ => return Ok(Vec::new()),
                    },
                    None => return Ok(Vec::new()),
                },
            };
            if number == 0 {
                return Ok(Vec::new()); // it never reached a worker
            }
            (path(&state.options.log_dir, number), start, end)
        };
        read(&file, (start, end), offset, limit)
    }
}

/// Bytes of a range of a log file, or of all that follows where it has no end yet; `offset` counts from its start.
pub(crate) fn read(
    file: &Path,
    (start, end): (u64, Option<u64>),
    offset: u64,
    limit: usize,
) -> Result<Vec<u8>, LogError> {
    let from = start.saturating_add(offset);
    let room = end.map_or(u64::MAX, |end| end.saturating_sub(from));
    let mut bytes = vec![0; (limit.min(MAX_LOG_READ_BYTES) as u64).min(room) as usize];
    if bytes.is_empty() {
        return Ok(bytes);
    }
    let file = File::open(file)?;
    let mut read = 0;
    while read < bytes.len() {
        match file.read_at(&mut bytes[read..], from.saturating_add(read as u64)) {
            Ok(0) => break,
            Ok(count) => read += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    bytes.truncate(read);
    Ok(bytes)
}

//! Processes that an engine started, found by a directory that is in their environment.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::{Duration, Instant};

/// Nothing that an engine started may outlive it by more.
pub const MAX_OUTLIVE: Duration = Duration::from_secs(2);
const LOOK_AGAIN: Duration = Duration::from_millis(5);
/// What the processes in question are called. Others aren't looked into: reading the environment of a busy process can take long.
const NAMES: [&str; 2] = ["python", "suanzi"];

/// Waits until all are gone. Gives how long that took.
pub fn wait_until_gone(marker: &Path) -> Result<Duration, String> {
    let began = Instant::now();
    loop {
        let looked_at = began.elapsed();
        let left = marked(marker);
        if left.is_empty() {
            return Ok(looked_at);
        }
        if looked_at > MAX_OUTLIVE {
            return Err(format!("{looked_at:?} after the engine's end there still are processes {left:?}"));
        }
        std::thread::sleep(LOOK_AGAIN);
    }
}

/// Ids of the processes that have the directory in their environment.
pub fn marked(marker: &Path) -> Vec<u32> {
    let marker = marker.as_os_str().as_bytes();
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        // A process may end while it is looked at.
        .filter(|pid| {
            let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
            NAMES.iter().any(|known| name.starts_with(known))
        })
        .filter(|pid| {
            let environ = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            environ.windows(marker.len()).any(|window| window == marker)
        })
        .collect()
}

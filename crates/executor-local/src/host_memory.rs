//! The memory of the host, or of the control group (version 2) that this process may not leave.

use std::fs::read_to_string;
use std::path::PathBuf;

pub(crate) struct HostMemory {
    pub total_bytes: u64,
    /// The group with a limit, and its limit.
    group: Option<(PathBuf, u64)>,
}

impl HostMemory {
    /// None where the system doesn't tell.
    pub fn find() -> Option<HostMemory> {
        let host = field(&read_to_string("/proc/meminfo").ok()?, "MemTotal:")? << 10;
        let group = limited_group();
        let total_bytes = group.as_ref().map_or(host, |(_, limit)| host.min(*limit));
        Some(HostMemory { total_bytes, group })
    }

    /// What could still be taken without harm to others.
    pub fn available_bytes(&self) -> Option<u64> {
        let host = field(&read_to_string("/proc/meminfo").ok()?, "MemAvailable:")? << 10;
        let in_group = self.group.as_ref().and_then(|(path, limit)| {
            let used: u64 = read_to_string(path.join("memory.current")).ok()?.trim().parse().ok()?;
            // Pages of files that nobody has looked at lately make room by themselves.
            let files = field(&read_to_string(path.join("memory.stat")).ok()?, "inactive_file").unwrap_or(0);
            Some(limit.saturating_sub(used.saturating_sub(files)))
        });
        Some(in_group.map_or(host, |bytes| bytes.min(host)))
    }
}

/// The nearest group upwards that has a limit.
fn limited_group() -> Option<(PathBuf, u64)> {
    let groups = read_to_string("/proc/self/cgroup").ok()?;
    let own = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let own = PathBuf::from("/sys/fs/cgroup").join(own);
    own.ancestors().take_while(|path| path.starts_with("/sys/fs/cgroup")).find_map(|path| {
        let limit = read_to_string(path.join("memory.max")).ok()?.trim().parse().ok()?;
        Some((path.to_owned(), limit))
    })
}

/// The number after `name` at the start of a line.
fn field(text: &str, name: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_host_has_memory_and_some_is_available() {
        let host = HostMemory::find().expect("Linux tells");
        let available = host.available_bytes().expect("Linux tells");
        assert!(0 < available && available <= host.total_bytes, "{available} of {}", host.total_bytes);
        assert_eq!(field("MemTotal:       16 kB\nMemFree: 3 kB\n", "MemFree:"), Some(3));
    }
}

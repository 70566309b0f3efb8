//! How many workers this host has, and what they may hold.

use clap::Args as ClapArgs;

/// The least that operators may be left with: less than this no table fits.
const MIN_MEMORY_BYTES: u64 = 64 << 20;

#[derive(ClapArgs, Debug, Clone, Copy, Default)]
pub struct WorkersArgs {
    /// Python worker processes (default: twice the number of processors)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub workers: Option<u32>,
    /// Memory that operators may hold in all, such as 8GiB (default: 80 % of what the host has)
    #[arg(long, value_name = "SIZE", env = "SUANZI_MEMORY", value_parser = memory)]
    pub memory: Option<u64>,
}

/// In bytes.
fn memory(text: &str) -> Result<u64, String> {
    let wrong = || "it must be a size of at least 64MiB, such as 8GiB".to_owned();
    crate::verbs::cache::bytes(text).ok().filter(|bytes| *bytes >= MIN_MEMORY_BYTES).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::memory;

    #[test]
    fn sizes() {
        for (text, expected) in [("64MiB", Some(64 << 20)), ("900MiB", Some(900 << 20)), ("8G", Some(8 << 30))] {
            assert_eq!(memory(text).ok(), expected, "{text}");
        }
        for text in ["", "0", "63MiB", "much", "-8GiB", "8TBs"] {
            assert!(memory(text).is_err(), "{text}");
        }
    }
}

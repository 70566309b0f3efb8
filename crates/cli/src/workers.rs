//! How many workers this host has, what they may hold, and how they are kept from the engine and each other.

use crate::isolation::{Choice, Uids};
use clap::Args as ClapArgs;
use suanzi_executor_local::Profile;

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
    /// How operators are kept from the engine and each other: plain, namespaced, service, or auto for the strongest there is [default: plain]
    #[arg(long, value_name = "PROFILE", env = crate::isolation::VARIABLE, hide_env_values = true)]
    pub isolation: Option<Choice>,
    /// The users that workers are under the profile service [default: 61000-61999]
    #[arg(long, value_name = "FIRST-LAST", env = "SUANZI_ISOLATION_UIDS", hide_env_values = true)]
    pub isolation_uids: Option<Uids>,
}

impl WorkersArgs {
    /// As the environment says, for verbs that have no such flags.
    pub fn of_environment() -> Result<WorkersArgs, crate::fail::Failure> {
        let set = std::env::var(crate::isolation::VARIABLE).ok().filter(|text| !text.is_empty());
        let isolation = set
            .map(|text| text.parse())
            .transpose()
            .map_err(|why: String| crate::fail::Failure::invalid(format!("{}: {why}", crate::isolation::VARIABLE)))?;
        Ok(WorkersArgs { isolation, ..WorkersArgs::default() })
    }

    /// Whether any of it was given.
    pub fn is_set(&self) -> bool {
        self.workers.is_some() || self.memory.is_some() || self.isolation.is_some() || self.isolation_uids.is_some()
    }

    /// What was asked for, or what stands where nothing was.
    pub fn choice(&self) -> Choice {
        self.isolation.unwrap_or(Choice::Exactly(Profile::Plain))
    }
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

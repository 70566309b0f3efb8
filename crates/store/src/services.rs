//! Rows of services: models that are served under a name.

use crate::EpochMillis;

/// A registered model's version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServedVersion {
    pub model: String,
    /// From 1.
    pub version: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceRow {
    pub name: String,
    /// What answers now.
    pub served: ServedVersion,
    /// What answered before: where a roll-back goes.
    pub before: Option<ServedVersion>,
    /// Requests that may be under way at one time.
    pub concurrency: u32,
    pub created_at: EpochMillis,
    pub changed_at: EpochMillis,
}

impl ServiceRow {
    /// Unless the service was deployed with another number.
    pub const DEFAULT_CONCURRENCY: u32 = 256;

    /// The row once `served` takes the place of what `old` serves, if there is one.
    pub fn switched(
        old: Option<&ServiceRow>,
        name: &str,
        served: ServedVersion,
        concurrency: Option<u32>,
        now: EpochMillis,
    ) -> ServiceRow {
        ServiceRow {
            name: name.to_string(),
            before: match old {
                // Deployed again: what was before is so still.
                Some(old) if old.served == served => old.before.clone(),
                old => old.map(|old| old.served.clone()),
            },
            served,
            concurrency: concurrency.or(old.map(|old| old.concurrency)).unwrap_or(Self::DEFAULT_CONCURRENCY),
            created_at: old.map_or(now, |old| old.created_at),
            changed_at: now,
        }
    }

    /// Can it name a service? Letters, digits, `_`, `.` and `-`, a letter or digit first, at most 63.
    pub fn is_name(name: &str) -> bool {
        name.chars().next().is_some_and(char::is_alphanumeric)
            && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-'))
            && name.chars().count() <= 63
    }
}

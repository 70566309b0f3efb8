//! Which life of the machine this is: files that weren't synced survive the end of a process, not that of the machine.

use crate::home::Home;

/// The kernel's name for it: another one after each start, on every machine.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

pub struct Boot(String);

impl Boot {
    pub fn now() -> Boot {
        Boot(std::fs::read_to_string(BOOT_ID).unwrap_or_default().trim().to_string())
    }

    /// Did the home's last owner live in it too? Where that isn't known: no.
    pub fn is_that_of(&self, home: &Home) -> bool {
        !self.0.is_empty() && std::fs::read_to_string(home.boot()).is_ok_and(|noted| noted.trim() == self.0)
    }

    /// If it can't be noted, the next owner looks more closely than it had to.
    pub fn note(&self, home: &Home) {
        if !self.is_that_of(home) {
            let _ = std::fs::write(home.boot(), format!("{}\n", self.0));
        }
    }
}

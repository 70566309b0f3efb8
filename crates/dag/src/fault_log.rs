//! Collects the faults of one text: bounded in number, and attributed to the operator being read.

use crate::limits::MAX_FAULTS;
use crate::{Fault, Faults};

/// Characters of the author's text that a message quotes.
const MAX_QUOTED_CHARS: usize = 60;

/// Reading can't go on; the reason is in the log.
#[derive(Debug)]
pub(crate) struct Stop;

#[derive(Default)]
pub(crate) struct FaultLog {
    errors: Vec<Fault>,
    warnings: Vec<Fault>,
    dropped: usize,
    /// Named in faults that name none themselves.
    pub operator: Option<String>,
}

impl FaultLog {
    pub fn push(&mut self, mut fault: Fault) {
        if fault.operator.is_none() {
            fault.operator.clone_from(&self.operator);
        }
        // Warnings have room of their own, so that they can't crowd out an error.
        let list = if fault.warning { &mut self.warnings } else { &mut self.errors };
        if list.len() < MAX_FAULTS {
            list.push(fault);
        } else {
            self.dropped += 1;
        }
    }

    /// Reports the fault that ends reading.
    pub fn stop(&mut self, fault: Fault) -> Stop {
        // It must be seen, however many came before it.
        if self.errors.len() >= MAX_FAULTS {
            self.errors.pop();
            self.dropped += 1;
        }
        self.push(fault);
        Stop
    }

    pub fn has(&self, code: &str) -> bool {
        self.errors.iter().any(|fault| fault.code == code)
    }

    pub fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }

    /// How many errors there have been, so that a caller can see whether reading a value added one.
    pub fn error_count(&self) -> usize {
        self.errors.len() + self.dropped
    }

    /// All of them by place, at most [`MAX_FAULTS`] and one that counts the rest.
    pub fn finish(self) -> Faults {
        let mut dropped = self.dropped;
        let mut all = self.errors;
        all.extend(self.warnings);
        let mut faults = Faults(all);
        if faults.0.len() > MAX_FAULTS {
            dropped += faults.0.len() - MAX_FAULTS;
            faults.0.truncate(MAX_FAULTS);
        }
        faults.sort();
        // A text that stands for several (an anchor's) may be read several times.
        faults.0.dedup();
        if dropped > 0 {
            let rest = Fault::new("too_many_faults", format!("{dropped} more faults are not shown"))
                .hint("mend the first ones, then check again");
            let warning = !faults.has_errors();
            faults.push(Fault { warning, ..rest });
        }
        faults
    }
}

/// The author's text for a message: quoted with backticks, on one line, shortened.
pub(crate) fn quote(text: &str) -> String {
    let mut out = String::from("`");
    for (i, c) in text.chars().enumerate() {
        if i == MAX_QUOTED_CHARS {
            out.push('…');
            break;
        }
        if c.is_control() {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out.push('`');
    out
}

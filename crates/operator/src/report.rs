//! Collects faults up to a limit, errors and warnings apart so that neither hides the other.

use suanzi_dag::{Fault, Faults};

/// Faults of one DAG that are said one by one; the rest are counted. Errors and warnings each.
pub const MAX_FAULTS: usize = 1_000;

#[derive(Default)]
pub(crate) struct Report {
    errors: Vec<Fault>,
    warnings: Vec<Fault>,
    errors_left_out: usize,
    warnings_left_out: usize,
}

impl Report {
    /// `fault` is only made when there is room for it: suggestions and lists cost time.
    pub fn error(&mut self, fault: impl FnOnce() -> Fault) {
        if self.errors.len() < MAX_FAULTS { self.errors.push(fault()) } else { self.errors_left_out += 1 }
    }

    pub fn warning(&mut self, fault: impl FnOnce() -> Fault) {
        if self.warnings.len() < MAX_FAULTS {
            self.warnings.push(fault().warning());
        } else {
            self.warnings_left_out += 1;
        }
    }

    /// An error, or a warning where the operator is disabled and nothing will be run.
    pub fn fault(&mut self, disabled: bool, fault: impl FnOnce() -> Fault) {
        if disabled { self.warning(fault) } else { self.error(fault) }
    }

    /// The warnings, or everything if there is an error.
    pub fn finish(self) -> Result<Faults, Faults> {
        let failed = !self.errors.is_empty();
        let mut faults = Faults(self.errors);
        faults.0.extend(self.warnings);
        faults.sort();
        if self.errors_left_out > 0 {
            faults.push(Fault::new("more_faults", format!("and {} more faults", self.errors_left_out)));
        }
        if self.warnings_left_out > 0 {
            faults.push(Fault::new("more_faults", format!("and {} more warnings", self.warnings_left_out)).warning());
        }
        if failed { Err(faults) } else { Ok(faults) }
    }
}

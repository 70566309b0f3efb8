//! Which Python modules an installation has, told by its directories: no Python is started.

use crate::Interpreter;
use suanzi_operator::manifest::Requirement;

impl Interpreter {
    /// What is not installed of what an operator requires.
    pub fn missing<'a>(&self, requires: &'a [Requirement]) -> Vec<&'a Requirement> {
        requires.iter().filter(|r| !self.has_module(&r.module)).collect()
    }

    fn has_module(&self, module: &str) -> bool {
        let plain = !module.is_empty() && module.chars().all(|c| c.is_alphanumeric() || c == '_');
        plain
            && self
                .site_packages
                .iter()
                .any(|dir| dir.join(module).is_dir() || dir.join(format!("{module}.py")).is_file())
    }
}

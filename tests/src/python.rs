//! The Python that the program under test uses, and a stand-in that writes down each start.

use crate::{Suanzi, repository};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The interpreter: `$SUANZI_PYTHON`, else the clone's own environment.
pub fn interpreter() -> PathBuf {
    let path = match std::env::var_os("SUANZI_PYTHON") {
        Some(set) => PathBuf::from(set),
        None => repository::root().join(".venv/bin/python"),
    };
    assert!(path.is_file(), "there is no {}: run `make .venv/.ready`", path.display());
    path
}

/// Runs Python with the clone's package and gives its standard output.
pub fn run(args: &[&str]) -> String {
    let mut command = Command::new(interpreter());
    command.args(args).env("PYTHONPATH", repository::root().join("python")).env("PYTHONDONTWRITEBYTECODE", "1");
    let out = command.output().expect("Python starts");
    assert!(out.status.success(), "python {args:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stdout).into_owned()
}

/// Synthetic credit data with the columns of the mission's DAG.
pub fn credit_data(to: &Path, rows: u32) {
    run(&["-m", "suanzi.demo_data", &to.to_string_lossy(), "--rows", &rows.to_string(), "--seed", "0"]);
}

/// Counts how often a home's program starts Python.
pub struct Starts {
    log: PathBuf,
}

impl Starts {
    /// Puts a script in the interpreter's place that writes a line and becomes the interpreter.
    pub fn watch(suanzi: &mut Suanzi) -> Starts {
        let log = suanzi.dir().join("python-starts");
        let script =
            format!("#!/bin/sh\necho start >> '{}'\nexec '{}' \"$@\"\n", log.display(), interpreter().display());
        let path = suanzi.write("bin/python-watched", script);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("a script can be made runnable");
        suanzi.set_env("SUANZI_PYTHON", &path);
        Starts { log }
    }

    pub fn count(&self) -> usize {
        std::fs::read_to_string(&self.log).map_or(0, |text| text.lines().count())
    }
}

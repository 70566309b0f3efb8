//! Makes an environment: in its place, under its lock, whole once its record is there.
//!
//! Scripts of packages name their interpreter by its path, so an environment can't be made elsewhere and moved. What a killed process left has no record, and is swept away by whoever comes next.

use crate::child::{self, Ended};
use crate::kept::{self, Record};
use crate::lease::{Wanted, python};
use crate::{EnvironmentError, EnvironmentId, Environments, Lease};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

pub(crate) const LOG: &str = "create.log";
const REQUIREMENTS: &str = "requirements.txt";
/// Behind the environment's own packages come those of the base.
const PTH: &str = "suanzi_base.pth";
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Of pip's complaints, shown with the failure.
const MAX_REASON_LINES: usize = 6;

/// Who waits for an environment, and hears how it comes along.
pub struct Making<'a> {
    /// False once nobody waits any more.
    pub going: &'a dyn Fn() -> bool,
    /// Each line that is said meanwhile.
    pub line: &'a mut dyn FnMut(&str),
}

impl Environments {
    /// The environment with these requirements, made if it isn't there. Waits while another process makes it.
    pub fn take(&self, requirements: &[String], making: Making<'_>) -> Result<Lease, EnvironmentError> {
        let id = self.id(requirements);
        let until = Instant::now() + self.limit;
        let Making { going, line } = making;
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.root)
            .map_err(|e| EnvironmentError::io(&self.root, e))?;
        let mut told = false;
        loop {
            if let Some(lock) = self.try_lock(&id, Wanted::Shared)?
                && self.is_ready(&id)
            {
                return Ok(Lease::new(self, &id, lock));
            }
            if let Some(lock) = self.try_lock(&id, Wanted::Alone)? {
                if !self.is_ready(&id) {
                    self.make(&id, requirements, until, going, line)?;
                }
                // The lock becomes one of many with the next turn: it is let go of for a moment, in which it may be removed and is made again.
                drop(lock);
                continue;
            }
            if !told {
                line("another process makes this environment: waiting for it");
                told = true;
            }
            if !going() {
                return Err(EnvironmentError::Cancelled);
            }
            if Instant::now() > until {
                return Err(EnvironmentError::io(&self.lock_path(&id), "another process has it for too long"));
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }

    /// Under the lock, alone.
    fn make(
        &self,
        id: &EnvironmentId,
        requirements: &[String],
        until: Instant,
        going: &dyn Fn() -> bool,
        line: &mut dyn FnMut(&str),
    ) -> Result<(), EnvironmentError> {
        let (dir, began) = (self.dir(id), Instant::now());
        kept::sweep(&dir)?;
        let made = self.build(&dir, requirements, until, going, line);
        let failed = match made {
            Ok(None) => {
                let record = Record::new(requirements, &dir, began.elapsed());
                kept::write(&dir.join(kept::RECORD), &record)?;
                let _ = fs::remove_file(self.failure_path(id));
                return Ok(());
            }
            Ok(Some(said)) => EnvironmentError::Failed { requirements: requirements.join(", "), reason: reason(&said) },
            Err(EnvironmentError::Io { path, reason }) if path.starts_with(&dir) || path == self.base.python => {
                EnvironmentError::Failed { requirements: requirements.join(", "), reason }
            }
            Err(other) => other,
        };
        if matches!(failed, EnvironmentError::Failed { .. }) {
            let record = Record::failed(requirements, &failed.to_string());
            let _ = kept::write(&self.failure_path(id), &record);
        }
        // Best effort: without a record nobody takes it for whole.
        let _ = kept::sweep(&dir);
        Err(failed)
    }

    /// `Some`: what the step that failed said.
    fn build(
        &self,
        dir: &Path,
        requirements: &[String],
        until: Instant,
        going: &dyn Fn() -> bool,
        line: &mut dyn FnMut(&str),
    ) -> Result<Option<Vec<String>>, EnvironmentError> {
        let text = dir.to_string_lossy().into_owned();
        line(&format!("making an environment with {}", requirements.join(", ")));
        let venv = child::python(&self.base.python, &["-m", "venv", "--without-pip", &text]);
        if let Ended::Failed(said) = child::run(venv, until, going, line)? {
            return Ok(Some(said));
        }
        self.reach_base(dir)?;
        write_new(&dir.join(REQUIREMENTS), &requirements.iter().map(|r| format!("{r}\n")).collect::<String>())?;
        let mut log = write_new(&dir.join(LOG), "")?;
        let mut both = |text: &str| {
            let _ = writeln!(log, "{text}");
            line(text);
        };
        let own = python(dir);
        // Usually the base has pip; where it hasn't, Python may bring one.
        let probe = child::python(&own, &["-c", "import pip"]);
        if let Ended::Failed(_) = child::run(probe, until, going, &mut |_| {})? {
            let bring = child::python(&own, &["-m", "ensurepip", "--default-pip"]);
            if let Ended::Failed(said) = child::run(bring, until, going, &mut both)? {
                return Ok(Some(said));
            }
        }
        let list = dir.join(REQUIREMENTS).to_string_lossy().into_owned();
        let options = ["--no-input", "--disable-pip-version-check", "--no-python-version-warning"];
        let install = ["--progress-bar", "off", "--no-warn-script-location", "--requirement", &list];
        let args = [&["-m", "pip", "install"][..], &options, &install].concat();
        Ok(match child::run(child::python(&own, &args), until, going, &mut both)? {
            Ended::Well => None,
            Ended::Failed(said) => Some(said),
        })
    }

    /// A line of a `.pth` file that begins with `import` is run when Python starts: the base's own `.pth` files count too that way.
    fn reach_base(&self, dir: &Path) -> Result<(), EnvironmentError> {
        let own = site_packages(dir)?;
        // A text in JSON is one of Python's.
        let quoted = |path: &PathBuf| serde_json::to_string(&path.to_string_lossy()).unwrap_or_default();
        let lines =
            self.base.site_packages.iter().map(|path| format!("import site; site.addsitedir({})\n", quoted(path)));
        write_new(&own.join(PTH), &lines.collect::<String>())?;
        Ok(())
    }

    pub(crate) fn failure_path(&self, id: &EnvironmentId) -> PathBuf {
        self.root.join(format!("{id}.failed"))
    }
}

/// Its own packages' directory.
pub(crate) fn site_packages(dir: &Path) -> Result<PathBuf, EnvironmentError> {
    let lib = dir.join("lib");
    let entries = fs::read_dir(&lib).map_err(|e| EnvironmentError::io(&lib, e))?;
    let found = entries.flatten().map(|entry| entry.path().join("site-packages")).find(|path| path.is_dir());
    found.ok_or_else(|| EnvironmentError::io(&lib, "it has no site-packages"))
}

fn write_new(path: &Path, text: &str) -> Result<File, EnvironmentError> {
    let io = |e| EnvironmentError::io(path, e);
    let mut file = OpenOptions::new().create(true).append(true).mode(0o600).open(path).map_err(io)?;
    file.write_all(text.as_bytes()).map_err(io)?;
    Ok(file)
}

/// Pip's errors where there are any, else what was said last.
fn reason(said: &[String]) -> String {
    let errors: Vec<&str> = said.iter().map(String::as_str).filter(|line| line.starts_with("ERROR:")).collect();
    let lines = if errors.is_empty() { said.iter().map(String::as_str).collect() } else { errors };
    let from = lines.len().saturating_sub(MAX_REASON_LINES);
    lines[from..].iter().map(|line| line.trim_start_matches("ERROR:").trim()).collect::<Vec<_>>().join("\n")
}

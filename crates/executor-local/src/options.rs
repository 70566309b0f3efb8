//! What a local executor is told when it is made.

use crate::MemoryLedger;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

const WORKERS_PER_CPU: u32 = 2;

/// How and where workers run.
#[derive(Debug, Clone)]
pub struct LocalOptions {
    /// Cpu slots, and the most worker processes at a time.
    pub workers: u32,
    /// What attempts may hold in all. When they hold more, some are ended ([`suanzi_executor::Outcome::Evicted`]).
    pub memory_bytes: u64,
    /// The interpreter, a path or a name to find in `PATH`.
    pub python: PathBuf,
    /// Put on `PYTHONPATH`; must lead to the `suanzi` package where it isn't installed.
    pub python_path: Vec<PathBuf>,
    /// Workers' log files go here; made if absent.
    pub log_dir: PathBuf,
    /// Names of environment variables that workers get besides the fixed few ([`LocalOptions::FIXED_ENV`]). All others stay here: they may be secrets.
    pub pass_env: Vec<OsString>,
    /// Names these workers among others that write into the same directory: of an environment of operators' own.
    pub pool: Option<String>,
    /// What this and other executors of the same process hold together: `memory_bytes` holds for their sum.
    pub ledger: Arc<MemoryLedger>,
    /// How workers are kept from the engine and each other; none for `plain`.
    pub isolation: Option<crate::Isolation>,
}

impl LocalOptions {
    /// Always passed to workers when set. OpenBLAS' two decide with which instructions it computes: a script beside the worker shall give the same figures to the last digit.
    pub const FIXED_ENV: [&str; 10] = [
        "PATH",
        "HOME",
        "LANG",
        "LC_ALL",
        "TZ",
        "TMPDIR",
        "LD_LIBRARY_PATH",
        "VIRTUAL_ENV",
        "OPENBLAS_CORETYPE",
        "OPENBLAS_L2_SIZE",
    ];

    /// As its workers are called before their number.
    pub(crate) fn label(&self) -> &str {
        self.pool.as_deref().unwrap_or(crate::NAME)
    }

    /// Where its zygote's own words go.
    pub(crate) fn zygote_log(&self) -> PathBuf {
        let name = self.pool.as_ref().map_or_else(|| "zygote.log".to_owned(), |pool| format!("zygote-{pool}.log"));
        self.log_dir.join(name)
    }

    /// Two workers per cpu, most of the host's memory ([`crate::default_memory_bytes`]), nothing on `PYTHONPATH`, no further environment, no isolation.
    pub fn new(python: impl Into<PathBuf>, log_dir: impl Into<PathBuf>) -> LocalOptions {
        let cpus = std::thread::available_parallelism().map_or(1, |count| count.get() as u32);
        LocalOptions {
            workers: cpus * WORKERS_PER_CPU,
            memory_bytes: crate::default_memory_bytes(),
            python: python.into(),
            python_path: Vec::new(),
            log_dir: log_dir.into(),
            pass_env: Vec::new(),
            pool: None,
            ledger: Arc::default(),
            isolation: None,
        }
    }
}

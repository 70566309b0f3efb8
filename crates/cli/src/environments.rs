//! The environments of operators' own, as this program's settings say.

use crate::fail::Failure;
use crate::home::Home;
use clap::{Args as ClapArgs, Subcommand, ValueHint};
use std::path::PathBuf;
use std::time::Duration;
use suanzi_environments::{Base, Environments};
use suanzi_executor_local::PoolLimits;
use suanzi_python_env::Interpreter;

/// Environments of operators' own, below the home.
pub fn environments(python: &Interpreter, home: &Home) -> Result<Environments, Failure> {
    let base = Base {
        python: python.path.clone(),
        version: python.version.clone(),
        site_packages: python.site_packages.clone(),
        python_path: python.python_path.clone(),
        distributions: python.distributions(),
    };
    let limit = duration("SUANZI_ENVIRONMENT_TIMEOUT", suanzi_environments::DEFAULT_LIMIT)?;
    Ok(Environments::new(home.environments(), base).with_limit(limit))
}

/// How many of their pools stay warm, and for how long.
pub fn pool_limits() -> Result<PoolLimits, Failure> {
    let usual = PoolLimits::default();
    let most = match set("SUANZI_WARM_ENVIRONMENTS") {
        None => usual.most,
        Some(text) => text.parse().map_err(|_| {
            Failure::invalid(format!("SUANZI_WARM_ENVIRONMENTS is '{text}'")).hint("write a whole number such as 4")
        })?,
    };
    Ok(PoolLimits { most, idle: duration("SUANZI_ENVIRONMENT_IDLE", usual.idle)? })
}

fn duration(name: &str, usual: Duration) -> Result<Duration, Failure> {
    let Some(text) = set(name) else { return Ok(usual) };
    let ms = suanzi_dag::parse_duration_ms(&text).filter(|ms| *ms >= 1.0);
    ms.map(|ms| Duration::from_millis(ms as u64))
        .ok_or_else(|| Failure::invalid(format!("{name} is '{text}'")).hint("write a duration such as 30s, 10m or 1h"))
}

fn set(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[derive(ClapArgs, Debug)]
#[command(
    arg_required_else_help = true,
    after_help = "\
Examples:
  suanzi env list
  suanzi env create -r lightgbm==4.5.0 -r \"polars>=1\"
  suanzi env create --for pipeline.yaml --operators my_operators   all that it needs, before it runs
  suanzi env remove 3f2a
  suanzi env remove --unused 30

Runs make what is missing by themselves. docs/guide/environments.md says more."
)]
pub struct EnvArgs {
    #[command(subcommand)]
    pub verb: EnvVerb,
}

#[derive(Subcommand, Debug)]
pub enum EnvVerb {
    /// Environments that were made, the last used first
    List {
        #[arg(long)]
        json: bool,
    },
    /// Make an environment before a run needs it
    Create {
        /// A package and its version (may be given several times)
        #[arg(short = 'r', long = "requirement", value_name = "REQUIREMENT", required_unless_present = "file")]
        requirements: Vec<String>,
        /// All environments that this DAG's operators need
        #[arg(long = "for", value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "requirements")]
        file: Option<PathBuf>,
        /// A directory with operators of your own (may be given several times)
        #[arg(long = "operators", value_name = "DIR", value_hint = ValueHint::DirPath)]
        operator_dirs: Vec<PathBuf>,
    },
    /// Remove environments; a run that needs one makes it again
    Remove {
        /// How its hash begins (may be given several times)
        #[arg(required_unless_present = "unused", conflicts_with = "unused")]
        hashes: Vec<String>,
        /// All that were not used for so many days
        #[arg(long, value_name = "DAYS")]
        unused: Option<u64>,
    },
}

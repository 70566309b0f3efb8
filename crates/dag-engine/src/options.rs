//! How the engine runs, and what a run was asked to do.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use suanzi_artifact::ArtifactStore;
use suanzi_executor::ObjectPlace;

/// How long a stopped attempt has between TERM and KILL.
pub const STOP_GRACE: Duration = Duration::from_secs(5);

#[derive(Debug, Clone)]
pub struct EngineOptions {
    /// Where artifacts lie. Tasks name them by paths below its folder.
    pub artifacts: Arc<dyn ArtifactStore>,
    /// Told to workers where that folder holds only copies.
    pub objects: Option<ObjectPlace>,
    /// The first executor runs on this host, and reads files where they are.
    pub first_is_here: bool,
    /// Names this engine in `runs.owner`: unique per process.
    pub owner: String,
    /// Limits of named pools.
    pub pools: BTreeMap<String, u32>,
    pub stop_grace: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CacheMode {
    /// Take cached results and keep new ones.
    #[default]
    Use,
    /// Run everything; new results are kept.
    Bypass,
}

/// What a run was asked to do. Stored with the run as JSON: recovery binds it again from this and the DAG's source.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct RunOptions {
    #[serde(default)]
    pub seed: u64,
    #[serde(default)]
    pub cache: CacheMode,
    /// `--dataset ID=PATH`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub datasets: BTreeMap<String, PathBuf>,
    /// Values for the DAG's parameters, in place of their defaults.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, serde_json::Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub operator_dirs: Vec<PathBuf>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub executor: Option<String>,
    #[serde(default)]
    pub priority: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<String>,
    /// Run what failed or is missing in this run (its public id).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_of: Option<String>,
    /// The directory relative paths in the DAG start from.
    #[serde(default)]
    pub base_dir: PathBuf,
    /// Where the DAG was read from, if it was a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// What the keys were made of, so that a later plan can say what changed.
    #[serde(default)]
    pub basis: Basis,
}

/// The parts of cache keys that are the same for a whole run.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Basis {
    #[serde(default)]
    pub environment: String,
    /// Package → code hash.
    #[serde(default)]
    pub code: BTreeMap<String, String>,
    /// Dataset id or path → content id.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
}

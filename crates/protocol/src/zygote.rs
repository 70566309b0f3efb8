//! Frames between the engine and the zygote.

use serde::{Deserialize, Serialize};

/// Engine → zygote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum ToZygote {
    /// Fork a worker. Comes with two descriptors (SCM_RIGHTS): the worker's control socket, its log file.
    /// `uid`: the user that it becomes; the zygote's if none.
    Fork {
        worker: u64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        uid: Option<u32>,
    },
    /// Import scikit-learn too: workers forked from here on have it. Answered by a second `loaded`.
    Preload,
}

/// Zygote → engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum FromZygote {
    /// The first frame, before anything heavy is imported.
    Hello { version: u32, pid: i32, python: String },
    /// The libraries are imported; fork requests that waited are answered now.
    Loaded { import_ms: u64, threads: u32 },
    /// Comes with one descriptor: the worker's pidfd.
    Forked { worker: u64, pid: i32 },
    /// `status` as of waitpid(2). Nothing of the worker's process group is left.
    Exited { worker: u64, pid: i32, status: i32 },
}

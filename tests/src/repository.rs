//! Where things are in the repository, and which files belong to it.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The repository's root.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("the package lies in the repository").to_path_buf()
}

/// Data that is used where it is present beside the repository, and not shipped: `None`, said aloud, where it is absent.
pub fn shared(path: &str) -> Option<PathBuf> {
    let file = root().join("../shared/data").join(path);
    if file.exists() {
        return Some(file);
    }
    crate::skipped(&format!("../shared/data/{path} is absent; the part of this test that needs it did not run"));
    None
}

/// Tracked files, relative to the root, that are there.
pub fn tracked() -> Vec<PathBuf> {
    let out = Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output().expect("git runs");
    assert!(out.status.success(), "git ls-files failed: {}", String::from_utf8_lossy(&out.stderr));
    let text = String::from_utf8(out.stdout).expect("names of tracked files are UTF-8");
    text.split('\0').filter(|n| !n.is_empty()).map(PathBuf::from).filter(|p| root().join(p).exists()).collect()
}

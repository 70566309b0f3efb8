//! Finds the program under test: `$SUANZI_BIN`, else the one built with the same profile as the tests, brought up to date once per test binary.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The path of `suanzi`.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| match std::env::var_os("SUANZI_BIN") {
        Some(set) => {
            let path = PathBuf::from(set);
            assert!(path.is_file(), "SUANZI_BIN names {}, and there is no such file", path.display());
            path
        }
        None => build(),
    })
}

/// A stale program would be judged for faults that are mended: cargo decides whether there is anything to do.
fn build() -> PathBuf {
    let exe = std::env::current_exe().expect("a test knows its own path");
    let profile_dir = exe.ancestors().nth(2).expect("tests lie in target/PROFILE/deps").to_path_buf();
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--locked", "-p", "suanzi-cli"]).current_dir(crate::repository::root());
    if let Some(target) = profile_dir.parent() {
        cargo.arg("--target-dir").arg(target);
    }
    if profile_dir.ends_with("release") {
        cargo.arg("--release");
    }
    let status = cargo.status().expect("cargo runs");
    assert!(status.success(), "suanzi-cli does not build");
    profile_dir.join("suanzi")
}

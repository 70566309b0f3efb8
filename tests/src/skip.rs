//! A test that can't run somewhere says so; where `SUANZI_NO_SKIP` is set, as in CI, it fails instead.

use std::io::Write;
use std::process::Command;

/// Says aloud what did not run, and why.
///
/// # Panics
/// Where `SUANZI_NO_SKIP` is set.
pub fn skipped(why: &str) {
    // Past the test runner, which keeps what passing tests print to itself.
    let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
    assert!(std::env::var_os("SUANZI_NO_SKIP").is_none(), "skipped where nothing may be: {why}");
}

/// Whether the kernel lets this user have namespaces: `unshare` is asked, not the program under test.
pub fn has_namespaces() -> bool {
    let may = |user: &[&str]| {
        let made = Command::new("unshare").args(user).args(["--mount", "--net", "--pid", "--fork", "true"]).output();
        made.is_ok_and(|done| done.status.success())
    };
    may(&[]) || may(&["--user", "--map-root-user"])
}

/// What needs namespaces or mounts did not run. No failure where the kernel refuses them to everybody here, as in many containers; [`skipped`] where it doesn't.
pub fn forbidden(why: &str) {
    if has_namespaces() {
        skipped(why);
    } else {
        let _ = writeln!(std::io::stderr(), "NOTE: this host's kernel gives no namespaces: {why}");
    }
}

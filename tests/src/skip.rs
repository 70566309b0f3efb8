//! A test that can't run somewhere says so; where `SUANZI_NO_SKIP` is set, as in CI, it fails instead.

use std::io::Write;

/// Says aloud what did not run, and why.
///
/// # Panics
/// Where `SUANZI_NO_SKIP` is set.
pub fn skipped(why: &str) {
    // Past the test runner, which keeps what passing tests print to itself.
    let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
    assert!(std::env::var_os("SUANZI_NO_SKIP").is_none(), "skipped where nothing may be: {why}");
}

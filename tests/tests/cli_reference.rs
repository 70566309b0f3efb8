//! The generated pages of `docs/reference/` are what the program and the manifest say now.

use std::process::Command;
use suanzi_tests::{program, python, repository};

/// Compares what a command prints with a page; `mend` is the command that writes it anew.
fn check(command: &mut Command, page: &str, mend: &str) -> String {
    let out = command.current_dir(repository::root()).output().expect("the script starts");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let made = String::from_utf8(out.stdout).expect("the page is UTF-8");
    let text = std::fs::read_to_string(repository::root().join(page)).expect("the page is there");
    let stale = text.lines().zip(made.lines()).find(|(text, made)| text != made);
    assert!(text == made, "{page} is stale, first at {stale:?}. Write it anew: {mend} > {page}");
    made
}

#[test]
fn the_command_line() {
    let mut command = Command::new(repository::root().join("docs/reference/generate.sh"));
    let made = check(
        command.arg(program::binary()),
        "docs/reference/cli.md",
        "docs/reference/generate.sh target/debug/suanzi",
    );
    assert!(made.contains("## suanzi run\n") && made.contains("## suanzi cache gc\n"), "all levels are there: {made}");
}

#[test]
fn the_operators() {
    let mut command = Command::new(python::interpreter());
    let made = check(
        command.arg("docs/reference/operators.py"),
        "docs/reference/operators.md",
        "python3 docs/reference/operators.py",
    );
    assert!(made.contains("| `algo_local_read_file` |") && made.contains("| `standardize` |"), "{made}");
}

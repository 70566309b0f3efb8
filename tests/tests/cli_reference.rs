//! `docs/reference/cli.md` is what the program's help says now.

use std::process::Command;
use suanzi_tests::{program, repository};

#[test]
fn the_reference_page_is_up_to_date() {
    let root = repository::root();
    let script = root.join("docs/reference/generate.sh");
    let out = Command::new(&script).arg(program::binary()).output().expect("the script starts");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let made = String::from_utf8(out.stdout).expect("help is UTF-8");
    assert!(made.contains("## suanzi run\n") && made.contains("## suanzi cache gc\n"), "all levels are there: {made}");
    let page = std::fs::read_to_string(root.join("docs/reference/cli.md")).expect("the page is there");
    let stale = page.lines().zip(made.lines()).find(|(page, made)| page != made);
    assert!(
        page == made,
        "docs/reference/cli.md is stale, first at {stale:?}: \
         docs/reference/generate.sh target/debug/suanzi > docs/reference/cli.md"
    );
}

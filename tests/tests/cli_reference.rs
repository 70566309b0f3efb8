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
fn the_tables() {
    let mut command = Command::new(python::interpreter());
    let made = check(
        command.arg("docs/reference/schema_diagram.py").arg(program::binary()),
        "docs/reference/schema-diagram.md",
        "python3 docs/reference/schema_diagram.py target/debug/suanzi",
    );
    for arrow in [
        "dags ||--o{ dag_versions : \"dag\"",
        "operators ||--o{ relations : \"dag_version, source\"",
        "tasks ||--o{ task_outputs : \"run, op\"",
    ] {
        assert!(made.contains(arrow), "{arrow}: {made}");
    }
}

#[test]
fn the_operators() {
    let mut command = Command::new(python::interpreter());
    let made = check(
        command.arg("docs/reference/operators.py"),
        "docs/reference/operators.md",
        "python3 docs/reference/operators.py",
    );
    assert!(
        made.contains("[`algo_local_read_file`](") && made.contains("[`standardize`](operators/standardize.md)"),
        "{made}"
    );
}

/// Every page as its generator writes it, and every example in them as the engine understands it.
#[test]
fn the_pages_of_the_operators() {
    let suanzi = suanzi_tests::Suanzi::new();
    let made = suanzi.dir().join("pages");
    let made_text = made.to_string_lossy().into_owned();
    let root = suanzi_tests::repository::root();
    let script = root.join("docs/reference/operator_pages.py").to_string_lossy().into_owned();
    python::run(&["-W", "ignore", &script, &made_text]);
    let names = |dir: &std::path::Path| {
        let entries = std::fs::read_dir(dir).expect("a directory of pages");
        entries.map(|e| e.expect("an entry").file_name()).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(names(&made), names(&root.join("docs/reference/operators")), "run docs/reference/operator_pages.py");
    let mut files = vec!["validate".to_string()];
    for name in names(&made) {
        let page = std::fs::read_to_string(made.join(&name)).expect("a page");
        let shipped = std::fs::read_to_string(root.join("docs/reference/operators").join(&name)).expect("a page");
        assert_eq!(page, shipped, "{name:?} is stale: run docs/reference/operator_pages.py");
        let yaml = page.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
        // A registered data set is the reader's.
        if !yaml.contains("data_id") {
            let file = suanzi.write(&format!("examples/{}.yaml", name.to_string_lossy()), yaml);
            files.push(file.to_string_lossy().into_owned());
        }
    }
    assert!(files.len() > 200, "{} pages", files.len());
    let output = suanzi.run(&files).success();
    assert!(!output.stdout.contains(" error"), "{}", output.stdout);
}

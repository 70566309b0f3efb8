//! `docs/reliability.md` names tests and make targets that exist, and every defect that can be planted.

use suanzi_tests::repository;

fn read(path: &str) -> String {
    std::fs::read_to_string(repository::root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// What stands between backticks, in order.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

fn chapter<'a>(page: &'a str, title: &str) -> &'a str {
    let rest = page.split_once(&format!("\n## {title}\n")).unwrap_or_else(|| panic!("no chapter '{title}'")).1;
    rest.split_once("\n## ").map_or(rest, |(chapter, _)| chapter)
}

/// The cells of a table's rows.
fn rows(chapter: &str) -> Vec<Vec<&str>> {
    let lines = chapter.lines().filter(|line| line.starts_with('|'));
    lines.skip(2).map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect()).collect()
}

#[test]
fn every_proof_and_command_exists() {
    let page = read("docs/reliability.md");
    let makefile = read("Makefile");
    let promises = rows(chapter(&page, "Promises and proofs"));
    assert!(promises.len() >= 10, "only {} rows", promises.len());
    for row in &promises {
        let mut proof = quoted(row[1]);
        if let Some(file) = proof.next() {
            let source = read(file);
            for test in proof {
                let before = source.split_once(&format!("fn {test}(")).map(|(before, _)| before);
                let before = before.unwrap_or_else(|| panic!("{file} has no test {test}"));
                assert!(before.lines().rev().take(4).any(|line| line.trim() == "#[test]"), "{test} is no test");
            }
        }
        for command in quoted(row[2]) {
            let mut words = command.split_whitespace().skip_while(|word| word.contains('='));
            match (words.next(), words.next()) {
                (Some("make"), Some(target)) => {
                    assert!(makefile.contains(&format!("\n{target}:")), "there is no `make {target}`");
                }
                (Some("cargo"), Some("test")) => {}
                other => panic!("neither make nor cargo: {other:?} in {command}"),
            }
        }
    }
}

#[test]
fn every_defect_that_can_be_planted_is_listed() {
    let page = read("docs/reliability.md");
    let mut listed: Vec<&str> =
        rows(chapter(&page, "Planted defects")).iter().map(|row| row[0].trim_matches('`')).collect();
    let (engine, world) = (read("crates/dag-engine/src/defect.rs"), read("crates/sim/src/flaw.rs"));
    // Names are the strings of the sources that are in snake case.
    let strings = |source: &str| -> Vec<String> {
        let words = source.split('"').skip(1).step_by(2).map(str::to_string);
        words.filter(|word| word.contains('_') && word.chars().all(|c| c.is_ascii_lowercase() || c == '_')).collect()
    };
    let mut planted: Vec<String> = strings(&engine).into_iter().chain(strings(&world)).collect();
    planted.sort_unstable();
    listed.sort_unstable();
    assert!(planted.len() >= 20, "only {planted:?}");
    assert_eq!(listed, planted);
}

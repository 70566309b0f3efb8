//! `ARCHITECTURE.md` speaks of files, crates and tests that exist; links in the documents lead somewhere.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use suanzi_tests::repository;

/// Fewer than this, and the search in the page is broken.
const LEAST_TESTS_NAMED: usize = 30;
/// Between a test's attribute and its function there may be other attributes and comments.
const ATTRIBUTE_LINES: usize = 5;

fn read(path: &Path) -> String {
    std::fs::read_to_string(repository::root().join(path)).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// What stands between backticks, in order.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Tests that the invariants name: file and function.
fn named_tests(page: &str) -> Vec<(String, String)> {
    let invariants = page.split_once("\n## Invariants\n").expect("the page has a chapter on invariants").1;
    let mut named = Vec::new();
    let mut file = None;
    for word in quoted(invariants.split_once("\n**").expect("it has sections").1) {
        if word.ends_with(".rs") && word.contains('/') {
            file = Some(word.to_string());
        } else if let Some(file) = file.as_ref().filter(|_| is_test_name(word)) {
            named.push((file.clone(), word.to_string()));
        }
    }
    named
}

/// A function's name; those of crates and commands in the prose are single words, as are a few tests.
fn is_test_name(word: &str) -> bool {
    let plain = word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    plain && (word.contains('_') || ["aliases", "depth", "size"].contains(&word))
}

#[test]
fn the_tests_it_names_exist() {
    let named = named_tests(&read(Path::new("ARCHITECTURE.md")));
    assert!(named.len() >= LEAST_TESTS_NAMED, "only {named:?} were found");
    let missing: Vec<_> = named
        .iter()
        .filter(|(file, name)| {
            let source = std::fs::read_to_string(repository::root().join(file)).unwrap_or_default();
            let before = source.split_once(&format!("fn {name}(")).map(|(before, _)| before).unwrap_or_default();
            // The attribute stands in the lines above.
            !before.lines().rev().take(ATTRIBUTE_LINES).any(|line| line.trim() == "#[test]")
        })
        .collect();
    assert!(missing.is_empty(), "ARCHITECTURE.md names tests that don't exist: {missing:?}");
}

#[test]
fn every_invariant_names_a_test() {
    let page = read(Path::new("ARCHITECTURE.md"));
    let invariants = page.split_once("\n## Invariants\n").expect("the page has a chapter on invariants").1;
    for item in invariants.split("\n- ").skip(1) {
        let item = item.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(item.contains(".rs`: `"), "no test is named for: {item}");
    }
}

#[test]
fn the_code_map_names_every_crate_and_only_files_that_exist() {
    let page = read(Path::new("ARCHITECTURE.md"));
    let map = page.split_once("## Code map").and_then(|(_, rest)| rest.split_once("\n## ")).expect("a code map").0;
    let mut mapped = BTreeSet::new();
    for row in map.lines().filter(|line| line.starts_with("| `")) {
        let mut names = quoted(row);
        let folder = PathBuf::from(names.next().expect("a row begins with a folder"));
        assert!(repository::root().join(&folder).is_dir(), "there is no {}", folder.display());
        let begin = row.rsplit_once(" | ").expect("a row has columns").1;
        for file in quoted(begin) {
            let there = [folder.join(file), folder.join("src").join(file)];
            assert!(there.iter().any(|p| repository::root().join(p).exists()), "{} has no {file}", folder.display());
        }
        mapped.insert(folder);
    }
    for entry in std::fs::read_dir(repository::root().join("crates")).expect("crates can be listed") {
        let entry = entry.expect("an entry can be read");
        let folder = Path::new("crates").join(entry.file_name());
        let tracked = entry.path().join("Cargo.toml").is_file();
        assert!(!tracked || mapped.contains(&folder), "the code map lacks {}", folder.display());
    }
}

#[test]
fn links_lead_somewhere() {
    let mut links = 0;
    for page in repository::tracked().iter().filter(|p| p.extension().is_some_and(|e| e == "md")) {
        let folder = repository::root().join(page).parent().expect("a file has a folder").to_path_buf();
        for target in read(page).split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target) {
            let path = target.split('#').next().unwrap_or_default();
            if !path.is_empty() && !path.contains("://") {
                assert!(folder.join(path).exists(), "{} links to {target}", page.display());
                links += 1;
            }
        }
    }
    assert!(links >= 20, "only {links} links were found");
}

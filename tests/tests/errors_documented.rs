//! Each fault code has a page in `docs/errors/`, and each page a code.

use std::collections::BTreeSet;
use suanzi_tests::repository;

/// Fewer found than this, and the search itself is broken.
const LEAST_CODES: usize = 50;

/// A code between quotes at the start of `text`.
fn code(text: &str) -> Option<String> {
    let (code, _) = text.trim_start().strip_prefix('"')?.split_once('"')?;
    let plain = !code.is_empty() && code.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    plain.then(|| code.to_string())
}

/// Codes of faults in a source: the first argument of `Fault::new`; the YAML parser's errors are named in pairs with a hint.
fn codes_of(source: &str, pairs: bool) -> BTreeSet<String> {
    // Tests at a file's end make faults up.
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    let mut codes: BTreeSet<String> = source.split("Fault::new(").skip(1).filter_map(code).collect();
    if pairs {
        codes.extend(source.split("=> (").skip(1).filter_map(code));
    }
    codes
}

fn codes() -> BTreeSet<String> {
    let root = repository::root();
    let sources = repository::tracked().into_iter().filter(|p| {
        let text = p.to_string_lossy();
        text.starts_with("crates/") && text.contains("/src/") && text.ends_with(".rs") && !text.ends_with("tests.rs")
    });
    sources
        .flat_map(|p| {
            let source = std::fs::read_to_string(root.join(&p)).expect("a tracked source can be read");
            codes_of(&source, p.starts_with("crates/dag"))
        })
        .collect()
}

fn pages() -> BTreeSet<String> {
    let listing = std::fs::read_dir(repository::root().join("docs/errors")).expect("the directory is there");
    listing
        .map(|entry| entry.expect("an entry can be read").file_name().to_string_lossy().into_owned())
        .map(|name| name.strip_suffix(".md").map(str::to_string).unwrap_or(name))
        .collect()
}

#[test]
fn each_code_has_a_page_and_each_page_a_code() {
    let (codes, pages) = (codes(), pages());
    assert!(codes.len() >= LEAST_CODES, "only {codes:?} were found");
    let without_page: Vec<_> = codes.difference(&pages).collect();
    let without_code: Vec<_> = pages.difference(&codes).collect();
    assert!(without_page.is_empty(), "no page in docs/errors for {without_page:?}");
    assert!(without_code.is_empty(), "no source makes these faults: {without_code:?}");
}

#[test]
fn each_page_is_named_by_its_code_and_says_what_to_do() {
    for name in pages() {
        let text = std::fs::read_to_string(repository::root().join(format!("docs/errors/{name}.md")))
            .expect("a page can be read");
        assert!(text.starts_with(&format!("# {name}\n")), "{name}.md begins with another title");
        assert!(text.trim().lines().count() >= 3, "{name}.md says nothing");
    }
}

//! Pipelines with one mistake each, and their twins without it: the mistake is seen where it is, its fix mends it, the twin is silent.

mod models;
#[path = "../pipelines/mod.rs"]
mod pipelines;
mod splits;

use pipelines::{edited, findings, read, told, yaml};
use std::collections::BTreeSet;
use suanzi_lint::CODES;

pub struct Pair {
    code: &'static str,
    /// The operator it is told of.
    at: &'static str,
    /// Whether a fix is offered.
    fixed: bool,
    broken: &'static str,
    clean: &'static str,
}

fn pairs() -> impl Iterator<Item = &'static Pair> {
    splits::PAIRS.iter().chain(models::PAIRS)
}

#[test]
fn each_mistake_is_seen_where_it_is() {
    for pair in pairs() {
        let told = told(&yaml(pair.broken));
        assert_eq!(told, [(pair.code.to_owned(), pair.at.to_owned())], "{}", pair.broken);
    }
    let shown: BTreeSet<&str> = pairs().map(|pair| pair.code).collect();
    assert_eq!(shown, CODES.into_iter().collect(), "every code has a pair");
}

#[test]
fn a_clean_twin_is_silent() {
    for pair in pairs() {
        assert_eq!(told(&yaml(pair.clean)), [], "{}: {}", pair.code, pair.clean);
    }
}

#[test]
fn a_fix_makes_its_finding_go_and_no_other_come() {
    for pair in pairs() {
        let text = yaml(pair.broken);
        let (_, found) = findings(&text);
        assert_eq!(found[0].fix.is_some(), pair.fixed, "{}: {}", pair.code, pair.broken);
        let Some(fix) = &found[0].fix else { continue };
        let mended = edited(&text, &fix.edits);
        assert_eq!(told(&mended), [], "{}: {mended}", pair.code);
        let (document, _) = read(&mended);
        let spots: Vec<(i64, i64)> = document
            .dag
            .operators
            .iter()
            .filter_map(|operator| operator.coordinate)
            .map(|at| (at.x as i64, at.y as i64))
            .collect();
        assert_eq!(spots.len(), document.dag.operators.len(), "what is added has a place: {mended}");
        let apart: BTreeSet<&(i64, i64)> = spots.iter().collect();
        assert_eq!(apart.len(), spots.len(), "nothing lies on top of another: {mended}");
    }
}

#[test]
fn findings_speak_both_languages() {
    for pair in pairs() {
        for finding in findings(&yaml(pair.broken)).1 {
            let mut said = vec![&finding.message, &finding.hint];
            said.extend(finding.fix.as_ref().map(|fix| &fix.label));
            for said in said {
                assert!(said.zh.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{said:?}");
                assert!(!said.en.is_empty() && said.en.is_ascii(), "{said:?}");
            }
            assert!(finding.message.en.contains(pair.at), "{finding:?}");
        }
    }
}

//! Searches in the real program: what came before them is taken from the cache, and processors change nothing but the time.

use std::collections::BTreeSet;
use suanzi_tests::{Report, Suanzi, repository};

const BEFORE: [&str; 4] = ["data", "split", "scale", "trees"];

fn text() -> String {
    std::fs::read_to_string(repository::root().join("examples/search.yaml")).expect("the example")
}

fn run(suanzi: &Suanzi, text: &str, flags: &[&str]) -> Report {
    suanzi.write("search.yaml", text);
    let report = Report(suanzi.json(["run", "search.yaml", "--quiet", "--json"].iter().chain(flags)));
    assert_eq!(report.status(), "success", "{}", report.0);
    report
}

#[test]
fn another_space_takes_all_before_the_search_from_the_cache() {
    let suanzi = Suanzi::new();
    let first = run(&suanzi, &text(), &[]);
    let changed = text().replace("l2_regularization: [0, 1]", "l2_regularization: [0, 2]");
    assert_ne!(changed, text());
    let again = run(&suanzi, &changed, &[]);
    let cached: BTreeSet<_> = again.cached().into_iter().collect();
    for operator in BEFORE {
        assert!(cached.contains(operator), "{operator} is taken from the cache: {cached:?}");
    }
    assert!(again.executed().into_iter().any(|name| name == "search"), "{:?}", again.executed());
    assert!(first.metric("search", "auc") > 0.9 && again.metric("search", "auc") > 0.9);
}

#[test]
fn processors_change_nothing_but_the_time() {
    let suanzi = Suanzi::new();
    let two = run(&suanzi, &text(), &[]);
    let one = run(&suanzi, &text().replace("resources: {cpu: 2}", "resources: {cpu: 1}"), &["--no-cache"]);
    assert_eq!(one.0["metrics"], two.0["metrics"]);
    let compared = suanzi.json(["diff", one.run_id(), two.run_id(), "--json"]);
    assert!(compared["first_divergence"].is_null(), "{compared}");
    for (report, at_a_time) in [(&one, 1), (&two, 2)] {
        let log = suanzi.run(["logs", report.run_id(), "search"]).success().stdout;
        assert!(log.contains(&format!("36 fits (12 trials × 3 folds), {at_a_time} at a time; the largest ")), "{log}");
    }
}

//! Partial runs: which operators are selected.

use crate::builders::dag;
use proptest::prelude::*;
use suanzi_dag::{Dag, Edge};
use suanzi_operator::select::{Selection, select, select_all};

/// a → b → d → e, a → c → d, f alone.
fn diamond() -> Dag {
    dag("a:noop b:noop c:noop d:noop e:noop f:noop a.0>b.0 a.0>c.0 b.0>d.0 c.0>d.1 d.0>e.0")
}

fn ids(names: &str) -> Vec<String> {
    names.split_whitespace().map(Into::into).collect()
}

fn check(selections: &[Selection], expected: &str, bypassing: &str) {
    let dag = diamond();
    let selected = select_all(&dag, selections).unwrap_or_else(|faults| panic!("{selections:?}: {faults}"));
    let named = |set: &[bool]| -> String {
        dag.operators.iter().zip(set).filter(|(_, on)| **on).map(|(o, _)| &*o.id.0).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(named(&selected.ops), expected, "{selections:?}");
    assert_eq!(named(&selected.bypass_cache), bypassing, "{selections:?}");
}

#[test]
fn what_is_selected() {
    use Selection::*;
    check(&[], "a b c d e f", "");
    check(&[All], "a b c d e f", "");
    check(&[From(ids("b"))], "b d e", "b d e");
    check(&[From(ids("b c"))], "b c d e", "b c d e");
    check(&[From(ids("f"))], "f", "f");
    check(&[To(ids("d"))], "a b c d", "");
    check(&[To(ids("b f"))], "a b f", "");
    check(&[Only(ids("c e"))], "c e", "c e");
    check(&[From(ids("b")), To(ids("d"))], "b d", "b d");
    check(&[To(ids("b")), Only(ids("e"))], "a b e", "e");
    check(&[From(ids("d")), Only(ids("a"))], "a d e", "a d e");
    check(&[Failed(vec![3])], "d e", "");
    check(&[Failed(vec![1, 99]), To(ids("d"))], "b d", "");
}

fn refused(selection: &[Selection], expected: &[&str]) {
    let faults = select_all(&diamond(), selection).expect_err("refused");
    let said: Vec<String> =
        faults.0.iter().map(|f| format!("{}: {} | {}", f.code, f.message, f.hint.as_deref().unwrap_or(""))).collect();
    assert_eq!(said, expected);
}

#[test]
fn what_is_refused() {
    refused(
        &[Selection::From(ids("b xyz")), Selection::Only(ids("A2"))],
        &[
            "unknown_operator: there is no operator 'xyz' | operators: a, b, c, d, e, f",
            "unknown_operator: there is no operator 'A2' | did you mean 'a'?",
        ],
    );
    refused(
        &[Selection::From(ids("d")), Selection::To(ids("b"))],
        &[
            "empty_selection: nothing is selected: no operator lies on a path between those named | check the direction of the edges between them",
        ],
    );
}

/// Edges of a random acyclic graph over `n` operators.
fn graphs() -> impl Strategy<Value = (usize, Vec<(u32, u32)>)> {
    (2usize..12).prop_flat_map(|n| {
        let last = n as u32 - 1;
        let edge = (0..last, 0..last).prop_map(|(a, b)| (a.min(b), a.max(b) + 1));
        (Just(n), prop::collection::vec(edge, 0..24))
    })
}

fn graph(n: usize, edges: &[(u32, u32)]) -> Dag {
    let names: String = (0..n).map(|i| format!("x{i}:noop ")).collect();
    let mut dag = dag(&names);
    dag.edges = edges
        .iter()
        .map(|(source, target)| Edge {
            source: *source,
            source_index: 0,
            target: *target,
            target_index: 0,
            extra: Vec::new(),
        })
        .collect();
    dag
}

proptest! {
    /// Against Warshall's closure: `From` and `To` are what paths say, and mirror each other.
    #[test]
    fn reach_is_the_transitive_closure((n, edges) in graphs()) {
        let dag = graph(n, &edges);
        let mut path = vec![vec![false; n]; n];
        for (i, row) in path.iter_mut().enumerate() {
            row[i] = true;
        }
        for (a, b) in &edges {
            path[*a as usize][*b as usize] = true;
        }
        for k in 0..n {
            let through = path[k].clone();
            for row in path.iter_mut().filter(|row| row[k]) {
                row.iter_mut().zip(&through).for_each(|(there, on)| *there |= *on);
            }
        }
        for (i, from_here) in path.iter().enumerate() {
            let name = vec![format!("x{i}")];
            let to_here: Vec<bool> = path.iter().map(|row| row[i]).collect();
            let from = select(&dag, &Selection::From(name.clone())).expect("it exists");
            let to = select(&dag, &Selection::To(name)).expect("it exists");
            prop_assert_eq!(&from, from_here);
            prop_assert_eq!(to, to_here);
        }
    }
}

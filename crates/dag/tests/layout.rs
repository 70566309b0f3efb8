//! Layout: nothing overlaps, edges run down, large graphs take milliseconds.

use proptest::prelude::*;
use std::time::{Duration, Instant};
use suanzi_dag::{Coordinate, Dag, Edge, Edit, Limits, edit, layout, read, sketch};

const SEED: &str = include_str!("../../../examples/seed-dag.yaml");
/// An operator's room on the canvas.
const WIDTH: f64 = 180.0;
const HEIGHT: f64 = 46.0;

fn dag(count: usize, edges: &[(u32, u32)]) -> Dag {
    let list: Vec<String> = (0..count).map(|n| format!("o{n}")).collect();
    let mut text = format!("dag:\n operator_list: [{}]\n operator_details:\n", list.join(","));
    list.iter().for_each(|id| text.push_str(&format!("  {id}: {{algo_name: n}}\n")));
    let mut dag = sketch(&text, &Limits::file()).0.unwrap().dag;
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

fn places(dag: &Dag) -> Vec<Coordinate> {
    let moved = layout(dag);
    assert_eq!(moved.len(), dag.operators.len());
    moved
        .iter()
        .map(|edit| match edit {
            Edit::SetCoordinate { coordinate, .. } => *coordinate,
            other => panic!("{other:?}"),
        })
        .collect()
}

#[track_caller]
fn check(count: usize, edges: &[(u32, u32)]) {
    let places = places(&dag(count, edges));
    let mut sorted = places.clone();
    sorted.sort_by(|a, b| (a.y, a.x).partial_cmp(&(b.y, b.x)).unwrap());
    for pair in sorted.windows(2) {
        let apart = pair[1].x - pair[0].x >= WIDTH || pair[1].y - pair[0].y >= HEIGHT;
        assert!(apart, "{pair:?} overlap");
    }
    for (source, target) in edges {
        assert!(places[*source as usize].y < places[*target as usize].y, "{source} -> {target} runs down");
    }
}

#[test]
fn small_graphs() {
    check(0, &[]);
    check(1, &[]);
    check(5, &[]);
    check(3, &[(0, 1), (0, 1), (1, 2), (0, 2)]);
    check(6, &[(0, 1), (1, 2), (1, 3), (2, 4), (3, 4), (5, 4)]);
    let chain = places(&dag(3, &[(0, 1), (1, 2)]));
    assert!(chain.iter().all(|at| at.x == chain[0].x), "a chain is straight: {chain:?}");
    // A cycle is drawn all the same.
    assert_eq!(places(&dag(3, &[(0, 1), (1, 0), (1, 2)])).len(), 3);
}

#[test]
fn the_seed_is_arranged_once() {
    let document = read(SEED, &Limits::small()).unwrap();
    let edits = layout(&document.dag);
    assert_eq!(edits.len(), 6);
    let arranged = edit(SEED, &edits, &Limits::small()).unwrap();
    assert!(arranged.local);
    assert_eq!(layout(&read(&arranged.source, &Limits::small()).unwrap().dag), []);
}

#[test]
fn a_thousand_operators_take_milliseconds() {
    for (count, width) in [(1_000u32, 10), (3_000, 30), (3_000, 3_000)] {
        let edges: Vec<(u32, u32)> = (width..count)
            .flat_map(|n| [(n - width, n), (n - 1 - (n * 7) % width, n)])
            .filter(|(a, b)| b / width > a / width)
            .collect();
        let dag = dag(count as usize, &edges);
        let began = Instant::now();
        let moved = layout(&dag);
        println!("{count} operators, {} edges: {:?}", edges.len(), began.elapsed());
        assert_eq!(moved.len(), count as usize);
        assert!(began.elapsed() < Duration::from_secs(1), "{count}: {:?}", began.elapsed());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_overlaps_and_edges_run_down(count in 1usize..40, ends in prop::collection::vec((any::<u32>(), any::<u32>()), 0..60)) {
        let edges: Vec<(u32, u32)> = ends.into_iter().map(|(a, b)| (a % count as u32, b % count as u32)).filter(|(a, b)| a < b).collect();
        check(count, &edges);
    }
}

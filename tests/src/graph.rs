//! Reachability by breadth-first search, written for the tests alone.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Edges as pairs of operator ids.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    pub nodes: Vec<String>,
    pub edges: Vec<(String, String)>,
}

impl Graph {
    /// `starts` and all that can be reached from them.
    pub fn below(&self, starts: &[&str]) -> BTreeSet<String> {
        reach(starts, &neighbours(self.edges.iter().map(|(a, b)| (a, b))))
    }

    /// `starts` and all they can be reached from.
    pub fn above(&self, starts: &[&str]) -> BTreeSet<String> {
        reach(starts, &neighbours(self.edges.iter().map(|(a, b)| (b, a))))
    }
}

fn neighbours<'a>(pairs: impl Iterator<Item = (&'a String, &'a String)>) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut map: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (from, to) in pairs {
        map.entry(from).or_default().push(to);
    }
    map
}

fn reach(starts: &[&str], next: &BTreeMap<&str, Vec<&str>>) -> BTreeSet<String> {
    let mut seen: BTreeSet<String> = starts.iter().map(|s| s.to_string()).collect();
    let mut queue: VecDeque<String> = seen.iter().cloned().collect();
    while let Some(node) = queue.pop_front() {
        for to in next.get(node.as_str()).into_iter().flatten() {
            if seen.insert(to.to_string()) {
                queue.push_back(to.to_string());
            }
        }
    }
    seen
}

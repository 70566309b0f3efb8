//! Partial runs: which operators are meant by `--from`, `--to`, `--only` and "what failed".

use crate::nearest::nearest;
use crate::quote::{Quoted, listed};
use std::collections::{HashMap, VecDeque};
use suanzi_dag::{Dag, Fault, Faults};

/// One way of choosing operators, by their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    All,
    /// These and all that can be reached from them.
    From(Vec<String>),
    /// These and all they can be reached from.
    To(Vec<String>),
    Only(Vec<String>),
    /// By position: what failed or is missing in an earlier run, with all that can be reached from it.
    Failed(Vec<u32>),
}

/// By position in `Dag::operators`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selected {
    pub ops: Vec<bool>,
    /// Asked for by name, to be run whatever the cache holds: selected by `From` or `Only`.
    pub bypass_cache: Vec<bool>,
}

/// The operators a single selection means, by position.
///
/// Faults: `unknown_operator` for each id that isn't there (without a place: it came from the command line).
pub fn select(dag: &Dag, selection: &Selection) -> Result<Vec<bool>, Faults> {
    select_all(dag, std::slice::from_ref(selection)).map(|selected| selected.ops)
}

/// What several selections mean together: `From`, `To` and `Failed` intersect (from A to B is what lies between them, both included), `Only` adds to that. None at all, or only [`Selection::All`]: everything.
///
/// Faults: as [`select`], and `empty_selection`.
pub fn select_all(dag: &Dag, selections: &[Selection]) -> Result<Selected, Faults> {
    let ids: HashMap<&str, u32> = dag.operators.iter().enumerate().map(|(at, o)| (&*o.id.0, at as u32)).collect();
    let count = dag.operators.len();
    let mut faults = Faults::default();
    let mut narrowed: Option<Vec<bool>> = None;
    let mut only = vec![false; count];
    let (mut any_only, mut any_from) = (false, false);
    for selection in selections {
        let reached = match selection {
            Selection::All => continue,
            Selection::Only(names) => {
                any_only = true;
                positions(names, dag, &ids, &mut faults).into_iter().for_each(|at| only[at as usize] = true);
                continue;
            }
            Selection::From(names) => {
                any_from = true;
                reach(dag, &positions(names, dag, &ids, &mut faults), Direction::Down)
            }
            Selection::To(names) => reach(dag, &positions(names, dag, &ids, &mut faults), Direction::Up),
            Selection::Failed(ops) => reach(dag, ops, Direction::Down),
        };
        narrowed = Some(match narrowed {
            None => reached,
            Some(before) => before.iter().zip(&reached).map(|(a, b)| *a && *b).collect(),
        });
    }
    if !faults.0.is_empty() {
        return Err(faults);
    }
    let base = narrowed.unwrap_or_else(|| vec![!any_only; count]);
    let ops: Vec<bool> = base.iter().zip(&only).map(|(a, b)| *a || *b).collect();
    if !ops.contains(&true) {
        let fault =
            Fault::new("empty_selection", "nothing is selected: no operator lies on a path between those named");
        return Err(Faults(vec![fault.hint("check the direction of the edges between them")]));
    }
    let bypass_cache = base.iter().zip(&only).map(|(a, b)| *b || (any_from && *a)).collect();
    Ok(Selected { ops, bypass_cache })
}

fn positions(names: &[String], dag: &Dag, ids: &HashMap<&str, u32>, faults: &mut Faults) -> Vec<u32> {
    let mut found = Vec::with_capacity(names.len());
    for name in names {
        match ids.get(name.as_str()) {
            Some(at) => found.push(*at),
            None => faults.push(unknown(name, dag)),
        }
    }
    found
}

fn unknown(name: &str, dag: &Dag) -> Fault {
    let ids = || dag.operators.iter().map(|o| &*o.id.0);
    let fault = Fault::new("unknown_operator", format!("there is no operator {}", Quoted(name)));
    match nearest(name, ids()) {
        Some(meant) => fault.hint(format!("did you mean {}?", Quoted(meant))),
        None => fault.hint(format!("operators: {}", listed(ids()))),
    }
}

enum Direction {
    Down,
    Up,
}

/// Breadth-first search along the edges; the start is part of the result.
fn reach(dag: &Dag, start: &[u32], direction: Direction) -> Vec<bool> {
    let count = dag.operators.len();
    let mut next: Vec<Vec<u32>> = vec![Vec::new(); count];
    for edge in &dag.edges {
        let (from, to) = match direction {
            Direction::Down => (edge.source, edge.target),
            Direction::Up => (edge.target, edge.source),
        };
        if let Some(list) = next.get_mut(from as usize)
            && (to as usize) < count
        {
            list.push(to);
        }
    }
    let mut reached = vec![false; count];
    let mut queue: VecDeque<u32> = VecDeque::new();
    let mut visit = |op: u32, queue: &mut VecDeque<u32>| {
        if let Some(seen @ false) = reached.get_mut(op as usize) {
            *seen = true;
            queue.push_back(op);
        }
    };
    start.iter().for_each(|op| visit(*op, &mut queue));
    while let Some(op) = queue.pop_front() {
        next[op as usize].iter().for_each(|to| visit(*to, &mut queue));
    }
    reached
}

//! A DAG as far as its text says it: also a text with faults has one, so that a draft can be shown and edited.

use crate::document::BOM;
use crate::draft::Draft;
use crate::limits::Limits;
use crate::read::{check_size, parse, text_fault};
use crate::{Coordinate, Dag, Edge, Faults, Operator, OperatorId};

/// What can be drawn of a text, and what else of it edits must keep.
#[derive(Debug, Clone, Default)]
pub struct Sketch {
    /// The operators that have details, in the order of `operator_list`, those that aren't listed last; and the edges between them.
    pub dag: Dag,
    /// Edges with an end that is no operator.
    pub loose: Vec<LooseEdge>,
    /// Listed ids without details.
    pub strays: Vec<OperatorId>,
    /// How many operators at the end of `dag.operators` aren't listed.
    pub unlisted: usize,
}

/// An edge by the ids that are written, whether or not they are operators'.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EdgeEnds {
    pub source: String,
    pub source_index: u16,
    pub target: String,
    pub target_index: u16,
}

/// An edge that leads from or to nowhere.
#[derive(Debug, Clone, PartialEq)]
pub struct LooseEdge {
    pub ends: EdgeEnds,
    pub extra: Vec<(String, crate::Value)>,
}

/// The sketch of a text, and all its faults. No sketch where the text can't be read to its end or is no DAG; an empty text has an empty one.
pub fn sketch(text: &str, limits: &Limits) -> (Option<Sketch>, Faults) {
    if let Err(faults) = check_size(text.len(), limits) {
        return (None, faults);
    }
    if let Some(fault) = text_fault(text) {
        return (None, Faults(vec![fault]));
    }
    let bare = text.strip_prefix(BOM).unwrap_or(text);
    let (draft, faults, _) = parse(bare, limits);
    if faults.0.iter().any(|fault| fault.code == "empty") {
        return (Some(Sketch::default()), faults);
    }
    (draft.filter(|draft| draft.dag_place.is_some()).map(Sketch::of), faults)
}

impl Sketch {
    fn of(draft: Draft) -> Sketch {
        const UNLISTED: u32 = u32::MAX;
        let Draft { mut dag, ids, operators, operator_ids, edges, .. } = draft;
        let listed = |no: u32| ids.all.get(no as usize).and_then(|id| id.listed).map_or(UNLISTED, |(at, _)| at);
        let mut ordered: Vec<(u32, u32, Operator)> =
            operator_ids.into_iter().zip(operators).map(|(no, operator)| (listed(no), no, operator)).collect();
        ordered.sort_by_key(|(at, ..)| *at);
        let unlisted = ordered.iter().filter(|(at, ..)| *at == UNLISTED).count();
        let mut positions: Vec<Option<u32>> = vec![None; ids.all.len()];
        for (at, (_, no, _)) in ordered.iter().enumerate() {
            if let Some(position) = positions.get_mut(*no as usize) {
                *position = Some(at as u32);
            }
        }
        dag.operators = ordered.into_iter().map(|(.., operator)| operator).collect();
        let mut loose = Vec::new();
        for edge in edges {
            let position = |no: u32| positions.get(no as usize).copied().flatten();
            match (position(edge.source), position(edge.target)) {
                (Some(source), Some(target)) => dag.edges.push(Edge { source, target, ..edge }),
                _ => {
                    let name = |no: u32| ids.all.get(no as usize).map(|id| id.name.to_string()).unwrap_or_default();
                    let ends = EdgeEnds {
                        source: name(edge.source),
                        source_index: edge.source_index,
                        target: name(edge.target),
                        target_index: edge.target_index,
                    };
                    loose.push(LooseEdge { ends, extra: edge.extra });
                }
            }
        }
        let mut strays: Vec<(u32, OperatorId)> = (0u32..)
            .zip(&ids.all)
            .filter(|(_, id)| id.detailed.is_none())
            .filter_map(|(no, id)| Some((id.listed?.0, ids.id(no))))
            .collect();
        strays.sort();
        Sketch { dag, loose, strays: strays.into_iter().map(|(_, id)| id).collect(), unlisted }
    }

    /// Whether `dag` says all that the text says.
    pub fn is_whole(&self) -> bool {
        self.loose.is_empty() && self.strays.is_empty() && self.unlisted == 0
    }

    /// Where the operator stands in `dag.operators`.
    pub fn position(&self, id: &str) -> Option<usize> {
        self.dag.operators.iter().position(|operator| &*operator.id.0 == id)
    }

    /// Equal but for the order of edges, which the text groups by source.
    pub(crate) fn same_as(&self, other: &Sketch) -> bool {
        let (a, b) = (&self.dag, &other.dag);
        let head = |dag: &Dag| Dag { operators: Vec::new(), edges: Vec::new(), ..dag.clone() };
        same_operators(&a.operators, &b.operators)
            && sorted_edges(a) == sorted_edges(b)
            && head(a) == head(b)
            && sorted_loose(self) == sorted_loose(other)
            && self.strays == other.strays
            && self.unlisted == other.unlisted
    }
}

fn same_operators(a: &[Operator], b: &[Operator]) -> bool {
    // NaN parameters equal nothing, themselves included; their written form does.
    let same = |a: &Operator, b: &Operator| a == b || format!("{a:?}") == format!("{b:?}");
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
}

fn sorted_edges(dag: &Dag) -> Vec<&Edge> {
    let mut edges: Vec<&Edge> = dag.edges.iter().collect();
    edges.sort_by_key(|edge| (edge.source, edge.source_index, edge.target, edge.target_index));
    edges
}

fn sorted_loose(sketch: &Sketch) -> Vec<&LooseEdge> {
    let mut loose: Vec<&LooseEdge> = sketch.loose.iter().collect();
    loose.sort_by(|a, b| a.ends.cmp(&b.ends));
    loose
}

impl Coordinate {
    /// Whether both numbers can be written.
    pub fn is_finite(self) -> bool {
        self.x.is_finite() && self.y.is_finite()
    }
}

//! Checks the parts of a DAG against each other and puts them together.

use crate::cycles::cycles;
use crate::draft::{Draft, OperatorSpan};
use crate::fault_log::{FaultLog, quote};
use crate::ids::Ids;
use crate::suggest::nearest;
use crate::{Dag, Edge, Fault, Place};

/// Above this many ids, no nearest one is looked for.
const MAX_SUGGESTION_IDS: usize = 10_000;
/// Suggestions cost a walk over all ids; a text gets so many.
const MAX_SUGGESTIONS: usize = 50;
/// Operators named in the message about a cycle.
const MAX_CYCLE_NAMES: usize = 12;

/// Reports what doesn't fit together.
pub(crate) fn check(draft: &Draft, faults: &mut FaultLog) {
    let lists_complete = draft.list_place.is_some() && draft.details_place.is_some();
    if lists_complete {
        check_lists(draft, faults);
        check_dangling(draft, faults);
    }
    check_duplicates_and_self_edges(draft, faults);
    check_cycles(draft, faults);
}

fn check_lists(draft: &Draft, faults: &mut FaultLog) {
    if draft.ids.all.iter().all(|id| id.listed.is_none() && id.detailed.is_none()) {
        if !faults.has_errors() {
            faults.push(
                Fault::new("empty_dag", "the DAG has no operators")
                    .hint("add one to `operator_list` and describe it in `operator_details`")
                    .at(draft.list_place),
            );
        }
        return;
    }
    let mut suggestions = 0;
    for id in &draft.ids.all {
        match (id.listed, id.detailed) {
            (Some((_, place)), None) => {
                let hint = suggest(&draft.ids, &id.name, &mut suggestions, |other| {
                    other.detailed.is_some() && other.listed.is_none()
                });
                faults.push(
                    Fault::new("missing_details", format!("the operator {} has no details", quote(&id.name)))
                        .hint(hint.unwrap_or_else(|| "describe it in `operator_details`".into()))
                        .at(Some(place))
                        .operator(&*id.name),
                );
            }
            (None, Some((_, place))) => faults.push(
                Fault::new("not_listed", format!("the operator {} is not in `operator_list`", quote(&id.name)))
                    .hint("add it there, or remove its details")
                    .at(Some(place))
                    .operator(&*id.name),
            ),
            _ => {}
        }
    }
}

fn check_dangling(draft: &Draft, faults: &mut FaultLog) {
    let mut suggestions = 0;
    let sources = draft.sources.iter().map(|(no, place)| (*no, *place, "begins at"));
    let targets = draft.edges.iter().zip(&draft.edge_places).map(|(edge, place)| (edge.target, *place, "ends at"));
    for (no, place, verb) in sources.chain(targets) {
        let id = &draft.ids.all[no as usize];
        if id.listed.is_none() && id.detailed.is_none() {
            let known = |other: &crate::ids::Id| other.listed.is_some() || other.detailed.is_some();
            let hint = suggest(&draft.ids, &id.name, &mut suggestions, known);
            faults.push(
                Fault::new("dangling_edge", format!("an edge {verb} {}, which is no operator", quote(&id.name)))
                    .hint(hint.unwrap_or_else(|| "remove the edge, or add the operator".into()))
                    .at(Some(place)),
            );
        }
    }
}

fn suggest(ids: &Ids, name: &str, used: &mut usize, fits: impl Fn(&crate::ids::Id) -> bool) -> Option<String> {
    *used += 1;
    if *used > MAX_SUGGESTIONS || ids.all.len() > MAX_SUGGESTION_IDS {
        return None;
    }
    let meant = nearest(name, ids.all.iter().filter(|id| fits(id)).map(|id| &*id.name))?;
    Some(format!("did you mean {}?", quote(meant)))
}

fn check_duplicates_and_self_edges(draft: &Draft, faults: &mut FaultLog) {
    let key = |i: &u32| {
        let edge = &draft.edges[*i as usize];
        (edge.source, edge.source_index, edge.target, edge.target_index, *i)
    };
    let mut order: Vec<u32> = (0..draft.edges.len() as u32).collect();
    order.sort_unstable_by_key(key);
    let mut first = None;
    for i in order {
        let (source, source_index, target, target_index, _) = key(&i);
        let this = (source, source_index, target, target_index);
        match first {
            Some((same, at)) if same == this => {
                let before: Place = draft.edge_places[at as usize];
                faults.push(
                    Fault::new("duplicate_edge", format!("this edge to {} stands twice", name(draft, target)))
                        .hint(format!("it stands first on line {}, column {}", before.line, before.column))
                        .at(Some(draft.edge_places[i as usize])),
                );
            }
            _ => first = Some((this, i)),
        }
        if source == target {
            faults.push(
                Fault::new("self_edge", format!("the operator {} feeds itself", name(draft, source)))
                    .hint("remove the edge")
                    .at(Some(draft.edge_places[i as usize]))
                    .operator(&*draft.ids.all[source as usize].name),
            );
        }
    }
}

fn check_cycles(draft: &Draft, faults: &mut FaultLog) {
    let pairs: Vec<(u32, u32)> = draft.edges.iter().map(|edge| (edge.source, edge.target)).collect();
    for cycle in cycles(draft.ids.all.len(), &pairs) {
        let Some((last, _)) = cycle.last().zip(cycle.first()) else { continue };
        let start = pairs[cycle[0]].0;
        let mut way: Vec<&str> = cycle.iter().map(|i| &*draft.ids.all[pairs[*i].0 as usize].name).collect();
        if way.len() > MAX_CYCLE_NAMES {
            way.truncate(MAX_CYCLE_NAMES);
            way.push("…");
        }
        way.push(&draft.ids.all[start as usize].name);
        faults.push(
            Fault::new("cycle", format!("the operators wait for each other: {}", way.join(" -> ")))
                .hint("remove one of these edges")
                .at(Some(draft.edge_places[*last]))
                .operator(&*draft.ids.all[start as usize].name),
        );
    }
}

fn name(draft: &Draft, no: u32) -> String {
    quote(&draft.ids.all[no as usize].name)
}

/// Puts a draft without faults together. Also the operators' spans in the DAG's order, and the edges' places.
pub(crate) fn assemble(draft: Draft) -> (Dag, Vec<OperatorSpan>, Vec<Place>) {
    let Draft { mut dag, ids, mut operators, operator_ids, mut spans, mut edges, mut edge_places, .. } = draft;
    let position = |no: u32| ids.all[no as usize].listed.map_or(0, |(position, _)| position);
    // In place, since operators are large: whatever stands at `i` is swapped to where it belongs.
    let mut wanted: Vec<u32> = operator_ids.iter().map(|no| position(*no)).collect();
    for i in 0..wanted.len() {
        while wanted[i] as usize != i {
            let to = wanted[i] as usize;
            operators.swap(i, to);
            spans.swap(i, to);
            wanted.swap(i, to);
        }
    }
    for Edge { source, target, .. } in &mut edges {
        (*source, *target) = (position(*source), position(*target));
    }
    operators.shrink_to_fit();
    spans.shrink_to_fit();
    edges.shrink_to_fit();
    edge_places.shrink_to_fit();
    dag.operators = operators;
    dag.edges = edges;
    (dag, spans, edge_places)
}

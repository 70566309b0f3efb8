//! Reads the document's root and its `dag`.

use crate::draft::{Draft, OperatorSpan};
use crate::fault_log::{FaultLog, Stop, quote};
use crate::limits::Limits;
use crate::read_operator::{keep, read_operator, some};
use crate::reader::{Key, Reader};
use crate::{Edge, Fault, Value, Viewport};

/// Largest index of a port.
const MAX_PORT_INDEX: i64 = u16::MAX as i64;

const DAG_KEYS: [&str; 12] = [
    "name",
    "description",
    "schedule",
    "parameters",
    "concurrency",
    "on_failure",
    "on_success",
    "notes",
    "operator_list",
    "operator_rels",
    "operator_details",
    "params",
];

/// Reads the whole text into `draft`.
pub(crate) fn read_document(r: &mut Reader<'_>, draft: &mut Draft, limits: &Limits) -> Result<(), Stop> {
    let Some(_) = r.peek_or_end()? else {
        r.faults.push(Fault::new("empty", "the text is empty").hint("a DAG begins with `dag:`"));
        return Ok(());
    };
    let mut unknown = Vec::new();
    let mut root_extra = Vec::new();
    let root_place = r.place()?;
    let errors = r.faults.error_count();
    let root = r.map("the document", &mut |r, key| match &*key.text {
        "dag" => {
            draft.dag_place = Some(key.place);
            read_dag(r, draft, limits)
        }
        _ => keep(r, key, &mut root_extra, &mut unknown),
    })?;
    draft.dag.root_extra = root_extra;
    if draft.dag_place.is_none() && (root.is_some() || r.faults.error_count() == errors) {
        r.warn_misspelled(&unknown, &["dag"], &[]);
        let hint = if unknown.iter().any(|(key, _)| DAG_KEYS.contains(&key.as_str())) {
            "put `dag:` on the first line and indent everything below it"
        } else {
            "a DAG begins with `dag:`"
        };
        r.faults.push(Fault::new("missing_key", "the document has no `dag`").hint(hint).at(Some(root_place)));
    }
    // The lexer reports what follows the document.
    while r.try_next()?.is_some() {}
    Ok(())
}

fn read_dag(r: &mut Reader<'_>, draft: &mut Draft, limits: &Limits) -> Result<(), Stop> {
    let mut unknown = Vec::new();
    let mut present = Vec::new();
    let errors = r.faults.error_count();
    let extent = r.map("`dag`", &mut |r, key| {
        if let Some(known) = DAG_KEYS.iter().find(|k| **k == key.text) {
            present.push(*known);
        }
        match &*key.text {
            "name" => draft.dag.name = r.string("`name`")?,
            "description" => draft.dag.description = r.string("`description`")?,
            "schedule" => draft.dag.schedule = placed(r, draft, "schedule")?,
            "parameters" => {
                r.map("`parameters`", &mut |r, key| {
                    let value = r.value()?;
                    draft.dag.parameters.push((key.text.into_owned(), value));
                    Ok(())
                })?;
            }
            "concurrency" => {
                draft.dag.concurrency = r.int("`concurrency`", 1..=limits.max_operators as i64)?.map(|n| n as u32);
            }
            "on_failure" => draft.dag.on_failure = placed(r, draft, "on_failure")?,
            "on_success" => draft.dag.on_success = placed(r, draft, "on_success")?,
            "notes" => draft.dag.notes = placed(r, draft, "notes")?,
            "operator_list" => {
                draft.list_place = Some(key.place);
                read_list(r, draft, limits)?;
            }
            "operator_rels" => read_rels(r, draft, limits)?,
            "operator_details" => {
                draft.details_place = Some(key.place);
                read_details(r, draft, limits)?;
            }
            "params" => draft.dag.viewport = read_viewport(r)?,
            _ => keep(r, key, &mut draft.dag.extra, &mut unknown)?,
        }
        Ok(())
    })?;
    r.warn_misspelled(&unknown, &DAG_KEYS, &present);
    if extent.is_none() && r.faults.error_count() > errors {
        return Ok(()); // It is no map, which has been said.
    }
    for (key, place) in [("operator_list", draft.list_place), ("operator_details", draft.details_place)] {
        if place.is_none() {
            let hint = match key {
                "operator_list" => "list the operators' ids: `operator_list: [read, train]`",
                _ => "describe each operator: `operator_details:`, below it `read:`, below that `algo_name: …`",
            };
            r.faults.push(Fault::new("missing_key", format!("`dag` has no `{key}`")).hint(hint).at(draft.dag_place));
        }
    }
    Ok(())
}

/// A value whose meaning is judged later, with its place.
fn placed(r: &mut Reader<'_>, draft: &mut Draft, field: &'static str) -> Result<Option<Value>, Stop> {
    let place = r.place()?;
    draft.field_places.push((field, place));
    Ok(some(r.value()?))
}

fn read_list(r: &mut Reader<'_>, draft: &mut Draft, limits: &Limits) -> Result<(), Stop> {
    let mut position = 0;
    r.list("`operator_list`", &mut |r| {
        let Some(Key { text, place }) = r.id("an entry of `operator_list`")? else { return Ok(()) };
        let no = draft.id(&text, place, &mut r.faults);
        let id = &mut draft.ids.all[no as usize];
        match id.listed {
            Some((_, before)) => r.faults.push(
                Fault::new("duplicate_id", format!("the operator {} is listed twice", quote(&text)))
                    .hint(format!("it stands first on line {}, column {}", before.line, before.column))
                    .at(Some(place)),
            ),
            None => {
                id.listed = Some((position, place));
                position += 1;
            }
        }
        too_many(position as usize, limits.max_operators, "operators", place, &mut r.faults)
    })?;
    Ok(())
}

fn read_details(r: &mut Reader<'_>, draft: &mut Draft, limits: &Limits) -> Result<(), Stop> {
    r.map("`operator_details`", &mut |r, Key { text, place }| {
        let no = draft.id(&text, place, &mut r.faults);
        r.faults.operator = Some(text.to_string());
        let (operator, details) = read_operator(r, draft.ids.id(no), place)?;
        r.faults.operator = None;
        let position = draft.operators.len();
        draft.ids.all[no as usize].detailed = Some((position as u32, place));
        draft.operators.push(operator);
        draft.operator_ids.push(no);
        draft.spans.push(OperatorSpan { key: place, details });
        too_many(draft.operators.len(), limits.max_operators, "operators", place, &mut r.faults)
    })?;
    Ok(())
}

fn read_rels(r: &mut Reader<'_>, draft: &mut Draft, limits: &Limits) -> Result<(), Stop> {
    r.map("`operator_rels`", &mut |r, Key { text, place }| {
        let source = draft.id(&text, place, &mut r.faults);
        draft.sources.push((source, place));
        r.list("an entry of `operator_rels`", &mut |r| read_edge(r, draft, source, limits))?;
        Ok(())
    })?;
    Ok(())
}

fn read_edge(r: &mut Reader<'_>, draft: &mut Draft, source: u32, limits: &Limits) -> Result<(), Stop> {
    let start = r.place()?;
    let errors = r.faults.error_count();
    let mut target = None;
    let (mut source_index, mut target_index) = (0, 0);
    let mut extra = Vec::new();
    let mut unknown = Vec::new();
    let mut present = Vec::new();
    r.map("an edge", &mut |r, key| {
        match &*key.text {
            "target" => {
                present.push("target");
                target = r.id("`target`")?;
            }
            "source_index" => {
                present.push("source_index");
                source_index = r.int("`source_index`", 0..=MAX_PORT_INDEX)?.unwrap_or(0) as u16;
            }
            "target_index" => {
                present.push("target_index");
                target_index = r.int("`target_index`", 0..=MAX_PORT_INDEX)?.unwrap_or(0) as u16;
            }
            _ => keep(r, key, &mut extra, &mut unknown)?,
        }
        Ok(())
    })?;
    r.warn_misspelled(&unknown, &["target", "source_index", "target_index"], &present);
    let Some(Key { text, place }) = target else {
        if r.faults.error_count() == errors {
            r.faults.push(
                Fault::new("missing_key", "the edge has no `target`")
                    .hint(r#"write {"target":"…","source_index":0,"target_index":0}"#)
                    .at(Some(start)),
            );
        }
        return Ok(());
    };
    let target = draft.id(&text, place, &mut r.faults);
    draft.edges.push(Edge { source, source_index, target, target_index, extra });
    draft.edge_places.push(place);
    too_many(draft.edges.len(), limits.max_edges, "edges", place, &mut r.faults)
}

fn read_viewport(r: &mut Reader<'_>) -> Result<Option<Viewport>, Stop> {
    let mut viewport = Viewport::default();
    let mut unknown = Vec::new();
    let extent = r.map("`params` of the DAG", &mut |r, key| {
        match &*key.text {
            "translate" => {
                let place = r.place()?;
                let mut numbers = Vec::new();
                let errors = r.faults.error_count();
                let list = r.list("`translate`", &mut |r| {
                    if let Some(n) = r.number("an entry of `translate`")?
                        && numbers.len() <= 2
                    {
                        numbers.push(n);
                    }
                    Ok(())
                })?;
                match numbers[..] {
                    [x, y] => viewport.translate = Some((x, y)),
                    _ if list.is_some() && r.faults.error_count() == errors => r.faults.push(
                        Fault::new("wrong_type", "`translate` must be a list of two numbers")
                            .hint("write `[x, y]`")
                            .at(Some(place)),
                    ),
                    _ => {}
                }
            }
            "scale" => viewport.scale = r.number("`scale`")?,
            _ => keep(r, key, &mut viewport.extra, &mut unknown)?,
        }
        Ok(())
    })?;
    Ok(extent.map(|_| viewport))
}

fn too_many(count: usize, max: usize, what: &str, place: crate::Place, faults: &mut FaultLog) -> Result<(), Stop> {
    if count <= max {
        return Ok(());
    }
    Err(faults.stop(Fault::new("too_large", format!("more than {max} {what}")).hint("split the DAG").at(Some(place))))
}

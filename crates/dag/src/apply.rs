//! Edits of the DAG as data: what the text must say after them.

use crate::draft::Draft;
use crate::edit::{Edit, Refusal};
use crate::ids::id_fault;
use crate::limits::Limits;
use crate::read::parse;
use crate::read_operator::read_operator;
use crate::reader::Reader;
use crate::sketch::{EdgeEnds, LooseEdge, Sketch};
use crate::source::Source;
use crate::write::write_operator;
use crate::write_scalar::{write_inline, write_text};
use crate::{Edge, Operator, OperatorId, Place, Value, Viewport};

/// Applies `edit`; on a refusal nothing has changed.
pub(crate) fn apply(sketch: &mut Sketch, edit: &Edit) -> Result<(), Refusal> {
    match edit {
        Edit::SetParam { operator, name, value } => {
            let params = &mut find(sketch, operator)?.params;
            match params.iter_mut().find(|(key, _)| key == name) {
                Some((_, old)) => *old = value.clone(),
                None => params.push((name.clone(), value.clone())),
            }
        }
        Edit::RemoveParam { operator, name } => {
            let params = &mut find(sketch, operator)?.params;
            let Some(at) = params.iter().position(|(key, _)| key == name) else {
                return Err(Refusal::NoSuchParam { operator: operator.clone(), name: name.clone() });
            };
            params.remove(at);
        }
        Edit::SetCoordinate { operator, coordinate } => {
            if !coordinate.is_finite() {
                return Err(Refusal::NotFinite("coordinates"));
            }
            find(sketch, operator)?.coordinate = Some(*coordinate);
        }
        Edit::SetField { operator, field, value } => set_field(find(sketch, operator)?, field, value)?,
        Edit::AddOperator { operator } => add_operator(sketch, operator)?,
        Edit::RemoveOperator { operator } => remove_operator(sketch, operator)?,
        Edit::RenameOperator { operator, to } => rename_operator(sketch, operator, to)?,
        Edit::AddEdge(ends) => add_edge(sketch, ends)?,
        Edit::RemoveEdge(ends) => remove_edge(sketch, ends)?,
        Edit::SetDagField { field, value } => set_dag_field(sketch, field, value)?,
        Edit::SetViewport { translate, scale } => {
            if !(translate.0.is_finite() && translate.1.is_finite() && scale.is_finite()) {
                return Err(Refusal::NotFinite("translate and scale"));
            }
            let viewport = sketch.dag.viewport.get_or_insert_with(Viewport::default);
            viewport.translate = Some(*translate);
            viewport.scale = Some(*scale);
        }
    }
    Ok(())
}

fn find<'a>(sketch: &'a mut Sketch, id: &str) -> Result<&'a mut Operator, Refusal> {
    let found = sketch.dag.operators.iter_mut().find(|operator| &*operator.id.0 == id);
    found.ok_or_else(|| Refusal::NoSuchOperator(id.to_owned()))
}

fn set_field(operator: &mut Operator, field: &str, value: &Value) -> Result<(), Refusal> {
    if !Edit::FIELDS.contains(&field) {
        return Err(no_such_field(field, &Edit::FIELDS));
    }
    // The reader knows what each field takes.
    let mut text = format!("algo_name: x\n{field}: ");
    write_inline(&mut text, value);
    let read = read_alone(operator.id.clone(), &text)?;
    match field {
        "cn_name" => operator.cn_name = read.cn_name,
        "data_type" => operator.data_type = read.data_type,
        "type" => operator.kind_label = read.kind_label,
        "executor" => operator.executor = read.executor,
        "retries" => operator.retries = read.retries,
        "retry_delay" => operator.retry_delay_ms = read.retry_delay_ms,
        "timeout" => operator.timeout_ms = read.timeout_ms,
        "resources" => operator.resources = read.resources,
        "cache" => operator.cache = read.cache,
        "priority" => operator.priority = read.priority,
        "trigger_rule" => operator.trigger_rule = read.trigger_rule,
        "pool" => operator.pool = read.pool,
        "env" => operator.env = read.env,
        _ => operator.disabled = read.disabled,
    }
    Ok(())
}

fn no_such_field(field: &str, known: &[&str]) -> Refusal {
    Refusal::NoSuchField { field: field.to_owned(), known: known.join(", ") }
}

/// Reads the text of one operator's details.
fn read_alone(id: OperatorId, text: &str) -> Result<Operator, Refusal> {
    let mut reader = Reader::new(Source::new(text, false, &Limits::api()));
    let read = read_operator(&mut reader, id, Place { line: 1, column: 1 });
    let has_errors = reader.faults.has_errors();
    match read {
        Ok((operator, _)) if !has_errors => Ok(operator),
        _ => {
            let mut faults = reader.faults.finish();
            // Places in the little text would mislead.
            faults.0.iter_mut().for_each(|fault| fault.place = None);
            faults.0.retain(|fault| !fault.warning);
            Err(Refusal::Value(faults))
        }
    }
}

fn check_new_id(sketch: &Sketch, id: &str) -> Result<(), Refusal> {
    if let Some(why) = id_fault(id) {
        return Err(Refusal::BadId(why.to_owned()));
    }
    let taken = sketch.position(id).is_some() || sketch.strays.iter().any(|stray| &*stray.0 == id);
    if taken { Err(Refusal::OperatorExists(id.to_owned())) } else { Ok(()) }
}

fn add_operator(sketch: &mut Sketch, operator: &Operator) -> Result<(), Refusal> {
    check_new_id(sketch, &operator.id.0)?;
    if let Some(coordinate) = operator.coordinate
        && !coordinate.is_finite()
    {
        return Err(Refusal::NotFinite("coordinates"));
    }
    // Says what a range or a key stands against, before any text is touched.
    let mut operator = read_alone(operator.id.clone(), &write_operator(operator))?;
    operator.params.shrink_to_fit();
    let at = (sketch.dag.operators.len() - sketch.unlisted) as u32;
    for edge in &mut sketch.dag.edges {
        for end in [&mut edge.source, &mut edge.target] {
            *end += u32::from(*end >= at);
        }
    }
    sketch.dag.operators.insert(at as usize, operator);
    settle(sketch);
    Ok(())
}

/// Edges that led nowhere may lead to an operator by now.
fn settle(sketch: &mut Sketch) {
    for LooseEdge { ends, extra } in std::mem::take(&mut sketch.loose) {
        match positions(sketch, &ends) {
            Ok(edge) => sketch.dag.edges.push(Edge { extra, ..edge }),
            Err(_) => sketch.loose.push(LooseEdge { ends, extra }),
        }
    }
}

fn remove_operator(sketch: &mut Sketch, id: &str) -> Result<(), Refusal> {
    let strays = sketch.strays.len();
    sketch.strays.retain(|stray| &*stray.0 != id);
    let was_stray = sketch.strays.len() < strays;
    let Some(at) = sketch.position(id) else {
        if !was_stray {
            return Err(Refusal::NoSuchOperator(id.to_owned()));
        }
        sketch.loose.retain(|edge| edge.ends.source != id && edge.ends.target != id);
        return Ok(());
    };
    if at >= sketch.dag.operators.len() - sketch.unlisted {
        sketch.unlisted -= 1;
    }
    sketch.dag.operators.remove(at);
    let at = at as u32;
    sketch.dag.edges.retain(|edge| edge.source != at && edge.target != at);
    for edge in &mut sketch.dag.edges {
        for end in [&mut edge.source, &mut edge.target] {
            *end -= u32::from(*end > at);
        }
    }
    sketch.loose.retain(|edge| edge.ends.source != id && edge.ends.target != id);
    Ok(())
}

fn rename_operator(sketch: &mut Sketch, id: &str, to: &str) -> Result<(), Refusal> {
    let at = sketch.position(id).ok_or_else(|| Refusal::NoSuchOperator(id.to_owned()))?;
    if id == to {
        return Ok(());
    }
    check_new_id(sketch, to)?;
    if let Some(operator) = sketch.dag.operators.get_mut(at) {
        operator.id = OperatorId(to.into());
    }
    for edge in &mut sketch.loose {
        for end in [&mut edge.ends.source, &mut edge.ends.target] {
            if end == id {
                *end = to.to_owned();
            }
        }
    }
    settle(sketch);
    Ok(())
}

fn positions(sketch: &Sketch, ends: &EdgeEnds) -> Result<Edge, Refusal> {
    let position =
        |id: &String| sketch.position(id).map(|at| at as u32).ok_or_else(|| Refusal::NoSuchOperator(id.clone()));
    Ok(Edge {
        source: position(&ends.source)?,
        source_index: ends.source_index,
        target: position(&ends.target)?,
        target_index: ends.target_index,
        extra: Vec::new(),
    })
}

fn same_ends(a: &Edge, b: &Edge) -> bool {
    (a.source, a.source_index, a.target, a.target_index) == (b.source, b.source_index, b.target, b.target_index)
}

fn add_edge(sketch: &mut Sketch, ends: &EdgeEnds) -> Result<(), Refusal> {
    let edge = positions(sketch, ends)?;
    if edge.source == edge.target {
        return Err(Refusal::SelfEdge(ends.source.clone()));
    }
    if sketch.dag.edges.iter().any(|other| same_ends(other, &edge)) {
        return Err(Refusal::EdgeExists(ends.clone()));
    }
    sketch.dag.edges.push(edge);
    Ok(())
}

/// Removes the first edge with these ends.
fn remove_edge(sketch: &mut Sketch, ends: &EdgeEnds) -> Result<(), Refusal> {
    if let Some(at) = sketch.loose.iter().position(|edge| edge.ends == *ends) {
        sketch.loose.remove(at);
        return Ok(());
    }
    let edge = positions(sketch, ends)?;
    let at = sketch.dag.edges.iter().position(|other| same_ends(other, &edge));
    sketch.dag.edges.remove(at.ok_or_else(|| Refusal::NoSuchEdge(ends.clone()))?);
    Ok(())
}

fn set_dag_field(sketch: &mut Sketch, field: &str, value: &Value) -> Result<(), Refusal> {
    if !Edit::DAG_FIELDS.contains(&field) {
        return Err(no_such_field(field, &Edit::DAG_FIELDS));
    }
    let mut text = String::from("dag:\n ");
    write_text(&mut text, field);
    text.push_str(": ");
    write_inline(&mut text, value);
    text.push_str("\n operator_list: [x]\n operator_details: {x: {algo_name: x}}\n");
    let (draft, mut faults, _) = parse(&text, &Limits::api());
    let Some(Draft { dag: read, .. }) = draft.filter(|_| !faults.has_errors()) else {
        faults.0.iter_mut().for_each(|fault| fault.place = None);
        return Err(Refusal::Value(faults));
    };
    let dag = &mut sketch.dag;
    match field {
        "name" => dag.name = read.name,
        "description" => dag.description = read.description,
        "schedule" => dag.schedule = read.schedule,
        "parameters" => dag.parameters = read.parameters,
        "concurrency" => dag.concurrency = read.concurrency,
        "on_failure" => dag.on_failure = read.on_failure,
        "on_success" => dag.on_success = read.on_success,
        _ => dag.notes = read.notes,
    }
    Ok(())
}

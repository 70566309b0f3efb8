//! Binds edges to ports: what arrives where, of which type, and what of it is left out because it is disabled.

use crate::bind::BoundInput;
use crate::catalogue::Kind;
use crate::manifest::{InputSpec, OperatorSpec};
use crate::places::Places;
use crate::port_faults::{mismatch, missing, no_such_port, no_training_table, taken};
use crate::quote::Quoted;
use crate::report::Report;
use std::sync::Arc;
use suanzi_dag::{Dag, Edge, Fault, Operator};

/// Kinds by operator; none where the algorithm is unknown.
pub(crate) type Kinds = [Option<Arc<Kind>>];

/// The edges of a DAG by the operator they lead to, in the order of its ports.
pub(crate) struct Incoming<'a> {
    dag: &'a Dag,
    /// Positions in `dag.edges`, sorted by target, port and position.
    order: Vec<u32>,
    /// Where an operator's edges start in `order`; one more at the end.
    starts: Vec<u32>,
}

impl<'a> Incoming<'a> {
    /// Edges from or to operators that don't exist are faults.
    pub fn new(dag: &'a Dag, places: &dyn Places, report: &mut Report) -> Incoming<'a> {
        let count = dag.operators.len();
        let mut order = Vec::with_capacity(dag.edges.len());
        for (at, edge) in dag.edges.iter().enumerate() {
            if (edge.source as usize) < count && (edge.target as usize) < count {
                order.push(at as u32);
            } else {
                report.error(|| {
                    Fault::new("dangling_edge", "an edge names an operator that doesn't exist")
                        .at(places.place_of_edge(at))
                });
            }
        }
        let edge = |at: u32| &dag.edges[at as usize];
        order.sort_by_key(|at| (edge(*at).target, edge(*at).target_index, *at));
        let mut starts = vec![0u32; count + 1];
        for at in &order {
            starts[edge(*at).target as usize + 1] += 1;
        }
        for i in 0..count {
            starts[i + 1] += starts[i];
        }
        Incoming { dag, order, starts }
    }

    /// Edges into `op`: their positions and themselves.
    pub fn of(&self, op: u32) -> impl Iterator<Item = (usize, &'a Edge)> + '_ {
        let range = self.starts[op as usize] as usize..self.starts[op as usize + 1] as usize;
        let dag = self.dag;
        self.order[range].iter().map(move |at| (*at as usize, &dag.edges[*at as usize]))
    }
}

/// The declared input an edge's index means: a variadic last one takes all further indexes too.
fn input_at(spec: &OperatorSpec, index: u16) -> Option<(usize, &InputSpec)> {
    let last = spec.inputs.len().checked_sub(1)?;
    let at = usize::from(index);
    if at <= last {
        return Some((at, &spec.inputs[at]));
    }
    let input = &spec.inputs[last];
    input.variadic.then_some((last, input))
}

/// Operators that don't run: the disabled ones and all that require something of theirs.
pub(crate) fn left_out(dag: &Dag, kinds: &Kinds, incoming: &Incoming) -> Vec<bool> {
    let mut outgoing: Vec<Vec<u32>> = vec![Vec::new(); dag.operators.len()];
    let mut out: Vec<bool> = dag.operators.iter().map(|o| o.disabled).collect();
    let mut todo: Vec<u32> = (0..dag.operators.len() as u32).filter(|op| out[*op as usize]).collect();
    if todo.is_empty() {
        return out;
    }
    for edge in incoming.order.iter().map(|at| &dag.edges[*at as usize]) {
        outgoing[edge.source as usize].push(edge.target);
    }
    while let Some(source) = todo.pop() {
        for target in &outgoing[source as usize] {
            let Some(kind) = &kinds[*target as usize] else { continue };
            if !out[*target as usize] && !has_what_it_requires(*target, &kind.spec, incoming, &out) {
                out[*target as usize] = true;
                todo.push(*target);
            }
        }
    }
    out
}

/// No required input has edges from left-out operators only.
fn has_what_it_requires(op: u32, spec: &OperatorSpec, incoming: &Incoming, out: &[bool]) -> bool {
    spec.inputs.iter().enumerate().filter(|(_, input)| input.required).all(|(at, _)| {
        let mut sources = incoming
            .of(op)
            .filter(|(_, edge)| input_at(spec, edge.target_index).is_some_and(|(i, _)| i == at))
            .map(|(_, edge)| out[edge.source as usize])
            .peekable();
        sources.peek().is_none() || sources.any(|left_out| !left_out)
    })
}

/// What a model stands for on a data port.
enum Table {
    Output((u32, u16)),
    /// It wasn't trained on a table.
    None,
    /// Another fault on the way to it has been said: of an unknown algorithm, a port that doesn't exist, a missing edge.
    Unclear,
}

/// Binds the inputs of all operators of one DAG.
pub(crate) struct Ports<'a> {
    pub dag: &'a Dag,
    pub kinds: &'a Kinds,
    pub incoming: &'a Incoming<'a>,
    pub left_out: &'a [bool],
    pub places: &'a dyn Places,
}

impl Ports<'_> {
    /// Inputs in port order, and the operators that must end before this one, sorted.
    pub fn bind(&self, op: u32, report: &mut Report) -> (Vec<BoundInput>, Vec<u32>) {
        let Some(kind) = &self.kinds[op as usize] else { return (Vec::new(), Vec::new()) };
        let operator = &self.dag.operators[op as usize];
        let mut inputs: Vec<BoundInput> = Vec::new();
        let mut predecessors = Vec::new();
        let mut connected: Vec<Option<&Edge>> = vec![None; kind.spec.inputs.len()];
        for (at, edge) in self.incoming.of(op) {
            let source = &self.dag.operators[edge.source as usize];
            let disabled = operator.disabled || source.disabled;
            let fault = |f: Fault| f.at(self.places.place_of_edge(at)).operator(operator.id.to_string());
            let dropped = self.left_out[edge.source as usize];
            if !dropped {
                predecessors.push(edge.source);
            }
            let Some((position, input)) = input_at(&kind.spec, edge.target_index) else {
                report.fault(disabled, || fault(no_such_port(operator, &kind.spec, edge.target_index, true)));
                continue;
            };
            if let Some(first) = connected[position]
                && !input.variadic
            {
                let first = &self.dag.operators[first.source as usize];
                report.fault(disabled, || fault(taken(operator, input, position, first, source)));
                continue;
            }
            connected[position] = Some(edge);
            let Some(source_kind) = &self.kinds[edge.source as usize] else { continue };
            let Some(output) = source_kind.spec.outputs.get(usize::from(edge.source_index)) else {
                report.fault(disabled, || fault(no_such_port(source, &source_kind.spec, edge.source_index, false)));
                continue;
            };
            let given = (edge.source, edge.source_index);
            let mut bound = BoundInput {
                name: input.name.clone(),
                port_type: output.port_type.clone(),
                source: given,
                stands_for: None,
            };
            if output.port_type == "model" && input.model_stands_for_table {
                match self.training_table(given) {
                    Table::Output(table) => {
                        bound.source = table;
                        bound.port_type = "data".to_owned();
                        bound.stands_for = Some(given);
                        report.warning(|| fault(self.stands_for(operator, input, edge, table)));
                    }
                    Table::None => {
                        report.fault(disabled, || fault(no_training_table(operator, input, edge, source)));
                        continue;
                    }
                    Table::Unclear => continue,
                }
            } else if !fits(&output.port_type, &input.port_type) {
                report
                    .fault(disabled, || fault(mismatch(operator, &kind.spec, input, edge, source, &source_kind.spec)));
                continue;
            }
            if !dropped {
                predecessors.push(bound.source.0);
                inputs.push(bound);
            }
        }
        for (position, input) in kind.spec.inputs.iter().enumerate() {
            if input.required && connected[position].is_none() {
                let place = self.places.place_of_operator(op);
                report.fault(operator.disabled, || missing(operator, &kind.spec, input, position).at(place));
            }
        }
        predecessors.sort_unstable();
        predecessors.dedup();
        (inputs, predecessors)
    }

    /// The table a model was trained on: the output connected to the input its kind names. A model there stands for its own table in turn.
    fn training_table(&self, model: (u32, u16)) -> Table {
        let mut at = model;
        // A cycle, which a DAG built by hand may have, ends after as many steps as there are operators.
        for _ in 0..self.dag.operators.len() {
            let Some(kind) = &self.kinds[at.0 as usize] else { return Table::Unclear };
            let Some(output) = kind.spec.outputs.get(usize::from(at.1)) else { return Table::Unclear };
            match (output.port_type.as_str(), output.trained_on) {
                ("data", _) => return Table::Output(at),
                ("model", Some(trained_on)) => {
                    let on_it = |edge: &&Edge| {
                        input_at(&kind.spec, edge.target_index).is_some_and(|(i, _)| i == usize::from(trained_on))
                    };
                    let Some(edge) = self.incoming.of(at.0).map(|(_, edge)| edge).find(on_it) else {
                        return Table::Unclear;
                    };
                    at = (edge.source, edge.source_index);
                }
                _ => return Table::None,
            }
        }
        Table::None
    }

    fn stands_for(&self, operator: &Operator, input: &InputSpec, edge: &Edge, table: (u32, u16)) -> Fault {
        let model = &self.dag.operators[edge.source as usize];
        let producer = &self.dag.operators[table.0 as usize];
        let output = self.kinds[table.0 as usize].as_ref().and_then(|k| k.spec.outputs.get(usize::from(table.1)));
        let message = format!(
            "the model of {} arrives at input {} ({}) of {}, which takes a table: it stands for the table it was trained on, output {} ({}) of {}",
            Quoted(&model.id.0),
            edge.target_index,
            input.name,
            Quoted(&operator.id.0),
            table.1,
            output.map_or("?", |o| &o.name),
            Quoted(&producer.id.0),
        );
        Fault::new("model_stands_for_table", message).hint(format!(
            "an edge from output {} of {} says the same plainly",
            table.1,
            Quoted(&producer.id.0)
        ))
    }
}

/// `any` takes everything; what comes out of an `any` is judged by the operator that reads it.
pub(crate) fn fits(offered: &str, accepted: &str) -> bool {
    offered == accepted || accepted == "any" || offered == "any"
}

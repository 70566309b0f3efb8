//! What is wrong with an edge, in words.

use crate::manifest::{InputSpec, OperatorSpec};
use crate::ports::fits;
use crate::quote::{Quoted, listed};
use suanzi_dag::{Edge, Fault, Operator};

fn input_list(spec: &OperatorSpec) -> String {
    listed(
        spec.inputs
            .iter()
            .enumerate()
            .map(|(i, p)| format!("{i}{} {} ({})", if p.variadic { " and on" } else { "" }, p.name, p.port_type)),
    )
}

fn output_list(spec: &OperatorSpec) -> String {
    listed(spec.outputs.iter().enumerate().map(|(i, p)| format!("{i} {} ({})", p.name, p.port_type)))
}

pub(crate) fn no_such_port(operator: &Operator, spec: &OperatorSpec, index: u16, input: bool) -> Fault {
    let (word, ports) = if input { ("input", input_list(spec)) } else { ("output", output_list(spec)) };
    Fault::new("port_index", format!("{} ({}) has no {word} {index}", Quoted(&operator.id.0), spec.algo_name))
        .hint(format!("its {word}s: {ports}"))
}

pub(crate) fn taken(
    operator: &Operator,
    input: &InputSpec,
    position: usize,
    first: &Operator,
    second: &Operator,
) -> Fault {
    let message = format!(
        "input {position} ({}) of {} takes one edge and has two: from {} and from {}",
        input.name,
        Quoted(&operator.id.0),
        Quoted(&first.id.0),
        Quoted(&second.id.0)
    );
    Fault::new("input_taken", message).hint("remove one of them, or lead it to another input")
}

pub(crate) fn mismatch(
    operator: &Operator,
    spec: &OperatorSpec,
    input: &InputSpec,
    edge: &Edge,
    source: &Operator,
    source_spec: &OperatorSpec,
) -> Fault {
    let offered = &source_spec.outputs[usize::from(edge.source_index)];
    let message = format!(
        "output {} ({}) of {} is of type {}; input {} ({}) of {} takes {}",
        edge.source_index,
        offered.name,
        Quoted(&source.id.0),
        offered.port_type,
        edge.target_index,
        input.name,
        Quoted(&operator.id.0),
        input.port_type
    );
    let fault = Fault::new("port_type", message);
    let other_input = spec.inputs.iter().position(|i| fits(&offered.port_type, &i.port_type));
    let other_output = source_spec.outputs.iter().position(|o| fits(&o.port_type, &input.port_type));
    match (other_output, other_input) {
        (Some(output), _) => fault.hint(format!("its output {output} ({}) fits", source_spec.outputs[output].name)),
        (None, Some(at)) => fault.hint(format!("input {at} ({}) takes it", spec.inputs[at].name)),
        (None, None) => fault.hint(format!("inputs of {}: {}", Quoted(&operator.id.0), input_list(spec))),
    }
}

pub(crate) fn no_training_table(operator: &Operator, input: &InputSpec, edge: &Edge, source: &Operator) -> Fault {
    let message = format!(
        "{} gives a model to input {} ({}) of {}, which takes a table, and that model wasn't trained on one it could stand for",
        Quoted(&source.id.0),
        edge.target_index,
        input.name,
        Quoted(&operator.id.0)
    );
    Fault::new("model_without_table", message).hint("connect an output of type data")
}

pub(crate) fn missing(operator: &Operator, spec: &OperatorSpec, input: &InputSpec, position: usize) -> Fault {
    let message = format!(
        "{} ({}) needs an edge into its input {position} ({})",
        Quoted(&operator.id.0),
        spec.algo_name,
        input.name
    );
    Fault::new("missing_input", message)
        .hint(format!("connect an output of type {}", input.port_type))
        .operator(operator.id.to_string())
}

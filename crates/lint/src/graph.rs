//! A bound DAG as the checks ask about it.

use crate::step::{Step, step_of};
use serde_json::Value as Json;
use suanzi_dag::{Dag, Edge, topological_order};
use suanzi_operator::manifest::OperatorSpec;
use suanzi_operator::{Bound, BoundInput};

/// An operator's output.
pub(crate) type Output = (u32, u16);

pub(crate) struct Graph<'a> {
    pub dag: &'a Dag,
    pub bound: &'a Bound,
    pub steps: Vec<Step>,
    /// Operators that run, each after those it reads from.
    pub order: Vec<u32>,
}

impl<'a> Graph<'a> {
    pub fn new(dag: &'a Dag, bound: &'a Bound) -> Graph<'a> {
        let count = dag.operators.len().min(bound.ops.len());
        let steps = bound.ops.iter().map(|op| step_of(&op.kind.spec, &op.params)).collect();
        let edges = bound.ops.iter().take(count).enumerate();
        let edges: Vec<(u32, u32)> =
            edges.flat_map(|(at, op)| op.predecessors.iter().map(move |before| (*before, at as u32))).collect();
        let mut order = topological_order(count, edges.into_iter());
        order.retain(|op| bound.ops.get(*op as usize).is_some_and(|op| !op.disabled));
        Graph { dag, bound, steps, order }
    }

    pub fn id(&self, op: u32) -> &'a str {
        self.dag.operators.get(op as usize).map_or("", |operator| &operator.id.0)
    }

    pub fn spec(&self, op: u32) -> Option<&'a OperatorSpec> {
        self.bound.ops.get(op as usize).map(|op| &op.kind.spec)
    }

    pub fn step(&self, op: u32) -> &Step {
        self.steps.get(op as usize).unwrap_or(&Step::Opaque)
    }

    pub fn inputs(&self, op: u32) -> &'a [BoundInput] {
        self.bound.ops.get(op as usize).map_or(&[], |op| &op.inputs)
    }

    /// Where its first input of a type comes from, operators that only pass it on left aside.
    pub fn input_of(&self, op: u32, port_type: &str) -> Option<Output> {
        let input = self.inputs(op).iter().find(|input| self.takes(op, input) == port_type)?;
        Some(self.through(input.source))
    }

    /// The type that an input is declared with.
    fn takes(&self, op: u32, input: &BoundInput) -> &'a str {
        let declared = self.spec(op).and_then(|spec| spec.inputs.iter().find(|declared| declared.name == input.name));
        declared.map_or("", |declared| declared.port_type.as_str())
    }

    fn through(&self, mut output: Output) -> Output {
        while matches!(self.step(output.0), Step::Pass) {
            let Some(input) = self.inputs(output.0).first() else { break };
            output = input.source;
        }
        output
    }

    pub fn param(&self, op: u32, name: &str) -> Option<&'a Json> {
        self.bound.ops.get(op as usize)?.params.get(name)
    }

    pub fn text(&self, op: u32, name: &str) -> Option<&'a str> {
        self.param(op, name)?.as_str()
    }

    /// The columns that a parameter names; `None` where it names none (mostly: all).
    pub fn columns(&self, op: u32, name: &str) -> Option<Vec<&'a str>> {
        let list = self.param(op, name)?.as_array()?;
        (!list.is_empty()).then(|| list.iter().filter_map(Json::as_str).collect())
    }

    /// Edges that leave an output, as they are written.
    pub fn readers(&self, (op, port): Output) -> impl Iterator<Item = &'a Edge> + use<'a> {
        self.dag.edges.iter().filter(move |edge| edge.source == op && edge.source_index == port)
    }

    /// The one edge that leads into the first input of a type, as it is written.
    pub fn edge_into(&self, op: u32, port_type: &str) -> Option<&'a Edge> {
        let at = self.spec(op)?.inputs.iter().position(|input| input.port_type == port_type)? as u16;
        self.dag.edges.iter().find(|edge| edge.target == op && edge.target_index == at)
    }

    /// Index of the first output of a type.
    pub fn output(&self, op: u32, port_type: &str) -> Option<u16> {
        self.spec(op)?.outputs.iter().position(|output| output.port_type == port_type).map(|at| at as u16)
    }
}

//! Texts of DAGs, written here and not by the writer under test.

use serde_json::Value;
use std::fmt::Write;

/// A DAG as YAML. Operators and edges appear in the order they were added.
#[derive(Debug, Clone, Default)]
pub struct DagText {
    pub name: Option<String>,
    pub ops: Vec<Op>,
    /// Source, output, target, input.
    pub edges: Vec<(String, u32, String, u32)>,
}

/// One operator: parameters, and other fields beside `algo_name`, as YAML (JSON is YAML).
#[derive(Debug, Clone)]
pub struct Op {
    pub id: String,
    pub algo_name: String,
    pub params: Vec<(String, String)>,
    pub fields: Vec<(String, String)>,
}

impl Op {
    pub fn new(id: &str, algo_name: &str) -> Op {
        Op { id: id.into(), algo_name: algo_name.into(), params: Vec::new(), fields: Vec::new() }
    }

    pub fn param(mut self, name: &str, value: impl Into<Value>) -> Op {
        self.params.push((name.into(), value.into().to_string()));
        self
    }

    pub fn field(mut self, name: &str, value: impl Into<Value>) -> Op {
        self.fields.push((name.into(), value.into().to_string()));
        self
    }
}

impl DagText {
    pub fn new(name: &str) -> DagText {
        DagText { name: Some(name.into()), ..DagText::default() }
    }

    pub fn op(mut self, op: Op) -> DagText {
        self.ops.push(op);
        self
    }

    pub fn edge(mut self, source: &str, output: u32, target: &str, input: u32) -> DagText {
        self.edges.push((source.into(), output, target.into(), input));
        self
    }

    pub fn yaml(&self) -> String {
        let mut text = String::from("dag:\n");
        if let Some(name) = &self.name {
            let _ = writeln!(text, " name: {name}");
        }
        let ids: Vec<String> = self.ops.iter().map(|op| quoted(&op.id)).collect();
        let _ = writeln!(text, " operator_list: [{}]\n operator_rels:", ids.join(", "));
        for op in &self.ops {
            let edges: Vec<String> = self.edges.iter().filter(|e| e.0 == op.id).map(edge).collect();
            if !edges.is_empty() {
                let _ = writeln!(text, "  {}: [{}]", quoted(&op.id), edges.join(", "));
            }
        }
        if self.edges.is_empty() {
            text.truncate(text.trim_end().len());
            text.push_str(" {}\n");
        }
        text.push_str(" operator_details:\n");
        for op in &self.ops {
            let _ = writeln!(text, "  {}:\n   algo_name: {}", quoted(&op.id), op.algo_name);
            for (name, value) in &op.fields {
                let _ = writeln!(text, "   {name}: {value}");
            }
            let params: Vec<String> = op.params.iter().map(|(name, value)| format!("{name}: {value}")).collect();
            let _ = writeln!(text, "   params: {{{}}}", params.join(", "));
        }
        text
    }
}

fn edge((_, output, target, input): &(String, u32, String, u32)) -> String {
    format!("{{target: {}, source_index: {output}, target_index: {input}}}", quoted(target))
}

fn quoted(id: &str) -> String {
    Value::from(id).to_string()
}

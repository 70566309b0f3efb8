//! The canonical YAML of a DAG, in the format of the seed: one space of indentation, edges as JSON on one line.

use crate::limits::Limits;
use crate::quantity::{write_duration, write_memory};
use crate::reader::Reader;
use crate::source::Source;
use crate::write_scalar::{fits_block, write_block, write_inline, write_number, write_quoted, write_text};
use crate::{Dag, Operator, Resources, Value, Viewport};

/// Writes `dag`, such that [`crate::read`] gives it back.
///
/// Edges of one source are written together, so they come back grouped by source, as they are in every DAG that was read.
pub fn write(dag: &Dag) -> String {
    let mut w = Writer { out: String::new(), shift: 0, step: 1, literal: true };
    w.out.push_str("dag:\n");
    w.text(1, "name", dag.name.as_deref());
    w.text(1, "description", dag.description.as_deref());
    w.value(1, "schedule", dag.schedule.as_ref());
    w.values(1, "parameters", &dag.parameters);
    w.plain(1, "concurrency", dag.concurrency.map(|n| n.to_string()));
    w.value(1, "on_failure", dag.on_failure.as_ref());
    w.value(1, "on_success", dag.on_success.as_ref());
    w.value(1, "notes", dag.notes.as_ref());
    w.list(dag);
    w.rels(dag);
    w.line(1, "operator_details");
    for operator in &dag.operators {
        w.operator(operator);
    }
    if let Some(viewport) = &dag.viewport {
        w.viewport(viewport);
    }
    w.entries(1, &dag.extra);
    w.entries(0, &dag.root_extra);
    w.out
}

/// The details of one operator, its fields at column 0.
pub(crate) fn write_operator(operator: &Operator) -> String {
    let mut w = Writer { out: String::new(), shift: -3, step: 1, literal: true };
    w.details(operator);
    w.out
}

/// The details of one operator below its key, which stands at `column`; `step` spaces for each level. Texts of several lines are literal blocks or, not `literal`, quoted.
pub(crate) fn write_operator_block(operator: &Operator, column: usize, step: usize, literal: bool) -> String {
    let shift = isize::try_from(column).unwrap_or(0) - 2 * isize::try_from(step).unwrap_or(1);
    let mut w = Writer { out: String::new(), shift, step, literal };
    w.details(operator);
    w.out
}

/// The details of one operator as a value, for places where it must stand between brackets.
pub(crate) fn operator_value(operator: &Operator) -> Value {
    let text = write_operator(operator);
    let mut reader = Reader::new(Source::new(&text, false, &Limits::file()));
    // What was just written is a map.
    reader.value().unwrap_or(Value::Null)
}

/// Indentation counts levels; `shift` and `step` say at which column a level stands.
struct Writer {
    out: String,
    shift: isize,
    step: usize,
    literal: bool,
}

impl Writer {
    fn column(&self, indent: usize) -> usize {
        let column = self.shift + isize::try_from(indent * self.step).unwrap_or(0);
        usize::try_from(column).unwrap_or(0)
    }

    fn key(&mut self, indent: usize, key: &str) {
        self.out.push_str(&" ".repeat(self.column(indent)));
        write_text(&mut self.out, key);
        self.out.push(':');
    }

    fn line(&mut self, indent: usize, key: &str) {
        self.key(indent, key);
        self.out.push('\n');
    }

    /// `key: text`, where the text is written as it is.
    fn plain(&mut self, indent: usize, key: &str, text: Option<String>) {
        if let Some(text) = text {
            self.key(indent, key);
            self.out.push(' ');
            self.out.push_str(&text);
            self.out.push('\n');
        }
    }

    fn text(&mut self, indent: usize, key: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.key(indent, key);
            self.out.push(' ');
            if self.literal && fits_block(text) {
                let column = self.column(indent);
                write_block(&mut self.out, text, column);
            } else {
                write_text(&mut self.out, text);
            }
            self.out.push('\n');
        }
    }

    fn value(&mut self, indent: usize, key: &str, value: Option<&Value>) {
        match value {
            None => {}
            Some(Value::Str(text)) => self.text(indent, key, Some(text)),
            Some(value) => {
                self.key(indent, key);
                self.out.push(' ');
                write_inline(&mut self.out, value);
                self.out.push('\n');
            }
        }
    }

    fn entries(&mut self, indent: usize, entries: &[(String, Value)]) {
        for (key, value) in entries {
            self.value(indent, key, Some(value));
        }
    }

    /// A map of values, if there are any.
    fn values(&mut self, indent: usize, key: &str, entries: &[(String, Value)]) {
        if !entries.is_empty() {
            self.line(indent, key);
            self.entries(indent + 1, entries);
        }
    }

    fn list(&mut self, dag: &Dag) {
        self.out.push_str(" operator_list: [");
        for (i, operator) in dag.operators.iter().enumerate() {
            if i > 0 {
                self.out.push(',');
            }
            write_text(&mut self.out, &operator.id.0);
        }
        self.out.push_str("]\n");
    }

    fn rels(&mut self, dag: &Dag) {
        let mut outgoing: Vec<Vec<usize>> = vec![Vec::new(); dag.operators.len()];
        let mut sources = Vec::new();
        for (i, edge) in dag.edges.iter().enumerate() {
            let list = &mut outgoing[edge.source as usize];
            if list.is_empty() {
                sources.push(edge.source as usize);
            }
            list.push(i);
        }
        if sources.is_empty() {
            self.out.push_str(" operator_rels: {}\n");
            return;
        }
        self.line(1, "operator_rels");
        for source in sources {
            self.key(2, &dag.operators[source].id.0);
            for (n, i) in outgoing[source].iter().enumerate() {
                let edge = &dag.edges[*i];
                self.out.push_str(if n == 0 { " [" } else { "," });
                self.out.push_str("{\"target\":");
                write_quoted(&mut self.out, &dag.operators[edge.target as usize].id.0);
                self.out.push_str(&format!(
                    ",\"source_index\":{},\"target_index\":{}",
                    edge.source_index, edge.target_index
                ));
                for (key, value) in &edge.extra {
                    self.out.push(',');
                    write_quoted(&mut self.out, key);
                    self.out.push(':');
                    write_inline(&mut self.out, value);
                }
                self.out.push('}');
            }
            self.out.push_str("]\n");
        }
    }

    fn operator(&mut self, op: &Operator) {
        self.line(2, &op.id.0);
        self.details(op);
    }

    fn details(&mut self, op: &Operator) {
        self.text(3, "algo_name", Some(&op.algo_name));
        self.text(3, "data_type", op.data_type.as_deref());
        self.text(3, "type", op.kind_label.as_deref());
        self.text(3, "cn_name", op.cn_name.as_deref());
        if let Some(coordinate) = op.coordinate {
            self.line(3, "coordinate");
            self.number(4, "x", Some(coordinate.x));
            self.number(4, "y", Some(coordinate.y));
        }
        if op.params.is_empty() {
            self.plain(3, "params", Some("{}".into()));
        }
        self.values(3, "params", &op.params);
        self.text(3, "executor", op.executor.as_deref());
        self.plain(3, "retries", op.retries.map(|n| n.to_string()));
        self.plain(3, "retry_delay", op.retry_delay_ms.map(write_duration));
        self.plain(3, "timeout", op.timeout_ms.map(write_duration));
        self.resources(&op.resources);
        self.plain(3, "cache", op.cache.map(|flag| flag.to_string()));
        self.plain(3, "priority", op.priority.map(|n| n.to_string()));
        self.plain(3, "trigger_rule", op.trigger_rule.map(|rule| rule.name().to_owned()));
        self.text(3, "pool", op.pool.as_deref());
        self.value(3, "env", op.env.as_ref());
        if op.disabled {
            self.plain(3, "disabled", Some("true".into()));
        }
        self.entries(3, &op.extra);
    }

    fn resources(&mut self, resources: &Resources) {
        if *resources == Resources::default() {
            return;
        }
        self.line(3, "resources");
        self.number(4, "cpu", resources.cpu);
        self.plain(4, "memory", resources.memory_bytes.map(write_memory));
        self.number(4, "gpu", resources.gpu);
        self.entries(4, &resources.extra);
    }

    fn viewport(&mut self, viewport: &Viewport) {
        if *viewport == Viewport::default() {
            self.out.push_str(" params: {}\n");
            return;
        }
        self.line(1, "params");
        if let Some((x, y)) = viewport.translate {
            self.out.push_str("  translate: [");
            write_number(&mut self.out, x);
            self.out.push(',');
            write_number(&mut self.out, y);
            self.out.push_str("]\n");
        }
        self.number(2, "scale", viewport.scale);
        self.entries(2, &viewport.extra);
    }

    fn number(&mut self, indent: usize, key: &str, number: Option<f64>) {
        if let Some(number) = number {
            self.key(indent, key);
            self.out.push(' ');
            write_number(&mut self.out, number);
            self.out.push('\n');
        }
    }
}

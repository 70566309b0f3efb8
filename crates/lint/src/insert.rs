//! Builds a fix: operators that are added, edges that are cut and laid.

use crate::finding::{Fix, Said};
use crate::graph::{Graph, Output};
use std::collections::BTreeSet;
use std::sync::Arc;
use suanzi_dag::{Coordinate, Edge, EdgeEnds, Edit, Operator, OperatorId, Resources, Value};

/// Room that an operator takes on the canvas, with a gap around it.
const ROOM_X: f64 = 200.0;
const ROOM_Y: f64 = 70.0;
/// How many places are tried before one is taken that isn't free.
const MAX_PLACES: u32 = 64;

pub(crate) struct Change<'a> {
    graph: &'a Graph<'a>,
    edits: Vec<Edit>,
    ids: BTreeSet<String>,
    spots: Vec<Coordinate>,
}

/// An operator by its position, or one that is being added.
pub(crate) trait Named {
    fn name(&self, graph: &Graph<'_>) -> String;
}

impl Named for u32 {
    fn name(&self, graph: &Graph<'_>) -> String {
        graph.id(*self).to_owned()
    }
}

impl Named for String {
    fn name(&self, _: &Graph<'_>) -> String {
        self.clone()
    }
}

impl<'a> Change<'a> {
    pub fn new(graph: &'a Graph<'a>) -> Change<'a> {
        Change {
            graph,
            edits: Vec::new(),
            ids: graph.dag.operators.iter().map(|operator| operator.id.to_string()).collect(),
            spots: graph.dag.operators.iter().filter_map(|operator| operator.coordinate).collect(),
        }
    }

    /// Adds an operator of a kind near another one. Gives its id.
    pub fn add(&mut self, algo_name: &str, params: Vec<(String, Value)>, near: u32) -> String {
        let mut id = algo_name.to_owned();
        let mut number = 1;
        while !self.ids.insert(id.clone()) {
            number += 1;
            id = format!("{algo_name}_{number}");
        }
        let neighbour = self.graph.dag.operators.get(near as usize);
        let coordinate = neighbour.and_then(|operator| operator.coordinate).map(|at| self.free_spot(at));
        self.edits.push(Edit::AddOperator {
            operator: Box::new(Operator {
                id: OperatorId(Arc::from(id.as_str())),
                algo_name: algo_name.to_owned(),
                data_type: None,
                kind_label: None,
                cn_name: None,
                coordinate,
                params,
                executor: None,
                retries: None,
                retry_delay_ms: None,
                timeout_ms: None,
                resources: Resources::default(),
                cache: None,
                priority: None,
                trigger_rule: None,
                pool: None,
                env: None,
                disabled: false,
                extra: Vec::new(),
            }),
        });
        id
    }

    /// To the right of the neighbour, then left, then further out and down, until nothing is in the way.
    fn free_spot(&mut self, near: Coordinate) -> Coordinate {
        let mut spot = near;
        for step in 0..MAX_PLACES {
            let (row, place) = (step / 8, step % 8);
            let side = if place % 2 == 0 { 1.0 } else { -1.0 };
            let x = near.x + side * ROOM_X * f64::from(place / 2 + 1);
            spot = Coordinate { x, y: near.y + ROOM_Y * f64::from(row) };
            if !self.spots.iter().any(|s| (s.x - spot.x).abs() < ROOM_X && (s.y - spot.y).abs() < ROOM_Y) {
                break;
            }
        }
        self.spots.push(spot);
        spot
    }

    pub fn cut(&mut self, edge: &Edge) {
        let (source, target) = (edge.source.name(self.graph), edge.target.name(self.graph));
        self.edits.push(Edit::RemoveEdge(EdgeEnds {
            source,
            source_index: edge.source_index,
            target,
            target_index: edge.target_index,
        }));
    }

    pub fn lay(&mut self, source: &impl Named, source_index: u16, target: &impl Named, target_index: u16) {
        let (source, target) = (source.name(self.graph), target.name(self.graph));
        self.edits.push(Edit::AddEdge(EdgeEnds { source, source_index, target, target_index }));
    }

    /// All that reads an output reads another one instead.
    pub fn take_over(&mut self, readers: &[&Edge], source: &impl Named, source_index: u16) {
        for edge in readers {
            self.cut(edge);
            self.lay(source, source_index, &edge.target, edge.target_index);
        }
    }

    /// Adds an `apply_transform` of a fitted step behind a table. Gives its id; its table is output 0.
    pub fn apply(&mut self, fit: u32, table: (&impl Named, u16), near: u32) -> Option<String> {
        let transform = self.graph.output(fit, "transform")?;
        let id = self.add("apply_transform", Vec::new(), near);
        self.lay(&fit, transform, &id, 0);
        self.lay(table.0, table.1, &id, 1);
        Some(id)
    }

    /// One behind the other, for all of the fitted steps. Gives the last one's id.
    pub fn apply_all(&mut self, fits: &[u32], (table, port): Output, near: u32) -> Option<String> {
        let mut last: Option<String> = None;
        for &fit in fits {
            last = Some(match &last {
                None => self.apply(fit, (&table, port), near)?,
                Some(before) => self.apply(fit, (before, 0), near)?,
            });
        }
        last
    }

    pub fn set_columns<'c>(&mut self, op: u32, name: &str, columns: impl IntoIterator<Item = &'c str>) {
        let value = Value::List(columns.into_iter().map(|column| Value::Str(column.to_owned())).collect());
        self.set(op, name, value);
    }

    pub fn set(&mut self, op: u32, name: &str, value: Value) {
        self.edits.push(Edit::SetParam { operator: op.name(self.graph), name: name.to_owned(), value });
    }

    pub fn remove(&mut self, op: u32) {
        self.edits.push(Edit::RemoveOperator { operator: op.name(self.graph) });
    }

    pub fn fix(self, label: Said) -> Fix {
        Fix { label, edits: self.edits }
    }

    /// The table that an operator's first data input is, whatever stands for it.
    pub fn table_of(graph: &Graph<'_>, op: u32) -> Option<Output> {
        let edge = graph.edge_into(op, "data")?;
        let name = &graph.spec(op)?.inputs.get(edge.target_index as usize)?.name;
        graph.inputs(op).iter().find(|input| input.name == *name).map(|input| input.source)
    }
}

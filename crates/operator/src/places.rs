//! Where things stand in the DAG's text, so that a fault can say line and column.

use suanzi_dag::{Document, Place};

/// Places in a DAG's source. `()` knows none: for DAGs that were built and not read.
pub trait Places {
    /// Its key in `operator_details`.
    fn place_of_operator(&self, op: u32) -> Option<Place>;
    /// One of its fields: `algo_name`, `executor`, …
    fn place_of_field(&self, op: u32, field: &str) -> Option<Place>;
    fn place_of_param(&self, op: u32, param: &str) -> Option<Place>;
    /// `schedule`, `on_failure`, `on_success` or `notes` of the DAG itself.
    fn place_of_dag_field(&self, field: &str) -> Option<Place> {
        let _ = field;
        None
    }
    /// `edge` is a position in `Dag::edges`.
    fn place_of_edge(&self, edge: usize) -> Option<Place>;
}

impl Places for () {
    fn place_of_operator(&self, _: u32) -> Option<Place> {
        None
    }

    fn place_of_field(&self, _: u32, _: &str) -> Option<Place> {
        None
    }

    fn place_of_param(&self, _: u32, _: &str) -> Option<Place> {
        None
    }

    fn place_of_edge(&self, _: usize) -> Option<Place> {
        None
    }
}

impl Places for Document {
    fn place_of_operator(&self, op: u32) -> Option<Place> {
        Document::place_of_operator(self, op)
    }

    fn place_of_field(&self, op: u32, field: &str) -> Option<Place> {
        Document::place_of_field(self, op, field)
    }

    fn place_of_param(&self, op: u32, param: &str) -> Option<Place> {
        Document::place_of_param(self, op, param)
    }

    fn place_of_edge(&self, edge: usize) -> Option<Place> {
        Document::place_of_edge(self, edge)
    }

    fn place_of_dag_field(&self, field: &str) -> Option<Place> {
        Document::place_of_dag_field(self, field)
    }
}

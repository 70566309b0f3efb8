//! What has been read of a DAG before its parts are checked against each other.

use crate::fault_log::{FaultLog, quote};
use crate::ids::{IdNo, Ids, id_fault};
use crate::reader::Extent;
use crate::{Dag, Edge, Fault, Operator, Place};

/// Where an operator's key and its details stand.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OperatorSpan {
    pub key: Place,
    /// `None` where the details are missing or no map.
    pub details: Option<Extent>,
}

#[derive(Default)]
pub(crate) struct Draft {
    /// Without operators and edges.
    pub dag: Dag,
    pub ids: Ids,
    /// In the order of `operator_details`.
    pub operators: Vec<Operator>,
    pub operator_ids: Vec<IdNo>,
    pub spans: Vec<OperatorSpan>,
    /// `source` and `target` are [`IdNo`]s until [`crate::assemble`] makes them positions.
    pub edges: Vec<Edge>,
    pub edge_places: Vec<Place>,
    /// The keys of `operator_rels`.
    pub sources: Vec<(IdNo, Place)>,
    pub dag_place: Option<Place>,
    /// Where the values of `schedule`, `on_failure`, `on_success` and `notes` stand.
    pub field_places: Vec<(&'static str, Place)>,
    pub list_place: Option<Place>,
    pub details_place: Option<Place>,
}

impl Draft {
    /// The number of an id; a malformed one is reported at its first mention.
    pub fn id(&mut self, name: &str, place: Place, faults: &mut FaultLog) -> IdNo {
        let (no, first) = self.ids.number(name);
        if first && let Some(why) = id_fault(name) {
            faults.push(
                Fault::new("bad_id", format!("{why}: {}", quote(name)))
                    .hint("use 1 to 256 bytes of letters, digits, `_`, `-`, `.`")
                    .at(Some(place)),
            );
        }
        no
    }
}

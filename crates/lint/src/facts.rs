//! Where the rows and columns of each table come from.

use crate::graph::{Graph, Output};
use crate::step::Step;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The train part of a split, as a bit.
pub(crate) const TRAIN: u8 = 1;
pub(crate) const TEST: u8 = 2;

/// What is known of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Rows {
    /// Code that may do anything stood on the way.
    pub opaque: bool,
    /// Operators that its rows began with.
    pub bases: BTreeSet<u32>,
    /// Split → the parts its rows are of.
    pub parts: BTreeMap<u32, u8>,
    /// Operators that left rows out, or may have.
    pub narrowed: BTreeSet<u32>,
    /// Fitted steps whose knowledge is in its columns.
    pub fits: BTreeSet<u32>,
    pub resampled: BTreeSet<u32>,
    /// Steps that computed from rows before and behind.
    pub ordered: BTreeSet<u32>,
    /// Predictions in its columns.
    pub predictions: BTreeSet<u32>,
    /// Columns of row numbers, with who added them.
    pub row_ids: BTreeMap<String, u32>,
}

impl Rows {
    fn begun_by(op: u32) -> Rows {
        Rows { bases: BTreeSet::from([op]), ..Rows::default() }
    }

    /// Certain to have rows in common.
    pub fn share_rows(&self, other: &Rows) -> bool {
        if self.opaque || other.opaque || self.bases.is_disjoint(&other.bases) {
            return false;
        }
        let apart = self.parts.iter().any(|(split, part)| other.parts.get(split).is_some_and(|o| o & part == 0));
        // Each left rows out by itself: they may have left out each other's.
        let unknown = !self.narrowed.is_subset(&other.narrowed) && !other.narrowed.is_subset(&self.narrowed);
        !apart && !unknown
    }

    /// Columns of another table's rows are added.
    fn add_columns(&mut self, other: &Rows) {
        self.opaque |= other.opaque;
        self.fits.extend(&other.fits);
        self.predictions.extend(&other.predictions);
        self.row_ids.extend(other.row_ids.clone());
    }

    /// Another table's rows are put below.
    fn add_rows(&mut self, other: &Rows) {
        self.add_columns(other);
        self.bases.extend(&other.bases);
        self.narrowed = self.narrowed.intersection(&other.narrowed).copied().collect();
        for split in self.parts.keys().chain(other.parts.keys()).copied().collect::<Vec<_>>() {
            let both = |rows: &Rows| rows.parts.get(&split).copied().unwrap_or(TRAIN | TEST);
            let part = both(self) | both(other);
            self.parts.insert(split, part);
        }
        self.resampled.extend(&other.resampled);
        self.ordered.extend(&other.ordered);
    }
}

/// What is known of every table.
pub(crate) struct Facts {
    tables: HashMap<Output, Rows>,
}

impl Facts {
    pub fn of(graph: &Graph<'_>) -> Facts {
        let mut facts = Facts { tables: HashMap::new() };
        for &op in &graph.order {
            let rows = facts.after(graph, op);
            let Some(spec) = graph.spec(op) else { continue };
            for (port, output) in spec.outputs.iter().enumerate() {
                if !matches!(output.port_type.as_str(), "data" | "any") {
                    continue;
                }
                let mut rows = rows.clone();
                if *graph.step(op) == Step::Split {
                    rows.parts.insert(op, if port == 0 { TRAIN } else { TEST });
                }
                facts.tables.insert((op, port as u16), rows);
            }
        }
        facts
    }

    /// What is known of an output; of nothing that is no table.
    pub fn table(&self, output: Output) -> Option<&Rows> {
        self.tables.get(&output)
    }

    /// What is known of the first table that an operator reads.
    pub fn read_by(&self, graph: &Graph<'_>, op: u32) -> Option<&Rows> {
        self.table(graph.input_of(op, "data")?)
    }

    fn after(&self, graph: &Graph<'_>, op: u32) -> Rows {
        let mut inputs = graph.inputs(op).iter().filter_map(|input| self.tables.get(&input.source));
        let step = graph.step(op);
        let Some(first) = inputs.next() else {
            return Rows { opaque: !matches!(step, Step::Source), ..Rows::begun_by(op) };
        };
        let mut rows = first.clone();
        match step {
            Step::Source | Step::Opaque => rows.opaque = true,
            Step::Split | Step::Pass | Step::Evaluate => {}
            Step::Train => {}
            Step::Tune => rows = Rows { opaque: true, ..Rows::begun_by(op) },
            Step::Fit { .. } => {
                rows.fits.insert(op);
            }
            Step::Apply => match graph.input_of(op, "transform") {
                Some((fit, _)) if matches!(graph.step(fit), Step::Fit { .. }) => {
                    rows.fits.insert(fit);
                }
                _ => rows.opaque = true,
            },
            Step::Predict => {
                rows.predictions.insert(op);
            }
            Step::Aggregate => rows.bases = BTreeSet::from([op]),
            Step::Append => inputs.for_each(|other| rows.add_rows(other)),
            Step::Join => inputs.for_each(|other| rows.add_columns(other)),
            Step::Deduplicate => {}
            Step::Resample => {
                rows.resampled.insert(op);
            }
            Step::RowId(name) => {
                rows.row_ids.insert(name.clone(), op);
            }
            Step::RowOrder => {
                rows.ordered.insert(op);
            }
            Step::Keeps => {
                rows.narrowed.insert(op);
            }
        }
        rows
    }
}

//! A text that was read as a DAG: the DAG, the text itself, and where each part of it stands.

use crate::draft::OperatorSpan;
use crate::source::Lexer;
use crate::token::{Event, Token};
use crate::{Dag, Faults, Place};

/// A DAG with its source text, byte for byte.
#[derive(Debug, Clone)]
pub struct Document {
    pub dag: Dag,
    /// What deserves a word but doesn't stop a run.
    pub warnings: Faults,
    pub(crate) source: String,
    pub(crate) spans: Vec<OperatorSpan>,
    pub(crate) edge_places: Vec<Place>,
    pub(crate) field_places: Vec<(&'static str, Place)>,
    pub(crate) json: bool,
}

/// The byte-order mark, which may precede the text.
pub(crate) const BOM: char = '\u{feff}';

impl Document {
    /// The text as it was given, byte for byte.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Where the operator's key stands in `operator_details`. `op` is a position in `dag.operators`.
    pub fn place_of_operator(&self, op: u32) -> Option<Place> {
        self.spans.get(op as usize).map(|span| span.key)
    }

    /// Where the value of an operator's field stands (`algo_name`, `retries`, …).
    /// Costs a second look at the operator's text.
    pub fn place_of_field(&self, op: u32, field: &str) -> Option<Place> {
        self.place_of(op, &[field])
    }

    /// Where the value of an operator's parameter stands. Costs a second look at the operator's text.
    pub fn place_of_param(&self, op: u32, param: &str) -> Option<Place> {
        self.place_of(op, &["params", param])
    }

    /// Where the value of the DAG's own `schedule`, `on_failure`, `on_success` or `notes` stands.
    pub fn place_of_dag_field(&self, field: &str) -> Option<Place> {
        self.field_places.iter().find(|(name, _)| *name == field).map(|(_, place)| *place)
    }

    /// Where the edge's target stands. `edge` is a position in `dag.edges`.
    pub fn place_of_edge(&self, edge: usize) -> Option<Place> {
        self.edge_places.get(edge).copied()
    }

    /// The text the parsers see, and offsets count in.
    pub(crate) fn text(&self) -> &str {
        self.source.strip_prefix(BOM).unwrap_or(&self.source)
    }

    /// Reads the operator's own text again, up to the value at `path`.
    fn place_of(&self, op: u32, path: &[&str]) -> Option<Place> {
        let extent = self.spans.get(op as usize)?.details?;
        let slice = self.text().get(extent.start.offset as usize..extent.end as usize)?;
        // In block style, the columns of later lines count from the first line's.
        let indent = if extent.block { extent.start.column as usize - 1 } else { 0 };
        let padded;
        let text = if indent > 0 {
            padded = " ".repeat(indent) + slice;
            &padded
        } else {
            slice
        };
        let mut place = find_in(&mut Lexer::new(text, self.json), path)?;
        let first_line = place.line == 1;
        place.line += extent.start.line - 1;
        if first_line && !extent.block {
            place.column += extent.start.column - 1;
        }
        Some(place)
    }
}

fn find_in(lexer: &mut Lexer<'_>, path: &[&str]) -> Option<Place> {
    let mut token = next(lexer)?;
    for step in path {
        if !matches!(token.event, Event::MapStart) {
            return None;
        }
        token = loop {
            let key = next(lexer)?;
            match &key.event {
                Event::Scalar { text, .. } if text == step => break next(lexer)?,
                Event::MapEnd => return None,
                _ => {
                    pass_over(lexer, &key)?;
                    let value = next(lexer)?;
                    pass_over(lexer, &value)?;
                }
            }
        };
    }
    Some(token.place())
}

/// Passes over the rest of the value that `token` begins.
fn pass_over(lexer: &mut Lexer<'_>, token: &Token<'_>) -> Option<()> {
    let mut open = usize::from(token.opens());
    while open > 0 {
        let token = next(lexer)?;
        if token.opens() {
            open += 1;
        } else if token.closes() {
            open -= 1;
        }
    }
    Some(())
}

fn next<'a>(lexer: &mut Lexer<'a>) -> Option<Token<'a>> {
    lexer.next().ok().flatten()
}

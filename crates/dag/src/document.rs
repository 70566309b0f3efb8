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

    /// Where the edge's target stands. `edge` is a position in `dag.edges`.
    pub fn place_of_edge(&self, edge: usize) -> Option<Place> {
        self.edge_places.get(edge).copied()
    }

    /// The text the parsers see, and offsets count in.
    pub(crate) fn text(&self) -> &str {
        self.source.strip_prefix(BOM).unwrap_or(&self.source)
    }

    fn place_of(&self, op: u32, path: &[&str]) -> Option<Place> {
        Some(self.find(op, path)?.place)
    }

    /// Reads the operator's own text again, up to the value at `path`. All offsets found count in [`Document::text`].
    pub(crate) fn find(&self, op: u32, path: &[&str]) -> Option<Found> {
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
        let mut found = find_in(&mut Lexer::new(text, self.json), path)?;
        let first_line = found.place.line == 1;
        found.place.line += extent.start.line - 1;
        if first_line && !extent.block {
            found.place.column += extent.start.column - 1;
        }
        for offset in [&mut found.key_end, &mut found.start, &mut found.end] {
            *offset = (extent.start.offset as usize + *offset).checked_sub(indent)?;
        }
        Some(found)
    }
}

/// A value found again in the text.
pub(crate) struct Found {
    pub place: Place,
    /// Byte offset behind its key.
    pub key_end: usize,
    pub start: usize,
    /// Byte offset behind its last visible part: comments and blank lines that follow are not in it.
    pub end: usize,
    /// Of a map: the kind of brackets it has, and whether anything is in it.
    pub map: Option<MapForm>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MapForm {
    Block,
    Flow { empty: bool },
}

fn find_in(lexer: &mut Lexer<'_>, path: &[&str]) -> Option<Found> {
    let mut token = next(lexer)?;
    let mut key_end = token.start.offset;
    for step in path {
        if !matches!(token.event, Event::MapStart) {
            return None;
        }
        token = loop {
            let key = next(lexer)?;
            match &key.event {
                Event::Scalar { text, .. } if text == step => {
                    key_end = key.end;
                    break next(lexer)?;
                }
                Event::MapEnd => return None,
                _ => {
                    rest_of(lexer, &key)?;
                    let value = next(lexer)?;
                    rest_of(lexer, &value)?;
                }
            }
        };
    }
    let (end, empty) = rest_of(lexer, &token)?;
    let map = match token.event {
        Event::MapStart if token.block => Some(MapForm::Block),
        Event::MapStart => Some(MapForm::Flow { empty }),
        _ => None,
    };
    Some(Found {
        place: token.place(),
        key_end: key_end as usize,
        start: token.start.offset as usize,
        end: end as usize,
        map,
    })
}

/// Passes over the rest of the value that `token` begins; gives the byte offset behind it, and whether nothing was in it.
fn rest_of(lexer: &mut Lexer<'_>, token: &Token<'_>) -> Option<(u32, bool)> {
    let mut end = token.end;
    let mut empty = true;
    // Innermost last: whether block style, whose end is that of its last part.
    let mut open = Vec::new();
    if token.opens() {
        open.push(token.block);
    }
    while !open.is_empty() {
        let token = next(lexer)?;
        if token.closes() {
            if open.pop() == Some(false) {
                end = token.end;
            }
            continue;
        }
        empty = false;
        // A value that isn't there (`key:`) has no end of its own.
        end = end.max(token.end);
        if token.opens() {
            open.push(token.block);
        }
    }
    Some((end, empty))
}

fn next<'a>(lexer: &mut Lexer<'a>) -> Option<Token<'a>> {
    lexer.next().ok().flatten()
}

//! How a value is written in the place it goes to: as JSON, between brackets, or on lines of its own.

use crate::write::{operator_value, write_operator_block};
use crate::write_scalar::{fits_block, write_block, write_inline, write_quoted, write_text};
use crate::{Operator, Value};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Json,
    /// Between brackets.
    Flow,
    /// Below a key that stands at `column`; `step` more for each level. Texts of several lines are literal blocks or, not `literal`, quoted.
    Block {
        column: usize,
        step: usize,
        literal: bool,
    },
}

/// What is written as a value.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Content<'a> {
    Value(&'a Value),
    Operator(&'a Operator),
    /// The edges of one source, in the seed's form.
    Edge(&'a str),
}

impl Content<'_> {
    /// The text behind the key's colon, gap included; lines end with `\n`.
    pub fn behind_key(self, style: Style) -> String {
        match (self, style) {
            (Content::Operator(operator), Style::Block { column, step, literal }) => {
                let text = write_operator_block(operator, column, step, literal);
                format!("\n{}", text.trim_end_matches('\n'))
            }
            (content, style) => format!(" {}", content.inline(style)),
        }
    }

    pub fn inline(self, style: Style) -> String {
        match self {
            Content::Value(value) => written(value, style),
            Content::Operator(operator) => written(&operator_value(operator), style),
            Content::Edge(edge) => format!("[{edge}]"),
        }
    }
}

pub(crate) fn written(value: &Value, style: Style) -> String {
    let mut out = String::new();
    match (value, style) {
        (_, Style::Json) => return serde_json::to_string(value).unwrap_or_default(),
        (Value::Str(text), Style::Block { column, literal: true, .. }) if fits_block(text) => {
            write_block(&mut out, text, column)
        }
        _ => write_inline(&mut out, value),
    }
    out
}

/// A key or an id; `quoted` where those beside it are.
pub(crate) fn written_key(key: &str, json: bool, quoted: bool) -> String {
    let mut out = String::new();
    if json {
        return serde_json::to_string(key).unwrap_or_default();
    }
    if quoted {
        write_quoted(&mut out, key);
    } else {
        write_text(&mut out, key);
    }
    out
}

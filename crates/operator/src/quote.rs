//! Names and values as messages show them: short and on one line, whatever a file holds.

use std::fmt;
use suanzi_dag::Value;

/// A longer name is cut in messages.
const MAX_SHOWN_CHARS: usize = 80;
/// How many names a message lists before it says how many more there are.
const MAX_LISTED_NAMES: usize = 12;

/// A name in single quotes.
pub(crate) struct Quoted<'a>(pub &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("'")?;
        for (i, c) in self.0.chars().enumerate() {
            if i == MAX_SHOWN_CHARS {
                f.write_str("…")?;
                break;
            }
            if c.is_control() { write!(f, "{}", c.escape_default())? } else { write!(f, "{c}")? }
        }
        f.write_str("'")
    }
}

/// A value with the word for its type.
pub(crate) struct Shown<'a>(pub &'a Value);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Null => f.write_str("null"),
            Value::Bool(b) => write!(f, "the boolean {b}"),
            Value::Int(i) => write!(f, "{i}"),
            Value::Float(x) => write!(f, "{x:?}"),
            Value::Str(s) => write!(f, "the string {}", Quoted(s)),
            Value::List(items) if items.is_empty() => f.write_str("an empty list"),
            Value::List(items) => write!(f, "a list of {}", items.len()),
            Value::Map(_) => f.write_str("a map"),
        }
    }
}

/// `a, b, c, and 4 more`, or `none`.
pub(crate) fn listed<S: fmt::Display>(names: impl IntoIterator<Item = S>) -> String {
    let mut text = String::new();
    let mut more = 0;
    for (i, name) in names.into_iter().enumerate() {
        if i >= MAX_LISTED_NAMES {
            more += 1;
            continue;
        }
        if i > 0 {
            text.push_str(", ");
        }
        text.push_str(&name.to_string());
    }
    if more > 0 {
        text.push_str(&format!(", and {more} more"));
    }
    if text.is_empty() { "none".into() } else { text }
}

//! `notes` of a DAG: what people wrote on the canvas. Checked here, drawn by the page, and of no effect on runs.

use crate::places::Places;
use crate::quote::Quoted;
use crate::report::Report;
use crate::scheduling::kind;
use suanzi_dag::{Dag, Fault, Value};

/// Longest text of a note, in bytes.
pub const MAX_NOTE_BYTES: usize = 10_000;
pub const MAX_NOTES: usize = 1_000;

const FORM: &str = "write a list such as `[{text: \"read this first\", x: 0, y: -80}]`";

/// Says what is wrong with the notes, if anything is: the first fault.
pub(crate) fn check(dag: &Dag, places: &dyn Places, report: &mut Report) {
    if let Some(message) = dag.notes.as_ref().and_then(fault) {
        report.error(|| Fault::new("bad_note", message).hint(FORM).at(places.place_of_dag_field("notes")));
    }
}

fn fault(notes: &Value) -> Option<String> {
    let notes = match notes {
        Value::Null => return None,
        Value::List(notes) => notes,
        other => return Some(format!("`notes` must be a list, not {}", kind(other))),
    };
    if notes.len() > MAX_NOTES {
        return Some(format!("more than {MAX_NOTES} notes"));
    }
    notes.iter().enumerate().find_map(|(at, note)| Some(format!("note {}: {}", at + 1, fault_of(note)?)))
}

fn fault_of(note: &Value) -> Option<String> {
    let Value::Map(entries) = note else { return Some(format!("it must be a map, not {}", kind(note))) };
    for (key, value) in entries {
        match (key.as_str(), value) {
            ("text", Value::Str(text)) if text.len() > MAX_NOTE_BYTES => {
                return Some(format!("its text is longer than {MAX_NOTE_BYTES} bytes"));
            }
            ("text", Value::Str(_)) | ("x" | "y", Value::Int(_)) => {}
            ("x" | "y", Value::Float(place)) if place.is_finite() => {}
            ("text", other) => return Some(format!("`text` must be a string, not {}", kind(other))),
            ("x" | "y", Value::Float(_)) => return Some(format!("`{key}` must be a finite number")),
            ("x" | "y", other) => return Some(format!("`{key}` must be a number, not {}", kind(other))),
            _ => return Some(format!("it has no key {}", Quoted(key))),
        }
    }
    let lacks = ["text", "x", "y"].into_iter().find(|key| note.get(key).is_none())?;
    Some(format!("it has no `{lacks}`"))
}

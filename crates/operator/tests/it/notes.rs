//! Notes on the canvas: what is taken, and what is wrong with the rest.

use crate::builders::{check_faults, one};
use suanzi_dag::{Dag, Value};
use suanzi_operator::bind::BindOptions;
use suanzi_operator::notes::{MAX_NOTE_BYTES, MAX_NOTES};

fn with(notes: Value) -> Dag {
    Dag { notes: Some(notes), ..one("noop", &[]) }
}

fn note(text: &str) -> Value {
    let of = |key: &str, value| (key.to_string(), value);
    Value::Map(vec![of("text", Value::Str(text.into())), of("x", Value::Int(-4)), of("y", Value::Float(0.5))])
}

fn other(key: &str, value: Value) -> Value {
    let Value::Map(mut entries) = note("一") else { unreachable!() };
    entries.retain(|(known, _)| known != key);
    entries.push((key.into(), value));
    Value::Map(entries)
}

#[test]
fn texts_with_places_are_taken() {
    for notes in [Value::Null, Value::List(vec![]), Value::List(vec![note(""), note("两\n行")])] {
        check_faults(&with(notes), &BindOptions::default(), &[]);
    }
}

#[test]
fn anything_else_is_said() {
    let many = Value::List(vec![note("n"); MAX_NOTES + 1]);
    let long = note(&"x".repeat(MAX_NOTE_BYTES + 1));
    let list = |note: Value| Value::List(vec![note]);
    let lacking = Value::Map(vec![("text".into(), Value::Str("t".into())), ("x".into(), Value::Int(1))]);
    for (notes, message) in [
        (Value::Str("n".into()), "`notes` must be a list, not a string".to_string()),
        (many, format!("more than {MAX_NOTES} notes")),
        (list(Value::Int(3)), "note 1: it must be a map, not an integer".into()),
        (list(long), format!("note 1: its text is longer than {MAX_NOTE_BYTES} bytes")),
        (list(other("text", Value::Bool(true))), "note 1: `text` must be a string, not a boolean".into()),
        (list(other("x", Value::Float(f64::NAN))), "note 1: `x` must be a finite number".into()),
        (list(other("colour", Value::Null)), "note 1: it has no key 'colour'".into()),
        (list(lacking), "note 1: it has no `y`".into()),
    ] {
        let hint = "write a list such as `[{text: \"read this first\", x: 0, y: -80}]`";
        let expected = format!("7:1: error[bad_note]: {message} | {hint}");
        check_faults(&with(notes), &BindOptions::default(), &[&expected]);
    }
}

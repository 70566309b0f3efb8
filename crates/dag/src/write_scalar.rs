//! Writes single values: on one line, in a form that reads back as the same value here and in older YAML readers.

use crate::Value;
use crate::scalar;

/// Plain words that YAML 1.1 readers take for booleans.
const OLD_BOOLEANS: [&str; 6] = ["yes", "no", "on", "off", "true", "false"];

/// A value on one line: lists and maps between brackets.
pub(crate) fn write_inline(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Int(n) => out.push_str(&n.to_string()),
        Value::Float(f) => write_float(out, *f),
        Value::Str(text) => write_text(out, text),
        // Recursion is bounded: the reader refuses deep values.
        Value::List(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_inline(out, item);
            }
            out.push(']');
        }
        Value::Map(entries) => {
            out.push('{');
            for (i, (key, item)) in entries.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                write_text(out, key);
                out.push_str(": ");
                write_inline(out, item);
            }
            out.push('}');
        }
    }
}

/// A float keeps its point or exponent, so that it isn't read as an integer.
fn write_float(out: &mut String, f: f64) {
    if f.is_nan() {
        out.push_str(".nan");
    } else if f.is_infinite() {
        out.push_str(if f > 0.0 { ".inf" } else { "-.inf" });
    } else {
        out.push_str(&format!("{f:?}"));
    }
}

/// A number whose being whole doesn't matter, such as a coordinate.
pub(crate) fn write_number(out: &mut String, f: f64) {
    // Beyond this, whole numbers would be read as integers that don't fit.
    const MAX_WHOLE: f64 = 1e15;
    if f.abs() < MAX_WHOLE && f.fract() == 0.0 {
        // Adding zero makes -0 a 0.
        out.push_str(&format!("{:.0}", f + 0.0));
    } else {
        write_float(out, f);
    }
}

/// A text: bare where that can't be mistaken, else in double quotes.
pub(crate) fn write_text(out: &mut String, text: &str) {
    if is_safe_bare(text) {
        out.push_str(text);
    } else {
        write_quoted(out, text);
    }
}

fn is_safe_bare(text: &str) -> bool {
    let begins_well = text.starts_with(|c: char| c == '_' || (c.is_alphabetic()));
    begins_well
        && !text.ends_with(' ')
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ' '))
        && scalar::is_text(text)
        && !OLD_BOOLEANS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

pub(crate) fn write_quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Control characters, line separators, marks of byte order and non-characters, which YAML forbids or editors change.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}') => {
                out.push_str(&format!("\\u{:04x}", c as u32));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Whether a text of several lines reads back from a literal block (`|`) as it is.
pub(crate) fn fits_block(text: &str) -> bool {
    let printable = |c: char| {
        c == '\n'
            || c == '\t'
            || !(c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'))
    };
    text.contains('\n')
        && !text.starts_with([' ', '\t', '\n'])
        && text.chars().all(printable)
        && text.lines().all(|line| line.is_empty() || !line.trim().is_empty())
}

/// A literal block below a key that stands at column `indent`.
pub(crate) fn write_block(out: &mut String, text: &str, indent: usize) {
    let ends = text.len() - text.trim_end_matches('\n').len();
    out.push_str(match ends {
        0 => "|-",
        1 => "|",
        _ => "|+",
    });
    for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
        out.push('\n');
        if !line.is_empty() {
            out.push_str(&" ".repeat(indent + 1));
            out.push_str(line);
        }
    }
}

//! From text to [`Document`]: encoding and size first, then the reader, then the checks.

use crate::document::{BOM, Document};
use crate::draft::Draft;
use crate::limits::Limits;
use crate::read_dag::read_document;
use crate::reader::Reader;
use crate::source::Source;
use crate::{Fault, Faults, Place, assemble};

/// Reads a DAG from YAML or JSON (a text that begins with `{` and is valid JSON).
///
/// # Errors
/// Every fault of the text, by place; warnings among them. There is at least one error.
pub fn read(text: impl AsRef<[u8]>, limits: &Limits) -> Result<Document, Faults> {
    let text = text.as_ref();
    check_size(text.len(), limits)?;
    read_owned(text.to_vec(), limits)
}

/// As [`read`], without copying the text.
///
/// # Errors
/// As [`read`].
pub fn read_owned(text: Vec<u8>, limits: &Limits) -> Result<Document, Faults> {
    check_size(text.len(), limits)?;
    let source = String::from_utf8(text).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let bytes = error.into_bytes();
        let before = String::from_utf8_lossy(bytes.get(..valid).unwrap_or_default());
        let found = bytes.get(valid).copied().unwrap_or_default();
        one(Fault::new("encoding", format!("the text is not UTF-8: byte 0x{found:02x} is out of place"))
            .hint("save the file as UTF-8")
            .at(Some(place_behind(&before))))
    })?;
    if let Some(fault) = text_fault(&source) {
        return Err(one(fault));
    }
    let (draft, faults, json) = parse(source.strip_prefix(BOM).unwrap_or(&source), limits);
    match draft {
        Some(draft) if !faults.has_errors() => {
            let mut draft = draft;
            let field_places = std::mem::take(&mut draft.field_places);
            let (dag, spans, edge_places) = assemble::assemble(draft);
            Ok(Document { dag, warnings: faults, source, spans, edge_places, field_places, json })
        }
        _ => Err(faults),
    }
}

/// What can't be in any text.
pub(crate) fn text_fault(source: &str) -> Option<Fault> {
    let text = source.strip_prefix(BOM).unwrap_or(source);
    let before = text.get(..text.find('\0')?).unwrap_or_default();
    Some(
        Fault::new("encoding", "the text holds a NUL byte")
            .hint("save the file as UTF-8 text")
            .at(Some(place_behind(before))),
    )
}

/// Whether the text is to be read as JSON first.
pub(crate) fn looks_like_json(text: &str) -> bool {
    text.trim_start_matches([' ', '\t', '\r', '\n']).starts_with('{')
}

/// What a text (without a byte-order mark) says, its faults, and whether it is JSON. No draft where it can't be read to its end.
pub(crate) fn parse(text: &str, limits: &Limits) -> (Option<Draft>, Faults, bool) {
    // Flow YAML begins with `{` too: what is no JSON is read as YAML.
    let as_json = if looks_like_json(text) { parse_as(text, true, limits) } else { None };
    let json = as_json.is_some();
    let (draft, faults) = as_json.or_else(|| parse_as(text, false, limits)).unwrap_or_default();
    (draft, faults, json)
}

/// `None` if JSON was asked for and the text is none.
fn parse_as(text: &str, json: bool, limits: &Limits) -> Option<(Option<Draft>, Faults)> {
    let mut reader = Reader::new(Source::new(text, json, limits));
    let mut draft = Draft::default();
    let complete = read_document(&mut reader, &mut draft, limits).is_ok();
    let mut faults = reader.faults;
    if json && faults.has("syntax") {
        return None;
    }
    // Of half a text, the parts can't be expected to fit.
    if complete && draft.dag_place.is_some() {
        assemble::check(&draft, &mut faults);
    }
    Some((complete.then_some(draft), faults.finish()))
}

pub(crate) fn check_size(bytes: usize, limits: &Limits) -> Result<(), Faults> {
    let max = limits.max_bytes;
    if bytes <= max {
        return Ok(());
    }
    Err(one(Fault::new("too_large", format!("the text has {bytes} bytes; {max} are allowed"))
        .hint("split the DAG, or keep data in files")))
}

fn one(fault: Fault) -> Faults {
    Faults(vec![fault])
}

/// The place of what follows `before`.
fn place_behind(before: &str) -> Place {
    let before = before.strip_prefix(BOM).unwrap_or(before);
    let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
    let last_line = before.rsplit('\n').next().unwrap_or_default();
    Place { line: small(line), column: small(last_line.chars().count() + 1) }
}

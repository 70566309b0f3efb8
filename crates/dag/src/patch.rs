//! Edits from the canvas as changes of the text: only the spans concerned change, so comments and layout of the rest survive.

use crate::document::{BOM, Document, Found, MapForm};
use crate::limits::Limits;
use crate::write_scalar::{fits_block, write_block, write_inline, write_text};
use crate::{Coordinate, Dag, Value, read_owned};

/// One change. `op` is a position in `dag.operators`.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// Sets a parameter, or adds it behind the others.
    SetParam { op: u32, name: String, value: Value },
    /// Moves the operator on the canvas.
    SetCoordinate { op: u32, coordinate: Coordinate },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PatchError {
    #[error("the DAG has no such operator")]
    NoSuchOperator,
    /// For example where the value stands behind an alias that others use too. The canonical text of the edited DAG is a way out.
    #[error("the text can't be changed in this place alone")]
    NotLocal,
}

/// Bytes to replace, and by what.
struct Splice {
    from: usize,
    to: usize,
    by: String,
}

impl Document {
    /// The text after `edit`. It has been read again: its DAG is this one with the edit applied, and nothing else changed.
    ///
    /// # Errors
    /// [`PatchError`]; the document is unchanged in any case.
    pub fn patch(&self, edit: &Edit) -> Result<String, PatchError> {
        let mut expected = self.dag.clone();
        apply(&mut expected, edit)?;
        let mut splices = match edit {
            Edit::SetParam { op, name, value } => vec![self.set(*op, &["params"], name, value)?],
            Edit::SetCoordinate { op, coordinate } => self.move_to(*op, *coordinate)?,
        };
        splices.sort_by_key(|splice| std::cmp::Reverse(splice.from));
        let mut text = self.text().to_owned();
        for splice in splices {
            if !text.is_char_boundary(splice.from) || !text.is_char_boundary(splice.to) || splice.from > splice.to {
                return Err(PatchError::NotLocal);
            }
            text.replace_range(splice.from..splice.to, &splice.by);
        }
        if self.source.starts_with(BOM) {
            text.insert(0, BOM);
        }
        match read_owned(text.into_bytes(), &Limits::file()) {
            Ok(after) if after.dag == expected => Ok(after.source),
            _ => Err(PatchError::NotLocal),
        }
    }

    fn move_to(&self, op: u32, to: Coordinate) -> Result<Vec<Splice>, PatchError> {
        if self.find(op, &["coordinate", "x"]).is_some() && self.find(op, &["coordinate", "y"]).is_some() {
            return Ok(vec![
                self.set(op, &["coordinate"], "x", &number(to.x))?,
                self.set(op, &["coordinate"], "y", &number(to.y))?,
            ]);
        }
        let both = Value::Map(vec![("x".into(), number(to.x)), ("y".into(), number(to.y))]);
        Ok(vec![self.set(op, &[], "coordinate", &both)?])
    }

    /// Sets `key` in the map at `path`: replaces its value, else adds it, else makes the map.
    fn set(&self, op: u32, path: &[&str], key: &str, value: &Value) -> Result<Splice, PatchError> {
        let whole: Vec<&str> = path.iter().copied().chain([key]).collect();
        if let Some(found) = self.find(op, &whole) {
            return self.replace(&found, value);
        }
        match self.find(op, path) {
            Some(Found { map: Some(form), start, end, .. }) => Ok(self.insert(form, start, end, key, value)),
            found => {
                let made = Value::Map(vec![(key.to_owned(), value.clone())]);
                match (found, path.split_last()) {
                    // Null stands where a map could.
                    (Some(found), _) => self.replace(&found, &made),
                    (None, Some((last, rest))) => self.set(op, rest, last, &made),
                    (None, None) => Err(PatchError::NotLocal),
                }
            }
        }
    }

    /// Everything between the key's colon and the end of the value.
    fn replace(&self, found: &Found, value: &Value) -> Result<Splice, PatchError> {
        let text = self.text();
        let after_key = text.get(found.key_end..).ok_or(PatchError::NotLocal)?;
        let gap = after_key.len() - after_key.trim_start().len();
        if !after_key.trim_start().starts_with(':') {
            return Err(PatchError::NotLocal);
        }
        let from = found.key_end + gap + 1;
        let old = text.get(from..found.end.max(from)).ok_or(PatchError::NotLocal)?;
        let to = from + old.trim_end().len();
        let indent = self.block_indent(found.key_end);
        Ok(Splice { from, to, by: format!(" {}", self.written(value, indent)) })
    }

    fn insert(&self, form: MapForm, start: usize, end: usize, key: &str, value: &Value) -> Splice {
        match form {
            MapForm::Block => {
                let visible = self.text().get(start..end).map_or(end, |map| start + map.trim_end().len());
                // Behind a comment on the same line.
                let at = self
                    .text()
                    .get(visible..)
                    .and_then(|rest| rest.find(['\r', '\n']))
                    .map_or(self.text().len(), |n| visible + n);
                let indent = self.column_of(start);
                let line_end = if self.text().contains("\r\n") { "\r\n" } else { "\n" };
                let by =
                    format!("{line_end}{}{}: {}", " ".repeat(indent), self.key(key), self.written(value, Some(indent)));
                Splice { from: at, to: at, by }
            }
            MapForm::Flow { empty } => {
                // Behind the last entry, before the bracket.
                let inside = self.text().get(start..end - 1).map_or(end - 1, |map| start + map.trim_end().len());
                let comma = if empty { "" } else { ", " };
                Splice {
                    from: inside,
                    to: inside,
                    by: format!("{comma}{}: {}", self.key(key), self.written(value, None)),
                }
            }
        }
    }

    fn key(&self, key: &str) -> String {
        if self.json {
            return Value::Str(key.to_owned()).to_json();
        }
        let mut out = String::new();
        write_text(&mut out, key);
        out
    }

    /// `indent`: that of the key, if block style is allowed there.
    fn written(&self, value: &Value, indent: Option<usize>) -> String {
        if self.json {
            return value.to_json();
        }
        let mut out = String::new();
        match (value, indent) {
            (Value::Str(text), Some(indent)) if fits_block(text) => write_block(&mut out, text, indent),
            _ => write_inline(&mut out, value),
        }
        out
    }

    /// The indentation of the line, if the key that ends at `key_end` begins it: then it may have a block below it.
    fn block_indent(&self, key_end: usize) -> Option<usize> {
        let before = self.text().get(..key_end)?;
        let line = before.rsplit('\n').next()?;
        let bare = line.trim_start_matches(' ');
        let begins_line = bare.chars().all(|c| c.is_alphanumeric() || c == '_');
        (begins_line && !self.json).then(|| line.len() - bare.len())
    }

    fn column_of(&self, offset: usize) -> usize {
        let before = self.text().get(..offset).unwrap_or_default();
        before.rsplit('\n').next().map_or(0, |line| line.chars().count())
    }
}

/// A whole number is written without a point, as the canvas does.
fn number(f: f64) -> Value {
    const MAX_WHOLE: f64 = 1e15;
    if f.fract() == 0.0 && f.abs() < MAX_WHOLE { Value::Int(f as i64) } else { Value::Float(f) }
}

fn apply(dag: &mut Dag, edit: &Edit) -> Result<(), PatchError> {
    match edit {
        Edit::SetParam { op, name, value } => {
            let params = &mut dag.operators.get_mut(*op as usize).ok_or(PatchError::NoSuchOperator)?.params;
            match params.iter_mut().find(|(key, _)| key == name) {
                Some((_, old)) => *old = value.clone(),
                None => params.push((name.clone(), value.clone())),
            }
        }
        Edit::SetCoordinate { op, coordinate } => {
            dag.operators.get_mut(*op as usize).ok_or(PatchError::NoSuchOperator)?.coordinate = Some(*coordinate);
        }
    }
    Ok(())
}

impl Value {
    fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

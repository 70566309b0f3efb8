//! Edits as changes of the text: only the places concerned change, so comments and layout of the rest survive.

mod entries;
mod style;
mod tree;
mod tree_text;

use crate::apply::apply;
use crate::document::{BOM, Document};
use crate::edit::{Edit, EditError, Edited, Refusal};
use crate::limits::Limits;
use crate::read::looks_like_json;
use crate::sketch::{EdgeEnds, Sketch, sketch};
use crate::source::Lexer;
use crate::write::write;
use crate::write_scalar::write_quoted;
use crate::{Coordinate, Operator, Value};
use style::{Content, written_key};
use tree::{Form, Shape};
use tree_text::{Path, TreeText};

/// What an empty text becomes before the first edit.
const EMPTY: &str = "dag:\n operator_list: []\n operator_rels: {}\n operator_details: {}\n";
/// Faults that canonical text can say again.
const WRITABLE: [&str; 4] = ["cycle", "self_edge", "duplicate_edge", "empty_dag"];

impl Document {
    /// [`edit()`] of its source.
    ///
    /// # Errors
    /// As [`edit()`].
    pub fn apply(&self, edits: &[Edit]) -> Result<String, EditError> {
        edit(self.source(), edits, &Limits::file()).map(|edited| edited.source)
    }
}

/// Makes `edits`, one after the other, in a text that may have faults or be empty. The result has been read again: it says what the text said, with the edits made, and nothing else.
///
/// # Errors
/// [`EditError`] names the first edit that can't be made, and why; none has been made then.
pub fn edit(source: &str, edits: &[Edit], limits: &Limits) -> Result<Edited, EditError> {
    let unreadable = |faults| EditError { index: 0, reason: Refusal::Unreadable(faults) };
    let (bom, bare) = source.strip_prefix(BOM).map_or(("", source), |bare| ("\u{feff}", bare));
    let (before, mut faults) = sketch(source, limits);
    let Some(before) = before else { return Err(unreadable(faults)) };
    if edits.is_empty() {
        return Ok(Edited { source: source.to_owned(), local: true });
    }
    let blank = faults.0.iter().any(|fault| fault.code == "empty");
    let text = if blank { begun(bare) } else { bare.to_owned() };
    if blank {
        faults = crate::Faults::default();
    }
    let json = looks_like_json(&text) && is_json(&text);
    let mut expected = before;
    let mut tree = TreeText::new(text.clone(), json, true);
    for (index, edit) in edits.iter().enumerate() {
        apply(&mut expected, edit).map_err(|reason| EditError { index, reason })?;
        tree = tree.and_then(|tree| patched(tree, &expected, edit));
    }
    let says_it = |tree: &TreeText| sketch(&tree.text, limits).0.is_some_and(|after| after.same_as(&expected));
    // A literal block takes in a comment that follows it further to the right; a quoted text doesn't.
    let tree = tree.filter(says_it).or_else(|| {
        let quoting = TreeText::new(text, json, false)?;
        edits.iter().try_fold(quoting, |tree, edit| patched(tree, &expected, edit)).filter(says_it)
    });
    if let Some(tree) = tree {
        return Ok(Edited { source: format!("{bom}{}", tree.text), local: true });
    }
    let last = edits.len() - 1;
    let writable = expected.is_whole() && faults.0.iter().all(|fault| fault.warning || WRITABLE.contains(&fault.code));
    if writable {
        let text = write(&expected.dag);
        match sketch(&text, limits) {
            (Some(after), _) if after.same_as(&expected) => return Ok(Edited { source: text, local: false }),
            (_, found) => faults = found,
        }
    }
    Err(EditError { index: last, reason: Refusal::NotLocal(faults) })
}

/// A text without a DAG that can take operators; its comments stay.
fn begun(text: &str) -> String {
    let comments = text.trim_end();
    let has_marker = comments.lines().any(|line| line.starts_with("---") || line.starts_with("..."));
    if comments.is_empty() || has_marker { EMPTY.to_owned() } else { format!("{comments}\n{EMPTY}") }
}

fn is_json(text: &str) -> bool {
    let mut lexer = Lexer::new(text, true);
    loop {
        match lexer.next() {
            Ok(Some(_)) => {}
            Ok(None) => return true,
            Err(_) => return false,
        }
    }
}

/// `tree` with the edit made in it.
fn patched(mut tree: TreeText, after: &Sketch, edit: &Edit) -> Option<TreeText> {
    patch(&mut tree, after, edit)?;
    Some(tree)
}

/// The edit in the text. `None` where it can't be made in one place.
fn patch(tree: &mut TreeText, after: &Sketch, edit: &Edit) -> Option<()> {
    match edit {
        Edit::SetParam { operator, name, value } => {
            let details = tree.details(operator)?;
            tree.set_below(&details, "params", name, value)
        }
        Edit::RemoveParam { operator, name } => {
            let details = tree.details(operator)?;
            let params = tree.step(&details, "params")?;
            let found = tree.step(&params, name)?;
            tree.remove(&found)
        }
        Edit::SetCoordinate { operator, coordinate } => {
            let details = tree.details(operator)?;
            tree.move_to(&details, *coordinate)
        }
        Edit::SetField { operator, field, value } => {
            let details = tree.details(operator)?;
            tree.set_or_remove(&details, field, value)
        }
        Edit::AddOperator { operator } => tree.add_operator(operator),
        Edit::RemoveOperator { operator } => tree.remove_operator(operator),
        Edit::RenameOperator { operator, to } => tree.rename_operator(operator, to),
        Edit::AddEdge(ends) => tree.add_edge(ends),
        Edit::RemoveEdge(ends) => tree.remove_edge(ends),
        Edit::SetDagField { field, value } => {
            let dag = tree.dag()?;
            tree.set_or_remove(&dag, field, value)
        }
        Edit::SetViewport { .. } => {
            let viewport = after.dag.viewport.as_ref()?;
            let (x, y) = viewport.translate?;
            let dag = tree.dag()?;
            tree.set_below(&dag, "params", "translate", &Value::List(vec![number(x), number(y)]))?;
            tree.set_below(&dag, "params", "scale", &number(viewport.scale?))
        }
    }
}

impl TreeText {
    fn dag(&mut self) -> Option<Path> {
        self.step(&Path::new(), "dag")
    }

    fn section(&mut self, key: &str) -> Option<Path> {
        let dag = self.dag()?;
        self.step(&dag, key)
    }

    fn details(&mut self, id: &str) -> Option<Path> {
        let details = self.section("operator_details")?;
        self.step(&details, id)
    }

    /// Sets `key` in the map that is the value of `map_key`, which is made where it isn't there.
    fn set_below(&mut self, path: &Path, map_key: &str, key: &str, value: &Value) -> Option<()> {
        let made = Value::Map(vec![(key.to_owned(), value.clone())]);
        let Some(found) = self.step(path, map_key) else {
            return self.add_to(path, map_key, Content::Value(&made), Shape::Leaf);
        };
        self.open(&found)?;
        match self.node(&found)?.form {
            Form::Map { .. } => self.set(&found, key, Content::Value(value), Shape::Leaf),
            // Null stands where a map could.
            Form::Missing | Form::Scalar(_) => self.replace(&found, Content::Value(&made), Shape::Entries),
            _ => None,
        }
    }

    fn set_or_remove(&mut self, path: &Path, key: &str, value: &Value) -> Option<()> {
        if *value != Value::Null {
            return match self.step(path, key) {
                Some(found) => self.replace(&found, Content::Value(value), Shape::Leaf),
                None => self.add_to(path, key, Content::Value(value), Shape::Leaf),
            };
        }
        match self.step(path, key) {
            Some(found) => self.remove(&found),
            None => Some(()),
        }
    }

    /// Adds an entry to the map at `path`, or makes one of null.
    fn add_to(&mut self, path: &Path, key: &str, content: Content<'_>, shape: Shape) -> Option<()> {
        self.open(path)?;
        let node = self.node(path)?;
        let own = |shape: Shape| if shape == Shape::Leaf { Shape::Entries } else { shape };
        match &node.form {
            Form::Map { entries, flow } if !entries.is_empty() || (*flow && !self.may_unfold(path, content)) => {
                self.add_entry(path, key, content, shape)
            }
            // Nothing else than null can stand there.
            Form::Map { .. } | Form::Missing | Form::Scalar(_) => {
                let shape = match content {
                    Content::Operator(_) => Shape::Details,
                    Content::Edge(_) => Shape::Rels,
                    Content::Value(_) => own(shape),
                };
                self.fill(path, key, content, shape)
            }
            _ => None,
        }
    }

    /// Whether an empty map between brackets may become lines: operators and edges read better so.
    fn may_unfold(&self, path: &Path, content: Content<'_>) -> bool {
        !matches!(content, Content::Value(_)) && self.key_column(path).is_some()
    }

    fn move_to(&mut self, details: &Path, to: Coordinate) -> Option<()> {
        if let Some(found) = self.step(details, "coordinate")
            && self.step(&found, "x").is_some()
            && self.step(&found, "y").is_some()
        {
            self.set(&found, "x", Content::Value(&number(to.x)), Shape::Leaf)?;
            return self.set(&found, "y", Content::Value(&number(to.y)), Shape::Leaf);
        }
        let both = Value::Map(vec![("x".into(), number(to.x)), ("y".into(), number(to.y))]);
        self.set_or_remove(details, "coordinate", &both)
    }

    fn add_operator(&mut self, operator: &Operator) -> Option<()> {
        let id = &*operator.id.0;
        match self.section("operator_list") {
            Some(list) => self.add_id(&list, id)?,
            None => {
                let dag = self.dag()?;
                let ids = Value::List(vec![Value::Str(id.to_owned())]);
                self.add_to(&dag, "operator_list", Content::Value(&ids), Shape::Ids)?;
            }
        }
        let details = match self.section("operator_details") {
            Some(details) => details,
            None => {
                let dag = self.dag()?;
                self.add_to(&dag, "operator_details", Content::Value(&Value::Map(Vec::new())), Shape::Details)?;
                self.section("operator_details")?
            }
        };
        self.add_to(&details, id, Content::Operator(operator), Shape::Leaf)
    }

    fn add_id(&mut self, list: &Path, id: &str) -> Option<()> {
        match &self.node(list)?.form {
            Form::List { items, .. } => {
                let quoted = items
                    .last()
                    .is_some_and(|item| self.text.get(item.start..item.end).is_some_and(|t| t.starts_with('"')));
                let item = written_key(id, self.json, quoted);
                self.add_item(list, &item, Shape::Leaf)
            }
            Form::Missing | Form::Scalar(_) => {
                let ids = Value::List(vec![Value::Str(id.to_owned())]);
                self.replace(list, Content::Value(&ids), Shape::Ids)
            }
            _ => None,
        }
    }

    fn remove_operator(&mut self, id: &str) -> Option<()> {
        if let Some(list) = self.section("operator_list") {
            for item in self.scalars(&list, id).into_iter().rev() {
                self.remove(&item)?;
            }
        }
        if let Some(rels) = self.section("operator_rels") {
            if let Some(own) = self.step(&rels, id) {
                self.remove(&own)?;
            }
            for link in self.links_to(&rels, id).into_iter().rev() {
                self.remove_link(&link)?;
            }
        }
        match self.details(id) {
            Some(details) => self.remove(&details),
            None => Some(()),
        }
    }

    fn rename_operator(&mut self, id: &str, to: &str) -> Option<()> {
        if id == to {
            return Some(());
        }
        if let Some(list) = self.section("operator_list") {
            for item in self.scalars(&list, id) {
                self.rewrite(&item, to)?;
            }
        }
        if let Some(rels) = self.section("operator_rels") {
            if let Some(own) = self.step(&rels, id) {
                self.rename_key(&own, to)?;
            }
            for link in self.links_to(&rels, id) {
                let target = self.step(&link, "target")?;
                self.rewrite(&target, to)?;
            }
        }
        let details = self.details(id)?;
        self.rename_key(&details, to)
    }

    /// Items of a list that are this text.
    fn scalars(&self, list: &Path, text: &str) -> Vec<Path> {
        let Some(Form::List { items, .. }) = self.node(list).map(|node| &node.form) else { return Vec::new() };
        let same = |form: &Form| matches!(form, Form::Scalar(found) if &**found == text);
        let at = items.iter().enumerate().filter(|(_, item)| same(&item.form)).map(|(at, _)| at);
        at.map(|at| [list.as_slice(), &[at]].concat()).collect()
    }

    /// The edges that lead to an operator.
    fn links_to(&self, rels: &Path, id: &str) -> Vec<Path> {
        let Some(Form::Map { entries, .. }) = self.node(rels).map(|node| &node.form) else { return Vec::new() };
        let mut found = Vec::new();
        for (source, entry) in entries.iter().enumerate() {
            let Form::List { items, .. } = &entry.value.form else { continue };
            for (at, item) in items.iter().enumerate() {
                if scalar(&item.form, "target") == Some(id) {
                    found.push([rels.as_slice(), &[source, at]].concat());
                }
            }
        }
        found
    }

    fn add_edge(&mut self, ends: &EdgeEnds) -> Option<()> {
        let mut target = String::new();
        write_quoted(&mut target, &ends.target);
        if self.json {
            target = serde_json::to_string(&ends.target).ok()?;
        }
        let (source_index, target_index) = (ends.source_index, ends.target_index);
        let link = format!("{{\"target\":{target},\"source_index\":{source_index},\"target_index\":{target_index}}}");
        let rels = match self.section("operator_rels") {
            Some(rels) => rels,
            None => {
                let dag = self.dag()?;
                self.add_to(&dag, "operator_rels", Content::Value(&Value::Map(Vec::new())), Shape::Rels)?;
                self.section("operator_rels")?
            }
        };
        match self.step(&rels, &ends.source) {
            None => self.add_to(&rels, &ends.source, Content::Edge(&link), Shape::Links),
            Some(list) => match self.node(&list)?.form {
                Form::List { .. } => self.add_item(&list, &link, Shape::Link),
                Form::Missing | Form::Scalar(_) => self.replace(&list, Content::Edge(&link), Shape::Links),
                _ => None,
            },
        }
    }

    fn remove_edge(&mut self, ends: &EdgeEnds) -> Option<()> {
        let rels = self.section("operator_rels")?;
        let list = self.step(&rels, &ends.source)?;
        let Form::List { items, .. } = &self.node(&list)?.form else { return None };
        let index = |form: &Form, key: &str| match scalar(form, key) {
            None | Some("" | "null" | "~") => Some(0),
            Some(text) => text.parse::<u16>().ok(),
        };
        let at = items.iter().position(|item| {
            scalar(&item.form, "target") == Some(&ends.target)
                && index(&item.form, "source_index") == Some(ends.source_index)
                && index(&item.form, "target_index") == Some(ends.target_index)
        })?;
        self.remove_link(&[list.as_slice(), &[at]].concat())
    }

    /// Removes an edge, and its source's entry where it was the only one.
    fn remove_link(&mut self, link: &Path) -> Option<()> {
        let (_, list) = link.split_last()?;
        match &self.node(list)?.form {
            Form::List { items, .. } if items.len() == 1 => self.remove(&list.to_vec()),
            _ => self.remove(link),
        }
    }
}

/// The scalar that a map's entry holds.
fn scalar<'a>(form: &'a Form, key: &str) -> Option<&'a str> {
    let Form::Map { entries, .. } = form else { return None };
    match &entries.iter().find(|entry| &*entry.key == key)?.value.form {
        Form::Scalar(text) => Some(text),
        _ => None,
    }
}

/// A whole number is written without a point, as the canvas does.
fn number(f: f64) -> Value {
    const MAX_WHOLE: f64 = 1e15;
    if f.fract() == 0.0 && f.abs() < MAX_WHOLE { Value::Int(f as i64) } else { Value::Float(f) }
}

//! Changes of one map or list: an entry set, added, renamed or taken away, an item added or taken away.

use super::style::{Content, Style, written_key};
use super::tree::{Entry, Form, Node, Shape};
use super::tree_text::{Path, TreeText};

impl TreeText {
    /// How a value is written behind the key at `path`.
    fn style_at(&self, path: &[usize]) -> Style {
        match self.key_column(path) {
            _ if self.json => Style::Json,
            Some(column) => self.block_style(column),
            None => Style::Flow,
        }
    }

    fn block_style(&self, column: usize) -> Style {
        Style::Block { column, step: self.step_width(), literal: self.literal }
    }

    /// Replaces the value at `path`, which is an entry's.
    pub fn replace(&mut self, path: &Path, content: Content<'_>, shape: Shape) -> Option<()> {
        let colon = self.colon(path)?;
        let style = self.style_at(path);
        let node = self.node(path)?;
        let end = node.end.max(colon);
        let inline = content.inline(style);
        let gap = self.text.get(colon..node.start.max(colon))?;
        // The gap stays where it is one on the line, unless an anchor stands in it.
        let keep =
            !gap.is_empty() && gap.bytes().all(|b| b == b' ') && node.start < node.end || (self.json && gap.is_empty());
        let from = if keep { node.start } else { colon };
        let by = self.with_line_breaks(if keep { inline } else { format!(" {inline}") });
        self.splice(from, end, &by)?;
        self.put(path, from, from + by.len(), shape)
    }

    /// Sets `key` in the map at `path`: replaces its value or adds it behind the others.
    pub fn set(&mut self, path: &Path, key: &str, content: Content<'_>, shape: Shape) -> Option<()> {
        match self.step(path, key) {
            Some(found) => self.replace(&found, content, shape),
            None => self.add_entry(path, key, content, shape),
        }
    }

    /// Adds an entry behind the others of the map at `path`, which must be a map.
    pub fn add_entry(&mut self, path: &Path, key: &str, content: Content<'_>, shape: Shape) -> Option<()> {
        self.open(path)?;
        let node = self.node(path)?;
        let Form::Map { flow, entries } = &node.form else { return None };
        let quoted = entries.last().is_some_and(|e| self.text.get(e.key_start..).is_some_and(|t| t.starts_with('"')));
        let key_text = written_key(key, self.json, quoted);
        let count = entries.len();
        let (at, before, style) = if *flow || self.json {
            let ends: Vec<(usize, usize)> = entries.iter().map(|e| (e.key_start, e.value.end)).collect();
            let (at, separator) = self.flow_place(node, &ends);
            (at, separator, if self.json { Style::Json } else { Style::Flow })
        } else {
            let first = entries.first()?;
            let column = first.key_start - self.line_start(first.key_start);
            let at = self.line_end(entries.last()?.value.end);
            let before = format!("{}{}", self.line_break(), " ".repeat(column));
            (at, before, self.block_style(column))
        };
        let gap = if let (Some(last), Style::Json) = (entries.last(), style) {
            // As compact as its neighbours.
            self.text.get(last.key_end..last.value.start).is_some_and(|gap| gap != ":")
        } else {
            true
        };
        let behind = self.with_line_breaks(content.behind_key(style));
        let behind = if gap { behind.as_str() } else { behind.trim_start() };
        let by = format!("{before}{key_text}:{behind}");
        self.splice(at, at, &by)?;
        let key_start = at + before.len();
        let key_end = key_start + key_text.len();
        let value = self.read(key_end + 1, at + by.len(), shape)?;
        if let Form::Map { entries, .. } = &mut self.node_mut(path)?.form {
            entries.push(Entry { key: key.into(), key_start, key_end, value });
        }
        self.stretch(&[path.as_slice(), &[count]].concat())
    }

    /// Where an empty value or nothing stands at `path`, makes it a map with one entry on a line of its own, where there may be lines.
    pub fn fill(&mut self, path: &Path, key: &str, content: Content<'_>, shape: Shape) -> Option<()> {
        let colon = self.colon(path)?;
        let end = self.node(path)?.end.max(colon);
        let style = self.style_at(path);
        let key_text = written_key(key, self.json, false);
        let (before, after, style) = match style {
            Style::Block { column, step, literal } => {
                let column = column + step;
                (format!("{}{}", self.line_break(), " ".repeat(column)), "", Style::Block { column, step, literal })
            }
            style => (" {".to_owned(), "}", style),
        };
        let behind = self.with_line_breaks(content.behind_key(style));
        // A comment behind the empty value stays there.
        let (from, to) = if after.is_empty() { (self.line_end(end), true) } else { (end, false) };
        let by = format!("{before}{key_text}:{behind}{after}");
        if to {
            self.splice(from, from, &by)?;
            self.splice(colon, end, "")?;
            let from = from - (end - colon);
            self.put(path, from, from + by.len(), shape)
        } else {
            self.splice(colon, end, &by)?;
            self.put(path, colon, colon + by.len(), shape)
        }
    }

    /// Adds an item behind the others of the list at `path`.
    pub fn add_item(&mut self, path: &Path, item: &str, shape: Shape) -> Option<()> {
        let node = self.node(path)?;
        let Form::List { flow, items } = &node.form else { return None };
        let count = items.len();
        let (at, before) = if *flow || self.json {
            let ends: Vec<(usize, usize)> = items.iter().map(|item| (item.start, item.end)).collect();
            self.flow_place(node, &ends)
        } else {
            let last = items.last()?;
            let line = self.line_start(last.start);
            let dash = self.text.get(line..last.start)?;
            let column = dash.len() - dash.trim_start().len();
            if !dash.trim_start().starts_with('-') {
                return None;
            }
            (self.line_end(last.end), format!("{}{}- ", self.line_break(), " ".repeat(column)))
        };
        self.splice(at, at, &format!("{before}{item}"))?;
        let start = at + before.len();
        let value = self.read(start, start + item.len(), shape)?;
        if let Form::List { items, .. } = &mut self.node_mut(path)?.form {
            items.push(value);
        }
        self.stretch(&[path.as_slice(), &[count]].concat())
    }

    /// Where a new part of brackets goes, and what separates it from the one before: as the others are separated.
    fn flow_place(&self, node: &Node, parts: &[(usize, usize)]) -> (usize, String) {
        let Some((start, end)) = parts.last() else { return (node.start + 1, String::new()) };
        let between = parts.len().checked_sub(2).and_then(|i| self.text.get(parts.get(i)?.1..*start));
        let separator = match between {
            Some(between) if between.starts_with(',') && between.get(1..).is_some_and(|b| b.trim().is_empty()) => {
                between.to_owned()
            }
            _ => match self.indent(*start) {
                Some(column) if self.line_start(*start) > node.start => {
                    format!(",{}{}", self.line_break(), " ".repeat(column))
                }
                // Lists are compact in the seed.
                _ => if matches!(node.form, Form::List { .. }) { "," } else { ", " }.to_owned(),
            },
        };
        (*end, separator)
    }

    /// Takes the entry or item at `path` away.
    pub fn remove(&mut self, path: &Path) -> Option<()> {
        let (at, parent) = path.split_last()?;
        let parent = parent.to_vec();
        let node = self.node(&parent)?;
        let (flow, parts): (bool, Vec<(usize, usize)>) = match &node.form {
            Form::Map { flow, entries } => (*flow, entries.iter().map(|e| (e.key_start, e.value.end)).collect()),
            Form::List { flow, items } => (*flow, items.iter().map(|i| (i.start, i.end)).collect()),
            _ => return None,
        };
        let is_map = matches!(node.form, Form::Map { .. });
        let (start, end) = *parts.get(*at)?;
        if flow || self.json {
            self.cut_from_brackets(&parts, *at)?;
        } else {
            let line = self.line_start(start);
            let before = self.text.get(line..start)?;
            let own_line = if is_map { before.trim().is_empty() } else { before.trim() == "-" };
            if !own_line {
                return None;
            }
            let to = self.next_line(end);
            // At the end of a text without a last line break, the break before goes.
            let from = if to == self.text.len() && !self.text.ends_with('\n') {
                self.text.get(..line)?.trim_end_matches('\n').trim_end_matches('\r').len()
            } else {
                line
            };
            self.splice(from, to, "")?;
        }
        match &mut self.node_mut(&parent)?.form {
            Form::Map { entries, .. } => drop(entries.remove(*at)),
            Form::List { items, .. } => drop(items.remove(*at)),
            _ => return None,
        }
        if !flow && !self.json {
            self.settle_end(&parent, is_map, parts.len() == 1)?;
        }
        Some(())
    }

    /// After a part of a block was removed: its end, and brackets where nothing is left.
    fn settle_end(&mut self, parent: &Path, is_map: bool, empty: bool) -> Option<()> {
        if empty {
            let colon = self.colon(parent)?;
            let rest = self.text.get(colon..self.line_end(colon))?.trim_start();
            if !(rest.is_empty() || rest.starts_with('#')) {
                return None;
            }
            let brackets = if is_map { " {}" } else { " []" };
            self.splice(colon, colon, brackets)?;
            let form = if is_map {
                Form::Map { flow: true, entries: Vec::new() }
            } else {
                Form::List { flow: true, items: Vec::new() }
            };
            *self.node_mut(parent)? = Node { start: colon + 1, end: colon + 3, form };
        }
        // Ends of blocks follow from their last parts.
        for depth in (0..=parent.len()).rev() {
            let node = self.node_mut(parent.get(..depth)?)?;
            let last = match &node.form {
                Form::Map { flow: false, entries } => entries.last().map(|e| e.value.end),
                Form::List { flow: false, items } => items.last().map(|i| i.end),
                _ => None,
            };
            if let Some(end) = last {
                node.end = end;
            }
        }
        Some(())
    }

    /// Removes a part and one comma; comments stay.
    fn cut_from_brackets(&mut self, parts: &[(usize, usize)], at: usize) -> Option<()> {
        let (start, end) = *parts.get(at)?;
        let after = parts.get(at + 1).map(|next| next.0);
        let before = at.checked_sub(1).and_then(|i| parts.get(i)).map(|previous| previous.1);
        match (before, after) {
            (_, Some(next)) if !self.text.get(end..next)?.contains('#') => self.splice(start, next, ""),
            (Some(previous), None) if !self.text.get(previous..start)?.contains('#') => self.splice(previous, end, ""),
            (_, Some(next)) => {
                let comma = end + comma(self.text.get(end..next)?)?;
                self.splice(comma, comma + 1, "")?;
                self.splice(start, end, "")
            }
            (Some(previous), None) => {
                self.splice(start, end, "")?;
                let comma = previous + comma(self.text.get(previous..start)?)?;
                self.splice(comma, comma + 1, "")
            }
            (None, None) => {
                let rest = self.text.get(end..)?;
                let blank = rest.len() - rest.trim_start().len();
                let to = if rest.trim_start().starts_with(',') { end + blank + 1 } else { end };
                self.splice(start, to, "")
            }
        }
    }

    /// Writes another key in place of the one at `path`.
    pub fn rename_key(&mut self, path: &Path, key: &str) -> Option<()> {
        let (at, parent) = path.split_last()?;
        let Form::Map { entries, .. } = &self.node(parent)?.form else { return None };
        let entry = entries.get(*at)?;
        let (start, end) = (entry.key_start, entry.key_end);
        let quoted = self.text.get(start..end)?.starts_with('"');
        let by = written_key(key, self.json, quoted);
        self.splice(start, end, &by)?;
        if let Form::Map { entries, .. } = &mut self.node_mut(parent)?.form {
            let entry = entries.get_mut(*at)?;
            entry.key = key.into();
            entry.key_start = start;
            entry.key_end = start + by.len();
        }
        Some(())
    }

    /// Writes another text in place of the scalar at `path`.
    pub fn rewrite(&mut self, path: &Path, text: &str) -> Option<()> {
        let node = self.node(path)?;
        if !matches!(node.form, Form::Scalar(_)) {
            return None;
        }
        let (start, end) = (node.start, node.end);
        let quoted = self.text.get(start..end)?.starts_with('"');
        let by = written_key(text, self.json, quoted);
        self.splice(start, end, &by)?;
        self.put(path, start, start + by.len(), Shape::Leaf)
    }

    /// Spaces per level, as the text has them at its first key.
    pub fn step_width(&self) -> usize {
        let Form::Map { entries, .. } = &self.root.form else { return 1 };
        let Some(dag) = entries.iter().find(|entry| &*entry.key == "dag") else { return 1 };
        let column = |offset: usize| self.indent(offset);
        match &dag.value.form {
            Form::Map { flow: false, entries } => entries
                .first()
                .and_then(|first| column(first.key_start)?.checked_sub(column(dag.key_start)?))
                .filter(|step| *step > 0)
                .unwrap_or(1),
            _ => 1,
        }
    }

    fn with_line_breaks(&self, text: String) -> String {
        if self.line_break() == "\n" { text } else { text.replace('\n', self.line_break()) }
    }
}

/// Where the comma is in what stands between two parts, comments passed over.
fn comma(between: &str) -> Option<usize> {
    let mut at = 0;
    for line in between.split_inclusive('\n') {
        let code = line.find('#').and_then(|hash| line.get(..hash)).unwrap_or(line);
        if let Some(comma) = code.find(',') {
            return Some(at + comma);
        }
        at += line.len();
    }
    None
}

//! A text together with its tree: each change replaces a few bytes and moves the spans behind them.

use super::tree::{Form, Node, Shape, behind_colon, read_node};

/// Child positions from the root: of an entry's value, or of an item.
pub(crate) type Path = Vec<usize>;

pub(crate) struct TreeText {
    pub text: String,
    pub json: bool,
    /// Whether what is written may be a literal block.
    pub literal: bool,
    pub root: Node,
}

impl TreeText {
    /// `None` where the text has a form that can't be patched (a key that is no scalar).
    pub fn new(text: String, json: bool, literal: bool) -> Option<TreeText> {
        let root = read_node(&text, 0, text.len(), json, Shape::Root)?;
        Some(TreeText { text, json, literal, root })
    }

    pub fn node(&self, path: &[usize]) -> Option<&Node> {
        let mut node = &self.root;
        for step in path {
            node = child(node, *step)?;
        }
        Some(node)
    }

    pub fn node_mut(&mut self, path: &[usize]) -> Option<&mut Node> {
        let mut node = &mut self.root;
        for step in path {
            node = match &mut node.form {
                Form::Map { entries, .. } => &mut entries.get_mut(*step)?.value,
                Form::List { items, .. } => items.get_mut(*step)?,
                _ => return None,
            };
        }
        Some(node)
    }

    /// Steps down to the value of `key`; a map that was folded is looked into. `None` where there is no such key.
    pub fn step(&mut self, path: &Path, key: &str) -> Option<Path> {
        self.open(path)?;
        let Form::Map { entries, .. } = &self.node(path)?.form else { return None };
        let at = entries.iter().position(|entry| &*entry.key == key)?;
        Some([path.as_slice(), &[at]].concat())
    }

    /// Looks into a folded map.
    pub fn open(&mut self, path: &[usize]) -> Option<()> {
        let node = self.node(path)?;
        if let Form::Folded = node.form {
            let opened = read_node(&self.text, node.start, node.end, self.json, Shape::Entries)?;
            *self.node_mut(path)? = opened;
        }
        Some(())
    }

    /// Replaces bytes. Spans that begin at or behind `to` move; an insertion is in no value that ends there.
    pub fn splice(&mut self, from: usize, to: usize, by: &str) -> Option<()> {
        if from > to || !self.text.is_char_boundary(from) || !self.text.is_char_boundary(to) || to > self.text.len() {
            return None;
        }
        self.text.replace_range(from..to, by);
        shift(&mut self.root, from, to, by.len());
        Some(())
    }

    /// Reads the node at `start..end` anew and puts it at `path`; block parents end behind it at least.
    pub fn put(&mut self, path: &[usize], start: usize, end: usize, shape: Shape) -> Option<()> {
        let node = self.read(start, end, shape)?;
        *self.node_mut(path)? = node;
        self.stretch(path)
    }

    /// The value in `start..end`, blanks around it aside; nothing there is a missing value at `start`.
    pub fn read(&self, start: usize, end: usize, shape: Shape) -> Option<Node> {
        let slice = self.text.get(start..end)?;
        let from = start + (slice.len() - slice.trim_start().len());
        if from >= end {
            return Some(Node { start, end: start, form: Form::Missing });
        }
        read_node(&self.text, from, end, self.json, shape)
    }

    /// Block maps and lists above the node end where their last part does.
    pub fn stretch(&mut self, path: &[usize]) -> Option<()> {
        let end = self.node(path)?.end;
        for depth in (0..path.len()).rev() {
            let parent = self.node_mut(path.get(..depth)?)?;
            if let Form::Map { flow: false, .. } | Form::List { flow: false, .. } = parent.form {
                parent.end = parent.end.max(end);
            }
        }
        Some(())
    }

    /// Where the line begins that `offset` is in.
    pub fn line_start(&self, offset: usize) -> usize {
        self.text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1)
    }

    /// Where the line ends that `offset` is in, its break not included.
    pub fn line_end(&self, offset: usize) -> usize {
        let rest = self.text.get(offset..).unwrap_or_default();
        let end = rest.find('\n').map_or(self.text.len(), |n| offset + n);
        let line = self.text.get(offset..end).unwrap_or_default();
        offset + line.strip_suffix('\r').unwrap_or(line).len()
    }

    /// Behind the break of the line that `offset` is in.
    pub fn next_line(&self, offset: usize) -> usize {
        let rest = self.text.get(offset..).unwrap_or_default();
        rest.find('\n').map_or(self.text.len(), |n| offset + n + 1)
    }

    /// Spaces before `offset` in its line, if nothing else is.
    pub fn indent(&self, offset: usize) -> Option<usize> {
        let before = self.text.get(self.line_start(offset)..offset)?;
        before.bytes().all(|b| b == b' ').then_some(before.len())
    }

    pub fn line_break(&self) -> &'static str {
        if self.text.contains("\r\n") { "\r\n" } else { "\n" }
    }

    /// The offset behind the colon of the entry at `path`.
    pub fn colon(&self, path: &[usize]) -> Option<usize> {
        let (last, parent) = path.split_last()?;
        let Form::Map { entries, .. } = &self.node(parent)?.form else { return None };
        behind_colon(&self.text, entries.get(*last)?.key_end)
    }

    /// The column of an entry's key in block style: `None` where it has no line of its own, so that nothing can stand below it.
    pub fn key_column(&self, path: &[usize]) -> Option<usize> {
        let (last, parent) = path.split_last()?;
        match &self.node(parent)?.form {
            Form::Map { flow: false, entries } if !self.json => self.indent(entries.get(*last)?.key_start),
            _ => None,
        }
    }
}

fn child(node: &Node, step: usize) -> Option<&Node> {
    match &node.form {
        Form::Map { entries, .. } => Some(&entries.get(step)?.value),
        Form::List { items, .. } => items.get(step),
        _ => None,
    }
}

fn shift(node: &mut Node, from: usize, to: usize, len: usize) {
    if node.end < from {
        return;
    }
    let start = |offset: usize| match offset {
        _ if offset >= to => offset - to + from + len,
        _ if offset > from => from,
        _ => offset,
    };
    let end = |offset: usize| if offset == from { offset } else { start(offset) };
    match &mut node.form {
        Form::Map { entries, .. } => {
            for entry in entries {
                // What is inserted behind a key isn't part of it.
                if entry.key_end > from || entry.key_start >= to {
                    entry.key_start = start(entry.key_start);
                    entry.key_end = end(entry.key_end);
                }
                shift(&mut entry.value, from, to, len);
            }
        }
        Form::List { items, .. } => items.iter_mut().for_each(|item| shift(item, from, to, len)),
        _ => {}
    }
    node.start = start(node.start);
    node.end = end(node.end).max(node.start);
}

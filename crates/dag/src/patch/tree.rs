//! Where the parts of a text stand: maps, lists and scalars with their spans, read only as deep as edits look.

use crate::source::Lexer;
use crate::token::{Event, Token};

/// A value; `start` and `end` are byte offsets. Comments and blank lines behind it are not in it.
#[derive(Debug)]
pub(crate) struct Node {
    pub start: usize,
    pub end: usize,
    pub form: Form,
}

#[derive(Debug)]
pub(crate) enum Form {
    Scalar(Box<str>),
    /// `key:` with nothing behind it: the span is empty and lies behind the colon.
    Missing,
    Alias,
    Map {
        flow: bool,
        entries: Vec<Entry>,
    },
    List {
        flow: bool,
        items: Vec<Node>,
    },
    /// A map or list that wasn't looked into.
    Folded,
}

#[derive(Debug)]
pub(crate) struct Entry {
    pub key: Box<str>,
    pub key_start: usize,
    pub key_end: usize,
    pub value: Node,
}

/// What a value is, which says how much of it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Root,
    Dag,
    /// `operator_list`.
    Ids,
    /// `operator_rels`, one source's edges, one edge.
    Rels,
    Links,
    Link,
    /// `operator_details`.
    Details,
    /// A map that is looked into for its entries, no further.
    Entries,
    /// Folded where it is a map or list.
    Leaf,
}

impl Shape {
    pub fn of_entry(self, key: &str) -> Shape {
        match (self, key) {
            (Shape::Root, "dag") => Shape::Dag,
            (Shape::Dag, "operator_list") => Shape::Ids,
            (Shape::Dag, "operator_rels") => Shape::Rels,
            (Shape::Dag, "operator_details") => Shape::Details,
            (Shape::Rels, _) => Shape::Links,
            _ => Shape::Leaf,
        }
    }

    fn of_item(self) -> Shape {
        if self == Shape::Links { Shape::Link } else { Shape::Leaf }
    }
}

/// Reads the value that stands at `start..end` of `text`. `None` where it can't be read, or a key is no scalar.
pub(crate) fn read_node(text: &str, start: usize, end: usize, json: bool, shape: Shape) -> Option<Node> {
    // With its line break, which is part of a text that keeps all of its own (`|+`).
    let rest = text.get(end..)?;
    let line_break = ["\r\n", "\n"].into_iter().find(|b| rest.starts_with(b)).map_or(0, str::len);
    let slice = text.get(start..end + line_break)?;
    let line = text.get(..start)?.rsplit('\n').next()?;
    // In block style, the columns of later lines count from the first line's.
    let column = if json { 0 } else { line.chars().count() };
    let padded;
    let lexed = if column > 0 {
        padded = " ".repeat(column) + slice;
        &padded
    } else {
        slice
    };
    let mut walk = Walk { text, base: start, column, lexer: Lexer::new(lexed, json) };
    let first = walk.next()?;
    let node = walk.node(&first, shape)?;
    // Nothing may follow, or what was read isn't the whole.
    if walk.lexer.next().ok()?.is_some() { None } else { Some(node) }
}

/// The offset behind the colon that follows a key.
pub(crate) fn behind_colon(text: &str, key_end: usize) -> Option<usize> {
    let rest = text.get(key_end..)?;
    let bare = rest.trim_start();
    bare.starts_with(':').then(|| key_end + (rest.len() - bare.len()) + 1)
}

struct Walk<'a, 'b> {
    text: &'a str,
    base: usize,
    column: usize,
    lexer: Lexer<'b>,
}

impl<'b> Walk<'_, 'b> {
    fn next(&mut self) -> Option<Token<'b>> {
        self.lexer.next().ok().flatten()
    }

    fn offset(&self, offset: u32) -> Option<usize> {
        (self.base + offset as usize).checked_sub(self.column)
    }

    /// The node that begins with `token`.
    fn node(&mut self, token: &Token<'b>, shape: Shape) -> Option<Node> {
        let start = self.offset(token.start.offset)?;
        let end = self.offset(token.end)?;
        match &token.event {
            Event::Scalar { text, plain } => Some(self.scalar(text, *plain, start, end)),
            Event::Alias(_) | Event::UnknownAlias(_) => Some(Node { start, end, form: Form::Alias }),
            Event::MapStart if shape != Shape::Leaf => self.map(start, !token.block, shape),
            Event::ListStart if shape != Shape::Leaf => self.list(start, !token.block, shape),
            Event::MapStart | Event::ListStart => {
                let end = self.pass_over(token)?;
                Some(Node { start, end, form: Form::Folded })
            }
            _ => None,
        }
    }

    fn scalar(&self, text: &str, plain: bool, start: usize, end: usize) -> Node {
        let written = self.text.get(start..end).unwrap_or_default();
        if plain && written.trim().is_empty() {
            return Node { start, end: start, form: Form::Missing };
        }
        Node { start, end: start + visible(self.text, start, end, plain), form: Form::Scalar(text.into()) }
    }

    fn map(&mut self, start: usize, flow: bool, shape: Shape) -> Option<Node> {
        let mut entries = Vec::new();
        let mut last = start;
        loop {
            let key = self.next()?;
            let (text, key_start, key_end) = match &key.event {
                Event::MapEnd => {
                    let end = if flow { self.offset(key.end)? } else { last };
                    return Some(Node { start, end, form: Form::Map { flow, entries } });
                }
                Event::Scalar { text, .. } => (text, self.offset(key.start.offset)?, self.offset(key.end)?),
                _ => return None,
            };
            // A plain key's span may hold the blanks before its colon.
            let written = self.text.get(key_start..key_end)?;
            let key_end = key_start + written.trim_end().len();
            let first = self.next()?;
            let mut value = self.node(&first, shape.of_entry(text))?;
            if matches!(value.form, Form::Missing) {
                // `{a}` has a key without a colon.
                let at = behind_colon(self.text, key_end)?;
                value = Node { start: at, end: at, form: Form::Missing };
            }
            last = value.end;
            entries.push(Entry { key: text.as_ref().into(), key_start, key_end, value });
        }
    }

    fn list(&mut self, start: usize, flow: bool, shape: Shape) -> Option<Node> {
        let mut items = Vec::new();
        let mut last = start;
        loop {
            let token = self.next()?;
            if matches!(token.event, Event::ListEnd) {
                let end = if flow { self.offset(token.end)? } else { last };
                return Some(Node { start, end, form: Form::List { flow, items } });
            }
            let item = self.node(&token, shape.of_item())?;
            last = item.end;
            items.push(item);
        }
    }

    /// Passes over the rest of what `token` opens; gives the offset behind its last visible part.
    fn pass_over(&mut self, token: &Token<'b>) -> Option<usize> {
        let mut end = self.offset(token.end)?;
        // Innermost last: whether block style, whose end is that of its last part.
        let mut open = vec![token.block];
        while !open.is_empty() {
            let token = self.next()?;
            if token.closes() {
                if open.pop() == Some(false) {
                    end = self.offset(token.end)?;
                }
                continue;
            }
            if token.opens() {
                open.push(token.block);
            }
            if let Event::Scalar { plain, .. } = token.event {
                let (from, to) = (self.offset(token.start.offset)?, self.offset(token.end)?);
                let written = self.text.get(from..to)?;
                // A value that isn't there (`key:`) has no end of its own; behind its key is its colon.
                if !written.trim().is_empty() {
                    end = end.max(from + visible(self.text, from, to, plain));
                } else if let Some(at) = behind_colon(self.text, end) {
                    end = at;
                }
            } else if !token.opens() || !token.block {
                end = end.max(self.offset(token.end)?);
            }
        }
        Some(end)
    }
}

/// How many bytes of the scalar at `start..end` are seen: without the blank lines behind it, unless they count (`|+`).
fn visible(text: &str, start: usize, end: usize, plain: bool) -> usize {
    let written = text.get(start..end).unwrap_or_default();
    if !plain && keeps_blank_lines(text.get(..start).unwrap_or_default()) {
        // The span may reach to the first key behind it.
        let lines = written.trim_end_matches(' ');
        let cut = lines.strip_suffix('\n').unwrap_or(written);
        return cut.strip_suffix('\r').unwrap_or(cut).len();
    }
    written.trim_end().len()
}

/// Whether a scalar behind `before` is a block whose header (`|+`) keeps blank lines; it begins on the header's next line.
fn keeps_blank_lines(before: &str) -> bool {
    let above = before.trim_end_matches(' ');
    let Some(above) = above.strip_suffix('\n') else { return false };
    let header = above.trim_end().rsplit('\n').next().unwrap_or_default();
    let header = header.split(" #").next().unwrap_or_default().trim_end();
    let bare = header.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-'));
    bare.ends_with(['|', '>'])
        && header.ends_with(|c: char| c == '+' || c.is_ascii_digit())
        && header[bare.len()..].contains('+')
}

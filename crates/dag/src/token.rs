//! What both lexers, YAML's and JSON's, make of a text: a flat stream of tokens, each with its place.

use crate::{Fault, Place};
use std::borrow::Cow;

/// A position in the text. `offset` counts bytes (texts stay below 4 GiB), line and column count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    pub offset: u32,
    pub line: u32,
    pub column: u32,
}

impl Mark {
    pub fn place(self) -> Place {
        Place { line: self.line, column: self.column }
    }
}

#[derive(Debug, Clone)]
pub(crate) enum Event<'a> {
    MapStart,
    MapEnd,
    ListStart,
    ListEnd,
    /// `plain` scalars may mean a number, a boolean or null; quoted ones are text.
    Scalar {
        text: Cow<'a, str>,
        plain: bool,
    },
    /// The number of the anchor it stands for.
    Alias(usize),
    UnknownAlias(Cow<'a, str>),
    /// Stands for a value whose fault has been reported already.
    Broken,
}

#[derive(Debug, Clone)]
pub(crate) struct Token<'a> {
    pub event: Event<'a>,
    pub start: Mark,
    /// Byte offset of its end.
    pub end: u32,
    /// 0 where there is none.
    pub anchor: usize,
    /// Where its tag stands, and how it is written.
    pub tag: Option<Box<(Place, String)>>,
    /// Of a map or list: written in block style, by indentation.
    pub block: bool,
}

impl<'a> Token<'a> {
    pub fn place(&self) -> Place {
        self.start.place()
    }

    pub fn opens(&self) -> bool {
        matches!(self.event, Event::MapStart | Event::ListStart)
    }

    pub fn closes(&self) -> bool {
        matches!(self.event, Event::MapEnd | Event::ListEnd)
    }
}

/// A text that is no YAML (or JSON): the fault to report; nothing can be read after it.
pub(crate) type LexError = Box<Fault>;

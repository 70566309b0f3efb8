//! The tokens as the reader sees them: aliases expanded, tags refused, depth and size watched.

use crate::fault_log::{FaultLog, Stop, quote};
use crate::json_lexer::JsonLexer;
use crate::limits::{Limits, MAX_ANCHORED_VALUES};
use crate::token::{Event, LexError, Mark, Token};
use crate::yaml_lexer::YamlLexer;
use crate::{Fault, Place};
use std::collections::HashMap;

pub(crate) enum Lexer<'a> {
    Yaml(Box<YamlLexer<'a>>),
    Json(JsonLexer<'a>),
}

impl<'a> Lexer<'a> {
    pub fn new(text: &'a str, json: bool) -> Lexer<'a> {
        if json { Lexer::Json(JsonLexer::new(text)) } else { Lexer::Yaml(Box::new(YamlLexer::new(text))) }
    }

    pub fn next(&mut self) -> Result<Option<Token<'a>>, LexError> {
        match self {
            Lexer::Yaml(lexer) => lexer.next(),
            Lexer::Json(lexer) => lexer.next(),
        }
    }
}

/// Positions in [`Source::anchored`], from the first token of a value to behind its last.
type Range = (usize, usize);

pub(crate) struct Source<'a> {
    lexer: Lexer<'a>,
    limits: Limits,
    max_values: usize,
    values: usize,
    expansions: usize,
    depth: usize,
    /// The tokens of every value below an anchor, aliases not expanded.
    anchored: Vec<Token<'a>>,
    anchors: HashMap<usize, Range>,
    /// Anchored values that are still being read: anchor, first token, depth of its start.
    recording: Vec<(usize, usize, usize)>,
    /// Depth of the lexer's own tokens, without what aliases add.
    lexer_depth: usize,
    /// Aliases being expanded: what is left of each. Their nesting is bounded: each level lies in a list or map.
    expanding: Vec<Range>,
    last: Mark,
}

impl<'a> Source<'a> {
    pub fn new(text: &'a str, json: bool, limits: &Limits) -> Source<'a> {
        Source {
            lexer: Lexer::new(text, json),
            limits: limits.clone(),
            max_values: limits.max_values(text.len()),
            values: 0,
            expansions: 0,
            depth: 0,
            anchored: Vec::new(),
            anchors: HashMap::new(),
            recording: Vec::new(),
            lexer_depth: 0,
            expanding: Vec::new(),
            last: Mark { offset: 0, line: 1, column: 1 },
        }
    }

    /// The next token; `None` at the end of the text.
    pub fn next(&mut self, faults: &mut FaultLog) -> Result<Option<Token<'a>>, Stop> {
        loop {
            let Some(mut token) = self.next_unexpanded(faults)? else { return Ok(None) };
            if let Event::Alias(anchor) = token.event {
                match self.expand(anchor, &token, faults)? {
                    true => continue,
                    false => token.event = Event::Broken,
                }
            }
            self.count(&token, faults)?;
            return Ok(Some(token));
        }
    }

    fn next_unexpanded(&mut self, faults: &mut FaultLog) -> Result<Option<Token<'a>>, Stop> {
        while let Some((at, end)) = self.expanding.last_mut() {
            if at < end {
                let token = self.anchored.get(*at).cloned();
                *at += 1;
                return Ok(token);
            }
            self.expanding.pop();
        }
        let Some(mut token) = self.lexer.next().map_err(|fault| faults.stop(*fault))? else { return Ok(None) };
        self.last = token.start;
        if let Some((place, tag)) = token.tag.take().map(|tag| *tag) {
            faults.push(
                Fault::new("tag", format!("the tag {} is not allowed", quote(&tag)))
                    .hint("remove it; write a text in quotes, a number without")
                    .at(Some(place)),
            );
        }
        if let Event::UnknownAlias(name) = &token.event {
            faults.push(
                Fault::new("unknown_alias", format!("the alias {} has no anchor before it", quote(name)))
                    .hint("quote a text that begins with `*`")
                    .at(Some(token.place())),
            );
            token.event = Event::Broken;
        }
        self.record(&token, faults)?;
        Ok(Some(token))
    }

    /// Keeps the tokens of anchored values for their aliases.
    fn record(&mut self, token: &Token<'a>, faults: &mut FaultLog) -> Result<(), Stop> {
        if token.closes() {
            self.lexer_depth = self.lexer_depth.saturating_sub(1);
        }
        if token.anchor != 0 {
            self.recording.push((token.anchor, self.anchored.len(), self.lexer_depth));
        }
        if token.opens() {
            self.lexer_depth += 1;
        }
        if self.recording.is_empty() {
            return Ok(());
        }
        if self.anchored.len() >= MAX_ANCHORED_VALUES {
            return Err(faults.stop(
                Fault::new("alias_limit", format!("more than {MAX_ANCHORED_VALUES} values stand below anchors"))
                    .hint("anchor smaller parts, or write them out")
                    .at(Some(token.place())),
            ));
        }
        self.anchored.push(token.clone());
        while let Some((anchor, first, depth)) = self.recording.last().copied() {
            if depth != self.lexer_depth {
                break;
            }
            self.anchors.insert(anchor, (first, self.anchored.len()));
            self.recording.pop();
        }
        Ok(())
    }

    /// Starts the expansion of an alias; `false` if it can't be expanded.
    fn expand(&mut self, anchor: usize, token: &Token<'a>, faults: &mut FaultLog) -> Result<bool, Stop> {
        let Some(range) = self.anchors.get(&anchor).copied() else {
            faults.push(
                Fault::new("alias_loop", "an alias stands inside the value it names")
                    .hint("write the value out")
                    .at(Some(token.place())),
            );
            return Ok(false);
        };
        self.expansions += 1;
        let max = self.limits.max_alias_expansions;
        if self.expansions > max {
            return Err(faults.stop(
                Fault::new("alias_limit", format!("aliases are expanded more than {max} times"))
                    .hint("write the values out")
                    .at(Some(token.place())),
            ));
        }
        self.expanding.push(range);
        Ok(true)
    }

    fn count(&mut self, token: &Token<'a>, faults: &mut FaultLog) -> Result<(), Stop> {
        if token.closes() {
            self.depth = self.depth.saturating_sub(1);
            return Ok(());
        }
        self.values += 1;
        if self.values > self.max_values {
            let max = self.max_values;
            return Err(faults.stop(
                Fault::new("too_many_values", format!("more than {max} values in a text of this size"))
                    .hint("keep data in a file and name it in a parameter")
                    .at(Some(token.place())),
            ));
        }
        if token.opens() {
            self.depth += 1;
            let max = self.limits.max_depth;
            if self.depth > max {
                return Err(faults.stop(
                    Fault::new("depth", format!("maps and lists are nested more than {max} deep"))
                        .hint("flatten the structure")
                        .at(Some(token.place())),
                ));
            }
        }
        Ok(())
    }

    /// Where the last token began.
    pub fn place(&self) -> Place {
        self.last.place()
    }
}

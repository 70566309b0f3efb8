//! Tokens from YAML: the one place that knows the YAML parser crate.

use crate::token::{Event, LexError, Mark, Token};
use crate::{Fault, Place};
use granit_parser::{
    ErrorKind, Event as Yaml, Marker, Options, Parser, ScalarStyle, ScanError, StrInput, StructureStyle,
};

/// The parser's own nesting limit; ours is lower and has the better message.
const PARSER_NESTING_LEVELS: usize = 200;
/// Characters of a key on one line, escapes included: enough for the longest key we accept, written all in escapes.
const PARSER_KEY_CHARS: usize = 8_192;

pub(crate) struct YamlLexer<'a> {
    parser: Parser<'a, StrInput<'a>>,
    documents: usize,
}

impl<'a> YamlLexer<'a> {
    /// `text` without a byte-order mark.
    pub fn new(text: &'a str) -> YamlLexer<'a> {
        let mut options = Options::default();
        options.emit_unresolved_aliases = true;
        options.simple_key_max_lookahead = PARSER_KEY_CHARS;
        options.flow_nesting_limit = PARSER_NESTING_LEVELS;
        options.block_nesting_limit = PARSER_NESTING_LEVELS;
        YamlLexer { parser: Parser::new_from_str_with_options(text, options), documents: 0 }
    }

    pub fn next(&mut self) -> Result<Option<Token<'a>>, LexError> {
        loop {
            let (event, span) = match self.parser.next_event() {
                None => return Ok(None),
                Some(Err(error)) => return Err(Box::new(fault_of(&error))),
                Some(Ok(pair)) => pair,
            };
            let start = mark(&span.start);
            let (event, anchor, tag, block) = match event {
                Yaml::StreamEnd => return Ok(None),
                Yaml::DocumentStart(..) => {
                    self.documents += 1;
                    if self.documents > 1 {
                        return Err(Box::new(
                            Fault::new("several_documents", "the text holds more than one YAML document")
                                .hint("put each DAG into a file of its own")
                                .at(Some(start.place())),
                        ));
                    }
                    continue;
                }
                Yaml::Scalar(text, style, anchor, tag) => {
                    (Event::Scalar { text, plain: style == ScalarStyle::Plain }, anchor, tag, false)
                }
                Yaml::MappingStart(style, anchor, tag) => {
                    (Event::MapStart, anchor, tag, style == StructureStyle::Block)
                }
                Yaml::SequenceStart(style, anchor, tag) => {
                    (Event::ListStart, anchor, tag, style == StructureStyle::Block)
                }
                Yaml::MappingEnd => (Event::MapEnd, 0, None, false),
                Yaml::SequenceEnd => (Event::ListEnd, 0, None, false),
                Yaml::Alias(anchor) => (Event::Alias(anchor), 0, None, false),
                Yaml::UnresolvedAlias(name) => (Event::UnknownAlias(name), 0, None, false),
                _ => continue,
            };
            let tag = tag.map(|tag| {
                let place = span.tag_start().map_or(start.place(), |at| mark(&at).place());
                Box::new((place, tag.original()))
            });
            let end = mark(&span.end).offset;
            return Ok(Some(Token { event, start, end, anchor, tag, block }));
        }
    }
}

fn mark(marker: &Marker) -> Mark {
    let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Mark {
        offset: small(marker.byte_offset().unwrap_or_default()),
        line: small(marker.line().max(1)),
        column: small(marker.col().saturating_add(1)),
    }
}

fn fault_of(error: &ScanError) -> Fault {
    let place: Place = mark(error.marker()).place();
    let (code, hint) = match error.kind() {
        ErrorKind::RecursionLimitExceeded => ("depth", "flatten the structure"),
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::InvalidBlockEntryWhitespace
        | ErrorKind::TabInPlainScalar => ("tab", "indent with spaces, YAML allows no tabs there"),
        ErrorKind::UndeclaredTagHandle
        | ErrorKind::MissingTagUri
        | ErrorKind::UnclosedVerbatimTag
        | ErrorKind::InvalidTagTerminator => ("tag", "tags (`!…`) are not allowed; quote a text that begins with `!`"),
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => {
            ("syntax", "check the indentation; a text that holds `: ` must be quoted")
        }
        ErrorKind::UnexpectedCharacter { character: '@' | '`' | '%' } => {
            ("syntax", "quote a text that begins with this character")
        }
        ErrorKind::UnclosedQuotedScalar => ("syntax", "close the quotation mark"),
        ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::MismatchedFlowCollectionEnd { .. } => ("syntax", "check that every bracket is closed"),
        ErrorKind::UnknownQuotedScalarEscape => ("syntax", "write `\\\\` for a backslash, or use single quotes"),
        _ => ("syntax", "check indentation, quotes and brackets here and on the line above"),
    };
    Fault::new(code, format!("not valid YAML: {}", error.kind())).hint(hint).at(Some(place))
}

//! Tokens from JSON: much faster than reading it as YAML, and with the same places. Strings and escapes are decoded by `serde_json`.

use crate::Fault;
use crate::token::{Event, LexError, Mark, Token};
use std::borrow::Cow;

#[derive(Clone, Copy, PartialEq)]
enum Expect {
    Value,
    /// After `[`: a value or `]`.
    FirstItem,
    /// After `{`: a key or `}`.
    FirstKey,
    Key,
    /// After a value: `,` or the end of the map or list.
    Comma,
    End,
}

pub(crate) struct JsonLexer<'a> {
    text: &'a str,
    at: usize,
    line: u32,
    column: u32,
    /// Open maps (true) and lists (false).
    open: Vec<bool>,
    expect: Expect,
}

impl<'a> JsonLexer<'a> {
    pub fn new(text: &'a str) -> JsonLexer<'a> {
        JsonLexer { text, at: 0, line: 1, column: 1, open: Vec::new(), expect: Expect::Value }
    }

    pub fn next(&mut self) -> Result<Option<Token<'a>>, LexError> {
        loop {
            self.skip_space();
            let Some(byte) = self.peek() else {
                return if self.expect == Expect::End { Ok(None) } else { Err(self.fault("the text ends too early")) };
            };
            match (self.expect, byte) {
                (Expect::Comma, b',') => {
                    self.advance(1);
                    self.expect = if self.in_map() { Expect::Key } else { Expect::Value };
                }
                (Expect::Comma | Expect::FirstKey, b'}') if self.in_map() => {
                    return Ok(Some(self.close(Event::MapEnd)));
                }
                (Expect::Comma | Expect::FirstItem, b']') if !self.in_map() => {
                    return Ok(Some(self.close(Event::ListEnd)));
                }
                (Expect::Key | Expect::FirstKey, b'"') => {
                    let token = self.string()?;
                    self.skip_space();
                    if self.peek() != Some(b':') {
                        return Err(self.fault("`:` expected after a key"));
                    }
                    self.advance(1);
                    self.expect = Expect::Value;
                    return Ok(Some(token));
                }
                (Expect::Value | Expect::FirstItem, _) => return self.value(byte).map(Some),
                _ => return Err(self.fault("unexpected character")),
            }
        }
    }

    fn value(&mut self, byte: u8) -> Result<Token<'a>, LexError> {
        match byte {
            b'{' | b'[' => {
                let is_map = byte == b'{';
                self.open.push(is_map);
                self.expect = if is_map { Expect::FirstKey } else { Expect::FirstItem };
                Ok(self.token(if is_map { Event::MapStart } else { Event::ListStart }, 1))
            }
            b'"' => {
                let token = self.string()?;
                self.after_value();
                Ok(token)
            }
            _ => {
                let rest = self.rest();
                let len = rest.find([',', ']', '}', ' ', '\n', '\r', '\t']).unwrap_or(rest.len());
                let word = &rest[..len];
                if !matches!(word, "null" | "true" | "false") && !is_json_number(word) {
                    return Err(self.fault("not a JSON value"));
                }
                self.after_value();
                Ok(self.token(Event::Scalar { text: Cow::Borrowed(word), plain: true }, len))
            }
        }
    }

    fn string(&mut self) -> Result<Token<'a>, LexError> {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let mut len = 1;
        let mut escaped = false;
        loop {
            match bytes.get(len) {
                None => return Err(self.fault("a string is not closed")),
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    len += 2;
                }
                Some(0..=0x1f) => return Err(self.fault("a control character in a string")),
                Some(_) => len += 1,
            }
        }
        // `"` is a byte of its own in UTF-8, so both ends are character boundaries.
        let token = &rest[..=len];
        let text = if escaped {
            Cow::Owned(serde_json::from_str::<String>(token).map_err(|_| self.fault("a string with a bad escape"))?)
        } else {
            Cow::Borrowed(&token[1..len])
        };
        Ok(self.token(Event::Scalar { text, plain: false }, len + 1))
    }

    fn close(&mut self, event: Event<'a>) -> Token<'a> {
        self.open.pop();
        self.after_value();
        self.token(event, 1)
    }

    fn after_value(&mut self) {
        self.expect = if self.open.is_empty() { Expect::End } else { Expect::Comma };
    }

    fn in_map(&self) -> bool {
        self.open.last() == Some(&true)
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn mark(&self) -> Mark {
        Mark { offset: u32::try_from(self.at).unwrap_or(u32::MAX), line: self.line, column: self.column }
    }

    fn token(&mut self, event: Event<'a>, len: usize) -> Token<'a> {
        let start = self.mark();
        self.advance(len);
        Token { event, start, end: self.mark().offset, anchor: 0, tag: None, block: false }
    }

    /// Steps over `len` bytes of one line.
    fn advance(&mut self, len: usize) {
        let passed = self.text.get(self.at..self.at + len).unwrap_or_default();
        self.column = self.column.saturating_add(u32::try_from(passed.chars().count()).unwrap_or(u32::MAX));
        self.at += len;
    }

    fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b'\n' => {
                    self.line = self.line.saturating_add(1);
                    self.column = 1;
                }
                b' ' | b'\t' | b'\r' => self.column = self.column.saturating_add(1),
                _ => return,
            }
            self.at += 1;
        }
    }

    fn fault(&self, message: &str) -> LexError {
        Box::new(
            Fault::new("syntax", format!("not valid JSON: {message}"))
                .hint("check quotes, commas and brackets")
                .at(Some(self.mark().place())),
        )
    }
}

/// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`
fn is_json_number(word: &str) -> bool {
    let digits = |s: &str| s.len() - s.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let mut rest = word.strip_prefix('-').unwrap_or(word);
    let whole = digits(rest);
    if whole == 0 || (whole > 1 && rest.starts_with('0')) {
        return false;
    }
    rest = &rest[whole..];
    if let Some(fraction) = rest.strip_prefix('.') {
        let len = digits(fraction);
        if len == 0 {
            return false;
        }
        rest = &fraction[len..];
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        let len = digits(exponent);
        if len == 0 {
            return false;
        }
        rest = &exponent[len..];
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lexes(text: &str) -> bool {
        let mut lexer = JsonLexer::new(text);
        loop {
            match lexer.next() {
                Ok(Some(_)) => {}
                Ok(None) => return true,
                Err(_) => return false,
            }
        }
    }

    proptest! {
        #[test]
        fn accepts_what_serde_json_accepts(text in r#"[\[\]{},: "\\a0e.+\-1\ntru]{0,12}"#) {
            // Numbers beyond f64 are refused by serde_json and, later, by the reader of scalars.
            let theirs = serde_json::from_str::<serde_json::Value>(&text);
            let out_of_range = theirs.as_ref().is_err_and(|e| e.to_string().contains("out of range"));
            prop_assert_eq!(lexes(&text), theirs.is_ok() || out_of_range, "{}", text);
        }
    }

    #[test]
    fn places_count_characters() {
        let mut lexer = JsonLexer::new("{\"算子\":\n [1, \"é\" , true]}");
        let mut places = Vec::new();
        while let Some(token) = lexer.next().unwrap() {
            places.push((token.start.line, token.start.column));
        }
        assert_eq!(places, [(1, 1), (1, 2), (2, 2), (2, 3), (2, 6), (2, 12), (2, 16), (2, 17)]);
    }
}

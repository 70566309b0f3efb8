//! Pulls typed values out of the tokens. Each method reads exactly one value; one of the wrong type is reported and passed over.

use crate::fault_log::{FaultLog, Stop, quote};
use crate::limits::MAX_KEY_BYTES;
use crate::scalar;
use crate::seen_keys::SeenKeys;
use crate::source::Source;
use crate::suggest::nearest;
use crate::token::{Event, Mark, Token};
use crate::{Fault, Place, Value};
use std::borrow::Cow;

pub(crate) struct Reader<'a> {
    source: Source<'a>,
    pub faults: FaultLog,
    peeked: Option<Token<'a>>,
}

/// A map's key. Unquoted ones are taken as they are written, also where they look like numbers.
pub(crate) struct Key<'a> {
    pub text: Cow<'a, str>,
    pub place: Place,
}

/// Where a map or list lies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extent {
    pub start: Mark,
    /// Byte offset behind it.
    pub end: u32,
    pub block: bool,
}

impl<'a> Reader<'a> {
    pub fn new(source: Source<'a>) -> Reader<'a> {
        Reader { source, faults: FaultLog::default(), peeked: None }
    }

    /// The next token; a text that ends within a value has been refused by the lexer, so there is one.
    pub fn next(&mut self) -> Result<Token<'a>, Stop> {
        match self.try_next()? {
            Some(token) => Ok(token),
            None => {
                let place = self.source.place();
                Err(self.faults.stop(Fault::new("syntax", "the text ends too early").at(Some(place))))
            }
        }
    }

    /// `None` at the end of the text.
    pub fn try_next(&mut self) -> Result<Option<Token<'a>>, Stop> {
        match self.peeked.take() {
            Some(token) => Ok(Some(token)),
            None => self.source.next(&mut self.faults),
        }
    }

    /// The place of the next token; `None` at the end of the text.
    pub fn peek_or_end(&mut self) -> Result<Option<Place>, Stop> {
        self.peeked = self.try_next()?;
        Ok(self.peeked.as_ref().map(Token::place))
    }

    fn peek(&mut self) -> Result<&Token<'a>, Stop> {
        let token = self.next()?;
        Ok(self.peeked.insert(token))
    }

    /// Where the next value begins.
    pub fn place(&mut self) -> Result<Place, Stop> {
        Ok(self.peek()?.place())
    }

    /// Passes over one value.
    pub fn skip(&mut self) -> Result<(), Stop> {
        let token = self.next()?;
        self.skip_rest_of(&token)
    }

    fn skip_rest_of(&mut self, token: &Token<'a>) -> Result<(), Stop> {
        let mut open = usize::from(token.opens());
        while open > 0 {
            let token = self.next()?;
            if token.opens() {
                open += 1;
            } else if token.closes() {
                open -= 1;
            }
        }
        Ok(())
    }

    fn wrong_type(&mut self, token: &Token<'a>, what: &str, expected: &str, hint: &str) -> Result<(), Stop> {
        let found = match &token.event {
            Event::Broken => return Ok(()),
            Event::MapStart => "a map".to_owned(),
            Event::ListStart => "a list".to_owned(),
            Event::Scalar { text, plain } => match scalar::resolve(text, *plain) {
                Ok(Value::Null) => "nothing".to_owned(),
                Ok(value) => format!("the {} {}", value.type_name(), quote(text)),
                Err(_) => format!("the number {}", quote(text)),
            },
            _ => "something else".to_owned(),
        };
        let fault = Fault::new("wrong_type", format!("{what} must be {expected}, found {found}"));
        // What fits a wrong scalar doesn't fit a whole map.
        let is_scalar = matches!(token.event, Event::Scalar { .. });
        let hint = if is_scalar || expected == "a map" || expected == "a list" { hint } else { "write a single value" };
        self.faults.push(fault.hint(hint).at(Some(token.place())));
        self.skip_rest_of(token)
    }

    /// Reads a map, calling `entry` for each key; it must read exactly one value. Null is an empty map (`None`).
    /// Duplicate keys are reported and passed over, as are keys that are no text.
    pub fn map(
        &mut self,
        what: &str,
        entry: &mut dyn FnMut(&mut Reader<'a>, Key<'a>) -> Result<(), Stop>,
    ) -> Result<Option<Extent>, Stop> {
        let first = self.next()?;
        match &first.event {
            Event::MapStart => Ok(Some(self.rest_of_map(&first, entry)?)),
            Event::Scalar { text, plain } if scalar::resolve(text, *plain) == Ok(Value::Null) => Ok(None),
            _ => {
                self.wrong_type(&first, what, "a map", "write `key: value` lines below it")?;
                Ok(None)
            }
        }
    }

    fn rest_of_map(
        &mut self,
        first: &Token<'a>,
        entry: &mut dyn FnMut(&mut Reader<'a>, Key<'a>) -> Result<(), Stop>,
    ) -> Result<Extent, Stop> {
        let mut seen = SeenKeys::default();
        loop {
            let token = self.next()?;
            if matches!(token.event, Event::MapEnd) {
                return Ok(Extent { start: first.start, end: token.end, block: first.block });
            }
            match self.key(token)? {
                Some(key) => match seen.first_place(&key) {
                    None => entry(self, key)?,
                    Some(before) => {
                        self.faults.push(
                            Fault::new("duplicate_key", format!("the key {} stands twice", quote(&key.text)))
                                .hint(format!("it stands first on line {}, column {}", before.line, before.column))
                                .at(Some(key.place)),
                        );
                        self.skip()?;
                    }
                },
                None => self.skip()?,
            }
        }
    }

    fn key(&mut self, token: Token<'a>) -> Result<Option<Key<'a>>, Stop> {
        let place = token.place();
        let fault = match &token.event {
            Event::Scalar { text, plain: true } if text == "<<" => {
                Fault::new("merge_key", "merge keys (`<<`) are not allowed").hint("write the keys out")
            }
            // The YAML parser writes `~` for a key that isn't there.
            Event::Scalar { text, plain: true } if text.is_empty() || text == "~" => {
                Fault::new("key_type", "a key is missing before `:`").hint("write `\"\"` for the empty key")
            }
            Event::Scalar { text, .. } if text.len() > MAX_KEY_BYTES => {
                Fault::new("key_type", format!("a key of {} bytes; {MAX_KEY_BYTES} are allowed", text.len()))
            }
            Event::Scalar { .. } => {
                return Ok(match token.event {
                    Event::Scalar { text, .. } => Some(Key { text, place }),
                    _ => None,
                });
            }
            Event::Broken => return Ok(None),
            _ => Fault::new("key_type", "a map or list stands as a key").hint("keys are text; quote it if it is one"),
        };
        self.faults.push(fault.at(Some(place)));
        self.skip_rest_of(&token)?;
        Ok(None)
    }

    /// Reads a list, calling `item` before each item; it must read exactly one value. Null is an empty list.
    pub fn list(
        &mut self,
        what: &str,
        item: &mut dyn FnMut(&mut Reader<'a>) -> Result<(), Stop>,
    ) -> Result<Option<Extent>, Stop> {
        let first = self.next()?;
        match &first.event {
            Event::ListStart => loop {
                let token = self.peek()?;
                if matches!(token.event, Event::ListEnd) {
                    let end = token.end;
                    self.next()?;
                    return Ok(Some(Extent { start: first.start, end, block: first.block }));
                }
                item(self)?;
            },
            Event::Scalar { text, plain } if scalar::resolve(text, *plain) == Ok(Value::Null) => Ok(None),
            _ => {
                self.wrong_type(&first, what, "a list", "write `[a, b]`, or `- a` lines below it")?;
                Ok(None)
            }
        }
    }

    /// Any value. Recursion is safe here: the source has bounded the depth.
    pub fn value(&mut self) -> Result<Value, Stop> {
        let token = self.next()?;
        match &token.event {
            Event::MapStart => {
                let mut entries = Vec::new();
                self.rest_of_map(&token, &mut |r, key| {
                    let value = r.value()?;
                    entries.push((key.text.into_owned(), value));
                    Ok(())
                })?;
                entries.shrink_to_fit();
                Ok(Value::Map(entries))
            }
            Event::ListStart => {
                let mut items = Vec::new();
                while !matches!(self.peek()?.event, Event::ListEnd) {
                    items.push(self.value()?);
                }
                self.next()?;
                items.shrink_to_fit();
                Ok(Value::List(items))
            }
            Event::Scalar { .. } => Ok(self.resolve(&token).unwrap_or(Value::Null)),
            _ => Ok(Value::Null),
        }
    }

    /// The value of a scalar token; `None` if it is none, or a number beyond range, which is reported.
    fn resolve(&mut self, token: &Token<'a>) -> Option<Value> {
        let Event::Scalar { text, plain } = &token.event else { return None };
        match scalar::resolve(text, *plain) {
            Ok(value) => Some(value),
            Err(_) => {
                self.faults.push(
                    Fault::new("number_range", format!("the number {} does not fit into 64 bits", quote(text)))
                        .hint("quote it if it is a text")
                        .at(Some(token.place())),
                );
                None
            }
        }
    }

    /// A text; null is none.
    pub fn string(&mut self, what: &str) -> Result<Option<String>, Stop> {
        self.typed(what, "a text", "write it in quotes", |value| match value {
            Value::Str(text) => Some(text),
            _ => None,
        })
    }

    /// An operator's id, taken as it is written, also where it looks like a number.
    pub fn id(&mut self, what: &str) -> Result<Option<Key<'a>>, Stop> {
        let token = self.next()?;
        let place = token.place();
        match &token.event {
            Event::Scalar { text, plain } if scalar::resolve(text, *plain) != Ok(Value::Null) => {
                Ok(Some(Key { text: text.clone(), place }))
            }
            _ => {
                self.wrong_type(&token, what, "an operator's id", "write the id as it stands in `operator_details`")?;
                Ok(None)
            }
        }
    }

    pub fn bool(&mut self, what: &str) -> Result<Option<bool>, Stop> {
        self.typed(what, "true or false", "write `true` or `false`", |value| match value {
            Value::Bool(flag) => Some(flag),
            _ => None,
        })
    }

    /// A whole number within `range`.
    pub fn int(&mut self, what: &str, range: std::ops::RangeInclusive<i64>) -> Result<Option<i64>, Stop> {
        let place = self.place()?;
        let found = self.typed(what, "a whole number", "write it without quotes or point", |value| match value {
            Value::Int(n) => Some(n),
            _ => None,
        })?;
        Ok(match found {
            Some(n) if !range.contains(&n) => {
                self.out_of_range(what, &n.to_string(), &format!("{} to {}", range.start(), range.end()), place);
                None
            }
            found => found,
        })
    }

    /// A finite number.
    pub fn number(&mut self, what: &str) -> Result<Option<f64>, Stop> {
        let place = self.place()?;
        let found = self.typed(what, "a number", "write it without quotes", |value| match value {
            Value::Int(n) => Some(n as f64),
            Value::Float(f) => Some(f),
            _ => None,
        })?;
        Ok(match found {
            Some(f) if !f.is_finite() => {
                self.out_of_range(what, &f.to_string(), "a finite number", place);
                None
            }
            found => found,
        })
    }

    /// A number, or a text that `parse` understands (`30s`, `2g`).
    pub fn quantity(
        &mut self,
        what: &str,
        examples: &str,
        parse: impl Fn(&str) -> Option<f64>,
        scale: f64,
    ) -> Result<Option<f64>, Stop> {
        self.typed(what, examples, &format!("write {examples}"), |value| match value {
            Value::Int(n) => Some(n as f64 * scale),
            Value::Float(f) => Some(f * scale),
            Value::Str(text) => parse(&text),
            _ => None,
        })
    }

    pub fn out_of_range(&mut self, what: &str, found: &str, allowed: &str, place: Place) {
        self.faults.push(
            Fault::new("out_of_range", format!("{what} is {found}, out of its range"))
                .hint(format!("allowed: {allowed}"))
                .at(Some(place)),
        );
    }

    fn typed<T>(
        &mut self,
        what: &str,
        expected: &str,
        hint: &str,
        convert: impl FnOnce(Value) -> Option<T>,
    ) -> Result<Option<T>, Stop> {
        let token = self.next()?;
        if let Event::Scalar { .. } = token.event {
            match self.resolve(&token) {
                None | Some(Value::Null) => return Ok(None),
                Some(value) => {
                    if let Some(found) = convert(value) {
                        return Ok(Some(found));
                    }
                }
            }
        }
        self.wrong_type(&token, what, expected, hint)?;
        Ok(None)
    }

    /// Warns of unknown keys that look like misspelled known ones. `known` without those that were present.
    pub fn warn_misspelled(&mut self, unknown: &[(String, Place)], known: &[&str], present: &[&str]) {
        for (key, place) in unknown {
            let absent = known.iter().copied().filter(|k| !present.contains(k));
            if let Some(meant) = nearest(key, absent) {
                self.faults.push(
                    Fault::new("unknown_key", format!("the key {} is not known and has no effect", quote(key)))
                        .hint(format!("did you mean `{meant}`?"))
                        .at(Some(*place))
                        .warning(),
                );
            }
        }
    }
}

//! Values as they go to a server and come back.

use suanzi_store::CacheKey;
use suanzi_store::implementing::Word;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Value {
    /// About how many bytes it takes on the wire.
    pub(crate) fn size(&self) -> usize {
        match self {
            Value::Text(text) => text.len() + 8,
            Value::Bytes(bytes) => bytes.len() + 8,
            _ => 9,
        }
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Int(number)
    }
}

/// By its bits; [`Row::unsigned`] is the way back.
impl From<u64> for Value {
    fn from(number: u64) -> Value {
        Value::Int(number as i64)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Value {
        Value::Int(i64::from(number))
    }
}

impl From<u16> for Value {
    fn from(number: u16) -> Value {
        Value::Int(i64::from(number))
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Value {
        Value::Int(i64::from(flag))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_string())
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Value {
        Value::Text(text.clone())
    }
}

impl From<&Vec<u8>> for Value {
    fn from(bytes: &Vec<u8>) -> Value {
        Value::Bytes(bytes.clone())
    }
}

impl From<&CacheKey> for Value {
    fn from(key: &CacheKey) -> Value {
        Value::Bytes(key.0.to_vec())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}

/// A list of [`Value`]s from whatever has one.
macro_rules! values {
    ($($value:expr),* $(,)?) => { [$($crate::value::Value::from($value)),*] };
}
pub(crate) use values;

/// Why a row can't be read: of a newer version, or changed by hand.
pub(crate) type Read<T> = Result<T, String>;

#[derive(Debug)]
pub(crate) struct Row(pub Vec<Value>);

impl Row {
    fn wrong<T>(&self, column: usize) -> Read<T> {
        let kind = match self.0.get(column) {
            None => "absent",
            Some(Value::Null) => "NULL",
            Some(Value::Int(_)) => "a number",
            Some(Value::Text(_) | Value::Bytes(_)) => "text or bytes",
        };
        Err(format!("column {column} is {kind} or out of range"))
    }

    pub(crate) fn int(&self, column: usize) -> Read<i64> {
        match self.0.get(column) {
            Some(Value::Int(number)) => Ok(*number),
            _ => self.wrong(column),
        }
    }

    pub(crate) fn number<T: TryFrom<i64>>(&self, column: usize) -> Read<T> {
        T::try_from(self.int(column)?).or_else(|_| self.wrong(column))
    }

    pub(crate) fn unsigned(&self, column: usize) -> Read<u64> {
        Ok(self.int(column)? as u64)
    }

    pub(crate) fn flag(&self, column: usize) -> Read<bool> {
        Ok(self.int(column)? != 0)
    }

    pub(crate) fn text(&self, column: usize) -> Read<String> {
        match self.0.get(column) {
            Some(Value::Text(text)) => Ok(text.clone()),
            Some(Value::Bytes(bytes)) => String::from_utf8(bytes.clone()).or_else(|_| self.wrong(column)),
            _ => self.wrong(column),
        }
    }

    pub(crate) fn bytes(&self, column: usize) -> Read<Vec<u8>> {
        match self.0.get(column) {
            Some(Value::Bytes(bytes)) => Ok(bytes.clone()),
            _ => self.wrong(column),
        }
    }

    pub(crate) fn hash(&self, column: usize) -> Read<CacheKey> {
        Ok(CacheKey(self.bytes(column)?.try_into().or_else(|_| self.wrong(column))?))
    }

    pub(crate) fn state<T: Word>(&self, column: usize) -> Read<T> {
        let word = self.text(column)?;
        T::from_word(&word).ok_or_else(|| format!("unknown state {word:?}"))
    }

    /// What `read` reads, or `None` for NULL.
    pub(crate) fn optional<T>(&self, column: usize, read: impl Fn(&Row, usize) -> Read<T>) -> Read<Option<T>> {
        match self.0.get(column) {
            Some(Value::Null) => Ok(None),
            _ => read(self, column).map(Some),
        }
    }
}

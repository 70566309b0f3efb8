//! How Rust values look in columns: states as words, unsigned 64-bit numbers by their bits, hashes as 32 bytes.

use rusqlite::Row;
use rusqlite::types::Type;

use crate::CacheKey;
pub(super) use crate::word::Word;

/// Reads a state; an unknown word is a conversion failure, which quarantines the row.
pub(super) fn state<T: Word>(row: &Row, column: usize) -> rusqlite::Result<T> {
    let word = row.get_ref(column)?.as_str()?;
    T::from_word(word).ok_or_else(|| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, format!("unknown state {word:?}").into())
    })
}

/// An unsigned number as SQLite keeps it; [`unsigned`] is the way back, exact for all 64 bits.
pub(super) fn signed(number: u64) -> i64 {
    number as i64
}

pub(super) fn unsigned(row: &Row, column: usize) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>(column)? as u64)
}

pub(super) fn optional_unsigned(row: &Row, column: usize) -> rusqlite::Result<Option<u64>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(|number| number as u64))
}

impl rusqlite::ToSql for CacheKey {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        self.0.as_slice().to_sql()
    }
}

//! Content ids: what a table holds, as one hash.

use std::path::Path;

use arrow_array::ArrayRef;
use arrow_schema::{Field, Schema};

use crate::canonical::{Stream, write_column};
use crate::error::{Flaw, guard};
use crate::type_name::{logical, type_name};
use crate::{ArtifactError, Table};

/// Names the format of what is hashed. A change of the canonical form must change it: ids are compared across versions.
const CONTENT_FORMAT: &str = "suanzi table 1";
const LAYOUT_FORMAT: &str = "suanzi layout 1";

/// The content id of a table file: BLAKE3, in hex, over column names, logical types and values.
///
/// Two files have the same id exactly if they hold the same table: not how it is cut into batches, padded, or encoded
/// (dictionary or plain, `string` or `large_string`), nor nullability, metadata, or bytes under nulls. `-0.0` is not
/// `0.0`; all NaNs are one. What a reader could still tell apart is in [`layout_id`].
///
/// # Errors
/// As [`Table::open`].
pub fn content_id(path: &Path) -> Result<String, ArtifactError> {
    let table = Table::open(path)?;
    guard(path, || {
        let columns = table.columns()?;
        id_of(table.schema(), table.rows(), &columns)
    })
}

/// The id of a table's layout: the stored types (a dictionary is not its values here) and the metadata of schema and
/// columns. A table with the same content id and another layout id can still read as other pandas dtypes.
pub fn layout_id(schema: &Schema) -> String {
    let mut out = Stream::hashing();
    out.put_text(LAYOUT_FORMAT);
    put_metadata(&mut out, schema.metadata().iter());
    for field in schema.fields() {
        put_field(&mut out, field);
    }
    out.digest().to_hex().to_string()
}

fn put_field(out: &mut Stream, field: &Field) {
    out.put_text(field.name());
    out.put_text(&type_name(field.data_type()));
    out.put(&[u8::from(field.dict_is_ordered().unwrap_or(false))]);
    put_metadata(out, field.metadata().iter());
}

fn put_metadata<'a>(out: &mut Stream, pairs: impl Iterator<Item = (&'a String, &'a String)>) {
    let mut pairs: Vec<_> = pairs.collect();
    pairs.sort();
    out.put_length(pairs.len());
    for (key, value) in pairs {
        out.put_text(key);
        out.put_text(value);
    }
}

/// The id of a decoded table.
pub(crate) fn id_of(schema: &Schema, rows: u64, columns: &[Vec<ArrayRef>]) -> Result<String, Flaw> {
    let digests = columns.iter().map(|parts| column_digest(parts)).collect::<Result<Vec<_>, _>>()?;
    Ok(id_from_digests(schema, rows, &digests))
}

/// The digest of one column's values.
pub(crate) fn column_digest(parts: &[ArrayRef]) -> Result<blake3::Hash, Flaw> {
    let mut out = Stream::hashing();
    write_column(&mut out, parts)?;
    Ok(out.digest())
}

/// The id of a table whose columns have been hashed one by one.
pub(crate) fn id_from_digests(schema: &Schema, rows: u64, digests: &[blake3::Hash]) -> String {
    let mut out = Stream::hashing();
    out.put_text(CONTENT_FORMAT);
    out.put(&rows.to_le_bytes());
    out.put(&(digests.len() as u64).to_le_bytes());
    for (field, digest) in schema.fields().iter().zip(digests) {
        out.put_text(field.name());
        out.put_text(&type_name(&logical(field.data_type())));
        out.put(digest.as_bytes());
    }
    out.digest().to_hex().to_string()
}

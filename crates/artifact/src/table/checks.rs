//! Checks on the index of an Arrow IPC file, before any of it is decoded.
//!
//! The decoder checks types, offsets and text. These checks come first and see to two more things: that no length in
//! the file makes it panic, and that the work a file causes stays in proportion to its size (buffers that all point at
//! the same bytes, or 2^60 rows of nothing, would make a small file a large task).

use arrow_buffer::Buffer;
use arrow_ipc::{Block, MessageHeader, RecordBatch};
use arrow_schema::{DataType, Schema};

use crate::error::Flaw;

/// Rows any file may have, however small: columns without content (all null) take no bytes.
const MIN_ROWS_LIMIT: u64 = 16 * 1024 * 1024;
/// The densest column is a bit map.
const ROWS_PER_BYTE: u64 = 8;
/// Widest value of a column of fixed-width values: bytes, or items of a fixed-size list.
const MAX_FIXED_WIDTH: i32 = 16 * 1024 * 1024;
/// Deepest nesting of lists, structs and maps.
const MAX_NESTING: usize = 32;
/// Bytes before a message's own content: a marker and the length.
const MESSAGE_PREFIX_BYTES: usize = 8;
const CONTINUATION_MARKER: [u8; 4] = [0xff; 4];

/// Most rows a file of this many bytes may claim.
fn rows_limit(file_bytes: usize) -> u64 {
    (file_bytes as u64).saturating_mul(ROWS_PER_BYTE).max(MIN_ROWS_LIMIT)
}

/// Widths and nesting of a schema.
pub(super) fn schema(schema: &Schema) -> Result<(), Flaw> {
    schema.fields().iter().try_for_each(|field| data_type(field.data_type(), 0))
}

fn data_type(data_type_: &DataType, depth: usize) -> Result<(), Flaw> {
    use DataType::*;
    if depth > MAX_NESTING {
        return Err(Flaw::TooLarge { what: "nesting of types".into(), limit: MAX_NESTING as u64 });
    }
    match data_type_ {
        FixedSizeBinary(width) | FixedSizeList(_, width) if !(0..=MAX_FIXED_WIDTH).contains(width) => {
            Err(Flaw::malformed(format!("a fixed width of {width} is not between 0 and {MAX_FIXED_WIDTH}")))
        }
        List(item) | LargeList(item) | ListView(item) | LargeListView(item) | FixedSizeList(item, _) | Map(item, _) => {
            data_type(item.data_type(), depth + 1)
        }
        Struct(fields) => fields.iter().try_for_each(|field| data_type(field.data_type(), depth + 1)),
        Union(fields, _) => fields.iter().try_for_each(|(_, field)| data_type(field.data_type(), depth + 1)),
        Dictionary(_, value) => data_type(value, depth + 1),
        RunEndEncoded(_, values) => data_type(values.data_type(), depth + 1),
        _ => Ok(()),
    }
}

/// Start and length of a block, in bytes from the start of the file.
pub(super) fn extent(block: &Block) -> Result<(usize, usize), Flaw> {
    let part = |value: i64| usize::try_from(value).map_err(|_| Flaw::malformed("a batch has a negative place"));
    let (offset, head, body) = (part(block.offset())?, part(block.metaDataLength().into())?, part(block.bodyLength())?);
    let length = head.checked_add(body).ok_or_else(|| Flaw::malformed("a batch is longer than memory"))?;
    if head < MESSAGE_PREFIX_BYTES {
        return Err(Flaw::malformed("a batch has no header"));
    }
    Ok((offset, length))
}

/// All blocks lie before the footer, and together are no longer than the file.
pub(super) fn blocks(batches: &[Block], dictionaries: &[Block], footer_start: usize) -> Result<(), Flaw> {
    let mut total = 0_usize;
    for block in batches.iter().chain(dictionaries) {
        let (offset, length) = extent(block)?;
        if offset.checked_add(length).is_none_or(|end| end > footer_start) {
            return Err(Flaw::malformed("a batch lies outside the file"));
        }
        total = total.saturating_add(length);
    }
    if total > footer_start {
        return Err(Flaw::malformed("its batches overlap"));
    }
    Ok(())
}

/// Checks one message's header against its body; answers its number of rows.
pub(super) fn message(data: &Buffer, block: &Block, file_bytes: usize) -> Result<u64, Flaw> {
    let head_bytes = usize::try_from(block.metaDataLength()).unwrap_or(0).min(data.len());
    let head = &data[..head_bytes];
    let content = match head.strip_prefix(&CONTINUATION_MARKER) {
        Some(rest) => rest.get(4..),
        None => head.get(4..),
    };
    let content = content.ok_or_else(|| Flaw::malformed("a batch has no header"))?;
    let message = arrow_ipc::root_as_message(content)
        .map_err(|error| Flaw::malformed(format!("the header of a batch is damaged: {error}")))?;
    let batch = match message.header_type() {
        MessageHeader::RecordBatch => message.header_as_record_batch(),
        MessageHeader::DictionaryBatch => message.header_as_dictionary_batch().and_then(|batch| batch.data()),
        _ => None,
    };
    let batch = batch.ok_or_else(|| Flaw::malformed("a batch has no content"))?;
    if batch.compression().is_some() {
        return Err(Flaw::malformed("it is compressed; tables are stored uncompressed so that they can be mapped"));
    }
    lengths(batch, data.len() - head_bytes, file_bytes)
}

/// Lengths of rows, nodes and buffers of one batch.
fn lengths(batch: RecordBatch<'_>, body_bytes: usize, file_bytes: usize) -> Result<u64, Flaw> {
    let limit = rows_limit(file_bytes);
    let rows = |value: i64| match u64::try_from(value) {
        Ok(rows) if rows <= limit => Ok(rows),
        Ok(rows) => Err(Flaw::malformed(format!("{rows} rows do not fit a file of {file_bytes} bytes"))),
        Err(_) => Err(Flaw::malformed("a length is negative")),
    };
    for node in batch.nodes().into_iter().flatten() {
        if rows(node.null_count())? > rows(node.length())? {
            return Err(Flaw::malformed("a column has more nulls than rows"));
        }
    }
    let mut total = 0_u64;
    for buffer in batch.buffers().into_iter().flatten() {
        let (offset, length) = (u64::try_from(buffer.offset()), u64::try_from(buffer.length()));
        let (Ok(offset), Ok(length)) = (offset, length) else {
            return Err(Flaw::malformed("a buffer has a negative place"));
        };
        if offset.checked_add(length).is_none_or(|end| end > body_bytes as u64) {
            return Err(Flaw::malformed("a buffer lies outside its batch"));
        }
        total = total.saturating_add(length);
    }
    if total > body_bytes as u64 {
        return Err(Flaw::malformed("its buffers overlap"));
    }
    rows(batch.length())
}

/// The sum over all batches, against the same limit as each.
pub(super) fn total_rows(batch_rows: &[u64], file_bytes: usize) -> Result<(), Flaw> {
    let total = batch_rows.iter().fold(0_u64, |sum, rows| sum.saturating_add(*rows));
    match total > rows_limit(file_bytes) {
        true => Err(Flaw::malformed(format!("{total} rows do not fit a file of {file_bytes} bytes"))),
        false => Ok(()),
    }
}

//! Reads the index at the end of an Arrow IPC file, believing nothing in it.

use std::sync::Arc;

use arrow_buffer::Buffer;
use arrow_ipc::reader::{FileDecoder, read_footer_length};
use arrow_ipc::{Block, Endianness};
use arrow_schema::SchemaRef;

use super::checks;
use crate::error::Flaw;

/// What every Arrow IPC file begins with.
const MAGIC: &[u8] = b"ARROW1";
/// The magic and its padding.
const HEAD_BYTES: usize = 8;
/// Length of the footer and the magic again.
const TAIL_BYTES: usize = 10;

pub(super) struct Index {
    pub schema: SchemaRef,
    pub decoder: FileDecoder,
    pub blocks: Vec<Block>,
    pub batch_rows: Vec<u64>,
}

/// Finds schema, dictionaries and batches, and checks that every reference stays inside the file.
pub(super) fn read(bytes: &Buffer) -> Result<Index, Flaw> {
    if bytes.len() < HEAD_BYTES + TAIL_BYTES || !bytes.starts_with(MAGIC) {
        return Err(Flaw::malformed(format!("{} bytes that do not begin as an Arrow file", bytes.len())));
    }
    let tail_start = bytes.len() - TAIL_BYTES;
    let tail = bytes[tail_start..].try_into().map_err(|_| Flaw::malformed("it has no tail"))?;
    let footer_bytes = read_footer_length(tail)
        .map_err(|_| Flaw::malformed("it does not end as an Arrow file: it was cut short or is still being written"))?;
    let footer_start = tail_start
        .checked_sub(footer_bytes)
        .filter(|start| *start >= HEAD_BYTES)
        .ok_or_else(|| Flaw::malformed("its footer is longer than the file"))?;
    let footer = arrow_ipc::root_as_footer(&bytes[footer_start..tail_start])
        .map_err(|error| Flaw::malformed(format!("its footer is damaged: {error}")))?;

    let schema = footer.schema().ok_or_else(|| Flaw::malformed("it has no schema"))?;
    if schema.endianness() != Endianness::Little || cfg!(target_endian = "big") {
        return Err(Flaw::malformed("it is written for another byte order"));
    }
    let schema = Arc::new(arrow_ipc::convert::try_fb_to_schema(schema)?);
    checks::schema(&schema)?;

    let blocks: Vec<Block> = footer.recordBatches().into_iter().flatten().copied().collect();
    let dictionaries: Vec<Block> = footer.dictionaries().into_iter().flatten().copied().collect();
    checks::blocks(&blocks, &dictionaries, footer_start)?;

    let mut decoder = FileDecoder::new(schema.clone(), footer.version());
    for block in &dictionaries {
        let data = block_bytes(bytes, block)?;
        checks::message(&data, block, bytes.len())?;
        decoder.read_dictionary(block, &data)?;
    }
    let mut batch_rows = Vec::with_capacity(blocks.len());
    for block in &blocks {
        batch_rows.push(checks::message(&block_bytes(bytes, block)?, block, bytes.len())?);
    }
    checks::total_rows(&batch_rows, bytes.len())?;
    Ok(Index { schema, decoder, blocks, batch_rows })
}

/// The bytes of one block: its header and its body.
pub(super) fn block_bytes(bytes: &Buffer, block: &Block) -> Result<Buffer, Flaw> {
    let (offset, length) = checks::extent(block)?;
    match offset.checked_add(length) {
        Some(end) if end <= bytes.len() => Ok(bytes.slice_with_length(offset, length)),
        _ => Err(Flaw::malformed("a batch lies outside the file")),
    }
}

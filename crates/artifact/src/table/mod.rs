//! A table in an Arrow IPC file: opened by mapping, decoded batch by batch without copying the columns.

mod checks;
mod footer;

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_buffer::Buffer;
use arrow_ipc::Block;
use arrow_ipc::reader::FileDecoder;
use arrow_schema::SchemaRef;

use crate::ArtifactError;
use crate::error::{Flaw, guard};

/// Below this size a file is read instead of mapped: as fast, and nobody can change or shorten what was checked.
const MAP_FROM_BYTES: u64 = 1024 * 1024;

/// An opened table. Its bytes were checked on opening as far as the file's own index goes; a batch's content is
/// checked when the batch is decoded.
///
/// A published artifact is immutable; a mapping relies on that. Whoever shortens a mapped file ends the reader with a
/// `SIGBUS`, as with every memory map, so workers write under another name and rename.
#[derive(Debug)]
pub struct Table {
    path: PathBuf,
    bytes: Buffer,
    schema: SchemaRef,
    decoder: FileDecoder,
    blocks: Vec<Block>,
    /// Rows of each batch, from the batches' headers.
    batch_rows: Vec<u64>,
}

impl Table {
    /// Opens a table file.
    ///
    /// # Errors
    /// [`ArtifactError::NotFound`], [`ArtifactError::Io`], or [`ArtifactError::Malformed`] for anything that is not a
    /// complete, uncompressed Arrow IPC file.
    pub fn open(path: &Path) -> Result<Self, ArtifactError> {
        // Not blocking: a named pipe in the file's place must not hang the reader.
        let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or(0);
        let file = File::options().read(true).custom_flags(flags).open(path).map_err(|e| ArtifactError::io(path, e))?;
        Self::from_file(file, path)
    }

    /// Opens a table from a file that is already open; `path` only serves messages.
    ///
    /// # Errors
    /// As [`Table::open`].
    pub fn from_file(mut file: File, path: &Path) -> Result<Self, ArtifactError> {
        let io = |e| ArtifactError::io(path, e);
        let metadata = file.metadata().map_err(io)?;
        if !metadata.is_file() {
            return Err(Flaw::malformed("it is not a regular file").at(path));
        }
        let bytes = if metadata.len() < MAP_FROM_BYTES {
            let mut content = Vec::new();
            file.by_ref().take(MAP_FROM_BYTES).read_to_end(&mut content).map_err(io)?;
            Buffer::from_vec(content)
        } else {
            map(&file).map_err(io)?
        };
        Self::from_buffer(bytes, path)
    }

    /// Opens a table held in memory; `path` only serves messages.
    ///
    /// # Errors
    /// [`ArtifactError::Malformed`] or [`ArtifactError::TooLarge`].
    pub fn from_bytes(bytes: Vec<u8>, path: &Path) -> Result<Self, ArtifactError> {
        Self::from_buffer(Buffer::from_vec(bytes), path)
    }

    fn from_buffer(bytes: Buffer, path: &Path) -> Result<Self, ArtifactError> {
        guard(path, || {
            let index = footer::read(&bytes)?;
            Ok(Self {
                path: path.to_owned(),
                bytes,
                schema: index.schema,
                decoder: index.decoder,
                blocks: index.blocks,
                batch_rows: index.batch_rows,
            })
        })
    }

    /// Where the table was opened.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its columns.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Number of rows, without reading them.
    pub fn rows(&self) -> u64 {
        self.batch_rows.iter().sum()
    }

    /// Size of the file, in bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// Decodes and checks one batch. Its columns borrow from the file where the file aligns them.
    pub(crate) fn batch(&self, index: usize) -> Result<RecordBatch, Flaw> {
        let block = self.blocks.get(index).ok_or_else(|| Flaw::malformed(format!("it has no batch {index}")))?;
        let data = footer::block_bytes(&self.bytes, block)?;
        let batch = self.decoder.read_record_batch(block, &data)?;
        let batch = batch.ok_or_else(|| Flaw::malformed(format!("batch {index} is empty")))?;
        if Some(batch.num_rows() as u64) != self.batch_rows.get(index).copied() {
            return Err(Flaw::malformed(format!("batch {index} has another length than its header says")));
        }
        Ok(batch)
    }

    /// Rows of each batch.
    pub(crate) fn batch_rows(&self) -> &[u64] {
        &self.batch_rows
    }

    /// All columns, each as the list of its parts in the batches.
    pub(crate) fn columns(&self) -> Result<Vec<Vec<ArrayRef>>, Flaw> {
        let mut columns: Vec<Vec<ArrayRef>> = vec![Vec::with_capacity(self.blocks.len()); self.schema.fields().len()];
        for index in 0..self.blocks.len() {
            let batch = self.batch(index)?;
            for (column, part) in columns.iter_mut().zip(batch.columns()) {
                column.push(part.clone());
            }
        }
        Ok(columns)
    }
}

/// Maps a file into memory as an Arrow buffer that keeps the mapping alive.
fn map(file: &File) -> std::io::Result<Buffer> {
    // SAFETY: the mapping is read-only and private. That nobody rewrites the file meanwhile is the store's contract:
    // artifacts are written under a temporary name, renamed once, and never opened for writing again.
    let mapping = unsafe { memmap2::MmapOptions::new().map(file)? };
    let length = mapping.len();
    let start = std::ptr::NonNull::new(mapping.as_ptr().cast_mut())
        .ok_or_else(|| std::io::Error::other("the system mapped the file at address zero"))?;
    // SAFETY: `start` is valid for `length` bytes as long as `mapping` lives, and the buffer owns it.
    Ok(unsafe { Buffer::from_custom_allocation(start, length, Arc::new(mapping)) })
}

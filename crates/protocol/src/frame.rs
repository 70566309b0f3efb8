//! Cuts a byte stream into frames and turns frames into values and back.

use crate::MAX_FRAME_BYTES;
use serde::Serialize;
use serde::de::DeserializeOwned;

const LENGTH_BYTES: usize = 4;
const READ_BYTES: usize = 16 << 10;
/// A buffer that grew for one large frame is given back once it is empty.
const KEEP_BYTES: usize = 1 << 20;

/// Why a frame can't be read or written. The stream is unusable afterwards.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    #[error("a frame of {0} bytes is longer than {MAX_FRAME_BYTES}")]
    TooLong(usize),
    #[error("not a frame of this protocol: {0}")]
    Malformed(#[from] rmp_serde::decode::Error),
    #[error("{0} bytes follow the frame's map")]
    TrailingBytes(usize),
    #[error("the frame can't be written: {0}")]
    Unwritable(#[from] rmp_serde::encode::Error),
}

/// Appends `frame` with its length to `out`; on error `out` is as before.
pub fn encode<T: Serialize>(frame: &T, out: &mut Vec<u8>) -> Result<(), FrameError> {
    let start = out.len();
    out.extend_from_slice(&[0; LENGTH_BYTES]);
    if let Err(error) = rmp_serde::encode::write_named(out, frame) {
        out.truncate(start);
        return Err(error.into());
    }
    let length = out.len() - start - LENGTH_BYTES;
    if length > MAX_FRAME_BYTES {
        out.truncate(start);
        return Err(FrameError::TooLong(length));
    }
    out[start..start + LENGTH_BYTES].copy_from_slice(&(length as u32).to_be_bytes());
    Ok(())
}

/// Reads a frame's body (without its length).
pub fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, FrameError> {
    let mut rest = body;
    let frame = rmp_serde::from_read(&mut rest)?;
    if rest.is_empty() { Ok(frame) } else { Err(FrameError::TrailingBytes(rest.len())) }
}

/// Bytes read from a socket, given out as whole frames. Reused for the life of a connection.
#[derive(Debug, Default)]
pub struct FrameBuffer {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
}

impl FrameBuffer {
    pub fn new() -> FrameBuffer {
        FrameBuffer::default()
    }

    /// Room to read into; tell [`FrameBuffer::filled`] how much was.
    pub fn space(&mut self) -> &mut [u8] {
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
            if self.bytes.len() > KEEP_BYTES {
                self.bytes = Vec::new();
            }
        } else if self.start > 0 && self.bytes.len() - self.end < READ_BYTES {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.bytes.len() - self.end < READ_BYTES {
            let grown = (self.bytes.len() * 2).max(self.end + READ_BYTES);
            self.bytes.resize(grown, 0);
        }
        &mut self.bytes[self.end..]
    }

    /// Counts `count` bytes, at most the length of the last [`FrameBuffer::space`], as read.
    pub fn filled(&mut self, count: usize) {
        self.end = (self.end + count).min(self.bytes.len());
    }

    /// The next whole frame's body, or `None` until more is read.
    pub fn next_frame(&mut self) -> Result<Option<&[u8]>, FrameError> {
        let Some(head) = self.bytes[self.start..self.end].first_chunk::<LENGTH_BYTES>() else { return Ok(None) };
        let length = u32::from_be_bytes(*head) as usize;
        if length > MAX_FRAME_BYTES {
            return Err(FrameError::TooLong(length));
        }
        let from = self.start + LENGTH_BYTES;
        if self.end - from < length {
            return Ok(None);
        }
        self.start = from + length;
        Ok(Some(&self.bytes[from..from + length]))
    }

    /// Bytes of a frame that never became whole.
    pub fn pending(&self) -> usize {
        self.end - self.start
    }
}

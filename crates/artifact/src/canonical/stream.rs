//! Where canonical bytes go: into a hash, or into memory when single cells are compared.

/// Bytes gathered before they are hashed: large enough for the hash to work in parallel lanes.
const GATHER_BYTES: usize = 64 * 1024;

/// A sink of bytes and bits.
pub(crate) struct Stream {
    gathered: Vec<u8>,
    hasher: Option<blake3::Hasher>,
}

impl Stream {
    /// Bytes are hashed and forgotten.
    pub fn hashing() -> Self {
        Self { gathered: Vec::with_capacity(GATHER_BYTES), hasher: Some(blake3::Hasher::new()) }
    }

    /// Bytes are kept.
    pub fn keeping() -> Self {
        Self { gathered: Vec::new(), hasher: None }
    }

    pub fn put(&mut self, bytes: &[u8]) {
        if let Some(hasher) = &mut self.hasher
            && self.gathered.len() + bytes.len() > GATHER_BYTES
        {
            hasher.update(&self.gathered);
            self.gathered.clear();
            if bytes.len() >= GATHER_BYTES {
                hasher.update(bytes);
                return;
            }
        }
        self.gathered.extend_from_slice(bytes);
    }

    /// A number that is usually small: 4 bytes, or 12 from 2^32 - 1 on.
    pub fn put_length(&mut self, length: usize) {
        match u32::try_from(length) {
            Ok(short) if short < u32::MAX => self.put(&short.to_le_bytes()),
            _ => {
                self.put(&u32::MAX.to_le_bytes());
                self.put(&(length as u64).to_le_bytes());
            }
        }
    }

    /// Text with its length before it.
    pub fn put_text(&mut self, text: &str) {
        self.put_length(text.len());
        self.put(text.as_bytes());
    }

    /// The hash of everything put. Empty bytes for a keeping stream's hash are not asked for by anyone.
    pub fn digest(mut self) -> blake3::Hash {
        let hasher = self.hasher.get_or_insert_default();
        hasher.update(&self.gathered);
        hasher.finalize()
    }

    /// The bytes kept.
    pub fn into_bytes(self) -> Vec<u8> {
        self.gathered
    }
}

/// Packs bits, least significant first, across the borders of parts; the last byte is filled with zeros.
pub(crate) struct Bits<'a> {
    out: &'a mut Stream,
    pending: u64,
    count: u32,
}

impl<'a> Bits<'a> {
    pub fn new(out: &'a mut Stream) -> Self {
        Self { out, pending: 0, count: 0 }
    }

    /// Appends the lowest `count` (1 to 64) bits of a word; its other bits must be zero.
    pub fn push_word(&mut self, word: u64, count: u32) {
        self.pending |= word << self.count;
        let total = self.count + count;
        if total < 64 {
            self.count = total;
            return;
        }
        self.out.put(&self.pending.to_le_bytes());
        // A shift by 64 is not defined: with nothing pending before, the whole word is out.
        self.pending = if self.count == 0 { 0 } else { word >> (64 - self.count) };
        self.count = total - 64;
    }

    pub fn finish(self) {
        let bytes = self.count.div_ceil(8) as usize;
        self.out.put(&self.pending.to_le_bytes()[..bytes]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_packed_the_same_whatever_the_pieces() {
        let bits: Vec<bool> = (0..1_000_u32).map(|i| i.wrapping_mul(2_654_435_761) >> 31 == 1).collect();
        let pack = |piece: usize| {
            let mut out = Stream::keeping();
            let mut packer = Bits::new(&mut out);
            for part in bits.chunks(piece) {
                let word = part.iter().enumerate().fold(0_u64, |word, (i, bit)| word | (u64::from(*bit) << i));
                packer.push_word(word, part.len() as u32);
            }
            packer.finish();
            out.into_bytes()
        };
        let expected = pack(1);
        assert_eq!(expected.len(), 125);
        for piece in 2..=64 {
            assert_eq!(pack(piece), expected, "in pieces of {piece}");
        }
    }

    #[test]
    fn a_hash_does_not_depend_on_how_the_bytes_arrive() {
        let bytes: Vec<u8> = (0..300_000_u32).map(|i| (i % 251) as u8).collect();
        let check = |piece: usize| {
            let mut out = Stream::hashing();
            bytes.chunks(piece).for_each(|part| out.put(part));
            assert_eq!(out.digest(), blake3::hash(&bytes), "in pieces of {piece}");
        };
        [7, 1_000, GATHER_BYTES - 1, GATHER_BYTES, GATHER_BYTES + 1, 300_000].into_iter().for_each(check);
    }
}

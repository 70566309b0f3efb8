//! Secrets that nobody can guess, and their comparison without telling how much of a guess was right.

use rustix::rand::{GetRandomFlags, getrandom};

/// Bytes of chance in a token, a code and a session id.
const SECRET_BYTES: usize = 32;
const REQUEST_ID_BYTES: usize = 8;
const NONCE_BYTES: usize = 16;

/// A secret as it is kept: its hash. Comparing two of these takes the same time wherever they differ.
pub(crate) type Digest = blake3::Hash;

pub(crate) fn digest(secret: &str) -> Digest {
    blake3::hash(secret.as_bytes())
}

/// 64 hexadecimal digits.
pub(crate) fn secret() -> String {
    hex::<SECRET_BYTES>()
}

/// 16 hexadecimal digits: a name, no secret.
pub(crate) fn request_id() -> String {
    hex::<REQUEST_ID_BYTES>()
}

/// 32 hexadecimal digits, for one answer.
pub(crate) fn nonce() -> String {
    hex::<NONCE_BYTES>()
}

fn hex<const N: usize>() -> String {
    let mut bytes = [0_u8; N];
    let mut filled = 0;
    while filled < N {
        match getrandom(&mut bytes[filled..], GetRandomFlags::empty()) {
            Ok(count) => filled += count,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => panic!("the system gives no random bytes: {error}"),
        }
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_long_and_never_the_same() {
        let (one, other) = (secret(), secret());
        assert_eq!((one.len(), other.len(), request_id().len()), (64, 64, 16));
        assert_ne!(one, other);
        assert_ne!(digest(&one), digest(&other));
        assert_eq!(digest(&one), digest(&one.clone()));
    }
}

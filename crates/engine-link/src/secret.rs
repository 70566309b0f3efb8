//! How both sides know each other: one shared secret, with which every call and every answer is signed, and which never travels.
//!
//! A call carries `suanzi-signature: MILLIS NONCE MAC`, where MAC is BLAKE3 keyed with the secret over method, path, time, nonce and body (blake3.io,
//! "keyed hashing"). Its answer is signed over the call's nonce, the status and the body: nobody in between can make or change either. What is older than
//! [`TOLERANCE_MS`], or comes twice, is refused.

use rustix::rand::{GetRandomFlags, getrandom};
use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

pub(crate) const HEADER: &str = "suanzi-signature";
/// As many as 128 bits in hexadecimal.
pub const MIN_SECRET_CHARS: usize = 32;
/// How far both hosts' clocks may be apart, and how long a call may be on its way.
pub(crate) const TOLERANCE_MS: u64 = 60_000;
const CONTEXT: &str = "suanzi 2026-11-27 engine link";
const NONCE_BYTES: usize = 16;

/// What both sides share. Shows itself to nobody.
#[derive(Clone)]
pub struct Secret([u8; 32]);

/// Names one call.
pub(crate) type Nonce = String;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("the call is not signed with this engine's secret")]
    Signature,
    #[error("the call is signed for another time: the clocks of both hosts are too far apart, or it was held back")]
    Time,
    #[error("the call came twice")]
    Twice,
}

impl Secret {
    /// Of a file's text. Errors: in words, why it is no secret.
    pub fn parse(text: &str) -> Result<Secret, String> {
        let text = text.trim();
        if text.len() < MIN_SECRET_CHARS {
            return Err(format!("holds fewer than {MIN_SECRET_CHARS} characters"));
        }
        if !text.chars().all(|c| c.is_ascii_graphic()) {
            return Err("holds more than one word of plain characters".into());
        }
        Ok(Secret(blake3::derive_key(CONTEXT, text.as_bytes())))
    }

    /// A name for whatever `text` says, which tells nobody what it says.
    pub fn name_of(&self, text: &str) -> String {
        self.mac(&[b"name", text.as_bytes()]).to_hex().to_string()
    }

    fn mac(&self, parts: &[&[u8]]) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        hasher.finalize()
    }

    fn mac_of_call(&self, time: &str, nonce: &str, method: &str, path: &str, body: &[u8]) -> blake3::Hash {
        self.mac(&[b"call", time.as_bytes(), nonce.as_bytes(), method.as_bytes(), path.as_bytes(), body])
    }

    /// The header of a call, and the nonce by which its answer is known.
    pub(crate) fn sign(&self, method: &str, path: &str, body: &[u8]) -> (String, Nonce) {
        let (time, nonce) = (now_ms().to_string(), random_hex());
        let mac = self.mac_of_call(&time, &nonce, method, path, body).to_hex();
        (format!("{time} {nonce} {mac}"), nonce)
    }

    /// Whether it is worth reading what a header belongs to: it has the form, and the time is about now. Proves nothing.
    pub(crate) fn looks_signed(header: &str) -> bool {
        let mut words = header.split(' ');
        let time: Option<u64> = words.next().and_then(|time| time.parse().ok());
        time.is_some_and(|time| now_ms().abs_diff(time) <= TOLERANCE_MS) && words.count() == 2
    }

    /// The nonce of a call that somebody with this secret has just made.
    pub(crate) fn check(&self, header: &str, method: &str, path: &str, body: &[u8]) -> Result<Nonce, Refusal> {
        let mut words = header.split(' ');
        let (Some(time), Some(nonce), Some(mac), None) = (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(Refusal::Signature);
        };
        let given = blake3::Hash::from_hex(mac).map_err(|_| Refusal::Signature)?;
        // Compared in constant time.
        if given != self.mac_of_call(time, nonce, method, path, body) {
            return Err(Refusal::Signature);
        }
        let signed: u64 = time.parse().map_err(|_| Refusal::Signature)?;
        if now_ms().abs_diff(signed) > TOLERANCE_MS {
            return Err(Refusal::Time);
        }
        Ok(nonce.to_owned())
    }

    pub(crate) fn sign_answer(&self, nonce: &str, status: u16, body: &[u8]) -> String {
        self.mac(&[b"answer", nonce.as_bytes(), &status.to_le_bytes(), body]).to_hex().to_string()
    }

    pub(crate) fn is_answer(&self, header: &str, nonce: &str, status: u16, body: &[u8]) -> bool {
        let expected = self.mac(&[b"answer", nonce.as_bytes(), &status.to_le_bytes(), body]);
        blake3::Hash::from_hex(header).is_ok_and(|given| given == expected)
    }
}

/// Calls that were taken in the last [`TOLERANCE_MS`] each way: none is taken twice.
#[derive(Default)]
pub(crate) struct Taken(Mutex<Known>);

#[derive(Default)]
struct Known {
    nonces: HashSet<Nonce>,
    /// By the time in milliseconds at which each was taken.
    order: VecDeque<(u64, Nonce)>,
}

impl Taken {
    pub fn take(&self, nonce: &Nonce) -> Result<(), Refusal> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Known { nonces, order } = &mut *known;
        let now = now_ms();
        while let Some((at, old)) = order.front()
            && now.saturating_sub(*at) > 2 * TOLERANCE_MS
        {
            nonces.remove(old);
            order.pop_front();
        }
        if !nonces.insert(nonce.clone()) {
            return Err(Refusal::Twice);
        }
        order.push_back((now, nonce.clone()));
        Ok(())
    }
}

pub(crate) fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

/// 32 hexadecimal digits that nobody can guess.
pub(crate) fn random_hex() -> String {
    let mut bytes = [0_u8; NONCE_BYTES];
    let mut filled = 0;
    while filled < bytes.len() {
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

    fn secret(text: &str) -> Secret {
        Secret::parse(text).expect("a secret")
    }

    #[test]
    fn only_whoever_holds_the_secret_can_call_and_only_once() {
        let (ours, other) = (secret(&"a".repeat(32)), secret(&"b".repeat(32)));
        let (header, nonce) = ours.sign("POST", "/x?y=1", b"body");
        assert_eq!(ours.check(&header, "POST", "/x?y=1", b"body"), Ok(nonce.clone()));
        for (method, path, body) in
            [("GET", "/x?y=1", &b"body"[..]), ("POST", "/x?y=2", b"body"), ("POST", "/x?y=1", b"bodz")]
        {
            assert_eq!(ours.check(&header, method, path, body), Err(Refusal::Signature));
        }
        assert_eq!(other.check(&header, "POST", "/x?y=1", b"body"), Err(Refusal::Signature));
        for broken in ["", "1 2", "1 2 3", "1 2 3 4", "x y z"] {
            assert_eq!(ours.check(broken, "POST", "/x?y=1", b"body"), Err(Refusal::Signature), "{broken}");
        }
        let taken = Taken::default();
        assert_eq!(taken.take(&nonce), Ok(()));
        assert_eq!(taken.take(&nonce), Err(Refusal::Twice));
    }

    #[test]
    fn an_old_call_is_refused_though_it_is_signed() {
        let ours = secret(&"a".repeat(32));
        let time = (now_ms() - TOLERANCE_MS - 1_000).to_string();
        let mac = ours.mac_of_call(&time, "n", "GET", "/", b"").to_hex();
        assert_eq!(ours.check(&format!("{time} n {mac}"), "GET", "/", b""), Err(Refusal::Time));
    }

    #[test]
    fn an_answer_belongs_to_its_call() {
        let ours = secret(&"a".repeat(32));
        let signed = ours.sign_answer("n", 200, b"x");
        assert!(ours.is_answer(&signed, "n", 200, b"x"));
        assert!(!ours.is_answer(&signed, "m", 200, b"x"));
        assert!(!ours.is_answer(&signed, "n", 201, b"x"));
        assert!(!ours.is_answer(&signed, "n", 200, b"y"));
        assert!(!ours.is_answer("", "n", 200, b"x"));
    }

    #[test]
    fn short_or_odd_secrets_are_none() {
        assert!(Secret::parse("short").is_err_and(|why| why.contains("32")));
        assert!(Secret::parse(&format!("{} b", "a".repeat(40))).is_err());
        assert!(Secret::parse(&format!("\n{}\n", "a".repeat(32))).is_ok());
    }
}

//! Cache keys: what a result depends on, hashed, so that the same key means the same result.
//!
//! Every part goes in with its length before it, under a name of its own for each purpose: two different lists of parts can't give the same bytes. Where an operator stands on the canvas, what it is called, how often it is retried: none of that is here.

use crate::bind::BoundOp;
use serde_json::Value as Json;
use std::fmt;
use std::str::FromStr;

/// A BLAKE3 hash; shown as 64 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(pub [u8; 32]);

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({self})")
    }
}

/// Not 64 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key has 64 hex digits")]
pub struct KeyParseError;

impl FromStr for Key {
    type Err = KeyParseError;

    fn from_str(text: &str) -> Result<Key, KeyParseError> {
        let digits: &[u8; 64] = text.as_bytes().try_into().map_err(|_| KeyParseError)?;
        let mut key = [0; 32];
        for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |d: u8| (d as char).to_digit(16).ok_or(KeyParseError);
            *byte = (digit(pair[0])? << 4 | digit(pair[1])?) as u8;
        }
        Ok(Key(key))
    }
}

/// What an operator is, apart from its inputs: kind, code, environment, parameters, the contents of the files it names, and the run's seed where it uses it.
///
/// `environment` is the fingerprint of interpreter and distributions, on which an environment of the operator's own stands too; `files` are parameter names with content ids, in any order: a renamed file is the same data.
pub fn self_hash(op: &BoundOp, environment: &str, seed: u64, files: &[(String, String)]) -> Key {
    let spec = &op.kind.spec;
    let mut parts = Parts::new("suanzi 1 operator");
    for part in [&spec.algo_name, &spec.module, &spec.function, &op.kind.origin.code_hash, environment, &op.key_params]
    {
        parts.text(part);
    }
    if uses_run_seed(op) {
        parts.text("seed");
        parts.number(seed);
    } else {
        parts.text("no seed");
    }
    let mut files: Vec<_> = files.iter().collect();
    files.sort();
    parts.number(files.len() as u64);
    for (param, content) in files {
        parts.text(param);
        parts.text(content);
    }
    // Without any the key is what it was before operators could have environments.
    if !op.requirements.is_empty() {
        parts.text("requirements");
        parts.number(op.requirements.len() as u64);
        op.requirements.iter().for_each(|requirement| parts.text(&requirement.to_string()));
    }
    parts.finish()
}

/// Whether the run's seed can change its result: a random kind whose `random_state`, if it declares one, is null.
pub fn uses_run_seed(op: &BoundOp) -> bool {
    op.kind.spec.random && matches!(op.params.get("random_state"), None | Some(Json::Null))
}

/// The derivation key of a task: known before anything ran. Inputs are name, port type and [`output_of`] their producers, in port order.
pub fn derivation(self_hash: Key, inputs: &[(&str, &str, Key)]) -> Key {
    let mut parts = Parts::new("suanzi 1 derivation");
    parts.key(self_hash);
    parts.number(inputs.len() as u64);
    for (name, port_type, key) in inputs {
        parts.text(name);
        parts.text(port_type);
        parts.key(*key);
    }
    parts.finish()
}

/// Stands for one output of a task.
pub fn output_of(task: Key, port: u16) -> Key {
    let mut parts = Parts::new("suanzi 1 output");
    parts.key(task);
    parts.number(u64::from(port));
    parts.finish()
}

/// The second key of a task, whichever way its inputs came about: by what they hold. Inputs are name, port type and identity (a table's content id; what stands for a model), in port order.
pub fn content(self_hash: Key, inputs: &[(&str, &str, &str)]) -> Key {
    let mut parts = Parts::new("suanzi 1 content");
    parts.key(self_hash);
    parts.number(inputs.len() as u64);
    for (name, port_type, identity) in inputs {
        parts.text(name);
        parts.text(port_type);
        parts.text(identity);
    }
    parts.finish()
}

struct Parts(blake3::Hasher);

impl Parts {
    fn new(purpose: &str) -> Parts {
        Parts(blake3::Hasher::new_derive_key(purpose))
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.update(text.as_bytes());
    }

    fn key(&mut self, key: Key) {
        self.0.update(&key.0);
    }

    fn number(&mut self, number: u64) {
        self.0.update(&number.to_le_bytes());
    }

    fn finish(self) -> Key {
        Key(self.0.finalize().into())
    }
}

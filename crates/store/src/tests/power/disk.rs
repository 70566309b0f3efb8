//! A disk that keeps what was synced for certain, and of the rest whatever chance leaves of it.

use super::recorder::Op;
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Default, Clone)]
struct File {
    /// As it was when it was last synced; none: it never was, and may not exist at all.
    synced: Option<Vec<u8>>,
    /// Since then, in order.
    pending: Vec<Change>,
}

#[derive(Clone)]
enum Change {
    Write(u64, Vec<u8>),
    Truncate(u64),
}

#[derive(Default)]
pub struct Disk {
    files: BTreeMap<String, File>,
}

/// What becomes of what wasn't synced.
#[derive(Debug, Clone, Copy)]
pub enum Left {
    Nothing,
    Everything,
    /// Each change is kept, lost or torn, whatever became of those before it.
    Some,
}

/// A generator of numbers that are the same each time (xorshift64*).
pub struct Chance(pub u64);

impl Chance {
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % limit.max(1)
    }
}

impl Disk {
    pub fn perform(&mut self, op: &Op) {
        match op {
            Op::Write { file, offset, bytes } => self.file(file).pending.push(Change::Write(*offset, bytes.clone())),
            Op::Truncate { file, len } => self.file(file).pending.push(Change::Truncate(*len)),
            Op::Sync { file } => {
                let file = self.file(file);
                let mut now = file.synced.take().unwrap_or_default();
                file.pending.drain(..).for_each(|change| change.apply(&mut now));
                file.synced = Some(now);
            }
            Op::Delete { file } => drop(self.files.remove(file)),
            Op::Told(_) => {}
        }
    }

    fn file(&mut self, name: &str) -> &mut File {
        self.files.entry(name.to_string()).or_default()
    }

    /// Writes what the machine finds when it is on again into `folder`.
    pub fn cut(&self, folder: &Path, left: Left, chance: &mut Chance) {
        for (name, file) in &self.files {
            let mut content = file.synced.clone();
            for change in &file.pending {
                let torn = match left {
                    Left::Nothing => None,
                    Left::Everything => Some(change.clone()),
                    Left::Some => change.torn(chance),
                };
                if let Some(change) = torn {
                    change.apply(content.get_or_insert_default());
                }
            }
            if let Some(content) = content {
                std::fs::write(folder.join(name), content).expect("the test's folder can be written");
            }
        }
    }
}

impl Change {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Change::Write(offset, bytes) => {
                let (from, to) = (*offset as usize, *offset as usize + bytes.len());
                if content.len() < to {
                    content.resize(to, 0);
                }
                content[from..to].copy_from_slice(bytes);
            }
            Change::Truncate(len) => content.resize(*len as usize, 0),
        }
    }

    fn torn(&self, chance: &mut Chance) -> Option<Change> {
        match (chance.below(3), self) {
            (0, _) => None,
            (1, Change::Write(offset, bytes)) => {
                let at = chance.below(bytes.len() as u64) as usize;
                // Either end of it may be what came through.
                Some(match chance.below(2) {
                    0 => Change::Write(*offset, bytes[..at].to_vec()),
                    _ => Change::Write(*offset + at as u64, bytes[at..].to_vec()),
                })
            }
            _ => Some(self.clone()),
        }
    }
}

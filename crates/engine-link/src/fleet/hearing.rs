//! What operator engines tell: each thing once, in its order, however often it is sent.

use super::Inside;
use super::attempts::{Copy, Known, Phase};
use crate::door::{Desk, Refusal};
use crate::wire::{CALLBACKS, Callback, Heard, OTHER_LINK, PROTOCOL, Told, decode, encode};
use std::io::Write;
use std::sync::{Arc, PoisonError};
use std::time::Instant;
use suanzi_executor::*;

pub(super) struct Hearing(pub Arc<Inside>);

impl Desk for Hearing {
    fn answer(&self, method: &str, path: &str, _query: &str, body: &[u8]) -> Result<Vec<u8>, Refusal> {
        if (method, path) != ("POST", CALLBACKS) {
            return Err((404, format!("there is no {method} {path} in protocol {PROTOCOL}")));
        }
        let callback: Callback = decode(body).map_err(|why| (400, format!("the call isn't understood: {why}")))?;
        let next = self.0.hear(callback)?;
        encode(&Heard { next }).map_err(|why| (500, why))
    }
}

impl Inside {
    fn member_of(&self, link: &str) -> Option<usize> {
        self.state().members.iter().position(|seen| seen.link.as_deref() == Some(link))
    }

    /// The number of the first that has not come yet.
    fn hear(&self, callback: Callback) -> Result<u64, Refusal> {
        let unknown = || (OTHER_LINK, "the link is unknown here".to_owned());
        let ix = self.member_of(&callback.link).ok_or_else(unknown)?;
        let mut next = self.members[ix].next.lock().unwrap_or_else(PoisonError::into_inner);
        // It may have changed while another call was taken.
        if self.member_of(&callback.link) != Some(ix) {
            return Err(unknown());
        }
        if callback.first > *next {
            return Err((400, format!("number {} is missing", *next)));
        }
        self.state().members[ix].heard = Instant::now();
        let known = (*next - callback.first) as usize;
        for told in callback.told.into_iter().skip(known) {
            self.apply(ix, told);
            *next += 1;
        }
        Ok(*next)
    }

    fn apply(&self, ix: usize, told: Told) {
        match told {
            Told::Log { attempt, bytes } => self.keep_log(ix, &attempt, &bytes),
            Told::Refused { attempt, why } => self.refused(ix, attempt, &why),
            Told::Event(Event::Capacity { slots }) => {
                if let Some(hello) = &mut self.state().members[ix].hello {
                    hello.slots = slots;
                }
                self.tell_capacity();
            }
            Told::Event(Event::Memory { bytes }) => {
                if let Some(hello) = &mut self.state().members[ix].hello {
                    hello.memory_bytes = bytes;
                }
                self.tell_capacity();
            }
            Told::Event(Event::Started { attempt, worker }) => {
                let mut state = self.state();
                let name = state.members[ix].hello.as_ref().map(|hello| hello.name.clone()).unwrap_or_default();
                let group = state.at(ix, &attempt).map(|known| {
                    known.phase = Phase::Running;
                    known.group
                });
                drop(state);
                if let Some(group) = group {
                    self.emit(group, Event::Started { attempt, worker: format!("{name}/{worker}") });
                }
            }
            Told::Event(Event::Finished { attempt, outcome, usage }) => {
                let mut state = self.state();
                if state.at(ix, &attempt).is_none() {
                    return;
                }
                let ended = state.finish(&attempt);
                drop(state);
                if let Some((group, log)) = ended {
                    let outcome = if self.options.artifacts.is_some() { outcome } else { seen_here(outcome) };
                    self.emit(group, Event::Finished { attempt, outcome, usage: Usage { log, ..usage } });
                }
            }
            Told::Event(event @ (Event::Progress { attempt, .. } | Event::Metric { attempt, .. })) => {
                let group = self.state().at(ix, &attempt).map(|known| known.group);
                if let Some(group) = group {
                    self.emit(group, event);
                }
            }
        }
    }

    fn keep_log(&self, ix: usize, attempt: &AttemptId, bytes: &[u8]) {
        let mut state = self.state();
        let Some(known) = state.at(ix, attempt) else { return };
        if let Err(error) = append(known, &self.options.log_dir, bytes) {
            drop(state);
            self.tell(&format!("warning: a log can't be kept: {error}"));
        }
    }
}

fn append(known: &mut Known, dir: &std::path::Path, bytes: &[u8]) -> std::io::Result<()> {
    if known.copy.is_none() {
        let (number, file) = log_copy::create(dir)?;
        known.copy = Some(Copy { number, file, bytes: 0 });
    }
    if let Some(copy) = &mut known.copy {
        copy.file.write_all(bytes)?;
        copy.bytes += bytes.len() as u64;
    }
    Ok(())
}

/// Files must be there on this host too, or nothing that reads them can run.
fn seen_here(outcome: Outcome) -> Outcome {
    let Outcome::Success { outputs } = &outcome else { return outcome };
    for output in outputs {
        let Location::Path(path) = &output.at else { continue };
        let found = std::fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() == output.bytes);
        if !found {
            return Outcome::Failed(Failure {
                kind: FailureKind::Storage,
                message: format!("the operator engine wrote {}, but on this host it isn't there", path.display()),
                hint: Some("the home's `artifacts` must lie on storage that all hosts see under one path, or in a store of objects: --artifacts".into()),
                traceback: None,
            });
        }
    }
    outcome
}

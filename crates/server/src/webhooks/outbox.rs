//! Notes messages when runs end, and after a crash those that weren't noted.

use super::allowed::{WebhookHost, refused};
use super::message::about;
use crate::clock::Clock;
use std::sync::Arc;
use suanzi_dag::{Document, Fault};
use suanzi_store::{RunFilter, RunKey, RunState, Store, StoreError};

/// Ended runs that a start looks through for messages that weren't noted.
const LOOKED_THROUGH: u32 = 1_000;
/// How far back, too.
const LOOK_BACK_MS: i64 = 24 * 3_600_000;
/// How long messages that are done with are kept: longer than a start looks back, so that none is sent again.
const KEPT_MS: i64 = 7 * 24 * 3_600_000;

pub(crate) struct Outbox {
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) hosts: Vec<WebhookHost>,
    /// Only a server that serves over TCP sends.
    sends: bool,
}

impl Outbox {
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, hosts: Vec<WebhookHost>, sends: bool) -> Outbox {
        Outbox { store, clock, hosts, sends }
    }

    pub fn hosts(&self) -> &[WebhookHost] {
        &self.hosts
    }

    /// Addresses at hosts that aren't allowed, as faults.
    pub fn refused(&self, document: &Document) -> Vec<Fault> {
        if self.sends { refused(document, &self.hosts) } else { Vec::new() }
    }

    /// A run has ended: its message is durable when this returns. Blocks for the database alone.
    pub fn ended(&self, run: RunKey) {
        if !self.sends {
            return;
        }
        let noted = self.store.run(run).and_then(|row| match row {
            Some(row) => Ok(about(self.store.as_ref(), &row, self.clock.now())?),
            None => Ok(None),
        });
        let noted = noted.and_then(|message| message.map_or(Ok(false), |new| self.store.put_notification(&new)));
        match noted {
            Ok(true) => self.clock.wake(),
            Ok(false) => {}
            // The next start notes it.
            Err(error) => eprintln!("warning: a run's end isn't told: {error}"),
        }
    }

    /// At the start: what a crash kept from being noted. `ours` tells owners that were servers from commands, whose runs tell nobody.
    pub(super) fn catch_up(&self, ours: &str) -> Result<(), StoreError> {
        let now = self.clock.now();
        let states = vec![RunState::Failed, RunState::Success];
        let ended = self.store.runs(&RunFilter { states, limit: LOOKED_THROUGH, ..RunFilter::default() })?;
        for row in ended {
            let recent = row.ended_at.is_some_and(|at| at > now - LOOK_BACK_MS);
            if recent
                && row.owner.starts_with(ours)
                && let Some(new) = about(self.store.as_ref(), &row, now)?
            {
                self.store.put_notification(&new)?;
            }
        }
        self.store.prune_notifications(now - KEPT_MS).map(drop)
    }
}

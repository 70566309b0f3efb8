//! A few reading connections: with write-ahead logging they see the last commit and never block the writer.

use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use super::connect::ReaderSource;
use crate::Result;

/// Connections kept for reuse; more are opened while more threads read, and closed afterwards.
const IDLE_READERS_MAX_COUNT: usize = 4;

pub(super) struct Readers {
    source: ReaderSource,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(super) fn new(source: ReaderSource, first: Option<Connection>) -> Self {
        Readers { source, idle: Mutex::new(first.into_iter().collect()) }
    }

    /// Runs `work` on one consistent state of the database.
    pub(super) fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.source.connect()?,
        };
        let snapshot = connection.unchecked_transaction()?;
        let answer = work(&snapshot)?;
        snapshot.finish()?;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_READERS_MAX_COUNT {
            idle.push(connection);
        }
        Ok(answer)
    }
}

//! The connections of a store: one that writes, a few that read. Transactions are tried again where nothing of them was kept.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use suanzi_store::{Result, StoreError};

use crate::my_sql::MySql;
use crate::post_gres::Postgres;
use crate::session::{Answer, Dialect, Fault, Session};
use crate::url::Server;
use crate::value::values;
use crate::{migrate, settings};

pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a statement waits for another session's lock before [`StoreError::Locked`].
pub(crate) const LOCK_WAIT_SECONDS: u32 = 5;
/// How long a new owner waits for one that is just going.
const OWNER_WAIT: Duration = Duration::from_secs(5);
const OWNER_PAUSE: Duration = Duration::from_millis(50);
/// Deadlocks, lost races and lost connections of one transaction before it is given up.
const TRIES_COUNT: usize = 5;
/// Connections kept for reading; more are opened while more threads read, and closed afterwards.
const IDLE_READERS_MAX_COUNT: usize = 4;
/// "SUANZIOW" and "SUANZIMI": PostgreSQL's advisory locks are numbers.
const OWNER_LOCK: i64 = 0x5355_414E_5A49_4F57;
const MIGRATION_LOCK: i64 = 0x5355_414E_5A49_4D49;

/// What a store is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Reads and writes, and is the only one that runs anything: a second owner is refused, also from another host.
    Owner,
    /// Reads and writes beside an owner.
    Writer,
    /// Only reads; makes the tables of a database that never had any.
    Reader,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Write,
    Read,
}

pub(crate) struct Connections {
    server: Server,
    access: Access,
    writer: Mutex<Option<Box<dyn Session>>>,
    idle: Mutex<Vec<Box<dyn Session>>>,
}

pub(crate) fn connect(server: &Server, purpose: Purpose) -> Answer<Box<dyn Session>> {
    Ok(match server.dialect {
        Dialect::MySql => Box::new(MySql::connect(server, purpose)?),
        Dialect::Postgres => Box::new(Postgres::connect(server, purpose)?),
    })
}

impl Connections {
    /// Looks at the server's settings, takes the database and brings it to this program's schema. Gives what is to be warned of.
    pub(crate) fn open(server: &Server, access: Access) -> Result<(Connections, Vec<String>)> {
        let connections =
            Connections { server: server.clone(), access, writer: Mutex::new(None), idle: Mutex::new(Vec::new()) };
        let purpose = if access == Access::Reader { Purpose::Read } else { Purpose::Write };
        let mut first = connect(server, purpose).map_err(|fault| match fault {
            // At the start it is an error in the address as likely as an outage.
            Fault::Lost(why) => StoreError::Open(why),
            fault => fault.into(),
        })?;
        let warnings = settings::probe(first.as_mut(), server, access)?;
        if access == Access::Reader {
            migrate::make_or_check(first.as_mut(), server)?;
            connections.idle.lock().unwrap_or_else(PoisonError::into_inner).push(first);
        } else {
            connections.own(first.as_mut())?;
            migrate::to_newest(first.as_mut())?;
            *connections.writer.lock().unwrap_or_else(PoisonError::into_inner) = Some(first);
        }
        Ok((connections, warnings))
    }

    /// The lock goes with the connection, however its process ends.
    fn own(&self, session: &mut dyn Session) -> Answer<()> {
        if self.access != Access::Owner {
            return Ok(());
        }
        let began = Instant::now();
        while !try_lock(session, OWNER_LOCK)? {
            if began.elapsed() >= OWNER_WAIT {
                let why = format!("{}: another Suanzi owns this database, from this host or another", self.server);
                return Err(Fault::Store(StoreError::Open(why)));
            }
            std::thread::sleep(OWNER_PAUSE);
        }
        Ok(())
    }

    /// One transaction on the writing connection.
    pub(crate) fn write<T>(&self, work: impl Fn(&mut dyn Session) -> Answer<T>) -> Result<T> {
        if self.access == Access::Reader {
            return Err(StoreError::Database("the store was opened for reading only".into()));
        }
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut tries = 1;
        loop {
            let mut session = match writer.take() {
                Some(session) => session,
                None => {
                    let mut session = connect(&self.server, Purpose::Write)?;
                    // The server may not know yet that the connection before this one is gone.
                    self.own(session.as_mut()).map_err(|fault| match fault {
                        Fault::Store(StoreError::Open(why)) => Fault::Lost(why),
                        fault => fault,
                    })?;
                    session
                }
            };
            let answer = transact(session.as_mut(), &work);
            if !matches!(answer, Err(Fault::Lost(_) | Fault::Store(StoreError::AwayAtCommit(_)))) {
                *writer = Some(session);
            }
            match answer {
                Err(Fault::Again(_) | Fault::Duplicate(_) | Fault::Lost(_)) if tries < TRIES_COUNT => tries += 1,
                answer => return Ok(answer?),
            }
        }
    }

    /// On a reading connection. For questions of one statement.
    pub(crate) fn read<T>(&self, work: impl Fn(&mut dyn Session) -> Answer<T>) -> Result<T> {
        let mut tries = 1;
        loop {
            let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut session = match idle {
                Some(session) => session,
                None => connect(&self.server, Purpose::Read)?,
            };
            match work(session.as_mut()) {
                Err(Fault::Lost(_) | Fault::Again(_)) if tries < TRIES_COUNT => tries += 1,
                Err(Fault::Lost(why)) => return Err(StoreError::Away(why)),
                answer => {
                    let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
                    if idle.len() < IDLE_READERS_MAX_COUNT {
                        idle.push(session);
                    }
                    return Ok(answer?);
                }
            }
        }
    }

    /// For questions of several statements, which see one state of the database.
    pub(crate) fn read_at_once<T>(&self, work: impl Fn(&mut dyn Session) -> Answer<T>) -> Result<T> {
        self.read(|session| {
            session.plain("START TRANSACTION READ ONLY")?;
            let answer = work(session);
            session.plain("COMMIT")?;
            answer
        })
    }
}

/// Nothing is kept unless it answers `Ok`; after [`StoreError::AwayAtCommit`] nobody knows.
fn transact<T>(session: &mut dyn Session, work: impl Fn(&mut dyn Session) -> Answer<T>) -> Answer<T> {
    session.plain("START TRANSACTION")?;
    match work(session) {
        Ok(answer) => match session.plain("COMMIT") {
            Ok(()) => Ok(answer),
            Err(Fault::Lost(why)) => Err(Fault::Store(StoreError::AwayAtCommit(why))),
            Err(fault) => Err(fault),
        },
        Err(lost @ Fault::Lost(_)) => Err(lost),
        Err(fault) => {
            session.plain("ROLLBACK")?;
            Err(fault)
        }
    }
}

/// Waits while another process changes the schema; the lock is this session's until [`leave_migration`].
pub(crate) fn enter_migration(session: &mut dyn Session) -> Answer<()> {
    while !try_lock(session, MIGRATION_LOCK)? {
        std::thread::sleep(OWNER_PAUSE);
    }
    Ok(())
}

pub(crate) fn leave_migration(session: &mut dyn Session) -> Answer<()> {
    match session.dialect() {
        Dialect::MySql => session.one(&format!("SELECT RELEASE_LOCK({})", name(MIGRATION_LOCK)), &[])?,
        Dialect::Postgres => session.one("SELECT pg_advisory_unlock(?)", &values![MIGRATION_LOCK])?,
    };
    Ok(())
}

/// PostgreSQL's locks belong to a database, MySQL's to the server: there the database is in the name.
fn try_lock(session: &mut dyn Session, lock: i64) -> Answer<bool> {
    let row = match session.dialect() {
        Dialect::MySql => session.one(&format!("SELECT GET_LOCK({}, 0)", name(lock)), &[])?,
        Dialect::Postgres => session.one("SELECT pg_try_advisory_lock(?)", &values![lock])?,
    };
    Ok(row.is_some_and(|row| row.flag(0) == Ok(true)))
}

fn name(lock: i64) -> String {
    format!("CONCAT('{lock:x}-', LEFT(SHA2(DATABASE(), 256), 40))")
}

//! What a server must be and be set to before anything is entrusted to it, and what is only warned of.

use suanzi_store::StoreError;

use crate::connections::Access;
use crate::session::{Answer, Dialect, Fault, Session};
use crate::url::Server;

const POSTGRES_OLDEST: (u32, u32) = (14, 0);
const MARIADB_OLDEST: (u32, u32) = (10, 6);
const MYSQL_OLDEST: (u32, u32) = (8, 0);
/// Texts of DAGs and inline results go in one piece.
const PACKET_WANTED_BYTES: u64 = 64 << 20;

#[derive(Debug, Default, PartialEq, Eq)]
struct Verdict {
    refused: Vec<String>,
    warned: Vec<String>,
}

/// Names and values of settings, as the server says them.
type Settings = std::collections::HashMap<String, String>;

/// # Errors
/// `Open`, with everything that is unsafe in one sentence.
pub(crate) fn probe(session: &mut dyn Session, server: &Server, access: Access) -> Answer<Vec<String>> {
    let settings = match session.dialect() {
        Dialect::MySql => read(session, "SHOW GLOBAL VARIABLES")?,
        Dialect::Postgres => read(session, "SELECT name, setting FROM pg_settings")?,
    };
    let mut verdict = match session.dialect() {
        Dialect::MySql => judge_mysql(&settings, access),
        Dialect::Postgres => judge_postgres(&settings, access),
    };
    if session.dialect() == Dialect::Postgres && access != Access::Reader {
        let replica = session.one("SELECT pg_is_in_recovery()", &[])?;
        if replica.is_some_and(|row| row.flag(0) == Ok(true)) {
            verdict.refused.push("it is a replica, which can't be written".into());
        }
    }
    if !is_loopback(&server.host) {
        verdict
            .warned
            .push(format!("the connection to {} isn't encrypted: keep it within a network you trust", server.host));
    }
    if verdict.refused.is_empty() {
        return Ok(verdict.warned);
    }
    Err(Fault::Store(StoreError::Open(format!("{server}: {}", verdict.refused.join("; ")))))
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn read(session: &mut dyn Session, sql: &str) -> Answer<Settings> {
    let rows = session.query(sql, &[])?;
    Ok(rows.iter().filter_map(|row| Some((row.text(0).ok()?, row.text(1).ok()?))).collect())
}

fn is(settings: &Settings, name: &str, wanted: &[&str]) -> bool {
    settings.get(name).is_none_or(|value| wanted.iter().any(|known| known.eq_ignore_ascii_case(value)))
}

/// `10.11.6-MariaDB` and `15.8 (Debian …)` begin with two numbers.
fn version(text: &str) -> (u32, u32) {
    let mut parts = text.split(|letter: char| !letter.is_ascii_digit()).map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

fn judge_postgres(settings: &Settings, access: Access) -> Verdict {
    let mut verdict = Verdict::default();
    let said = settings.get("server_version").map_or("", String::as_str);
    if version(said) < POSTGRES_OLDEST {
        verdict.refused.push(format!("PostgreSQL {said} is too old, at least 14 is needed"));
    }
    if !is(settings, "server_encoding", &["UTF8"]) {
        verdict.refused.push("the database's encoding isn't UTF8".into());
    }
    if access == Access::Reader {
        return verdict;
    }
    for name in ["fsync", "full_page_writes"] {
        if !is(settings, name, &["on"]) {
            verdict.refused.push(format!("`{name}` is off: what was told to be kept would be lost in a power cut"));
        }
    }
    if !is(settings, "default_transaction_read_only", &["off"]) {
        verdict.refused.push("`default_transaction_read_only` is on".into());
    }
    verdict
}

fn judge_mysql(settings: &Settings, access: Access) -> Verdict {
    let mut verdict = Verdict::default();
    let said = settings.get("version").map_or("", String::as_str);
    let (name, oldest) = match said.contains("MariaDB") {
        true => ("MariaDB", MARIADB_OLDEST),
        false => ("MySQL", MYSQL_OLDEST),
    };
    if version(said) < oldest {
        let shown = said.split('-').next().unwrap_or(said);
        verdict.refused.push(format!("{name} {shown} is too old, at least {}.{} is needed", oldest.0, oldest.1));
    }
    if access == Access::Reader {
        return verdict;
    }
    let lost = "what was told to be kept would be lost in a power cut";
    if !is(settings, "innodb_flush_log_at_trx_commit", &["1"]) {
        verdict.refused.push(format!("`innodb_flush_log_at_trx_commit` isn't 1: {lost}"));
    }
    if !is(settings, "innodb_doublewrite", &["ON", "1"]) {
        verdict.refused.push(format!("`innodb_doublewrite` is off: {lost}"));
    }
    if is(settings, "log_bin", &["ON"]) && settings.contains_key("log_bin") {
        if !is(settings, "binlog_format", &["ROW", "MIXED"]) {
            verdict.refused.push("`binlog_format` is STATEMENT, which can't record READ COMMITTED: use ROW".into());
        }
        if !is(settings, "sync_binlog", &["1"]) {
            verdict
                .warned
                .push("`sync_binlog` isn't 1: after a power cut a replica may know less than the server".into());
        }
    }
    for name in ["read_only", "super_read_only"] {
        if !is(settings, name, &["OFF", "0"]) {
            verdict.refused.push(format!("`{name}` is on: the server can't be written"));
        }
    }
    if let Some(bytes) = settings.get("max_allowed_packet").and_then(|bytes| bytes.parse::<u64>().ok())
        && bytes < PACKET_WANTED_BYTES
    {
        let mib = bytes >> 20;
        verdict
            .warned
            .push(format!("`max_allowed_packet` is {mib} MiB: larger DAG texts can't be stored; 64M takes them all"));
    }
    verdict
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
    }

    #[test]
    fn safe_servers_pass() {
        let maria = settings(&[("version", "10.11.14-MariaDB-0+deb12u2"), ("innodb_flush_log_at_trx_commit", "1")]);
        assert_eq!(judge_mysql(&maria, Access::Owner), Verdict::default());
        let postgres = settings(&[("server_version", "15.14 (Debian)"), ("fsync", "on"), ("server_encoding", "UTF8")]);
        assert_eq!(judge_postgres(&postgres, Access::Owner), Verdict::default());
    }

    #[test]
    fn each_unsafe_setting_is_refused() {
        for (name, value) in [
            ("version", "5.7.44-log"),
            ("version", "10.5.9-MariaDB"),
            ("innodb_flush_log_at_trx_commit", "2"),
            ("innodb_doublewrite", "OFF"),
            ("read_only", "ON"),
        ] {
            let mut all = settings(&[("version", "8.0.36")]);
            all.insert(name.into(), value.into());
            assert_eq!(judge_mysql(&all, Access::Owner).refused.len(), 1, "{name} {value}");
        }
        for (name, value) in [("server_version", "13.9"), ("fsync", "off"), ("server_encoding", "SQL_ASCII")] {
            let mut all = settings(&[("server_version", "15.1")]);
            all.insert(name.into(), value.into());
            assert_eq!(judge_postgres(&all, Access::Owner).refused.len(), 1, "{name} {value}");
        }
        let binlog =
            settings(&[("version", "8.0.36"), ("log_bin", "ON"), ("binlog_format", "STATEMENT"), ("sync_binlog", "0")]);
        let verdict = judge_mysql(&binlog, Access::Owner);
        assert_eq!((verdict.refused.len(), verdict.warned.len()), (1, 1));
    }
}

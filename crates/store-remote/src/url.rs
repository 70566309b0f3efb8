//! Database addresses: `sqlite://…`, `mysql://…`, `postgres://…`. What is shown of one never has its password.

use std::fmt;
use std::path::PathBuf;

use crate::session::Dialect;

const EXAMPLE: &str = "postgres://USER:PASSWORD@HOST:5432/DATABASE";

#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file.
    Sqlite(PathBuf),
    Server(Server),
}

/// A database on a server. Displayed without its password.
#[derive(Clone, PartialEq, Eq)]
pub struct Server {
    pub(crate) dialect: Dialect,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) database: String,
}

/// Why a text is no database address; the text itself isn't repeated, as it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UrlError(String);

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the database URL {}", self.0)
    }
}

impl std::error::Error for UrlError {}

impl std::str::FromStr for DatabaseUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<DatabaseUrl, UrlError> {
        let wrong = |what: &str| UrlError(what.to_string());
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err(wrong(&format!("has no scheme: write sqlite:///PATH, mysql://… or {EXAMPLE}")));
        };
        let dialect = match scheme {
            "sqlite" if rest.starts_with('/') => return Ok(DatabaseUrl::Sqlite(decoded(rest)?.into())),
            "sqlite" => return Err(wrong("of SQLite needs an absolute path: sqlite:///PATH")),
            "mysql" | "mariadb" => Dialect::MySql,
            "postgres" | "postgresql" => Dialect::Postgres,
            _ => return Err(wrong("begins with another scheme than sqlite, mysql or postgres")),
        };
        if rest.contains(['?', '#']) {
            return Err(wrong(
                "has options (`?…`), of which there are none; write `?` and `#` in a password as %3F and %23",
            ));
        }
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (login, place) =
            authority.rsplit_once('@').ok_or_else(|| wrong(&format!("names no user: write {EXAMPLE}")))?;
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        let (host, port) = host_and_port(place)?;
        let server = Server {
            dialect,
            host: decoded(host)?,
            port: port.unwrap_or(if dialect == Dialect::MySql { 3306 } else { 5432 }),
            user: decoded(user)?,
            password: decoded(password)?,
            database: decoded(database)?,
        };
        for (part, name) in [(&server.host, "host"), (&server.user, "user"), (&server.database, "database")] {
            if part.is_empty() || part.contains('\0') {
                return Err(wrong(&format!("names no {name}: write {EXAMPLE}")));
            }
        }
        Ok(DatabaseUrl::Server(server))
    }
}

fn host_and_port(place: &str) -> Result<(&str, Option<u16>), UrlError> {
    let (host, rest) = match place.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        Some((host, rest)) => (host, rest),
        None => place.split_at(place.find(':').unwrap_or(place.len())),
    };
    if rest.is_empty() {
        return Ok((host, None));
    }
    let port = rest.strip_prefix(':').and_then(|port| port.parse().ok()).filter(|port| *port > 0);
    port.map(|port| (host, Some(port))).ok_or_else(|| UrlError("has a port that isn't a number from 1 to 65535".into()))
}

fn decoded(text: &str) -> Result<String, UrlError> {
    let wrong =
        || UrlError("has a `%` that isn't followed by two hexadecimal digits of UTF-8; write `%` as %25".into());
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes().iter();
    while let Some(byte) = rest.next() {
        if *byte != b'%' {
            bytes.push(*byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|byte| (*byte as char).to_digit(16)).ok_or_else(wrong);
        bytes.push((digit()? * 16 + digit()?) as u8);
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.dialect == Dialect::MySql { "mysql" } else { "postgres" };
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        write!(f, "{scheme}://{}@{host}:{}/{}", self.user, self.port, self.database)
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DatabaseUrl::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            DatabaseUrl::Server(server) => server.fmt(f),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_shown_without_a_password() {
        let url: DatabaseUrl = "mysql://me:s%40cret@db.example/suanzi".parse().unwrap();
        let DatabaseUrl::Server(server) = &url else { panic!("{url}") };
        assert_eq!((server.password.as_str(), server.port), ("s@cret", 3306));
        assert_eq!(url.to_string(), "mysql://me@db.example:3306/suanzi");
        assert_eq!(format!("{url:?}"), "mysql://me@db.example:3306/suanzi");
        let url: DatabaseUrl = "postgresql://me@[::1]:6000/x".parse().unwrap();
        assert_eq!(url.to_string(), "postgres://me@[::1]:6000/x");
        assert_eq!("sqlite:///a%20b".parse(), Ok(DatabaseUrl::Sqlite("/a b".into())));
    }

    #[test]
    fn wrong_ones_are_told_without_repeating_them() {
        for text in [
            "s3cret",
            "oracle://u:s3cret@h/d",
            "mysql://u:s3cret@h",
            "mysql://h/d",
            "mysql://u:s3cret@h:0/d",
            "mysql://u:s3cret@h:port/d",
            "mysql://u:s3cret@h/d?ssl=1",
            "postgres://u:%zzs3cret@h/d",
            "sqlite://s3cret",
            "postgres://:s3cret@h/d",
            "postgres://u:s3cret@/d",
            "postgres://u:s3cret@h/%00",
        ] {
            let error = text.parse::<DatabaseUrl>().unwrap_err().to_string();
            assert!(error.starts_with("the database URL ") && !error.contains("s3cret"), "{text}: {error}");
        }
    }
}

//! Everything that decides whether a request over TCP is let in.

use super::attempts::Attempts;
use super::codes::Codes;
use super::hosts::Hosts;
use super::secrets::Secrets;
use super::sessions::Sessions;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Instant;
use suanzi_api::path;
use suanzi_dag_engine::FileAccess;

pub struct AccessOptions {
    /// The token's file; made if there is none.
    pub token: PathBuf,
    /// The password's file, if signing in by password is wanted.
    pub password: Option<PathBuf>,
    /// What is listened on.
    pub address: SocketAddr,
    /// Names under which the server is reached, beside its address and `localhost`.
    pub hosts: Vec<String>,
    /// Directories from which DAGs may read files.
    pub data_roots: Vec<PathBuf>,
}

/// The state of the way in.
pub struct Access {
    address: SocketAddr,
    data_roots: Vec<PathBuf>,
    pub(crate) hosts: Hosts,
    pub(crate) secrets: Secrets,
    pub(crate) sessions: Sessions,
    pub(crate) codes: Codes,
    pub(crate) attempts: Attempts,
}

impl Access {
    /// Reads the secrets; makes the token if there is none. Fails where one of them is weak or readable by others.
    pub fn new(options: AccessOptions) -> io::Result<Access> {
        Ok(Access {
            secrets: Secrets::open(&options.token, options.password.as_deref())?,
            address: options.address,
            data_roots: options.data_roots,
            hosts: Hosts::new(options.hosts),
            sessions: Sessions::default(),
            codes: Codes::default(),
            attempts: Attempts::default(),
        })
    }

    /// An address that signs in once, within [`super::CODE_LIFETIME_S`]. The code stands after `#`, so that no browser sends it along or logs it.
    pub fn url(&self) -> String {
        let mut address = self.address;
        if address.ip().is_unspecified() {
            // Nobody can go to "any address"; this host is reached by its loopback.
            let loopback = if address.is_ipv4() { "127.0.0.1" } else { "::1" };
            address.set_ip(loopback.parse().unwrap_or(address.ip()));
        }
        format!("http://{address}{}#code={}", path::LOGIN, self.codes.make(Instant::now()))
    }

    pub(crate) fn data_roots(&self) -> Vec<PathBuf> {
        self.data_roots.clone()
    }

    pub(crate) fn files(&self) -> FileAccess {
        FileAccess::Under(self.data_roots.clone())
    }

    /// Of its own for each port: cookies know none.
    pub(crate) fn cookie_name(&self) -> String {
        format!("suanzi_session_{}", self.address.port())
    }
}

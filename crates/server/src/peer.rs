//! Who may connect: processes of the same user, as the kernel tells.

use axum::serve::Listener;
use std::io;
use std::time::Duration;
use tokio::net::{UnixListener, UnixStream};

/// How long accepting rests when the process is out of file descriptors.
const ACCEPT_REST_MS: u64 = 50;

/// Takes connections of this process's own user and closes all others unheard. The socket's mode says the same; this holds where the mode was changed.
pub(crate) struct OwnUserOnly {
    listener: UnixListener,
    uid: u32,
}

impl OwnUserOnly {
    pub fn new(listener: UnixListener) -> OwnUserOnly {
        OwnUserOnly { listener, uid: rustix::process::geteuid().as_raw() }
    }
}

impl Listener for OwnUserOnly {
    type Io = UnixStream;
    type Addr = ();

    async fn accept(&mut self) -> (UnixStream, ()) {
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) if allowed(self.uid, stream.peer_cred().map(|peer| peer.uid())) => return (stream, ()),
                Ok(_) => {}
                Err(_) => tokio::time::sleep(Duration::from_millis(ACCEPT_REST_MS)).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<()> {
        Ok(())
    }
}

/// A peer that can't be told is nobody.
fn allowed(own: u32, peer: io::Result<u32>) -> bool {
    peer.is_ok_and(|uid| uid == own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_user() {
        for (peer, expected) in [
            (Ok(1000), true),
            (Ok(1001), false),
            (Ok(0), false),
            (Err(io::Error::from(io::ErrorKind::NotConnected)), false),
        ] {
            assert_eq!(allowed(1000, peer), expected);
        }
    }
}

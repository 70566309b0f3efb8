//! The way in over TCP: who may, from which pages, and how they sign in. Over the home's socket none of this is asked: the kernel says who is there.

mod access;
mod attempts;
mod codes;
pub(crate) mod connections;
mod grant;
mod guard;
mod headers;
mod hosts;
mod page;
mod random;
mod secrets;
mod session;
mod sessions;

pub use access::{Access, AccessOptions};
pub use attempts::{MAX_FAILURES, WINDOW_S};
pub use codes::CODE_LIFETIME_S;
pub use secrets::{MIN_PASSWORD_CHARACTERS, MIN_TOKEN_CHARACTERS};
pub use sessions::{MAX_SESSIONS, SESSION_IDLE_H, SESSION_LIFETIME_H};

pub(crate) use connections::serve;
pub(crate) use grant::Grant;
pub(crate) use guard::guard;
pub(crate) use headers::{headers, policy_with_styles};
pub(crate) use page::{login, login_script};
pub(crate) use random::{nonce, request_id};
pub(crate) use session::{make_code, show, sign_in, sign_out};

use std::net::TcpListener;
use std::sync::Arc;

/// A listener on TCP and the rules for who comes in by it.
pub struct Web {
    pub listener: TcpListener,
    pub access: Arc<Access>,
}

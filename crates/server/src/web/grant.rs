//! What let a request in; a stream asks again and again whether it still holds.

use super::access::Access;
use super::random::Digest;
use crate::problem::Answer;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use std::sync::Arc;
use std::time::Instant;
use suanzi_api::{Code, Problem};
use suanzi_dag_engine::FileAccess;

#[derive(Clone)]
pub(crate) struct Grant {
    pub who: Who,
    /// Only over TCP.
    pub access: Option<Arc<Access>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// A process of the server's own user, over the home's socket.
    Peer,
    /// Who knows this token.
    Token(Digest),
    /// A browser signed in. The digest names its session.
    Session(Digest),
    /// Nobody: on public routes only.
    Nobody,
}

impl Grant {
    pub fn peer() -> Grant {
        Grant { who: Who::Peer, access: None }
    }

    /// Would it be given again now?
    pub fn holds(&self) -> bool {
        let Some(access) = &self.access else { return self.who == Who::Peer };
        let current = access.secrets.current();
        match &self.who {
            Who::Peer => true,
            Who::Token(token) => current.token.as_ref() == Some(token),
            Who::Session(id) => access.sessions.holds(id, &current.epoch, Instant::now()),
            Who::Nobody => false,
        }
    }

    /// The files that DAGs of this request may name.
    pub fn files(&self) -> FileAccess {
        match (&self.who, &self.access) {
            (Who::Peer, _) => FileAccess::Any,
            (_, Some(access)) => access.files(),
            (_, None) => FileAccess::Under(Vec::new()),
        }
    }

    /// Commands on this host may name any path and any code; requests over TCP may not.
    pub fn is_peer(&self) -> bool {
        self.who == Who::Peer
    }
}

/// Every request has one, or it never got here.
impl<S: Send + Sync> FromRequestParts<S> for Grant {
    type Rejection = Answer;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Grant, Answer> {
        let grant = parts.extensions.get::<Grant>().cloned();
        grant.ok_or_else(|| Answer(Problem::new(Code::Unauthorized, "nobody let this request in")))
    }
}

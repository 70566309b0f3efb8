//! Signing in: a one-time code or the password becomes a session.

use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// `POST /api/v1/session`: exactly one of the two.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// From the address that `suanzi serve` or `suanzi url` printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

/// Secrets stay out of logs.
impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignIn")
    }
}

/// `GET /api/v1/session`, and the answer to signing in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SessionView {
    /// To be sent as [`crate::CSRF_HEADER`].
    pub csrf: String,
    /// Seconds until the session ends whatever happens.
    pub expires_in_s: u64,
}

/// `POST /api/v1/codes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CodeView {
    /// An address that signs in once.
    pub url: String,
    pub expires_in_s: u64,
}

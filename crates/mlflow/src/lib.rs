//! Runs on their way to an MLflow server: what goes there, what waits, what became of it. Who sends is given as a function; nothing here knows HTTP.

mod describe;
mod outbox;

pub use describe::describe;
pub use outbox::{Entry, Outbox, Sending, State};

/// The server's address: set, runs go there.
pub const ADDRESS: &str = "MLFLOW_TRACKING_URI";

/// Is there a server that runs go to?
pub fn is_wanted() -> bool {
    std::env::var_os(ADDRESS).is_some_and(|address| !address.is_empty())
}

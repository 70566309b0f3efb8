//! Kills the real engine at random instants, goes on, and judges: by plain SQL, by lines that operators leave outside the engine's reach, and by what was told before the kill. Shares no code with the engine.

mod campaign;
mod database;
mod dice;
mod fail_point;
mod life;
mod processes;
mod python;
mod run_rows;
mod scene;
#[cfg(feature = "servers")]
mod server_database;
mod takeover;
mod verdict;

pub use campaign::{Campaign, Tally};
pub use database::Database;
pub use fail_point::FailPoint;
#[cfg(feature = "servers")]
pub use server_database::ServerDatabase;

//! Kills the real engine at random instants, goes on, and judges: by plain SQL, by lines that operators leave outside the engine's reach, and by what was told before the kill. Shares no code with the engine.

mod campaign;
mod dice;
mod life;
mod processes;
mod python;
mod run_rows;
mod scene;
mod takeover;
mod verdict;

pub use campaign::{Campaign, Tally};

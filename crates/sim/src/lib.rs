//! The engine's deciding half in a small world of its own: one thread, one seed, crashes at any step, and oracles that share no code with it.
//!
//! Real: `Core` (and the scheduler in it), recovery's `recovered`, the in-memory store. Modelled: the writer (it commits later than attempts are handed out), the describer, workers, disks, clocks, users.
//! Any step may be a crash: the core, what waits to be committed and what was to be told afterwards are gone. Workers may live on and report to the next engine; an engine may live on after another took its runs over.

mod commit;
mod disk;
mod flaw;
mod oracle;
mod outcome;
mod process;
mod rng;
mod shape;
mod worker;
mod world;

pub use flaw::Flaw;
pub use outcome::{Report, Violation};

/// Plays one world to its end.
pub fn simulate(seed: u64, flaw: Option<Flaw>) -> Result<Report, Violation> {
    world::World::new(seed, flaw).play()
}

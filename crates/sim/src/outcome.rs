//! How a simulated world ended.

use std::fmt;

/// What happened in a world in which nothing went wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    pub steps: u64,
    pub runs: u64,
    pub attempts: u64,
    pub crashes: u64,
    /// Crashes with records that weren't committed yet.
    pub crashes_with_uncommitted: u64,
    /// An engine took runs over from one that went on living.
    pub takeovers: u64,
    pub refused_batches: u64,
    /// Ends of attempts of dead engines that were told to a living one.
    pub zombie_results: u64,
    pub duplicates: u64,
    /// Attempts of an engine that a later one re-attached to, and of these the ones that had ended meanwhile.
    pub re_attached: u64,
    pub ended_meanwhile: u64,
    pub acknowledgements: u64,
    pub cached: u64,
    /// Hash of all that was decided: equal for equal seeds.
    pub trace: u64,
}

impl Report {
    pub fn add(&mut self, other: &Report) {
        self.steps += other.steps;
        self.runs += other.runs;
        self.attempts += other.attempts;
        self.crashes += other.crashes;
        self.crashes_with_uncommitted += other.crashes_with_uncommitted;
        self.takeovers += other.takeovers;
        self.refused_batches += other.refused_batches;
        self.zombie_results += other.zombie_results;
        self.duplicates += other.duplicates;
        self.re_attached += other.re_attached;
        self.ended_meanwhile += other.ended_meanwhile;
        self.acknowledgements += other.acknowledgements;
        self.cached += other.cached;
        self.trace = self.trace.rotate_left(7) ^ other.trace;
    }

    pub(crate) fn traced(&mut self, what: u64) {
        self.trace = (self.trace ^ what).wrapping_mul(0x0100_0000_01b3).rotate_left(23);
    }
}

/// A promise was broken.
#[derive(Debug, Clone)]
pub struct Violation {
    pub seed: u64,
    pub step: u64,
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Violation { seed, step, what } = self;
        write!(
            f,
            "seed {seed}, step {step}: {what}\n  again: SUANZI_SIM_SEED={seed} cargo test -p suanzi-sim --test seeds one_seed -- --nocapture"
        )
    }
}

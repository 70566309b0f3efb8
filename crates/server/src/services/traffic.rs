//! What passed through a service: counts, a rate, a histogram of latencies.

use std::collections::VecDeque;
use std::time::{Duration, Instant};
use suanzi_api::{LatencyBucket, Traffic};

/// Each bucket reaches a quarter further than the one before: a percentile is right to that.
const GROWTH: f64 = 1.25;
const FIRST_US: f64 = 50.0;
/// The last one reaches beyond a minute.
const BUCKETS: usize = 64;
/// Over which the rate is told.
const RATE_S: u64 = 60;

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum End {
    Answered { rows: usize },
    BadInput,
    Refused,
    Failed,
}

pub(super) struct Meter {
    since: Instant,
    counts: Traffic,
    buckets: [u64; BUCKETS],
    /// Second since the start, and requests in it; those of the last minute.
    seconds: VecDeque<(u64, u64)>,
}

impl Meter {
    pub fn new() -> Meter {
        Meter { since: Instant::now(), counts: Traffic::default(), buckets: [0; BUCKETS], seconds: VecDeque::new() }
    }

    pub fn note(&mut self, end: End, took: Duration) {
        self.note_at(self.since.elapsed().as_secs(), end, took);
    }

    fn note_at(&mut self, second: u64, end: End, took: Duration) {
        match end {
            End::Refused => return self.counts.refused += 1,
            End::Failed => return self.counts.failed += 1,
            End::BadInput => self.counts.bad_inputs += 1,
            End::Answered { rows } => {
                self.counts.rows += rows as u64;
                let took = took.as_micros().max(1) as f64;
                let bucket = ((took / FIRST_US).ln() / GROWTH.ln()).ceil().max(0.0) as usize;
                self.buckets[bucket.min(BUCKETS - 1)] += 1;
            }
        }
        self.counts.requests += 1;
        match self.seconds.back_mut() {
            Some((last, count)) if *last == second => *count += 1,
            _ => self.seconds.push_back((second, 1)),
        }
        while self.seconds.front().is_some_and(|(first, _)| first + RATE_S <= second) {
            self.seconds.pop_front();
        }
    }

    pub fn show(&self) -> Traffic {
        self.show_at(self.since.elapsed())
    }

    fn show_at(&self, now: Duration) -> Traffic {
        let recent = self.seconds.iter().filter(|(second, _)| second + RATE_S > now.as_secs());
        let recent: u64 = recent.map(|(_, count)| count).sum();
        let over = now.as_secs_f64().clamp(1.0, RATE_S as f64);
        let latencies = self.buckets.iter().enumerate().filter(|(_, count)| **count > 0);
        Traffic {
            per_second: recent as f64 / over,
            p50_us: self.percentile(0.5),
            p95_us: self.percentile(0.95),
            p99_us: self.percentile(0.99),
            latencies: latencies.map(|(at, count)| LatencyBucket { up_to_us: reach(at), count: *count }).collect(),
            ..self.counts.clone()
        }
    }

    fn percentile(&self, share: f64) -> Option<u64> {
        let all: u64 = self.buckets.iter().sum();
        let wanted = (all as f64 * share).ceil().max(1.0) as u64;
        let mut seen = 0;
        self.buckets.iter().enumerate().find_map(|(at, count)| {
            seen += count;
            (seen >= wanted).then(|| reach(at))
        })
    }
}

fn reach(bucket: usize) -> u64 {
    (FIRST_US * GROWTH.powi(bucket as i32)).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_right_to_a_quarter() {
        let mut meter = Meter::new();
        assert_eq!(meter.show_at(Duration::ZERO), Traffic::default());
        for millis in 1..=1_000 {
            meter.note_at(0, End::Answered { rows: 2 }, Duration::from_millis(millis));
        }
        let shown = meter.show_at(Duration::from_secs(10));
        for (found, exact) in [(shown.p50_us, 500_000.0), (shown.p95_us, 950_000.0), (shown.p99_us, 990_000.0)] {
            let found = found.expect("there are answers") as f64;
            assert!((exact..=exact * 1.26).contains(&found), "{found} for {exact}");
        }
        assert_eq!((shown.requests, shown.rows), (1_000, 2_000));
        assert_eq!(shown.latencies.iter().map(|b| b.count).sum::<u64>(), 1_000);
        assert!((shown.per_second - 100.0).abs() < 1e-9, "{}", shown.per_second);
        assert!(shown.latencies.windows(2).all(|pair| pair[0].up_to_us < pair[1].up_to_us));
    }

    #[test]
    fn the_rate_forgets_after_a_minute() {
        let mut meter = Meter::new();
        for second in [0, 30, 59] {
            meter.note_at(second, End::BadInput, Duration::ZERO);
        }
        assert!((meter.show_at(Duration::from_secs(60)).per_second - 2.0 / 60.0).abs() < 1e-9);
        assert!((meter.show_at(Duration::from_secs(200)).per_second).abs() < 1e-9);
        for end in [End::Refused, End::Failed] {
            meter.note_at(61, end, Duration::ZERO);
        }
        let shown = meter.show_at(Duration::from_secs(61));
        assert_eq!((shown.requests, shown.bad_inputs, shown.refused, shown.failed), (3, 3, 1, 1));
        assert_eq!((shown.p50_us, shown.latencies.len()), (None, 0));
    }

    #[test]
    fn the_longest_fall_into_the_last_bucket() {
        let mut meter = Meter::new();
        meter.note_at(0, End::Answered { rows: 1 }, Duration::from_secs(3_600));
        assert!(meter.show_at(Duration::ZERO).p99_us.is_some_and(|us| us > 60_000_000));
    }
}

//! Cron expressions in time zones, by croner over jiff.
//!
//! A fixed time that a change to summer time leaves out is due at the first moment after the gap; one that a change back repeats is due once. Expressions with `*` or steps in minutes or hours go by the clock that passes: they are due in both repeated hours and not in the missing one.

use crate::schedule::{MAX_CRON_BYTES, ScheduleError};
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, Zoned};

const FORM: &str =
    "write five fields: minute, hour, day of month, month, day of week, as in `30 2 * * 1-5`, or `@daily`";
/// From here it is seen whether an expression is ever due: 29 February comes within eight years of anywhere.
const LOOK_FROM_MS: i64 = 1_767_225_600_000;

#[derive(Debug, Clone)]
pub(crate) struct Due {
    cron: Cron,
    zone: TimeZone,
}

impl Due {
    pub fn parse(cron: &str, timezone: &str) -> Result<Due, ScheduleError> {
        let bad = |message: String, hint: &str| ScheduleError { code: "bad_schedule", message, hint: hint.into() };
        let text = cron.trim();
        if text.len() > MAX_CRON_BYTES || text.chars().any(char::is_control) {
            return Err(bad("the schedule's `cron` is no cron expression".into(), FORM));
        }
        let fields = text.split_whitespace().count();
        if !text.starts_with('@') && fields != 5 {
            let hint = if fields > 5 { "leave out seconds and years: a minute is the shortest step" } else { FORM };
            return Err(bad(format!("`cron` is '{text}': it has {fields} fields, not five"), hint));
        }
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let cron = parser.parse(text).map_err(|error| {
            let reason = error.to_string();
            let reason = reason.split_once(": ").map_or(reason.as_str(), |(_, reason)| reason);
            bad(format!("`cron` is '{text}': {}", reason.trim_end_matches('.')), FORM)
        })?;
        let zone = TimeZoneDatabase::bundled().get(timezone).map_err(|_| ScheduleError {
            code: "unknown_time_zone",
            message: format!("the time zone '{}' doesn't exist", timezone.escape_debug()),
            hint: "give a name such as `Asia/Shanghai`, `Europe/Berlin` or `UTC`".into(),
        })?;
        let due = Due { cron, zone };
        match due.next_after(LOOK_FROM_MS) {
            Some(_) => Ok(due),
            None => Err(bad(format!("`cron` is '{text}', which is never due"), "check day and month")),
        }
    }

    pub fn next_after(&self, after_ms: i64) -> Option<i64> {
        let start: Zoned = Timestamp::from_millisecond(after_ms).ok()?.to_zoned(self.zone.clone());
        let next = self.cron.find_next_occurrence(&start, false).ok()?.timestamp().as_millisecond();
        // Milliseconds of `after_ms` are below what cron knows: never give back what lies before.
        (next > after_ms).then_some(next)
    }
}

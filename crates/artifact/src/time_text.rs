//! Dates and times as ISO 8601 text, in the proleptic Gregorian calendar.

use arrow_schema::{DataType, TimeUnit};

const SECONDS_PER_DAY: i64 = 86_400;
const MILLISECONDS_PER_DAY: i64 = 86_400_000;

/// The text of a date, time, timestamp or duration stored as this number; nothing for other types.
///
/// A timestamp with a time zone is an instant and is shown in UTC, with a `Z`; one without is shown as it stands.
/// Durations read as seconds: `90.5s`.
pub(crate) fn time_text(data_type: &DataType, value: i64) -> Option<String> {
    let text = match data_type {
        DataType::Date32 => date(value),
        DataType::Date64 => date(value.div_euclid(MILLISECONDS_PER_DAY)),
        DataType::Time32(unit) | DataType::Time64(unit) => {
            let (seconds, fraction) = split(value, *unit);
            clock(seconds, fraction, *unit)
        }
        DataType::Timestamp(unit, zone) => {
            let (seconds, fraction) = split(value, *unit);
            let day = date(seconds.div_euclid(SECONDS_PER_DAY));
            let time = clock(seconds.rem_euclid(SECONDS_PER_DAY), fraction, *unit);
            format!("{day}T{time}{}", if zone.is_some() { "Z" } else { "" })
        }
        DataType::Duration(unit) => {
            let sign = if value < 0 { "-" } else { "" };
            let magnitude = value.unsigned_abs();
            let per_second = per_second(*unit).unsigned_abs();
            format!("{sign}{}{}s", magnitude / per_second, fraction_text((magnitude % per_second) as i64, *unit))
        }
        _ => return None,
    };
    Some(text)
}

fn per_second(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => 1,
        TimeUnit::Millisecond => 1_000,
        TimeUnit::Microsecond => 1_000_000,
        TimeUnit::Nanosecond => 1_000_000_000,
    }
}

fn split(value: i64, unit: TimeUnit) -> (i64, i64) {
    (value.div_euclid(per_second(unit)), value.rem_euclid(per_second(unit)))
}

fn clock(seconds: i64, fraction: i64, unit: TimeUnit) -> String {
    let (hours, minutes) = (seconds.div_euclid(3_600), seconds.rem_euclid(3_600) / 60);
    format!("{hours:02}:{minutes:02}:{:02}{}", seconds.rem_euclid(60), fraction_text(fraction, unit))
}

fn fraction_text(fraction: i64, unit: TimeUnit) -> String {
    match (fraction, unit) {
        (0, _) | (_, TimeUnit::Second) => String::new(),
        (_, TimeUnit::Millisecond) => format!(".{fraction:03}"),
        (_, TimeUnit::Microsecond) => format!(".{fraction:06}"),
        (_, TimeUnit::Nanosecond) => format!(".{fraction:09}"),
    }
}

/// The date of a day counted from 1970-01-01. Years run from March in the arithmetic, so that leap days come last.
fn date(day: i64) -> String {
    const DAYS_PER_ERA: i128 = 146_097;
    // Day 0 becomes 0000-03-01. The widest timestamps have 2^63 seconds, but dates come as any 64-bit number of days.
    let day = i128::from(day) + 719_468;
    let (era, of_era) = (day.div_euclid(DAYS_PER_ERA), day.rem_euclid(DAYS_PER_ERA));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day_of_month = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = era * 400 + year_of_era + i128::from(month <= 2);
    match year {
        0..=9_999 => format!("{year:04}-{month:02}-{day_of_month:02}"),
        _ => format!("{year:+05}-{month:02}-{day_of_month:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_iso_8601() {
        use TimeUnit::*;
        let check = |data_type: DataType, value: i64, expected: &str| {
            assert_eq!(time_text(&data_type, value).as_deref(), Some(expected), "{data_type:?} {value}");
        };
        check(DataType::Date32, 0, "1970-01-01");
        check(DataType::Date32, -1, "1969-12-31");
        check(DataType::Date32, 19_782, "2024-02-29");
        check(DataType::Date32, 11_016, "2000-02-29");
        check(DataType::Date32, -719_528, "0000-01-01");
        check(DataType::Date32, -719_529, "-0001-12-31");
        check(DataType::Date32, 2_932_897, "+10000-01-01");
        check(DataType::Date64, 86_400_000, "1970-01-02");
        check(DataType::Date64, -1, "1969-12-31");
        check(DataType::Time32(Second), 3_661, "01:01:01");
        check(DataType::Time64(Nanosecond), 1, "00:00:00.000000001");
        check(DataType::Timestamp(Second, None), 1_709_210_096, "2024-02-29T12:34:56");
        check(DataType::Timestamp(Millisecond, Some("Asia/Shanghai".into())), -1, "1969-12-31T23:59:59.999Z");
        check(DataType::Timestamp(Microsecond, None), 1_500_000, "1970-01-01T00:00:01.500000");
        check(DataType::Duration(Millisecond), -1_500, "-1.500s");
        check(DataType::Duration(Second), i64::MIN, "-9223372036854775808s");
        assert_eq!(time_text(&DataType::Int64, 1), None);
    }

    #[test]
    fn no_number_is_too_far_away() {
        for value in [i64::MIN, i64::MIN + 1, i64::MAX] {
            for unit in [TimeUnit::Second, TimeUnit::Millisecond, TimeUnit::Microsecond, TimeUnit::Nanosecond] {
                for data_type in [
                    DataType::Date32,
                    DataType::Date64,
                    DataType::Time64(unit),
                    DataType::Timestamp(unit, None),
                    DataType::Duration(unit),
                ] {
                    assert!(time_text(&data_type, value).is_some_and(|text| !text.is_empty()));
                }
            }
        }
    }
}

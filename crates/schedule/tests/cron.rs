//! When cron expressions are due, around changes of the clock too, and what is refused.

use jiff::Timestamp;
use suanzi_schedule::{Missed, Schedule};

fn ms(text: &str) -> i64 {
    text.parse::<Timestamp>().expect("a time").as_millisecond()
}

fn schedule(cron: &str, zone: &str) -> Schedule {
    Schedule::new(cron, Some(zone), Missed::All).expect("a schedule")
}

/// All due times after `from`, up to and with `to`.
fn check(cron: &str, zone: &str, (from, to): (&str, &str), expected: &[&str]) {
    let to = ms(to);
    let found: Vec<String> = schedule(cron, zone)
        .upcoming(ms(from))
        .take_while(|at| *at <= to)
        .map(|at| Timestamp::from_millisecond(at).expect("a time").to_string())
        .collect();
    assert_eq!(found, expected, "{cron} {zone}");
}

#[test]
fn due_times_of_ordinary_days() {
    let day = ("2026-11-26T00:00:00Z", "2026-11-27T00:00:00Z");
    check("0 */8 * * *", "UTC", day, &["2026-11-26T08:00:00Z", "2026-11-26T16:00:00Z", "2026-11-27T00:00:00Z"]);
    check("30 2 * * *", "Asia/Shanghai", day, &["2026-11-26T18:30:00Z"]);
    check("@daily", "UTC", day, &["2026-11-27T00:00:00Z"]);
    check("0 9 * * MON", "UTC", day, &[]);
    check("0 9 * * THU", "UTC", day, &["2026-11-26T09:00:00Z"]);
    check("0 0 29 2 *", "UTC", ("2026-01-01T00:00:00Z", "2030-01-01T00:00:00Z"), &["2028-02-29T00:00:00Z"]);
}

#[test]
fn a_time_left_out_in_spring_is_due_after_the_gap() {
    // Berlin: 02:00 to 03:00 doesn't exist on 2026-03-29.
    let night = ("2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z");
    check("30 2 * * *", "Europe/Berlin", night, &["2026-03-29T01:00:00Z"]);
    check("30 3 * * *", "Europe/Berlin", night, &["2026-03-29T01:30:00Z"]);
    let hours = ("2026-03-28T23:30:00Z", "2026-03-29T03:00:00Z");
    check(
        "0 * * * *",
        "Europe/Berlin",
        hours,
        &["2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z", "2026-03-29T03:00:00Z"],
    );
    // New York on 2026-03-08.
    check(
        "15 2 * * *",
        "America/New_York",
        ("2026-03-08T00:00:00Z", "2026-03-09T12:00:00Z"),
        &["2026-03-08T07:00:00Z", "2026-03-09T06:15:00Z"],
    );
}

#[test]
fn a_time_repeated_in_autumn_is_due_once_and_hours_are_due_each() {
    // Berlin: 02:00 to 03:00 comes twice on 2026-10-25.
    let night = ("2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z");
    check("30 2 * * *", "Europe/Berlin", night, &["2026-10-25T00:30:00Z"]);
    let hours = ("2026-10-24T23:30:00Z", "2026-10-25T02:00:00Z");
    check(
        "0 * * * *",
        "Europe/Berlin",
        hours,
        &["2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z"],
    );
}

#[test]
fn milliseconds_after_a_due_time_do_not_bring_it_again() {
    let schedule = schedule("0 * * * *", "UTC");
    let at = ms("2026-11-26T10:00:00Z");
    for after in [at, at + 1, at + 999, at + 1_000] {
        assert_eq!(schedule.next_after(after), Some(at + 3_600_000), "{after}");
    }
    assert_eq!(schedule.next_after(at - 1), Some(at));
    assert_eq!(schedule.next_after(i64::MAX), None);
    assert_eq!(schedule.next_after(i64::MIN), None);
}

#[test]
fn what_is_refused_says_why() {
    for (cron, zone, code, message) in [
        ("", "UTC", "bad_schedule", "0 fields"),
        ("* * * * * *", "UTC", "bad_schedule", "6 fields"),
        ("61 * * * *", "UTC", "bad_schedule", "61"),
        ("* * * *", "UTC", "bad_schedule", "4 fields"),
        ("a b c d e", "UTC", "bad_schedule", "a b c d e"),
        ("0 0 30 2 *", "UTC", "bad_schedule", "never due"),
        ("*/0 * * * *", "UTC", "bad_schedule", "*/0"),
        ("@never", "UTC", "bad_schedule", "@never"),
        ("0 0 * * *\n", "UTC", "", ""),
        ("0 0 * *\t\u{7}*", "UTC", "bad_schedule", "no cron"),
        ("0 0 * * *", "Mars/Olympus", "unknown_time_zone", "Mars/Olympus"),
        ("0 0 * * *", "", "unknown_time_zone", "''"),
        ("0 0 * * *", "../../etc/passwd", "unknown_time_zone", "passwd"),
    ] {
        match Schedule::new(cron, Some(zone), Missed::Skip) {
            Ok(_) => assert_eq!(code, "", "{cron:?} {zone} is taken"),
            Err(error) => {
                assert_eq!(error.code, code, "{cron:?}: {error}");
                assert!(error.message.contains(message) && !error.hint.is_empty(), "{error:?}");
            }
        }
    }
}

#[test]
fn the_text_form_is_stable() {
    let schedule = Schedule::new(" 30 2 * * * ", Some("Asia/Shanghai"), Missed::Once).expect("a schedule");
    let text = serde_json::to_string(&schedule).expect("JSON");
    assert_eq!(text, r#"{"cron":"30 2 * * *","timezone":"Asia/Shanghai","missed":"once"}"#);
    assert_eq!(Schedule::new("0 0 * * *", None, Missed::Skip).expect("a schedule").timezone(), "UTC");
}

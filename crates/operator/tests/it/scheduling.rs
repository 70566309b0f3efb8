//! What `schedule`, `on_failure` and `on_success` may say.

use crate::builders::{check_faults, one};
use suanzi_dag::{Dag, Value};
use suanzi_operator::bind::BindOptions;
use suanzi_operator::scheduling::{schedule, webhook};

fn text(text: &str) -> Value {
    Value::Str(text.into())
}

fn map(entries: &[(&str, Value)]) -> Value {
    Value::Map(entries.iter().map(|(k, v)| (k.to_string(), v.clone())).collect())
}

fn with(schedule: Option<Value>, on_failure: Option<Value>, on_success: Option<Value>) -> Dag {
    Dag { schedule, on_failure, on_success, ..one("noop", &[]) }
}

#[test]
fn schedules_are_read() {
    for (value, expected) in [
        (None, None),
        (Some(Value::Null), None),
        (Some(text("0 3 * * *")), Some("0 3 * * * UTC skip")),
        (
            Some(map(&[("cron", text("@hourly")), ("timezone", text("Asia/Shanghai"))])),
            Some("@hourly Asia/Shanghai skip"),
        ),
        (Some(map(&[("missed", text("all")), ("cron", text("0 3 * * *"))])), Some("0 3 * * * UTC all")),
    ] {
        let read = schedule(&with(value.clone(), None, None)).unwrap_or_else(|f| panic!("{value:?}: {f}"));
        let said = read.map(|s| format!("{} {} {}", s.cron(), s.timezone(), s.missed()));
        assert_eq!(said.as_deref(), expected, "{value:?}");
    }
}

#[test]
fn bad_ones_are_said_at_their_place() {
    let form = "write `schedule: \"30 2 * * *\"`, or `schedule: {cron: \"30 2 * * *\", timezone: Asia/Shanghai, missed: once}` (skip, once or all)";
    for (value, code, message, hint) in [
        (Value::Int(5), "bad_schedule", "`schedule` must be a cron expression or a map, not an integer", form),
        (map(&[]), "bad_schedule", "the schedule has no `cron`", form),
        (map(&[("every", text("day"))]), "bad_schedule", "the schedule has no key 'every'", form),
        (
            map(&[("cron", Value::Int(5))]),
            "bad_schedule",
            "`cron` of the schedule must be a string, not an integer",
            form,
        ),
        (map(&[("missed", text("never"))]), "bad_schedule", "`missed` of the schedule is 'never'", form),
        (
            map(&[("cron", text("0 3 * * *")), ("timezone", text("Berlin"))]),
            "unknown_time_zone",
            "the time zone 'Berlin' doesn't exist",
            "give a name such as `Asia/Shanghai`, `Europe/Berlin` or `UTC`",
        ),
        (
            text("* * * * * *"),
            "bad_schedule",
            "`cron` is '* * * * * *': it has 6 fields, not five",
            "leave out seconds and years: a minute is the shortest step",
        ),
    ] {
        let expected = format!("7:1: error[{code}]: {message} | {hint}");
        check_faults(&with(Some(value), None, None), &BindOptions::default(), &[&expected]);
    }
}

#[test]
fn webhooks_are_addresses_of_the_web() {
    for (url, good) in [
        ("https://hooks.example.com/a?b=c", true),
        ("http://10.0.0.5:8080/", true),
        ("http://[::1]:80/x", true),
        ("https://h", true),
        ("ftp://h/", false),
        ("file:///etc/passwd", false),
        ("https://", false),
        ("https://user:word@h/", false),
        ("https://h/ x", false),
        ("https://h:99999/", false),
        ("https://h\r\nX: y/", false),
        ("hooks.example.com", false),
    ] {
        let dag = with(None, Some(map(&[("webhook", text(url))])), None);
        assert_eq!(webhook(&dag, true).is_ok_and(|found| found == Some(url)), good, "{url}");
        assert_eq!(webhook(&dag, false), Ok(None));
    }
    let hint = "write `{webhook: \"https://host/path\"}`";
    for (value, message) in [
        (text("https://h/"), "must be a map, not a string"),
        (map(&[("mail", text("a@b"))]), "must hold `webhook` with an address, and nothing else"),
    ] {
        let expected = format!("7:1: error[bad_webhook]: `on_success` {message} | {hint}");
        check_faults(&with(None, None, Some(value)), &BindOptions::default(), &[&expected]);
    }
}

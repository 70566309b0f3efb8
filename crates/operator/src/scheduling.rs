//! `schedule`, `on_failure` and `on_success` of a DAG: read, and their faults said with place and hint.

use crate::places::Places;
use crate::quote::Quoted;
use crate::report::Report;
use suanzi_dag::{Dag, Fault, Value};
use suanzi_schedule::{Missed, Schedule};

/// Longest address of a webhook, in bytes.
pub const MAX_WEBHOOK_BYTES: usize = 2_000;

const SCHEDULE_FORM: &str = "write `schedule: \"30 2 * * *\"`, or `schedule: {cron: \"30 2 * * *\", timezone: Asia/Shanghai, missed: once}` (skip, once or all)";
const WEBHOOK_FORM: &str = "write `{webhook: \"https://host/path\"}`";

/// When the DAG is due, `None` where it says nothing of it.
///
/// # Errors
/// What is wrong with `schedule`, without its place.
pub fn schedule(dag: &Dag) -> Result<Option<Schedule>, Fault> {
    let bad = |message: String| Fault::new("bad_schedule", message).hint(SCHEDULE_FORM);
    let (mut cron, mut timezone, mut missed) = (None, None, Missed::default());
    match &dag.schedule {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Str(text)) => cron = Some(text.as_str()),
        Some(Value::Map(entries)) => {
            for (key, value) in entries {
                match (key.as_str(), value) {
                    ("cron", Value::Str(text)) => cron = Some(text),
                    ("timezone", Value::Str(text)) => timezone = Some(text.as_str()),
                    ("missed", Value::Str(text)) => {
                        let known = Missed::ALL.into_iter().find(|policy| policy.name() == text);
                        missed = known.ok_or_else(|| bad(format!("`missed` of the schedule is {}", Quoted(text))))?;
                    }
                    ("cron" | "timezone" | "missed", other) => {
                        return Err(bad(format!("`{key}` of the schedule must be a string, not {}", kind(other))));
                    }
                    _ => return Err(bad(format!("the schedule has no key {}", Quoted(key)))),
                }
            }
        }
        Some(other) => {
            return Err(bad(format!("`schedule` must be a cron expression or a map, not {}", kind(other))));
        }
    }
    let cron = cron.ok_or_else(|| bad("the schedule has no `cron`".into()))?;
    Schedule::new(cron, timezone, missed).map(Some).map_err(|error| match error.code {
        "unknown_time_zone" => Fault::new("unknown_time_zone", error.message).hint(error.hint),
        _ => Fault::new("bad_schedule", error.message).hint(error.hint),
    })
}

/// Where a run's end is told: `on_failure` or `on_success`.
///
/// # Errors
/// What is wrong with it, without its place.
pub fn webhook(dag: &Dag, failed: bool) -> Result<Option<&str>, Fault> {
    let (key, value) = if failed { ("on_failure", &dag.on_failure) } else { ("on_success", &dag.on_success) };
    let bad = |message: String| Fault::new("bad_webhook", message).hint(WEBHOOK_FORM);
    let url = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Map(entries)) => match &entries[..] {
            [(name, Value::Str(url))] if name == "webhook" => url.as_str(),
            _ => return Err(bad(format!("`{key}` must hold `webhook` with an address, and nothing else"))),
        },
        Some(other) => return Err(bad(format!("`{key}` must be a map, not {}", kind(other)))),
    };
    if is_web_address(url) {
        return Ok(Some(url));
    }
    Err(bad(format!("`webhook` of `{key}` is {}, which is no address of the web", Quoted(url))))
}

/// `http` or `https`, a host, perhaps a port; no user, no blanks.
fn is_web_address(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let Some(rest) = rest.filter(|_| url.len() <= MAX_WEBHOOK_BYTES) else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => {
            if port.parse::<u16>().is_err() {
                return false;
            }
            host
        }
        _ => authority,
    };
    !host.is_empty() && !authority.contains(['@', '\\']) && url.bytes().all(|b| b.is_ascii_graphic())
}

/// `an integer`, `a map`.
pub(crate) fn kind(value: &Value) -> String {
    let name = value.type_name();
    format!("{} {name}", if name.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" })
}

/// Says what is wrong with the three.
pub(crate) fn check(dag: &Dag, places: &dyn Places, report: &mut Report) {
    let found = [
        ("schedule", schedule(dag).err()),
        ("on_failure", webhook(dag, true).err()),
        ("on_success", webhook(dag, false).err()),
    ];
    for (field, fault) in found {
        if let Some(fault) = fault {
            report.error(|| fault.at(places.place_of_dag_field(field)));
        }
    }
}

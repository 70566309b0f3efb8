//! Reads one entry of `operator_details`.

use crate::fault_log::Stop;
use crate::limits::MAX_DEPTH_LEVELS;
use crate::quantity::{parse_duration_ms, parse_memory_bytes};
use crate::reader::{Extent, Key, Reader};
use crate::suggest::nearest;
use crate::{Coordinate, Fault, Operator, OperatorId, Place, Resources, TriggerRule, Value};

/// Attempts after the first.
pub const MAX_RETRIES: i64 = 1_000;
const DAY_MS: u64 = 86_400_000;
/// Longest wait before another attempt: 7 days.
pub const MAX_RETRY_DELAY_MS: u64 = 7 * DAY_MS;
/// Longest time an attempt may take: 30 days.
pub const MAX_TIMEOUT_MS: u64 = 30 * DAY_MS;
/// Priorities go from minus this to this.
pub const MAX_PRIORITY: i64 = 1_000;
pub const MAX_CPU_CORES: f64 = 1_024.0;
pub const MAX_GPU_DEVICES: f64 = 1_024.0;
/// 1 MiB.
pub const MIN_MEMORY_BYTES: u64 = 1 << 20;
/// 64 TiB.
pub const MAX_MEMORY_BYTES: u64 = 64 << 40;

pub(crate) const OPERATOR_KEYS: [&str; 17] = [
    "algo_name",
    "data_type",
    "type",
    "cn_name",
    "coordinate",
    "params",
    "executor",
    "retries",
    "retry_delay",
    "timeout",
    "resources",
    "cache",
    "priority",
    "trigger_rule",
    "pool",
    "env",
    "disabled",
];

/// Reads the details of the operator `id`, whose key stands at `place`.
pub(crate) fn read_operator(
    r: &mut Reader<'_>,
    id: OperatorId,
    place: Place,
) -> Result<(Operator, Option<Extent>), Stop> {
    let mut op = empty(id);
    let mut algo_name = None;
    let mut algo_seen = false;
    let mut unknown = Vec::new();
    let mut present = Vec::new();
    let errors_before = r.faults.error_count();
    let extent = r.map("an operator", &mut |r, key| {
        if let Some(known) = OPERATOR_KEYS.iter().find(|k| **k == key.text) {
            present.push(*known);
        }
        match &*key.text {
            "algo_name" => {
                let errors = r.faults.error_count();
                algo_name = r.string("`algo_name`")?;
                // A wrong type has been reported; nothing there has not.
                algo_seen = algo_name.is_some() || r.faults.error_count() > errors;
            }
            "data_type" => op.data_type = r.string("`data_type`")?,
            "type" => op.kind_label = r.string("`type`")?,
            "cn_name" => op.cn_name = r.string("`cn_name`")?,
            "coordinate" => op.coordinate = read_coordinate(r)?,
            "params" => {
                r.map("`params`", &mut |r, key| {
                    let value = r.value()?;
                    op.params.push((key.text.into_owned(), value));
                    Ok(())
                })?;
                op.params.shrink_to_fit();
            }
            "executor" => op.executor = r.string("`executor`")?,
            "retries" => op.retries = r.int("`retries`", 0..=MAX_RETRIES)?.map(|n| n as u32),
            "retry_delay" => op.retry_delay_ms = read_duration(r, "`retry_delay`", 0, MAX_RETRY_DELAY_MS, "0 to 7d")?,
            "timeout" => op.timeout_ms = read_duration(r, "`timeout`", 1, MAX_TIMEOUT_MS, "1ms to 30d")?,
            "resources" => op.resources = read_resources(r)?,
            "cache" => op.cache = r.bool("`cache`")?,
            "priority" => op.priority = r.int("`priority`", -MAX_PRIORITY..=MAX_PRIORITY)?.map(|n| n as i32),
            "trigger_rule" => op.trigger_rule = read_trigger_rule(r)?,
            "pool" => op.pool = r.string("`pool`")?,
            "env" => op.env = some(r.value()?),
            "disabled" => op.disabled = r.bool("`disabled`")?.unwrap_or(false),
            _ => keep(r, key, &mut op.extra, &mut unknown)?,
        }
        Ok(())
    })?;
    r.warn_misspelled(&unknown, &OPERATOR_KEYS, &present);
    op.extra.shrink_to_fit();
    match algo_name {
        Some(name) => op.algo_name = name,
        None if !algo_seen && (extent.is_some() || r.faults.error_count() == errors_before) => r.faults.push(
            Fault::new("missing_key", "the operator has no `algo_name`")
                .hint("name the algorithm it runs, as in `algo_name: algo_local_read_file`")
                .at(Some(place)),
        ),
        None => {}
    }
    Ok((op, extent))
}

fn empty(id: OperatorId) -> Operator {
    Operator {
        id,
        algo_name: String::new(),
        data_type: None,
        kind_label: None,
        cn_name: None,
        coordinate: None,
        params: Vec::new(),
        executor: None,
        retries: None,
        retry_delay_ms: None,
        timeout_ms: None,
        resources: Resources::default(),
        cache: None,
        priority: None,
        trigger_rule: None,
        pool: None,
        env: None,
        disabled: false,
        extra: Vec::new(),
    }
}

/// Null stands for absence.
pub(crate) fn some(value: Value) -> Option<Value> {
    if value == Value::Null { None } else { Some(value) }
}

/// Keeps an unknown key for the version that knows it.
pub(crate) fn keep(
    r: &mut Reader<'_>,
    key: Key<'_>,
    extra: &mut Vec<(String, Value)>,
    unknown: &mut Vec<(String, Place)>,
) -> Result<(), Stop> {
    // Only as many as one would mistype; a map may hold a million others.
    if unknown.len() < MAX_DEPTH_LEVELS {
        unknown.push((key.text.to_string(), key.place));
    }
    let value = r.value()?;
    extra.push((key.text.into_owned(), value));
    Ok(())
}

fn read_coordinate(r: &mut Reader<'_>) -> Result<Option<Coordinate>, Stop> {
    let place = r.place()?;
    let (mut x, mut y) = (None, None);
    let errors = r.faults.error_count();
    let extent = r.map("`coordinate`", &mut |r, key| {
        match &*key.text {
            "x" => x = r.number("`x`")?,
            "y" => y = r.number("`y`")?,
            _ => {
                r.faults.push(
                    Fault::new("unknown_key", "`coordinate` knows only `x` and `y`")
                        .hint("remove the key, it has no effect")
                        .at(Some(key.place))
                        .warning(),
                );
                r.skip()?;
            }
        }
        Ok(())
    })?;
    match (x, y) {
        (Some(x), Some(y)) => Ok(Some(Coordinate { x, y })),
        _ => {
            if extent.is_some() && r.faults.error_count() == errors {
                r.faults.push(
                    Fault::new("missing_key", "`coordinate` needs `x` and `y`")
                        .hint("write both, or leave `coordinate` out")
                        .at(Some(place)),
                );
            }
            Ok(None)
        }
    }
}

fn read_resources(r: &mut Reader<'_>) -> Result<Resources, Stop> {
    let mut resources = Resources::default();
    let mut unknown = Vec::new();
    let mut present = Vec::new();
    r.map("`resources`", &mut |r, key| {
        let place = r.place()?;
        match &*key.text {
            "cpu" => {
                present.push("cpu");
                resources.cpu = r.number("`cpu`")?;
                if let Some(cpu) = resources.cpu.filter(|cpu| *cpu <= 0.0 || *cpu > MAX_CPU_CORES) {
                    r.out_of_range("`cpu`", &cpu.to_string(), &format!("more than 0, up to {MAX_CPU_CORES}"), place);
                }
            }
            "gpu" => {
                present.push("gpu");
                resources.gpu = r.number("`gpu`")?;
                if let Some(gpu) = resources.gpu.filter(|gpu| *gpu < 0.0 || *gpu > MAX_GPU_DEVICES) {
                    r.out_of_range("`gpu`", &gpu.to_string(), &format!("0 to {MAX_GPU_DEVICES}"), place);
                }
            }
            "memory" => {
                present.push("memory");
                let bytes = r.quantity("`memory`", "a size such as `512MiB`", parse_memory_bytes, 1.0)?;
                resources.memory_bytes = whole_within(bytes, MIN_MEMORY_BYTES, MAX_MEMORY_BYTES);
                if let (Some(bytes), None) = (bytes, resources.memory_bytes) {
                    r.out_of_range("`memory`", &format!("{bytes} bytes"), "1MiB to 64TiB", place);
                }
            }
            _ => keep(r, key, &mut resources.extra, &mut unknown)?,
        }
        Ok(())
    })?;
    r.warn_misspelled(&unknown, &["cpu", "memory", "gpu"], &present);
    Ok(resources)
}

fn read_duration(r: &mut Reader<'_>, what: &str, min_ms: u64, max_ms: u64, allowed: &str) -> Result<Option<u64>, Stop> {
    const MS_PER_SECOND: f64 = 1_000.0;
    let place = r.place()?;
    let ms = r.quantity(what, "seconds or a duration such as `1h30m`", parse_duration_ms, MS_PER_SECOND)?;
    let whole = whole_within(ms, min_ms, max_ms);
    if let (Some(ms), None) = (ms, whole) {
        r.out_of_range(what, &format!("{} seconds", ms / MS_PER_SECOND), allowed, place);
    }
    Ok(whole)
}

/// The nearest whole number, if within the range. NaN is not.
fn whole_within(number: Option<f64>, min: u64, max: u64) -> Option<u64> {
    number.map(f64::round).filter(|n| *n >= min as f64 && *n <= max as f64).map(|n| n as u64)
}

fn read_trigger_rule(r: &mut Reader<'_>) -> Result<Option<TriggerRule>, Stop> {
    let place = r.place()?;
    let Some(name) = r.string("`trigger_rule`")? else { return Ok(None) };
    let rule = TriggerRule::ALL.into_iter().find(|rule| rule.name() == name);
    if rule.is_none() {
        let names = TriggerRule::ALL.map(TriggerRule::name);
        let hint = match nearest(&name, names) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("use one of {}", names.join(", ")),
        };
        let quoted = crate::fault_log::quote(&name);
        r.faults.push(
            Fault::new("unknown_trigger_rule", format!("there is no trigger rule {quoted}")).hint(hint).at(Some(place)),
        );
    }
    Ok(rule)
}

//! Turns requests into frames for workers and workers' frames into the words of executors. The only place that knows both.

use crate as domain;
use crate::{LogRange, StartError, TaskRequest};
use std::borrow::Cow;
use std::path::Path;
use suanzi_protocol as wire;

/// Room for everything in a task frame besides parameters and inline inputs.
const FRAME_RESERVE_BYTES: usize = 4 << 20;

/// Refuses what could not be sent: too large, or a path that isn't UTF-8.
pub fn check(task: &TaskRequest) -> Result<(), StartError> {
    let inline: usize = task
        .inputs
        .iter()
        .map(|input| match &input.at {
            domain::Location::Inline(bytes) => bytes.len(),
            domain::Location::Path(_) => 0,
        })
        .sum();
    let limit = wire::MAX_FRAME_BYTES - FRAME_RESERVE_BYTES;
    if inline.saturating_add(task.params.len()) > limit {
        return Err(StartError::Refused(format!("parameters and inline inputs are over {limit} bytes")));
    }
    for path in paths(task) {
        if path.to_str().is_none() {
            return Err(StartError::Refused(format!("the path {} is not UTF-8", path.display())));
        }
    }
    Ok(())
}

fn paths(task: &TaskRequest) -> impl Iterator<Item = &Path> {
    let inputs = task.inputs.iter().filter_map(|input| match &input.at {
        domain::Location::Path(path) => Some(path.as_path()),
        domain::Location::Inline(_) => None,
    });
    let files = task.files.iter().map(|(_, path)| path.as_path());
    let copies = task.objects.as_ref().map(|place| place.root.as_path());
    inputs.chain(files).chain(task.code.dir.as_deref()).chain([task.out_dir.as_path()]).chain(copies)
}

fn text(path: &Path) -> Cow<'_, str> {
    path.to_string_lossy()
}

/// The task as a worker reads it, under the number `id`.
pub fn task_frame(id: u64, task: &TaskRequest) -> wire::ToWorker<'_> {
    wire::ToWorker::Task(wire::Task {
        id,
        run_id: (&task.run_id).into(),
        operator_id: (&task.operator_id).into(),
        algo_name: (&task.algo_name).into(),
        attempt_no: task.attempt.no,
        module: (&task.code.module).into(),
        function: (&task.code.function).into(),
        dir: task.code.dir.as_deref().map(text),
        code_hash: (&task.code.code_hash).into(),
        params: (&task.params).into(),
        seed: task.seed,
        inputs: task.inputs.iter().map(input).collect(),
        outputs: task
            .outputs
            .iter()
            .map(|port| wire::Port { name: (&port.name).into(), port_type: (&port.port_type).into() })
            .collect(),
        files: task.files.iter().map(|(name, path)| (name.into(), text(path))).collect(),
        out_dir: text(&task.out_dir),
        out_prefix: (&task.out_prefix).into(),
        cpu_slots: task.limits.cpu_slots.max(1),
        memory_bytes: task.limits.memory_bytes,
        objects: task.objects.as_ref().map(|place| wire::Objects {
            url: (&place.url).into(),
            endpoint: place.endpoint.as_deref().map(Into::into),
            region: place.region.as_deref().map(Into::into),
            root: text(&place.root),
            files: place.files.iter().map(|(name, key)| (name.into(), key.into())).collect(),
        }),
        timeout_ms: task.limits.timeout.map(|timeout| timeout.as_millis().min(u64::MAX as u128) as u64),
    })
}

fn input(input: &domain::InputValue) -> wire::Input<'_> {
    let value = match &input.at {
        domain::Location::Path(path) => wire::Value::Path(text(path)),
        domain::Location::Inline(bytes) => wire::Value::Inline(bytes.as_slice().into()),
    };
    wire::Input { name: (&input.name).into(), port_type: (&input.port_type).into(), value }
}

/// A worker's usage, with its log in file number `log_file`.
pub fn usage(usage: wire::Usage, log_file: u64) -> domain::Usage {
    domain::Usage {
        wall_us: usage.wall_us,
        cpu_us: usage.cpu_us,
        peak_rss_bytes: usage.peak_rss_bytes,
        log: LogRange { file: log_file, start: usage.log_start, end: usage.log_end.max(usage.log_start) },
    }
}

/// A worker's kind of failure in words of the executors.
pub fn failure_kind(kind: wire::FailureKind) -> domain::FailureKind {
    match kind {
        wire::FailureKind::Refused => domain::FailureKind::Refused,
        wire::FailureKind::Exception => domain::FailureKind::Exception,
        wire::FailureKind::Import => domain::FailureKind::Import,
        wire::FailureKind::ExitedWithoutResult => domain::FailureKind::ExitedWithoutResult,
        wire::FailureKind::OutOfMemory => domain::FailureKind::OutOfMemory,
        wire::FailureKind::BadOutput => domain::FailureKind::BadOutput,
        wire::FailureKind::Protocol => domain::FailureKind::Protocol,
        wire::FailureKind::Storage => domain::FailureKind::Storage,
    }
}

/// Takes a worker's word for its outputs only as far as it holds: each port declared and once, each file a regular one of the attempt's own, of that size.
pub fn outputs(task: &TaskRequest, given: Vec<wire::Output>) -> Result<Vec<domain::OutputValue>, String> {
    checked(task, given, &own_file)
}

/// As [`outputs`], of a worker on another host that wrote objects: there are no files to look at, only their names.
pub fn object_outputs(task: &TaskRequest, given: Vec<wire::Output>) -> Result<Vec<domain::OutputValue>, String> {
    checked(task, given, &|task, path, _| own_name(task, path).map(Path::to_owned))
}

type Check<'a> = &'a dyn Fn(&TaskRequest, &str, u64) -> Result<std::path::PathBuf, String>;

fn checked(task: &TaskRequest, given: Vec<wire::Output>, check: Check) -> Result<Vec<domain::OutputValue>, String> {
    let mut values: Vec<domain::OutputValue> = Vec::with_capacity(given.len());
    for output in given {
        let Some(port) = task.outputs.get(usize::from(output.port)) else {
            return Err(format!("output {} isn't declared", output.port));
        };
        if port.port_type != "any" && port.port_type != output.port_type {
            let (name, declared, found) = (&port.name, &port.port_type, &output.port_type);
            return Err(format!("output '{name}' is declared {declared} but is {found}"));
        }
        if values.iter().any(|value| value.port == output.port) {
            return Err(format!("output '{}' came twice", port.name));
        }
        let at = match output.value {
            wire::Value::Inline(bytes) => domain::Location::Inline(bytes.into_owned()),
            wire::Value::Path(path) => domain::Location::Path(check(task, &path, output.bytes)?),
        };
        values.push(domain::OutputValue {
            port: output.port,
            port_type: output.port_type,
            at,
            bytes: output.bytes,
            rows: output.rows,
            manifest: output.manifest,
        });
    }
    Ok(values)
}

fn own_name<'p>(task: &TaskRequest, path: &'p str) -> Result<&'p Path, String> {
    let path = Path::new(path);
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if path.parent() != Some(task.out_dir.as_path()) || !name.starts_with(&task.out_prefix) {
        return Err(format!("the output file {} isn't where it must be", path.display()));
    }
    Ok(path)
}

fn own_file(task: &TaskRequest, path: &str, bytes: u64) -> Result<std::path::PathBuf, String> {
    let path = own_name(task, path)?;
    match path.symlink_metadata() {
        Ok(meta) if meta.is_file() && meta.len() == bytes => Ok(path.to_owned()),
        Ok(meta) if meta.is_file() => Err(format!("{} has {} bytes, not {bytes}", path.display(), meta.len())),
        Ok(_) => Err(format!("{} isn't a regular file", path.display())),
        Err(error) => Err(format!("the output file {} can't be read: {error}", path.display())),
    }
}

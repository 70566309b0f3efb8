//! What a worker makes of an attempt.

use crate::disk::Disk;
use crate::rng::Rng;
use crate::shape::MEMORY_MIB;
use suanzi_executor::{Failure, FailureKind, Location, Outcome, OutputValue, TaskRequest};

/// Ends an execution: files are written, an outcome is told.
pub fn outcome(
    rng: &mut Rng,
    disk: &mut Disk,
    execution: u64,
    stop: bool,
    request: &TaskRequest,
) -> Result<Outcome, String> {
    if stop && rng.percent(60) {
        return Ok(Outcome::Stopped);
    }
    Ok(match rng.below(100) {
        0..8 => failed(FailureKind::Exception),
        8..10 => failed(FailureKind::Refused),
        10..14 => Outcome::Lost,
        15..19 => Outcome::Evicted { held_bytes: rng.between(0, 2 * u64::from(MEMORY_MIB)) << 20 },
        14..15 => Outcome::Stopped,
        _ => Outcome::Success { outputs: write(disk, execution, request)? },
    })
}

fn failed(kind: FailureKind) -> Outcome {
    Outcome::Failed(Failure { kind, message: "it was to be".into(), hint: None, traceback: None })
}

/// Tables go to files of the attempt's own, the rest travels inline.
fn write(disk: &mut Disk, execution: u64, request: &TaskRequest) -> Result<Vec<OutputValue>, String> {
    let mut outputs = Vec::with_capacity(request.outputs.len());
    for (port, output) in request.outputs.iter().enumerate() {
        let at = if output.port_type == "data" {
            let path = request.out_dir.join(format!("{}{port}.arrow", request.out_prefix));
            if let Some(other) = disk.write(&path, execution) {
                return Err(format!("{} was written by executions {other} and {execution}", path.display()));
            }
            Location::Path(path)
        } else {
            Location::Inline(b"{}".to_vec())
        };
        outputs.push(OutputValue {
            port: port as u16,
            port_type: output.port_type.clone(),
            at,
            bytes: 2,
            rows: None,
            manifest: "{}".into(),
        });
    }
    Ok(outputs)
}

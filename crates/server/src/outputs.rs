//! `/api/v1/runs/{run_id}/tasks/{operator}/outputs/{port}`: what an operator made: shown, paged through, taken away.

use crate::asked::{Asked, At, within};
use crate::problem::{Answer, of_artifact, of_store};
use crate::runs::blocking;
use crate::service::Service;
use axum::Json;
use axum::extract::State;
use std::path::PathBuf;
use std::sync::Arc;
use suanzi_api::{Code, ColumnView, OutputDetail, Preview, Problem, RowsQuery, TableStats};
use suanzi_artifact::{ArtifactError, ArtifactKey, KEPT_PREVIEW_ROWS, kept_preview_path};
use suanzi_store::{ArtifactRow, OutputRow};

/// Rows of one page.
pub(crate) const MAX_ROWS: u32 = 1_000;
const DEFAULT_ROWS: u32 = 100;
/// The largest value that is read to be shown.
const MAX_VALUE_BYTES: u64 = 64 << 20;

type Place = At<(String, String, u16)>;

pub(crate) async fn show(
    State(service): State<Arc<Service>>,
    At((run_id, operator, port)): Place,
) -> Result<Json<OutputDetail>, Answer> {
    let detail = blocking(move || {
        let found = service.output(&run_id, &operator, port)?;
        let artifact = &found.artifact;
        let statistics: Option<TableStats> = artifact.stats.as_ref().and_then(|s| serde_json::from_str(s).ok());
        let columns = match is_table(artifact) {
            true => rows_of(&service, artifact, 0, 0).ok().map(|preview| preview.columns),
            false => None,
        };
        Ok(OutputDetail {
            columns: columns.or_else(|| statistics.as_ref().map(columns_of)),
            statistics,
            manifest: serde_json::from_str(&artifact.manifest).ok(),
            output: crate::tasks::output(&found),
        })
    });
    Ok(Json(detail.await?))
}

pub(crate) async fn rows(
    State(service): State<Arc<Service>>,
    At((run_id, operator, port)): Place,
    Asked(query): Asked<RowsQuery>,
) -> Result<Json<Preview>, Answer> {
    let limit = within("limit", query.limit, DEFAULT_ROWS, MAX_ROWS)?;
    let preview = blocking(move || {
        let found = service.output(&run_id, &operator, port)?;
        if !is_table(&found.artifact) {
            let detail = format!("output {port} of '{operator}' is {}, not a table", found.artifact.port_type);
            return Err(Problem::new(Code::WrongOutput, detail).hint(Some("…/value or …/download gives it")));
        }
        rows_of(&service, &found.artifact, query.offset.unwrap_or(0), limit)
    });
    Ok(Json(preview.await?))
}

pub(crate) async fn value(
    State(service): State<Arc<Service>>,
    At((run_id, operator, port)): Place,
) -> Result<Json<serde_json::Value>, Answer> {
    let value = blocking(move || {
        let found = service.output(&run_id, &operator, port)?;
        let artifact = &found.artifact;
        let wrong = |what: &str| Problem::new(Code::WrongOutput, format!("output {port} of '{operator}' {what}"));
        if is_table(artifact) {
            return Err(wrong("is a table").hint(Some("…/rows gives its rows")));
        }
        if artifact.bytes > MAX_VALUE_BYTES {
            return Err(wrong("is too large to be shown").hint(Some("…/download gives it")));
        }
        let bytes = match &artifact.inline {
            Some(bytes) => bytes.clone(),
            None => std::fs::read(file_of(&service, artifact)?).map_err(|e| of_file(&e))?,
        };
        serde_json::from_slice(&bytes).map_err(|_| wrong(&format!("is {}, which isn't JSON", artifact.port_type)))
    });
    Ok(Json(value.await?))
}

impl Service {
    pub fn output(&self, run_id: &str, operator: &str, port: u16) -> Result<OutputRow, Problem> {
        let (row, _, op) = self.task_place(run_id, operator)?;
        let outputs = self.engine.store().outputs(row.key).map_err(|e| of_store(&e))?;
        let missing = || Problem::new(Code::NotFound, format!("'{operator}' has no output {port} in run {run_id}"));
        outputs.into_iter().find(|o| o.op == op && o.port == port).ok_or_else(missing)
    }
}

fn is_table(artifact: &ArtifactRow) -> bool {
    artifact.port_type == "data"
}

/// Its file, if that is there still.
pub(crate) fn file_of(service: &Service, artifact: &ArtifactRow) -> Result<PathBuf, Problem> {
    if !artifact.present || artifact.path.is_empty() {
        return Err(evicted());
    }
    ArtifactKey::parse(&artifact.path).and_then(|key| service.engine.artifacts().fetch(&key)).map_err(|e| gone(&e))
}

fn rows_of(service: &Service, artifact: &ArtifactRow, offset: u64, limit: u32) -> Result<Preview, Problem> {
    let total = artifact.rows.unwrap_or(0);
    let path = match artifact.present {
        true => file_of(service, artifact)?,
        // Of a collected table the first rows were kept.
        false => service.engine.artifacts().root().join(kept_preview_path(&artifact.path)),
    };
    if !artifact.present && ((offset >= KEPT_PREVIEW_ROWS && offset < total) || !path.is_file()) {
        return Err(evicted());
    }
    let found = suanzi_artifact::preview(&path, offset, limit as usize).map_err(|e| of_artifact(&e))?;
    Ok(Preview {
        columns: found.columns.into_iter().map(|c| ColumnView { name: c.name, type_name: c.type_name }).collect(),
        total_rows: if artifact.present { found.total_rows } else { total },
        offset: found.offset,
        rows: found.rows,
        evicted: !artifact.present,
    })
}

fn columns_of(statistics: &TableStats) -> Vec<ColumnView> {
    let columns = statistics.columns.iter();
    columns.map(|c| ColumnView { name: c.name.clone(), type_name: c.type_name.clone() }).collect()
}

fn evicted() -> Problem {
    Problem::new(Code::Evicted, "the output was collected to make room")
        .hint(Some("run its operator again, from this operator on, to have it back"))
}

fn gone(error: &ArtifactError) -> Problem {
    match error {
        ArtifactError::NotFound { .. } => evicted(),
        ArtifactError::Away { .. } | ArtifactError::Refused { .. } => Problem::new(Code::Store, error.to_string())
            .hint(Some("see whether the store of artifacts answers, then ask again")),
        other => of_artifact(other),
    }
}

fn of_file(error: &std::io::Error) -> Problem {
    match error.kind() {
        std::io::ErrorKind::NotFound => evicted(),
        _ => Problem::new(Code::Store, format!("the output can't be read: {error}")),
    }
}

//! `/api/v1/uploads`: a file streamed to disk, then looked into. Memory doesn't grow with the file.

use super::work::{LOOK, aside, of_io};
use crate::asked::At;
use crate::problem::{Answer, of_refusal};
use crate::runs::blocking;
use crate::service::Service;
use crate::web::request_id;
use axum::Json;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use suanzi_api::{Code, MAX_UPLOAD_BYTES, Problem, TableFormat, UploadColumn, UploadQuery, UploadView};
use tokio::sync::mpsc;

/// What is known of an upload, beside its bytes. Written last: without it the upload isn't whole.
pub(super) const ABOUT: &str = "about.json";
const DATA: &str = "data";
const MAX_NAME_CHARS: usize = 255;
/// A client that sends less than [`LEAST_BYTES`] within this time is given up.
const WINDOW: Duration = Duration::from_secs(60);
const LEAST_BYTES: u64 = 4 << 10;
/// Pieces that wait to be written.
const QUEUE: usize = 4;
/// Uploads that are kept at one time.
const MAX_UPLOADS: usize = 64;

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct About {
    pub name: String,
    pub format: TableFormat,
    pub bytes: u64,
}

/// An upload's directory; it goes with this unless it is kept.
struct Unfinished(Option<PathBuf>);

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(dir) = &self.0 {
            let _ = fs::remove_dir_all(dir);
        }
    }
}

pub(crate) async fn upload(
    State(service): State<Arc<Service>>,
    query: Result<Query<UploadQuery>, QueryRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<UploadView>), Answer> {
    let Query(query) = query.map_err(|e| Answer(Problem::new(Code::BadRequest, e.body_text())))?;
    let name = plain_name(query.name.as_deref());
    let format = format(&headers, &name)?;
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|bytes| bytes > MAX_UPLOAD_BYTES) {
        return Err(Answer(too_large()));
    }
    let places = service.data.clone();
    let dir = blocking(move || begin(&places)).await?;
    let mut unfinished = Unfinished(Some(dir.clone()));
    let bytes = receive(body, dir.join(DATA)).await?;
    let view = aside(&service.data, {
        let (service, dir) = (service.clone(), dir.clone());
        move || look(&service, &dir, About { name, format, bytes })
    })
    .await?;
    unfinished.0 = None;
    Ok((StatusCode::CREATED, Json(view)))
}

pub(crate) async fn discard(
    State(service): State<Arc<Service>>,
    At(upload_id): At<String>,
) -> Result<StatusCode, Answer> {
    blocking(move || {
        let dir = service.data.upload(&upload_id).ok_or_else(|| no_upload(&upload_id))?;
        fs::remove_dir_all(dir).map_err(|e| of_io(&e))
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) fn no_upload(id: &str) -> Problem {
    Problem::new(Code::NotFound, format!("there is no upload '{id}'"))
        .hint(Some("uploads go after a day, or once imported"))
}

/// The file and what is known of it.
pub(super) fn open(service: &Service, id: &str) -> Result<(PathBuf, PathBuf, About), Problem> {
    let dir = service.data.upload(id).ok_or_else(|| no_upload(id))?;
    let about = fs::read(dir.join(ABOUT)).ok().and_then(|text| serde_json::from_slice(&text).ok());
    let about = about.ok_or_else(|| no_upload(id))?;
    Ok((dir.join(DATA), dir, about))
}

fn begin(places: &super::Places) -> Result<PathBuf, Problem> {
    let uploads = places.uploads().map_err(|e| of_io(&e))?;
    let kept = fs::read_dir(&uploads).map_err(|e| of_io(&e))?.count();
    if kept >= MAX_UPLOADS {
        return Err(Problem::new(Code::TooManyRuns, format!("{MAX_UPLOADS} uploads wait to be imported"))
            .hint(Some("import or drop some of them")));
    }
    let dir = uploads.join(request_id());
    fs::create_dir(&dir).map_err(|e| of_io(&e))?;
    Ok(dir)
}

/// Streams the body to a file; gives its size.
async fn receive(body: Body, to: PathBuf) -> Result<u64, Answer> {
    let (send, mut pieces) = mpsc::channel::<axum::body::Bytes>(QUEUE);
    let writing = tokio::task::spawn_blocking(move || -> std::io::Result<()> {
        use std::io::Write;
        let mut file = fs::File::create_new(to)?;
        while let Some(piece) = pieces.blocking_recv() {
            file.write_all(&piece)?;
        }
        file.sync_all()
    });
    let mut stream = body.into_data_stream();
    let (mut bytes, mut began, mut in_window) = (0_u64, Instant::now(), 0_u64);
    let slow = || {
        Answer(Problem::new(
            Code::RequestTimeout,
            format!("less than {} KiB came in {} s", LEAST_BYTES >> 10, WINDOW.as_secs()),
        ))
    };
    loop {
        let left = WINDOW.saturating_sub(began.elapsed());
        let piece = match tokio::time::timeout(left, stream.next()).await {
            Ok(Some(Ok(piece))) => piece,
            Ok(Some(Err(error))) => {
                return Err(Answer(Problem::new(Code::BadRequest, format!("the upload broke off: {error}"))));
            }
            Ok(None) => break,
            Err(_) if in_window >= LEAST_BYTES => {
                (began, in_window) = (Instant::now(), 0);
                continue;
            }
            Err(_) => return Err(slow()),
        };
        bytes += piece.len() as u64;
        in_window += piece.len() as u64;
        if began.elapsed() >= WINDOW {
            if in_window < LEAST_BYTES {
                return Err(slow());
            }
            (began, in_window) = (Instant::now(), 0);
        }
        if bytes > MAX_UPLOAD_BYTES {
            return Err(Answer(too_large()));
        }
        if send.send(piece).await.is_err() {
            break; // Its writer says why, below.
        }
    }
    drop(send);
    match writing.await {
        Ok(Ok(())) if bytes == 0 => {
            Err(Answer(Problem::new(Code::BadTable, "the file is empty").hint(Some("check how it was written"))))
        }
        Ok(Ok(())) => Ok(bytes),
        Ok(Err(error)) => Err(Answer(of_io(&error))),
        Err(error) => Err(Answer(Problem::new(Code::Unknown, format!("the request was broken off: {error}")))),
    }
}

#[derive(Deserialize)]
struct Looked {
    columns: Vec<UploadColumn>,
    rows_sampled: u64,
    whole: bool,
    warnings: Vec<String>,
}

fn look(service: &Service, dir: &FilePath, about: About) -> Result<UploadView, Problem> {
    let request = serde_json::json!({ "do": "look", "path": dir.join(DATA), "format": about.format });
    let looked = service.host.tables(&request, LOOK).map_err(of_refusal)?;
    let looked: Looked = serde_json::from_value(looked)
        .map_err(|e| Problem::new(Code::Unknown, format!("the answer of Python isn't understood: {e}")))?;
    // Renamed into place: half of it must not look whole after a crash.
    let text = serde_json::to_vec(&about).unwrap_or_default();
    let beside = dir.join("about.new");
    fs::write(&beside, text).and_then(|()| fs::rename(&beside, dir.join(ABOUT))).map_err(|e| of_io(&e))?;
    let upload_id = dir.file_name().map(|id| id.to_string_lossy().into_owned()).unwrap_or_default();
    let About { name, format, bytes } = about;
    let Looked { columns, rows_sampled, whole, warnings } = looked;
    Ok(UploadView { upload_id, name, format, bytes, columns, rows_sampled, whole, warnings })
}

/// The last part of a name, without what terminals and pages would take for more than text.
fn plain_name(name: Option<&str>) -> String {
    let last = name.unwrap_or_default().rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last.chars().filter(|c| !c.is_control()).take(MAX_NAME_CHARS).collect();
    if plain.trim().is_empty() { "upload".into() } else { plain }
}

fn format(headers: &HeaderMap, name: &str) -> Result<TableFormat, Answer> {
    let media = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let said = match media.as_str() {
        "text/csv" => Some(TableFormat::Csv),
        "text/tab-separated-values" => Some(TableFormat::Tsv),
        "application/vnd.apache.parquet" => Some(TableFormat::Parquet),
        "application/x-ndjson" => Some(TableFormat::Jsonl),
        _ => of_ending(name),
    };
    said.ok_or_else(|| {
        Answer(
            Problem::new(Code::BadTable, format!("'{name}' doesn't say what format it is"))
                .hint(Some("name it .csv, .tsv, .parquet or .jsonl, or send the content type")),
        )
    })
}

/// The format that a file's name says.
pub(super) fn of_ending(name: &str) -> Option<TableFormat> {
    let (_, ending) = name.rsplit_once('.')?;
    Some(match ending.to_ascii_lowercase().as_str() {
        "csv" | "txt" => TableFormat::Csv,
        "tsv" => TableFormat::Tsv,
        "parquet" | "pq" => TableFormat::Parquet,
        "jsonl" | "ndjson" => TableFormat::Jsonl,
        _ => return None,
    })
}

fn too_large() -> Problem {
    Problem::new(Code::BodyTooLarge, format!("the file is larger than {} GiB", MAX_UPLOAD_BYTES >> 30))
        .hint(Some("split it, or register a file of the server's host"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_to_what_is_harmless() {
        for (given, expected) in [
            (None, "upload"),
            (Some("a.csv"), "a.csv"),
            (Some("../../etc/passwd"), "passwd"),
            (Some("C:\\data\\数据.csv"), "数据.csv"),
            (Some("a\u{1b}[31m\n.csv"), "a[31m.csv"),
            (Some("dir/"), "upload"),
        ] {
            assert_eq!(plain_name(given), expected);
        }
        assert_eq!(plain_name(Some(&"x".repeat(1_000))).len(), MAX_NAME_CHARS);
    }

    #[test]
    fn formats_come_from_the_type_or_the_name() {
        for (media, name, expected) in [
            ("text/csv; charset=utf-8", "a.parquet", Some(TableFormat::Csv)),
            ("application/octet-stream", "a.PARQUET", Some(TableFormat::Parquet)),
            ("application/octet-stream", "a.b.ndjson", Some(TableFormat::Jsonl)),
            ("application/octet-stream", "a.tsv", Some(TableFormat::Tsv)),
            ("application/octet-stream", "csv", None),
            ("application/octet-stream", "a.xlsx", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, media.parse().expect("a value"));
            assert_eq!(format(&headers, name).ok(), expected, "{media} {name}");
        }
    }
}

//! Files that leave: outputs as CSV, Parquet, JSON lines, Arrow or JSON, and models. Always attachments, streamed; what has to be written anew is written by Python while it is read.

use super::work::of_io;
use crate::asked::{Asked, At};
use crate::outputs::file_of;
use crate::problem::{Answer, of_refusal};
use crate::runs::blocking;
use crate::service::Service;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::sync::Arc;
use suanzi_api::{Code, DownloadQuery, Problem};
use suanzi_store::ArtifactRow;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

const PIECE_BYTES: usize = 256 << 10;
/// Pieces that wait to be sent.
const QUEUE: usize = 2;

/// How a file is named and typed to who gets it.
pub(crate) struct Attachment {
    pub name: String,
    pub media: &'static str,
}

pub(crate) async fn output(
    State(service): State<Arc<Service>>,
    At((run_id, operator, port)): At<(String, String, u16)>,
    Asked(query): Asked<DownloadQuery>,
) -> Result<Response, Answer> {
    let stem = format!("{run_id}-{operator}-{port}");
    let found = service.clone();
    let artifact = blocking(move || Ok(found.output(&run_id, &operator, port)?.artifact)).await?;
    let table = artifact.rows.is_some();
    let json = matches!(artifact.port_type.as_str(), "metrics" | "report" | "model_ref" | "endpoint")
        || artifact.inline.is_some();
    let format = query.format.as_deref().unwrap_or(if table {
        "arrow"
    } else if json {
        "json"
    } else {
        "file"
    });
    let written = match (format, table, json) {
        ("csv", true, _) => Some(("csv", "text/csv; charset=utf-8")),
        ("parquet", true, _) => Some(("parquet", "application/vnd.apache.parquet")),
        ("jsonl", true, _) => Some(("jsonl", "application/x-ndjson")),
        ("arrow", true, _) => None,
        ("json", false, true) => None,
        ("file", false, false) => None,
        _ => {
            let fit = if table {
                "csv, parquet, jsonl or arrow"
            } else if json {
                "json"
            } else {
                "no format at all"
            };
            return Err(Answer(Problem::new(Code::BadRequest, format!("format: this output gives {fit}"))));
        }
    };
    let Some((format, media)) = written else {
        let (ending, media) = match format {
            "arrow" => ("arrow", "application/vnd.apache.arrow.file"),
            "json" => ("json", "application/json"),
            _ => (artifact.path.rsplit_once('.').map_or("bin", |(_, ending)| ending), "application/octet-stream"),
        };
        let file = Attachment { name: format!("{stem}.{ending}"), media };
        return attach(&service, &artifact, file).await;
    };
    check_present(&artifact).map_err(Answer)?;
    let seat = seat(&service)?;
    let asked = service.clone();
    let reader = blocking(move || {
        let path = file_of(&asked, &artifact)?;
        let request = serde_json::json!({ "do": "export", "path": path, "format": format });
        asked.host.table_stream(&request).map_err(of_refusal)
    });
    let reader = reader.await?;
    send(reader, Attachment { name: format!("{stem}.{format}"), media }, seat).await
}

/// An artifact's own bytes.
pub(crate) async fn attach(
    service: &Arc<Service>,
    artifact: &ArtifactRow,
    file: Attachment,
) -> Result<Response, Answer> {
    check_present(artifact).map_err(Answer)?;
    let seat = seat(service)?;
    let reader: Box<dyn Read + Send> = match &artifact.inline {
        Some(bytes) => Box::new(Cursor::new(bytes.clone())),
        None => {
            let (asked, artifact) = (service.clone(), artifact.clone());
            let opened = blocking(move || File::open(file_of(&asked, &artifact)?).map_err(|e| of_io(&e))).await?;
            Box::new(opened)
        }
    };
    send(reader, file, seat).await
}

fn seat(service: &Service) -> Result<OwnedSemaphorePermit, Answer> {
    service.data.downloads.clone().try_acquire_owned().map_err(|_| {
        let most = super::work::MAX_DOWNLOADS;
        Answer(
            Problem::new(Code::TooManyRuns, format!("{most} downloads are going")).hint(Some("try again in a moment")),
        )
    })
}

fn check_present(artifact: &ArtifactRow) -> Result<(), Problem> {
    if artifact.present {
        return Ok(());
    }
    Err(Problem::new(Code::Evicted, "this output's file made room for others")
        .hint(Some("run its DAG again from this operator to make it again")))
}

/// Reads in a thread of its own, a piece ahead of the client. An error after the first piece breaks the connection, so that a part never looks whole.
async fn send(
    mut reader: Box<dyn Read + Send>,
    file: Attachment,
    seat: OwnedSemaphorePermit,
) -> Result<Response, Answer> {
    let (to, mut pieces) = mpsc::channel::<io::Result<Bytes>>(QUEUE);
    let spawned = std::thread::Builder::new().name("suanzi-download".into()).spawn(move || {
        let _seat = seat;
        let mut buffer = vec![0; PIECE_BYTES];
        loop {
            let piece = match reader.read(&mut buffer) {
                Ok(0) => return,
                Ok(count) => Ok(Bytes::copy_from_slice(&buffer[..count])),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => Err(error),
            };
            let broken = piece.is_err();
            // Nobody reads any more: dropping the reader ends what writes it.
            if to.blocking_send(piece).is_err() || broken {
                return;
            }
        }
    });
    spawned.map_err(|error| Answer(of_io(&error)))?;
    let first = match pieces.recv().await {
        Some(Err(error)) => {
            return Err(Answer(Problem::new(Code::BadTable, format!("the output can't be written: {error}"))));
        }
        first => first,
    };
    let body = Body::from_stream(stream::unfold((first, pieces), |(first, mut pieces)| async move {
        let piece = match first {
            Some(piece) => piece,
            None => pieces.recv().await?,
        };
        Some((piece, (None, pieces)))
    }));
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.media));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(value) = HeaderValue::from_str(&disposition(&file.name)) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// RFC 6266: a plain name, and the real one where it isn't plain.
fn disposition(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let ascii: String = name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => encoded.push(byte as char),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_attachments_are_harmless() {
        for (name, expected) in [
            ("r-1-eval-0.csv", "attachment; filename=\"r-1-eval-0.csv\"; filename*=UTF-8''r-1-eval-0.csv"),
            ("a\"\r\nb.csv", "attachment; filename=\"a___b.csv\"; filename*=UTF-8''a%22%0D%0Ab.csv"),
            ("评.csv", "attachment; filename=\"_.csv\"; filename*=UTF-8''%E8%AF%84.csv"),
        ] {
            assert_eq!(disposition(name), expected);
        }
    }
}

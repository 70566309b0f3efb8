//! Files that leave as attachments, piece by piece.

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Read at one time.
const PIECE_BYTES: usize = 256 << 10;

pub(crate) enum What {
    Bytes(Vec<u8>),
    /// Open, with its length in bytes.
    File(File, u64),
}

impl What {
    pub fn of_file(path: &Path) -> io::Result<What> {
        let file = File::open(path)?;
        let bytes = file.metadata()?.len();
        Ok(What::File(file, bytes))
    }
}

/// `name` may hold anything; it is cut to what a file can be called.
pub(crate) fn attachment(what: What, media: &'static str, name: &str) -> Response {
    let (body, bytes) = match what {
        What::Bytes(bytes) => {
            let length = bytes.len() as u64;
            (Body::from(bytes), length)
        }
        What::File(file, bytes) => (Body::from_stream(stream::try_unfold((file, bytes), piece)), bytes),
    };
    let mut response = ([(header::CONTENT_TYPE, media)], body).into_response();
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(bytes));
    response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition(name));
    response
}

/// Never more than was said to come, whatever becomes of the file.
async fn piece((file, left): (File, u64)) -> io::Result<Option<(Bytes, (File, u64))>> {
    if left == 0 {
        return Ok(None);
    }
    let read = move || {
        let mut bytes = vec![0; PIECE_BYTES.min(usize::try_from(left).unwrap_or(PIECE_BYTES))];
        let mut file = file;
        let count = file.read(&mut bytes)?;
        bytes.truncate(count);
        Ok::<_, io::Error>((bytes, file))
    };
    let (bytes, file) = tokio::task::spawn_blocking(read).await.map_err(io::Error::other)??;
    if bytes.is_empty() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let left = left.saturating_sub(bytes.len() as u64);
    Ok(Some((bytes.into(), (file, left))))
}

/// Plain letters for old readers, the whole name for others (RFC 6266).
fn disposition(name: &str) -> HeaderValue {
    let kept = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let plain: String = name.chars().map(|c| if kept(c) { c } else { '_' }).collect();
    let whole: String = name
        .bytes()
        .map(|b| if b.is_ascii() && kept(b as char) { (b as char).to_string() } else { format!("%{b:02X}") })
        .collect();
    HeaderValue::from_str(&format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}"))
        .unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_only_names() {
        for (name, expected) in [
            ("run-a-0.arrow", "attachment; filename=\"run-a-0.arrow\"; filename*=UTF-8''run-a-0.arrow"),
            ("a\"; b\r\n/..", "attachment; filename=\"a___b___..\"; filename*=UTF-8''a%22%3B%20b%0D%0A%2F.."),
            ("表.json", "attachment; filename=\"_.json\"; filename*=UTF-8''%E8%A1%A8.json"),
        ] {
            assert_eq!(disposition(name).to_str().expect("a header"), expected);
        }
    }
}

//! Texts that leave as attachments. Files do so in `data/download.rs`.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

/// `name` may hold anything; it is cut to what a file can be called.
pub(crate) fn attachment(text: String, media: &'static str, name: &str) -> Response {
    let mut response = ([(header::CONTENT_TYPE, media)], text).into_response();
    response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition(name));
    response
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

//! HTTP by hand: one request on one connection, with exactly the bytes a test means.

use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;
use suanzi_tests::RUN_LIMIT_SECONDS;

pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("no JSON ({e}): {}\n{}", self.head, self.body))
    }

    /// The first header of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|l| l.split_once(": ").filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v))
    }
}

pub fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).expect("the server listens");
    stream.set_read_timeout(Some(Duration::from_secs(RUN_LIMIT_SECONDS))).expect("a limit");
    stream
}

/// Sends a request with these headers, beside `Host` and the body's length.
pub fn begin(port: u16, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> TcpStream {
    let mut stream = connect(port);
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() {
        text.push_str(&format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len()));
    }
    stream.write_all(format!("{text}\r\n{body}").as_bytes()).expect("a request is sent");
    stream
}

/// Head and body, which needn't be text.
#[track_caller]
pub fn bytes(port: u16, path: &str, headers: &[(&str, &str)]) -> (String, Vec<u8>) {
    let mut all = Vec::new();
    // HTTP/1.0, so that the body comes without chunks.
    let mut stream = connect(port);
    let mut text = format!("GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{text}\r\n").as_bytes()).expect("a request is sent");
    stream.read_to_end(&mut all).expect("an answer comes");
    let end = all.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
    let body = all.split_off(end + 4);
    (String::from_utf8_lossy(&all).replacen("HTTP/1.0", "HTTP/1.1", 1), body)
}

/// The whole answer, to the connection's end.
#[track_caller]
pub fn ask(port: u16, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut text = Vec::new();
    begin(port, method, path, headers, body).read_to_end(&mut text).expect("an answer comes");
    let text = String::from_utf8_lossy(&text).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer to {method} {path}: {text}"));
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or_default();
    Answer { status, head: head.into(), body: body.into() }
}

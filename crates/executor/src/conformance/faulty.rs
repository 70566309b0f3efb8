//! A server over HTTP that answers what a test says: the truth, a lie, a flood, nothing. For executors that call a platform.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Of [`Answer::Huge`].
pub const HUGE_BYTES: u64 = 1 << 30;
const PIECE_BYTES: usize = 1 << 16;
const DRIP_PAUSE: Duration = Duration::from_millis(100);

/// One request, whole.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    /// With its query.
    pub path: String,
    /// Names in small letters.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// What the server at `authority` answers to it, byte for byte, with `body` in place of its own.
    ///
    /// # Errors
    /// Nobody is there, or hangs up.
    pub fn pass_on(&self, authority: &str, body: &[u8]) -> io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect(authority)?;
        let mut text = format!("{} {} HTTP/1.1\r\nconnection: close\r\n", self.method, self.path);
        for (name, value) in &self.headers {
            if !matches!(name.as_str(), "connection" | "content-length") {
                text.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        text.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
        stream.write_all(&[text.as_bytes(), body].concat())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer)
    }
}

/// What is answered to one request.
#[derive(Debug, Clone)]
pub enum Answer {
    /// As it stands, then the connection ends.
    Raw(Vec<u8>),
    /// A body that never ends.
    Endless,
    /// A body of [`HUGE_BYTES`], as its head says.
    Huge,
    /// A body of a few hundred bytes, of which one comes now and then.
    Drip,
    /// Nothing, for longer than anybody waits.
    Silence,
}

impl Answer {
    /// 200 with this body.
    pub fn page(body: impl AsRef<[u8]>) -> Answer {
        let body = body.as_ref();
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
        Answer::Raw([head.as_bytes(), body].concat())
    }

    /// A status line's end, such as `404 Not Found`, without a body.
    pub fn status(line: &str) -> Answer {
        Answer::Raw(format!("HTTP/1.1 {line}\r\nContent-Length: 0\r\n\r\n").into_bytes())
    }

    pub fn redirect(to: &str) -> Answer {
        let head = format!("HTTP/1.1 307 Temporary Redirect\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
        Answer::Raw(head.into_bytes())
    }

    /// Wrong answers to a question for JSON that has the key `key`, by name. None of them costs time.
    pub fn lies(key: &str, elsewhere: &str) -> Vec<(&'static str, Answer)> {
        let raw = |text: &str| Answer::Raw(text.as_bytes().to_vec());
        vec![
            ("no JSON", Answer::page("<html>all is well</html>")),
            ("half of JSON", Answer::page(format!("{{\"{key}\": "))),
            ("nothing", Answer::page("")),
            ("a list", Answer::page(format!("[\"{key}\"]"))),
            ("wrong types", Answer::page(format!("{{\"{key}\": {{\"{key}\": [17]}}}}"))),
            ("a word nobody knows", Answer::page(format!("{{\"{key}\": \"{}\"}}", "ALL_IS_WELL".repeat(1_000)))),
            ("an endless stream", Answer::Endless),
            ("1 GiB", Answer::Huge),
            ("shorter than it says", raw("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{")),
            ("no HTTP", raw("220 ready\r\n")),
            ("broken off", raw("")),
            ("an error of the server", Answer::status("500 Internal Server Error")),
            ("a gateway's error", Answer::status("502 Bad Gateway")),
            ("a login page", Answer::status("401 Unauthorized")),
            ("a redirect", Answer::redirect(elsewhere)),
        ]
    }
}

/// The server: a thread for each connection, one request on each. Ends with this value.
pub struct Faulty {
    port: u16,
    done: Arc<AtomicBool>,
    asked: Arc<Mutex<Vec<Asked>>>,
    flooded: Arc<AtomicU64>,
}

impl Faulty {
    /// Answers each request as `answer` says.
    ///
    /// # Panics
    /// Where no port can be had.
    pub fn start(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Faulty {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let faulty = Faulty { port, done: Arc::default(), asked: Arc::default(), flooded: Arc::default() };
        let (done, asked, flooded) = (faulty.done.clone(), faulty.asked.clone(), faulty.flooded.clone());
        let answer = Arc::new(answer);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if done.load(Ordering::SeqCst) {
                    return;
                }
                let (answer, asked, flooded) = (answer.clone(), asked.clone(), flooded.clone());
                // That the caller hangs up is no fault here.
                std::thread::spawn(move || serve(&stream, &*answer, &asked, &flooded));
            }
        });
        faulty
    }

    pub fn authority(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.authority())
    }

    /// All requests so far, in their order, without bodies.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Bytes of endless and huge bodies that could be sent: what callers read, and what lies on the way to them.
    pub fn flooded(&self) -> u64 {
        self.flooded.load(Ordering::SeqCst)
    }
}

impl Drop for Faulty {
    fn drop(&mut self) {
        self.done.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port)); // wakes it
    }
}

fn serve(
    stream: &TcpStream,
    answer: &dyn Fn(&Asked) -> Answer,
    log: &Mutex<Vec<Asked>>,
    flooded: &AtomicU64,
) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    let Some(asked) = read(&mut reader)? else { return Ok(()) };
    log.lock().unwrap_or_else(PoisonError::into_inner).push(Asked { body: Vec::new(), ..asked.clone() });
    let mut stream = stream;
    let piece = vec![b'x'; PIECE_BYTES];
    match answer(&asked) {
        Answer::Raw(bytes) => stream.write_all(&bytes),
        Answer::Silence => reader.read(&mut [0]).map(drop), // until the caller hangs up
        Answer::Drip => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")?;
            for _ in 0..500 {
                stream.write_all(b" ")?;
                std::thread::sleep(DRIP_PAUSE);
            }
            Ok(())
        }
        Answer::Huge => {
            stream.write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: {HUGE_BYTES}\r\n\r\n").as_bytes())?;
            for _ in 0..HUGE_BYTES / PIECE_BYTES as u64 {
                stream.write_all(&piece)?;
                flooded.fetch_add(PIECE_BYTES as u64, Ordering::SeqCst);
            }
            Ok(())
        }
        Answer::Endless => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?;
            loop {
                stream.write_all(format!("{PIECE_BYTES:x}\r\n").as_bytes())?;
                stream.write_all(&piece)?;
                stream.write_all(b"\r\n")?;
                flooded.fetch_add(PIECE_BYTES as u64, Ordering::SeqCst);
            }
        }
    }
}

/// None where the caller hung up before it asked.
fn read(reader: &mut impl BufRead) -> io::Result<Option<Asked>> {
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut words = first.split_whitespace().map(str::to_owned);
    let (Some(method), Some(path)) = (words.next(), words.next()) else { return Ok(None) };
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line == "\r\n" {
            break;
        }
        if let Some((name, value)) = line.split_once(':') {
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    let mut asked = Asked { method, path, headers, body: Vec::new() };
    let length = asked.header("content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
    reader.take(length).read_to_end(&mut asked.body)?;
    Ok(Some(asked))
}

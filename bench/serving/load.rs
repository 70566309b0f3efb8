//! Asks a server the same request over and over: `load PORT PATH BODY-FILE CONNECTIONS SECONDS RATE [HEADER…]`.
//!
//! Rate 0 is a closed loop: each connection asks again once it was answered. Any other is an open one: so many requests a
//! second are due at fixed times, and one that is late because the connection still waits counts from when it was due.
//! Needs nothing but the standard library: `rustc -O load.rs`. Prints JSON.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

const WARM_UP: Duration = Duration::from_millis(500);

struct Asked {
    port: u16,
    request: Vec<u8>,
    connections: u32,
    seconds: f64,
    rate: f64,
}

fn main() {
    let mut args = std::env::args().skip(1);
    let mut next = || args.next().expect("an argument");
    let (port, path, body) = (next().parse().expect("a port"), next(), std::fs::read(next()).expect("a body"));
    let (connections, seconds) = (next().parse().expect("a number"), next().parse().expect("seconds"));
    let rate = next().parse().expect("a rate");
    let mut head = format!("POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n");
    args.for_each(|header| head += &format!("{header}\r\n"));
    head += &format!("Content-Length: {}\r\n\r\n", body.len());
    let asked = Asked { port, request: [head.as_bytes(), &body].concat(), connections, seconds, rate };

    let start = Instant::now() + Duration::from_millis(100);
    let mut took: Vec<u64> = Vec::new();
    let mut failed = 0;
    std::thread::scope(|scope| {
        let asked = &asked;
        let threads: Vec<_> = (0..asked.connections).map(|n| scope.spawn(move || ask(asked, n, start))).collect();
        for thread in threads {
            let (times, errors) = thread.join().expect("no panic");
            took.extend(times);
            failed += errors;
        }
    });
    took.sort_unstable();
    let at = |share: f64| took.get(((took.len() as f64 * share) as usize).min(took.len().saturating_sub(1)));
    println!(
        "{{\"answered\": {}, \"failed\": {failed}, \"per_second\": {:.1}, \"p50_us\": {}, \"p99_us\": {}, \"client_cpu_s\": {:.2}}}",
        took.len(),
        took.len() as f64 / asked.seconds,
        at(0.5).unwrap_or(&0),
        at(0.99).unwrap_or(&0),
        cpu_seconds(),
    );
}

/// Microseconds of each answer that came after the warm-up, and how many weren't 200.
fn ask(asked: &Asked, number: u32, start: Instant) -> (Vec<u64>, u64) {
    let stream = TcpStream::connect(("127.0.0.1", asked.port)).expect("the server listens");
    stream.set_nodelay(true).expect("a socket option");
    let mut writer = stream.try_clone().expect("a second handle");
    let mut reader = BufReader::new(stream);
    let gap = if asked.rate > 0.0 { f64::from(asked.connections) / asked.rate } else { 0.0 };
    let mut due = start + Duration::from_secs_f64(gap * f64::from(number) / f64::from(asked.connections));
    let (measured, end) = (start + WARM_UP, start + WARM_UP + Duration::from_secs_f64(asked.seconds));
    let (mut took, mut failed) = (Vec::new(), 0);
    loop {
        let now = Instant::now();
        // Late by its own waking isn't late by the server.
        let began = if now < due {
            std::thread::sleep(due - now);
            Instant::now()
        } else if gap > 0.0 {
            due
        } else {
            now
        };
        if began >= end {
            return (took, failed);
        }
        writer.write_all(&asked.request).expect("the server reads");
        let good = answer(&mut reader);
        if began >= measured {
            match good {
                true => took.push(began.elapsed().as_micros() as u64),
                false => failed += 1,
            }
        }
        due += Duration::from_secs_f64(gap);
    }
}

/// Reads one answer; true for status 200.
fn answer(reader: &mut BufReader<TcpStream>) -> bool {
    let (mut line, mut length, mut good) = (String::new(), 0, false);
    loop {
        line.clear();
        assert!(reader.read_line(&mut line).expect("the server answers") > 0, "the server closed the connection");
        let text = line.trim_end();
        if text.is_empty() {
            break;
        }
        if let Some(status) = text.strip_prefix("HTTP/1.1 ") {
            good = status.starts_with("200");
        } else if let Some((name, value)) = text.split_once(':') {
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().expect("a length");
            }
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("the whole body");
    good
}

/// Of this process: user and system, in hundredths.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let fields: Vec<f64> = after.split_whitespace().skip(11).take(2).filter_map(|n| n.parse().ok()).collect();
    fields.iter().sum::<f64>() / 100.0
}

//! What a broken or hostile peer sends: always an error, never a panic, never memory out of proportion.

use proptest::prelude::*;
use suanzi_protocol::*;

fn refused(body: &[u8]) -> String {
    decode::<FromWorker>(body).expect_err("refused").to_string()
}

fn map(pairs: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = vec![0x80 | pairs.len() as u8];
    for (key, value) in pairs {
        body.push(0xa0 | key.len() as u8);
        body.extend_from_slice(key.as_bytes());
        body.extend_from_slice(value);
    }
    body
}

#[test]
fn malformed_frames_are_refused() {
    let ready = map(&[("t", b"\xa5ready"), ("pid", b"\x2a")]);
    assert_eq!(decode::<FromWorker>(&ready).expect("fine"), FromWorker::Ready { pid: 42 });
    let unknown_key = map(&[("pid", b"\x2a"), ("new", b"\x91\xc0"), ("t", b"\xa5ready")]);
    assert_eq!(decode::<FromWorker>(&unknown_key).expect("fine"), FromWorker::Ready { pid: 42 });

    let mut deep = vec![0x91; 1 << 20];
    deep.push(0xc0);
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("empty", vec![]),
        ("not a map", vec![0xc0]),
        ("no type", map(&[("pid", b"\x2a")])),
        ("unknown type", map(&[("t", b"\xa4sing")])),
        ("missing field", map(&[("t", b"\xa5ready")])),
        ("wrong field type", map(&[("t", b"\xa5ready"), ("pid", b"\xa1x")])),
        ("number too large", map(&[("t", b"\xa5ready"), ("pid", b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff")])),
        ("invalid UTF-8", map(&[("t", b"\xa2\xff\xfe")])),
        ("cut off", ready[..ready.len() - 1].to_vec()),
        ("trailing bytes", [ready.clone(), vec![0xc0]].concat()),
        ("claims 4 GiB of string", map(&[("t", b"\xdb\xff\xff\xff\xff")])),
        ("claims 4 Gi items", map(&[("t", b"\xa5ready"), ("pid", b"\x01"), ("x", b"\xdd\xff\xff\xff\xff")])),
        ("nested a million deep", map(&[("t", b"\xa5ready"), ("pid", b"\x01"), ("x", &deep)])),
    ];
    for (what, body) in cases {
        assert!(!refused(&body).is_empty(), "{what}");
    }
}

#[test]
fn a_length_over_the_limit_is_an_error_at_once() {
    let mut buffer = FrameBuffer::new();
    let head = (MAX_FRAME_BYTES as u32 + 1).to_be_bytes();
    buffer.space()[..4].copy_from_slice(&head);
    buffer.filled(4);
    assert!(matches!(buffer.next_frame(), Err(FrameError::TooLong(_))));
    let metric = |name| FromWorker::Metric { id: 1, name, value: 0.0, step: None };
    let mut out = b"before".to_vec();
    assert!(matches!(encode(&metric("x".repeat(MAX_FRAME_BYTES)), &mut out), Err(FrameError::TooLong(_))));
    assert_eq!(out, b"before");
}

fn cut_into_frames(stream: &[u8], sizes: &[usize]) -> Vec<Vec<u8>> {
    let mut buffer = FrameBuffer::new();
    let (mut rest, mut frames, mut turn) = (stream, Vec::new(), 0);
    while !rest.is_empty() {
        let space = buffer.space();
        let count = sizes.get(turn % sizes.len().max(1)).copied().unwrap_or(1).clamp(1, rest.len().min(space.len()));
        space[..count].copy_from_slice(&rest[..count]);
        buffer.filled(count);
        rest = &rest[count..];
        turn += 1;
        while let Some(body) = buffer.next_frame().expect("whole frames") {
            frames.push(body.to_vec());
        }
    }
    assert_eq!(buffer.pending(), 0);
    frames
}

proptest! {
    #[test]
    fn any_bytes_decode_or_fail(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode::<FromWorker>(&body);
        let _ = decode::<FromZygote>(&body);
        let _ = decode::<ToWorker>(&body);
    }

    #[test]
    fn a_changed_byte_never_panics(at in 0usize..400, to in any::<u8>()) {
        let mut bytes = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/golden/result.msgpack")).expect("sample");
        let at = 4 + at % (bytes.len() - 4);
        bytes[at] = to;
        let _ = decode::<FromWorker>(&bytes[4..]);
    }

    #[test]
    fn frames_survive_any_cutting(
        bodies in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40_000), 0..6),
        sizes in proptest::collection::vec(1usize..20_000, 1..6),
    ) {
        let mut stream = Vec::new();
        for body in &bodies {
            stream.extend_from_slice(&(body.len() as u32).to_be_bytes());
            stream.extend_from_slice(body);
        }
        prop_assert_eq!(cut_into_frames(&stream, &sizes), bodies);
    }
}

//! Uploads and datasets from outside: looked into, imported with chosen types, read by a run, shown, forgotten; in bounded memory.

use crate::http::{self, Answer};
use crate::server::{Server, until};
use serde_json::{Value, json};
use std::io::{Read, Write};
use suanzi_tests::{DagText, Op, Suanzi};

/// What an upload may add to the server's memory, whatever its size.
const MAX_GROWTH_KIB: u64 = 48 << 10;
/// `SUANZI_UPLOAD_MIB` makes it as large as one likes.
const UPLOAD_MIB: usize = 96;

#[track_caller]
fn upload(server: &Server, name: &str, media: &str, body: &str) -> Answer {
    let bearer = server.bearer();
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", media)];
    let length = body.len().to_string();
    let headers = [&headers[..], &[("Content-Length", length.as_str())]].concat();
    let mut stream = http::begin(server.port, "POST", &format!("/api/v1/uploads?name={name}"), &headers, "");
    stream.write_all(body.as_bytes()).expect("a body is sent");
    answer(stream)
}

#[track_caller]
fn answer(mut stream: impl Read) -> Answer {
    let mut text = Vec::new();
    stream.read_to_end(&mut text).expect("an answer comes");
    let text = String::from_utf8_lossy(&text).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text}"));
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or_default();
    Answer { status, head: head.into(), body: body.into() }
}

#[track_caller]
fn import(server: &Server, body: Value) -> Answer {
    server.ask("POST", "/api/v1/datasets", &body.to_string())
}

fn files(suanzi: &Suanzi, folder: &str) -> usize {
    std::fs::read_dir(suanzi.home().join(folder)).map_or(0, |all| all.count())
}

#[test]
fn an_upload_becomes_a_dataset_whose_chosen_types_hold() {
    let suanzi = Suanzi::new();
    let server = Server::start(&suanzi, &[]);
    let text = "id,score,when\n007,1.5,2026-01-02\n008,,2026-01-03\n";
    let looked = upload(&server, "people.csv", "text/csv", text);
    assert_eq!(looked.status, 201, "{}", looked.body);
    let looked = looked.json();
    let types: Vec<&Value> = looked["columns"].as_array().expect("columns").iter().map(|c| &c["type"]).collect();
    assert_eq!(types, ["int64", "float64", "date32"]);
    assert_eq!((&looked["rows_sampled"], &looked["bytes"]), (&json!(2), &json!(text.len())));
    let wrong = json!({ "title": "People", "upload_id": looked["upload_id"], "columns": [{ "name": "score", "type": "date32" }] });
    let refused = import(&server, wrong);
    assert_eq!((refused.status, refused.json()["code"].clone()), (422, json!("bad_table")), "{}", refused.body);
    assert!(refused.json()["detail"].as_str().is_some_and(|d| d.contains("column 'score', row 1")), "{}", refused.body);
    let chosen = json!([{ "name": "id", "type": "string" }]);
    let made = import(&server, json!({ "title": "People", "upload_id": looked["upload_id"], "columns": chosen }));
    assert_eq!((made.status, made.json()["id"].clone()), (201, json!("people")), "{}", made.body);
    assert_eq!((files(&suanzi, "uploads"), files(&suanzi, "datasets")), (0, 1));
    let gone = import(&server, json!({ "title": "Again", "upload_id": looked["upload_id"] }));
    assert_eq!(gone.status, 404, "{}", gone.body);

    // What a run reads has the chosen types.
    let code =
        "def run(table, params):\n    return {'first': len(table['id'][0]), 'text': int(table['id'][0] == '007')}\n";
    let dag = DagText::new("reads it")
        .op(Op::new("read", "algo_local_read_file").param("data_id", "people"))
        .op(Op::new("look", "python_script").param("code", code))
        .edge("read", 0, "look", 0);
    let run = server.submit(&dag.yaml());
    assert_eq!(run.status, 201, "{}", run.body);
    let run_id = run.json()["run_id"].as_str().expect("an id").to_string();
    until("the run ends", || server.status(&run_id) != "running");
    assert_eq!(server.status(&run_id), "success");

    let shown = server.get("/api/v1/datasets/people").json();
    assert_eq!((&shown["columns"][0]["type"], &shown["statistics"]["rows"]), (&json!("string"), &json!(2)));
    assert_eq!(shown["statistics"]["columns"][1]["nulls"], 1);
    let rows = server.get("/api/v1/datasets/people/rows?offset=1&limit=1").json();
    assert_eq!((&rows["total_rows"], &rows["rows"]), (&json!(2), &json!([["008", null, "2026-01-03"]])));
    assert_eq!(server.get("/api/v1/datasets/people/rows?limit=0").status, 400);
    assert_eq!(server.get("/api/v1/datasets").json()["items"][0]["rows"], 2);
    assert_eq!(server.ask("DELETE", "/api/v1/datasets/people", "").status, 204);
    assert_eq!((server.get("/api/v1/datasets/people").status, files(&suanzi, "datasets")), (404, 0));
}

#[test]
fn b38_bad_uploads_leave_nothing_behind() {
    let suanzi = Suanzi::new();
    let server = Server::start(&suanzi, &[]);
    for (name, media, body, status, words) in [
        ("empty.csv", "text/csv", "", 422, "empty"),
        ("x.parquet", "application/vnd.apache.parquet", "PAR1 no", 422, "not readable Parquet"),
        ("x.bin", "application/octet-stream", "a,b\n", 422, "doesn't say what format"),
        ("x.jsonl", "application/x-ndjson", "{\"a\": 1}\n{\n", 422, "line 2"),
        ("x.csv", "multipart/form-data", "a\n1\n", 415, "text/csv"),
        ("x.pkl", "application/octet-stream", "cos\nsystem\n(S'touch pwned'\ntR.", 422, "doesn't say what format"),
    ] {
        let refused = upload(&server, name, media, body);
        assert_eq!(refused.status, status, "{name}: {}", refused.body);
        assert!(refused.body.contains(words), "{name}: {}", refused.body);
    }
    // Broken off in the middle, and longer than the most there may be.
    let bearer = server.bearer();
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "text/csv"), ("Content-Length", "1000000")];
    let mut cut = http::begin(server.port, "POST", "/api/v1/uploads?name=a.csv", &headers, "");
    cut.write_all(b"a,b\n1,2\n").expect("a part is sent");
    drop(cut);
    let huge = [("Authorization", bearer.as_str()), ("Content-Type", "text/csv"), ("Content-Length", "99999999999")];
    let refused = answer(http::begin(server.port, "POST", "/api/v1/uploads?name=a.csv", &huge, ""));
    assert_eq!(refused.status, 413, "{}", refused.body);
    until("nothing is left", || files(&suanzi, "uploads") == 0);
    let path = json!({ "title": "Passwords", "path": "/etc/passwd" });
    let (there, not) = (import(&server, path), import(&server, json!({ "title": "None", "path": "/etc/none" })));
    assert_eq!((there.status, not.status), (422, 422));
    assert_eq!(there.json()["code"], not.json()["code"]);
    assert_eq!(import(&server, json!({ "title": "Neither" })).status, 400);
}

#[test]
fn registered_files_are_shown_and_stay() {
    let suanzi = Suanzi::new();
    let root = suanzi.dir().join("data");
    let file = suanzi.write("data/列.csv", "数,b\n1,x\n2,y\n");
    let server = Server::start(&suanzi, &["--data-root", &root.to_string_lossy()]);
    let made = import(&server, json!({ "id": "c", "title": "列", "path": file }));
    assert_eq!((made.status, made.json()["path"].clone()), (201, json!(file)), "{}", made.body);
    let twice = import(&server, json!({ "id": "c", "title": "列", "path": file }));
    assert_eq!((twice.status, twice.json()["code"].clone()), (409, json!("dataset_exists")));
    assert_eq!(server.get("/api/v1/datasets/c/rows").json()["rows"], json!([[1, "x"], [2, "y"]]));
    suanzi.write("data/列.csv", "数,b\n3,z\n");
    assert_eq!(server.get("/api/v1/datasets/c/rows").json()["rows"], json!([[3, "z"]]), "the file as it is now");
    assert_eq!(server.ask("DELETE", "/api/v1/datasets/c", "").status, 204);
    assert!(file.exists());
    let listed = suanzi.json(["dataset", "list", "--json"]);
    assert_eq!(listed, json!([]));
}

#[test]
fn a_large_upload_takes_no_memory() {
    let suanzi = Suanzi::new();
    let server = Server::start(&suanzi, &[]);
    let mib = std::env::var("SUANZI_UPLOAD_MIB").ok().and_then(|v| v.parse().ok()).unwrap_or(UPLOAD_MIB);
    let line = "1234567,some text that is the same,0.25\n";
    let piece = line.repeat((1 << 20) / line.len());
    let length = (12 + piece.len() * mib).to_string();
    let bearer = server.bearer();
    let headers =
        [("Authorization", bearer.as_str()), ("Content-Type", "text/csv"), ("Content-Length", length.as_str())];
    let before = peak_kib(server.pid());
    let mut stream = http::begin(server.port, "POST", "/api/v1/uploads?name=large.csv", &headers, "");
    stream.write_all(b"id,text,x\n\r\n").expect("a header is sent");
    for _ in 0..mib {
        stream.write_all(piece.as_bytes()).expect("a piece is sent");
    }
    let looked = answer(stream);
    assert_eq!(looked.status, 201, "{}", looked.body);
    let made = import(&server, json!({ "id": "large", "title": "Large", "upload_id": looked.json()["upload_id"] }));
    assert_eq!(made.status, 201, "{}", made.body);
    let rows = (piece.len() / line.len() * mib) as u64;
    assert_eq!(made.json()["rows"], rows);
    let grown = peak_kib(server.pid()).saturating_sub(before);
    println!("an upload of {mib} MiB: the server's memory rose by {grown} KiB at most");
    assert!(grown < MAX_GROWTH_KIB, "{grown} KiB");
    let last = server.get(&format!("/api/v1/datasets/large/rows?offset={}", rows - 1)).json();
    assert_eq!(last["rows"], json!([[1_234_567, "some text that is the same", 0.25]]));
}

/// The most memory the process ever had.
fn peak_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("the process is there");
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

//! The samples in `golden/`, which the Python tests read too. `SUANZI_UPDATE_GOLDEN=1` writes them anew.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value as Json, json};
use std::path::PathBuf;
use suanzi_protocol::*;

fn usage() -> Usage {
    Usage { wall_us: 1_234_567, cpu_us: 1_000_000, peak_rss_bytes: 209_715_200, log_start: 10, log_end: 4_294_967_306 }
}

fn task() -> ToWorker<'static> {
    ToWorker::Task(Task {
        id: 7,
        run_id: "credit/20260101-1".into(),
        operator_id: "split_数据".into(),
        algo_name: "algo_local_split_data".into(),
        attempt_no: 2,
        module: "suanzi.operators.split".into(),
        function: "split".into(),
        dir: None,
        code_hash: "ab12".into(),
        params: r#"{"ext1":0.8,"split_type":1}"#.into(),
        seed: u64::MAX,
        inputs: vec![
            Input { name: "data".into(), port_type: "data".into(), value: Value::Path("/a/1.arrow".into()) },
            Input {
                name: "more".into(),
                port_type: "metrics".into(),
                value: Value::Inline(b"{\"a\":1}".to_vec().into()),
            },
        ],
        outputs: vec![Port { name: "train".into(), port_type: "data".into() }],
        files: vec![("data_id".into(), "/d/40.csv".into())],
        out_dir: "/a".into(),
        out_prefix: "7-2-".into(),
        cpu_slots: 2,
        memory_bytes: Some(1 << 33),
        timeout_ms: None,
        objects: None,
    })
}

fn task_on_objects() -> ToWorker<'static> {
    let ToWorker::Task(task) = task() else { unreachable!("a task") };
    let objects = Objects {
        url: "s3://bucket/team".into(),
        endpoint: Some("http://127.0.0.1:9000".into()),
        region: None,
        root: "/a".into(),
        files: vec![("data_id".into(), "files/ab12/40.csv".into())],
    };
    ToWorker::Task(Task { objects: Some(objects), ..task })
}

fn check<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(
    list: &mut Vec<Json>,
    name: &str,
    channel: &str,
    frame: T,
) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden");
    let path = folder.join(format!("{name}.msgpack"));
    let mut bytes = Vec::new();
    encode(&frame, &mut bytes).expect("encodes");
    if std::env::var_os("SUANZI_UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &bytes).expect("written");
    }
    let golden = std::fs::read(&path).expect("the sample is there");
    assert_eq!(golden, bytes, "{name}: the bytes on the wire changed");
    assert_eq!(decode::<T>(&golden[4..]).expect("decodes"), frame, "{name}");
    list.push(json!({ "name": name, "channel": channel, "frame": frame }));
}

#[test]
fn every_frame_has_its_golden_bytes() {
    let mut list = Vec::new();
    let samples = &mut list;
    check(samples, "fork", "to_zygote", ToZygote::Fork { worker: 3, uid: None });
    check(samples, "fork_as", "to_zygote", ToZygote::Fork { worker: 3, uid: Some(61_002) });
    check(samples, "preload", "to_zygote", ToZygote::Preload);
    check(samples, "hello", "from_zygote", FromZygote::Hello { version: 1, pid: 41, python: "3.11.7".into() });
    check(samples, "loaded", "from_zygote", FromZygote::Loaded { import_ms: 900, threads: 2 });
    check(samples, "forked", "from_zygote", FromZygote::Forked { worker: 3, pid: 42 });
    check(samples, "exited", "from_zygote", FromZygote::Exited { worker: 3, pid: 42, status: 9 });
    check(samples, "task", "to_worker", task());
    check(samples, "task_on_objects", "to_worker", task_on_objects());
    check(samples, "retire", "to_worker", ToWorker::Retire);
    check(samples, "ready", "from_worker", FromWorker::Ready { pid: 42 });
    let message = "第 1 轮".to_owned();
    check(samples, "progress", "from_worker", FromWorker::Progress { id: 7, fraction: 0.25, message });
    let name = "loss".to_owned();
    check(samples, "metric", "from_worker", FromWorker::Metric { id: 7, name, value: f64::INFINITY, step: Some(-1) });
    let outputs = vec![
        Output {
            port: 0,
            port_type: "data".into(),
            value: Value::Path("/a/7-2-train.arrow".into()),
            bytes: 1 << 40,
            rows: Some(24_000),
            manifest: r#"{"columns":[{"name":"X","type":"int64"}]}"#.into(),
        },
        Output {
            port: 1,
            port_type: "metrics".into(),
            value: Value::Inline(b"{}".to_vec().into()),
            bytes: 2,
            rows: None,
            manifest: "{}".into(),
        },
    ];
    check(samples, "result", "from_worker", FromWorker::Result { id: 7, outputs, usage: usage(), retire: None });
    let failed = FromWorker::Failed {
        id: 7,
        kind: FailureKind::ExitedWithoutResult,
        message: "SystemExit: 0".into(),
        hint: Some("return a value".into()),
        traceback: None,
        usage: Usage::default(),
        retire: Some("changed os.environ".into()),
    };
    check(samples, "failed", "from_worker", failed);

    let mut text = serde_json::to_string_pretty(&list).expect("json");
    text.push('\n');
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden/frames.json");
    if std::env::var_os("SUANZI_UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &text).expect("written");
    }
    assert_eq!(std::fs::read_to_string(&path).expect("the listing is there"), text);
}

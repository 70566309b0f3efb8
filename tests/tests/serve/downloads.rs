//! Outputs as files: every format holds the same rows.

use crate::pipeline::ended;
use crate::server::Server;
use serde_json::json;
use suanzi_tests::{DagText, Op, Suanzi, python};

const MAKE: &str = "\
import pandas as pd
def run(*inputs, params):
    return pd.DataFrame({'编号': range(1000), 'x': [n / 3 for n in range(1000)], 's': ['a,\"b\"\\n', None] * 500})
";

/// Reads each format back with what data scientists read it with.
const COMPARE: &str = "\
import sys, pandas as pd, pyarrow as pa
base, run = sys.argv[1:]
arrow = pa.ipc.open_file(base + '.arrow').read_all().to_pandas()
same = {
    'csv': pd.read_csv(base + '.csv'),
    'parquet': pd.read_parquet(base + '.parquet'),
    'jsonl': pd.read_json(base + '.jsonl', lines=True),
}
for name, table in same.items():
    assert list(table.columns) == ['编号', 'x', 's'], (name, list(table.columns))
    assert len(table) == 1000, (name, len(table))
    pd.testing.assert_frame_equal(table.astype({'s': object}), arrow.astype({'s': object}), check_dtype=False)
print('same')
";

#[test]
fn every_format_of_a_table_holds_the_same_rows() {
    let suanzi = Suanzi::new();
    let server = Server::start(&suanzi, &[]);
    let dag = DagText::new("made").op(Op::new("make", "python_script").param("code", MAKE)).yaml();
    let run_id = ended(&server, json!({ "source": dag }));
    let path = format!("/api/v1/runs/{run_id}/tasks/make/outputs/0/download");
    let base = suanzi.dir().join("table");
    for (format, media) in [
        ("csv", "text/csv; charset=utf-8"),
        ("parquet", "application/vnd.apache.parquet"),
        ("jsonl", "application/x-ndjson"),
        ("arrow", "application/vnd.apache.arrow.file"),
    ] {
        let (head, bytes) = server.bytes(&format!("{path}?format={format}"));
        assert!(head.starts_with("HTTP/1.1 200"), "{format}: {head}");
        assert!(head.contains(media), "{format}: {head}");
        assert!(head.contains(&format!("filename=\"{run_id}-make-0.{format}\"")), "{format}: {head}");
        std::fs::write(base.with_extension(format), bytes).expect("a file is written");
    }
    let said = python::run(&["-c", COMPARE, &base.to_string_lossy(), &run_id]);
    assert_eq!(said.trim(), "same");
    for (format, status, says) in
        [("xlsx", 400, "csv, parquet, jsonl or arrow"), ("json", 400, "csv, parquet, jsonl or arrow")]
    {
        let answer = server.get(&format!("{path}?format={format}"));
        assert_eq!(answer.status, status, "{format}: {}", answer.body);
        assert!(answer.body.contains(says), "{format}: {}", answer.body);
    }
}

//! A DAG of 100,000 operators reads in bounded time and memory, as YAML and as JSON.

use std::fmt::Write;
use std::time::{Duration, Instant};
use suanzi_dag::{Limits, read_owned};

const OPERATORS: usize = 100_000;
/// Three times what this takes in a debug build on two slow cores.
const MAX_READ_TIME: Duration = Duration::from_secs(45);
/// Peak memory of reading, the text itself included, as a multiple of the text's size.
const MAX_MEMORY_RATIO: f64 = 6.0;

/// A text like the seed's: operators of about 640 bytes, each fed by the one before and one further back.
fn yaml(operators: usize) -> String {
    let id = |i: usize| format!("algo_local_model_2c_l_45_{i}");
    let mut out = String::from("dag:\n operator_list: [");
    for i in 0..operators {
        write!(out, "{}{}", if i > 0 { "," } else { "" }, id(i)).unwrap();
    }
    out.push_str("]\n operator_rels:\n");
    for i in 1..operators {
        let (near, far) = (id(i), id((i * 7 + 3).min(operators - 1).max(i)));
        write!(out, "  {}: [{{\"target\":\"{near}\",\"source_index\":0,\"target_index\":0}}", id(i - 1)).unwrap();
        writeln!(out, ",{{\"target\":\"{far}\",\"source_index\":0,\"target_index\":1}}]").unwrap();
    }
    out.push_str(" operator_details:\n");
    for i in 0..operators {
        write!(
            out,
            "  {}:\n   algo_name: algo_local_model_2c_l\n   data_type: 本地python\n   type: 模型算法\n   cn_name: 邏輯回歸二分類\n   \
             coordinate:\n    x: {}\n    y: {}\n   params:\n    x_cols: [LIMIT_BAL,SEX,EDUCATION,MARRIAGE,AGE,PAY_0,PAY_2]\n    \
             y_col: next_month\n    penalty: l2\n    C: 1\n    max_iter: 100\n    senior: true\n    class_weight: null\n    \
             solver: liblinear\n    tol: 0.0001\n",
            id(i),
            i % 1000,
            i / 1000
        )
        .unwrap();
    }
    out
}

/// The largest resident size of this process so far.
fn peak_bytes() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<usize>().ok().map(|kib| kib * 1024)
}

#[test]
fn a_hundred_thousand_operators() {
    let mut text = yaml(OPERATORS).into_bytes();
    text.shrink_to_fit();
    let bytes = text.len();
    let start = Instant::now();
    let doc = read_owned(text, &Limits::api()).unwrap();
    let took = start.elapsed();
    let ratio = peak_bytes().map(|peak| peak as f64 / bytes as f64);
    println!("{bytes} bytes of YAML in {took:?}, peak memory {ratio:?} times the text");
    assert!(took < MAX_READ_TIME, "{took:?}");
    // Where /proc is missing, only the time is judged.
    assert!(ratio.is_none_or(|ratio| ratio < MAX_MEMORY_RATIO), "{ratio:?}");
    assert_eq!(doc.dag.operators.len(), OPERATORS);
    assert_eq!(doc.dag.edges.len(), 2 * (OPERATORS - 1));
    let last = OPERATORS as u32 - 1;
    assert_eq!(doc.place_of_param(last, "tol").map(|p| p.column), Some(10));
}

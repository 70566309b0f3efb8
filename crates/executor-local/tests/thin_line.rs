//! The shortest way through everything: zygote, forked worker, task, table, result.

mod support;

use serde_json::json;
use suanzi_executor::*;
use support::*;

#[test]
fn a_noop_and_then_a_table_read_by_the_next_operator() {
    let bench = Bench::new(2);
    let (outcome, usage) = bench.run("noop", json!({"payload": {"a": [1, 2.5, "x"]}}));
    let values = outputs(outcome);
    assert_eq!(inline(&values[0]), json!({"a": [1, 2.5, "x"]}));
    assert!(usage.log.file > 0);

    let (outcome, _) = bench.run("make_table", json!({"rows": 1000}));
    let table = outputs(outcome).remove(0);
    assert_eq!((table.port_type.as_str(), table.rows), ("data", Some(1000)));

    let mut sum = bench.task("sum_table", json!({}));
    sum.inputs = vec![InputValue { name: "data".into(), port_type: "data".into(), at: table.at }];
    let sum = bench.start(sum);
    let values = outputs(bench.events.finished(sum).0);
    assert_eq!(inline(&values[0]), json!({"sum": 499_500}));
}

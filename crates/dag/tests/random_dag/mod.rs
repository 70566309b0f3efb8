//! Arbitrary DAGs, with texts and ids that are hard to write.

#![allow(dead_code)] // Each test takes what it needs.

use proptest::collection::{hash_set, vec};
use proptest::prelude::*;
use std::collections::HashSet;
use std::sync::Arc;
use suanzi_dag::{Coordinate, Dag, Edge, Operator, OperatorId, Resources, TriggerRule, Value, Viewport};

/// Texts that look like something else, or are hard to write.
const STRANGE: &[&str] = &[
    "",
    " ",
    "  x",
    "x ",
    "null",
    "~",
    "Null",
    "true",
    "FALSE",
    "no",
    "Yes",
    "on",
    "1",
    "007",
    "-1",
    "+5",
    "0x1F",
    "0o17",
    "1.0",
    "1e5",
    ".5",
    ".inf",
    "-.INF",
    ".nan",
    "1:30",
    "2024-01-01",
    "<<",
    "=",
    "-",
    "- a",
    "?",
    "? a",
    ":",
    ": a",
    "a: b",
    "a:",
    "a #b",
    "#a",
    "&a",
    "*a",
    "!a",
    "!!str a",
    "|",
    ">",
    "@a",
    "`a`",
    "%a",
    "'a'",
    "\"a\"",
    "a'b",
    "a\"b",
    "\\",
    "a\\nb",
    "[a]",
    "{a}",
    "a,b",
    "---",
    "...",
    "--- a",
    "a\nb",
    "a\nb\n",
    "a\n\n",
    "\na",
    "a\n b\n\n  c\n",
    " a\nb",
    "a\tb",
    "\ta",
    "a\n\tb\n",
    "a\r\nb",
    "a\n  \nb",
    "\n",
    "\u{0}",
    "\u{7f}",
    "\u{85}",
    "\u{a0}",
    "\u{2028}",
    "\u{feff}",
    "\u{feff}a",
    "a\u{fffe}",
    "算子",
    "讀文件",
    "😀",
    "שלום",
    "e\u{301}",
    "__proto__",
    "def run(df):\n    return df\n",
    "a\n...\nb",
    "# c\na\n",
    "dag",
    "y",
    "n",
    "a: |\n  b",
    "x\n\n\n",
    "k\n\u{2029}",
];

pub fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(STRANGE).prop_map(str::to_owned),
        2 => "[a-zA-Z_][a-zA-Z0-9_. -]{0,12}",
        2 => any::<String>(),
        1 => "[ -~\n\t]{0,40}",
        1 => "[-+.0-9eExo:_ ]{1,8}",
    ]
}

pub fn scalar() -> impl Strategy<Value = Value> {
    let special = [f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN_POSITIVE, 1.0, -0.0, 1e16, 0.1];
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<f64>().prop_filter("NaN equals nothing", |f| !f.is_nan()).prop_map(Value::Float),
        prop::sample::select(special.to_vec()).prop_map(Value::Float),
        text().prop_map(Value::Str),
    ]
}

pub fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::List),
            vec((text(), inner), 0..5).prop_map(|entries| Value::Map(unique(entries))),
        ]
    })
}

fn unique(entries: Vec<(String, Value)>) -> Vec<(String, Value)> {
    let mut seen = HashSet::new();
    entries.into_iter().filter(|(key, _)| seen.insert(key.clone())).collect()
}

pub fn entries() -> impl Strategy<Value = Vec<(String, Value)>> {
    vec((text(), value()), 0..4).prop_map(unique)
}

/// Keys that no version knows.
pub fn extra() -> impl Strategy<Value = Vec<(String, Value)>> {
    entries()
        .prop_map(|list| list.into_iter().filter(|(key, _)| key != "dag").map(|(k, v)| (format!("x-{k}"), v)).collect())
}

fn opt<S: Strategy>(strategy: S) -> impl Strategy<Value = Option<S::Value>>
where
    S::Value: Clone,
{
    prop::option::of(strategy)
}

pub fn number() -> impl Strategy<Value = f64> {
    any::<f64>().prop_filter("coordinates are finite", |f| f.is_finite())
}

pub fn not_null() -> impl Strategy<Value = Value> {
    value().prop_filter("null stands for absence", |v| *v != Value::Null)
}

fn resources() -> impl Strategy<Value = Resources> {
    (opt(0.001..1024.0), opt(1u64 << 20..64 << 40), opt(0.0..16.0), extra())
        .prop_map(|(cpu, memory_bytes, gpu, extra)| Resources { cpu, memory_bytes, gpu, extra })
}

pub fn operator() -> impl Strategy<Value = Operator> {
    let shown = (text(), opt(text()), opt(text()), opt(text()), opt((number(), number())), entries());
    let policy =
        (opt(0u32..=1000), opt(0u64..=604_800_000), opt(1u64..=2_592_000_000), resources(), opt(any::<bool>()));
    let rest = (
        opt(-1000..=1000),
        opt(prop::sample::select(TriggerRule::ALL.to_vec())),
        opt(text()),
        opt(not_null()),
        any::<bool>(),
        opt(text()),
        extra(),
    );
    (shown, policy, rest).prop_map(|(shown, policy, rest)| Operator {
        id: OperatorId("".into()),
        algo_name: shown.0,
        data_type: shown.1,
        kind_label: shown.2,
        cn_name: shown.3,
        coordinate: shown.4.map(|(x, y)| Coordinate { x, y }),
        params: shown.5,
        retries: policy.0,
        retry_delay_ms: policy.1,
        timeout_ms: policy.2,
        resources: policy.3,
        cache: policy.4,
        priority: rest.0,
        trigger_rule: rest.1,
        pool: rest.2,
        env: rest.3,
        disabled: rest.4,
        executor: rest.5,
        extra: rest.6,
    })
}

pub fn id() -> impl Strategy<Value = String> {
    prop_oneof![text(), "[a-z_0-9]{1,20}"].prop_filter("ids have a form", |id| {
        (1..=256).contains(&id.len()) && !id.chars().any(|c| c.is_control() || c == '/' || c == '\\')
    })
}

pub fn viewport() -> impl Strategy<Value = Viewport> {
    (opt((number(), number())), opt(number()), extra()).prop_map(|(translate, scale, extra)| Viewport {
        translate,
        scale,
        extra,
    })
}

pub fn dag() -> impl Strategy<Value = Dag> {
    let operators = hash_set(id(), 1..6).prop_flat_map(|ids| (Just(ids), vec(operator(), 6)));
    let ends = vec((any::<u32>(), 0u16.., any::<u32>(), 0u16.., extra()), 0..8);
    let value = || opt(not_null());
    let head = (opt(text()), opt(text()), value(), entries(), opt(1u32..=1_000_000), value(), value(), value());
    (operators, ends, head, opt(viewport()), extra(), extra()).prop_map(
        |((ids, operators), ends, head, viewport, extra, root_extra)| {
            let operators: Vec<Operator> = ids
                .into_iter()
                .zip(operators)
                .map(|(id, operator)| Operator { id: OperatorId(Arc::from(id)), ..operator })
                .collect();
            Dag {
                name: head.0,
                description: head.1,
                schedule: head.2,
                parameters: head.3,
                concurrency: head.4,
                on_failure: head.5,
                on_success: head.6,
                notes: head.7,
                viewport,
                edges: edges(ends, operators.len() as u32),
                operators,
                extra,
                root_extra,
            }
        },
    )
}

type Ends = (u32, u16, u32, u16, Vec<(String, Value)>);

/// Edges without cycles or duplicates, those of one source side by side.
fn edges(ends: Vec<Ends>, operators: u32) -> Vec<Edge> {
    let mut seen = HashSet::new();
    let mut edges: Vec<Edge> = Vec::new();
    for (a, source_index, b, target_index, extra) in ends {
        // The later operator of the pair feeds the earlier one.
        let (source, target) = ((a % operators).max(b % operators), (a % operators).min(b % operators));
        if source == target || !seen.insert((source, source_index, target, target_index)) {
            continue;
        }
        let at = edges.iter().rposition(|edge| edge.source == source).map_or(edges.len(), |i| i + 1);
        edges.insert(at, Edge { source, source_index, target, target_index, extra });
    }
    edges
}

//! What changes a key and what doesn't.

use crate::builders::{bound, bound_one, dag, origin, text};
use suanzi_dag::Coordinate;
use suanzi_dag::Value::{self, Float, Int, Null};
use suanzi_operator::keys::{Key, content, derivation, output_of, self_hash};
use suanzi_operator::{BindOptions, BoundOp, Catalogue, bind, read_manifest};

const ENVIRONMENT: &str = "python 3.11, pandas 3.1";

fn fit(params: &[(&str, Value)]) -> BoundOp {
    let mut dag = dag("s:source x:fit s.0>x.0");
    dag.operators[1].params = params.iter().map(|(n, v)| ((*n).to_owned(), v.clone())).collect();
    bound(&dag).ops.remove(1)
}

fn key(op: &BoundOp, seed: u64) -> Key {
    self_hash(op, ENVIRONMENT, seed, &[])
}

#[test]
fn parameters() {
    let plain = key(&fit(&[]), 0);
    let same = [
        vec![("alpha", Float(0.5))],
        vec![("depth", Int(3))],
        vec![("depth", Float(3.0)), ("alpha", Float(0.5))],
        vec![("random_state", Null)],
        vec![("max_features", Null), ("depth", Int(3))],
    ];
    for params in same {
        assert_eq!(key(&fit(&params), 0), plain, "{params:?}");
    }
    let others = [
        vec![("alpha", Float(0.25))],
        vec![("alpha", Int(0))],
        vec![("depth", Int(4))],
        vec![("random_state", Int(0))],
        vec![("max_features", Int(1))],
        vec![("max_features", text("sqrt"))],
        vec![("max_features", text("log2"))],
    ];
    let mut keys: Vec<Key> = others.iter().map(|params| key(&fit(params), 0)).collect();
    keys.push(plain);
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), others.len() + 1, "each differs from each");
}

#[test]
fn the_seed_counts_where_it_is_used() {
    let check = |op: &BoundOp, counts: bool| assert_eq!(key(op, 1) != key(op, 2), counts, "{}", op.key_params);
    check(&fit(&[]), true);
    check(&fit(&[("random_state", Null)]), true);
    check(&fit(&[("random_state", Int(5))]), false);
    check(&bound_one("every", &[]), false);
    let split = bound(&dag("a:source b:algo_local_split_data a.0>b.0"));
    check(&split.ops[1], true);
}

#[test]
fn legacy_parameters() {
    let gbdt = |params: &[(&str, Value)]| {
        let mut dag = dag("s:source x:algo_local_model_gbdt s.0>x.0");
        dag.operators[1].params = params.iter().map(|(n, v)| ((*n).to_owned(), v.clone())).collect();
        dag.operators[1].params.push(("y_col".into(), text("y")));
        key(&bound(&dag).ops[1], 0)
    };
    let plain = gbdt(&[]);
    assert_eq!(gbdt(&[("presort", text("auto"))]), plain, "ignored by the kind");
    assert_eq!(gbdt(&[("no_such_parameter", Int(1))]), plain, "left out with a warning");
    assert_ne!(gbdt(&[("loss", text("exponential"))]), plain, "translated, so it counts");
}

#[test]
fn what_the_canvas_and_the_scheduler_know_does_not_count() {
    let plain = dag("s:source x:fit s.0>x.0");
    let mut other = plain.clone();
    let operator = &mut other.operators[1];
    operator.id = suanzi_dag::OperatorId("renamed".into());
    operator.coordinate = Some(Coordinate { x: 1.0, y: 2.0 });
    operator.cn_name = Some("名字".into());
    operator.kind_label = Some("模型算法".into());
    operator.data_type = Some("本地python".into());
    operator.retries = Some(3);
    operator.retry_delay_ms = Some(10);
    operator.timeout_ms = Some(1_000);
    operator.priority = Some(7);
    operator.pool = Some("gpu".into());
    operator.resources.cpu = Some(2.0);
    operator.extra = vec![("note".into(), text("a comment"))];
    other.name = Some("other".into());
    other.viewport = Some(suanzi_dag::Viewport { scale: Some(0.9), ..Default::default() });
    assert_eq!(key(&bound(&plain).ops[1], 0), key(&bound(&other).ops[1], 0));
}

#[test]
fn code_environment_and_kind_count() {
    let with = |code_hash: &str, manifest: &str| {
        let mut catalogue = Catalogue::new();
        let mut origin = origin("made-up");
        origin.code_hash = code_hash.into();
        catalogue.add(read_manifest(manifest.as_bytes()).expect("reads"), origin).expect("adds");
        bind(&dag("x:every"), &(), &catalogue, &BindOptions::default()).expect("binds").ops.remove(0)
    };
    let manifest = include_str!("kinds_manifest.json");
    let plain = with("c0de", manifest);
    assert_eq!(key(&plain, 0), key(&bound_one("every", &[]), 0));
    assert_ne!(key(&plain, 0), key(&with("c0de2", manifest), 0), "code");
    assert_ne!(
        key(&plain, 0),
        key(&with("c0de", &manifest.replace(r#""function": "every""#, r#""function": "other""#)), 0),
        "function"
    );
    assert_ne!(key(&plain, 0), self_hash(&plain, "python 3.12", 0, &[]), "environment");
}

#[test]
fn files_count_by_content_and_not_by_name() {
    let op = |path: &str| bound_one("reads", &[("path", text(path))]);
    let file = |param: &str, content: &str| (param.to_owned(), content.to_owned());
    let key = |op: &BoundOp, files: &[(String, String)]| self_hash(op, ENVIRONMENT, 0, files);
    let (a, b) = (op("a.csv"), op("elsewhere/b.csv"));
    let content = [file("path", "b3:1")];
    assert_eq!(key(&a, &content), key(&b, &content));
    assert_ne!(key(&a, &content), key(&a, &[file("path", "b3:2")]));
    assert_ne!(key(&a, &content), key(&a, &[file("extra", "b3:1")]));
    assert_eq!(key(&a, &[file("path", "1"), file("extra", "2")]), key(&a, &[file("extra", "2"), file("path", "1")]));
}

#[test]
fn inputs_count_by_name_type_order_and_key() {
    let own = key(&bound_one("every", &[]), 0);
    let (a, b) = (output_of(own, 0), output_of(own, 1));
    let keys = [
        derivation(own, &[]),
        derivation(a, &[]),
        derivation(own, &[("data", "data", a)]),
        derivation(own, &[("data", "data", b)]),
        derivation(own, &[("data", "model", a)]),
        derivation(own, &[("table", "data", a)]),
        derivation(own, &[("data", "data", a), ("data", "data", b)]),
        derivation(own, &[("data", "data", b), ("data", "data", a)]),
        // The same bytes cut differently.
        derivation(own, &[("dat", "adata", a)]),
        content(own, &[]),
        content(own, &[("data", "data", "x")]),
        content(own, &[("data", "data", "y")]),
        content(own, &[("data", "datax", "")]),
        own,
        a,
        b,
        output_of(a, 0),
    ];
    let mut distinct = keys.to_vec();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), keys.len());
}

#[test]
fn keys_are_read_back() {
    let own = key(&bound_one("every", &[]), 0);
    let text = own.to_string();
    assert_eq!(text.len(), 64);
    assert_eq!(text.parse(), Ok(own));
    assert_eq!(text.to_uppercase().parse(), Ok(own));
    for bad in
        ["", "00", &text[1..], &format!("{text}0"), &text.replace(&text[..1], "g"), &"é".repeat(32), &"+0".repeat(32)]
    {
        assert!(bad.parse::<Key>().is_err(), "{bad}");
    }
}

#[test]
fn keys_stay_what_they_are_between_versions() {
    // A change here makes every stored result unfindable: do it knowingly, and raise the number in the purposes.
    let op = bound_one("every", &[]);
    let own = self_hash(&op, "e", 0, &[("path".into(), "b3:1".into())]);
    assert_eq!(own.to_string(), "83c87f771ba264bd85b3e8b7de8d748f4c5d5cc43e65b2fe35b321fbaf68c091");
    let golden = derivation(own, &[("data", "data", output_of(own, 1))]);
    assert_eq!(golden.to_string(), "d1ecff95493a3a041486e676326adb182d0447afa744b8b0dba5a95f9b76882d");
    assert_eq!(
        content(own, &[("data", "data", "b3:2")]).to_string(),
        "80dafc7d9b380c3a98bee7e0e3f7aa61d1325c4da92e72752f1cbf3dfe9d5c52"
    );
}

#[test]
fn requirements_count_in_whatever_way_they_are_written() {
    let with = |texts: &[&str]| {
        let mut dag = dag("s:source x:fit s.0>x.0");
        dag.operators[1].env = Some(Value::List(texts.iter().map(|t| text(t)).collect()));
        key(&bound(&dag).ops.remove(1), 0)
    };
    let none = key(&fit(&[]), 0);
    assert_eq!(with(&[]), none);
    assert_eq!(with(&["Tiny == 1", "b"]), with(&["b", "tiny==1"]));
    let mut keys = vec![none, with(&["tiny==1"]), with(&["tiny==2"]), with(&["tiny==1", "b"]), with(&["tiny"])];
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 5, "each differs from each");
}

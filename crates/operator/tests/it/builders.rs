//! DAGs in a line, catalogues from the fixtures, and how faults are compared.

use std::sync::Arc;
use suanzi_dag::{Dag, Edge, Fault, Faults, Operator, OperatorId, Place, Resources, Value};
use suanzi_operator::{BindOptions, Bound, BoundOp, Catalogue, Origin, Places, bind, read_manifest};

pub fn operator(id: &str, algo_name: &str) -> Operator {
    Operator {
        id: OperatorId(Arc::from(id)),
        algo_name: algo_name.into(),
        data_type: None,
        kind_label: None,
        cn_name: None,
        coordinate: None,
        params: Vec::new(),
        executor: None,
        retries: None,
        retry_delay_ms: None,
        timeout_ms: None,
        resources: Resources::default(),
        cache: None,
        priority: None,
        trigger_rule: None,
        pool: None,
        env: None,
        disabled: false,
        extra: Vec::new(),
    }
}

/// Operators as `id:algo_name`, edges as `id.port>id.port`, all separated by blanks.
pub fn dag(text: &str) -> Dag {
    let mut dag = Dag::default();
    let end = |dag: &Dag, text: &str| {
        let (id, port) = text.split_once('.').expect("id.port");
        let at = dag.operators.iter().position(|o| &*o.id.0 == id).expect("an operator declared before");
        (at as u32, port.parse::<u16>().expect("a port number"))
    };
    for word in text.split_whitespace() {
        if let Some((source, target)) = word.split_once('>') {
            let ((source, source_index), (target, target_index)) = (end(&dag, source), end(&dag, target));
            dag.edges.push(Edge { source, source_index, target, target_index, extra: Vec::new() });
        } else {
            let (id, algo_name) = word.split_once(':').expect("id:algo_name");
            dag.operators.push(operator(id, algo_name));
        }
    }
    dag
}

/// A DAG of one operator with these parameters.
pub fn one(algo_name: &str, params: &[(&str, Value)]) -> Dag {
    let mut dag = dag(&format!("x:{algo_name}"));
    dag.operators[0].params = params.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    dag
}

pub fn text(s: &str) -> Value {
    Value::Str(s.into())
}

pub fn origin(package: &str) -> Origin {
    Origin { package: package.into(), dir: None, code_hash: "c0de".into() }
}

/// The seed's six kinds and the made-up ones.
pub fn catalogue() -> Catalogue {
    let mut catalogue = Catalogue::new();
    for (package, manifest) in
        [("suanzi", include_str!("seed_manifest.json")), ("made-up", include_str!("kinds_manifest.json"))]
    {
        let manifest = read_manifest(manifest.as_bytes()).expect("the fixture reads");
        catalogue.add(manifest, origin(package)).expect("the fixture is consistent");
    }
    catalogue
}

/// Operator 3 stands at line 301, its fields at column 10, its parameters at column 20; edge 3 at line 10003.
pub struct Lines;

impl Places for Lines {
    fn place_of_operator(&self, op: u32) -> Option<Place> {
        Some(Place { line: op * 100 + 1, column: 1 })
    }

    fn place_of_field(&self, op: u32, _: &str) -> Option<Place> {
        Some(Place { line: op * 100 + 1, column: 10 })
    }

    fn place_of_param(&self, op: u32, _: &str) -> Option<Place> {
        Some(Place { line: op * 100 + 1, column: 20 })
    }

    fn place_of_dag_field(&self, _: &str) -> Option<Place> {
        Some(Place { line: 7, column: 1 })
    }

    fn place_of_edge(&self, edge: usize) -> Option<Place> {
        Some(Place { line: 10_000 + edge as u32, column: 1 })
    }
}

/// Binds what must bind.
pub fn bound(dag: &Dag) -> Bound {
    bind(dag, &(), &catalogue(), &BindOptions::default()).unwrap_or_else(|faults| panic!("refused:\n{faults}"))
}

pub fn bound_one(algo_name: &str, params: &[(&str, Value)]) -> BoundOp {
    bound(&one(algo_name, params)).ops.remove(0)
}

/// One line per fault: place, severity, code, message and hint.
pub fn lines(faults: &Faults) -> Vec<String> {
    let line = |fault: &Fault| fault.to_string().replace("\n  hint: ", " | ");
    faults.0.iter().map(line).collect()
}

/// Binds what must be refused, or what gives warnings, and compares everything that is said.
pub fn check_faults(dag: &Dag, options: &BindOptions, expected: &[&str]) {
    let said = match bind(dag, &Lines, &catalogue(), options) {
        Ok(bound) => lines(&bound.warnings),
        Err(faults) => lines(&faults),
    };
    assert_eq!(said, expected, "{:?}", dag.edges);
}

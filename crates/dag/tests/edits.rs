//! Arbitrary edits of arbitrary DAGs: the text says afterwards what the DAG with these edits is, and what wasn't touched is as it was.

mod random_dag;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use random_dag::{dag, number, operator, text, value};
use std::time::Instant;
use suanzi_dag::{
    Coordinate, Dag, Edge, EdgeEnds, Edit, Limits, Operator, OperatorId, Value, Viewport, edit, read, sketch, write,
};

/// An edit before it is known which operators there are.
#[derive(Debug, Clone)]
enum Wish {
    SetParam(Index, Option<Index>, String, Value),
    RemoveParam(Index, Index),
    Move(Index, f64, f64),
    Retries(Index, Option<u32>),
    Add(Box<Operator>),
    Remove(Index),
    Rename(Index),
    AddEdge(Index, u16, Index, u16),
    RemoveEdge(Index),
    Name(Option<String>),
    Viewport(f64, f64, f64),
}

fn wish() -> impl Strategy<Value = Wish> {
    let at = any::<Index>;
    prop_oneof![
        3 => (at(), prop::option::of(at()), text(), value()).prop_map(|(op, which, name, value)| Wish::SetParam(op, which, name, value)),
        2 => (at(), at()).prop_map(|(op, which)| Wish::RemoveParam(op, which)),
        1 => (at(), number(), number()).prop_map(|(op, x, y)| Wish::Move(op, x, y)),
        1 => (at(), prop::option::of(0u32..=1000)).prop_map(|(op, retries)| Wish::Retries(op, retries)),
        2 => operator().prop_map(|operator| Wish::Add(Box::new(operator))),
        1 => at().prop_map(Wish::Remove),
        1 => at().prop_map(Wish::Rename),
        3 => (at(), 0u16..4, at(), 0u16..4).prop_map(|(a, o, b, i)| Wish::AddEdge(a, o, b, i)),
        2 => at().prop_map(Wish::RemoveEdge),
        1 => prop::option::of(text()).prop_map(Wish::Name),
        1 => (number(), number(), number()).prop_map(|(x, y, scale)| Wish::Viewport(x, y, scale)),
    ]
}

/// The edit that a wish means here, and the DAG after it, worked out without the crate. `None` where there is nothing to change.
fn granted(dag: &Dag, wish: Wish, fresh: usize) -> Option<(Edit, Dag)> {
    let mut after = dag.clone();
    let count = dag.operators.len();
    if count == 0 && !matches!(wish, Wish::Add(_) | Wish::Name(_) | Wish::Viewport(..)) {
        return None;
    }
    let id = |at: usize| dag.operators[at].id.to_string();
    let ends = |edge: &Edge| EdgeEnds {
        source: id(edge.source as usize),
        source_index: edge.source_index,
        target: id(edge.target as usize),
        target_index: edge.target_index,
    };
    let edit = match wish {
        Wish::SetParam(op, which, name, value) => {
            let op = op.index(count);
            let params = &mut after.operators[op].params;
            let name = match which {
                Some(which) if !params.is_empty() => params[which.index(params.len())].0.clone(),
                _ => name,
            };
            match params.iter_mut().find(|(key, _)| *key == name) {
                Some((_, old)) => *old = value.clone(),
                None => params.push((name.clone(), value.clone())),
            }
            Edit::SetParam { operator: id(op), name, value }
        }
        Wish::RemoveParam(op, which) => {
            let op = op.index(count);
            let params = &mut after.operators[op].params;
            if params.is_empty() {
                return None;
            }
            let (name, _) = params.remove(which.index(params.len()));
            Edit::RemoveParam { operator: id(op), name }
        }
        Wish::Move(op, x, y) => {
            let op = op.index(count);
            after.operators[op].coordinate = Some(Coordinate { x, y });
            Edit::SetCoordinate { operator: id(op), coordinate: Coordinate { x, y } }
        }
        Wish::Retries(op, retries) => {
            let op = op.index(count);
            after.operators[op].retries = retries;
            let value = retries.map_or(Value::Null, |n| Value::Int(n.into()));
            Edit::SetField { operator: id(op), field: "retries".into(), value }
        }
        Wish::Add(mut operator) => {
            operator.id = OperatorId(format!("new {fresh}").into());
            after.operators.push((*operator).clone());
            Edit::AddOperator { operator }
        }
        Wish::Remove(op) => {
            let op = op.index(count);
            after.operators.remove(op);
            let op = op as u32;
            after.edges.retain(|edge| edge.source != op && edge.target != op);
            for edge in &mut after.edges {
                edge.source -= u32::from(edge.source > op);
                edge.target -= u32::from(edge.target > op);
            }
            Edit::RemoveOperator { operator: id(op as usize) }
        }
        Wish::Rename(op) => {
            let op = op.index(count);
            let to = format!("renamed-{fresh}");
            after.operators[op].id = OperatorId(to.as_str().into());
            Edit::RenameOperator { operator: id(op), to }
        }
        Wish::AddEdge(a, source_index, b, target_index) => {
            // The later operator of the pair feeds the earlier one, so that no cycle comes about.
            let (a, b) = (a.index(count) as u32, b.index(count) as u32);
            let edge = Edge { source: a.max(b), source_index, target: a.min(b), target_index, extra: Vec::new() };
            if a == b || dag.edges.iter().any(|other| ends(other) == ends(&edge)) {
                return None;
            }
            let edit = Edit::AddEdge(ends(&edge));
            after.edges.push(edge);
            edit
        }
        Wish::RemoveEdge(which) => {
            if dag.edges.is_empty() {
                return None;
            }
            let edge = after.edges.remove(which.index(dag.edges.len()));
            Edit::RemoveEdge(ends(&edge))
        }
        Wish::Name(name) => {
            after.name.clone_from(&name);
            Edit::SetDagField { field: "name".into(), value: name.map_or(Value::Null, Value::Str) }
        }
        Wish::Viewport(x, y, scale) => {
            let viewport = after.viewport.get_or_insert_with(Viewport::default);
            viewport.translate = Some((x, y));
            viewport.scale = Some(scale);
            Edit::SetViewport { translate: (x, y), scale }
        }
    };
    Some((edit, after))
}

/// The DAG with its edges in one order: the text groups them by source.
fn ordered(mut dag: Dag) -> Dag {
    dag.edges.sort_by_key(|edge| (edge.source, edge.source_index, edge.target, edge.target_index));
    dag
}

/// What the text says, also where no operator is left.
fn dag_of(text: &str) -> Dag {
    let (sketch, faults) = sketch(text, &Limits::file());
    assert!(faults.0.iter().all(|fault| fault.warning || fault.code == "empty_dag"), "{faults}\n{text}");
    ordered(sketch.unwrap_or_else(|| panic!("{text}")).dag)
}

/// The text with a comment above each key of an operator and behind each line that can have one.
fn commented(text: &str) -> String {
    let mut out = String::from("# first\n");
    for (n, line) in text.lines().enumerate() {
        let key = line.starts_with("  ") && !line.starts_with("   ") && line.ends_with(':');
        if key {
            out.push_str(&format!("  # above {n}\n"));
        }
        out.push_str(line);
        if key {
            out.push_str(&format!(" # behind {n}"));
        }
        out.push('\n');
    }
    out
}

fn comments(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| Some(line.split_at(line.find("# above")?).1)).collect()
}

/// The DAG as flow YAML or JSON; as block YAML with other indentation.
fn other_forms(dag: &Dag) -> Vec<String> {
    let text = write(dag);
    let wide = text.lines().map(|line| {
        let spaces = line.len() - line.trim_start_matches(' ').len();
        format!("{}{line}\n", " ".repeat(spaces))
    });
    // Doubling the indentation changes texts of several lines.
    let wide: String = if text.contains('|') { text.clone() } else { wide.collect() };
    vec![commented(&text), text.replace('\n', "\r\n"), wide]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_text_says_what_was_edited(dag in dag(), wishes in vec(wish(), 1..12)) {
        let (mut expected, mut edits) = (dag.clone(), Vec::new());
        for (fresh, wish) in wishes.into_iter().enumerate() {
            if let Some((edit, after)) = granted(&expected, wish, fresh) {
                edits.push(edit);
                expected = after;
            }
        }
        for text in other_forms(&dag) {
            // A comment can look like part of a text of several lines, and `\r` is none of it.
            if read(&text, &Limits::file()).map(|doc| ordered(doc.dag)) != Ok(ordered(dag.clone())) {
                continue;
            }
            let edited = edit(&text, &edits, &Limits::file()).map_err(|e| TestCaseError::fail(format!("{e}\n{edits:?}\n{text}")))?;
            prop_assert_eq!(dag_of(&edited.source), ordered(expected.clone()), "{:?}\n{}\n{}", &edits, &text, &edited.source);
            prop_assert!(edited.local, "not local: {:?}\n{}", edits, text);
            if edits.is_empty() {
                prop_assert_eq!(&edited.source, &text);
            }
            let removed = edits.iter().any(|edit| matches!(edit, Edit::RemoveOperator { .. }));
            if !removed {
                prop_assert_eq!(comments(&edited.source), comments(&text), "{:?}\n{}\n{}", &edits, &text, &edited.source);
            }
        }
    }

    #[test]
    fn an_edit_and_its_inverse_change_nothing(dag in dag(), which in any::<Index>(), to in (number(), number()), fresh in operator()) {
        let at = which.index(dag.operators.len());
        let was = &dag.operators[at];
        let id = was.id.to_string();
        let mut pairs = vec![
            vec![
                Edit::RenameOperator { operator: id.clone(), to: "for a while".into() },
                Edit::RenameOperator { operator: "for a while".into(), to: id.clone() },
            ],
            vec![
                Edit::AddOperator { operator: Box::new(Operator { id: OperatorId("for a while".into()), ..fresh }) },
                Edit::RemoveOperator { operator: "for a while".into() },
            ],
        ];
        if let Some(coordinate) = was.coordinate {
            let there = Coordinate { x: to.0, y: to.1 };
            pairs.push(vec![
                Edit::SetCoordinate { operator: id.clone(), coordinate: there },
                Edit::SetCoordinate { operator: id.clone(), coordinate },
            ]);
        }
        if let Some((name, value)) = was.params.last() {
            let (operator, name, value) = (id, name.clone(), value.clone());
            pairs.push(vec![
                Edit::RemoveParam { operator: operator.clone(), name: name.clone() },
                Edit::SetParam { operator, name, value },
            ]);
        }
        if let Some(edge) = dag.edges.last() {
            let id = |at: u32| dag.operators[at as usize].id.to_string();
            let ends = EdgeEnds { source: id(edge.source), source_index: edge.source_index, target: id(edge.target), target_index: edge.target_index };
            if edge.extra.is_empty() {
                pairs.push(vec![Edit::RemoveEdge(ends.clone()), Edit::AddEdge(ends)]);
            }
        }
        let text = write(&dag);
        for pair in pairs {
            let edited = edit(&text, &pair, &Limits::file()).unwrap();
            prop_assert!(edited.local, "{:?}\n{}", pair, text);
            prop_assert_eq!(dag_of(&edited.source), ordered(dag.clone()), "{:?}", pair);
        }
    }

    /// Whatever a text is, edits of it give a reason or a text that reads.
    #[test]
    fn edits_of_anything_never_panic(before in r##"(dag:\n )?[ \n:\-\[\]{},&*|>'"#a1~\t]{0,40}"##, wish in wish()) {
        let dag = Dag { operators: vec![], ..Dag::default() };
        let shown = format!("dag:\n operator_list: [a]\n operator_details:\n  a: {before}");
        for text in [before, shown] {
            for edits in [vec![Edit::SetParam { operator: "a".into(), name: "p".into(), value: Value::Int(1) }], granted(&dag, wish.clone(), 0).into_iter().map(|(edit, _)| edit).collect()] {
                if let Ok(edited) = edit(&text, &edits, &Limits::small()) {
                    prop_assert!(sketch(&edited.source, &Limits::small()).0.is_some());
                }
            }
        }
    }
}

/// Dozens of edits of a large text cost a few readings of it, not one for each.
#[test]
fn many_edits_of_a_large_text_are_quick() {
    const OPERATORS: usize = 3_000;
    const EDITS: usize = 200;
    let ids: Vec<String> = (0..OPERATORS).map(|n| format!("operator_{n}")).collect();
    let mut text = format!("dag:\n operator_list: [{}]\n operator_rels:\n", ids.join(","));
    for pair in ids.windows(2) {
        text.push_str(&format!(
            "  {}: [{{\"target\":\"{}\",\"source_index\":0,\"target_index\":0}}]\n",
            pair[0], pair[1]
        ));
    }
    text.push_str(" operator_details:\n");
    for id in &ids {
        text.push_str(&format!("  {id}:\n   algo_name: n\n   coordinate:\n    x: 1\n    y: 2\n   params:\n"));
        for param in 0..15 {
            text.push_str(&format!("    parameter_{param}: {param}\n"));
        }
    }
    let mut edits = Vec::new();
    for n in 0..EDITS {
        let operator = ids[n * 7 % OPERATORS].clone();
        edits.push(match n % 4 {
            0 => Edit::SetParam { operator, name: "parameter_3".into(), value: Value::Int(n as i64) },
            1 => Edit::SetCoordinate { operator, coordinate: Coordinate { x: n as f64, y: 0.0 } },
            2 => Edit::RenameOperator { operator, to: format!("renamed_{n}") },
            _ => Edit::RemoveOperator { operator },
        });
    }
    let started = Instant::now();
    let doc = read(&text, &Limits::file()).unwrap();
    let reading = started.elapsed();
    let started = Instant::now();
    let edited = edit(&text, &edits, &Limits::file()).unwrap();
    let editing = started.elapsed();
    assert!(edited.local);
    assert_eq!(dag_of(&edited.source).operators.len(), doc.dag.operators.len() - EDITS / 4);
    println!("{} bytes: read in {reading:?}, {EDITS} edits in {editing:?}", text.len());
    // One reading for each edit would be 200.
    assert!(editing < reading * 30, "read in {reading:?}, edited in {editing:?}");
}

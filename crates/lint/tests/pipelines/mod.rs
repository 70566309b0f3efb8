//! Pipelines in a few lines, read and bound as any other: `id = algorithm {parameters as JSON}` and `id.output > id.input`.
#![allow(dead_code, reason = "each test binary uses a part")]

use std::fmt::Write;
use std::path::PathBuf;
use suanzi_dag::{Document, Edit, Limits};
use suanzi_lint::{Finding, lint};
use suanzi_operator::{BindOptions, Bound, Catalogue, Origin, bind, read_manifest};

pub fn catalogue() -> Catalogue {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../python/suanzi/operators/manifest.json");
    let manifest = read_manifest(&std::fs::read(file).expect("the manifest")).expect("a manifest");
    let mut catalogue = Catalogue::new();
    let origin = Origin { package: "suanzi".into(), dir: None, code_hash: manifest.source_hash.clone() };
    catalogue.add(manifest, origin).expect("it is sound");
    catalogue
}

/// The DAG's text. Operators stand below each other on the canvas.
pub fn yaml(lines: &str) -> String {
    let lines: Vec<&str> = lines.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let ops: Vec<(&str, &str)> = lines.iter().filter_map(|line| line.split_once(" = ")).collect();
    let mut text = String::from("dag:\n");
    let ids: Vec<&str> = ops.iter().map(|(id, _)| *id).collect();
    let _ = writeln!(text, " operator_list: [{}]\n operator_rels:", ids.join(", "));
    for id in &ids {
        let edges: Vec<String> = lines
            .iter()
            .filter_map(|line| line.split_once(" > "))
            .filter_map(|(source, target)| Some((source.split_once('.')?, target.split_once('.')?)))
            .filter(|((source, _), _)| source == id)
            .map(|((_, out), (target, into))| {
                format!("{{target: {target}, source_index: {out}, target_index: {into}}}")
            })
            .collect();
        let _ = writeln!(text, "  {id}: [{}]", edges.join(", "));
    }
    text.push_str(" operator_details:\n");
    for (at, (id, kind)) in ops.iter().enumerate() {
        let (algo_name, params) = kind.split_once(' ').unwrap_or((kind, "{}"));
        let y = at * 90;
        let _ = writeln!(
            text,
            "  {id}:\n   algo_name: {algo_name}\n   coordinate: {{x: 100, y: {y}}}\n   params: {params}"
        );
    }
    text
}

pub fn read(text: &str) -> (Document, Bound) {
    let document = suanzi_dag::read(text, &Limits::file()).unwrap_or_else(|faults| panic!("{faults:?}\n{text}"));
    let bound = bind(&document.dag, &document, &catalogue(), &BindOptions::default());
    let bound = bound.unwrap_or_else(|faults| panic!("{faults:?}\n{text}"));
    (document, bound)
}

pub fn findings(text: &str) -> (Document, Vec<Finding>) {
    let (document, bound) = read(text);
    let found = lint(&document.dag, &bound);
    (document, found)
}

/// Code and operator of each finding.
pub fn told(text: &str) -> Vec<(String, String)> {
    let (document, found) = findings(text);
    let name = |op: u32| document.dag.operators[op as usize].id.to_string();
    found.iter().map(|finding| (finding.code.to_owned(), name(finding.operator))).collect()
}

pub fn edited(text: &str, edits: &[Edit]) -> String {
    suanzi_dag::edit(text, edits, &Limits::file()).unwrap_or_else(|error| panic!("{error}\n{text}")).source
}

//! The changes, each with the operators that it must run: nothing more, nothing less.

use crate::world::{World, copy};
use std::fs;

pub struct Mutation {
    pub name: &'static str,
    pub apply: fn(&mut World),
    /// Exactly these run; all others come from the cache or take no part.
    pub runs: &'static [&'static str],
}

const fn of(name: &'static str, runs: &'static [&'static str], apply: fn(&mut World)) -> Mutation {
    Mutation { name, apply, runs }
}

const NOTHING: &[&str] = &[];
const ALL: &[&str] = &["read", "load", "keep", "scale", "total", "draw", "head", "fit", "use", "note", "other"];
/// Those whose code lies in the directory `ops`.
const OPS: &[&str] = &["keep", "scale", "total", "draw", "head", "fit", "use"];
const BELOW_READ: &[&str] = &["read", "keep", "scale", "total", "draw", "head", "fit", "use"];

fn add_distribution(w: &mut World) {
    let metadata = w.python.site_packages.join("another-2.0.dist-info/METADATA");
    w.write(&metadata.to_string_lossy(), "Name: another\n");
}

pub const MUTATIONS: &[Mutation] = &[
    of("no change", NOTHING, |_| ()),
    // Parameters that say something else.
    of("a number", &["scale", "total", "use"], |w| w.dag("factor: 2}", "factor: 3}")),
    of("a number that changes every row", &["keep", "scale", "total", "fit", "use"], |w| {
        w.dag("least: 150", "least: 151")
    }),
    of("a number that changes no row", &["keep"], |w| w.dag("least: 150", "least: 149.5")),
    of("a text", &["total"], |w| w.dag("text: x,", "text: X,")),
    of("a text that is longer by a space", &["total"], |w| w.dag("text: x,", "text: 'x ',")),
    of("a boolean", &["total"], |w| w.dag("flag: false", "flag: true")),
    of("the order of a list", &["total"], |w| w.dag("[p, q]", "[q, p]")),
    of("a list grows", &["total"], |w| w.dag("[p, q]", "[p, q, q]")),
    of("a value in a map", &["total"], |w| w.dag("{a: 1, b: 2}", "{a: 1, b: 2.5}")),
    of("a key in a map goes", &["total"], |w| w.dag("{a: 1, b: 2}", "{a: 1}")),
    of("a choice", &["total"], |w| w.dag("rounding: none", "rounding: down")),
    of("a parameter goes, and its default is another", &["total"], |w| w.dag("text: x, ", "")),
    of("a parameter comes", &["total"], |w| w.dag("{text: x", "{extra: 1, text: x")),
    of("a value deep in a payload", &["note", "other"], |w| w.dag("[1, 2.5]", "[1, 2.6]")),
    of("another column", &["fit", "use"], |w| w.dag("fit, params: {column: b}", "fit, params: {column: a}")),
    // Parameters that say the same in other words.
    of("2.0 for 2", NOTHING, |w| w.dag("factor: 2}", "factor: 2.0}")),
    of("2e0 for 2", NOTHING, |w| w.dag("factor: 2}", "factor: 2e0}")),
    of("9.0 where a whole number is wanted", NOTHING, |w| w.dag("rows: 9", "rows: 9.0")),
    of("quotes around a text", NOTHING, |w| w.dag("text: x,", "text: \"x\",")),
    of("the default left out", NOTHING, |w| w.dag(", factor: 2}", "}")),
    of("a default written out", NOTHING, |w| w.dag("use, params: {}", "use, params: {column: b}")),
    of("a null for a null", NOTHING, |w| w.dag("{text: x", "{extra: null, text: x")),
    of("the order of keys in a map", NOTHING, |w| w.dag("{a: 1, b: 2}", "{b: 2, a: 1}")),
    of("the order of parameters", NOTHING, |w| w.dag("{column: b, factor: 2}", "{factor: 2, column: b}")),
    of("block style for flow style", NOTHING, |w| {
        w.dag("params: {column: b, factor: 2}", "params:\n    column: b\n    factor: 2")
    }),
    of("a dataset's number in quotes", NOTHING, |w| w.dag("data_id: 40", "data_id: '40'")),
    // Code.
    of("an operator's source", OPS, |w| w.replace("ops/kinds.py", ">= least", "> least")),
    of("a comment in an operator's source", OPS, |w| {
        w.replace("ops/kinds.py", "import random\n", "import random  # !\n")
    }),
    of("an imported helper", OPS, |w| w.replace("ops/scaling.py", "+ 1", "+ 10")),
    of("an imported helper, at the same size and time", OPS, |w| w.replace_unseen("ops/scaling.py", "+ 1", "+ 2")),
    of("a helper in a package below", OPS, |w| w.replace_unseen("ops/tools/weighing.py", "+ 3", "+ 4")),
    of("a new source file", OPS, |w| w.write("ops/unused.py", "ANSWER = 42\n")),
    of("a file that isn't Python", NOTHING, |w| w.write("ops/README.md", "Operators.\n")),
    of("what Python leaves behind", NOTHING, |w| w.write("ops/__pycache__/kinds.cpython-399.pyc", "bytes")),
    of("a hidden file", NOTHING, |w| w.write("ops/.kinds.py.swp.py", "x = 1\n")),
    of("the source of another directory", &["other"], |w| w.replace("more/lonely.py", "len(inputs)", "-len(inputs)")),
    of("the times of all sources", NOTHING, |w| {
        for file in ["ops/kinds.py", "ops/scaling.py", "more/lonely.py"] {
            let text = fs::read(w.path(file)).expect("the file is there");
            fs::write(w.path(file), text).expect("it can be written");
        }
    }),
    of("the operators' directory moves", NOTHING, |w| {
        copy(&w.path("ops"), &w.path("elsewhere/ops"));
        w.operators[0] = "elsewhere/ops".into();
    }),
    // The environment.
    of("a distribution's version", ALL, |w| {
        let packages = w.python.site_packages.clone();
        fs::rename(packages.join("fake-1.0.dist-info"), packages.join("fake-1.1.dist-info"))
            .expect("it can be renamed");
    }),
    of("a distribution comes", ALL, |w| {
        add_distribution(w);
    }),
    of("a distribution goes", ALL, |w| {
        fs::remove_dir_all(w.python.site_packages.join("fake-1.0.dist-info")).expect("it can be removed");
    }),
    of("a cache in site-packages", NOTHING, |w| {
        w.suanzi.write(&format!("{}/__pycache__/x.pyc", w.python.site_packages.display()), "bytes");
    }),
    // Data.
    of("a cell, at the same size and time", BELOW_READ, |w| w.replace_unseen("data.csv", "200,0,", "200,5,")),
    of("a cell that is filtered out", &["read", "keep", "draw", "head"], |w| {
        w.replace_unseen("data.csv", "\n103,1,", "\n103,9,");
    }),
    of("a cell that nothing reads", &["read", "keep", "scale", "total", "draw", "head", "fit", "use"], |w| {
        w.replace("data.csv", "name100", "name999");
    }),
    of("the order of rows", BELOW_READ, |w| {
        w.replace("data.csv", "200,0,name100\n201,7,name101\n", "201,7,name101\n200,0,name100\n")
    }),
    of("a row more", BELOW_READ, |w| w.replace("data.csv", "299,3,name199\n", "299,3,name199\n300,0,name200\n")),
    of("the file is renamed", NOTHING, |w| {
        w.rename("data.csv", "table.csv");
        w.dag("path: data.csv", "path: table.csv");
    }),
    of("the file's time", NOTHING, |w| {
        let text = fs::read(w.path("data.csv")).expect("the file is there");
        fs::write(w.path("data.csv"), text).expect("it can be written");
    }),
    of("a copy in the file's place", NOTHING, |w| {
        fs::copy(w.path("data.csv"), w.path("copy.csv")).expect("it can be copied");
        w.rename("copy.csv", "data.csv");
    }),
    of("an absolute path", NOTHING, |w| {
        let path = format!("path: {}", w.path("data.csv").display());
        w.dag("path: data.csv", &path);
    }),
    of("a dataset with the same bytes", NOTHING, |w| {
        w.rename("loaded.csv", "moved.csv");
        w.suanzi.run(["dataset", "add", "40", "moved.csv"]).success();
    }),
    of("a dataset with other bytes", &["load"], |w| w.replace_unseen("loaded.csv", "3,4", "3,5")),
    of("a dataset is another file", &["load"], |w| {
        w.write("other.csv", "u,v\n5,6\n");
        w.suanzi.run(["dataset", "add", "40", "other.csv"]).success();
    }),
    of("a dataset by flag", NOTHING, |w| w.flag(&["--dataset", "40=loaded.csv"])),
    // What is no part of a result.
    of("a place on the canvas", NOTHING, |w| w.dag("{x: 10, y: 20}", "{x: 11.5, y: -20}")),
    of("the viewport", NOTHING, |w| w.dag("scale: 1, translate", "scale: 0.5, translate")),
    of("a comment", NOTHING, |w| w.dag("# What is cached, and what isn't.", "# Something else.")),
    of("an operator's shown name", NOTHING, |w| w.dag("缩放", "放大")),
    of("an operator's shown category", NOTHING, |w| w.dag("   cn_name: 缩放\n", "   cn_name: 缩放\n   type: 特征\n")),
    of("an unknown key", NOTHING, |w| w.dag("   cn_name: 缩放\n", "   cn_name: 缩放\n   note_to_self: hi\n")),
    of("retries, timeout and priority", NOTHING, |w| {
        w.dag("   cn_name: 缩放\n", "   retries: 2\n   retry_delay: 1\n   timeout: 60\n   priority: 5\n");
    }),
    // It may run without its inputs now, and no key says which it got: such an operator is not cached.
    of("a trigger rule", &["scale"], |w| w.dag("   cn_name: 缩放\n", "   trigger_rule: all_done\n")),
    of("the executor by name", NOTHING, |w| w.dag("   cn_name: 缩放\n", "   executor: local\n")),
    of("the DAG's name", NOTHING, |w| w.dag("name: soundness", "name: another")),
    of("the DAG's description", NOTHING, |w| w.dag(" name: soundness\n", " name: soundness\n description: words\n")),
    of("the file's name", NOTHING, |w| {
        w.rename("dag.yaml", "renamed.yaml");
        w.file = "renamed.yaml";
    }),
    of("line endings", NOTHING, |w| {
        let text = fs::read_to_string(w.path("dag.yaml")).expect("the file is there");
        w.write("dag.yaml", &text.replace('\n', "\r\n"));
    }),
    of("the executor by flag", NOTHING, |w| w.flag(&["--executor", "local"])),
    // The shape of the DAG.
    of("an operator comes", &["extra"], |w| {
        w.dag("note, other]", "note, other, extra]");
        w.dag("  note: {algo_name: noop", "  extra: {algo_name: noop, params: {payload: 7}}\n  note: {algo_name: noop");
    }),
    of("a twin comes", NOTHING, |w| {
        w.dag("note, other]", "note, other, twin]");
        w.dag("keep: [{target", "keep: [{target: twin, source_index: 0, target_index: 0}, {target");
        w.dag("  note: {algo_name: noop", "  twin: {algo_name: scale, params: {}}\n  note: {algo_name: noop");
    }),
    of("an operator goes", NOTHING, |w| {
        w.dag("use, note", "note");
        w.dag(", {target: use, source_index: 0, target_index: 1}", "");
        w.dag("  fit: [{target: use, source_index: 0, target_index: 0}]\n", "");
        w.dag("  use: {algo_name: use, params: {}}\n", "");
    }),
    of("an operator's id", NOTHING, |w| {
        w.dag("draw, head", "mix, head");
        w.dag("{target: draw,", "{target: mix,");
        w.dag("  draw: [", "  mix: [");
        w.dag("  draw: {", "  mix: {");
    }),
    of("the order of operators", NOTHING, |w| w.dag("[read, load, keep", "[keep, load, read")),
    of("the order of edges", NOTHING, |w| {
        w.dag(
            "[{target: scale, source_index: 0, target_index: 0}, {target: fit, source_index: 0, target_index: 0}]",
            "[{target: fit, source_index: 0, target_index: 0}, {target: scale, source_index: 0, target_index: 0}]",
        );
    }),
    of("an edge leads elsewhere", &["head"], |w| {
        w.dag("  draw: [{target: head, source_index: 0, target_index: 0}]\n", "");
        w.dag("read: [{target: keep", "read: [{target: head, source_index: 0, target_index: 0}, {target: keep");
    }),
    of("an input more", &["other"], |w| {
        w.dag("  note: [{", "  head: [{target: other, source_index: 0, target_index: 1}]\n  note: [{");
    }),
    of("an operator is disabled", NOTHING, |w| {
        w.dag("  use: {algo_name: use", "  use: {disabled: true, algo_name: use")
    }),
    of("an operator isn't cached", &["scale"], |w| w.dag("   cn_name: 缩放\n", "   cache: false\n")),
    // Seeds.
    of("the run's seed", &["draw", "head"], |w| w.flag(&["--seed", "1"])),
    of("a random state is given", &["draw", "head"], |w| w.dag("random_state: null", "random_state: 5")),
    of("the random state that null meant", &["draw"], |w| w.dag("random_state: null", "random_state: 0")),
    of("a seed that a random state overrules", &["draw", "head"], |w| {
        w.dag("random_state: null", "random_state: 5");
        w.flag(&["--seed", "9"]);
    }),
    // By request.
    of("no cache", ALL, |w| w.flag(&["--no-cache"])),
    of("everything at once", ALL, |w| {
        w.flag(&["--seed", "4"]);
        w.dag("factor: 2}", "factor: 4}");
        w.replace_unseen("ops/scaling.py", "+ 1", "+ 5");
        add_distribution(w);
    }),
];

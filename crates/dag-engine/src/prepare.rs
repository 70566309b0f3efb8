//! From a DAG's text to everything a run needs to know before it begins: bindings, files with their content ids, keys, selection. Starts nothing and writes nothing but the store's memory of file hashes.

use crate::options::{Basis, CacheMode, RunOptions};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use suanzi_dag::{Document, Fault, Faults, TriggerRule, topological_order};
use suanzi_operator::bind::{BindOptions, Bound, FileWhat};
use suanzi_operator::catalogue::Catalogue;
use suanzi_operator::keys::{self, Key};
use suanzi_operator::select::{self, Selection};
use suanzi_store::{FileStat, RunKey, Store, StoreError, TaskState};

pub(crate) mod files;

/// The Python environment as keys see it.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// Interpreter and installed distributions, hashed.
    pub fingerprint: String,
}

#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// The author's mistakes, all of them.
    #[error("{0}")]
    Faults(Faults),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What DAGs are prepared against.
pub struct Preparer<'a> {
    pub catalogue: &'a Catalogue,
    pub environment: &'a Environment,
    pub store: &'a dyn Store,
    /// Configured executors, by position.
    pub executors: &'a [String],
    /// Pools with a limit, by name.
    pub pools: &'a std::collections::BTreeMap<String, u32>,
    pub default_distributed: Option<String>,
    pub files: FileAccess,
}

/// Which files a DAG's parameters and a run's `datasets` may name. Registered datasets are always allowed: somebody with a command line registered them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum FileAccess {
    #[default]
    Any,
    /// Only what lies, links followed, in one of these directories.
    Under(Vec<PathBuf>),
}

/// A DAG ready to run, to be planned or to be explained.
#[derive(Debug)]
pub struct Prepared {
    pub document: Arc<Document>,
    pub bound: Bound,
    /// The DAG's `name`, else the file's absolute path.
    pub identity: String,
    pub options: RunOptions,
    pub selected: Selected,
    pub keys: Vec<OpKeys>,
    /// Files of each operator's parameters: name, path, content id.
    pub files: Vec<Vec<FileUse>>,
    /// Positions in an order in which every operator comes after its predecessors.
    pub order: Vec<u32>,
    pub executors: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct FileUse {
    pub param: String,
    pub path: PathBuf,
    pub content_id: String,
    /// What it looked like when it was hashed.
    pub stat: FileStat,
}

#[derive(Debug, Clone)]
pub struct Selected {
    pub ops: Vec<bool>,
    /// Runs even where a cached result exists (`--from`, `--only`, `--no-cache`).
    pub bypass: Vec<bool>,
}

#[derive(Debug, Clone, Copy)]
pub struct OpKeys {
    pub self_hash: Key,
    pub derivation: Option<Key>,
    /// Its results are kept under keys.
    pub keyed: bool,
    /// A cached result may stand for it in this run.
    pub reads: bool,
}

impl Preparer<'_> {
    /// Binds and keys a document.
    pub fn prepare(&self, document: Arc<Document>, options: &RunOptions) -> Result<Prepared, PrepareError> {
        let dag = &document.dag;
        let bind_options = BindOptions {
            executor_flag: options.executor.clone(),
            default_distributed: self.default_distributed.clone(),
            parameters: options.parameters.clone(),
            ..BindOptions::on(self.executors)
        };
        let mut bound = suanzi_operator::bind::bind(dag, document.as_ref(), self.catalogue, &bind_options)
            .map_err(PrepareError::Faults)?;
        self.check_pools(&document, &mut bound);
        let mut faults = Faults::default();
        let selected = self.select(&document, &bound, options, &mut faults)?;
        let identity = identity(&document, options.file.as_deref());
        let mut basis = Basis { environment: self.environment.fingerprint.clone(), ..Basis::default() };
        let mut files = Vec::with_capacity(bound.ops.len());
        for (ix, op) in bound.ops.iter().enumerate() {
            basis.code.entry(op.kind.origin.package.clone()).or_insert_with(|| op.kind.origin.code_hash.clone());
            let mut used = Vec::new();
            // A file of an operator that is left out may be absent.
            for file in op.files.iter().filter(|_| !op.disabled) {
                match self.resolve_file(&document, ix as u32, file, options)? {
                    Ok(use_) => {
                        let name = match &file.what {
                            FileWhat::Dataset(id) => id.clone(),
                            FileWhat::Path(path) => path.clone(),
                        };
                        basis.files.insert(name, use_.content_id.clone());
                        used.push(use_);
                    }
                    Err(fault) => faults.push(fault),
                }
            }
            files.push(used);
        }
        if faults.has_errors() {
            faults.sort();
            return Err(PrepareError::Faults(faults));
        }
        let order = order(&bound);
        let keys = op_keys(&document, &bound, &files, &order, options, &self.environment.fingerprint, &selected);
        let mut options = options.clone();
        options.basis = basis;
        Ok(Prepared {
            document,
            bound,
            identity,
            options,
            selected,
            keys,
            files,
            order,
            executors: self.executors.to_vec(),
        })
    }

    /// A pool without a limit holds nothing back: worth a word, as it may be misspelled.
    fn check_pools(&self, document: &Document, bound: &mut Bound) {
        for (ix, op) in document.dag.operators.iter().enumerate() {
            let Some(pool) = op.pool.as_ref().filter(|p| !self.pools.contains_key(*p)) else { continue };
            let known: Vec<&str> = self.pools.keys().map(String::as_str).collect();
            let hint = if known.is_empty() {
                "give it a limit: `--pool NAME=N`".into()
            } else {
                format!("pools with a limit: {}", known.join(", "))
            };
            bound.warnings.push(
                Fault::new("unknown_pool", format!("the pool '{pool}' has no limit, so it holds nothing back"))
                    .hint(hint)
                    .at(document.place_of_field(ix as u32, "pool"))
                    .operator(op.id.to_string())
                    .warning(),
            );
        }
        bound.warnings.sort();
    }

    fn select(
        &self,
        document: &Document,
        bound: &Bound,
        options: &RunOptions,
        faults: &mut Faults,
    ) -> Result<Selected, StoreError> {
        let dag = &document.dag;
        let mut selections = Vec::new();
        for (ids, make) in [
            (&options.from, Selection::From as fn(Vec<String>) -> Selection),
            (&options.to, Selection::To),
            (&options.only, Selection::Only),
        ] {
            if !ids.is_empty() {
                selections.push(make(ids.clone()));
            }
        }
        if let Some(of) = &options.failed_of {
            selections.push(Selection::Failed(self.unsuccessful(document, of, faults)?));
        }
        let mut selected = match select::select_all(dag, &selections) {
            Ok(selected) => Selected { ops: selected.ops, bypass: selected.bypass_cache },
            Err(found) => {
                found.0.into_iter().for_each(|fault| faults.push(fault));
                Selected { ops: vec![false; dag.operators.len()], bypass: vec![false; dag.operators.len()] }
            }
        };
        for (ix, op) in bound.ops.iter().enumerate() {
            // Binding has spread `disabled` to what requires it.
            selected.ops[ix] &= !op.disabled;
            selected.bypass[ix] |= options.cache == CacheMode::Bypass;
        }
        Ok(selected)
    }

    /// Positions of the operators that didn't succeed in that run, by operator id.
    fn unsuccessful(&self, document: &Document, of: &str, faults: &mut Faults) -> Result<Vec<u32>, StoreError> {
        let Some(run) = self.store.run_by_id(of)? else {
            faults.push(Fault::new("unknown_run", format!("there is no run '{of}'")).hint("`suanzi runs` lists them"));
            return Ok(Vec::new());
        };
        let done = self.succeeded_ids(run.key, run.dag_version)?;
        let operators = document.dag.operators.iter().enumerate();
        Ok(operators.filter(|(_, op)| !done.contains(&*op.id.0)).map(|(ix, _)| ix as u32).collect())
    }

    fn succeeded_ids(&self, run: RunKey, version: suanzi_store::DagVersionKey) -> Result<BTreeSet<String>, StoreError> {
        let Some(version) = self.store.dag_version(version)? else { return Ok(BTreeSet::new()) };
        let Ok(old) = suanzi_dag::read(&version.source, &suanzi_dag::Limits::file()) else {
            return Ok(BTreeSet::new());
        };
        let tasks = self.store.tasks(run)?;
        Ok(tasks
            .iter()
            .filter(|t| matches!(t.state, TaskState::Success | TaskState::Cached))
            .filter_map(|t| old.dag.operators.get(t.op as usize))
            .map(|op| op.id.0.to_string())
            .collect())
    }
}

/// What makes two texts versions of one DAG: its `name`, else the absolute path of its file.
pub fn identity(document: &Document, file: Option<&Path>) -> String {
    match (&document.dag.name, file) {
        (Some(name), _) => name.clone(),
        (None, Some(file)) => file.to_string_lossy().into_owned(),
        (None, None) => "unnamed".to_string(),
    }
}

fn order(bound: &Bound) -> Vec<u32> {
    let ops = bound.ops.iter().enumerate();
    let edges = ops.flat_map(|(ix, op)| op.predecessors.iter().map(move |p| (*p, ix as u32)));
    topological_order(bound.ops.len(), edges)
}

fn op_keys(
    document: &Document,
    bound: &Bound,
    files: &[Vec<FileUse>],
    order: &[u32],
    options: &RunOptions,
    environment: &str,
    selected: &Selected,
) -> Vec<OpKeys> {
    let mut keys: Vec<Option<OpKeys>> = vec![None; bound.ops.len()];
    for &ix in order {
        let op = &bound.ops[ix as usize];
        let contents: Vec<(String, String)> =
            files[ix as usize].iter().map(|f| (f.param.clone(), f.content_id.clone())).collect();
        let self_hash = keys::self_hash(op, environment, options.seed, &contents);
        let asked = document.dag.operators[ix as usize].cache;
        // Under the other trigger rules an operator may run without some of its inputs: keys that count on all of them would be wrong.
        let whole = document.dag.operators[ix as usize].trigger_rule.unwrap_or_default() == TriggerRule::AllSuccess;
        let keyed = asked.unwrap_or(op.kind.spec.deterministic) && !op.kind.spec.side_effects && whole;
        let mut inputs = Vec::with_capacity(op.inputs.len());
        let mut known = keyed;
        for input in &op.inputs {
            // Below an operator whose outputs differ each time only contents can tell.
            match keys[input.source.0 as usize].as_ref().and_then(|k| k.derivation) {
                Some(key) => {
                    inputs.push((input.name.as_str(), input.port_type.as_str(), keys::output_of(key, input.source.1)))
                }
                None => known = false,
            }
        }
        let derivation = known.then(|| keys::derivation(self_hash, &inputs));
        let reads = keyed && !(selected.bypass[ix as usize] && selected.ops[ix as usize]);
        keys[ix as usize] = Some(OpKeys { self_hash, derivation, keyed, reads });
    }
    keys.into_iter().map(|k| k.expect("the order holds every operator of an acyclic graph")).collect()
}

/// Paths in a DAG start at its file's directory.
pub(crate) fn absolute(path: &Path, base: &Path) -> PathBuf {
    if path.is_absolute() { path.to_path_buf() } else { base.join(path) }
}

//! What a command stands on: home, store, Python, catalogue, and for those that run something an engine. Only here is it known which databases and executors exist.

use crate::artifacts::{self, Artifacts};
use crate::database;
use crate::environments::{environments, pool_limits};
use crate::executors::Configured;
use crate::fail::Failure;
use crate::home::{Home, Owner};
use crate::isolation::{self, Surroundings};
use crate::workers::WorkersArgs;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use suanzi_dag::{Document, Limits};
use suanzi_dag_engine::{
    Engine, EngineOptions, Environment, FileAccess, Prepared, Preparer, RunOptions, Since, verify_files,
};
use suanzi_executor::Executor;
use suanzi_executor_local::{LocalOptions, LocalPools};
use suanzi_operator::catalogue::Catalogue;
use suanzi_operator_engine::OperatorEngine;
use suanzi_python_env::{Interpreter, index_dir, standard};
use suanzi_store::Store;
use suanzi_store_remote::Access;

/// What kept results may take unless `SUANZI_CACHE_SIZE` says otherwise.
pub const DEFAULT_CACHE_SIZE: &str = "20GiB";
const RUNS_BETWEEN_COLLECTIONS: u64 = 16;

pub struct Session {
    pub home: Home,
    pub store: Arc<dyn Store>,
    pub artifacts: Artifacts,
    pub python: Interpreter,
    pub environment: Environment,
    /// Names of all executors, by position.
    pub executors: Vec<String>,
    pub configured: Configured,
    /// Limits of named pools.
    pub pools: BTreeMap<String, u32>,
    /// Held while this process owns the home.
    pub owner: Option<Owner>,
}

impl Session {
    /// For commands that write or run: takes the home if it is free.
    pub fn owner() -> Result<Session, Failure> {
        let home = Home::open()?;
        let owner = home.own()?;
        Session::with(home, owner)
    }

    /// For commands that write a row: beside a living owner the database's own lock is enough.
    pub fn writer() -> Result<Session, Failure> {
        let home = Home::open()?;
        let owner = home.own()?;
        let store = database::open(&home, Access::Writer)?;
        let artifacts = Artifacts::open(&home)?;
        Session::around(home, owner, store, artifacts)
    }

    /// For commands that only look.
    pub fn reader() -> Result<Session, Failure> {
        let home = Home::open()?;
        Session::with(home, None)
    }

    /// Over a home that is owned here, or by somebody else.
    pub fn with(home: Home, owner: Option<Owner>) -> Result<Session, Failure> {
        let store = database::open(&home, if owner.is_some() { Access::Owner } else { Access::Reader })?;
        if owner.is_none() {
            let artifacts = Artifacts::open(&home)?;
            return Session::around(home, owner, store, artifacts);
        }
        // Said before anything runs, not when room is made.
        cache_size()?;
        let artifacts = Artifacts::owned(&home, store.as_ref())?;
        look_at_files(&home, store.as_ref(), &artifacts)?;
        Session::around(home, owner, store, artifacts)
    }

    fn around(
        home: Home,
        owner: Option<Owner>,
        store: Arc<dyn Store>,
        artifacts: Artifacts,
    ) -> Result<Session, Failure> {
        let python = Interpreter::find(&home.memory())?;
        let environment = Environment { fingerprint: python.fingerprint() };
        let configured = Configured::read(&home)?;
        let executors = configured.names();
        Ok(Session {
            home,
            store,
            artifacts,
            python,
            environment,
            executors,
            configured,
            pools: BTreeMap::new(),
            owner,
        })
    }

    /// The operators known to a run: standard, installed packages', and those of the given directories.
    pub fn catalogue(&self, dirs: &[PathBuf]) -> Result<Catalogue, Failure> {
        let memory = self.home.memory();
        let mut catalogue = Catalogue::new();
        let (manifest, origin) = standard(&self.python, &memory)?;
        catalogue.add(manifest, origin).map_err(Failure::invalid)?;
        for (manifest, origin) in self.python.installed(&memory)? {
            catalogue.add(manifest, origin).map_err(Failure::invalid)?;
        }
        for dir in dirs {
            let (manifest, origin) = index_dir(&self.python, dir, &memory)?;
            catalogue.add(manifest, origin).map_err(Failure::invalid)?;
        }
        Ok(catalogue)
    }

    pub fn prepare(
        &self,
        catalogue: &Catalogue,
        document: Arc<Document>,
        options: &RunOptions,
        file: &str,
    ) -> Result<Prepared, Failure> {
        self.preparer(catalogue).prepare(document, options).map_err(|e| Failure::prepare(file, e))
    }

    /// What DAGs are prepared against here.
    pub fn preparer<'a>(&'a self, catalogue: &'a Catalogue) -> Preparer<'a> {
        Preparer {
            catalogue,
            environment: &self.environment,
            store: self.store.as_ref(),
            executors: &self.executors,
            pools: &self.pools,
            default_distributed: None,
            files: FileAccess::Any,
        }
    }

    /// What came out of a run.
    pub fn report(&self, run: suanzi_store::RunKey) -> Result<suanzi_api::RunReport, Failure> {
        Ok(suanzi_report::run_report(self.store.as_ref(), self.artifacts.store.as_ref(), run)?)
    }

    /// An engine over this home. The caller ends it with [`Engine::shutdown`].
    pub fn engine(&self, workers: WorkersArgs) -> Result<(Arc<Engine>, Arc<LocalPools>), Failure> {
        self.engine_as(&owner_name(), workers, Surroundings::default())
    }

    /// Now and then, once no run is going, old results make room: at most `SUANZI_CACHE_SIZE` (20 GiB unless set) stays.
    pub fn make_room(&self, run: suanzi_store::RunKey) -> Result<(), Failure> {
        if !run.0.is_multiple_of(RUNS_BETWEEN_COLLECTIONS) || self.owner.is_none() {
            return Ok(());
        }
        let collected = suanzi_dag_engine::collect(self.store.as_ref(), self.artifacts.store.as_ref(), cache_size()?)?;
        if collected.artifacts > 0 {
            crate::verbs::cache::tell(&collected);
        }
        Ok(())
    }

    /// An engine that signs as `owner`, with workers of its own.
    pub fn engine_as(
        &self,
        owner: &str,
        workers: WorkersArgs,
        mut around: Surroundings,
    ) -> Result<(Arc<Engine>, Arc<LocalPools>), Failure> {
        around.secrets.extend(self.configured.token_files());
        let local = Arc::new(local_executor(
            &self.home,
            &self.python,
            self.home.logs(),
            workers,
            &around,
            self.artifacts.objects.is_some(),
        )?);
        Ok((self.engine_over(owner, vec![local.clone()], true)?, local))
    }

    /// An engine that signs as `owner`, over these executors and those configured. [`Session::executors`] has their names.
    pub fn engine_over(
        &self,
        owner: &str,
        mut executors: Vec<Arc<dyn Executor>>,
        first_is_here: bool,
    ) -> Result<Arc<Engine>, Failure> {
        if self.artifacts.objects.is_some()
            && let Some(name) = self.configured.on_spark()
        {
            return Err(Failure::invalid(format!(
                "executor {name}: operators on Spark can't use artifacts in a store of objects"
            ))
            .hint("take it out of executors.json, or keep artifacts in the home: --artifacts home"));
        }
        executors.extend(self.configured.executors(&self.python, &self.home.logs())?);
        let options = EngineOptions {
            artifacts: self.artifacts.store.clone(),
            objects: self.artifacts.objects.clone(),
            first_is_here,
            owner: owner.to_string(),
            pools: self.pools.clone(),
            stop_grace: suanzi_dag_engine::STOP_GRACE,
        };
        Ok(Arc::new(Engine::start(options, self.store.clone(), Arc::new(OperatorEngine::new(executors)))))
    }
}

/// Workers on this host; with `objects` they get what it takes to reach the store of artifacts. Errors: the isolation asked for can't be had.
pub fn local_executor(
    home: &Home,
    python: &Interpreter,
    log_dir: PathBuf,
    workers: WorkersArgs,
    around: &Surroundings,
    objects: bool,
) -> Result<LocalPools, Failure> {
    let mut options = local_options(python, log_dir);
    let mut choice = workers.choice();
    if objects {
        options.pass_env.extend(artifacts::ENVIRONMENT.map(Into::into));
        choice = isolation::beside_objects(choice)?;
    }
    options.workers = workers.workers.unwrap_or(options.workers);
    options.memory_bytes = workers.memory.unwrap_or(options.memory_bytes);
    options.isolation = isolation::resolve(choice, workers.isolation_uids, home, around, &options)?;
    Ok(LocalPools::new(options, environments(python, home)?, pool_limits()?)?)
}

/// Of workers as this host has them, unless more is asked for.
pub fn local_options(python: &Interpreter, log_dir: PathBuf) -> LocalOptions {
    let mut options = LocalOptions::new(python.path.clone(), log_dir);
    options.python_path = python.python_path.iter().cloned().collect();
    options
}

/// What kept results may take, in bytes.
fn cache_size() -> Result<u64, Failure> {
    let limit = std::env::var("SUANZI_CACHE_SIZE").unwrap_or_else(|_| DEFAULT_CACHE_SIZE.into());
    crate::verbs::cache::bytes(&limit).map_err(|failure| failure.hint("SUANZI_CACHE_SIZE is a size such as 20GiB"))
}

/// Names this process as a run's owner: no other ever had the name.
pub fn owner_name() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_nanos());
    format!("{}-{since}", std::process::id())
}

/// Before anything relies on them: files that the last owner had not brought to the disk for good.
fn look_at_files(home: &Home, store: &dyn Store, artifacts: &Artifacts) -> Result<(), Failure> {
    let boot = crate::boot::Boot::now();
    let since = if boot.is_that_of(home) { Since::SameBoot } else { Since::Restart };
    let verified = verify_files(store, artifacts.store.as_ref(), since)?;
    if verified.lost > 0 {
        let (lost, opened) = (verified.lost, verified.opened);
        talk!(
            "warning: {lost} {} didn't survive the machine's restart; {opened} {} of interrupted runs will be run again",
            if lost == 1 { "result" } else { "results" },
            if opened == 1 { "task" } else { "tasks" }
        );
    }
    // Only now: whoever is killed before this looks again.
    boot.note(home);
    Ok(())
}

/// Reads a DAG from a file, or from standard input for `-`.
pub fn read_document(file: &Path) -> Result<Arc<Document>, Failure> {
    let shown = file.display().to_string();
    let bytes = if file == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes)?;
        bytes
    } else {
        std::fs::read(file).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => Failure::invalid(format!("there is no file {shown}"))
                .hint("give the path of a DAG in YAML or JSON, or `-` for standard input"),
            std::io::ErrorKind::IsADirectory => Failure::invalid(format!("{shown} is a directory, not a DAG file"))
                .hint("give the path of a file in it"),
            _ => Failure::invalid(format!("{shown} can't be read: {e}")),
        })?
    };
    suanzi_dag::read(&bytes, &Limits::file()).map(Arc::new).map_err(|faults| Failure::faults(&shown, &faults))
}

//! The command line: verbs, flags and their help.

use crate::web_args::WebArgs;
use crate::workers::WorkersArgs;
use clap::{Args as ClapArgs, Parser, Subcommand, ValueHint};
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

/// Suanzi: a DAG scheduling platform for machine learning.
#[derive(Parser, Debug)]
#[command(name = "suanzi", version, propagate_version = true, arg_required_else_help = true, after_help = AFTER)]
pub struct Args {
    /// Database of the state: sqlite:///PATH, mysql://…, postgres://… [default: a file in $SUANZI_HOME]
    #[arg(
        long,
        value_name = "URL",
        display_order = 900,
        env = "SUANZI_DATABASE_URL",
        hide_env_values = true,
        global = true
    )]
    pub database_url: Option<String>,
    /// Where results lie: s3://BUCKET/PREFIX, or `home` [default: as before; at first the home]
    #[arg(
        long,
        value_name = "URL",
        display_order = 901,
        env = "SUANZI_ARTIFACTS",
        hide_env_values = true,
        global = true
    )]
    pub artifacts: Option<String>,
    #[command(subcommand)]
    pub verb: Verb,
}

/// `--failed` without a run: this DAG's last one.
pub const LAST: &str = "last";

/// Where `serve` listens unless told otherwise.
pub const DEFAULT_OPERATOR_ENGINE_PORT: u16 = 8766;

const AFTER: &str = "\
Examples:
  suanzi run pipeline.yaml --dataset 40=credit.csv     run a DAG, show its evaluation
  suanzi plan pipeline.yaml                            what would run, what is cached, and why
  suanzi runs                                          earlier runs
  suanzi diff @2 @1                                    what changed between the last two

State lives in $SUANZI_HOME (default ~/.suanzi). Data goes to stdout, talk to stderr.
Exit codes: 0 success, 1 the run failed, 2 bad usage or invalid input.";

#[derive(Subcommand, Debug)]
pub enum Verb {
    /// Run a DAG and show what came out
    Run(RunArgs),
    /// Say what a run would do: cached, will run, and why
    Plan(PlanArgs),
    /// Check a DAG; all its faults at once
    Validate(ValidateArgs),
    /// Tell what is probably a mistake: rows and columns that leak, steps that don't fit each other
    Lint(LintArgs),
    /// Write a DAG in the canonical form
    Fmt(FmtArgs),
    /// Write a DAG as a Python script that runs without Suanzi
    Export(ExportArgs),
    /// Serve the API until Ctrl-C: runs begin by requests, interrupted ones go on
    Serve(ServeArgs),
    /// Serve, with operators run by operator engines elsewhere
    DagEngine(DagEngineArgs),
    /// Run operators for a dag engine elsewhere
    OperatorEngine(OperatorEngineArgs),
    /// Print an address that signs a browser in to `suanzi serve`, once
    Url,
    /// Compare two runs: parameters, metrics, first output that differs
    Diff(DiffArgs),
    /// Earlier runs: list, show, resume, cancel
    Runs(RunsArgs),
    /// What an operator printed
    Logs(LogsArgs),
    /// Kept results: list, verify, collect, clear
    Cache(CacheArgs),
    /// Registered tables, by the id that `data_id` names
    Dataset(DatasetArgs),
    /// Registered models: versions, aliases, comparison, cards
    #[command(visible_alias = "model")]
    Models(crate::model_args::ModelsArgs),
    /// Models behind HTTP endpoints: deploy, list, show, roll back, remove
    Service(crate::service_args::ServiceArgs),
    /// Python environments of operators' own: list, create, remove
    Env(crate::environments::EnvArgs),
    /// The operators there are, with ports and parameters
    Operators(OperatorsArgs),
    /// Check the installation and say how to mend it
    Doctor(JsonArg),
    /// Print the completion script of a shell
    Completion {
        /// bash, zsh, fish, elvish or powershell
        shell: clap_complete::Shell,
    },
}

/// What a DAG is prepared with: the same for `run`, `plan` and `validate`.
#[derive(ClapArgs, Debug, Default, Clone)]
pub struct DagArgs {
    /// The file a `data_id` stands for (may be given several times)
    #[arg(long = "dataset", value_name = "ID=PATH", value_parser = id_and_path)]
    pub datasets: Vec<(String, PathBuf)>,
    /// A value for one of the DAG's parameters, as JSON or plain text (may be given several times)
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = name_and_value)]
    pub parameters: Vec<(String, serde_json::Value)>,
    /// A directory with operators of your own, as Python files (may be given several times)
    #[arg(long = "operators", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub operator_dirs: Vec<PathBuf>,
    /// Where operators run that can run there
    #[arg(long, value_name = "NAME")]
    pub executor: Option<String>,
    /// What a null random_state means
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Run everything, whatever is cached; new results are kept
    #[arg(long)]
    pub no_cache: bool,
    /// These operators and all that follow them (may be given several times)
    #[arg(long, value_name = "OPERATOR")]
    pub from: Vec<String>,
    /// These operators and all that they need; with --from, what lies between
    #[arg(long, value_name = "OPERATOR")]
    pub to: Vec<String>,
    /// These operators alone; their inputs come from kept results (may be given several times)
    #[arg(long, value_name = "OPERATOR")]
    pub only: Vec<String>,
    /// What failed or is missing in a run (default: this DAG's last)
    #[arg(long, value_name = "RUN", num_args = 0..=1, require_equals = true, default_missing_value = LAST)]
    pub failed: Option<String>,
}

#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  suanzi run pipeline.yaml --dataset 40=credit.csv
  suanzi run pipeline.yaml --from train              run `train` and what follows it
  suanzi run pipeline.yaml --operators ./my_operators --seed 7 --json")]
pub struct RunArgs {
    /// The DAG, as YAML or JSON (`-` for standard input)
    #[arg(value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    #[command(flatten)]
    pub dag: DagArgs,
    #[command(flatten)]
    pub local: WorkersArgs,
    /// How many operators may run at once (default: as many as there are workers)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub concurrency: Option<u32>,
    /// How many operators with `pool: NAME` may run at once (may be given several times)
    #[arg(long = "pool", value_name = "NAME=N", env = "SUANZI_POOLS", value_delimiter = ',', value_parser = name_and_limit)]
    pub pools: Vec<(String, u32)>,
    /// Before other runs (higher first)
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true)]
    pub priority: i32,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    /// Only errors on stderr
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  suanzi export --python pipeline.yaml -o pipeline.py
  suanzi export --python pipeline.yaml --dataset 40=credit.csv | python -

The script needs pandas, scikit-learn and pyarrow, and prints the figures of the evaluations as JSON.")]
pub struct ExportArgs {
    #[arg(value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// As a Python script
    #[arg(long, required = true)]
    pub python: bool,
    /// Where to write it, instead of standard output
    #[arg(short, long, value_name = "SCRIPT", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub dag: DagArgs,
}

#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  suanzi plan pipeline.yaml --dataset 40=credit.csv
  suanzi plan pipeline.yaml --to train --json")]
pub struct PlanArgs {
    #[arg(value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    #[command(flatten)]
    pub dag: DagArgs,
    #[arg(long)]
    pub json: bool,
}

#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  suanzi lint pipeline.yaml
  suanzi lint pipeline.yaml --fix        mend what can be mended, in the file

Exit codes: 0 nothing found, 1 something found (and left), 2 a file that isn't a valid DAG.")]
pub struct LintArgs {
    #[arg(required = true, value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    /// A directory with operators of your own, as Python files (may be given several times)
    #[arg(long = "operators", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub operator_dirs: Vec<PathBuf>,
    /// Change the files: make the edits of all findings that have a fix
    #[arg(long)]
    pub fix: bool,
    /// Print one JSON list
    #[arg(long)]
    pub json: bool,
}

#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  suanzi validate pipeline.yaml
  suanzi validate pipeline.yaml --operators ./my_operators --json")]
pub struct ValidateArgs {
    #[arg(value_hint = ValueHint::FilePath, required = true)]
    pub files: Vec<PathBuf>,
    /// A directory with operators of your own (may be given several times)
    #[arg(long = "operators", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub operator_dirs: Vec<PathBuf>,
    #[arg(long)]
    pub json: bool,
}

#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  suanzi fmt pipeline.yaml                 print the canonical form
  suanzi fmt --write pipeline.yaml         rewrite the file (comments are lost)
  suanzi fmt --check *.yaml                exit 1 when a file isn't canonical")]
pub struct FmtArgs {
    #[arg(value_hint = ValueHint::FilePath, required = true)]
    pub files: Vec<PathBuf>,
    /// Rewrite the files; comments are not kept
    #[arg(long, conflicts_with = "check")]
    pub write: bool,
    /// Change nothing; exit 1 and name the files that would change
    #[arg(long)]
    pub check: bool,
}

#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  suanzi serve
  suanzi serve --webhook-host hooks.example.com      DAGs may tell it how runs ended
  suanzi serve --port 0 --data-root /data            any free port; DAGs may read files in /data
  SUANZI_PASSWORD_FILE=password suanzi serve --host 0.0.0.0

Requests need the token in $SUANZI_HOME/token or a session; the printed address begins one.
Ctrl-C or TERM takes no more runs and waits for those that go; what is left goes on at the next start.")]
pub struct ServeArgs {
    #[command(flatten)]
    pub web: WebArgs,
    #[command(flatten)]
    pub local: WorkersArgs,
}

#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  suanzi dag-engine --secret-file secret --operator-engine http://worker-1:8766 --operator-engine http://worker-2:8766 \\
      --callback-host 10.0.0.1
  suanzi run pipeline.yaml                           on this host, while it serves: runs there

`suanzi serve` with its workers elsewhere: what it takes and prints is the same. Artifacts must lie in a store of objects
(--artifacts), or the home's on storage that all hosts see under one path. docs/guide/separation.md says more.")]
pub struct DagEngineArgs {
    #[command(flatten)]
    pub web: WebArgs,
    /// An operator engine's address (may be given several times)
    #[arg(
        long = "operator-engine",
        value_name = "URL",
        env = "SUANZI_OPERATOR_ENGINES",
        value_delimiter = ',',
        required = true,
        value_parser = engine_address
    )]
    pub engines: Vec<String>,
    #[command(flatten)]
    pub secret: SecretArgs,
    /// The address of this host at which operator engines call back
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1", value_parser = address)]
    pub callback_host: IpAddr,
    /// 0: any free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub callback_port: u16,
}

/// What both sides of separated engines share.
#[derive(ClapArgs, Debug)]
pub struct SecretArgs {
    /// A file (mode 600) with the secret that all engines share: 32 characters or more
    #[arg(long = "secret-file", value_name = "FILE", env = "SUANZI_ENGINE_SECRET_FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
}

#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  suanzi operator-engine --secret-file secret --host 10.0.0.2
  suanzi operator-engine --secret-file secret --host 10.0.0.3 --label big --workers 16

Runs operators for a `suanzi dag-engine`. Whoever holds the secret may run code here.
Ctrl-C or TERM ends what runs; the dag engine runs it again elsewhere.")]
pub struct OperatorEngineArgs {
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1", value_parser = address)]
    pub host: IpAddr,
    /// 0: any free one
    #[arg(long, value_name = "N", default_value_t = DEFAULT_OPERATOR_ENGINE_PORT)]
    pub port: u16,
    #[command(flatten)]
    pub secret: SecretArgs,
    /// What it is called beside what ran there (default: the host's name)
    #[arg(long, value_name = "NAME", value_parser = plain_name)]
    pub name: Option<String>,
    /// A DAG's `executor: LABEL` means the operator engines with this label (may be given several times)
    #[arg(long = "label", value_name = "LABEL", value_parser = plain_name)]
    pub labels: Vec<String>,
    #[command(flatten)]
    pub local: WorkersArgs,
}

#[derive(ClapArgs, Debug)]
#[command(after_help = "\
A run is named by its id, a part of it that no other run has, or `@1` for the last one, `@2` for the one before, ….

Examples:
  suanzi diff @2 @1
  suanzi diff 20261123-224511-k7qm2x @1 --json")]
pub struct DiffArgs {
    pub before: String,
    pub after: String,
    #[arg(long)]
    pub json: bool,
}

#[derive(ClapArgs, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  suanzi runs                     the newest 20
  suanzi runs show @1             the last one, operator by operator
  suanzi runs resume              go on with what a crash interrupted
  suanzi runs cancel @1"
)]
pub struct RunsArgs {
    #[command(subcommand)]
    pub verb: Option<RunsVerb>,
    /// How many
    #[arg(long, short = 'n', default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub limit: u32,
    #[arg(long)]
    pub json: bool,
}

#[derive(Subcommand, Debug)]
pub enum RunsVerb {
    /// One run, operator by operator
    Show {
        #[arg(default_value = "@1")]
        run: String,
        #[arg(long)]
        json: bool,
    },
    /// Go on with interrupted runs: all of them, or one
    Resume {
        run: Option<String>,
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        local: WorkersArgs,
    },
    /// Stop a run
    Cancel { run: String },
}

#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  suanzi logs @1                       every operator of the last run
  suanzi logs @1 train                 one operator
  suanzi logs @1 train --attempt 1     an earlier attempt of it")]
pub struct LogsArgs {
    #[arg(default_value = "@1")]
    pub run: String,
    pub operator: Option<String>,
    /// That attempt only (default: the newest)
    #[arg(long, value_name = "N")]
    pub attempt: Option<u32>,
}

#[derive(ClapArgs, Debug)]
#[command(
    arg_required_else_help = true,
    after_help = "\
Examples:
  suanzi cache list
  suanzi cache gc --max-size 10GiB
  suanzi cache verify --sample 5"
)]
pub struct CacheArgs {
    #[command(subcommand)]
    pub verb: CacheVerb,
}

#[derive(Subcommand, Debug)]
pub enum CacheVerb {
    /// Kept results, largest first
    List {
        #[arg(long)]
        json: bool,
    },
    /// Remove the least recently used until the rest fits
    Gc {
        /// Bytes, or with a unit: 500MiB, 10GiB
        #[arg(long, value_name = "SIZE", default_value = "20GiB")]
        max_size: String,
    },
    /// Remove all that isn't needed by a running run or a registered model
    Clear,
    /// Compute a sample of kept results again and compare
    Verify {
        #[arg(long, default_value_t = 10)]
        sample: u32,
    },
}

#[derive(ClapArgs, Debug)]
#[command(
    arg_required_else_help = true,
    after_help = "\
Examples:
  suanzi dataset add 40 credit.csv
  suanzi dataset list
  suanzi dataset remove 40"
)]
pub struct DatasetArgs {
    #[command(subcommand)]
    pub verb: DatasetVerb,
}

#[derive(Subcommand, Debug)]
pub enum DatasetVerb {
    /// Register a file under an id (again: replace it)
    Add {
        id: String,
        #[arg(value_hint = ValueHint::FilePath)]
        path: PathBuf,
        #[arg(long, default_value = "")]
        description: String,
    },
    /// Registered datasets
    List {
        #[arg(long)]
        json: bool,
    },
    /// Forget a dataset; its file stays
    Remove { id: String },
}

#[derive(ClapArgs, Debug)]
#[command(
    after_help = "\
Examples:
  suanzi operators                     all, by category
  suanzi operators standardize         one, with its ports and parameters
  suanzi operators --json --schema     with JSON Schemas
  suanzi operators check               the contract suite on all that ship
  suanzi operators check --operators my-operators ratio",
    args_conflicts_with_subcommands = true
)]
pub struct OperatorsArgs {
    #[command(subcommand)]
    pub verb: Option<OperatorsVerb>,
    /// Only this one, in full
    pub name: Option<String>,
    /// A directory with operators of your own (may be given several times)
    #[arg(long = "operators", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub operator_dirs: Vec<PathBuf>,
    #[arg(long)]
    pub json: bool,
    /// With the JSON Schema of its parameters
    #[arg(long)]
    pub schema: bool,
}

#[derive(Subcommand, Debug)]
pub enum OperatorsVerb {
    /// Hold operators to their contract: declaration, repeatability, odd tables; exit 1 if one fails
    Check(OperatorsCheckArgs),
}

#[derive(ClapArgs, Debug)]
pub struct OperatorsCheckArgs {
    /// Only these
    pub names: Vec<String>,
    /// The operators of this directory instead of those that ship
    #[arg(long = "operators", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub operator_dir: Option<PathBuf>,
    /// One JSON object per operator, as they come
    #[arg(long)]
    pub json: bool,
}

#[derive(ClapArgs, Debug)]
pub struct JsonArg {
    #[arg(long)]
    pub json: bool,
}

pub(crate) fn address(text: &str) -> Result<IpAddr, String> {
    match text {
        "localhost" => Ok(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        _ => text.parse().map_err(|_| "it must be an IP address, such as 127.0.0.1".into()),
    }
}

fn engine_address(text: &str) -> Result<String, String> {
    suanzi_engine_link::address(text)
}

/// Names that stand in a DAG or beside a task.
fn plain_name(text: &str) -> Result<String, String> {
    match crate::executors::is_name(text) {
        true => Ok(text.to_owned()),
        false => Err("it must be small letters, digits, - and _, at most 40".into()),
    }
}

fn id_and_path(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((id, path)) if !id.is_empty() && !path.is_empty() => Ok((id.to_string(), PathBuf::from(path))),
        _ => Err("it must be ID=PATH, such as 40=credit.csv".into()),
    }
}

fn name_and_value(text: &str) -> Result<(String, serde_json::Value), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => {
            Ok((name.to_string(), serde_json::from_str(value).unwrap_or_else(|_| value.into())))
        }
        _ => Err("it must be NAME=VALUE, such as C=0.5".into()),
    }
}

pub(crate) fn name_and_limit(text: &str) -> Result<(String, u32), String> {
    let parts = text.split_once('=').map(|(name, limit)| (name.trim(), limit.trim().parse::<u32>()));
    match parts {
        Some((name, Ok(limit))) if !name.is_empty() => Ok((name.to_string(), limit)),
        _ => Err("it must be NAME=N, such as gpu=1".into()),
    }
}

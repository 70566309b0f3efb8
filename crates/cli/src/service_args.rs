//! The arguments of `suanzi service`.

use crate::model_args::version_name;
use clap::{Args as ClapArgs, Subcommand};
use suanzi_api::{MAX_SERVICE_CONCURRENCY, VersionName};

#[derive(ClapArgs, Debug)]
#[command(
    arg_required_else_help = true,
    after_help = "\
Examples:
  suanzi service deploy credit --model credit-model              its newest version
  suanzi service deploy credit --model credit-model --version 3  instead of what is served
  suanzi service deploy credit --model credit-model@champion     what the alias stands for now
  suanzi service roll-back credit                                what was served before
  suanzi service show credit

`suanzi serve` answers at POST /services/NAME/invocations and POST /v2/models/NAME/infer. docs/guide/serving.md says more."
)]
pub struct ServiceArgs {
    #[command(subcommand)]
    pub verb: ServiceVerb,
}

#[derive(Subcommand, Debug)]
pub enum ServiceVerb {
    /// Serve a registered model's version; what was served is replaced without a failed request
    #[command(disable_version_flag = true)]
    Deploy {
        /// The service: letters, digits, `_`, `.`, `-`
        name: String,
        #[arg(long)]
        model: String,
        /// A number or an alias, as in `--model credit@champion` [default: the newest]
        #[arg(long = "version", value_name = "VERSION", value_parser = version_name)]
        number: Option<VersionName>,
        /// Requests that may be under way at one time; more are refused by 429 [default: 256]
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=MAX_SERVICE_CONCURRENCY as i64))]
        concurrency: Option<u32>,
        #[arg(long)]
        json: bool,
    },
    /// All services
    List {
        #[arg(long)]
        json: bool,
    },
    /// One service: its version, its requests, its columns
    Show {
        name: String,
        #[arg(long)]
        json: bool,
    },
    /// Serve what was served before
    RollBack {
        name: String,
        #[arg(long)]
        json: bool,
    },
    /// End a service; its model stays registered
    Remove {
        name: String,
        #[arg(long)]
        json: bool,
    },
}

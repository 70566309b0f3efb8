//! The arguments of `suanzi models`.

use clap::{Args as ClapArgs, Subcommand, ValueEnum, ValueHint};
use std::path::PathBuf;
use suanzi_api::{MAX_COMPARED_VERSIONS, VersionName};
use suanzi_store::Which;

#[derive(ClapArgs, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  suanzi models                                    all
  suanzi models credit                             one model's versions
  suanzi models alias set credit champion 3        from now on `credit@champion` is version 3
  suanzi models compare credit champion 4          what differs
  suanzi models card credit champion --lang zh --out card.html

A version is a number or an alias. docs/guide/models.md says more."
)]
pub struct ModelsArgs {
    #[command(subcommand)]
    pub verb: Option<ModelsVerb>,
    /// Only versions of this model
    pub name: Option<String>,
    #[arg(long)]
    pub json: bool,
}

#[derive(Subcommand, Debug)]
pub enum ModelsVerb {
    /// Names for versions: set, list, remove
    #[command(subcommand)]
    Alias(AliasVerb),
    /// Versions side by side: figures, parameters, data and lineage
    #[command(disable_version_flag = true)]
    Compare {
        name: String,
        /// Numbers or aliases; differences are those from the first one
        #[arg(value_name = "VERSION", required = true, num_args = 2..=MAX_COMPARED_VERSIONS, value_parser = version_name)]
        versions: Vec<VersionName>,
        /// Also what is the same
        #[arg(long)]
        all: bool,
        #[arg(long)]
        json: bool,
    },
    /// A version's card: data, split, parameters, figures with intervals, importance and lineage as a page of HTML
    #[command(disable_version_flag = true)]
    Card {
        name: String,
        /// A number or an alias [default: the newest]
        #[arg(value_name = "VERSION", value_parser = version_name)]
        version: Option<VersionName>,
        /// What the page shows first; it has both [default: that of the terminal]
        #[arg(long, value_enum)]
        lang: Option<Lang>,
        /// Where to write it, instead of standard output
        #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        out: Option<PathBuf>,
    },
}

#[derive(Subcommand, Debug)]
pub enum AliasVerb {
    /// Set an alias, or move it to another version
    #[command(disable_version_flag = true)]
    Set {
        name: String,
        /// Small letters, digits, `_` and `-`, a letter first
        alias: String,
        /// A number, or another alias
        #[arg(value_name = "VERSION", value_parser = version_name)]
        version: VersionName,
        #[arg(long)]
        json: bool,
    },
    /// Aliases of a model, or of all
    List {
        name: Option<String>,
        #[arg(long)]
        json: bool,
    },
    /// Remove an alias; its version stays
    Remove {
        name: String,
        alias: String,
        #[arg(long)]
        json: bool,
    },
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    En,
    Zh,
}

/// A number or an alias.
pub fn version_name(text: &str) -> Result<VersionName, String> {
    match Which::read(text) {
        Ok(Which::Number(number)) => Ok(VersionName::Number(number)),
        Ok(_) => Ok(VersionName::Text(text.to_string())),
        Err(why) => Err(why.hint().to_string()),
    }
}

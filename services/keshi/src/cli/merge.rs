//! The commands about persons who were registered twice, and courses that may have been posted twice.

use clap::{Args, Subcommand};

use super::tree::AtArgs;

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum MergeCommand {
    List(MergeListArgs),
    Into(PairArgs),
    Reverse(PairArgs),
}

#[derive(Clone, Debug, Args)]
pub(crate) struct MergeListArgs {
    #[arg(value_name = "TEACHER")]
    pub(crate) teacher: Option<String>,
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) at: AtArgs,
    #[arg(long, value_name = "TEXT")]
    pub(crate) purpose: Option<String>,
}

/// The id that is kept and those that are dropped for it.
#[derive(Clone, Debug, Args)]
pub(crate) struct PairArgs {
    #[arg(value_name = "KEPT")]
    pub(crate) kept: String,
    #[arg(value_name = "DROPPED", required = true)]
    pub(crate) dropped: Vec<String>,
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    #[arg(long, value_name = "TEACHER")]
    pub(crate) by: Option<String>,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum OverlapCommand {
    List(MergeListArgs),
    Accept(AcceptArgs),
}

/// Two entries of one teacher that are both right.
#[derive(Clone, Debug, Args)]
pub(crate) struct AcceptArgs {
    #[arg(value_name = "TEACHER")]
    pub(crate) teacher: String,
    #[arg(value_name = "ENTRY")]
    pub(crate) first: u64,
    #[arg(value_name = "ENTRY")]
    pub(crate) second: u64,
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    #[arg(long, value_name = "TEACHER")]
    pub(crate) by: Option<String>,
}

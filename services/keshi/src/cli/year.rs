//! `keshi year` and `keshi figures`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::tree::AtArgs;
use super::values::ReportFormatArg;

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum YearCommand {
    Show {
        #[arg(value_name = "YEAR")]
        year: i16,
        #[command(flatten)]
        at: AtArgs,
    },
    Report(Box<YearReportArgs>),
    Entries {
        #[arg(value_name = "YEAR")]
        year: i16,
        #[arg(value_name = "FIGURE")]
        figure: String,
        #[command(flatten)]
        at: AtArgs,
    },
    Close {
        #[arg(value_name = "YEAR")]
        year: i16,
    },
    Restate {
        #[arg(value_name = "YEAR")]
        year: i16,
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

#[derive(Clone, Debug, Args)]
pub(crate) struct YearReportArgs {
    #[arg(value_name = "YEAR")]
    pub(crate) year: i16,
    #[arg(long, value_name = "text|json|xlsx|html|pdf|docx")]
    pub(crate) format: Option<ReportFormatArg>,
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) at: AtArgs,
    #[arg(long, value_name = "FILE")]
    pub(crate) font: Vec<PathBuf>,
    #[arg(long, value_name = "TEXT")]
    pub(crate) purpose: Option<String>,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum FiguresCommand {
    Check {
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    Adopt {
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    Show {
        #[arg(value_name = "VERSION")]
        number: Option<u32>,
        #[command(flatten)]
        at: AtArgs,
    },
}

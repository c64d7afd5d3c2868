//! The commands about claims.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Subcommand};
use jiff::civil::Date;
use keshi_core::review::Stage;

use super::tree::AtArgs;

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum ReviewCommand {
    List(Box<ReviewListArgs>),
    Show {
        #[arg(value_name = "CLAIM")]
        claim: String,
        #[command(flatten)]
        at: AtArgs,
        #[arg(long, value_name = "TEXT")]
        purpose: Option<String>,
    },
    Evidence {
        #[arg(value_name = "CLAIM")]
        claim: String,
        #[arg(long, value_name = "DIR", default_value = ".")]
        to: PathBuf,
        #[arg(long, value_name = "TEXT")]
        purpose: Option<String>,
    },
    Submit {
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[arg(long, value_name = "FILE")]
        attach: Vec<PathBuf>,
    },
    Check {
        #[command(flatten)]
        claims: ClaimsArgs,
    },
    Return {
        #[command(flatten)]
        claims: ClaimsArgs,
    },
    Reject {
        #[command(flatten)]
        claims: ClaimsArgs,
    },
    Credit {
        #[command(flatten)]
        claims: ClaimsArgs,
    },
    Publish(ReviewPublishArgs),
    End {
        #[arg(value_name = "BATCH")]
        batch: String,
        #[arg(long, value_name = "TEACHER")]
        by: Option<String>,
    },
    Object {
        #[arg(value_name = "CLAIM")]
        claim: String,
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[arg(long, value_name = "BATCH")]
        batch: String,
        #[arg(long)]
        from_outside: bool,
        #[arg(long, value_name = "TEACHER")]
        by: Option<String>,
    },
    Decide(ReviewDecideArgs),
}

/// Claims of which one step is taken.
#[derive(Clone, Debug, Args)]
pub(crate) struct ClaimsArgs {
    #[arg(value_name = "CLAIM", required = true)]
    pub(crate) claims: Vec<String>,
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    #[arg(long, value_name = "TEACHER")]
    pub(crate) by: Option<String>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ReviewListArgs {
    #[arg(long, value_name = "STAGE")]
    pub(crate) stage: Vec<StageWord>,
    #[arg(long, value_name = "SCHOOL")]
    pub(crate) school: Option<String>,
    #[arg(long, value_name = "TEACHER")]
    pub(crate) teacher: Option<String>,
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Option<String>,
    #[arg(long, value_name = "DAYS")]
    pub(crate) waiting: Option<u32>,
    #[command(flatten)]
    pub(crate) at: AtArgs,
    #[arg(long, value_name = "TEXT")]
    pub(crate) purpose: Option<String>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ReviewPublishArgs {
    #[arg(value_name = "BATCH")]
    pub(crate) batch: String,
    #[arg(value_name = "CLAIM", required = true)]
    pub(crate) claims: Vec<String>,
    #[arg(long, value_name = "DATE")]
    pub(crate) from: Option<Date>,
    #[arg(long, value_name = "DATE")]
    pub(crate) to: Option<Date>,
    #[arg(long, value_name = "TEACHER")]
    pub(crate) by: Option<String>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ReviewDecideArgs {
    #[arg(value_name = "CLAIM")]
    pub(crate) claim: String,
    #[arg(long, value_name = "UUID")]
    pub(crate) objection: Option<String>,
    #[arg(long, conflicts_with = "dismissed", required_unless_present = "dismissed")]
    pub(crate) upheld: bool,
    #[arg(long)]
    pub(crate) dismissed: bool,
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    #[arg(long, value_name = "TEACHER")]
    pub(crate) by: Option<String>,
}

/// A stage by its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StageWord(pub(crate) Stage);

impl FromStr for StageWord {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let word = text.replace('-', "_");
        let named = Stage::ALL
            .into_iter()
            .find(|stage| stage.word() == word || stage.zh() == text);
        named.map(Self).ok_or_else(|| {
            let words: Vec<&str> = Stage::ALL.iter().map(|stage| stage.word()).collect();
            words.join(", ")
        })
    }
}

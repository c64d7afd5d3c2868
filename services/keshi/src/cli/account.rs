//! The commands about accounts.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::civil::Date;
use keshi_office::access::Scope;

use super::values::RoleArg;

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum AccountCommand {
    Create(Box<AccountCreateArgs>),
    List,
    Change(Box<AccountChangeArgs>),
    Reset(AccountResetArgs),
    Close {
        #[arg(value_name = "ID")]
        id: String,
    },
    Signins(AccountSigninsArgs),
    Changes {
        #[arg(value_name = "ID")]
        id: Option<String>,
    },
}

/// What somebody is, and for whom.
#[derive(Clone, Debug, Args)]
pub(crate) struct RightsArgs {
    #[arg(long, value_name = "ROLE")]
    pub(crate) role: RoleArg,
    #[command(flatten)]
    pub(crate) scope: ScopeArgs,
}

/// For whom somebody is what she is.
#[derive(Clone, Debug, Args)]
pub(crate) struct ScopeArgs {
    #[arg(long, value_name = "SCHOOL")]
    pub(crate) school: Option<String>,
    #[arg(long, value_name = "TEACHER")]
    pub(crate) teacher: Option<String>,
    #[arg(long, value_name = "BASE", value_delimiter = ',')]
    pub(crate) bases: Vec<String>,
    #[arg(long, value_name = "STUDIO", value_delimiter = ',')]
    pub(crate) studios: Vec<String>,
    #[arg(long, value_name = "SUBJECT", value_delimiter = ',')]
    pub(crate) subjects: Vec<String>,
    #[arg(long, value_name = "GROUP", value_delimiter = ',')]
    pub(crate) groups: Vec<String>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct AccountCreateArgs {
    #[arg(value_name = "ID", conflicts_with = "for_school")]
    pub(crate) id: Option<String>,
    #[command(flatten)]
    pub(crate) rights: RightsArgs,
    #[arg(long, value_name = "SCHOOL", conflicts_with_all = ["school", "teacher"])]
    pub(crate) for_school: Option<String>,
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: Option<String>,
    #[command(flatten)]
    pub(crate) slips: SlipsArgs,
}

/// Slips of paper to be handed out.
#[derive(Clone, Debug, Args)]
pub(crate) struct SlipsArgs {
    #[arg(long, value_name = "FILE.html")]
    pub(crate) slips: Option<PathBuf>,
    #[arg(long, value_name = "URL", requires = "slips")]
    pub(crate) url: Option<String>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct AccountChangeArgs {
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) rights: RightsArgs,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct AccountResetArgs {
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) slips: SlipsArgs,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct AccountSigninsArgs {
    #[arg(value_name = "ID")]
    pub(crate) id: Option<String>,
    #[arg(long, value_name = "DATE")]
    pub(crate) since: Option<Date>,
}

impl From<ScopeArgs> for Scope {
    fn from(args: ScopeArgs) -> Self {
        Self {
            school: args.school,
            teacher_id: args.teacher,
            bases: args.bases,
            studios: args.studios,
            subjects: args.subjects,
            groups: args.groups,
        }
    }
}

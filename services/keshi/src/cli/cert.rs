//! `keshi cert`: its commands and arguments.

use std::str::FromStr;

use clap::{Args, Subcommand};
use jiff::civil::Date;
use keshi_core::lang::Lang;
use keshi_proto::api::CertificateState;
use keshi_words::certificate::{STATES, state};

use super::AtArgs;

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum CertCommand {
    Issue(CertIssueArgs),
    Reissue {
        #[arg(value_name = "NUMBER")]
        number: String,
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    Void {
        #[arg(value_name = "NUMBER")]
        number: String,
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[arg(long, value_name = "TEXT")]
        authorised_by: Option<String>,
    },
    List(CertListArgs),
    Check {
        #[arg(value_name = "NUMBER")]
        number: String,
    },
}

#[derive(Clone, Debug, Args)]
pub(crate) struct CertIssueArgs {
    #[arg(value_name = "ENTRY", required = true)]
    pub(crate) entries: Vec<u64>,
    #[arg(long, value_name = "TEACHER")]
    pub(crate) teacher: Option<String>,
    #[arg(long, value_name = "TEXT")]
    pub(crate) text: Option<String>,
    #[arg(long, value_name = "DATE")]
    pub(crate) on: Option<Date>,
    #[arg(long, value_name = "NUMBER")]
    pub(crate) old_number: Option<String>,
}

/// Which certificates are meant.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct CertFilter {
    #[arg(long, value_name = "TEACHER")]
    pub(crate) teacher: Option<String>,
    #[arg(long, value_name = "SCHOOL")]
    pub(crate) school: Option<String>,
    #[arg(long, value_name = "YEAR")]
    pub(crate) year: Option<u16>,
    #[arg(long, value_name = "STATE")]
    pub(crate) state: Option<StateArg>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct CertListArgs {
    #[command(flatten)]
    pub(crate) filter: CertFilter,
    #[command(flatten)]
    pub(crate) at: AtArgs,
    #[arg(long, value_name = "TEXT")]
    pub(crate) purpose: Option<String>,
}

/// What a certificate is worth, by its word in either language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StateArg(pub(crate) CertificateState);

impl FromStr for StateArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.replace('-', " ");
        let is = |one: &CertificateState| [Lang::Zh, Lang::En].iter().any(|lang| state(*one, *lang) == text);
        STATES.into_iter().find(is).map(Self).ok_or_else(|| {
            let words = |lang| STATES.map(|one| state(one, lang));
            let (zh, en) = (words(Lang::Zh).join("、"), words(Lang::En).join(", "));
            format!("没有这个状态，应为 {zh} 之一 / no such state, use one of {en}")
        })
    }
}

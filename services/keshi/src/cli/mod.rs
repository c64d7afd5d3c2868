//! The command line: the tree of commands, and reading it in the user's language.

mod account;
mod cert;
mod localize;
mod merge;
mod review;
mod tree;
mod values;
mod year;

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, FromArgMatches as _};
use keshi_core::lang::Lang;

pub(crate) use self::account::{
    AccountChangeArgs, AccountCommand, AccountCreateArgs, AccountResetArgs, AccountSigninsArgs, RightsArgs, ScopeArgs,
    SlipsArgs,
};
pub(crate) use self::cert::{CertCommand, CertFilter, CertIssueArgs, CertListArgs, CertPdfArgs, CertTranscriptArgs};
pub(crate) use self::localize::{language, localize};
pub(crate) use self::merge::{AcceptArgs, MergeCommand, MergeListArgs, OverlapCommand, PairArgs};
pub(crate) use self::review::{ClaimsArgs, ReviewCommand, ReviewDecideArgs, ReviewListArgs, ReviewPublishArgs};
pub(crate) use self::tree::{
    AtArgs, AuditCommand, BalanceArgs, BusCommand, CalendarCommand, Cli, Command, CorrectArgs, DoctorArgs, ExportArgs,
    Globals, ImportArgs, InspectionsArgs, LoadCommand, LoadOpenArgs, LogArgs, NatsArgs, OrganisationsArgs,
    PeopleCommand, PolicyCommand, PolicyDiffArgs, QuestionsArgs, ReadsArgs, RotationArgs, SchoolsArgs, SessionsArgs,
    ShortfallArgs, TierArgs, TlsArgs, TokenCommand, TokenCreateArgs, TopicsArgs, UpArgs, VoidArgs, WitnessArgs,
    WorksArgs,
};
#[cfg(test)]
pub(crate) use self::values::TimeArg;
pub(crate) use self::values::{BusArg, FormatArg, PolicyId, ReportFormatArg, RolesArg, RootArg, SampleName, ServerArg};
pub(crate) use self::year::{FiguresCommand, YearCommand, YearReportArgs};
use crate::exit::{Failure, Outcome, Say};

/// What a command line asks for.
pub(crate) enum Asked {
    /// A command.
    Run(Box<(Globals, Command)>),
    /// Only a text: help or the version.
    Text(String),
}

/// Reads a command line.
pub(crate) fn parse(args: &[OsString], lang: Lang) -> Outcome<Asked> {
    let mut command = localize(Cli::command(), lang);
    if args.len() < 2 {
        return Ok(Asked::Text(localized(&command.render_help().to_string(), lang)));
    }
    let parsed = command
        .try_get_matches_from_mut(args)
        .and_then(|matches| Cli::from_arg_matches(&matches));
    match parsed {
        Ok(Cli { globals, command }) => Ok(Asked::Run(Box::new((globals, command)))),
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            Ok(Asked::Text(localized(&error.to_string(), lang)))
        }
        Err(error) => Err(Failure::usage(Say::same(localized(
            &localize::explain(&error, lang),
            lang,
        )))),
    }
}

/// The whole tree in one language, for help and completions.
pub(crate) fn whole(lang: Lang) -> clap::Command {
    let mut command = localize(Cli::command(), lang);
    command.build();
    command
}

/// The one word of the usage line that clap has no setting for.
pub(crate) fn localized(text: &str, lang: Lang) -> String {
    text.replace("[OPTIONS]", lang.pick("[选项]", "[OPTIONS]"))
}

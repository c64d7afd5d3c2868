//! The commands, one file each.

mod account;
mod amend;
mod audit;
mod backup;
mod balance;
mod bus;
mod calendar;
mod cert;
mod compact;
mod completions;
mod doctor;
mod export;
mod figures;
mod import;
mod inspections;
mod load;
mod log;
mod login;
mod merge;
mod organisations;
mod overlap;
mod paper;
mod people;
mod policy;
mod post;
mod questions;
mod reads;
mod receipt;
mod review;
mod rotation;
mod sample;
mod schools;
mod sessions;
mod shared;
mod shortfall;
mod template;
mod tier;
mod token;
mod topics;
mod works;
mod year;

use crate::cli::Command;
use crate::exit::Outcome;
use crate::{Ctx, LogLevel, up};

pub(crate) use self::backup::make_backup;
pub(crate) use self::cert::failure as unamended;
pub(crate) use self::doctor::{Around, about_running};
pub(crate) use self::import::{Job, Tally, load_files};
pub(crate) use self::shared::why_not;
pub(crate) use self::token::{change_failure, open_failure};

/// How much the program logs while it runs this command.
pub(crate) fn log_level(command: &Command) -> LogLevel {
    match command {
        Command::Up(_) => LogLevel::Server,
        _ => LogLevel::Command,
    }
}

/// Runs one command.
pub(crate) async fn run(ctx: &mut Ctx<'_>, command: Command) -> Outcome {
    match command {
        Command::Up(args) => up::run(ctx, *args).await,
        Command::Sample { name, dir } => sample::run(ctx, name, &dir),
        Command::Template { name, file } => template::run(ctx, name.as_deref(), file),
        Command::Import(args) => import::run(ctx, &args).await,
        Command::Post { file } => post::run(ctx, &file).await,
        Command::Receipt { events, output } => receipt::run(ctx, &events, &output).await,
        Command::Correct(args) => amend::correct(ctx, args).await,
        Command::Void(args) => amend::void(ctx, args).await,
        Command::Balance(args) => balance::run(ctx, args).await,
        Command::Tier(args) => tier::run(ctx, args).await,
        Command::Shortfall(args) => shortfall::run(ctx, args).await,
        Command::Log(args) => log::run(ctx, args).await,
        Command::Reads(args) => reads::run(ctx, args).await,
        Command::Login { server } => login::login(ctx, server).await,
        Command::Logout => login::logout(ctx),
        Command::Load { command } => load::run(ctx, command).await,
        Command::Review { command } => review::run(ctx, command).await,
        Command::Merge { command } => merge::run(ctx, command).await,
        Command::Overlap { command } => overlap::run(ctx, command).await,
        Command::Schools(args) => schools::run(ctx, &args).await,
        Command::Organisations(args) => organisations::run(ctx, &args).await,
        Command::Rotation(args) => rotation::run(ctx, args).await,
        Command::Topics(args) => topics::run(ctx, args).await,
        Command::Works(args) => works::run(ctx, args).await,
        Command::Export(args) => export::run(ctx, args).await,
        Command::Inspections(args) => inspections::run(ctx, args).await,
        Command::Questions(args) => questions::run(ctx, args).await,
        Command::Sessions(args) => sessions::run(ctx, &args).await,
        Command::Cert { command } => cert::run(ctx, command).await,
        Command::Calendar { command } => calendar::run(ctx, command).await,
        Command::Policy { command } => policy::run(ctx, command).await,
        Command::Year { command } => year::run(ctx, command).await,
        Command::Figures { command } => figures::run(ctx, command).await,
        Command::People { command } => people::run(ctx, command).await,
        Command::Audit { command } => audit::run(ctx, command).await,
        Command::Token { command } => token::run(ctx, command),
        Command::Account { command } => account::run(ctx, command).await,
        Command::Compact => compact::run(ctx).await,
        Command::Backup { dir } => backup::backup(ctx, dir).await,
        Command::Restore { dir } => backup::restore(ctx, &dir).await,
        Command::Doctor(args) => doctor::run(ctx, args).await,
        Command::Bus { command } => bus::run(ctx, command).await,
        Command::Completions { shell } => completions::run(ctx, shell),
        Command::Help { command } => completions::help(ctx, &command),
    }
}

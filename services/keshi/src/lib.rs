//! The one binary `keshi`: the command line and the composition root.
//!
//! ```text
//! main ─▶ run(args, env, io) ─▶ cli (clap tree, both languages)
//!                                 ├─▶ commands/*  ask a running `keshi up` over gRPC (remote), print (show)
//!                                 └─▶ up          people, engine, bus, gRPC services: one process, or two over NATS
//! ```
//!
//! Nothing below `main` reads the process environment, touches the terminal, or ends the process: variables come through
//! the closure `env`, texts go through [`Io`], and the result is an [`Exit`]. What a user might pipe goes to stdout,
//! everything else to stderr.
#![deny(missing_docs)]

mod cli;
mod commands;
mod exit;
mod remote;
mod show;
mod texts;
mod tls;
mod up;

use std::borrow::Cow;
use std::ffi::OsString;
use std::io::{BufRead, Write};

use keshi_core::lang::Lang;

use crate::cli::{Asked, Globals};
pub use crate::exit::Exit;
use crate::exit::{Failure, Outcome, Say, say};
use crate::show::table::{Width, fold};

/// Where texts come from and go to.
pub struct Io {
    /// What `post -` reads.
    pub stdin: Box<dyn BufRead + Send>,
    /// Data, and nothing else.
    pub stdout: Box<dyn Write + Send>,
    /// Errors, hints, progress.
    pub stderr: Box<dyn Write + Send>,
    /// Whether a person looks at stdout.
    pub stdout_is_terminal: bool,
    /// How wide stdout is, in columns, where that is known.
    pub columns: Option<usize>,
    /// Whether a person looks at stderr: only then is progress drawn.
    pub stderr_is_terminal: bool,
    /// Starts the program's own log. Called once, before anything is logged.
    pub start_log: fn(LogLevel),
}

/// How much the program says of its own doings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// A server: what an operator wants to find later.
    Server,
    /// A command that ends soon: only what went wrong.
    Command,
}

/// How variables are looked up.
pub(crate) type Env<'a> = dyn Fn(&str) -> Option<OsString> + 'a;

/// What every command is given.
pub(crate) struct Ctx<'a> {
    pub(crate) lang: Lang,
    pub(crate) globals: Globals,
    pub(crate) env: &'a Env<'a>,
    pub(crate) io: &'a mut Io,
}

impl Ctx<'_> {
    /// Prints a line of the answer.
    pub(crate) fn print(&mut self, line: impl AsRef<str>) -> Outcome {
        Ok(writeln!(self.io.stdout, "{}", visible(line.as_ref()))?)
    }

    /// Prints an answer of several lines, none wider than the screen.
    pub(crate) fn print_text(&mut self, text: &str) -> Outcome {
        let folded = fold(text, self.width());
        self.print(folded.trim_end())
    }

    /// How wide tables may be: what `COLUMNS` says, else the terminal; without either as wide as they are.
    pub(crate) fn width(&self) -> Width {
        width(self.env, self.io)
    }

    /// Says a line beside the answer, on stderr. One that cannot be written is lost.
    pub(crate) fn note(&mut self, line: &Say) {
        // In the order in which it was said, also where both end on one screen.
        drop(self.io.stdout.flush());
        let line = line.pick(self.lang);
        let folded = fold(line, self.width());
        // A blank line at its end keeps it apart from the next.
        let folded = if line.ends_with('\n') {
            &folded
        } else {
            folded.trim_end()
        };
        drop(writeln!(self.io.stderr, "{}", visible(folded)));
        drop(self.io.stderr.flush());
    }
}

/// How wide what is printed may be.
fn width(env: &Env<'_>, io: &Io) -> Width {
    let said = env("COLUMNS").and_then(|columns| columns.to_str()?.parse().ok());
    Width(said.filter(|columns| *columns > 0).or(io.columns))
}

/// The text with control characters as signs that can be seen: what stands in a cell or a name moves nobody's cursor.
fn visible(text: &str) -> Cow<'_, str> {
    let is_control = |c: char| c.is_control() && c != '\n' && c != '\t';
    if !text.contains(is_control) {
        return Cow::Borrowed(text);
    }
    let sign = |c: char| match u32::from(c) {
        _ if !is_control(c) => c,
        code @ 0..=0x1F => char::from_u32(0x2400 + code).unwrap_or('\u{FFFD}'),
        0x7F => '\u{2421}',
        _ => '\u{FFFD}',
    };
    Cow::Owned(text.chars().map(sign).collect())
}

/// Runs one command line; `args` begins with the program's name, `env` looks up a variable.
pub fn run(args: impl IntoIterator<Item = OsString>, env: impl Fn(&str) -> Option<OsString>, io: &mut Io) -> Exit {
    let args: Vec<OsString> = args.into_iter().collect();
    let lang = cli::language(&args, &env);
    let result = run_line(&args, &env, lang, io);
    let flushed = io.stdout.flush().map_err(Failure::from);
    match result.and(flushed) {
        Ok(()) => Exit::Done,
        Err(failure) => {
            // A reader that is gone cannot be told so.
            let folded = fold(&failure.text(lang), width(&env, io));
            drop(io.stderr.write_all(folded.as_bytes()));
            drop(io.stderr.flush());
            failure.exit
        }
    }
}

fn run_line(args: &[OsString], env: &Env<'_>, lang: Lang, io: &mut Io) -> Outcome {
    let (globals, command) = match cli::parse(args, lang)? {
        Asked::Run(asked) => *asked,
        Asked::Text(text) => return Ok(io.stdout.write_all(text.as_bytes())?),
    };
    (io.start_log)(commands::log_level(&command));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(say("无法启动运行环境", "the runtime cannot start").because(&error)))?;
    let ctx = &mut Ctx { lang, globals, env, io };
    let result = runtime.block_on(commands::run(ctx, command));
    remote::keep_owner(ctx);
    // Blocking work that was given up, such as a look at a slow disk, must not keep the program from ending.
    runtime.shutdown_background();
    result
}

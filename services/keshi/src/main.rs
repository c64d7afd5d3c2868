//! `keshi`: turns the result of [`keshi::run`] into an exit code, and nothing else.

use std::io::{self, BufReader, IsTerminal as _};
use std::process::ExitCode;

use keshi::{Io, LogLevel};
use tracing_subscriber::EnvFilter;

/// A third of an event's way was spent in the system's allocator, much of it freeing what another thread had allocated.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Whatever is written, data, copies and exports alike, is its owner's alone, also under a generous umask.
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    let mut io = Io {
        stdin: Box::new(BufReader::new(io::stdin())),
        stdout: Box::new(io::BufWriter::new(io::stdout())),
        stderr: Box::new(io::stderr()),
        stdout_is_terminal: io::stdout().is_terminal(),
        columns: columns(),
        stderr_is_terminal: io::stderr().is_terminal(),
        start_log,
    };
    keshi::run(std::env::args_os(), |name| std::env::var_os(name), &mut io).into()
}

/// How wide the terminal is that stdout goes to.
fn columns() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    (size.ws_col > 0).then_some(size.ws_col.into())
}

/// Sends the program's own log to stderr. `RUST_LOG` says otherwise, as is usual.
fn start_log(level: LogLevel) {
    let usual = match level {
        LogLevel::Server => "info,sled=warn,async_nats=warn",
        LogLevel::Command => "error",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(usual));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr);
    // It fails only if a log was started before, and then there is one.
    drop(log.try_init());
}

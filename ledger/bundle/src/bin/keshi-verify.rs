//! Checks bundles of a Keshi ledger with nothing but the public key (`ledger/docs/audit.md`).

use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args_os()
        .skip(1)
        .map(|arg| arg.to_string_lossy().into_owned())
        .collect();
    let variable = |name: &str| std::env::var(name).ok();
    let (mut out, mut err) = (std::io::stdout().lock(), std::io::stderr().lock());
    ExitCode::from(keshi_bundle::program::run(&args, variable, &mut out, &mut err))
}

//! What to try once the services run, as command lines that work as they stand.

use super::config::Config;
use crate::Ctx;
use crate::exit::{Say, say};
use crate::remote::DEFAULT_ADDRESS;

/// What to try next, with what the commands need to find this server.
pub(super) fn next_steps(ctx: &Ctx<'_>, config: &Config, address: &str) -> Say {
    if config.sample.is_some() {
        return say("按 Ctrl-C 停止", "Ctrl-C stops it");
    }
    let keshi = program(ctx);
    let find = find_flags(ctx, config, address);
    // Tokens and the doctor's findings are matters of the data directory, not of a server.
    let data = ctx
        .globals
        .data
        .as_ref()
        .map(|dir| format!(" --data {}", dir.display()))
        .unwrap_or_default();
    let mut lines = Vec::new();
    if config.roles.intake {
        lines.push((
            format!("{keshi} import 表格目录{find}"),
            format!("{keshi} import DIR{find}"),
        ));
        if !config.dev {
            lines.push((
                format!("{keshi} token create clerk --school 学校编号{data}"),
                format!("{keshi} token create clerk --school SCHOOL{data}"),
            ));
            lines.push((
                format!("{keshi} account create --role teacher --for-school 学校编号{find}"),
                format!("{keshi} account create --role teacher --for-school SCHOOL{find}"),
            ));
        }
    }
    if config.roles.ledger {
        lines.push((
            format!("{keshi} audit replay{find}"),
            format!("{keshi} audit replay{find}"),
        ));
    }
    lines.push((format!("{keshi} doctor{data}"), format!("{keshi} doctor{data}")));
    let (zh, en): (Vec<_>, Vec<_>) = lines.into_iter().unzip();
    say(
        format!("接下来可试：\n  {}\n按 Ctrl-C 停止", zh.join("\n  ")),
        format!("to try next:\n  {}\nCtrl-C stops it", en.join("\n  ")),
    )
}

/// How the user starts this program.
pub(super) fn program(ctx: &Ctx<'_>) -> &'static str {
    match (ctx.env)("CARGO_MANIFEST_DIR") {
        // As it was built: another profile would be built first, for minutes.
        Some(_) if cfg!(debug_assertions) => "cargo run -q --",
        Some(_) => "cargo run -q --release --",
        None => "keshi",
    }
}

/// The options that lead another command to this server.
pub(super) fn find_flags(ctx: &Ctx<'_>, config: &Config, address: &str) -> String {
    if config.tls.is_some() {
        // By which of its names the certificate is to be asked is not known here; the directory is.
        return format!(" --data {}", config.data.root.display());
    }
    if let Some(dir) = ctx.globals.data.as_ref().filter(|_| !config.dev) {
        return format!(" --data {}", dir.display());
    }
    let is_usual = address == DEFAULT_ADDRESS;
    if config.dev && !is_usual {
        return format!(" --server {address}");
    }
    String::new()
}

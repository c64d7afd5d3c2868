//! `keshi completions` and `keshi help`.

use clap_complete::Shell;

use crate::Ctx;
use crate::cli;
use crate::exit::{Failure, Outcome, say};

pub(super) fn run(ctx: &mut Ctx<'_>, shell: Shell) -> Outcome {
    // To memory first: the generator panics when its output breaks.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut cli::whole(ctx.lang), "keshi", &mut script);
    Ok(std::io::Write::write_all(&mut ctx.io.stdout, &script)?)
}

pub(super) fn help(ctx: &mut Ctx<'_>, path: &[String]) -> Outcome {
    let mut command = cli::whole(ctx.lang);
    for name in path {
        command = match command.find_subcommand(name) {
            Some(sub) => sub.clone(),
            None => {
                return Err(Failure::usage(say(
                    format!("没有 {} 这个命令，详见 keshi help", path.join(" ")),
                    format!("there is no command {}, see keshi help", path.join(" ")),
                )));
            }
        };
    }
    ctx.print(cli::localized(&command.render_help().to_string(), ctx.lang).trim_end())
}

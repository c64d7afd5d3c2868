//! `keshi bus`: which bus a ledger follows. It works on the data directory, while no keshi has it open.

use keshi_bus::nats::{self, AttachError, Moved};
use keshi_bus::{Followed, Follows};
use keshi_log::Log;
use keshi_office::layout::OfficeDir;

use crate::Ctx;
use crate::cli::{BusArg, BusCommand, NatsArgs};
use crate::exit::{Failure, Outcome, causes, say};
use crate::remote::Place;
use crate::texts::names::count;
use crate::up::{config_failure, engine_failure, follows_failure, nats_config};

pub(super) async fn run(ctx: &mut Ctx<'_>, command: BusCommand) -> Outcome {
    let dir = Place::of(ctx)?.office(ctx.globals.office.as_deref())?;
    match command {
        BusCommand::Attach { bus, nats } => attach(ctx, &dir, bus, &nats).await,
        BusCommand::Show => show(ctx, &dir),
    }
}

async fn attach(ctx: &mut Ctx<'_>, dir: &OfficeDir, bus: BusArg, args: &NatsArgs) -> Outcome {
    // Held to the end: nothing may be recorded meanwhile.
    let log = Log::open(dir.ledger()).map_err(|error| engine_failure(&error.into()))?;
    let follows = open(dir)?;
    let end = log.committed();
    match bus {
        BusArg::Embedded => follows
            .follow(Followed::Embedded, end.size)
            .map_err(|error| follows_failure(&error))?,
        BusArg::Nats(url) => {
            let config = nats_config(ctx.env, &url, &log.identity().office, args);
            let moved = Moved {
                ledger_id: log.identity().ledger_id,
                size: end.size,
                root: *end.root.as_bytes(),
                cursor: end.cursor,
            };
            let attached = nats::attach(&config, &follows, moved).await;
            attached.map_err(|error| attach_failure(&error))?;
        }
    }
    let line = following(&follows).pick(ctx.lang).to_owned();
    let size = count(end.size);
    let line = ctx.lang.pick(
        format!("台账共 {size} 条，从此{line}"),
        format!("the ledger of {size} entries from now on {line}"),
    );
    ctx.print_text(&line)
}

fn show(ctx: &mut Ctx<'_>, dir: &OfficeDir) -> Outcome {
    let line = following(&open(dir)?).pick(ctx.lang).to_owned();
    let line = ctx.lang.pick(format!("台账{line}"), format!("the ledger {line}"));
    ctx.print_text(&line)
}

fn open(dir: &OfficeDir) -> Outcome<Follows> {
    Follows::open(dir.bus()).map_err(|error| follows_failure(&error))
}

fn following(follows: &Follows) -> crate::exit::Say {
    match follows.current() {
        None => say("尚未跟随任何总线", "follows nothing yet"),
        Some(Followed::Embedded) => say("不跟随流", "follows no stream"),
        Some(Followed::Stream(id)) => say(
            format!("跟随流 {}（{}）", id.stream, id.stream_id),
            format!("follows stream {} ({})", id.stream, id.stream_id),
        ),
    }
}

fn attach_failure(error: &AttachError) -> Failure {
    let en = causes(error);
    let text = |zh: String| say(zh, en.clone());
    match error {
        AttachError::Config(error) => config_failure(error),
        AttachError::Unreachable { reason } => {
            Failure::unreachable(text(format!("连不上 NATS（{reason}）：请启动服务器或更正地址")))
        }
        AttachError::JetStreamOff { .. } => {
            Failure::failed(text("NATS 没有启用 JetStream：请在 nats.conf 中启用".to_owned()))
        }
        AttachError::CannotCreate { stream, reason } => Failure::failed(text(format!("无法建立流 {stream}：{reason}"))),
        AttachError::Occupied { stream, size, why } => Failure::failed(text(format!(
            "已有流 {stream}，它接不上这个 {size} 条的台账（{why}）：请换一台服务器；若其中没有需要的内容，请其管理员删除该流"
        ))),
        AttachError::Memory(error) => follows_failure(error),
    }
}

#[cfg(test)]
mod tests {
    use keshi_bus::FollowsError;

    use super::*;

    #[test]
    fn a_memory_that_cannot_be_read_is_exit_code_four() {
        let error = FollowsError::Damaged {
            path: "/d/bus".into(),
            line: 3,
        };
        let failure = attach_failure(&AttachError::Memory(error));
        assert_eq!(failure.exit, crate::Exit::NotVerified);
        assert!(failure.text(keshi_core::lang::Lang::Zh).contains("/d/bus"));
    }
}

//! Which ledger a new data directory becomes: one of its own, or that of the stream it is to follow.

use std::time::Duration;

use keshi_bus::nats::{InspectError, NatsConfig, Role, inspect};
use keshi_office::layout::OfficeDir;
use tokio::time::sleep;
use uuid::Uuid;

use super::config::{BusConfig, Config};
use crate::Ctx;
use crate::exit::{Failure, Outcome, causes, say};

/// How often a standby looks whether there is a stream to follow.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// The id that a new ledger gets; without meaning where there is one already.
///
/// A new standby, or a primary that is to be rebuilt, is the ledger of the stream. A standby waits until there is one;
/// a primary that cannot see begins a ledger of its own, and will not follow a stream of another one later.
pub(super) async fn new_ledger_id(ctx: &mut Ctx<'_>, config: &Config, dir: &OfficeDir) -> Outcome<Uuid> {
    let BusConfig::Nats { config: nats, role } = &config.bus else {
        return Ok(Uuid::new_v4());
    };
    if dir.ledger().exists() {
        return Ok(Uuid::new_v4());
    }
    if *role == Role::Primary {
        return primary(ctx, nats).await;
    }
    standby(ctx, nats).await
}

async fn primary(ctx: &mut Ctx<'_>, nats: &NatsConfig) -> Outcome<Uuid> {
    match inspect(nats).await {
        Ok(found) => Ok(found.and_then(|stream| stream.ledger_id).unwrap_or_else(Uuid::new_v4)),
        Err(InspectError::Config(error)) => Err(config_failure(&error)),
        Err(error) => {
            let why = causes(&error);
            ctx.note(&say(
                format!("暂时连不上 NATS（{why}），新建台账；若本应跟随已有的流，请在 NATS 恢复后清空目录重来"),
                format!(
                    "nats is not reached now ({why}), so this becomes a new ledger; if it was to follow an existing \
                     stream, empty the directory and start again once nats is back"
                ),
            ));
            Ok(Uuid::new_v4())
        }
    }
}

async fn standby(ctx: &mut Ctx<'_>, nats: &NatsConfig) -> Outcome<Uuid> {
    let mut said = String::new();
    loop {
        let trouble = match inspect(nats).await {
            Ok(Some(stream)) => match stream.ledger_id {
                Some(id) => return Ok(id),
                None => "the stream names no ledger".to_owned(),
            },
            Ok(None) => format!("stream {} does not exist yet", nats.stream()),
            Err(InspectError::Config(error)) => return Err(config_failure(&error)),
            Err(error) => causes(&error),
        };
        if trouble != said {
            ctx.note(&say(
                format!("备节点等待主节点的流（{trouble}）"),
                format!("the standby waits for its primary's stream: {trouble}"),
            ));
            said = trouble;
        }
        sleep(LOOK_EVERY).await;
    }
}

pub(crate) fn config_failure(error: &keshi_bus::nats::ConfigError) -> Failure {
    let why = causes(error);
    Failure::usage(say(format!("NATS 设置不可用：{why}"), why))
}

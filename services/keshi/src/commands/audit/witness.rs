//! `keshi audit witness`: a second party, on a machine of her own, who cosigns the checkpoints of a ledger that goes on from what she
//! cosigned before, and nothing else.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use jiff::Timestamp;
use keshi_office::witness::{Witness, WitnessError};
use keshi_verify::witness::{AddCheckpoint, MAX_REQUEST_BYTES, Refusal, SIZE_TYPE};
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;
use tracing::{error, info, warn};

use super::check::read_key;
use crate::Ctx;
use crate::cli::WitnessArgs;
use crate::exit::{Failure, Outcome, causes, say};
use crate::up::{WITNESS_PORT, wait_for_signal};

pub(super) async fn run(ctx: &mut Ctx<'_>, args: &WitnessArgs) -> Outcome {
    let keys = args.keys.iter().map(|key| read_key(key)).collect::<Outcome<Vec<_>>>()?;
    let witness =
        Witness::open_or_create(&args.dir, args.name.as_deref(), keys).map_err(|error| failure(&error, &args.dir))?;
    let listen = args
        .listen
        .clone()
        .unwrap_or_else(|| format!("127.0.0.1:{WITNESS_PORT}"));
    let unserved = |error: &std::io::Error| {
        Failure::failed(
            say(
                format!("无法在 {listen} 提供见证：请核对 --listen"),
                format!("nothing can be served on {listen}: check --listen"),
            )
            .because(error),
        )
    };
    let listener = TcpListener::bind(&listen).await.map_err(|error| unserved(&error))?;
    let address = listener.local_addr().map_err(|error| unserved(&error))?;
    let (public, dir) = (witness.public().to_string(), args.dir.display());
    if witness.is_new() {
        ctx.note(&say(
            format!("首次启动：见证的签名密钥在 {dir}（仅您可读）；该目录不得退回旧副本，丢失即另建一个见证"),
            format!(
                "first start: the key that cosigns is in {dir} (readable by you only); that directory must never be put back to an older \
                 copy: if it is lost, begin another witness"
            ),
        ));
    }
    ctx.note(&say(
        format!("见证 http://{address} · 公钥 {public}\n教研室以 keshi up --witness http://{address} {public} 请求见证"),
        format!("witness on http://{address} · public key {public}\nthe office asks with keshi up --witness http://{address} {public}"),
    ));
    let pages = Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .layer(DefaultBodyLimit::max(MAX_REQUEST_BYTES))
        .with_state(Arc::new(witness));
    let ended = wait_for_signal()?;
    let served = axum::serve(listener, pages).with_graceful_shutdown(ended).await;
    served.map_err(|error| unserved(&error))
}

async fn add_checkpoint(State(witness): State<Arc<Witness>>, body: Bytes) -> Response {
    let Some(request) = AddCheckpoint::parse(&body) else {
        return refused(Refusal::Form);
    };
    let time = u64::try_from(Timestamp::now().as_second()).unwrap_or_default();
    let asked = request.clone();
    let answered = spawn_blocking(move || witness.cosign(&asked, time)).await;
    match answered {
        Ok(Ok(Ok(line))) => line.into_response(),
        Ok(Ok(Err(refusal))) => {
            match refusal {
                Refusal::OtherRoot { .. } | Refusal::NotConsistent => {
                    error!(%refusal, request = %request, "a ledger is not what was cosigned");
                }
                Refusal::Form | Refusal::UnknownLedger | Refusal::NotSigned | Refusal::OtherSize { .. } => {
                    info!(%refusal, "not cosigned");
                }
            }
            refused(refusal)
        }
        Ok(Err(cause)) => {
            error!(%cause, "nothing can be cosigned");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Err(cause) => {
            warn!(%cause, "cosigning broke off");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn refused(refusal: Refusal) -> Response {
    let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match refusal {
        Refusal::OtherSize { size } => (status, [(CONTENT_TYPE, SIZE_TYPE)], format!("{size}\n")).into_response(),
        Refusal::Form
        | Refusal::UnknownLedger
        | Refusal::NotSigned
        | Refusal::OtherRoot { .. }
        | Refusal::NotConsistent => (status, format!("{refusal}\n")).into_response(),
    }
}

fn failure(error: &WitnessError, dir: &Path) -> Failure {
    let (en, dir) = (causes(error), dir.display());
    let zh = match error {
        WitnessError::Io { path, .. } => format!("{} 无法读写：请检查磁盘和权限", path.display()),
        WitnessError::NoChance => "系统取不到随机数，无法生成密钥：请重试".to_owned(),
        WitnessError::Key { path, .. } => format!("{} 不是见证的密钥（{en}）", path.display()),
        WitnessError::OtherName { found, .. } => format!("{dir} 中的密钥名为 {found}：请去掉 --name，或另用一个目录"),
        WitnessError::Damaged { path } => {
            let path = path.display();
            return Failure::not_verified(say(
                format!("{path} 不是所签过的检查点：请从副本放回，或另用目录和新密钥"),
                en,
            ));
        }
    };
    Failure::failed(say(zh, en))
}

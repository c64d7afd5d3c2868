//! `keshi login` and `keshi logout`: a server and its token, kept for the commands to come.

use crate::Ctx;
use crate::cli::ServerArg;
use crate::exit::{Outcome, say};
use crate::remote::{Login, Session};

/// Keeps the server and the token, once the server has accepted it.
pub(super) async fn login(ctx: &mut Ctx<'_>, server: ServerArg) -> Outcome {
    let (session, login) = Session::log_in(ctx, server).await?;
    session.close().await?;
    let path = login.save(ctx.env)?;
    let (server, path) = (&login.server, path.display());
    ctx.note(&say(
        format!("已登录 {server}，服务地址和令牌存于 {path}（仅本用户可读）；keshi logout 退出"),
        format!(
            "logged in at {server}; address and token are in {path} (readable by you only), keshi logout removes them"
        ),
    ));
    Ok(())
}

pub(super) fn logout(ctx: &mut Ctx<'_>) -> Outcome {
    let said = if Login::forget(ctx.env)? {
        say(
            "已退出：本机不再保存令牌（令牌本身仍有效，撤销请用 keshi token revoke）",
            "logged out: the token is not kept here any more (it is still good until keshi token revoke ends it)",
        )
    } else {
        say("没有登录", "nobody was logged in")
    };
    ctx.note(&said);
    Ok(())
}

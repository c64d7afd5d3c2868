//! Her own account: password, sessions, and who signed in.

use axum::extract::State;
use axum::http::header::{HeaderMap, USER_AGENT};
use axum::response::{IntoResponse as _, Redirect, Response};
use keshi_proto::api;
use keshi_words::account::{SIGN_INS, sign_in_cells};
use keshi_words::time::moment;
use maud::{Markup, html};
use serde::Deserialize;
use tonic::Status;

use crate::Console;
use crate::extract::Filled;
use crate::fault::{Answer, refused};
use crate::form::field;
use crate::page::page;
use crate::table::{Set, Table, text};
use crate::visitor::{Visitor, with_session};

pub(crate) async fn show(visitor: Visitor) -> Answer {
    shown(visitor, None).await
}

pub(super) async fn shown(visitor: Visitor, wrong: Option<&Status>) -> Answer {
    let api = &visitor.api;
    let failed = |status| visitor.unanswered(status);
    let sessions = api
        .accounts()
        .list_sessions(api.call(api::ListSessionsRequest::default()))
        .await;
    let sessions = sessions.map_err(failed)?.into_inner().sessions;
    let request = api::ListSignInsRequest {
        account: visitor.who.id.clone(),
        page_size: 50,
        ..api::ListSignInsRequest::default()
    };
    let sign_ins = api
        .accounts()
        .list_sign_ins(api.call(request))
        .await
        .map_err(failed)?
        .into_inner();
    let me = api.accounts().who_am_i(api.call(api::WhoAmIRequest {})).await;
    let has_second = me.map_err(failed)?.into_inner().has_second_factor;
    let content = html! {
        @if let Some(wrong) = wrong { p.problem role="alert" { (wrong.message()) } }
        p.about { span { (visitor.who.id) } span { (visitor.lang.pick(visitor.role().zh(), visitor.role().en())) } }
        h2 { (visitor.say("修改密码", "Change the password")) }
        form.stack method="post" action="/account/password" {
            (own_password(&visitor))
            (field(visitor.say("新密码（至少 10 个字符）", "new password (at least 10 characters)"), &html! { input type="password" name="new_password" required minlength="10" maxlength="1024" autocomplete="new-password"; }))
            div.actions { button { (visitor.say("修改", "change it")) } }
        }
        h2 { (visitor.say("动态口令", "A code besides the password")) }
        (second_factor(&visitor, has_second))
        h2 { (visitor.say("正在登录的地方", "Where you are signed in")) }
        (sessions_table(&visitor, &sessions))
        h2 { (visitor.say("登录记录", "Sign-ins")) }
        (sign_ins_table(&visitor, &sign_ins.sign_ins))
    };
    let page = page(&visitor, visitor.say("我的账号", "My account"), &content);
    Ok(refused(page, wrong))
}

fn second_factor(visitor: &Visitor, has_one: bool) -> Markup {
    html! {
        @if has_one {
            p { span.tag.good { (visitor.say("已启用", "asked for")) } " " (visitor.say("登录时除密码外，还要填手机应用上的六位数字。", "when you sign in, you are asked for six digits of your telephone's app, too.")) }
            form.stack method="post" action="/account/second" {
                (field(visitor.say("动态口令", "code"), &html! { input name="code" required inputmode="numeric" autocomplete="one-time-code" maxlength="7" size="8"; }))
                (own_password(visitor))
                div.actions { button.second { (visitor.say("停用动态口令", "ask for it no more")) } }
            }
        } @else {
            p.hint { (visitor.say(
                "启用后，登录时除密码外还要填手机应用上每半分钟一换的六位数字；别人知道密码也进不来。",
                "once set, you are asked for six digits that an app on your telephone changes every half minute: whoever learns your password does not get in.",
            )) }
            p.actions { a.button.second href="/account/second" { (visitor.say("启用动态口令", "set it up")) } }
        }
    }
}

/// Her password, once more.
pub(super) fn own_password(visitor: &Visitor) -> Markup {
    field(
        visitor.say("现在的密码", "your password"),
        &html! { input type="password" name="password" required autocomplete="current-password" maxlength="1024"; },
    )
}

/// The columns of a list of sessions.
pub(super) const SESSIONS: [(&str, &str); 4] = [
    ("开始", "since"),
    ("最近", "last seen"),
    ("地址", "address"),
    ("设备", "device"),
];

/// A session in these columns.
pub(super) fn session_cells(session: &api::AccountSession) -> [Markup; 4] {
    let at = |at: Option<&prost_types::Timestamp>| at.map(moment).unwrap_or_default();
    [
        text(at(session.begun_at.as_ref())),
        text(at(session.seen_at.as_ref())),
        text(&session.address),
        text(&session.device),
    ]
}

fn sessions_table(visitor: &Visitor, sessions: &[api::AccountSession]) -> Markup {
    let [begun, seen, from, device] = SESSIONS.map(|(zh, en)| (visitor.say(zh, en), Set::Text));
    let mut table = Table::new([begun, seen, from, device, ("", Set::Text)]);
    for session in sessions {
        let [begun, seen, from, device] = session_cells(session);
        table.row([
            begun,
            seen,
            from,
            device,
            html! {
                @if session.is_this { span.tag.good { (visitor.say("这里", "here")) } }
                @else {
                    form method="post" action="/account/end" {
                        input type="hidden" name="session" value=(session.id);
                        button.second { (visitor.say("退出那里", "sign out there")) }
                    }
                }
            },
        ]);
    }
    table.render(visitor.say("会话", "sessions"))
}

/// A table with these columns, which are named in both languages; how often stands to the right.
pub(super) fn columns<const N: usize>(headings: [(&str, &str); N], visitor: &Visitor) -> Table {
    let set = |zh| if zh == "次数" { Set::Number } else { Set::Text };
    Table::new(headings.map(|(zh, en)| (visitor.say(zh, en), set(zh))))
}

/// Who signed in when and from where, or failed to.
pub(super) fn sign_ins_table(visitor: &Visitor, sign_ins: &[api::SignIn]) -> Markup {
    let mut table = columns(SIGN_INS, visitor);
    for line in sign_ins {
        table.row(sign_in_cells(line, visitor.lang).map(text));
    }
    html! {
        @if sign_ins.is_empty() { p.quiet { (visitor.say("没有记录", "none")) } }
        (table.render(visitor.say("登录记录", "sign-ins")))
    }
}

#[derive(Deserialize)]
pub(crate) struct NewPassword {
    password: String,
    new_password: String,
}

pub(crate) async fn set_password(
    State(console): State<Console>,
    visitor: Visitor,
    headers: HeaderMap,
    Filled(typed): Filled<NewPassword>,
) -> Answer {
    let device = headers
        .get(USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let request = visitor.call_from_her(api::SetPasswordRequest {
        password: typed.password,
        new_password: typed.new_password,
        device: device.to_owned(),
    });
    match visitor.api.accounts().set_password(request).await {
        Ok(answer) => {
            let secret = answer.into_inner().session_secret;
            Ok(with_session(
                &console,
                Redirect::to("/account").into_response(),
                Some(&secret),
            ))
        }
        Err(status) => shown(visitor, Some(&status)).await,
    }
}

#[derive(Deserialize)]
pub(crate) struct Ended {
    session: String,
}

pub(crate) async fn end(visitor: Visitor, Filled(ended): Filled<Ended>) -> Answer {
    let request = visitor.api.call(api::EndSessionRequest {
        session_id: ended.session,
        account: String::new(),
    });
    let asked = visitor.api.accounts().end_session(request).await;
    asked.map_err(|status| visitor.unanswered(status))?;
    let to: Response = Redirect::to("/account").into_response();
    Ok(to)
}

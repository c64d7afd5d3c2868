//! Coming in and going out.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, State};
use axum::http::StatusCode;
use axum::http::header::{HeaderMap, USER_AGENT};
use axum::response::{IntoResponse as _, Redirect, Response};
use keshi_door::Peer;
use keshi_office::access::{DevRole, RoleName, Scope};
use keshi_proto::api;
use maud::{Markup, html};
use serde::Deserialize;
use tonic::Status;
use tonic_types::StatusExt as _;

use super::own_address;
use crate::Console;
use crate::extract::{Filled, Question};
use crate::form::{choice, field};
use crate::page::open_page;
use crate::visitor::{Stranger, Visitor, with_session};

/// What was typed, and where she was going.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    to: String,
    account: String,
    password: String,
    /// The one-time code, once it was found good.
    code: String,
    new_password: String,
    again: String,
    /// Of her app, once the password was found good.
    second_code: String,
    // With `--dev`.
    role: String,
    school: String,
    teacher: String,
    subject: String,
}

pub(crate) async fn show(stranger: Stranger, Question(typed): Question<Typed>) -> Response {
    if stranger.console.0.is_dev {
        return role_page(&stranger, &typed, None);
    }
    password_page(&stranger, &typed, None)
}

pub(crate) async fn enter(
    State(console): State<Console>,
    stranger: Stranger,
    before: Option<Visitor>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Filled(typed): Filled<Typed>,
) -> Response {
    if console.0.is_dev {
        return enter_as(&console, &stranger, &typed);
    }
    let lang = stranger.lang;
    if !typed.code.is_empty() && typed.new_password != typed.again {
        let differ = lang.pick("两次输入的新密码不同", "the two new passwords differ");
        return new_password_page(&stranger, &typed, Some(differ));
    }
    let device = headers
        .get(USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let request = api::SignInRequest {
        account: typed.account.trim().to_owned(),
        password: if typed.code.is_empty() {
            typed.password.clone()
        } else {
            String::new()
        },
        code: typed.code.clone(),
        new_password: typed.new_password.clone(),
        device: device.to_owned(),
        second_code: typed.second_code.clone(),
    };
    match ask(&stranger, address.ip(), request).await {
        Ok(answer) if answer.must_set_password => {
            let next = Typed {
                code: typed.password.clone(),
                ..typed
            };
            new_password_page(&stranger, &next, None)
        }
        Ok(answer) if answer.needs_second_code => second_code_page(&stranger, &typed, None),
        Ok(answer) => {
            // Whoever was signed in here before is not any more: the browser may be a shared one.
            if let Some(before) = before {
                sign_out(&before).await;
            }
            let to = Redirect::to(own_address(&typed.to)).into_response();
            with_session(&console, to, Some(&answer.session_secret))
        }
        Err(status) if reason(&status) == "SecondCodeRefused" => {
            second_code_page(&stranger, &typed, Some(status.message()))
        }
        Err(status) if typed.code.is_empty() => password_page(&stranger, &typed, Some(status.message())),
        Err(status) => new_password_page(&stranger, &typed, Some(status.message())),
    }
}

async fn ask(stranger: &Stranger, from: IpAddr, request: api::SignInRequest) -> Result<api::SignInResponse, Status> {
    let client = stranger.client();
    let mut request = client.call(request);
    request.extensions_mut().insert(Peer(from));
    Ok(client.accounts().sign_in(request).await?.into_inner())
}

pub(crate) async fn leave(State(console): State<Console>, visitor: Option<Visitor>) -> Response {
    if let Some(visitor) = visitor.filter(|_| !console.0.is_dev) {
        sign_out(&visitor).await;
    }
    with_session(&console, Redirect::to("/signin").into_response(), None)
}

/// Ends a session.
async fn sign_out(visitor: &Visitor) {
    let asked = visitor
        .api
        .accounts()
        .sign_out(visitor.api.call(api::SignOutRequest {}))
        .await;
    if let Err(status) = asked {
        // Her browser forgets it all the same, and it ends by itself.
        tracing::warn!(code = ?status.code(), "a session was not ended");
    }
}

fn password_page(stranger: &Stranger, typed: &Typed, wrong: Option<&str>) -> Response {
    let lang = stranger.lang;
    let content = html! {
        (problem(wrong))
        form.stack method="post" action="/signin" {
            input type="hidden" name="to" value=(typed.to);
            (field(lang.pick("账号", "account"), &html! {
                input name="account" value=(typed.account) required autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="64";
            }))
            (field(lang.pick("密码（首次登录填一次性代码）", "password (the one-time code the first time)"), &html! {
                input type="password" name="password" required autocomplete="current-password" maxlength="1024";
            }))
            div.actions { button { (lang.pick("登录", "sign in")) } }
        }
        p.hint { (lang.pick("没有账号，或忘了密码：请系统管理员发一次性代码。", "no account, or the password is forgotten: ask the admin for a one-time code.")) }
    };
    refused(open_page(stranger, lang.pick("登录", "Sign in"), &content), wrong)
}

fn new_password_page(stranger: &Stranger, typed: &Typed, wrong: Option<&str>) -> Response {
    let lang = stranger.lang;
    let content = html! {
        (problem(wrong))
        p { (lang.pick("一次性代码正确。请设自己的密码，至少 10 个字符。", "the code is good. Choose a password of your own, at least 10 characters.")) }
        form.stack method="post" action="/signin" {
            input type="hidden" name="to" value=(typed.to);
            input type="hidden" name="account" value=(typed.account);
            input type="hidden" name="code" value=(typed.code);
            (field(lang.pick("新密码", "new password"), &html! { input type="password" name="new_password" required minlength="10" maxlength="1024" autocomplete="new-password"; }))
            (field(lang.pick("再输一次", "once more"), &html! { input type="password" name="again" required maxlength="1024" autocomplete="new-password"; }))
            div.actions { button { (lang.pick("设好密码并登录", "set it and sign in")) } }
        }
    };
    refused(
        open_page(stranger, lang.pick("设密码", "Set a password"), &content),
        wrong,
    )
}

/// The password is good; it comes along once more, since nothing is kept of somebody who is not in yet.
fn second_code_page(stranger: &Stranger, typed: &Typed, wrong: Option<&str>) -> Response {
    let lang = stranger.lang;
    let content = html! {
        (problem(wrong))
        p { (lang.pick("密码正确。请填手机应用上现在显示的六位动态口令。", "the password is good. Type the six digits that the app on your telephone shows now.")) }
        form.stack method="post" action="/signin" {
            input type="hidden" name="to" value=(typed.to);
            input type="hidden" name="account" value=(typed.account);
            input type="hidden" name="password" value=(typed.password);
            (field(lang.pick("动态口令", "code"), &second_code_input("second_code")))
            div.actions { button { (lang.pick("登录", "sign in")) } a href="/signin" { (lang.pick("重新开始", "begin anew")) } }
        }
        p.hint { (lang.pick("手机丢了：请系统管理员重置账号。", "the telephone is lost: ask the admin to reset the account.")) }
    };
    refused(open_page(stranger, lang.pick("动态口令", "Code"), &content), wrong)
}

/// Where the code of an app is typed.
pub(super) fn second_code_input(name: &str) -> Markup {
    html! { input name=(name) required inputmode="numeric" autocomplete="one-time-code" maxlength="7" size="8" autofocus; }
}

fn reason(status: &Status) -> String {
    status
        .get_details_error_info()
        .map_or_else(String::new, |info| info.reason)
}

fn problem(wrong: Option<&str>) -> Markup {
    html! { @if let Some(wrong) = wrong { p.problem role="alert" { (wrong) } } }
}

/// The same page, marked as refused where something was wrong.
fn refused(mut response: Response, wrong: Option<&str>) -> Response {
    if wrong.is_some() {
        *response.status_mut() = StatusCode::UNAUTHORIZED;
    }
    response
}

// === with --dev ===

fn enter_as(console: &Console, stranger: &Stranger, typed: &Typed) -> Response {
    let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let scope = Scope {
        school: some(&typed.school),
        teacher_id: some(&typed.teacher),
        subjects: some(&typed.subject).into_iter().collect(),
        ..Scope::default()
    };
    match DevRole::new(&typed.role, scope) {
        Ok(role) => with_session(
            console,
            Redirect::to(own_address(&typed.to)).into_response(),
            Some(&role.text()),
        ),
        Err(error) => role_page(stranger, typed, Some(&error.to_string())),
    }
}

fn role_page(stranger: &Stranger, typed: &Typed, wrong: Option<&str>) -> Response {
    let lang = stranger.lang;
    let roles: Vec<_> = [RoleName::Dev]
        .into_iter()
        .chain(RoleName::GRANTED)
        .map(|role| (role.as_str().to_owned(), lang.pick(role.zh(), role.en()).to_owned()))
        .collect();
    let content = html! {
        (problem(wrong))
        p { (lang.pick("试用：选一个身份，不需密码。", "for trying out: choose a role, without a password.")) }
        form.stack method="post" action="/signin" {
            input type="hidden" name="to" value=(typed.to);
            (field(lang.pick("身份", "role"), &choice("role", &roles, if typed.role.is_empty() { "dev" } else { &typed.role })))
            (field(lang.pick("学校编号（学校管理员、校长）", "school id (clerk, head teacher)"), &html! { input name="school" value=(typed.school) placeholder="LB-XX01"; }))
            (field(lang.pick("教师编号（教师、教研员）", "teacher id (teacher, researcher)"), &html! { input name="teacher" value=(typed.teacher) placeholder="LB-0001"; }))
            (field(lang.pick("学科（教研员）", "subject (researcher)"), &html! { input name="subject" value=(typed.subject); }))
            div.actions { button { (lang.pick("进入", "go on")) } }
        }
    };
    open_page(stranger, lang.pick("选择身份", "Choose a role"), &content)
}

//! 动态口令: setting up the app that makes codes, and doing without it again.

use axum::response::{IntoResponse as _, Redirect};
use keshi_proto::api;
use maud::{Markup, html};
use qrcode::{Color, QrCode};
use serde::Deserialize;
use tonic::Status;

use super::account::{own_password, shown};
use super::signin::second_code_input;
use crate::extract::Filled;
use crate::fault::{Answer, refused};
use crate::form::field;
use crate::page::page;
use crate::visitor::Visitor;

/// What is to be set: with a secret the app's code is asked for, without one nothing is any more.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    password: String,
    secret: String,
    /// The secret as the QR code has it.
    url: String,
    code: String,
}

pub(crate) async fn show(visitor: Visitor) -> Answer {
    let request = visitor.api.call(api::NewSecondFactorRequest {});
    let answer = visitor.api.accounts().new_second_factor(request).await;
    let api::NewSecondFactorResponse { secret, url } =
        answer.map_err(|status| visitor.unanswered(status))?.into_inner();
    let typed = Typed {
        secret,
        url,
        ..Typed::default()
    };
    Ok(form(&visitor, &typed, None))
}

pub(crate) async fn set(visitor: Visitor, Filled(typed): Filled<Typed>) -> Answer {
    let request = visitor.call_from_her(api::SetSecondFactorRequest {
        password: typed.password.clone(),
        secret: typed.secret.clone(),
        code: typed.code.clone(),
    });
    match visitor.api.accounts().set_second_factor(request).await {
        Ok(_) => Ok(Redirect::to("/account").into_response()),
        Err(status) if typed.secret.is_empty() => shown(visitor, Some(&status)).await,
        Err(status) => Ok(form(&visitor, &typed, Some(&status))),
    }
}

fn form(visitor: &Visitor, typed: &Typed, wrong: Option<&Status>) -> axum::response::Response {
    let lang = visitor.lang;
    let spaced: Vec<String> = typed
        .secret
        .as_bytes()
        .chunks(4)
        .map(|part| String::from_utf8_lossy(part).into_owned())
        .collect();
    let content = html! {
        @if let Some(wrong) = wrong { p.problem role="alert" { (wrong.message()) } }
        p { (lang.pick(
            "在手机上打开一个动态口令应用（支持 TOTP 的都可以），扫这个码：",
            "open an app for codes on your telephone (any that knows TOTP), and let it read this:",
        )) }
        @if let Some(code) = qr(visitor, &typed.url) { (code) }
        p.hint { (lang.pick("扫不了就手工输入密钥：", "or type the secret: ")) code { (spaced.join(" ")) } }
        form.stack method="post" action="/account/second" {
            input type="hidden" name="secret" value=(typed.secret);
            input type="hidden" name="url" value=(typed.url);
            (field(lang.pick("应用上现在显示的六位数字", "the six digits that the app shows now"), &second_code_input("code")))
            (own_password(visitor))
            div.actions { button { (lang.pick("启用", "ask for it from now on")) } a href="/account" { (lang.pick("不启用", "leave it")) } }
        }
        p.hint { (lang.pick(
            "以后每次登录都要用到这部手机；丢了请系统管理员重置账号。",
            "you will need this telephone whenever you sign in; if it is lost, the admin resets the account.",
        )) }
    };
    refused(
        page(
            visitor,
            lang.pick("启用动态口令", "A code besides the password"),
            &content,
        ),
        wrong,
    )
}

/// The text as a picture that a telephone reads: dark on light in dark mode too, with the margin that readers need.
fn qr(visitor: &Visitor, text: &str) -> Option<Markup> {
    const MARGIN: usize = 4;
    if !text.starts_with("otpauth://") {
        return None;
    }
    let code = QrCode::new(text).ok()?;
    let width = code.width();
    let dark = code
        .to_colors()
        .into_iter()
        .enumerate()
        .filter(|(_, color)| *color == Color::Dark);
    let squares = dark.map(|(place, _)| {
        let (x, y) = (place % width + MARGIN, place / width + MARGIN);
        format!("M{x} {y}h1v1h-1z")
    });
    let path: String = squares.collect();
    let side = width + 2 * MARGIN;
    Some(html! {
        svg.qr role="img" aria-label=(visitor.say("二维码，内容即下面的密钥", "QR code of the secret below")) viewBox=(format!("0 0 {side} {side}")) width="220" height="220" {
            rect width=(side) height=(side) fill="#fff" {}
            path d=(path) fill="#000" {}
        }
    })
}

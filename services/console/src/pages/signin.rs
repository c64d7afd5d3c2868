//! Coming in and going out.

use axum::extract::{Form, State};
use axum::response::{IntoResponse, Redirect, Response};
use keshi_office::access::{DevRole, RoleName, Scope};
use maud::html;
use serde::Deserialize;

use crate::Console;
use crate::form::{choice, field};
use crate::page::open_page;
use crate::visitor::{Stranger, with_session};

pub(crate) async fn show(stranger: Stranger) -> Response {
    let lang = stranger.lang;
    let roles: Vec<_> = [RoleName::Dev]
        .into_iter()
        .chain(RoleName::GRANTED)
        .map(|role| (role.as_str().to_owned(), lang.pick(role.zh(), role.en()).to_owned()))
        .collect();
    let content = html! {
        p { (lang.pick("试用：选一个身份，不需密码。", "for trying out: choose a role, without a password.")) }
        form.stack method="post" action="/signin" {
            (field(lang.pick("身份", "role"), &choice("role", &roles, "dev")))
            (field(lang.pick("学校编号（学校管理员、校长）", "school id (clerk, head teacher)"), &html! { input name="school" placeholder="LB-XX01"; }))
            (field(lang.pick("教师编号（教师、教研员）", "teacher id (teacher, researcher)"), &html! { input name="teacher" placeholder="LB-0001"; }))
            (field(lang.pick("学科（教研员）", "subject (researcher)"), &html! { input name="subject"; }))
            button { (lang.pick("进入", "go on")) }
        }
    };
    open_page(&stranger, lang.pick("选择身份", "Choose a role"), &content)
}

#[derive(Deserialize)]
pub(crate) struct Chosen {
    role: String,
    #[serde(default)]
    school: String,
    #[serde(default)]
    teacher: String,
    #[serde(default)]
    subject: String,
}

pub(crate) async fn enter(State(console): State<Console>, stranger: Stranger, Form(chosen): Form<Chosen>) -> Response {
    let some = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let scope = Scope {
        school: some(chosen.school),
        teacher_id: some(chosen.teacher),
        subjects: some(chosen.subject).into_iter().collect(),
        ..Scope::default()
    };
    match DevRole::new(&chosen.role, scope) {
        Ok(role) => with_session(&console, Redirect::to("/").into_response(), Some(&role.text())),
        Err(error) => {
            let content = html! {
                p.problem role="alert" { (error) }
                p { a href="/signin" { (stranger.lang.pick("重选", "choose again")) } }
            };
            open_page(&stranger, stranger.lang.pick("选择身份", "Choose a role"), &content)
        }
    }
}

pub(crate) async fn leave(State(console): State<Console>) -> Response {
    with_session(&console, Redirect::to("/signin").into_response(), None)
}

//! The pages, one module for each.

mod account;
mod accounts;
mod acting;
mod amend;
mod audit;
mod certificates;
mod changes;
mod check;
mod claims;
mod comparison;
mod contests;
mod documents;
mod entries;
mod entry;
mod held;
mod home;
mod import;
mod inspections;
mod lists;
mod merges;
mod national;
mod operations;
mod organisations;
mod overlaps;
mod policies;
mod post;
mod questions;
mod reads;
mod rotations;
mod school;
mod second;
mod sessions;
mod shortfalls;
mod signin;
mod submissions;
mod teacher;
mod teachers;
mod titles;
mod topics;
mod works;
mod year;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use keshi_core::lang::{Lang, say};
use maud::html;
use serde::{Deserialize, Serialize};

use crate::Console;
use crate::extract::{Filled, misread};
use crate::page::open_page;
use crate::visitor::{Stranger, with_lang};

pub(crate) fn router() -> Router<Console> {
    Router::new()
        .route("/", get(home::show))
        .route("/signin", get(signin::show).post(signin::enter))
        .route("/signout", post(signin::leave))
        .route("/account", get(account::show))
        .route("/account/password", post(account::set_password))
        .route("/account/end", post(account::end))
        .route("/account/second", get(second::show).post(second::set))
        .route("/lang", post(choose_lang))
        .route("/shortfalls", get(shortfalls::show))
        .route("/shortfalls.xlsx", get(shortfalls::sheet))
        .route("/contests", get(contests::show))
        .route("/titles", get(titles::show))
        .route("/organisations", get(organisations::show))
        .route("/rotations", get(rotations::show))
        .route("/topics", get(topics::show))
        .route("/works", get(works::show))
        .route("/year", get(year::show))
        .route("/year/entries", get(year::entries))
        .route("/year/file", get(year::file))
        .route("/year/close", post(year::close))
        .route("/year/restate", post(year::restate))
        .route("/national", get(national::show).post(national::export))
        .route("/questions", get(questions::show).post(questions::act))
        .route("/questions/rate", post(questions::rate))
        .route("/inspections", get(inspections::show).post(inspections::look))
        .route("/overlaps", get(overlaps::show).post(overlaps::accept))
        .route("/merges", get(merges::show).post(merges::merge))
        .route("/merges/reverse", post(merges::reverse))
        .route("/school", get(school::show))
        .route("/school.xlsx", get(school::sheet))
        .route("/policies", get(policies::show))
        .route("/policies/{id}/{version}", get(policies::one))
        .route("/calendars", get(lists::calendars))
        .route("/schools", get(lists::schools_named))
        .route("/loads", get(lists::loads))
        .route("/audit", get(audit::show).post(audit::replay))
        .route("/audit/bundle", get(audit::bundle))
        .route("/reads", get(reads::show))
        .route("/entries", get(entries::show))
        .route("/submissions", get(submissions::show))
        .route("/submissions/{id}", get(submissions::one))
        .route("/receipts/{id}", get(submissions::receipt))
        .route("/entries/{index}", get(entry::show))
        .route("/me", get(teacher::me))
        .route("/me/changes", get(changes::mine))
        .route("/me/held", get(held::mine))
        .route("/teachers/{id}/held", get(held::show))
        .route("/me/balance.xlsx", get(teacher::my_sheet))
        .route("/me/transcript.pdf", get(teacher::my_transcript))
        .route("/teachers/{id}/transcript.pdf", get(teacher::transcript))
        .route("/teachers/{id}/changes", get(changes::show))
        .route("/teachers/{id}/balance.xlsx", get(teacher::sheet))
        .route("/teachers", get(teachers::show))
        .route("/teachers/{id}", get(teacher::show))
        .route("/entries/{index}/amend", get(amend::show))
        .route("/entries/{index}/correct", post(amend::correct))
        .route("/entries/{index}/void", post(amend::void))
        .route("/certificates", get(certificates::show))
        .route("/certificates/number/{number}", get(certificates::by_number))
        .route("/certificates.pdf", get(certificates::print))
        .route("/certificates/{event}", get(certificates::one))
        .route("/certificates/{event}/pdf", get(certificates::print_one))
        .route("/certificates/{event}/reissue", post(certificates::reissue))
        .route("/certificates/{event}/void", post(certificates::void))
        .route(
            "/entries/{index}/certificate",
            get(certificates::form).post(certificates::issue),
        )
        .route("/check", get(check::form))
        .route("/check/{number}", get(check::one))
        .route("/operations", get(operations::show))
        .route("/operations/backup", post(operations::back_up))
        .route("/operations/end", post(operations::end_session))
        .merge(accounts::router())
        .merge(claims::router())
        .merge(comparison::router())
        .merge(documents::router())
        .merge(import::router())
        .merge(post::router())
        .merge(sessions::router())
        .fallback(nothing_here)
        .method_not_allowed_fallback(forms_only)
}

/// The question of a list that has pages and nothing else to ask.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Paged {
    page: String,
}

#[derive(Deserialize)]
struct LangForm {
    lang: String,
    to: String,
}

async fn choose_lang(Filled(form): Filled<LangForm>) -> Response {
    let lang = if form.lang == "en" { Lang::En } else { Lang::Zh };
    with_lang(Redirect::to(own_address(&form.to)).into_response(), lang)
}

/// An address on this site, or the first page: a form is no way to send somebody elsewhere. Browsers leave tabs and line ends
/// out of an address before they read it, and read a backslash as a slash; no other control character has a place in one.
pub(crate) fn own_address(text: &str) -> &str {
    let is_odd = |c: char| c == '\\' || c.is_control();
    let is_own = text.starts_with('/') && !text.starts_with("//") && !text.contains(is_odd);
    if is_own { text } else { "/" }
}

pub(crate) async fn nothing_here(stranger: Stranger) -> Response {
    let content = html! {
        p { (stranger.lang.pick("没有这个页面；请核对地址", "there is no such page; check its address")) }
        p { a href="/" { (stranger.lang.pick("回首页", "to the first page")) } }
    };
    let mut response = open_page(&stranger, stranger.lang.pick("没有找到", "Not found"), &content);
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// The address of a form, asked for as a page: typed, or gone back to.
async fn forms_only(stranger: Stranger) -> Response {
    let says = say(
        "这个地址只接收页面上的表单，这次没有提交任何内容；请从首页重新进入",
        "this address takes a form of a page, and nothing was sent with it this time: go on from the first page",
    );
    misread(&stranger, StatusCode::METHOD_NOT_ALLOWED, &says)
}

#[cfg(test)]
mod tests {
    use super::own_address;

    #[test]
    fn an_address_elsewhere_is_no_way_out() {
        for (given, expected) in [
            ("/teachers/LB-0001?period=2022", "/teachers/LB-0001?period=2022"),
            ("//evil.example/x", "/"),
            ("https://evil.example", "/"),
            ("/\\evil.example", "/"),
            ("/a\r\nSet-Cookie: x", "/"),
            ("/\t/evil.example", "/"),
            ("/\u{1}x", "/"),
            ("/a\0", "/"),
            ("/\u{7f}", "/"),
            ("", "/"),
        ] {
            assert_eq!(own_address(given), expected);
        }
    }
}

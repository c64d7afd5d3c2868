//! The frame around every page.

use axum::response::{Html, IntoResponse, Response};
use keshi_core::lang::Lang;
use keshi_core::text::is_bidi_control;
use maud::{DOCTYPE, Markup, html};

use crate::assets::Asset;
use crate::nav::PLACES;
use crate::visitor::{Stranger, Visitor};

/// What htmx may do: nothing that a strict policy forbids.
const HTMX: &str = r#"{"includeIndicatorStyles":false,"allowEval":false,"allowScriptTags":false,"historyCacheSize":0}"#;

/// A page for `visitor`: its title, which is its first heading too, and what it has.
pub(crate) fn page(visitor: &Visitor, title: &str, content: &Markup) -> Response {
    framed(visitor, title, content, Frame::default())
}

/// What a page says of itself besides its content.
#[derive(Clone, Copy, Default)]
pub(crate) struct Frame {
    /// After how many seconds it is to be asked for again by a browser that runs no script.
    pub(crate) refresh_s: Option<u32>,
}

/// A page that says more of itself.
pub(crate) fn framed(visitor: &Visitor, title: &str, content: &Markup, with: Frame) -> Response {
    Html(text_of(visitor, title, content, with)).into_response()
}

/// The same as text, for a page that is sent in parts.
pub(crate) fn text_of(visitor: &Visitor, title: &str, content: &Markup, with: Frame) -> String {
    let frame = html! {
        header.top {
            a.brand href="/" { "课时" }
            nav aria-label=(visitor.say("栏目", "pages")) {
                @for place in PLACES.iter().filter(|place| place.is_for(visitor)) {
                    a href=(place.path) aria-current=[place.has(&visitor.here).then_some("page")] { (place.name(visitor.lang)) }
                }
            }
            div.user {
                span { (visitor.lang.pick(visitor.role().zh(), visitor.role().en())) @if let Some(of) = of(visitor) { " · " (of) } }
                (switch(visitor.lang, &visitor.here))
                @if visitor.console.0.is_dev {
                    a href="/signin" { (visitor.say("换身份", "change role")) }
                } @else {
                    a href="/account" { (visitor.who.id) }
                    form method="post" action="/signout" { button.link { (visitor.say("退出", "sign out")) } }
                }
            }
        }
        @if visitor.console.0.is_dev {
            p.trial { (visitor.say("试用：不需密码，数据可随意改动", "for trying out: no passwords, change what you like")) }
        }
        main id="main" { h1 { (title) } (content) }
    };
    whole(visitor.lang, &visitor.console.0.office, title, &frame, with)
}

/// A page for somebody who has not signed in.
pub(crate) fn open_page(stranger: &Stranger, title: &str, content: &Markup) -> Response {
    let frame = html! {
        header.top { a.brand href="/" { "课时" } div.user { (switch(stranger.lang, &stranger.here)) } }
        main id="main" .narrow { h1 { (title) } (content) }
    };
    let text = whole(
        stranger.lang,
        &stranger.console.0.office,
        title,
        &frame,
        Frame::default(),
    );
    Html(text).into_response()
}

/// For whom she is what she is.
fn of(visitor: &Visitor) -> Option<String> {
    let role = &visitor.who.role;
    role.school().or(role.teacher_id()).map(ToOwned::to_owned)
}

/// The other language.
fn switch(lang: Lang, here: &str) -> Markup {
    let (to, name) = lang.pick(("en", "English"), ("zh", "中文"));
    html! {
        form method="post" action="/lang" {
            input type="hidden" name="to" value=(here);
            button.link name="lang" value=(to) lang=(to) { (name) }
        }
    }
}

fn whole(lang: Lang, office: &str, title: &str, frame: &Markup, with: Frame) -> String {
    let page = html! {
        (DOCTYPE)
        html lang=(lang.pick("zh-CN", "en")) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="htmx-config" content=(HTMX);
                title { (title) " · 课时 " (office) }
                link rel="icon" href=(Asset::Icon.address()) type="image/svg+xml";
                link rel="stylesheet" href=(Asset::Style.address());
                @if let Some(after) = with.refresh_s { noscript { meta http-equiv="refresh" content=(after); } }
                script src=(Asset::Htmx.address()) defer {}
                script src=(Asset::Script.address()) defer {}
            }
            body {
                a.skip href="#main" { (lang.pick("跳到正文", "skip to the content")) }
                (frame)
                footer { "课时 Keshi " (env!("CARGO_PKG_VERSION")) " · " (lang.pick("机构", "office")) " " (office) " · " a href="/api" { (lang.pick("接口", "API")) } }
            }
        }
    };
    shown(page.into_string())
}

/// The page without characters that turn the text beside them around or move anybody's cursor, which some name may hold: a
/// sign stands in the place of each.
fn shown(page: String) -> String {
    let is_hidden = |c: char| is_bidi_control(c) || (c.is_control() && c != '\n' && c != '\t');
    if page.contains(is_hidden) {
        page.replace(is_hidden, "\u{FFFD}")
    } else {
        page
    }
}

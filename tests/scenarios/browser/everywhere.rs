//! What holds on every page: nothing that keeps people from using it, no sideways scrolling, no script needed.

use std::env;
use std::fs;

use fantoccini::Locator;
use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::key::Key;
use tempfile::tempdir;

use super::roll::first_session;
use super::{Browser, Pages, Set};

/// Whoever finds pages in her menu.
pub(super) struct Role {
    pub(super) name: &'static str,
    /// Of whom.
    pub(super) of: &'static [(&'static str, &'static str)],
    /// Pages that the menu does not have.
    pub(super) more: &'static [&'static str],
}

pub(super) const ROLES: [Role; 5] = [
    Role {
        name: "clerk",
        of: &[("school", "LB-XX01")],
        more: &[
            "/teachers?name=王",
            "/post/training",
            "/post/lessons%20observed",
            "/submissions",
            "/?year=2022",
        ],
    },
    Role {
        name: "teacher",
        of: &[("teacher", "LB-0020")],
        more: &["/me?period=2022"],
    },
    Role {
        name: "researcher",
        of: &[("teacher", "LB-0003"), ("subject", "小学数学")],
        more: &["/me?period=2022", "/?year=2022", "/contests?period=2022"],
    },
    Role {
        name: "auditor",
        of: &[],
        more: &["/teachers/LB-0003?period=2022", "/nowhere"],
    },
    Role {
        name: "dev",
        of: &[],
        more: &[
            "/teachers/LB-0003?period=2022",
            "/?year=2022",
            "/contests?period=2022",
            "/works?year=2022",
            "/national",
            "/documents/new",
            "/post/titles",
            "/entries/3000/amend",
            "/entries/3000",
            "/signin",
        ],
    },
];

/// The addresses of the menu, and of one session where that lists them.
pub(super) async fn menu(browser: &Browser, pages: &Pages) -> Vec<String> {
    let links = browser
        .client
        .find_all(Locator::Css("header nav a"))
        .await
        .expect("a menu");
    let mut paths = Vec::new();
    for link in links {
        paths.push(link.attr("href").await.expect("read").expect("an address"));
    }
    if paths.iter().any(|path| path == "/sessions") {
        paths.push(first_session(browser, pages, "/sessions?period=2022").await);
    }
    paths
}

/// Goes on until it is told what a template of a policy would change. Whoever does it may adopt policies.
pub(super) async fn compare(browser: &Browser, pages: &Pages) {
    browser.goto(pages, "/documents/new?from=规则-教师").await;
    browser.press("form[action$=check] button").await;
    browser.write("period", "2022").await;
    browser.press("form[action$=compare] button").await;
    browser.says("下载表格").await;
}

async fn looked_at(set: Set, each: impl AsyncFn(&Browser, &str)) {
    let Some(browser) = Browser::start(set).await else {
        return;
    };
    let data = tempdir().expect("a directory");
    let pages = Pages::sample(data.path());
    for Role { name, of, more } in ROLES {
        browser.become_(&pages, name, of).await;
        let mut paths = menu(&browser, &pages).await;
        paths.extend(more.iter().map(|path| (*path).to_owned()));
        for path in paths {
            browser.goto(&pages, &path).await;
            browser.find("main h1").await;
            each(&browser, &format!("{name} {path}")).await;
        }
    }
    compare(&browser, &pages).await;
    each(&browser, "what a policy would change").await;
    browser.close().await;
    pages.stop();
}

/// Looks for what keeps people from using the page, as axe-core knows it (WCAG 2.2 A and AA).
pub(super) async fn is_open_to_all(browser: &Browser, page: &str) {
    let axe = fs::read_to_string(env::var_os("KESHI_AXE").expect("axe-core, from tests/browser")).expect("read");
    browser.client.execute(&axe, Vec::new()).await.expect("axe-core runs");
    let script = "const done = arguments[0]; axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }) \
                  .then(r => done(r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 160)).join(' | '))));";
    let found = browser
        .client
        .execute_async(script, Vec::new())
        .await
        .expect("looked at");
    assert_eq!(found, serde_json::json!([]), "{page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_page_keeps_anybody_out_on_an_office_screen() {
    looked_at(Set::default(), is_open_to_all).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_telephone_no_page_scrolls_sideways_or_keeps_anybody_out() {
    let set = Set {
        narrow: Some(360),
        ..Set::default()
    };
    looked_at(set, async |browser, page| {
        let wide = browser
            .ask("return [document.documentElement.scrollWidth, window.innerWidth]")
            .await;
        assert!(wide[0].as_i64() <= Some(360), "{page} is {wide} wide");
        is_open_to_all(browser, page).await;
    })
    .await;
}

/// A sheet of 培训 with one good row.
fn sheet(folder: &std::path::Path) -> String {
    let path = folder.join("培训.csv");
    let rows = "姓名,教师编号,培训年度,培训类别,培训项目名称,培训机构名称,培训方式,培训获得学时,培训开始日期,培训结束日期,身份,考核结果\r\n\
                ,LB-0012,2022,校级,板书研习,本校,2,6,2022-05-07,2022-05-07,学员,合格\r\n";
    fs::write(&path, rows).expect("written");
    path.to_str().expect("a plain path").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_scripts_blocked_every_page_is_there_and_a_sheet_is_imported() {
    let set = Set {
        no_script: true,
        ..Set::default()
    };
    let Some(browser) = Browser::start(set).await else {
        return;
    };
    let data = tempdir().expect("a directory");
    let pages = Pages::sample(data.path());
    for Role { name, of, more } in ROLES {
        browser.become_(&pages, name, of).await;
        let mut paths = menu(&browser, &pages).await;
        paths.extend(more.iter().map(|path| (*path).to_owned()));
        for path in paths {
            browser.goto(&pages, &path).await;
            browser.find("main h1").await;
        }
    }
    compare(&browser, &pages).await;
    browser.become_(&pages, "clerk", &[("school", "LB-XX01")]).await;
    browser.goto(&pages, "/import").await;
    browser
        .find("input[type=file]")
        .await
        .send_keys(&sheet(data.path()))
        .await
        .expect("chosen");
    browser.press("main form button").await;
    browser.says("可入账 1").await;
    browser.press("main form.actions button").await;
    browser.says("已入账 1").await;
    browser.close().await;
    pages.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_the_keyboard_alone_a_sheet_is_imported() {
    let Some(browser) = Browser::start(Set::default()).await else {
        return;
    };
    let data = tempdir().expect("a directory");
    let pages = Pages::sample(data.path());
    browser.become_(&pages, "clerk", &[("school", "LB-XX01")]).await;
    browser.goto(&pages, "/import").await;
    // No file can be typed into a browser's own window from here; everything else goes by Tab and Enter.
    browser
        .find("input[type=file]")
        .await
        .send_keys(&sheet(data.path()))
        .await
        .expect("chosen");
    let enter = |text: &'static str| on_keyboard(&browser, text);
    enter("上传并核对").await;
    browser.says("可入账 1").await;
    enter("入账 1 行").await;
    browser.says("已入账 1").await;
    browser.close().await;
    pages.stop();
}

/// Goes on with Tab until the button with this text has the focus, which has to be seen, and presses Enter.
pub(super) async fn on_keyboard(browser: &Browser, text: &str) {
    const STEPS_MAX: usize = 80;
    for _ in 0..STEPS_MAX {
        key(browser, Key::Tab).await;
        let at = browser.client.active_element().await.expect("a focus");
        if at.text().await.unwrap_or_default() == text {
            let ring = browser
                .ask("return getComputedStyle(document.activeElement).outlineStyle")
                .await;
            assert_ne!(ring, "none", "the focus is not seen");
            key(browser, Key::Enter).await;
            return;
        }
    }
    panic!("{text} is not reached with Tab:\n{}", browser.text().await);
}

async fn key(browser: &Browser, key: Key) {
    let value = char::from(key);
    let pressed = KeyActions::new("keyboard".to_owned())
        .then(KeyAction::Down { value })
        .then(KeyAction::Up { value });
    browser.client.perform_actions(pressed).await.expect("a key");
}

//! What holds on every page: nothing that keeps people from using it, no sideways scrolling, no script needed.

use std::env;
use std::fs;

use fantoccini::Locator;
use tempfile::tempdir;

use super::{Browser, Pages, Set};

/// Whoever finds pages in her menu.
struct Role {
    name: &'static str,
    /// Of whom.
    of: &'static [(&'static str, &'static str)],
    /// Pages that the menu does not have.
    more: &'static [&'static str],
}

const ROLES: [Role; 5] = [
    Role {
        name: "clerk",
        of: &[("school", "LB-XX01")],
        more: &["/teachers?name=王"],
    },
    Role {
        name: "teacher",
        of: &[("teacher", "LB-0020")],
        more: &["/me?period=2022"],
    },
    Role {
        name: "researcher",
        of: &[("teacher", "LB-0003"), ("subject", "小学数学")],
        more: &["/me?period=2022"],
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
            "/documents/new",
            "/entries/3000/amend",
            "/entries/3000",
            "/signin",
        ],
    },
];

/// The addresses of the menu.
async fn menu(browser: &Browser) -> Vec<String> {
    let links = browser
        .client
        .find_all(Locator::Css("header nav a"))
        .await
        .expect("a menu");
    let mut paths = Vec::new();
    for link in links {
        paths.push(link.attr("href").await.expect("read").expect("an address"));
    }
    paths
}

async fn looked_at(set: Set, each: impl AsyncFn(&Browser, &str)) {
    let Some(browser) = Browser::start(set).await else {
        return;
    };
    let data = tempdir().expect("a directory");
    let pages = Pages::sample(data.path());
    for Role { name, of, more } in ROLES {
        browser.become_(&pages, name, of).await;
        let mut paths = menu(&browser).await;
        paths.extend(more.iter().map(|path| (*path).to_owned()));
        for path in paths {
            browser.goto(&pages, &path).await;
            browser.find("main h1").await;
            each(&browser, &format!("{name} {path}")).await;
        }
    }
    browser.close().await;
    pages.stop();
}

/// Looks for what keeps people from using the page, as axe-core knows it (WCAG 2.2 A and AA).
async fn is_open_to_all(browser: &Browser, page: &str) {
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

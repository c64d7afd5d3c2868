//! Pictures of every page for every role, in both languages, on an office screen and a telephone, for people to look at.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::tempdir;

use super::everywhere::{ROLES, Role, compare, menu};
use super::{Browser, Pages, Set};

/// How tall a telephone's picture is.
const TALL: u32 = 2_400;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "writes pictures: tests/screens DIR"]
async fn every_page_as_a_picture() {
    let folder = PathBuf::from(env::var_os("KESHI_SCREENS").expect("a folder, from tests/screens"));
    let data = tempdir().expect("a directory");
    let pages = Pages::sample(data.path());
    for english in [false, true] {
        for narrow in [None, Some(360)] {
            let set = Set {
                narrow,
                english,
                tall: Some(TALL),
                ..Set::default()
            };
            let Some(browser) = Browser::start(set).await else {
                return;
            };
            for Role { name, of, more } in ROLES {
                browser.become_(&pages, name, of).await;
                let mut paths = menu(&browser, &pages).await;
                paths.extend(more.iter().map(|path| (*path).to_owned()));
                for path in paths {
                    browser.goto(&pages, &path).await;
                    browser.find("main h1").await;
                    picture(&browser, &folder, set, &format!("{name} {path}")).await;
                }
            }
            compare(&browser, &pages).await;
            picture(&browser, &folder, set, "dev documents compare").await;
            browser.close().await;
        }
    }
    pages.stop();
}

/// Writes the picture of the page that is there.
async fn picture(browser: &Browser, folder: &Path, set: Set, page: &str) {
    if set.narrow.is_none() {
        let height = browser.ask("return document.documentElement.scrollHeight").await;
        let height = u32::try_from(height.as_u64().unwrap_or(900)).unwrap_or(900).min(6_000);
        browser
            .client
            .set_window_size(1_366, height + 140)
            .await
            .expect("sized");
    }
    let shown: String = page
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '_' })
        .collect();
    let lang = if set.english { "en" } else { "zh" };
    let file = format!(
        "{lang}-{}-{}.png",
        set.narrow.unwrap_or(1_366),
        shown.trim_matches('_').replacen("__", "-", 1)
    );
    let picture = browser.client.screenshot().await.expect("a picture");
    fs::write(folder.join(file), picture).expect("written");
}

//! The year's end in a browser: the report, what is behind a figure, closing the year, a late correction, restating.

use keshi_tests::process::run;
use tempfile::tempdir;

use super::everywhere::is_open_to_all;
use super::{Browser, Pages, Set};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_year_is_closed_corrected_and_restated_with_old_value_new_value_and_the_entry_between() {
    let data = tempdir().expect("a directory");
    let Some(browser) = Browser::start(Set::default()).await else {
        return;
    };
    let pages = Pages::sample(data.path());
    browser.become_(&pages, "auditor", &[]).await;
    browser.goto(&pages, "/year?year=2022").await;
    let said = browser.says("培训教师1300余人次").await;
    assert!(said.contains("还没有封账") && said.contains("一课三研近12节"), "{said}");
    is_open_to_all(&browser, "/year?year=2022").await;
    // A figure leads to its entries, and an entry to itself.
    browser.press("section.report a[href*='figure=papers-first']").await;
    browser.says("6 条").await;
    browser.press("p.entries a").await;
    browser.says("成果获奖").await;

    // The office says what its figures mean, and the auditor closes the year.
    let folder = tempdir().expect("a directory");
    let file = folder.path().join("口径.toml");
    std::fs::write(&file, keshi_core::figures::Definitions::USUAL_TEXT).expect("written");
    let (url, file) = (pages.keshi.url(), file.to_str().expect("a plain path").to_owned());
    let server = url.trim_start_matches("http://");
    let adopted = run(&["--server", server, "figures", "adopt", &file]);
    assert_eq!(adopted.code, Some(0), "{adopted:?}");
    browser.goto(&pages, "/year?year=2022").await;
    browser.press("form[action='/year/close'] button").await;
    browser.says("现有记录与官方数据一致").await;

    // A void of one of the lessons carried out: to be restated, and not official.
    let entries = run(&["--server", server, "year", "entries", "2022", "outreach-lessons"]);
    let first = entries.out.split_whitespace().next().expect("an entry").to_owned();
    let voided = run(&["--server", server, "void", &first, "--reason", "重复登记"]);
    assert_eq!(voided.code, Some(0), "{voided:?}");
    browser.goto(&pages, "/year?year=2022").await;
    let said = browser.says("待重述").await;
    assert!(
        said.contains("96节") && said.contains("95节") && said.contains(&format!("−{first}")),
        "{said}"
    );
    is_open_to_all(&browser, "/year?year=2022").await;
    browser.goto(&pages, "/year?year=2022&official=1").await;
    browser.says("封账数据").await;
    browser.goto(&pages, "/year?year=2022").await;
    browser.write("reason", "作废重复的送教").await;
    browser.press("form[action='/year/restate'] button").await;
    let said = browser.says("第 1 次重述改变的").await;
    assert!(
        said.contains("现有记录与官方数据一致") && said.contains("作废重复的送教"),
        "{said}"
    );
    browser.close().await;
    pages.stop();
}

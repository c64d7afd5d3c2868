//! A clerk without a sheet: she ticks who was at a session, takes a tick away again, and types one record.

use fantoccini::Locator;
use tempfile::tempdir;

use super::everywhere::{is_open_to_all, on_keyboard};
use super::{Browser, Pages, Set};

/// Where a session is chosen at which nobody of the clerk's school needs to have been.
const LIST: &str = "/sessions?period=2022";

/// The address of the first session that is listed there.
pub(super) async fn first_session(browser: &Browser, pages: &Pages, list: &str) -> String {
    browser.goto(pages, list).await;
    let link = browser.find("main table a[href^='/sessions/']").await;
    link.attr("href").await.expect("read").expect("an address")
}

/// How many boxes of people are there, and how many of them are ticked.
async fn boxes(browser: &Browser) -> (usize, usize) {
    let count = async |css: &str| {
        let found = browser.client.find_all(Locator::Css(css)).await;
        found.expect("looked for").len()
    };
    (
        count("main input[name=there]").await,
        count("main input[name=there]:checked").await,
    )
}

async fn choose(browser: &Browser, name: &str, word: &str) {
    let option = format!("select[name={name}] option[value={word}]");
    browser.find(&option).await.click().await.expect("chosen");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clerk_takes_the_roll_of_a_session_and_types_a_record_without_a_sheet() {
    let Some(browser) = Browser::start(Set::default()).await else {
        return;
    };
    let data = tempdir().expect("a directory");
    let pages = Pages::sample(data.path());
    browser.become_(&pages, "clerk", &[("school", "LB-XX01")]).await;
    let session = first_session(&browser, &pages, LIST).await;
    browser.goto(&pages, &session).await;
    let (all, before) = boxes(&browser).await;
    assert!(all > before + 1, "{before} of {all} are there already");
    browser.press("main button[value=all]").await;
    assert_eq!(boxes(&browser).await, (all, all));
    browser.write("each", "2").await;
    browser.press("main form div.actions:last-of-type button").await;
    browser.says(&format!("可入账 {}", all - before)).await;
    is_open_to_all(&browser, "the preview of a roll").await;
    browser.press("main form.actions button").await;
    browser.says(&format!("已入账 {}", all - before)).await;

    // A tick is taken away: without a reason nothing is void, and what was unticked stays so.
    browser.goto(&pages, &session).await;
    assert_eq!(boxes(&browser).await, (all, all));
    browser
        .find("main input[name=there]")
        .await
        .click()
        .await
        .expect("unticked");
    browser.press("main form div.actions:last-of-type button").await;
    browser.says("请写明理由").await;
    assert_eq!(boxes(&browser).await, (all, all - 1));
    is_open_to_all(&browser, "a roll that lacks a reason").await;
    browser.write("reason", "当天请假").await;
    browser.press("main form div.actions:last-of-type button").await;
    browser.says("可作废 1").await;
    browser.press("main form.actions button").await;
    browser.says("已作废 1").await;

    // One record, typed: what is missing is said beside its field.
    browser.goto(&pages, "/post/lessons%20given?授课日期=2022-05-10").await;
    browser.write("教师编号", "LB-0012").await;
    choose(&browser, "课型", "示范课").await;
    browser.write("课题", "《观潮》").await;
    browser.press("main form div.actions button").await;
    browser.says("没有填写").await;
    let wrong = browser.find("main [aria-invalid=true]").await;
    assert_eq!(wrong.attr("name").await.expect("read").as_deref(), Some("级别"));
    is_open_to_all(&browser, "a record that lacks something").await;
    choose(&browser, "级别", "校级").await;
    // Submitted and recorded with the keyboard alone.
    on_keyboard(&browser, "核对").await;
    let said = browser.says("可入账").await;
    assert!(said.contains("《观潮》"), "{said}");
    is_open_to_all(&browser, "a record before it is entered").await;
    on_keyboard(&browser, "入账").await;
    browser.says("可以接着录下一条").await;
    browser.goto(&pages, "/submissions").await;
    let said = browser.says("form ").await;
    assert!(said.contains("作废") && said.contains("授课"), "{said}");
    browser.close().await;
    pages.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_scripts_blocked_a_roll_is_taken() {
    let set = Set {
        no_script: true,
        ..Set::default()
    };
    let Some(browser) = Browser::start(set).await else {
        return;
    };
    let data = tempdir().expect("a directory");
    let pages = Pages::sample(data.path());
    browser.become_(&pages, "clerk", &[("school", "LB-XX01")]).await;
    let session = first_session(&browser, &pages, LIST).await;
    browser.goto(&pages, &session).await;
    let (_, before) = boxes(&browser).await;
    browser
        .find("main input[name=there]:not(:checked)")
        .await
        .click()
        .await
        .expect("ticked");
    browser.write("each", "2").await;
    browser.press("main form div.actions:last-of-type button").await;
    browser.says("可入账 1").await;
    browser.press("main form.actions button").await;
    browser.says("已入账 1").await;
    browser.goto(&pages, &session).await;
    assert_eq!(boxes(&browser).await.1, before + 1);
    browser.close().await;
    pages.stop();
}

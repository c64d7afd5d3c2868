//! The whole road of a claim: a teacher claims a lesson, it is returned and mended, checked by her school and the county,
//! published over a holiday, objected to, credited, and stands in her hours.

use std::env;
use std::path::Path;

use fantoccini::Locator;
use keshi_tests::process::{Keshi, command};
use tempfile::tempdir;

use super::everywhere::is_open_to_all;
use super::{Browser, Pages, Set};

const TEACHER: &[(&str, &str)] = &[("teacher", "LB-0268")];
const CLERK: &[(&str, &str)] = &[("school", "LB-CZ02"), ("teacher", "LB-0160")];
const REVIEWER: &[(&str, &str)] = &[("teacher", "LB-0004")];

/// Which days of the autumn are worked.
const CALENDAR: &str = r#"id = "gongzuori-2026"
[[working_days]]
year = 2026
off = ["2026-10-01..2026-10-07"]
on = ["2026-09-27"]
"#;

/// The pages as of this moment, by a clock of their own; `None` where there is no such clock (`tests/browser`).
fn as_of(moment: &str, data: &Path, args: &[&str], ready: &str) -> Option<Pages> {
    let Some(clock) = env::var_os("KESHI_FAKETIME") else {
        println!("skipped: no clock that can be set here (tests/browser says what is missing)");
        return None;
    };
    let data = data.to_str().expect("a plain path");
    let mut up = command(&["up", "--data", data, "--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0"]);
    up.args(args)
        .env("LD_PRELOAD", clock)
        .env("FAKETIME", format!("@{moment}"))
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    let keshi = Keshi::spawn(up).expect("it serves");
    keshi.wait_said(ready);
    let said = keshi.said();
    let url = said
        .split("pages ")
        .nth(1)
        .and_then(|rest| rest.split_whitespace().next());
    Some(Pages {
        url: url.expect("pages").to_owned(),
        keshi,
    })
}

/// Chooses the verdict of this claim in the queue, beside those of the sample, and sends it.
async fn decide(browser: &Browser, pages: &Pages, claim: &str, (verdict, reason): (&str, &str)) {
    let id = claim.trim_start_matches("/claims/");
    browser.goto(pages, "/reviews").await;
    let option = format!("select[name='v-{id}'] option[value='{verdict}']");
    browser.find(&option).await.click().await.expect("chosen");
    if !reason.is_empty() {
        let field = browser.find(&format!("input[name='r-{id}']")).await;
        field.send_keys(reason).await.expect("written");
    }
    browser.press("main form[method=post] .actions button").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_goes_its_whole_road_and_counts_at_its_end() {
    let data = tempdir().expect("a directory");
    let Some(browser) = Browser::start(Set::default()).await else {
        return;
    };
    // The Monday before the holiday, at nine in China.
    let before = as_of(
        "2026-09-28 01:00:00",
        data.path(),
        &["--sample", "liuba-2022"],
        "Ctrl-C",
    );
    let Some(pages) = before else { return };

    // The county says which days are worked.
    browser.become_(&pages, "reviewer", REVIEWER).await;
    browser.goto(&pages, "/documents/new").await;
    browser.write("document", CALENDAR).await;
    browser.press("form[action$=check] button").await;
    browser.says("没有错误").await;
    browser.press("form[action$=adopt] button").await;
    browser.says("已发布").await;

    // She claims a lesson.
    browser.become_(&pages, "teacher", TEACHER).await;
    browser.goto(&pages, "/claims/new/lesson").await;
    browser.write("name", "古诗两首").await;
    browser.write("periods", "3").await;
    is_open_to_all(&browser, "/claims/new/lesson").await;
    browser.press("main form button").await;
    let said = browser.says("待学校初审").await;
    assert!(
        said.contains("古诗两首 · 公开课") || said.contains("古诗两首"),
        "{said}"
    );
    let claim = browser
        .client
        .current_url()
        .await
        .expect("an address")
        .path()
        .to_owned();
    is_open_to_all(&browser, &claim).await;
    // Who claims does not review.
    assert!(!said.contains("初审通过"), "{said}");
    browser.goto(&pages, "/me?period=2026").await;
    browser.says("待学校初审").await;

    // Her school returns it, she mends it, her school approves.
    browser.become_(&pages, "clerk", CLERK).await;
    decide(&browser, &pages, &claim, ("6", "只上了两节，请改正")).await;
    browser.says("退回修改").await;
    browser.become_(&pages, "teacher", TEACHER).await;
    browser.goto(&pages, "/claims").await;
    browser.says("只上了两节").await;
    browser.goto(&pages, &format!("{claim}/mend")).await;
    browser.write("periods", "2").await;
    browser.press("main form button").await;
    browser.says("待学校初审").await;
    browser.become_(&pages, "clerk", CLERK).await;
    browser.goto(&pages, "/reviews").await;
    is_open_to_all(&browser, "/reviews").await;
    decide(&browser, &pages, &claim, ("2", "")).await;
    browser.says("初审通过").await;

    // The county approves and publishes: five working days, which the holiday interrupts.
    browser.become_(&pages, "reviewer", REVIEWER).await;
    decide(&browser, &pages, &claim, ("3", "")).await;
    browser.says("审核通过").await;
    decide(&browser, &pages, &claim, ("4", "")).await;
    browser.says("开始公示").await;

    // Anybody sees it, and nothing of hers that nobody need know.
    browser.client.delete_all_cookies().await.expect("forgotten");
    browser.goto(&pages, "/publicity").await;
    let said = browser.says("2026-09-28 至 2026-10-09").await;
    assert!(said.contains("韩雨") && said.contains("松岭镇初级中学"), "{said}");
    assert!(!said.contains("LB-0268"), "{said}");
    is_open_to_all(&browser, "/publicity").await;

    // A colleague objects; until that is decided nothing is credited.
    browser.become_(&pages, "teacher", &[("teacher", "LB-0160")]).await;
    browser.goto(&pages, "/publicity").await;
    let id = claim.trim_start_matches("/claims/");
    let object = browser.find(&format!("main table a[href$='object?claim={id}']")).await;
    object.click().await.expect("followed");
    browser.write("reason", "那天是集体备课").await;
    browser.press("main form button").await;
    browser.says("异议已记录").await;
    browser.become_(&pages, "reviewer", REVIEWER).await;
    browser.goto(&pages, &claim).await;
    browser.says("那天是集体备课").await;
    let found = browser.find("form[action$=decide] input[name=reason]").await;
    found.send_keys("核对课表，确有授课").await.expect("written");
    browser.press("form[action$=decide] button[value=no]").await;
    browser.says("不成立").await;
    pages.stop();

    // After the holiday, the day after the last one.
    let after = as_of("2026-10-10 01:00:00", data.path(), &["--dev"], "pages ");
    let pages = after.expect("the same clock");
    browser.become_(&pages, "reviewer", REVIEWER).await;
    browser.goto(&pages, "/publicity").await;
    // Not that of the sample.
    browser
        .press("form[action$=end]:not([action*='LB-2022-1']) button")
        .await;
    decide(&browser, &pages, &claim, ("5", "")).await;
    browser.says("入账").await;

    browser.become_(&pages, "teacher", TEACHER).await;
    browser.goto(&pages, &claim).await;
    let said = browser.says("已入账").await;
    assert!(said.contains("公示") && said.contains("审核通过"), "{said}");
    browser.goto(&pages, "/me?period=2026").await;
    let said = browser.says("古诗两首").await;
    assert!(!said.contains("入账后计入"), "{said}");
    let rows = browser.client.find_all(Locator::Css("main table tr")).await;
    assert!(!rows.expect("rows").is_empty());
    browser.close().await;
    pages.stop();
}

//! An office from an empty directory, in the browser alone: from the first code to a teacher who reads her hours.

use std::fs;
use std::path::Path;

use fantoccini::Locator;
use tempfile::tempdir;

use super::everywhere::is_open_to_all;
use super::{Browser, Pages, Set};

const PASSWORD: &str = "夏日-tea-garden-42";

/// What a new office has in its sheets.
const SHEETS: [(&str, &str); 3] = [
    (
        "学校.csv",
        "学校编号,学校名称,学段,乡镇,建校日期\r\nQH-01,青禾镇中心小学,小学,青禾镇,1998-09-01\r\n",
    ),
    (
        "教师.csv",
        "教师编号,姓名,学段,学科,入职日期,学校编号,岗位,任职开始\r\n\
         QH-0101,林知夏,小学,小学语文,2008-09-01,QH-01,教师,2019-09-01\r\n",
    ),
    (
        "培训.csv",
        "姓名,教师编号,培训年度,培训类别,培训项目名称,培训机构名称,培训方式,培训获得学时,培训开始日期,培训结束日期,身份,考核结果\r\n\
         林知夏,QH-0101,2022,县级,2022年小学语文新课标培训,县教师进修学校,2,6,2022-03-05,2022-03-05,学员,合格\r\n",
    ),
];

fn sheets(folder: &Path) -> Vec<String> {
    let write = |(name, text): (&str, &str)| {
        let path = folder.join(name);
        fs::write(&path, text).expect("written");
        path.to_str().expect("a plain path").to_owned()
    };
    SHEETS.map(write).into()
}

/// Signs in with a one-time code, and chooses the password.
async fn first_time(browser: &Browser, pages: &Pages, account: &str, code: &str) {
    browser.goto(pages, "/signin").await;
    browser.write("account", account).await;
    browser.write("password", code).await;
    browser.press("main form button").await;
    browser.write("new_password", PASSWORD).await;
    browser.write("again", PASSWORD).await;
    browser.press("main form button").await;
}

async fn adopt(browser: &Browser, pages: &Pages, template: &str) {
    browser.goto(pages, &format!("/documents/new?from={template}")).await;
    browser.press("form[action$=check] button").await;
    browser.says("没有错误").await;
    browser.press("form[action$=adopt] button").await;
    browser.says("已发布").await;
}

async fn import(browser: &Browser, pages: &Pages, files: &[String]) {
    browser.goto(pages, "/import").await;
    let field = browser.find("input[type=file]").await;
    field.send_keys(&files.join("\n")).await.expect("chosen");
    browser.press("main form button").await;
    browser.says("可入账 3").await;
    browser.press("main form.actions button").await;
    browser.says("已入账 3").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_code_leads_to_an_office_where_a_teacher_reads_her_hours_without_the_command_line() {
    let Some(browser) = Browser::start(Set::default()).await else {
        return;
    };
    let data = tempdir().expect("a directory");
    let pages = Pages::up(
        data.path(),
        &["--office", "610729", "--http", "127.0.0.1:0"],
        "first start",
    );
    // Whoever has not signed in is led to where she can.
    browser.goto(&pages, "/shortfalls").await;
    browser.says("登录").await;

    let kept = fs::read_to_string(data.path().join("610729/first-code")).expect("the first code");
    let code = kept.lines().nth(1).expect("a code").trim();
    first_time(&browser, &pages, "admin", code).await;
    browser.says("首页").await;

    // Rules, calendar, schools, people, what they attended.
    for document in ["规则-教师", "规则-教研员", "校历"] {
        adopt(&browser, &pages, document).await;
    }
    import(&browser, &pages, &sheets(data.path())).await;

    // Everybody of the school gets an account and a slip.
    browser.goto(&pages, "/accounts/new").await;
    browser.press("form[action$=school] button").await;
    let slips = browser
        .client
        .find_all(Locator::Css(".slips section"))
        .await
        .expect("slips");
    assert!(!slips.is_empty(), "{}", browser.text().await);
    let codes = browser
        .client
        .find_all(Locator::Css(".slips .code"))
        .await
        .expect("codes");
    let (account, code) = (
        codes[0].text().await.expect("read"),
        codes[1].text().await.expect("read"),
    );

    // What those who choose a role for trying out never see.
    for path in [
        "/accounts",
        "/accounts/admin",
        "/accounts/new",
        "/signins",
        "/account",
        "/account/second",
        "/operations",
    ] {
        browser.goto(&pages, path).await;
        browser.find("main h1").await;
        is_open_to_all(&browser, path).await;
    }
    browser.goto(&pages, "/").await;
    browser.press("form[action='/signout'] button").await;
    browser.says("登录").await;
    is_open_to_all(&browser, "/signin").await;
    first_time(&browser, &pages, &account, &code).await;
    browser.goto(&pages, "/me?period=2022").await;
    let said = browser.says("台账").await;
    assert!(
        said.contains("课时") && said.contains(&account.to_uppercase()),
        "{said}"
    );
    // What is not hers is not shown by its address.
    browser.goto(&pages, "/accounts").await;
    browser.says("没有权限").await;
    browser.close().await;
    pages.stop();
}

//! A clerk's work: a sheet with mistakes, its copy mended, an hour corrected, a row voided, the list printed.

use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use calamine::{Data, Reader as _, Xlsx};
use fantoccini::Locator;
use fantoccini::wd::PrintConfiguration;
use serde_json::json;
use tempfile::tempdir;

use super::{Browser, Pages, Set};

/// A table of texts, the header first.
type Sheet = Vec<Vec<String>>;

/// The columns of 培训 that the test changes.
const NAME: usize = 0;
const ID_NO: usize = 2;
const HOURS: usize = 8;
const FROM: usize = 10;
const TO: usize = 11;
const RESULT: usize = 13;

/// Teachers of one school of the sample: name and ID number.
fn staff(sample: &Path, school: &str) -> Vec<(String, String)> {
    let rows = read(&std::fs::read(sample.join("02-教师.xlsx")).expect("the sample's sheet"));
    let place = |name: &str| rows[0].iter().position(|heading| heading == name).expect("a column");
    let (name, id_no, of) = (place("姓名"), place("身份证件号码"), place("学校编号"));
    let own = rows[1..].iter().filter(|row| row[of] == school);
    own.map(|row| (row[name].clone(), row[id_no].clone())).collect()
}

fn read(bytes: &[u8]) -> Sheet {
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(bytes.to_vec())).expect("a workbook");
    let range = book.worksheet_range_at(0).expect("a sheet").expect("readable");
    let text = |cell: &Data| match cell {
        Data::DateTime(day) => {
            let (year, month, day, ..) = day.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        cell => cell.to_string(),
    };
    range.rows().map(|row| row.iter().map(text).collect()).collect()
}

/// Writes it as csv, which has no cell types to get in the way.
fn write(path: &Path, sheet: &Sheet) {
    let lines: Vec<String> = sheet
        .iter()
        .map(|row| {
            row.iter()
                .map(|cell| format!("\"{cell}\""))
                .collect::<Vec<_>>()
                .join(",")
        })
        .collect();
    std::fs::write(path, lines.join("\r\n")).expect("written");
}

/// Twenty rows of 培训, six of them with a typical mistake each.
fn with_six_mistakes(staff: &[(String, String)]) -> Sheet {
    let header = "姓名,身份证件类型,身份证件号码,培训年度,培训类别,培训项目名称,培训机构名称,培训方式,培训获得学时,培训获得学分,培训开始日期,培训结束日期,身份,考核结果,片区,选课类别,主题";
    let mut sheet: Sheet = vec![header.split(',').map(ToOwned::to_owned).collect()];
    for (name, id_no) in &staff[..20] {
        let row = format!(
            "{name},居民身份证,{id_no},2022,校级,课堂观察工作坊,本校,2,6,,2022-05-07,2022-05-07,学员,合格,,选修,观课"
        );
        sheet.push(row.split(',').map(ToOwned::to_owned).collect());
    }
    sheet[2][NAME] = "查无此人".into();
    sheet[2][ID_NO] = String::new();
    sheet[2][1] = String::new();
    sheet[4][HOURS] = "六".into();
    sheet[6][FROM] = "2022-13-01".into();
    sheet[8][ID_NO] = "999999199907190011".into();
    sheet[10][RESULT] = "还行".into();
    sheet[12][TO] = "2022-01-01".into();
    sheet
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clerk_mends_the_copy_of_her_sheet_imports_it_corrects_an_hour_voids_a_row_and_prints_the_list() {
    let Some(browser) = Browser::start(Set::default()).await else {
        return;
    };
    let data = tempdir().expect("a directory");
    let pages = Pages::sample(data.path());
    let staff = staff(&data.path().join("sample-liuba-2022"), "LB-XX01");
    browser.become_(&pages, "clerk", &[("school", "LB-XX01")]).await;

    // A sheet with six mistakes is shown row by row, and nothing is recorded.
    let sheet = data.path().join("五月培训.csv");
    write(&sheet, &with_six_mistakes(&staff));
    choose(&browser, &pages, &sheet).await;
    let said = browser.says("有误 6").await;
    for part in [
        "可入账 14",
        "查无此人",
        "不是数字",
        "不是日期",
        "位数、出生日期或校验位不符",
        "没有这一项",
        "早于开始日期",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let marked = browser.client.find_all(Locator::Css("td mark")).await.expect("cells");
    assert!(marked.len() >= 6, "{} cells are marked", marked.len());

    // The copy that is offered names what is wrong; mended, it is good.
    let copy = download(&browser, "main a[download]").await;
    let mut copy = read(&copy);
    assert!(copy[0].contains(&"核对结果".to_owned()), "{:?}", copy[0]);
    let why = copy[0].len() - 1;
    for row in [2, 4, 6, 8, 10, 12] {
        assert!(!copy[row][why].is_empty(), "{:?}", copy[row]);
    }
    (copy[2][NAME], copy[2][1], copy[2][ID_NO]) = (staff[1].0.clone(), "居民身份证".into(), staff[1].1.clone());
    copy[4][HOURS] = "6".into();
    copy[6][FROM] = "2022-05-07".into();
    copy[8][ID_NO] = staff[7].1.clone();
    copy[10][RESULT] = "合格".into();
    copy[12][TO] = "2022-05-07".into();
    let mended = data.path().join("五月培训-核对.csv");
    write(&mended, &copy);
    choose(&browser, &pages, &mended).await;
    browser.says("可入账 20").await;
    browser.press("main form.actions button").await;
    browser.says("已入账 20").await;
    // The form sent again, from the page before, records nothing twice.
    browser.client.refresh().await.expect("again");
    browser.says("已入账 20").await;

    // One hour is corrected, one row is voided: by the entry of each.
    browser.client.back().await.expect("back");
    choose(&browser, &pages, &mended).await;
    let said = browser.says("重复 20").await;
    assert!(said.contains("没有新内容"), "{said}");
    let entry = newest_entry(&browser, &pages).await;
    browser.goto(&pages, &format!("/entries/{entry}/amend")).await;
    browser.write("hours", "4").await;
    browser.write("reason", "签到册核对为 4 学时").await;
    browser.press("form[action$=correct] button").await;
    let said = browser.says("确认更正").await;
    assert!(said.contains('6') && said.contains('4'), "{said}");
    browser.press("main form button[name=sure]").await;
    browser.goto(&pages, &format!("/entries/{}/amend", entry - 1)).await;
    browser
        .client
        .find(Locator::Css("form[action$=void] [name=reason]"))
        .await
        .expect("a field")
        .send_keys("重复填报")
        .await
        .expect("written");
    browser.press("form[action$=void] button").await;
    browser.goto(&pages, &format!("/entries/{}/amend", entry - 1)).await;
    browser.says("作废").await;

    // What became of both stands on the teacher's page; the school's list is printed and read back.
    let whose = about(&browser, &pages, entry).await;
    browser.goto(&pages, &format!("/teachers/{whose}?period=2022")).await;
    browser.says("课堂观察工作坊").await;
    browser.goto(&pages, "/school?period=2022").await;
    browser.says(&staff[0].0).await;
    if let Some(text) = printed(&browser, data.path()).await {
        for part in ["青禾镇中心小学", &staff[0].0, &whose, "签字"] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
    browser.close().await;
    pages.stop();
}

async fn choose(browser: &Browser, pages: &Pages, file: &Path) {
    browser.goto(pages, "/import").await;
    let field = browser.find("input[type=file]").await;
    field
        .send_keys(file.to_str().expect("a plain path"))
        .await
        .expect("chosen");
    browser.press("main form button").await;
}

/// The bytes behind the link, fetched as the browser does.
async fn download(browser: &Browser, css: &str) -> Vec<u8> {
    let script = "const [css, done] = arguments; const link = document.querySelector(css); \
                  fetch(link.href).then(r => r.arrayBuffer()).then(b => { let s = ''; \
                  for (const c of new Uint8Array(b)) s += String.fromCharCode(c); done(btoa(s)); });";
    let encoded = browser
        .client
        .execute_async(script, vec![json!(css)])
        .await
        .expect("fetched");
    STANDARD.decode(encoded.as_str().expect("a text")).expect("base64")
}

/// The index of the last entry there is.
async fn newest_entry(browser: &Browser, pages: &Pages) -> u64 {
    let size = asked(browser, pages, "keshi.v1.LedgerService/GetHead", &json!({})).await;
    let size: u64 = size["size"].as_str().expect("a size").parse().expect("a number");
    size - 1
}

/// Whom an entry is about.
async fn about(browser: &Browser, pages: &Pages, index: u64) -> String {
    let question = json!({ "fromIndex": index.to_string(), "pageSize": 1, "inWords": true });
    let answer = asked(browser, pages, "keshi.v1.LedgerService/ListEntries", &question).await;
    answer["words"][0]["about"][0]["teacherId"]
        .as_str()
        .expect("somebody")
        .to_owned()
}

/// What the JSON door answers, as `--dev` lets everybody ask.
async fn asked(browser: &Browser, pages: &Pages, method: &str, question: &serde_json::Value) -> serde_json::Value {
    let script = "const [to, body, done] = arguments; \
                  fetch(to, { method: 'POST', headers: { 'content-type': 'application/json' }, body }).then(r => r.json()).then(done);";
    let to = format!("{}/{method}", pages.url);
    let arguments = vec![json!(to), json!(question.to_string())];
    browser.client.execute_async(script, arguments).await.expect("answered")
}

/// The page as it prints, as text; `None` where there is no pdftotext.
async fn printed(browser: &Browser, folder: &Path) -> Option<String> {
    let pdf = browser
        .client
        .print(PrintConfiguration::default())
        .await
        .expect("printed");
    let path = folder.join("page.pdf");
    std::fs::write(&path, pdf).expect("written");
    let Ok(ran) = Command::new("pdftotext").args(["-layout"]).arg(&path).arg("-").output() else {
        println!("skipped: pdftotext is not here");
        return None;
    };
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    Some(String::from_utf8(ran.stdout).expect("text"))
}

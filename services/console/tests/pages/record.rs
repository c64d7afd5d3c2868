//! 补录: one record typed in a form, with the checks and words of a sheet's row.

use axum::http::StatusCode;
use keshi_office::access::{DevRole, Scope};
use keshi_sheets::columns::{Col, Kind};
use keshi_verify::proof_file::{ProofFile, Proved};

use crate::html;
use crate::office::{Answered, Pages, roles};

const OBSERVED: &str = "/post/lessons%20observed";

fn researcher() -> DevRole {
    let scope = Scope {
        teacher_id: Some("T1".to_owned()),
        subjects: vec!["语文".to_owned()],
        ..Scope::default()
    };
    DevRole::new("researcher", scope).expect("a role")
}

async fn send(pages: &Pages, to: &str, fields: &[(&str, &str)]) -> Answered {
    let fields = serde_urlencoded::to_string(fields).expect("encoded");
    pages.post(&researcher(), to, to, fields).await
}

const LESSON: [(&str, &str); 4] = [
    ("教师编号", "T1"),
    ("听课日期", "2022-03-05"),
    ("听课学校", "S1"),
    ("听课节数", "2"),
];
const SURE: (&str, &str) = ("sure", "yes");

#[tokio::test]
async fn a_record_is_checked_shown_recorded_once_and_corrected_with_a_reason() {
    let pages = Pages::furnished().await;
    let before = pages.office.engine.head().size;
    let first = pages.get(&researcher(), OBSERVED).await.text();
    // Who posts about herself need not say who that is.
    assert!(first.contains("name=\"教师编号\" value=\"T1\""), "{first}");
    let shown = send(&pages, OBSERVED, &LESSON).await;
    html::check("shown", &shown.text());
    assert!(shown.text().contains("to be recorded"), "{}", shown.text());
    assert_eq!(pages.office.engine.head().size, before);

    let sure = [&LESSON[..], &[SURE]].concat();
    let to = send(&pages, OBSERVED, &sure).await.location.expect("it leads on");
    assert!(to.ends_with(&format!("done={before}")) && !to.contains("T1"), "{to}");
    let done = pages.get(&researcher(), &to).await.text();
    let link = format!("href=\"/entries/{before}\"");
    assert!(done.contains(&link) && done.contains("value=\"2022-03-05\""), "{done}");
    assert_eq!(pages.office.engine.head().size, before + 1);
    let again = send(&pages, OBSERVED, &sure).await;
    html::check("again", &again.text());
    assert!(
        again.text().contains("is in the ledger already") && again.text().contains(&link),
        "{}",
        again.text()
    );
    assert_eq!(pages.office.engine.head().size, before + 1);

    let other: Vec<_> = LESSON
        .iter()
        .map(|(name, value)| (*name, if *name == "听课节数" { "3" } else { value }))
        .collect();
    let changed = send(&pages, OBSERVED, &[&other[..], &[SURE]].concat()).await.text();
    assert!(
        changed.contains("name=\"更正理由\"") && changed.contains("ledger 2"),
        "{changed}"
    );
    assert_eq!(pages.office.engine.head().size, before + 1);
    let corrected = send(
        &pages,
        OBSERVED,
        &[&other[..], &[SURE, ("更正理由", "miscounted")]].concat(),
    )
    .await;
    assert_eq!(corrected.status, StatusCode::SEE_OTHER, "{}", corrected.text());
    assert_eq!(pages.office.engine.head().size, before + 2);
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field_and_what_was_typed_stays() {
    let pages = Pages::furnished().await;
    let before = pages.office.engine.head().size;
    let typed = [
        ("教师编号", "T1"),
        ("听课日期", "5 March"),
        ("听课学校", "没有这所学校"),
        ("是否评课", "perhaps"),
        ("课题", "《观潮》"),
        SURE,
    ];
    let told = send(&pages, OBSERVED, &typed).await;
    let text = told.text();
    html::check("told", &text);
    assert!(text.contains("role=\"alert\""), "{text}");
    for (name, value) in &typed[..5] {
        assert!(text.contains(&format!("value=\"{value}\"")), "{name}: {text}");
    }
    let wrong: Vec<&str> = html::tags(&text)
        .filter(|tag| tag.contains("aria-invalid=\"true\""))
        .collect();
    let of = |name: &str| {
        wrong
            .iter()
            .filter(|tag| tag.contains(&format!("name=\"{name}\"")))
            .count()
    };
    assert_eq!(
        (of("听课日期"), of("听课学校"), of("是否评课"), wrong.len()),
        (1, 1, 1, 3),
        "{wrong:?}"
    );
    for tag in &wrong {
        let id = tag
            .split("aria-describedby=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        let said = format!("id=\"{}\"", id.expect("described"));
        assert_eq!(text.matches(&said).count(), 1, "{said}: {text}");
    }
    assert_eq!(pages.office.engine.head().size, before);
    // What the services refuse is said in their words.
    let of_another = [("教师编号", "T2"), ("听课日期", "2022-03-05"), ("听课学校", "S2"), SURE];
    let refused = send(&pages, OBSERVED, &of_another).await.text();
    assert!(refused.contains("role=\"alert\""), "{refused}");
    assert_eq!(pages.office.engine.head().size, before);
}

#[tokio::test]
async fn the_form_of_every_kind_has_every_column_of_its_sheet_and_leads_from_the_list_of_kinds() {
    let pages = Pages::furnished().await;
    for role in roles() {
        let list = pages.get(&role, "/post").await;
        assert_eq!(list.status, StatusCode::OK);
        html::check("/post", &list.text());
    }
    let list = pages.get(&DevRole::default(), "/post").await.text();
    for kind in Kind::ALL {
        let address = format!("/post/{}", kind.en().replace(' ', "%20"));
        assert!(
            *kind == Kind::Attendance || list.contains(&format!("href=\"{address}\"")),
            "{list}"
        );
        let form = pages.get(&DevRole::default(), &address).await;
        let text = form.text();
        html::check(&address, &text);
        let asked = |col: Col| !matches!(col, Col::Ignored | Col::Correct | Col::Void);
        for column in kind.columns().iter().filter(|column| asked(column.col)) {
            assert!(
                text.contains(&format!("name=\"{}\"", column.heading)),
                "{address}: {}",
                column.heading
            );
        }
    }
    let nothing = pages.get(&DevRole::default(), "/post/poems").await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_one_posted_is_listed_with_its_entries_and_links_to_each() {
    let pages = Pages::furnished().await;
    let before = pages.office.engine.head().size;
    send(&pages, OBSERVED, &[&LESSON[..], &[SURE]].concat()).await;
    let list = pages.get(&researcher(), "/submissions").await.text();
    html::check("/submissions", &list);
    let link = html::tags(&list).find_map(|tag| tag.strip_prefix("a href=\"/submissions/")?.strip_suffix('"'));
    let unknown = pages.get(&researcher(), "/submissions/none-of-hers").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND, "{}", unknown.text());
    let link = format!("/submissions/{}", link.expect("a submission"));
    assert!(link.ends_with(&format!("?from={before}")), "{link}");
    assert!(list.contains("lesson observed") && list.contains("form "), "{list}");
    let one = pages.get(&researcher(), &link).await;
    assert_eq!(one.status, StatusCode::OK);
    html::check(&link, &one.text());
    assert!(
        one.text().contains(&format!("href=\"/entries/{before}\"")),
        "{}",
        one.text()
    );
    // The proof of each is hers to save.
    let one = one.text();
    let receipt = html::tags(&one).find_map(|tag| tag.strip_prefix("a href=\"/receipts/")?.split('"').next());
    let receipt = format!("/receipts/{}", receipt.expect("a receipt"));
    let saved = pages.get(&researcher(), &receipt).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text());
    let keys: Vec<_> = pages.office.signing.keys().into_iter().map(|key| key.key).collect();
    let proved = ProofFile::parse(&saved.bytes).unwrap().check(&keys).unwrap();
    assert!(matches!(proved, Proved::Inclusion { index, .. } if index == before));
    let unknown = pages
        .get(&researcher(), "/receipts/6f1c2f0e-6a0f-4d0e-9a46-5b5b7a3f8f11")
        .await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_teacher_who_moves_is_typed_with_the_day_and_nobody_else_is_called_missing() {
    let pages = Pages::furnished().await;
    let to = "/post/teachers";
    let role = DevRole::default();
    let typed = [
        ("教师编号", "T1"),
        ("姓名", "试样1"),
        ("学段", "小学"),
        ("学科", "语文"),
        ("学校编号", "S2"),
        ("岗位", "教师"),
        ("from", "2022-09-01"),
    ];
    let fields = serde_urlencoded::to_string(typed).expect("encoded");
    let told = pages.post(&role, to, to, fields.clone()).await.text();
    html::check(to, &told);
    assert!(told.contains("name=\"from\" value=\"2022-09-01\""), "{told}");
    assert!(told.contains("from 2022-09-01") && !told.contains("T2"), "{told}");
}

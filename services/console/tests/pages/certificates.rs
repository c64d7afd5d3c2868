//! Certificates on the pages: issued from an entry, found in the register, checked by anybody, void.

use axum::http::StatusCode;
use keshi_office::access::{DevRole, Scope};

use crate::html;
use crate::office::Pages;
use crate::support::{attendance, session};

fn form(fields: &[(&str, &str)]) -> String {
    serde_urlencoded::to_string(fields).expect("encoded")
}

/// An office in which T1 was at a session: the entry of that.
async fn there(pages: &Pages) -> u64 {
    let admin = pages.office.admin();
    let events = vec![session("P1", "X-cert"), attendance("X-cert", "T1", 600)];
    let receipt = pages.office.record(&admin, events).await;
    receipt.verdicts[1].index.expect("recorded")
}

#[tokio::test]
async fn a_certificate_is_issued_from_an_entry_found_checked_by_anybody_and_void_at_once() {
    let pages = Pages::furnished_at(&jiff::Timestamp::now().to_string()).await;
    let index = there(&pages).await;
    let reviewer = DevRole::new("reviewer", Scope::default()).expect("a role");
    let entry = pages.get(&reviewer, &format!("/entries/{index}")).await.text();
    let address = format!("/entries/{index}/certificate");
    assert!(entry.contains(&address), "{entry}");
    let shown = pages.get(&reviewer, &address).await.text();
    html::check("issuing", &shown);
    let issued = pages
        .post(&reviewer, &address, &address, form(&[("attests", "参加国培")]))
        .await;
    let at = issued.location.unwrap_or_else(|| panic!("issued"));
    let one = pages.get(&reviewer, &at).await.text();
    html::check("one certificate", &one);
    let year = jiff::Timestamp::now().strftime("%Y").to_string();
    let number = format!("证书〔{year}〕第0001号");
    assert!(one.contains(&number) && one.contains("参加国培"), "{one}");
    // Printed where this machine has a font for it, and otherwise it is said that there is none.
    for address in [format!("{at}/pdf"), format!("/certificates.pdf?year={year}")] {
        let paper = pages.get(&reviewer, &address).await;
        let is_printed = paper.status == StatusCode::OK && paper.bytes.starts_with(b"%PDF-1.7");
        let says_why = || paper.text().contains("no font of Chinese");
        assert!(is_printed || says_why(), "{address}: {}", paper.status);
    }
    let again = pages
        .post(&reviewer, &address, &address, form(&[("attests", "另一张")]))
        .await;
    assert!(again.text().contains("has a certificate"), "{}", again.text());
    let list = pages.get(&reviewer, &format!("/certificates?year={year}")).await.text();
    html::check("the register", &list);
    assert!(list.contains(&number), "{list}");
    // Anybody, of no role at all.
    let nobody = DevRole::new("registry_reader", Scope::default()).expect("a role");
    let typed = form(&[(
        "number",
        &number
            .replace(['〔', '〕'], " ")
            .replace("证书 ", "证书(")
            .replace(" 第", ")第"),
    )]);
    let check = pages.get(&nobody, &format!("/check?{typed}")).await;
    html::check("a check", &check.text());
    assert!(
        check.text().contains(">valid<") && check.text().contains("certificate of training"),
        "{}",
        check.text()
    );
    let unknown = pages.get(&nobody, "/check/ZS-2022-0009-X").await;
    assert_eq!(unknown.status, StatusCode::OK);
    let voided = pages
        .post(&reviewer, &at, &format!("{at}/void"), form(&[("reason", "姓名有误")]))
        .await;
    assert_eq!(voided.location.as_deref(), Some(at.as_str()), "{}", voided.text());
    let check = pages.get(&nobody, &format!("/check?{typed}")).await.text();
    assert!(check.contains(">void<"), "{check}");
}

#[tokio::test]
async fn the_check_of_a_certificate_needs_nobody_to_be_signed_in_and_makes_who_tries_numbers_out_wait() {
    let pages = Pages::furnished().await;
    let nobody = DevRole::new("registry_reader", Scope::default()).expect("a role");
    let form = pages.get(&nobody, "/check").await;
    html::check("the form", &form.text());
    let mut last = StatusCode::OK;
    for number in 0..40 {
        last = pages
            .get(&nobody, &format!("/check?number=ZS(2022){number}"))
            .await
            .status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}

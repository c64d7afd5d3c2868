//! Papers as they come out: the text that is read from them, the code that is scanned, what stops the printing.
//!
//! The fonts come from `tests/fonts`; where `KESHI_FONTS` names none these tests say so and do nothing.

use std::path::PathBuf;

use keshi_papers::{BATCH_MAX, Fonts, Unprinted, certificates, transcript};
use keshi_proto::api::{self, Certificate, CertificateState};
use keshi_proto::event::Date;

/// The fonts of the tests.
fn fonts() -> Option<Fonts> {
    let Some(folder) = std::env::var_os("KESHI_FONTS") else {
        eprintln!("skipped: KESHI_FONTS names no fonts (tests/fonts prints some)");
        return None;
    };
    Some(Fonts::load(&[PathBuf::from(folder)]).expect("fonts"))
}

fn certificate(number: u32, name: &str) -> Certificate {
    Certificate {
        name: name.to_owned(),
        teacher_id: format!("LB-{number:04}"),
        school_names: vec!["松岭镇初级中学".to_owned()],
        number: format!("留教研证〔2022〕第{number:04}号"),
        code: format!("LJYZ-2022-{number:04}-P"),
        issuer: "留坝县教学研究室".to_owned(),
        kind_zh: "荣誉称号证书".to_owned(),
        state: CertificateState::Valid.into(),
        issued_on: Some(Date {
            year: 2022,
            month: 12,
            day: 30,
        }),
        attests:
            "在2022年度县级骨干教师评选中成绩突出，经考核公示，命名为县级教学能手（留教研发〔2022〕9号），有效期五年"
                .to_owned(),
        ..Certificate::default()
    }
}

/// Keeps a file to be looked at, where `KESHI_PAPERS` says a folder.
fn kept(name: &str, bytes: &[u8]) {
    if let Some(folder) = std::env::var_os("KESHI_PAPERS") {
        std::fs::write(PathBuf::from(folder).join(name), bytes).expect("written");
    }
}

#[test]
fn a_certificate_is_one_page_of_a_file_that_keeps_the_standard() {
    let Some(fonts) = fonts() else { return };
    let bytes = certificates(&fonts, &[certificate(1, "韩雨")], "https://keshi.example.org/check/").unwrap();
    kept("certificate.pdf", &bytes);
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.starts_with("%PDF-1.7") && text.contains("/MarkInfo") && text.contains("/StructTreeRoot"));
    assert!(text.contains("pdfaid") && text.contains("zh-CN"));
    assert!(bytes.len() < 120_000, "{} bytes: only the characters used", bytes.len());
}

#[test]
fn a_character_that_no_font_has_stops_the_printing_and_is_named_with_its_person() {
    let Some(fonts) = fonts() else { return };
    let all = [certificate(1, "韩雨"), certificate(2, "王\u{323B0}")];
    let stopped = certificates(&fonts, &all, "").unwrap_err();
    assert_eq!(
        stopped,
        Unprinted::NoGlyph {
            whose: "王\u{323B0} 留教研证〔2022〕第0002号".to_owned(),
            character: '\u{323B0}',
        }
    );
    assert!(stopped.say().zh.contains("U+323B0"), "{}", stopped.say().zh);
}

#[test]
fn what_is_void_is_not_printed_and_a_batch_has_its_bound() {
    let Some(fonts) = fonts() else { return };
    let void = Certificate {
        state: CertificateState::Void.into(),
        ..certificate(1, "韩雨")
    };
    assert!(matches!(certificates(&fonts, &[void], ""), Err(Unprinted::NotValid(_))));
    let many = vec![certificate(1, "韩雨"); BATCH_MAX + 1];
    assert_eq!(
        certificates(&fonts, &many, "").unwrap_err(),
        Unprinted::Batch(BATCH_MAX + 1)
    );
    assert_eq!(certificates(&fonts, &[], "").unwrap_err(), Unprinted::Batch(0));
}

#[test]
fn a_batch_is_one_file_in_reasonable_time() {
    let Some(fonts) = fonts() else { return };
    // A build for tests is slow: a tenth of what a release has the time for.
    let count = if cfg!(debug_assertions) { 100 } else { BATCH_MAX };
    let all: Vec<_> = (1..).take(count).map(|number| certificate(number, "韩雨")).collect();
    let began = std::time::Instant::now();
    let bytes = certificates(&fonts, &all, "https://keshi.example.org/check/").unwrap();
    eprintln!(
        "{} certificates in {:?}, {} bytes",
        all.len(),
        began.elapsed(),
        bytes.len()
    );
    assert!(began.elapsed().as_secs() < 30, "{:?}", began.elapsed());
    kept("thousand.pdf", &bytes);
}

#[test]
fn a_transcript_has_every_line_that_counts_over_its_pages() {
    let Some(fonts) = fonts() else { return };
    let day = |month, day| Some(Date { year: 2022, month, day });
    let line = |place: i32| api::Line {
        from: day(1 + place % 12, 1 + place % 28),
        to: day(1 + place % 12, 1 + place % 28),
        kind_zh: "出勤".to_owned(),
        what: format!("第{place}期县级骨干教师课堂教学能力提升专题研修（小学语文、数学、英语）"),
        meter: "training_hours".to_owned(),
        rule_id: "V1".to_owned(),
        counted_centiamount: 650,
        ..api::Line::default()
    };
    let policy = api::PolicyBalance {
        policy_id: "sample-360".to_owned(),
        version: 1,
        policy_name: "五年360学时".to_owned(),
        meters: vec![api::MeterTotal {
            meter: "training_hours".to_owned(),
            meter_zh: "培训课时".to_owned(),
            unit: "课时".to_owned(),
            centiamount: 39_000,
            ..api::MeterTotal::default()
        }],
        lines: (0..60).map(line).collect(),
        ..api::PolicyBalance::default()
    };
    let balance = api::Balance {
        teacher_id: "LB-0001".to_owned(),
        name: "王建岚".to_owned(),
        period: "2022".to_owned(),
        from: day(1, 1),
        to: day(12, 31),
        size: 5_908,
        policies: vec![policy],
        school_names: vec!["城关小学".to_owned()],
        subject: "小学语文".to_owned(),
        ..api::Balance::default()
    };
    let bytes = transcript(&fonts, &balance, (2022, 12, 31)).unwrap();
    kept("transcript.pdf", &bytes);
    assert!(String::from_utf8_lossy(&bytes).starts_with("%PDF-1.7"));
}

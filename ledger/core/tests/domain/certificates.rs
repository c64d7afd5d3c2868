//! Certificates (DOMAIN §11): numbers without gap or double, one certificate for each basis, and what a void takes with it.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

use keshi_core::codes::{LessonType, Level, TitleClass};
use keshi_core::entry::{Entry, Verdict};
use keshi_core::event::{CertificateIssued, CertificateReissued, CertificateVoided, Event, Fact, TitleWithdrawn};
use keshi_core::ids::EventId;
use keshi_core::reason::ReasonCode;
use keshi_core::registry::{CertificateView, Validity};
use keshi_core::submission::Taking;
use keshi_core::text::Text;
use proptest::prelude::*;

use crate::documents::adopt_policy;
use crate::support::facts::{self, teacher, text};
use crate::support::{Ledger, assert_refused, assert_verdict, day, id, on};

fn lesson(id: &str) -> Fact {
    facts::lesson(id, LessonType::Open, 1, None)
}

fn correcting(number: u128, date: &str, original: u128, fact: Fact) -> Event {
    Event {
        supersedes: Some(id(original)),
        ..on(number, date, fact)
    }
}

pub fn issued(id: &str, basis: u128) -> CertificateIssued {
    CertificateIssued {
        teacher_id: teacher(id),
        basis_event: self::id(basis),
        attests: text("执教县级公开课"),
        old_number: None,
    }
}

fn issue(number: u128, teacher: &str, basis: u128) -> Event {
    on(number, "2022-12-01", issued(teacher, basis))
}

fn reissue(number: u128, id: &str, certificate: u128) -> Event {
    let fact = CertificateReissued {
        teacher_id: teacher(id),
        certificate_event: self::id(certificate),
        reason: text("遗失"),
    };
    on(number, "2022-12-20", fact)
}

fn void(number: u128, id: &str, certificate: u128) -> Event {
    let fact = CertificateVoided {
        teacher_id: teacher(id),
        certificate_event: self::id(certificate),
        reason: text("姓名有误"),
        authorised_by: None,
    };
    on(number, "2022-12-21", fact)
}

/// A county in which `T1` to `T3` gave lessons 101 to 103 and 201 to 203.
fn county() -> Ledger {
    let mut ledger = Ledger::county();
    for (number, id) in (101..).zip(["T1", "T2", "T3"]) {
        ledger.given([
            on(number, "2022-05-01", lesson(id)),
            on(number + 100, "2022-06-01", lesson(id)),
        ]);
    }
    ledger
}

fn view(ledger: &Ledger, certificate: u128, size: u64) -> CertificateView {
    let at = ledger.state.at(size);
    let index = at.index_of(id(certificate)).expect("it is recorded");
    at.certificate_at(index).expect("it is a certificate")
}

fn validity(ledger: &Ledger, certificate: u128) -> Validity {
    view(ledger, certificate, ledger.size()).validity
}

#[test]
fn a_certificate_gets_the_next_number_of_its_year_and_a_refused_one_takes_none() {
    let mut ledger = county();
    let mut numbers = Vec::new();
    for event in [
        issue(301, "T1", 101),
        issue(302, "T2", 101),
        issue(303, "T2", 102),
        on(304, "2021-03-01", issued("T3", 103)),
        issue(305, "T3", 203),
    ] {
        numbers.push(ledger.post(event).number.map(NonZeroU32::get));
    }
    assert_eq!(numbers, [Some(1), None, Some(2), Some(1), Some(3)]);
    let again = ledger.post(issue(303, "T2", 102));
    assert_verdict(&again, Verdict::Duplicate);
    assert_eq!(
        again.number.map(NonZeroU32::get),
        Some(2),
        "the same number is answered"
    );
}

#[test]
fn what_a_certificate_cannot_rest_on_is_refused_with_its_reason() {
    let mut ledger = county();
    ledger.given([
        on(401, "2022-05-02", facts::attended("T1", "X9", "3")),
        on(402, "2022-05-03", lesson("T1")),
        on(403, "2022-05-04", facts::void(id(402))),
    ]);
    for (event, code) in [
        (issue(301, "T1", 999), ReasonCode::NoSuchBasis),
        (issue(302, "T1", 1), ReasonCode::BasisNotCrediting),
        (issue(303, "T1", 403), ReasonCode::BasisNotCrediting),
        (issue(304, "T1", 102), ReasonCode::BasisOfAnother),
        (issue(305, "T1", 401), ReasonCode::BasisWaiting),
        (issue(306, "T1", 402), ReasonCode::BasisVoid),
        (issue(307, "T9", 101), ReasonCode::UnknownTeacher),
    ] {
        assert_refused(&ledger.post(event), code);
    }
}

#[test]
fn a_waiting_basis_bears_a_certificate_once_it_has_settled() {
    let mut ledger = county();
    ledger.given([on(401, "2022-05-02", facts::attended("T1", "X9", "3"))]);
    assert_refused(&ledger.post(issue(301, "T1", 401)), ReasonCode::BasisWaiting);
    ledger.given([
        on(402, "2022-05-01", facts::project("P9", "研修")),
        on(403, "2022-05-02", facts::session("X9", "P9")),
    ]);
    assert_verdict(&ledger.post(issue(301, "T1", 401)), Verdict::Recorded);
    ledger.given([on(404, "2022-06-01", facts::cancelled("X9"))]);
    assert_eq!(
        validity(&ledger, 301),
        Validity::ToBeRecalled,
        "its session was cancelled"
    );
}

#[test]
fn the_certificate_of_a_title_that_was_withdrawn_is_to_be_recalled() {
    let mut ledger = county();
    ledger.given([on(
        401,
        "2022-05-30",
        facts::title("T1", TitleClass::RisingTeacher, Level::County),
    )]);
    ledger.given([issue(301, "T1", 401)]);
    assert_eq!(validity(&ledger, 301), Validity::Valid);
    let withdrawn = TitleWithdrawn {
        teacher_id: teacher("T1"),
        title_event: id(401),
        reason: text("师德失范"),
        doc_no: None,
    };
    ledger.given([on(402, "2022-12-10", withdrawn)]);
    assert_eq!(validity(&ledger, 301), Validity::ToBeRecalled);
    assert_refused(&ledger.post(issue(302, "T1", 402)), ReasonCode::BasisNotCrediting);
}

#[test]
fn one_basis_has_one_certificate_until_that_is_void() {
    let mut ledger = county();
    ledger.given([issue(301, "T1", 101)]);
    assert_refused(&ledger.post(issue(302, "T1", 101)), ReasonCode::CertifiedAlready);
    ledger.given([void(303, "T1", 301), issue(302, "T1", 101)]);
    let new = view(&ledger, 302, ledger.size());
    assert_eq!(new.number.unwrap().number.get(), 2, "a void number is not given again");
}

#[test]
fn nothing_is_done_to_a_certificate_that_was_never_issued_or_is_void() {
    let mut ledger = county();
    ledger.given([issue(301, "T1", 101)]);
    for event in [reissue(401, "T1", 101), void(402, "T1", 999), void(403, "T2", 301)] {
        assert_refused(&ledger.post(event), ReasonCode::NoSuchCertificate);
    }
    assert_refused(
        &ledger.post(on(404, "2022-12-22", facts::void(id(301)))),
        ReasonCode::NotVoidable,
    );
    ledger.given([void(405, "T1", 301)]);
    assert_refused(&ledger.post(reissue(406, "T1", 301)), ReasonCode::CertificateVoid);
    assert_refused(&ledger.post(void(407, "T1", 301)), ReasonCode::CertificateVoid);
}

#[test]
fn a_lost_certificate_keeps_its_number_and_counts_its_copies() {
    let mut ledger = county();
    ledger.given([issue(301, "T1", 101)]);
    for (number, times) in [(401, 1), (402, 2)] {
        let verdict = ledger.post(reissue(number, "T1", 301));
        assert_eq!(verdict.number.map(NonZeroU32::get), Some(1));
        let now = view(&ledger, 301, ledger.size());
        assert_eq!(now.validity, Validity::Reissued(times));
        assert_eq!(
            now.number.unwrap().to_string(),
            format!("证书〔2022〕第0001号（补{times}）")
        );
    }
}

#[test]
fn voiding_what_it_rests_on_flags_a_certificate_at_every_size_and_what_comes_in_its_place_bears_it() {
    let mut ledger = county();
    ledger.given([issue(301, "T1", 101)]);
    let before = ledger.size();
    ledger.given([correcting(401, "2022-05-01", 101, lesson("T1"))]);
    let corrected = view(&ledger, 301, ledger.size());
    assert_eq!(corrected.validity, Validity::Valid);
    assert_eq!(corrected.basis, ledger.state.at(ledger.size()).index_of(id(401)));
    assert_refused(&ledger.post(issue(302, "T1", 401)), ReasonCode::CertifiedAlready);
    // To another teacher: the paper says what is not so any more.
    ledger.given([correcting(402, "2022-05-01", 401, lesson("T2"))]);
    assert_eq!(validity(&ledger, 301), Validity::ToBeRecalled);
    assert_refused(&ledger.post(reissue(403, "T1", 301)), ReasonCode::BasisOfAnother);
    ledger.given([on(404, "2022-06-01", facts::void(id(402)))]);
    assert_eq!(
        validity(&ledger, 301),
        Validity::Valid,
        "what it corrected stands again"
    );
    ledger.given([
        on(405, "2022-06-02", facts::void(id(401))),
        on(406, "2022-06-02", facts::void(id(101))),
    ]);
    assert_eq!(validity(&ledger, 301), Validity::ToBeRecalled);
    assert_refused(&ledger.post(reissue(407, "T1", 301)), ReasonCode::BasisVoid);
    ledger.given([void(408, "T1", 301)]);
    assert_eq!(validity(&ledger, 301), Validity::Void);
    assert_eq!(
        view(&ledger, 301, before).validity,
        Validity::Valid,
        "as it was known then"
    );
}

#[test]
fn an_office_writes_numbers_as_its_policy_says_from_its_adoption_on() {
    let mut ledger = county();
    ledger.given([issue(301, "T1", 101)]);
    let document = r#"language = 1
id = "papers"
version = 1
name = "证书编号办法"
effective_from = 2020-01-01
[scope]
post = ["教师"]
[certificates]
word = "留教研证"
code = "LJYZ"
issuer = "留坝县教学研究室"
numbered_from = 2022-07-01
"#;
    ledger.post_all(Taking::Atomic, adopt_policy(900, "2023-01-01", document));
    ledger.given([issue(302, "T1", 201)]);
    let written = |ledger: &Ledger, certificate| view(ledger, certificate, ledger.size()).number.unwrap().to_string();
    assert_eq!(
        written(&ledger, 301),
        "证书〔2022〕第0001号",
        "as it was written when it was issued"
    );
    assert_eq!(written(&ledger, 302), "留教研证〔2022〕第0002号");
    let old = |number, day: &str, basis| {
        let old_number = Some(Text::new("留证字12").unwrap());
        on(
            number,
            day,
            CertificateIssued {
                old_number,
                ..issued("T2", basis)
            },
        )
    };
    assert_refused(&ledger.post(old(303, "2022-07-01", 102)), ReasonCode::OldNumberLate);
    ledger.given([old(304, "2022-06-30", 102)]);
    assert_eq!(written(&ledger, 304), "补-留教研证〔2022〕第0003号");
}

#[test]
fn an_atomic_submission_that_fails_takes_its_numbers_back() {
    let mut ledger = county();
    let verdicts = ledger.post_all(
        Taking::Atomic,
        vec![issue(301, "T1", 101), issue(302, "T2", 102), issue(303, "T9", 103)],
    );
    assert!(verdicts.iter().all(|verdict| verdict.number.is_none()), "{verdicts:?}");
    assert_eq!(ledger.post(issue(304, "T3", 103)).number.map(NonZeroU32::get), Some(1));
    assert_eq!(ledger.state.at(ledger.size()).certificates().count(), 1);
}

/// What is posted: for one of 24 lessons and a day of two years, a certificate is issued, issued again, voided, or its lesson
/// voided.
type Step = (u128, u8, bool);

fn event(place: usize, (lesson, what, is_next): Step) -> Event {
    let (number, year) = (1_000 + place as u128, if is_next { "2023-05-01" } else { "2022-12-01" });
    let (teacher, certificate) = (["T1", "T2", "T3", "T4"][(lesson % 4) as usize], 2_000 + lesson);
    match what {
        // The same event id for a lesson, so that it may be a duplicate, or in conflict by its day.
        0..=3 => on(certificate, year, issued(teacher, 100 + lesson)),
        4 => on(number, year, issued(teacher, 100 + lesson)),
        5 => reissue(number, teacher, certificate),
        6 => void(number, teacher, certificate),
        7 => on(number, year, facts::void(id(100 + lesson))),
        _ => on(number, year, issued("T1", 100 + lesson)),
    }
}

/// Year → the numbers of its certificates in the order of the log, as the entries keep them.
fn numbers(entries: &[Entry]) -> BTreeMap<i16, Vec<u32>> {
    let mut numbers: BTreeMap<i16, Vec<u32>> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| entry.verdict == Verdict::Recorded) {
        let Some(event) = entry.posted.event() else { continue };
        if matches!(event.fact, Fact::CertificateIssued(_)) {
            let number = entry.outcome.number.expect("an issued certificate has a number");
            numbers.entry(event.to.year()).or_default().push(number.get());
        }
    }
    numbers
}

proptest! {
    #[test]
    fn numbers_are_one_to_n_without_gap_or_double(
        steps in proptest::collection::vec((0_u128..24, 0_u8..9, any::<bool>()), 1..60),
        parts in proptest::collection::vec((1_usize..6, any::<bool>()), 12),
    ) {
        let mut ledger = Ledger::county();
        for number in 0..24_u128 {
            let teacher = ["T1", "T2", "T3", "T4"][(number % 4) as usize];
            ledger.given([on(100 + number, "2022-05-01", lesson(teacher))]);
        }
        let mut events = steps.iter().enumerate().map(|(place, step)| event(place, *step)).peekable();
        for (length, atomic) in parts.into_iter().cycle() {
            if events.peek().is_none() {
                break;
            }
            let taking = if atomic { Taking::Atomic } else { Taking::Each };
            let size = ledger.size();
            let verdicts = ledger.post_all(taking, events.by_ref().take(length).collect());
            // What is told is what is kept.
            for verdict in verdicts.iter().filter(|verdict| verdict.verdict == Verdict::Recorded) {
                let index = verdict.index.unwrap();
                prop_assert!(index >= size);
                prop_assert_eq!(verdict.number, ledger.entries[usize::try_from(index).unwrap()].outcome.number);
            }
        }
        for (year, numbers) in numbers(&ledger.entries) {
            let expected: Vec<u32> = (1..).take(numbers.len()).collect();
            prop_assert_eq!(numbers, expected, "{}", year);
        }
        // A replay takes the numbers from the entries, and answers the same at every size.
        let replayed = ledger.replayed(ledger.size());
        for size in 0..=ledger.size() {
            let (live, told): (Vec<_>, Vec<_>) =
                (ledger.state.at(size).certificates().collect(), replayed.at(size).certificates().collect());
            prop_assert_eq!(live, told);
        }
        prop_assert_eq!(ledger.state.at(ledger.size()).digest(), replayed.at(ledger.size()).digest());
        let live: Vec<CertificateView> = ledger.state.at(ledger.size()).certificates().collect();
        let valid = live.iter().filter(|view| view.validity != Validity::Void && view.basis.is_some());
        let bases: Vec<_> = valid.map(|view| (view.teacher_id, view.basis)).collect();
        prop_assert_eq!(bases.len(), bases.iter().collect::<BTreeSet<_>>().len(), "one certificate a basis");
        for view in &live {
            let number = view.number.as_ref().unwrap();
            let found = ledger.state.at(ledger.size()).certificate_numbered(number.year, number.number.get());
            prop_assert_eq!(found.map(|view| view.event_id), Some(view.event_id));
        }
    }
}

#[test]
fn an_event_that_issued_no_certificate_is_none() {
    let ledger = county();
    let at = ledger.state.at(ledger.size());
    let lesson: EventId = id(101);
    assert_eq!(at.certificate_at(at.index_of(lesson).unwrap()), None);
    assert_eq!(at.certificate_numbered(2022, 1), None);
    assert_eq!(at.certificate_form(day("2022-01-01")).code, "ZS");
}

//! What rests on titles: certificates of those that were renewed or taken away, and recommendations; and whose policy says how
//! papers are written.

use keshi_core::codes::{Level, TitleClass};
use keshi_core::entry::Verdict;
use keshi_core::event::{CertificateIssued, CertificateReissued, Event, Fact};
use keshi_core::reason::ReasonCode;
use keshi_core::registry::Validity;
use keshi_core::submission::Taking;

use crate::documents::adopt_policy;
use crate::support::facts::{recommended, renewed, teacher, text, title, void, withdrawn};
use crate::support::{Ledger, assert_refused, assert_verdict, day, id, on};

fn conferred(number: u128, date: &str) -> Event {
    on(number, date, title("T1", TitleClass::ExpertTeacher, Level::County))
}

fn issued(basis: u128) -> Fact {
    let fact = CertificateIssued {
        teacher_id: teacher("T1"),
        basis_event: id(basis),
        attests: text("县级教学能手"),
        old_number: None,
    };
    fact.into()
}

fn validity(ledger: &Ledger, certificate: u128, size: u64) -> Validity {
    let at = ledger.state.at(size);
    let index = at.index_of(id(certificate)).unwrap();
    at.certificate_at(index).unwrap().validity
}

#[test]
fn a_title_taken_away_flags_its_certificate_and_one_that_expired_does_not() {
    let mut ledger = Ledger::county();
    ledger.given([
        conferred(60, "2015-03-01"),
        conferred(70, "2022-03-01"),
        on(80, "2022-03-02", issued(60)),
        on(81, "2022-03-02", issued(70)),
    ]);
    assert_eq!(validity(&ledger, 80, ledger.size()), Validity::Valid, "it was held");
    ledger.given([on(90, "2023-05-01", withdrawn("T1", id(70)))]);
    assert_eq!(validity(&ledger, 81, ledger.size()), Validity::ToBeRecalled);
    assert_eq!(
        validity(&ledger, 81, ledger.size() - 1),
        Validity::Valid,
        "as it was known then"
    );
    let again = CertificateReissued {
        teacher_id: teacher("T1"),
        certificate_event: id(81),
        reason: text("遗失"),
    };
    let refused = ledger.post(on(91, "2023-05-02", again));
    assert_refused(&refused, ReasonCode::BasisVoid);
    assert_eq!(
        refused.reason.unwrap().index,
        ledger.state.at(ledger.size()).index_of(id(90))
    );
    // A withdrawal that comes when the title is over takes nothing away; and voided, it never was.
    ledger.given([on(92, "2023-05-01", withdrawn("T1", id(60)))]);
    assert_eq!(validity(&ledger, 80, ledger.size()), Validity::Valid);
    ledger.given([on(93, "2023-06-01", void(id(90)))]);
    assert_eq!(validity(&ledger, 81, ledger.size()), Validity::Valid);
}

#[test]
fn what_takes_a_title_away_bears_no_certificate_and_a_renewal_does_if_it_came_in_time() {
    let mut ledger = Ledger::county();
    ledger.given([
        conferred(60, "2015-03-01"),
        on(61, "2019-03-01", renewed("T1", id(60), None)),
        conferred(70, "2022-03-01"),
        on(71, "2023-05-01", withdrawn("T1", id(70))),
    ]);
    assert_refused(
        &ledger.post(on(80, "2023-06-01", issued(71))),
        ReasonCode::BasisNotCrediting,
    );
    assert_verdict(&ledger.post(on(81, "2023-06-01", issued(61))), Verdict::Recorded);
    // After the title was taken away it gives nothing.
    ledger.given([on(72, "2023-06-01", renewed("T1", id(70), None))]);
    assert_refused(&ledger.post(on(82, "2023-06-02", issued(72))), ReasonCode::BasisWaiting);
}

#[test]
fn a_recommendation_rests_on_a_title_that_was_held_on_its_day() {
    let has_effect = |ledger: &Ledger| {
        let record = ledger.state.at(ledger.size()).teacher_record(&teacher("T1")).unwrap();
        record.recommendations[0].why_not.is_none()
    };
    // Before it was conferred, after it expired, after it was taken away; and taken away later.
    let cases = [
        ("2022-02-28", None, false),
        ("2022-03-01", None, true),
        ("2023-06-01", Some("2023-05-01"), false),
        ("2023-04-30", Some("2023-05-01"), true),
    ];
    for (date, taken_away, held) in cases {
        let mut ledger = Ledger::county();
        ledger.given([conferred(60, "2022-03-01")]);
        if let Some(date) = taken_away {
            ledger.given([on(61, date, withdrawn("T1", id(60)))]);
        }
        let verdict = ledger.post(on(62, date, recommended("T1", None, Some(id(60)), Level::City)));
        let expected = if held { Verdict::Recorded } else { Verdict::Waiting };
        assert_verdict(&verdict, expected);
        assert_eq!(has_effect(&ledger), held, "{date}");
    }
    // One that waits for another carries no recommendation until it settles.
    let mut ledger = Ledger::county();
    let city = on(60, "2022-03-01", title("T1", TitleClass::ExpertTeacher, Level::City));
    ledger.given([
        city,
        on(62, "2022-04-01", recommended("T1", None, Some(id(60)), Level::Province)),
    ]);
    assert!(!has_effect(&ledger));
    ledger.given([conferred(63, "2021-03-01")]);
    assert!(has_effect(&ledger));
}

#[test]
fn a_version_that_says_nothing_of_papers_ends_what_its_predecessor_said() {
    let document = |version: u32, from: &str, certificates: &str| {
        format!(
            r#"language = 1
id = "papers"
version = {version}
name = "证书编号办法"
effective_from = {from}
[scope]
post = ["教师"]
{certificates}"#
        )
    };
    let mut ledger = Ledger::county();
    let first = document(
        1,
        "2020-01-01",
        "[certificates]\nword = \"留教研证\"\ncode = \"LJYZ\"\n",
    );
    ledger.post_all(Taking::Atomic, adopt_policy(900, "2024-01-01", &first));
    let second = document(2, "2025-01-01", "[review]\npublicity_days = 5\n");
    let verdicts = ledger.post_all(Taking::Atomic, adopt_policy(950, "2024-01-01", &second));
    let is_adopted = verdicts.iter().all(|one| one.verdict == Verdict::Recorded);
    assert!(is_adopted, "{verdicts:?}");
    let form = |date: &str| ledger.state.at(ledger.size()).certificate_form(day(date)).word;
    assert_eq!(
        (form("2024-12-31").as_str(), form("2025-01-01").as_str()),
        ("留教研证", "证书")
    );
}

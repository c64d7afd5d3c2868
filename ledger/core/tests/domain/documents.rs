//! Policies and calendars: documents in parts, adoption, versions, voids.

use keshi_core::codes::Post;
use keshi_core::entry::Verdict;
use keshi_core::event::{CalendarAdopted, DOCUMENT_PART_BYTES_MAX, DocumentPart, Event, PolicyAdopted};
use keshi_core::ids::{CalendarId, PolicyId, Sha256, TeacherId};
use keshi_core::policy::Policy;
use keshi_core::policy::size::POLICY_BYTES_MAX;
use keshi_core::reason::{ReasonCode, VALUE_LEN_MAX};
use keshi_core::submission::Taking;

use crate::support::facts::{self, assigned, attended, project, session, visit, void};
use crate::support::{Ledger, assert_refused, assert_verdict, day, id, on};

/// The policy that the tests vary.
pub const RESEARCHERS: &str = "researchers";

/// The policy of the office's own example.
const DONGXING: &str = include_str!("../../policies/dongxing-researcher-2020.toml");

/// A small policy: hours per year, a visit per month.
pub fn policy(id: &str, version: u32, from: &str, to: Option<&str>, hours: &str) -> String {
    let to = to.map_or_else(String::new, |to| format!("effective_to = {to}\n"));
    format!(
        r#"language = 1
id = "{id}"
version = {version}
name = "教研员"
effective_from = {from}
{to}[scope]
post = ["专职教研员"]
[[requirement]]
id = "R1"
meter = "training_hours"
period = "calendar_year"
min = "{hours}"
[[requirement]]
id = "R4"
meter = "school_visits"
period = "month"
min = "{version}"
skip_months = [2, 7, 8]
[[conversion]]
id = "V{version}"
kind = "attendance_recorded"
role = ["学员"]
hours = "hours_present"
"#
    )
}

/// A calendar whose second semester of 2021-2022 begins on `from`.
pub fn calendar(id: &str, from: &str) -> String {
    format!(
        "id = \"{id}\"\n[[semester]]\nid = \"2021-2022-2\"\nfrom = {from}\nto = 2022-07-08\nteaching_weeks = 20\n\
         [[semester]]\nid = \"2022-2023-1\"\nfrom = 2022-09-01\nto = 2023-01-13\nteaching_weeks = 20\n"
    )
}

/// The parts of a document, numbered from `number` on.
pub fn parts(number: u128, date: &str, document: &str, size: usize) -> Vec<Event> {
    let sha256 = Sha256::of(document.as_bytes());
    let chunks: Vec<&[u8]> = document.as_bytes().chunks(size).collect();
    let count = u16::try_from(chunks.len()).unwrap();
    let part = |(place, body): (u16, &&[u8])| DocumentPart {
        sha256,
        part: place,
        parts: count,
        body: body.to_vec(),
    };
    let parts = (0..).zip(&chunks).map(part);
    let events = (number..).zip(parts);
    events.map(|(number, part)| on(number, date, part)).collect()
}

/// The events that adopt a policy: its parts, then the adoption, whose id is `number`.
pub fn adopt_policy(number: u128, date: &str, document: &str) -> Vec<Event> {
    let policy = Policy::parse(document).unwrap();
    let adopted = policy.adoption(Sha256::of(document.as_bytes()));
    let mut events = parts(number + 1, date, document, 300);
    events.push(on(number, date, adopted));
    events
}

pub fn adopt_calendar(number: u128, date: &str, document: &str) -> Vec<Event> {
    let id = document.split('"').nth(1).unwrap();
    let adopted = CalendarAdopted {
        calendar_id: CalendarId::new(id).unwrap(),
        sha256: Sha256::of(document.as_bytes()),
    };
    let mut events = parts(number + 1, date, document, 300);
    events.push(on(number, date, adopted));
    events
}

#[track_caller]
pub fn adopted(ledger: &mut Ledger, events: Vec<Event>) {
    for verdict in ledger.post_all(Taking::Atomic, events) {
        assert!(verdict.verdict.is_in_ledger(), "{verdict:?}");
    }
}

/// A county in which `T1` is a full-time researcher since 2020.
fn with_researcher() -> Ledger {
    let mut ledger = Ledger::county();
    ledger.given([on(20, "2020-01-01", assigned("T1", Post::Researcher, None))]);
    ledger
}

fn in_force(ledger: &Ledger, date: &str) -> Vec<u32> {
    let policies = ledger.state.at(ledger.size()).policies_in_force(day(date));
    policies.iter().map(|policy| policy.version).collect()
}

#[test]
fn the_office_s_example_policy_is_read_and_adopted() {
    let mut ledger = with_researcher();
    adopted(&mut ledger, adopt_policy(100, "2023-12-30", DONGXING));
    let sections = ledger
        .state
        .at(ledger.size())
        .balance(&facts::teacher("T1"), ledger.period("2022"))
        .unwrap()
        .unwrap()
        .sections;
    let ids: Vec<_> = sections[0]
        .standings
        .iter()
        .map(|s| s.requirement.id.to_string())
        .collect();
    // No calendar yet, so no semester; twelve months less February, July and August.
    assert_eq!(ids, ["R1", "R3", "R4", "R4", "R4", "R4", "R4", "R4", "R4", "R4", "R4"]);
    assert_eq!(
        ledger
            .state
            .at(ledger.size())
            .document(&Sha256::of(DONGXING.as_bytes()))
            .as_deref(),
        Some(DONGXING)
    );
}

#[test]
fn an_adoption_without_its_parts_before_it_is_refused() {
    let document = policy(RESEARCHERS, 1, "2020-01-01", None, "90");
    let mut ledger = Ledger::county();
    let mut events = adopt_policy(100, "2023-12-30", &document);
    let adoption = events.pop().unwrap();
    assert_refused(&ledger.post(adoption.clone()), ReasonCode::DocumentMissing);
    let mut adoption_first = vec![adoption.clone()];
    adoption_first.extend(events.clone());
    let verdicts = ledger.post_all(Taking::Atomic, adoption_first);
    assert_refused(&verdicts[0], ReasonCode::DocumentMissing);
    assert!(in_force(&ledger, "2022-01-01").is_empty());
    // Some of the parts are not the document.
    let verdicts = ledger.post_all(Taking::Each, events[1..].to_vec());
    assert_refused(&verdicts[0], ReasonCode::DocumentMissing);
    events.push(adoption);
    adopted(&mut ledger, events);
    assert_eq!(in_force(&ledger, "2022-01-01"), [1]);
}

#[test]
fn a_refused_part_takes_the_adoption_of_its_document_with_it() {
    let document = policy(RESEARCHERS, 1, "2020-01-01", None, "90");
    let mut ledger = Ledger::county();
    let mut events = adopt_policy(100, "2023-12-30", &document);
    events[0].org = Some(facts::school("S9"));
    let verdicts = ledger.post_all(Taking::Each, events.clone());
    assert_refused(&verdicts[0], ReasonCode::UnknownSchool);
    assert_refused(verdicts.last().unwrap(), ReasonCode::DocumentMissing);
    // Mended and sent again: the parts that stand are duplicates, and the policy is adopted.
    events[0].org = None;
    let verdicts = ledger.post_all(Taking::Each, events);
    assert_verdict(&verdicts[0], Verdict::Recorded);
    assert_verdict(&verdicts[1], Verdict::Duplicate);
    assert_verdict(verdicts.last().unwrap(), Verdict::Recorded);
    assert_eq!(in_force(&ledger, "2022-01-01"), [1]);
}

#[test]
fn a_document_cut_in_two_ways_stays_whole() {
    let document = calendar("c", "2022-02-14");
    let mut ledger = Ledger::county();
    adopted(&mut ledger, adopt_calendar(100, "2023-12-30", &document));
    let mut again = parts(200, "2023-12-30", &document, 40);
    let readopted = CalendarAdopted {
        calendar_id: CalendarId::new("c").unwrap(),
        sha256: Sha256::of(document.as_bytes()),
    };
    again.push(on(199, "2023-12-30", readopted));
    adopted(&mut ledger, again);
    let replayed = ledger.replayed(ledger.size());
    let sha256 = Sha256::of(document.as_bytes());
    assert_eq!(replayed.at(ledger.size()).document(&sha256), Some(document));
    assert_eq!(replayed.at(ledger.size()).calendars().count(), 2);
}

#[test]
fn parts_that_do_not_make_up_the_hash_are_refused() {
    let mut ledger = Ledger::county();
    let mut events = adopt_policy(100, "2023-12-30", &policy(RESEARCHERS, 1, "2020-01-01", None, "90"));
    events.swap(0, 1);
    let (first, second) = (events[0].fact.clone(), events[1].fact.clone());
    // Two parts change places but keep each other's numbers.
    if let (keshi_core::event::Fact::DocumentPart(one), keshi_core::event::Fact::DocumentPart(two)) = (first, second) {
        events[0].fact = DocumentPart {
            part: two.part,
            ..one.clone()
        }
        .into();
        events[1].fact = DocumentPart { part: one.part, ..two }.into();
    }
    for verdict in ledger.post_all(Taking::Atomic, events) {
        assert_refused(&verdict, ReasonCode::DocumentMissing);
    }
}

#[test]
fn a_policy_version_is_taken_once_and_a_later_one_may_not_begin_in_the_past() {
    let mut ledger = Ledger::county();
    let last = |ledger: &mut Ledger, number, document: &str| {
        let verdicts = ledger.post_all(Taking::Atomic, adopt_policy(number, "2023-12-30", document));
        verdicts.last().unwrap().clone()
    };
    let first = policy(RESEARCHERS, 1, "2020-01-01", None, "90");
    assert_verdict(&last(&mut ledger, 100, &first), Verdict::Recorded);
    // The same document under other event ids: its version is taken.
    assert_refused(&last(&mut ledger, 200, &first), ReasonCode::VersionTaken);
    let late = policy(RESEARCHERS, 2, "2023-12-31", None, "80");
    assert_refused(&last(&mut ledger, 300, &late), ReasonCode::Backdated);
    let retroactive = late.replace("[scope]", "retroactive = true\n[scope]");
    assert_verdict(&last(&mut ledger, 400, &retroactive), Verdict::Recorded);
    // Refused documents left nothing behind but their refusals.
    let late = ledger.state.at(ledger.size()).document(&Sha256::of(late.as_bytes()));
    assert!(late.is_none());
    assert_eq!(in_force(&ledger, "2023-12-30"), [1]);
    assert_eq!(in_force(&ledger, "2023-12-31"), [2]);
}

#[test]
fn a_voided_policy_is_out_of_force_and_its_version_free_again() {
    let mut ledger = with_researcher();
    adopted(
        &mut ledger,
        adopt_policy(100, "2023-12-30", &policy(RESEARCHERS, 1, "2020-01-01", None, "90")),
    );
    let before = ledger.size();
    ledger.given([on(150, "2023-12-31", void(id(100)))]);
    assert!(in_force(&ledger, "2022-01-01").is_empty());
    assert_eq!(ledger.state.at(before).policies_in_force(day("2022-01-01")).len(), 1);
    adopted(
        &mut ledger,
        adopt_policy(200, "2023-12-31", &policy(RESEARCHERS, 1, "2020-01-01", None, "72")),
    );
    assert_eq!(in_force(&ledger, "2022-01-01"), [1]);
}

#[test]
fn a_voided_calendar_gives_back_the_dates_of_the_one_before() {
    let mut ledger = Ledger::county();
    adopted(
        &mut ledger,
        adopt_calendar(100, "2023-12-30", &calendar("a", "2022-02-14")),
    );
    adopted(
        &mut ledger,
        adopt_calendar(200, "2023-12-30", &calendar("b", "2022-02-21")),
    );
    assert_eq!(ledger.period("2021-2022-2").from, day("2022-02-21"));
    ledger.given([on(300, "2023-12-31", void(id(200)))]);
    assert_eq!(ledger.period("2021-2022-2").from, day("2022-02-14"));
}

#[test]
fn a_version_that_has_ended_does_not_bring_its_predecessor_back() {
    let mut ledger = Ledger::county();
    adopted(
        &mut ledger,
        adopt_policy(100, "2023-12-30", &policy(RESEARCHERS, 1, "2020-01-01", None, "90")),
    );
    let second = policy(RESEARCHERS, 2, "2024-03-01", Some("2024-06-30"), "80");
    adopted(&mut ledger, adopt_policy(200, "2023-12-30", &second));
    assert_eq!(in_force(&ledger, "2024-02-29"), [1]);
    assert_eq!(in_force(&ledger, "2024-06-30"), [2]);
    assert!(in_force(&ledger, "2024-07-01").is_empty());
}

#[test]
fn each_entry_is_credited_by_the_version_of_its_day_and_each_minimum_is_that_of_its_period_s_end() {
    let mut ledger = with_researcher();
    let second = policy(RESEARCHERS, 2, "2022-07-01", None, "60").replace("[scope]", "retroactive = true\n[scope]");
    adopted(
        &mut ledger,
        adopt_policy(100, "2023-12-30", &policy(RESEARCHERS, 1, "2020-01-01", None, "90")),
    );
    adopted(&mut ledger, adopt_policy(200, "2023-12-30", &second));
    ledger.given([
        on(30, "2022-03-01", project("P1", "国培")),
        on(31, "2022-03-01", session("X1", "P1")),
        on(32, "2022-09-01", session("X2", "P1")),
        on(33, "2022-03-01", attended("T1", "X1", "6")),
        on(34, "2022-09-01", attended("T1", "X2", "4")),
        on(35, "2022-03-05", visit("T1", "S1")),
        on(36, "2022-09-05", visit("T1", "S1")),
    ]);
    let teacher = TeacherId::new("T1").unwrap();
    let balance = ledger
        .state
        .at(ledger.size())
        .balance(&teacher, ledger.period("2022"))
        .unwrap()
        .unwrap();
    let section = &balance.sections[0];
    assert_eq!(section.policy.as_ref().map(|policy| policy.1), Some(2));
    let rules: Vec<_> = section
        .lines
        .iter()
        .filter_map(|line| line.rule)
        .map(|rule| rule.to_string())
        .collect();
    assert_eq!(rules, ["V1", "V2"]);
    let year = &section.standings[0];
    assert_eq!(
        (year.requirement.min.to_string(), year.counted.to_string()),
        ("60".into(), "10".into())
    );
    let month = |name: &str| {
        section
            .standings
            .iter()
            .find(|s| s.period.name.to_string() == name)
            .unwrap()
    };
    assert_eq!(month("2022-03").requirement.min.to_string(), "1");
    assert_eq!(month("2022-03").missing.to_string(), "0");
    assert_eq!(month("2022-09").missing.to_string(), "1");
}

#[test]
fn a_reason_about_a_bad_document_stays_short() {
    let document = policy("p", 1, "2020-01-01", None, "90").replace("专职教研员", &"诗".repeat(1_000));
    let adopted = PolicyAdopted {
        policy_id: PolicyId::new("p").unwrap(),
        version: 1,
        effective_from: day("2020-01-01"),
        effective_to: None,
        sha256: Sha256::of(document.as_bytes()),
    };
    let mut events = parts(101, "2023-12-30", &document, DOCUMENT_PART_BYTES_MAX);
    events.push(on(100, "2023-12-30", adopted));
    let verdicts = Ledger::county().post_all(Taking::Atomic, events);
    let verdict = verdicts.last().unwrap();
    assert_refused(verdict, ReasonCode::DocumentInvalid);
    assert_eq!(verdict.reason.as_ref().unwrap().value.chars().count(), VALUE_LEN_MAX);
}

#[test]
fn a_document_with_very_many_problems_is_read_in_good_time() {
    let document = "a=1\n".repeat(POLICY_BYTES_MAX / 4);
    let unknown: String = (0..5_500).fold(String::new(), |text, number| text + &format!("k{number} = 1\n"));
    for text in [document, unknown] {
        let started = std::time::Instant::now();
        let problems = Policy::parse(&text).unwrap_err();
        assert!(problems.len() > 5_000, "{}", problems.len());
        assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
    }
}

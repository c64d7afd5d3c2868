//! Titles, what they rest on, and the next step (DOMAIN §7).

use keshi_core::codes::{AwardRole, Level, TitleClass};
use keshi_core::entry::Verdict;
use keshi_core::event::{Event, TitleConferred};
use keshi_core::tier::{Lack, Tier};

use crate::support::facts::{award, competition, recommended, teacher, title, void};
use crate::support::{Ledger, assert_verdict, day, id, on};

fn tier(ledger: &Ledger, on: &str) -> Tier {
    ledger.state.at(ledger.size()).tier(&teacher("T1"), day(on)).unwrap()
}

fn expert(number: u128, date: &str, level: Level) -> Event {
    on(number, date, title("T1", TitleClass::ExpertTeacher, level))
}

fn levels(titles: &[keshi_core::tier::Title]) -> Vec<Level> {
    titles.iter().map(|title| title.level).collect()
}

#[test]
fn a_title_posted_before_what_it_presupposes_waits_and_settles_by_itself() {
    let mut ledger = Ledger::county();
    let verdict = ledger.post(expert(60, "2022-06-01", Level::City));
    assert_verdict(&verdict, Verdict::Waiting);
    assert_eq!(verdict.reason.unwrap().value, "县级教学能手");
    let before = tier(&ledger, "2022-12-31");
    assert_eq!((before.titles.len(), levels(&before.waiting)), (0, vec![Level::City]));
    assert_verdict(&ledger.post(expert(61, "2021-06-01", Level::County)), Verdict::Recorded);
    let after = tier(&ledger, "2022-12-31");
    assert_eq!(levels(&after.titles), [Level::City, Level::County]);
    assert!(after.waiting.is_empty());
}

#[test]
fn a_chain_posted_from_the_top_settles_when_its_foot_arrives() {
    let mut ledger = Ledger::county();
    for (number, level) in [(60, Level::Province), (61, Level::City)] {
        assert_verdict(&ledger.post(expert(number, "2022-06-01", level)), Verdict::Waiting);
    }
    ledger.given([expert(62, "2022-06-01", Level::County)]);
    assert_eq!(
        levels(&tier(&ledger, "2022-06-01").titles),
        [Level::Province, Level::City, Level::County]
    );
}

#[test]
fn two_titles_that_would_carry_each_other_both_wait() {
    let mut ledger = Ledger::county();
    ledger.given([
        expert(60, "2022-06-01", Level::Province),
        expert(61, "2022-06-01", Level::City),
    ]);
    assert_eq!(tier(&ledger, "2022-06-01").waiting.len(), 2);
}

#[test]
fn a_title_rests_on_one_of_the_same_day_whatever_its_event_id() {
    for (city, county) in [(60, 61), (61, 60)] {
        let mut ledger = Ledger::county();
        let leader = on(
            county,
            "2022-06-01",
            title("T1", TitleClass::SubjectLeader, Level::County),
        );
        ledger.given([expert(city, "2022-06-01", Level::City), leader]);
        assert_eq!(tier(&ledger, "2022-06-01").titles.len(), 2);
    }
}

#[test]
fn a_title_that_had_expired_on_the_day_of_selection_carries_nothing() {
    let mut ledger = Ledger::county();
    ledger.given([expert(60, "2015-06-01", Level::County)]);
    assert_verdict(&ledger.post(expert(61, "2020-06-01", Level::City)), Verdict::Waiting);
    assert_verdict(&ledger.post(expert(62, "2020-05-31", Level::City)), Verdict::Recorded);
}

#[test]
fn a_title_voided_takes_away_what_rests_on_it() {
    let mut ledger = Ledger::county();
    ledger.given([
        expert(60, "2021-06-01", Level::County),
        expert(61, "2022-06-01", Level::City),
    ]);
    let before = ledger.size();
    ledger.given([on(62, "2022-07-01", void(id(60)))]);
    assert_eq!(levels(&tier(&ledger, "2022-12-31").waiting), [Level::City]);
    let as_recorded = ledger.state.at(before).tier(&teacher("T1"), day("2022-12-31")).unwrap();
    assert_eq!(as_recorded.titles.len(), 2);
}

#[test]
fn a_title_without_a_last_day_holds_to_the_day_before_its_fifth_anniversary() {
    let mut ledger = Ledger::county();
    ledger.given([expert(60, "2018-06-01", Level::County)]);
    assert_eq!(tier(&ledger, "2023-05-31").titles.len(), 1);
    assert_eq!(tier(&ledger, "2023-06-01").titles.len(), 0);
}

#[test]
fn a_title_of_a_leap_day_holds_to_the_end_of_february_five_years_on() {
    let mut ledger = Ledger::county();
    ledger.today = day("2024-03-01");
    ledger.given([expert(60, "2024-02-29", Level::County)]);
    assert_eq!(tier(&ledger, "2029-02-28").titles.len(), 1);
    assert_eq!(tier(&ledger, "2029-03-01").titles.len(), 0);
    assert_eq!(tier(&ledger, "2024-02-28").titles.len(), 0);
}

#[test]
fn a_title_s_own_last_day_counts_before_the_five_years() {
    let mut ledger = Ledger::county();
    let limited = TitleConferred {
        teacher_id: teacher("T1"),
        class: TitleClass::RisingTeacher,
        level: Level::County,
        doc_no: None,
        valid_to: Some(day("2022-12-31")),
    };
    ledger.given([on(60, "2022-06-01", limited)]);
    assert_eq!(tier(&ledger, "2022-12-31").titles.len(), 1);
    assert_eq!(tier(&ledger, "2023-01-01").titles.len(), 0);
}

#[test]
fn a_recommendation_counts_once_the_competition_it_rests_on_has_arrived() {
    let mut ledger = Ledger::county();
    ledger.given([expert(60, "2021-06-01", Level::County)]);
    let verdict = ledger.post(on(61, "2022-06-01", recommended("T1", Some("C1"), None, Level::City)));
    assert_verdict(&verdict, Verdict::Waiting);
    let missing = |ledger: &Ledger| tier(ledger, "2022-12-31").steps.remove(0).missing;
    assert_eq!(missing(&ledger), [Lack::Recommendation(Level::City)]);
    ledger.given([on(62, "2022-05-01", competition("C1"))]);
    assert_eq!(missing(&ledger), []);
    ledger.given([on(63, "2022-07-01", void(id(62)))]);
    assert_eq!(missing(&ledger), [Lack::Recommendation(Level::City)]);
}

#[test]
fn a_recommendation_from_a_title_falls_with_it() {
    let mut ledger = Ledger::county();
    ledger.given([
        expert(60, "2021-06-01", Level::County),
        expert(61, "2022-01-01", Level::County),
        on(62, "2022-06-01", recommended("T1", None, Some(id(61)), Level::City)),
    ]);
    let missing = |ledger: &Ledger| tier(ledger, "2022-12-31").steps.remove(0).missing.len();
    assert_eq!(missing(&ledger), 0);
    ledger.given([on(63, "2022-07-01", void(id(61)))]);
    assert_eq!(missing(&ledger), 1);
}

#[test]
fn the_record_lists_prizes_with_what_they_wait_for_and_tells_a_guide_s_from_her_own() {
    let mut ledger = Ledger::county();
    let verdict = ledger.post(on(60, "2022-05-01", award("T1", "C1", AwardRole::Guide)));
    assert_verdict(&verdict, Verdict::Waiting);
    let record = |ledger: &Ledger| ledger.state.at(ledger.size()).teacher_record(&teacher("T1")).unwrap();
    assert!(record(&ledger).contests[0].why_not.is_some());
    ledger.given([on(61, "2022-05-01", competition("C1"))]);
    let contest = record(&ledger).contests.remove(0);
    assert_eq!(contest.why_not, None);
    assert_eq!(contest.held.unwrap().1, Level::County);
    assert_eq!(contest.award.unwrap().1, AwardRole::Guide);
}

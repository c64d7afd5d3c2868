//! The life of a title, and the steps of a ladder (DOMAIN §7), in whatever order they are posted.

use keshi_core::codes::{AwardRole, Level, Post, TitleClass};
use keshi_core::entry::Verdict;
use keshi_core::event::{Event, Fact};
use keshi_core::reason::ReasonCode;
use keshi_core::tier::{Lack, Step, Tier};
use keshi_core::time::plus_days;
use keshi_core::title::title_zh;
use proptest::prelude::*;

use crate::documents::{adopt_policy, adopted};
use crate::support::facts::{
    assigned, attended, award, candidate, competition_at, outreach, project, recommended, renewed, session, teacher,
    title, void, withdrawn,
};
use crate::support::{Ledger, assert_refused, assert_verdict, day, id, on, random};

const LADDER: &str = include_str!("../../policies/shaanxi-ladder-2021.toml");

/// `T1` to `T4` teach; the ladder is adopted.
fn county() -> Ledger {
    let mut ledger = Ledger::county();
    for (number, who) in [(30, "T1"), (31, "T2"), (32, "T3"), (33, "T4")] {
        ledger.given([on(number, "2012-09-01", assigned(who, Post::Teacher, Some("S1")))]);
    }
    ledger
}

fn climbing() -> Ledger {
    let mut ledger = county();
    adopted(&mut ledger, adopt_policy(1_000, "2023-12-30", LADDER));
    ledger
}

fn tier(ledger: &Ledger, on: &str) -> Tier {
    ledger.state.at(ledger.size()).tier(&teacher("T1"), day(on)).unwrap()
}

fn expert(number: u128, date: &str, level: Level) -> Event {
    on(number, date, title("T1", TitleClass::ExpertTeacher, level))
}

fn last_day(ledger: &Ledger, on: &str) -> Option<String> {
    tier(ledger, on).titles.first().map(|title| title.valid_to.to_string())
}

fn step<'t>(tier: &'t Tier, name: &str) -> &'t Step {
    let mut steps = tier.steps.iter();
    let found = steps.find(|step| title_zh(step.class, step.level) == name);
    found.unwrap_or_else(|| panic!("{name}: {:#?}", tier.steps))
}

fn names(tier: &Tier) -> Vec<String> {
    tier.steps.iter().map(|step| title_zh(step.class, step.level)).collect()
}

#[test]
fn a_renewal_gives_five_more_years_and_posted_twice_no_more() {
    let mut ledger = county();
    ledger.given([expert(60, "2015-06-01", Level::County)]);
    assert_eq!(last_day(&ledger, "2020-01-01").unwrap(), "2020-05-31");
    ledger.given([on(61, "2020-03-01", renewed("T1", id(60), None))]);
    assert_eq!(last_day(&ledger, "2023-01-01").unwrap(), "2025-05-31");
    ledger.given([on(62, "2020-04-01", renewed("T1", id(60), None))]);
    assert_eq!(last_day(&ledger, "2023-01-01").unwrap(), "2025-05-31");
    let before = ledger.size();
    ledger.given([on(63, "2023-03-01", renewed("T1", id(60), Some(day("2028-12-31"))))]);
    assert_eq!(last_day(&ledger, "2023-03-01").unwrap(), "2028-12-31");
    let as_recorded = ledger.state.at(before).tier(&teacher("T1"), day("2023-03-01")).unwrap();
    assert_eq!(as_recorded.titles[0].valid_to, day("2025-05-31"));
}

/// One step to a title that nothing leads to, and a version that has none any more.
const WITH_A_STEP: &str = r#"language = 1
id = "jieti"
version = 1
name = "阶梯"
effective_from = 2020-01-01
[scope]
post = ["教师"]
[[step]]
id = "S1"
title = "市级教学能手"
"#;

const WITHOUT_STEPS: &str = r#"language = 1
id = "jieti"
version = 2
name = "阶梯"
effective_from = 2022-01-01
retroactive = true
[scope]
post = ["教师"]
[[requirement]]
id = "R1"
meter = "training_hours"
period = "calendar_year"
min = "1"
"#;

#[test]
fn a_version_without_steps_ends_the_ladder_of_the_one_before() {
    let mut ledger = county();
    adopted(&mut ledger, adopt_policy(1_000, "2020-01-01", WITH_A_STEP));
    adopted(&mut ledger, adopt_policy(1_100, "2022-01-01", WITHOUT_STEPS));
    assert_eq!(names(&tier(&ledger, "2021-12-31")), ["地市级教学能手"]);
    assert_eq!(names(&tier(&ledger, "2022-01-01")), ["县级教学新秀"]);
    assert_verdict(&ledger.post(expert(60, "2022-06-01", Level::City)), Verdict::Waiting);
    assert_verdict(&ledger.post(expert(61, "2021-06-01", Level::City)), Verdict::Recorded);
}

#[test]
fn an_expired_title_is_not_renewed_until_an_earlier_renewal_arrives() {
    let mut ledger = county();
    ledger.given([expert(60, "2012-06-01", Level::County)]);
    let late = ledger.post(on(61, "2019-03-01", renewed("T1", id(60), None)));
    assert_verdict(&late, Verdict::Waiting);
    assert_eq!(late.reason.unwrap().code, ReasonCode::TitleNotInForce);
    assert_eq!(last_day(&ledger, "2019-03-01"), None);
    assert_eq!(tier(&ledger, "2019-03-01").past[0].valid_to, day("2017-05-31"));
    ledger.given([on(62, "2017-03-01", renewed("T1", id(60), None))]);
    assert_eq!(last_day(&ledger, "2019-03-01").unwrap(), "2027-05-31");
}

#[test]
fn a_title_withdrawn_holds_to_the_day_before_and_carries_nothing_afterwards() {
    let mut ledger = county();
    ledger.given([
        expert(60, "2019-06-01", Level::County),
        expert(61, "2020-06-01", Level::City),
        on(62, "2021-03-01", withdrawn("T1", id(60))),
    ]);
    let after = tier(&ledger, "2021-03-01");
    // What was conferred on it before stays (DOMAIN §7).
    assert_eq!(
        after.titles.iter().map(|title| title.level).collect::<Vec<_>>(),
        [Level::City]
    );
    assert_eq!(after.past[0].withdrawn.unwrap().on, day("2021-03-01"));
    assert_eq!(tier(&ledger, "2021-02-28").titles.len(), 2);
    ledger.given([on(63, "2021-04-01", void(id(61)))]);
    assert_verdict(&ledger.post(expert(64, "2021-06-01", Level::City)), Verdict::Waiting);
    let late = ledger.post(on(65, "2022-01-01", renewed("T1", id(60), None)));
    assert_verdict(&late, Verdict::Waiting);
    ledger.given([on(66, "2022-07-01", void(id(62)))]);
    assert_eq!(tier(&ledger, "2022-01-01").titles.len(), 2);
}

#[test]
fn a_renewal_or_withdrawal_of_somebody_elses_title_or_of_what_is_none_is_refused() {
    let mut ledger = county();
    ledger.given([
        on(60, "2019-06-01", title("T2", TitleClass::ExpertTeacher, Level::County)),
        on(61, "2019-06-01", competition_at("C1", Level::County)),
    ]);
    for (number, target) in [(62, 60), (64, 61)] {
        for (number, fact) in [
            (number, renewed("T1", id(target), None)),
            (number + 1, withdrawn("T1", id(target))),
        ] {
            assert_refused(&ledger.post(on(number, "2020-01-01", fact)), ReasonCode::WrongTarget);
        }
    }
}

#[test]
fn a_ladder_names_every_next_step_and_exactly_what_is_missing_for_each() {
    let mut ledger = climbing();
    assert_eq!(names(&tier(&ledger, "2022-06-01")), ["县级教学新秀", "县级教学能手"]);
    assert_eq!(step(&tier(&ledger, "2022-06-01"), "县级教学能手").missing, []);
    ledger.given([
        expert(60, "2021-06-01", Level::County),
        expert(61, "2022-06-01", Level::City),
    ]);
    let now = tier(&ledger, "2022-12-31");
    assert_eq!(names(&now), ["省级教学能手", "县级学科带头人"]);
    let province = step(&now, "省级教学能手");
    assert_eq!(province.missing, [Lack::Recommendation(Level::Province)]);
    assert_eq!(province.age_max, Some(55));
    assert_eq!(step(&now, "县级学科带头人").missing, []);
    ledger.given([
        on(62, "2022-10-01", recommended("T1", None, Some(id(61)), Level::Province)),
        on(
            63,
            "2022-11-01",
            title("T1", TitleClass::ExpertTeacher, Level::Province),
        ),
        on(
            64,
            "2022-12-01",
            candidate("T1", TitleClass::SubjectLeader, Level::Province),
        ),
    ]);
    let now = tier(&ledger, "2022-12-31");
    let reached_on = Some(day("2023-12-01"));
    assert_eq!(
        step(&now, "省级学科带头人").missing,
        [Lack::Development { needed: 1, reached_on }]
    );
    assert_eq!(step(&tier(&ledger, "2023-12-01"), "省级学科带头人").missing, []);
    assert_eq!(now.candidacies.len(), 1);
}

#[test]
fn a_title_waits_for_what_the_ladder_in_force_on_its_day_presupposes() {
    let leader = |number, date| on(number, date, title("T1", TitleClass::SubjectLeader, Level::County));
    let mut ledger = climbing();
    // Before the ladder a county title presupposed nothing.
    assert_verdict(&ledger.post(leader(60, "2020-12-31")), Verdict::Recorded);
    ledger.given([on(61, "2021-01-01", void(id(60)))]);
    let waiting = ledger.post(leader(62, "2021-01-01"));
    assert_verdict(&waiting, Verdict::Waiting);
    assert_eq!(waiting.reason.unwrap().value, "县级教学能手");
    ledger.given([expert(63, "2020-06-01", Level::County)]);
    assert_eq!(tier(&ledger, "2021-01-01").titles.len(), 2);
}

#[test]
fn amounts_ranks_and_prizes_are_asked_for_as_of_the_day() {
    let ladder = r#"language = 1
id = "ladder"
version = 1
name = "阶梯"
effective_from = 2020-01-01
[scope]
post = ["教师"]
[[step]]
id = "S1"
title = "县级教学能手"
rank = ["一级教师", "高级教师"]
prize = { level = ["县级"], years = 2 }
[[step.count]]
meter = "training_hours"
min = 10
years = 3
[[step.count]]
meter = "lessons_given"
min = 2
[[step.count]]
meter = "hours"
min = 1
under = "sample-360"
"#;
    let mut ledger = county();
    adopted(&mut ledger, adopt_policy(1_000, "2023-12-30", ladder));
    ledger.given([
        on(60, "2019-01-01", project("P1", "国培计划")),
        on(61, "2019-12-31", session("X1", "P1")),
        on(62, "2019-12-31", attended("T1", "X1", "6")),
        on(63, "2020-01-01", session("X2", "P1")),
        on(64, "2020-01-01", attended("T1", "X2", "6.5")),
        on(65, "2022-01-01", outreach("S2", &[("T1", 2, 0)])),
        on(66, "2020-12-01", competition_at("C1", Level::County)),
        on(67, "2020-12-01", award("T1", "C1", AwardRole::Guide)),
    ]);
    let missing = |ledger: &Ledger, on: &str| tier(ledger, on).steps.remove(0).missing;
    let now = missing(&ledger, "2022-12-31");
    let [
        Lack::Rank { has: None, .. },
        Lack::Prize(_),
        Lack::Amount { counted, since, .. },
        Lack::NotAdopted(policy),
    ] = &now[..]
    else {
        panic!("{now:#?}")
    };
    // What lies before the three years does not count; a guide's prize is not her own.
    assert_eq!(
        (counted.to_string(), *since),
        ("6.5".to_owned(), Some(day("2020-01-01")))
    );
    assert_eq!(policy.as_str(), "sample-360");
    ledger.given([on(68, "2020-12-31", award("T1", "C1", AwardRole::Oneself))]);
    assert_eq!(missing(&ledger, "2022-12-30").len(), 2);
    assert_eq!(missing(&ledger, "2022-12-31").len(), 4);
}

#[test]
fn a_ladder_alone_is_no_policy_about_hours() {
    let ledger = climbing();
    let balance = ledger
        .state
        .at(ledger.size())
        .balance(&teacher("T1"), ledger.period("2022"));
    let sections = balance.unwrap().unwrap().sections;
    assert_eq!((sections.len(), &sections[0].policy), (1, &None));
}

/// A history of one teacher: titles, what renews, withdraws, recommends and voids them, and the ladder itself.
fn history() -> impl Strategy<Value = Vec<Event>> {
    let event = (0..8_u8, 0..60_i64, any::<u8>(), any::<u8>());
    let events = proptest::collection::vec(event, 2..14);
    events.prop_map(|raws| {
        let count = raws.len() as u128;
        let each = (0_u128..).zip(raws);
        let events = each.map(|(number, (kind, month, one, two))| {
            let date = plus_days(day("2019-01-01"), month * 30);
            let other = id(100 + u128::from(two) % count);
            let class = TitleClass::ALL[usize::from(one) % 3];
            let level = [Level::County, Level::City, Level::Province][usize::from(two) % 3];
            let fact: Fact = match kind {
                0..=2 => title("T1", class, level),
                3 => renewed("T1", other, None),
                4 => withdrawn("T1", other),
                5 => candidate("T1", class, level),
                6 => recommended("T1", None, Some(other), level),
                _ => void(other),
            };
            on(100 + number, &date.to_string(), fact)
        });
        events.collect()
    })
}

proptest! {
    #![proptest_config(random::config(2_500))]

    /// What is refused depends on what was there: it is posted again until nothing more is taken, as a clerk does.
    #[test]
    fn titles_settle_to_the_same_tiers_in_whatever_order_they_and_the_ladder_arrive(
        (events, shuffled, first) in history().prop_flat_map(|events| {
            let shuffled = Just(events.clone()).prop_shuffle();
            (Just(events), shuffled, any::<bool>())
        })
    ) {
        let told = |events: &[Event], ladder_first: bool| {
            let mut ledger = county();
            if ladder_first {
                adopted(&mut ledger, adopt_policy(1_000, "2023-12-30", LADDER));
            }
            for event in events {
                ledger.post(event.clone());
            }
            if !ladder_first {
                adopted(&mut ledger, adopt_policy(1_000, "2023-12-30", LADDER));
            }
            let days = ["2020-06-01", "2021-01-01", "2022-06-01", "2024-01-01", "2027-01-01"];
            let tiers = days.map(|day| bare(tier(&ledger, day)));
            (tiers, ledger)
        };
        let (one, first_ledger) = told(&events, true);
        let (two, second_ledger) = told(&shuffled, first);
        // A reference to what turns out to be of another kind is refused if that is there, and else waits without effect.
        prop_assert_eq!(format!("{one:#?}"), format!("{two:#?}"));
        for ledger in [first_ledger, second_ledger] {
            let replayed = ledger.replayed(ledger.size());
            let again = replayed.at(ledger.size()).tier(&teacher("T1"), day("2022-06-01"));
            prop_assert_eq!(again.unwrap(), tier(&ledger, "2022-06-01"));
        }
    }
}

/// Without the indices, which say in which order things came.
fn bare(mut tier: Tier) -> Tier {
    let titles = [&mut tier.titles, &mut tier.waiting, &mut tier.past];
    for title in titles.into_iter().flatten() {
        title.index = 0;
        title.renewals.iter_mut().for_each(|row| row.index = 0);
        title.withdrawn.iter_mut().for_each(|row| row.index = 0);
    }
    tier.candidacies.iter_mut().for_each(|row| row.index = 0);
    tier
}

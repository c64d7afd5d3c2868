//! The year's end: definitions, closing, restating (DOMAIN §10, §12).

use keshi_core::balance::Assessor;
use keshi_core::codes::{Bound, Post, SessionType};
use keshi_core::entry::Verdict;
use keshi_core::event::{AdoptedVersion, Event, FigureNoted, FiguresAdopted, YearClosed, YearRestated};
use keshi_core::figures::{Contradiction, Count, Definitions, Figures, Value, differences};
use keshi_core::hours::Hours;
use keshi_core::ids::{FigureId, PolicyId, Sha256};
use keshi_core::reason::ReasonCode;
use keshi_core::submission::Taking;

use crate::documents::{adopted, parts, policy};
use crate::support::facts::{assigned, attended, project_at, session_as, text, void};
use crate::support::{Ledger, assert_refused, assert_verdict, hours, id, on};

/// A small document of definitions.
fn definitions(version: u32, from_year: u32, more: &str) -> String {
    format!(
        r#"figures_language = 1
version = {version}
name = "口径"
from_year = {from_year}
[[figure]]
id = "trained"
name = "培训教师"
unit = "人次"
counts = "training_person_times"
[[figure]]
id = "hours"
name = "课时"
unit = "课时"
counts = "training_hours"
{more}"#
    )
}

/// Two documents that differ in their version and year.
pub fn documents() -> (String, String) {
    (definitions(1, 2020, ""), definitions(2, 2021, ""))
}

fn adopt(number: u128, document: &str) -> Vec<Event> {
    let read = Definitions::parse(document).unwrap();
    let mut events = parts(number + 1, "2023-01-02", document, 3000);
    events.push(on(
        number,
        "2023-01-02",
        FiguresAdopted {
            version: read.version,
            from_year: u16::try_from(read.from_year).unwrap(),
            sha256: Sha256::of(document.as_bytes()),
        },
    ));
    events
}

/// A county in which `T1` attended six hours in 2022, with definitions adopted; on 1 January 2024.
fn county(more: &str) -> Ledger {
    let mut ledger = Ledger::county();
    ledger.given([
        on(20, "2020-01-01", assigned("T1", Post::Researcher, None)),
        on(21, "2022-03-01", project_at("P1", keshi_core::codes::Level::County)),
        on(22, "2022-03-01", session_as("X1", "P1", SessionType::Training, "6")),
        on(23, "2022-03-01", attended("T1", "X1", "6")),
    ]);
    adopted(&mut ledger, adopt(100, &definitions(1, 2020, more)));
    ledger
}

fn figures(ledger: &Ledger, size: u64) -> Figures {
    let at = ledger.state.at(size);
    let adopted = at.definitions_of(2022).unwrap();
    Figures::of(at, (adopted.definitions.clone(), adopted.sha256), 2022)
}

fn close(ledger: &Ledger) -> YearClosed {
    YearClosed {
        year: 2022,
        log_position: ledger.size(),
        log_hash: Sha256([1; 32]),
        figures_hash: figures(ledger, ledger.size()).hash(),
        policy_versions: ledger.state.at(ledger.size()).adopted_versions(),
    }
}

fn restate(ledger: &Ledger) -> YearRestated {
    let YearClosed {
        year,
        log_position,
        log_hash,
        figures_hash,
        policy_versions,
    } = close(ledger);
    YearRestated {
        year,
        log_position,
        log_hash,
        figures_hash,
        policy_versions,
        reason: text("迟报"),
    }
}

fn value(figures: &Figures, id: &str) -> Value {
    figures.figure(&FigureId::new(id).unwrap()).unwrap().value
}

fn whole(number: u32) -> Value {
    Value::Number(Hours::whole(number))
}

#[test]
fn a_late_post_changes_what_is_known_now_and_not_what_is_official_until_it_is_restated() {
    let mut ledger = county("");
    let closing = close(&ledger);
    let position = closing.log_position;
    ledger.given([on(200, "2023-01-05", closing)]);
    let official = figures(&ledger, position);
    ledger.given([
        on(201, "2022-04-01", project_at("P2", keshi_core::codes::Level::County)),
        on(202, "2022-04-01", session_as("X2", "P2", SessionType::Training, "3")),
        on(203, "2022-04-01", attended("T2", "X2", "3")),
    ]);
    let now = figures(&ledger, ledger.size());
    assert_eq!(
        (value(&official, "trained"), value(&now, "trained")),
        (whole(1), whole(2))
    );
    assert_eq!((value(&official, "hours"), value(&now, "hours")), (whole(6), whole(9)));
    let at = ledger.state.at(ledger.size());
    assert_eq!(at.official(2022).unwrap().position, position);
    let (changed, people) = differences(&official, &now);
    let late = ledger.size() - 1;
    let told: Vec<_> = changed
        .iter()
        .map(|one| (one.id.as_str(), one.came.clone(), one.went.clone()))
        .collect();
    assert_eq!(told, [("trained", vec![late], vec![]), ("hours", vec![late], vec![])]);
    assert_eq!(people, [keshi_core::ids::TeacherId::new("T2").unwrap()]);
    let restated = restate(&ledger);
    ledger.given([on(210, "2023-01-05", restated.clone())]);
    let at = ledger.state.at(ledger.size());
    assert_eq!(at.official(2022).unwrap().position, restated.log_position);
    assert_eq!(figures(&ledger, at.official(2022).unwrap().position).hash(), now.hash());
    // The first official answer is there for ever.
    assert_eq!(figures(&ledger, position).hash(), official.hash());
}

#[test]
fn what_is_adopted_for_other_years_is_no_cause_to_restate() {
    let mut ledger = county("");
    let closing = close(&ledger);
    let official = closing.figures_hash;
    ledger.given([on(200, "2023-01-05", closing)]);
    let later = policy("later", 1, "2024-01-02", None, "6");
    adopted(&mut ledger, crate::documents::adopt_policy(300, "2023-12-30", &later));
    let calendar = crate::documents::calendar("c", "2022-02-14")
        .replace("2022", "2030")
        .replace("2021", "2029")
        .replace("2023", "2031");
    adopted(
        &mut ledger,
        crate::documents::adopt_calendar(400, "2023-12-30", &calendar),
    );
    assert_eq!(figures(&ledger, ledger.size()).hash(), official);
    let restated = restate(&ledger);
    assert_refused(
        &ledger.post(on(500, "2023-01-05", restated)),
        ReasonCode::NothingToRestate,
    );
}

#[test]
fn entries_behind_a_sum_are_those_behind_what_it_is_made_of() {
    let more = r#"
[[figure]]
id = "both"
name = "合计"
unit = "项"
sum = ["trained", "hours"]
[[figure]]
id = "again"
name = "再合计"
unit = "项"
sum = ["both", "trained"]
"#;
    let ledger = county(more);
    let found = figures(&ledger, ledger.size());
    let id = |id| FigureId::new(id).unwrap();
    assert_eq!(
        found.behind(&id("again")),
        found.figure(&id("trained")).unwrap().entries
    );
    assert!(!found.behind(&id("both")).is_empty());
    assert_eq!((value(&found, "both"), value(&found, "again")), (whole(7), whole(8)));
}

#[test]
fn a_year_is_closed_once_and_by_whoever_was_first() {
    let mut ledger = county("");
    let closing = close(&ledger);
    ledger.given([on(200, "2023-01-05", closing.clone())]);
    let index = ledger.size() - 1;
    let second = ledger.post(on(201, "2023-01-05", closing));
    assert_refused(&second, ReasonCode::YearIsClosed);
    assert_eq!(second.reason.unwrap().index, Some(index));
}

#[test]
fn of_two_restatements_at_once_the_second_has_nothing_to_restate() {
    let mut ledger = county("");
    let closing = close(&ledger);
    ledger.given([on(200, "2023-01-05", closing)]);
    let nothing = restate(&ledger);
    assert_refused(
        &ledger.post(on(201, "2023-01-05", nothing)),
        ReasonCode::NothingToRestate,
    );
    ledger.given([on(203, "2022-03-01", void(id(23)))]);
    let one = restate(&ledger);
    let other = one.clone();
    ledger.given([on(204, "2023-01-05", one)]);
    assert_refused(&ledger.post(on(205, "2023-01-05", other)), ReasonCode::NothingToRestate);
}

#[test]
fn a_year_is_not_closed_before_it_is_over_nor_without_definitions_nor_ahead_of_the_ledger() {
    let mut ledger = county("");
    let closing = close(&ledger);
    let before = YearClosed {
        year: 2024,
        ..closing.clone()
    };
    assert_refused(&ledger.post(on(200, "2023-01-05", before)), ReasonCode::YearNotOver);
    let undefined = YearClosed {
        year: 2019,
        ..closing.clone()
    };
    assert_refused(
        &ledger.post(on(201, "2023-01-05", undefined)),
        ReasonCode::NoDefinitions,
    );
    let ahead = YearClosed {
        log_position: 10_000,
        ..closing.clone()
    };
    assert_refused(&ledger.post(on(202, "2023-01-05", ahead)), ReasonCode::PositionAhead);
    let others = YearClosed {
        policy_versions: vec![AdoptedVersion {
            policy_id: PolicyId::new("p").unwrap(),
            version: 1,
        }],
        ..closing
    };
    assert_refused(&ledger.post(on(203, "2023-01-05", others)), ReasonCode::OtherVersions);
    let open = restate(&ledger);
    assert_refused(&ledger.post(on(204, "2023-01-05", open)), ReasonCode::YearIsOpen);
}

#[test]
fn figures_counted_in_steps_are_those_counted_at_once_and_those_of_a_replay() {
    let ledger = county("");
    let size = ledger.size();
    let at = ledger.state.at(size);
    let version = at.definitions_of(2022).unwrap();
    let mut count = Count::new((version.definitions.clone(), version.sha256), 2022);
    // As it is where others are let in between: an assessor for each.
    for id in at.teacher_ids().iter().rev() {
        count.teacher(&Assessor::new(at), id);
    }
    count.county(at);
    let stepped = count.finish();
    assert_eq!(stepped.statement(), figures(&ledger, size).statement());
    let mut replayed = Ledger::new();
    for entry in &ledger.entries {
        replayed.state.evolve(entry);
    }
    assert_eq!(figures(&replayed, size).statement(), stepped.statement());
    let head = stepped.statement();
    assert!(
        head.starts_with("keshi/figures@v1\nyear 2022\ndefinitions 1 "),
        "{head}"
    );
    assert!(head.contains("\nperson T1 6 1\n"), "{head}");
}

#[test]
fn definitions_of_a_later_year_do_not_change_an_earlier_one() {
    let mut ledger = county("");
    let before = figures(&ledger, ledger.size());
    let (_, two) = documents();
    let later = two.replace("from_year = 2021", "from_year = 2023");
    adopted(&mut ledger, adopt(300, &later));
    let same = figures(&ledger, ledger.size());
    assert_eq!(same.statement(), before.statement());
    let again = ledger.post_all(Taking::Each, adopt(400, &later));
    assert_eq!(
        again.last().unwrap().reason.as_ref().unwrap().code,
        ReasonCode::VersionTaken
    );
}

#[test]
fn what_was_typed_in_is_reported_beside_what_is_counted_and_repairs_nothing() {
    let mut ledger = county("");
    let noted = |value: &str, unit| FigureNoted {
        figure_id: FigureId::new("trained").unwrap(),
        period: text("2022"),
        value: hours(value),
        bound: Bound::Exact,
        unit: Some(text(unit)),
    };
    ledger.given([
        on(200, "2023-01-05", noted("1", "人次")),
        on(201, "2023-01-05", noted("2", "人")),
        on(202, "2023-01-05", noted("3", "人次")),
    ]);
    ledger.given([on(203, "2023-01-05", void(id(202)))]);
    let first = ledger.size() - 4;
    let found = figures(&ledger, ledger.size());
    let figure = FigureId::new("trained").unwrap();
    assert_eq!(value(&found, "trained"), whole(1));
    assert_eq!(
        found.contradictions,
        [
            Contradiction::NotedOtherwise {
                figure,
                index: first + 1
            },
            Contradiction::OtherUnit {
                figure,
                index: first + 1
            },
            Contradiction::NotedTwice {
                figure,
                indices: (first, first + 1)
            },
        ]
    );
}

#[test]
fn parts_that_are_not_their_total_and_shares_of_nothing_are_contradictions() {
    let more = r#"
[[figure]]
id = "province"
name = "省级"
unit = "人次"
counts = "training_person_times"
level = ["省级"]
[[figure]]
id = "all"
name = "合计"
unit = "人次"
sum = ["trained", "province"]
parts = ["province"]
[[figure]]
id = "share"
name = "占比"
share = ["trained", "province"]
[[funnel]]
name = "倒"
steps = ["province", "trained"]
"#;
    let ledger = county(more);
    let found = figures(&ledger, ledger.size());
    let id = |id| FigureId::new(id).unwrap();
    assert_eq!(
        found.contradictions,
        [
            Contradiction::Parts {
                figure: id("all"),
                total: whole(1),
                parts: whole(0)
            },
            Contradiction::OfNothing { figure: id("share") },
            Contradiction::Widens {
                figure: id("trained"),
                before: id("province")
            },
        ]
    );
    assert_eq!(value(&found, "share"), Value::Undefined);
}

#[test]
fn a_definition_that_refers_to_itself_or_to_what_stands_later_is_refused_with_its_line() {
    let more = "[[figure]]\nid = \"loop\"\nname = \"环\"\nunit = \"人\"\nsum = [\"trained\", \"loop\", \"later\"]\n";
    let problems = Definitions::parse(&definitions(1, 2020, more)).unwrap_err();
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "19:19: no figure loop stands before: a figure is made of earlier ones, and so never of itself",
            "19:27: no figure later stands before: a figure is made of earlier ones, and so never of itself",
        ]
    );
}

#[test]
fn a_county_s_own_definitions_say_what_is_wrong_all_at_once() {
    let text = r#"figures_language = 2
version = 0
name = "口径"
from_year = 20222
[[figure]]
id = "a"
name = "甲"
unit = "人"
counts = "person_times"
[[figure]]
id = "b"
name = "乙"
counts = "titles"
class = ["教学新人"]
stepp = 10
[[paragraph]]
heading = "一"
text = "共{c}，{d"
"#;
    let problems = Definitions::parse(text).unwrap_err();
    let told: Vec<String> = problems
        .iter()
        .map(|one| one.text(keshi_core::lang::Lang::Zh))
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn a_researcher_meets_her_year_only_if_she_meets_every_requirement() {
    let more = r#"
[[figure]]
id = "researchers"
name = "专职教研员"
unit = "人"
counts = "staff"
post = ["专职教研员"]
[[figure]]
id = "meeting"
name = "达标"
unit = "人"
counts = "staff_meeting"
post = ["专职教研员"]
"#;
    let mut ledger = county(more);
    let without = figures(&ledger, ledger.size());
    let meeting = FigureId::new("meeting").unwrap();
    let people = vec![keshi_core::ids::TeacherId::new("T1").unwrap()];
    assert_eq!(
        without.contradictions,
        [Contradiction::UnderNoPolicy {
            figure: meeting,
            people
        }]
    );
    let easy = policy("easy", 1, "2020-01-01", None, "6").replace("min = \"1\"", "min = \"0\"");
    adopted(&mut ledger, crate::documents::adopt_policy(500, "2023-01-03", &easy));
    let met = figures(&ledger, ledger.size());
    assert_eq!(
        (value(&met, "researchers"), value(&met, "meeting")),
        (whole(1), whole(1))
    );
    assert_eq!(met.contradictions, []);
    let hard = policy("hard", 1, "2020-01-01", None, "7").replace("min = \"1\"", "min = \"0\"");
    adopted(&mut ledger, crate::documents::adopt_policy(600, "2023-01-03", &hard));
    assert_eq!(value(&figures(&ledger, ledger.size()), "meeting"), whole(0));
}

#[test]
fn closings_go_back_with_a_trial() {
    let mut ledger = county("");
    let closing = close(&ledger);
    let events = vec![
        on(200, "2023-01-05", closing),
        on(201, "2023-01-05", attended("nobody", "X1", "6")),
    ];
    let verdicts = ledger.post_all(Taking::Atomic, events);
    assert!(verdicts.iter().all(|verdict| !verdict.verdict.is_in_ledger()));
    assert_eq!(ledger.state.at(ledger.size()).official(2022), None);
    let closing = close(&ledger);
    assert_verdict(&ledger.post(on(210, "2023-01-05", closing)), Verdict::Recorded);
}

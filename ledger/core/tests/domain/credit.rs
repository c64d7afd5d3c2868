//! Edge cases of credit (DOMAIN §13), each by name. Those of plain hours stand in `balances.rs`.

use keshi_core::balance::{AdjustmentKind, Line, Status, Why};
use keshi_core::codes::{AttendanceResult, AttendanceRole, Award, Bound, LessonType, Level, Mode, Post, SessionType};
use keshi_core::event::{Event, Fact, FigureNoted, OutreachDelivered, PersonRegistered, ProjectOpened};
use keshi_core::hours::Hours;
use keshi_core::ids::FigureId;

use crate::documents::{adopt_calendar, adopt_policy, adopted};
use crate::support::facts::{
    assigned, assignment_ended, attended, attended_as, award_for, cancelled, competition_at, exemption, lesson,
    lesson_at, observed, outreach, person, project, project_at, school_term, session, session_as, teacher, text, title,
    topic, visit, void,
};
use crate::support::{Ledger, between, day, id, on};
use crate::worked_example::{calendar, county, cycle, section, standing};

const DONGXING: &str = include_str!("../../policies/dongxing-researcher-2020.toml");

/// A county under one policy, its body after the usual head; `T1` a teacher since 2018.
pub fn under(scope: &str, body: &str) -> Ledger {
    let mut ledger = Ledger::county();
    ledger.today = day("2026-01-10");
    ledger.given([on(30, "2018-09-01", assigned("T1", Post::Teacher, Some("S1")))]);
    adopted(&mut ledger, adopt_calendar(1_000, "2026-01-09", &calendar()));
    adopted(
        &mut ledger,
        adopt_policy(2_000, "2026-01-09", &document("p", 1, "2019-01-01", scope, body)),
    );
    ledger.given([on(40, "2019-01-01", project_at("P1", Level::County))]);
    ledger
}

pub fn document(id: &str, version: u32, from: &str, scope: &str, body: &str) -> String {
    format!(
        "language = 1\nid = \"{id}\"\nversion = {version}\nname = \"规则\"\neffective_from = {from}\nretroactive = true\n\
         {scope}\n{body}"
    )
}

pub const TEACHERS: &str = "[scope]\npost = [\"教师\"]";

pub const YEARLY: &str = r#"
[[requirement]]
id = "R1"
meter = "hours"
period = "calendar_year"
min = 48
[[conversion]]
id = "V1"
kind = "attendance_recorded"
role = ["学员"]
hours = "hours_present"
per_day_max = 6
"#;

pub fn year(ledger: &Ledger, year: &str) -> Vec<Line> {
    section(ledger, "T1", ledger.period(year)).lines
}

pub fn counted(ledger: &Ledger, id: &str, period: &str) -> String {
    let section = section(ledger, "T1", ledger.period(period));
    standing(&section, id, period).counted.to_string()
}

/// A course of one session, attended in full.
pub fn course(number: u128, from: &str, to: &str, session: &str, present: &str) -> [Event; 2] {
    [
        between(
            number,
            from,
            to,
            session_as(session, "P1", SessionType::Training, present),
        ),
        between(number + 1, from, to, attended("T1", session, present)),
    ]
}

#[test]
fn a_retro_posted_lesson_takes_its_place_in_date_order_and_cuts_the_later_one() {
    let mut ledger = county();
    ledger.given([on(100, "2022-11-01", lesson_at("T1", Level::County, 3))]);
    assert_eq!(year(&ledger, "2022")[0].counted, Hours::whole(15));
    ledger.given([on(101, "2022-03-01", lesson_at("T1", Level::County, 2))]);
    let lines: Vec<_> = year(&ledger, "2022")
        .into_iter()
        .filter(|line| line.rule.is_some())
        .collect();
    assert_eq!(
        (lines[0].counted, lines[1].counted),
        (Hours::whole(10), Hours::whole(8))
    );
    assert_eq!(lines[1].cuts[0].amount, Hours::whole(7), "by K2, 18 a year");
}

#[test]
fn overlapping_full_days_are_capped_at_six_a_day_and_flagged_where_the_provider_is_one() {
    let mut ledger = under(TEACHERS, YEARLY);
    let Fact::ProjectOpened(opened) = project("P2", "同一课程") else {
        unreachable!()
    };
    let provider = Some(text("进修学校"));
    for (number, name) in [(41, "P2"), (42, "P3")] {
        let opened = ProjectOpened {
            project_id: name.parse().unwrap(),
            provider: provider.clone(),
            ..opened.clone()
        };
        ledger.given([on(number, "2022-01-01", opened)]);
    }
    ledger.given([
        between(
            50,
            "2022-03-01",
            "2022-03-02",
            session_as("A", "P2", SessionType::Training, "12"),
        ),
        between(51, "2022-03-01", "2022-03-02", attended("T1", "A", "12")),
        between(
            52,
            "2022-03-02",
            "2022-03-03",
            session_as("B", "P3", SessionType::Training, "10"),
        ),
        between(53, "2022-03-02", "2022-03-03", attended("T1", "B", "10")),
    ]);
    let lines = year(&ledger, "2022");
    assert_eq!(
        (lines[0].counted, lines[1].counted),
        (Hours::whole(12), Hours::whole(6))
    );
    assert_eq!(lines[1].cuts[0].amount, Hours::whole(4));
    assert_eq!(lines[1].overlaps, Some(lines[0].index), "flagged, not dropped");
    assert_eq!(lines[0].overlaps, None);
}

#[test]
fn a_cancelled_session_brings_nothing_and_frees_the_room_it_took() {
    let mut ledger = under(TEACHERS, YEARLY);
    ledger.given(course(50, "2022-03-01", "2022-03-01", "A", "6"));
    ledger.given(course(52, "2022-03-01", "2022-03-01", "B", "5"));
    assert_eq!(counted(&ledger, "R1", "2022"), "6");
    ledger.given([on(60, "2022-03-02", cancelled("A"))]);
    assert_eq!(counted(&ledger, "R1", "2022"), "5");
    assert!(matches!(year(&ledger, "2022")[0].why, Why::Cancelled { .. }));
}

#[test]
fn who_was_present_less_than_two_thirds_earns_nothing() {
    let mut ledger = under(TEACHERS, YEARLY);
    ledger.given([
        on(50, "2022-03-01", session_as("A", "P1", SessionType::Training, "6")),
        on(51, "2022-03-01", attended("T1", "A", "3.99")),
        on(52, "2022-03-02", session_as("B", "P1", SessionType::Training, "6")),
        on(53, "2022-03-02", attended("T1", "B", "4")),
    ]);
    let lines = year(&ledger, "2022");
    assert_eq!(lines[0].why, Why::BelowPresence { of: Hours::whole(6) });
    assert_eq!(lines[1].counted, Hours::whole(4));
}

#[test]
fn of_speaker_and_listener_of_one_session_the_better_counts() {
    let mut ledger = county();
    ledger.given([
        on(40, "2021-01-01", project_at("P1", Level::County)),
        on(50, "2022-03-01", session_as("A", "P1", SessionType::OpenLesson, "2")),
        on(
            51,
            "2022-03-01",
            attended_as("T1", "A", "2", AttendanceRole::Listener, None),
        ),
        on(52, "2022-03-01", lesson("T1", LessonType::Open, 1, Some("A"))),
    ]);
    let lines: Vec<_> = year(&ledger, "2022")
        .into_iter()
        .filter(|line| line.rule.is_some())
        .collect();
    let listened = lines.iter().find(|line| line.kind == "attendance_recorded").unwrap();
    let spoke = lines.iter().find(|line| line.kind == "lesson_given").unwrap();
    assert_eq!(spoke.counted, Hours::whole(5));
    assert_eq!(listened.why, Why::OtherOfSession { index: spoke.index });
}

#[test]
fn a_course_not_passed_counts_a_fifth_under_sample_360_and_nothing_elsewhere() {
    let failed = |ledger: &mut Ledger| {
        let of = AttendanceRole::Learner;
        ledger.given([
            on(50, "2022-03-01", session_as("A", "P1", SessionType::Training, "6")),
            on(
                51,
                "2022-03-01",
                attended_as("T1", "A", "6", of, Some(AttendanceResult::Failed)),
            ),
        ]);
        year(ledger, "2022").remove(0)
    };
    let mut sample = county();
    sample.given([on(40, "2021-01-01", project_at("P1", Level::County))]);
    assert_eq!(failed(&mut sample).counted.to_string(), "1.2");
    assert_eq!(failed(&mut under(TEACHERS, YEARLY)).why, Why::NotPassed);
}

#[test]
fn several_prizes_for_one_work_count_once_at_the_highest() {
    let prizes = r#"
[[requirement]]
id = "R1"
meter = "credits"
period = "calendar_year"
min = 1
[[conversion]]
id = "V1"
kind = "award_given"
meter = "credits"
[conversion.hours_by_level_award]
30 = {"一等" = "2.5", "二等" = 2}
40 = {"一等" = 2, "二等" = "1.5"}
"#;
    let mut ledger = under(TEACHERS, prizes);
    ledger.given([
        on(50, "2022-01-01", competition_at("COUNTY", Level::County)),
        on(51, "2022-01-01", competition_at("CITY", Level::City)),
        on(52, "2021-12-01", award_for("T1", "COUNTY", Award::First, "W")),
        on(53, "2022-06-01", award_for("T1", "CITY", Award::First, "W")),
        on(54, "2022-06-02", award_for("T1", "COUNTY", Award::Second, "OTHER")),
        on(55, "2022-06-03", award_for("T1", "COUNTY", Award::Third, "THIRD")),
    ]);
    assert_eq!(counted(&ledger, "R1", "2022"), "4");
    assert_eq!(
        counted(&ledger, "R1", "2021"),
        "0",
        "the county prize of the year before gives way"
    );
    assert_eq!(
        year(&ledger, "2022")[2].why,
        Why::NotInTable,
        "三等 is not in the table"
    );
}

#[test]
fn joint_authors_and_members_share_as_the_policy_says() {
    let mut ledger = county();
    ledger.given([on(
        50,
        "2022-03-01",
        topic("TOPIC", Level::City, &["T2"], &["T1", "T3"]),
    )]);
    assert_eq!(year(&ledger, "2022")[0].counted.to_string(), "6.67", "a third of 20");
    let equal = r#"
[[conversion]]
id = "V1"
kind = "topic_concluded"
hours = 10
shares = "equal"
"#;
    let mut ledger = under(TEACHERS, equal);
    ledger.given([on(
        50,
        "2022-03-01",
        topic("TOPIC", Level::City, &["T2"], &["T1", "T3"]),
    )]);
    assert_eq!(year(&ledger, "2022")[0].counted.to_string(), "3.33");
}

#[test]
fn an_appointment_from_september_owes_a_third_of_ninety_and_from_mid_september_a_quarter() {
    for (from, min) in [("2022-09-01", "30"), ("2022-09-16", "23"), ("2022-01-15", "90")] {
        let mut ledger = Ledger::county();
        ledger.today = day("2026-01-10");
        ledger.given([on(30, from, assigned("T1", Post::Researcher, None))]);
        adopted(&mut ledger, adopt_calendar(1_000, "2026-01-09", &calendar()));
        adopted(&mut ledger, adopt_policy(2_000, "2026-01-09", DONGXING));
        let section = section(&ledger, "T1", ledger.period("2022"));
        assert_eq!(standing(&section, "R1", "2022").min.to_string(), min, "{from}");
    }
}

#[test]
fn observed_lessons_are_owed_by_teaching_weeks_in_post_rounded_up() {
    let mut ledger = Ledger::county();
    ledger.today = day("2026-01-10");
    // The first semester of 2022-2023 begins on 1 September: the fourth day of its sixth week is 9 October.
    ledger.given([on(30, "2022-10-09", assigned("T1", Post::Researcher, None))]);
    adopted(&mut ledger, adopt_calendar(1_000, "2026-01-09", &calendar()));
    adopted(&mut ledger, adopt_policy(2_000, "2026-01-09", DONGXING));
    ledger.given([on(60, "2022-11-01", observed("T1", "S1", 30))]);
    let section = section(&ledger, "T1", ledger.period("2022"));
    let semester = standing(&section, "R2", "2022-2023-1");
    assert_eq!((semester.min.to_string(), semester.status), ("30".into(), Status::Met));
    assert_eq!(standing(&section, "R2", "2021-2022-2").status, Status::NotInScope);
}

#[test]
fn a_part_timer_owes_her_share_only_where_the_office_says_that_the_rule_is_about_her() {
    let both = DONGXING.replace("[\"专职教研员\"]", "[\"专职教研员\", \"兼职教研员\"]");
    for (document, min) in [(both.as_str(), Some("45")), (DONGXING, None)] {
        let mut ledger = Ledger::county();
        ledger.today = day("2026-01-10");
        let Fact::AssignmentStarted(mut started) = assigned("T1", Post::PartTimeResearcher, Some("S1")) else {
            unreachable!()
        };
        started.share_hundredths = 50;
        ledger.given([on(30, "2020-01-01", started)]);
        adopted(&mut ledger, adopt_policy(2_000, "2026-01-09", document));
        let section = section(&ledger, "T1", ledger.period("2022"));
        let owed = section
            .standings
            .iter()
            .find(|standing| standing.requirement.id.as_str() == "R1");
        assert_eq!(owed.map(|owed| owed.min.to_string()).as_deref(), min);
    }
}

#[test]
fn leave_reduces_what_is_owed_in_the_period_of_its_last_day_and_never_below_nothing() {
    let mut ledger = under(TEACHERS, YEARLY);
    ledger.given(course(50, "2022-03-01", "2022-03-01", "A", "6"));
    ledger.given([between(60, "2021-10-01", "2022-02-28", exemption("T1", "R1", "20"))]);
    let in_year = |ledger: &Ledger, year: &str| {
        let section = section(ledger, "T1", ledger.period(year));
        let standing = standing(&section, "R1", year);
        (standing.min.to_string(), standing.missing.to_string(), standing.status)
    };
    assert_eq!(in_year(&ledger, "2022"), ("28".into(), "22".into(), Status::Short));
    assert_eq!(in_year(&ledger, "2021").0, "48");
    ledger.given([between(61, "2022-03-01", "2022-12-31", exemption("T1", "R1", "500"))]);
    assert_eq!(in_year(&ledger, "2022"), ("0".into(), "0".into(), Status::Exempt));
    ledger.given([on(62, "2023-01-01", void(id(61)))]);
    assert_eq!(in_year(&ledger, "2022").0, "28");
}

/// A registration that corrects the first one of `T1`.
fn corrected(number: u128, on_day: &str, registered: PersonRegistered) -> Event {
    Event {
        supersedes: Some(id(11)),
        ..on(number, on_day, registered)
    }
}

/// `T1` hired on 1 March 2021, with so many hours in the probation year and six afterwards.
fn new_teacher(days_in_probation: u32) -> Ledger {
    let mut ledger = county();
    let Fact::PersonRegistered(registered) = person("T1") else {
        unreachable!()
    };
    let hired_on = Some(day("2021-03-01"));
    ledger.given([
        corrected(40, "2021-03-01", PersonRegistered { hired_on, ..registered }),
        on(41, "2021-01-01", project_at("P1", Level::County)),
    ]);
    for number in 0..days_in_probation {
        let date = format!("2021-{:02}-{:02}", 4 + number / 20, 1 + number % 20);
        ledger.given(course(
            100 + u128::from(number) * 2,
            &date,
            &date,
            &format!("A{number}"),
            "6",
        ));
    }
    ledger.given(course(90, "2022-04-01", "2022-04-01", "B", "6"));
    ledger
}

#[test]
fn a_probation_year_is_recorded_as_seventy_two_and_what_exceeds_it_counts_as_it_is() {
    for (days, probation, cycle_hours) in [(10, "60", "66"), (15, "90", "78"), (20, "120", "78"), (22, "132", "90")] {
        let ledger = new_teacher(days);
        let section = section(&ledger, "T1", cycle());
        let year = section
            .standings
            .iter()
            .find(|s| s.requirement.id.as_str() == "N1")
            .unwrap();
        assert_eq!(year.counted.to_string(), probation);
        assert_eq!(year.status.is_met(), days >= 20);
        let c1 = standing(&section, "C1", "2021..2025");
        assert_eq!(
            c1.counted.to_string(),
            cycle_hours,
            "{days} days of six hours, and one day later"
        );
        assert_eq!(
            standing(&section, "C4", "2021").counted.to_string(),
            probation,
            "a year counts what was earned"
        );
        let lines: i64 = c1
            .lines
            .iter()
            .map(|&place| section.lines[place as usize].counted.hundredths())
            .sum();
        let adjusted: i64 = c1
            .adjustments
            .iter()
            .map(|adjustment| adjustment.amount.hundredths())
            .sum();
        assert_eq!(lines + adjusted, c1.counted.hundredths());
    }
}

#[test]
fn entries_go_by_the_version_of_their_day_and_minimums_by_the_one_at_the_period_s_end() {
    let mut ledger = under(TEACHERS, YEARLY);
    let second = YEARLY
        .replace("min = 48", "min = 72")
        .replace("per_day_max = 6", "factor = \"0.5\"");
    let second = document("p", 2, "2022-07-01", TEACHERS, &second);
    adopted(&mut ledger, adopt_policy(3_000, "2026-01-09", &second));
    ledger.given(course(50, "2022-03-01", "2022-03-01", "A", "6"));
    ledger.given(course(52, "2022-09-01", "2022-09-01", "B", "6"));
    let section = section(&ledger, "T1", ledger.period("2022"));
    let owed = standing(&section, "R1", "2022");
    assert_eq!(
        (owed.min.to_string(), owed.counted.to_string()),
        ("72".into(), "9".into())
    );
    assert_eq!(
        section.lines.iter().map(|line| line.version).collect::<Vec<_>>(),
        [Some(1), Some(2)]
    );
}

#[test]
fn counts_without_names_are_taken_and_stand_in_nobody_s_balance() {
    let mut ledger = under(TEACHERS, YEARLY);
    let Fact::OutreachDelivered(delivered) = outreach("S2", &[]) else {
        unreachable!()
    };
    let delivered = OutreachDelivered {
        unattributed_lessons: 90,
        unattributed_talks: 60,
        ..delivered
    };
    ledger.given([on(50, "2022-12-31", delivered)]);
    assert!(year(&ledger, "2022").is_empty());
}

#[test]
fn figures_noted_by_hand_keep_their_bound_and_stand_in_no_balance() {
    let mut ledger = under(TEACHERS, YEARLY);
    let noted = FigureNoted {
        figure_id: FigureId::new("trained").unwrap(),
        period: text("2022"),
        value: Hours::whole(1_300),
        bound: Bound::AtLeast,
        unit: Some(text("人次")),
    };
    ledger.given([on(50, "2022-12-31", noted.clone())]);
    assert!(year(&ledger, "2022").is_empty());
    assert_eq!(
        ledger.entries.last().unwrap().posted.event().unwrap().fact,
        Fact::FigureNoted(noted)
    );
}

#[test]
fn surplus_goes_on_to_the_next_year_as_far_as_the_policy_lets_it_and_a_gap_ends_it() {
    let carry = YEARLY.replace("min = 48", "min = 6\ncarry = {share = \"1/2\", max = 5}");
    let mut ledger = under(TEACHERS, &carry);
    // Three days in 2021: 12 beyond the minimum, half of it 6, at most 5.
    ledger.given(course(50, "2021-03-01", "2021-03-03", "A", "18"));
    ledger.given(course(52, "2022-03-01", "2022-03-01", "B", "6"));
    let section_of = |ledger: &Ledger, year: &str| section(ledger, "T1", ledger.period(year));
    let in_2022 = section_of(&ledger, "2022");
    let owed = standing(&in_2022, "R1", "2022");
    assert_eq!(owed.counted, Hours::whole(11));
    assert_eq!(
        owed.adjustments.iter().map(|a| (a.kind, a.amount)).collect::<Vec<_>>(),
        [(
            AdjustmentKind::CarriedIn {
                from: day("2021-12-31")
            },
            Hours::whole(5)
        )]
    );
    // In 2022 the carried 5 go first, then one of the six earned: five are left, half of them goes on.
    let in_2023 = section_of(&ledger, "2023");
    assert_eq!(standing(&in_2023, "R1", "2023").counted.to_string(), "2.5");
    // Out of post in 2022: nothing crosses the gap.
    ledger.given([
        on(60, "2021-12-31", assignment_ended("T1", id(30))),
        on(61, "2023-01-01", assigned("T1", Post::Teacher, Some("S1"))),
    ]);
    let in_2023 = section_of(&ledger, "2023");
    assert_eq!(standing(&in_2023, "R1", "2023").counted, Hours::ZERO);
}

#[test]
fn required_surplus_fills_electives_and_never_the_other_way() {
    let beijing = r#"
[[requirement]]
id = "必"
"#;
    assert!(
        keshi_core::policy::Policy::parse(beijing).is_err(),
        "ids are short ASCII"
    );
    let beijing = r#"
[[requirement]]
id = "A"
meter = "credits"
period = "calendar_year"
min = "1.2"
where = {category = ["必修"]}
[[requirement]]
id = "B"
meter = "credits"
period = "calendar_year"
min = 1
where = {category = ["選修"]}
[[substitution]]
id = "S1"
from = "A"
to = "B"
[[conversion]]
id = "V1"
kind = "attendance_recorded"
meter = "credits"
hours = "hours_present"
factor = "1/10"
"#;
    for (required, elective, counted) in [("18", "2", ("1.2", "0.8")), ("6", "20", ("0.6", "2"))] {
        let mut ledger = under(TEACHERS, beijing);
        for (number, name, category) in [(41, "P2", "必修"), (42, "P3", "选修")] {
            let Fact::ProjectOpened(opened) = project(name, name) else {
                unreachable!()
            };
            let category = Some(text(category));
            ledger.given([on(number, "2022-01-01", ProjectOpened { category, ..opened })]);
        }
        ledger.given([
            on(50, "2022-03-01", session_as("A", "P2", SessionType::Training, required)),
            on(51, "2022-03-01", attended("T1", "A", required)),
            on(52, "2022-03-02", session_as("B", "P3", SessionType::Training, elective)),
            on(53, "2022-03-02", attended("T1", "B", elective)),
        ]);
        let section = section(&ledger, "T1", ledger.period("2022"));
        let of = |id| standing(&section, id, "2022").counted.to_string();
        assert_eq!((of("A").as_str(), of("B").as_str()), counted);
    }
}

#[test]
fn online_hours_count_no_more_than_what_the_others_count() {
    let relative = YEARLY.replace("per_day_max = 6\n", "")
        + "[[cap]]\nid = \"K1\"\nperiod = \"calendar_year\"\nwhere = {mode = [\"网络研修\"]}\nnot_above = {mode = [1, 2]}\n";
    let mut ledger = under(TEACHERS, &relative);
    let Fact::ProjectOpened(opened) = project("P2", "网课") else {
        unreachable!()
    };
    let mode = Mode::Online;
    ledger.given([on(41, "2022-01-01", ProjectOpened { mode, ..opened })]);
    ledger.given([
        on(50, "2022-02-01", session_as("A", "P2", SessionType::Training, "20")),
        on(51, "2022-02-01", attended("T1", "A", "20")),
    ]);
    ledger.given(course(52, "2022-03-01", "2022-03-01", "B", "8"));
    assert_eq!(counted(&ledger, "R1", "2022"), "16", "8 face to face, 8 of 20 online");
}

#[test]
fn cycles_may_begin_with_a_date_of_the_person_s_own_and_have_a_grace_window() {
    let personal = r#"
[cycle]
start = "hired_on"
years = 2
grace_months = 3
grace = "ended_if_short"
"#
    .to_owned()
        + &YEARLY.replace("calendar_year", "cycle").replace("min = 48", "min = 12");
    let mut ledger = under(TEACHERS, &personal);
    let Fact::PersonRegistered(registered) = person("T1") else {
        unreachable!()
    };
    let hired_on = Some(day("2020-02-29"));
    ledger.given([corrected(45, "2020-02-29", PersonRegistered { hired_on, ..registered })]);
    ledger.given(course(50, "2021-03-01", "2021-03-01", "A", "6"));
    ledger.given(course(52, "2022-03-01", "2022-03-01", "B", "6"));
    ledger.given(course(54, "2022-05-01", "2022-05-01", "C", "6"));
    let section = section(&ledger, "T1", ledger.period("2022"));
    let first = standing(&section, "R1", "2020-02-29..2022-02-28");
    assert_eq!(
        first.counted,
        Hours::whole(12),
        "short by six, so the first course of the window counts to it"
    );
    assert_eq!(first.adjustments[0].kind, AdjustmentKind::GraceIn);
    let second = standing(&section, "R1", "2022-03-01..2024-02-28");
    assert_eq!(second.counted, Hours::whole(6));
    assert_eq!(second.adjustments[0].kind, AdjustmentKind::GraceOut);
}

#[test]
fn an_entry_over_new_year_may_be_split_between_the_years() {
    let split = format!("attribution = \"split_by_session\"\n{TEACHERS}");
    let mut ledger = under(&split, &YEARLY.replace("per_day_max = 6\n", ""));
    ledger.given(course(50, "2022-12-30", "2023-01-01", "A", "10"));
    assert_eq!(counted(&ledger, "R1", "2022"), "6.67");
    assert_eq!(counted(&ledger, "R1", "2023"), "3.33", "together ten, to the hundredth");
    let mut ledger = under(&format!("attribution = \"start\"\n{TEACHERS}"), YEARLY);
    ledger.given(course(50, "2022-12-31", "2023-01-01", "A", "10"));
    assert_eq!(counted(&ledger, "R1", "2022"), "10");
}

#[test]
fn a_school_based_term_needs_its_papers_and_counts_once_a_semester() {
    let mut ledger = county();
    let Fact::SchoolBasedTerm(mut term) = school_term("T1", "2021-2022-2") else {
        unreachable!()
    };
    term.reflection = false;
    ledger.given([
        on(50, "2022-06-01", term),
        on(51, "2022-06-02", school_term("T1", "2021-2022-2")),
        on(52, "2022-06-03", school_term("T1", "2021-2022-2")),
    ]);
    let lines = year(&ledger, "2022");
    assert_eq!(lines[0].why, Why::Incomplete);
    assert_eq!(lines[1].counted, Hours::whole(15));
    assert_eq!(lines[2].why, Why::BestOnly { index: lines[1].index });
}

#[test]
fn amounts_beyond_the_type_are_an_error_that_names_the_teacher_and_the_entry() {
    let huge = YEARLY.replace("per_day_max = 6", "factor = 1000000000");
    let mut ledger = under(TEACHERS, &huge);
    for number in 0..4_000 {
        let name = format!("X{number}");
        let at = 10_000 + 2 * number;
        ledger.given(course(at, "2020-01-01", "2022-12-31", &name, "26000"));
    }
    let too_large = ledger
        .state
        .at(ledger.size())
        .balance(&teacher("T1"), ledger.period("2022"))
        .unwrap_err();
    assert_eq!(too_large.teacher_id, teacher("T1"));
    assert!(too_large.index > 0, "{too_large}");
}

#[test]
fn every_entry_looked_at_or_only_those_that_matter_the_answer_is_one() {
    let mut ledger = county();
    ledger.given([
        on(40, "2021-01-01", project_at("P1", Level::County)),
        on(41, "2021-01-01", competition_at("CONTEST", Level::County)),
        on(42, "2021-02-01", award_for("T1", "CONTEST", Award::First, "W")),
        on(43, "2025-02-01", award_for("T1", "CONTEST", Award::First, "W")),
        on(
            44,
            "2024-02-01",
            title("T1", keshi_core::codes::TitleClass::ExpertTeacher, Level::County),
        ),
        on(45, "2024-03-01", visit("T1", "S1")),
        on(46, "2024-03-02", session("S", "P1")),
    ]);
    for name in ["2021", "2025", "2022-2023", "2021..2025", "2024-03"] {
        let period = ledger.period(name);
        let assessor = || keshi_core::balance::Assessor::new(ledger.state.at(ledger.size()));
        let windowed = assessor().balance(&teacher("T1"), period);
        assert_eq!(
            windowed,
            assessor().unwindowed().balance(&teacher("T1"), period),
            "{name}"
        );
    }
}

#[test]
fn a_later_version_s_cycles_carry_on_among_themselves_whatever_cycles_came_before() {
    let of_cycles = |from: &str, years: u32| format!("{TEACHERS}\n[cycle]\nfrom = {from}\nyears = {years}\n");
    let body = YEARLY
        .replace("calendar_year", "cycle")
        .replace("min = 48", "min = 6\ncarry = {}");
    let mut ledger = under(&of_cycles("2019-01-01", 3), &body);
    let second = document("p", 2, "2021-06-01", &of_cycles("2020-01-01", 2), &body);
    adopted(&mut ledger, adopt_policy(3_000, "2026-01-09", &second));
    ledger.given(course(50, "2022-03-01", "2022-03-02", "A", "12"));
    assert_eq!(counted(&ledger, "R1", "2022..2023"), "12");
    assert_eq!(
        counted(&ledger, "R1", "2024..2025"),
        "6",
        "six beyond the minimum of the cycle before"
    );
}

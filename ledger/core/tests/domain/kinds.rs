//! Terms, topics, works, exemptions and noted figures: what is let in, what is refused, and under which field.

use keshi_core::check::violations;
use keshi_core::codes::{Award, Bound, Level};
use keshi_core::entry::Verdict;
use keshi_core::event::{
    Event, ExemptionGranted, Fact, FigureNoted, LessonObserved, Mentoring, OutreachDelivered, PEOPLE_MAX,
    SchoolBasedTerm, SchoolClosed, SchoolsMerged, TopicApproved, TopicConcluded, WorkAwarded, WorkPublished,
};
use keshi_core::hours::Hours;
use keshi_core::ids::{FigureId, SemesterId, TeacherId, TopicId, WorkId};
use keshi_core::lang::Lang;
use keshi_core::reason::ReasonCode;
use keshi_core::violation::Problem;

use crate::support::facts::{exemption, outreach, school, school_term, teacher, text, topic, void};
use crate::support::{Ledger, assert_refused, assert_verdict, between, id, on};

fn people(ids: &[&str]) -> Vec<TeacherId> {
    ids.iter().map(|id| teacher(id)).collect()
}

fn approved(leads: &[&str], members: &[&str]) -> Fact {
    let fact = TopicApproved {
        topic_id: TopicId::new("K1").unwrap(),
        name: None,
        level: Level::County,
        lead_ids: people(leads),
        member_ids: people(members),
    };
    fact.into()
}

fn published(authors: &[&str]) -> Fact {
    let fact = WorkPublished {
        work_id: WorkId::new("W1").unwrap(),
        work_kind: text("论文"),
        level: Level::Province,
        title: None,
        author_ids: people(authors),
    };
    fact.into()
}

fn prized(authors: &[&str]) -> Fact {
    let fact = WorkAwarded {
        work_id: WorkId::new("W1").unwrap(),
        title: None,
        level: Level::Province,
        award: Award::Second,
        author_ids: people(authors),
        contest: None,
    };
    fact.into()
}

fn noted(period: &str, value: i64) -> Fact {
    let fact = FigureNoted {
        figure_id: FigureId::new("F1").unwrap(),
        period: text(period),
        value: Hours::from_hundredths(value),
        bound: Bound::AtLeast,
        unit: None,
    };
    fact.into()
}

/// Field and problem of all that is wrong with a fact.
fn wrong(fact: impl Into<Fact>) -> Vec<(String, Problem)> {
    let found = violations(&on(60, "2022-03-01", fact));
    found
        .into_iter()
        .map(|violation| (violation.field, violation.problem))
        .collect()
}

#[test]
fn unknown_people_and_schools_refuse_each_kind_and_the_field_is_named() {
    let mut ledger = Ledger::county();
    let Fact::SchoolBasedTerm(term) = school_term("T1", "2021-2022-2") else {
        unreachable!()
    };
    let elsewhere = SchoolBasedTerm {
        school_id: school("S9"),
        ..term
    };
    let teacher = ReasonCode::UnknownTeacher;
    for (fact, code, field, value) in [
        (school_term("T9", "2021-2022-2"), teacher, "teacher_id", "T9"),
        (elsewhere.into(), ReasonCode::UnknownSchool, "school_id", "S9"),
        (approved(&["T9"], &["T1"]), teacher, "lead_ids", "T9"),
        (approved(&["T1"], &["T2", "T9"]), teacher, "member_ids", "T9"),
        (
            topic("K1", Level::County, &["T1", "T9"], &[]),
            teacher,
            "lead_ids",
            "T9",
        ),
        (
            topic("K1", Level::County, &["T1"], &["T9"]),
            teacher,
            "member_ids",
            "T9",
        ),
        (published(&["T1", "T9"]), teacher, "author_ids", "T9"),
        (prized(&["T9"]), teacher, "author_ids", "T9"),
        (exemption("T9", "R1", "45"), teacher, "teacher_id", "T9"),
        (
            outreach("S2", &[("T1", 1, 0), ("T9", 1, 0)]),
            teacher,
            "deliveries.teacher_id",
            "T9",
        ),
    ] {
        let kind = fact.kind();
        let verdict = ledger.post(on(60, "2022-03-01", fact));
        assert_refused(&verdict, code);
        let reason = verdict.reason.unwrap();
        assert_eq!((reason.field.as_str(), reason.value.as_str()), (field, value), "{kind}");
    }
}

#[test]
fn a_term_names_a_semester_and_neither_a_year_nor_a_third_half() {
    for semester in ["2022-2023-1", "2021-2022-2"] {
        assert_eq!(wrong(school_term("T1", semester)), []);
    }
    for semester in ["2022", "2022-2023", "2022-2023-3", "2022-2024-1", "2022-09", "first"] {
        let found = violations(&on(60, "2022-03-01", school_term("T1", semester)));
        assert_eq!(found.len(), 1, "{semester}");
        assert_eq!(
            (found[0].field.as_str(), found[0].value.as_str()),
            ("semester", semester)
        );
        assert!(found[0].text(Lang::Zh).contains("学期"), "{}", found[0].text(Lang::Zh));
    }
    assert!(SemesterId::new("2022-2023-1").is_ok());
}

#[test]
fn somebody_leads_and_nobody_stands_twice() {
    let missing = |field: &str| vec![(field.to_owned(), Problem::Missing)];
    let repeated = |field: &str| vec![(field.to_owned(), Problem::Repeated)];
    assert_eq!(wrong(approved(&[], &["T1"])), missing("lead_ids"));
    assert_eq!(wrong(topic("K1", Level::County, &[], &["T1"])), missing("lead_ids"));
    assert_eq!(wrong(published(&[])), missing("author_ids"));
    assert_eq!(wrong(prized(&[])), missing("author_ids"));
    assert_eq!(wrong(approved(&["T1", "T1"], &[])), repeated("lead_ids"));
    assert_eq!(wrong(approved(&["T1"], &["T2", "T1"])), repeated("member_ids"));
    let twice = topic("K1", Level::County, &["T1"], &["T2", "T2"]);
    assert_eq!(wrong(twice.clone()), repeated("member_ids"));
    assert_eq!(wrong(published(&["T1", "T2", "T1"])), repeated("author_ids"));
    assert_eq!(wrong(prized(&["T1", "T1"])), repeated("author_ids"));
    let said = &violations(&on(60, "2022-03-01", twice))[0];
    assert_eq!(said.text(Lang::Zh), "成员 中 T2 重复出现，每个只列一次");
    assert!(said.text(Lang::En).contains("T2"), "{}", said.text(Lang::En));
}

#[test]
fn sixty_people_are_let_in_and_one_more_is_not() {
    let ids: Vec<String> = (0..=PEOPLE_MAX).map(|number| format!("T{number}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let too_many = |field: &str| vec![(field.to_owned(), Problem::TooMany { max: PEOPLE_MAX })];
    let (sixty, all) = (&ids[..PEOPLE_MAX], &ids[..]);
    assert_eq!(wrong(published(sixty)), []);
    assert_eq!(wrong(published(all)), too_many("author_ids"));
    assert_eq!(wrong(prized(all)), too_many("author_ids"));
    // Leads and members are counted together.
    assert_eq!(wrong(approved(&sixty[..10], &sixty[10..])), []);
    assert_eq!(wrong(approved(&all[..10], &all[10..])), too_many("lead_ids"));
}

#[test]
fn an_exemption_reduces_by_something_and_may_lie_ahead() {
    for amount in [0, -100] {
        let Fact::ExemptionGranted(granted) = exemption("T1", "R1", "45") else {
            unreachable!()
        };
        let reduce_by = Hours::from_hundredths(amount);
        let found = wrong(ExemptionGranted { reduce_by, ..granted });
        assert_eq!(found.len(), 1, "{amount}");
        assert_eq!(found[0].0, "reduce_by");
    }
    let mut ledger = Ledger::county();
    let leave = between(60, "2023-12-01", "2024-07-15", exemption("T1", "R1", "45"));
    let verdict = ledger.post(leave);
    assert!(verdict.verdict.is_in_ledger(), "{verdict:?}");
    // It is one of the entries about her, and of nobody else.
    let (teacher, other) = (teacher("T1"), teacher("T2"));
    let index = verdict.index.unwrap();
    assert!(ledger.state.at(ledger.size()).indices_about(&teacher).contains(&index));
    assert!(!ledger.state.at(ledger.size()).indices_about(&other).contains(&index));
}

#[test]
fn nothing_else_of_these_kinds_lies_ahead() {
    let mut ledger = Ledger::county();
    for fact in [
        school_term("T1", "2023-2024-1"),
        approved(&["T1"], &[]),
        topic("K1", Level::County, &["T1"], &[]),
        published(&["T1"]),
        prized(&["T1"]),
        noted("2024", 100),
    ] {
        assert_refused(&ledger.post(on(60, "2024-01-02", fact)), ReasonCode::FutureDate);
    }
}

#[test]
fn a_figure_names_a_period_and_is_not_negative() {
    for period in ["2022", "2022-2023", "2022-2023-1", "2022-09", "2021..2025"] {
        assert_eq!(wrong(noted(period, 9_000)), [], "{period}");
    }
    for (fact, field) in [(noted("去年", 9_000), "period"), (noted("2022", -1), "value")] {
        let found = wrong(fact);
        assert_eq!(found.len(), 1, "{field}");
        assert_eq!(found[0].0, field);
    }
}

#[test]
fn outreach_needs_a_delivery_or_a_count_without_names() {
    let Fact::OutreachDelivered(empty) = outreach("S2", &[]) else {
        unreachable!()
    };
    let counted = |unattributed_lessons, unattributed_talks| OutreachDelivered {
        unattributed_lessons,
        unattributed_talks,
        ..empty.clone()
    };
    assert_eq!(wrong(counted(0, 0)), [("deliveries".to_owned(), Problem::Missing)]);
    for (lessons, talks) in [(90, 0), (0, 60), (90, 60)] {
        assert_eq!(wrong(counted(lessons, talks)), []);
    }
}

#[test]
fn everyone_of_a_topic_or_a_work_has_it_among_her_entries_and_a_noted_figure_is_nobody_s() {
    let mut ledger = Ledger::county();
    let size = ledger.size();
    ledger.given([
        on(60, "2022-03-01", school_term("T1", "2021-2022-2")),
        on(61, "2022-03-01", approved(&["T1"], &["T2"])),
        on(62, "2022-03-01", topic("K1", Level::County, &["T1"], &["T2"])),
        on(63, "2022-03-01", published(&["T2", "T3"])),
        on(64, "2022-03-01", prized(&["T3"])),
        on(65, "2022-03-01", noted("2022", 9_000)),
    ]);
    for (id, expected) in [
        ("T1", vec![0, 1, 2]),
        ("T2", vec![1, 2, 3]),
        ("T3", vec![3, 4]),
        ("T4", vec![]),
    ] {
        let mut about = ledger.state.at(ledger.size()).indices_about(&teacher(id));
        about.retain(|&index| index >= size);
        let expected: Vec<u64> = expected.into_iter().map(|place: u64| size + place).collect();
        assert_eq!(about, expected, "{id}");
    }
}

#[test]
fn each_of_these_kinds_can_be_voided() {
    for (number, fact) in (0..).zip([
        school_term("T1", "2021-2022-2"),
        approved(&["T1"], &[]),
        topic("K1", Level::County, &["T1"], &[]),
        published(&["T1"]),
        prized(&["T1"]),
        exemption("T1", "R1", "45"),
        noted("2022", 9_000),
    ]) {
        let mut ledger = Ledger::county();
        let kind = fact.kind();
        ledger.given([on(60 + number, "2022-03-01", fact)]);
        let verdict = ledger.post(on(90, "2022-03-02", void(id(60 + number))));
        assert_eq!(verdict.verdict, Verdict::Recorded, "{kind}: {verdict:?}");
    }
}

#[test]
fn what_credits_is_marked_late_after_thirty_days_and_the_rest_is_not() {
    let mut ledger = Ledger::county();
    for (number, fact, late) in [
        (60, school_term("T1", "2021-2022-2"), true),
        (61, topic("K1", Level::County, &["T1"], &[]), true),
        (62, published(&["T1"]), true),
        (63, prized(&["T1"]), true),
        (64, approved(&["T1"], &[]), false),
        (65, exemption("T1", "R1", "45"), false),
        (66, noted("2022", 9_000), false),
    ] {
        let kind = fact.kind();
        ledger.given([on(number, "2022-03-01", fact)]);
        assert_eq!(ledger.entries.last().unwrap().outcome.late, late, "{kind}");
    }
}

#[test]
fn the_same_topic_with_another_result_is_a_conflict_that_names_it() {
    let mut ledger = Ledger::county();
    let event = |result| -> Event {
        let Fact::TopicConcluded(concluded) = topic("K1", Level::County, &["T1"], &["T2"]) else {
            unreachable!()
        };
        let result = Some(text(result));
        on(60, "2022-03-01", TopicConcluded { result, ..concluded })
    };
    ledger.given([event("良好")]);
    assert_verdict(&ledger.post(event("良好")), Verdict::Duplicate);
    let conflict = ledger.post(event("优秀"));
    assert_verdict(&conflict, Verdict::Conflict);
    assert_eq!(conflict.reason.unwrap().field, "result");
}

#[test]
fn a_person_stands_once_in_an_outreach_and_no_school_succeeds_itself() {
    let twice = outreach("S1", &[("T1", 2, 0), ("T2", 1, 0), ("T1", 0, 1)]);
    assert_eq!(
        wrong(twice),
        [("deliveries[2].teacher_id".to_owned(), Problem::Repeated)]
    );
    let itself = [("successor_id".to_owned(), Problem::SucceedsItself)];
    assert_eq!(
        wrong(SchoolsMerged {
            school_ids: vec![school("S1"), school("S2")],
            successor_id: school("S2"),
        }),
        itself
    );
    assert_eq!(
        wrong(SchoolClosed {
            school_id: school("S1"),
            successor_id: Some(school("S1")),
        }),
        itself
    );
}

fn paired(mentor: &str, apprentice: &str) -> Mentoring {
    Mentoring {
        mentor_id: teacher(mentor),
        apprentice_id: teacher(apprentice),
        subject: Some(text("语文")),
        goal: None,
    }
}

#[test]
fn nobody_is_her_own_mentor() {
    assert_eq!(wrong(paired("T1", "T2")), []);
    assert_eq!(
        wrong(paired("T1", "T1")),
        [("apprentice_id".to_owned(), Problem::Repeated)]
    );
}

#[test]
fn what_no_meter_counts_is_among_the_entries_about_those_whom_it_names() {
    let mut ledger = Ledger::county();
    let observed = LessonObserved {
        observer_id: teacher("T3"),
        teacher_id: Some(teacher("T4")),
        school_id: school("S1"),
        periods: 1,
        comment_given: true,
    };
    let size = ledger.size();
    ledger.given([
        on(60, "2022-03-01", approved(&["T1"], &["T2"])),
        on(61, "2022-03-02", observed),
        on(62, "2022-03-03", void(id(61))),
        between(63, "2023-09-01", "2024-07-10", paired("T1", "T2")),
    ]);
    let about = |id: &str, size: u64| ledger.state.at(size).indices_about(&teacher(id));
    for (id, own, expected) in [
        ("T1", 2, vec![size, size + 3]),
        ("T2", 3, vec![size, size + 3]),
        ("T4", 5, vec![size + 1, size + 2]),
    ] {
        let expected: Vec<u64> = std::iter::once(own).chain(expected).collect();
        assert_eq!(about(id, ledger.size()), expected, "{id}");
        assert_eq!(about(id, size), [own], "{id}");
    }
}

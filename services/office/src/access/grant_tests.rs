use proptest::prelude::*;

use super::rights::{REVIEWS, TABLE, find};
use super::*;

const ME: &str = "T-me";
const MY_SCHOOL: &str = "S-mine";
const MY_UNIT: &str = "B-mine";
const MY_SUBJECT: &str = "语文";
const MY_ID: &str = "me-1";

fn caller(name: RoleName) -> Caller {
    let me = || Some(ME.to_owned());
    let role = match name {
        RoleName::Teacher => Role::Teacher { teacher_id: ME.into() },
        RoleName::Clerk => Role::Clerk {
            school: MY_SCHOOL.into(),
            teacher_id: me(),
        },
        RoleName::HeadTeacher => Role::HeadTeacher {
            school: MY_SCHOOL.into(),
            teacher_id: me(),
        },
        RoleName::Lead => Role::Lead {
            bases: vec![MY_UNIT.into()],
            studios: vec!["W-mine".into()],
            teacher_id: me(),
        },
        RoleName::Researcher => Role::Researcher {
            teacher_id: ME.into(),
            subjects: vec![MY_SUBJECT.into()],
            groups: vec!["G-mine".into()],
        },
        RoleName::Reviewer => Role::Reviewer { teacher_id: me() },
        RoleName::Auditor => Role::Auditor,
        RoleName::RegistryReader => Role::RegistryReader,
        RoleName::Admin => Role::Admin,
        RoleName::Dev => return Caller::dev("610729"),
    };
    Caller::new(MY_ID.into(), "610729".into(), role)
}

fn everyone() -> impl Iterator<Item = RoleName> {
    RoleName::GRANTED.into_iter().chain([RoleName::Dev])
}

/// The situations in which a right may hold or not, each differing from "nothing of mine" in one thing.
const SITUATIONS: [(char, Target<'static>); 6] = [
    (
        '.',
        Target {
            school: None,
            unit: None,
            about: None,
            posted_by: None,
            subject: None,
        },
    ),
    (
        's',
        Target {
            school: Some(MY_SCHOOL),
            unit: None,
            about: None,
            posted_by: None,
            subject: None,
        },
    ),
    (
        'u',
        Target {
            school: None,
            unit: Some(MY_UNIT),
            about: None,
            posted_by: None,
            subject: None,
        },
    ),
    (
        'm',
        Target {
            school: None,
            unit: None,
            about: Some(ME),
            posted_by: None,
            subject: None,
        },
    ),
    (
        'p',
        Target {
            school: None,
            unit: None,
            about: None,
            posted_by: Some(MY_ID),
            subject: None,
        },
    ),
    (
        'j',
        Target {
            school: None,
            unit: None,
            about: None,
            posted_by: None,
            subject: Some(MY_SUBJECT),
        },
    ),
];

/// The situations in which `role` may post `kind`: `.` about nothing of hers, `s` her school, `u` her base,
/// `m` about herself, `p` upon her own entry, `j` of her subject.
fn situations(role: RoleName, kind: &str) -> String {
    let caller = caller(role);
    SITUATIONS
        .iter()
        .filter(|(_, target)| caller.may_post(kind, *target).is_ok())
        .map(|(letter, _)| letter)
        .collect()
}

/// Written a second time, from the roles' side, so that a slip in the table of the code does not pass.
#[rustfmt::skip]
fn expected(role: RoleName, kind: &str) -> &'static str {
    const ALWAYS: &str = ".sumpj";
    const UNLESS_INVOLVED: &str = ".suj";
    const UNLESS_ABOUT_HERSELF: &str = ".supj";
    let review = REVIEWS.contains(&kind);
    let correction = matches!(kind, "entry_voided" | "entry_amended");
    let year = matches!(kind, "year_closed" | "year_restated");
    match role {
        RoleName::RegistryReader => "",
        // What she objects to is about others.
        RoleName::Teacher | RoleName::Lead | RoleName::Clerk | RoleName::HeadTeacher | RoleName::Researcher
            if kind == "objection_raised" =>
        {
            ALWAYS
        }
        RoleName::Teacher => match kind {
            "claim_submitted" => "m",
            "entry_amended" => "p",
            _ => "",
        },
        RoleName::Admin if review => ".sumj", // an admin has no teacher record
        RoleName::Admin | RoleName::Dev => ALWAYS,
        RoleName::Auditor => if year { ALWAYS } else { "" },
        // A school rates what the county answered.
        RoleName::Reviewer if year || matches!(kind, "clock_corrected" | "answer_rated") => "",
        RoleName::Reviewer => if review { UNLESS_INVOLVED } else { UNLESS_ABOUT_HERSELF },
        RoleName::Clerk | RoleName::HeadTeacher => match kind {
            "entry_voided" | "entry_amended" |
            "person_registered" | "assignment_started" | "assignment_ended"
            | "project_opened" | "session_held" | "session_cancelled" | "session_moved"
            | "attendance_recorded" | "school_based_term" | "lesson_given" | "lesson_observed" | "entry_made"
            | "question_sent" | "answer_rated"
            | "claim_submitted" | "claim_school_checked" | "claim_returned" | "claim_rejected" => "s",
            _ => "",
        },
        RoleName::Lead => match kind {
            _ if correction => "p",
            "claim_submitted" => "m",
            "project_opened" | "session_held" | "session_cancelled" | "session_moved" | "attendance_recorded" => "u",
            _ => "",
        },
        RoleName::Researcher => match kind {
            _ if correction => "p",
            "session_cancelled" | "session_moved" | "attendance_recorded" => "p",
            "school_visit" | "lesson_observed" | "lesson_given" | "claim_submitted"
            | "inspection_held" | "finding_made" | "finding_checked" => "m",
            "questions_joined" | "question_planned" => "j",
            "outreach_delivered" | "project_opened" | "session_held" | "mentoring" => ALWAYS,
            _ => "",
        },
    }
}

#[test]
fn every_role_may_post_exactly_its_kinds() {
    for role in everyone() {
        for row in &TABLE {
            assert_eq!(
                situations(role, row.kind),
                expected(role, row.kind),
                "{role} posting {}",
                row.kind
            );
        }
    }
}

#[test]
fn the_table_has_each_kind_once_and_every_review() {
    let mut kinds: Vec<_> = TABLE.iter().map(|row| row.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds.len(), TABLE.len());
    assert!(REVIEWS.iter().all(|kind| find(kind).is_some()));
}

#[test]
fn every_kind_that_the_ledger_knows_has_its_row() {
    let missing: Vec<_> = keshi_core::event::Fact::KINDS
        .iter()
        .filter(|kind| find(kind).is_none())
        .collect();
    assert!(
        missing.is_empty(),
        "nobody may post {missing:?}: give them rows in rights.rs"
    );
}

#[test]
fn a_kind_without_a_row_may_be_posted_by_nobody() {
    for role in everyone() {
        let denied = caller(role).may_post("hours_invented", Target::default()).unwrap_err();
        assert!(denied.reason.zh.contains("hours_invented"), "{role}");
    }
}

#[test]
fn another_school_is_refused_with_both_schools_named() {
    let target = Target {
        school: Some("S-other"),
        ..Target::default()
    };
    let denied = caller(RoleName::Clerk)
        .may_post("attendance_recorded", target)
        .unwrap_err();
    assert_eq!(denied.reason.zh, "只能填报本校（S-mine），这一条属于 S-other");
    assert_eq!(
        denied.reason.en,
        "you act for your own school (S-mine) only, this is for S-other"
    );
}

#[test]
fn another_base_another_teacher_and_another_posters_entry_are_refused() {
    let other_unit = Target {
        unit: Some("B-other"),
        ..Target::default()
    };
    assert!(caller(RoleName::Lead).may_post("session_held", other_unit).is_err());
    assert!(
        caller(RoleName::Lead)
            .may_post(
                "session_held",
                Target {
                    unit: Some("W-mine"),
                    ..other_unit
                }
            )
            .is_ok()
    );
    let other_teacher = Target {
        about: Some("T-other"),
        ..Target::default()
    };
    assert!(
        caller(RoleName::Researcher)
            .may_post("school_visit", other_teacher)
            .is_err()
    );
    let other_poster = Target {
        school: Some(MY_SCHOOL),
        posted_by: Some("other-1"),
        ..Target::default()
    };
    assert!(
        caller(RoleName::Researcher)
            .may_post("entry_voided", other_poster)
            .is_err()
    );
    // A colleague's is her school's, another school's is not.
    assert!(caller(RoleName::Clerk).may_post("entry_voided", other_poster).is_ok());
    let elsewhere = Target {
        school: Some("S-other"),
        posted_by: Some(MY_ID),
        ..Target::default()
    };
    assert!(caller(RoleName::Clerk).may_post("entry_voided", elsewhere).is_err());
}

#[test]
fn a_refusal_says_who_may() {
    let denied = caller(RoleName::Clerk)
        .may_post("title_conferred", Target::default())
        .unwrap_err();
    assert_eq!(denied.remedy.zh, "请交由县级审核员、系统管理员填报");
    assert_eq!(
        denied.to_string(),
        "a clerk may not post `title_conferred` (学校管理员不能填报“title_conferred”); ask one of: county reviewer, admin (请交由县级审核员、系统管理员填报)"
    );
}

#[test]
fn a_clerk_does_not_review_her_own_posting_even_in_her_school() {
    let hers = Target {
        school: Some(MY_SCHOOL),
        posted_by: Some(MY_ID),
        ..Target::default()
    };
    let about_her = Target {
        school: Some(MY_SCHOOL),
        about: Some(ME),
        ..Target::default()
    };
    for target in [hers, about_her] {
        assert!(
            caller(RoleName::Clerk)
                .may_post("claim_school_checked", target)
                .is_err()
        );
        assert!(caller(RoleName::Clerk).may_post("claim_submitted", target).is_ok());
    }
}

#[test]
fn each_role_reads_whom_it_may() {
    use Need::{Nothing, Record};
    let myself = Whose {
        teacher_id: ME,
        ..Whose::default()
    };
    let of_my_school = Whose {
        teacher_id: "T2",
        schools: &["S-x", MY_SCHOOL],
        ..Whose::default()
    };
    let of_my_subject = Whose {
        teacher_id: "T2",
        subject: Some(" 语文"),
        ..Whose::default()
    };
    let of_my_group = Whose {
        teacher_id: "T2",
        groups: &["G-mine"],
        ..Whose::default()
    };
    let stranger = Whose {
        teacher_id: "T2",
        schools: &["S-x"],
        subject: Some("数学"),
        groups: &["G-x"],
    };
    let all = [Some(Record); 4];
    #[rustfmt::skip]
    let table = [
        //                          herself        school        subject       group         stranger
        (RoleName::Teacher,        [Some(Nothing), None,         None,         None,         None]),
        (RoleName::Clerk,          [Some(Nothing), Some(Record), None,         None,         None]),
        (RoleName::HeadTeacher,    [Some(Nothing), Some(Record), None,         None,         None]),
        (RoleName::Lead,           [Some(Nothing), None,         None,         None,         None]),
        (RoleName::Researcher,     [Some(Nothing), None,         Some(Record), Some(Record), None]),
        (RoleName::Reviewer,       [Some(Nothing), all[0],       all[1],       all[2],       all[3]]),
        (RoleName::Auditor,        [Some(Record),  all[0],       all[1],       all[2],       all[3]]),
        (RoleName::RegistryReader, [None,          None,         None,         None,         None]),
        (RoleName::Admin,          [Some(Record),  all[0],       all[1],       all[2],       all[3]]),
        (RoleName::Dev,            [Some(Record),  all[0],       all[1],       all[2],       all[3]]),
    ];
    for (role, expected) in table {
        let found = [myself, of_my_school, of_my_subject, of_my_group, stranger]
            .map(|whose| caller(role).may_read_teacher(&whose).ok());
        assert_eq!(found, expected, "{role}");
    }
}

#[test]
fn the_other_rights_of_each_role() {
    #[rustfmt::skip]
    let table = [
        //                         all    people: mine  other  any    policy audit  sessions
        (RoleName::Teacher,        [false, false, false, false, false, false, false]),
        (RoleName::Clerk,          [false, true,  false, false, false, false, true]),
        (RoleName::HeadTeacher,    [false, true,  false, false, false, false, true]),
        (RoleName::Lead,           [false, false, false, false, false, false, true]),
        (RoleName::Researcher,     [false, false, false, false, false, false, true]),
        (RoleName::Reviewer,       [true,  true,  true,  true,  true,  false, true]),
        (RoleName::Auditor,        [true,  false, false, false, false, true,  true]),
        (RoleName::RegistryReader, [false, false, false, false, false, false, false]),
        (RoleName::Admin,          [true,  true,  true,  true,  true,  true,  true]),
        (RoleName::Dev,            [true,  true,  true,  true,  true,  true,  true]),
    ];
    for (role, expected) in table {
        let caller = caller(role);
        let found = [
            caller.may_read_all(),
            caller.may_manage_people(Some(MY_SCHOOL)),
            caller.may_manage_people(Some("S-other")),
            caller.may_manage_people(None),
            caller.may_adopt_policy(),
            caller.may_audit(),
            caller.may_read_sessions(),
        ]
        .map(|answer| answer.is_ok());
        assert_eq!(found, expected, "{role}");
    }
}

#[test]
fn a_token_is_good_for_its_own_office_only() {
    assert!(caller(RoleName::Admin).may_enter("610729").is_ok());
    assert!(caller(RoleName::Admin).may_enter("610728").is_err());
    assert!(caller(RoleName::Dev).may_enter("610728").is_err());
    for role in everyone() {
        let is_registry_reader = role == RoleName::RegistryReader;
        assert_eq!(caller(role).may_enter("610729").is_err(), is_registry_reader, "{role}");
    }
}

proptest! {
    /// Knowing more of a target may only ever close a review, never any other kind.
    #[test]
    fn strangers_data_never_opens_a_right(row in 0..TABLE.len(), role in 0..10_usize, id in "[a-z]{1,8}") {
        let caller = caller(everyone().nth(role).unwrap());
        let kind = TABLE[row].kind;
        let strange = Target { school: Some(&id), unit: Some(&id), about: Some(&id), posted_by: Some(&id), subject: Some(&id) };
        if caller.may_post(kind, strange).is_ok() {
            prop_assert!(caller.may_post(kind, Target::default()).is_ok());
        }
    }
}

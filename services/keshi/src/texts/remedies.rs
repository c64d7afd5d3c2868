//! No remedy names what its reader may not do: it asks only for what everybody may post who can be told it, or it says who
//! does that.

use keshi_core::lang::Lang;
use keshi_core::reason::{Reason, ReasonCode};
use keshi_office::access::RoleName;
use keshi_office::access::rights::{CORRECTION, Right, Row, TABLE, find};
use keshi_sheets::problem::{Issue, RowProblem};

/// The kinds that a remedy asks to be posted.
type Asked = &'static [&'static str];

/// Who may be told of a reason: whoever posts one of these kinds, or any.
enum Told {
    Any,
    Of(&'static [&'static str]),
}

/// What is done to certificates.
const CERTIFYING: &[&str] = &["certificate_issued", "certificate_reissued", "certificate_voided"];

/// What the remedy of a reason asks for beside sending the same again, mended; and who can be told it.
fn asks(code: ReasonCode) -> (Asked, Told) {
    use ReasonCode as R;
    match code {
        R::UnknownTeacher => (&["person_registered"], Told::Any),
        R::UnknownSchool => (&["school_registered"], Told::Any),
        R::UnknownLoad | R::LoadClosed => (&["historical_load_opened"], Told::Any),
        R::WaitingFor => (&["session_held", "competition_held", "title_conferred"], Told::Any),
        R::RuleNotAdopted => (&["policy_adopted"], Told::Any),
        R::NotVoidable => (
            &["assignment_ended", "school_closed", "policy_adopted"],
            Told::Of(&["entry_voided"]),
        ),
        R::DocumentMissing | R::DocumentInvalid | R::VersionTaken | R::Backdated => (
            &["policy_adopted"],
            Told::Of(&["policy_adopted", "calendar_adopted", "figures_adopted"]),
        ),
        R::LoadTaken => (&["historical_load_opened"], Told::Of(&["historical_load_opened"])),
        R::ContentDiffers | R::CorrectedSince | R::ObjectionTooLate => (&[CORRECTION], Told::Any),
        R::RegisteredOtherwise => (&[CORRECTION], Told::Of(&["person_registered"])),
        R::EndsBeforeStart | R::EndedAlready => (&["entry_voided"], Told::Of(&["assignment_ended"])),
        R::SuccessionInCircle => (&["entry_voided"], Told::Of(&["school_closed", "schools_merged"])),
        R::ClockNotCredible => (&["clock_corrected"], Told::Any),
        R::NotAlone | R::ClockNotAhead => (&["clock_corrected"], Told::Of(&["clock_corrected"])),
        R::CorrectedAlready => (&[CORRECTION], Told::Of(&[CORRECTION])),
        R::CorrectionFirst => (&["entry_voided"], Told::Of(&["entry_voided"])),
        R::CorrectedTooOften => (&["entry_voided"], Told::Of(&[CORRECTION])),
        R::CertifiedAlready | R::BasisVoid | R::CertificateVoid => {
            (&["certificate_issued", "certificate_voided"], Told::Of(CERTIFYING))
        }
        R::NotThere => (
            &["question_sent", "inspection_held", "finding_made"],
            Told::Of(&[
                "questions_joined",
                "question_planned",
                "answer_rated",
                "finding_made",
                "finding_checked",
            ]),
        ),
        R::IdTaken => (
            &[CORRECTION],
            Told::Of(&["question_sent", "inspection_held", "finding_made"]),
        ),
        R::NoChangeRequested => (&[CORRECTION], Told::Of(&["finding_checked"])),
        R::OwnSchool => (&["finding_checked"], Told::Of(&["inspection_held", "finding_checked"])),
        R::BeforeFound => (&[], Told::Of(&["finding_made", "finding_checked"])),
        R::UnknownSemester => (&["calendar_adopted"], Told::Of(&["question_sent"])),
        R::JoinedAlready | R::JoinsInCircle => (&["entry_voided"], Told::Of(&["questions_joined", "question_planned"])),
        R::JoinsAcross | R::JoinedTooMany => (&[], Told::Of(&["questions_joined"])),
        R::PlannedAlready => (
            &[CORRECTION, "entry_voided"],
            Told::Of(&["questions_joined", "question_planned"]),
        ),
        R::PlansCancelled => (&["entry_voided"], Told::Of(&["question_planned"])),
        R::YearNotOver | R::YearIsClosed => (&["year_restated"], Told::Of(&["year_closed"])),
        R::YearIsOpen => (&["year_closed"], Told::Of(&["year_restated"])),
        R::NothingToRestate => (&[], Told::Of(&["year_restated"])),
        R::PositionAhead | R::OtherVersions => (&[], Told::Of(&["year_closed", "year_restated"])),
        R::NoDefinitions => (&["figures_adopted"], Told::Of(&["year_closed", "year_restated"])),
        R::NotAnswered => (&["session_held"], Told::Of(&["answer_rated"])),
        R::NotAsked => (&[], Told::Of(&["answer_rated"])),
        R::RatedAlready => (&[CORRECTION], Told::Of(&["answer_rated"])),
        R::NoSuchBasis
        | R::BasisNotCrediting
        | R::BasisOfAnother
        | R::BasisWaiting
        | R::NoSuchCertificate
        | R::CertificateBeforeBasis
        | R::OldNumberLate => (&[], Told::Of(CERTIFYING)),
        R::LateNeedsReview => (&["claim_submitted", "historical_load_opened"], Told::Any),
        R::MergedAlready | R::MergesIntoMerged | R::MergedTheOtherWay | R::NotMerged | R::MergedTooOften => (
            &["persons_merged", "merge_reversed"],
            Told::Of(&["persons_merged", "merge_reversed"]),
        ),
        R::ObjectionTooEarly => (&[], Told::Of(&["objection_raised"])),
        R::NoOverlap | R::OwnOverlap => (&[], Told::Of(&["overlap_accepted"])),
        R::OverlapAccepted => (&["entry_voided"], Told::Of(&["overlap_accepted"])),
        R::OwnMerge => (&["persons_merged"], Told::Of(&["persons_merged", "merge_reversed"])),
        R::CalendarYearMissing => (&["calendar_adopted"], Told::Of(&["publicity_opened"])),
        R::ClaimIncomplete => (
            &["claim_returned"],
            Told::Of(&["claim_school_checked", "claim_county_checked"]),
        ),
        R::PublicityRunning => (&["publicity_ended"], Told::Of(&["claim_credited", "publicity_ended"])),
        R::ObjectionOpen => (&["objection_decided"], Told::Of(&["claim_credited"])),
        // They ask for the same again, mended, or for nothing.
        R::FutureDate
        | R::OutsideLoad
        | R::AtomicOther
        | R::Unreadable
        | R::InvalidField
        | R::VoidOfVoid
        | R::AlreadyVoided
        | R::TooLarge
        | R::WrongTarget
        | R::RepeatedOtherwise
        | R::NotCorrectable
        | R::CorrectsVoid
        | R::VoidedSince
        | R::CorrectsItself
        | R::SemesterAhead
        | R::TitleNotInForce
        | R::UnknownClaim
        | R::UnderReview
        | R::ClaimUnderReview
        | R::StepOutOfOrder
        | R::ReviewedAlready
        | R::ClaimChanged
        | R::OwnReview
        | R::BatchTaken
        | R::BatchEnded
        | R::UnknownBatch
        | R::NotInBatch
        | R::PublicityTooShort
        | R::NotUnderClaim
        | R::PublicityBackdated
        | R::UnknownObjection
        | R::CorrectsClaimed
        | R::LeadLeftOut
        | R::ClaimTooOften => (&[], Told::Any),
    }
}

/// The same of what is wrong in a row of a sheet.
fn asks_of(issue: &Issue) -> (Asked, Told) {
    match issue {
        Issue::UnknownPerson => (&["person_registered"], Told::Any),
        Issue::UnknownSchool => (&["school_registered"], Told::Any),
        Issue::Field(_)
        | Issue::Missing
        | Issue::MissingOneOf(_)
        | Issue::NotANumber
        | Issue::TooFine
        | Issue::NotWhole
        | Issue::OneOnly
        | Issue::NotADay
        | Issue::NotAYear
        | Issue::NotYesNo
        | Issue::UnknownWord(_)
        | Issue::NotAnId(_)
        | Issue::Formula
        | Issue::Uncalculated
        | Issue::DigitsLost
        | Issue::CorrectAndVoid
        | Issue::BadIdNumber
        | Issue::OtherBirthDate
        | Issue::OtherName(_)
        | Issue::UnreadablePerson(_)
        | Issue::AmbiguousPerson(_)
        | Issue::Contradicts { .. } => (&[], Told::Any),
    }
}

/// Whom a text may name as the one who does it, in either language.
const PARTIES: [(&str, &str, RoleName); 5] = [
    ("其学校", "her school", RoleName::Clerk),
    ("举办单位", "whoever held it", RoleName::Researcher),
    ("教研室", "the office", RoleName::Reviewer),
    ("县级审核员", "the county reviewer", RoleName::Reviewer),
    ("管理员", "ask IT", RoleName::Admin),
];

const ROLES: [RoleName; 7] = [
    RoleName::Clerk,
    RoleName::HeadTeacher,
    RoleName::Lead,
    RoleName::Researcher,
    RoleName::Reviewer,
    RoleName::Auditor,
    RoleName::Admin,
];

fn may(role: RoleName, kind: &str) -> bool {
    find(kind).is_some_and(|row| row.right(role) != Right::No)
}

/// What is wrong with a remedy: an asked kind that a reader may not post, and nobody is named who may.
fn fault(remedy: [&str; 2], (asked, told): (Asked, Told)) -> Option<String> {
    let is_told = |role: RoleName| match told {
        Told::Any => TABLE
            .iter()
            .any(|row: &Row| row.right(role) != Right::No && row.kind != "year_closed"),
        Told::Of(kinds) => kinds.iter().any(|kind| may(role, kind)),
    };
    // An auditor's only rows are those of the year's end, which refer to nothing.
    let readers: Vec<RoleName> = ROLES
        .into_iter()
        .filter(|role| *role != RoleName::Auditor && is_told(*role))
        .collect();
    let [zh, en] = remedy;
    let named = |kind: &str| {
        let parties = PARTIES.iter().filter(|(_, _, role)| may(*role, kind));
        let mut parties = parties.filter(|(in_zh, in_en, _)| zh.contains(in_zh) && en.contains(in_en));
        parties.next().is_some()
    };
    asked.iter().find_map(|kind| {
        let lacking = readers.iter().find(|role| !may(**role, kind))?;
        (!named(kind)).then(|| format!("{lacking:?} may not post {kind}: {zh} / {en}"))
    })
}

#[test]
fn no_remedy_names_what_its_reader_may_not_do() {
    let mut faults = Vec::new();
    for &code in ReasonCode::ALL {
        let reason = Reason::about(code, "session_id", "X1");
        let remedy = [reason.remedy(Lang::Zh), reason.remedy(Lang::En)];
        faults.extend(fault([&remedy[0], &remedy[1]], asks(code)).map(|why| format!("{code:?}: {why}")));
    }
    for issue in [Issue::UnknownPerson, Issue::UnknownSchool] {
        let asked = asks_of(&issue);
        let problem = RowProblem {
            row: 2,
            column: "学校".into(),
            value: String::new(),
            issue,
        };
        let remedy = [problem.remedy(Lang::Zh), problem.remedy(Lang::En)];
        faults.extend(fault([&remedy[0], &remedy[1]], asked));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_remedy_that_its_reader_cannot_carry_out_is_found() {
    let of = |zh, en| fault([zh, en], asks(ReasonCode::UnknownTeacher));
    let found = of("先为该教师建档", "register the teacher").expect("a researcher registers nobody");
    assert!(found.contains("may not post person_registered"), "{found}");
    // Both languages have to say it, and of somebody who may.
    assert!(of("由教研室先建档", "register the teacher").is_some());
    assert!(of("由教研室先建档", "let the office register her").is_none());
    assert!(of("由举办单位建档", "whoever held it registers her").is_some());
}

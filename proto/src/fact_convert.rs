//! The facts, field by field: the one list of kinds on the wire, and the place to look when a kind gets a field.
//!
//! A message is taken apart by name, so a new wire field does not compile until it is handled here.

use keshi_core::event as domain;
use keshi_core::event::Fact;
use keshi_core::violation::Problem;

use crate::event as pb;
use crate::event::fact::Fact as Oneof;
use crate::fields::{Checker, FromWire, ToWire};

macro_rules! wire_name {
    ($domain:ident) => {
        stringify!($domain)
    };
    ($domain:ident $wire:ident) => {
        stringify!($wire)
    };
}

/// A field's name without the mark that keeps it from being a keyword. Runs while compiling: names stand on the path of
/// every event.
const fn bare(name: &str) -> &str {
    match name.as_bytes() {
        [b'r', b'#', ..] => name.split_at(2).1,
        _ => name,
    }
}

macro_rules! facts {
    ($($variant:ident $snake:literal { $($field:ident $(: $wire:ident)?,)* })*) => {
        $(
            impl FromWire<pb::$variant> for domain::$variant {
                fn read(wire: pb::$variant, _: &str, checker: &mut Checker) -> Option<Self> {
                    let pb::$variant { $($($wire:)? $field,)* } = wire;
                    $(let $field = FromWire::read($field, const { bare(wire_name!($field $($wire)?)) }, checker);)*
                    Some(Self { $($field: $field?,)* })
                }
            }

            impl ToWire<pb::$variant> for domain::$variant {
                fn to_wire(&self) -> pb::$variant {
                    $(let $field = self.$field.to_wire();)*
                    pb::$variant { $($($wire:)? $field,)* }
                }
            }

            impl From<pb::$variant> for pb::Fact {
                fn from(fact: pb::$variant) -> Self {
                    Oneof::$variant(fact).into()
                }
            }
        )*

        /// The path of an event's field on the wire, from the domain's name for it (`hours_present` becomes
        /// `fact.attendance_recorded.present_centihours`); fields that all events have keep theirs.
        pub fn wire_path(fact: &Fact, field: &str) -> String {
            let (name, rest) = field.split_at(field.find(['[', '.']).unwrap_or(field.len()));
            match fact {
                $(Fact::$variant(_) => {
                    $(if name == stringify!($field) {
                        let wire = const { bare(wire_name!($field $($wire)?)) };
                        return format!("fact.{}.{wire}{rest}", $snake);
                    })*
                })*
            }
            field.to_owned()
        }

        impl FromWire<Option<pb::Fact>> for Fact {
            fn read(wire: Option<pb::Fact>, field: &str, checker: &mut Checker) -> Option<Self> {
                let Some(fact) = wire.and_then(|wire| wire.fact) else {
                    checker.note(field, "", Problem::Missing);
                    return None;
                };
                match fact {
                    $(Oneof::$variant(fact) => checker
                        .within(concat!("fact.", $snake, "."), |checker| domain::$variant::read(fact, "", checker))
                        .map(Fact::$variant),)*
                }
            }
        }

        impl ToWire<Option<pb::Fact>> for Fact {
            fn to_wire(&self) -> Option<pb::Fact> {
                Some(match self {
                    $(Self::$variant(fact) => fact.to_wire().into(),)*
                })
            }
        }
    };
}

impl From<Oneof> for pb::Fact {
    fn from(fact: Oneof) -> Self {
        Self { fact: Some(fact) }
    }
}

facts! {
    SchoolRegistered "school_registered" { school_id, name, stage, township, group, }
    SchoolClosed "school_closed" { school_id, successor_id, }
    SchoolsMerged "schools_merged" { school_ids, successor_id, }
    PersonRegistered "person_registered" { teacher_id, stage, subject, hired_on, career_from, rank, }
    AssignmentStarted "assignment_started" { teacher_id, school_id, unit, post, share_hundredths, until, nature, }
    AssignmentEnded "assignment_ended" { teacher_id, started_event, }
    CalendarAdopted "calendar_adopted" { calendar_id, sha256, }
    ProjectOpened "project_opened" {
        project_id, name, provider, level, mode, category, topic, planned_hours: planned_centihours, assessed,
    }
    SessionHeld "session_held" {
        project_id, session_id, session_type: r#type, place, hours: centihours, subject, base, group, doc_no,
    }
    SessionMoved "session_moved" { session_id, reason, place, }
    SessionCancelled "session_cancelled" { session_id, reason, }
    AttendanceRecorded "attendance_recorded" {
        session_id, teacher_id, role, hours_present: present_centihours, result,
    }
    SchoolBasedTerm "school_based_term" { teacher_id, school_id, semester, plan, log, reflection, }
    OutreachDelivered "outreach_delivered" {
        outreach_id, from_org, to_school, deliveries, listeners, requested_by_school, unattributed_lessons,
        unattributed_talks,
    }
    LessonGiven "lesson_given" {
        teacher_id, lesson_type: r#type, level, school_id, subject, periods, listeners, session_id,
    }
    LessonObserved "lesson_observed" { observer_id, teacher_id, school_id, periods, comment_given, }
    ClockCorrected "clock_corrected" { reason, authorised_by, }
    Mentoring "mentoring" { mentor_id, apprentice_id, subject, goal, }
    SchoolVisit "school_visit" { researcher_id, school_id, purpose, }
    CompetitionHeld "competition_held" { comp_id, name, level, organiser, edition, }
    EntryMade "entry_made" { comp_id, teacher_id, }
    AwardGiven "award_given" { comp_id, teacher_id, award, rank_no, role, work_id, }
    Recommended "recommended" { teacher_id, from_comp, from_title, to_level, }
    TitleConferred "title_conferred" { teacher_id, class, level, doc_no, valid_to, }
    CandidateChosen "candidate_chosen" { teacher_id, class, level, doc_no, until, }
    TitleRenewed "title_renewed" { teacher_id, title_event, doc_no, valid_to, }
    TitleWithdrawn "title_withdrawn" { teacher_id, title_event, reason, doc_no, }
    TopicApproved "topic_approved" { topic_id, name, level, lead_ids, member_ids, }
    TopicConcluded "topic_concluded" { topic_id, name, level, lead_ids, member_ids, result, }
    WorkPublished "work_published" { work_id, work_kind, level, title, author_ids, }
    WorkAwarded "work_awarded" { work_id, title, level, award, author_ids, contest, }
    OverlapAccepted "overlap_accepted" { teacher_id, first_event, second_event, reviewer, reason, }
    PersonsMerged "persons_merged" { kept_id, dropped_id, reviewer, reason, }
    MergeReversed "merge_reversed" { kept_id, dropped_id, reviewer, reason, }
    ExemptionGranted "exemption_granted" { teacher_id, rule_id, policy_id, reduce_by: reduce_by_centiamount, reason, }
    FiguresAdopted "figures_adopted" { version, from_year, sha256, }
    YearClosed "year_closed" { year, log_position, log_hash, figures_hash, policy_versions, }
    YearRestated "year_restated" { year, log_position, log_hash, figures_hash, policy_versions, reason, }
    FigureNoted "figure_noted" { figure_id, period, value: value_centiamount, bound, unit, }
    EntryVoided "entry_voided" { target_event, reason, authorised_by, }
    PolicyAdopted "policy_adopted" { policy_id, version, effective_from, effective_to, sha256, }
    DocumentPart "document_part" { sha256, part, parts, body, }
    HistoricalLoadOpened "historical_load_opened" { load_id, reason, authorised_by, }
    HistoricalLoadClosed "historical_load_closed" { load_id, }
    CertificateIssued "certificate_issued" { teacher_id, basis_event, attests, old_number, }
    CertificateReissued "certificate_reissued" { teacher_id, certificate_event, reason, }
    CertificateVoided "certificate_voided" { teacher_id, certificate_event, reason, authorised_by, }
    ClaimSubmitted "claim_submitted" {
        claim_id, teacher_id, submitted_by, what, asked_hours: asked_centihours, statement,
    }
    ClaimSchoolChecked "claim_school_checked" { claim_id, teacher_id, submitted_event, reviewer, reason, }
    ClaimCountyChecked "claim_county_checked" { claim_id, teacher_id, submitted_event, reviewer, reason, }
    ClaimReturned "claim_returned" { claim_id, teacher_id, submitted_event, reviewer, reason, }
    ClaimRejected "claim_rejected" { claim_id, teacher_id, submitted_event, reviewer, reason, }
    ClaimCredited "claim_credited" { claim_id, teacher_id, submitted_event, reviewer, reason, }
    PublicityOpened "publicity_opened" { batch_id, claim_ids, reviewer, }
    ObjectionRaised "objection_raised" { batch_id, claim_id, teacher_id, reason, raised_by, }
    ObjectionDecided "objection_decided" { objection_event, claim_id, teacher_id, upheld, reason, reviewer, }
    PublicityEnded "publicity_ended" { batch_id, reviewer, }
    GroupFormed "group_formed" { group_id, name, member_schools, lead_id, until, }
    BaseFormed "base_formed" { base_id, name, subject, school_id, lead_id, member_ids, until, research, }
    StudioFormed "studio_formed" { studio_id, name, class, level, subject, host_id, member_ids, until, }
    SchoolLinked "school_linked" { researcher_id, school_id, until, }
    ExpertPooled "expert_pooled" { teacher_id, pool, subject, doc_no, until, }
    TopicOpened "topic_opened" { topic_id, lead_ids, remark, }
    TopicChecked "topic_checked" { topic_id, lead_ids, result, remark, }
    QuestionSent "question_sent" { question_id, school_id, subject, semester, text, asked_by, }
    QuestionsJoined "questions_joined" { into_id, question_ids, }
    QuestionPlanned "question_planned" { question_id, session_id, }
    AnswerRated "answer_rated" { question_id, school_id, rating, remark, }
    InspectionHeld "inspection_held" { inspection_id, school_id, purpose, inspector_ids, }
    FindingMade "finding_made" { finding_id, inspection_id, aspect, text, change_requested, due, }
    FindingChecked "finding_checked" { finding_id, outcome, checked_by, remark, }
}

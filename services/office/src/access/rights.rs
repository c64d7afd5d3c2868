//! What each role may post: one table, one row per kind of event.
//!
//! The kinds are those of the ledger's events, in `snake_case`. A kind that is not in the table may be posted by nobody,
//! so a new kind has to be given its row before anyone can use it.
//!
//! Nobody posts for the county about herself: to a reviewer's rights there is no entry that she is the subject of.
//!
//! Not in the table: registry readers post nothing, and teachers what stands in a table of their own; the caller of `--dev` posts everything.
//! Closing and restating a year are acts of the auditor, not postings of facts: these two rows are all an auditor has.
//! They are closed to the reviewer, because who credits a year's claims should not also declare them final.

use keshi_core::event::Fact;
use keshi_core::ids::{ClaimId, EventId, FindingId, InspectionId, ProjectId, QuestionId, SessionId, TeacherId};

use super::RoleName;

/// How far a right reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// Not at all.
    No,
    /// For her own school.
    School,
    /// For a base or studio she leads.
    Unit,
    /// Of a subject that she looks after.
    Subject,
    /// About herself; of an inspection, one that she carries out.
    Herself,
    /// To an entry that she posted: of attendance, at a session that she posted.
    Posted,
    /// For the whole office.
    All,
}

/// One row: a kind of event, and the right of each role to post it.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The kind, as in the ledger's events.
    pub kind: &'static str,
    rights: [Right; 7],
}

/// The roles of the columns, in order.
const COLUMNS: [RoleName; 7] = [
    RoleName::Clerk,
    RoleName::HeadTeacher,
    RoleName::Lead,
    RoleName::Researcher,
    RoleName::Reviewer,
    RoleName::Auditor,
    RoleName::Admin,
];

const fn row(kind: &'static str, rights: [Right; 7]) -> Row {
    Row { kind, rights }
}

use Right::{
    All as ALL, Herself as SELF_, No as NO___, Posted as POSTD, School as SCHOL, Subject as SUBJT, Unit as UNIT_,
};

/// The row of what takes another's place: no kind of its own, but the right to the original that a correction needs beside
/// that to its own kind.
pub const CORRECTION: &str = "entry_amended";

/// Every kind that anyone may post.
#[rustfmt::skip]
pub const TABLE: [Row; 72] = [
    //                              clerk  head   lead   resea. revie. audit. admin
    row("school_registered",       [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("school_closed",           [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("schools_merged",          [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("group_formed",            [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("base_formed",             [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("studio_formed",           [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("school_linked",           [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("expert_pooled",           [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("calendar_adopted",        [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("person_registered",       [SCHOL, SCHOL, NO___, NO___, ALL,   NO___, ALL]),
    row("assignment_started",      [SCHOL, SCHOL, NO___, NO___, ALL,   NO___, ALL]),
    row("assignment_ended",        [SCHOL, SCHOL, NO___, NO___, ALL,   NO___, ALL]),
    row("persons_merged",          [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("overlap_accepted",        [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("merge_reversed",          [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("project_opened",          [SCHOL, SCHOL, UNIT_, ALL,   ALL,   NO___, ALL]),
    row("session_held",            [SCHOL, SCHOL, UNIT_, ALL,   ALL,   NO___, ALL]),
    row("session_cancelled",       [SCHOL, SCHOL, UNIT_, POSTD, ALL,   NO___, ALL]),
    row("session_moved",           [SCHOL, SCHOL, UNIT_, POSTD, ALL,   NO___, ALL]),
    row("question_sent",           [SCHOL, SCHOL, NO___, NO___, ALL,   NO___, ALL]),
    row("questions_joined",        [NO___, NO___, NO___, SUBJT, ALL,   NO___, ALL]),
    row("question_planned",        [NO___, NO___, NO___, SUBJT, ALL,   NO___, ALL]),
    row("answer_rated",            [SCHOL, SCHOL, NO___, NO___, NO___, NO___, ALL]),
    row("school_based_term",       [SCHOL, SCHOL, NO___, NO___, ALL,   NO___, ALL]),
    row("attendance_recorded",     [SCHOL, SCHOL, UNIT_, POSTD, ALL,   NO___, ALL]),
    row("outreach_delivered",      [NO___, NO___, NO___, ALL,   ALL,   NO___, ALL]),
    row("lesson_given",            [SCHOL, SCHOL, NO___, SELF_, ALL,   NO___, ALL]),
    row("lesson_observed",         [SCHOL, SCHOL, NO___, SELF_, ALL,   NO___, ALL]),
    row("mentoring",               [NO___, NO___, NO___, ALL,   ALL,   NO___, ALL]),
    row("school_visit",            [NO___, NO___, NO___, SELF_, ALL,   NO___, ALL]),
    row("inspection_held",         [NO___, NO___, NO___, SELF_, ALL,   NO___, ALL]),
    row("finding_made",            [NO___, NO___, NO___, SELF_, ALL,   NO___, ALL]),
    row("finding_checked",         [NO___, NO___, NO___, SELF_, ALL,   NO___, ALL]),
    row("competition_held",        [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("entry_made",              [SCHOL, SCHOL, NO___, NO___, ALL,   NO___, ALL]),
    row("award_given",             [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("recommended",             [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("candidate_chosen",        [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("title_conferred",         [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("title_renewed",           [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("title_withdrawn",         [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("topic_approved",          [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("topic_opened",            [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("topic_checked",           [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("topic_concluded",         [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("work_published",          [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("work_awarded",            [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("figure_noted",            [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("claim_submitted",         [SCHOL, SCHOL, SELF_, SELF_, ALL,   NO___, ALL]),
    row("claim_school_checked",    [SCHOL, SCHOL, NO___, NO___, ALL,   NO___, ALL]),
    row("claim_county_checked",    [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("claim_returned",          [SCHOL, SCHOL, NO___, NO___, ALL,   NO___, ALL]),
    row("claim_rejected",          [SCHOL, SCHOL, NO___, NO___, ALL,   NO___, ALL]),
    row("claim_credited",          [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("publicity_opened",        [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("objection_raised",        [ALL,   ALL,   ALL,   ALL,   ALL,   NO___, ALL]),
    row("objection_decided",       [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("publicity_ended",         [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("certificate_issued",      [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("certificate_reissued",    [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("certificate_voided",      [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("exemption_granted",       [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("entry_voided",            [SCHOL, SCHOL, POSTD, POSTD, ALL,   NO___, ALL]),
    row(CORRECTION,                [SCHOL, SCHOL, POSTD, POSTD, ALL,   NO___, ALL]),
    row("historical_load_opened",  [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("historical_load_closed",  [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("clock_corrected",         [NO___, NO___, NO___, NO___, NO___, NO___, ALL]),
    row("policy_adopted",          [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("document_part",           [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("figures_adopted",         [NO___, NO___, NO___, NO___, ALL,   NO___, ALL]),
    row("year_closed",             [NO___, NO___, NO___, NO___, NO___, ALL,   ALL]),
    row("year_restated",           [NO___, NO___, NO___, NO___, NO___, ALL,   ALL]),
];

/// What a teacher may post: claims about herself, and what stands under them; and she may object to what is put before the
/// public.
const TEACHER: [(&str, Right); 3] = [
    ("claim_submitted", Right::Herself),
    ("objection_raised", Right::All),
    (CORRECTION, Right::Posted),
];

/// The steps of a review: nobody takes them for an entry she posted, or one about herself.
pub const REVIEWS: [&str; 6] = [
    "claim_school_checked",
    "claim_county_checked",
    "claim_returned",
    "claim_rejected",
    "claim_credited",
    "objection_decided",
];

/// Whether an event of this kind takes the effect of the entry that it acts on.
pub fn undoes(kind: &str) -> bool {
    matches!(kind, "entry_voided" | CORRECTION)
}

/// The row of `kind`.
pub fn find(kind: &str) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.kind == kind)
}

impl Row {
    /// The right of `role` to post this kind.
    pub fn right(&self, role: RoleName) -> Right {
        match role {
            RoleName::Teacher => self.of_teacher(),
            RoleName::RegistryReader => Right::No,
            RoleName::Dev => Right::All,
            _ => self
                .granted()
                .find(|(column, _)| *column == role)
                .map_or(Right::No, |(_, right)| right),
        }
    }

    /// The roles that may post this kind at all, apart from `--dev`.
    pub fn roles(&self) -> impl Iterator<Item = RoleName> {
        let teacher = (RoleName::Teacher, self.of_teacher());
        [teacher]
            .into_iter()
            .chain(self.granted())
            .filter(|(_, right)| *right != Right::No)
            .map(|(role, _)| role)
    }

    fn of_teacher(&self) -> Right {
        let row = TEACHER.iter().find(|(kind, _)| *kind == self.kind);
        row.map_or(Right::No, |(_, right)| *right)
    }

    fn granted(&self) -> impl Iterator<Item = (RoleName, Right)> {
        COLUMNS.into_iter().zip(self.rights)
    }
}

/// What decides about a right beside the event itself.
#[derive(Clone, Copy, Debug)]
pub enum ActsOn {
    /// An entry of the ledger.
    Event(EventId),
    /// A session.
    Session(SessionId),
    /// The project that a new session is of.
    Project(ProjectId),
    /// A teacher's record, or a teacher of the caller's own school.
    Teacher(TeacherId),
    /// A question of ordered research.
    Question(QuestionId),
    /// An inspection of which something is found.
    Inspection(InspectionId),
    /// A finding that is looked at again.
    Finding(FindingId),
    /// A teacher's attendance at a session.
    Attendance(SessionId, TeacherId),
    /// A post that the teacher is to take.
    Placing(TeacherId),
    /// An entry that the teacher gets credit for, outside the caller's school.
    Crediting(TeacherId),
    /// A claim that goes back or is rejected: a school's only while it is the school's to look at.
    Claim(ClaimId),
}

/// What an event acts on, where a right of this reach depends on it: the second half of the table.
pub fn acts_on(fact: &Fact, right: Right) -> Option<ActsOn> {
    let of_school = |acts_on| (right == Right::School).then_some(acts_on);
    match fact {
        // Registering a person again changes her record.
        Fact::PersonRegistered(f) => Some(ActsOn::Teacher(f.teacher_id)),
        Fact::AssignmentStarted(f) => of_school(ActsOn::Placing(f.teacher_id)),
        Fact::AssignmentEnded(f) => Some(ActsOn::Event(f.started_event)),
        Fact::EntryVoided(f) => Some(ActsOn::Event(f.target_event)),
        Fact::SessionHeld(f) => of_school(ActsOn::Project(f.project_id)),
        Fact::SessionMoved(f) => Some(ActsOn::Session(f.session_id)),
        Fact::SessionCancelled(f) => Some(ActsOn::Session(f.session_id)),
        Fact::AttendanceRecorded(f) => match right {
            Right::School => Some(ActsOn::Attendance(f.session_id, f.teacher_id)),
            Right::Unit | Right::Posted => Some(ActsOn::Session(f.session_id)),
            Right::No | Right::Subject | Right::Herself | Right::All => None,
        },
        Fact::QuestionSent(f) => of_school(ActsOn::Teacher(f.asked_by?)),
        Fact::FindingMade(f) => Some(ActsOn::Inspection(f.inspection_id)),
        Fact::FindingChecked(f) => Some(ActsOn::Finding(f.finding_id)),
        Fact::QuestionsJoined(f) => Some(ActsOn::Question(f.into_id)),
        Fact::QuestionPlanned(f) => Some(ActsOn::Question(f.question_id)),
        Fact::LessonGiven(f) => of_school(ActsOn::Crediting(f.teacher_id)),
        Fact::LessonObserved(f) => of_school(ActsOn::Crediting(f.observer_id)),
        Fact::EntryMade(f) => of_school(ActsOn::Crediting(f.teacher_id)),
        Fact::ClaimSubmitted(f) => of_school(ActsOn::Crediting(f.teacher_id)),
        Fact::ClaimSchoolChecked(f) => of_school(ActsOn::Crediting(f.teacher_id)),
        Fact::ClaimReturned(f) => of_school(ActsOn::Crediting(f.teacher_id)),
        Fact::ClaimRejected(f) => of_school(ActsOn::Crediting(f.teacher_id)),
        // Decided by what they say themselves, or the whole office's.
        Fact::SchoolRegistered(_)
        | Fact::SchoolClosed(_)
        | Fact::SchoolsMerged(_)
        | Fact::CalendarAdopted(_)
        | Fact::ProjectOpened(_)
        | Fact::OutreachDelivered(_)
        | Fact::SchoolVisit(_)
        | Fact::CompetitionHeld(_)
        | Fact::AwardGiven(_)
        | Fact::Recommended(_)
        | Fact::TitleConferred(_)
        | Fact::CandidateChosen(_)
        | Fact::GroupFormed(_)
        | Fact::BaseFormed(_)
        | Fact::StudioFormed(_)
        | Fact::SchoolLinked(_)
        | Fact::ExpertPooled(_)
        | Fact::AnswerRated(_)
        | Fact::InspectionHeld(_)
        | Fact::OverlapAccepted(_)
        | Fact::PersonsMerged(_)
        | Fact::MergeReversed(_)
        | Fact::TitleRenewed(_)
        | Fact::TitleWithdrawn(_)
        | Fact::PolicyAdopted(_)
        | Fact::DocumentPart(_)
        | Fact::HistoricalLoadOpened(_)
        | Fact::HistoricalLoadClosed(_)
        | Fact::SchoolBasedTerm(_)
        | Fact::TopicApproved(_)
        | Fact::TopicOpened(_)
        | Fact::TopicChecked(_)
        | Fact::TopicConcluded(_)
        | Fact::WorkPublished(_)
        | Fact::WorkAwarded(_)
        | Fact::ExemptionGranted(_)
        | Fact::FigureNoted(_)
        | Fact::FiguresAdopted(_)
        | Fact::YearClosed(_)
        | Fact::YearRestated(_)
        | Fact::ClockCorrected(_)
        | Fact::Mentoring(_)
        | Fact::CertificateIssued(_)
        | Fact::CertificateReissued(_)
        | Fact::CertificateVoided(_)
        | Fact::ClaimCountyChecked(_)
        | Fact::ClaimCredited(_)
        | Fact::PublicityOpened(_)
        | Fact::ObjectionRaised(_)
        | Fact::ObjectionDecided(_)
        | Fact::PublicityEnded(_) => None,
    }
}

//! Random valid events of every kind, from one number.

use jiff::civil::Date;
use keshi_core::codes::{
    AssignmentNature, AttendanceResult, AttendanceRole, Award, AwardRole, Bound, ExpertPool, FindingOutcome,
    InspectionAspect, LessonType, Level, Mode, Post, SessionType, Stage, TitleClass, TopicCheck,
};
use keshi_core::event::{
    AdoptedVersion, AnswerRated, AssignmentEnded, AssignmentStarted, AttendanceRecorded, AwardGiven, BaseFormed,
    CalendarAdopted, CandidateChosen, CertificateIssued, CertificateReissued, CertificateVoided, ClaimCountyChecked,
    ClaimCredited, ClaimRejected, ClaimReturned, ClaimSchoolChecked, ClaimSubmitted, ClockCorrected, CompetitionHeld,
    Delivery, DocumentPart, EntryMade, EntryVoided, Event, ExemptionGranted, ExpertPooled, Fact, FigureNoted,
    FiguresAdopted, FindingChecked, FindingMade, GroupFormed, HistoricalLoadClosed, HistoricalLoadOpened,
    InspectionHeld, LessonGiven, LessonObserved, Mentoring, MergeReversed, ObjectionDecided, ObjectionRaised,
    OutreachDelivered, OverlapAccepted, PersonRegistered, PersonsMerged, PolicyAdopted, ProjectOpened, PublicityEnded,
    PublicityOpened, QuestionPlanned, QuestionSent, QuestionsJoined, Recommended, SchoolBasedTerm, SchoolClosed,
    SchoolLinked, SchoolRegistered, SchoolVisit, SchoolsMerged, SessionCancelled, SessionHeld, SessionMoved,
    StudioFormed, TitleConferred, TitleRenewed, TitleWithdrawn, TopicApproved, TopicChecked, TopicConcluded,
    TopicOpened, WorkAwarded, WorkPublished, YearClosed, YearRestated,
};
use keshi_core::hours::Hours;
use keshi_core::ids::{EventId, IdError, Sha256};
use keshi_core::review::CLAIMABLE;
use keshi_core::text::Text;
use keshi_core::time::{days_inclusive, plus_days};
use proptest::prelude::ProptestConfig;
use proptest::test_runner::RngSeed;
use uuid::Uuid;

/// The kinds that happen on one day alone.
const CLAIM_STEPS: [&str; 9] = [
    "claim_submitted",
    "claim_school_checked",
    "claim_county_checked",
    "claim_returned",
    "claim_rejected",
    "claim_credited",
    "objection_raised",
    "objection_decided",
    "publicity_ended",
];

/// A property's configuration: its seed is random, or `PROPTEST_RNG_SEED`, and printed.
pub fn config(cases: u32) -> ProptestConfig {
    use std::hash::{BuildHasher, Hasher};
    let given = std::env::var("PROPTEST_RNG_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(|| std::hash::RandomState::new().build_hasher().finish());
    println!("PROPTEST_RNG_SEED={seed}");
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

const ID_FIRST: &[u8] = b"ABCXYZabcxyz0123456789";
const ID_LATER: &[u8] = b"ABCXYZabcxyz0123456789._-";

/// A small generator (SplitMix64), so that one failing number is one failing case.
pub struct Gen {
    state: u64,
    /// Ids from a few, so that events refer to each other.
    few: bool,
}

impl Gen {
    pub fn new(seed: u64) -> Self {
        Self {
            state: seed,
            few: false,
        }
    }

    pub fn of_few(seed: u64) -> Self {
        Self { state: seed, few: true }
    }

    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 up to, not including, `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn size(&mut self, end: usize) -> usize {
        usize::try_from(self.below(end as u64)).unwrap()
    }

    pub fn chance(&mut self) -> bool {
        self.below(2) == 0
    }

    fn opt<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.chance().then(|| make(self))
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.size(of.len())]
    }

    fn id<T>(&mut self, prefix: &str, parse: impl Fn(&str) -> Result<T, IdError>) -> T {
        if self.few {
            let text = format!("{prefix}{}", self.below(3));
            return parse(&text).unwrap();
        }
        let mut text = String::from(char::from(self.pick(ID_FIRST)));
        for _ in 0..self.below(32) {
            text.push(char::from(self.pick(ID_LATER)));
        }
        parse(&text).unwrap()
    }

    /// Each teacher once, as an event has her.
    fn deliveries(&mut self) -> Vec<Delivery> {
        let mut all: Vec<Delivery> = Vec::new();
        for _ in 0..=self.below(4) {
            let teacher_id = self.id("T", keshi_core::ids::TeacherId::new);
            if all.iter().all(|other| other.teacher_id != teacher_id) {
                all.push(Delivery {
                    teacher_id,
                    lessons: self.count(1),
                    talks: self.count(0),
                });
            }
        }
        all
    }

    fn text(&mut self) -> Text {
        const CHARS: &[char] = &['国', '培', '師', '（', 'Ａ', 'z', ' ', '7', '𠀀', 'é', '〔'];
        let mut text = String::from("文");
        for _ in 0..self.below(30) {
            text.push(self.pick(CHARS));
        }
        Text::new(&text).unwrap()
    }

    fn date(&mut self) -> Date {
        let days = i64::try_from(self.below(70_000)).unwrap();
        plus_days(jiff::civil::date(1950, 1, 1), days)
    }

    pub fn event_id(&mut self) -> EventId {
        let number = if self.few { self.below(60) } else { self.next() };
        EventId::new(Uuid::from_u128(u128::from(number) + 1))
    }

    fn sha256(&mut self) -> Sha256 {
        Sha256::of(&self.next().to_be_bytes())
    }

    fn count(&mut self, least: u64) -> u16 {
        u16::try_from(self.below(999) + least).unwrap()
    }

    /// A valid event of this kind.
    pub fn event(&mut self, kind: &str) -> Event {
        let from = if self.few {
            plus_days(jiff::civil::date(2022, 1, 1), i64::try_from(self.below(500)).unwrap())
        } else {
            self.date()
        };
        // A paper has one day, and a step of a claim is taken on one.
        let more = if CLAIM_STEPS.contains(&kind) || kind.starts_with("certificate_") {
            0
        } else {
            self.below(9)
        };
        let to = plus_days(from, i64::try_from(more).unwrap());
        let fact = self.fact(kind, from, to);
        let mut event = Event {
            event_id: self.event_id(),
            from,
            to,
            org: (!self.few).then(|| self.id("S", keshi_core::ids::SchoolId::new)),
            source: self.opt(Self::text),
            evidence: (0..self.below(3)).map(|_| self.sha256()).collect(),
            note: self.opt(Self::text),
            supersedes: self.opt(Self::event_id),
            load_id: if self.few {
                None
            } else {
                self.opt(|g| g.id("L", keshi_core::ids::LoadId::new))
            },
            claim_id: None,
            fact,
        };
        // A project or session under a claim has an id of the claim's own.
        let defines = matches!(event.fact, Fact::ProjectOpened(_) | Fact::SessionHeld(_));
        if !self.few && CLAIMABLE.contains(&kind) && !defines && event.load_id.is_none() {
            event.claim_id = self.opt(|g| g.id("C", keshi_core::ids::ClaimId::new));
        }
        event
    }

    /// A valid event of any kind.
    pub fn any_event(&mut self) -> Event {
        let kind = self.pick(Fact::KINDS);
        self.event(kind)
    }

    fn fact(&mut self, kind: &str, from: Date, to: Date) -> Fact {
        match kind {
            "assignment_started" | "assignment_ended" | "person_registered" | "school_registered" | "school_closed"
            | "schools_merged" => self.register(kind, from),
            "persons_merged" | "merge_reversed" => self.merging(kind),
            "overlap_accepted" => self.accepting(),
            "project_opened" | "session_held" | "session_moved" | "session_cancelled" | "attendance_recorded" => {
                self.training(kind, from, to)
            }
            "outreach_delivered" | "lesson_given" | "lesson_observed" | "mentoring" | "school_visit" => self.work(kind),
            "competition_held" | "entry_made" | "award_given" | "recommended" | "title_conferred"
            | "candidate_chosen" | "title_renewed" | "title_withdrawn" => self.honours(kind, to),
            "school_based_term" | "topic_approved" | "topic_opened" | "topic_checked" | "topic_concluded"
            | "work_published" | "work_awarded" => self.papers(kind),
            "claim_submitted"
            | "claim_school_checked"
            | "claim_county_checked"
            | "claim_returned"
            | "claim_rejected"
            | "claim_credited"
            | "publicity_opened"
            | "objection_raised"
            | "objection_decided"
            | "publicity_ended" => self.claims(kind),
            "group_formed" | "base_formed" | "studio_formed" => self.organisation(kind, to),
            "school_linked" | "expert_pooled" => self.tie(kind, to),
            "inspection_held" | "finding_made" | "finding_checked" => self.inspections(kind, to),
            "question_sent" | "questions_joined" | "question_planned" | "answer_rated" => self.questions(kind),
            "figures_adopted" | "year_closed" | "year_restated" => self.year_s_end(kind),
            kind => self.office(kind, to),
        }
    }

    fn year_s_end(&mut self, kind: &str) -> Fact {
        use keshi_core::ids::PolicyId;
        let year = u16::try_from(1950 + self.below(1000)).unwrap();
        let log_position = self.next();
        let (log_hash, figures_hash) = (self.sha256(), self.sha256());
        let count = self.size(4);
        let policy_versions = (0..count).map(|_| AdoptedVersion {
            policy_id: self.id("R", PolicyId::new),
            version: u32::try_from(self.below(1_000_000)).unwrap(),
        });
        let policy_versions = policy_versions.collect();
        match kind {
            "figures_adopted" => FiguresAdopted {
                version: u32::try_from(1 + self.below(999_999)).unwrap(),
                from_year: year,
                sha256: self.sha256(),
            }
            .into(),
            "year_closed" => YearClosed {
                year,
                log_position,
                log_hash,
                figures_hash,
                policy_versions,
            }
            .into(),
            "year_restated" => YearRestated {
                year,
                log_position,
                log_hash,
                figures_hash,
                policy_versions,
                reason: self.text(),
            }
            .into(),
            kind => unreachable!("{kind}"),
        }
    }

    fn inspections(&mut self, kind: &str, to: Date) -> Fact {
        use keshi_core::ids::{FindingId, InspectionId, SchoolId, TeacherId};
        match kind {
            "inspection_held" => InspectionHeld {
                inspection_id: self.id("I", InspectionId::new),
                school_id: self.id("S", SchoolId::new),
                purpose: self.text(),
                inspector_ids: self.people(0, 1),
            }
            .into(),
            "finding_made" => {
                let change_requested = self.chance();
                FindingMade {
                    finding_id: self.id("F", FindingId::new),
                    inspection_id: self.id("I", InspectionId::new),
                    aspect: self.pick(InspectionAspect::ALL),
                    text: self.text(),
                    change_requested,
                    due: (change_requested && self.chance()).then_some(to),
                }
                .into()
            }
            "finding_checked" => FindingChecked {
                finding_id: self.id("F", FindingId::new),
                outcome: self.pick(FindingOutcome::ALL),
                checked_by: self.id("T", TeacherId::new),
                remark: self.opt(Self::text),
            }
            .into(),
            kind => unreachable!("{kind}"),
        }
    }

    fn questions(&mut self, kind: &str) -> Fact {
        use keshi_core::ids::{QuestionId, SchoolId, SemesterId, SessionId, TeacherId};
        match kind {
            "question_sent" => QuestionSent {
                question_id: self.id("Q", QuestionId::new),
                school_id: self.id("S", SchoolId::new),
                subject: self.text(),
                semester: SemesterId::new(["2021-2022-2", "2022-2023-1"][self.size(2)]).unwrap(),
                text: self.text(),
                asked_by: self.opt(|g| g.id("T", TeacherId::new)),
            }
            .into(),
            "questions_joined" => {
                let mut ids = vec![self.id("Q", QuestionId::new)];
                for _ in 0..=self.below(5) {
                    let id = self.id("R", QuestionId::new);
                    if !ids.contains(&id) {
                        ids.push(id);
                    }
                }
                if ids.len() < 2 {
                    ids.push(QuestionId::new("another").unwrap());
                }
                QuestionsJoined {
                    into_id: ids.remove(0),
                    question_ids: ids,
                }
                .into()
            }
            "question_planned" => QuestionPlanned {
                question_id: self.id("Q", QuestionId::new),
                session_id: self.id("X", SessionId::new),
            }
            .into(),
            "answer_rated" => AnswerRated {
                question_id: self.id("Q", QuestionId::new),
                school_id: self.id("S", SchoolId::new),
                rating: u8::try_from(self.below(5) + 1).unwrap(),
                remark: self.opt(Self::text),
            }
            .into(),
            kind => unreachable!("{kind}"),
        }
    }

    fn claims(&mut self, kind: &str) -> Fact {
        use keshi_core::ids::{BatchId, ClaimId, TeacherId};
        match kind {
            "claim_submitted" => ClaimSubmitted {
                claim_id: self.id("C", ClaimId::new),
                teacher_id: self.id("T", TeacherId::new),
                submitted_by: self.id("T", TeacherId::new),
                what: (0..=self.below(5)).map(|_| self.event_id()).collect(),
                asked_hours: self.opt(|g| Hours::from_hundredths(i64::try_from(g.below(100_000) + 1).unwrap())),
                statement: self.opt(Self::text),
            }
            .into(),
            "claim_school_checked" => ClaimSchoolChecked {
                claim_id: self.id("C", ClaimId::new),
                teacher_id: self.id("T", TeacherId::new),
                submitted_event: self.event_id(),
                reviewer: self.id("T", TeacherId::new),
                reason: self.opt(Self::text),
            }
            .into(),
            "claim_county_checked" => ClaimCountyChecked {
                claim_id: self.id("C", ClaimId::new),
                teacher_id: self.id("T", TeacherId::new),
                submitted_event: self.event_id(),
                reviewer: self.id("T", TeacherId::new),
                reason: self.opt(Self::text),
            }
            .into(),
            "claim_returned" => ClaimReturned {
                claim_id: self.id("C", ClaimId::new),
                teacher_id: self.id("T", TeacherId::new),
                submitted_event: self.event_id(),
                reviewer: self.id("T", TeacherId::new),
                reason: self.text(),
            }
            .into(),
            "claim_rejected" => ClaimRejected {
                claim_id: self.id("C", ClaimId::new),
                teacher_id: self.id("T", TeacherId::new),
                submitted_event: self.event_id(),
                reviewer: self.id("T", TeacherId::new),
                reason: self.text(),
            }
            .into(),
            "claim_credited" => ClaimCredited {
                claim_id: self.id("C", ClaimId::new),
                teacher_id: self.id("T", TeacherId::new),
                submitted_event: self.event_id(),
                reviewer: self.id("T", TeacherId::new),
                reason: self.opt(Self::text),
            }
            .into(),
            "publicity_opened" => {
                let first = self.below(1_000);
                PublicityOpened {
                    batch_id: self.id("B", BatchId::new),
                    claim_ids: (first..=first + self.below(9))
                        .map(|number| ClaimId::new(&format!("C-{number}")).unwrap())
                        .collect(),
                    reviewer: self.id("T", TeacherId::new),
                }
                .into()
            }
            "objection_raised" => ObjectionRaised {
                batch_id: self.id("B", BatchId::new),
                claim_id: self.id("C", ClaimId::new),
                teacher_id: self.id("T", TeacherId::new),
                reason: self.text(),
                raised_by: self.opt(|g| g.id("T", TeacherId::new)),
            }
            .into(),
            "objection_decided" => ObjectionDecided {
                objection_event: self.event_id(),
                claim_id: self.id("C", ClaimId::new),
                teacher_id: self.id("T", TeacherId::new),
                upheld: self.chance(),
                reason: self.text(),
                reviewer: self.id("T", TeacherId::new),
            }
            .into(),
            "publicity_ended" => PublicityEnded {
                batch_id: self.id("B", BatchId::new),
                reviewer: self.id("T", TeacherId::new),
            }
            .into(),
            other => panic!("no such kind: {other}"),
        }
    }

    fn accepting(&mut self) -> Fact {
        use keshi_core::ids::TeacherId;
        let first_event = self.event_id();
        let other = |id: &EventId| *id != first_event;
        let second_event = std::iter::repeat_with(|| self.event_id()).find(other).unwrap();
        OverlapAccepted {
            teacher_id: self.id("T", TeacherId::new),
            first_event,
            second_event,
            reviewer: self.id("T", TeacherId::new),
            reason: self.text(),
        }
        .into()
    }

    fn merging(&mut self, kind: &str) -> Fact {
        use keshi_core::ids::TeacherId;
        let mut two = self.people(0, 2);
        let (kept_id, dropped_id) = (two.remove(0), two.remove(0));
        let (reviewer, reason) = (self.id("T", TeacherId::new), self.text());
        match kind {
            "persons_merged" => PersonsMerged {
                kept_id,
                dropped_id,
                reviewer,
                reason,
            }
            .into(),
            "merge_reversed" => MergeReversed {
                kept_id,
                dropped_id,
                reviewer,
                reason,
            }
            .into(),
            other => panic!("no such kind: {other}"),
        }
    }

    fn register(&mut self, kind: &str, from: Date) -> Fact {
        use keshi_core::ids::{GroupId, SchoolId, TeacherId};
        match kind {
            "school_registered" => SchoolRegistered {
                school_id: self.id("S", SchoolId::new),
                name: self.text(),
                stage: self.pick(Stage::ALL),
                township: self.opt(Self::text),
                group: self.opt(|g| g.id("G", GroupId::new)),
            }
            .into(),
            "school_closed" => SchoolClosed {
                school_id: self.id("S", SchoolId::new),
                successor_id: self.opt(|g| g.id("S", SchoolId::new)),
            }
            .into(),
            "schools_merged" => SchoolsMerged {
                school_ids: (0..=self.below(3)).map(|_| self.id("S", SchoolId::new)).collect(),
                successor_id: self.id("S", SchoolId::new),
            }
            .into(),
            "person_registered" => PersonRegistered {
                teacher_id: self.id("T", TeacherId::new),
                stage: self.pick(Stage::ALL),
                subject: self.opt(Self::text),
                hired_on: self.opt(Self::date),
                career_from: self.opt(Self::date),
                rank: self.opt(Self::text),
            }
            .into(),
            "assignment_started" => AssignmentStarted {
                teacher_id: self.id("T", TeacherId::new),
                school_id: self.opt(|g| g.id("S", SchoolId::new)),
                unit: self.opt(Self::text),
                post: self.pick(Post::ALL),
                share_hundredths: u8::try_from(self.below(100) + 1).unwrap(),
                until: self.chance().then_some(from),
                nature: if self.chance() {
                    Some(self.pick(AssignmentNature::ALL))
                } else {
                    None
                },
            }
            .into(),
            "assignment_ended" => AssignmentEnded {
                teacher_id: self.id("T", TeacherId::new),
                started_event: self.event_id(),
            }
            .into(),
            other => panic!("no such kind: {other}"),
        }
    }

    fn training(&mut self, kind: &str, from: Date, to: Date) -> Fact {
        use keshi_core::ids::{BaseId, GroupId, ProjectId, SessionId, TeacherId};
        let hours = u64::try_from(days_inclusive(from, to)).unwrap() * 2_400;
        let hours = Hours::from_hundredths(i64::try_from(self.below(hours) + 1).unwrap());
        match kind {
            "project_opened" => ProjectOpened {
                project_id: self.id("P", ProjectId::new),
                name: self.text(),
                provider: self.opt(Self::text),
                level: self.pick(Level::ALL),
                mode: self.pick(Mode::ALL),
                category: self.opt(Self::text),
                topic: self.opt(Self::text),
                planned_hours: hours,
                assessed: self.chance(),
            }
            .into(),
            "session_held" => SessionHeld {
                project_id: self.id("P", ProjectId::new),
                session_id: self.id("X", SessionId::new),
                session_type: self.pick(SessionType::ALL),
                place: self.opt(Self::text),
                hours,
                subject: self.opt(Self::text),
                base: self.opt(|g| g.id("B", BaseId::new)),
                group: self.opt(|g| g.id("G", GroupId::new)),
                doc_no: self.opt(Self::text),
            }
            .into(),
            "session_moved" => SessionMoved {
                session_id: self.id("X", SessionId::new),
                reason: self.opt(Self::text),
                place: self.opt(Self::text),
            }
            .into(),
            "session_cancelled" => SessionCancelled {
                session_id: self.id("X", SessionId::new),
                reason: self.opt(Self::text),
            }
            .into(),
            "attendance_recorded" => AttendanceRecorded {
                session_id: self.id("X", SessionId::new),
                teacher_id: self.id("T", TeacherId::new),
                role: self.pick(AttendanceRole::ALL),
                hours_present: hours,
                result: self.opt(|g| g.pick(AttendanceResult::ALL)),
            }
            .into(),
            other => panic!("no such kind: {other}"),
        }
    }

    fn work(&mut self, kind: &str) -> Fact {
        use keshi_core::ids::{OutreachId, SchoolId, SessionId, TeacherId};
        match kind {
            "outreach_delivered" => OutreachDelivered {
                outreach_id: self.id("O", OutreachId::new),
                from_org: self.opt(|g| g.id("S", SchoolId::new)),
                to_school: self.id("S", SchoolId::new),
                deliveries: self.deliveries(),
                listeners: u32::try_from(self.below(1 << 31)).unwrap(),
                requested_by_school: self.chance(),
                unattributed_lessons: self.count(0).into(),
                unattributed_talks: self.count(0).into(),
            }
            .into(),
            "lesson_given" => LessonGiven {
                teacher_id: self.id("T", TeacherId::new),
                lesson_type: self.pick(LessonType::ALL),
                level: self.pick(Level::ALL),
                school_id: self.opt(|g| g.id("S", SchoolId::new)),
                subject: self.opt(Self::text),
                periods: self.count(1),
                listeners: u32::try_from(self.below(1 << 31)).unwrap(),
                session_id: self.opt(|g| g.id("X", SessionId::new)),
            }
            .into(),
            "lesson_observed" => LessonObserved {
                observer_id: self.id("T", TeacherId::new),
                teacher_id: self.opt(|g| g.id("T", TeacherId::new)),
                school_id: self.id("S", SchoolId::new),
                periods: self.count(1),
                comment_given: self.chance(),
            }
            .into(),
            "mentoring" => Mentoring {
                mentor_id: TeacherId::new("mentor").unwrap(),
                apprentice_id: self.id("T", TeacherId::new),
                subject: self.opt(Self::text),
                goal: self.opt(Self::text),
            }
            .into(),
            "school_visit" => SchoolVisit {
                researcher_id: self.id("T", TeacherId::new),
                school_id: self.id("S", SchoolId::new),
                purpose: self.opt(Self::text),
            }
            .into(),
            other => panic!("no such kind: {other}"),
        }
    }

    fn honours(&mut self, kind: &str, to: Date) -> Fact {
        use keshi_core::ids::{CompetitionId, TeacherId, WorkId};
        match kind {
            "competition_held" => CompetitionHeld {
                comp_id: self.id("C", CompetitionId::new),
                name: self.text(),
                level: self.pick(Level::ALL),
                organiser: self.opt(Self::text),
                edition: self.opt(Self::text),
            }
            .into(),
            "entry_made" => EntryMade {
                comp_id: self.id("C", CompetitionId::new),
                teacher_id: self.id("T", TeacherId::new),
            }
            .into(),
            "award_given" => AwardGiven {
                comp_id: self.id("C", CompetitionId::new),
                teacher_id: self.id("T", TeacherId::new),
                award: self.pick(Award::ALL),
                rank_no: self.opt(|g| g.count(1)),
                role: self.pick(AwardRole::ALL),
                work_id: self.opt(|g| g.id("W", WorkId::new)),
            }
            .into(),
            "recommended" => Recommended {
                teacher_id: self.id("T", TeacherId::new),
                from_comp: Some(self.id("C", CompetitionId::new)),
                from_title: self.opt(Self::event_id),
                to_level: self.pick(Level::ALL),
            }
            .into(),
            "title_conferred" => TitleConferred {
                teacher_id: self.id("T", TeacherId::new),
                class: self.pick(TitleClass::ALL),
                level: self.pick(Level::ALL),
                doc_no: self.opt(Self::text),
                valid_to: self.chance().then_some(to),
            }
            .into(),
            "candidate_chosen" => CandidateChosen {
                teacher_id: self.id("T", TeacherId::new),
                class: self.pick(TitleClass::ALL),
                level: self.pick(Level::ALL),
                doc_no: self.opt(Self::text),
                until: self.chance().then_some(to),
            }
            .into(),
            "title_renewed" => TitleRenewed {
                teacher_id: self.id("T", TeacherId::new),
                title_event: self.event_id(),
                doc_no: self.opt(Self::text),
                valid_to: self.chance().then_some(to),
            }
            .into(),
            "title_withdrawn" => TitleWithdrawn {
                teacher_id: self.id("T", TeacherId::new),
                title_event: self.event_id(),
                reason: self.text(),
                doc_no: self.opt(Self::text),
            }
            .into(),
            other => panic!("no such kind: {other}"),
        }
    }

    fn organisation(&mut self, kind: &str, to: Date) -> Fact {
        use keshi_core::ids::{BaseId, GroupId, SchoolId, TeacherId};
        let (name, until) = (self.text(), self.chance().then_some(to));
        let mut people = self.people(1, 1);
        let lead = people.remove(0);
        match kind {
            "group_formed" => GroupFormed {
                group_id: self.id("G", GroupId::new),
                name,
                member_schools: vec![self.id("S", SchoolId::new)],
                lead_id: self.chance().then_some(lead),
                until,
            }
            .into(),
            "base_formed" => BaseFormed {
                base_id: self.id("B", BaseId::new),
                name,
                subject: self.opt(Self::text),
                school_id: self.opt(|tape| tape.id("S", SchoolId::new)),
                lead_id: lead,
                member_ids: people,
                until,
                research: self.chance(),
            }
            .into(),
            _ => StudioFormed {
                studio_id: self.id("B", BaseId::new),
                name,
                class: self.pick(TitleClass::ALL),
                level: self.pick(Level::ALL),
                subject: self.opt(Self::text),
                host_id: lead,
                member_ids: people.into_iter().collect::<Vec<TeacherId>>(),
                until,
            }
            .into(),
        }
    }

    fn tie(&mut self, kind: &str, to: Date) -> Fact {
        use keshi_core::ids::{SchoolId, TeacherId};
        let until = self.chance().then_some(to);
        match kind {
            "school_linked" => SchoolLinked {
                researcher_id: self.id("T", TeacherId::new),
                school_id: self.id("S", SchoolId::new),
                until,
            }
            .into(),
            _ => ExpertPooled {
                teacher_id: self.id("T", TeacherId::new),
                pool: self.pick(ExpertPool::ALL),
                subject: Some(self.text()),
                doc_no: self.opt(Self::text),
                until,
            }
            .into(),
        }
    }

    /// People, none twice.
    fn people(&mut self, from: u64, least: u64) -> Vec<keshi_core::ids::TeacherId> {
        let count = least + self.below(4);
        let id = |number| keshi_core::ids::TeacherId::new(&format!("T{number}")).unwrap();
        (from..from + count).map(id).collect()
    }

    fn papers(&mut self, kind: &str) -> Fact {
        use keshi_core::ids::{SchoolId, SemesterId, TeacherId, TopicId, WorkId};
        match kind {
            "school_based_term" => SchoolBasedTerm {
                teacher_id: self.id("T", TeacherId::new),
                school_id: self.id("S", SchoolId::new),
                semester: SemesterId::new(self.pick(&["2021-2022-2", "2022-2023-1"])).unwrap(),
                plan: self.chance(),
                log: self.chance(),
                reflection: self.chance(),
            }
            .into(),
            "topic_approved" => TopicApproved {
                topic_id: self.id("K", TopicId::new),
                name: self.opt(Self::text),
                level: self.pick(Level::ALL),
                lead_ids: self.people(0, 1),
                member_ids: self.people(100, 0),
            }
            .into(),
            "topic_opened" => TopicOpened {
                topic_id: self.id("K", TopicId::new),
                lead_ids: self.people(0, 1),
                remark: self.opt(Self::text),
            }
            .into(),
            "topic_checked" => TopicChecked {
                topic_id: self.id("K", TopicId::new),
                lead_ids: self.people(0, 1),
                result: self.pick(TopicCheck::ALL),
                remark: Some(self.text()),
            }
            .into(),
            "topic_concluded" => TopicConcluded {
                topic_id: self.id("K", TopicId::new),
                name: self.opt(Self::text),
                level: self.pick(Level::ALL),
                lead_ids: self.people(0, 1),
                member_ids: self.people(100, 0),
                result: self.opt(Self::text),
            }
            .into(),
            "work_published" => WorkPublished {
                work_id: self.id("W", WorkId::new),
                work_kind: self.text(),
                level: self.pick(Level::ALL),
                title: self.opt(Self::text),
                author_ids: self.people(0, 1),
            }
            .into(),
            "work_awarded" => WorkAwarded {
                work_id: self.id("W", WorkId::new),
                title: self.opt(Self::text),
                level: self.pick(Level::ALL),
                award: self.pick(Award::ALL),
                author_ids: self.people(0, 1),
                contest: self.opt(Self::text),
            }
            .into(),
            other => panic!("no such kind: {other}"),
        }
    }

    fn office(&mut self, kind: &str, to: Date) -> Fact {
        use keshi_core::ids::{CalendarId, FigureId, LoadId, PolicyId, RuleId, TeacherId};
        match kind {
            "calendar_adopted" => CalendarAdopted {
                calendar_id: self.id("K", CalendarId::new),
                sha256: self.sha256(),
            }
            .into(),
            "certificate_issued" => CertificateIssued {
                teacher_id: self.id("T", TeacherId::new),
                basis_event: self.event_id(),
                attests: self.text(),
                old_number: self.opt(Self::text),
            }
            .into(),
            "certificate_reissued" => CertificateReissued {
                teacher_id: self.id("T", TeacherId::new),
                certificate_event: self.event_id(),
                reason: self.text(),
            }
            .into(),
            "certificate_voided" => CertificateVoided {
                teacher_id: self.id("T", TeacherId::new),
                certificate_event: self.event_id(),
                reason: self.text(),
                authorised_by: self.opt(Self::text),
            }
            .into(),
            "entry_voided" => EntryVoided {
                target_event: self.event_id(),
                reason: self.text(),
                authorised_by: self.opt(Self::text),
            }
            .into(),
            "policy_adopted" => PolicyAdopted {
                policy_id: self.id("R", PolicyId::new),
                version: u32::try_from(self.below(1_000_000)).unwrap(),
                effective_from: to,
                effective_to: self.chance().then_some(to),
                sha256: self.sha256(),
            }
            .into(),
            "document_part" => {
                let parts = self.count(1);
                let length = self.size(3_000);
                DocumentPart {
                    sha256: self.sha256(),
                    part: parts - 1,
                    parts,
                    body: (0..length).map(|_| self.next().to_le_bytes()[0]).collect(),
                }
                .into()
            }
            "historical_load_opened" => HistoricalLoadOpened {
                load_id: self.id("L", LoadId::new),
                reason: self.text(),
                authorised_by: self.opt(Self::text),
            }
            .into(),
            "exemption_granted" => ExemptionGranted {
                teacher_id: self.id("T", TeacherId::new),
                rule_id: self.id("R", RuleId::new),
                policy_id: self.opt(|g| g.id("P", PolicyId::new)),
                reduce_by: Hours::from_hundredths(i64::try_from(self.below(10_000_000) + 1).unwrap()),
                reason: self.text(),
            }
            .into(),
            "figure_noted" => FigureNoted {
                figure_id: self.id("F", FigureId::new),
                period: Text::new(self.pick(&["2022", "2022-2023", "2022-09"])).unwrap(),
                value: Hours::from_hundredths(i64::try_from(self.below(100_000_000_000)).unwrap()),
                bound: self.pick(Bound::ALL),
                unit: self.opt(Self::text),
            }
            .into(),
            "clock_corrected" => ClockCorrected {
                reason: self.text(),
                authorised_by: self.opt(Self::text),
            }
            .into(),
            "historical_load_closed" => HistoricalLoadClosed {
                load_id: self.id("L", LoadId::new),
            }
            .into(),
            other => panic!("no such kind: {other}"),
        }
    }
}

//! What may happen: the event kinds of DOMAIN §6, one struct each.
//!
//! Values here are already checked ([`crate::violation`]); inside the core the type is the proof.
//! A released kind is never changed: a changed meaning is a new kind.

use jiff::civil::Date;

use crate::codes::{
    AttendanceResult, AttendanceRole, Award, AwardRole, Bound, LessonType, Level, Mode, Post, SessionType, Stage,
    TitleClass,
};
use crate::hours::Hours;
use crate::ids::{
    BaseId, CalendarId, CompetitionId, EventId, FigureId, GroupId, LoadId, OutreachId, PolicyId, ProjectId, RuleId,
    SchoolId, SemesterId, SessionId, Sha256, TeacherId, TopicId, WorkId,
};
use crate::text::Text;

/// Longest event, encoded, in bytes.
pub const EVENT_BYTES_MAX: usize = 4096;

/// Longest body of one document part, in bytes; with its header it stays within [`EVENT_BYTES_MAX`].
pub const DOCUMENT_PART_BYTES_MAX: usize = 3840;

/// Most people in one topic or work.
pub const PEOPLE_MAX: usize = 60;

/// Most deliveries in one outreach.
pub const DELIVERIES_MAX: usize = 60;

/// One fact, as posted.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Given by the poster, permanent.
    pub event_id: EventId,
    /// First day of what happened.
    pub from: Date,
    /// Last day, not before `from`. Credit is attributed by it (DOMAIN §5).
    pub to: Date,
    /// The school that posts, if a school does.
    pub org: Option<SchoolId>,
    /// Where the posting came from. Not part of the content.
    pub source: Option<Text>,
    /// Hashes of evidence files.
    pub evidence: Vec<Sha256>,
    /// Free text. Not part of the content.
    pub note: Option<Text>,
    /// The event that this one replaces.
    pub supersedes: Option<EventId>,
    /// The historical load that it belongs to.
    pub load_id: Option<LoadId>,
    /// What happened.
    pub fact: Fact,
}

impl Event {
    /// The first field in which the contents of two events differ, `None` if they are one content.
    ///
    /// Content is everything but `source` and `note` (DOMAIN §13a); texts are compared normalised.
    pub fn differing_field(&self, other: &Self) -> Option<&'static str> {
        let common = [
            ("occurred_from", self.from == other.from),
            ("occurred_to", self.to == other.to),
            ("org", self.org == other.org),
            ("evidence", self.evidence == other.evidence),
            ("supersedes", self.supersedes == other.supersedes),
            ("load_id", self.load_id == other.load_id),
        ];
        let in_fact = self.fact.differing_field(&other.fact);
        in_fact.or_else(|| common.iter().find(|(_, same)| !same).map(|(name, _)| *name))
    }
}

macro_rules! facts {
    ($(
        $(#[$doc:meta])*
        $kind:literal $zh:literal $name:ident { $($(#[$fdoc:meta])* $field:ident: $ty:ty,)* }
    )*) => {
        $(
            $(#[$doc])*
            #[doc = $zh]
            #[derive(Clone, Debug, PartialEq)]
            pub struct $name { $($(#[$fdoc])* pub $field: $ty,)* }

            impl $name {
                fn differing_field(&self, other: &Self) -> Option<&'static str> {
                    $(if self.$field != other.$field { return Some(stringify!($field)); })*
                    None
                }
            }
        )*

        /// The kinds in order, for their numbers in memory.
        #[derive(Clone, Copy)]
        #[repr(u8)]
        enum Ordinal { $($name,)* }

        /// What happened, by kind.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Fact { $(
            $(#[$doc])*
            #[doc = $zh]
            $name($name),
        )* }

        impl Fact {
            /// All kinds, as `kind()` names them.
            pub const KINDS: &[&str] = &[$($kind,)*];

            /// The kind's name in snake case (DOMAIN §6).
            pub const fn kind(&self) -> &'static str {
                match self { $(Self::$name(_) => $kind,)* }
            }

            /// The kind's place in [`Self::KINDS`]. Not stored anywhere.
            pub(crate) const fn ordinal(&self) -> u8 {
                match self { $(Self::$name(_) => Ordinal::$name as u8,)* }
            }

            /// The kind's name on screen, in Chinese.
            pub const fn kind_zh(&self) -> &'static str {
                match self { $(Self::$name(_) => $zh,)* }
            }

            fn differing_field(&self, other: &Self) -> Option<&'static str> {
                match (self, other) {
                    $((Self::$name(one), Self::$name(two)) => one.differing_field(two),)*
                    _ => Some("kind"),
                }
            }
        }

        $(impl From<$name> for Fact {
            fn from(fact: $name) -> Self {
                Self::$name(fact)
            }
        })*
    };
}

facts! {
    /// A school enters the county's register.
    "school_registered" "建校" SchoolRegistered {
        /// The school.
        school_id: SchoolId,
        /// Its full name.
        name: Text,
        /// 学段
        stage: Stage,
        /// 乡镇
        township: Option<Text>,
        /// 片区
        group: Option<GroupId>,
    }
    /// A school closes; its history stays under its name.
    "school_closed" "撤点" SchoolClosed {
        /// The school.
        school_id: SchoolId,
        /// Where its teachers went.
        successor_id: Option<SchoolId>,
    }
    /// Several schools become one.
    "schools_merged" "并校" SchoolsMerged {
        /// The schools that end.
        school_ids: Vec<SchoolId>,
        /// The school that goes on.
        successor_id: SchoolId,
    }
    /// A person gets a teacher record. No personal data: that is in the people register.
    "person_registered" "建档" PersonRegistered {
        /// The person.
        teacher_id: TeacherId,
        /// 学段
        stage: Stage,
        /// 学科
        subject: Option<Text>,
        /// First day in the county's service.
        hired_on: Option<Date>,
        /// 教龄起
        career_from: Option<Date>,
        /// 职称
        rank: Option<Text>,
    }
    /// A person takes a post, from the event's first day on.
    "assignment_started" "任职" AssignmentStarted {
        /// The person.
        teacher_id: TeacherId,
        /// The school, unless it is a unit of the office.
        school_id: Option<SchoolId>,
        /// The unit of the office (小学组 …).
        unit: Option<Text>,
        /// 岗位
        post: Post,
        /// Hundredths of a full post, 1 to 100.
        share_hundredths: u8,
        /// Last day in post, inclusive, when known.
        until: Option<Date>,
    }
    /// A person leaves a post; the event's last day is the last day in post.
    "assignment_ended" "离任" AssignmentEnded {
        /// The person.
        teacher_id: TeacherId,
        /// The event that started the assignment.
        started_event: EventId,
    }
    /// A calendar comes into force; its document travels beside it.
    "calendar_adopted" "校历" CalendarAdopted {
        /// The calendar.
        calendar_id: CalendarId,
        /// Hash of the document.
        sha256: Sha256,
    }
    /// A training project opens.
    "project_opened" "培训立项" ProjectOpened {
        /// The project.
        project_id: ProjectId,
        /// 培训项目名称
        name: Text,
        /// 培训机构名称
        provider: Option<Text>,
        /// 培训类别
        level: Level,
        /// 培训方式
        mode: Mode,
        /// 必修, 选修, 线上, …
        category: Option<Text>,
        /// 师德, 班主任, 学科, …
        topic: Option<Text>,
        /// Planned hours.
        planned_hours: Hours,
        /// Whether it ends in an assessment.
        assessed: bool,
    }
    /// A session of a project took place.
    "session_held" "场次" SessionHeld {
        /// The project.
        project_id: ProjectId,
        /// The session.
        session_id: SessionId,
        /// 类型
        session_type: SessionType,
        /// Where.
        place: Option<Text>,
        /// Its length.
        hours: Hours,
        /// 学科
        subject: Option<Text>,
        /// 学科基地
        base: Option<BaseId>,
        /// 片区
        group: Option<GroupId>,
        /// 发文字号
        doc_no: Option<Text>,
    }
    /// A session moves to the event's dates; attendance keeps its own.
    "session_moved" "改期" SessionMoved {
        /// The session.
        session_id: SessionId,
        /// Why.
        reason: Option<Text>,
        /// New place.
        place: Option<Text>,
    }
    /// A session is cancelled; attendance at it loses effect.
    "session_cancelled" "取消" SessionCancelled {
        /// The session.
        session_id: SessionId,
        /// Why.
        reason: Option<Text>,
    }
    /// One person was at one session.
    "attendance_recorded" "出勤" AttendanceRecorded {
        /// The session.
        session_id: SessionId,
        /// The person.
        teacher_id: TeacherId,
        /// As what.
        role: AttendanceRole,
        /// Hours present: above zero, at most 24 for each day.
        hours_present: Hours,
        /// 考核结果
        result: Option<AttendanceResult>,
    }
    /// Lessons and talks were carried to another school.
    "outreach_delivered" "送教送培" OutreachDelivered {
        /// The outreach.
        outreach_id: OutreachId,
        /// Who sent it.
        from_org: Option<SchoolId>,
        /// Where it went.
        to_school: SchoolId,
        /// Who gave what.
        deliveries: Vec<Delivery>,
        /// 听课人数
        listeners: u32,
        /// 预约: the school asked for it.
        requested_by_school: bool,
        /// 节 known only as a count, from a paper log; in the report, never in a balance (DOMAIN §13.23).
        unattributed_lessons: u32,
        /// 场 known only as a count.
        unattributed_talks: u32,
    }
    /// A teacher gave a lesson before others.
    "lesson_given" "授课" LessonGiven {
        /// The teacher.
        teacher_id: TeacherId,
        /// 课型
        lesson_type: LessonType,
        /// 级别
        level: Level,
        /// Where.
        school_id: Option<SchoolId>,
        /// 学科
        subject: Option<Text>,
        /// 节
        periods: u16,
        /// 听课人数
        listeners: u32,
        /// The session it was given in.
        session_id: Option<SessionId>,
    }
    /// Someone sat in on a lesson.
    "lesson_observed" "听课" LessonObserved {
        /// Who observed.
        observer_id: TeacherId,
        /// Who taught.
        teacher_id: Option<TeacherId>,
        /// Where.
        school_id: SchoolId,
        /// 节
        periods: u16,
        /// 评课
        comment_given: bool,
    }
    /// A researcher went into a school.
    "school_visit" "驻点教研" SchoolVisit {
        /// The researcher.
        researcher_id: TeacherId,
        /// The school.
        school_id: SchoolId,
        /// 目的
        purpose: Option<Text>,
    }
    /// A teaching competition took place.
    "competition_held" "赛教" CompetitionHeld {
        /// The competition.
        comp_id: CompetitionId,
        /// Its name.
        name: Text,
        /// 级别
        level: Level,
        /// 主办
        organiser: Option<Text>,
        /// 第二届
        edition: Option<Text>,
    }
    /// A teacher took part in a competition.
    "entry_made" "参赛" EntryMade {
        /// The competition.
        comp_id: CompetitionId,
        /// The teacher.
        teacher_id: TeacherId,
    }
    /// A teacher won a prize.
    "award_given" "获奖" AwardGiven {
        /// The competition.
        comp_id: CompetitionId,
        /// The teacher.
        teacher_id: TeacherId,
        /// 奖次
        award: Award,
        /// Place within the prize, if ranked.
        rank_no: Option<u16>,
        /// Own work, or as a guide of others.
        role: AwardRole,
        /// The work or lesson that won.
        work_id: Option<WorkId>,
    }
    /// A teacher is sent on to the next level.
    "recommended" "推荐" Recommended {
        /// The teacher.
        teacher_id: TeacherId,
        /// From which competition.
        from_comp: Option<CompetitionId>,
        /// From which title: the event that conferred it.
        from_title: Option<EventId>,
        /// To which level.
        to_level: Level,
    }
    /// A teacher is named.
    "title_conferred" "命名" TitleConferred {
        /// The teacher.
        teacher_id: TeacherId,
        /// 称号类别
        class: TitleClass,
        /// 级别
        level: Level,
        /// 发文字号
        doc_no: Option<Text>,
        /// Last day it holds; by default five years on.
        valid_to: Option<Date>,
    }
    /// An earlier event loses its effect.
    "entry_voided" "作废" EntryVoided {
        /// The event.
        target_event: EventId,
        /// Why.
        reason: Text,
        /// Role or document that authorised it.
        authorised_by: Option<Text>,
    }
    /// A policy version comes into force; its document travels beside it.
    "policy_adopted" "规则发布" PolicyAdopted {
        /// The policy.
        policy_id: PolicyId,
        /// Its version, from 1 on.
        version: u32,
        /// First day in force.
        effective_from: Date,
        /// Last day in force, if limited.
        effective_to: Option<Date>,
        /// Hash of the document.
        sha256: Sha256,
    }
    /// One part of a document.
    "document_part" "文件分段" DocumentPart {
        /// Hash of the whole document.
        sha256: Sha256,
        /// This part's number, from 0 on.
        part: u16,
        /// How many parts there are.
        parts: u16,
        /// The bytes, at most [`DOCUMENT_PART_BYTES_MAX`].
        body: Vec<u8>,
    }
    /// A load of old postings about the event's dates is opened.
    "historical_load_opened" "历史补录" HistoricalLoadOpened {
        /// The load.
        load_id: LoadId,
        /// Why.
        reason: Text,
        /// Role or document that authorised it.
        authorised_by: Option<Text>,
    }
    /// A load ends.
    "historical_load_closed" "补录结束" HistoricalLoadClosed {
        /// The load.
        load_id: LoadId,
    }
    /// A teacher did a semester of school-based training.
    "school_based_term" "校本研修学期" SchoolBasedTerm {
        /// The teacher.
        teacher_id: TeacherId,
        /// The school.
        school_id: SchoolId,
        /// The semester, like `2022-2023-1`.
        semester: SemesterId,
        /// Whether the plan is on file.
        plan: bool,
        /// Whether the log is on file.
        log: bool,
        /// Whether the reflection is on file.
        reflection: bool,
    }
    /// A research topic is approved.
    "topic_approved" "立项" TopicApproved {
        /// The topic.
        topic_id: TopicId,
        /// Its name.
        name: Option<Text>,
        /// 级别
        level: Level,
        /// 主持人
        lead_ids: Vec<TeacherId>,
        /// 成员
        member_ids: Vec<TeacherId>,
    }
    /// A research topic is concluded.
    "topic_concluded" "结题" TopicConcluded {
        /// The topic.
        topic_id: TopicId,
        /// Its name.
        name: Option<Text>,
        /// 级别
        level: Level,
        /// 主持人
        lead_ids: Vec<TeacherId>,
        /// 成员
        member_ids: Vec<TeacherId>,
        /// 结题结果
        result: Option<Text>,
    }
    /// A work is published.
    "work_published" "发表" WorkPublished {
        /// The work.
        work_id: WorkId,
        /// 论文, 著作, …: the office's own word.
        work_kind: Text,
        /// 级别
        level: Level,
        /// Its title.
        title: Option<Text>,
        /// Its authors, the first one leading.
        author_ids: Vec<TeacherId>,
    }
    /// A work wins a prize.
    "work_awarded" "论文/成果获奖" WorkAwarded {
        /// The work.
        work_id: WorkId,
        /// Its title.
        title: Option<Text>,
        /// 级别
        level: Level,
        /// 奖次
        award: Award,
        /// Its authors, the first one leading.
        author_ids: Vec<TeacherId>,
        /// 评选名称
        contest: Option<Text>,
    }
    /// A requirement is reduced for a person; the reduction falls into the period that holds the event's last day.
    "exemption_granted" "减免" ExemptionGranted {
        /// The person.
        teacher_id: TeacherId,
        /// The requirement.
        rule_id: RuleId,
        /// The policy that states it; none: every policy with such a requirement.
        policy_id: Option<PolicyId>,
        /// By how much, in the requirement's unit.
        reduce_by: Hours,
        /// 病假, 产假, …
        reason: Text,
    }
    /// A figure is noted by hand; never part of a balance.
    "figure_noted" "手填数据" FigureNoted {
        /// The figure.
        figure_id: FigureId,
        /// The period that it is about, as periods are written.
        period: Text,
        /// The value.
        value: Hours,
        /// Whether it is exact or a bound.
        bound: Bound,
        /// 单位
        unit: Option<Text>,
    }
}

impl Fact {
    /// Whether it may name days to come: a session moves to a later day, and leave goes on.
    pub const fn may_lie_ahead(&self) -> bool {
        matches!(self, Self::SessionMoved(_) | Self::ExemptionGranted(_))
    }
}

/// What one teacher carried out on an outreach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The teacher.
    pub teacher_id: TeacherId,
    /// 节
    pub lessons: u16,
    /// 场
    pub talks: u16,
}

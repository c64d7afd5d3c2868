//! The digest sees every field of every kind.

use std::collections::BTreeSet;

use keshi_core::codes::{
    AssignmentNature, AttendanceResult, AttendanceRole, Award, AwardRole, Bound, ExpertPool, FindingOutcome,
    InspectionAspect, LessonType, Level, Mode, Post, SessionType, Stage, TitleClass, TopicCheck,
};
use keshi_core::digest::Digest;
use keshi_core::entry::{Entry, Outcome, Posted, Verdict};
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
use keshi_core::ids::{
    BaseId, BatchId, CalendarId, ClaimId, CompetitionId, FigureId, FindingId, GroupId, InspectionId, LoadId,
    OutreachId, PolicyId, PosterId, ProjectId, QuestionId, RuleId, SemesterId, Sha256, SubmissionId, TopicId, WorkId,
};
use keshi_core::state::State;
use keshi_core::submission::Taking;
use keshi_core::time::Millis;
use uuid::Uuid;

use crate::documents::{RESEARCHERS, adopt_policy, calendar, policy};
use crate::support::facts::{school, session_id, teacher, text};
use crate::support::{Ledger, between, day, facts, hours, id, on};

/// A kind with each of its fields in two values.
struct Case {
    kind: &'static str,
    usual: Fact,
    /// The field, and the fact with its other value.
    changed: Vec<(&'static str, Fact)>,
}

/// The struct is written out whole, so a new field does not compile until it stands here.
macro_rules! case {
    ($name:ident { $($field:ident: $usual:expr => $other:expr,)* }) => {{
        let usual = $name { $($field: $usual,)* };
        let mut changed: Vec<(&'static str, Fact)> = Vec::new();
        $({
            let mut fact = usual.clone();
            fact.$field = $other;
            changed.push((stringify!($field), fact.into()));
        })*
        let usual: Fact = usual.into();
        Case { kind: usual.kind(), usual, changed }
    }};
}

fn register() -> Vec<Case> {
    vec![
        case!(SchoolRegistered {
            school_id: school("S8") => school("S9"),
            name: text("第八小学") => text("第九小学"),
            stage: Stage::Primary => Stage::Junior,
            township: Some(text("东")) => Some(text("西")),
            group: None => Some(GroupId::new("G1").unwrap()),
        }),
        case!(SchoolClosed {
            school_id: school("S1") => school("S2"),
            successor_id: None => Some(school("S2")),
        }),
        case!(SchoolsMerged {
            school_ids: vec![school("S1")] => vec![school("S1"), school("S3")],
            successor_id: school("S2") => school("S3"),
        }),
        case!(PersonRegistered {
            teacher_id: teacher("T8") => teacher("T9"),
            stage: Stage::Primary => Stage::Junior,
            subject: Some(text("语文")) => Some(text("数学")),
            hired_on: None => Some(day("2010-01-01")),
            career_from: None => Some(day("2010-01-01")),
            rank: Some(text("一级")) => None,
        }),
        case!(AssignmentStarted {
            teacher_id: teacher("T1") => teacher("T2"),
            school_id: Some(school("S1")) => Some(school("S2")),
            unit: None => Some(text("小学组")),
            post: Post::Teacher => Post::Researcher,
            share_hundredths: 100 => 50,
            until: None => Some(day("2024-01-01")),
            nature: None => Some(AssignmentNature::Rotation),
        }),
        case!(AssignmentEnded {
            teacher_id: teacher("T1") => teacher("T2"),
            started_event: id(500) => id(501),
        }),
    ]
}

fn training() -> Vec<Case> {
    vec![
        case!(ProjectOpened {
            project_id: ProjectId::new("P8").unwrap() => ProjectId::new("P9").unwrap(),
            name: text("国培") => text("省培"),
            provider: None => Some(text("师大")),
            level: Level::County => Level::City,
            mode: Mode::ALL[0] => Mode::ALL[1],
            category: Some(text("必修")) => Some(text("选修")),
            topic: Some(text("师德")) => None,
            planned_hours: hours("8") => hours("9"),
            assessed: false => true,
        }),
        case!(SessionHeld {
            project_id: ProjectId::new("P8").unwrap() => ProjectId::new("P9").unwrap(),
            session_id: session_id("X8") => session_id("X9"),
            session_type: SessionType::ALL[0] => SessionType::ALL[1],
            hours: hours("8") => hours("8.01"),
            base: None => Some(BaseId::new("B1").unwrap()),
            place: None => Some(text("礼堂")),
            subject: None => Some(text("语文")),
            group: None => Some(GroupId::new("G1").unwrap()),
            doc_no: None => Some(text("1号")),
        }),
        case!(SessionMoved {
            session_id: session_id("X1") => session_id("X2"),
            reason: None => Some(text("雨")),
            place: None => Some(text("礼堂")),
        }),
        case!(SessionCancelled {
            session_id: session_id("X1") => session_id("X2"),
            reason: None => Some(text("雨")),
        }),
        case!(AttendanceRecorded {
            session_id: session_id("X1") => session_id("X2"),
            teacher_id: teacher("T1") => teacher("T2"),
            role: AttendanceRole::Learner => AttendanceRole::Listener,
            hours_present: hours("3") => hours("3.01"),
            result: None => Some(AttendanceResult::ALL[0]),
        }),
    ]
}

fn lessons() -> Vec<Case> {
    let delivery = |id, lessons, talks| Delivery {
        teacher_id: teacher(id),
        lessons,
        talks,
    };
    vec![
        case!(OutreachDelivered {
            to_school: school("S1") => school("S2"),
            deliveries: vec![delivery("T1", 2, 1)] => vec![delivery("T1", 2, 2)],
            outreach_id: OutreachId::new("O1").unwrap() => OutreachId::new("O2").unwrap(),
            from_org: None => Some(school("S1")),
            listeners: 3 => 4,
            requested_by_school: false => true,
            unattributed_lessons: 0 => 1,
            unattributed_talks: 0 => 1,
        }),
        case!(LessonGiven {
            teacher_id: teacher("T1") => teacher("T2"),
            lesson_type: LessonType::ALL[0] => LessonType::ALL[1],
            level: Level::County => Level::City,
            periods: 1 => 2,
            session_id: None => Some(session_id("X1")),
            school_id: None => Some(school("S1")),
            subject: None => Some(text("语文")),
            listeners: 3 => 4,
        }),
        case!(LessonObserved {
            observer_id: teacher("T1") => teacher("T2"),
            school_id: school("S1") => school("S2"),
            periods: 1 => 2,
            teacher_id: None => Some(teacher("T2")),
            comment_given: false => true,
        }),
        case!(Mentoring {
            mentor_id: teacher("T1") => teacher("T3"),
            apprentice_id: teacher("T2") => teacher("T4"),
            subject: None => Some(text("语文")),
            goal: None => Some(text("独立执教公开课")),
        }),
        case!(SchoolVisit {
            researcher_id: teacher("T1") => teacher("T2"),
            school_id: school("S1") => school("S2"),
            purpose: None => Some(text("听课")),
        }),
        case!(SchoolBasedTerm {
            teacher_id: teacher("T1") => teacher("T2"),
            plan: true => false,
            log: true => false,
            reflection: true => false,
            school_id: school("S1") => school("S2"),
            semester: SemesterId::new("2022-2023-1").unwrap() => SemesterId::new("2022-2023-2").unwrap(),
        }),
    ]
}

fn achievements() -> Vec<Case> {
    let competition = |id| CompetitionId::new(id).unwrap();
    let (work, topic) = (|id| WorkId::new(id).unwrap(), |id| TopicId::new(id).unwrap());
    vec![
        case!(CompetitionHeld {
            comp_id: competition("C8") => competition("C9"),
            name: text("赛教") => text("技能"),
            level: Level::County => Level::City,
            organiser: None => Some(text("教研室")),
            edition: None => Some(text("第二届")),
        }),
        case!(EntryMade {
            comp_id: competition("C1") => competition("C2"),
            teacher_id: teacher("T1") => teacher("T2"),
        }),
        case!(AwardGiven {
            comp_id: competition("C1") => competition("C2"),
            teacher_id: teacher("T1") => teacher("T2"),
            award: Award::ALL[0] => Award::ALL[1],
            role: AwardRole::ALL[0] => AwardRole::ALL[1],
            work_id: None => Some(work("W1")),
            rank_no: None => Some(1),
        }),
        case!(Recommended {
            teacher_id: teacher("T1") => teacher("T2"),
            from_comp: None => Some(competition("C1")),
            from_title: None => Some(id(500)),
            to_level: Level::City => Level::Province,
        }),
        case!(TitleConferred {
            teacher_id: teacher("T1") => teacher("T2"),
            class: TitleClass::ALL[0] => TitleClass::ALL[1],
            level: Level::County => Level::City,
            valid_to: None => Some(day("2024-01-01")),
            doc_no: None => Some(text("1号")),
        }),
        case!(CandidateChosen {
            teacher_id: teacher("T1") => teacher("T2"),
            class: TitleClass::ALL[0] => TitleClass::ALL[1],
            level: Level::County => Level::City,
            doc_no: None => Some(text("1号")),
            until: None => Some(day("2024-01-01")),
        }),
        case!(TitleRenewed {
            teacher_id: teacher("T1") => teacher("T2"),
            title_event: id(500) => id(501),
            doc_no: None => Some(text("1号")),
            valid_to: None => Some(day("2024-01-01")),
        }),
        case!(TitleWithdrawn {
            teacher_id: teacher("T1") => teacher("T2"),
            title_event: id(500) => id(501),
            reason: text("弄虚作假") => text("自愿放弃"),
            doc_no: None => Some(text("1号")),
        }),
        case!(TopicApproved {            topic_id: topic("K1") => topic("K2"),
            name: None => Some(text("课题")),
            level: Level::County => Level::City,
            lead_ids: vec![teacher("T1")] => vec![teacher("T2")],
            member_ids: vec![] => vec![teacher("T2")],
        }),
        case!(TopicConcluded {
            topic_id: topic("K1") => topic("K2"),
            level: Level::County => Level::City,
            lead_ids: vec![teacher("T1")] => vec![teacher("T2")],
            member_ids: vec![] => vec![teacher("T2")],
            name: None => Some(text("课题")),
            result: None => Some(text("合格")),
        }),
        case!(WorkPublished {
            work_id: work("W1") => work("W2"),
            work_kind: text("论文") => text("著作"),
            level: Level::County => Level::City,
            author_ids: vec![teacher("T1"), teacher("T2")] => vec![teacher("T2"), teacher("T1")],
            title: None => Some(text("题")),
        }),
        case!(WorkAwarded {
            work_id: work("W1") => work("W2"),
            level: Level::County => Level::City,
            award: Award::ALL[0] => Award::ALL[1],
            author_ids: vec![teacher("T1"), teacher("T2")] => vec![teacher("T2"), teacher("T1")],
            title: None => Some(text("题")),
            contest: None => Some(text("评选")),
        }),
    ]
}

fn certificates() -> Vec<Case> {
    vec![
        case!(CertificateIssued {
            teacher_id: teacher("T1") => teacher("T2"),
            basis_event: id(500) => id(501),
            attests: text("参加培训") => text("完成培训"),
            old_number: None => Some(text("留证 12")),
        }),
        case!(CertificateReissued {
            teacher_id: teacher("T1") => teacher("T2"),
            certificate_event: id(500) => id(501),
            reason: text("遗失") => text("损坏"),
        }),
        case!(CertificateVoided {
            teacher_id: teacher("T1") => teacher("T2"),
            certificate_event: id(500) => id(501),
            reason: text("姓名有误") => text("误发"),
            authorised_by: None => Some(text("教研室")),
        }),
    ]
}

fn office() -> Vec<Case> {
    let load = |id| LoadId::new(id).unwrap();
    let hash = |text: &str| Sha256::of(text.as_bytes());
    let (one, two) = documents();
    vec![
        case!(EntryVoided {
            target_event: id(500) => id(501),
            reason: text("误") => text("错"),
            authorised_by: None => Some(text("教研室")),
        }),
        case!(PolicyAdopted {
            sha256: hash(&one) => hash(&two),
            policy_id: PolicyId::new("p").unwrap() => PolicyId::new("q").unwrap(),
            version: 1 => 2,
            effective_from: day("2020-01-01") => day("2021-01-01"),
            effective_to: None => Some(day("2021-01-01")),
        }),
        case!(CalendarAdopted {
            sha256: hash(&calendar("c", "2022-02-14")) => hash(&calendar("c", "2022-02-15")),
            calendar_id: CalendarId::new("c").unwrap() => CalendarId::new("d").unwrap(),
        }),
        case!(DocumentPart {
            sha256: hash("a") => hash("b"),
            part: 0 => 1,
            parts: 2 => 3,
            body: vec![1] => vec![2],
        }),
        case!(HistoricalLoadOpened {
            load_id: load("L8") => load("L9"),
            reason: text("补") => text("录"),
            authorised_by: None => Some(text("教研室")),
        }),
        case!(HistoricalLoadClosed {
            load_id: load("L1") => load("L2"),
        }),
        case!(OverlapAccepted {
            teacher_id: teacher("T1") => teacher("T3"),
            first_event: id(500) => id(502),
            second_event: id(501) => id(502),
            reviewer: teacher("T4") => teacher("T5"),
            reason: text("两场") => text("两天"),
        }),
        case!(PersonsMerged {
            kept_id: teacher("T1") => teacher("T3"),
            dropped_id: teacher("T2") => teacher("T3"),
            reviewer: teacher("T4") => teacher("T5"),
            reason: text("同一人") => text("证件一致"),
        }),
        case!(MergeReversed {
            kept_id: teacher("T1") => teacher("T3"),
            dropped_id: teacher("T2") => teacher("T3"),
            reviewer: teacher("T4") => teacher("T5"),
            reason: text("两人") => text("同名"),
        }),
        case!(ExemptionGranted {
            teacher_id: teacher("T1") => teacher("T2"),
            rule_id: RuleId::new("R1").unwrap() => RuleId::new("R2").unwrap(),
            policy_id: None => Some(PolicyId::new("p").unwrap()),
            reduce_by: hours("3") => hours("3.01"),
            reason: text("病") => text("产"),
        }),
        case!(ClockCorrected {
            reason: text("快") => text("慢"),
            authorised_by: None => Some(text("教研室")),
        }),
        case!(FigureNoted {
            figure_id: FigureId::new("F1").unwrap() => FigureId::new("F2").unwrap(),
            period: text("2022") => text("2023"),
            value: hours("3") => hours("4"),
            bound: Bound::ALL[0] => Bound::ALL[1],
            unit: None => Some(text("人")),
        }),
    ]
}

fn claim(id: &str) -> ClaimId {
    ClaimId::new(id).unwrap()
}

fn claims() -> Vec<Case> {
    vec![
        case!(ClaimSubmitted {
            claim_id: claim("C8") => claim("C9"),
            teacher_id: teacher("T1") => teacher("T2"),
            submitted_by: teacher("T1") => teacher("T2"),
            what: vec![id(500)] => vec![id(500), id(501)],
            asked_hours: None => Some(hours("3")),
            statement: Some(text("研讨课")) => None,
        }),
        case!(ClaimSchoolChecked {
            claim_id: claim("C8") => claim("C9"),
            teacher_id: teacher("T1") => teacher("T2"),
            submitted_event: id(500) => id(501),
            reviewer: teacher("T3") => teacher("T4"),
            reason: Some(text("可")) => None,
        }),
        case!(ClaimCountyChecked {
            claim_id: claim("C8") => claim("C9"),
            teacher_id: teacher("T1") => teacher("T2"),
            submitted_event: id(500) => id(501),
            reviewer: teacher("T3") => teacher("T4"),
            reason: Some(text("可")) => None,
        }),
        case!(ClaimReturned {
            claim_id: claim("C8") => claim("C9"),
            teacher_id: teacher("T1") => teacher("T2"),
            submitted_event: id(500) => id(501),
            reviewer: teacher("T3") => teacher("T4"),
            reason: text("缺") => text("错"),
        }),
        case!(ClaimRejected {
            claim_id: claim("C8") => claim("C9"),
            teacher_id: teacher("T1") => teacher("T2"),
            submitted_event: id(500) => id(501),
            reviewer: teacher("T3") => teacher("T4"),
            reason: text("缺") => text("错"),
        }),
        case!(ClaimCredited {
            claim_id: claim("C8") => claim("C9"),
            teacher_id: teacher("T1") => teacher("T2"),
            submitted_event: id(500) => id(501),
            reviewer: teacher("T3") => teacher("T4"),
            reason: Some(text("可")) => None,
        }),
        case!(PublicityOpened {
            batch_id: batch("B8") => batch("B9"),
            claim_ids: vec![claim("C8")] => vec![claim("C9")],
            reviewer: teacher("T3") => teacher("T4"),
        }),
        case!(ObjectionRaised {
            batch_id: batch("B8") => batch("B9"),
            claim_id: claim("C8") => claim("C9"),
            teacher_id: teacher("T1") => teacher("T2"),
            reason: text("不实") => text("重复"),
            raised_by: None => Some(teacher("T4")),
        }),
        case!(ObjectionDecided {
            objection_event: id(500) => id(501),
            claim_id: claim("C8") => claim("C9"),
            teacher_id: teacher("T1") => teacher("T2"),
            upheld: true => false,
            reason: text("属实") => text("不属实"),
            reviewer: teacher("T3") => teacher("T4"),
        }),
        case!(PublicityEnded {
            batch_id: batch("B8") => batch("B9"),
            reviewer: teacher("T3") => teacher("T4"),
        }),
    ]
}

fn organisations() -> Vec<Case> {
    vec![
        case!(GroupFormed {
            group_id: GroupId::new("G1").unwrap() => GroupId::new("G2").unwrap(),
            name: text("东片") => text("西片"),
            member_schools: vec![school("S1")] => vec![school("S1"), school("S2")],
            lead_id: None => Some(teacher("T1")),
            until: None => Some(day("2024-01-01")),
        }),
        case!(BaseFormed {
            base_id: BaseId::new("B1").unwrap() => BaseId::new("B2").unwrap(),
            name: text("语文基地") => text("数学基地"),
            subject: None => Some(text("语文")),
            school_id: None => Some(school("S1")),
            lead_id: teacher("T1") => teacher("T2"),
            member_ids: vec![] => vec![teacher("T3")],
            until: None => Some(day("2024-01-01")),
            research: false => true,
        }),
        case!(StudioFormed {
            studio_id: BaseId::new("B1").unwrap() => BaseId::new("B2").unwrap(),
            name: text("工作室") => text("工作站"),
            class: TitleClass::ALL[0] => TitleClass::ALL[1],
            level: Level::County => Level::City,
            subject: None => Some(text("语文")),
            host_id: teacher("T1") => teacher("T2"),
            member_ids: vec![] => vec![teacher("T3")],
            until: None => Some(day("2024-01-01")),
        }),
        case!(TopicOpened {
            topic_id: TopicId::new("K1").unwrap() => TopicId::new("K2").unwrap(),
            lead_ids: vec![teacher("T1")] => vec![teacher("T2")],
            remark: None => Some(text("同意开题")),
        }),
        case!(TopicChecked {
            topic_id: TopicId::new("K1").unwrap() => TopicId::new("K2").unwrap(),
            lead_ids: vec![teacher("T1")] => vec![teacher("T2")],
            result: TopicCheck::Passed => TopicCheck::Stopped,
            remark: None => Some(text("数据不全")),
        }),
        case!(SchoolLinked {
            researcher_id: teacher("T1") => teacher("T2"),
            school_id: school("S1") => school("S2"),
            until: None => Some(day("2024-01-01")),
        }),
        case!(ExpertPooled {
            teacher_id: teacher("T1") => teacher("T2"),
            pool: ExpertPool::Subject => ExpertPool::Policy,
            subject: Some(text("语文")) => Some(text("数学")),
            doc_no: None => Some(text("留教研发〔2022〕6号")),
            until: None => Some(day("2024-01-01")),
        }),
    ]
}

fn questions() -> Vec<Case> {
    let question = |id| QuestionId::new(id).unwrap();
    vec![
        case!(QuestionSent {
            question_id: question("Q1") => question("Q2"),
            school_id: school("S1") => school("S2"),
            subject: text("语文") => text("数学"),
            semester: SemesterId::new("2022-2023-1").unwrap() => SemesterId::new("2022-2023-2").unwrap(),
            text: text("整本书阅读怎样推进") => text("习作怎样讲评"),
            asked_by: None => Some(teacher("T1")),
        }),
        case!(QuestionsJoined {
            into_id: question("Q1") => question("Q3"),
            question_ids: vec![question("Q2")] => vec![question("Q4")],
        }),
        case!(QuestionPlanned {
            question_id: question("Q1") => question("Q2"),
            session_id: session_id("X1") => session_id("X2"),
        }),
        case!(AnswerRated {
            question_id: question("Q1") => question("Q2"),
            school_id: school("S1") => school("S2"),
            rating: 4 => 5,
            remark: None => Some(text("解决了")),
        }),
    ]
}

fn inspections() -> Vec<Case> {
    let inspection = |id| InspectionId::new(id).unwrap();
    let finding = |id| FindingId::new(id).unwrap();
    vec![
        case!(InspectionHeld {
            inspection_id: inspection("I1") => inspection("I2"),
            school_id: school("S1") => school("S2"),
            purpose: text("教学常规") => text("校本教研"),
            inspector_ids: vec![teacher("T1")] => vec![teacher("T2")],
        }),
        case!(FindingMade {
            finding_id: finding("F1") => finding("F2"),
            inspection_id: inspection("I1") => inspection("I2"),
            aspect: InspectionAspect::Routine => InspectionAspect::Other,
            text: text("教案无二次修改") => text("作业偏多"),
            change_requested: true => false,
            due: None => Some(day("2024-01-01")),
        }),
        case!(FindingChecked {
            finding_id: finding("F1") => finding("F2"),
            outcome: FindingOutcome::Done => FindingOutcome::Partly,
            checked_by: teacher("T1") => teacher("T2"),
            remark: None => Some(text("已减")),
        }),
    ]
}

fn year_s_end() -> Vec<Case> {
    let hash = |text: &str| Sha256::of(text.as_bytes());
    let (one, two) = crate::years::documents();
    let version = |version| AdoptedVersion {
        policy_id: PolicyId::new("p").unwrap(),
        version,
    };
    vec![
        case!(FiguresAdopted {
            sha256: hash(&one) => hash(&two),
            version: 1 => 2,
            from_year: 2020 => 2021,
        }),
        case!(YearClosed {
            year: 2022 => 2021,
            log_position: 4 => 5,
            log_hash: hash("a") => hash("b"),
            figures_hash: hash("c") => hash("d"),
            policy_versions: Vec::new() => vec![version(1)],
        }),
        case!(YearRestated {
            year: 2022 => 2021,
            log_position: 4 => 5,
            log_hash: hash("a") => hash("b"),
            figures_hash: hash("c") => hash("d"),
            policy_versions: Vec::new() => vec![version(1)],
            reason: text("迟报") => text("更正"),
        }),
    ]
}

fn batch(id: &str) -> BatchId {
    BatchId::new(id).unwrap()
}

fn cases() -> Vec<Case> {
    let families = [
        register(),
        training(),
        lessons(),
        achievements(),
        certificates(),
        office(),
        claims(),
        organisations(),
        questions(),
        inspections(),
        year_s_end(),
    ];
    families.into_iter().flatten().collect()
}

/// Two policy documents that the ledger holds beforehand.
fn documents() -> (String, String) {
    let version = |min: &str| policy(RESEARCHERS, 1, "2020-01-01", None, min);
    (version("60"), version("61"))
}

fn part_of(number: u128, document: &str) -> Event {
    let fact = DocumentPart {
        sha256: Sha256::of(document.as_bytes()),
        part: 0,
        parts: 1,
        body: document.as_bytes().to_vec(),
    };
    on(number, "2020-01-01", fact)
}

/// A county with something of all that the cases refer to, in state and entries.
fn county() -> Ledger {
    let mut ledger = Ledger::county();
    let (one, two) = documents();
    let mut events = vec![
        on(30, "2010-01-01", facts::school_registered("S3", "第三小学")),
        part_of(31, &one),
        part_of(32, &two),
        part_of(33, &calendar("c", "2022-02-14")),
        part_of(34, &calendar("c", "2022-02-15")),
        part_of(35, &crate::years::documents().0),
        part_of(36, &crate::years::documents().1),
    ];
    for (number, load) in (40..).zip(["L1", "L2"]) {
        let fact = HistoricalLoadOpened {
            load_id: LoadId::new(load).unwrap(),
            reason: text("补录"),
            authorised_by: None,
        };
        events.push(on(number, "2021-01-01", fact));
    }
    for event in events {
        record(&mut ledger.state, event);
    }
    ledger
}

fn record(state: &mut State, event: Event) {
    state.evolve(&Entry {
        index: state.size(),
        recorded_at: Millis(0),
        submission_id: SubmissionId::new(Uuid::nil()),
        poster: PosterId::unknown(),
        posted: Posted::Event(event),
        verdict: Verdict::Recorded,
        reason: None,
        outcome: Outcome::default(),
    });
}

fn digest_with(state: &State, event: Event) -> Sha256 {
    let mut state = state.clone();
    record(&mut state, event);
    state.at(state.size()).digest()
}

fn event(fact: Fact) -> Event {
    between(700, "2022-05-01", "2022-05-02", fact)
}

#[test]
fn the_digest_sees_every_field_of_every_kind() {
    let kinds: BTreeSet<&str> = cases().iter().map(|case| case.kind).collect();
    assert_eq!(kinds, Fact::KINDS.iter().copied().collect());
    let state = county().state;
    for case in cases() {
        let usual = digest_with(&state, event(case.usual));
        for (field, fact) in case.changed {
            assert_ne!(digest_with(&state, event(fact)), usual, "{} {field}", case.kind);
        }
    }
}

#[test]
fn the_digest_sees_every_field_that_all_events_have_but_neither_source_nor_note() {
    let state = county().state;
    let changes: [fn(&mut Event); 8] = [
        |event| event.event_id = id(701),
        |event| event.from = day("2022-04-30"),
        |event| event.to = day("2022-05-03"),
        |event| event.org = Some(school("S1")),
        |event| event.evidence = vec![Sha256::of(b"scan")],
        |event| event.supersedes = Some(id(500)),
        |event| event.load_id = Some(LoadId::new("L1").unwrap()),
        |event| event.claim_id = Some(claim("C1")),
    ];
    for case in cases() {
        let usual = event(case.usual);
        let digest = digest_with(&state, usual.clone());
        for (place, change) in changes.iter().enumerate() {
            let mut other = usual.clone();
            change(&mut other);
            assert_ne!(digest_with(&state, other), digest, "{} {place}", case.kind);
        }
        let mut said = usual;
        (said.source, said.note) = (Some(text("表")), Some(text("备注")));
        assert_eq!(digest_with(&state, said), digest, "{} source, note", case.kind);
    }
}

#[test]
fn the_digest_sees_whether_an_event_is_voided_in_either_order() {
    for case in cases() {
        let (target, void) = (event(case.usual), on(800, "2022-06-01", facts::void(id(700))));
        let state = county().state;
        let mut standing = state.clone();
        record(&mut standing, target.clone());
        record(&mut standing, on(800, "2022-06-01", facts::void(id(9_999))));
        let (mut one, mut two) = (state.clone(), state);
        record(&mut one, target.clone());
        record(&mut one, void.clone());
        record(&mut two, void);
        record(&mut two, target);
        let voided = one.at(one.size()).digest();
        assert_ne!(standing.at(standing.size()).digest(), voided, "{}", case.kind);
        assert_eq!(two.at(two.size()).digest(), voided, "{}", case.kind);
    }
}

#[test]
fn a_digest_taken_while_the_ledger_grows_is_that_of_the_size_it_began_with() {
    let mut state = county().state;
    let size = state.size();
    let expected = state.at(size).digest();
    let mut digest = Digest::new(size);
    let mut rest = cases().into_iter();
    while digest.step(state.at(state.size())) {
        let more = rest.next().expect("more cases than steps");
        record(&mut state, event(more.usual));
    }
    assert_eq!(digest.finish(), expected);
    assert_ne!(state.at(state.size()).digest(), expected);
}

#[test]
fn the_digest_sees_what_a_policy_makes_of_the_same_hours() {
    let ledger_under = |min: &str| {
        let mut ledger = Ledger::county();
        let document = policy(RESEARCHERS, 1, "2020-01-01", None, min);
        ledger.post_all(Taking::Atomic, adopt_policy(900, "2020-01-01", &document));
        ledger
    };
    let (one, two) = (ledger_under("60"), ledger_under("61"));
    assert_ne!(one.state.at(one.size()).digest(), two.state.at(two.size()).digest());
}

#[test]
fn amounts_beyond_what_can_be_counted_do_not_hide_the_entries_behind_them() {
    let with = |extra: &str| {
        let mut state = county().state;
        let huge = ExemptionGranted {
            teacher_id: teacher("T1"),
            rule_id: RuleId::new("R1").unwrap(),
            policy_id: None,
            reduce_by: Hours::from_hundredths(i64::MAX),
            reason: text("病"),
        };
        record(&mut state, on(600, "2022-05-01", huge));
        record(&mut state, on(601, "2022-05-01", facts::attended("T1", "X1", extra)));
        state.at(state.size()).digest()
    };
    assert_ne!(with("1"), with("2"));
}

//! One event of each kind, written out: the values behind the golden files. Never change one; a changed value is a new file.

use jiff::civil::{Date, date};
use keshi_core::codes::{
    AttendanceResult, AttendanceRole, Award, AwardRole, Bound, ExpertPool, FindingOutcome, InspectionAspect,
    LessonType, Level, Mode, Post, SessionType, Stage, TitleClass, TopicCheck,
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
use keshi_core::ids::{
    BaseId, BatchId, CalendarId, ClaimId, CompetitionId, EventId, FigureId, FindingId, GroupId, InspectionId, LoadId,
    OutreachId, PolicyId, ProjectId, QuestionId, RuleId, SchoolId, SemesterId, SessionId, Sha256, TeacherId, TopicId,
    WorkId,
};
use keshi_core::text::Text;
use uuid::Uuid;

fn text(text: &str) -> Text {
    Text::new(text).unwrap()
}

#[allow(
    clippy::unnecessary_wraps,
    reason = "most fields are optional, and here all are given"
)]
fn some(text: &str) -> Option<Text> {
    Some(self::text(text))
}

fn teacher() -> TeacherId {
    TeacherId::new("T-0001").unwrap()
}

fn school(id: &str) -> SchoolId {
    SchoolId::new(id).unwrap()
}

fn session() -> SessionId {
    SessionId::new("X-2022-01").unwrap()
}

fn comp() -> CompetitionId {
    CompetitionId::new("C-2022").unwrap()
}

fn id(number: u128) -> EventId {
    EventId::new(Uuid::from_u128(0x6b65_7368_6900_4000_8000_0000_0000_0000 + number))
}

fn event(number: u128, from: Date, to: Date, fact: Fact) -> Event {
    Event::of(id(number), from, to, fact)
}

/// One event of each kind, in the order of [`Fact::KINDS`].
pub fn events() -> Vec<Event> {
    let day = date(2022, 3, 14);
    let mut facts = people();
    facts.extend(doings());
    facts.extend(papers());
    facts.extend(later());
    let mut events: Vec<Event> = (1..)
        .zip(facts)
        .map(|(number, fact)| event(number, day, day, fact))
        .collect();
    for attended in events
        .iter_mut()
        .filter(|event| event.fact.kind() == "attendance_recorded")
    {
        // This one has everything that an event may have.
        attended.to = date(2022, 3, 16);
        attended.org = Some(school("S-01"));
        attended.source = some("import 3f2a91cc row 7");
        attended.evidence = vec![Sha256::of(b"one"), Sha256::of(b"two")];
        attended.note = some("第二天下午请假");
        attended.supersedes = Some(id(99));
        attended.load_id = Some(LoadId::new("L-2022").unwrap());
    }
    events
}

/// A research base: a subject base says nothing of that.
pub fn research_base() -> Event {
    let day = date(2021, 9, 6);
    let fact = BaseFormed {
        base_id: BaseId::new("JY-01").unwrap(),
        name: text("小学教研基地"),
        subject: None,
        school_id: Some(school("S-01")),
        lead_id: teacher(),
        member_ids: vec![TeacherId::new("T-02").unwrap()],
        until: None,
        research: true,
    };
    event(203, day, day, fact.into())
}

/// A lesson that counts once its claim is credited.
pub fn claimed_lesson() -> Event {
    let day = date(2026, 9, 18);
    let fact = LessonGiven {
        teacher_id: teacher(),
        lesson_type: LessonType::Open,
        level: Level::County,
        school_id: Some(school("S-01")),
        subject: some("语文"),
        periods: 2,
        listeners: 0,
        session_id: None,
    };
    Event {
        claim_id: Some(ClaimId::new("C-0007").unwrap()),
        ..event(202, day, day, fact.into())
    }
}

/// An outreach known only from a paper log: counts without names.
pub fn unattributed_outreach() -> Event {
    let day = date(2022, 3, 14);
    let fact = OutreachDelivered {
        outreach_id: OutreachId::new("O-2022-04").unwrap(),
        from_org: None,
        to_school: school("S-02"),
        deliveries: Vec::new(),
        listeners: 0,
        requested_by_school: false,
        unattributed_lessons: 90,
        unattributed_talks: 60,
    };
    event(201, day, day, fact.into())
}

fn people() -> Vec<Fact> {
    vec![
        SchoolRegistered {
            school_id: school("S-01"),
            name: text("城关小学"),
            stage: Stage::Primary,
            township: some("紫柏街道"),
            group: Some(GroupId::new("G-1").unwrap()),
        }
        .into(),
        SchoolClosed {
            school_id: school("S-01"),
            successor_id: Some(school("S-02")),
        }
        .into(),
        SchoolsMerged {
            school_ids: vec![school("S-01"), school("S-03")],
            successor_id: school("S-02"),
        }
        .into(),
        PersonRegistered {
            teacher_id: teacher(),
            stage: Stage::Junior,
            subject: some("语文"),
            hired_on: Some(date(2012, 9, 1)),
            career_from: Some(date(2010, 9, 1)),
            rank: some("一级教师"),
        }
        .into(),
        AssignmentStarted {
            teacher_id: teacher(),
            school_id: Some(school("S-01")),
            unit: some("小学组"),
            post: Post::PartTimeResearcher,
            share_hundredths: 50,
            until: Some(date(2025, 8, 31)),
            nature: None,
        }
        .into(),
        AssignmentEnded {
            teacher_id: teacher(),
            started_event: id(5),
        }
        .into(),
        CalendarAdopted {
            calendar_id: CalendarId::new("liuba-2022").unwrap(),
            sha256: Sha256::of(b"calendar"),
        }
        .into(),
    ]
}

fn doings() -> Vec<Fact> {
    vec![
        ProjectOpened {
            project_id: ProjectId::new("P-2022-01").unwrap(),
            name: text("国培计划（2022）"),
            provider: some("县教师进修学校"),
            level: Level::County,
            mode: Mode::FaceToFace,
            category: some("必修"),
            topic: some("学科"),
            planned_hours: Hours::whole(18),
            assessed: true,
        }
        .into(),
        SessionHeld {
            project_id: ProjectId::new("P-2022-01").unwrap(),
            session_id: session(),
            session_type: SessionType::ResearchActivity,
            place: some("县一中"),
            hours: Hours::from_hundredths(450),
            subject: some("数学"),
            base: Some(BaseId::new("B-03").unwrap()),
            group: Some(GroupId::new("G-1").unwrap()),
            doc_no: some("留教研发〔2022〕6号"),
        }
        .into(),
        SessionMoved {
            session_id: session(),
            reason: some("防疫"),
            place: some("线上"),
        }
        .into(),
        SessionCancelled {
            session_id: session(),
            reason: some("大雪"),
        }
        .into(),
        AttendanceRecorded {
            session_id: session(),
            teacher_id: teacher(),
            role: AttendanceRole::Learner,
            hours_present: Hours::from_hundredths(425),
            result: Some(AttendanceResult::Passed),
        }
        .into(),
        OutreachDelivered {
            outreach_id: OutreachId::new("O-2022-03").unwrap(),
            from_org: Some(school("S-01")),
            to_school: school("S-02"),
            deliveries: vec![
                Delivery {
                    teacher_id: teacher(),
                    lessons: 2,
                    talks: 1,
                },
                Delivery {
                    teacher_id: TeacherId::new("T-0002").unwrap(),
                    lessons: 0,
                    talks: 1,
                },
            ],
            listeners: 36,
            requested_by_school: true,
            unattributed_lessons: 0,
            unattributed_talks: 0,
        }
        .into(),
        LessonGiven {
            teacher_id: teacher(),
            lesson_type: LessonType::Open,
            level: Level::City,
            school_id: Some(school("S-01")),
            subject: some("英语"),
            periods: 2,
            listeners: 40,
            session_id: Some(session()),
        }
        .into(),
        LessonObserved {
            observer_id: teacher(),
            teacher_id: Some(TeacherId::new("T-0002").unwrap()),
            school_id: school("S-02"),
            periods: 3,
            comment_given: true,
        }
        .into(),
        SchoolVisit {
            researcher_id: teacher(),
            school_id: school("S-02"),
            purpose: some("教学常规督导"),
        }
        .into(),
    ]
}

fn papers() -> Vec<Fact> {
    vec![
        CompetitionHeld {
            comp_id: comp(),
            name: text("教学能手评选"),
            level: Level::County,
            organiser: some("县教体局"),
            edition: some("第二届"),
        }
        .into(),
        EntryMade {
            comp_id: comp(),
            teacher_id: teacher(),
        }
        .into(),
        AwardGiven {
            comp_id: comp(),
            teacher_id: teacher(),
            award: Award::Second,
            rank_no: Some(3),
            role: AwardRole::Guide,
            work_id: Some(WorkId::new("W-17").unwrap()),
        }
        .into(),
        Recommended {
            teacher_id: teacher(),
            from_comp: Some(comp()),
            from_title: Some(id(21)),
            to_level: Level::City,
        }
        .into(),
        TitleConferred {
            teacher_id: teacher(),
            class: TitleClass::ExpertTeacher,
            level: Level::County,
            doc_no: some("留教体发〔2022〕31号"),
            valid_to: Some(date(2027, 3, 13)),
        }
        .into(),
        EntryVoided {
            target_event: id(12),
            reason: text("重复填报"),
            authorised_by: some("研培组"),
        }
        .into(),
        PolicyAdopted {
            policy_id: PolicyId::new("dongxing-researcher-2020").unwrap(),
            version: 1,
            effective_from: date(2020, 1, 1),
            effective_to: Some(date(2025, 12, 31)),
            sha256: Sha256::of(b"policy"),
        }
        .into(),
        DocumentPart {
            sha256: Sha256::of(b"policy"),
            part: 0,
            parts: 1,
            body: b"policy".to_vec(),
        }
        .into(),
        HistoricalLoadOpened {
            load_id: LoadId::new("L-2022").unwrap(),
            reason: text("建账补录"),
            authorised_by: some("县级审核员"),
        }
        .into(),
        HistoricalLoadClosed {
            load_id: LoadId::new("L-2022").unwrap(),
        }
        .into(),
    ]
}

/// The kinds that came after the first ones.
fn question(id: &str) -> QuestionId {
    QuestionId::new(id).unwrap()
}

fn adopted_versions() -> Vec<AdoptedVersion> {
    vec![AdoptedVersion {
        policy_id: PolicyId::new("dongxing-researcher-2020").unwrap(),
        version: 1,
    }]
}

fn later() -> Vec<Fact> {
    let second = TeacherId::new("T-0002").unwrap();
    let topic_id = TopicId::new("K-2022-04").unwrap();
    let work_id = WorkId::new("W-17").unwrap();
    vec![
        SchoolBasedTerm {
            teacher_id: teacher(),
            school_id: school("S-01"),
            semester: SemesterId::new("2021-2022-2").unwrap(),
            plan: true,
            log: true,
            reflection: false,
        }
        .into(),
        TopicApproved {
            topic_id,
            name: some("农村小学作业设计研究"),
            level: Level::County,
            lead_ids: vec![teacher()],
            member_ids: vec![second],
        }
        .into(),
        TopicConcluded {
            topic_id,
            name: some("农村小学作业设计研究"),
            level: Level::County,
            lead_ids: vec![teacher()],
            member_ids: vec![second],
            result: some("良好"),
        }
        .into(),
        WorkPublished {
            work_id,
            work_kind: text("论文"),
            level: Level::Province,
            title: some("乡村课堂的对话"),
            author_ids: vec![teacher(), second],
        }
        .into(),
        WorkAwarded {
            work_id,
            title: some("乡村课堂的对话"),
            level: Level::Province,
            award: Award::Third,
            author_ids: vec![teacher()],
            contest: some("全省第十六次优秀教育科研成果评选"),
        }
        .into(),
        ExemptionGranted {
            teacher_id: teacher(),
            rule_id: RuleId::new("R1").unwrap(),
            policy_id: Some(PolicyId::new("dongxing-researcher-2020").unwrap()),
            reduce_by: Hours::from_hundredths(4_550),
            reason: text("产假"),
        }
        .into(),
        FigureNoted {
            figure_id: FigureId::new("trained").unwrap(),
            period: text("2022"),
            value: Hours::whole(1_300),
            bound: Bound::AtLeast,
            unit: some("人次"),
        }
        .into(),
        Mentoring {
            mentor_id: teacher(),
            apprentice_id: TeacherId::new("T-02").unwrap(),
            subject: some("语文"),
            goal: some("一学期内独立执教公开课"),
        }
        .into(),
        ClockCorrected {
            reason: text("服务器时钟快了两年"),
            authorised_by: some("教研室"),
        }
        .into(),
        CandidateChosen {
            teacher_id: teacher(),
            class: TitleClass::SubjectLeader,
            level: Level::City,
            doc_no: some("市教研发〔2022〕12号"),
            until: Some(date(2023, 3, 13)),
        }
        .into(),
        TitleRenewed {
            teacher_id: teacher(),
            title_event: id(21),
            doc_no: some("留教体发〔2027〕3号"),
            valid_to: Some(date(2032, 3, 13)),
        }
        .into(),
        TitleWithdrawn {
            teacher_id: teacher(),
            title_event: id(21),
            reason: text("弄虚作假"),
            doc_no: some("留教体发〔2024〕8号"),
        }
        .into(),
        CertificateIssued {
            teacher_id: teacher(),
            basis_event: id(40),
            attests: text("参加2022年县级骨干教师培训，考核合格"),
            old_number: some("留教证字第12号"),
        }
        .into(),
        CertificateReissued {
            teacher_id: teacher(),
            certificate_event: id(41),
            reason: text("遗失"),
        }
        .into(),
        CertificateVoided {
            teacher_id: teacher(),
            certificate_event: id(41),
            reason: text("姓名有误"),
            authorised_by: some("教研室"),
        }
        .into(),
        ClaimSubmitted {
            claim_id: ClaimId::new("C-0007").unwrap(),
            teacher_id: teacher(),
            submitted_by: teacher(),
            what: vec![id(75), id(76)],
            asked_hours: Some(Hours::from_hundredths(650)),
            statement: some("校际研讨课两节"),
        }
        .into(),
        ClaimSchoolChecked {
            claim_id: ClaimId::new("C-0007").unwrap(),
            teacher_id: teacher(),
            submitted_event: id(77),
            reviewer: TeacherId::new("T-02").unwrap(),
            reason: some("材料齐全"),
        }
        .into(),
        ClaimCountyChecked {
            claim_id: ClaimId::new("C-0007").unwrap(),
            teacher_id: teacher(),
            submitted_event: id(77),
            reviewer: TeacherId::new("T-02").unwrap(),
            reason: some("材料齐全"),
        }
        .into(),
        ClaimReturned {
            claim_id: ClaimId::new("C-0007").unwrap(),
            teacher_id: teacher(),
            submitted_event: id(77),
            reviewer: TeacherId::new("T-02").unwrap(),
            reason: text("缺活动证明"),
        }
        .into(),
        ClaimRejected {
            claim_id: ClaimId::new("C-0007").unwrap(),
            teacher_id: teacher(),
            submitted_event: id(77),
            reviewer: TeacherId::new("T-02").unwrap(),
            reason: text("缺活动证明"),
        }
        .into(),
        ClaimCredited {
            claim_id: ClaimId::new("C-0007").unwrap(),
            teacher_id: teacher(),
            submitted_event: id(77),
            reviewer: TeacherId::new("T-02").unwrap(),
            reason: some("材料齐全"),
        }
        .into(),
        PublicityOpened {
            batch_id: BatchId::new("2026-09").unwrap(),
            claim_ids: vec![ClaimId::new("C-0007").unwrap(), ClaimId::new("C-0008").unwrap()],
            reviewer: TeacherId::new("T-02").unwrap(),
        }
        .into(),
        ObjectionRaised {
            batch_id: BatchId::new("2026-09").unwrap(),
            claim_id: ClaimId::new("C-0007").unwrap(),
            teacher_id: teacher(),
            reason: text("当天不在该校"),
            raised_by: Some(TeacherId::new("T-03").unwrap()),
        }
        .into(),
        ObjectionDecided {
            objection_event: id(78),
            claim_id: ClaimId::new("C-0007").unwrap(),
            teacher_id: teacher(),
            upheld: true,
            reason: text("经核实属实"),
            reviewer: TeacherId::new("T-02").unwrap(),
        }
        .into(),
        PublicityEnded {
            batch_id: BatchId::new("2026-09").unwrap(),
            reviewer: TeacherId::new("T-02").unwrap(),
        }
        .into(),
        GroupFormed {
            group_id: keshi_core::ids::GroupId::new("G1").unwrap(),
            name: text("青禾片区"),
            member_schools: vec![school("S-01"), school("S-02")],
            lead_id: Some(teacher()),
            until: None,
        }
        .into(),
        BaseFormed {
            base_id: BaseId::new("B-YW").unwrap(),
            name: text("小学语文学科基地"),
            subject: some("小学语文"),
            school_id: Some(school("S-01")),
            lead_id: teacher(),
            member_ids: vec![TeacherId::new("T-02").unwrap()],
            until: Some(date(2027, 8, 31)),
            research: false,
        }
        .into(),
        StudioFormed {
            studio_id: BaseId::new("ST-1").unwrap(),
            name: text("教学能手工作站"),
            class: TitleClass::ExpertTeacher,
            level: Level::County,
            subject: some("小学数学"),
            host_id: teacher(),
            member_ids: vec![TeacherId::new("T-02").unwrap()],
            until: None,
        }
        .into(),
        PersonsMerged {
            kept_id: teacher(),
            dropped_id: TeacherId::new("T-02").unwrap(),
            reviewer: TeacherId::new("T-03").unwrap(),
            reason: text("同一人两次建档，证件核对一致"),
        }
        .into(),
        MergeReversed {
            kept_id: teacher(),
            dropped_id: TeacherId::new("T-02").unwrap(),
            reviewer: TeacherId::new("T-03").unwrap(),
            reason: text("同名不同人"),
        }
        .into(),
        OverlapAccepted {
            teacher_id: teacher(),
            first_event: id(75),
            second_event: id(76),
            reviewer: TeacherId::new("T-03").unwrap(),
            reason: text("上午和下午各一场"),
        }
        .into(),
        SchoolLinked {
            researcher_id: teacher(),
            school_id: school("S-01"),
            until: Some(date(2023, 8, 31)),
        }
        .into(),
        ExpertPooled {
            teacher_id: teacher(),
            pool: ExpertPool::Subject,
            subject: some("小学数学"),
            doc_no: some("留教研发〔2022〕6号"),
            until: Some(date(2025, 3, 13)),
        }
        .into(),
        TopicOpened {
            topic_id: TopicId::new("K-17").unwrap(),
            lead_ids: vec![teacher()],
            remark: some("同意开题"),
        }
        .into(),
        TopicChecked {
            topic_id: TopicId::new("K-17").unwrap(),
            lead_ids: vec![teacher()],
            result: TopicCheck::ToMend,
            remark: some("补充课例"),
        }
        .into(),
        QuestionSent {
            question_id: question("Q-1"),
            school_id: school("S-01"),
            subject: text("小学语文"),
            semester: SemesterId::new("2022-2023-1").unwrap(),
            text: text("整本书阅读怎样推进"),
            asked_by: Some(teacher()),
        }
        .into(),
        QuestionsJoined {
            into_id: question("Q-1"),
            question_ids: vec![question("Q-2"), question("Q-3")],
        }
        .into(),
        QuestionPlanned {
            question_id: question("Q-1"),
            session_id: SessionId::new("X-1").unwrap(),
        }
        .into(),
        AnswerRated {
            question_id: question("Q-1"),
            school_id: school("S-01"),
            rating: 4,
            remark: some("课例可以直接用"),
        }
        .into(),
        InspectionHeld {
            inspection_id: InspectionId::new("SD-1").unwrap(),
            school_id: school("S-01"),
            purpose: text("教学常规"),
            inspector_ids: vec![teacher(), TeacherId::new("T-02").unwrap()],
        }
        .into(),
        FindingMade {
            finding_id: FindingId::new("F-1").unwrap(),
            inspection_id: InspectionId::new("SD-1").unwrap(),
            aspect: InspectionAspect::Homework,
            text: text("书面作业总量偏多"),
            change_requested: true,
            due: Some(date(2025, 8, 31)),
        }
        .into(),
        FindingChecked {
            finding_id: FindingId::new("F-1").unwrap(),
            outcome: FindingOutcome::Partly,
            checked_by: teacher(),
            remark: some("三年级已减，四年级未减"),
        }
        .into(),
        FiguresAdopted {
            version: 2,
            from_year: 2022,
            sha256: Sha256([7; 32]),
        }
        .into(),
        YearClosed {
            year: 2022,
            log_position: 6_133,
            log_hash: Sha256([8; 32]),
            figures_hash: Sha256([9; 32]),
            policy_versions: adopted_versions(),
        }
        .into(),
        YearRestated {
            year: 2022,
            log_position: 6_271,
            log_hash: Sha256([10; 32]),
            figures_hash: Sha256([11; 32]),
            policy_versions: adopted_versions(),
            reason: text("迟报送教 2 节"),
        }
        .into(),
    ]
}

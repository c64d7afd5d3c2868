//! What an event says, in words: for lists of entries, and for the lines of a balance.

use keshi_core::codes::{Level, TitleClass};
use keshi_core::event::{Event, Fact};
use keshi_core::ids::{CompetitionId, EventId, SchoolId, SessionId, TeacherId};
use keshi_core::lang::{Say, say};
use keshi_core::state::At;
use keshi_core::title::title_zh;
use keshi_proto::api;

use crate::Context;
use crate::entries;
use crate::error::Error;
use crate::place::blocking;

/// The parts of a text, in both languages.
#[derive(Default)]
struct Parts {
    zh: Vec<String>,
    en: Vec<String>,
}

impl Parts {
    fn both(&mut self, zh: impl Into<String>, en: impl Into<String>) {
        self.zh.push(zh.into());
        self.en.push(en.into());
    }

    /// What has one form, such as a name.
    fn name(&mut self, text: &(impl ToString + ?Sized)) {
        self.both(text.to_string(), text.to_string());
    }

    /// A title's class and level as one name.
    fn title(&mut self, class: TitleClass, level: Level) {
        self.both(title_zh(class, level), format!("{} {}", level.en(), class.en()));
    }

    fn names(&mut self, texts: impl IntoIterator<Item = impl ToString>) {
        texts.into_iter().for_each(|text| self.name(&text));
    }

    /// So many of something, unless it is none.
    fn count(&mut self, count: impl Into<u64>, zh: &str, en: &str) {
        match count.into() {
            0 => {}
            count => self.both(format!("{count} {zh}"), format!("{count} {en}")),
        }
    }

    fn say(self) -> Say {
        say(self.zh.join(" · "), self.en.join(" · "))
    }
}

/// A coded value, in both languages.
macro_rules! word {
    ($parts:expr, $value:expr) => {{
        let value = $value;
        $parts.both(value.zh(), value.en());
    }};
}

/// Where, what about and how much, as the ledger of `at` names it.
pub(crate) fn what_happened(at: At<'_>, event: &Event) -> Say {
    let mut parts = about(at, event);
    amounts(&event.fact, &mut parts);
    parts.say()
}

impl Context {
    /// Adds to lines of a balance where they were and what about, where no project or competition says it: that stands in
    /// the entries alone. Without amounts, for which lines have columns of their own.
    pub(crate) async fn say_what(&self, size: u64, lines: Vec<&mut api::Line>) -> Result<(), Error> {
        let mut unsaid: Vec<_> = lines.into_iter().filter(|line| line.what.is_empty()).collect();
        if unsaid.is_empty() {
            return Ok(());
        }
        let (engine, indices) = (
            self.engine.clone(),
            unsaid.iter().map(|line| line.index).collect::<Vec<_>>(),
        );
        let said = blocking(move || -> Result<Vec<String>, Error> {
            let entries = entries::at(&engine, &indices)?;
            Ok(engine.query_at(size, |at| {
                let events = entries.iter().map(|stored| stored.entry.posted.event());
                let said = events.map(|event| event.map(|event| about(at, event).say().zh));
                said.map(Option::unwrap_or_default).collect()
            }))
        });
        for (line, what) in unsaid.iter_mut().zip(said.await??) {
            line.what = what;
        }
        Ok(())
    }
}

fn school(at: At<'_>, id: &SchoolId) -> String {
    at.school(id)
        .map_or_else(|| id.to_string(), |school| school.name.to_string())
}

/// The project of a session; its id while that has not arrived.
fn project(at: At<'_>, id: &SessionId) -> String {
    let project = at.session(id).and_then(|session| session.project);
    project.map_or_else(|| id.to_string(), |name| name.to_string())
}

fn competition(at: At<'_>, id: &CompetitionId) -> String {
    at.competition(id)
        .map_or_else(|| id.to_string(), |(name, _)| name.to_string())
}

/// The title that an event conferred, or that event's id where it has not arrived.
fn titled(at: At<'_>, parts: &mut Parts, teacher_id: &TeacherId, conferral: EventId) {
    match at.title_named(teacher_id, conferral) {
        Some(title) => parts.title(title.class, title.level),
        None => parts.name(&conferral),
    }
}

/// The number of the certificate that this event issued, as it stands on paper.
fn certificate(at: At<'_>, issued: EventId) -> Option<String> {
    Some(at.certificate_at(at.index_of(issued)?)?.number?.to_string())
}

fn about(at: At<'_>, event: &Event) -> Parts {
    let mut parts = Parts::default();
    match &event.fact {
        Fact::SchoolRegistered(fact) => {
            parts.name(&fact.name);
            word!(parts, fact.stage);
            parts.names(&fact.township);
        }
        Fact::SchoolClosed(fact) => {
            parts.name(&school(at, &fact.school_id));
            if let Some(id) = &fact.successor_id {
                let name = school(at, id);
                parts.both(format!("并入{name}"), format!("{name} goes on"));
            }
        }
        Fact::SchoolsMerged(fact) => {
            parts.names(fact.school_ids.iter().map(|id| school(at, id)));
            let name = school(at, &fact.successor_id);
            parts.both(format!("并入{name}"), format!("{name} goes on"));
        }
        Fact::PersonRegistered(fact) => {
            word!(parts, fact.stage);
            parts.names(&fact.subject);
            parts.names(&fact.rank);
        }
        Fact::AssignmentStarted(fact) => {
            parts.names(fact.school_id.as_ref().map(|id| school(at, id)));
            parts.names(&fact.unit);
            word!(parts, fact.post);
            if let Some(nature) = fact.nature {
                word!(parts, nature);
            }
        }
        Fact::AssignmentEnded(fact) => {
            if let Some(index) = at.index_of(fact.started_event) {
                parts.both(format!("第 {index} 条的任职"), format!("the post of entry {index}"));
            }
        }
        Fact::CalendarAdopted(fact) => parts.name(&fact.calendar_id),
        Fact::ProjectOpened(fact) => {
            parts.name(&fact.name);
            word!(parts, fact.level);
            parts.names(&fact.provider);
        }
        Fact::SessionHeld(fact) => {
            parts.name(&project(at, &fact.session_id));
            word!(parts, fact.session_type);
            parts.names(&fact.subject);
            parts.names(&fact.place);
        }
        Fact::SessionMoved(fact) => {
            parts.name(&project(at, &fact.session_id));
            parts.names(&fact.reason);
            parts.names(&fact.place);
        }
        Fact::SessionCancelled(fact) => {
            parts.name(&project(at, &fact.session_id));
            parts.names(&fact.reason);
        }
        Fact::AttendanceRecorded(fact) => {
            parts.name(&project(at, &fact.session_id));
        }
        Fact::SchoolBasedTerm(fact) => {
            parts.name(&school(at, &fact.school_id));
            parts.name(&fact.semester);
        }
        Fact::OutreachDelivered(fact) => parts.name(&school(at, &fact.to_school)),
        Fact::LessonGiven(fact) => {
            parts.names(fact.school_id.as_ref().map(|id| school(at, id)));
            parts.names(&fact.subject);
            word!(parts, fact.lesson_type);
        }
        Fact::LessonObserved(fact) => parts.name(&school(at, &fact.school_id)),
        Fact::SchoolVisit(fact) => {
            parts.name(&school(at, &fact.school_id));
            parts.names(&fact.purpose);
        }
        Fact::Mentoring(fact) => {
            parts.names(&fact.subject);
            parts.names(&fact.goal);
        }
        Fact::CompetitionHeld(fact) => {
            parts.name(&fact.name);
            parts.names(&fact.edition);
            word!(parts, fact.level);
        }
        Fact::EntryMade(fact) => parts.name(&competition(at, &fact.comp_id)),
        Fact::AwardGiven(fact) => {
            parts.name(&competition(at, &fact.comp_id));
            word!(parts, fact.award);
            word!(parts, fact.role);
        }
        Fact::Recommended(fact) => {
            word!(parts, fact.to_level);
            parts.names(fact.from_comp.as_ref().map(|id| competition(at, id)));
        }
        Fact::TitleConferred(fact) => {
            parts.title(fact.class, fact.level);
            parts.names(&fact.doc_no);
        }
        Fact::GroupFormed(fact) => {
            parts.name(&fact.name);
            let count = fact.member_schools.len();
            parts.both(format!("成员校 {count} 所"), format!("{count} schools"));
        }
        Fact::BaseFormed(fact) => {
            parts.name(&fact.name);
            parts.names(&fact.subject);
        }
        Fact::StudioFormed(fact) => {
            parts.name(&fact.name);
            parts.title(fact.class, fact.level);
            parts.names(&fact.subject);
        }
        Fact::SchoolLinked(fact) => parts.name(&school(at, &fact.school_id)),
        Fact::ExpertPooled(fact) => {
            word!(parts, fact.pool);
            parts.names(&fact.subject);
            parts.names(&fact.doc_no);
        }
        Fact::OverlapAccepted(fact) => {
            let entry = |id| {
                at.index_of(id)
                    .map_or_else(|| id.to_string(), |index| index.to_string())
            };
            let (one, other) = (entry(fact.first_event), entry(fact.second_event));
            parts.both(
                format!("第 {one} 条和第 {other} 条都对"),
                format!("entries {one} and {other} are both right"),
            );
            parts.name(&fact.reason);
        }
        Fact::PersonsMerged(fact) => {
            let (kept, dropped) = (&fact.kept_id, &fact.dropped_id);
            parts.both(format!("{dropped} 并入 {kept}"), format!("{dropped} into {kept}"));
            parts.name(&fact.reason);
        }
        Fact::MergeReversed(fact) => {
            let (kept, dropped) = (&fact.kept_id, &fact.dropped_id);
            parts.both(
                format!("{dropped} 不再并入 {kept}"),
                format!("{dropped} no longer into {kept}"),
            );
            parts.name(&fact.reason);
        }
        Fact::CandidateChosen(fact) => {
            parts.title(fact.class, fact.level);
            parts.names(&fact.doc_no);
        }
        Fact::TitleRenewed(fact) => {
            titled(at, &mut parts, &fact.teacher_id, fact.title_event);
            parts.names(&fact.doc_no);
        }
        Fact::TitleWithdrawn(fact) => {
            titled(at, &mut parts, &fact.teacher_id, fact.title_event);
            parts.name(&fact.reason);
            parts.names(&fact.doc_no);
        }
        Fact::TopicApproved(fact) => {
            parts.name(&named(fact.name.as_ref(), &fact.topic_id));
            word!(parts, fact.level);
        }
        Fact::TopicOpened(fact) => {
            parts.name(&fact.topic_id);
            parts.names(&fact.remark);
        }
        Fact::TopicChecked(fact) => {
            parts.name(&fact.topic_id);
            word!(parts, fact.result);
            parts.names(&fact.remark);
        }
        Fact::TopicConcluded(fact) => {
            parts.name(&named(fact.name.as_ref(), &fact.topic_id));
            word!(parts, fact.level);
            parts.names(&fact.result);
        }
        Fact::QuestionSent(fact) => {
            parts.name(&school(at, &fact.school_id));
            parts.name(&fact.subject);
            parts.name(&fact.text);
        }
        Fact::QuestionsJoined(fact) => {
            let ids: Vec<String> = fact.question_ids.iter().map(ToString::to_string).collect();
            let into = fact.into_id;
            parts.both(
                format!("{} 并入 {into}", ids.join("、")),
                format!("{} into {into}", ids.join(", ")),
            );
        }
        Fact::QuestionPlanned(fact) => {
            parts.name(&fact.question_id);
            parts.both(
                format!("场次 {}", fact.session_id),
                format!("session {}", fact.session_id),
            );
        }
        Fact::AnswerRated(fact) => {
            parts.name(&fact.question_id);
            parts.both(format!("{} 分", fact.rating), format!("{} of 5", fact.rating));
            parts.names(&fact.remark);
        }
        Fact::InspectionHeld(fact) => {
            parts.name(&fact.inspection_id);
            parts.name(&school(at, &fact.school_id));
            parts.name(&fact.purpose);
        }
        Fact::FindingMade(fact) => {
            parts.name(&fact.inspection_id);
            word!(parts, fact.aspect);
            parts.name(&fact.text);
            if fact.change_requested {
                parts.both("要求整改", "to change");
            }
        }
        Fact::FindingChecked(fact) => {
            parts.name(&fact.finding_id);
            word!(parts, fact.outcome);
            parts.names(&fact.remark);
        }
        Fact::WorkPublished(fact) => {
            parts.name(&named(fact.title.as_ref(), &fact.work_id));
            parts.name(&fact.work_kind);
            word!(parts, fact.level);
        }
        Fact::WorkAwarded(fact) => {
            parts.name(&named(fact.title.as_ref(), &fact.work_id));
            parts.names(&fact.contest);
            word!(parts, fact.level);
            word!(parts, fact.award);
        }
        Fact::EntryVoided(fact) => {
            match at.index_of(fact.target_event) {
                Some(index) => parts.both(format!("第 {index} 条"), format!("entry {index}")),
                None => parts.name(&fact.target_event),
            }
            parts.name(&fact.reason);
        }
        Fact::ExemptionGranted(fact) => {
            parts.name(&fact.rule_id);
            parts.name(&fact.reason);
        }
        Fact::PolicyAdopted(fact) => {
            parts.name(&fact.policy_id);
            parts.both(format!("第 {} 版", fact.version), format!("version {}", fact.version));
        }
        Fact::FiguresAdopted(fact) => {
            parts.both(format!("第 {} 版", fact.version), format!("version {}", fact.version));
            parts.both(
                format!("自 {} 年起", fact.from_year),
                format!("from {} on", fact.from_year),
            );
        }
        Fact::YearClosed(fact) => {
            let (year, position) = (fact.year, fact.log_position);
            parts.both(
                format!("{year} 年，台账 {position} 条"),
                format!("{year}, at {position} entries"),
            );
        }
        Fact::YearRestated(fact) => {
            let (year, position) = (fact.year, fact.log_position);
            parts.both(
                format!("{year} 年，台账 {position} 条"),
                format!("{year}, at {position} entries"),
            );
            parts.name(&fact.reason);
        }
        Fact::DocumentPart(fact) => parts.name(&format!("{}/{}", fact.part + 1, fact.parts)),
        Fact::HistoricalLoadOpened(fact) => {
            parts.name(&fact.load_id);
            parts.name(&fact.reason);
        }
        Fact::HistoricalLoadClosed(fact) => parts.name(&fact.load_id),
        Fact::ClockCorrected(fact) => parts.name(&fact.reason),
        Fact::CertificateIssued(fact) => {
            parts.names(certificate(at, event.event_id));
            parts.name(&fact.attests);
        }
        Fact::CertificateReissued(fact) => {
            parts.names(certificate(at, fact.certificate_event));
            parts.name(&fact.reason);
        }
        Fact::CertificateVoided(fact) => {
            parts.names(certificate(at, fact.certificate_event));
        }
        Fact::ClaimSubmitted(fact) => {
            parts.name(&fact.claim_id);
            parts.names(&fact.statement);
        }
        Fact::ClaimSchoolChecked(fact) => {
            parts.name(&fact.claim_id);
            parts.names(&fact.reason);
        }
        Fact::ClaimCountyChecked(fact) => {
            parts.name(&fact.claim_id);
            parts.names(&fact.reason);
        }
        Fact::ClaimCredited(fact) => {
            parts.name(&fact.claim_id);
            parts.names(&fact.reason);
        }
        Fact::ClaimReturned(fact) => {
            parts.name(&fact.claim_id);
            parts.name(&fact.reason);
        }
        Fact::ClaimRejected(fact) => {
            parts.name(&fact.claim_id);
            parts.name(&fact.reason);
        }
        Fact::PublicityOpened(fact) => {
            parts.name(&fact.batch_id);
            let count = fact.claim_ids.len();
            parts.both(format!("{count} 项申报"), format!("{count} claims"));
        }
        Fact::PublicityEnded(fact) => parts.name(&fact.batch_id),
        Fact::ObjectionRaised(fact) => {
            parts.name(&fact.claim_id);
            parts.name(&fact.reason);
        }
        Fact::ObjectionDecided(fact) => {
            parts.name(&fact.claim_id);
            let upheld = fact.upheld;
            parts.both(
                if upheld { "成立" } else { "不成立" }.to_owned(),
                if upheld { "upheld" } else { "not upheld" }.to_owned(),
            );
            parts.name(&fact.reason);
        }
        Fact::FigureNoted(fact) => {
            parts.name(&fact.figure_id);
            parts.name(&fact.period);
        }
    }
    // What a lesson was about has no field of its own; of a correction the note says why.
    let is_lesson = matches!(
        event.fact,
        Fact::OutreachDelivered(_) | Fact::LessonGiven(_) | Fact::LessonObserved(_)
    );
    if is_lesson && event.supersedes.is_none() {
        parts.names(&event.note);
    }
    parts
}

/// The name of something, or its id.
fn named(name: Option<&impl ToString>, id: &impl ToString) -> String {
    name.map_or_else(|| id.to_string(), ToString::to_string)
}

fn amounts(fact: &Fact, parts: &mut Parts) {
    match fact {
        Fact::AttendanceRecorded(fact) => {
            word!(parts, fact.role);
            fact.result.into_iter().for_each(|result| word!(parts, result));
            let hours = fact.hours_present;
            parts.both(format!("{hours} 课时"), format!("{hours} hours"));
        }
        Fact::SessionHeld(fact) => {
            let hours = fact.hours;
            parts.both(format!("{hours} 课时"), format!("{hours} hours"));
        }
        Fact::OutreachDelivered(fact) => {
            let sum = |of: fn(&keshi_core::event::Delivery) -> u16| -> u64 {
                fact.deliveries.iter().map(|delivery| u64::from(of(delivery))).sum()
            };
            let (lessons, talks) = (sum(|one| one.lessons), sum(|one| one.talks));
            parts.count(lessons + u64::from(fact.unattributed_lessons), "节", "lessons");
            parts.count(talks + u64::from(fact.unattributed_talks), "场讲座", "talks");
        }
        Fact::LessonGiven(fact) => parts.count(fact.periods, "节", "lessons"),
        Fact::LessonObserved(fact) => parts.count(fact.periods, "节", "lessons"),
        Fact::ExemptionGranted(fact) => {
            let less = fact.reduce_by;
            parts.both(format!("减 {less}"), format!("{less} less"));
        }
        Fact::FigureNoted(fact) => parts.name(&format!(
            "{}{}",
            fact.value,
            fact.unit.as_ref().map_or_else(String::new, |unit| format!(" {unit}"))
        )),
        _ => {}
    }
}

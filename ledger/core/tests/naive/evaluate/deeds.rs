//! What a teacher did: every fact that might bring her something, with what the facts around it say about it.

use keshi_core::codes::{AttendanceRole, Award, Level, Mode};

use super::claims;
use super::county::{County, undone};
use crate::day::Day;
use crate::facts::{Fact, Id, Recorded};
use crate::model::Kind;

#[derive(Clone, Debug)]
pub struct Deed {
    pub index: u64,
    pub id: u128,
    pub from: Day,
    pub to: Day,
    pub kind: Kind,
    pub effect: Effect,
    pub role: Option<&'static str>,
    pub level: Option<Level>,
    pub mode: Option<Mode>,
    pub category: Option<Id>,
    pub topic: Option<Id>,
    /// 场次类型 or 课型
    pub word: Option<&'static str>,
    pub session: Option<Id>,
    /// Which of the session's postings it is taken by.
    pub posting: usize,
    pub session_hours: i64,
    pub present: i64,
    /// 考核结果 or 结题结果
    pub result: Option<&'static str>,
    pub periods: u16,
    pub lessons: u16,
    pub talks: u16,
    pub work: Option<Id>,
    /// The topic that was concluded.
    pub concluded: Option<Id>,
    /// The semester that it names.
    pub term: Option<Id>,
    pub work_kind: Option<Id>,
    pub award: Option<Award>,
    /// Plan, log and reflection are there, or not asked for.
    pub on_file: bool,
    pub leads: usize,
    pub members: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    Has,
    Voided,
    Corrected,
    Cancelled,
    Waiting,
    /// Its claim is not credited.
    UnderReview,
}

/// All deeds of a teacher, without effect or with it.
pub fn of(county: &County<'_>, teacher: Id) -> Vec<Deed> {
    let mut deeds = Vec::new();
    for row in &county.all {
        let Some(deed) = deed(county, teacher, row) else {
            continue;
        };
        let views = deed
            .session
            .filter(|session| deed.kind == Kind::Attendance && !county.is_cancelled(session));
        let views = views.map_or_else(Vec::new, |session| county.sessions(session));
        let before = deeds.len();
        for (version, view) in views.iter().enumerate() {
            let mut deed = deed.clone();
            deed.posting = version;
            deed.session_hours = view.hours;
            deed.level = Some(view.level);
            deed.mode = Some(view.mode);
            deed.category = view.category;
            deed.topic = view.topic;
            deed.word = Some(view.kind.zh());
            deeds.push(deed);
        }
        if deeds.len() == before {
            deeds.push(deed);
        }
    }
    deeds
}

fn blank(row: &Recorded, kind: Kind) -> Deed {
    Deed {
        index: row.index,
        id: row.event.id,
        from: row.event.from,
        to: row.event.to,
        kind,
        effect: Effect::Has,
        role: None,
        level: None,
        mode: None,
        category: None,
        topic: None,
        word: None,
        session: None,
        posting: 0,
        session_hours: 0,
        present: 0,
        result: None,
        periods: 0,
        lessons: 0,
        talks: 0,
        work: None,
        concluded: None,
        term: None,
        work_kind: None,
        award: None,
        on_file: true,
        leads: 0,
        members: 0,
    }
}

fn deed(county: &County<'_>, id: Id, row: &Recorded) -> Option<Deed> {
    let mut deed = about(county, id, row)?;
    if let Some(undone) = undone(row, &county.all) {
        deed.effect = undone;
    } else if claims::pends(row, &county.all) {
        deed.effect = Effect::UnderReview;
    }
    Some(deed)
}

fn about(county: &County<'_>, id: Id, row: &Recorded) -> Option<Deed> {
    let mut deed = blank(row, Kind::Visit);
    match &row.event.fact {
        Fact::Attendance {
            session,
            teacher,
            role,
            present,
            result,
        } if *teacher == id => {
            deed.kind = Kind::Attendance;
            deed.role = Some(role.zh());
            deed.present = *present;
            deed.result = result.map(keshi_core::codes::AttendanceResult::zh);
            deed.in_session(county, session);
        }
        Fact::Outreach { deliveries } => {
            let delivery = deliveries.iter().find(|delivery| delivery.teacher == id)?;
            deed.kind = Kind::Outreach;
            deed.lessons = delivery.lessons;
            deed.talks = delivery.talks;
        }
        Fact::LessonGiven {
            teacher,
            kind,
            level,
            periods,
            session,
        } if *teacher == id => {
            deed.kind = Kind::Given;
            deed.level = Some(*level);
            deed.word = Some(kind.zh());
            deed.periods = *periods;
            if let Some(session) = session {
                deed.in_session(county, session);
            }
        }
        Fact::LessonObserved { teacher, periods } if *teacher == id => {
            deed.kind = Kind::Observed;
            deed.periods = *periods;
        }
        Fact::Visit { teacher } if *teacher == id => {}
        Fact::Award {
            competition,
            teacher,
            award,
            role,
            work,
        } if *teacher == id => {
            deed.kind = Kind::Award;
            deed.role = Some(role.zh());
            deed.award = Some(*award);
            deed.work = *work;
            deed.level = county.competition(competition);
            if deed.level.is_none() {
                deed.effect = Effect::Waiting;
            }
        }
        Fact::SchoolTerm {
            teacher,
            plan,
            log,
            reflection,
            semester,
        } if *teacher == id => {
            deed.kind = Kind::SchoolTerm;
            deed.level = Some(Level::School);
            deed.term = Some(semester);
            deed.on_file = *plan && *log && *reflection;
        }
        Fact::Topic {
            topic,
            level,
            leads,
            members,
            result,
        } => {
            deed.concluded = Some(topic);
            deed.result = *result;
            deed.kind = Kind::Topic;
            deed.level = Some(*level);
            deed.shared(leads, members, id)?;
        }
        Fact::Published {
            work,
            kind,
            level,
            authors,
        } => {
            deed.kind = Kind::Published;
            deed.level = Some(*level);
            deed.work = Some(work);
            deed.work_kind = Some(kind);
            deed.shared(&authors[..1], &authors[1..], id)?;
        }
        Fact::Awarded {
            work,
            level,
            award,
            authors,
        } => {
            deed.kind = Kind::Awarded;
            deed.level = Some(*level);
            deed.work = Some(work);
            deed.award = Some(*award);
            deed.shared(&authors[..1], &authors[1..], id)?;
        }
        _ => return None,
    }
    Some(deed)
}

impl Deed {
    fn in_session(&mut self, county: &County<'_>, session: Id) {
        self.session = Some(session);
        if county.is_cancelled(session) {
            self.effect = Effect::Cancelled;
        } else if county.sessions(session).is_empty() {
            self.effect = Effect::Waiting;
        }
    }

    /// As a lead or a member; `None` if she is neither.
    fn shared(&mut self, leads: &[Id], members: &[Id], id: Id) -> Option<()> {
        self.leads = leads.len();
        self.members = members.len();
        self.role = if leads.contains(&id) {
            Some("负责人")
        } else if members.contains(&id) {
            Some("成员")
        } else {
            return None;
        };
        Some(())
    }

    /// Whether as 学员 or 听课, of whom presence is asked.
    pub fn must_be_present(&self) -> bool {
        let asked = [AttendanceRole::Learner.zh(), AttendanceRole::Listener.zh()];
        self.kind == Kind::Attendance && self.role.is_some_and(|role| asked.contains(&role))
    }
}

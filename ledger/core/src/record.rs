//! What a teacher did besides hours: competitions, recommendations, and where she went.

use jiff::civil::Date;

use crate::balance::Why;
use crate::codes::{Award, AwardRole, Level};
use crate::ids::{CompetitionId, EventId, SchoolId, TeacherId};
use crate::state::{At, Detail, Item, State, Teacher, unshifted};
use crate::text::Text;

/// A teacher's record: what the log holds about her that no meter counts. Each list by date, then event id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TeacherRecord {
    /// Competitions entered and prizes won.
    pub contests: Vec<Contest>,
    /// Recommendations to a higher level.
    pub recommendations: Vec<Recommendation>,
    /// Lessons given and observed, outreach, visits: at which school and level.
    pub works: Vec<Work>,
}

/// A competition entered (参赛), or a prize won there (获奖).
#[derive(Clone, Debug, PartialEq)]
pub struct Contest {
    /// The entry.
    pub index: u64,
    /// The event.
    pub event_id: EventId,
    /// Its last day.
    pub on: Date,
    /// The competition.
    pub comp_id: CompetitionId,
    /// Its name and level, once it has arrived.
    pub held: Option<(Text, Level)>,
    /// The prize, and whether it is her own; `None` for the mere entry.
    pub award: Option<(Award, AwardRole)>,
    /// Why it is without effect; `None` if it has effect.
    pub why_not: Option<Why>,
}

/// A recommendation (推荐).
#[derive(Clone, Debug, PartialEq)]
pub struct Recommendation {
    /// The entry.
    pub index: u64,
    /// The event.
    pub event_id: EventId,
    /// Its last day.
    pub on: Date,
    /// To which level.
    pub to_level: Level,
    /// From which competition.
    pub from_comp: Option<CompetitionId>,
    /// From which title: the event that conferred it.
    pub from_title: Option<EventId>,
    /// Why it is without effect; `None` if it has effect.
    pub why_not: Option<Why>,
}

/// Something done at a school or level.
#[derive(Clone, Debug, PartialEq)]
pub struct Work {
    /// The entry.
    pub index: u64,
    /// The event.
    pub event_id: EventId,
    /// Its last day.
    pub on: Date,
    /// The event's kind (DOMAIN §6).
    pub kind: &'static str,
    /// Where it went; `None` for a lesson given, whose level is kept instead.
    pub school: Option<SchoolId>,
    /// 级别, of a lesson given.
    pub level: Option<Level>,
    /// Why it is without effect; `None` if it has effect.
    pub why_not: Option<Why>,
}

impl State {
    fn add_to_record(&self, record: &mut TeacherRecord, teacher: &Teacher, item: &Item, event_id: EventId, size: u64) {
        let (index, on) = (u64::from(item.index), item.to);
        let why_not = self.why_without_effect(teacher, item, size);
        let mut work = |kind, school, level, why_not| {
            record.works.push(Work {
                index,
                event_id,
                on,
                kind,
                school,
                level,
                why_not,
            });
        };
        match item.detail {
            Detail::Outreach { to_school, .. } => {
                work("outreach_delivered", self.schools.key(to_school), None, why_not);
            }
            Detail::LessonGiven { level, .. } => work("lesson_given", None, Some(level), why_not),
            Detail::LessonObserved { school, .. } => work("lesson_observed", self.schools.key(school), None, why_not),
            Detail::SchoolVisit { school } => work("school_visit", self.schools.key(school), None, why_not),
            Detail::CompetitionEntry { competition } | Detail::Award { competition, .. } => {
                let award = if let Detail::Award { award, role, .. } = item.detail {
                    Some((award, role))
                } else {
                    None
                };
                let held = self.competition_def(competition, size);
                record
                    .contests
                    .extend(self.competitions.key(competition).map(|comp_id| Contest {
                        index,
                        event_id,
                        on,
                        comp_id,
                        held: held.map(|held| (held.name.clone(), held.level)),
                        award,
                        why_not,
                    }));
            }
            Detail::Recommended {
                to_level,
                from_comp,
                from_title,
            } => record.recommendations.push(Recommendation {
                index,
                event_id,
                on,
                to_level,
                from_comp: from_comp.and_then(|slot| self.competitions.key(unshifted(slot))),
                from_title: from_title.and_then(|slot| self.referred.key(unshifted(slot))),
                why_not,
            }),
            Detail::Attendance { .. }
            | Detail::Title { .. }
            | Detail::Candidate { .. }
            | Detail::Renewed { .. }
            | Detail::Withdrawn { .. }
            | Detail::SchoolBasedTerm { .. }
            | Detail::TopicConcluded { .. }
            | Detail::WorkPublished { .. }
            | Detail::WorkAwarded { .. } => {}
        }
    }

    /// Why a fact has no effect at `size`, with everything it rests on: session, project, competition, title.
    pub(crate) fn why_without_effect(&self, teacher: &Teacher, item: &Item, size: u64) -> Option<Why> {
        if let Some(why) = self.why_void_or_unheld(item, size) {
            return Some(why);
        }
        let waiting = |field, id: Option<String>| Why::WaitingFor {
            field,
            id: id.unwrap_or_default(),
        };
        if let Some(slot) = item.detail.competition()
            && self.competition_def(slot, size).is_none()
        {
            let id = self.competitions.key(slot).map(|id| id.to_string());
            return Some(waiting("comp_id", id));
        }
        if let Detail::Recommended {
            from_title: Some(slot), ..
        } = item.detail
        {
            let id = self.referred.key(unshifted(slot));
            if id.and_then(|id| self.is_title_held(teacher, (id, item.to), size)) != Some(true) {
                return Some(waiting("from_title", id.map(|id| id.to_string())));
            }
        }
        None
    }
}

impl At<'_> {
    /// The teacher's record at `size`; `None` if she is not registered below it.
    pub fn teacher_record(self, teacher_id: &TeacherId) -> Option<TeacherRecord> {
        let person = self.state.person(teacher_id, self.size);
        let teacher = &*person.filter(|teacher| self.is_known(teacher))?;
        let mut items: Vec<(Date, EventId, &Item)> = teacher
            .items
            .iter()
            .filter(|item| u64::from(item.index) < self.size)
            .filter_map(|item| Some((item.to, self.state.events.id(item.index)?, item)))
            .collect();
        items.sort_by_key(|(on, event_id, _)| (*on, *event_id));
        let mut record = TeacherRecord::default();
        for (_, event_id, item) in items {
            self.state
                .add_to_record(&mut record, teacher, item, event_id, self.size);
        }
        Some(record)
    }
}

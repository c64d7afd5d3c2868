//! Every fact of a teacher as lines: the amount, what of it counts, and why.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Line, Why};
use crate::codes::{AttendanceResult, AttendanceRole, LessonType, Level};
use crate::hours::Hours;
use crate::ids::{EventId, RuleId, SessionId};
use crate::policy::{Meter, Policy, version_on};
use crate::state::{Detail, Item, State, Teacher};

/// What says whether a fact is credited.
enum Rules<'p> {
    /// No policy is asked about: each meter counts by itself.
    Plain,
    /// The version in force on the day, if one is.
    Policy(Option<&'p Policy>),
}

/// Whether an amount is credited, and by which conversion.
#[derive(Clone, Copy)]
enum Credit {
    None,
    Plain,
    By(RuleId),
}

/// What one fact brings to one meter.
struct Amount {
    kind: &'static str,
    meter: Meter,
    asked: Hours,
    credit: Credit,
    lesson: Option<(LessonType, Level)>,
    result: Option<AttendanceResult>,
}

impl<'p> Rules<'p> {
    fn on(versions: Option<&[&'p Policy]>, day: Date) -> Self {
        versions.map_or(Self::Plain, |versions| Self::Policy(version_on(versions, day)))
    }

    fn attendance(&self, role: AttendanceRole, result: Option<AttendanceResult>) -> Credit {
        // A course that was not passed earns nothing, unless a policy says otherwise; none can yet (DOMAIN §13.6).
        if result == Some(AttendanceResult::Failed) {
            return Credit::None;
        }
        match self {
            Self::Plain if role == AttendanceRole::Learner => Credit::Plain,
            Self::Plain => Credit::None,
            Self::Policy(policy) => {
                let conversion = policy.and_then(|policy| policy.attendance(role));
                conversion.map_or(Credit::None, |conversion| Credit::By(conversion.id))
            }
        }
    }

    fn outreach(&self) -> Credit {
        match self {
            Self::Plain => Credit::Plain,
            Self::Policy(policy) => {
                let conversion = policy.and_then(Policy::outreach);
                conversion.map_or(Credit::None, |conversion| Credit::By(conversion.id))
            }
        }
    }
}

impl Credit {
    const fn rule(self) -> Option<RuleId> {
        match self {
            Self::By(rule) => Some(rule),
            Self::None | Self::Plain => None,
        }
    }
}

impl Amount {
    /// An amount that its meter counts by itself.
    const fn of(kind: &'static str, meter: Meter, asked: Hours) -> Self {
        Self {
            kind,
            meter,
            asked,
            credit: Credit::Plain,
            lesson: None,
            result: None,
        }
    }
}

impl State {
    /// All lines of a teacher, of all times, by date then event id.
    ///
    /// With `versions` (all of one policy) each is credited under the version in force on its day; without, each meter
    /// counts by itself.
    pub(crate) fn lines(&self, teacher: &Teacher, versions: Option<&[&Policy]>, size: u64) -> Vec<Line> {
        let mut lines = Vec::with_capacity(teacher.items.len());
        for item in teacher.items.iter().filter(|item| u64::from(item.index) < size) {
            self.lines_of(item, versions, size, &mut lines);
        }
        // Stable: of two rows of one teacher in one outreach the order in the event stays.
        lines.sort_by_key(|(line, _)| (line.to, line.event_id, line.meter));
        one_per_session(&mut lines);
        lines.into_iter().map(|(line, _)| line).collect()
    }

    fn lines_of(&self, item: &Item, versions: Option<&[&Policy]>, size: u64, out: &mut Vec<(Line, Option<u32>)>) {
        let rules = Rules::on(versions, item.to);
        let session = item.detail.session();
        let mut add = |amount: Amount| {
            let uncredited = || match amount.credit {
                Credit::None => Why::NotCredited,
                Credit::Plain | Credit::By(_) => Why::Counted,
            };
            let why = self.standing_of(item, size).unwrap_or_else(uncredited);
            let line = Line {
                index: item.index.into(),
                event_id: self.events.id(item.index).unwrap_or(EventId::new(uuid::Uuid::nil())),
                from: item.from,
                to: item.to,
                kind: amount.kind,
                what: session.and_then(|slot| self.project_name(slot, size)),
                meter: amount.meter,
                asked: amount.asked,
                counted: if why == Why::Counted { amount.asked } else { Hours::ZERO },
                rule: amount.credit.rule(),
                lesson_type: amount.lesson.map(|(lesson_type, _)| lesson_type),
                level: amount.lesson.map(|(_, level)| level),
                result: amount.result,
                why,
            };
            out.push((line, session));
        };
        match item.detail {
            Detail::Attendance {
                centihours,
                role,
                result,
                ..
            } => {
                let asked = Hours::from_hundredths(centihours.into());
                add(Amount {
                    credit: rules.attendance(role, result),
                    result,
                    ..Amount::of("attendance_recorded", Meter::TrainingHours, asked)
                });
            }
            Detail::Outreach { lessons, talks, .. } => {
                if lessons > 0 {
                    let asked = Hours::whole(lessons.into());
                    add(Amount {
                        credit: rules.outreach(),
                        ..Amount::of("outreach_delivered", Meter::LessonsGiven, asked)
                    });
                }
                if talks > 0 {
                    let asked = Hours::whole(talks.into());
                    add(Amount::of("outreach_delivered", Meter::Talks, asked));
                }
            }
            Detail::LessonGiven {
                periods,
                lesson_type,
                level,
                ..
            } => add(Amount {
                lesson: Some((lesson_type, level)),
                ..Amount::of("lesson_given", Meter::LessonsGiven, Hours::whole(periods.into()))
            }),
            Detail::LessonObserved { periods, .. } => {
                let asked = Hours::whole(periods.into());
                add(Amount::of("lesson_observed", Meter::LessonsObserved, asked));
            }
            Detail::SchoolVisit { .. } => add(Amount::of("school_visit", Meter::SchoolVisits, Hours::whole(1))),
            Detail::CompetitionEntry { .. }
            | Detail::Award { .. }
            | Detail::Recommended { .. }
            | Detail::Title { .. } => {}
        }
    }

    /// Why a fact has no effect at `size`; `None` if it has.
    pub(crate) fn standing_of(&self, item: &Item, size: u64) -> Option<Why> {
        if let Some(by) = self.voided_by(item.index, size) {
            return Some(Why::Void { by: by.into() });
        }
        let slot = item.detail.session()?;
        let session = self.sessions.at(slot)?;
        if let Some(&by) = session.cancellations.iter().find(|&&index| self.live(index, size)) {
            return Some(Why::Cancelled { by: by.into() });
        }
        let Some(definition) = self.session_def(slot, size) else {
            let id = self
                .sessions
                .key(slot)
                .map_or_else(String::new, |id: SessionId| id.to_string());
            return Some(Why::WaitingFor {
                field: "session_id",
                id,
            });
        };
        if self.project_def(definition.project, size).is_none() {
            let id = self
                .projects
                .key(definition.project)
                .map_or_else(String::new, |id| id.to_string());
            return Some(Why::WaitingFor {
                field: "project_id",
                id,
            });
        }
        None
    }
}

/// Of several attendances at one session the better counts: more hours, then the earlier date, then event id.
fn one_per_session(lines: &mut [(Line, Option<u32>)]) {
    let mut best: BTreeMap<u32, (Hours, u64)> = BTreeMap::new();
    let is_attendance = |line: &Line| line.meter == Meter::TrainingHours && line.why == Why::Counted;
    for (line, session) in lines.iter().filter(|(line, _)| is_attendance(line)) {
        if let Some(session) = *session {
            let better = best.get(&session).is_none_or(|(hours, _)| line.counted > *hours);
            if better {
                best.insert(session, (line.counted, line.index));
            }
        }
    }
    for (line, session) in lines.iter_mut().filter(|(line, _)| is_attendance(line)) {
        if let Some(&(_, index)) = session.as_ref().and_then(|session| best.get(session))
            && index != line.index
        {
            line.why = Why::OtherOfSession { index };
            line.counted = Hours::ZERO;
        }
    }
}

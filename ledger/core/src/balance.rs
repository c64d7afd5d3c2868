//! Hour balances: a fold over one teacher's facts in the order of date then event id, never of arrival.
//!
//! The order of crediting follows DOMAIN §13a: validity (void, cancelled, waiting), then conversion, then
//! one credit per session. Every fact gives a line, also when nothing is counted, and says why.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::codes::{LessonType, Post};
use crate::hours::Hours;
use crate::ids::{EventId, PolicyId, RuleId, SchoolId, SessionId, TeacherId};
use crate::period::Period;
use crate::policy::{Meter, Policy, Requirement};
use crate::state::{Assignment, Detail, Item, State, Teacher};
use crate::text::Text;

/// What one fact adds to one meter, or why it adds nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The entry.
    pub index: u64,
    /// The event.
    pub event_id: EventId,
    /// First day.
    pub from: Date,
    /// Last day: the day of attribution.
    pub to: Date,
    /// The event's kind (DOMAIN §6).
    pub kind: &'static str,
    /// What it was: the project's name, if there is one.
    pub what: Option<Text>,
    /// The meter that it belongs to.
    pub meter: Meter,
    /// The amount in the event.
    pub asked: Hours,
    /// The amount in the balance.
    pub counted: Hours,
    /// The policy's conversion that credits it; `None` for what a meter counts by itself.
    pub rule: Option<RuleId>,
    /// 课型, for lessons that have one.
    pub lesson_type: Option<LessonType>,
    /// Why it counts or not.
    pub why: Why,
}

/// Why a line counts or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// It counts.
    Counted,
    /// Voided by this entry.
    Void {
        /// The void's entry.
        by: u64,
    },
    /// Its session was cancelled by this entry.
    Cancelled {
        /// The cancellation's entry.
        by: u64,
    },
    /// The session, or the session's project, has not arrived.
    WaitingFor {
        /// `session_id` or `project_id`.
        field: &'static str,
        /// The missing id.
        id: String,
    },
    /// No conversion of the policy credits this role or kind.
    NotCredited,
    /// Another attendance at the same session counts, being the better.
    OtherOfSession {
        /// The entry that counts.
        index: u64,
    },
}

/// How a requirement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Status {
    /// 优: the target is reached.
    TargetReached = 1,
    /// 达标
    Met = 2,
    /// 未达标
    Short = 3,
}

impl Status {
    /// 中文
    pub const fn zh(self) -> &'static str {
        match self {
            Self::TargetReached => "优",
            Self::Met => "达标",
            Self::Short => "未达标",
        }
    }
}

/// One requirement in one of its periods.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// The requirement, as the policy states it.
    pub requirement: Requirement,
    /// The period.
    pub period: Period,
    /// What counts.
    pub counted: Hours,
    /// What is missing to the minimum.
    pub missing: Hours,
    /// How it stands.
    pub status: Status,
}

/// A teacher's balance under one policy, or under none.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// The policy's id, version and name; `None` if no policy is about this teacher in the period.
    pub policy: Option<(PolicyId, u32, String)>,
    /// What each meter counts in the period, in the order of [`Meter::ALL`].
    pub meters: Vec<(Meter, Hours)>,
    /// The requirements, each in each of its periods.
    pub standings: Vec<Standing>,
    /// The lines of the period and of the requirements' periods, by date then event id.
    pub lines: Vec<Line>,
}

/// A teacher's balance in a period, as the ledger of `size` entries has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Balance {
    /// Whose.
    pub teacher_id: TeacherId,
    /// The period asked about.
    pub period: Period,
    /// The size asked about.
    pub size: u64,
    /// One section for each policy she stands under, else one without a policy.
    pub sections: Vec<Section>,
}

/// A post held, as asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Holding {
    /// The entry.
    pub index: u64,
    /// The school, unless it is a unit of the office.
    pub school: Option<SchoolId>,
    /// The unit of the office.
    pub unit: Option<Text>,
    /// 岗位
    pub post: Post,
    /// Hundredths of a full post.
    pub share_hundredths: u8,
    /// First day.
    pub from: Date,
    /// Last day, if it has ended or is limited.
    pub to: Option<Date>,
}

impl State {
    /// The teacher's balance in `period` at `size`; `None` if she is not registered below it.
    pub fn balance(&self, teacher_id: &TeacherId, period: Period, size: u64) -> Option<Balance> {
        let teacher = self.teachers.get(teacher_id).filter(|teacher| teacher.is_known(size))?;
        let mut sections: Vec<Section> = self
            .policies_in_force(period.to, size)
            .into_iter()
            .filter_map(|policy| self.section(teacher, policy, period, size))
            .collect();
        if sections.is_empty() {
            let mut lines = self.lines(teacher, None, size);
            lines.retain(|line| period.contains(line.to));
            sections.push(Section {
                policy: None,
                meters: totals(&lines, period),
                standings: Vec::new(),
                lines,
            });
        }
        Some(Balance {
            teacher_id: *teacher_id,
            period,
            size,
            sections,
        })
    }

    /// Of each policy the version in force on `day` at `size`: the highest that is, in the order of first adoption.
    pub fn policies_in_force(&self, day: Date, size: u64) -> Vec<&Policy> {
        let mut found: Vec<&Policy> = Vec::new();
        for version in self.policies(size).filter(|version| version.policy.is_in_force(day)) {
            match found.iter_mut().find(|policy| policy.id == version.policy.id) {
                Some(policy) if policy.version < version.policy.version => *policy = &version.policy,
                Some(_) => {}
                None => found.push(&version.policy),
            }
        }
        found
    }

    /// The posts that the teacher holds or held, below `size`, by first day.
    pub fn holdings(&self, teacher_id: &TeacherId, size: u64) -> Vec<Holding> {
        let Some(teacher) = self.teachers.get(teacher_id) else {
            return Vec::new();
        };
        let live = teacher
            .assignments
            .iter()
            .filter(|assignment| self.live(assignment.index, size));
        let mut holdings: Vec<Holding> = live
            .map(|assignment| Holding {
                index: assignment.index.into(),
                school: assignment.school,
                unit: assignment.unit.clone(),
                post: assignment.post,
                share_hundredths: assignment.share_hundredths,
                from: assignment.from,
                to: self.last_day(teacher, assignment, size),
            })
            .collect();
        holdings.sort_by_key(|holding| (holding.from, holding.index));
        holdings
    }

    fn last_day(&self, teacher: &Teacher, assignment: &Assignment, size: u64) -> Option<Date> {
        let ends = teacher
            .ends
            .iter()
            .filter(|end| end.started_event == assignment.event_id);
        let ended = ends
            .filter(|end| self.live(end.index, size))
            .map(|end| end.last_day)
            .min();
        ended.into_iter().chain(assignment.until).min()
    }

    /// Whether the teacher holds one of `posts` on some day of `from ..= to`.
    fn is_in_post(&self, teacher: &Teacher, posts: &[Post], period: &Period, size: u64) -> bool {
        let mut held = teacher
            .assignments
            .iter()
            .filter(|assignment| self.live(assignment.index, size));
        held.any(|assignment| {
            let last = self.last_day(teacher, assignment, size).unwrap_or(Date::MAX);
            posts.contains(&assignment.post) && period.overlaps(assignment.from, last)
        })
    }

    fn section(&self, teacher: &Teacher, policy: &Policy, asked: Period, size: u64) -> Option<Section> {
        if !self.is_in_post(teacher, &policy.posts, &asked, size) {
            return None;
        }
        let lines = self.lines(teacher, Some(policy), size);
        let semesters = self.semesters(size);
        let mut standings = Vec::new();
        for requirement in &policy.requirements {
            for period in asked.parts(requirement.period, &semesters) {
                let skipped = requirement
                    .skip_months
                    .iter()
                    .any(|&m| i32::try_from(m) == Ok(period.from.month().into()));
                let by_month = requirement.period == crate::period::Kind::Month;
                if (by_month && skipped) || !self.is_in_post(teacher, &policy.posts, &period, size) {
                    continue;
                }
                standings.push(standing(requirement, period, &lines));
            }
        }
        let meters = totals(&lines, asked);
        let looked_at = |line: &Line| {
            asked.contains(line.to)
                || standings
                    .iter()
                    .any(|s| s.requirement.meter == line.meter && s.period.contains(line.to))
        };
        let lines = lines.iter().filter(|line| looked_at(line)).cloned().collect();
        let policy = Some((policy.id, policy.version, policy.name.clone()));
        Some(Section {
            policy,
            meters,
            standings,
            lines,
        })
    }

    /// All lines of a teacher, of all times, by date then event id.
    pub(crate) fn lines(&self, teacher: &Teacher, policy: Option<&Policy>, size: u64) -> Vec<Line> {
        let mut lines = Vec::with_capacity(teacher.items.len());
        for item in teacher.items.iter().filter(|item| u64::from(item.index) < size) {
            self.lines_of(item, policy, size, &mut lines);
        }
        lines.sort_unstable_by_key(|(line, _)| (line.to, line.event_id, line.meter));
        self.one_per_session(&mut lines);
        lines.into_iter().map(|(line, _)| line).collect()
    }

    fn lines_of(&self, item: &Item, policy: Option<&Policy>, size: u64, out: &mut Vec<(Line, Option<u32>)>) {
        let mut add = |kind, meter, asked, credit: Option<Option<RuleId>>, lesson_type| {
            let why = self.standing_of(item, size).unwrap_or(match credit {
                Some(_) => Why::Counted,
                None => Why::NotCredited,
            });
            let counted = if why == Why::Counted { asked } else { Hours::ZERO };
            let session = item.detail.session();
            let line = Line {
                index: item.index.into(),
                event_id: self.events.id(item.index).unwrap_or(EventId::new(uuid::Uuid::nil())),
                from: item.from,
                to: item.to,
                kind,
                what: session.and_then(|slot| self.project_name(slot, size)),
                meter,
                asked,
                counted,
                rule: credit.flatten(),
                lesson_type,
                why,
            };
            out.push((line, session));
        };
        match item.detail {
            Detail::Attendance { centihours, role, .. } => {
                let credit = policy.map_or(
                    (role == crate::codes::AttendanceRole::Learner).then_some(None),
                    |policy| policy.attendance(role).map(|conversion| Some(conversion.id)),
                );
                let asked = Hours::from_hundredths(centihours.into());
                add("attendance_recorded", Meter::TrainingHours, asked, credit, None);
            }
            Detail::Outreach { lessons, talks, .. } => {
                if lessons > 0 {
                    let credit = policy.map_or(Some(None), |policy| {
                        policy.outreach().map(|conversion| Some(conversion.id))
                    });
                    add(
                        "outreach_delivered",
                        Meter::LessonsGiven,
                        Hours::whole(lessons.into()),
                        credit,
                        None,
                    );
                }
                if talks > 0 {
                    add(
                        "outreach_delivered",
                        Meter::Talks,
                        Hours::whole(talks.into()),
                        Some(None),
                        None,
                    );
                }
            }
            Detail::LessonGiven {
                periods, lesson_type, ..
            } => {
                let asked = Hours::whole(periods.into());
                add(
                    "lesson_given",
                    Meter::LessonsGiven,
                    asked,
                    Some(None),
                    Some(lesson_type),
                );
            }
            Detail::LessonObserved { periods, .. } => {
                add(
                    "lesson_observed",
                    Meter::LessonsObserved,
                    Hours::whole(periods.into()),
                    Some(None),
                    None,
                );
            }
            Detail::SchoolVisit { .. } => {
                add("school_visit", Meter::SchoolVisits, Hours::whole(1), Some(None), None);
            }
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

    /// Of several attendances at one session the better counts: more hours, then the earlier date, then event id.
    fn one_per_session(&self, lines: &mut [(Line, Option<u32>)]) {
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
}

/// Sums in the type's full width: a line has at most 2³² hundredths and a ledger at most 2³² lines.
fn sum<'l>(lines: impl Iterator<Item = &'l Line>) -> Hours {
    Hours::from_hundredths(lines.map(|line| line.counted.hundredths()).fold(0, i64::saturating_add))
}

fn totals(lines: &[Line], period: Period) -> Vec<(Meter, Hours)> {
    let of = |meter| {
        sum(lines
            .iter()
            .filter(|line| line.meter == meter && period.contains(line.to)))
    };
    Meter::ALL.iter().map(|&meter| (meter, of(meter))).collect()
}

fn standing(requirement: &Requirement, period: Period, lines: &[Line]) -> Standing {
    let types = &requirement.types;
    // Outreach lessons have no type; the conversion that credits them says where they count.
    let of_type = |line: &Line| types.is_empty() || line.lesson_type.is_none_or(|kind| types.contains(&kind));
    let counts = |line: &&Line| line.meter == requirement.meter && period.contains(line.to) && of_type(line);
    let counted = sum(lines.iter().filter(counts));
    let missing = counted.missing_to(requirement.min);
    let status = match requirement.target {
        _ if missing > Hours::ZERO => Status::Short,
        Some(target) if counted >= target => Status::TargetReached,
        _ => Status::Met,
    };
    Standing {
        requirement: requirement.clone(),
        period,
        counted,
        missing,
        status,
    }
}

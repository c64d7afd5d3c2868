//! A teacher's year, as the report counts her.

use jiff::civil::Date;

use crate::balance::{Balance, Status};
use crate::codes::{Post, Stage};
use crate::hours::Hours;
use crate::ids::{GroupId, PolicyId, RuleId, SchoolId, TeacherId};
use crate::period::Name;
use crate::policy::Meter;
use crate::state::At;
use crate::text::Text;

/// Where a teacher stands in the tables of a report: on the last day of the year, or of her service in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The school; `None` for a unit of the office.
    pub school: Option<SchoolId>,
    /// The school's group (片区).
    pub group: Option<GroupId>,
    /// 学段
    pub stage: Option<Stage>,
    /// 学科
    pub subject: Option<Text>,
}

/// One requirement of a teacher's year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingYear {
    /// The policy, its version.
    pub policy: (PolicyId, u32),
    /// The requirement.
    pub requirement: RuleId,
    /// Its period.
    pub period: Name,
    /// What counts.
    pub counted: Hours,
    /// What is due.
    pub min: Hours,
    /// How it stands.
    pub status: Status,
}

/// A teacher's year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonYear {
    /// Who.
    pub teacher_id: TeacherId,
    /// Where she stands.
    pub place: Place,
    /// Her posts on the last day of the year.
    pub posts: Vec<Post>,
    /// 课时 counted in the year: the most that one of her policies counts.
    pub hours: Hours,
    /// Projects in which she has credited attendance.
    pub projects: usize,
    /// Requirements that are due of her, by policy, in the policy's order.
    pub standings: Vec<StandingYear>,
    /// Her amounts go beyond what can be counted, so that the rest says nothing.
    pub too_large: bool,
}

impl PersonYear {
    /// Whether she meets everything that is due of her; `None` if nothing is.
    pub fn meets(&self) -> Option<bool> {
        let met = |standing: &StandingYear| match standing.status {
            Status::TargetReached | Status::Met | Status::Exempt | Status::MetByAnother => true,
            Status::Short | Status::NotInScope => false,
        };
        (!self.standings.is_empty() && !self.too_large).then(|| self.standings.iter().all(met))
    }

    /// Whether her year comes to the same, wherever she stands.
    pub(super) fn counts_as(&self, other: &Self) -> bool {
        (self.hours, self.projects, self.too_large) == (other.hours, other.projects, other.too_large)
            && self.standings == other.standings
    }

    /// Without what her balance says of her; and whether she was in service in the year.
    pub(super) fn new(at: At<'_>, teacher_id: TeacherId, (from, to): (Date, Date)) -> (Self, bool) {
        let mut holdings = at.holdings(&teacher_id);
        holdings.retain(|held| held.from <= to && held.to.is_none_or(|last| last >= from));
        let on_last_day = holdings.iter().filter(|held| held.to.is_none_or(|last| last >= to));
        let mut posts: Vec<Post> = on_last_day.map(|held| held.post).collect();
        posts.sort_unstable();
        posts.dedup();
        // Of several posts the last that began; one that lasts before one that ended.
        let last = holdings
            .iter()
            .max_by_key(|held| (held.to.unwrap_or(Date::MAX), held.from));
        let school = last.and_then(|held| held.school);
        let profile = at.profile(&teacher_id);
        let place = Place {
            school,
            group: school.and_then(|id| at.school(&id)?.group),
            stage: profile.map(|profile| profile.stage),
            subject: profile.and_then(|profile| profile.subject.clone()),
        };
        let person = Self {
            teacher_id,
            place,
            posts,
            hours: Hours::ZERO,
            projects: 0,
            standings: Vec::new(),
            too_large: false,
        };
        (person, last.is_some())
    }

    pub(super) fn take(&mut self, balance: &Balance) {
        for section in &balance.sections {
            let hours = section.meters.iter().find(|(meter, _)| *meter == Meter::TrainingHours);
            self.hours = self.hours.max(hours.map_or(Hours::ZERO, |(_, hours)| *hours));
            let Some((id, ..)) = &section.policy else { continue };
            let due = section.standings.iter().filter(|one| one.status != Status::NotInScope);
            self.standings.extend(due.map(|one| StandingYear {
                policy: (*id, one.version),
                requirement: one.requirement.id,
                period: one.period.name,
                counted: one.counted,
                min: one.min,
                status: one.status,
            }));
        }
    }
}

//! A teacher's training in a calendar year as the national teacher system takes it in (国内培训): one row for each project, in
//! whole 学时 and 学分; and what that leaves over, so that rows and rests together are what the balance counts (DOMAIN §4, §6).
//!
//! The amounts are those after day limits, best only and caps, and not those that were posted: the system keeps what was earned
//! (培训获得学时), and what an entry counts in the end is what it earned under the office's own rules (DOMAIN §13a).

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Assessor, Line, Section, TooLarge};
use crate::codes::{Level, Mode};
use crate::hours::Hours;
use crate::ids::{PolicyId, ProjectId, TeacherId};
use crate::period::Name;
use crate::policy::Meter;
use crate::text::Text;

/// Hundredths in one whole hour or credit.
const WHOLE: i64 = 100;

/// The kind of entries that are training received.
const ATTENDANCE: &str = "attendance_recorded";

/// A teacher's year, or why it is not one.
#[derive(Clone, Debug, PartialEq)]
pub enum National {
    /// What she earned.
    Year(NationalYear),
    /// She does not stand under the policy that was asked for.
    NotUnder,
    /// She stands under these policies, which count the year differently, and none was asked for.
    Several(Vec<PolicyId>),
}

/// What a teacher earned in a year: `rows`, each in whole hours and credits, and `rests`. Together they are what her balance
/// counts, to the hundredth.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NationalYear {
    /// By first day, then project.
    pub rows: Vec<NationalRow>,
    /// Those of projects first, in the order of `rows`; then by kind.
    pub rests: Vec<NationalRest>,
}

/// One project in which she earned a whole hour or more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NationalRow {
    /// The project.
    pub project: ProjectId,
    /// 培训项目名称
    pub name: Text,
    /// 培训机构名称
    pub provider: Option<Text>,
    /// 培训类别: one of the system's own.
    pub level: Level,
    /// 培训方式
    pub mode: Mode,
    /// 培训获得学时, whole.
    pub hours: u64,
    /// 培训获得学分, whole.
    pub credits: u64,
    /// 培训开始日期: the first day of the entries that count.
    pub from: Date,
    /// 培训结束日期: the last day of these.
    pub to: Date,
}

/// What is counted and in no row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NationalRest {
    /// Of what.
    pub of: RestOf,
    /// Hours that are in no row.
    pub hours: Hours,
    /// Credits that are in no row.
    pub credits: Hours,
}

/// What a rest is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RestOf {
    /// The part of a row's project that is no whole hour or credit.
    Rounded(ProjectId, Text),
    /// A project that comes to less than one hour and has no row.
    BelowOne(ProjectId, Text),
    /// Entries of this kind, which are of no training project: lessons given, prizes, topics.
    NoProject(&'static str),
}

/// What is counted of one project or kind.
#[derive(Clone, Copy, Default)]
struct Sum {
    hours: i64,
    credits: i64,
}

impl Level {
    /// As the national system has it: it does not know 片区, which is 其他 there (DOMAIN §6).
    #[must_use]
    pub const fn in_national_system(self) -> Self {
        match self {
            Self::DistrictGroup => Self::Other,
            Self::National | Self::Province | Self::City | Self::County | Self::School | Self::Other => self,
        }
    }
}

impl Sum {
    fn add(&mut self, line: &Line) {
        // The balance has checked the sum over all of them, and none is negative.
        let sum = match line.meter {
            Meter::TrainingHours => &mut self.hours,
            Meter::Credits => &mut self.credits,
            Meter::LessonsObserved | Meter::LessonsGiven | Meter::SchoolVisits | Meter::Talks => return,
        };
        *sum = sum.saturating_add(line.counted.hundredths());
    }

    const fn is_nothing(self) -> bool {
        self.hours == 0 && self.credits == 0
    }

    /// What stays when this is given in whole hours and credits.
    const fn fraction(self) -> Self {
        Self {
            hours: self.hours % WHOLE,
            credits: self.credits % WHOLE,
        }
    }

    fn rest(self, of: RestOf) -> Option<NationalRest> {
        let (hours, credits) = (Hours::from_hundredths(self.hours), Hours::from_hundredths(self.credits));
        (!self.is_nothing()).then_some(NationalRest { of, hours, credits })
    }
}

impl Assessor<'_> {
    /// What the teacher earned in training in a calendar year, under the policy `under`, or under the one she stands under; as
    /// hours count where no policy is about her. `None` if she is not registered.
    ///
    /// # Errors
    ///
    /// [`TooLarge`] if an amount goes beyond 64 bits of hundredths.
    pub fn national(
        &self,
        teacher_id: &TeacherId,
        year: i16,
        under: Option<PolicyId>,
    ) -> Result<Option<National>, TooLarge> {
        // A year has its days in its name.
        let Some(period) = Name::Year(year).resolve(&[]) else {
            return Ok(None);
        };
        let Some(balance) = self.balance(teacher_id, period)? else {
            return Ok(None);
        };
        let is_meant = |section: &&Section| {
            let of = section.policy.as_ref().map(|(id, ..)| *id);
            under.is_none() || of == under
        };
        let meant: Vec<&Section> = balance.sections.iter().filter(is_meant).collect();
        let mut years: Vec<NationalYear> = Vec::new();
        for section in &meant {
            let lines = section.lines.iter().filter(|line| period.contains(line.on));
            let year = self.earned(lines);
            if !years.contains(&year) {
                years.push(year);
            }
        }
        let last = years.pop();
        Ok(Some(match last {
            None => National::NotUnder,
            Some(year) if years.is_empty() => National::Year(year),
            Some(_) => {
                let ids = meant.iter().filter_map(|section| section.policy.as_ref());
                National::Several(ids.map(|(id, ..)| *id).collect())
            }
        }))
    }

    fn earned<'l>(&self, lines: impl Iterator<Item = &'l Line>) -> NationalYear {
        let mut projects: BTreeMap<ProjectId, (Sum, Date, Date)> = BTreeMap::new();
        let mut kinds: BTreeMap<&'static str, Sum> = BTreeMap::new();
        for line in lines {
            let mut sum = Sum::default();
            sum.add(line);
            if sum.is_nothing() {
                continue;
            }
            match line.project.filter(|_| line.kind == ATTENDANCE) {
                Some(project) => {
                    let (sum, from, to) = projects.entry(project).or_insert((Sum::default(), line.from, line.to));
                    sum.add(line);
                    (*from, *to) = ((*from).min(line.from), (*to).max(line.to));
                }
                None => kinds.entry(line.kind).or_default().add(line),
            }
        }
        let mut year = NationalYear::default();
        let mut by_day: Vec<_> = projects.into_iter().collect();
        by_day.sort_by_key(|(id, (_, from, _))| (*from, *id));
        for (project, (sum, from, to)) in by_day {
            self.project_of_year((project, sum), (from, to), &mut year);
        }
        let of_kinds = kinds
            .into_iter()
            .filter_map(|(kind, sum)| sum.rest(RestOf::NoProject(kind)));
        year.rests.extend(of_kinds);
        year
    }

    fn project_of_year(&self, (project, sum): (ProjectId, Sum), (from, to): (Date, Date), year: &mut NationalYear) {
        let slot = self.state.projects.slot(&project);
        let definition = slot.and_then(|slot| self.state.project_def(slot, self.size));
        // What counts is of a project that is there: without one it waits.
        let Some(definition) = definition else { return };
        let name = definition.name.clone();
        let whole = |hundredths: i64| u64::try_from(hundredths / WHOLE).unwrap_or(0);
        if whole(sum.hours) == 0 {
            year.rests.extend(sum.rest(RestOf::BelowOne(project, name)));
            return;
        }
        year.rests
            .extend(sum.fraction().rest(RestOf::Rounded(project, name.clone())));
        year.rows.push(NationalRow {
            project,
            name,
            provider: definition.provider.clone(),
            level: definition.level.in_national_system(),
            mode: definition.mode,
            hours: whole(sum.hours),
            credits: whole(sum.credits),
            from,
            to,
        });
    }
}

//! Counting a year: teacher by teacher, so that nobody waits for the whole, then what belongs to no teacher.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;

use super::{Carried, Counts, Definitions, Noted, PersonYear, Span, Trained, days_of};
use crate::balance::{Assessor, Line, TooLarge, Why};
use crate::codes::{AttendanceRole, AwardRole, Level, SessionType, TitleClass};
use crate::definitions::passes;
use crate::hours::Hours;
use crate::ids::{CompetitionId, ProjectId, SchoolId, Sha256, TeacherId, WorkId};
use crate::intern::Slot;
use crate::period::Name;
use crate::policy::{Meter, Word};
use crate::state::{At, Detail, Item, Teacher, unshifted};
use crate::works::WorkEntry;

/// The kind of entries that are training received.
const ATTENDANCE: &str = "attendance_recorded";

/// A year under counting.
#[derive(Debug)]
pub struct Count {
    pub(super) definitions: Arc<Definitions>,
    pub(super) sha256: Sha256,
    pub(super) year: i16,
    pub(super) sums: Vec<Sum>,
    pub(super) people: Vec<PersonYear>,
    /// What entries say of each work.
    pub(super) works: BTreeMap<WorkId, Vec<WorkEntry>>,
    pub(super) waiting: Vec<u64>,
    pub(super) under_review: Vec<u64>,
    pub(super) noted: Vec<Noted>,
    pub(super) unattributed: Vec<(u64, u32, u32)>,
}

/// What has come together of one figure.
#[derive(Debug, Default)]
pub(super) struct Sum {
    pub(super) number: i64,
    pub(super) entries: Vec<u64>,
    pub(super) people: BTreeSet<TeacherId>,
    pub(super) schools: BTreeSet<SchoolId>,
}

/// One teacher, taken apart once for all figures.
struct Seen<'s> {
    at: At<'s>,
    id: TeacherId,
    teacher: &'s Teacher,
    /// What has effect and lies before the year's end.
    items: Vec<&'s Item>,
    /// Credited attendance by project: hours and entries.
    trained: BTreeMap<ProjectId, (i64, BTreeSet<u64>)>,
    days: (Date, Date),
}

impl Sum {
    pub(super) fn add(&mut self, number: i64, entry: u64) {
        self.number = self.number.saturating_add(number);
        self.entries.push(entry);
    }
}

impl Count {
    /// Begins to count a year under definitions with this hash.
    pub fn new((definitions, sha256): (Arc<Definitions>, Sha256), year: i16) -> Self {
        let sums = definitions.figures.iter().map(|_| Sum::default()).collect();
        Self {
            definitions,
            sha256,
            year,
            sums,
            people: Vec::new(),
            works: BTreeMap::new(),
            waiting: Vec::new(),
            under_review: Vec::new(),
            noted: Vec::new(),
            unattributed: Vec::new(),
        }
    }

    /// How many entries stand behind its figures so far, an entry once for each figure: what it weighs.
    pub fn weight(&self) -> usize {
        self.sums.iter().map(|sum| sum.entries.len()).sum()
    }

    /// Counts what is about this teacher, of whom every teacher must be shown once, under the id that stands for her, by
    /// assessors of one size.
    pub fn teacher(&mut self, assessor: &Assessor<'_>, id: &TeacherId) {
        let at = assessor.at();
        let days = days_of(self.year);
        let Some(teacher) = at.state.person(id, at.size) else {
            return;
        };
        let (mut person, in_service) = PersonYear::new(at, *id, days);
        let mut trained = BTreeMap::new();
        if let Some(period) = Name::Year(self.year).resolve(&[]) {
            match assessor.balance(id, period) {
                Ok(Some(balance)) => {
                    for line in balance.sections.iter().flat_map(|section| &section.lines) {
                        if period.contains(line.on) {
                            credited(line, &mut trained);
                        }
                    }
                    person.take(&balance);
                    person.projects = trained.len();
                }
                Ok(None) => {}
                Err(TooLarge { .. }) => person.too_large = true,
            }
        }
        let mut items = Vec::new();
        let below = |item: &&Item| u64::from(item.index) < at.size && item.to <= days.1;
        for item in teacher.items.iter().filter(below) {
            let in_year = item.to >= days.0;
            match at.state.why_without_effect(&teacher, item, at.size) {
                None => items.push(item),
                Some(Why::WaitingFor { .. }) if in_year => self.waiting.push(item.index.into()),
                Some(Why::UnderReview { .. }) if in_year => self.under_review.push(item.index.into()),
                Some(_) => {}
            }
        }
        let seen = Seen {
            at,
            id: *id,
            teacher: &teacher,
            items,
            trained,
            days,
        };
        for (definition, sum) in self.definitions.figures.iter().zip(&mut self.sums) {
            seen.add(&definition.counts, sum);
        }
        if in_service || person.hours > Hours::ZERO || person.projects > 0 || person.too_large {
            self.people.push(person);
        }
        if seen.items.iter().any(|item| item.detail.has_work()) {
            let year = |entry: &WorkEntry| entry.on >= days.0 && entry.on <= days.1 && entry.why_not.is_none();
            for entry in at.work_entries(id).into_iter().filter(year) {
                self.works.entry(entry.work_id).or_default().push(entry);
            }
        }
    }
}

/// Adds a line of credited attendance.
fn credited(line: &Line, trained: &mut BTreeMap<ProjectId, (i64, BTreeSet<u64>)>) {
    let counts = line.kind == ATTENDANCE && line.counted > Hours::ZERO;
    let Some(project) = line.project.filter(|_| counts) else {
        return;
    };
    let (hours, entries) = trained.entry(project).or_default();
    // Another of her policies may count it too.
    if entries.insert(line.index) && line.meter == Meter::TrainingHours {
        *hours = hours.saturating_add(line.counted.hundredths());
    }
}

impl Seen<'_> {
    /// What of her lies in the year.
    fn of_year(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().copied().filter(|item| item.to >= self.days.0)
    }

    fn add(&self, counts: &Counts, sum: &mut Sum) {
        match counts {
            Counts::Trained { of, level } => self.trained(*of, level, sum),
            Counts::Outreach(of) => self.carried(*of, sum),
            Counts::Present { of_bases, kinds, since } => self.present((*of_bases, kinds, *since), sum),
            Counts::Candidates { class, level } => {
                for item in &self.items {
                    if let Detail::Candidate {
                        class: of,
                        level: at,
                        until,
                    } = item.detail
                        && until >= self.days.1
                        && passes(class, &of)
                        && passes(level, &at)
                    {
                        self.once(sum, item);
                    }
                }
            }
            Counts::Titles { class, level } => self.titles(class, level, sum),
            Counts::Recommended {
                to_level,
                competition,
                class,
            } => {
                for item in self.of_year() {
                    if let Detail::Recommended {
                        to_level: to,
                        from_comp,
                        from_title,
                    } = item.detail
                        && passes(to_level, &to)
                        && (competition.is_empty()
                            || from_comp.is_some_and(|slot| self.is_named(unshifted(slot), competition)))
                        && (class.is_empty() || from_title.is_some_and(|slot| self.is_of_class(unshifted(slot), class)))
                    {
                        self.once(sum, item);
                    }
                }
            }
            Counts::Entrants { competition, level } => {
                let mut entered = BTreeSet::new();
                for (item, id) in self.entered(competition, level) {
                    sum.people.insert(self.id);
                    sum.add(i64::from(entered.insert(id)), item.index.into());
                }
            }
            Counts::EntrantSchools { competition, level } => {
                for (item, _) in self.entered(competition, level) {
                    let held = self.at.holdings(&self.id).into_iter();
                    let on_day = held.filter(|held| held.from <= item.to && held.to.is_none_or(|last| last >= item.to));
                    let schools: Vec<SchoolId> = on_day.filter_map(|held| held.school).collect();
                    if !schools.is_empty() {
                        sum.entries.push(item.index.into());
                    }
                    sum.schools.extend(schools);
                }
            }
            Counts::Winners {
                competition,
                level,
                award,
            } => {
                let mut won = BTreeSet::new();
                for item in self.of_year() {
                    if let Detail::Award {
                        competition: slot,
                        award: of,
                        role: AwardRole::Oneself,
                        ..
                    } = item.detail
                        && passes(award, &of)
                        && let Some(id) = self.is_meant(slot, (competition, level))
                    {
                        sum.people.insert(self.id);
                        sum.add(i64::from(won.insert(id)), item.index.into());
                    }
                }
            }
            // Of no one teacher, or counted when all are there.
            Counts::Sessions { .. }
            | Counts::Organisations { .. }
            | Counts::Works { .. }
            | Counts::Published { .. }
            | Counts::Topics { .. }
            | Counts::Staff { .. }
            | Counts::Schools
            | Counts::Noted
            | Counts::Sum(_)
            | Counts::Share(..) => {}
        }
    }

    /// Counts her once, with each entry.
    fn once(&self, sum: &mut Sum, item: &Item) {
        let is_first = sum.people.insert(self.id);
        sum.add(i64::from(is_first), item.index.into());
    }

    fn trained(&self, of: Trained, level: &[Level], sum: &mut Sum) {
        for (project, (hours, entries)) in &self.trained {
            if !level.is_empty() && !self.at.project_level(project).is_some_and(|own| level.contains(&own)) {
                continue;
            }
            let is_first = sum.people.insert(self.id);
            sum.number = sum.number.saturating_add(match of {
                Trained::PersonTimes => 1,
                Trained::Persons => i64::from(is_first),
                Trained::Hours => *hours,
            });
            sum.entries.extend(entries);
        }
    }

    fn carried(&self, of: Carried, sum: &mut Sum) {
        for item in self.of_year() {
            if let Detail::Outreach { lessons, talks, .. } = item.detail {
                let number = match of {
                    Carried::Lessons => i64::from(lessons),
                    Carried::Talks => i64::from(talks),
                    // Counted by its entries, of which one may be about several teachers.
                    Carried::Times => 0,
                };
                if number > 0 || of == Carried::Times {
                    sum.people.insert(self.id);
                    sum.add(number, item.index.into());
                }
            }
        }
    }

    fn present(&self, (of_bases, kinds, since): (bool, &[SessionType], Span), sum: &mut Sum) {
        let mut sessions: BTreeSet<Slot> = BTreeSet::new();
        for item in &self.items {
            let Detail::Attendance {
                session,
                role: AttendanceRole::Learner,
                ..
            } = item.detail
            else {
                continue;
            };
            if since == Span::Year && item.to < self.days.0 {
                continue;
            }
            let held = self.at.state.session_def(session, self.at.size);
            let is_meant =
                held.is_some_and(|held| (!of_bases || held.base.is_some()) && passes(kinds, &held.session_type));
            if is_meant {
                sum.people.insert(self.id);
                sum.add(i64::from(sessions.insert(session)), item.index.into());
            }
        }
    }

    fn titles(&self, class: &[TitleClass], level: &[Level], sum: &mut Sum) {
        if !self
            .items
            .iter()
            .any(|item| matches!(item.detail, Detail::Title { .. }))
        {
            return;
        }
        for title in self.at.state.titles(self.teacher, self.at.size) {
            let in_year = title.conferred_on >= self.days.0 && title.conferred_on <= self.days.1;
            if in_year && title.waits_for.is_empty() && passes(class, &title.class) && passes(level, &title.level) {
                let is_first = sum.people.insert(self.id);
                sum.add(i64::from(is_first), title.index);
            }
        }
    }

    /// The competitions that she entered in the year.
    fn entered<'i>(
        &'i self,
        names: &'i [Word],
        levels: &'i [Level],
    ) -> impl Iterator<Item = (&'i Item, CompetitionId)> {
        self.of_year().filter_map(move |item| {
            let Detail::CompetitionEntry { competition } = item.detail else {
                return None;
            };
            Some((item, self.is_meant(competition, (names, levels))?))
        })
    }

    fn is_named(&self, competition: Slot, names: &[Word]) -> bool {
        let held = self.at.state.competition_def(competition, self.at.size);
        held.is_some_and(|held| names.contains(&Word::new(held.name.as_str())))
    }

    fn is_meant(&self, competition: Slot, (names, levels): (&[Word], &[Level])) -> Option<CompetitionId> {
        let held = self.at.state.competition_def(competition, self.at.size)?;
        let by_name = names.is_empty() || names.contains(&Word::new(held.name.as_str()));
        let meant = by_name && passes(levels, &held.level);
        meant.then(|| self.at.state.competitions.key(competition)).flatten()
    }

    /// Whether the conferral in this row is of a title of one of these classes.
    fn is_of_class(&self, conferral: Slot, classes: &[TitleClass]) -> bool {
        let standing = self.at.state.referred.key(conferral);
        let standing = standing.and_then(|id| self.at.state.stands_for(id, self.at.size));
        let is_meant = |item: &&Item| {
            matches!(item.detail, Detail::Title { class, .. } if classes.contains(&class))
                && Some(item.index) == standing
        };
        self.items.iter().any(is_meant)
    }
}

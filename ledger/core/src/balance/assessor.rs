//! Answers balances at one size: which policies a person stands under, and her credits under each.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use jiff::civil::Date;
use rustc_hash::FxHashMap;
use uuid::Uuid;

use super::credit::Credit;
use super::due::Due;
use super::facts::{ProjectFacts, SessionFacts};
use super::person::Person;
use super::standing::{Case, counts, skips};
use super::{Balance, Section, Status, TooLarge, gather, lines, settle};
use crate::hours::Hours;
use crate::ids::{EventId, PolicyId, TeacherId};
use crate::intern::Slot;
use crate::period::{Kind, Period, Semester};
use crate::policy::{CycleStart, Ladders, Meter, OwnDay, Policy, version_on};
use crate::state::{At, Detail, Item, State, Teacher};

/// Folds balances as the ledger of `size` entries has them, one teacher at a time.
///
/// It keeps what teachers share (sessions, projects, calendars), so one for a whole list is faster than one for each.
pub struct Assessor<'s> {
    pub(super) state: &'s State,
    pub(super) size: u64,
    pub(super) semesters: Vec<Semester>,
    pub(super) sessions: RefCell<FxHashMap<Slot, Rc<SessionFacts>>>,
    pub(super) projects: RefCell<FxHashMap<Slot, Rc<ProjectFacts>>>,
    /// Versions of one policy together, by policy id then version.
    pub(super) policies: Vec<Vec<&'s Policy>>,
    /// What next steps are looked at under.
    pub(crate) ladders: Ladders<'s>,
    /// Facts with a later last day do not count; `None`: all do.
    until: Option<Date>,
    /// Whether only the entries that matter are looked at. Off in tests that compare with all.
    windowed: bool,
}

impl<'s> Assessor<'s> {
    /// Under the policies adopted below `size`.
    pub fn new(at: At<'s>) -> Self {
        let adopted = at.policies().map(|version| &*version.policy);
        Self::with(at, adopted.collect())
    }

    /// The state that it looks at, at its size.
    pub(crate) fn at(&self) -> At<'s> {
        self.state.at(self.size)
    }

    /// Under these policy versions, adopted or not, and no others: what would be if they were the rules.
    pub fn under(at: At<'s>, policies: &'s [Arc<Policy>]) -> Self {
        Self::with(at, policies.iter().map(AsRef::as_ref).collect())
    }

    /// With these ladders in place of all that are adopted: what next steps would be if they were the rules. Titles that were
    /// conferred, and amounts, stay under what is adopted.
    #[must_use]
    pub fn with_ladders(mut self, policies: &'s [Arc<Policy>]) -> Self {
        self.ladders = Ladders::among(policies.iter().map(AsRef::as_ref));
        self
    }

    fn with(at: At<'s>, mut policies: Vec<&'s Policy>) -> Self {
        let ladders = Ladders::among(policies.iter().copied());
        policies.retain(|policy| !policy.is_about_no_hours());
        policies.sort_by_key(|policy| (policy.id, policy.version));
        let of_one = policies.chunk_by(|one, two| one.id == two.id);
        let At { state, size } = at;
        Self {
            state,
            size,
            semesters: at.semesters(),
            sessions: RefCell::default(),
            projects: RefCell::default(),
            policies: of_one.map(<[&Policy]>::to_vec).collect(),
            ladders,
            until: None,
            windowed: true,
        }
    }

    /// Counts only what had happened by the end of `last`, whatever was known later: facts whose last day is after it stay
    /// out. What is due stays that of the period asked about: rules, posts, titles and exemptions are not looked at.
    #[must_use]
    pub fn until(mut self, last: Option<Date>) -> Self {
        self.until = last;
        self
    }

    /// Looks at every entry of a teacher, whatever period is asked about. The answers are the same.
    #[must_use]
    pub fn unwindowed(mut self) -> Self {
        self.windowed = false;
        self
    }

    /// The teacher's balance in `period`, under the id that stands for her; `None` if she is not registered.
    ///
    /// One section for each policy that she stands under on some day of the period, by policy id. A requirement is
    /// that of the version in force at its own period's end; a line is credited under the version in force on its own
    /// day (DOMAIN §13.16). The section names the version in force at the end of the period asked about, or the last
    /// before.
    ///
    /// # Errors
    ///
    /// [`TooLarge`] if an amount goes beyond 64 bits of hundredths.
    pub fn balance(&self, teacher_id: &TeacherId, period: Period) -> Result<Option<Balance>, TooLarge> {
        self.answer(teacher_id, period, true)
    }

    /// As [`Assessor::balance`], without the lines: what a list over all teachers needs.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn standings(&self, teacher_id: &TeacherId, period: Period) -> Result<Option<Balance>, TooLarge> {
        self.answer(teacher_id, period, false)
    }

    /// What was counted of each meter from `from` to `to`, as the versions of a policy say; `None`: as hours count where no
    /// policy is about a person. The policy need not be about her post. Nothing if it was never adopted.
    ///
    /// # Errors
    ///
    /// The entry at which an amount goes beyond 64 bits of hundredths.
    pub(crate) fn counted(
        &self,
        teacher: &Teacher,
        under: Option<PolicyId>,
        (from, to): (Date, Date),
    ) -> Result<Option<Vec<(Meter, Hours)>>, u64> {
        let plain: &[&'s Policy] = &[Policy::plain()];
        let adopted = |id: &PolicyId| {
            self.policies
                .iter()
                .find(|versions| versions.iter().any(|one| one.id == *id))
        };
        let versions = match &under {
            None => plain,
            Some(id) => match adopted(id) {
                Some(versions) => versions,
                None => return Ok(None),
            },
        };
        let titles = versions.iter().any(|policy| counts_from_title(policy));
        let person = Person::new(self.state, teacher, self.size, titles);
        let span = Period::span(from, to);
        let hull = match under {
            None => Some(Hull::of(from, to)),
            Some(_) => self.window(&person, versions, span, &[]),
        };
        let credits = self.credits(&person, versions, hull)?;
        self.totals(&credits, &span).map(Some)
    }

    fn answer(&self, teacher_id: &TeacherId, period: Period, explain: bool) -> Result<Option<Balance>, TooLarge> {
        let person = self.state.person(teacher_id, self.size);
        let Some(teacher) = person.filter(|teacher| self.at().is_known(teacher)) else {
            return Ok(None);
        };
        let teacher_id = &self.state.kept_id(*teacher_id, self.size);
        let too_large = |index| TooLarge {
            teacher_id: *teacher_id,
            index,
        };
        let titles = self.policies.iter().flatten().any(|policy| counts_from_title(policy));
        let person = Person::new(self.state, &teacher, self.size, titles);
        let mut sections = Vec::new();
        for versions in &self.policies {
            let section = self.section(&person, versions, period, explain).map_err(too_large)?;
            sections.extend(section);
        }
        if sections.is_empty() {
            sections.push(self.plain(&person, period, explain).map_err(too_large)?);
        }
        Ok(Some(Balance {
            teacher_id: *teacher_id,
            period,
            size: self.size,
            sections,
        }))
    }

    /// What counts under no policy: each meter by itself, and the hours that learners were present.
    fn plain(&self, person: &Person<'_>, period: Period, explain: bool) -> Result<Section, u64> {
        let versions: &[&'s Policy] = &[Policy::plain()];
        let hull = Hull::of(period.from, period.to);
        let mut credits = self.credits(person, versions, Some(hull))?;
        let meters = self.totals(&credits, &period)?;
        let pending = self.pending(&credits, &period)?;
        credits.retain(|credit| self.lies_in(credit, &period));
        Ok(Section {
            policy: None,
            meters,
            pending,
            standings: Vec::new(),
            lines: if explain {
                lines::plain(self, person, credits)
            } else {
                Vec::new()
            },
        })
    }

    fn section(
        &self,
        person: &Person<'_>,
        versions: &[&'s Policy],
        asked: Period,
        explain: bool,
    ) -> Result<Option<Section>, u64> {
        let dues = self.dues(person, versions, asked);
        let newest_due = || dues.iter().map(|due| due.policy).max_by_key(|policy| policy.version);
        let Some(named) = version_on(versions, asked.to).or_else(newest_due) else {
            return Ok(None);
        };
        if !person.holds(&named.posts, &asked) {
            return Ok(None);
        }
        let hull = self.window(person, versions, asked, &dues);
        let credits = self.credits(person, versions, hull)?;
        let mut case = Case {
            assessor: self,
            person,
            versions,
            credits: &credits,
            probations: Vec::new(),
            together: RefCell::default(),
        };
        case.probations = case.probations();
        let mut standings = case.standings(&dues)?;
        let place = |id| named.requirements.iter().position(|requirement| requirement.id == id);
        standings.sort_by_key(|standing| {
            let id = standing.requirement.id;
            (place(id).unwrap_or(usize::MAX), id, standing.period.from)
        });
        let meters = self.totals(&credits, &asked)?;
        let pending = self.pending(&credits, &asked)?;
        let mut lines = Vec::new();
        if explain {
            let mut shown = credits;
            shown.retain(|credit| {
                let in_standing = || standings.iter().any(|standing| self.lies_in(credit, &standing.period));
                self.lies_in(credit, &asked) || in_standing()
            });
            for standing in standings
                .iter_mut()
                .filter(|standing| standing.status != Status::NotInScope)
            {
                let counted = shown.iter().enumerate().filter(|(_, credit)| {
                    credit.is_counted()
                        && self.lies_in(credit, &standing.period)
                        && counts(&standing.requirement, credit)
                });
                standing.lines = counted.filter_map(|(place, _)| u32::try_from(place).ok()).collect();
            }
            lines = lines::explained(self, person, shown);
        }
        Ok(Some(Section {
            policy: Some((named.id, named.version, named.name.clone())),
            meters,
            pending,
            standings,
            lines,
        }))
    }

    /// The requirements in the periods that `asked` is answered with, each by the version at its end.
    fn dues(&self, person: &Person<'_>, versions: &[&'s Policy], asked: Period) -> Vec<Due<'s>> {
        let mut dues = Vec::new();
        for &policy in versions {
            for requirement in &policy.requirements {
                let kind = requirement.period;
                let periods = match kind {
                    Kind::Cycle | Kind::ProbationYear => self.periods(kind, (asked.from, asked.to), policy, person),
                    Kind::CalendarYear | Kind::SchoolYear | Kind::Semester | Kind::Month => {
                        asked.parts(kind, &self.semesters)
                    }
                };
                for period in periods {
                    let in_force = version_on(versions, period.to).is_some_and(|v| v.version == policy.version);
                    if in_force && !(kind == Kind::Month && skips(requirement, period.from)) {
                        dues.push(Due {
                            policy,
                            requirement,
                            period,
                        });
                    }
                }
            }
        }
        dues
    }

    /// The credits of a person under one policy, all steps done, in the order of crediting.
    fn credits(
        &self,
        person: &Person<'_>,
        versions: &[&'s Policy],
        hull: Option<Hull>,
    ) -> Result<Vec<Credit<'s>>, u64> {
        let below = person
            .teacher
            .items
            .iter()
            .filter(|item| u64::from(item.index) < self.size && self.until.is_none_or(|last| item.to <= last));
        let mut items: Vec<&Item> = below.collect();
        if let Some(hull) = hull.filter(|_| self.windowed) {
            items = hull.closed(&items);
        }
        // All at once: each lies far from the others in memory, and waiting for one is as long as waiting for several.
        let ids: Vec<_> = items.iter().map(|item| self.state.events.id(item.index)).collect();
        let mut credits = Vec::with_capacity(items.len());
        for (item, id) in items.into_iter().zip(ids) {
            let id = id.unwrap_or(EventId::new(Uuid::nil()));
            self.gather((item, id), person, versions, &mut credits)?;
        }
        settle::sort(&mut credits);
        settle::one_per_session(&mut credits)?;
        settle::limit_days(&mut credits)?;
        self.best_only(&mut credits, person);
        self.split(&mut credits, person)?;
        self.cap(&mut credits, versions, person)?;
        Ok(credits)
    }

    /// The days whose entries the answer rests on; `None` if it may rest on all of them.
    fn window(&self, person: &Person<'_>, versions: &[&'s Policy], asked: Period, dues: &[Due<'s>]) -> Option<Hull> {
        let mut hull = Hull::of(asked.from, asked.to);
        for due in dues {
            hull.add(due.period.from, due.period.to);
        }
        // Works compete with each other over all time.
        for item in person.teacher.items.iter().filter(|item| item.detail.has_work()) {
            hull.add(item.from, item.to);
        }
        let mut kinds: Vec<Kind> = Vec::new();
        for policy in versions {
            let unlimited = policy.cycle.is_some_and(|cycle| cycle.grace.is_some())
                || policy
                    .requirements
                    .iter()
                    .any(|r| r.carry.is_some() || r.then_record.is_some());
            if unlimited {
                return None;
            }
            kinds.extend(policy.caps.iter().map(|cap| cap.period));
            kinds.extend(
                policy
                    .conversions
                    .iter()
                    .filter_map(|conversion| conversion.best_only_per),
            );
            kinds.push(Kind::Semester);
        }
        // Longer periods hold shorter ones, but not always whole: twice round is enough, once more does no harm.
        for _ in 0..3 {
            let span = (hull.from, hull.to);
            for &policy in versions {
                for &kind in &kinds {
                    for period in self.periods(kind, span, policy, person) {
                        hull.add(period.from, period.to);
                    }
                }
            }
            self.add_terms(&mut hull, person);
        }
        Some(hull)
    }
}

impl Assessor<'_> {
    /// A term belongs to the semester that it names, wherever its own days lie: the one brings in the other.
    fn add_terms(&self, hull: &mut Hull, person: &Person<'_>) {
        for item in &person.teacher.items {
            let named = item
                .detail
                .semester()
                .and_then(|slot| self.state.semesters_named.key(slot));
            let semester = named.and_then(|id| self.semesters.iter().find(|semester| semester.id == id));
            let Some(semester) = semester else { continue };
            if hull.touches(item.from, item.to) || hull.touches(semester.from, semester.to) {
                hull.add(item.from.min(semester.from), item.to.max(semester.to));
            }
        }
    }
}

fn counts_from_title(policy: &Policy) -> bool {
    matches!(
        policy.cycle.map(|cycle| cycle.start),
        Some(CycleStart::Own(OwnDay::Title, _))
    )
}

/// Rounds in which entries that bear on others are looked for.
const ROUNDS_MAX: usize = 16;

/// A span of days that the entries looked at must cover.
#[derive(Clone, Copy)]
pub(super) struct Hull {
    from: Date,
    to: Date,
}

impl Hull {
    const fn of(from: Date, to: Date) -> Self {
        Self { from, to }
    }

    fn add(&mut self, from: Date, to: Date) {
        self.from = self.from.min(from);
        self.to = self.to.max(to);
    }

    fn touches(self, from: Date, to: Date) -> bool {
        gather::overlap((self.from, self.to), (from, to))
    }

    /// The entries of these days, and those that bear on them: on the same days as one of them, in the same session, or
    /// naming the same semester. All of them, where one leads to another for very long: the answer is the same, and a chain
    /// of a thousand entries is not gone along a thousand times.
    fn closed<'i>(mut self, items: &[&'i Item]) -> Vec<&'i Item> {
        for _ in 0..ROUNDS_MAX {
            let within = items.iter().filter(|item| self.touches(item.from, item.to));
            let mut bonds: Vec<Bond> = within.filter_map(|item| Bond::of(item.detail)).collect();
            bonds.sort_unstable();
            let bears = |item: &Item| {
                let bound = || Bond::of(item.detail).is_some_and(|bond| bonds.binary_search(&bond).is_ok());
                self.touches(item.from, item.to) || bound()
            };
            let kept: Vec<&Item> = items.iter().filter(|item| bears(item)).copied().collect();
            let mut wider = self;
            for item in &kept {
                wider.add(item.from, item.to);
            }
            if (wider.from, wider.to) == (self.from, self.to) {
                return kept;
            }
            self = wider;
        }
        items.to_vec()
    }
}

/// What makes entries of several days compete: one of them counts.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Bond {
    Session(Slot),
    Semester(Slot),
}

impl Bond {
    fn of(detail: Detail) -> Option<Self> {
        let semester = || detail.semester().map(Self::Semester);
        detail.session().map(Self::Session).or_else(semester)
    }
}

impl<'s> At<'s> {
    /// The teacher's balance in `period`; `None` if she is not registered.
    ///
    /// # Errors
    ///
    /// [`TooLarge`] if an amount goes beyond 64 bits of hundredths.
    pub fn balance(self, teacher_id: &TeacherId, period: Period) -> Result<Option<Balance>, TooLarge> {
        Assessor::new(self).balance(teacher_id, period)
    }

    /// Of each policy the version in force on `day` at `size`, by policy id. Of the versions that have begun the highest
    /// counts, for a new version ends its predecessor; if that one has ended, none is in force.
    pub fn policies_in_force(self, day: Date) -> Vec<&'s Policy> {
        let assessor = Assessor::new(self);
        let policies = assessor.policies.iter();
        policies.filter_map(|versions| version_on(versions, day)).collect()
    }
}

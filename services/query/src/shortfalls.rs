//! Who is short, over all teachers within the caller's scope.

mod pages;

use std::cmp::Reverse;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use jiff::civil::Date;
use keshi_core::balance::{Assessor, Standing, Status, TooLarge};
use keshi_core::codes::{Post, Stage};
use keshi_core::ids::{PolicyId, SchoolId, TeacherId};
use keshi_core::period::{Kind, Period};
use keshi_core::state::At;
use keshi_core::text::compare_form;
use keshi_engine::Engine;
use keshi_office::access::Caller;
use parking_lot::Mutex;

use crate::balances::standing_weight;
use crate::desk::{RESULT_BYTES_AT_ONCE, Room, Turns};
use crate::error::Error;
use crate::everybody::each_teacher;
use crate::place::one;
use crate::scope::Scope;

/// Lists kept, so that the pages after the first need not compute them again.
const LISTS_KEPT_MAX: usize = 8;

/// Bytes of lists kept: any one that was computed at all is kept, or each of its pages would compute it again.
const LISTS_BYTES_MAX: usize = RESULT_BYTES_AT_ONCE.caller;

/// One requirement that one teacher does not meet, or that her amounts cannot be counted.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) teacher_id: TeacherId,
    pub(crate) what: What,
}

/// What is the matter with a teacher.
#[derive(Clone, Debug)]
pub(crate) enum What {
    Short(PolicyId, Box<Standing>),
    /// At this entry her amounts go beyond what can be counted.
    TooLarge(u64),
}

impl Row {
    fn weight(&self) -> usize {
        let what = match &self.what {
            What::Short(_, standing) => standing_weight(standing),
            What::TooLarge(_) => 0,
        };
        size_of::<Self>() + what
    }

    /// The order of a list: what cannot be counted first, then most missing, then by teacher, requirement and period.
    fn order(&self) -> impl Ord + use<> {
        let of_standing = match &self.what {
            What::TooLarge(_) => None,
            What::Short(policy_id, standing) => {
                let (id, from) = (standing.requirement.id, standing.period.from);
                Some((Reverse(standing.missing), self.teacher_id, *policy_id, id, from))
            }
        };
        (of_standing, self.teacher_id)
    }
}

/// A list, and what it rests on.
#[derive(Debug, Default)]
pub(crate) struct List {
    pub(crate) rows: Vec<Row>,
    /// How many teachers were looked at.
    pub(crate) teachers: usize,
    /// Those of them whom no policy covers in the period.
    pub(crate) without_policy: Vec<TeacherId>,
    /// Requirements by the semester, of a period that has none.
    pub(crate) without_calendar: Vec<String>,
}

/// What is asked. Each empty text: all.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    pub(crate) period: Period,
    pub(crate) size: u64,
    pub(crate) requirement_id: String,
    pub(crate) school_id: String,
    pub(crate) group: String,
    /// `None`: all.
    pub(crate) stage: Option<Stage>,
    /// Held on some day of the period; `None`: all.
    pub(crate) post: Option<Post>,
    /// Nobody is short of what begins after this day.
    pub(crate) today: Date,
    pub(crate) subject: String,
}

impl Filter {
    /// Tells this list, for this caller, from every other.
    pub(crate) fn key(&self, caller: &Caller) -> String {
        format!("{self:?} {} {:?}", caller.poster_id(), caller.role())
    }
}

/// The lists computed last, the newest first. A list at one size never changes.
#[derive(Debug, Default)]
pub(crate) struct Lists(Mutex<VecDeque<Kept>>);

#[derive(Debug)]
struct Kept {
    key: String,
    list: Arc<List>,
    bytes: usize,
}

impl Lists {
    pub(crate) fn get(&self, key: &str) -> Option<Arc<List>> {
        let lists = self.0.lock();
        lists
            .iter()
            .find(|kept| kept.key == key)
            .map(|kept| Arc::clone(&kept.list))
    }

    /// Keeps a list, and forgets the oldest that there is no room for beside it.
    pub(crate) fn keep(&self, key: String, list: Arc<List>) {
        let bytes = weight(&list.rows) + size_of_val(&*list.without_policy);
        let mut lists = self.0.lock();
        lists.push_front(Kept { key, list, bytes });
        let mut sum = 0;
        let fit = lists.iter().take_while(|kept| {
            sum += kept.bytes;
            sum <= LISTS_BYTES_MAX
        });
        let fit = fit.count().min(LISTS_KEPT_MAX);
        lists.truncate(fit);
    }
}

/// Computes a list, in steps at the desk. Takes a while for a county.
pub(crate) fn compute(
    engine: &Engine,
    caller: &Caller,
    filter: &Filter,
    turns: &Turns,
    room: &mut Room,
) -> Result<List, Error> {
    let mut list = List {
        without_calendar: engine.query_at(filter.size, |at| without_calendar(at, &filter.period)),
        ..List::default()
    };
    list.without_calendar
        .retain(|id| filter.requirement_id.is_empty() || *id == filter.requirement_id);
    let mut weighed = 0;
    each_teacher(
        (engine, filter.size),
        turns,
        &mut list,
        |list, at, assessor, id| {
            if filter.asks_about(at, caller, &id) {
                rows_of(assessor, filter, &id, list);
            }
        },
        |list| {
            let before = std::mem::replace(&mut weighed, list.rows.len());
            room.take(list.rows.get(before..).map_or(0, weight))
        },
    )?;
    list.rows.sort_by_cached_key(Row::order);
    Ok(list)
}

/// The bytes that rows take.
fn weight(rows: &[Row]) -> usize {
    rows.iter().map(Row::weight).sum()
}

impl Filter {
    /// That what it names is there: of what does not exist nobody is short.
    ///
    /// # Errors
    ///
    /// [`Error::Fields`] naming the field.
    pub(crate) fn check(&self, at: At<'_>) -> Result<(), Error> {
        if !self.school_id.is_empty() {
            registered(at, &self.school_id)?;
        }
        let has_group = || {
            let schools = at.school_ids().into_iter().filter_map(|id| at.school(&id)?.group);
            schools.into_iter().any(|group| group.as_str() == self.group)
        };
        if !self.group.is_empty() && !has_group() {
            let (zh, en) = (
                "没有学校属于这个片区，请核对编号",
                "no school is in such a group: check the id",
            );
            return Err(one("group", &self.group, zh, en));
        }
        let policies = at.policies();
        let requirements = policies.flat_map(|version| version.policy.requirements.iter().map(|row| row.id));
        let known: BTreeSet<String> = requirements.map(|id| id.to_string()).collect();
        if !self.requirement_id.is_empty() && !known.contains(&self.requirement_id) {
            let known = known.into_iter().collect::<Vec<_>>().join("、");
            let zh = format!("已发布的规则中没有这项要求；现有 {known}");
            let en = format!("no adopted policy has such a requirement; there are {known}");
            return Err(one("requirement_id", &self.requirement_id, zh, en));
        }
        Ok(())
    }

    /// Whether the list is about this teacher, and the caller may read about her.
    fn asks_about(&self, at: At<'_>, caller: &Caller, id: &TeacherId) -> bool {
        let Some(scope) = Scope::of(at, id, (self.period.from, self.period.to)) else {
            return false;
        };
        let school = self.school_id.is_empty() || scope.stood_at.iter().any(|school| school.as_str() == self.school_id);
        let group = self.group.is_empty() || scope.groups.iter().any(|group| group.as_str() == self.group);
        let profile = |stage| at.profile(id).is_some_and(|profile| profile.stage == stage);
        let of_subject = |hers: &String| compare_form(hers) == compare_form(&self.subject);
        school
            && group
            && (self.subject.is_empty() || scope.subject.as_ref().is_some_and(of_subject))
            && self.stage.is_none_or(profile)
            && self.post.is_none_or(|post| self.holds(at, id, post))
            && scope.admits(caller, id).is_ok()
    }

    fn holds(&self, at: At<'_>, id: &TeacherId, post: Post) -> bool {
        let mut held = at.holdings(id).into_iter();
        held.any(|held| {
            let last = held.to.unwrap_or(Date::MAX);
            // One that ended before it began was never held.
            held.post == post && held.from <= last && self.period.overlaps(held.from, last)
        })
    }
}

/// The school of this id.
///
/// # Errors
///
/// [`Error::Fields`] if none is registered.
pub(crate) fn registered(at: At<'_>, school_id: &str) -> Result<SchoolId, Error> {
    let known = SchoolId::new(school_id).ok().filter(|id| at.knows_school(id));
    known.ok_or_else(|| {
        let (zh, en) = (
            "学校名录中没有这所学校，请核对编号",
            "no such school is registered: check the id",
        );
        one("school_id", school_id, zh, en)
    })
}

/// The requirements by the semester in force in the period, if no calendar gives a semester of it.
pub(crate) fn without_calendar(at: At<'_>, period: &Period) -> Vec<String> {
    let mut semesters = at.semesters().into_iter();
    if semesters.any(|semester| period.overlaps(semester.from, semester.to)) {
        return Vec::new();
    }
    let in_force = at.policies().filter(|version| {
        let policy = &version.policy;
        period.overlaps(policy.effective_from, policy.effective_to.unwrap_or(Date::MAX))
    });
    let mut found: Vec<String> = in_force
        .flat_map(|version| &version.policy.requirements)
        .filter(|requirement| requirement.period == Kind::Semester)
        .map(|requirement| requirement.id.to_string())
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Whether somebody of whom this is asked is short of it on `today`: nobody is of what has not begun.
pub(crate) fn is_short(standing: &Standing, today: Date) -> bool {
    standing.status == Status::Short && standing.period.from <= today
}

fn rows_of(assessor: &Assessor<'_>, filter: &Filter, id: &TeacherId, list: &mut List) {
    list.teachers += 1;
    let balance = match assessor.standings(id, filter.period) {
        Ok(balance) => balance,
        Err(TooLarge { teacher_id, index }) => {
            let what = What::TooLarge(index);
            list.rows.push(Row { teacher_id, what });
            return;
        }
    };
    let sections = balance.map_or_else(Vec::new, |balance| balance.sections);
    if sections.iter().all(|section| section.policy.is_none()) {
        list.without_policy.push(*id);
    }
    for section in sections {
        let Some((policy_id, ..)) = section.policy else {
            continue;
        };
        let short = section.standings.into_iter().filter(|standing| {
            let asked = filter.requirement_id.is_empty() || standing.requirement.id.as_str() == filter.requirement_id;
            asked && is_short(standing, filter.today)
        });
        list.rows.extend(short.map(|standing| Row {
            teacher_id: *id,
            what: What::Short(policy_id, Box::new(standing)),
        }));
    }
}

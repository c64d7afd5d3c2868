//! Whose teacher somebody is: the one place that says so, for those who read about her and for those who post her.

use jiff::civil::Date;
use keshi_core::balance::Holding;
use keshi_core::ids::{GroupId, SchoolId, TeacherId};
use keshi_core::state::At;
use keshi_office::access::{Caller, Denied, Need, Whose};

/// Mergers that are followed from one school to the next; more than any school sees, and an end to a circle.
const SUCCESSIONS_MAX: usize = 8;

/// What decides who may read about a teacher.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Her schools in the time asked about, and those that went on in their place: who keeps her record now may read it.
    pub schools: Vec<SchoolId>,
    /// Where she stood in that time: a successor has no teachers before it took over (DOMAIN §13a).
    pub stood_at: Vec<SchoolId>,
    /// Her subject.
    pub subject: Option<String>,
    /// The groups of those schools.
    pub groups: Vec<GroupId>,
    /// Her other ids, if she was registered more than once.
    pub others: Vec<TeacherId>,
}

impl Scope {
    /// The scope of a teacher for what happened from `from` to `to`; `None` if she is not registered at `at`.
    pub fn of(at: At<'_>, id: &TeacherId, (from, to): (Date, Date)) -> Option<Self> {
        let profile = at.profile(id)?;
        let mut scope = Self {
            subject: profile.subject.as_ref().map(|subject| subject.as_str().to_owned()),
            others: others_of(at, id),
            ..Self::default()
        };
        let held = at.holdings(id);
        let then = held
            .iter()
            .filter(|post| post.from <= to && post.to.is_none_or(|last| from <= last));
        for (school, last) in then.filter_map(|post| Some((post.school?, post.to.unwrap_or(Date::MAX).min(to)))) {
            let mut next = Some(school);
            let mut stood = true;
            for _ in 0..SUCCESSIONS_MAX {
                let Some(school) = next.filter(|school| !scope.schools.contains(school)) else {
                    break;
                };
                scope.schools.push(school);
                scope.groups.extend(at.school(&school).and_then(|school| school.group));
                if stood {
                    scope.stood_at.push(school);
                }
                let succession = at.succession(&school);
                stood &= succession.is_some_and(|(last_day, _)| last_day < last);
                next = succession.map(|(_, successor)| successor);
            }
        }
        Some(scope)
    }

    /// Whether the caller may read about this teacher, and whether that is to be noted.
    ///
    /// # Errors
    ///
    /// [`Denied`] if she may not.
    pub fn admits(&self, caller: &Caller, id: &TeacherId) -> Result<Need, Denied> {
        let schools: Vec<&str> = self.schools.iter().map(SchoolId::as_str).collect();
        let groups: Vec<&str> = self.groups.iter().map(GroupId::as_str).collect();
        // Under whichever of her ids she is asked about, it is herself.
        let mut own = self.others.iter().map(TeacherId::as_str);
        let own = own.find(|own| caller.teacher_id() == Some(own));
        let whose = Whose {
            teacher_id: own.unwrap_or(id.as_str()),
            schools: &schools,
            subject: self.subject.as_deref(),
            groups: &groups,
        };
        caller.may_read_teacher(&whose)
    }
}

/// The other ids of the person whose id this is.
fn others_of(at: At<'_>, id: &TeacherId) -> Vec<TeacherId> {
    let merged = at
        .merged(id)
        .map(|merged| std::iter::once(merged.kept).chain(merged.others));
    merged.into_iter().flatten().filter(|other| other != id).collect()
}

/// Whether this is an id of the caller's own.
pub fn is_herself(at: At<'_>, caller: &Caller, id: &TeacherId) -> bool {
    let own = caller.teacher_id();
    own == Some(id.as_str()) || own.is_some_and(|own| others_of(at, id).iter().any(|other| other.as_str() == own))
}

/// What makes a teacher one of a school.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tie {
    /// The ledger does not know her.
    Unknown,
    /// Her posts: whether one of them is or was there.
    Posts(bool),
    /// She has had no post yet: the entry at this index registered her, and its school has her.
    Registration(u64),
}

/// Whether the teacher is or was of this school; without a post, where that is said.
pub fn tie(at: At<'_>, id: &TeacherId, school: &str) -> Tie {
    let Some(profile) = at.profile(id) else {
        return Tie::Unknown;
    };
    let posts = at.holdings(id);
    if posts.is_empty() {
        return Tie::Registration(profile.index.into());
    }
    Tie::Posts(posts.iter().any(|post| is_at(post, school)))
}

/// Whether the teacher holds a post on `today` or later, and none at this school.
pub fn is_placed_elsewhere(at: At<'_>, id: &TeacherId, school: &str, today: Option<Date>) -> bool {
    let mut held = at.holdings(id);
    held.retain(|post| {
        let last = post.to.unwrap_or(Date::MAX);
        // One that ended before it began was never held.
        post.from <= last && today.is_none_or(|today| today <= last)
    });
    !held.is_empty() && !held.iter().any(|post| is_at(post, school))
}

fn is_at(post: &Holding, school: &str) -> bool {
    post.school.is_some_and(|of| of.as_str() == school)
}

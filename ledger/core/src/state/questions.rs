//! Ordered research (订单式教研): questions of schools, put together, planned for a session, answered by it, rated. How far each is
//! follows from the entries, in whatever order they came, and from what became of the session.

mod views;

use std::collections::BTreeMap;

use jiff::civil::Date;

pub use self::views::{PlanView, QuestionStage, QuestionView, RatingView, SentView};
use super::State;
use super::sessions::Held;
use crate::ids::{EventId, QuestionId, SchoolId, SemesterId, SessionId, TeacherId};
use crate::text::Text;

/// Most questions that are put together: each step about one of them looks at all.
pub(crate) const TOGETHER_MAX: usize = 200;

/// By their ids, what the entries say of questions.
pub(crate) type Questions = BTreeMap<QuestionId, Question>;

/// What the entries say of one question, each list by its entries, rising.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) sent: Vec<Sent>,
    /// Into which others it goes.
    pub(crate) joined: Vec<Joined>,
    /// Which others go into it.
    pub(crate) took: Vec<Took>,
    pub(crate) planned: Vec<Planned>,
    pub(crate) rated: Vec<Rated>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) index: u32,
    pub(crate) on: Date,
    pub(crate) school: SchoolId,
    pub(crate) subject: Text,
    pub(crate) semester: SemesterId,
    pub(crate) text: Text,
    pub(crate) asked_by: Option<TeacherId>,
}

impl Sent {
    /// Whether both may be put together: they are of one subject and semester.
    pub(crate) fn goes_with(&self, other: &Self) -> bool {
        self.semester == other.semester && self.subject == other.subject
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Joined {
    pub(crate) index: u32,
    pub(crate) on: Date,
    pub(crate) kept: QuestionId,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Took {
    pub(crate) index: u32,
    pub(crate) dropped: Vec<QuestionId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Planned {
    pub(crate) index: u32,
    pub(crate) on: Date,
    pub(crate) session: SessionId,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rated {
    pub(crate) index: u32,
    pub(crate) on: Date,
    pub(crate) school: SchoolId,
    pub(crate) rating: u8,
    pub(crate) remark: Option<Text>,
}

// === impl State ===

impl State {
    /// The row of a question, to add to.
    pub(super) fn question_row(&mut self, id: QuestionId) -> &mut Question {
        self.questions.entry(id).or_default()
    }

    /// Takes back what came of the question at entry `size` and after.
    pub(super) fn cut_question(&mut self, id: &QuestionId, size: u32) {
        let Some(row) = self.questions.get_mut(id) else {
            return;
        };
        let Question {
            sent,
            joined,
            took,
            planned,
            rated,
        } = row;
        sent.retain(|one| one.index < size);
        joined.retain(|one| one.index < size);
        took.retain(|one| one.index < size);
        planned.retain(|one| one.index < size);
        rated.retain(|one| one.index < size);
        if *row == Question::default() {
            self.questions.remove(id);
        }
    }

    /// The questions as the ledger of `size` entries has them, by what was done on or before the day. `without` is an entry that
    /// is about to be corrected, and counts no more.
    pub(crate) const fn asked(&self, size: u64, day: Date, without: Option<u32>) -> Asked<'_> {
        Asked {
            state: self,
            size,
            day,
            without,
        }
    }
}

/// The questions at a size and on a day.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'s> {
    state: &'s State,
    size: u64,
    day: Date,
    without: Option<u32>,
}

// === impl Asked ===

impl<'s> Asked<'s> {
    fn counts(self, index: u32, on: Date) -> bool {
        on <= self.day && Some(index) != self.without && self.state.live(index, self.size)
    }

    fn order(self, index: u32, on: Date) -> (Date, Option<EventId>) {
        (on, self.state.events.id(index))
    }

    fn row(self, id: QuestionId) -> Option<&'s Question> {
        self.state.questions.get(&id)
    }

    /// What was asked: of several the earliest by day, then event id.
    pub(crate) fn sent(self, id: QuestionId) -> Option<&'s Sent> {
        let sent = self.row(id)?.sent.iter();
        let counting = sent.filter(|one| self.counts(one.index, one.on));
        counting.min_by_key(|one| self.order(one.index, one.on))
    }

    /// The earliest joining of the question that is one: into another that is there, of the same subject and semester.
    fn first_joined(self, id: QuestionId) -> Option<&'s Joined> {
        let sent = self.sent(id)?;
        let fits = |one: &&Joined| one.kept != id && self.sent(one.kept).is_some_and(|kept| kept.goes_with(sent));
        let joined = self.row(id)?.joined.iter();
        let counting = joined.filter(|one| self.counts(one.index, one.on)).filter(fits);
        counting.min_by_key(|one| self.order(one.index, one.on))
    }

    /// Into which question it goes. decide lets no circle close; but a void may bring one back, and of a circle the latest joining
    /// has no effect.
    pub(crate) fn joined(self, id: QuestionId) -> Option<&'s Joined> {
        let own = self.first_joined(id)?;
        let (mut latest, mut next, mut passed) = (own, own.kept, vec![id]);
        while let Some(joined) = self.first_joined(next) {
            passed.push(next);
            if self.order(latest.index, latest.on) < self.order(joined.index, joined.on) {
                latest = joined;
            }
            next = joined.kept;
            if next == id {
                return (latest != own).then_some(own);
            }
            if passed.contains(&next) {
                break;
            }
        }
        Some(own)
    }

    /// The question that stands for this one: itself, or the one into which it goes in the end.
    pub(crate) fn root(self, id: QuestionId) -> QuestionId {
        let (mut root, mut steps) = (id, 0);
        while let Some(joined) = self.joined(root) {
            root = joined.kept;
            steps += 1;
            // Every circle is cut, so this is only for whoever reads.
            if steps > self.state.questions.len() {
                break;
            }
        }
        root
    }

    /// The question and all that go into it, at most somewhat more than [`TOGETHER_MAX`] of them.
    pub(crate) fn together(self, root: QuestionId) -> Vec<QuestionId> {
        let mut found = vec![root];
        let mut looked_at = 0;
        while let Some(id) = found.get(looked_at).copied().filter(|_| found.len() <= TOGETHER_MAX) {
            looked_at += 1;
            let took = self.row(id).into_iter().flat_map(|row| &row.took);
            for (index, dropped) in took.flat_map(|took| took.dropped.iter().map(|id| (took.index, *id))) {
                let goes_here = self
                    .joined(dropped)
                    .is_some_and(|joined| joined.index == index && joined.kept == id);
                if goes_here && !found.contains(&dropped) {
                    found.push(dropped);
                }
            }
        }
        found
    }

    /// Where the question that stands for others is planned: of several plans the latest, of those whose session is not cancelled.
    pub(crate) fn plan(self, root: QuestionId) -> Option<(&'s Planned, Held)> {
        let planned = self.row(root)?.planned.iter();
        let counting = planned.filter(|one| self.counts(one.index, one.on));
        let with_session = counting.map(|one| (one, self.state.at(self.size).held(&one.session)));
        let standing = with_session.filter(|(_, held)| *held != Held::Cancelled);
        standing.max_by_key(|(one, _)| self.order(one.index, one.on))
    }

    /// The last day of the session that answered it, if that is over with `by`.
    pub(crate) fn answered(self, root: QuestionId, by: Date) -> Option<Date> {
        match self.plan(root)?.1 {
            Held::On(_, last) if last <= by => Some(last),
            Held::On(..) | Held::Awaited | Held::Cancelled => None,
        }
    }

    /// How the school rates the answer: of several ratings the earliest that is not older than the answer.
    pub(crate) fn rating(self, together: &[QuestionId], school: &SchoolId, answered: Date) -> Option<&'s Rated> {
        let rows = together.iter().filter_map(|id| self.row(*id));
        let of_school = rows.flat_map(|row| &row.rated).filter(|one| one.school == *school);
        let counting = of_school.filter(|one| answered <= one.on && self.counts(one.index, one.on));
        counting.min_by_key(|one| self.order(one.index, one.on))
    }
}

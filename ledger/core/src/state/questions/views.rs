//! Questions as they are told: each that stands for itself, with those that go into it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::Asked;
use crate::ids::{QuestionId, SchoolId, SemesterId, SessionId, TeacherId};
use crate::state::sessions::Held;
use crate::state::{At, DayEntry};
use crate::text::Text;

/// How far a question is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum QuestionStage {
    /// 已收到
    Received,
    /// 已合并: it is one of several that were put together.
    Joined,
    /// 已列入计划: its session is to come, or is not in the ledger.
    Planned,
    /// 已答复: its session is over.
    Answered,
    /// 已评价: and a school that asked has rated it.
    Rated,
}

/// A question as a school sent it.
#[derive(Clone, Debug, PartialEq)]
pub struct SentView {
    /// Its id.
    pub id: QuestionId,
    /// The school that asks.
    pub school: SchoolId,
    /// What is asked.
    pub text: Text,
    /// Who had it, under the id that stands for her.
    pub asked_by: Option<TeacherId>,
    /// The entry, and its day.
    pub sent: DayEntry,
    /// The entry that put it together with the one that stands for it.
    pub joined: Option<DayEntry>,
}

/// Where a question is planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanView {
    /// The session.
    pub session_id: SessionId,
    /// The entry, and its day.
    pub planned: DayEntry,
    /// First and last day of the session, if that is in the ledger.
    pub days: Option<(Date, Date)>,
}

/// How a school rates the answer.
#[derive(Clone, Debug, PartialEq)]
pub struct RatingView {
    /// The school.
    pub school: SchoolId,
    /// 1 (it did not help at all) to 5 (it is solved).
    pub rating: u8,
    /// 评语
    pub remark: Option<Text>,
    /// The entry, and its day.
    pub rated: DayEntry,
}

/// A question that stands for itself, and perhaps for others.
#[derive(Clone, Debug, PartialEq)]
pub struct QuestionView {
    /// Its id.
    pub id: QuestionId,
    /// 学科
    pub subject: Text,
    /// The semester in which it is to be answered.
    pub semester: SemesterId,
    /// What is asked.
    pub text: Text,
    /// It and those that go into it, itself first, then by day and id.
    pub sent: Vec<SentView>,
    /// How many schools ask it.
    pub schools: usize,
    /// How many questions were put together.
    pub together: usize,
    /// Where it is planned, unless that session is cancelled.
    pub plan: Option<PlanView>,
    /// A session for which it was planned, and that was cancelled since, where no other is planned.
    pub fell_through: Option<SessionId>,
    /// How schools that ask rate the answer, by school; nothing before it is answered.
    pub ratings: Vec<RatingView>,
    /// How far it is.
    pub stage: QuestionStage,
}

impl QuestionView {
    /// The question as one school has it: what that sent itself, how it rates, and how far it is for that school. `None` if it did
    /// not ask.
    #[must_use]
    pub fn of_school(&self, school: &SchoolId) -> Option<Self> {
        let mut own = self.clone();
        own.sent.retain(|sent| sent.school == *school);
        own.ratings.retain(|rating| rating.school == *school);
        if own.sent.is_empty() {
            return None;
        }
        if own.stage == QuestionStage::Rated && own.ratings.is_empty() {
            own.stage = QuestionStage::Answered;
        }
        Some(own)
    }

    /// The sum of all ratings in hundredths, divided by their number: 350 is three and a half. `None` if nobody rated.
    pub fn mean_rating(&self) -> Option<u32> {
        let count = u32::try_from(self.ratings.len()).ok().filter(|&count| count > 0)?;
        let sum: u32 = self.ratings.iter().map(|rating| u32::from(rating.rating)).sum();
        Some((sum * 100 + count / 2) / count)
    }
}

impl<'s> At<'s> {
    /// The questions sent on or before the day at `size`, each that stands for itself: those that most schools ask first, then by
    /// day and id.
    pub fn questions(self, day: Date) -> Vec<QuestionView> {
        let asked = self.state.asked(self.size, day, None);
        let mut together: BTreeMap<QuestionId, Vec<QuestionId>> = BTreeMap::new();
        for id in self
            .state
            .questions
            .keys()
            .copied()
            .filter(|id| asked.sent(*id).is_some())
        {
            together.entry(asked.root(id)).or_default().push(id);
        }
        let views = together.into_iter();
        let mut views: Vec<QuestionView> = views
            .filter_map(|(root, ids)| self.question_of(asked, root, &ids))
            .collect();
        views.sort_by_key(|view| {
            let first = view.sent.first().map(|sent| sent.sent.0);
            (std::cmp::Reverse(view.schools), first, view.id)
        });
        views
    }

    /// The subject of a question, if it was sent.
    pub fn question_subject(self, id: &QuestionId) -> Option<&'s Text> {
        let sent = self.state.asked(self.size, Date::MAX, None).sent(*id)?;
        Some(&sent.subject)
    }

    fn question_of(self, asked: Asked<'_>, root: QuestionId, ids: &[QuestionId]) -> Option<QuestionView> {
        let kept = asked.sent(root)?;
        let mut sent: Vec<SentView> = ids.iter().filter_map(|id| self.sent_view(asked, *id)).collect();
        sent.sort_by_key(|one| (one.id != root, one.sent.0, one.id));
        let schools: BTreeSet<SchoolId> = sent.iter().map(|one| one.school).collect();
        let plan = asked.plan(root);
        let answered = asked.answered(root, asked.day);
        let ratings: Vec<RatingView> = answered.map_or_else(Vec::new, |day| {
            let rated = schools.iter().filter_map(|school| asked.rating(ids, school, day));
            rated
                .map(|rated| RatingView {
                    school: rated.school,
                    rating: rated.rating,
                    remark: rated.remark.clone(),
                    rated: (rated.on, rated.index.into()),
                })
                .collect()
        });
        let stage = match (&plan, answered) {
            (_, Some(_)) if !ratings.is_empty() => QuestionStage::Rated,
            (_, Some(_)) => QuestionStage::Answered,
            (Some(_), None) => QuestionStage::Planned,
            (None, None) if sent.len() > 1 => QuestionStage::Joined,
            (None, None) => QuestionStage::Received,
        };
        let fell_through = if plan.is_none() {
            asked.cancelled_plan(root)
        } else {
            None
        };
        Some(QuestionView {
            id: root,
            subject: kept.subject.clone(),
            semester: kept.semester,
            text: kept.text.clone(),
            schools: schools.len(),
            together: sent.len(),
            plan: plan.map(|(planned, held)| PlanView {
                session_id: planned.session,
                planned: (planned.on, planned.index.into()),
                days: match held {
                    Held::On(from, to) => Some((from, to)),
                    Held::Awaited | Held::Cancelled => None,
                },
            }),
            fell_through,
            ratings,
            stage,
            sent,
        })
    }

    fn sent_view(self, asked: Asked<'_>, id: QuestionId) -> Option<SentView> {
        let sent = asked.sent(id)?;
        Some(SentView {
            id,
            school: sent.school,
            text: sent.text.clone(),
            asked_by: sent.asked_by.map(|id| self.state.kept_id(id, self.size)),
            sent: (sent.on, sent.index.into()),
            joined: asked.joined(id).map(|joined| (joined.on, joined.index.into())),
        })
    }
}

impl Asked<'_> {
    /// The session of the latest plan, if that is cancelled.
    fn cancelled_plan(self, root: QuestionId) -> Option<SessionId> {
        let planned = self.row(root)?.planned.iter();
        let counting = planned.filter(|one| self.counts(one.index, one.on));
        let latest = counting.max_by_key(|one| self.order(one.index, one.on))?;
        let held = self.state.at(self.size).held(&latest.session);
        (held == Held::Cancelled).then_some(latest.session)
    }
}

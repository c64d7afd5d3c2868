//! Research topics (课题) through their life: 立项 → 开题 → 中期 → 结题, in whatever order that was posted.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{At, State};
use crate::codes::{Level, TopicCheck};
use crate::ids::{EventId, TeacherId, TopicId};
use crate::policy::Length;
use crate::text::Text;

/// What one entry says of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TopicStep {
    pub(crate) index: u32,
    pub(crate) topic_id: TopicId,
    pub(crate) on: Date,
    pub(crate) act: TopicAct,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TopicAct {
    Approved(TopicDef),
    Opened,
    Checked(TopicCheck),
    Concluded(TopicDef, Option<Text>),
}

/// What an approval or conclusion says of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TopicDef {
    pub(crate) name: Option<Text>,
    pub(crate) level: Level,
    pub(crate) leads: Vec<TeacherId>,
    pub(crate) members: Vec<TeacherId>,
}

/// How far a topic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TopicStage {
    /// Its approval is not in the ledger, or no more.
    Unapproved,
    /// 立项
    Approved,
    /// 开题
    Opened,
    /// 中期通过
    Checked,
    /// 中期整改
    ToMend,
    /// 终止
    Stopped,
    /// 结题
    Concluded,
}

impl TopicStage {
    /// Whether work on it goes on.
    pub const fn is_running(self) -> bool {
        match self {
            Self::Approved | Self::Opened | Self::Checked | Self::ToMend => true,
            Self::Unapproved | Self::Stopped | Self::Concluded => false,
        }
    }
}

/// A day with its entry.
pub type DayEntry = (Date, u64);

/// A topic as asked.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicView {
    /// Its id.
    pub id: TopicId,
    /// Its name, if one was said.
    pub name: Option<Text>,
    /// Its level, if its approval or conclusion is there.
    pub level: Option<Level>,
    /// 主持人
    pub leads: Vec<TeacherId>,
    /// 成员
    pub members: Vec<TeacherId>,
    /// 立项
    pub approved: Option<DayEntry>,
    /// 开题
    pub opened: Option<DayEntry>,
    /// 中期检查, by day.
    pub checks: Vec<(DayEntry, TopicCheck)>,
    /// 结题
    pub concluded: Option<DayEntry>,
    /// 结题结果
    pub result: Option<Text>,
    /// How far it is.
    pub stage: TopicStage,
    /// The day by which it is to be checked, of an approved one.
    pub midterm_by: Option<Date>,
    /// 中期逾期: that day is over, and it runs without a check.
    pub overdue: bool,
}

impl State {
    /// The approval that says what a topic is, and its entry: of several the earliest.
    pub(crate) fn approval(&self, topic_id: TopicId, size: u64) -> Option<(u32, &TopicDef)> {
        let own = self.topic_steps.iter().filter(|step| step.topic_id == topic_id);
        let live = own.filter(|step| self.live(step.index, size));
        let approvals = live.filter_map(|step| match &step.act {
            TopicAct::Approved(def) => Some(((step.on, self.events.id(step.index)), (step.index, def))),
            TopicAct::Opened | TopicAct::Checked(_) | TopicAct::Concluded(..) => None,
        });
        approvals.min_by_key(|(order, _)| *order).map(|(_, found)| found)
    }
}

impl<'s> At<'s> {
    /// The topics of which something was done on or before the day at `size`, by the day of approval, then id.
    pub fn topics(self, day: Date) -> Vec<TopicView> {
        let mut steps: BTreeMap<TopicId, Vec<&'s TopicStep>> = BTreeMap::new();
        let done = self.state.topic_steps.iter().filter(|step| step.on <= day);
        for step in done.filter(|step| self.state.live(step.index, self.size)) {
            steps.entry(step.topic_id).or_default().push(step);
        }
        let views = steps.into_iter().map(|(id, steps)| self.topic(id, steps, day));
        let mut views: Vec<TopicView> = views.collect();
        views.sort_by_key(|view| (view.approved.map_or(Date::MAX, |(on, _)| on), view.id));
        views
    }

    /// Of several approvals, openings or conclusions the earliest says what is so.
    fn topic(self, id: TopicId, mut steps: Vec<&'s TopicStep>, day: Date) -> TopicView {
        let order = |step: &&TopicStep| -> (Date, Option<EventId>) { (step.on, self.state.events.id(step.index)) };
        steps.sort_by_key(order);
        let entry = |step: &TopicStep| (step.on, u64::from(step.index));
        let (mut approved, mut opened, mut concluded) = (None, None, None);
        let mut checks = Vec::new();
        for step in steps {
            match &step.act {
                TopicAct::Approved(def) => approved = approved.or(Some((entry(step), def))),
                TopicAct::Opened => opened = opened.or(Some(entry(step))),
                TopicAct::Checked(result) => checks.push((entry(step), *result)),
                TopicAct::Concluded(def, result) => concluded = concluded.or(Some((entry(step), def, result))),
            }
        }
        let last = checks.last().map(|(_, result)| *result);
        let stage = match (&approved, last) {
            _ if concluded.is_some() => TopicStage::Concluded,
            (_, Some(TopicCheck::Stopped)) => TopicStage::Stopped,
            (None, _) => TopicStage::Unapproved,
            (_, Some(TopicCheck::ToMend)) => TopicStage::ToMend,
            (_, Some(TopicCheck::Passed)) => TopicStage::Checked,
            (_, None) if opened.is_some() => TopicStage::Opened,
            (_, None) => TopicStage::Approved,
        };
        let midterm_by = approved.and_then(|((on, _), _)| {
            let months = i32::try_from(self.midterm_months(on)).ok()?;
            Length::Months(months).after(on, 1)
        });
        let overdue = checks.is_empty() && stage.is_running() && midterm_by.is_some_and(|by| by < day);
        let defs = concluded.iter().map(|(_, def, _)| *def);
        let defs: Vec<&TopicDef> = defs.chain(approved.iter().map(|(_, def)| *def)).collect();
        let (leads, members) = defs.first().map(|def| self.people(def)).unwrap_or_default();
        TopicView {
            id,
            name: defs.iter().find_map(|def| def.name.clone()),
            level: defs.first().map(|def| def.level),
            leads,
            members,
            approved: approved.map(|(entry, _)| entry),
            opened,
            checks,
            result: concluded.as_ref().and_then(|(_, _, result)| (*result).clone()),
            concluded: concluded.map(|(entry, ..)| entry),
            stage,
            midterm_by,
            overdue,
        }
    }

    /// Leads and members, each once under the id that stands for her.
    fn people(self, def: &TopicDef) -> (Vec<TeacherId>, Vec<TeacherId>) {
        let mut named: Vec<TeacherId> = Vec::new();
        let mut each = |ids: &[TeacherId]| {
            let mut new = Vec::new();
            for id in ids.iter().map(|id| self.state.kept_id(*id, self.size)) {
                if !named.contains(&id) {
                    named.push(id);
                    new.push(id);
                }
            }
            new
        };
        (each(&def.leads), each(&def.members))
    }
}

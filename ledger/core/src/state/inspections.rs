//! Teaching inspections (教学视导) with what they found, and whether that changed, in whatever order it was posted.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{At, DayEntry, State};
use crate::codes::{FindingOutcome, InspectionAspect};
use crate::ids::{EventId, FindingId, InspectionId, SchoolId, TeacherId};
use crate::text::Text;

/// By their ids, each list by its entries, rising.
pub(crate) type Inspections = BTreeMap<InspectionId, Vec<Inspected>>;

/// By their ids, what the entries say of findings.
pub(crate) type Findings = BTreeMap<FindingId, Finding>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Inspected {
    pub(crate) index: u32,
    pub(crate) from: Date,
    pub(crate) to: Date,
    pub(crate) school: SchoolId,
    pub(crate) purpose: Text,
    pub(crate) inspectors: Vec<TeacherId>,
}

/// What the entries say of one finding, each list by its entries, rising.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) made: Vec<Made>,
    pub(crate) checked: Vec<Looked>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Made {
    pub(crate) index: u32,
    pub(crate) on: Date,
    pub(crate) inspection: InspectionId,
    pub(crate) aspect: InspectionAspect,
    pub(crate) text: Text,
    pub(crate) change_requested: bool,
    pub(crate) due: Option<Date>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Looked {
    pub(crate) index: u32,
    pub(crate) on: Date,
    pub(crate) outcome: FindingOutcome,
    pub(crate) by: TeacherId,
    pub(crate) remark: Option<Text>,
}

/// How a finding stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingStanding {
    /// 反馈: nothing is to change.
    Noted,
    /// 待整改: something is to change, and nobody has looked whether it did.
    Requested,
    /// 逾期: and the day until when is over.
    Overdue,
    /// 未整改
    NotDone,
    /// 部分整改
    PartlyDone,
    /// 已整改
    Done,
}

impl FindingStanding {
    /// Whether something is still to change.
    pub const fn is_open(self) -> bool {
        match self {
            Self::Requested | Self::Overdue | Self::NotDone | Self::PartlyDone => true,
            Self::Noted | Self::Done => false,
        }
    }
}

/// A look at a finding.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckView {
    /// 复查结果
    pub outcome: FindingOutcome,
    /// Who looked, under the id that stands for her.
    pub by: TeacherId,
    /// 意见
    pub remark: Option<Text>,
    /// The entry, and its day.
    pub checked: DayEntry,
}

/// A finding as asked.
#[derive(Clone, Debug, PartialEq)]
pub struct FindingView {
    /// Its id.
    pub id: FindingId,
    /// 方面
    pub aspect: InspectionAspect,
    /// What was found.
    pub text: Text,
    /// Whether the school is to change something.
    pub change_requested: bool,
    /// Until when, if a day is set.
    pub due: Option<Date>,
    /// The entry, and its day.
    pub made: DayEntry,
    /// The looks at it, by day then event id.
    pub checks: Vec<CheckView>,
    /// How it stands.
    pub standing: FindingStanding,
}

/// An inspection as asked.
#[derive(Clone, Debug, PartialEq)]
pub struct InspectionView {
    /// Its id.
    pub id: InspectionId,
    /// The school.
    pub school: SchoolId,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// 目的
    pub purpose: Text,
    /// Who inspected, each once under the id that stands for her.
    pub inspectors: Vec<TeacherId>,
    /// The entry.
    pub index: u64,
    /// What was found, by day then id.
    pub findings: Vec<FindingView>,
}

impl State {
    /// Takes back what came of the inspection at entry `size` and after.
    pub(super) fn cut_inspection(&mut self, id: &InspectionId, size: u32) {
        if let Some(held) = self.inspections.get_mut(id) {
            held.retain(|one| one.index < size);
            if held.is_empty() {
                self.inspections.remove(id);
            }
        }
    }

    /// Takes back what came of the finding at entry `size` and after.
    pub(super) fn cut_finding(&mut self, id: &FindingId, size: u32) {
        if let Some(row) = self.findings.get_mut(id) {
            let Finding { made, checked } = row;
            made.retain(|one| one.index < size);
            checked.retain(|one| one.index < size);
            if *row == Finding::default() {
                self.findings.remove(id);
            }
        }
    }

    /// The inspection of this id, without the entry that is about to be corrected: of several the earliest by day, then event id.
    pub(crate) fn inspected(&self, id: &InspectionId, size: u64, without: Option<u32>) -> Option<&Inspected> {
        let held = self.inspections.get(id)?.iter();
        let counting = held.filter(|one| Some(one.index) != without && self.live(one.index, size));
        counting.min_by_key(|one| (one.to, self.events.id(one.index)))
    }

    /// The finding of this id likewise, of an inspection that is there.
    pub(crate) fn found(&self, id: &FindingId, size: u64, without: Option<u32>) -> Option<(&Made, &Inspected)> {
        let made = self.findings.get(id)?.made.iter();
        let counting = made.filter(|one| Some(one.index) != without && self.live(one.index, size));
        let made = counting.min_by_key(|one| (one.on, self.events.id(one.index)))?;
        Some((made, self.inspected(&made.inspection, size, None)?))
    }
}

impl At<'_> {
    /// The inspections that ended on or before the day at `size`, the latest first, then by id.
    pub fn inspections(self, day: Date) -> Vec<InspectionView> {
        let mut findings: BTreeMap<InspectionId, Vec<FindingView>> = BTreeMap::new();
        for id in self.state.findings.keys() {
            if let Some((inspection, view)) = self.finding(id, day) {
                findings.entry(inspection).or_default().push(view);
            }
        }
        let ids = self.state.inspections.keys();
        let held = ids.filter_map(|id| Some((*id, self.state.inspected(id, self.size, None)?)));
        let mut views: Vec<InspectionView> = held
            .filter(|(_, held)| held.to <= day)
            .map(|(id, held)| InspectionView {
                id,
                school: held.school,
                from: held.from,
                to: held.to,
                purpose: held.purpose.clone(),
                inspectors: self.each_once(&held.inspectors),
                index: held.index.into(),
                findings: findings.remove(&id).unwrap_or_default(),
            })
            .collect();
        for view in &mut views {
            view.findings.sort_by_key(|finding| (finding.made.0, finding.id));
        }
        views.sort_by_key(|view| (std::cmp::Reverse(view.from), view.id));
        views
    }

    /// The school that was inspected, if there was such an inspection.
    pub fn inspected_school(self, id: &InspectionId) -> Option<SchoolId> {
        Some(self.state.inspected(id, self.size, None)?.school)
    }

    /// Who inspected, if there was such an inspection.
    pub fn inspectors(self, id: &InspectionId) -> Option<Vec<TeacherId>> {
        let held = self.state.inspected(id, self.size, None)?;
        Some(self.each_once(&held.inspectors))
    }

    /// Of which inspection the finding is, if it was made.
    pub fn inspection_of(self, id: &FindingId) -> Option<InspectionId> {
        Some(self.state.found(id, self.size, None)?.0.inspection)
    }

    fn each_once(self, people: &[TeacherId]) -> Vec<TeacherId> {
        let mut found: Vec<TeacherId> = Vec::new();
        for id in people.iter().map(|id| self.state.kept_id(*id, self.size)) {
            if !found.contains(&id) {
                found.push(id);
            }
        }
        found
    }

    fn finding(self, id: &FindingId, day: Date) -> Option<(InspectionId, FindingView)> {
        let (made, _) = self
            .state
            .found(id, self.size, None)
            .filter(|(made, _)| made.on <= day)?;
        let order = |one: &&Looked| -> (Date, Option<EventId>) { (one.on, self.state.events.id(one.index)) };
        let looked = self.state.findings.get(id)?.checked.iter();
        let counting = looked.filter(|one| one.on <= day && self.state.live(one.index, self.size));
        let mut looked: Vec<&Looked> = counting.collect();
        looked.sort_by_key(order);
        let standing = match looked.last().map(|last| last.outcome) {
            _ if !made.change_requested => FindingStanding::Noted,
            Some(FindingOutcome::Done) => FindingStanding::Done,
            Some(FindingOutcome::Partly) => FindingStanding::PartlyDone,
            Some(FindingOutcome::NotDone) => FindingStanding::NotDone,
            None if made.due.is_some_and(|due| due < day) => FindingStanding::Overdue,
            None => FindingStanding::Requested,
        };
        let checks = looked.iter().map(|one| CheckView {
            outcome: one.outcome,
            by: self.state.kept_id(one.by, self.size),
            remark: one.remark.clone(),
            checked: (one.on, one.index.into()),
        });
        let view = FindingView {
            id: *id,
            aspect: made.aspect,
            text: made.text.clone(),
            change_requested: made.change_requested,
            due: made.due,
            made: (made.on, made.index.into()),
            checks: checks.collect(),
            standing,
        };
        Some((made.inspection, view))
    }
}

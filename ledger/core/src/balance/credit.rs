//! One fact's credit on one meter, on its way through the rules.

use std::rc::Rc;

use jiff::civil::Date;

use super::exact::Exact;
use super::facts::ProjectFacts;
use super::{Cut, Why};
use crate::codes::{AttendanceResult, LessonType, Level};
use crate::hours::Hours;
use crate::ids::EventId;
use crate::intern::Slot;
use crate::policy::{Conversion, Kind, Meter, Policy, Shape, Where, Word};

/// What one fact brings to one meter. Amounts are right once [`super::settle`] and [`super::caps`] have been over it.
#[derive(Clone, Debug)]
pub(super) struct Credit<'p> {
    pub(super) index: u32,
    pub(super) event_id: EventId,
    pub(super) from: Date,
    pub(super) to: Date,
    /// The day of attribution.
    pub(super) on: Date,
    pub(super) kind: Kind,
    pub(super) meter: Meter,
    /// Whether its session says several things, for each of which the entry has a credit.
    pub(super) is_variant: bool,
    pub(super) traits: Traits<'p>,
    pub(super) source: Source,
    /// The version in force, which credits or caps it; `None` where none was.
    pub(super) policy: Option<&'p Policy>,
    pub(super) conversion: Option<&'p Conversion>,
    pub(super) asked: Hours,
    pub(super) exact: Exact,
    pub(super) converted: Hours,
    pub(super) counted: Hours,
    pub(super) cuts: Vec<Cut>,
    pub(super) why: Why,
}

/// What filters look at.
#[derive(Clone, Debug, Default)]
pub(super) struct Traits<'p> {
    pub(super) level: Option<Level>,
    pub(super) shape: Option<Shape>,
    pub(super) project: Option<Rc<ProjectFacts>>,
    /// In place of the project's.
    pub(super) category: Option<&'p Word>,
    pub(super) result: Option<AttendanceResult>,
}

/// What it hangs on.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Source {
    pub(super) session: Option<Slot>,
    pub(super) work: Option<Slot>,
    pub(super) competition: Option<Slot>,
    pub(super) topic: Option<Slot>,
    /// The semester that it names.
    pub(super) semester: Option<Slot>,
}

impl Traits<'_> {
    pub(super) const fn lesson_type(&self) -> Option<LessonType> {
        match self.shape {
            Some(Shape::Lesson(lesson_type)) => Some(lesson_type),
            _ => None,
        }
    }

    /// Whether they pass a filter, as far as kind and conversion aside.
    pub(super) fn pass(&self, filter: &Where) -> bool {
        let project = self.project.as_deref();
        has(filter.level.as_deref(), self.level.as_ref())
            && has(filter.shape.as_deref(), self.shape.as_ref())
            && has(filter.mode.as_deref(), project.map(|project| &project.mode))
            && has(
                filter.category.as_deref(),
                self.category
                    .or_else(|| project.and_then(|project| project.category.as_ref())),
            )
            && has(
                filter.topic.as_deref(),
                project.and_then(|project| project.topic.as_ref()),
            )
    }
}

/// Whether a value passes a list; all values do if there is none.
fn has<T: PartialEq>(list: Option<&[T]>, value: Option<&T>) -> bool {
    list.is_none_or(|list| value.is_some_and(|value| list.contains(value)))
}

impl Credit<'_> {
    pub(super) fn is_counted(&self) -> bool {
        self.why == Why::Counted
    }

    /// Whether it passes a `where`.
    pub(super) fn passes(&self, filter: &Where) -> bool {
        has(filter.kind.as_deref(), Some(&self.kind))
            && has(
                filter.conversion.as_deref(),
                self.conversion.map(|conversion| &conversion.id),
            )
            && self.traits.pass(filter)
    }

    /// Another credit counts in its place.
    pub(super) fn lose(&mut self, why: Why) {
        self.why = why;
        self.counted = Hours::ZERO;
        self.cuts.clear();
    }

    /// Takes `amount` from what counts, by a rule.
    pub(super) fn cut(&mut self, cut: Cut) {
        self.counted = Hours::from_hundredths(self.counted.hundredths().saturating_sub(cut.amount.hundredths()));
        self.cuts.push(cut);
    }
}

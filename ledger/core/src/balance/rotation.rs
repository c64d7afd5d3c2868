//! Rotation and secondment (轮岗, 交流, 借调, 支教): posts that are to last a least time.

use jiff::civil::Date;
use jiff::{ToSpan as _, Unit};

use super::Holding;
use crate::codes::AssignmentNature;
use crate::ids::TeacherId;
use crate::policy::Length;
use crate::state::At;

/// How such a post stands to its least time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TermStanding {
    /// 已满: it lasted as long as it has to.
    Fulfilled,
    /// 进行中
    Underway,
    /// 未满: its last day lies before the time is over.
    EndsEarly,
    /// No least time is said of it.
    NoTerm,
}

/// A post with a nature, as of a day.
#[derive(Clone, Debug, PartialEq)]
pub struct Rotation {
    /// The post.
    pub holding: Holding,
    /// 任职性质
    pub nature: AssignmentNature,
    /// Least time in whole months, if one is said.
    pub months_due: Option<u32>,
    /// The day with which that is over.
    pub due: Option<Date>,
    /// Whole months in the post up to the day.
    pub months_done: u32,
    /// How it stands.
    pub standing: TermStanding,
}

impl At<'_> {
    /// The teacher's posts with a nature that began on or before the day, by first day, then event id. The least time is that
    /// which was said on the first day of the post ([`At::assignment_months`]).
    pub fn rotations(self, id: &TeacherId, on: Date) -> Vec<Rotation> {
        let begun = self.holdings(id).into_iter().filter(|post| post.from <= on);
        begun.filter_map(|post| self.rotation(post, on)).collect()
    }

    fn rotation(self, holding: Holding, on: Date) -> Option<Rotation> {
        let nature = holding.nature?;
        let months_due = self.assignment_months(nature, holding.from);
        let due = months_due.and_then(|months| last_of(holding.from, months));
        let last = holding.to.map_or(on, |to| to.min(on));
        let standing = match due {
            None => TermStanding::NoTerm,
            Some(due) if due <= last => TermStanding::Fulfilled,
            Some(due) if holding.to.is_some_and(|to| to < due) => TermStanding::EndsEarly,
            Some(_) => TermStanding::Underway,
        };
        Some(Rotation {
            nature,
            months_due,
            due,
            months_done: whole_months(holding.from, last),
            standing,
            holding,
        })
    }
}

/// The last day of so many months from `first` on.
fn last_of(first: Date, months: u32) -> Option<Date> {
    let next = Length::Months(i32::try_from(months).ok()?).after(first, 1)?;
    next.yesterday().ok()
}

/// Whole months from `first` to `last`, both inclusive.
fn whole_months(first: Date, last: Date) -> u32 {
    let end = last.checked_add(1.day()).unwrap_or(last);
    let span = first.until((Unit::Month, end));
    span.map_or(0, |span| u32::try_from(span.get_months()).unwrap_or(0))
}

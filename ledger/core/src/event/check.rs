//! Checks of a whole event that no single field's type can make (DOMAIN §13.18).

use jiff::civil::{Date, date};

use super::{Event, Field, PEOPLE_MAX};
use crate::hours::Hours;
use crate::ids::{SemesterId, TeacherId};
use crate::period::Name;
use crate::review;
use crate::text::{Text, pupil};
use crate::violation::{Problem, Violation};

/// First and last day that an event may name.
pub const DAYS: (Date, Date) = (date(1950, 1, 1), date(2150, 12, 31));

/// Most periods (节) or talks (场) in one event.
pub const COUNT_MAX: u16 = 1_000;

/// What is wrong with `event` as a whole, each under the field's name; empty if nothing is.
///
/// Does not look at the clock: days to come are judged against the time of receipt.
pub fn violations(event: &Event) -> Vec<Violation> {
    let mut found = Found(Vec::new());
    for (field, day) in [("occurred_from", event.from), ("occurred_to", event.to)] {
        if day < DAYS.0 || DAYS.1 < day {
            found.add(field, day, Problem::BadDate);
        }
    }
    if event.to < event.from {
        found.add("occurred_to", event.to, Problem::EndBeforeStart);
    } else {
        event.fact.check(event, &mut found);
    }
    found.claimed(event);
    found.0
}

/// What was found wrong so far.
pub(super) struct Found(Vec<Violation>);

impl Found {
    #[allow(
        clippy::needless_pass_by_value,
        reason = "ids, dates and numbers are given as they are"
    )]
    pub(super) fn add(&mut self, field: &str, value: impl ToString, problem: Problem) {
        self.0.push(Violation::new(field, &value.to_string(), problem));
    }

    pub(super) fn missing(&mut self, field: &str) {
        self.add(field, "", Problem::Missing);
    }

    /// The amount lies between two others.
    pub(super) fn range<V: Copy + PartialOrd + ToString>(&mut self, field: &str, value: V, min: V, max: V) {
        if value < min || max < value {
            let (min, max) = (min.to_string(), max.to_string());
            self.add(field, value, Problem::OutOfRange { min, max });
        }
    }

    /// Hours that were spent: some, and no more than the days have.
    pub(super) fn hours(&mut self, field: &str, value: Hours, min: Hours, event: &Event) {
        self.range(field, value, min, event.day_limit());
    }

    /// Periods or talks.
    pub(super) fn count(&mut self, field: &str, value: u16, min: u16) {
        self.range(field, value, min, COUNT_MAX);
    }

    /// Under a claim stands what may be claimed, and under no historical load: that credits at once. A project or session
    /// that a claim brings has an id of the claim's own, so that it is never taken for one that somebody organised.
    fn claimed(&mut self, event: &Event) {
        let Some(claim) = event.claim_id else { return };
        if !review::CLAIMABLE.contains(&event.fact.kind()) {
            self.add("claim_id", claim, Problem::NotClaimable);
        }
        if event.load_id.is_some() {
            self.add("load_id", claim, Problem::NotClaimable);
        }
        // Without another dot: `C.7.p` is of the claim `C.7` alone, not of `C` too.
        let own = |id: &str| {
            let rest = id.strip_prefix(claim.as_str()).and_then(|rest| rest.strip_prefix('.'));
            rest.is_some_and(|rest| !rest.contains('.'))
        };
        event.fact.fields(&mut |name, field| {
            if let Field::NewProject(_) | Field::NewSession(_) = field
                && let Some(id) = field.id().filter(|id| !own(id))
            {
                let why = format!("should be {claim}. and letters without a dot");
                self.add(name, id, Problem::BadId(why));
            }
        });
    }

    /// An id such as semesters have.
    pub(super) fn semester(&mut self, field: &str, id: SemesterId) {
        if !matches!(Name::parse(id.as_str()), Some(Name::Semester(_))) {
            let why = "should be like 2022-2023-1".to_owned();
            self.add(field, id, Problem::BadId(why));
        }
    }

    /// Children appear nowhere in the ledger (DOMAIN §14).
    pub(super) fn no_pupil(&mut self, field: &str, text: &Text) {
        if pupil::is_named(text.as_str()) {
            self.add(field, "", Problem::NamesPupil);
        }
    }

    /// Nobody is merged into herself.
    pub(super) fn two_persons(&mut self, kept: &TeacherId, dropped: &TeacherId) {
        if kept == dropped {
            self.add("dropped_id", dropped, Problem::Repeated);
        }
    }

    /// A last day lies not before the first.
    pub(super) fn after(&mut self, field: &str, last: Option<Date>, first: Date) {
        if let Some(last) = last.filter(|&last| last < first) {
            self.add(field, last, Problem::EndBeforeStart);
        }
    }

    /// Somebody leads, nobody stands twice, and they are not too many.
    pub(super) fn people(&mut self, (field, leads): (&str, &[TeacherId]), members: &[TeacherId]) {
        let count = leads.len() + members.len();
        if leads.is_empty() {
            self.missing(field);
        }
        if count > PEOPLE_MAX {
            self.add(field, count, Problem::TooMany { max: PEOPLE_MAX });
            return;
        }
        let all: Vec<&TeacherId> = leads.iter().chain(members).collect();
        for (place, id) in all.iter().enumerate() {
            if all.iter().take(place).any(|other| other == id) {
                let field = if place < leads.len() { field } else { "member_ids" };
                self.add(field, id, Problem::Repeated);
            }
        }
    }
}

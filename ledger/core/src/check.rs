//! Checks of a whole event that no single field's type can make (DOMAIN §13.18).

use jiff::civil::{Date, date};

use crate::event::{DELIVERIES_MAX, DOCUMENT_PART_BYTES_MAX, Event, Fact, PEOPLE_MAX};
use crate::hours::Hours;
use crate::ids::TeacherId;
use crate::period::Name;
use crate::time::days_inclusive;
use crate::violation::{Problem, Violation};

/// First and last day that an event may name.
pub const DAYS: (Date, Date) = (date(1950, 1, 1), date(2150, 12, 31));

/// Most periods (节) or talks (场) in one event.
pub const COUNT_MAX: u16 = 1_000;

/// What is wrong with `event` as a whole, each under the field's name; empty if nothing is.
///
/// Does not look at the clock: days to come are judged against the time of receipt.
pub fn violations(event: &Event) -> Vec<Violation> {
    let mut found = Vec::new();
    for (field, day) in [("occurred_from", event.from), ("occurred_to", event.to)] {
        if day < DAYS.0 || DAYS.1 < day {
            found.push(Violation::new(field, &day.to_string(), Problem::BadDate));
        }
    }
    if event.to < event.from {
        found.push(Violation::new(
            "occurred_to",
            &event.to.to_string(),
            Problem::EndBeforeStart,
        ));
        return found;
    }
    let day_limit = Hours::from_hundredths(days_inclusive(event.from, event.to).saturating_mul(2_400));
    let least = Hours::from_hundredths(1);
    match &event.fact {
        Fact::AttendanceRecorded(f) => range("hours_present", f.hours_present, least, day_limit, &mut found),
        Fact::SessionHeld(f) => range("hours", f.hours, Hours::ZERO, day_limit, &mut found),
        Fact::ProjectOpened(f) => {
            range(
                "planned_hours",
                f.planned_hours,
                Hours::ZERO,
                Hours::whole(100_000),
                &mut found,
            );
        }
        Fact::LessonGiven(f) => count("periods", f.periods, 1, &mut found),
        Fact::LessonObserved(f) => count("periods", f.periods, 1, &mut found),
        Fact::OutreachDelivered(f) => {
            for (field, value) in [
                ("unattributed_lessons", f.unattributed_lessons),
                ("unattributed_talks", f.unattributed_talks),
            ] {
                let value = Hours::whole(value);
                range(field, value, Hours::ZERO, Hours::whole(COUNT_MAX.into()), &mut found);
            }
            if f.deliveries.is_empty() && f.unattributed_lessons == 0 && f.unattributed_talks == 0 {
                found.push(Violation::new("deliveries", "", Problem::Missing));
            }
            if f.deliveries.len() > DELIVERIES_MAX {
                let problem = Problem::TooMany { max: DELIVERIES_MAX };
                found.push(Violation::new("deliveries", &f.deliveries.len().to_string(), problem));
            }
            for (place, delivery) in f.deliveries.iter().enumerate() {
                let field = |name: &str| format!("deliveries[{place}].{name}");
                let least = u16::from(delivery.talks == 0);
                count(&field("lessons"), delivery.lessons, least, &mut found);
                count(&field("talks"), delivery.talks, 0, &mut found);
            }
        }
        Fact::SchoolBasedTerm(f) => {
            let semester = f.semester.as_str();
            if !matches!(Name::parse(semester), Some(Name::Semester(_))) {
                let why = "should be like 2022-2023-1".to_owned();
                found.push(Violation::new("semester", semester, Problem::BadId(why)));
            }
        }
        Fact::TopicApproved(f) => people(("lead_ids", &f.lead_ids), &f.member_ids, &mut found),
        Fact::TopicConcluded(f) => people(("lead_ids", &f.lead_ids), &f.member_ids, &mut found),
        Fact::WorkPublished(f) => people(("author_ids", &f.author_ids), &[], &mut found),
        Fact::WorkAwarded(f) => people(("author_ids", &f.author_ids), &[], &mut found),
        Fact::ExemptionGranted(f) => range("reduce_by", f.reduce_by, least, Hours::whole(100_000), &mut found),
        Fact::FigureNoted(f) => {
            if Name::parse(f.period.as_str()).is_none() {
                let why = "should be like 2022, 2022-2023 or 2022-2023-1".to_owned();
                found.push(Violation::new("period", f.period.as_str(), Problem::BadId(why)));
            }
            let most = Hours::whole(1_000_000_000);
            range("value", f.value, Hours::ZERO, most, &mut found);
        }
        Fact::SchoolsMerged(f) if f.school_ids.is_empty() => {
            found.push(Violation::new("school_ids", "", Problem::Missing));
        }
        Fact::Recommended(f) if f.from_comp.is_none() && f.from_title.is_none() => {
            found.push(Violation::new("from_comp", "", Problem::Missing));
        }
        Fact::TitleConferred(f) => after("valid_to", f.valid_to, event.to, &mut found),
        Fact::AssignmentStarted(f) => {
            after("until", f.until, event.from, &mut found);
            if !(1..=100).contains(&f.share_hundredths) {
                let (min, max) = ("1".into(), "100".into());
                let share = f.share_hundredths.to_string();
                found.push(Violation::new(
                    "share_hundredths",
                    &share,
                    Problem::OutOfRange { min, max },
                ));
            }
        }
        Fact::PolicyAdopted(f) => after("effective_to", f.effective_to, f.effective_from, &mut found),
        Fact::DocumentPart(f) => {
            if f.body.len() > DOCUMENT_PART_BYTES_MAX {
                let problem = Problem::TooLarge {
                    bytes: f.body.len(),
                    max: DOCUMENT_PART_BYTES_MAX,
                };
                found.push(Violation::new("body", "", problem));
            }
            if f.part >= f.parts {
                let problem = Problem::OutOfRange {
                    min: "0".into(),
                    max: f.parts.saturating_sub(1).to_string(),
                };
                found.push(Violation::new("part", &f.part.to_string(), problem));
            }
        }
        _ => {}
    }
    found
}

/// Somebody leads, nobody stands twice, and they are not too many.
fn people((field, leads): (&str, &[TeacherId]), members: &[TeacherId], found: &mut Vec<Violation>) {
    let count = leads.len() + members.len();
    if leads.is_empty() {
        found.push(Violation::new(field, "", Problem::Missing));
    }
    if count > PEOPLE_MAX {
        let problem = Problem::TooMany { max: PEOPLE_MAX };
        found.push(Violation::new(field, &count.to_string(), problem));
        return;
    }
    let all: Vec<TeacherId> = leads.iter().chain(members).copied().collect();
    for (place, id) in all.iter().enumerate() {
        if all.iter().take(place).any(|other| other == id) {
            let field = if place < leads.len() { field } else { "member_ids" };
            found.push(Violation::new(field, id.as_str(), Problem::Repeated));
        }
    }
}

fn range(field: &str, value: Hours, min: Hours, max: Hours, found: &mut Vec<Violation>) {
    if value < min || max < value {
        let problem = Problem::OutOfRange {
            min: min.to_string(),
            max: max.to_string(),
        };
        found.push(Violation::new(field, &value.to_string(), problem));
    }
}

fn count(field: &str, value: u16, min: u16, found: &mut Vec<Violation>) {
    if value < min || COUNT_MAX < value {
        let problem = Problem::OutOfRange {
            min: min.to_string(),
            max: COUNT_MAX.to_string(),
        };
        found.push(Violation::new(field, &value.to_string(), problem));
    }
}

fn after(field: &str, last: Option<Date>, first: Date, found: &mut Vec<Violation>) {
    if let Some(last) = last.filter(|&last| last < first) {
        found.push(Violation::new(field, &last.to_string(), Problem::EndBeforeStart));
    }
}

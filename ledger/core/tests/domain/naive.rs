//! A second opinion: plain balances computed from DOMAIN alone, by filtering, sorting and folding the events.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use keshi_core::codes::{AttendanceResult, AttendanceRole};
use keshi_core::event::{Event, Fact};
use keshi_core::ids::{EventId, ProjectId, SessionId, TeacherId};
use keshi_core::policy::Meter;
use keshi_core::submission::Taking;
use proptest::prelude::*;

use crate::support::{Ledger, random};

/// Events that a void takes the effect of. A void of a void has none (§13a).
fn voided(events: &[Event]) -> BTreeSet<EventId> {
    let is_void = |id: EventId| {
        let mut same = events.iter().filter(|event| event.event_id == id);
        same.any(|event| matches!(event.fact, Fact::EntryVoided(_)))
    };
    let targets = events.iter().filter_map(|event| match &event.fact {
        Fact::EntryVoided(f) => Some(f.target_event),
        _ => None,
    });
    targets.filter(|&target| !is_void(target)).collect()
}

/// Whether the session takes effect: it and the project of one of its postings have arrived, and it is not cancelled
/// (§13.4).
fn session_counts(id: SessionId, live: &[&Event]) -> bool {
    let cancelled = live
        .iter()
        .any(|event| matches!(&event.fact, Fact::SessionCancelled(f) if f.session_id == id));
    let mut projects = live.iter().filter_map(|event| match &event.fact {
        Fact::SessionHeld(f) if f.session_id == id => Some(f.project_id),
        _ => None,
    });
    let opened = |project: ProjectId| {
        live.iter()
            .any(|event| matches!(&event.fact, Fact::ProjectOpened(f) if f.project_id == project))
    };
    !cancelled && projects.any(opened)
}

/// Hundredths by meter in the calendar year, without any policy.
fn balance(teacher: TeacherId, year: i16, events: &[Event]) -> BTreeMap<Meter, i64> {
    let void = voided(events);
    let mut live: Vec<&Event> = events.iter().filter(|event| !void.contains(&event.event_id)).collect();
    live.sort_by_key(|event| (event.to, event.event_id));
    let mut sums: BTreeMap<Meter, i64> = Meter::ALL.iter().map(|meter| (*meter, 0)).collect();
    // Of several attendances at one session the better counts, in whatever year the better falls (§13.3).
    let mut best: BTreeMap<SessionId, (i64, Date)> = BTreeMap::new();
    for event in &live {
        match &event.fact {
            Fact::AttendanceRecorded(f)
                if f.teacher_id == teacher
                    && f.role == AttendanceRole::Learner
                    && f.result != Some(AttendanceResult::Failed)
                    && session_counts(f.session_id, &live) =>
            {
                let hours = f.hours_present.hundredths();
                let row = best.entry(f.session_id).or_insert((hours, event.to));
                if hours > row.0 {
                    *row = (hours, event.to);
                }
            }
            _ => {}
        }
        if event.to.year() != year {
            continue;
        }
        let mut add = |meter, count: u16| *sums.get_mut(&meter).unwrap() += i64::from(count) * 100;
        match &event.fact {
            Fact::OutreachDelivered(f) => {
                for delivery in f.deliveries.iter().filter(|delivery| delivery.teacher_id == teacher) {
                    add(Meter::LessonsGiven, delivery.lessons);
                    add(Meter::Talks, delivery.talks);
                }
            }
            Fact::LessonGiven(f)
                if f.teacher_id == teacher && f.session_id.is_none_or(|id| session_counts(id, &live)) =>
            {
                add(Meter::LessonsGiven, f.periods);
            }
            Fact::LessonObserved(f) if f.observer_id == teacher => add(Meter::LessonsObserved, f.periods),
            Fact::SchoolVisit(f) if f.researcher_id == teacher => add(Meter::SchoolVisits, 1),
            _ => {}
        }
    }
    let hours = best.values().filter(|(_, on)| on.year() == year);
    sums.insert(Meter::TrainingHours, hours.map(|(hours, _)| hours).sum());
    sums
}

proptest! {
    #![proptest_config(random::config(4_000))]

    #[test]
    fn balances_agree_with_a_plain_reading_of_the_domain(events in random::postings(60)) {
        let mut ledger = Ledger::county();
        ledger.post_all(Taking::Each, events.clone());
        for teacher in ledger.state.at(ledger.size()).teacher_ids() {
            for year in [2022, 2023] {
                let balance_of = ledger.state.at(ledger.size()).balance(&teacher, crate::as_of::year(year)).unwrap().unwrap();
                let meters = balance_of.sections[0].meters.iter();
                let found: BTreeMap<Meter, i64> = meters.map(|(meter, sum)| (*meter, sum.hundredths())).collect();
                prop_assert_eq!(found, balance(teacher, year, &events), "{} {}", teacher, year);
            }
        }
    }
}

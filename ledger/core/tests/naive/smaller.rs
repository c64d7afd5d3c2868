//! Makes a county on which the opinions differ smaller, thing by thing, as long as they still differ.

use crate::facts::{Event, Fact};
use crate::model::Policy;

/// The smallest county that can be reached by leaving out one thing after the other.
pub fn smallest(mut events: Vec<Event>, differs: impl Fn(&[Event]) -> bool) -> Vec<Event> {
    loop {
        let smaller = one_less(&events).find(|events| differs(events));
        match smaller {
            Some(smaller) => events = smaller,
            None => return events,
        }
    }
}

/// All counties with one posting, one semester, or one row of a policy less.
fn one_less(events: &[Event]) -> impl Iterator<Item = Vec<Event>> + '_ {
    let without = (0..events.len()).rev().map(|place| {
        let mut events = events.to_vec();
        events.remove(place);
        events
    });
    let within = (0..events.len()).flat_map(move |place| {
        let simpler = simpler(&events[place]);
        simpler.into_iter().map(move |event| {
            let mut events = events.to_vec();
            events[place] = event;
            events
        })
    });
    without.chain(within)
}

fn simpler(event: &Event) -> Vec<Event> {
    let with = |fact| Event { fact, ..event.clone() };
    match &event.fact {
        Fact::Policy(policy) => simpler_policies(policy)
            .into_iter()
            .map(|policy| with(Fact::Policy(Box::new(policy))))
            .collect(),
        Fact::Calendar(semesters) => shorter(semesters)
            .map(|semesters| with(Fact::Calendar(semesters)))
            .collect(),
        _ => Vec::new(),
    }
}

fn shorter<T: Clone>(rows: &[T]) -> impl Iterator<Item = Vec<T>> + '_ {
    (0..rows.len()).rev().map(|place| {
        let mut rows = rows.to_vec();
        rows.remove(place);
        rows
    })
}

fn simpler_policies(policy: &Policy) -> Vec<Policy> {
    let mut policies = Vec::new();
    let mut add = |change: &dyn Fn(&mut Policy)| {
        let mut simpler = policy.clone();
        change(&mut simpler);
        policies.push(simpler);
    };
    shorter(&policy.substitutions).for_each(|rows| add(&|policy| policy.substitutions.clone_from(&rows)));
    shorter(&policy.caps).for_each(|rows| add(&|policy| policy.caps.clone_from(&rows)));
    shorter(&policy.requirements).for_each(|rows| add(&|policy| policy.requirements.clone_from(&rows)));
    shorter(&policy.conversions).for_each(|rows| add(&|policy| policy.conversions.clone_from(&rows)));
    for place in 0..policy.requirements.len() {
        if policy.requirements[place].carry.is_some() {
            add(&|policy| policy.requirements[place].carry = None);
        }
        if policy.requirements[place].target.is_some() {
            add(&|policy| policy.requirements[place].target = None);
        }
    }
    policies
}

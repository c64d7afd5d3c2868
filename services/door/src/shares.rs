//! A share of what is limited, for each caller and each role: one guest does not empty the house.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use keshi_office::access::{Caller, RoleName};
use parking_lot::Mutex;

/// How much there is, and how much of it may be held at once.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// By all together.
    pub all: usize,
    /// By all callers of one role.
    pub role: usize,
    /// By one caller.
    pub caller: usize,
}

/// Something limited that callers hold for a time. Cheap to clone; clones are the same.
#[derive(Clone, Debug)]
pub struct Shares(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limits: Limits,
    held: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    all: usize,
    roles: HashMap<Class, usize>,
    callers: HashMap<Arc<str>, usize>,
}

/// Who shares what is for one role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Class {
    /// Callers of a role.
    Role(RoleName),
    /// Those who sign in from where they never did before.
    Stranger,
    /// Those who sign in from where they did before.
    Known,
}

/// What a caller holds. Given back when dropped.
#[derive(Debug)]
pub struct Held {
    shares: Shares,
    role: Class,
    caller: Arc<str>,
    amount: usize,
}

// === impl Shares ===

impl Shares {
    /// All of it free.
    pub fn new(limits: Limits) -> Self {
        Self(Arc::new(Inner {
            limits,
            held: Mutex::default(),
        }))
    }

    /// Takes `amount` for this caller; `None` if that is more than she, her role or all together may hold.
    pub fn take(&self, caller: &Caller, amount: usize) -> Option<Held> {
        self.take_as(Class::Role(caller.role().name()), caller.poster_id(), amount)
    }

    /// Takes `amount` for somebody by this name, who need not be a caller yet.
    pub(super) fn take_as(&self, class: Class, name: &str, amount: usize) -> Option<Held> {
        let mut held = Held {
            shares: self.clone(),
            role: class,
            caller: Arc::from(name),
            amount: 0,
        };
        held.grow(amount).then_some(held)
    }
}

// === impl Held ===

impl Held {
    /// How much it holds.
    pub fn amount(&self) -> usize {
        self.amount
    }

    /// Takes `more`; `false`, and nothing changes, if that is too much.
    pub fn grow(&mut self, more: usize) -> bool {
        let Inner { limits, held } = &*self.shares.0;
        let mut counts = held.lock();
        let Counts { all, roles, callers } = &mut *counts;
        let of_role = roles.get(&self.role).copied().unwrap_or(0);
        let of_caller = callers.get(&self.caller).copied().unwrap_or(0);
        let fits = *all + more <= limits.all && of_role + more <= limits.role && of_caller + more <= limits.caller;
        if fits {
            *all += more;
            roles.insert(self.role, of_role + more);
            callers.insert(Arc::clone(&self.caller), of_caller + more);
            self.amount += more;
        }
        fits
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut counts = self.shares.0.held.lock();
        counts.all -= self.amount;
        give_back(&mut counts.roles, &self.role, self.amount);
        give_back(&mut counts.callers, &self.caller, self.amount);
    }
}

/// Who holds nothing any more is forgotten, or the table would grow with every caller there ever was.
fn give_back<K: Eq + Hash>(held: &mut HashMap<K, usize>, who: &K, amount: usize) {
    if let Some(of_who) = held.get_mut(who) {
        *of_who -= amount;
        if *of_who == 0 {
            held.remove(who);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        all: 4,
        role: 3,
        caller: 2,
    };

    #[test]
    fn a_caller_takes_no_more_than_her_share_and_gives_it_back() {
        let shares = Shares::new(LIMITS);
        let caller = Caller::dev("610729");
        let mut first = shares.take(&caller, 1).unwrap();
        assert!(first.grow(1));
        assert!(!first.grow(1) && shares.take(&caller, 1).is_none());
        drop(first);
        assert!(shares.take(&caller, 2).is_some());
        assert_eq!(shares.0.held.lock().callers.len(), 0, "nobody is remembered for ever");
        assert!(shares.take(&caller, 3).is_none());
    }
}

//! How long whoever failed to sign in waits before the next attempt.
//!
//! Three counts of failures, each with a delay that doubles (ADR 55):
//!
//! - of an account from one address: after 3, from a second up to five minutes;
//! - of an address: after 30, the same. A school may be behind one;
//! - of an account from anywhere: after 10, up to one minute.
//!
//! From an address from which the holder of an account signed in before, the first count alone holds. So nobody at another
//! address makes her wait. Neither does anybody make one wait who has a one-time code: that the third count does not hold for,
//! since a code cannot be guessed.
//!
//! All of it is in memory and bounded, and forgotten with the process: then guessing starts anew, at tens of attempts.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use parking_lot::Mutex;

/// Most addresses, and most accounts (also such as there are not), that are counted.
const COUNTED_MAX: usize = 8_192;

/// Most accounts that are counted of one address.
const OF_ADDRESS_MAX: usize = 64;

/// After how long a count is forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(24);

/// Most sign-ins of one account in an hour: each has a line in the log.
const SIGN_INS_MAX: u32 = 60;

/// How failures delay.
struct Growth {
    free: u32,
    max: Duration,
}

const OF_PAIR: Growth = Growth {
    free: 3,
    max: Duration::from_mins(5),
};
const OF_ADDRESS: Growth = Growth {
    free: 30,
    max: Duration::from_mins(5),
};
const OF_ACCOUNT: Growth = Growth {
    free: 10,
    max: Duration::from_mins(1),
};

/// An attempt to sign in, as far as delays go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Knock<'a> {
    /// What she calls herself; there need not be such an account.
    pub account: &'a str,
    /// From where, as [`super::origin`] makes it.
    pub address: IpAddr,
    /// Whether the holder of that account signed in from there before.
    pub is_known: bool,
    /// Whether she has a one-time code.
    pub has_code: bool,
}

/// An attempt that may be made. It counts as a failure until it is told that it was none.
#[derive(Clone, Debug)]
#[must_use = "an attempt that succeeds is to be told so"]
pub struct Attempt {
    account: String,
    address: IpAddr,
    is_known: bool,
}

/// What is counted. Share it between threads.
#[derive(Debug, Default)]
pub struct Delays(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    addresses: HashMap<IpAddr, OfAddress>,
    accounts: HashMap<String, Count>,
    /// Sign-ins of an hour, by account.
    signed_in: HashMap<String, Count>,
}

#[derive(Clone, Debug, Default)]
struct OfAddress {
    all: Count,
    used: Duration,
    accounts: HashMap<String, Count>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    number: u32,
    last: Duration,
}

impl Delays {
    /// Takes an attempt at `now`, told by the time since some moment; or says how long to wait before.
    ///
    /// # Errors
    ///
    /// How long it is until an attempt may be made.
    pub fn attempt(&self, knock: Knock<'_>, now: Duration) -> Result<Attempt, Duration> {
        let mut counts = self.0.lock();
        let wait = counts.wait(knock, now);
        if !wait.is_zero() {
            return Err(wait);
        }
        counts.add(knock, now);
        Ok(Attempt {
            account: knock.account.to_owned(),
            address: knock.address,
            is_known: knock.is_known,
        })
    }

    /// The attempt was none that failed.
    pub fn succeeded(&self, attempt: &Attempt) {
        let mut counts = self.0.lock();
        if let Some(of_address) = counts.addresses.get_mut(&attempt.address) {
            of_address.accounts.remove(&attempt.account);
        }
        counts.take_back_of_strangers(attempt);
    }

    /// The attempt neither failed nor let anybody in, as a right password does where a code is asked for besides: it is taken
    /// back alone. What failed before still counts, so nobody who knows the password guesses codes without waiting.
    pub fn taken_back(&self, attempt: &Attempt) {
        let mut counts = self.0.lock();
        let of_address = counts.addresses.get_mut(&attempt.address);
        if let Some(pair) = of_address.and_then(|of_address| of_address.accounts.get_mut(&attempt.account)) {
            pair.number = pair.number.saturating_sub(1);
        }
        counts.take_back_of_strangers(attempt);
    }

    /// Counts a sign-in of `account`, an account that there is.
    ///
    /// # Errors
    ///
    /// How long it is until there may be another, if there were too many within an hour.
    pub fn signs_in(&self, account: &str, now: Duration) -> Result<(), Duration> {
        const HOUR: Duration = Duration::from_hours(1);
        let mut counts = self.0.lock();
        make_room(&mut counts.signed_in, account, COUNTED_MAX, |count| count.last);
        let count = counts
            .signed_in
            .entry(account.to_owned())
            .or_insert(Count { number: 0, last: now });
        // Here `last` is when the hour began.
        let left = HOUR.saturating_sub(now.saturating_sub(count.last));
        if left.is_zero() {
            *count = Count { number: 0, last: now };
        }
        if count.number >= SIGN_INS_MAX {
            return Err(left);
        }
        count.number += 1;
        Ok(())
    }
}

impl Counts {
    /// Takes an attempt back from the counts that hold for addresses that are not known.
    fn take_back_of_strangers(&mut self, attempt: &Attempt) {
        if attempt.is_known {
            return;
        }
        if let Some(of_address) = self.addresses.get_mut(&attempt.address) {
            of_address.all.number = of_address.all.number.saturating_sub(1);
        }
        if let Some(count) = self.accounts.get_mut(&attempt.account) {
            count.number = count.number.saturating_sub(1);
        }
    }

    fn wait(&self, knock: Knock<'_>, now: Duration) -> Duration {
        let of_address = self.addresses.get(&knock.address);
        let pair = of_address.and_then(|of_address| of_address.accounts.get(knock.account));
        let pair = pair.map_or(Duration::ZERO, |count| count.wait(&OF_PAIR, now));
        if knock.is_known {
            return pair;
        }
        let address = of_address.map_or(Duration::ZERO, |of_address| of_address.all.wait(&OF_ADDRESS, now));
        let account = self.accounts.get(knock.account).filter(|_| !knock.has_code);
        let account = account.map_or(Duration::ZERO, |count| count.wait(&OF_ACCOUNT, now));
        pair.max(address).max(account)
    }

    fn add(&mut self, knock: Knock<'_>, now: Duration) {
        make_room(&mut self.addresses, &knock.address, COUNTED_MAX, |of_address| {
            of_address.used
        });
        let of_address = self.addresses.entry(knock.address).or_default();
        make_room(&mut of_address.accounts, knock.account, OF_ADDRESS_MAX, |count| {
            count.last
        });
        of_address
            .accounts
            .entry(knock.account.to_owned())
            .or_default()
            .add(now);
        of_address.used = now;
        if knock.is_known {
            return;
        }
        of_address.all.add(now);
        make_room(&mut self.accounts, knock.account, COUNTED_MAX, |count| count.last);
        self.accounts.entry(knock.account.to_owned()).or_default().add(now);
    }
}

impl Count {
    fn add(&mut self, now: Duration) {
        if now.saturating_sub(self.last) >= FORGOTTEN_AFTER {
            self.number = 0;
        }
        self.number = self.number.saturating_add(1);
        self.last = now;
    }

    /// How long to wait at `now`.
    fn wait(&self, growth: &Growth, now: Duration) -> Duration {
        let Some(beyond) = self.number.checked_sub(growth.free) else {
            return Duration::ZERO;
        };
        let seconds = 1_u64.checked_shl(beyond).unwrap_or(u64::MAX);
        let delay = Duration::from_secs(seconds).min(growth.max);
        let passed = now.saturating_sub(self.last);
        if passed >= FORGOTTEN_AFTER {
            return Duration::ZERO;
        }
        delay.saturating_sub(passed)
    }
}

/// Lets `table` have room for `key`: what was used longest ago is forgotten.
fn make_room<K, Q, V>(table: &mut HashMap<K, V>, key: &Q, max: usize, last: impl Fn(&V) -> Duration)
where
    K: std::borrow::Borrow<Q> + std::hash::Hash + Eq + Clone,
    Q: std::hash::Hash + Eq + ?Sized,
{
    if table.len() < max || table.contains_key(key) {
        return;
    }
    let oldest = table
        .iter()
        .min_by_key(|(_, value)| last(value))
        .map(|(key, _)| key.clone());
    if let Some(oldest) = oldest {
        table.remove(oldest.borrow());
    }
}

#[cfg(test)]
#[path = "delays_tests.rs"]
mod tests;

//! How often strangers may ask: a few at once, then at a steady pace, each address for itself and all together.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// How often one address may ask.
const OF_ONE: Rate = Rate {
    at_once: 30,
    every: Duration::from_secs(2),
};

/// How often all together may.
const OF_ALL: Rate = Rate {
    at_once: 600,
    every: Duration::from_millis(50),
};

/// Most addresses that are remembered, which takes a megabyte: beyond that many at once only the pace of all holds.
const ADDRESSES_MAX: usize = 10_000;

/// So many at once, and one more after each interval.
#[derive(Clone, Copy, Debug)]
struct Rate {
    at_once: u32,
    every: Duration,
}

/// The pace at which something is asked by strangers.
#[derive(Debug, Default)]
pub struct Pace(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    all: Bucket,
    addresses: HashMap<IpAddr, Bucket>,
}

/// When all that was asked would be worked off at the steady pace; nothing asked is worked off.
#[derive(Clone, Copy, Debug, Default)]
struct Bucket(Option<Instant>);

impl Rate {
    /// Takes one; else how long until there is one.
    fn take(self, bucket: Bucket, now: Instant) -> Result<Bucket, Duration> {
        let from = bucket.0.filter(|until| *until > now).unwrap_or(now);
        let ahead = from.duration_since(now);
        let most = self.every * (self.at_once - 1);
        match ahead.checked_sub(most) {
            Some(wait) if !wait.is_zero() => Err(wait),
            _ => Ok(Bucket(Some(from + self.every))),
        }
    }
}

impl Pace {
    /// One question of this address, now.
    ///
    /// # Errors
    ///
    /// How long to wait, if it asks too often, or all together do.
    pub fn ask(&self, address: IpAddr, now: Instant) -> Result<(), Duration> {
        let mut inner = self.0.lock();
        let Inner { all, addresses } = &mut *inner;
        let address = household(address);
        if addresses.len() >= ADDRESSES_MAX && !addresses.contains_key(&address) {
            addresses.retain(|_, bucket| bucket.0.is_some_and(|until| until > now));
        }
        let of_one = OF_ONE.take(addresses.get(&address).copied().unwrap_or_default(), now)?;
        *all = OF_ALL.take(*all, now)?;
        if addresses.len() < ADDRESSES_MAX || addresses.contains_key(&address) {
            addresses.insert(address, of_one);
        }
        Ok(())
    }
}

/// Who has one address of IPv6 has all that share its first half.
fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v4(last: u32) -> IpAddr {
        std::net::Ipv4Addr::from_bits(0x0a00_0000 + last).into()
    }

    #[test]
    fn an_address_asks_thirty_times_at_once_and_then_every_two_seconds() {
        let (pace, now) = (Pace::default(), Instant::now());
        for _ in 0..30 {
            pace.ask(v4(1), now).unwrap();
        }
        assert_eq!(pace.ask(v4(1), now), Err(Duration::from_secs(2)));
        pace.ask(v4(2), now).expect("another is not kept waiting");
        let later = now + Duration::from_secs(2);
        pace.ask(v4(1), later).unwrap();
        assert!(pace.ask(v4(1), later).is_err());
    }

    #[test]
    fn neighbours_of_one_household_are_one_and_all_together_have_a_pace_too() {
        let (pace, now) = (Pace::default(), Instant::now());
        for last in 0..30 {
            let address: IpAddr = format!("2001:db8::{last:x}").parse().unwrap();
            pace.ask(address, now).unwrap();
        }
        assert!(pace.ask("2001:db8::ffff".parse().unwrap(), now).is_err());
        let more = (0..10_000).filter(|last| pace.ask(v4(*last), now).is_ok()).count();
        assert_eq!(more, 570);
        assert!(pace.0.lock().addresses.len() <= ADDRESSES_MAX);
    }

    #[test]
    fn no_more_addresses_are_remembered_than_there_is_room_for() {
        let (pace, mut now) = (Pace::default(), Instant::now());
        for last in 0..12_000 {
            now += Duration::from_millis(50);
            pace.ask(v4(last), now).unwrap();
        }
        assert!(pace.0.lock().addresses.len() <= ADDRESSES_MAX);
    }
}

use proptest::prelude::*;

use super::*;

const HERS: &str = "lb-0001";

fn address(n: u8) -> IpAddr {
    IpAddr::from([10, 0, 0, n])
}

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn knock(account: &str, n: u8) -> Knock<'_> {
    Knock {
        account,
        address: address(n),
        is_known: false,
        has_code: false,
    }
}

#[test]
fn the_first_three_failures_of_an_account_at_an_address_cost_nothing_and_the_next_double_up_to_five_minutes() {
    let delays = Delays::default();
    let mut now = Duration::ZERO;
    let mut waited = Vec::new();
    for _ in 0..16 {
        match delays.attempt(knock(HERS, 1), now) {
            Ok(_failed) => waited.push(0),
            Err(wait) => {
                // A second too early is too early.
                assert!(
                    delays
                        .attempt(knock(HERS, 1), now + wait.saturating_sub(seconds(1)))
                        .is_err()
                );
                now += wait;
                waited.push(wait.as_secs());
                let _failed = delays.attempt(knock(HERS, 1), now).unwrap();
            }
        }
    }
    assert_eq!(waited, [0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300]);
    // A day without failures is a new beginning.
    now += FORGOTTEN_AFTER;
    for _ in 0..3 {
        let _failed = delays.attempt(knock(HERS, 1), now).unwrap();
    }
    assert!(delays.attempt(knock(HERS, 1), now).is_err());
}

#[test]
fn an_attempt_that_succeeds_is_no_failure() {
    let delays = Delays::default();
    for _ in 0..100 {
        for _ in 0..2 {
            let _failed = delays.attempt(knock(HERS, 1), Duration::ZERO).unwrap();
        }
        let right = delays
            .attempt(
                Knock {
                    is_known: true,
                    ..knock(HERS, 1)
                },
                Duration::ZERO,
            )
            .unwrap();
        delays.succeeded(&right);
        if delays.attempt(knock("lb-0002", 1), Duration::ZERO).is_err() {
            // What failed from that address counts, whoever succeeds there.
            return;
        }
    }
    panic!("an address is never delayed");
}

#[test]
fn an_attempt_that_is_taken_back_neither_counts_nor_lets_what_failed_be_forgotten() {
    let delays = Delays::default();
    for is_known in [true, false] {
        let knock = Knock {
            is_known,
            ..knock(HERS, u8::from(is_known))
        };
        for _ in 0..2 {
            let _failed = delays.attempt(knock, Duration::ZERO).unwrap();
            for _ in 0..50 {
                let asked = delays.attempt(knock, Duration::ZERO).unwrap();
                delays.taken_back(&asked);
            }
        }
        let _failed = delays.attempt(knock, Duration::ZERO).unwrap();
        assert_eq!(delays.attempt(knock, Duration::ZERO).unwrap_err(), seconds(1));
    }
}

#[test]
fn whoever_has_a_code_does_not_wait_for_those_who_guess_from_elsewhere() {
    let delays = Delays::default();
    for n in 0..40 {
        let _maybe = delays.attempt(knock(HERS, n), Duration::ZERO);
    }
    assert!(delays.attempt(knock(HERS, 99), Duration::ZERO).is_err());
    let with_code = Knock {
        has_code: true,
        ..knock(HERS, 99)
    };
    let _failed = delays.attempt(with_code, Duration::ZERO).unwrap();
}

#[test]
fn an_account_signs_in_sixty_times_an_hour_at_most() {
    let delays = Delays::default();
    for _ in 0..SIGN_INS_MAX {
        delays.signs_in(HERS, seconds(10)).unwrap();
    }
    assert_eq!(delays.signs_in(HERS, seconds(11)), Err(seconds(3_599)));
    delays.signs_in("lb-0002", seconds(11)).unwrap();
    delays.signs_in(HERS, seconds(3_610)).unwrap();
}

#[test]
fn what_is_counted_is_bounded_whoever_calls() {
    let delays = Delays::default();
    for n in 0..u32::try_from(COUNTED_MAX).unwrap() + 300 {
        let name = format!("nobody-{n}");
        let knock = Knock {
            address: IpAddr::from(n.to_be_bytes()),
            ..knock(&name, 0)
        };
        let _maybe = delays.attempt(knock, seconds(n.into()));
    }
    for n in 0..3 * OF_ADDRESS_MAX {
        let _maybe = delays.attempt(knock(&format!("nobody-{n}"), 1), seconds(1_000_000 + 400 * n as u64));
    }
    let counts = delays.0.lock();
    assert_eq!(
        (counts.addresses.len(), counts.accounts.len()),
        (COUNTED_MAX, COUNTED_MAX)
    );
    assert!(counts.addresses.values().all(|of| of.accounts.len() <= OF_ADDRESS_MAX));
    assert_eq!(counts.addresses[&address(1)].accounts.len(), OF_ADDRESS_MAX);
}

/// One who knocks: at which account, from where, with a code or not, how long after the one before.
#[derive(Clone, Debug)]
struct Guess {
    account: u8,
    address: u8,
    has_code: bool,
    after: u64,
}

prop_compose! {
    fn guess(addresses: std::ops::Range<u8>)(
        account in 0..4_u8,
        address in addresses,
        has_code: bool,
        after in prop_oneof![Just(0), 0..3_000_u64, 0..600_000_u64],
    ) -> Guess {
        Guess { account, address, has_code, after }
    }
}

/// Lets strangers guess, some of whom are right about their own account, and says how long she waits after that.
fn wait_after(guesses: &[Guess], hers: Knock<'_>) -> Duration {
    let delays = Delays::default();
    let mut now = Duration::ZERO;
    for guess in guesses {
        now += Duration::from_millis(guess.after);
        let account = format!("lb-000{}", guess.account);
        let attempt = delays.attempt(
            Knock {
                has_code: guess.has_code,
                ..knock(&account, guess.address)
            },
            now,
        );
        if let (Ok(right), 3) = (attempt, guess.account) {
            delays.succeeded(&right);
        }
    }
    delays.attempt(hers, now).err().unwrap_or_default()
}

proptest! {
    #[test]
    fn nobody_elsewhere_makes_the_holder_wait_at_an_address_where_she_signed_in_before(
        guesses in prop::collection::vec(guess(0..9), 0..400),
    ) {
        let hers = Knock { is_known: true, ..knock("lb-0001", 99) };
        prop_assert_eq!(wait_after(&guesses, hers), Duration::ZERO);
    }

    #[test]
    fn nobody_makes_anybody_wait_for_more_than_five_minutes_or_one_elsewhere_with_a_code_at_all(
        guesses in prop::collection::vec(guess(0..9), 0..400),
        is_known: bool,
        has_code: bool,
    ) {
        let there = Knock { is_known, has_code, ..knock("lb-0001", 1) };
        prop_assert!(wait_after(&guesses, there) <= Duration::from_mins(5));
        let elsewhere = Knock { is_known: false, has_code: true, ..knock("lb-0001", 99) };
        prop_assert_eq!(wait_after(&guesses, elsewhere), Duration::ZERO);
        // Without one, and where she never was: as long as an account is delayed.
        let elsewhere = Knock { has_code: false, ..elsewhere };
        prop_assert!(wait_after(&guesses, elsewhere) <= Duration::from_mins(1));
    }
}

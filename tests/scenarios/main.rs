//! Whole-system scenarios: the real binary, a real nats-server, real kills, real disks.

mod accounts;
mod browser;
mod certificates;
mod connect;
mod console;
mod directory;
mod guests;
mod import;
mod intake;
mod kills;
mod layout;
mod login;
mod nats;
mod privacy;
mod python;
mod tls;
mod watched;
mod witnessed;

/// Whether the long forms are wanted (`tests/run --long`).
fn is_long() -> bool {
    std::env::var_os("KESHI_TEST_LONG").is_some()
}

/// The seed of everything random in a test, printed so that a failure can be repeated.
fn seed() -> u64 {
    let seed = std::env::var("KESHI_TEST_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or(20_221_231);
    println!("KESHI_TEST_SEED={seed}");
    seed
}

//! Bundles changed at random, in their bytes and in their pieces: none passes, none panics, none hangs.

use keshi_bundle::format::Bundle;
use proptest::test_runner::RngSeed;
use rand::rngs::StdRng;
use rand::{RngCore as _, SeedableRng as _};

use crate::made::{check, resealed};
use crate::support::random;
use crate::tampered::both;

/// Changes that keep more of the form than a flipped bit does.
fn mutate(bundle: &mut Vec<u8>, draw: &mut impl FnMut(usize) -> usize) {
    for _ in 0..=draw(3) {
        if bundle.is_empty() {
            return;
        }
        let at = draw(bundle.len());
        let long = 1 + draw(40);
        let to = (at + long).min(bundle.len());
        match draw(9) {
            0 => bundle[at] ^= 1 << draw(8),
            1 => bundle[at] = u8::try_from(draw(256)).unwrap(),
            2 => drop(bundle.drain(at..to)),
            3 => {
                let copy = bundle[at..to].to_vec();
                let there = draw(bundle.len());
                bundle.splice(there..there, copy);
            }
            4 => bundle[at..to].fill(0xFF),
            5 => bundle[at..to].fill(0),
            6 => bundle.truncate(at),
            7 => {
                let there = draw(bundle.len());
                bundle.swap(at, there);
            }
            // A number that counts or says a length.
            _ => {
                let digit = bundle.iter().skip(at).position(u8::is_ascii_digit);
                if let Some(place) = digit {
                    bundle[at + place] = b'0' + u8::try_from(draw(10)).unwrap();
                }
            }
        }
    }
}

#[test]
fn no_mutated_bundle_passes_and_none_panics() {
    let RngSeed::Fixed(seed) = random::config(1).rng_seed else {
        unreachable!("the seed is always given");
    };
    let mut rng = StdRng::seed_from_u64(seed);
    let mut draw = |below: usize| usize::try_from(rng.next_u64() % below as u64).unwrap();
    let originals = both();
    let (mut passed_over, cases) = (0_u32, random::long(5_000_000, 6_000));
    for case in 0..cases {
        let original = &originals[draw(2)];
        let mut bundle = original.clone();
        mutate(&mut bundle, &mut draw);
        // Half of them as by somebody who knows of the hash at the end.
        if case % 2 == 0 {
            bundle = resealed(bundle);
        }
        if bundle == *original {
            passed_over += 1;
            continue;
        }
        let parsed = Bundle::parse(&bundle);
        assert!(check(&bundle).is_err(), "seed {seed}, case {case} passes: {parsed:?}");
    }
    println!("{cases} mutated bundles, {passed_over} of them unchanged, seed {seed}");
}

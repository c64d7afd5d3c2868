//! Notes, keys and checkpoints: whose they are, and that nothing malformed passes or panics.

use keshi_verify::Hash;
use keshi_verify::checkpoint::{Checkpoint, NoCheckpoint, PeopleRoot};
use keshi_verify::key::{NoKey, SigningKey, VerifierKey, is_key_name};
use keshi_verify::note::{MAX_NOTE_BYTES, MAX_SIGNATURES, NoNote, NotSigned, Note};
use proptest::prelude::*;

use crate::support::key;

fn said() -> Checkpoint {
    Checkpoint {
        origin: key(1).public().name().to_owned(),
        size: 4_753,
        root: Hash([9; 32]),
        people: None,
    }
}

#[test]
fn the_example_of_the_specification_is_verified() {
    let key = VerifierKey::parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k").unwrap();
    let note = "This is an example message.\n\n\u{2014} example.com/foo \
                Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
    let read = Note::parse(note.as_bytes()).unwrap();
    let keys = [key];
    assert_eq!(read.verify(&keys).unwrap(), ("This is an example message.\n", &keys[0]));
    assert_eq!(read.to_string(), note);
}

#[test]
fn a_checkpoint_is_believed_of_its_own_key_only() {
    let (ours, other) = (key(1), key(2));
    let note = said().sign([&ours]).to_string();
    let open = |keys: &[&SigningKey]| {
        let keys: Vec<VerifierKey> = keys.iter().map(|key| key.public().clone()).collect();
        Checkpoint::open(note.as_bytes(), &keys)
    };
    assert_eq!(open(&[&ours]), Ok(said()));
    assert_eq!(open(&[&other, &ours]), Ok(said()));
    assert_eq!(open(&[&other]), Err(NoCheckpoint::NotSigned(NotSigned::NoKnownKey)));
    assert_eq!(open(&[]), Err(NoCheckpoint::NotSigned(NotSigned::NoKnownKey)));
    let stranger = SigningKey::of_secret("example.com/other", &[1; 32]).unwrap();
    let signed = said().sign([&stranger]).to_string();
    let opened = Checkpoint::open(signed.as_bytes(), &[stranger.public().clone()]);
    assert_eq!(opened, Err(NoCheckpoint::OtherOrigin));
}

#[test]
fn signatures_of_others_are_passed_over_and_a_wrong_one_of_ours_is_not() {
    let (ours, witness) = (key(1), SigningKey::of_secret("witness.example", &[3; 32]).unwrap());
    let both = said().sign([&witness, &ours]).to_string();
    let keys = [ours.public().clone()];
    assert_eq!(Checkpoint::open(both.as_bytes(), &keys), Ok(said()));
    let longer = Checkpoint { size: 4_754, ..said() };
    let grafted = longer.sign([&ours]).to_string();
    let signature = grafted.split("\n\n").nth(1).unwrap();
    let wrong = format!("{both}{signature}");
    let opened = Checkpoint::open(wrong.as_bytes(), &keys);
    assert_eq!(opened, Err(NoCheckpoint::NotSigned(NotSigned::Wrong)));
}

#[test]
fn every_flipped_bit_of_a_checkpoint_takes_it_away() {
    let key = key(1);
    let note = said().sign([&key]).to_string().into_bytes();
    let keys = [key.public().clone()];
    for bit in 0..note.len() * 8 {
        let mut bytes = note.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(Checkpoint::open(&bytes, &keys).is_err(), "bit {bit}");
    }
    for end in 0..note.len() {
        assert!(Checkpoint::open(&note[..end], &keys).is_err(), "cut at {end}");
    }
}

#[test]
fn texts_that_are_no_checkpoint_are_none() {
    let root = "CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=";
    let parse = |text: &str| Checkpoint::parse(text);
    assert_eq!(parse(&format!("{}\n4753\n{root}\n", said().origin)), Some(said()));
    assert_eq!(parse(&format!("{}\n4753\n{root}\nmore\n", said().origin)), Some(said()));
    for text in [
        String::new(),
        "a\n1\n".to_owned(),
        format!("\n1\n{root}\n"),
        format!("a\n01\n{root}\n"),
        format!("a\n+1\n{root}\n"),
        format!("a\n\n{root}\n"),
        format!("a\n1\n{root}"),
        format!("a\n1\n{root}\n\nmore\n"),
        format!("a\n18446744073709551616\n{root}\n"),
        format!("a\n1\n{}\n", &root[..43]),
        "a\n1\nCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQl=\n".to_owned(),
    ] {
        assert_eq!(parse(&text), None, "{text:?}");
    }
}

#[test]
fn notes_are_bounded_and_plain() {
    let key = key(1);
    let many: Vec<&SigningKey> = vec![&key; MAX_SIGNATURES];
    let note = said().sign(many.clone()).to_string();
    assert!(Checkpoint::open(note.as_bytes(), &[key.public().clone()]).is_ok());
    let note = said().sign(many.into_iter().chain([&key])).to_string();
    assert_eq!(Note::parse(note.as_bytes()), Err(NoNote::TooLarge));
    assert_eq!(Note::parse(&vec![b'a'; MAX_NOTE_BYTES + 1]), Err(NoNote::TooLarge));
    assert_eq!(Note::parse(b"a\r\n\n\xe2\x80\x94 a AAAAAAAA\n"), Err(NoNote::NoText));
    assert_eq!(Note::parse(b"\xff\n\n"), Err(NoNote::NoText));
    for unsigned in ["", "a", "a\n", "a\n\n", "\n\n", "a\n\n\n", "a\n\n\u{2014} a AAAAAAAA"] {
        assert_eq!(Note::parse(unsigned.as_bytes()), Err(NoNote::Unsigned), "{unsigned:?}");
    }
    for (line, signature) in [
        (3, "- a AAAAAAAA"),
        (3, "\u{2014} a AAAA"),
        (3, "\u{2014} a+b AAAAAAAA"),
        (3, "\u{2014} a"),
    ] {
        let note = format!("a\n\n{signature}\n");
        assert_eq!(
            Note::parse(note.as_bytes()),
            Err(NoNote::Signature { line }),
            "{note:?}"
        );
    }
    let note = "a\nb\n\n\u{2014} a AAAAAAAA\nnone\n";
    assert_eq!(Note::parse(note.as_bytes()), Err(NoNote::Signature { line: 5 }));
}

#[test]
fn a_key_copied_wrongly_is_told_from_another_kind_of_key() {
    let text = key(1).public().to_string();
    let (name, rest) = text.split_once('+').unwrap();
    assert_eq!(VerifierKey::parse(&text).unwrap().to_string(), text);
    assert_eq!(VerifierKey::parse(&format!("{name}x+{rest}")), Err(NoKey::OtherId));
    assert_eq!(VerifierKey::parse(&format!("a b+{rest}")), Err(NoKey::Name));
    assert_eq!(VerifierKey::parse(name), Err(NoKey::Form));
    assert_eq!(VerifierKey::parse(&text[..text.len() - 4]), Err(NoKey::Form));
    assert_eq!(VerifierKey::parse(&format!("{text}\n")), Err(NoKey::Form));
    let (id, bytes) = rest.split_once('+').unwrap();
    let other_kind = format!("{name}+{id}+BA{}", &bytes[2..]);
    assert_eq!(VerifierKey::parse(&other_kind), Err(NoKey::OtherKind { kind: 4 }));
    assert_eq!(
        VerifierKey::parse(&format!("{name}+{}+{bytes}", id.to_uppercase() + "A")),
        Err(NoKey::Form)
    );
    assert!(!is_key_name("") && !is_key_name("a\u{3000}b") && !is_key_name("a+b") && !is_key_name(&"x".repeat(256)));
    let secret = key(1).reveal();
    assert!(SigningKey::parse(&text).is_err() && VerifierKey::parse(&secret).is_err());
    assert!(!format!("{:?}", key(1)).contains(secret.rsplit('+').next().unwrap()));
}

proptest! {
    #[test]
    fn any_bytes_are_read_as_a_note_without_a_panic(bytes in any::<Vec<u8>>()) {
        let _read = Note::parse(&bytes);
    }

    #[test]
    fn a_mutated_note_says_what_was_signed_or_nothing(at in any::<usize>(), with in "\\PC{0,8}", cut in 0..12_usize) {
        let key = key(1);
        let mut note = said().sign([&key]).to_string();
        let places: Vec<usize> = note.char_indices().map(|(place, _)| place).collect();
        let place = places[at % places.len()];
        let mut end = (place + cut).min(note.len());
        while !note.is_char_boundary(end) {
            end += 1;
        }
        note.replace_range(place..end, &with);
        // Nothing that was not signed is ever read out of it.
        if let Ok(read) = Checkpoint::open(note.as_bytes(), &[key.public().clone()]) {
            prop_assert_eq!(read, said());
        }
    }

    #[test]
    fn any_text_is_read_as_a_key_without_a_panic(text in "\\PC{0,120}") {
        let _read = (VerifierKey::parse(&text), SigningKey::parse(&format!("PRIVATE+KEY+{text}")));
    }
}

#[test]
fn what_a_checkpoint_says_of_persons_is_signed_with_the_rest_and_read_strictly() {
    let people = Some(PeopleRoot {
        count: 7_012,
        root: Hash([3; 32]),
    });
    let said = Checkpoint { people, ..said() };
    let note = said.sign([&key(1)]);
    let keys = [key(1).public().clone()];
    assert_eq!(Checkpoint::open(note.to_string().as_bytes(), &keys), Ok(said));
    let text = note.unverified_text();
    assert!(Checkpoint::parse(text).is_some());
    // Lines of other kinds are a later release's.
    assert!(Checkpoint::parse(&format!("{text}weather fine\n")).is_some());
    for bad in [
        text.replace("people 7012", "people 07012"),
        text.replace("people 7012 ", "people "),
        format!("{text}people 7012 {}\n", "A".repeat(43) + "="),
        format!("{text}\n"),
    ] {
        assert_eq!(Checkpoint::parse(&bad), None, "{bad}");
    }
}

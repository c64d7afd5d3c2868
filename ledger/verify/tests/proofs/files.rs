//! Proofs as files, checked with a public key and nothing else.

use keshi_verify::checkpoint::{Checkpoint, NoCheckpoint};
use keshi_verify::note::{NotSigned, Note};
use keshi_verify::proof::{Unproved, consistency, inclusion, root};
use keshi_verify::proof_file::{
    ConsistencyFile, InclusionFile, MAX_FILE_BYTES, NoProofFile, NotProved, ProofFile, Proved,
};
use keshi_verify::{Hash, key::SigningKey};
use proptest::prelude::*;

use crate::support::{Tree, key};

const SIZE: u64 = 300;

fn checkpoint(tree: &Tree, size: u64) -> Checkpoint {
    Checkpoint {
        origin: key(1).public().name().to_owned(),
        size,
        root: root(&mut tree.subtrees(), size).unwrap(),
        people: None,
    }
}

fn signed(tree: &Tree, size: u64) -> Note {
    checkpoint(tree, size).sign([&key(1)])
}

fn of_entry(index: u64) -> ProofFile {
    let tree = Tree::numbered(SIZE);
    ProofFile::Inclusion(InclusionFile {
        index,
        entry: Some(index.to_be_bytes().to_vec()),
        hashes: inclusion(&mut tree.subtrees(), index, SIZE).unwrap(),
        checkpoint: signed(&tree, SIZE),
    })
}

fn from(old: u64) -> ProofFile {
    let tree = Tree::numbered(SIZE);
    ProofFile::Consistency(ConsistencyFile {
        hashes: consistency(&mut tree.subtrees(), old, SIZE).unwrap(),
        older: signed(&tree, old),
        newer: signed(&tree, SIZE),
    })
}

fn check(text: &str, key: &SigningKey) -> Result<Proved, NotProved> {
    ProofFile::parse(text.as_bytes())
        .unwrap()
        .check(&[key.public().clone()])
}

#[test]
fn a_file_proves_what_it_says_to_whoever_has_the_key() {
    let tree = Tree::numbered(SIZE);
    let newest = checkpoint(&tree, SIZE);
    for index in [0, 17, 255, 256, 299] {
        let text = of_entry(index).to_string();
        assert!(text.starts_with("c2sp.org/tlog-proof@v1\nextra "));
        let proved = Proved::Inclusion {
            index,
            entry: index.to_be_bytes().to_vec(),
            checkpoint: newest.clone(),
        };
        assert_eq!(check(&text, &key(1)), Ok(proved));
    }
    for old in [1, 44, 256, 299, 300] {
        let proved = Proved::Consistency {
            older: checkpoint(&tree, old),
            newer: newest.clone(),
        };
        assert_eq!(check(&from(old).to_string(), &key(1)), Ok(proved), "from {old}");
    }
    let text = signed(&tree, SIZE).to_string();
    assert_eq!(check(&text, &key(1)), Ok(Proved::Checkpoint(newest)));
}

#[test]
fn a_file_reads_back_as_written() {
    let checkpoint = ProofFile::Checkpoint(signed(&Tree::numbered(3), 3));
    for file in [of_entry(17), of_entry(0), from(1), from(299), from(300), checkpoint] {
        let text = file.to_string();
        assert_eq!(ProofFile::parse(text.as_bytes()), Ok(file));
    }
}

#[test]
fn another_key_another_entry_and_another_ledger_prove_nothing() {
    let unknown = NotProved::Checkpoint(NoCheckpoint::NotSigned(NotSigned::NoKnownKey));
    assert_eq!(check(&of_entry(17).to_string(), &key(2)), Err(unknown));
    assert_eq!(check(&from(17).to_string(), &key(2)), Err(unknown));
    let ProofFile::Inclusion(file) = of_entry(17) else {
        unreachable!()
    };
    let other = InclusionFile {
        entry: Some(b"another".to_vec()),
        ..file.clone()
    };
    let other = ProofFile::Inclusion(other).to_string();
    assert_eq!(check(&other, &key(1)), Err(NotProved::Proof(Unproved::OtherRoot)));
    let moved = ProofFile::Inclusion(InclusionFile {
        index: 16,
        ..file.clone()
    })
    .to_string();
    assert_eq!(check(&moved, &key(1)), Err(NotProved::Proof(Unproved::OtherRoot)));
    let silent = ProofFile::Inclusion(InclusionFile { entry: None, ..file }).to_string();
    assert_eq!(check(&silent, &key(1)), Err(NotProved::NoEntry));
    // A ledger that went another way: its old checkpoint is signed, and yet no beginning of the new one.
    let forked = Tree::of((0..SIZE).map(|number| format!("other {number}").into_bytes()));
    let ProofFile::Consistency(file) = from(200) else {
        unreachable!()
    };
    let fork = ConsistencyFile {
        older: signed(&forked, 200),
        ..file
    };
    let fork = ProofFile::Consistency(fork).to_string();
    assert_eq!(check(&fork, &key(1)), Err(NotProved::Proof(Unproved::OtherOldRoot)));
}

#[test]
fn what_is_no_proof_is_said_to_be_none() {
    let text = of_entry(17).to_string();
    for bad in [
        String::new(),
        "hello\n".to_owned(),
        text.replace("index 17", "index 017"),
        text.replace("index 17\n", ""),
        text.replace("\n\n", "\n"),
        format!("{text} "),
        text.replace("extra ", "extra !"),
        text.replace('\n', "\r\n"),
    ] {
        assert_eq!(ProofFile::parse(bad.as_bytes()), Err(NoProofFile::Form), "{bad}");
    }
    let ProofFile::Inclusion(file) = of_entry(17) else {
        unreachable!()
    };
    let long = InclusionFile {
        hashes: vec![Hash::EMPTY; 65],
        ..file
    };
    assert_eq!(
        ProofFile::parse(ProofFile::Inclusion(long).to_string().as_bytes()),
        Err(NoProofFile::Form)
    );
    assert_eq!(
        ProofFile::parse(&vec![b'a'; MAX_FILE_BYTES + 1]),
        Err(NoProofFile::TooLarge)
    );
}

proptest! {
    #[test]
    fn a_mutated_file_proves_the_same_or_nothing(which in 0..2_u8, at in any::<usize>(), with in any::<u8>(), remove in any::<bool>()) {
        let file = if which == 0 { of_entry(17) } else { from(200) };
        let keys = [key(1).public().clone()];
        let mut bytes = file.to_string().into_bytes();
        let place = at % bytes.len();
        if remove { bytes.remove(place); } else { bytes[place] = with; }
        if let Ok(read) = ProofFile::parse(&bytes)
            && let Ok(proved) = read.check(&keys)
        {
            prop_assert_eq!(Ok(proved), file.check(&keys));
        }
    }

    #[test]
    fn any_text_is_read_as_a_file_without_a_panic(text in "(c2sp.org/tlog-proof@v1\n|keshi/consistency-proof@v1\n)?(\\PC|\n){0,300}") {
        let _read = ProofFile::parse(text.as_bytes());
    }
}

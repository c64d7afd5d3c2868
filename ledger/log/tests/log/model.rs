//! Random use of a log, compared step by step with vectors.

use keshi_log::{Log, MAX_ENTRY_BYTES};
use proptest::prelude::*;

use crate::support::{contents, identity, naive_root, scratch};

#[derive(Clone, Debug)]
enum Op {
    Append(Vec<Vec<u8>>),
    Seal,
    Discard,
    Commit,
    DecideVersion,
    Reopen,
}

#[derive(Default)]
struct Model {
    committed: Vec<Vec<u8>>,
    committed_cursor: u64,
    sealed: Vec<Vec<u8>>,
    cursor: u64,
    unsealed: Vec<Vec<u8>>,
}

fn entry() -> impl Strategy<Value = Vec<u8>> {
    // Mostly like real events, sometimes at the limits.
    let length = prop_oneof![8 => 100..400usize, 1 => 0..3usize, 1 => 3_000..=MAX_ENTRY_BYTES];
    (length, any::<u8>()).prop_map(|(length, byte)| (0..length).map(|at| byte.wrapping_add(at as u8)).collect())
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => proptest::collection::vec(entry(), 1..60).prop_map(Op::Append),
        4 => Just(Op::Seal),
        1 => Just(Op::Discard),
        4 => Just(Op::Commit),
        1 => Just(Op::DecideVersion),
        1 => Just(Op::Reopen),
    ]
}

impl Model {
    fn apply(&mut self, op: &Op) {
        match op {
            Op::Append(entries) => self.unsealed.extend(entries.iter().cloned()),
            Op::Seal => {
                self.sealed.append(&mut self.unsealed);
                self.cursor += 1;
            }
            Op::Discard => self.unsealed.clear(),
            Op::Commit => {
                self.committed.append(&mut self.sealed);
                self.committed_cursor = self.cursor;
            }
            Op::DecideVersion => {}
            Op::Reopen => {
                self.sealed.clear();
                self.unsealed.clear();
                self.cursor = self.committed_cursor;
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_log_agrees_with_vectors_after_every_step(ops in proptest::collection::vec(op(), 1..40)) {
        let dir = scratch();
        let mut log = Log::create(dir.path().join("log"), &identity()).unwrap();
        let mut model = Model::default();
        for op in &ops {
            model.apply(op);
            match op {
                Op::Append(entries) => for entry in entries {
                    let next = log.next_index();
                    prop_assert_eq!(log.append(entry).unwrap(), next);
                }
                Op::Seal => log.seal(model.cursor),
                Op::Discard => log.discard_unsealed(),
                Op::Commit => {
                    let committed = log.commit().unwrap();
                    prop_assert_eq!(committed, log.committed());
                }
                Op::DecideVersion => log.set_decide_version(log.highest_decide_version() + 1),
                Op::Reopen => {
                    drop(log);
                    let mut seen = Vec::new();
                    log = Log::open_with(dir.path().join("log"), |block| {
                        seen.extend(block.entries().map(|(_, entry)| entry.to_vec()));
                    }).unwrap();
                    prop_assert_eq!(&seen, &model.committed);
                }
            }
            prop_assert_eq!(log.size(), model.committed.len() as u64);
            prop_assert_eq!(log.cursor(), model.committed_cursor);
            let staged = model.sealed.len() + model.unsealed.len();
            prop_assert_eq!(log.next_index(), (model.committed.len() + staged) as u64);
        }
        prop_assert_eq!(log.root(), naive_root(&model.committed));
        prop_assert_eq!(contents(&log), model.committed);
    }
}

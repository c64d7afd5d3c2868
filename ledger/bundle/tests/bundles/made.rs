//! Ledgers in memory with their bytes, and bundles of them.

use std::convert::Infallible;

use keshi_bundle::balances;
use keshi_bundle::check::Checked;
use keshi_bundle::failed::Failed;
use keshi_bundle::figures;
use keshi_bundle::format::{Bundle, Subject};
use keshi_bundle::people::{People, Said};
use keshi_bundle::select::Selection;
use keshi_bundle::trust::TrustedKey;
use keshi_bundle::write::Writer;
use keshi_core::balance::Assessor;
use keshi_core::entry::Entry;
use keshi_core::ids::{EventId, TeacherId};
use keshi_core::state::State;
use keshi_proto::store::{EntryHead, decode_entry, encode_entry, encode_event};
use keshi_verify::checkpoint::Checkpoint;
use keshi_verify::key::SigningKey;
use keshi_verify::proof::{Subtrees, inclusion_of_all};
use keshi_verify::{Hash, MerkleStack, leaf_hash};

use crate::support::Ledger;

pub const ORIGIN: &str = "keshi/610729/00000000000000000000000061072900";

pub fn key(secret: u8) -> SigningKey {
    SigningKey::of_secret(ORIGIN, &[secret; 32]).unwrap()
}

/// The key that is trusted: that of secret 1.
pub fn trusted() -> Vec<TrustedKey> {
    vec![TrustedKey {
        key: key(1).public().clone(),
        until: None,
    }]
}

/// The bytes of an entry, as the engine writes them.
pub fn bytes_of(entry: &Entry) -> Vec<u8> {
    let head = EntryHead {
        index: entry.index,
        recorded_at: entry.recorded_at,
        submission_id: entry.submission_id,
        poster: entry.poster,
        verdict: entry.verdict,
        reason: entry.reason.as_ref(),
        outcome: entry.outcome,
    };
    let event = entry.posted.event().map(encode_event).unwrap_or_default();
    let mut bytes = Vec::new();
    encode_entry(&head, &entry.posted, &event, &mut bytes);
    bytes
}

/// What a ledger's entries come to.
#[derive(Clone)]
pub struct Made {
    pub entries: Vec<Vec<u8>>,
    pub state: State,
    pub people: People,
}

/// Leaves that are all at hand, looked up as the definition says.
struct Leaves(Vec<Hash>);

impl Subtrees for Leaves {
    type Error = Infallible;

    fn subtree(&mut self, height: u32, index: u64) -> Result<Hash, Infallible> {
        let first = usize::try_from(index << height).unwrap();
        let mut tree = MerkleStack::new();
        for leaf in &self.0[first..first + (1 << height)] {
            tree.push(*leaf);
        }
        Ok(tree.root())
    }
}

impl Made {
    pub fn of(ledger: &Ledger) -> Self {
        Self::from_bytes(ledger.entries.iter().map(bytes_of).collect())
    }

    pub fn from_bytes(entries: Vec<Vec<u8>>) -> Self {
        let (mut state, mut people) = (State::new(), People::default());
        for (index, bytes) in entries.iter().enumerate() {
            let entry = decode_entry(bytes).unwrap();
            let find = |id: EventId| {
                let index = state.at(index as u64).index_of(id)?;
                Said::by(&decode_entry(&entries[usize::try_from(index).unwrap()]).unwrap())
            };
            let Ok(()) = people.add(leaf_hash(bytes), &entry, |id| Ok::<_, Infallible>(find(id)));
            state.evolve(&entry);
        }
        Self { entries, state, people }
    }

    pub fn leaves(&self) -> Vec<Hash> {
        self.entries.iter().map(|bytes| leaf_hash(bytes)).collect()
    }

    pub fn checkpoint(&self) -> Checkpoint {
        let mut tree = MerkleStack::new();
        self.leaves().into_iter().for_each(|leaf| tree.push(leaf));
        Checkpoint {
            origin: ORIGIN.to_owned(),
            size: tree.size(),
            root: tree.root(),
            people: Some(self.people.root()),
        }
    }

    /// The bundle of a year, signed with the key of secret 1.
    pub fn year(&self, year: &str) -> Vec<u8> {
        self.year_at(year, &self.checkpoint(), &key(1))
    }

    pub fn year_at(&self, year: &str, checkpoint: &Checkpoint, key: &SigningKey) -> Vec<u8> {
        let period = balances::year(year).unwrap();
        let mut writer = Writer::new(&Subject::Everybody, &period, &checkpoint.sign([key]));
        self.entries.iter().for_each(|bytes| writer.entry(bytes));
        writer.balances();
        let at = self.state.at(self.state.size());
        for id in balances::everybody(at) {
            writer.lines(&self.balance(&id, year));
        }
        writer.figures();
        if let Some(year) = figures::calendar_year(&period) {
            writer.lines(&figures::of(at, year).statement());
        }
        writer.finish()
    }

    pub fn balance(&self, id: &TeacherId, year: &str) -> String {
        let mut lines = String::new();
        let assessor = Assessor::new(self.state.at(self.state.size()));
        balances::put(&assessor, id, balances::year(year).unwrap(), &mut lines).unwrap();
        lines
    }

    /// The bundle of a person.
    pub fn person(&self, id: &TeacherId, year: &str) -> Vec<u8> {
        self.person_showing(id, year, &self.selected(id))
    }

    pub fn selected(&self, id: &TeacherId) -> Vec<u64> {
        let mut selection = Selection::about(self.ids(id));
        while selection.has_more() {
            self.entries
                .iter()
                .for_each(|bytes| selection.look(&decode_entry(bytes).unwrap()));
        }
        selection.chosen()
    }

    pub fn ids(&self, id: &TeacherId) -> Vec<TeacherId> {
        let mut ids = self.state.at(self.state.size()).other_ids(id);
        ids.push(*id);
        ids.sort_unstable();
        ids
    }

    pub fn person_showing(&self, id: &TeacherId, year: &str, shown: &[u64]) -> Vec<u8> {
        let checkpoint = self.checkpoint();
        let period = balances::year(year).unwrap();
        let subject = Subject::Person(*id);
        let mut writer = Writer::new(&subject, &period, &checkpoint.sign([&key(1)]));
        let hashes = inclusion_of_all(&mut Leaves(self.leaves()), shown, checkpoint.size).unwrap();
        let entry = |index: &u64| (*index, self.entries[usize::try_from(*index).unwrap()].as_slice());
        writer.shown(shown.iter().map(entry), &hashes);
        writer.balances();
        writer.lines(&self.balance(id, year));
        let ids = self.ids(id);
        writer.people(ids.iter().map(|id| (id.as_str(), self.people.place(id).unwrap())));
        writer.figures();
        writer.finish()
    }
}

pub fn check(bytes: &[u8]) -> Result<Checked, Failed> {
    check_with(bytes, &trusted())
}

pub fn check_with(bytes: &[u8], keys: &[TrustedKey]) -> Result<Checked, Failed> {
    Bundle::parse(bytes)?.check(keys)
}

/// The bundle with the hash at its end reckoned again, as whoever changed it would.
pub fn resealed(mut bytes: Vec<u8>) -> Vec<u8> {
    use sha2::Digest as _;
    let Some(end) = bytes.len().checked_sub(b"sha256 \n".len() + 64) else {
        return bytes;
    };
    let digest = Hash(sha2::Sha256::digest(&bytes[..end]).into());
    bytes.truncate(end);
    bytes.extend_from_slice(format!("sha256 {digest}\n").as_bytes());
    bytes
}

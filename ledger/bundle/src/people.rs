//! What there is about each person: of each how many entries, and a hash over them, as one root.
//!
//! An entry is *about* whoever its fact names as its subject, whatever became of it; one in the ledger that voids or corrects another
//! also about whomever that is about. So a void that was left out is missed, as any other entry is.
//!
//! ```text
//! chain    of a person: 32 zero bytes, then for each entry about her SHA-256 over the chain so far and the entry's leaf hash
//! leaf     SHA-256 of 0x00, her id, 0x00, the number of entries (u64, big-endian) and the chain
//! root     that of RFC 6962 over the leaves, sorted by the bytes of the id
//! ```
//!
//! The order is that in which entries came to be about her: that of the log, but that a void or correction which came before what it is
//! about stands right behind that.

use std::collections::{BTreeMap, HashMap};

use keshi_core::entry::Entry;
use keshi_core::event::{Event, Fact};
use keshi_core::ids::{EventId, TeacherId};
use keshi_verify::checkpoint::PeopleRoot;
use keshi_verify::proof::{Subtrees, inclusion};
use keshi_verify::{Hash, MerkleStack, leaf_hash};
use sha2::{Digest as _, Sha256};

/// Voids and corrections upon each other that are gone along: more than the ledger takes (ADR 43).
const STEPS_MAX: usize = 64;

/// What there is about one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About {
    /// How many entries.
    pub count: u64,
    /// The hash over them.
    pub chain: Hash,
}

/// What an entry of before says that others rest on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Whom it names as its subjects.
    pub subjects: Vec<TeacherId>,
    /// The event that it voids or corrects.
    pub undoes: Option<EventId>,
}

/// A person's place in the map, and what shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// What there is about her.
    pub about: About,
    /// Her place among all, by id.
    pub position: u64,
    /// From her neighbour up.
    pub hashes: Vec<Hash>,
}

/// The map of persons at some size, to which entries are added in their order.
#[derive(Clone, Debug, Default)]
pub struct People {
    of: BTreeMap<TeacherId, About>,
    /// What waits for an event that it voids or corrects, by itself or by another.
    ahead: HashMap<EventId, Vec<Ahead>>,
    size: u64,
}

/// An entry whose target, or that of its target, has not arrived.
#[derive(Clone, Debug)]
struct Ahead {
    leaf: Hash,
    /// Those about whom it is already.
    about: Vec<TeacherId>,
}

/// The event that `event` takes the effect of, if it does.
pub fn undoes(event: &Event) -> Option<EventId> {
    if let Fact::EntryVoided(void) = &event.fact {
        return Some(void.target_event);
    }
    event.supersedes
}

impl Said {
    /// What the entry says; nothing if it cannot be read or is not in the ledger.
    pub fn by(entry: &Entry) -> Option<Self> {
        let event = entry.posted.event().filter(|_| entry.verdict.is_in_ledger())?;
        Some(Self {
            subjects: event.fact.subjects().into_iter().copied().collect(),
            undoes: undoes(event),
        })
    }
}

impl About {
    /// Nothing yet.
    pub const NOTHING: Self = Self {
        count: 0,
        chain: Hash([0; 32]),
    };

    fn add(&mut self, leaf: Hash) {
        self.count += 1;
        let hash = Sha256::new_with_prefix(self.chain.0).chain_update(leaf.0);
        self.chain = Hash(hash.finalize().into());
    }

    /// The leaf of the map.
    pub fn leaf(&self, id: &TeacherId) -> Hash {
        let Self { count, chain } = self;
        leaf_hash(&[id.as_str().as_bytes(), &[0], &count.to_be_bytes(), &chain.0].concat())
    }
}

impl People {
    /// How many entries were added.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// What there is about a person.
    pub fn about(&self, id: &TeacherId) -> Option<About> {
        self.of.get(id).copied()
    }

    /// Adds the next entry, whose leaf hash is `leaf`. `find` says what the entry in the ledger that has this event id says, if it came
    /// before.
    ///
    /// # Errors
    ///
    /// What `find` says; the map is then of no use any more.
    pub fn add<E>(
        &mut self,
        leaf: Hash,
        entry: &Entry,
        find: impl FnMut(EventId) -> Result<Option<Said>, E>,
    ) -> Result<(), E> {
        self.size += 1;
        let Some(event) = entry.posted.event() else {
            return Ok(());
        };
        let mut about: Vec<TeacherId> = event.fact.subjects().into_iter().copied().collect();
        if !entry.verdict.is_in_ledger() {
            self.put(leaf, &about, &[]);
            return Ok(());
        }
        let missing = match undoes(event) {
            None => None,
            Some(target) => gone_along(target, &mut about, find)?,
        };
        self.put(leaf, &about, &[]);
        let mut waiting = self.ahead.remove(&event.event_id).unwrap_or_default();
        for one in &mut waiting {
            self.put(one.leaf, &about, &one.about);
            one.about.extend(&about);
        }
        if let Some(target) = missing {
            let list = self.ahead.entry(target).or_default();
            list.push(Ahead { leaf, about });
            list.append(&mut waiting);
        }
        Ok(())
    }

    /// Adds it to all of `about` but those who have it.
    fn put(&mut self, leaf: Hash, about: &[TeacherId], but: &[TeacherId]) {
        for (place, id) in about.iter().enumerate() {
            let is_there = but.contains(id) || about.iter().take(place).any(|other| other == id);
            if !is_there {
                self.of.entry(*id).or_insert(About::NOTHING).add(leaf);
            }
        }
    }

    fn leaves(&self) -> Vec<Hash> {
        self.of.iter().map(|(id, about)| about.leaf(id)).collect()
    }

    /// How many persons, and the root over the map.
    pub fn root(&self) -> PeopleRoot {
        let mut tree = MerkleStack::new();
        self.of.iter().for_each(|(id, about)| tree.push(about.leaf(id)));
        PeopleRoot {
            count: tree.size(),
            root: tree.root(),
        }
    }

    /// Where a person stands in the map, and what shows it; `None` if nothing is about her.
    pub fn place(&self, id: &TeacherId) -> Option<Placed> {
        let about = self.about(id)?;
        let position = self.of.range(..id).count() as u64;
        let leaves = self.leaves();
        let size = leaves.len() as u64;
        let hashes = inclusion(&mut Leaves(leaves), position, size).ok()?;
        Some(Placed {
            about,
            position,
            hashes,
        })
    }
}

/// Adds to `about` whomever the event `target` is about. Gives the event that has not arrived, if it comes to one.
fn gone_along<E>(
    mut target: EventId,
    about: &mut Vec<TeacherId>,
    mut find: impl FnMut(EventId) -> Result<Option<Said>, E>,
) -> Result<Option<EventId>, E> {
    for _ in 0..STEPS_MAX {
        let Some(said) = find(target)? else {
            return Ok(Some(target));
        };
        about.extend(said.subjects);
        match said.undoes {
            Some(next) => target = next,
            None => return Ok(None),
        }
    }
    Ok(None)
}

/// Leaves that are all at hand.
struct Leaves(Vec<Hash>);

impl Subtrees for Leaves {
    type Error = ();

    fn subtree(&mut self, height: u32, index: u64) -> Result<Hash, ()> {
        let first = usize::try_from(index << height).map_err(drop)?;
        let below = self.0.get(first..).and_then(|rest| rest.get(..1 << height)).ok_or(())?;
        let mut tree = MerkleStack::new();
        for leaf in below {
            tree.push(*leaf);
        }
        Ok(tree.root())
    }
}

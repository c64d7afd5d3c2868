//! Checking a bundle with nothing but public keys.

use std::collections::HashMap;
use std::convert::Infallible;
use std::thread;

use keshi_core::balance::Assessor;
use keshi_core::entry::Entry;
use keshi_core::ids::{EventId, TeacherId};
use keshi_core::state::{At, State};
use keshi_proto::store::decode_entry;
use keshi_verify::checkpoint::{Checkpoint, PeopleRoot, show_hash};
use keshi_verify::key::VerifierKey;
use keshi_verify::proof::{root_of_all, verify_inclusion};
use keshi_verify::{Hash, MerkleStack, leaf_hash};

use crate::balances;
use crate::failed::{Check, Failed, Place};
use crate::figures;
use crate::fold::{APART_FROM, Fold};
use crate::format::{Bundle, Subject};
use crate::people::{About, People, Said};
use crate::trust::TrustedKey;

/// What a bundle has shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Whose ledger, how many entries, under which root.
    pub checkpoint: Checkpoint,
    /// Which of the keys signed it.
    pub signed_by: VerifierKey,
    /// Entries that are in the bundle.
    pub entries: u64,
    /// Persons whose balances were reckoned again.
    pub balances: u64,
    /// Entries about the person of the bundle, none left out; 0 in a year's bundle.
    pub about: u64,
}

/// The entries of a bundle that are in the ledger, by the event's id.
struct Index<'b> {
    by_event: HashMap<EventId, &'b [u8]>,
}

impl Bundle<'_> {
    /// Checks everything that the bundle says.
    ///
    /// # Errors
    ///
    /// The first check that failed.
    pub fn check(&self, keys: &[TrustedKey]) -> Result<Checked, Failed> {
        let (checkpoint, signed_by) = self.signed(keys)?;
        let (state, about) = match &self.subject {
            Subject::Everybody => (self.year(&checkpoint)?, 0),
            Subject::Person(id) => self.person(id, &checkpoint)?,
        };
        let balances = self.follows(&state)?;
        let (stated, found) = self.digests;
        if stated != found {
            let size = Place::Size(checkpoint.size);
            return Err(Failed::new(Check::Digest, size, stated.to_string(), found.to_string()));
        }
        Ok(Checked {
            checkpoint,
            signed_by,
            entries: self.entries.len() as u64,
            balances,
            about,
        })
    }

    /// What follows from the entries, reckoned again: the balances, of how many persons is given, and the figures.
    fn follows(&self, state: &State) -> Result<u64, Failed> {
        let balances = || self.balances(state.at(state.size()));
        if state.size() < APART_FROM {
            let persons = balances()?;
            self.figures(state)?;
            return Ok(persons);
        }
        thread::scope(|scope| {
            let figures = scope.spawn(|| self.figures(state));
            let persons = balances()?;
            let figures = figures.join().unwrap_or_else(|_| {
                let place = Place::Size(state.size());
                Err(Failed::new(
                    Check::Figures,
                    place,
                    "figures that can be counted",
                    "a count that broke off",
                ))
            });
            figures.map(|()| persons)
        })
    }

    fn signed(&self, keys: &[TrustedKey]) -> Result<(Checkpoint, VerifierKey), Failed> {
        let size = Place::Size(self.checkpoint.size);
        let plain: Vec<VerifierKey> = keys.iter().map(|key| key.key.clone()).collect();
        let opened = Checkpoint::open_note(&self.note, &plain).map_err(|error| {
            let names: Vec<String> = plain
                .iter()
                .map(|key| format!("{}+{:08x}", key.name(), key.id()))
                .collect();
            Failed::new(
                Check::Signature,
                size,
                format!("signed with {}", names.join(" or ")),
                error.to_string() + ": " + &self.checkpoint.origin,
            )
        });
        let (checkpoint, by) = opened?;
        let until = keys.iter().filter(|key| key.key == *by).map(|key| key.until);
        let until = until.flatten().min();
        match until {
            Some(until) if until < checkpoint.size => Err(Failed::new(
                Check::KeyEnd,
                size,
                format!("a key that signs {} entries", checkpoint.size),
                format!("the key {}+{:08x}, which ended at {until}", by.name(), by.id()),
            )),
            _ => Ok((checkpoint, by.clone())),
        }
    }

    /// All entries: their places, the root over them, what there is about each person; and the state that they come to.
    fn year(&self, checkpoint: &Checkpoint) -> Result<State, Failed> {
        let mut fold = Fold::start(checkpoint.size).map_err(|error| {
            let place = Place::Size(checkpoint.size);
            Failed::new(
                Check::Entry,
                place,
                "a thread to fold the entries on",
                error.to_string(),
            )
        })?;
        let (mut tree, mut people) = (MerkleStack::new(), People::default());
        let mut index = Index::with_room(self.entries.len());
        for (at, bytes) in &self.entries {
            let leaf = leaf_hash(bytes);
            tree.push(leaf);
            fold.entry_seen(*at, bytes, |entry| {
                let Ok(()) = people.add(leaf, entry, |id| Ok::<_, Infallible>(index.find(id)));
                index.add(entry, bytes);
            });
        }
        same_root(checkpoint, tree.root())?;
        let state = fold.finish().map_err(|(at, error)| unreadable(at, &error))?;
        if let Some(stated) = checkpoint.people {
            same_people(checkpoint.size, stated, people.root())?;
        }
        Ok(state)
    }

    /// The entries about a person: their places, that none is left out; and the state that they come to, with how many are about her.
    fn person(&self, id: &TeacherId, checkpoint: &Checkpoint) -> Result<(State, u64), Failed> {
        let leaves: Vec<(u64, Hash)> = self.entries.iter().map(|(at, bytes)| (*at, leaf_hash(bytes))).collect();
        let root = root_of_all(&leaves, checkpoint.size, &self.hashes).map_err(|error| {
            let place = Place::Size(checkpoint.size);
            Failed::new(Check::Root, place, "hashes that lead to the root", error.to_string())
        })?;
        same_root(checkpoint, root)?;
        let (mut state, mut people) = (State::new(), People::default());
        let mut index = Index::with_room(self.entries.len());
        for ((at, bytes), (_, leaf)) in self.entries.iter().zip(&leaves) {
            let entry = decode_entry(bytes).map_err(|error| unreadable(*at, &error))?;
            if entry.index != *at {
                let found = format!("index {}", entry.index);
                return Err(Failed::new(
                    Check::Entry,
                    Place::Entry(*at),
                    format!("index {at}"),
                    found,
                ));
            }
            let Ok(()) = people.add(*leaf, &entry, |id| Ok::<_, Infallible>(index.find(id)));
            index.add(&entry, bytes);
            // Places that are not shown are passed over: what stands in the state rests on the order alone.
            state.evolve(&entry);
        }
        let about = self.none_left_out(id, checkpoint, &people, state.at(state.size()))?;
        Ok((state, about))
    }

    /// That the map of the checkpoint knows as many entries about each of her ids as are here, and the same.
    fn none_left_out(
        &self,
        id: &TeacherId,
        checkpoint: &Checkpoint,
        people: &People,
        at: At<'_>,
    ) -> Result<u64, Failed> {
        let place = Place::Size(checkpoint.size);
        let failed = |expected: String, found: String| Err(Failed::new(Check::People, place, expected, found));
        let Some(PeopleRoot { count, root }) = checkpoint.people else {
            return failed("a checkpoint with a line people".to_owned(), "one without".to_owned());
        };
        let mut ids = at.other_ids(id);
        ids.push(*id);
        ids.sort_unstable();
        let listed: Vec<TeacherId> = self.people.iter().map(|(id, _)| *id).collect();
        if ids != listed {
            return failed(format!("the ids {ids:?}"), format!("{listed:?}"));
        }
        let mut sum = 0_u64;
        for (id, placed) in &self.people {
            let here = people.about(id).unwrap_or(About::NOTHING);
            if here != placed.about {
                let told = |about: &About| format!("{} entries about {id}, chain {}", about.count, about.chain);
                return failed(told(&placed.about), told(&here));
            }
            let leaf = placed.about.leaf(id);
            if let Err(error) = verify_inclusion(leaf, placed.position, count, &placed.hashes, root) {
                return failed(format!("{id} in the map with root {root}"), error.to_string());
            }
            sum = sum.saturating_add(here.count);
        }
        Ok(sum)
    }

    /// The balances, reckoned again. Gives how many persons they are of.
    fn balances(&self, at: At<'_>) -> Result<u64, Failed> {
        let persons = match &self.subject {
            Subject::Everybody => balances::everybody(at),
            Subject::Person(id) => vec![*id],
        };
        let assessor = Assessor::new(at);
        let (mut stated, mut line) = (self.balances, 0);
        let mut reckoned = String::new();
        for id in &persons {
            reckoned.clear();
            balances::put(&assessor, id, self.year, &mut reckoned).map_err(|error| {
                Failed::new(
                    Check::Balances,
                    Place::Line(line + 1),
                    "amounts that can be counted",
                    error.to_string(),
                )
            })?;
            stated = match stated.strip_prefix(reckoned.as_str()) {
                Some(rest) => rest,
                None => return Err(first_difference(Check::Balances, &reckoned, stated, line)),
            };
            line += reckoned.bytes().filter(|byte| *byte == b'\n').count() as u64;
        }
        if stated.is_empty() {
            Ok(persons.len() as u64)
        } else {
            Err(first_difference(Check::Balances, "", stated, line))
        }
    }

    /// The figures of a calendar year, counted again; and where the year is closed, what the closings say of the ledger of then.
    fn figures(&self, state: &State) -> Result<(), Failed> {
        let at = state.at(state.size());
        let year = figures::calendar_year(&self.year).filter(|_| self.subject == Subject::Everybody);
        let Some(year) = year else {
            return same_lines(Check::Figures, "", self.figures);
        };
        same_lines(Check::Figures, &figures::of(at, year).statement(), self.figures)?;
        for closing in at.closings(year) {
            let place = Place::Entry(closing.index);
            let failed = |expected: String, found: String| Err(Failed::new(Check::Figures, place, expected, found));
            let then = usize::try_from(closing.position).ok();
            let Some(entries) = then.and_then(|size| self.entries.get(..size)) else {
                return failed(format!("a size up to {}", at.size()), closing.position.to_string());
            };
            let mut tree = MerkleStack::new();
            for (_, bytes) in entries {
                tree.push(leaf_hash(bytes));
            }
            if tree.root().0 != closing.root.0 {
                return failed(format!("root {}", tree.root()), format!("root {}", closing.root));
            }
            let figures = figures::of(state.at(closing.position), year).hash();
            if figures != closing.figures {
                return failed(format!("figures {figures}"), format!("figures {}", closing.figures));
            }
        }
        Ok(())
    }
}

/// That lines are those that were reckoned.
fn same_lines(check: Check, reckoned: &str, stated: &str) -> Result<(), Failed> {
    if reckoned == stated {
        Ok(())
    } else {
        Err(first_difference(check, reckoned, stated, 0))
    }
}

/// The first of the lines that differ, after `before` that do not.
fn first_difference(check: Check, reckoned: &str, stated: &str, before: u64) -> Failed {
    let (mut ours, mut theirs) = (reckoned.lines(), stated.lines());
    let mut line = before;
    loop {
        line += 1;
        let (one, other) = (ours.next(), theirs.next());
        if one != other || one.is_none() {
            let told = |line: Option<&str>| line.unwrap_or("no further line").to_owned();
            return Failed::new(check, Place::Line(line), told(one), told(other));
        }
    }
}

fn same_root(checkpoint: &Checkpoint, found: Hash) -> Result<(), Failed> {
    if found == checkpoint.root {
        return Ok(());
    }
    let told = |hash: &Hash| format!("root {}", show_hash(hash));
    let place = Place::Size(checkpoint.size);
    Err(Failed::new(Check::Root, place, told(&checkpoint.root), told(&found)))
}

fn same_people(size: u64, stated: PeopleRoot, found: PeopleRoot) -> Result<(), Failed> {
    if stated == found {
        return Ok(());
    }
    let told = |people: PeopleRoot| format!("people {people}");
    Err(Failed::new(Check::People, Place::Size(size), told(stated), told(found)))
}

fn unreadable(at: u64, error: &keshi_proto::store::EntryError) -> Failed {
    Failed::new(
        Check::Entry,
        Place::Entry(at),
        "an entry with its place",
        keshi_core::lang::causes(error),
    )
}

impl<'b> Index<'b> {
    fn with_room(entries: usize) -> Self {
        Self {
            by_event: HashMap::with_capacity(entries),
        }
    }

    fn add(&mut self, entry: &Entry, bytes: &'b [u8]) {
        if let Some(event) = entry.posted.event().filter(|_| entry.verdict.is_in_ledger()) {
            self.by_event.entry(event.event_id).or_insert(bytes);
        }
    }

    fn find(&self, id: EventId) -> Option<Said> {
        let bytes = self.by_event.get(&id)?;
        decode_entry(bytes).ok().as_ref().and_then(Said::by)
    }
}

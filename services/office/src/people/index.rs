//! The people in memory, as lookups find them.

use std::collections::{BTreeMap, BTreeSet};

use keshi_core::text::name_form;

use super::answer::{Basis, Lookup, Named, Put, Resolved, Unreadable};
use super::error::{PutError, RegisterError};
use super::identity::{IdDocument, Identity};
use super::keys::Keys;
use super::record;
use crate::store::Loaded;

/// Everyone whom the register knows.
#[derive(Debug, Default)]
pub(super) struct Index {
    people: BTreeMap<String, Identity>,
    /// Those whose records cannot be read: what is asked about them, or may concern them, is not answered.
    unreadable: BTreeSet<String>,
    /// (compared form of name, teacher)
    by_name: BTreeSet<(String, String)>,
    /// (compared form of type, number, teacher)
    by_document: BTreeSet<(String, String, String)>,
}

/// What of a register's file is not as it is written today.
#[derive(Debug, Default)]
pub(super) struct Amiss {
    /// The people whose records lie open, from before they were sealed.
    pub(super) lying_open: Vec<String>,
    /// Those whose records are there though they were erased: an erasure that a crash broke off, or an old copy of the file.
    pub(super) erased: Vec<String>,
}

impl Index {
    /// Everyone whose record is there and whose key is.
    pub(super) fn new(loaded: Loaded, keys: &Keys) -> (Self, Amiss) {
        let (mut index, mut amiss) = (Self::default(), Amiss::default());
        for (teacher_id, bytes) in loaded.records {
            let is_open = record::is_open(&bytes);
            let read = match keys.of(&teacher_id) {
                None if keys.erased_at(&teacher_id).is_some() => {
                    amiss.erased.push(teacher_id);
                    continue;
                }
                _ if is_open => record::decode(&teacher_id, &bytes),
                Some(key) => record::unseal(&teacher_id, &bytes, key, &keys.register),
                None => None,
            };
            match read {
                Some(identity) => {
                    if is_open {
                        amiss.lying_open.push(teacher_id);
                    }
                    index.insert(identity);
                }
                None => drop(index.unreadable.insert(teacher_id)),
            }
        }
        for teacher_id in loaded.damaged {
            if keys.erased_at(&teacher_id).is_some() {
                amiss.erased.push(teacher_id);
            } else {
                index.unreadable.insert(teacher_id);
            }
        }
        (index, amiss)
    }

    /// The teachers who are known, ascending.
    pub(super) fn known(&self) -> Vec<String> {
        self.people.keys().cloned().collect()
    }

    /// Puts one identity in the place of what was known of its teacher.
    pub(super) fn insert(&mut self, identity: Identity) {
        let id = &identity.teacher_id;
        self.remove(id);
        self.by_name.insert((name_form(&identity.name), id.clone()));
        if let Some(document) = &identity.id_document {
            self.by_document.insert(document_key(document, id));
        }
        self.people.insert(id.clone(), identity);
    }

    /// Forgets one teacher; whether she was known.
    pub(super) fn remove(&mut self, teacher_id: &str) -> bool {
        let was_unreadable = self.unreadable.remove(teacher_id);
        let Some(before) = self.people.remove(teacher_id) else {
            return was_unreadable;
        };
        self.by_name.remove(&(name_form(&before.name), teacher_id.to_owned()));
        if let Some(document) = &before.id_document {
            self.by_document.remove(&document_key(document, teacher_id));
        }
        true
    }

    pub(super) fn holds(&self, teacher_id: &str) -> bool {
        self.people.contains_key(teacher_id) || self.unreadable.contains(teacher_id)
    }

    pub(super) fn get(&self, teacher_id: &str) -> Result<Option<&Identity>, Unreadable> {
        if self.unreadable.contains(teacher_id) {
            return Err(Unreadable {
                teacher_ids: vec![teacher_id.to_owned()],
            });
        }
        Ok(self.people.get(teacher_id))
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Identity> {
        self.people.values()
    }

    pub(super) fn count(&self) -> usize {
        self.people.len()
    }

    /// Those whose records cannot be read, ascending.
    pub(super) fn unreadable(&self) -> Vec<String> {
        self.unreadable.iter().cloned().collect()
    }

    /// What putting these would do, and which of them are to be written.
    pub(super) fn plan<'a>(&self, identities: &'a [Identity]) -> (Put, Vec<&'a Identity>) {
        let mut put = Put::default();
        let mut written = Vec::new();
        for identity in identities {
            let updated_at = identity.updated_at;
            match self.people.get(&identity.teacher_id) {
                Some(before)
                    if (Identity {
                        updated_at,
                        ..before.clone()
                    }) == *identity =>
                {
                    put.unchanged += 1;
                    continue;
                }
                None if !self.unreadable.contains(&identity.teacher_id) => put.added += 1,
                _ => put.changed += 1,
            }
            written.push(identity);
        }
        (put, written)
    }

    /// Whether each ID document is that of its teacher alone, here and among those to be put. One that she has already is
    /// not looked at again.
    pub(super) fn check_unshared(&self, identities: &[Identity]) -> Result<(), PutError> {
        let mut given = BTreeSet::new();
        let mut unreadable = self.unreadable.clone();
        for identity in identities {
            unreadable.remove(&identity.teacher_id);
        }
        for identity in identities {
            let (id, Some(document)) = (&identity.teacher_id, &identity.id_document) else {
                continue;
            };
            let before = self.people.get(id).and_then(|before| before.id_document.as_ref());
            if before == Some(document) {
                continue;
            }
            let is_given = !given.insert(document_key(document, ""));
            if is_given || self.with_document(document).iter().any(|holder| holder != id) {
                return Err(PutError::Shared { teacher_id: id.clone() });
            }
            if !unreadable.is_empty() {
                let teacher_ids = unreadable.into_iter().collect();
                return Err(RegisterError::Unreadable(Unreadable { teacher_ids }).into());
            }
        }
        Ok(())
    }

    pub(super) fn resolve(&self, lookup: &Lookup) -> Result<Resolved, Unreadable> {
        let named = lookup
            .name
            .as_deref()
            .map(|name| self.with_name(name))
            .unwrap_or_default();
        let document = lookup.id_document.as_ref();
        let holders = document
            .map(|document| self.with_document(document))
            .unwrap_or_default();
        let both: BTreeSet<String> = named.intersection(&holders).cloned().collect();
        let (found, basis) = if !both.is_empty() {
            (both, Basis::DocumentAndName)
        } else if !holders.is_empty() && lookup.name.is_some() {
            (holders, Basis::DocumentUnderOtherName)
        } else if !holders.is_empty() {
            (holders, Basis::Document)
        } else if !named.is_empty() {
            (named, Basis::Name)
        } else {
            (named, Basis::Nobody)
        };
        // The document may be that of a record that cannot be read, and so may the name.
        if matches!(basis, Basis::Name | Basis::Nobody) && !self.unreadable.is_empty() {
            return Err(Unreadable {
                teacher_ids: self.unreadable(),
            });
        }
        Ok(Resolved {
            teacher_ids: found.into_iter().collect(),
            basis,
        })
    }

    fn with_name(&self, name: &str) -> BTreeSet<String> {
        let form = name_form(name);
        if form.is_empty() {
            return BTreeSet::new();
        }
        let rows = self.by_name.range((form.clone(), String::new())..);
        rows.take_while(|(other, _)| *other == form)
            .map(|(_, id)| id.clone())
            .collect()
    }

    /// The teachers who have this document.
    pub(super) fn with_document(&self, document: &IdDocument) -> BTreeSet<String> {
        let from = document_key(document, "");
        let rows = self.by_document.range(from.clone()..);
        rows.take_while(|(kind, number, _)| (kind, number) == (&from.0, &from.1))
            .map(|(_, _, id)| id.clone())
            .collect()
    }

    /// Those whose name begins with `prefix`, in the order of names.
    pub(super) fn search(&self, prefix: &str, limit: usize) -> Vec<Named> {
        let form = name_form(prefix);
        if form.is_empty() {
            return Vec::new();
        }
        let rows = self.by_name.range((form.clone(), String::new())..);
        let found = rows.take_while(|(name, _)| name.starts_with(&form)).take(limit);
        found.filter_map(|(_, id)| self.named(id)).collect()
    }

    /// Those whose name has `part` in it: those of that name, then the others in the order of names.
    pub(super) fn containing(&self, part: &str) -> Vec<Named> {
        let form = name_form(part);
        if form.is_empty() {
            return Vec::new();
        }
        let found = self.by_name.iter().filter(|(name, _)| name.contains(&form));
        let (exact, others): (Vec<_>, Vec<_>) = found.partition(|(name, _)| *name == form);
        let all = exact.into_iter().chain(others);
        all.filter_map(|(_, id)| self.named(id)).collect()
    }

    fn named(&self, id: &str) -> Option<Named> {
        let identity = self.people.get(id)?;
        Some(Named {
            teacher_id: id.to_owned(),
            name: identity.name.clone(),
        })
    }
}

fn document_key(document: &IdDocument, teacher_id: &str) -> (String, String, String) {
    (
        document.kind_form(),
        document.number().to_owned(),
        teacher_id.to_owned(),
    )
}

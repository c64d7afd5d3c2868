//! Documents (policies, calendars): TOML texts that travel as parts beside the event that adopts them.
//!
//! A document is read whole, and *all* its problems are reported, each with line, column and a hint.

mod reader;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

pub(crate) use self::reader::{Reader, TableReader};

use crate::event::DocumentPart;
use crate::ids::Sha256;
use crate::lang::Lang;

/// Largest document, in bytes.
pub const DOCUMENT_BYTES_MAX: usize = 256 * 1024;

/// Documents by their hash, and parts of those that are not whole yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Documents {
    /// Text, and the entry that made it whole.
    whole: BTreeMap<Sha256, (Arc<str>, u32)>,
    /// By hash and number of parts, so that one document cut in two ways does not mix.
    parts: BTreeMap<(Sha256, u16), BTreeMap<u16, Vec<u8>>>,
    /// Every part that came, also of whole documents.
    pub(crate) rows: Vec<PartRow>,
}

/// That a part came, and with what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PartRow {
    pub(crate) index: u32,
    pub(crate) sha256: Sha256,
    pub(crate) part: u16,
    pub(crate) parts: u16,
    pub(crate) body_sha256: Sha256,
}

impl Documents {
    /// Takes the part at entry `index`; of two bodies for one part the later counts, until the document is whole.
    pub(crate) fn add(&mut self, index: u32, part: &DocumentPart) {
        self.rows.push(PartRow {
            index,
            sha256: part.sha256,
            part: part.part,
            parts: part.parts,
            body_sha256: Sha256::of(&part.body),
        });
        if self.whole.contains_key(&part.sha256) {
            return;
        }
        let parts = self.parts.entry((part.sha256, part.parts)).or_default();
        parts.insert(part.part, part.body.clone());
        if let Some(text) = assemble(&part.sha256, part.parts, parts.values()) {
            self.whole.insert(part.sha256, (text, index));
            self.parts.retain(|(sha256, _), _| *sha256 != part.sha256);
        }
    }

    /// The whole document, if below `size` its parts are all there and match its hash.
    pub(crate) fn text(&self, sha256: &Sha256, size: u64) -> Option<&str> {
        let (text, index) = self.whole.get(sha256)?;
        (u64::from(*index) < size).then_some(text)
    }

    /// The document that several sets of parts make up together, the earlier sets first.
    pub(crate) fn text_of(sets: &[&Self], sha256: &Sha256) -> Option<Arc<str>> {
        if let Some((text, _)) = sets.iter().find_map(|set| set.whole.get(sha256)) {
            return Some(Arc::clone(text));
        }
        let mut joined: BTreeMap<u16, BTreeMap<u16, &Vec<u8>>> = BTreeMap::new();
        for set in sets {
            for ((_, count), parts) in set.parts.range((*sha256, 0)..=(*sha256, u16::MAX)) {
                joined
                    .entry(*count)
                    .or_default()
                    .extend(parts.iter().map(|(part, body)| (*part, body)));
            }
        }
        joined
            .iter()
            .find_map(|(count, parts)| assemble(sha256, *count, parts.values().copied()))
    }

    /// Takes over what `other` has, added later.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.whole.append(&mut other.whole);
        self.rows.append(&mut other.rows);
        for (key, mut parts) in other.parts {
            self.parts.entry(key).or_default().append(&mut parts);
        }
    }
}

/// The text of parts in order, if they are all there and match the hash.
fn assemble<'p>(
    sha256: &Sha256,
    count: u16,
    parts: impl ExactSizeIterator<Item = &'p Vec<u8>> + Clone,
) -> Option<Arc<str>> {
    let length: usize = parts.clone().map(Vec::len).sum();
    if parts.len() != usize::from(count) || length > DOCUMENT_BYTES_MAX {
        return None;
    }
    let bytes: Vec<u8> = parts.flatten().copied().collect();
    let matches = Sha256::of(&bytes) == *sha256;
    matches.then(|| String::from_utf8(bytes).ok()).flatten().map(Into::into)
}

impl crate::state::State {
    /// The text of a document that is whole below `size`.
    pub fn document(&self, sha256: &Sha256, size: u64) -> Option<String> {
        self.documents.text(sha256, size).map(ToOwned::to_owned)
    }
}

/// One thing wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Line, from 1 on.
    pub line: usize,
    /// Column in characters, from 1 on.
    pub column: usize,
    /// What is wrong, in Chinese.
    pub zh: String,
    /// What is wrong, in English.
    pub en: String,
}

impl Problem {
    /// `line:column: what is wrong`.
    pub fn text(&self, lang: Lang) -> String {
        format!("{}:{}: {}", self.line, self.column, lang.pick(&self.zh, &self.en))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Lang::En))
    }
}

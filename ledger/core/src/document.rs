//! Documents (policies, calendars): TOML texts that travel as parts beside the event that adopts them.
//!
//! A document is read whole, and *all* its problems are reported, each with line, column and a hint.

mod reader;

use std::collections::BTreeMap;
use std::fmt;

pub(crate) use self::reader::{Reader, TableReader};

use crate::event::DocumentPart;
use crate::ids::Sha256;
use crate::lang::{Lang, Say};

/// Largest document, in bytes.
pub const DOCUMENT_BYTES_MAX: usize = 256 * 1024;

/// Most characters of one text in a document. The longest of a released policy has 60; a requirement's is repeated in each
/// of its periods in every answer.
pub const TEXT_CHARS_MAX: usize = 1_000;

/// Most values in one list of a document. The longest vocabulary that lists choose from has 14 words; each is compared with
/// every entry that is credited.
pub const LIST_MAX: usize = 64;

/// Documents by their hash, whole or not yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Documents {
    /// How many parts it was whole with, and the entry that made it so.
    whole: BTreeMap<Sha256, (u16, u32)>,
    /// By hash and number of parts, so that one document cut in two ways does not mix. What comes once the document is
    /// whole is not kept.
    parts: BTreeMap<(Sha256, u16), Vec<Part>>,
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

#[derive(Clone, Debug)]
struct Part {
    index: u32,
    number: u16,
    body: Vec<u8>,
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
        parts.push(Part {
            index,
            number: part.part,
            body: part.body.clone(),
        });
        if assemble(&part.sha256, part.parts, parts).is_some() {
            self.whole.insert(part.sha256, (part.parts, index));
        }
    }

    /// The whole document, if below `size` its parts are all there and match its hash.
    pub(crate) fn text(&self, sha256: &Sha256, size: u64) -> Option<String> {
        let (count, _) = self.whole.get(sha256).filter(|(_, index)| u64::from(*index) < size)?;
        assemble(sha256, *count, self.parts.get(&(*sha256, *count))?)
    }

    /// Takes back what came of this document at entry `size` and after.
    pub(crate) fn cut(&mut self, sha256: &Sha256, size: u32) {
        self.rows.retain(|row| row.index < size);
        self.whole.retain(|of, (_, index)| of != sha256 || *index < size);
        self.parts.retain(|(of, _), parts| {
            if of == sha256 {
                parts.retain(|part| part.index < size);
            }
            !parts.is_empty()
        });
    }
}

/// The text of parts in order, if they are all there and match the hash.
fn assemble(sha256: &Sha256, count: u16, parts: &[Part]) -> Option<String> {
    let latest: BTreeMap<u16, &Vec<u8>> = parts.iter().map(|part| (part.number, &part.body)).collect();
    let length: usize = latest.values().map(|body| body.len()).sum();
    if latest.len() != usize::from(count) || length > DOCUMENT_BYTES_MAX {
        return None;
    }
    let bytes: Vec<u8> = latest.into_values().flatten().copied().collect();
    let matches = Sha256::of(&bytes) == *sha256;
    matches.then(|| String::from_utf8(bytes).ok()).flatten()
}

/// One thing wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Line, from 1 on.
    pub line: usize,
    /// Column in characters, from 1 on.
    pub column: usize,
    /// What is wrong.
    pub what: Say,
}

impl Problem {
    /// `line:column: what is wrong`.
    pub fn text(&self, lang: Lang) -> String {
        format!("{}:{}: {}", self.line, self.column, self.what.pick(lang))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Lang::En))
    }
}

//! The bundle's bytes, taken apart. Nothing here is believed: [`crate::check`] does that.
//!
//! ```text
//! keshi-bundle@v1
//! teacher T0001              in a person's bundle only
//! year 2022
//!                            an empty line
//! <the checkpoint>           a signed note, and an empty line
//! <entries>                  a year's: all, each two bytes of length and its bytes
//!                            a person's: how many (u32); each its index (u64), two bytes of length and its bytes; how many hashes
//!                            (u32), each 32 bytes (keshi_verify::proof::inclusion_of_all)
//! balances
//! <lines>                    and an empty line (crate::balances)
//! people                     in a person's bundle only
//! person T0001 17 41 <base64>    id, place among all, number of entries about her, chain (crate::people)
//! <base64 of a hash>         from the leaf's sibling up; then the next id that is hers
//!                            an empty line
//! figures
//! <lines>                    and an empty line
//! sha256 <64 hexadecimal digits, over all before this line>
//! ```
//!
//! Integers are big-endian. Nothing is compressed: reading stays as bounded as the file, and what is to be sent can be packed by anything.

use keshi_core::ids::TeacherId;
use keshi_core::period::Period;
use keshi_verify::Hash;
use keshi_verify::checkpoint::{Checkpoint, plain_number, read_hash};
use keshi_verify::entry::split_entry;
use keshi_verify::note::{MAX_NOTE_BYTES, Note};
use keshi_verify::proof::MAX_PROOF_HASHES;
use sha2::{Digest as _, Sha256};

use crate::balances;
use crate::failed::{Check, Failed, Place};
use crate::people::{About, Placed};

pub(crate) const MAGIC: &str = "keshi-bundle@v1";
pub(crate) const TEACHER: &str = "teacher ";
pub(crate) const YEAR: &str = "year ";
pub(crate) const BALANCES: &str = "balances";
pub(crate) const PEOPLE: &str = "people";
pub(crate) const PERSON: &str = "person ";
pub(crate) const FIGURES: &str = "figures";
pub(crate) const END: &str = "sha256 ";

/// Most ids of one person (ADR 72).
const IDS_MAX: usize = 16;

/// Longest line of those that are taken apart.
const LINE_MAX: usize = 4096;

/// Whom a bundle is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A year's bundle: all entries.
    Everybody,
    /// The entries about one person, and what they rest on.
    Person(TeacherId),
}

/// A bundle, taken apart; the bytes are the file's.
#[derive(Clone, Debug)]
pub struct Bundle<'b> {
    /// Whom it is about.
    pub subject: Subject,
    /// The year of its balances.
    pub year: Period,
    /// The checkpoint, whoever may have signed it.
    pub note: Note,
    /// What that says.
    pub checkpoint: Checkpoint,
    /// The entries, each with the index under which it stands.
    pub entries: Vec<(u64, &'b [u8])>,
    /// What leads from these to the root; empty in a year's bundle.
    pub hashes: Vec<Hash>,
    /// The balances' lines.
    pub balances: &'b str,
    /// Each id of the person, and where it stands in the map.
    pub people: Vec<(TeacherId, Placed)>,
    /// The figures' lines.
    pub figures: &'b str,
    /// The hash over the file that it states, and the one that it has.
    pub digests: (Hash, Hash),
}

/// What is left to be read, and where it stands.
struct Rest<'b> {
    all: &'b [u8],
    at: usize,
}

/// Whether a file that begins so says of itself that it is a bundle.
pub fn is_bundle(start: &[u8]) -> bool {
    start
        .strip_prefix(MAGIC.as_bytes())
        .is_some_and(|rest| rest.first() == Some(&b'\n'))
}

impl<'b> Bundle<'b> {
    /// Takes a bundle apart. What it takes is as bounded as the file.
    ///
    /// # Errors
    ///
    /// [`Failed`] by [`Check::Form`], with the byte at which it is something else.
    pub fn parse(bytes: &'b [u8]) -> Result<Self, Failed> {
        let mut rest = Rest { all: bytes, at: 0 };
        rest.exactly(MAGIC)?;
        let subject = match rest.peek_line().strip_prefix(TEACHER) {
            Some(id) => {
                let id = TeacherId::new(id).map_err(|_| rest.wrong("an id of a person"))?;
                rest.line()?;
                Subject::Person(id)
            }
            None => Subject::Everybody,
        };
        let year = rest.peek_line().strip_prefix(YEAR).and_then(balances::year);
        let year = year.ok_or_else(|| rest.wrong("a year, such as year 2022"))?;
        if rest.line()? != format!("{YEAR}{}", year.name) {
            return Err(rest.wrong("the year as it is written"));
        }
        rest.exactly("")?;
        let (note, checkpoint) = rest.note()?;
        let (entries, hashes) = match subject {
            Subject::Everybody => (rest.all_entries(checkpoint.size)?, Vec::new()),
            Subject::Person(_) => (rest.shown_entries()?, rest.hashes()?),
        };
        rest.exactly(BALANCES)?;
        let balances = rest.section()?;
        let people = match subject {
            Subject::Everybody => Vec::new(),
            Subject::Person(_) => rest.people()?,
        };
        rest.exactly(FIGURES)?;
        let figures = rest.section()?;
        let digests = rest.end()?;
        Ok(Self {
            subject,
            year,
            note,
            checkpoint,
            entries,
            hashes,
            balances,
            people,
            figures,
            digests,
        })
    }
}

impl<'b> Rest<'b> {
    fn bytes(&self) -> &'b [u8] {
        self.all.get(self.at..).unwrap_or_default()
    }

    /// That something else stands here.
    fn wrong(&self, expected: &str) -> Failed {
        let found: Vec<u8> = self.bytes().iter().take(40).copied().collect();
        let found = match found.as_slice() {
            [] => "the end of the file".to_owned(),
            found => found.escape_ascii().to_string(),
        };
        Failed::new(Check::Form, Place::Byte(self.at as u64), expected, found)
    }

    /// The next line, if it is one of text; else an empty one.
    fn peek_line(&self) -> &'b str {
        let bytes = self.bytes();
        let end = bytes.iter().take(LINE_MAX).position(|byte| *byte == b'\n');
        let line = end.and_then(|end| bytes.get(..end)).unwrap_or_default();
        str::from_utf8(line).unwrap_or_default()
    }

    /// The next line, which may be empty.
    fn line(&mut self) -> Result<&'b str, Failed> {
        let line = self.peek_line();
        let is_line = self.bytes().get(line.len()) == Some(&b'\n');
        if !is_line {
            return Err(self.wrong("a line of text"));
        }
        self.at += line.len() + 1;
        Ok(line)
    }

    fn exactly(&mut self, line: &str) -> Result<(), Failed> {
        let at = self.at;
        if self.line()? == line {
            return Ok(());
        }
        self.at = at;
        Err(self.wrong(if line.is_empty() { "an empty line" } else { line }))
    }

    fn take(&mut self, count: usize, what: &str) -> Result<&'b [u8], Failed> {
        let taken = self.bytes().get(..count).ok_or_else(|| self.wrong(what))?;
        self.at += count;
        Ok(taken)
    }

    fn number<const N: usize>(&mut self, what: &str) -> Result<u64, Failed> {
        let bytes = self.take(N, what)?;
        Ok(bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
    }

    fn note(&mut self) -> Result<(Note, Checkpoint), Failed> {
        let expected = "a signed checkpoint, and an empty line";
        let bytes = self.bytes();
        let bytes = bytes.get(..MAX_NOTE_BYTES.min(bytes.len())).unwrap_or_default();
        let ends = |from: usize| {
            bytes
                .get(from..)?
                .windows(2)
                .position(|two| two == b"\n\n")
                .map(|at| from + at)
        };
        let end = ends(0).and_then(|text| ends(text + 2));
        let read = end.and_then(|end| {
            let note = Note::parse(bytes.get(..=end)?).ok()?;
            let checkpoint = Checkpoint::parse(note.unverified_text())?;
            // One way to write it, so that no byte of it is free.
            (note.to_string().as_bytes() == bytes.get(..=end)?).then_some((end, note, checkpoint))
        });
        let (end, note, checkpoint) = read.ok_or_else(|| self.wrong(expected))?;
        self.at += end + 2;
        Ok((note, checkpoint))
    }

    fn entry(&mut self) -> Result<&'b [u8], Failed> {
        let (entry, _) = split_entry(self.bytes()).ok_or_else(|| self.wrong("a whole entry"))?;
        self.at += 2 + entry.len();
        Ok(entry)
    }

    /// The entries of a ledger of `size`; the room is made as they come.
    fn all_entries(&mut self, size: u64) -> Result<Vec<(u64, &'b [u8])>, Failed> {
        let least = size.saturating_mul(2);
        if least > self.bytes().len() as u64 {
            return Err(self.wrong(&format!("{size} entries, as the checkpoint says")));
        }
        (0..size).map(|index| Ok((index, self.entry()?))).collect()
    }

    fn shown_entries(&mut self) -> Result<Vec<(u64, &'b [u8])>, Failed> {
        let count = self.number::<4>("the number of entries")?;
        let mut entries: Vec<(u64, &'b [u8])> = Vec::new();
        for _ in 0..count {
            let at = self.at;
            let index = self.number::<8>("an entry's index")?;
            if entries.last().is_some_and(|(last, _)| *last >= index) {
                self.at = at;
                return Err(self.wrong("an index above the one before"));
            }
            entries.push((index, self.entry()?));
        }
        Ok(entries)
    }

    fn hashes(&mut self) -> Result<Vec<Hash>, Failed> {
        let count = self.number::<4>("the number of hashes")?;
        let bytes = self.take(usize::try_from(count * 32).unwrap_or(usize::MAX), "the hashes")?;
        Ok(bytes.as_chunks().0.iter().map(|hash| Hash(*hash)).collect())
    }

    /// The lines up to an empty one.
    fn section(&mut self) -> Result<&'b str, Failed> {
        let bytes = self.bytes();
        let end = if bytes.first() == Some(&b'\n') {
            Some(0)
        } else {
            bytes.windows(2).position(|two| two == b"\n\n").map(|at| at + 1)
        };
        let lines = end.and_then(|end| str::from_utf8(bytes.get(..end)?).ok());
        let lines = lines.ok_or_else(|| self.wrong("lines of text, and an empty one"))?;
        self.at += lines.len() + 1;
        Ok(lines)
    }

    fn people(&mut self) -> Result<Vec<(TeacherId, Placed)>, Failed> {
        self.exactly(PEOPLE)?;
        let mut people: Vec<(TeacherId, Placed)> = Vec::new();
        while !self.peek_line().is_empty() {
            let person = person(self.peek_line()).filter(|_| people.len() < IDS_MAX);
            let rises = |(id, _): &(TeacherId, Placed)| people.last().is_none_or(|(last, _)| last < id);
            let mut person = person
                .filter(rises)
                .ok_or_else(|| self.wrong("a person of the map, by id"))?;
            self.line()?;
            while let Some(hash) = read_hash(self.peek_line()) {
                if person.1.hashes.len() == MAX_PROOF_HASHES {
                    return Err(self.wrong("no more hashes"));
                }
                person.1.hashes.push(hash);
                self.line()?;
            }
            people.push(person);
        }
        self.exactly("")?;
        Ok(people)
    }

    fn end(&mut self) -> Result<(Hash, Hash), Failed> {
        let found = Sha256::digest(self.all.get(..self.at).unwrap_or_default());
        let found = Hash(found.into());
        let stated = self.peek_line().strip_prefix(END).and_then(read_hex);
        let stated = stated.ok_or_else(|| self.wrong("sha256 and 64 hexadecimal digits"))?;
        self.line()?;
        if self.bytes().is_empty() {
            Ok((stated, found))
        } else {
            Err(self.wrong("the end of the file"))
        }
    }
}

/// A person's line.
fn person(line: &str) -> Option<(TeacherId, Placed)> {
    let mut words = line.strip_prefix(PERSON)?.split(' ');
    let id = TeacherId::new(words.next()?).ok()?;
    let position = plain_number(words.next()?)?;
    let count = plain_number(words.next()?)?;
    let chain = read_hash(words.next()?)?;
    let placed = Placed {
        about: About { count, chain },
        position,
        hashes: Vec::new(),
    };
    words.next().is_none().then_some((id, placed))
}

/// 64 lower-case digits.
fn read_hex(text: &str) -> Option<Hash> {
    let digit = |byte: &u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let digits: Vec<u8> = text.as_bytes().iter().map_while(digit).collect();
    let hash: Vec<u8> = digits.as_chunks().0.iter().map(|[high, low]| high << 4 | low).collect();
    (text.len() == 64).then(|| hash.try_into().ok().map(Hash))?
}

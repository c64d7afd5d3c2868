//! What a check found to be otherwise.

use std::fmt;

use keshi_core::lang::{Say, say};

/// A check of a bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// That it is written as a bundle is.
    Form,
    /// That the checkpoint is signed with a key that is trusted.
    Signature,
    /// That the key had not been ended before.
    KeyEnd,
    /// That each entry can be read and says the place at which it stands.
    Entry,
    /// That the entries, or the hashes beside them, come to the root of the checkpoint.
    Root,
    /// That what there is about each person is what the checkpoint says.
    People,
    /// That the balances follow from the entries.
    Balances,
    /// That the figures follow from the entries.
    Figures,
    /// That the file is as it was written.
    Digest,
    /// That two bundles of one ledger are of one ledger.
    SplitView,
}

/// Where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A byte of the file, from 0 on.
    Byte(u64),
    /// An entry.
    Entry(u64),
    /// A line of a section, from 1 on.
    Line(u64),
    /// The ledger of so many entries.
    Size(u64),
}

/// A check that failed, where, and what should be there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Failed {
    /// Which check.
    pub check: Check,
    /// Where.
    pub place: Place,
    /// What should be there.
    pub expected: String,
    /// What is there.
    pub found: String,
}

/// The longest piece of a file that is told.
const TOLD_MAX: usize = 300;

impl Check {
    /// Its name: in the texts, and for tests.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Signature => "signature",
            Self::KeyEnd => "key-end",
            Self::Entry => "entry",
            Self::Root => "root",
            Self::People => "people",
            Self::Balances => "balances",
            Self::Figures => "figures",
            Self::Digest => "digest",
            Self::SplitView => "split-view",
        }
    }

    /// 中文
    const fn zh(self) -> &'static str {
        match self {
            Self::Form => "格式",
            Self::Signature => "签名",
            Self::KeyEnd => "密钥期限",
            Self::Entry => "条目",
            Self::Root => "树根",
            Self::People => "各人条目",
            Self::Balances => "学时余额",
            Self::Figures => "指标",
            Self::Digest => "文件校验",
            Self::SplitView => "两份台账",
        }
    }
}

impl Place {
    /// In both languages.
    fn say(self) -> Say {
        match self {
            Self::Byte(at) => say(format!("第 {at} 字节"), format!("byte {at}")),
            Self::Entry(index) => say(format!("第 {index} 条"), format!("entry {index}")),
            Self::Line(line) => say(format!("第 {line} 行"), format!("line {line}")),
            Self::Size(size) => say(format!("{size} 条的台账"), format!("the ledger of {size} entries")),
        }
    }
}

impl Failed {
    /// That a check failed at a place.
    pub fn new(check: Check, place: Place, expected: impl Into<String>, found: impl Into<String>) -> Self {
        let told = |text: String| {
            if text.len() > TOLD_MAX {
                text.chars().take(TOLD_MAX).collect()
            } else {
                text
            }
        };
        Self {
            check,
            place,
            expected: told(expected.into()),
            found: told(found.into()),
        }
    }

    /// In both languages.
    pub fn say(&self) -> Say {
        let Self {
            check,
            place,
            expected,
            found,
        } = self;
        let place = place.say();
        say(
            format!(
                "{}（{}），{}：应为“{expected}”，实为“{found}”",
                check.zh(),
                check.name(),
                place.zh
            ),
            format!("{} at {}: expected {expected}, found {found}", check.name(), place.en),
        )
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.say().en)
    }
}

//! What the figures of the annual report mean: an office's own document (口径), its vocabulary, and how it is read. They are counted by
//! [`crate::figures`].

mod measure;
mod parse;

use std::sync::{Arc, LazyLock};

pub(crate) use self::measure::passes;
pub use self::measure::{Carried, Counts, Span, Staff, Topics, Trained};
use crate::ids::{FigureId, Sha256};

/// Largest document of definitions, in bytes.
pub const DEFINITIONS_BYTES_MAX: usize = 128 * 1024;

/// Most figures of one document: each is asked of every entry of a year.
pub const FIGURES_MAX: usize = 200;

/// Most funnels, and most steps of one.
pub(super) const FUNNELS_MAX: usize = 50;

/// Most paragraphs.
pub(super) const PARAGRAPHS_MAX: usize = 50;

/// Definitions of figures, as one version of the office's document has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definitions {
    /// Which version, from 1 on. A later one takes the place of an earlier for the years from `from_year` on.
    pub version: u32,
    /// What it is called.
    pub name: String,
    /// The first year that is counted so.
    pub from_year: i16,
    /// The figures, in the order of the report.
    pub figures: Vec<Definition>,
    /// Figures that follow one from another, later ones not above earlier ones.
    pub funnels: Vec<Funnel>,
    /// The sentences of the report.
    pub paragraphs: Vec<Paragraph>,
}

/// One figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Its id.
    pub id: FigureId,
    /// What it is called in the report.
    pub name: String,
    /// 单位
    pub unit: String,
    /// What it counts.
    pub counts: Counts,
    /// Figures that together are this one (一等 + 二等 + 三等); a report in which they are not contradicts itself.
    pub parts: Vec<FigureId>,
    /// How it stands in a sentence.
    pub wording: Wording,
}

/// How a figure stands in a sentence (DOMAIN §12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wording {
    /// As it is.
    Exact,
    /// `N余` above the round number below it, in steps of so many.
    Over(u32),
    /// `近N` at most a tenth below the next round number, else as [`Wording::Over`].
    Near(u32),
}

/// A funnel (评选 → 推荐 → 获得).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Funnel {
    /// What it is called.
    pub name: String,
    /// The figures, from the widest on.
    pub steps: Vec<FigureId>,
}

/// A paragraph of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paragraph {
    /// Its heading.
    pub heading: String,
    /// Its text, in pieces.
    pub parts: Vec<Part>,
}

/// A piece of a paragraph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Words.
    Text(String),
    /// A figure with its unit, as it stands in a sentence.
    Figure(FigureId),
}

impl Definitions {
    /// The definition of this id.
    pub fn definition(&self, id: &FigureId) -> Option<&Definition> {
        self.figures.iter().find(|definition| definition.id == *id)
    }

    /// The definitions of an office that adopted none: those of DOMAIN §12, and their text.
    pub fn usual() -> (Arc<Self>, Sha256) {
        static USUAL: LazyLock<Arc<Definitions>> = LazyLock::new(|| {
            let read = Definitions::parse(Definitions::USUAL_TEXT);
            Arc::new(read.unwrap_or_else(|_| Definitions {
                version: 0,
                name: String::new(),
                from_year: 0,
                figures: Vec::new(),
                funnels: Vec::new(),
                paragraphs: Vec::new(),
            }))
        });
        let sha256 = Sha256::of(Self::USUAL_TEXT.as_bytes());
        (Arc::clone(&USUAL), sha256)
    }

    /// The text of [`Self::usual`], for an office to begin its own with.
    pub const USUAL_TEXT: &'static str = include_str!("../../figures/annual.toml");
}

//! Papers to hand out: certificates (证书), transcripts (学时证明) and the annual report (年度报告), as PDF/A-2a: tagged, every font
//! in the file, of each font only the characters used. The report also as a Word document and as a page that stands alone.
//!
//! ```text
//!  answers of the API ─▶ lines on a page (layout) ─▶ glyphs (fonts) ─▶ krilla ─▶ bytes
//!                              └─ the code of a certificate leads to its check
//! ```
//!
//! # What holds
//!
//! - A character that no font has stops the printing and is named with its person; never an empty box.
//! - What is printed is what the API said at one size of the ledger, which stands on a transcript.
//! - A batch is one file: its fonts are subset once, and its memory grows by the pages alone.
#![deny(missing_docs)]

mod certificate;
mod fonts;
mod layout;
mod report;
mod sheet;
mod transcript;

use std::fmt;

use keshi_core::lang::{Say, say};

pub use self::certificate::certificates;
pub use self::fonts::{Fonts, NoFonts};
pub use self::report::{docx, funnel, html, pdf};
pub use self::transcript::transcript;

/// Most certificates in one file.
pub const BATCH_MAX: usize = 1_000;

/// Why a paper is not printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unprinted {
    /// No font has the character.
    NoGlyph {
        /// Whose paper it is.
        whose: String,
        /// The character.
        character: char,
    },
    /// There are more than [`BATCH_MAX`], or none at all.
    Batch(usize),
    /// It is void, or what it rests on is: nothing to be handed out.
    NotValid(String),
    /// The identity of her whose it is was erased: nobody can be named on it.
    Erased(String),
    /// The file does not keep its standard: a defect.
    Defect(String),
}

impl Unprinted {
    /// What is wrong, and what to do.
    pub fn say(&self) -> Say {
        match self {
            Self::NoGlyph { whose, character } => {
                let code = u32::from(*character);
                say(
                    format!(
                        "{whose}：字体中没有“{character}”（U+{code:04X}），没有打印；请管理员用 --font 再加一个含此字的字体（如宋体-生僻字），或改用规范字"
                    ),
                    format!(
                        "{whose}: no font has {character} (U+{code:04X}), so nothing was printed; ask IT to add a font that has it with --font"
                    ),
                )
            }
            Self::Batch(0) => say("没有要打印的证书", "there is no certificate to print"),
            Self::Batch(count) => say(
                format!("一次至多打印 {BATCH_MAX} 张，现为 {count} 张；请缩小范围，分几次打印"),
                format!("at most {BATCH_MAX} are printed at once, not {count}: narrow the question and print in parts"),
            ),
            Self::NotValid(number) => say(
                format!("{number} 已作废或待回收，不能打印"),
                format!("{number} is void or to be recalled and is not printed"),
            ),
            Self::Erased(whose) => say(
                format!("{whose}：身份信息已依法删除，不能打印"),
                format!("{whose}: the identity was erased, so nothing is printed"),
            ),
            Self::Defect(what) => say(
                format!("没有生成合乎标准的 PDF，请告知管理员：{what}"),
                format!("the PDF would not keep its standard; tell the operator: {what}"),
            ),
        }
    }
}

impl fmt::Display for Unprinted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.say().en)
    }
}

impl std::error::Error for Unprinted {}

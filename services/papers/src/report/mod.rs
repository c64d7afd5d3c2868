//! The annual report (年度报告), set as PDF, as a Word document, and as a page.

mod docx;
mod html;
mod pdf;

pub use self::docx::docx;
pub use self::html::{funnel, html};
pub use self::pdf::pdf;

//! Verdicts as lines: one for each remark of a row, or one for each cause with the rows that have it.

use std::collections::HashMap;
use std::fmt;

use keshi_core::lang::Lang;

use super::{Outcome, RowVerdict};
use crate::plan::Place;

impl RowVerdict {
    /// One line for each remark, or one with the outcome alone.
    pub fn lines(&self, lang: Lang) -> Vec<String> {
        let head = head(&[self.place.row], self.outcome.name(lang), lang);
        let said = self.said(lang);
        if said.is_empty() {
            return vec![head];
        }
        said.into_iter().map(|said| format!("{head}{said}")).collect()
    }

    /// What is to be said of it, without the row.
    fn said(&self, lang: Lang) -> Vec<String> {
        self.remarks.iter().map(|remark| remark.said(lang)).collect()
    }
}

/// Most rows that are named with one cause.
const ROWS_NAMED_MAX: usize = 12;

fn head(rows: &[u32], outcome: &str, lang: Lang) -> String {
    let named: Vec<String> = rows.iter().take(ROWS_NAMED_MAX).map(u32::to_string).collect();
    let more = rows.len() > ROWS_NAMED_MAX;
    let count = rows.len();
    match lang {
        Lang::Zh if more => format!("第 {} … 等 {count} 行 {outcome}", named.join("、")),
        Lang::Zh => format!("第 {} 行 {outcome}", named.join("、")),
        Lang::En if more => format!("rows {} … ({count} in all) {outcome}", named.join(", ")),
        Lang::En if rows.len() > 1 => format!("rows {} {outcome}", named.join(", ")),
        Lang::En => format!("row {} {outcome}", named.join(", ")),
    }
}

/// What is said of several rows: one line for each cause, with the rows that have it, in the order of the first of them; and
/// of rows that were not sent, what would become of them.
pub fn lines_of<'v>(
    verdicts: impl IntoIterator<Item = &'v RowVerdict>,
    is_sent: bool,
    lang: Lang,
) -> Vec<(Place, String)> {
    let mut causes: Vec<(Place, Outcome, String, Vec<u32>)> = Vec::new();
    let mut known: HashMap<(usize, usize, Outcome, String), usize> = HashMap::new();
    for verdict in verdicts {
        let mut said = verdict.said(lang);
        if said.is_empty() {
            said.push(String::new());
        }
        let (place, outcome) = (verdict.place, verdict.outcome);
        for said in said {
            let at = *known
                .entry((place.book, place.sheet, outcome, said.clone()))
                .or_insert_with(|| {
                    causes.push((place, outcome, said, Vec::new()));
                    causes.len() - 1
                });
            // Project, session and attendance of one row may have one cause.
            if let Some((.., rows)) = causes.get_mut(at).filter(|(.., rows)| rows.last() != Some(&place.row)) {
                rows.push(place.row);
            }
        }
    }
    let line = |(place, outcome, said, rows): (Place, Outcome, String, Vec<u32>)| {
        let outcome = if is_sent {
            outcome.name(lang)
        } else {
            outcome.would_be(lang)
        };
        (place, format!("{}{said}", head(&rows, outcome, lang)))
    };
    causes.into_iter().map(line).collect()
}

impl fmt::Display for RowVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines(Lang::Zh).join("\n"))
    }
}

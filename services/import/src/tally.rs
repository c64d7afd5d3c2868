//! Rows counted by what became of them.

use std::collections::BTreeMap;

use keshi_core::lang::Lang;
use keshi_sheets::report::{Outcome as RowOutcome, RowVerdict};
use keshi_words::names::count;

/// Rows by what became of them.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    rows: BTreeMap<RowOutcome, u64>,
    is_sent: bool,
}

impl Tally {
    /// Counts these.
    pub(crate) fn of_rows(verdicts: &[RowVerdict], is_sent: bool) -> Self {
        let mut rows = BTreeMap::new();
        for verdict in verdicts {
            *rows.entry(verdict.outcome).or_insert(0) += 1;
        }
        Self { rows, is_sent }
    }

    /// The outcomes there are, and how many rows have each.
    pub fn rows(&self) -> impl Iterator<Item = (RowOutcome, u64)> {
        self.rows.iter().map(|(outcome, rows)| (*outcome, *rows))
    }

    /// How many rows.
    pub fn total(&self) -> u64 {
        self.rows.values().sum()
    }

    /// How many rows with this outcome.
    pub fn of(&self, outcome: RowOutcome) -> u64 {
        self.rows.get(&outcome).copied().unwrap_or(0)
    }

    /// Whether no row needs work.
    pub fn is_good(&self) -> bool {
        let bad = [
            RowOutcome::Mistaken,
            RowOutcome::Refused,
            RowOutcome::Conflict,
            RowOutcome::Changed,
        ];
        let is_missing = self.is_sent && self.of(RowOutcome::NotSent) > 0;
        !is_missing && bad.into_iter().all(|outcome| self.of(outcome) == 0)
    }

    /// The totals in one line: what became of the rows or, if `is_sent` is false, what would.
    pub fn text(&self, lang: Lang, is_sent: bool) -> String {
        let total = count(self.total());
        let what = match (lang, is_sent) {
            (Lang::Zh, true) => format!("共 {total} 行："),
            (Lang::En, true) => format!("{total} rows: "),
            (Lang::Zh, false) => format!("核对 {total} 行："),
            (Lang::En, false) => format!("{total} rows checked: "),
        };
        let parts: Vec<_> = self
            .rows
            .iter()
            .map(|(outcome, rows)| format!("{} {}", word(*outcome, is_sent, lang), count(*rows)))
            .collect();
        what + &parts.join(lang.pick("，", ", "))
    }
}

/// A verdict as it is called, also before anything was sent.
fn word(outcome: RowOutcome, is_sent: bool, lang: Lang) -> &'static str {
    if is_sent {
        outcome.name(lang)
    } else {
        outcome.would_be(lang)
    }
}

/// Whether somebody must do something about the row.
pub fn is_bad(outcome: RowOutcome) -> bool {
    matches!(
        outcome,
        RowOutcome::Mistaken | RowOutcome::Refused | RowOutcome::Conflict | RowOutcome::Changed
    )
}

/// Whether the row needs work, or is not where it was to go.
pub fn needs_work(verdict: &RowVerdict, is_sent: bool) -> bool {
    is_bad(verdict.outcome) || (is_sent && verdict.outcome == RowOutcome::NotSent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(rows: &[(RowOutcome, u64)], is_sent: bool) -> Tally {
        Tally {
            rows: rows.iter().copied().collect(),
            is_sent,
        }
    }

    #[test]
    fn only_rows_that_need_work_make_an_import_fail() {
        assert!(tally(&[(RowOutcome::Duplicate, 3)], true).is_good());
        assert!(tally(&[(RowOutcome::Recorded, 3), (RowOutcome::Waiting, 1)], true).is_good());
        assert!(!tally(&[(RowOutcome::Recorded, 3), (RowOutcome::Refused, 1)], true).is_good());
        assert!(!tally(&[(RowOutcome::NotSent, 1)], true).is_good());
        assert!(tally(&[(RowOutcome::NotSent, 1)], false).is_good());
    }

    #[test]
    fn the_totals_say_whether_anything_was_recorded() {
        let one = tally(&[(RowOutcome::Recorded, 1_200), (RowOutcome::Duplicate, 1)], true);
        assert_eq!(one.text(Lang::Zh, true), "共 1,201 行：重复 1，已入账 1,200");
        assert_eq!(
            one.text(Lang::En, false),
            "1,201 rows checked: duplicate 1, to be recorded 1,200"
        );
    }
}

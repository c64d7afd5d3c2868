//! An entry as a row for people.

use keshi_core::lang::Lang;
use keshi_proto::api;
use keshi_words::entry::cells;
pub(super) use keshi_words::entry::{HEADINGS, paper_cells};

use crate::show::table::{Align, Table, Width};

/// What was printed so far, so that later rows stand under the same heading.
#[derive(Debug, Default)]
pub(super) struct Rows {
    widths: Vec<usize>,
}

impl Rows {
    pub(super) fn render(
        &mut self,
        entries: &[api::Entry],
        words: &[api::EntryInWords],
        lang: Lang,
        width: Width,
    ) -> String {
        let aligned = |name: &&'static str| {
            let is_number = *name == HEADINGS[0].0 || *name == HEADINGS[0].1;
            if is_number { Align::Right } else { Align::Left }
        };
        let headings = HEADINGS.map(|(zh, en)| lang.pick(zh, en));
        let mut table = Table::new(headings.map(|name| (name, aligned(&name))));
        for (entry, words) in entries.iter().zip(words) {
            table.row(cells(entry, words, lang));
        }
        table.render_on(&mut self.widths, width)
    }
}

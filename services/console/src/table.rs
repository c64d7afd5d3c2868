//! Tables: on a narrow screen each row becomes a card, which names its cells.

use maud::{Markup, html};

/// How a column's cells are set.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Set {
    Text,
    /// To the right, digits under digits.
    Number,
}

/// A table that is being put together.
pub(crate) struct Table {
    columns: Vec<(String, Set)>,
    rows: Vec<Markup>,
}

impl Table {
    /// A table with these columns.
    pub(crate) fn new<'n>(columns: impl IntoIterator<Item = (&'n str, Set)>) -> Self {
        let columns = columns.into_iter();
        Self {
            columns: columns.map(|(name, set)| (name.to_owned(), set)).collect(),
            rows: Vec::new(),
        }
    }

    /// A row, a cell for each column.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = Markup>) {
        self.marked("", cells);
    }

    /// A row of this class.
    pub(crate) fn marked(&mut self, class: &str, cells: impl IntoIterator<Item = Markup>) {
        let class = (!class.is_empty()).then_some(class);
        let cells = self.columns.iter().zip(cells);
        self.rows.push(html! {
            tr class=[class] {
                @for ((name, set), cell) in cells {
                    td data-label=(name) .number[*set == Set::Number] {
                        // Beside its column's name on a narrow screen it is one thing, and an empty one none at all.
                        @if !cell.0.is_empty() { div { (cell) } }
                    }
                }
            }
        });
    }

    /// The table under this caption; nothing in place of one without rows.
    pub(crate) fn render(self, caption: &str) -> Markup {
        html! {
            @if !self.rows.is_empty() {
                table.rows {
                    caption { (caption) }
                    thead { tr { @for (name, set) in &self.columns { th scope="col" .number[*set == Set::Number] { (name) } } } }
                    tbody { @for row in &self.rows { (row) } }
                }
            }
        }
    }
}

/// A cell with a text.
pub(crate) fn text(text: impl AsRef<str>) -> Markup {
    html! { (text.as_ref()) }
}

//! Tables whose columns stay straight with Chinese in them: a Chinese character is two columns wide.

use unicode_width::UnicodeWidthStr as _;

/// How a column is aligned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// Rows of cells, padded to the widest of each column.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    columns: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
    indent: usize,
}

impl Table {
    /// A table with these headings.
    pub(crate) fn new<T: Into<String>>(columns: impl IntoIterator<Item = (T, Align)>) -> Self {
        Self {
            columns: columns.into_iter().map(|(name, align)| (name.into(), align)).collect(),
            ..Self::default()
        }
    }

    /// Moves it to the right by so many spaces.
    pub(crate) fn indented(mut self, indent: usize) -> Self {
        self.indent = indent;
        self
    }

    /// Adds a row: as many cells as there are columns.
    pub(crate) fn row<T: Into<String>>(&mut self, cells: impl IntoIterator<Item = T>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// All lines, each with its end.
    pub(crate) fn render(&self) -> String {
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|i| {
                let cells = self.rows.iter().filter_map(|row| row.get(i));
                cells
                    .chain([&self.columns[i].0])
                    .map(|cell| cell.width())
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        let heading: Vec<String> = self.columns.iter().map(|(name, _)| name.clone()).collect();
        let mut text = String::new();
        for cells in std::iter::once(&heading).chain(&self.rows) {
            let mut line = " ".repeat(self.indent);
            for ((cell, width), (_, align)) in cells.iter().zip(&widths).zip(&self.columns) {
                let padding = " ".repeat(width - cell.width());
                match align {
                    Align::Left => line = line + cell + &padding,
                    Align::Right => line = line + &padding + cell,
                }
                line.push_str("  ");
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

/// `text` cut to `columns` columns, with `…` where something was cut off.
pub(crate) fn cut(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut short = String::new();
    for c in text.chars() {
        let next = format!("{short}{c}");
        if next.width() + 1 > columns {
            break;
        }
        short = next;
    }
    short + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stay_straight_with_chinese_in_them() {
        let mut table = Table::new([("编号", Align::Left), ("课时", Align::Right), ("text", Align::Left)]);
        table.row(["R1", "90", "每年"]);
        table.row(["R10000", "3.33", "x"]);
        let text = table.render();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines, ["编号    课时  text", "R1        90  每年", "R10000  3.33  x"]);
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(cut("每学期听课", 10), "每学期听课");
        assert_eq!(cut("每学期听课", 9), "每学期听…");
        assert_eq!(cut("每学期听课", 8), "每学期…");
    }
}

//! Tables whose columns stay straight with Chinese in them: a Chinese character is two columns wide.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr};

/// Between two columns.
const GAP: &str = "  ";

/// Fewest columns that a column of texts is made narrow to.
const TEXT_COLUMNS_MIN: usize = 10;

/// A number, period or id up to so many columns is not broken so that a table fits.
const WORD_COLUMNS_MAX: usize = 24;

/// How far what goes on of a row in a list stands to the right of where it began.
const LIST_INDENT: usize = 4;

/// How wide a table may be; `None`: as wide as it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Width(pub(crate) Option<usize>);

#[cfg(test)]
impl Width {
    /// As wide as it is.
    pub(crate) const ANY: Self = Self(None);
}

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

    /// All lines, each with its end: as wide as they are where there is room, else with long cells on several lines, then
    /// also without columns that say nothing, and where even that is too wide, each row as a list.
    pub(crate) fn render(&self, width: Width) -> String {
        if self.fit(&self.widths(), width).is_none() {
            return self.without_empty_columns().render_on(&mut Vec::new(), width);
        }
        self.render_on(&mut Vec::new(), width)
    }

    fn without_empty_columns(&self) -> Self {
        let says: Vec<bool> = (0..self.columns.len())
            .map(|i| {
                self.rows
                    .iter()
                    .any(|row| row.get(i).is_some_and(|cell| !cell.is_empty()))
            })
            .collect();
        Self {
            columns: kept(&self.columns, &says),
            rows: self.rows.iter().map(|row| kept(row, &says)).collect(),
            indent: self.indent,
        }
    }

    fn widths(&self) -> Vec<usize> {
        let of_column = |i: usize| {
            let cells = self.rows.iter().filter_map(move |row| row.get(i));
            cells.chain([&self.columns[i].0]).map(|cell| cell.width()).max()
        };
        (0..self.columns.len()).map(|i| of_column(i).unwrap_or(0)).collect()
    }

    /// As [`Table::render`], as the next rows of a table that began with those of `widths`: its heading is written once.
    pub(crate) fn render_on(&self, widths: &mut Vec<usize>, width: Width) -> String {
        let is_first = widths.is_empty();
        widths.resize(self.columns.len(), 0);
        for (widest, own) in widths.iter_mut().zip(self.widths()) {
            *widest = own.max(*widest);
        }
        let Some(fitting) = self.fit(widths, width) else {
            return self.render_as_lists(width);
        };
        let heading: Vec<String> = self.columns.iter().map(|(name, _)| name.clone()).collect();
        let heading = Some(&heading).filter(|_| is_first);
        let mut text = String::new();
        for cells in heading.into_iter().chain(&self.rows) {
            let cells: Vec<_> = cells
                .iter()
                .zip(&fitting)
                .map(|(cell, width)| wrap(cell, *width))
                .collect();
            for place in 0..cells.iter().map(Vec::len).max().unwrap_or(0) {
                let mut line = " ".repeat(self.indent);
                for ((cell, width), (_, align)) in cells.iter().zip(&fitting).zip(&self.columns) {
                    let cell = cell.get(place).map_or("", String::as_str);
                    let padding = " ".repeat(width.saturating_sub(cell.width()));
                    match align {
                        Align::Left => line = line + cell + &padding,
                        Align::Right => line = line + &padding + cell,
                    }
                    line.push_str(GAP);
                }
                text.push_str(line.trim_end());
                text.push('\n');
            }
        }
        text
    }

    /// The widths at which it fits, numbers whole; `None` if it fits at none.
    fn fit(&self, natural: &[usize], width: Width) -> Option<Vec<usize>> {
        let mut widths = natural.to_vec();
        let Width(Some(most)) = width else { return Some(widths) };
        let gaps = GAP.len() * self.columns.len().saturating_sub(1);
        let room = most.checked_sub(self.indent + gaps)?;
        let least = self.least_widths();
        while widths.iter().sum::<usize>() > room {
            let texts = widths.iter_mut().zip(&least);
            *texts
                .filter(|(width, least)| **width > **least)
                .map(|(width, _)| width)
                .max()? -= 1;
        }
        Some(widths)
    }

    /// How narrow each column may become: numbers not at all, texts so that their words stay whole.
    fn least_widths(&self) -> Vec<usize> {
        let least = |(i, (name, align)): (usize, &(String, Align))| {
            if *align == Align::Right {
                return usize::MAX;
            }
            let cells = self.rows.iter().filter_map(|row| row.get(i)).chain([name]);
            let words = cells.flat_map(|cell| pieces(cell)).map(UnicodeWidthStr::width);
            words
                .filter(|width| *width <= WORD_COLUMNS_MAX)
                .max()
                .unwrap_or(0)
                .max(TEXT_COLUMNS_MIN)
        };
        self.columns.iter().enumerate().map(least).collect()
    }

    /// Each row as its cells with their headings, one after the other; empty cells are left out.
    fn render_as_lists(&self, Width(width): Width) -> String {
        let indent = " ".repeat(self.indent);
        let most = width
            .unwrap_or(usize::MAX)
            .saturating_sub(self.indent)
            .max(TEXT_COLUMNS_MIN);
        let mut text = String::new();
        for row in &self.rows {
            let mut line = String::new();
            let mut lines = Vec::new();
            for ((name, _), cell) in self.columns.iter().zip(row).filter(|(_, cell)| !cell.is_empty()) {
                // Some columns need no heading.
                let pair = if name.is_empty() {
                    cell.clone()
                } else {
                    format!("{name}: {cell}")
                };
                if !line.is_empty() && line.width() + GAP.len() + pair.width() > most {
                    lines.push(line);
                    line = format!("{GAP}{pair}");
                } else if line.is_empty() {
                    line = pair;
                } else {
                    line = line + GAP + &pair;
                }
            }
            lines.push(line);
            for line in lines {
                let first = wrap(&line, most);
                let (head, rest) = line.split_at(first.first().map_or(0, String::len));
                text = text + &indent + head + "\n";
                for more in wrap(
                    rest.trim_start(),
                    most.saturating_sub(LIST_INDENT).max(TEXT_COLUMNS_MIN),
                ) {
                    if !more.is_empty() {
                        text = text + &indent + &" ".repeat(LIST_INDENT) + &more + "\n";
                    }
                }
            }
        }
        text
    }
}

/// The cells of those columns that say something.
fn kept<T: Clone>(all: &[T], says: &[bool]) -> Vec<T> {
    let kept = all.iter().zip(says).filter(|(_, says)| **says);
    kept.map(|(one, _)| one.clone()).collect()
}

/// The lines of `text`, those that are too wide on several, indented as they are.
pub(crate) fn fold(text: &str, Width(width): Width) -> String {
    let Some(width) = width else { return text.to_owned() };
    let mut folded = String::new();
    for line in text.lines() {
        let rest = line.trim_start();
        let indent = line.len() - rest.len();
        if line.width() <= width || indent + TEXT_COLUMNS_MIN > width {
            folded = folded + line + "\n";
            continue;
        }
        for part in wrap(rest, width - indent) {
            folded = folded + &" ".repeat(indent) + &part + "\n";
        }
    }
    folded
}

/// Whether a line may end between two characters: after a blank, and beside a wide character that is no punctuation which
/// belongs to what stands before or after it.
fn breaks_between(before: Option<char>, after: char) -> bool {
    const OPENING: &str = "（《〈“‘【「";
    const CLOSING: &str = "）》〉”’】」，。、：；！？…";
    let Some(before) = before else { return false };
    let is_wide = |c: char| c.width().unwrap_or(0) > 1;
    before == ' '
        || ((is_wide(before) || is_wide(after))
            && !OPENING.contains(before)
            && !CLOSING.contains(after)
            && after != ' ')
}

/// What of a text is not broken between two lines.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut before) = (0, None);
    for (at, c) in text.char_indices() {
        if breaks_between(before, c) {
            pieces.extend(text.get(start..at).map(str::trim_end));
            start = at;
        }
        before = Some(c);
    }
    pieces.extend(text.get(start..));
    pieces
}

/// `text` on lines of at most so many columns, broken after a blank or beside a wide character where there is one.
fn wrap(text: &str, columns: usize) -> Vec<String> {
    if text.width() <= columns {
        return vec![text.to_owned()];
    }
    let mut lines = Vec::new();
    let (mut line, mut width) = (String::new(), 0);
    // Where the line may be broken, in bytes.
    let mut may_break = 0;
    for c in text.chars() {
        let wide = c.width().unwrap_or(0);
        if !line.is_empty() && breaks_between(line.chars().last(), c) {
            may_break = line.len();
        }
        if width + wide > columns && !line.is_empty() {
            let at = if may_break > 0 { may_break } else { line.len() };
            let rest = line.split_off(at);
            lines.push(line.trim_end().to_owned());
            line = rest;
            width = line.width();
            may_break = 0;
            if line.is_empty() && c == ' ' {
                continue;
            }
        }
        line.push(c);
        width += wide;
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stay_straight_with_chinese_in_them() {
        let mut table = Table::new([("编号", Align::Left), ("课时", Align::Right), ("text", Align::Left)]);
        table.row(["R1", "90", "每年"]);
        table.row(["R10000", "3.33", "x"]);
        let text = table.render(Width::ANY);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines, ["编号    课时  text", "R1        90  每年", "R10000  3.33  x"]);
    }

    #[test]
    fn a_text_goes_on_in_the_next_line_between_words_and_between_characters() {
        assert_eq!(wrap("每学期听课", 10), ["每学期听课"]);
        assert_eq!(wrap("每学期听课", 9), ["每学期听", "课"]);
        assert_eq!(wrap("at most so many", 8), ["at most", "so many"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("课 lessons", 6), ["课", "lesson", "s"]);
    }

    #[test]
    fn periods_and_numbers_stay_whole_and_punctuation_stays_where_it_belongs() {
        let mut table = Table::new([("要求", Align::Left), ("期间", Align::Left), ("", Align::Left)]);
        table.row(["每学期听课不少于40节，每月一次", "2022-2023-1", "+"]);
        for width in [40, 30, 26] {
            let text = table.render(Width(Some(width)));
            assert!(text.contains("2022-2023-1"), "{text}");
            assert!(!text.lines().any(|line| line.trim_start().starts_with('，')), "{text}");
        }
        // As lists, a column without a heading is none the worse.
        let list = table.render(Width(Some(20)));
        let lines: Vec<_> = list.lines().collect();
        assert_eq!(
            lines,
            [
                "要求: 每学期听课不少",
                "    于40节，每月一次",
                "  期间: 2022-2023-1",
                "  +"
            ]
        );
        assert_eq!(wrap("工作要求（2020）", 10), ["工作要求", "（2020）"]);
    }

    #[test]
    fn no_line_is_wider_than_the_screen_and_nothing_is_left_out() {
        let mut table = Table::new([
            ("编号", Align::Left),
            ("要求", Align::Left),
            ("已计", Align::Right),
            ("状态", Align::Left),
        ]);
        table.row(["R1", "每位教研员每年接受不少于90课时的培训", "1,234.5", "未达标"]);
        table.row(["R2", "每学期听课不少于40节", "7", "达标"]);
        let all: String = table.render(Width::ANY).split_whitespace().collect();
        for width in [20, 40, 80, 200] {
            let text = table.render(Width(Some(width)));
            let widest = text.lines().map(UnicodeWidthStr::width).max().unwrap();
            assert!(widest <= width, "{widest} > {width}\n{text}");
            for number in ["1,234.5", "R1", "R2"] {
                assert!(text.contains(number), "{text}");
            }
            let mut characters: Vec<char> = text.chars().filter(|c| c.is_alphabetic()).collect();
            let mut wanted: Vec<char> = all.chars().filter(|c| c.is_alphabetic()).collect();
            characters.sort_unstable();
            wanted.sort_unstable();
            assert!(wanted.iter().all(|c| characters.contains(c)), "{text}");
        }
    }

    #[test]
    fn rows_that_come_later_stand_under_the_first_heading() {
        let table = |text: &str| {
            let mut table = Table::new([("名", Align::Left), ("数", Align::Right)]);
            table.row([text, "1"]);
            table
        };
        let mut widths = Vec::new();
        assert_eq!(
            table("abcdef").render_on(&mut widths, Width::ANY),
            "名      数\nabcdef   1\n"
        );
        assert_eq!(table("a").render_on(&mut widths, Width::ANY), "a        1\n");
    }
}

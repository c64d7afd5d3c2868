//! Pages that fill one after another with paragraphs and rows, and what is read of them in which order.

use std::num::NonZeroU16;

use krilla::Document;
use krilla::page::PageSettings;
use krilla::tagging::{Identifier, TableHeaderScope, Tag, TagGroup, TagTree};

use crate::Unprinted;
use crate::layout::{Align, BLACK, GREY, Paper, Style, bars};

/// A4.
pub(crate) const PAGE: (f32, f32) = (595.28, 841.89);

/// The margin at the left and right.
pub(crate) const MARGIN: f32 = 46.0;

/// Where text ends on a page.
const BOTTOM: f32 = PAGE.1 - 64.0;

/// The height of a line of the table, and of its text.
pub(crate) const STEP: f32 = 16.0;
pub(crate) const SIZE: f32 = 9.5;

pub(crate) const PLAIN: Style = Style {
    size: SIZE,
    colour: BLACK,
    align: Align::Left,
};

/// A column: its left edge and width; or, of a column of numbers, its right edge and no width.
pub(crate) type Column = (f32, f32);

/// A page that is being filled, and what is read of the whole.
pub(crate) struct Sheet<'p, 'f> {
    paper: &'p Paper<'f>,
    parts: Vec<Part>,
    /// What each page says, in the order in which it is drawn: drawn at the end, when it is known how many there are.
    pages: Vec<Vec<Placed>>,
    pub(crate) y: f32,
}

/// A piece of text at its place, and where it belongs in the order of reading.
struct Placed {
    at: (f32, f32),
    text: String,
    style: Style,
    part: usize,
    /// Of a row, which of its cells it is of.
    cell: usize,
}

/// What was drawn of a part: of which of its cells, and its place in the file.
type Drawn = Vec<(usize, Identifier)>;

/// The parts that are read, in their order.
pub(crate) enum Part {
    Heading(u16, String),
    Paragraph,
    /// A row of cells, whether they are headings.
    Row(bool),
}

impl<'p, 'f> Sheet<'p, 'f> {
    /// An empty one, whose first line stands at `y`.
    pub(crate) fn new(paper: &'p Paper<'f>, y: f32) -> Self {
        Self {
            paper,
            parts: Vec::new(),
            pages: vec![Vec::new()],
            y,
        }
    }

    /// The paper that it is set on.
    pub(crate) const fn paper(&self) -> &'p Paper<'f> {
        self.paper
    }

    /// Begins a part that is read.
    pub(crate) fn begin(&mut self, part: Part) -> usize {
        self.parts.push(part);
        self.parts.len() - 1
    }

    /// A line of a part.
    pub(crate) fn put(&mut self, at: (f32, f32), text: String, style: Style, part: usize) {
        self.put_in(at, text, style, (part, 0));
    }

    fn put_in(&mut self, at: (f32, f32), text: String, style: Style, (part, cell): (usize, usize)) {
        if let Some(page) = self.pages.last_mut() {
            page.push(Placed {
                at,
                text,
                style,
                part,
                cell,
            });
        }
    }

    /// Room for so much more on this page, or else the next. Answers whether it is a new one.
    pub(crate) fn room(&mut self, height: f32) -> bool {
        let is_full = self.y + height > BOTTOM;
        if is_full {
            self.pages.push(Vec::new());
            self.y = 62.0;
        }
        is_full
    }

    /// A paragraph, from margin to margin.
    pub(crate) fn paragraph(&mut self, text: &str, size: f32) {
        let part = self.begin(Part::Paragraph);
        for line in self.paper.wrapped(text, PAGE.0 - 2.0 * MARGIN, size) {
            self.room(size * 1.8);
            let at = (MARGIN, self.y);
            self.put(at, line, Style { size, ..PLAIN }, part);
            self.y += size * 1.8;
        }
    }

    /// A heading at the left margin, of which the next `with` points stay on its page.
    pub(crate) fn heading(&mut self, level: u16, text: &str, (size, with): (f32, f32)) {
        self.room(with);
        self.y += 8.0;
        let part = self.begin(Part::Heading(level, text.to_owned()));
        let at = (MARGIN, self.y);
        self.put(at, text.to_owned(), Style { size, ..PLAIN }, part);
        self.y += size * 1.8;
    }

    /// A row of a table.
    pub(crate) fn row(&mut self, columns: &[Column], cells: &[Vec<String>], is_heading: bool) {
        let colour = if is_heading { GREY } else { BLACK };
        let mut height = STEP;
        let row = self.begin(Part::Row(is_heading));
        for (place, ((left, width), cell)) in columns.iter().zip(cells).enumerate() {
            let align = if *width == 0.0 { Align::Right } else { Align::Left };
            let mut y = self.y;
            for text in cell {
                let style = Style {
                    size: SIZE,
                    colour,
                    align,
                };
                self.put_in((*left, y), text.clone(), style, (row, place));
                y += STEP;
            }
            height = height.max(y - self.y);
        }
        self.y += height;
    }

    /// A row on this page, or on the next with the headings again: a table that goes on has them on each.
    pub(crate) fn row_or_next_page(&mut self, columns: &[Column], headings: &[Vec<String>], cells: &[Vec<String>]) {
        let height = cells.iter().map(Vec::len).max().unwrap_or(1);
        let step = STEP * f32::from(u16::try_from(height).unwrap_or(1));
        if self.room(step) {
            self.row(columns, headings, true);
        }
        self.row(columns, cells, false);
    }

    /// Draws the pages, each with its foot, and says what is read.
    pub(crate) fn draw(self, document: &mut Document, foot: &str) -> Result<TagTree, Unprinted> {
        let Self {
            paper, parts, pages, ..
        } = self;
        drawn(paper, document, (&pages, &parts), foot)
    }
}

/// As [`Sheet::draw`].
fn drawn(
    paper: &Paper<'_>,
    document: &mut Document,
    (pages, parts): (&[Vec<Placed>], &[Part]),
    foot: &str,
) -> Result<TagTree, Unprinted> {
    // Each piece of a part, in the order in which it was put.
    let mut read: Vec<Drawn> = parts.iter().map(|_| Vec::new()).collect();
    let all = pages.len();
    for (place, placed) in (1..).zip(pages) {
        let settings = PageSettings::from_wh(PAGE.0, PAGE.1);
        let mut page = document.start_page_with(settings.unwrap_or_default());
        let mut surface = page.surface();
        let mut wrong = None;
        for one in placed {
            match paper.line(&mut surface, one.at, &one.text, one.style) {
                Ok(id) => {
                    if let Some(part) = read.get_mut(one.part) {
                        part.push((one.cell, id));
                    }
                }
                Err(unprinted) => wrong = wrong.or(Some(unprinted)),
            }
        }
        bars(
            &mut surface,
            &[(MARGIN, PAGE.1 - 52.0, PAGE.0 - 2.0 * MARGIN, 0.6)],
            GREY,
        );
        let foot = format!("{foot}　　第 {place} 页 / 共 {all} 页");
        let small = Style {
            size: 8.5,
            colour: GREY,
            align: Align::Left,
        };
        let drawn = paper.aside(&mut surface, (MARGIN, PAGE.1 - 38.0), &foot, small);
        surface.finish();
        page.finish();
        drawn?;
        if let Some(unprinted) = wrong {
            return Err(unprinted);
        }
    }
    Ok(tree(parts, read))
}

fn tree(parts: &[Part], read: Vec<Drawn>) -> TagTree {
    let mut tree = TagTree::new().with_lang(Some("zh-CN".to_owned()));
    let mut table: Option<TagGroup> = None;
    for (part, ids) in parts.iter().zip(read) {
        let mut group = match part {
            Part::Row(_) => TagGroup::new(Tag::TR),
            Part::Heading(level, text) => {
                let level = NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN);
                TagGroup::new(Tag::Hn(level, Some(text.clone())))
            }
            Part::Paragraph => TagGroup::new(Tag::P),
        };
        if let Part::Row(is_heading) = part {
            for cell in ids.chunk_by(|(one, _), (two, _)| one == two) {
                let mut told = if *is_heading {
                    TagGroup::new(Tag::TH(TableHeaderScope::Column))
                } else {
                    TagGroup::new(Tag::TD)
                };
                for (_, id) in cell {
                    told.push(*id);
                }
                group.push(told);
            }
            table.get_or_insert_with(|| TagGroup::new(Tag::Table)).push(group);
        } else {
            if let Some(table) = table.take() {
                tree.push(table);
            }
            for (_, id) in ids {
                group.push(id);
            }
            tree.push(group);
        }
    }
    if let Some(table) = table {
        tree.push(table);
    }
    tree
}

//! The transcript (学时证明) of one teacher: what is counted of her in a period, line by line.

use std::num::NonZeroU16;

use keshi_core::lang::Lang;
use keshi_core::text::ERASED_NAME;
use keshi_proto::api::{Balance, Line, PolicyBalance};
use keshi_words::balance::{heading, totals};
use keshi_words::line::rule;
use keshi_words::names::{amount, count, meter};
use keshi_words::time::{date, dates};
use krilla::Document;
use krilla::page::PageSettings;
use krilla::tagging::{Identifier, TableHeaderScope, Tag, TagGroup, TagTree};

use crate::layout::{Align, BLACK, GREY, Paper, Style, bars, document, finish};
use crate::{Fonts, Unprinted};

/// A4.
const PAGE: (f32, f32) = (595.28, 841.89);

/// The margin at the left and right.
const MARGIN: f32 = 46.0;

/// Where text ends on a page.
const BOTTOM: f32 = PAGE.1 - 64.0;

/// The height of a line of the table, and of its text.
const STEP: f32 = 16.0;
const SIZE: f32 = 9.5;

/// The columns: heading, left edge, width.
const COLUMNS: [(&str, f32, f32); 5] = [
    ("日期", MARGIN, 116.0),
    ("内容", MARGIN + 120.0, 194.0),
    ("种类", MARGIN + 318.0, 56.0),
    ("依据", MARGIN + 378.0, 60.0),
    ("计入", PAGE.0 - MARGIN, 0.0),
];

const PLAIN: Style = Style {
    size: SIZE,
    colour: BLACK,
    align: Align::Left,
};

/// A page that is being filled, and what is read of the whole.
struct Sheet {
    /// What each page says, in the order in which it is drawn: drawn at the end, when it is known how many there are.
    pages: Vec<Vec<Placed>>,
    y: f32,
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
enum Part {
    Heading(u16, String),
    Paragraph,
    /// A row of cells, whether they are headings.
    Row(bool),
}

/// What is counted of her in the period, with each line that counts. `issued` is the day of issue, as year, month, day.
///
/// # Errors
///
/// [`Unprinted`] if a character cannot be set.
pub fn transcript(fonts: &Fonts, balance: &Balance, issued: (u16, u8, u8)) -> Result<Vec<u8>, Unprinted> {
    if balance.name == ERASED_NAME {
        return Err(Unprinted::Erased(balance.teacher_id.clone()));
    }
    let paper = Paper {
        fonts,
        whose: format!("{} {}", balance.name, balance.teacher_id),
    };
    let mut parts = Vec::new();
    let mut sheet = Sheet {
        pages: vec![Vec::new()],
        y: 92.0,
    };
    let title = "教师培训学时证明";
    let part = begin(&mut parts, Part::Heading(1, title.to_owned()));
    let centred = Style {
        size: 22.0,
        align: Align::Centre,
        ..PLAIN
    };
    sheet.put((PAGE.0 / 2.0, 74.0), title.to_owned(), centred, part);
    sheet.y = 108.0;
    for text in about(balance) {
        sheet.paragraph(&paper, &mut parts, &text, 11.0);
    }
    for policy in &balance.policies {
        sheet.policy(&paper, &mut parts, policy);
    }
    let (year, month, day) = issued;
    sheet.room(90.0);
    sheet.y += 34.0;
    let signed = Style {
        size: 11.0,
        align: Align::Right,
        ..PLAIN
    };
    for text in [
        "出具单位（盖章）：　　　　　　　　".to_owned(),
        format!("{year}年{month}月{day}日"),
    ] {
        let part = begin(&mut parts, Part::Paragraph);
        sheet.put((PAGE.0 - MARGIN, sheet.y), text, signed, part);
        sheet.y += 22.0;
    }
    let mut document = document()?;
    let tree = drawn(&paper, &mut document, &sheet, &parts, balance)?;
    let title = format!("{title} {} {} {}", balance.name, balance.teacher_id, balance.period);
    finish(document, &title, (issued, tree))
}

fn about(balance: &Balance) -> Vec<String> {
    let (from, to) = (date(balance.from.as_ref()), date(balance.to.as_ref()));
    let mut who = format!("姓名：{}　　教师编号：{}", balance.name, balance.teacher_id);
    if !balance.subject.is_empty() {
        who = format!("{who}　　学科：{}", balance.subject);
    }
    let mut said = vec![who];
    if !balance.school_names.is_empty() {
        said.push(format!("学校：{}", balance.school_names.join("、")));
    }
    said.push(format!("期间：{}（{from} 至 {to}）", balance.period));
    said
}

fn begin(parts: &mut Vec<Part>, part: Part) -> usize {
    parts.push(part);
    parts.len() - 1
}

impl Sheet {
    fn put(&mut self, at: (f32, f32), text: String, style: Style, part: usize) {
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
    fn room(&mut self, height: f32) -> bool {
        let is_full = self.y + height > BOTTOM;
        if is_full {
            self.pages.push(Vec::new());
            self.y = 62.0;
        }
        is_full
    }

    fn paragraph(&mut self, paper: &Paper<'_>, parts: &mut Vec<Part>, text: &str, size: f32) {
        let part = begin(parts, Part::Paragraph);
        for line in paper.wrapped(text, PAGE.0 - 2.0 * MARGIN, size) {
            self.room(size * 1.8);
            let at = (MARGIN, self.y);
            self.put(at, line, Style { size, ..PLAIN }, part);
            self.y += size * 1.8;
        }
    }

    fn policy(&mut self, paper: &Paper<'_>, parts: &mut Vec<Part>, policy: &PolicyBalance) {
        self.room(80.0);
        self.y += 8.0;
        let name = heading(&policy.policy_id, policy.version, &policy.policy_name, Lang::Zh);
        let part = begin(parts, Part::Heading(2, name.trim().to_owned()));
        let at = (MARGIN, self.y);
        self.put(at, name.trim().to_owned(), Style { size: 11.0, ..PLAIN }, part);
        self.y += 20.0;
        self.paragraph(paper, parts, totals(policy, Lang::Zh).trim(), 10.0);
        self.headings(parts);
        let counted = policy.lines.iter().filter(|line| line.counted_centiamount > 0);
        for line in counted {
            self.line(paper, parts, policy, line);
        }
    }

    fn headings(&mut self, parts: &mut Vec<Part>) {
        let cells = COLUMNS.map(|(name, ..)| vec![name.to_owned()]);
        self.row(parts, &cells, true);
    }

    fn line(&mut self, paper: &Paper<'_>, parts: &mut Vec<Part>, policy: &PolicyBalance, line: &Line) {
        let what = if line.what.is_empty() {
            &line.kind_zh
        } else {
            &line.what
        };
        let (_, _, width) = COLUMNS[1];
        let counted = format!(
            "{} {}",
            amount(line.counted_centiamount),
            meter_unit(policy, &line.meter)
        );
        let cells = [
            vec![dates(line.from.as_ref(), line.to.as_ref())],
            paper.wrapped(what, width, SIZE),
            vec![line.kind_zh.clone()],
            vec![rule(line, policy.version)],
            vec![counted],
        ];
        let height = cells.iter().map(Vec::len).max().unwrap_or(1);
        // A table that goes on has its headings again.
        let step = STEP * f32::from(u16::try_from(height).unwrap_or(1));
        if self.room(step) {
            self.headings(parts);
        }
        self.row(parts, &cells, false);
    }

    fn row(&mut self, parts: &mut Vec<Part>, cells: &[Vec<String>; 5], is_heading: bool) {
        let colour = if is_heading { GREY } else { BLACK };
        let mut height = STEP;
        let row = begin(parts, Part::Row(is_heading));
        for (place, ((_, left, width), cell)) in COLUMNS.into_iter().zip(cells).enumerate() {
            let align = if width == 0.0 { Align::Right } else { Align::Left };
            let mut y = self.y;
            for text in cell {
                let style = Style {
                    size: SIZE,
                    colour,
                    align,
                };
                self.put_in((left, y), text.clone(), style, (row, place));
                y += STEP;
            }
            height = height.max(y - self.y);
        }
        self.y += height;
    }
}

/// The unit of a meter, as its total says it.
fn meter_unit(policy: &PolicyBalance, of: &str) -> String {
    let total = policy.meters.iter().find(|total| total.meter == of);
    total.map_or_else(|| meter(of, Lang::Zh), |total| total.unit.clone())
}

/// Draws the pages, each with its foot, and says what is read.
fn drawn(
    paper: &Paper<'_>,
    document: &mut Document,
    sheet: &Sheet,
    parts: &[Part],
    balance: &Balance,
) -> Result<TagTree, Unprinted> {
    // Each piece of a part, in the order in which it was put.
    let mut read: Vec<Drawn> = parts.iter().map(|_| Vec::new()).collect();
    let all = sheet.pages.len();
    for (place, placed) in (1..).zip(&sheet.pages) {
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
        let foot = format!(
            "依据台账 {} 条（台账只增不改，可按此复核）　　第 {place} 页 / 共 {all} 页",
            count(balance.size)
        );
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

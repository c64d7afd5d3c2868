//! As PDF/A.

use keshi_words::report::{Bars, Block, Grid, Paper as Report};

use crate::layout::{Align, Paper, Style, document, finish};
use crate::sheet::{Column, MARGIN, PAGE, PLAIN, Part, SIZE, Sheet};
use crate::{Fonts, Unprinted};

/// Between two columns.
const GAP: f32 = 8.0;

/// The report as a file; `made` is the day of making, as year, month, day.
///
/// # Errors
///
/// [`Unprinted`] if a character cannot be set.
pub fn pdf(fonts: &Fonts, report: &Report, made: (u16, u8, u8)) -> Result<Vec<u8>, Unprinted> {
    let paper = Paper {
        fonts,
        whose: report.title.clone(),
    };
    let mut sheet = Sheet::new(&paper, 108.0);
    let part = sheet.begin(Part::Heading(1, report.title.clone()));
    let centred = Style {
        size: 22.0,
        align: Align::Centre,
        ..PLAIN
    };
    sheet.put((PAGE.0 / 2.0, 74.0), report.title.clone(), centred, part);
    sheet.paragraph(&report.about, 9.0);
    for block in &report.blocks {
        match block {
            Block::Heading(1, text) => sheet.heading(2, text, (14.0, 90.0)),
            Block::Heading(_, text) => sheet.heading(3, text, (12.0, 90.0)),
            Block::Paragraph(text) => sheet.paragraph(text, 11.0),
            Block::Table(grid) => table(&mut sheet, grid),
            Block::Bars(bars) => funnel(&mut sheet, bars),
        }
    }
    let mut document = document()?;
    let tree = sheet.draw(&mut document, &report.title)?;
    finish(document, &report.title, (made, tree))
}

/// A funnel in one line; the page and the Word document draw it.
fn funnel(sheet: &mut Sheet<'_, '_>, bars: &Bars) {
    let steps: Vec<String> = bars
        .bars
        .iter()
        .map(|(name, _, said)| format!("{name} {said}"))
        .collect();
    sheet.paragraph(&format!("{}：{}", bars.name, steps.join(" → ")), 10.0);
}

fn table(sheet: &mut Sheet<'_, '_>, grid: &Grid) {
    let columns = columns(sheet.paper(), grid);
    let wrapped = |sheet: &Sheet<'_, '_>, cells: &mut dyn Iterator<Item = &String>| -> Vec<Vec<String>> {
        let paper = sheet.paper();
        let set = cells.zip(&columns).map(|(text, (_, width))| {
            if *width == 0.0 {
                vec![text.clone()]
            } else {
                paper.wrapped(text, *width, SIZE)
            }
        });
        set.collect()
    };
    let headings = wrapped(sheet, &mut grid.columns.iter().map(|(name, _)| name));
    sheet.row(&columns, &headings, true);
    for row in &grid.rows {
        let cells = wrapped(sheet, &mut row.iter());
        sheet.row_or_next_page(&columns, &headings, &cells);
    }
    sheet.y += GAP;
}

/// Numbers as wide as they are; texts share what is left by how long they are.
fn columns(paper: &Paper<'_>, grid: &Grid) -> Vec<Column> {
    let width = |text: &str| paper.fonts.width(text) * SIZE;
    let widest = |place: usize, name: &str| {
        let cells = grid.rows.iter().filter_map(|row| row.get(place));
        cells.map(|text| width(text)).fold(width(name), f32::max)
    };
    let natural: Vec<f32> = grid
        .columns
        .iter()
        .enumerate()
        .map(|(place, (name, _))| widest(place, name))
        .collect();
    let is_number = |place: usize| grid.columns.get(place).is_some_and(|(_, number)| *number);
    let numbers: f32 = natural
        .iter()
        .enumerate()
        .filter(|(place, _)| is_number(*place))
        .map(|(_, width)| width)
        .sum();
    let texts: f32 = natural
        .iter()
        .enumerate()
        .filter(|(place, _)| !is_number(*place))
        .map(|(_, width)| width)
        .sum();
    let gaps = GAP * f32::from(u16::try_from(natural.len().saturating_sub(1)).unwrap_or(0));
    let left_over = (PAGE.0 - 2.0 * MARGIN - gaps - numbers).max(40.0);
    let share = if texts > 0.0 { left_over / texts } else { 1.0 };
    let mut left = MARGIN;
    let mut columns = Vec::new();
    for (place, natural) in natural.iter().enumerate() {
        if is_number(place) {
            columns.push((left + natural, 0.0));
            left += natural + GAP;
        } else {
            columns.push((left, natural * share));
            left += natural * share + GAP;
        }
    }
    columns
}

//! As a Word document, to be written on: headings are styles, so that an office's own template takes them.

use std::io::Cursor;

use docx_rs::{AlignmentType, Docx, Paragraph, Run, RunFonts, Style, StyleType, Table, TableCell, TableRow, WidthType};
use keshi_words::report::{Bars, Block, Grid, Paper as Report};

use crate::Unprinted;

/// Half-points of the text and of small text.
const SIZE: usize = 24;
const SMALL: usize = 18;

/// A table's width in fiftieths of a per cent.
const WHOLE_WIDTH: usize = 5_000;

/// The report as a file.
///
/// # Errors
///
/// [`Unprinted::Defect`] if the library cannot write it.
pub fn docx(report: &Report) -> Result<Vec<u8>, Unprinted> {
    let fonts = || {
        RunFonts::new()
            .ascii("Times New Roman")
            .hi_ansi("Times New Roman")
            .east_asia("宋体")
    };
    let heading = |level: usize, size: usize| {
        Style::new(format!("Heading{level}"), StyleType::Paragraph)
            .name(format!("heading {level}"))
            .size(size)
            .bold()
            .fonts(fonts().east_asia("黑体"))
    };
    let mut document = Docx::new()
        .default_fonts(fonts())
        .default_size(SIZE)
        .add_style(heading(1, 36))
        .add_style(heading(2, 30))
        .add_style(heading(3, 26));
    document = document
        .add_paragraph(styled(1, &report.title).align(AlignmentType::Center))
        .add_paragraph(Paragraph::new().add_run(Run::new().add_text(&report.about).size(SMALL)));
    for block in &report.blocks {
        document = match block {
            Block::Heading(1, text) => document.add_paragraph(styled(2, text)),
            Block::Heading(_, text) => document.add_paragraph(styled(3, text)),
            Block::Paragraph(text) => document.add_paragraph(plain(text)),
            Block::Table(grid) => document.add_table(table(grid)).add_paragraph(Paragraph::new()),
            Block::Bars(bars) => document.add_paragraph(plain(&steps(bars))),
        };
    }
    let mut file = Cursor::new(Vec::new());
    document
        .build()
        .pack(&mut file)
        .map_err(|error| Unprinted::Defect(error.to_string()))?;
    Ok(file.into_inner())
}

fn styled(level: usize, text: &str) -> Paragraph {
    Paragraph::new()
        .style(&format!("Heading{level}"))
        .add_run(Run::new().add_text(text))
}

fn plain(text: &str) -> Paragraph {
    Paragraph::new().add_run(Run::new().add_text(text))
}

/// A funnel as one line.
fn steps(bars: &Bars) -> String {
    let steps: Vec<String> = bars
        .bars
        .iter()
        .map(|(name, _, said)| format!("{name} {said}"))
        .collect();
    format!("{}：{}", bars.name, steps.join(" → "))
}

fn table(grid: &Grid) -> Table {
    let cell = |place: usize, text: &str, bold: bool| {
        let run = Run::new().add_text(text).size(SMALL);
        let run = if bold { run.bold() } else { run };
        let is_number = grid.columns.get(place).is_some_and(|(_, number)| *number);
        let align = if is_number {
            AlignmentType::Right
        } else {
            AlignmentType::Left
        };
        TableCell::new().add_paragraph(Paragraph::new().add_run(run).align(align))
    };
    let headings = grid
        .columns
        .iter()
        .enumerate()
        .map(|(place, (name, _))| cell(place, name, true));
    let rows = grid.rows.iter().map(|row| {
        let cells = row.iter().enumerate().map(|(place, text)| cell(place, text, false));
        TableRow::new(cells.collect())
    });
    let rows = std::iter::once(TableRow::new(headings.collect())).chain(rows);
    Table::new(rows.collect()).width(WHOLE_WIDTH, WidthType::Pct)
}

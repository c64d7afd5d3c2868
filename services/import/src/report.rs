//! The annual report as the lists of a workbook.

use keshi_sheets::cell::Cell;
use keshi_sheets::write::List;
use keshi_words::report::{Block, Grid, Paper};

/// The sentences, and each table by itself.
pub fn lists(set: &Paper) -> Vec<List> {
    let mut sentences = List {
        name: set.title.clone(),
        headings: vec![set.title.clone(), set.about.clone()],
        rows: Vec::new(),
    };
    let mut lists = Vec::new();
    let mut heading = String::new();
    for block in &set.blocks {
        match block {
            Block::Heading(_, text) => heading.clone_from(text),
            Block::Paragraph(text) => sentences.rows.push(vec![cell(&heading), cell(text)]),
            Block::Table(grid) => lists.push(List {
                name: grid.caption.clone(),
                headings: grid.columns.iter().map(|(name, _)| name.clone()).collect(),
                rows: grid.rows.iter().map(|row| cells(grid, row)).collect(),
            }),
            Block::Bars(_) => {}
        }
    }
    lists.insert(0, sentences);
    lists
}

fn cell(text: &str) -> Cell {
    Cell::Text(text.into())
}

/// Numbers as numbers, so that they can be added up; what has a unit or a sign is text.
fn cells(grid: &Grid, row: &[String]) -> Vec<Cell> {
    let columns = grid.columns.iter().zip(row);
    let value = |(column, text): (&(String, bool), &String)| {
        let plain = text.replace(',', "");
        match plain.parse::<f64>() {
            Ok(number) if column.1 => Cell::Number(number),
            _ => cell(text),
        }
    };
    columns.map(value).collect()
}

//! How fast a file of 100,000 rows is read and planned, and how much memory that takes.
//!
//! `cargo bench -p keshi-sheets` prints seconds for each step and the peak of resident memory.

use std::time::Instant;

use jiff::civil::date;
use keshi_core::ids::{OfficeCode, TeacherId};
use keshi_sheets::columns::Kind;
use keshi_sheets::plan::{Found, Options, People, Rows};
use keshi_sheets::read;

const ROWS: u32 = 100_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("rows.xlsx");
    write(&path)?;
    println!("{ROWS} rows, {} KiB", std::fs::metadata(&path)?.len() / 1024);
    let before = peak_kib();
    let all = Instant::now();
    let mut step = Instant::now();
    let mut lap = |what: &str| {
        println!("{what} {:.2?}", step.elapsed());
        step = Instant::now();
    };
    let book = read::open(&path)?;
    lap("read");
    let rows = Rows::new(vec![book]);
    let mut people = People::default();
    for (number, person) in rows.people().into_iter().enumerate() {
        people.set(person.key, Found::One(TeacherId::new(&format!("T-{number}"))?));
    }
    lap("people");
    let plan = rows.plan(&people, &Options::new(OfficeCode::new("610729")?, date(2023, 1, 5)));
    lap("plan");
    let batches = plan.batches().len();
    lap("pack");
    println!(
        "{} events in {batches} submissions, {:.2?} in all",
        plan.events.len(),
        all.elapsed()
    );
    println!(
        "peak memory {} MiB, before reading {} MiB",
        peak_kib() / 1024,
        before / 1024
    );
    assert!(
        plan.rows.iter().all(|row| row.problems.is_empty()),
        "the rows are sound"
    );
    Ok(())
}

fn write(path: &std::path::Path) -> Result<(), rust_xlsxwriter::XlsxError> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let headings = Kind::Training.columns().iter().take(12).map(|column| column.heading);
    sheet.write_row(0, 0, headings)?;
    for row in 1..=ROWS {
        let teacher = row % 7_000;
        sheet.write_row(
            row,
            0,
            [
                format!("教师{teacher}"),
                "居民身份证".into(),
                format!("99999919800101{teacher:04}"),
            ],
        )?;
        sheet.write_number(row, 3, 2022)?;
        sheet.write_row(
            row,
            4,
            [
                "县级".to_owned(),
                format!("2022年培训项目{}", row / 300),
                "县教师进修学校".into(),
                "短期面授".into(),
            ],
        )?;
        sheet.write_number(row, 8, 6)?;
        sheet.write_number(row, 9, 0.6)?;
        sheet.write_row(row, 10, ["2022-03-05", "2022-03-06"])?;
    }
    book.save(path)
}

/// Peak of resident memory, where the system tells it.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

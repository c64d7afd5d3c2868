//! A log of months, read back bit by bit: a county's may be long.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};

use jiff::civil::Date;

use super::{Failed, Monthly};

/// How far the log was read: a month, and bytes of its file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The year.
    pub year: u16,
    /// The month, from 1 on.
    pub month: u8,
    /// Bytes before it in the month's file.
    pub offset: u64,
}

/// Some lines of the log, and where to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<L> {
    /// The lines wanted, in the order written.
    pub lines: Vec<L>,
    /// Where lines stand that cannot be read: cut off by a power cut, or edited.
    pub broken: Vec<Place>,
    /// Where to go on; `None` at the end.
    pub next: Option<Place>,
}

impl Place {
    /// The beginning of the month that holds `day`.
    pub fn month_of(day: Date) -> Self {
        Self {
            year: day.year().try_into().unwrap_or(0),
            month: day.month().unsigned_abs(),
            offset: 0,
        }
    }

    /// The month as its file is named.
    pub fn name(self) -> String {
        format!("{:04}-{:02}", self.year, self.month)
    }

    fn of_file(name: &str) -> Option<Self> {
        let (year, month) = name.strip_suffix(".jsonl")?.split_once('-')?;
        Some(Self {
            year: year.parse().ok()?,
            month: month.parse().ok().filter(|month| (1..=12).contains(month))?,
            offset: 0,
        })
    }
}

impl Monthly {
    /// Up to `limit` lines that are `wanted`, from `from` on, after looking at up to `looked_at_max`.
    /// A line that `parse` cannot read is told of, not skipped.
    pub(crate) fn page<L>(
        &self,
        from: Place,
        (limit, looked_at_max): (usize, usize),
        parse: impl Fn(&[u8]) -> Option<L>,
        wanted: impl Fn(&L) -> bool,
    ) -> Result<Page<L>, Failed> {
        let mut page = Page {
            lines: Vec::new(),
            broken: Vec::new(),
            next: None,
        };
        let mut looked_at = 0;
        for month in self.months()?.into_iter().filter(|month| month.name() >= from.name()) {
            let path = self.file_of(&month.name());
            let failed = |cause| Failed {
                path: path.clone(),
                cause,
            };
            let mut place = if month.name() == from.name() { from } else { month };
            let mut file = BufReader::new(File::open(&path).map_err(failed)?);
            file.seek(SeekFrom::Start(place.offset)).map_err(failed)?;
            let mut text = Vec::new();
            loop {
                if page.lines.len() == limit || looked_at == looked_at_max {
                    page.next = Some(place);
                    return Ok(page);
                }
                text.clear();
                let bytes = file.read_until(b'\n', &mut text).map_err(failed)?;
                // One that another is just writing is read when it has ended.
                if bytes == 0 || (!text.ends_with(b"\n") && self.is_last(month)) {
                    break;
                }
                let text = text.strip_suffix(b"\n").unwrap_or(&text);
                match parse(text) {
                    Some(line) if wanted(&line) => page.lines.push(line),
                    Some(_) => {}
                    None if text.is_empty() => {}
                    None => page.broken.push(place),
                }
                looked_at += 1;
                place.offset += bytes as u64;
            }
        }
        Ok(page)
    }

    /// Whether no later month has been begun.
    fn is_last(&self, month: Place) -> bool {
        let months = self.months().unwrap_or_default();
        months.last().is_none_or(|last| last.name() == month.name())
    }

    /// The months that have a file, rising.
    fn months(&self) -> Result<Vec<Place>, Failed> {
        let failed = |cause| Failed {
            path: self.dir.clone(),
            cause,
        };
        let files = match fs::read_dir(&self.dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            files => files.map_err(failed)?,
        };
        let mut months = Vec::new();
        for file in files {
            months.extend(Place::of_file(&file.map_err(failed)?.file_name().to_string_lossy()));
        }
        months.sort_unstable();
        Ok(months)
    }
}

//! The read log, read back bit by bit: a county's may be long.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};

use jiff::civil::Date;

use super::{Line, ReadLog, ReadLogError, file_of};

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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The lines wanted, in the order written.
    pub lines: Vec<Line>,
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

impl ReadLog {
    /// Up to `limit` lines that are `wanted`, from `from` on, after looking at up to `looked_at_max`.
    ///
    /// # Errors
    ///
    /// [`ReadLogError`] if a file of the log cannot be read. A line that cannot is told of, not skipped.
    pub fn page(
        &self,
        from: Place,
        (limit, looked_at_max): (usize, usize),
        wanted: impl Fn(&Line) -> bool,
    ) -> Result<Page, ReadLogError> {
        let mut page = Page::default();
        let mut looked_at = 0;
        for month in self.months()?.into_iter().filter(|month| month.name() >= from.name()) {
            let path = file_of(&self.dir, &month.name());
            let failed = |cause| ReadLogError {
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
                match Line::parse(text) {
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
    fn months(&self) -> Result<Vec<Place>, ReadLogError> {
        let failed = |cause| ReadLogError {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reads::ReadOf;

    fn log(lines: &[(&str, &str)]) -> (tempfile::TempDir, ReadLog) {
        let dir = tempfile::tempdir().unwrap();
        let log = ReadLog::open(dir.path()).unwrap();
        for (at, teacher_id) in lines {
            let read = ReadOf {
                caller: "clerk-1",
                teacher_id,
                what: "balance",
                period: Some("2022"),
                purpose: None,
            };
            log.record(at.parse().unwrap(), &read).unwrap();
        }
        (dir, log)
    }

    const LINES: [(&str, &str); 5] = [
        ("2022-08-01T00:00:00Z", "T1"),
        ("2022-08-02T00:00:00Z", "T2"),
        ("2022-10-01T00:00:00Z", "T1"),
        ("2022-10-02T00:00:00Z", "T2"),
        ("2023-01-02T00:00:00Z", "T1"),
    ];

    #[test]
    fn pages_of_any_size_put_together_are_the_log_over_all_months() {
        let (_dir, log) = log(&LINES);
        for (limit, looked_at) in [(1, 100), (2, 100), (100, 1), (100, 100)] {
            for whose in ["T1", "T2", ""] {
                let mut place = Some(Place::default());
                let mut found = Vec::new();
                while let Some(from) = place {
                    let wanted = |line: &Line| whose.is_empty() || line.teacher_id == whose;
                    let page = log.page(from, (limit, looked_at), wanted).unwrap();
                    found.extend(page.lines.into_iter().map(|line| line.at.to_string()));
                    place = page.next;
                }
                let of = |id: &str| whose.is_empty() || id == whose;
                let expected = LINES.iter().filter(|(_, id)| of(id)).map(|(at, _)| *at);
                assert_eq!(found, expected.collect::<Vec<_>>(), "{limit} {looked_at} {whose}");
            }
        }
        let autumn = log.page(Place::month_of("2022-09-15".parse().unwrap()), (9, 9), |_| true);
        assert_eq!(autumn.unwrap().lines.len(), 3);
    }

    #[test]
    fn a_line_that_cannot_be_read_is_told_of_and_one_being_written_is_left_for_later() {
        let (dir, log) = log(&LINES[..2]);
        let path = dir.path().join("2022-08.jsonl");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("half\n{text}{{\"at\":")).unwrap();
        let page = log.page(Place::default(), (9, 9), |_| true).unwrap();
        assert_eq!((page.lines.len(), page.broken.len()), (2, 1));
        assert_eq!((page.broken[0].name(), page.next), ("2022-08".to_owned(), None));
    }
}

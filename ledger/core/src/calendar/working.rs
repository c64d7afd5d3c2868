//! Which days are worked (工作日): weekdays, but for what the State Council's notice of the year says (调休).

use jiff::civil::{Date, Weekday};

use crate::document::{Reader, TableReader};

/// Most days of one holiday.
const HOLIDAY_DAYS_MAX: i32 = 60;

/// Most years in one calendar.
const YEARS_MAX: usize = 8;

/// The exceptions of one year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkingDays {
    /// The year.
    pub year: i16,
    /// 放假: first and last day of each.
    pub off: Vec<(Date, Date)>,
    /// 上班: weekend days that are worked.
    pub on: Vec<Date>,
}

impl WorkingDays {
    /// Whether this day of the year is worked.
    pub(crate) fn is_worked(&self, day: Date) -> bool {
        if self.on.contains(&day) {
            return true;
        }
        let is_weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        !is_weekend && !self.off.iter().any(|&(from, to)| from <= day && day <= to)
    }

    /// Reads the tables `[[working_days]]`.
    pub(super) fn read_all<'t>(reader: &mut Reader<'t>, table: &mut TableReader<'t>) -> Vec<Self> {
        let mut years: Vec<Self> = Vec::new();
        for mut row in reader.tables_at_most(table, "working_days", YEARS_MAX) {
            let at = row.at();
            let year = reader.integer(&mut row, "year");
            if year.is_none() {
                reader.missing(&row, "year");
            }
            let year = year.and_then(|(year, at)| {
                let year = i16::try_from(year).ok().filter(|year| (1950..=2150).contains(year));
                if year.is_none() {
                    reader.report(at, "year 应为 1950 到 2150 年", "year must lie between 1950 and 2150");
                }
                year
            });
            let off = days(reader, &mut row, "off", year);
            let on = days(reader, &mut row, "on", year);
            reader.done(row);
            let Some(year) = year else { continue };
            if years.iter().any(|other| other.year == year) {
                reader.report(
                    at,
                    format!("{year} 年的工作日安排重复"),
                    format!("the working days of {year} stand twice"),
                );
            }
            let on: Vec<Date> = on
                .into_iter()
                .flat_map(|(from, to)| from.series(jiff::Span::new().days(1)).take_while(move |&day| day <= to))
                .collect();
            if let Some(day) = on
                .iter()
                .find(|&&day| off.iter().any(|&(from, to)| from <= day && day <= to))
            {
                reader.report(
                    at,
                    format!("{day} 既放假又上班"),
                    format!("{day} is both off and worked"),
                );
            }
            years.push(Self { year, off, on });
        }
        years
    }
}

/// Days like `2026-10-10` and `2026-10-01..2026-10-07`, all of the year.
fn days<'t>(reader: &mut Reader<'t>, row: &mut TableReader<'t>, key: &str, year: Option<i16>) -> Vec<(Date, Date)> {
    let mut found = Vec::new();
    for (text, at) in reader.strings(row, key).unwrap_or_default() {
        let (first, last) = text.split_once("..").unwrap_or((&text, &text));
        let span = first.parse::<Date>().ok().zip(last.parse::<Date>().ok());
        let is_short = |&(from, to): &(Date, Date)| {
            from <= to && from.saturating_add(jiff::Span::new().days(HOLIDAY_DAYS_MAX)) > to
        };
        match span.filter(is_short) {
            Some((from, to)) if year.is_none_or(|year| from.year() == year && to.year() == year) => {
                found.push((from, to));
            }
            Some(_) => reader.report(
                at,
                format!("“{text}” 不在该年之内；跨年的假期分写在两年"),
                format!("{text:?} is not of that year; write a holiday over two years in both"),
            ),
            None => reader.report(
                at,
                format!("“{text}” 应如 \"2026-10-01..2026-10-07\" 或 \"2026-10-10\""),
                format!("{text:?} should be like \"2026-10-01..2026-10-07\" or \"2026-10-10\""),
            ),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::calendar::Calendar;

    #[test]
    fn every_mistake_of_working_days_is_reported_with_its_place() {
        let year = |rest: &str| Calendar::parse(&format!("id = \"c\"\n[[working_days]]\n{rest}"));
        let places = |rest: &str| -> Vec<_> {
            let problems = year(rest).unwrap_err();
            problems.iter().map(|problem| (problem.line, problem.column)).collect()
        };
        assert_eq!(places("off = [\"2026-10-01\"]\n"), [(2, 1)]);
        assert_eq!(places("year = 1900\n"), [(3, 8)]);
        assert_eq!(places("year = 2026\noff = [\"10月1日\"]\n"), [(4, 8)]);
        assert_eq!(places("year = 2026\noff = [\"2026-10-07..2026-10-01\"]\n"), [(4, 8)]);
        assert_eq!(places("year = 2026\noff = [\"2026-12-31..2027-01-03\"]\n"), [(4, 8)]);
        assert_eq!(places("year = 2026\non = [\"2026-01-01..2026-12-31\"]\n"), [(4, 7)]);
        assert_eq!(
            places("year = 2026\noff = [\"2026-10-01\"]\non = [\"2026-10-01\"]\n"),
            [(2, 1)]
        );
        assert_eq!(places("year = 2026\n[[working_days]]\nyear = 2026\n"), [(4, 1)]);
        let right = year("year = 2026\noff = [\"2026-10-01..2026-10-07\"]\non = [\"2026-10-10\"]\n").unwrap();
        assert_eq!((right.semesters.len(), right.working_days[0].on.len()), (0, 1));
    }
}

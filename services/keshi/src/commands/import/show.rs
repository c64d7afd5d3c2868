//! What the user is told of an import: people to clear up, rows to mend, checked copies, totals.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use keshi_core::lang::Lang;
use keshi_sheets::plan::{Found, PersonProblem, Place, Plan, PlannedRow, Rows};
use keshi_sheets::problem::{Issue, RowProblem};
use keshi_sheets::report::{Outcome as RowOutcome, RowVerdict, lines_of, write_copy};
use serde::Serialize;

use super::needs_work;
use crate::Ctx;
use crate::exit::{Outcome, Say, say};
use crate::texts::names::count;

/// Most bad rows that are printed; the checked copies have them all.
const ROWS_SHOWN_MAX: usize = 50;

/// Most rows that are listed with one person.
const PLACES_SHOWN_MAX: usize = 5;

/// Rows by what became of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    rows: BTreeMap<RowOutcome, u64>,
    is_sent: bool,
}

impl Tally {
    /// How many rows.
    pub(crate) fn total(&self) -> u64 {
        self.rows.values().sum()
    }

    /// How many rows with this outcome.
    pub(crate) fn of(&self, outcome: RowOutcome) -> u64 {
        self.rows.get(&outcome).copied().unwrap_or(0)
    }

    /// Whether no row needs work.
    pub(crate) fn is_good(&self) -> bool {
        let bad = [
            RowOutcome::Mistaken,
            RowOutcome::Refused,
            RowOutcome::Conflict,
            RowOutcome::Changed,
        ];
        let is_missing = self.is_sent && self.of(RowOutcome::NotSent) > 0;
        !is_missing && bad.into_iter().all(|outcome| self.of(outcome) == 0)
    }

    /// Prints the totals.
    pub(super) fn print(&self, ctx: &mut Ctx<'_>, is_sent: bool) -> Outcome {
        if self.total() == 0 {
            // Documents alone, and they have been spoken of.
            return Ok(());
        }
        if ctx.globals.json {
            let rows: BTreeMap<_, _> = self.rows.iter().map(|(outcome, rows)| (outcome.en(), *rows)).collect();
            let line = serde_json::json!({ "summary": rows, "rows": self.total(), "sent": is_sent });
            return ctx.print(line.to_string());
        }
        ctx.print_text(&self.text(ctx.lang, is_sent))?;
        if !is_sent && self.is_good() {
            ctx.note(&say(
                "以上只是核对，没有入账",
                "this was only a check; nothing was recorded",
            ));
        } else if !is_sent {
            ctx.note(&say(
                "有行需要处理，全部没有入账。请在核对副本中改正后导入副本，或加 --partial 先导入其余各行",
                "some rows need work, and nothing was recorded. Mend them in the checked copy and import that, \
                 or record the other rows now with --partial",
            ));
        }
        Ok(())
    }

    fn text(&self, lang: Lang, is_sent: bool) -> String {
        let total = count(self.total());
        let what = match (lang, is_sent) {
            (Lang::Zh, true) => format!("共 {total} 行："),
            (Lang::En, true) => format!("{total} rows: "),
            (Lang::Zh, false) => format!("核对 {total} 行："),
            (Lang::En, false) => format!("{total} rows checked: "),
        };
        let parts: Vec<_> = self
            .rows
            .iter()
            .map(|(outcome, rows)| format!("{} {}", word(*outcome, is_sent, lang), count(*rows)))
            .collect();
        what + &parts.join(lang.pick("，", ", "))
    }
}

/// A verdict as it is called, also before anything was sent.
fn word(outcome: RowOutcome, is_sent: bool, lang: Lang) -> &'static str {
    if is_sent {
        outcome.name(lang)
    } else {
        outcome.would_be(lang)
    }
}

/// Tells of every row that needs work, writes the checked copies, and counts.
pub(super) fn report(
    ctx: &mut Ctx<'_>,
    rows: &Rows,
    paths: &[PathBuf],
    plan: &Plan,
    verdicts: &[RowVerdict],
    is_sent: bool,
) -> Outcome<Tally> {
    let bad: Vec<_> = verdicts.iter().filter(|verdict| needs_work(verdict, is_sent)).collect();
    if ctx.globals.json {
        verdicts.iter().try_for_each(|verdict| print_json(ctx, rows, verdict))?;
    } else {
        print_people(ctx, rows, &plan.people)?;
        // Rows that lack nothing but the person stand in the list of people.
        let listed: HashSet<Place> = plan
            .rows
            .iter()
            .filter(|row| lacks_person(row))
            .map(|row| row.place)
            .collect();
        let bad: Vec<_> = bad.iter().filter(|verdict| !listed.contains(&verdict.place)).collect();
        let more = ("……另有 {} 项，见核对副本", "… and {} more, see the checked copies");
        print_causes(ctx, rows, bad.iter().map(|verdict| **verdict), is_sent, more)?;
    }
    print_since(ctx, rows, verdicts)?;
    let good = verdicts.iter().filter(|verdict| !needs_work(verdict, is_sent));
    print_noted(ctx, rows, good, is_sent)?;
    for (book, path) in paths.iter().enumerate() {
        if bad.iter().any(|verdict| verdict.place.book == book) {
            note_copy(ctx, rows, book, (verdicts, is_sent), path);
        }
    }
    let mut tally = Tally {
        is_sent,
        ..Tally::default()
    };
    for verdict in verdicts {
        *tally.rows.entry(verdict.outcome).or_insert(0) += 1;
    }
    Ok(tally)
}

/// Names the rows that were recorded before and corrected or voided since: they change nothing, and are not what counts.
fn print_since(ctx: &mut Ctx<'_>, rows: &Rows, verdicts: &[RowVerdict]) -> Outcome {
    if ctx.globals.json {
        return Ok(());
    }
    let since = verdicts.iter().filter(|verdict| verdict.is_since_changed);
    let more = (
        "……另有 {} 项此后已更正或作废",
        "… and {} more that were corrected or voided since",
    );
    print_causes(ctx, rows, since, true, more)
}

/// Tells what is to be known of rows that nobody need do anything about.
fn print_noted<'v>(
    ctx: &mut Ctx<'_>,
    rows: &Rows,
    verdicts: impl Iterator<Item = &'v RowVerdict>,
    is_sent: bool,
) -> Outcome {
    if ctx.globals.json {
        return Ok(());
    }
    // Of what is imported again it was said the first time.
    let is_new = |verdict: &&RowVerdict| verdict.outcome != RowOutcome::Duplicate;
    let noted = verdicts.filter(|verdict| verdict.is_noted).filter(is_new);
    print_causes(
        ctx,
        rows,
        noted,
        is_sent,
        ("……另有 {} 项提示", "… and {} more to be known"),
    )
}

/// One line for each cause, with the rows that have it. `more` says how many lines are left out.
fn print_causes<'v>(
    ctx: &mut Ctx<'_>,
    rows: &Rows,
    verdicts: impl Iterator<Item = &'v RowVerdict>,
    is_sent: bool,
    (zh, en): (&str, &str),
) -> Outcome {
    let lines = lines_of(verdicts, is_sent, ctx.lang);
    for (place, line) in lines.iter().take(ROWS_SHOWN_MAX) {
        ctx.print_text(&format!("{}  {line}", sheet_of(rows, *place)))?;
    }
    if let Some(left) = lines.len().checked_sub(ROWS_SHOWN_MAX).filter(|left| *left > 0) {
        let left = left.to_string();
        ctx.note(&say(zh.replace("{}", &left), en.replace("{}", &left)));
    }
    Ok(())
}

/// A copy that cannot be written costs the user a convenience, not the import.
fn note_copy(ctx: &mut Ctx<'_>, rows: &Rows, book: usize, verdicts: (&[RowVerdict], bool), path: &Path) {
    let said = match write_copy(rows, book, verdicts, path) {
        Ok(copy) => {
            let shown = copy.display();
            say(
                format!("核对副本：{shown}（每行注明结果、原因和办法；在其中改正后导入它即可）"),
                format!(
                    "checked copy: {shown} (each row with its verdict, reason and remedy; mend it there and import it)"
                ),
            )
        }
        Err(error) => {
            let Say { zh, en } = error.say();
            say(format!("没有核对副本：{zh}"), format!("no checked copy: {en}"))
        }
    };
    ctx.note(&said);
}

/// Whether all that is wrong with the row is that its person is not known for certain.
fn lacks_person(row: &PlannedRow) -> bool {
    let about_person = |problem: &RowProblem| {
        matches!(
            problem.issue,
            Issue::UnknownPerson | Issue::AmbiguousPerson(_) | Issue::OtherName(_)
        )
    };
    !row.problems.is_empty() && row.problems.iter().all(about_person)
}

/// Everyone who was not found, or not for certain, each once.
fn print_people(ctx: &mut Ctx<'_>, rows: &Rows, people: &[PersonProblem]) -> Outcome {
    if people.is_empty() {
        return Ok(());
    }
    let number = people.len();
    let lang = ctx.lang;
    ctx.print_text(&lang.pick(
        format!("有 {number} 人需要确认（核对姓名和证件号码；新教师先导入“教师”表；同名的填写教师编号；外校教师写明姓名和教师编号或证件号码）："),
        format!(
            "{number} people to clear up (check name and document; import new teachers in the sheet 教师 first; \
             where several have the name, give the 教师编号; of another school's teacher give the name with her 教师编号 \
             or ID number):"
        ),
    ))?;
    for person in people.iter().take(ROWS_SHOWN_MAX) {
        ctx.print_text(&who(rows, person, lang))?;
    }
    if let Some(left) = number.checked_sub(ROWS_SHOWN_MAX).filter(|left| *left > 0) {
        ctx.note(&say(
            format!("  ……另有 {left} 人，见核对副本"),
            format!("  … and {left} more, see the checked copies"),
        ));
    }
    Ok(())
}

fn who(rows: &Rows, person: &PersonProblem, lang: Lang) -> String {
    // The user's own file has the name; of the ID number only that there is one.
    let key = &person.key;
    let name = match (key.name.is_empty(), key.teacher_id.is_empty()) {
        (false, _) => &key.name,
        (true, false) => &key.teacher_id,
        (true, true) => lang.pick("（只有证件号码）", "(an ID number alone)"),
    };
    let places = places(rows, &person.places, lang);
    match &person.found {
        Found::Several(several) => {
            let all: Vec<_> = several.iter().map(|(id, label)| format!("{id} {label}")).collect();
            match lang {
                Lang::Zh => format!("  {name}（{places}）：同名者有 {}", all.join("；")),
                Lang::En => format!("  {name} ({places}): several have this name: {}", all.join("; ")),
            }
        }
        Found::OtherName(other) => {
            let id = &key.teacher_id;
            match lang {
                Lang::Zh => format!("  {name}（{places}）：教师编号 {id} 在人员库中是 {other}"),
                Lang::En => format!("  {name} ({places}): teacher {id} is {other} in the people register"),
            }
        }
        Found::Unreadable(ids) => match lang {
            Lang::Zh => format!("  {name}（{places}）：可能是人员档案已损坏的 {}", ids.join("、")),
            Lang::En => format!(
                "  {name} ({places}): may be one whose record is damaged: {}",
                ids.join(", ")
            ),
        },
        Found::One(_) | Found::Nobody => match lang {
            Lang::Zh => format!("  {name}（{places}）：查无此人"),
            Lang::En => format!("  {name} ({places}): not found"),
        },
    }
}

/// The first few rows, with the names of their sheets where there are several.
fn places(rows: &Rows, places: &[Place], lang: Lang) -> String {
    let sheets: usize = rows.books().iter().map(|book| book.sheets.len()).sum();
    let mut text = String::new();
    let mut last = None;
    for place in places.iter().take(PLACES_SHOWN_MAX) {
        if last == Some((place.book, place.sheet)) {
            text.push_str(lang.pick("、", ", "));
        } else {
            if last.is_some() {
                text.push_str(lang.pick("；", "; "));
            }
            if sheets > 1 {
                text.push_str(&sheet_of(rows, *place));
                text.push(' ');
            }
            let one_or_more = if places.len() > 1 { "rows " } else { "row " };
            text.push_str(lang.pick("第 ", one_or_more));
        }
        text.push_str(&place.row.to_string());
        last = Some((place.book, place.sheet));
    }
    text.push_str(lang.pick(" 行", ""));
    if places.len() > PLACES_SHOWN_MAX {
        text.push('…');
    }
    text
}

/// File and sheet of a row.
fn sheet_of(rows: &Rows, place: Place) -> String {
    let book = rows.books().get(place.book);
    let sheet = book.and_then(|book| book.sheets.get(place.sheet));
    let (book, sheet) = (
        book.map_or("", |book| &book.name),
        sheet.map_or("", |sheet| &sheet.name),
    );
    if sheet.is_empty() {
        book.to_owned()
    } else {
        format!("{book} [{sheet}]")
    }
}

#[derive(Serialize)]
struct RowJson<'a> {
    file: &'a str,
    sheet: &'a str,
    row: u32,
    verdict: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    remarks: Vec<RemarkJson<'a>>,
}

#[derive(Serialize)]
struct RemarkJson<'a> {
    column: &'a str,
    value: &'a str,
    reason_zh: &'a str,
    remedy_zh: &'a str,
    reason_en: &'a str,
    remedy_en: &'a str,
}

fn print_json(ctx: &mut Ctx<'_>, rows: &Rows, verdict: &RowVerdict) -> Outcome {
    let book = rows.books().get(verdict.place.book);
    let sheet = book.and_then(|book| book.sheets.get(verdict.place.sheet));
    let remarks = verdict.remarks.iter().map(|remark| RemarkJson {
        column: &remark.column,
        value: &remark.value,
        reason_zh: remark.reason(Lang::Zh),
        remedy_zh: remark.remedy(Lang::Zh),
        reason_en: remark.reason(Lang::En),
        remedy_en: remark.remedy(Lang::En),
    });
    let row = RowJson {
        file: book.map_or("", |book| &book.name),
        sheet: sheet.map_or("", |sheet| &sheet.name),
        row: verdict.place.row,
        verdict: verdict.outcome.en(),
        remarks: remarks.collect(),
    };
    let line = serde_json::to_string(&row).map_err(std::io::Error::from)?;
    ctx.print(line)
}

#[cfg(test)]
mod tests {
    use keshi_core::ids::TeacherId;
    use keshi_sheets::plan::PersonKey;

    use super::*;

    fn tally(rows: &[(RowOutcome, u64)], is_sent: bool) -> Tally {
        Tally {
            rows: rows.iter().copied().collect(),
            is_sent,
        }
    }

    #[test]
    fn only_rows_that_need_work_make_an_import_fail() {
        assert!(tally(&[(RowOutcome::Duplicate, 3)], true).is_good());
        assert!(tally(&[(RowOutcome::Recorded, 3), (RowOutcome::Waiting, 1)], true).is_good());
        assert!(!tally(&[(RowOutcome::Recorded, 3), (RowOutcome::Refused, 1)], true).is_good());
        assert!(!tally(&[(RowOutcome::NotSent, 1)], true).is_good());
        assert!(tally(&[(RowOutcome::NotSent, 1)], false).is_good());
    }

    #[test]
    fn the_totals_say_whether_anything_was_recorded() {
        let one = tally(&[(RowOutcome::Recorded, 1_200), (RowOutcome::Duplicate, 1)], true);
        assert_eq!(one.text(Lang::Zh, true), "共 1,201 行：重复 1，已入账 1,200");
        assert_eq!(
            one.text(Lang::En, false),
            "1,201 rows checked: duplicate 1, to be recorded 1,200"
        );
    }

    #[test]
    fn a_person_is_listed_once_with_her_rows_and_without_her_number() {
        let key = PersonKey {
            teacher_id: String::new(),
            name: "王芳".into(),
            id_type: "居民身份证".into(),
            id_no: "999999199001011234".into(),
        };
        let places = (2..9).map(|row| Place { book: 0, sheet: 0, row }).collect();
        let label = (TeacherId::new("T1").unwrap(), "城关小学 语文".to_owned());
        let person = PersonProblem {
            key,
            found: Found::Several(vec![label]),
            places,
        };
        let text = who(&Rows::new(Vec::new()), &person, Lang::Zh);
        assert_eq!(text, "  王芳（第 2、3、4、5、6 行…）：同名者有 T1 城关小学 语文");
    }
}

//! What the user is told of an import: people to clear up, rows to mend, checked copies, totals.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use keshi_core::lang::Lang;
use keshi_import::{Import, Tally, lacks_person, needs_work, sheet_of, who};
use keshi_sheets::plan::{PersonProblem, Place, Rows};
use keshi_sheets::report::{Outcome as RowOutcome, RowVerdict, lines_of, write_copy};
use serde::Serialize;

use crate::Ctx;
use crate::exit::{Outcome, Say, say};

/// Most bad rows that are printed; the checked copies have them all.
const ROWS_SHOWN_MAX: usize = 50;

/// Prints the totals.
pub(super) fn totals(ctx: &mut Ctx<'_>, tally: &Tally, is_sent: bool) -> Outcome {
    if tally.total() == 0 {
        // Documents alone, and they have been spoken of.
        return Ok(());
    }
    if ctx.globals.json {
        let rows: BTreeMap<_, _> = tally.rows().map(|(outcome, rows)| (outcome.en(), rows)).collect();
        let line = serde_json::json!({ "summary": rows, "rows": tally.total(), "sent": is_sent });
        return ctx.print(line.to_string());
    }
    ctx.print_text(&tally.text(ctx.lang, is_sent))?;
    if !is_sent && tally.is_good() {
        ctx.note(&say(
            "以上只是核对，没有入账",
            "this was only a check; nothing was recorded",
        ));
    } else if !is_sent {
        if tally.of(RowOutcome::Changed) > 0 {
            ctx.note(&say(
                "有改动的行：导入时加 --correct 理由，即按表格更正；新名册加 --from 日期",
                "changed rows: --correct REASON takes them as corrections, --from DATE as a new roster",
            ));
        }
        ctx.note(&say(
            "有行需要处理，全部没有入账。请在核对副本中改正后导入副本，或加 --partial 先导入其余各行",
            "some rows need work, and nothing was recorded. Mend them in the checked copy and import that, \
             or record the other rows now with --partial",
        ));
    }
    Ok(())
}

/// Tells of every row that needs work, writes the checked copies, and counts.
pub(super) fn report(ctx: &mut Ctx<'_>, import: &Import, paths: &[PathBuf]) -> Outcome<Tally> {
    let Import {
        rows,
        plan,
        verdicts,
        is_sent,
        ..
    } = import;
    let is_sent = *is_sent;
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
    Ok(import.tally())
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

//! What is said of people, rows and files.

use keshi_core::lang::{Lang, Say, say};
use keshi_sheets::plan::{Found, PersonProblem, Place, PlannedRow, Rows};
use keshi_sheets::problem::{Issue, RowProblem};
use keshi_sheets::read::Workbook;

/// Most rows that are listed with one person.
const PLACES_SHOWN_MAX: usize = 5;

/// Most hidden rows that are named.
const ROWS_NAMED_MAX: usize = 12;

/// Whether all that is wrong with the row is that its person is not known for certain.
pub fn lacks_person(row: &PlannedRow) -> bool {
    let about_person = |problem: &RowProblem| {
        matches!(
            problem.issue,
            Issue::UnknownPerson | Issue::AmbiguousPerson(_) | Issue::OtherName(_)
        )
    };
    !row.problems.is_empty() && row.problems.iter().all(about_person)
}

/// Somebody who was not found, or not for certain, with her rows. Of her ID number only that there is one.
pub fn who(rows: &Rows, person: &PersonProblem, lang: Lang) -> String {
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
pub fn sheet_of(rows: &Rows, place: Place) -> String {
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

/// What is to be known of a file before it is imported: sheets that were passed over, and what the spreadsheet does not show.
pub fn passed_over(book: &Workbook) -> Vec<Say> {
    let mut said = Vec::new();
    if !book.passed_over.is_empty() {
        let name = &book.name;
        said.push(say(
            format!("{name} 中未认出、未导入的工作表：{}", book.passed_over.join("、")),
            format!(
                "sheets of {name} that are not known and were passed over: {}",
                book.passed_over.join(", ")
            ),
        ));
    }
    note_hidden(book, &mut said);
    said
}

/// Names what the spreadsheet does not show: it is taken all the same, or, of whole sheets, is not.
fn note_hidden(book: &Workbook, said: &mut Vec<Say>) {
    let name = &book.name;
    if !book.hidden_sheets.is_empty() {
        said.push(say(
            format!("{name} 中隐藏的工作表，不导入：{}", book.hidden_sheets.join("、")),
            format!(
                "hidden sheets of {name} are not imported: {}",
                book.hidden_sheets.join(", ")
            ),
        ));
    }
    for sheet in &book.sheets {
        let of = &sheet.name;
        if !sheet.hidden_rows.is_empty() {
            let count = sheet.hidden_rows.len();
            let rows: Vec<_> = sheet
                .hidden_rows
                .iter()
                .take(ROWS_NAMED_MAX)
                .map(u32::to_string)
                .collect();
            let (zh, en) = (rows.join("、"), rows.join(", "));
            let (zh, en) = match count {
                1 => (format!("{zh} 行"), format!("row {en} is hidden or filtered out and is")),
                ..=ROWS_NAMED_MAX => (
                    format!("{zh} 行"),
                    format!("rows {en} are hidden or filtered out and are"),
                ),
                _ => (
                    format!("{zh} … 等 {count} 行"),
                    format!("rows {en} … ({count} in all) are hidden or filtered out and are"),
                ),
            };
            said.push(say(
                format!("{name} [{of}] 第 {zh}被隐藏（或被筛选），仍会导入；不要的请删去"),
                format!("{name} [{of}]: {en} imported all the same; delete what is not meant"),
            ));
        }
        if !sheet.hidden_columns.is_empty() {
            let columns = &sheet.hidden_columns;
            said.push(say(
                format!("{name} [{of}] 的列 {} 被隐藏，仍会读取", columns.join("、")),
                format!(
                    "{name} [{of}]: the columns {} are hidden and are read all the same",
                    columns.join(", ")
                ),
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use keshi_core::ids::TeacherId;
    use keshi_sheets::plan::PersonKey;

    use super::*;

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

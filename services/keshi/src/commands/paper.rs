//! Answers as papers of the office: spreadsheets to be printed and signed. In Chinese, as the office's papers are.

use std::path::Path;

use jiff::Timestamp;
use keshi_core::time::CHINA;
use keshi_sheets::cell::Cell;
use keshi_sheets::paper::{Leaf, write_paper};

use crate::Ctx;
use crate::exit::{Failure, Outcome, say};

/// Most rows of one list: a paper is read by people, and all of it is in memory while it is written.
pub(super) const ROWS_MAX: usize = 100_000;

/// A leaf with the date of issue under its title and a line to sign at its end.
pub(super) fn leaf(title: &str, notes: Vec<String>, headings: &[&str], rows: Vec<Vec<Cell>>) -> Leaf {
    let today = CHINA.to_datetime(Timestamp::now()).date();
    let mut notes: Vec<String> = notes.into_iter().filter(|note| !note.is_empty()).collect();
    notes.push(format!("出具日期：{today}"));
    Leaf {
        name: title.to_owned(),
        title: title.to_owned(),
        notes,
        headings: headings.iter().map(|name| (*name).to_owned()).collect(),
        rows,
        signature: "经办人签字：　　　　　　　　审核人签字：　　　　　　　　日期：　　　　　　".to_owned(),
    }
}

/// Who it is about, and of which school and subject.
pub(super) fn whose(name: &str, teacher_id: &str, schools: &[String], subject: &str) -> String {
    let mut text = format!("姓名：{}（{teacher_id}）", if name.is_empty() { "—" } else { name });
    if !schools.is_empty() {
        text = format!("{text}　学校：{}", schools.join("、"));
    }
    if !subject.is_empty() {
        text = format!("{text}　学科：{subject}");
    }
    text
}

/// Writes the paper, and says where it is.
pub(super) fn write(ctx: &mut Ctx<'_>, path: &Path, leaves: &[Leaf]) -> Outcome {
    let shown = path.display();
    write_paper(path, leaves).map_err(|error| Failure::failed(error.say()))?;
    let rows: usize = leaves.iter().map(|leaf| leaf.rows.len()).sum();
    ctx.note(&say(
        format!("已写出 {shown}，共 {rows} 行"),
        format!("wrote {shown}, {rows} rows"),
    ));
    Ok(())
}

/// A list that is too long for a paper.
pub(super) fn too_long() -> Failure {
    Failure::failed(say(
        format!("超过 {ROWS_MAX} 行，不宜制表，未写出文件"),
        format!("there are more than {ROWS_MAX} rows, too many for a paper; nothing was written"),
    ))
    .and(say(
        "请用 --since、--by、--about 缩小范围，或用 --json 输出全部",
        "narrow it with --since, --by or --about, or print all of it with --json",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paper_says_whose_it_is_of_which_school_and_when_it_was_issued() {
        let schools = ["城关小学".to_owned()];
        assert_eq!(
            whose("王芳", "T1", &schools, "语文"),
            "姓名：王芳（T1）　学校：城关小学　学科：语文"
        );
        assert_eq!(whose("", "T1", &[], ""), "姓名：—（T1）");
        let leaf = leaf("称号", vec![String::new()], &["称号"], Vec::new());
        assert!(
            leaf.notes.len() == 1 && leaf.notes[0].starts_with("出具日期：2"),
            "{:?}",
            leaf.notes
        );
        assert!(leaf.signature.contains("签字"));
    }
}

//! Answers as papers of the office: spreadsheets to be printed and signed. In Chinese, as the office's papers are.

use keshi_sheets::cell::Cell;
use keshi_sheets::paper::Leaf;

use crate::time::today;

/// Most rows of one list: a paper is read by people, and all of it is in memory while it is written.
pub const ROWS_MAX: usize = 100_000;

/// The line at the end of a paper, to be signed.
pub const SIGNATURE: &str = "经办人签字：　　　　　　　　审核人签字：　　　　　　　　日期：　　　　　　";

/// The line that says when a paper was issued: today in China.
pub fn issued() -> String {
    format!("出具日期：{}", today())
}

/// A leaf with the date of issue under its title and a line to sign at its end.
pub fn leaf(title: &str, notes: Vec<String>, headings: &[&str], rows: Vec<Vec<Cell>>) -> Leaf {
    let mut notes: Vec<String> = notes.into_iter().filter(|note| !note.is_empty()).collect();
    notes.push(issued());
    Leaf {
        name: title.to_owned(),
        title: title.to_owned(),
        notes,
        headings: headings.iter().map(|name| (*name).to_owned()).collect(),
        rows,
        signature: SIGNATURE.to_owned(),
    }
}

/// Who it is about, and of which school and subject.
pub fn whose(name: &str, teacher_id: &str, schools: &[String], subject: &str) -> String {
    let mut text = format!("姓名：{}（{teacher_id}）", if name.is_empty() { "—" } else { name });
    if !schools.is_empty() {
        text = format!("{text}　学校：{}", schools.join("、"));
    }
    if !subject.is_empty() {
        text = format!("{text}　学科：{subject}");
    }
    text
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

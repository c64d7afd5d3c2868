//! A policy or calendar in a file: read here, without a ledger, and its mistakes shown in their places as a compiler
//! shows them.

use std::path::Path;

use keshi_core::document::Problem;
use keshi_import::document::Document;
pub(super) use keshi_import::document::read;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::exit::{Failure, Outcome, Say, say};

/// Widest piece of a source line that is shown, in columns.
const SOURCE_COLUMNS_MAX: usize = 100;

/// How much of a long line is shown before the mistake, in characters.
const SOURCE_BEFORE: usize = 40;

/// What reads a document.
pub(in crate::commands) type Read = fn(&str) -> Result<Document, Vec<Problem>>;

/// Reads a document; its mistakes are a failure.
pub(in crate::commands) fn parse(path: &Path, text: &str) -> Outcome<Document> {
    parse_as(path, text, read)
}

/// As [`parse`], of a document that `read` reads.
pub(in crate::commands) fn parse_as(path: &Path, text: &str, read: Read) -> Outcome<Document> {
    read(text).map_err(|problems| {
        let head = count(path, &problems);
        let mut failure = Failure::failed(say(head.zh + "：", head.en + ":"));
        for shown in shown(path, text, &problems) {
            let below = |text: &str| text.trim_end().replace('\n', "\n  ");
            failure = failure.and(say(below(&shown.zh), below(&shown.en)));
        }
        failure
    })
}

/// How many mistakes a file has.
pub(super) fn count(path: &Path, problems: &[Problem]) -> Say {
    let (count, path) = (problems.len(), path.display());
    let mistakes = if count == 1 { "mistake" } else { "mistakes" };
    say(
        format!("{path} 有 {count} 处错误"),
        format!("{path} has {count} {mistakes}"),
    )
}

/// Each problem with its place, its source line and a caret below, with its end of line.
pub(super) fn shown(path: &Path, text: &str, problems: &[Problem]) -> Vec<Say> {
    let lines: Vec<&str> = text.lines().collect();
    let gutter = problems
        .iter()
        .map(|problem| problem.line.to_string().len())
        .max()
        .unwrap_or(1);
    let one = |problem: &Problem| {
        let Problem { line, column, what } = problem;
        let place = format!("{}:{line}:{column}", path.display());
        let source = line.checked_sub(1).and_then(|line| lines.get(line));
        let source = source.map_or_else(String::new, |source| excerpt(source, *line, *column, gutter));
        say(
            format!("{place}: 错误：{}\n{source}", what.zh),
            format!("{place}: error: {}\n{source}", what.en),
        )
    };
    problems.iter().map(one).collect()
}

/// The source line, and a caret below its `column`-th character.
fn excerpt(source: &str, line: usize, column: usize, gutter: usize) -> String {
    let source = source.trim_end();
    let at = column.saturating_sub(1);
    // Of a very long line only what lies around the mistake.
    let is_long = source.width() > SOURCE_COLUMNS_MAX;
    let skipped = if is_long { at.saturating_sub(SOURCE_BEFORE) } else { 0 };
    let mut piece = String::new();
    for c in source.chars().skip(skipped) {
        // A tab is as wide as the terminal likes; the caret below must know.
        let c = if c.is_control() { ' ' } else { c };
        if piece.width() + c.width().unwrap_or(0) > SOURCE_COLUMNS_MAX {
            piece.push('…');
            break;
        }
        piece.push(c);
    }
    let dots = if skipped > 0 { "…" } else { "" };
    let before: String = piece.chars().take(at - skipped).collect();
    let indent = " ".repeat(dots.width() + before.width() + at.saturating_sub(skipped + before.chars().count()));
    let margin = " ".repeat(gutter);
    format!("  {line:>gutter$} | {dots}{piece}\n  {margin} | {indent}^\n")
}

#[cfg(test)]
mod tests {
    use keshi_core::lang::Lang;

    use super::*;

    #[test]
    fn a_policy_and_a_calendar_are_told_apart() {
        let policy = include_str!("../../../../../ledger/core/policies/dongxing-researcher-2020.toml");
        assert!(matches!(parse(Path::new("p.toml"), policy), Ok(Document::Policy(_))));
        let calendar = "id = \"c\"\n[[semester]]\nid = \"2022-2023-1\"\nfrom = 2022-09-01\nto = 2023-01-13\n\
                        teaching_weeks = 20\n";
        assert!(matches!(
            parse(Path::new("c.toml"), calendar),
            Ok(Document::Calendar(_))
        ));
    }

    #[test]
    fn all_mistakes_of_a_document_are_listed_with_line_and_column() {
        let failure = parse(Path::new("p.toml"), "id = 3\nversion = \"x\"\n").err().unwrap();
        assert_eq!(failure.exit, crate::Exit::Failed);
        assert!(failure.lines.len() > 2, "{failure:?}");
        assert!(failure.text(Lang::En).contains("p.toml:1:"), "{failure:?}");
    }

    #[test]
    fn the_caret_stands_below_the_mistake_also_behind_chinese_and_tabs() {
        assert_eq!(
            excerpt("post = [\"教师\", \"诗人\"]", 8, 15, 1),
            "  8 | post = [\"教师\", \"诗人\"]\n    |                 ^\n"
        );
        assert_eq!(excerpt("\tmin = 0.5", 12, 8, 2), "  12 |  min = 0.5\n     |        ^\n");
        assert_eq!(excerpt("", 3, 1, 3), "    3 | \n      | ^\n");
        // A mistake at the end of the text, behind its last character.
        assert_eq!(excerpt("[scope", 1, 8, 1), "  1 | [scope\n    |        ^\n");
    }

    #[test]
    fn of_a_very_long_line_only_the_surroundings_are_shown() {
        let source = format!("name = \"{}\" # {}", "长".repeat(300), "x".repeat(300));
        let text = excerpt(&source, 1, 311, 1);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.iter().all(|line| line.width() < 120), "{text}");
        assert!(lines[0].starts_with("  1 | …长") && lines[0].ends_with('…'), "{text}");
        let caret = lines[1].width() - 1;
        let before: usize = lines[0].chars().take_while(|c| *c != '#').collect::<String>().width();
        assert_eq!(caret, before, "{text}");
    }
}

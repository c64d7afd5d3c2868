//! Reading `[certificates]`.

use super::{day, values};
use crate::certificate::{CODE_MAX, Form, WIDTH_MAX, WORD_MAX};
use crate::document::{Reader, TableReader};

pub(super) fn read<'t>(reader: &mut Reader<'t>, table: &mut TableReader<'t>) -> Option<Form> {
    let mut table = reader.table(table, "certificates")?;
    let usual = Form::default();
    let word = text(reader, &mut table, "word");
    if !table.has("code") {
        reader.missing(&table, "code");
    }
    let code = reader.string(&mut table, "code").and_then(|(code, at)| {
        let is_code = (1..=CODE_MAX).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_uppercase());
        if !is_code {
            reader.report(
                at,
                format!("code 由 1 至 {CODE_MAX} 个大写字母组成，现为 “{code}”"),
                format!("code is made of 1 to {CODE_MAX} capital letters, not {code:?}"),
            );
        }
        is_code.then_some(code)
    });
    let width = values::number(reader, &mut table, "width", 1, WIDTH_MAX);
    let numbered_from = day(reader, &mut table, "numbered_from");
    let issuer = table
        .has("issuer")
        .then(|| text(reader, &mut table, "issuer"))
        .flatten();
    reader.done(table);
    Some(Form {
        word: word?,
        code: code?,
        width: width.and_then(|width| u8::try_from(width).ok()).unwrap_or(usual.width),
        numbered_from: numbered_from.map_or(usual.numbered_from, |(day, _)| day),
        issuer,
    })
}

/// A name as it stands on paper: what numbers are read by must not be in it.
fn text<'t>(reader: &mut Reader<'t>, table: &mut TableReader<'t>, key: &str) -> Option<String> {
    let (text, at) = reader.needed_string(table, key)?;
    let is_name = text.chars().count() <= WORD_MAX && text.chars().all(char::is_alphanumeric);
    let has_digit = key == "word" && text.chars().any(char::is_numeric);
    if !is_name || has_digit {
        reader.report(
            at,
            format!("{key} 至多 {WORD_MAX} 个字，不含括号、空格等符号（word 也不含数字）"),
            format!("{key} has at most {WORD_MAX} letters, no brackets, blanks or other signs (and word no digits)"),
        );
        return None;
    }
    Some(text)
}

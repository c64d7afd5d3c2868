//! Documents (policies, calendars): TOML texts that travel as parts beside the event that adopts them.
//!
//! A document is read whole, and *all* its problems are reported, each with line, column and a hint.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::event::DocumentPart;
use crate::hours::Hours;
use crate::ids::Sha256;
use crate::lang::Lang;

/// Largest document, in bytes.
pub const DOCUMENT_BYTES_MAX: usize = 256 * 1024;

/// The parts of documents, by the hash of the whole.
#[derive(Clone, Debug, Default)]
pub(crate) struct Documents {
    parts: BTreeMap<Sha256, BTreeMap<u16, Vec<u8>>>,
}

impl Documents {
    pub(crate) fn add(&mut self, part: &DocumentPart) {
        self.parts
            .entry(part.sha256)
            .or_default()
            .entry(part.part)
            .or_insert_with(|| part.body.clone());
    }

    /// The whole document, if its parts are all there and match its hash.
    pub(crate) fn text(&self, sha256: &Sha256) -> Option<String> {
        let bytes: Vec<u8> = self.parts.get(sha256)?.values().flatten().copied().collect();
        (Sha256::of(&bytes) == *sha256)
            .then(|| String::from_utf8(bytes).ok())
            .flatten()
    }
}

impl crate::state::State {
    /// The text of an adopted document.
    pub fn document(&self, sha256: &Sha256) -> Option<String> {
        self.documents.text(sha256)
    }
}

/// One thing wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Line, from 1 on.
    pub line: usize,
    /// Column in characters, from 1 on.
    pub column: usize,
    /// What is wrong, in Chinese.
    pub zh: String,
    /// What is wrong, in English.
    pub en: String,
}

impl Problem {
    /// `line:column: what is wrong`.
    pub fn text(&self, lang: Lang) -> String {
        format!("{}:{}: {}", self.line, self.column, lang.pick(&self.zh, &self.en))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Lang::En))
    }
}

/// Reads a document's tables and gathers its problems.
pub(crate) struct Reader<'t> {
    text: &'t str,
    pub(crate) problems: Vec<Problem>,
}

/// One table under reading: keys that are never asked for are errors at the end.
pub(crate) struct TableReader<'t> {
    table: DeTable<'t>,
    at: usize,
}

impl<'t> Reader<'t> {
    /// Parses `text`; `None` for the table if it is not TOML at all (then the problems say where).
    pub(crate) fn new(text: &'t str) -> (Self, Option<TableReader<'t>>) {
        let mut reader = Self {
            text,
            problems: Vec::new(),
        };
        if text.len() > DOCUMENT_BYTES_MAX {
            let zh = format!("文件有 {} 字节，至多 {DOCUMENT_BYTES_MAX} 字节", text.len());
            reader.report(
                0,
                zh,
                format!("the document has {} bytes, at most {DOCUMENT_BYTES_MAX}", text.len()),
            );
            return (reader, None);
        }
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let at = error.span().map_or(0, |span| span.start);
            reader.report(
                at,
                format!("不是有效的 TOML：{}", error.message()),
                format!("not TOML: {}", error.message()),
            );
        }
        if !reader.problems.is_empty() {
            return (reader, None);
        }
        (
            reader,
            Some(TableReader {
                table: table.into_inner(),
                at: 0,
            }),
        )
    }

    /// Notes a problem at byte `at`.
    pub(crate) fn report(&mut self, at: usize, zh: impl Into<String>, en: impl Into<String>) {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |rest| rest.chars().count()) + 1;
        self.problems.push(Problem {
            line,
            column,
            zh: zh.into(),
            en: en.into(),
        });
    }

    /// The result, or all problems in the order of the text.
    pub(crate) fn finish<T>(mut self, value: Option<T>) -> Result<T, Vec<Problem>> {
        self.problems.sort_by_key(|problem| (problem.line, problem.column));
        match value {
            Some(value) if self.problems.is_empty() => Ok(value),
            _ => Err(self.problems),
        }
    }

    fn mistyped(&mut self, at: usize, key: &str, wanted_zh: &str, wanted_en: &str, found: &DeValue<'_>) {
        let found = found.type_str();
        self.report(
            at,
            format!("{key} 应为{wanted_zh}，现为 {found}"),
            format!("{key} must be {wanted_en}, not {found}"),
        );
    }

    /// Notes that a needed key is missing.
    pub(crate) fn missing(&mut self, table: &TableReader<'_>, key: &str) {
        self.report(table.at, format!("缺少 {key}"), format!("{key} is missing"));
    }

    /// A text.
    pub(crate) fn string(&mut self, table: &mut TableReader<'t>, key: &str) -> Option<(String, usize)> {
        let (value, at) = table.take(key)?;
        match value.as_str() {
            Some(text) => Some((text.to_owned(), at)),
            None => {
                self.mistyped(at, key, "带引号的文字", "a quoted text", &value);
                None
            }
        }
    }

    /// A needed text.
    pub(crate) fn needed_string(&mut self, table: &mut TableReader<'t>, key: &str) -> Option<(String, usize)> {
        if table.table.get(key).is_none() {
            self.missing(table, key);
        }
        self.string(table, key)
    }

    /// `true` or `false`.
    pub(crate) fn boolean(&mut self, table: &mut TableReader<'t>, key: &str) -> Option<bool> {
        let (value, at) = table.take(key)?;
        if value.as_bool().is_none() {
            self.mistyped(at, key, " true 或 false", "true or false", &value);
        }
        value.as_bool()
    }

    /// A whole number from 0 to 1,000,000.
    pub(crate) fn integer(&mut self, table: &mut TableReader<'t>, key: &str) -> Option<(u32, usize)> {
        let (value, at) = table.take(key)?;
        let number = value
            .as_integer()
            .and_then(|n| u32::from_str_radix(n.as_str(), n.radix()).ok());
        match number.filter(|&n| n <= 1_000_000) {
            Some(number) => Some((number, at)),
            None => {
                self.mistyped(at, key, "不小于 0 的整数", "a whole number, 0 or above", &value);
                None
            }
        }
    }

    /// An amount: a quoted decimal, or a bare whole number.
    pub(crate) fn amount(&mut self, table: &mut TableReader<'t>, key: &str) -> Option<(Hours, usize)> {
        let (value, at) = table.take(key)?;
        let text = match &value {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) if number.radix() == 10 => number.as_str().to_owned(),
            DeValue::Float(float) => {
                let float = float.as_str();
                self.report(
                    at,
                    format!("小数须加引号：{key} = \"{float}\""),
                    format!("quote decimals: {key} = \"{float}\""),
                );
                return None;
            }
            _ => {
                self.mistyped(at, key, "带引号的数", "a quoted number", &value);
                return None;
            }
        };
        match Hours::parse(&text) {
            Ok(amount) if amount >= Hours::ZERO => Some((amount, at)),
            Ok(_) => {
                self.report(at, format!("{key} 不能为负数"), format!("{key} must not be negative"));
                None
            }
            Err(why) => {
                self.report(
                    at,
                    format!("{key} “{text}” 不是有效数字"),
                    format!("{key} {text:?} is not a number: {why}"),
                );
                None
            }
        }
    }

    /// A local date, bare (`2022-09-01`) or quoted.
    pub(crate) fn date(&mut self, table: &mut TableReader<'t>, key: &str) -> Option<(Date, usize)> {
        let (value, at) = table.take(key)?;
        let text = match &value {
            DeValue::Datetime(when) if when.time.is_none() => when.to_string(),
            DeValue::String(text) => text.to_string(),
            _ => String::new(),
        };
        match text.parse::<Date>() {
            Ok(date) => Some((date, at)),
            Err(_) => {
                self.mistyped(at, key, "日期，如 2022-09-01", "a date like 2022-09-01", &value);
                None
            }
        }
    }

    /// A list of texts or whole numbers, as texts.
    pub(crate) fn strings(&mut self, table: &mut TableReader<'t>, key: &str) -> Option<Vec<(String, usize)>> {
        let (value, at) = table.take(key)?;
        let DeValue::Array(items) = value else {
            self.mistyped(at, key, "方括号中的列表", "a list in square brackets", &value);
            return None;
        };
        let mut texts = Vec::new();
        for item in items {
            let at = item.span().start;
            match item.get_ref() {
                DeValue::String(text) => texts.push((text.to_string(), at)),
                DeValue::Integer(number) if number.radix() == 10 => texts.push((number.as_str().to_owned(), at)),
                other => self.mistyped(at, key, "文字或整数的列表", "a list of texts or whole numbers", other),
            }
        }
        Some(texts)
    }

    /// A list of values that `parse` knows.
    pub(crate) fn words<T>(
        &mut self,
        table: &mut TableReader<'t>,
        key: &str,
        known: &[&str],
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<Vec<T>> {
        let texts = self.strings(table, key)?;
        Some(
            texts
                .iter()
                .filter_map(|(text, at)| self.word(key, text, *at, known, &parse))
                .collect(),
        )
    }

    /// One value that `parse` knows.
    pub(crate) fn word<T>(
        &mut self,
        key: &str,
        text: &str,
        at: usize,
        known: &[&str],
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let value = parse(text);
        if value.is_none() {
            let list = known.join("、");
            let (zh, en) = (format!("{key} 没有 “{text}”；可用：{list}"), known.join(", "));
            self.report(at, zh, format!("{key} has no {text:?}; use one of {en}"));
        }
        value
    }

    /// A table within a table.
    pub(crate) fn table(&mut self, table: &mut TableReader<'t>, key: &str) -> Option<TableReader<'t>> {
        let (value, at) = table.take(key)?;
        match value {
            DeValue::Table(inner) => Some(TableReader { table: inner, at }),
            other => {
                self.mistyped(at, key, "表", "a table", &other);
                None
            }
        }
    }

    /// The tables of `[[key]]`; none if there is no such key.
    pub(crate) fn tables(&mut self, table: &mut TableReader<'t>, key: &str) -> Vec<TableReader<'t>> {
        let Some((value, at)) = table.take(key) else {
            return Vec::new();
        };
        let DeValue::Array(items) = value else {
            self.mistyped(
                at,
                key,
                "以双方括号开头的表",
                "tables under double square brackets",
                &value,
            );
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in items {
            let at = item.span().start;
            match item.into_inner() {
                DeValue::Table(inner) => tables.push(TableReader { table: inner, at }),
                other => self.mistyped(at, key, "表", "a table", &other),
            }
        }
        tables
    }

    /// Reports every key that was not asked for.
    pub(crate) fn done(&mut self, table: TableReader<'t>) {
        for (key, _) in table.table {
            let at = key.span().start;
            let key = key.get_ref().to_string();
            self.report(at, format!("不认识的键 {key}"), format!("unknown key {key}"));
        }
    }
}

impl<'t> TableReader<'t> {
    /// Byte at which the table begins.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    fn take(&mut self, key: &str) -> Option<(DeValue<'t>, usize)> {
        let value: Spanned<DeValue<'t>> = self.table.remove(key)?;
        let at = value.span().start;
        Some((value.into_inner(), at))
    }
}

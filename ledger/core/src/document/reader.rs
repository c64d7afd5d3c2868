//! Reading a document's tables, gathering all its problems.

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{DOCUMENT_BYTES_MAX, LIST_MAX, Problem, TEXT_CHARS_MAX};
use crate::hours::Hours;
use crate::lang::{Say, say};

/// Reads a document's tables and gathers its problems.
pub(crate) struct Reader<'t> {
    text: &'t str,
    /// Byte at which each stands, and what it is in both languages.
    found: Vec<(usize, Say)>,
}

/// One table under reading: keys that are never asked for are errors at the end.
pub(crate) struct TableReader<'t> {
    table: DeTable<'t>,
    at: usize,
    /// Keys asked for in vain, to suggest when another one is left over.
    asked: Vec<String>,
    /// Keys that were there.
    taken: Vec<String>,
}

impl<'t> Reader<'t> {
    /// Parses `text`; `None` for the table if it is not TOML at all (then the problems say where).
    pub(crate) fn new(text: &'t str) -> (Self, Option<TableReader<'t>>) {
        Self::at_most(text, DOCUMENT_BYTES_MAX)
    }

    /// The same for a kind of document that has a smaller limit of its own.
    pub(crate) fn at_most(text: &'t str, bytes_max: usize) -> (Self, Option<TableReader<'t>>) {
        let mut reader = Self {
            text,
            found: Vec::new(),
        };
        if text.len() > bytes_max {
            let zh = format!("文件有 {} 字节，至多 {bytes_max} 字节", text.len());
            reader.report(
                0,
                zh,
                format!("the document has {} bytes, at most {bytes_max}", text.len()),
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
        if !reader.found.is_empty() {
            return (reader, None);
        }
        (reader, Some(TableReader::new(table.into_inner(), 0)))
    }

    /// Notes a problem at byte `at`.
    pub(crate) fn report(&mut self, at: usize, zh: impl Into<String>, en: impl Into<String>) {
        self.found.push((at, say(zh, en)));
    }

    /// Problems noted so far.
    pub(crate) fn count(&self) -> usize {
        self.found.len()
    }

    /// The result, or all problems in the order of the text.
    pub(crate) fn finish<T>(self, value: Option<T>) -> Result<T, Vec<Problem>> {
        match value {
            Some(value) if self.found.is_empty() => Ok(value),
            _ => Err(self.problems()),
        }
    }

    /// What was found, with lines and columns, counted in one pass: a bad document may have very many problems.
    fn problems(mut self) -> Vec<Problem> {
        self.found.sort_by_key(|(at, _)| *at);
        let mut chars = self.text.char_indices().peekable();
        let (mut line, mut column) = (1, 1);
        let mut problems = Vec::with_capacity(self.found.len());
        for (at, what) in self.found {
            while let Some((_, char)) = chars.next_if(|(place, _)| *place < at) {
                (line, column) = if char == '\n' {
                    (line + 1, 1)
                } else {
                    (line, column + 1)
                };
            }
            problems.push(Problem { line, column, what });
        }
        problems
    }

    fn mistyped(&mut self, at: usize, key: &str, wanted_zh: &str, wanted_en: &str, found: &DeValue<'_>) {
        let found = found.type_str();
        self.report(
            at,
            format!("{key} 应为 {wanted_zh}，现为 {found}"),
            format!("{key} must be {wanted_en}, not {found}"),
        );
    }

    /// Notes that a needed key is missing, unless it was there and is already reported as unfit.
    pub(crate) fn missing(&mut self, table: &TableReader<'_>, key: &str) {
        if table.taken.iter().any(|taken| taken == key.trim_matches(['[', ']'])) {
            return;
        }
        self.report(table.at, format!("缺少 {key}"), format!("{key} is missing"));
    }

    /// A text.
    pub(crate) fn string(&mut self, table: &mut TableReader<'t>, key: &str) -> Option<(String, usize)> {
        let (value, at) = table.take(key)?;
        let Some(text) = value.as_str() else {
            self.mistyped(at, key, "带引号的文字", "a quoted text", &value);
            return None;
        };
        let chars = text.chars().count();
        if chars > TEXT_CHARS_MAX {
            self.report(
                at,
                format!("{key} 有 {chars} 个字，至多 {TEXT_CHARS_MAX} 个"),
                format!("{key} has {chars} characters, at most {TEXT_CHARS_MAX}"),
            );
            return None;
        }
        Some((text.to_owned(), at))
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
            self.mistyped(at, key, "true 或 false", "true or false", &value);
        }
        value.as_bool()
    }

    /// A whole number from 0 to 1,000,000.
    pub(crate) fn integer(&mut self, table: &mut TableReader<'t>, key: &str) -> Option<(u32, usize)> {
        let (value, at) = table.take(key)?;
        let number = value
            .as_integer()
            .and_then(|n| u32::from_str_radix(n.as_str(), n.radix()).ok());
        let number = number.filter(|&n| n <= 1_000_000).map(|number| (number, at));
        if number.is_none() {
            self.mistyped(
                at,
                key,
                "0 到 1000000 的整数",
                "a whole number from 0 to 1,000,000",
                &value,
            );
        }
        number
    }

    /// A quoted number or word, or a bare whole number, as text.
    pub(crate) fn number_text(&mut self, table: &mut TableReader<'t>, key: &str) -> Option<(String, usize)> {
        let (value, at) = table.take(key)?;
        match &value {
            DeValue::String(text) => Some((text.to_string(), at)),
            DeValue::Integer(number) if number.radix() == 10 => Some((number.as_str().to_owned(), at)),
            DeValue::Float(float) => {
                let float = float.as_str();
                self.report(
                    at,
                    format!("小数须加引号：{key} = \"{float}\""),
                    format!("quote decimals: {key} = \"{float}\""),
                );
                None
            }
            _ => {
                self.mistyped(at, key, "带引号的数", "a quoted number", &value);
                None
            }
        }
    }

    /// An amount: a quoted decimal, or a bare whole number; not negative.
    pub(crate) fn amount(&mut self, table: &mut TableReader<'t>, key: &str) -> Option<(Hours, usize)> {
        let (text, at) = self.number_text(table, key)?;
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
        let date = text.parse::<Date>().ok().map(|date| (date, at));
        if date.is_none() {
            self.mistyped(at, key, "日期，如 2022-09-01", "a date like 2022-09-01", &value);
        }
        date
    }

    /// A list of texts or whole numbers, as texts.
    pub(crate) fn strings(&mut self, table: &mut TableReader<'t>, key: &str) -> Option<Vec<(String, usize)>> {
        let (value, at) = table.take(key)?;
        let DeValue::Array(items) = value else {
            self.mistyped(at, key, "方括号中的列表", "a list in square brackets", &value);
            return None;
        };
        if items.len() > LIST_MAX {
            let count = items.len();
            self.report(
                at,
                format!("{key} 列出 {count} 项，至多 {LIST_MAX} 项"),
                format!("{key} lists {count} values, at most {LIST_MAX}"),
            );
            return None;
        }
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
            let (mut zh, mut en) = (String::new(), String::new());
            if !known.is_empty() {
                zh = format!("；可用：{}", known.join("、"));
                en = format!("; use one of {}", known.join(", "));
            }
            self.report(
                at,
                format!("{key} 没有 “{text}”{zh}"),
                format!("{key} has no {text:?}{en}"),
            );
        }
        value
    }

    /// A table within a table.
    pub(crate) fn table(&mut self, table: &mut TableReader<'t>, key: &str) -> Option<TableReader<'t>> {
        let (value, at) = table.take(key)?;
        match value {
            DeValue::Table(inner) => Some(TableReader::new(inner, at)),
            other => {
                self.mistyped(at, key, "表", "a table", &other);
                None
            }
        }
    }

    /// The tables of `[[key]]`, if there are no more than `max`; more are not even looked at.
    pub(crate) fn tables_at_most(
        &mut self,
        table: &mut TableReader<'t>,
        key: &str,
        max: usize,
    ) -> Vec<TableReader<'t>> {
        let at = table.at_key(key);
        let tables = self.tables(table, key);
        if tables.len() <= max {
            return tables;
        }
        let count = tables.len();
        self.report(
            at,
            format!("[[{key}]] 有 {count} 个，至多 {max} 个；请分成几个规则文件"),
            format!("there are {count} [[{key}]], at most {max}; divide it among several policies"),
        );
        Vec::new()
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
                DeValue::Table(inner) => tables.push(TableReader::new(inner, at)),
                other => self.mistyped(at, key, "表", "a table", &other),
            }
        }
        tables
    }

    /// Reports every key that was not asked for, with the one that was probably meant.
    pub(crate) fn done(&mut self, table: TableReader<'t>) {
        for (key, _) in table.table {
            let at = key.span().start;
            let key = key.get_ref().to_string();
            let left = table
                .asked
                .iter()
                .map(|asked| (strsim::damerau_levenshtein(asked, &key), asked));
            let near = left.filter(|(distance, _)| *distance <= 2).min();
            let meant_zh = near.map_or_else(String::new, |(_, near)| format!("，是否应为 {near}？"));
            let meant_en = near.map_or_else(String::new, |(_, near)| format!("; did you mean {near}?"));
            self.report(
                at,
                format!("不认识的键 {key}{meant_zh}"),
                format!("unknown key {key}{meant_en}"),
            );
        }
    }
}

impl<'t> TableReader<'t> {
    fn new(table: DeTable<'t>, at: usize) -> Self {
        Self {
            table,
            at,
            asked: Vec::new(),
            taken: Vec::new(),
        }
    }

    /// Byte at which the table begins.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Byte at which the key's value begins; of the table if it is not there.
    fn at_key(&self, key: &str) -> usize {
        self.table.get(key).map_or(self.at, |value| value.span().start)
    }

    /// Whether the key is still there.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.table.get(key).is_some()
    }

    /// The keys that are still there, with the byte at which each stands.
    pub(crate) fn keys(&self) -> Vec<(String, usize)> {
        let keys = self
            .table
            .iter()
            .map(|(key, _)| (key.get_ref().to_string(), key.span().start));
        keys.collect()
    }

    /// Gives up on what is left: it cannot be judged.
    pub(crate) fn forget(&mut self) {
        self.table.clear();
    }

    fn take(&mut self, key: &str) -> Option<(DeValue<'t>, usize)> {
        let Some(value) = self.table.remove(key) else {
            self.asked.push(key.to_owned());
            return None;
        };
        let value: Spanned<DeValue<'t>> = value;
        self.taken.push(key.to_owned());
        let at = value.span().start;
        Some((value.into_inner(), at))
    }
}

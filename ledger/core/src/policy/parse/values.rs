//! Values of policy documents: ids, words, fractions, tables by level and award, filters.

use crate::codes::{Award, Level, Mode};
use crate::document::{Reader, TableReader};
use crate::hours::Hours;
use crate::ids::{IdError, RuleId};
use crate::policy::{Fraction, Kind, Shape, Where, Word};

pub(crate) fn id<'t, T>(
    reader: &mut Reader<'t>,
    table: &mut TableReader<'t>,
    key: &str,
    parse: impl Fn(&str) -> Result<T, IdError>,
) -> Option<T> {
    let (text, at) = reader.needed_string(table, key)?;
    match parse(&text) {
        Ok(id) => Some(id),
        Err(why) => {
            reader.report(
                at,
                format!("{key} “{text}” 不是有效编号"),
                format!("{key} {text:?}: {why}"),
            );
            None
        }
    }
}

/// One of a few words, if the key is there.
pub(crate) fn one_of<'t, T: Copy>(
    reader: &mut Reader<'t>,
    table: &mut TableReader<'t>,
    key: &str,
    words: &[(&str, T)],
) -> Option<T> {
    let (text, at) = reader.string(table, key)?;
    let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    reader.word(key, &text, at, &known, |text| {
        words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value)
    })
}

/// A whole number within limits, if the key is there.
pub(crate) fn number<'t>(
    reader: &mut Reader<'t>,
    table: &mut TableReader<'t>,
    key: &str,
    min: u32,
    max: u32,
) -> Option<u32> {
    let (number, at) = reader.integer(table, key)?;
    if (min..=max).contains(&number) {
        return Some(number);
    }
    reader.report(
        at,
        format!("{key} 须在 {min} 到 {max} 之间，现为 {number}"),
        format!("{key} must lie between {min} and {max}, not {number}"),
    );
    None
}

/// A fraction or decimal, if the key is there.
pub(super) fn fraction<'t>(reader: &mut Reader<'t>, table: &mut TableReader<'t>, key: &str) -> Option<Fraction> {
    let (text, at) = reader.number_text(table, key)?;
    parse_fraction(reader, key, &text, at)
}

/// A fraction of at most one.
pub(super) fn share<'t>(reader: &mut Reader<'t>, table: &mut TableReader<'t>, key: &str) -> Option<Fraction> {
    let (text, at) = reader.number_text(table, key)?;
    let share = parse_fraction(reader, key, &text, at)?;
    if share.numerator() > share.denominator() {
        reader.report(
            at,
            format!("{key} 不能大于 1，现为 {text}"),
            format!("{key} is a share and cannot be above 1, but is {text}"),
        );
        return None;
    }
    Some(share)
}

pub(super) fn parse_fraction(reader: &mut Reader<'_>, key: &str, text: &str, at: usize) -> Option<Fraction> {
    match Fraction::parse(text) {
        Ok(fraction) => Some(fraction),
        Err(why) => {
            reader.report(
                at,
                format!("{key} “{text}” 不是有效的数或分数（如 \"0.5\"、\"1/3\"）"),
                format!("{key} {text:?}: {why}"),
            );
            None
        }
    }
}

/// Words of the office's own.
pub(super) fn own_words<'t>(reader: &mut Reader<'t>, table: &mut TableReader<'t>, key: &str) -> Option<Vec<Word>> {
    let texts = reader.strings(table, key)?;
    Some(texts.iter().map(|(text, _)| Word::new(text)).collect())
}

pub(super) fn levels() -> Vec<&'static str> {
    Level::ALL.iter().map(|level| level.zh()).collect()
}

pub(super) fn awards() -> Vec<&'static str> {
    Award::ALL.iter().map(|award| award.zh()).collect()
}

/// A table of values by level or award, if the key is there.
pub(super) fn by_word<'t, K: PartialEq, V>(
    reader: &mut Reader<'t>,
    table: &mut TableReader<'t>,
    key: &str,
    (known, from_word): (&[&str], impl Fn(&str) -> Option<K>),
    value: impl Fn(&mut Reader<'t>, &mut TableReader<'t>, &str) -> Option<V>,
) -> Option<Vec<(K, V)>> {
    let mut inner = reader.table(table, key)?;
    let mut rows: Vec<(K, V)> = Vec::new();
    for (word, at) in inner.keys() {
        let found = reader.word(key, &word, at, known, &from_word);
        let value = value(reader, &mut inner, &word);
        let Some((found, value)) = found.zip(value) else {
            continue;
        };
        if rows.iter().any(|(other, _)| *other == found) {
            reader.report(
                at,
                format!("{key} 中 {word} 出现两次"),
                format!("{key} has {word} twice"),
            );
        }
        rows.push((found, value));
    }
    reader.done(inner);
    Some(rows)
}

/// Amounts by level.
pub(super) fn amounts_by_level<'t>(
    reader: &mut Reader<'t>,
    table: &mut TableReader<'t>,
    key: &str,
) -> Option<Vec<(Level, Hours)>> {
    by_word(reader, table, key, (&levels(), Level::from_word), amount)
}

/// Amounts by award.
pub(super) fn amounts_by_award<'t>(
    reader: &mut Reader<'t>,
    table: &mut TableReader<'t>,
    key: &str,
) -> Option<Vec<(Award, Hours)>> {
    by_word(reader, table, key, (&awards(), Award::from_word), amount)
}

fn amount<'t>(reader: &mut Reader<'t>, table: &mut TableReader<'t>, key: &str) -> Option<Hours> {
    reader.amount(table, key).map(|(amount, _)| amount)
}

/// A table of filters; everything passes if the key is not there.
pub(super) fn filter<'t>(reader: &mut Reader<'t>, table: &mut TableReader<'t>, key: &str) -> Where {
    let Some(mut inner) = reader.table(table, key) else {
        return Where::default();
    };
    let modes: Vec<&str> = Mode::ALL.iter().map(|mode| mode.zh()).collect();
    let level = reader.words(&mut inner, "level", &levels(), Level::from_word);
    let mode = reader.words(&mut inner, "mode", &modes, Mode::from_word);
    let category = own_words(reader, &mut inner, "category");
    let topic = own_words(reader, &mut inner, "topic");
    let shape = shapes(reader, &mut inner, "type");
    let kind = reader.words(&mut inner, "kind", Kind::WORDS, Kind::from_word);
    let conversion = reader.strings(&mut inner, "conversion").map(|texts| {
        let id = |(text, at): &(String, usize)| match RuleId::new(text) {
            Ok(id) => Some(id),
            Err(why) => {
                reader.report(
                    *at,
                    format!("“{text}” 不是有效编号"),
                    format!("conversion {text:?}: {why}"),
                );
                None
            }
        };
        texts.iter().filter_map(id).collect()
    });
    reader.done(inner);
    Where {
        level,
        mode,
        category,
        topic,
        shape,
        kind,
        conversion,
    }
}

fn shapes<'t>(reader: &mut Reader<'t>, table: &mut TableReader<'t>, key: &str) -> Option<Vec<Shape>> {
    let texts = reader.strings(table, key)?;
    let mut shapes = Vec::new();
    for (text, at) in texts {
        let known = ["培训", "讲座", "教研活动", "示范课", "公开课", "研究课", "…"];
        let found = |text: &str| Some(Shape::of_word(text)).filter(|found| !found.is_empty());
        shapes.extend(reader.word(key, &text, at, &known, found).unwrap_or_default());
    }
    Some(shapes)
}

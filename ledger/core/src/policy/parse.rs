//! Reading policy documents, with all their problems at once.

use super::{Conversion, Credits, LANGUAGE, Meter, Policy, Requirement};
use crate::codes::{AttendanceRole, LessonType, Post};
use crate::document::{Problem, Reader, TableReader};
use crate::ids::{IdError, PolicyId, RuleId};
use crate::period::Kind;

impl Policy {
    /// Reads a policy document (TOML, described in `ledger/docs/policy.md`).
    ///
    /// # Errors
    ///
    /// All problems of the document, in the order of its text.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        let (mut reader, table) = Reader::new(text);
        let Some(table) = table else { return reader.finish(None) };
        let policy = read(&mut reader, table);
        reader.finish(policy)
    }
}

fn read<'t>(reader: &mut Reader<'t>, mut table: TableReader<'t>) -> Option<Policy> {
    match reader.integer(&mut table, "language") {
        Some((LANGUAGE, _)) => {}
        Some((other, at)) => reader.report(
            at,
            format!("language = {other} 是本版本不认识的规则语言版本；现为 {LANGUAGE}"),
            format!("language {other} is not known to this release; write language = {LANGUAGE}"),
        ),
        None => reader.missing(&table, "language"),
    }
    let id = id(reader, &mut table, "id", PolicyId::new);
    let version = reader.integer(&mut table, "version");
    match version {
        Some((0, at)) => reader.report(at, "version 从 1 开始", "version begins at 1"),
        None => reader.missing(&table, "version"),
        Some(_) => {}
    }
    let name = reader.needed_string(&mut table, "name");
    let effective_from = reader.date(&mut table, "effective_from");
    if effective_from.is_none() {
        reader.missing(&table, "effective_from");
    }
    let effective_to = reader.date(&mut table, "effective_to");
    if let (Some((from, _)), Some((to, at))) = (effective_from, effective_to)
        && to < from
    {
        reader.report(
            at,
            "effective_to 早于 effective_from",
            "effective_to lies before effective_from",
        );
    }
    let retroactive = reader.boolean(&mut table, "retroactive").unwrap_or(false);
    let posts = posts(reader, &mut table);
    let requirements = requirements(reader, &mut table);
    let conversions = conversions(reader, &mut table);
    reader.done(table);
    Some(Policy {
        id: id?,
        version: version?.0,
        name: name?.0,
        effective_from: effective_from?.0,
        effective_to: effective_to.map(|(date, _)| date),
        retroactive,
        posts: posts?,
        requirements,
        conversions,
    })
}

fn id<'t, T>(
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

fn posts<'t>(reader: &mut Reader<'t>, table: &mut TableReader<'t>) -> Option<Vec<Post>> {
    let Some(mut scope) = reader.table(table, "scope") else {
        reader.missing(table, "[scope]");
        return None;
    };
    let words: Vec<&str> = Post::ALL.iter().map(|post| post.zh()).collect();
    let before = reader.count();
    let posts = reader.words(&mut scope, "post", &words, Post::from_word);
    if posts.as_ref().is_none_or(Vec::is_empty) && reader.count() == before {
        reader.missing(&scope, "post");
    }
    reader.done(scope);
    posts
}

fn requirements<'t>(reader: &mut Reader<'t>, table: &mut TableReader<'t>) -> Vec<Requirement> {
    let mut requirements: Vec<Requirement> = Vec::new();
    for mut row in reader.tables(table, "requirement") {
        let at = row.at();
        let Some(requirement) = requirement(reader, &mut row) else {
            continue;
        };
        reader.done(row);
        if requirements.iter().any(|other| other.id == requirement.id) {
            let id = requirement.id;
            reader.report(
                at,
                format!("要求 {id} 出现两次"),
                format!("requirement {id} stands twice"),
            );
        }
        requirements.push(requirement);
    }
    requirements
}

fn requirement<'t>(reader: &mut Reader<'t>, row: &mut TableReader<'t>) -> Option<Requirement> {
    let id = id(reader, row, "id", RuleId::new);
    let meter = reader
        .needed_string(row, "meter")
        .and_then(|(text, at)| reader.word("meter", &text, at, Meter::WORDS, Meter::from_word));
    let period = reader
        .needed_string(row, "period")
        .and_then(|(text, at)| reader.word("period", &text, at, Kind::WORDS, Kind::from_word));
    let min = reader.amount(row, "min");
    if min.is_none() {
        reader.missing(row, "min");
    }
    let target = reader.amount(row, "target");
    if let (Some((min, _)), Some((target, at))) = (min, target)
        && target < min
    {
        reader.report(at, "target 小于 min", "target is below min");
    }
    let lesson_words: Vec<&str> = LessonType::ALL.iter().map(|kind| kind.zh()).collect();
    let types = reader
        .words(row, "types", &lesson_words, LessonType::from_word)
        .unwrap_or_default();
    let month = |text: &str| text.parse::<u32>().ok().filter(|month| (1..=12).contains(month));
    let skip_months = reader
        .words(row, "skip_months", &["1", "…", "12"], month)
        .unwrap_or_default();
    let unit = reader.string(row, "unit").map(|(unit, _)| unit);
    let text = reader.string(row, "text").map_or_else(String::new, |(text, _)| text);
    let meter = meter?;
    Some(Requirement {
        id: id?,
        meter,
        period: period?,
        min: min?.0,
        target: target.map(|(target, _)| target),
        types,
        skip_months,
        unit: unit.unwrap_or_else(|| meter.unit_zh().to_owned()),
        text,
    })
}

fn conversions<'t>(reader: &mut Reader<'t>, table: &mut TableReader<'t>) -> Vec<Conversion> {
    let mut conversions = Vec::new();
    for mut row in reader.tables(table, "conversion") {
        let id = id(reader, &mut row, "id", RuleId::new);
        let kinds = &["attendance_recorded", "outreach_delivered"];
        let known = |text: &str| kinds.iter().position(|&kind| kind == text);
        let kind = reader
            .needed_string(&mut row, "kind")
            .and_then(|(text, at)| reader.word("kind", &text, at, kinds, known));
        let credits = match kind {
            Some(0) => attendance(reader, &mut row),
            Some(_) => outreach(reader, &mut row),
            None => None,
        };
        if kind.is_some() {
            reader.done(row);
        }
        conversions.extend(id.zip(credits).map(|(id, credits)| Conversion { id, credits }));
    }
    conversions
}

fn attendance<'t>(reader: &mut Reader<'t>, row: &mut TableReader<'t>) -> Option<Credits> {
    let words: Vec<&str> = AttendanceRole::ALL.iter().map(|role| role.zh()).collect();
    let roles = reader
        .words(row, "role", &words, AttendanceRole::from_word)
        .unwrap_or_default();
    only(reader, row, "hours", "hours_present")?;
    Some(Credits::AttendanceHours { roles })
}

fn outreach<'t>(reader: &mut Reader<'t>, row: &mut TableReader<'t>) -> Option<Credits> {
    let meter = only(reader, row, "meter", "lessons_given");
    only(reader, row, "count", "lessons").and(meter)?;
    Some(Credits::OutreachLessons)
}

/// Reads a key that has one possible value.
fn only<'t>(reader: &mut Reader<'t>, row: &mut TableReader<'t>, key: &str, word: &str) -> Option<()> {
    let (text, at) = reader.needed_string(row, key)?;
    reader.word(key, &text, at, &[word], |text| (text == word).then_some(()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Lang;

    #[test]
    fn every_problem_of_a_policy_is_reported_with_its_place_and_a_hint() {
        let text = r#"language = 2
id = "x y"
version = 0
name = "n"
effective_from = 2022-01-01
effective_to = 2021-01-01
[scope]
post = ["专职教研员", "诗人"]
[[requirement]]
id = "R1"
meter = "poems"
period = "calendar_year"
min = 0.5
colour = "red"
"#;
        let problems = Policy::parse(text).unwrap_err();
        let texts: Vec<_> = problems.iter().map(|problem| problem.text(Lang::En)).collect();
        assert!(
            texts.iter().any(|text| text.starts_with("1:12: language 2")),
            "{texts:#?}"
        );
        assert!(
            texts.iter().any(|text| text.starts_with("2:6: id \"x y\"")),
            "{texts:#?}"
        );
        assert!(
            texts.iter().any(|text| text.contains("post has no \"诗人\"")),
            "{texts:#?}"
        );
        assert!(
            texts.iter().any(|text| text.contains("quote decimals: min = \"0.5\"")),
            "{texts:#?}"
        );
        assert!(
            texts
                .iter()
                .any(|text| text.contains("meter has no \"poems\"; use one of")),
            "{texts:#?}"
        );
        assert!(
            texts.iter().any(|text| text.contains("effective_to lies before")),
            "{texts:#?}"
        );
    }
}

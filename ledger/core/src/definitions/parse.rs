//! Reading documents of definitions, with all their problems at once.

use super::{Carried, Counts, Definition, Definitions, Funnel, Paragraph, Part, Span, Staff, Topics, Trained, Wording};
use super::{DEFINITIONS_BYTES_MAX, FIGURES_MAX, FUNNELS_MAX, PARAGRAPHS_MAX};
use crate::codes::{Award, Level, Post, SessionType, TitleClass};
use crate::document::{Problem, Reader, TableReader};
use crate::event::OrganisationKind;
use crate::ids::FigureId;
use crate::policy::Word;
use crate::policy::parse::{id, number, one_of};

/// The version of the documents' language.
const LANGUAGE: u32 = 1;

/// The years that can be counted.
const YEARS: std::ops::RangeInclusive<u32> = 1950..=2999;

/// The words of organisations.
const ORGANISATIONS: [(&str, OrganisationKind, Option<bool>); 4] = [
    ("片区", OrganisationKind::Group, None),
    ("学科基地", OrganisationKind::Base, Some(false)),
    ("教研基地", OrganisationKind::Base, Some(true)),
    ("工作室", OrganisationKind::Studio, None),
];

/// The words of `since`.
const SINCE: [(&str, Span); 2] = [("year", Span::Year), ("founding", Span::SinceFounding)];

impl Definitions {
    /// Reads a document of definitions (TOML, described in `ledger/docs/figures.md`).
    ///
    /// # Errors
    ///
    /// All problems of the document, in the order of its text.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        let (mut reader, table) = Reader::at_most(text, DEFINITIONS_BYTES_MAX);
        let Some(table) = table else { return reader.finish(None) };
        let definitions = read(&mut reader, table);
        reader.finish(definitions)
    }
}

fn read<'t>(reader: &mut Reader<'t>, mut table: TableReader<'t>) -> Option<Definitions> {
    match reader.integer(&mut table, "figures_language") {
        Some((LANGUAGE, _)) => {}
        Some((_, at)) => reader.report(at, "figures_language 应为 1", "figures_language must be 1"),
        None => reader.missing(&table, "figures_language"),
    }
    let version = whole(reader, &mut table, "version", 1..=1_000_000);
    let name = reader.needed_string(&mut table, "name").map(|(name, _)| name);
    let from_year = whole(reader, &mut table, "from_year", YEARS);
    let mut figures: Vec<Definition> = Vec::new();
    for row in reader.tables_at_most(&mut table, "figure", FIGURES_MAX) {
        if let Some(definition) = figure(reader, row, &figures) {
            figures.push(definition);
        }
    }
    if figures.is_empty() {
        reader.missing(&table, "[[figure]]");
    }
    let mut funnels = Vec::new();
    for mut row in reader.tables_at_most(&mut table, "funnel", FUNNELS_MAX) {
        let name = reader.needed_string(&mut row, "name").map(|(name, _)| name);
        let steps = named(reader, &mut row, "steps", &figures);
        reader.done(row);
        funnels.extend(name.zip(steps).map(|(name, steps)| Funnel { name, steps }));
    }
    let mut paragraphs = Vec::new();
    for mut row in reader.tables_at_most(&mut table, "paragraph", PARAGRAPHS_MAX) {
        let heading = reader.needed_string(&mut row, "heading").map(|(text, _)| text);
        let text = reader.needed_string(&mut row, "text");
        reader.done(row);
        let parts = text.map(|(text, at)| pieces(reader, &text, at, &figures));
        paragraphs.extend(heading.zip(parts).map(|(heading, parts)| Paragraph { heading, parts }));
    }
    reader.done(table);
    Some(Definitions {
        version: version?,
        name: name?,
        from_year: i16::try_from(from_year?).ok()?,
        figures,
        funnels,
        paragraphs,
    })
}

/// A needed whole number within limits.
fn whole<'t>(
    reader: &mut Reader<'t>,
    table: &mut TableReader<'t>,
    key: &str,
    range: std::ops::RangeInclusive<u32>,
) -> Option<u32> {
    if !table.has(key) {
        reader.missing(table, key);
    }
    number(reader, table, key, *range.start(), *range.end())
}

/// One figure; it may name those before it, and so never itself.
fn figure<'t>(reader: &mut Reader<'t>, mut row: TableReader<'t>, before: &[Definition]) -> Option<Definition> {
    let at = row.at();
    let id = id(reader, &mut row, "id", FigureId::new);
    if let Some(id) = id.filter(|id| before.iter().any(|other| other.id == *id)) {
        reader.report(at, format!("编号 {id} 出现两次"), format!("the id {id} stands twice"));
    }
    let name = reader.needed_string(&mut row, "name").map(|(name, _)| name);
    let unit = reader.string(&mut row, "unit").map(|(unit, _)| unit);
    let counts = counts(reader, &mut row, before);
    let parts = if row.has("parts") {
        named(reader, &mut row, "parts", before).unwrap_or_default()
    } else {
        Vec::new()
    };
    let wording = wording(reader, &mut row);
    if unit.is_none() && !matches!(counts, Some(Counts::Share(..)) | None) {
        reader.missing(&row, "unit");
    }
    reader.done(row);
    Some(Definition {
        id: id?,
        name: name?,
        unit: unit.unwrap_or_default(),
        counts: counts?,
        parts,
        wording: wording?,
    })
}

/// Ids of figures that stand before this place.
fn named<'t>(
    reader: &mut Reader<'t>,
    table: &mut TableReader<'t>,
    key: &str,
    before: &[Definition],
) -> Option<Vec<FigureId>> {
    if !table.has(key) {
        reader.missing(table, key);
    }
    let texts = reader.strings(table, key)?;
    let ids = texts.iter().filter_map(|(text, at)| known(reader, text, *at, before));
    Some(ids.collect())
}

fn known(reader: &mut Reader<'_>, text: &str, at: usize, before: &[Definition]) -> Option<FigureId> {
    let found = before.iter().find(|definition| definition.id.as_str() == text);
    if found.is_none() {
        reader.report(
            at,
            format!("前面没有指标 {text}：只能用写在前面的指标，也就不会用到自己"),
            format!("no figure {text} stands before: a figure is made of earlier ones, and so never of itself"),
        );
    }
    found.map(|definition| definition.id)
}

fn wording<'t>(reader: &mut Reader<'t>, row: &mut TableReader<'t>) -> Option<Wording> {
    let word = reader.string(row, "wording");
    let step = if row.has("step") {
        Some(whole(reader, row, "step", 2..=1_000_000)?)
    } else {
        None
    };
    match (word.as_ref().map(|(word, at)| (word.as_str(), *at)), step) {
        (None, None) => Some(Wording::Exact),
        (None | Some(("余", _)), Some(step)) => Some(Wording::Over(step)),
        (Some(("近", _)), Some(step)) => Some(Wording::Near(step)),
        (Some(("余" | "近", at)), None) => {
            reader.report(
                at,
                "wording 要有 step，如 step = 100",
                "wording needs a step, such as step = 100",
            );
            None
        }
        (Some((other, at)), _) => {
            reader.report(
                at,
                format!("wording 没有 “{other}”；可用：余、近"),
                format!("wording has no {other:?}; use one of 余, 近"),
            );
            None
        }
    }
}

/// What is counted: `counts` with its filters, `sum` or `share`.
fn counts<'t>(reader: &mut Reader<'t>, row: &mut TableReader<'t>, before: &[Definition]) -> Option<Counts> {
    if row.has("sum") {
        return named(reader, row, "sum", before).map(Counts::Sum);
    }
    if row.has("share") {
        let at = row.at();
        let of = named(reader, row, "share", before)?;
        if let [part, whole] = of.as_slice() {
            return Some(Counts::Share(*part, *whole));
        }
        reader.report(
            at,
            "share 要写两个指标：[\"部分\", \"全部\"]",
            "share names two figures: [\"part\", \"whole\"]",
        );
        return None;
    }
    let (word, at) = reader.needed_string(row, "counts")?;
    let known: Vec<&str> = MEASURES.iter().map(|(word, _)| *word).collect();
    let read = reader.word("counts", &word, at, &known, |text| {
        MEASURES.iter().find(|(word, _)| *word == text).map(|(_, read)| *read)
    });
    read?(reader, row)
}

/// Reads the filters of what is counted.
type Measure = for<'t> fn(&mut Reader<'t>, &mut TableReader<'t>) -> Option<Counts>;

/// The words of `counts`, each with what reads its filters.
const MEASURES: [(&str, Measure); 24] = [
    ("training_person_times", |r, t| {
        Some(trained(Trained::PersonTimes, r, t))
    }),
    ("training_persons", |r, t| Some(trained(Trained::Persons, r, t))),
    ("training_hours", |r, t| Some(trained(Trained::Hours, r, t))),
    ("outreach_lessons", |_, _| Some(Counts::Outreach(Carried::Lessons))),
    ("outreach_talks", |_, _| Some(Counts::Outreach(Carried::Talks))),
    ("outreach_times", |_, _| Some(Counts::Outreach(Carried::Times))),
    ("sessions", |r, t| {
        let (of_bases, kinds, since) = of_sessions(r, t);
        Some(Counts::Sessions { of_bases, kinds, since })
    }),
    ("session_person_times", |r, t| {
        let (of_bases, kinds, since) = of_sessions(r, t);
        Some(Counts::Present { of_bases, kinds, since })
    }),
    ("organisations", organisations),
    ("candidates", |r, t| {
        let (class, level) = (classes(r, t), levels(r, t, "level"));
        Some(Counts::Candidates { class, level })
    }),
    ("titles", |r, t| {
        let (class, level) = (classes(r, t), levels(r, t, "level"));
        Some(Counts::Titles { class, level })
    }),
    ("recommended", |r, t| {
        Some(Counts::Recommended {
            to_level: levels(r, t, "to_level"),
            competition: names(r, t),
            class: classes(r, t),
        })
    }),
    ("entrants", |r, t| {
        let (competition, level) = (names(r, t), levels(r, t, "level"));
        Some(Counts::Entrants { competition, level })
    }),
    ("entrant_schools", |r, t| {
        let (competition, level) = (names(r, t), levels(r, t, "level"));
        Some(Counts::EntrantSchools { competition, level })
    }),
    ("winners", |r, t| {
        let (competition, level, award) = (names(r, t), levels(r, t, "level"), awards(r, t));
        Some(Counts::Winners {
            competition,
            level,
            award,
        })
    }),
    ("works_awarded", |r, t| {
        let (level, award) = (levels(r, t, "level"), awards(r, t));
        Some(Counts::Works { level, award })
    }),
    ("works_published", |r, t| {
        Some(Counts::Published {
            level: levels(r, t, "level"),
        })
    }),
    ("topics_approved", |r, t| Some(topics(Topics::Approved, r, t))),
    ("topics_concluded", |r, t| Some(topics(Topics::Concluded, r, t))),
    ("topics_running", |r, t| Some(topics(Topics::Running, r, t))),
    ("staff", |r, t| Some(staff(Staff::All, r, t))),
    ("staff_meeting", |r, t| Some(staff(Staff::Meeting, r, t))),
    ("schools", |_, _| Some(Counts::Schools)),
    ("noted", |_, _| Some(Counts::Noted)),
];

fn trained<'t>(of: Trained, reader: &mut Reader<'t>, row: &mut TableReader<'t>) -> Counts {
    let level = levels(reader, row, "level");
    Counts::Trained { of, level }
}

fn topics<'t>(of: Topics, reader: &mut Reader<'t>, row: &mut TableReader<'t>) -> Counts {
    let level = levels(reader, row, "level");
    Counts::Topics { of, level }
}

fn staff<'t>(of: Staff, reader: &mut Reader<'t>, row: &mut TableReader<'t>) -> Counts {
    let post = words(reader, row, "post", Post::ALL, Post::zh);
    Counts::Staff { of, post }
}

fn of_sessions<'t>(reader: &mut Reader<'t>, row: &mut TableReader<'t>) -> (bool, Vec<SessionType>, Span) {
    (
        reader.boolean(row, "base").unwrap_or(false),
        words(reader, row, "session_type", SessionType::ALL, SessionType::zh),
        one_of(reader, row, "since", &SINCE).unwrap_or_default(),
    )
}

fn organisations<'t>(reader: &mut Reader<'t>, row: &mut TableReader<'t>) -> Option<Counts> {
    let named = ORGANISATIONS.map(|(word, kind, research)| (word, (kind, research)));
    if !row.has("kind") {
        reader.missing(row, "kind");
    }
    let (kind, research) = one_of(reader, row, "kind", &named)?;
    let class = classes(reader, row);
    Some(Counts::Organisations { kind, research, class })
}

fn levels<'t>(reader: &mut Reader<'t>, row: &mut TableReader<'t>, key: &str) -> Vec<Level> {
    words(reader, row, key, Level::ALL, Level::zh)
}

fn awards<'t>(reader: &mut Reader<'t>, row: &mut TableReader<'t>) -> Vec<Award> {
    words(reader, row, "award", Award::ALL, Award::zh)
}

/// Values of a code by their words on screen; none if the key is not there.
fn words<'t, T: Copy>(
    reader: &mut Reader<'t>,
    row: &mut TableReader<'t>,
    key: &str,
    all: &[T],
    zh: impl Fn(T) -> &'static str,
) -> Vec<T> {
    let known: Vec<&str> = all.iter().map(|value| zh(*value)).collect();
    let value = |text: &str| all.iter().copied().find(|value| zh(*value) == text);
    reader.words(row, key, &known, value).unwrap_or_default()
}

fn classes<'t>(reader: &mut Reader<'t>, row: &mut TableReader<'t>) -> Vec<TitleClass> {
    words(reader, row, "class", TitleClass::ALL, TitleClass::zh)
}

/// Names of competitions.
fn names<'t>(reader: &mut Reader<'t>, row: &mut TableReader<'t>) -> Vec<Word> {
    let texts = reader.strings(row, "competition").unwrap_or_default();
    texts.iter().map(|(text, _)| Word::new(text)).collect()
}

/// A paragraph's text in pieces: `全年培训教师{trained}，其中……`.
fn pieces(reader: &mut Reader<'_>, text: &str, at: usize, figures: &[Definition]) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((words, behind)) = rest.split_once('{') {
        let Some((id, after)) = behind.split_once('}') else {
            reader.report(at, "“{” 没有对应的 “}”", "a { without its }");
            return parts;
        };
        if !words.is_empty() {
            parts.push(Part::Text(words.to_owned()));
        }
        match figures.iter().find(|definition| definition.id.as_str() == id) {
            Some(definition) => parts.push(Part::Figure(definition.id)),
            None => reader.report(at, format!("没有指标 {{{id}}}"), format!("there is no figure {{{id}}}")),
        }
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_counts_reads_as_what_calls_itself_so() {
        for (word, _) in MEASURES {
            let kind = if word == "organisations" {
                "kind = \"片区\"\n"
            } else {
                ""
            };
            let text = format!(
                "figures_language = 1\nversion = 1\nname = \"x\"\nfrom_year = 2022\n[[figure]]\nid = \"a\"\nname = \"甲\"\nunit = \"项\"\n\
                 counts = \"{word}\"\n{kind}"
            );
            let read = Definitions::parse(&text).unwrap();
            assert_eq!(read.figures[0].counts.word(), word);
        }
    }

    #[test]
    fn the_usual_definitions_can_be_read() {
        assert!(Definitions::usual().0.figures.len() > 30);
    }
}

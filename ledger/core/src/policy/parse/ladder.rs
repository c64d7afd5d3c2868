//! Reading `[[step]]`.

use super::values::{self, awards, id, levels, number, own_words};
use crate::codes::{Award, Level};
use crate::document::{Reader, TableReader};
use crate::ids::{PolicyId, RuleId};
use crate::policy::size::{COUNTS_MAX, STEPS_MAX};
use crate::policy::{Count, Fraction, LadderStep, Meter, Prize};
use crate::title::{has_titles, levels_of_titles, title_of, title_zh, titles_zh};

/// Most years that a step looks back, or asks of service.
const YEARS_MAX: u32 = 50;

/// Greatest age that a step can name.
const AGE_MAX: u32 = 120;

pub(super) fn read<'t>(reader: &mut Reader<'t>, table: &mut TableReader<'t>) -> Vec<LadderStep> {
    let mut steps: Vec<LadderStep> = Vec::new();
    for mut row in reader.tables_at_most(table, "step", STEPS_MAX) {
        let at = row.at();
        let step = step(reader, &mut row);
        reader.done(row);
        let Some(step) = step else { continue };
        let title = title_zh(step.class, step.level);
        if steps.iter().any(|other| other.id == step.id) {
            let id = step.id;
            reader.report(at, format!("台阶 {id} 出现两次"), format!("step {id} stands twice"));
        }
        if steps
            .iter()
            .any(|other| (other.class, other.level) == (step.class, step.level))
        {
            reader.report(
                at,
                format!("{title} 已有一个台阶"),
                format!("there is a step to {title} already"),
            );
        }
        if step.after.contains(&(step.class, step.level)) {
            reader.report(
                at,
                format!("{title} 不能以自身为前提"),
                format!("{title} cannot presuppose itself"),
            );
        }
        steps.push(step);
    }
    steps
}

fn step<'t>(reader: &mut Reader<'t>, row: &mut TableReader<'t>) -> Option<LadderStep> {
    let id = id(reader, row, "id", RuleId::new);
    let title = reader.needed_string(row, "title");
    let words = titles_zh();
    let known: Vec<&str> = words.iter().map(String::as_str).collect();
    let title = title.and_then(|(text, at)| reader.word("title", &text, at, &known, title_of));
    let after = reader.words(row, "after", &known, title_of).unwrap_or_default();
    let recommended = reader.boolean(row, "recommended").unwrap_or(false);
    let candidate = candidate(reader, row);
    let career_years = years(reader, row, "career_years");
    let age_max = number(reader, row, "age_max", 1, AGE_MAX).and_then(|age| u8::try_from(age).ok());
    let ranks = own_words(reader, row, "rank").unwrap_or_default();
    let prize = prize(reader, row);
    let counts = counts(reader, row);
    let text = reader.string(row, "text").map_or_else(String::new, |(text, _)| text);
    let (class, level) = title?;
    Some(LadderStep {
        id: id?,
        class,
        level,
        after,
        recommended,
        candidate,
        career_years,
        age_max,
        ranks,
        prize,
        counts,
        text,
    })
}

/// The years since she was chosen, 0 if none are asked for.
fn candidate<'t>(reader: &mut Reader<'t>, row: &mut TableReader<'t>) -> Option<i16> {
    let at = row.at();
    let needed = reader.boolean(row, "candidate").unwrap_or(false);
    let years = years(reader, row, "candidate_years");
    if years.is_some() && !needed {
        reader.report(
            at,
            "candidate_years 须与 candidate = true 一起写",
            "candidate_years goes with candidate = true only",
        );
    }
    needed.then(|| years.unwrap_or(0))
}

/// `[target]`: shares by level.
pub(super) fn targets<'t>(reader: &mut Reader<'t>, table: &mut TableReader<'t>) -> Vec<(Level, Fraction)> {
    let known: Vec<&str> = levels_of_titles().map(Level::zh).collect();
    let level = |text: &str| Level::from_word(text).filter(|level| has_titles(*level));
    let share = |reader: &mut Reader<'t>, inner: &mut TableReader<'t>, word: &str| values::share(reader, inner, word);
    values::by_word(reader, table, "target", (&known, level), share).unwrap_or_default()
}

fn years<'t>(reader: &mut Reader<'t>, row: &mut TableReader<'t>, key: &str) -> Option<i16> {
    number(reader, row, key, 1, YEARS_MAX).and_then(|years| i16::try_from(years).ok())
}

fn prize<'t>(reader: &mut Reader<'t>, row: &mut TableReader<'t>) -> Option<Prize> {
    let mut prize = reader.table(row, "prize")?;
    let found = Prize {
        levels: reader
            .words(&mut prize, "level", &levels(), Level::from_word)
            .unwrap_or_default(),
        awards: reader
            .words(&mut prize, "award", &awards(), Award::from_word)
            .unwrap_or_default(),
        years: years(reader, &mut prize, "years"),
    };
    reader.done(prize);
    Some(found)
}

fn counts<'t>(reader: &mut Reader<'t>, row: &mut TableReader<'t>) -> Vec<Count> {
    let mut counts = Vec::new();
    for mut inner in reader.tables_at_most(row, "count", COUNTS_MAX) {
        let meter = reader.needed_string(&mut inner, "meter");
        let meter = meter.and_then(|(text, at)| reader.word("meter", &text, at, Meter::WORDS, Meter::from_word));
        let min = reader.amount(&mut inner, "min");
        if !inner.has("min") {
            reader.missing(&inner, "min");
        }
        let years = years(reader, &mut inner, "years");
        let under = inner
            .has("under")
            .then(|| id(reader, &mut inner, "under", PolicyId::new));
        reader.done(inner);
        if let (Some(meter), Some((min, _)), false) = (meter, min, under == Some(None)) {
            counts.push(Count {
                meter,
                min,
                years,
                under: under.flatten(),
            });
        }
    }
    counts
}

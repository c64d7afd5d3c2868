//! Reading policy documents, with all their problems at once.

mod certificates;
mod conversions;
mod ladder;
mod limits;
mod requirements;
mod values;

use std::sync::Arc;

use jiff::civil::Date;

pub(crate) use self::values::{id, number, one_of};
use super::size::{CYCLE_DAYS_MIN, POLICY_BYTES_MAX};
use super::{
    Attribution, Cycle, CycleStart, FirstPeriod, Fraction, Grace, GraceTakes, LANGUAGE, Length, OwnDay, Policy,
    ReviewRules, Rounding, office,
};
use crate::codes::Post;
use crate::document::{Problem, Reader, TableReader};
use crate::event::check::DAYS;
use crate::ids::PolicyId;

/// Most years of one cycle.
const CYCLE_YEARS_MAX: u32 = 50;

/// Most days of one cycle.
const CYCLE_DAYS_MAX: u32 = 18_262;

/// Most months of a grace window.
const GRACE_MONTHS_MAX: u32 = 24;

/// Most days of a grace window.
const GRACE_DAYS_MAX: u32 = 731;

impl Policy {
    /// Reads a policy document (TOML, described in `ledger/docs/policy.md`).
    ///
    /// # Errors
    ///
    /// All problems of the document, in the order of its text.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        let (mut reader, table) = Reader::at_most(text, POLICY_BYTES_MAX);
        let Some(table) = table else { return reader.finish(None) };
        let policy = read(&mut reader, table);
        reader.finish(policy)
    }
}

fn read<'t>(reader: &mut Reader<'t>, mut table: TableReader<'t>) -> Option<Policy> {
    language(reader, &mut table);
    let id = id(reader, &mut table, "id", PolicyId::new);
    let version = reader.integer(&mut table, "version");
    match version {
        Some((0, at)) => reader.report(at, "version 从 1 开始", "version begins at 1"),
        None => reader.missing(&table, "version"),
        Some(_) => {}
    }
    let name = reader.needed_string(&mut table, "name");
    let effective_from = day(reader, &mut table, "effective_from");
    if effective_from.is_none() {
        reader.missing(&table, "effective_from");
    }
    let effective_to = day(reader, &mut table, "effective_to");
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
    let first_period = one_of(reader, &mut table, "first_period", FIRST_PERIODS).unwrap_or_default();
    let attribution = one_of(reader, &mut table, "attribution", ATTRIBUTIONS).unwrap_or(Attribution::End);
    let rounding = one_of(reader, &mut table, "rounding", ROUNDINGS).unwrap_or(Rounding::HalfUpHundredth);
    let min_presence = values::share(reader, &mut table, "min_presence");
    let same_work = one_of(reader, &mut table, "same_work", SAME_WORK).unwrap_or(true);
    let scope = scope(reader, &mut table);
    let cycle = cycle(reader, &mut table);
    let requirements = requirements::read(reader, &mut table, cycle.is_some());
    let conversions = conversions::read(reader, &mut table, cycle.is_some());
    let caps = limits::caps(reader, &mut table, &requirements, cycle.is_some());
    let substitutions = limits::substitutions(reader, &mut table, &requirements);
    let one_of = limits::one_of(reader, &mut table, &requirements);
    let certificates = certificates::read(reader, &mut table);
    let review = ReviewRules::read(reader, &mut table);
    let assignment_terms = office::terms(reader, &mut table);
    let midterm_months = office::midterm(reader, &mut table);
    requirements::check(reader, &requirements, &caps, &substitutions);
    let steps = ladder::read(reader, &mut table);
    let targets = ladder::targets(reader, &mut table);
    reader.done(table);
    let (posts, by_share) = scope?;
    let policy = Policy {
        id: id?,
        version: version?.0,
        name: name?.0,
        effective_from: effective_from?.0,
        effective_to: effective_to.map(|(date, _)| date),
        retroactive,
        posts,
        by_share,
        cycle,
        first_period,
        attribution,
        rounding,
        min_presence: min_presence.or_else(|| Fraction::parse("2/3").ok())?,
        same_work_best_only: same_work,
        requirements: requirements
            .into_iter()
            .map(|(requirement, _)| Arc::new(requirement))
            .collect(),
        conversions,
        caps,
        substitutions,
        one_of,
        certificates,
        steps,
        targets,
        review,
        assignment_terms,
        midterm_months,
    };
    Some(policy)
}

const FIRST_PERIODS: &[(&str, FirstPeriod)] = &[
    ("not_due", FirstPeriod::NotDue),
    ("full", FirstPeriod::Full),
    ("prorated", FirstPeriod::Prorated),
];

const ATTRIBUTIONS: &[(&str, Attribution)] = &[
    ("end", Attribution::End),
    ("start", Attribution::Start),
    ("split_by_session", Attribution::Split),
];

const ROUNDINGS: &[(&str, Rounding)] = &[
    ("half_up_0.01", Rounding::HalfUpHundredth),
    ("down_0.01", Rounding::DownHundredth),
    ("down_1", Rounding::DownWhole),
];

const SAME_WORK: &[(&str, bool)] = &[("best_only", true), ("all", false)];

const OWN_DAYS: &[(&str, OwnDay)] = &[
    ("hired_on", OwnDay::HiredOn),
    ("career_from", OwnDay::CareerFrom),
    ("title", OwnDay::Title),
];

/// A day that an event may name too: periods are counted from it to the one asked about, which must not be thousands.
fn day<'t>(reader: &mut Reader<'t>, table: &mut TableReader<'t>, key: &str) -> Option<(Date, usize)> {
    let (day, at) = reader.date(table, key)?;
    if !(DAYS.0..=DAYS.1).contains(&day) {
        let (first, last) = (DAYS.0.year(), DAYS.1.year());
        reader.report(
            at,
            format!("{key} 应在 {first} 年至 {last} 年之间"),
            format!("{key} must lie between {first} and {last}"),
        );
    }
    Some((day, at))
}

fn language<'t>(reader: &mut Reader<'t>, table: &mut TableReader<'t>) {
    match reader.integer(table, "language") {
        Some((LANGUAGE, _)) => {}
        Some((other, at)) => reader.report(
            at,
            format!("language = {other} 是本版本不认识的规则语言版本；现为 {LANGUAGE}"),
            format!("language {other} is not known to this release; write language = {LANGUAGE}"),
        ),
        None => reader.missing(table, "language"),
    }
}

fn scope<'t>(reader: &mut Reader<'t>, table: &mut TableReader<'t>) -> Option<(Vec<Post>, bool)> {
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
    let by_share = reader.boolean(&mut scope, "by_share").unwrap_or(true);
    reader.done(scope);
    posts.map(|posts| (posts, by_share))
}

fn cycle<'t>(reader: &mut Reader<'t>, table: &mut TableReader<'t>) -> Option<Cycle> {
    let mut cycle = reader.table(table, "cycle")?;
    let from = day(reader, &mut cycle, "from");
    let to = day(reader, &mut cycle, "to");
    let own = one_of(reader, &mut cycle, "start", OWN_DAYS);
    let length = length(
        reader,
        &mut cycle,
        [("years", 1, CYCLE_YEARS_MAX), ("days", CYCLE_DAYS_MIN, CYCLE_DAYS_MAX)],
    );
    let window = [("grace_months", 1, GRACE_MONTHS_MAX), ("grace_days", 1, GRACE_DAYS_MAX)];
    let window = self::length(reader, &mut cycle, window);
    let kinds = &[
        ("ended", GraceTakes::All),
        ("ended_if_short", GraceTakes::WhileShort),
        ("ended_until_all_met", GraceTakes::UntilAllMet),
    ];
    let takes = one_of(reader, &mut cycle, "grace", kinds);
    let at = cycle.at();
    if window.is_none() && takes.is_some() {
        reader.missing(&cycle, "grace_months");
    }
    reader.done(cycle);
    let start = match (from, to, own, length) {
        (Some((from, _)), Some((to, to_at)), None, None) => {
            if to < from {
                reader.report(to_at, "周期的结束日期早于开始日期", "the cycle ends before it begins");
            }
            CycleStart::Once(from, to)
        }
        (Some((from, _)), None, None, Some(length)) => CycleStart::Every(from, length),
        (None, None, Some(own), Some(length)) => CycleStart::Own(own, length),
        _ => {
            reader.report(
                at,
                "[cycle] 须写 from 与 to、或 from 与 years（或 days）、或 start 与 years（或 days）之一",
                "[cycle] needs either from and to, or from and years (or days), or start and years (or days)",
            );
            return None;
        }
    };
    let grace = window.map(|window| Grace {
        window,
        takes: takes.unwrap_or(GraceTakes::All),
    });
    Some(Cycle { start, grace })
}

/// A length in years, months or days, as the one key that is there says.
fn length<'t>(reader: &mut Reader<'t>, table: &mut TableReader<'t>, keys: [(&str, u32, u32); 2]) -> Option<Length> {
    let at = table.at();
    let [one, other] = keys.map(|(key, min, max)| {
        let number = values::number(reader, table, key, min, max).and_then(|number| i32::try_from(number).ok())?;
        Some(match key {
            "years" => Length::Years(i16::try_from(number).ok()?),
            "grace_months" => Length::Months(number),
            _ => Length::Days(number),
        })
    });
    if one.is_some() && other.is_some() {
        let [one, other] = keys.map(|(key, ..)| key);
        reader.report(
            at,
            format!("{one} 与 {other} 只能写一个"),
            format!("write either {one} or {other}"),
        );
    }
    one.or(other)
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

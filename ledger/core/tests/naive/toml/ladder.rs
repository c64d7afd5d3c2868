//! The steps of a ladder.

use std::fmt::Write as _;

use keshi_core::codes::{Level, TitleClass};

use super::{amount, code, list, quoted};
use crate::model::Step;

fn title((class, level): (TitleClass, Level)) -> String {
    quoted(&format!("{}{}", level.zh(), class.zh()))
}

pub fn step(row: &Step) -> String {
    let mut out = format!(
        "[[step]]\nid = \"{}\"\ntitle = {}\nrecommended = {}\n",
        row.id,
        title((row.class, row.level)),
        row.recommended
    );
    let mut line = |key: &str, value: String| writeln!(out, "{key} = {value}").unwrap();
    if !row.after.is_empty() {
        line("after", list(&row.after, |one| title(*one)));
    }
    if let Some(years) = row.candidate {
        line("candidate", "true".to_owned());
        if years > 0 {
            line("candidate_years", years.to_string());
        }
    }
    if let Some(years) = row.career_years {
        line("career_years", years.to_string());
    }
    if !row.ranks.is_empty() {
        line("rank", list(&row.ranks, |rank| quoted(rank)));
    }
    let within = |years: Option<i64>| years.map(|years| format!("years = {years}"));
    if let Some(prize) = &row.prize {
        let levels =
            (!prize.levels.is_empty()).then(|| format!("level = {}", list(&prize.levels, |level| code(*level))));
        let awards = list(&prize.awards, |award| quoted(award.zh()));
        let awards = (!prize.awards.is_empty()).then(|| format!("award = {awards}"));
        let keys: Vec<String> = levels.into_iter().chain(awards).chain(within(prize.years)).collect();
        line("prize", format!("{{{}}}", keys.join(", ")));
    }
    if let Some((min, years)) = row.observed {
        let keys = [format!("meter = \"lessons_observed\", min = {}", amount(min))];
        let keys: Vec<String> = keys.into_iter().chain(within(years)).collect();
        line("count", format!("[{{{}}}]", keys.join(", ")));
    }
    out
}

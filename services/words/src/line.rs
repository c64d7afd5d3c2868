//! The lines of a balance, and how a requirement comes about, in words.

use keshi_core::lang::Lang;
use keshi_proto::api::{self, Line};

use crate::names::{amount, unit};
use crate::time::date;

/// What limits and caps took.
pub fn cuts(line: &Line, lang: Lang) -> String {
    let cuts = line.cuts.iter();
    let cuts = cuts.map(|cut| format!("{} −{}", cut.rule_id, amount(cut.centiamount)));
    cuts.collect::<Vec<_>>().join(lang.pick("、", ", "))
}

/// The conversion; of another version than the section's also that.
pub fn rule(line: &Line, version: u32) -> String {
    if line.rule_id.is_empty() || line.version == version || line.version == 0 {
        line.rule_id.clone()
    } else {
        format!("{}@{}", line.rule_id, line.version)
    }
}

/// Why a line counts nothing, and what else is to be said of it.
pub fn note(line: &Line, lang: Lang) -> String {
    let mut notes: Vec<String> = Vec::new();
    let why_not = lang.pick(&line.why_not_zh, &line.why_not_en);
    if !why_not.is_empty() {
        notes.push(why_not.clone());
    }
    if line.on.is_some() && line.on != line.to {
        let on = date(line.on.as_ref());
        notes.push(lang.pick(format!("归属 {on}"), format!("counts on {on}")));
    }
    if let Some(other) = line.overlaps {
        notes.push(lang.pick(
            format!("与第 {other} 条同机构同日期，或为重复提交，请核对"),
            format!("same provider and days as entry {other}: perhaps posted twice"),
        ));
    }
    notes.join(lang.pick("；", "; "))
}

/// Whether the line falls into the period asked about.
pub fn is_in(line: &Line, balance: &api::Balance) -> bool {
    let key = |date: Option<&keshi_proto::event::Date>| date.map(|date| (date.year, date.month, date.day));
    let on = key(line.on.as_ref().or(line.to.as_ref()));
    key(balance.from.as_ref()) <= on && on <= key(balance.to.as_ref())
}

/// `R1 2022: lines 1–3, 5: 78 + carried in … 12 = 90`, and how the minimum came about where it is not the stated one.
pub fn sum(standing: &api::Standing, lines: &[Line], lang: Lang) -> String {
    let of_lines: i64 = standing
        .line_positions
        .iter()
        .filter_map(|&place| lines.get(usize::try_from(place).ok()?))
        .map(|line| line.counted_centiamount)
        .sum();
    let numbers = ranges(&standing.line_positions);
    let mut text = format!("{} {}  ", standing.requirement_id, standing.period);
    text.push_str(&match standing.line_positions.as_slice() {
        [] if standing.adjustments.is_empty() => lang.pick("没有条目", "no lines").to_owned(),
        [] => "0".to_owned(),
        _ => lang.pick(
            format!("第 {numbers} 笔 {}", amount(of_lines)),
            format!("lines {numbers}: {}", amount(of_lines)),
        ),
    });
    for adjustment in &standing.adjustments {
        let sign = if adjustment.centiamount < 0 { '−' } else { '+' };
        let amount = amount(adjustment.centiamount).replace('-', "");
        let what = lang.pick(&adjustment.text_zh, &adjustment.text_en);
        text.push_str(&lang.pick(
            format!(" {sign} {amount}（{what}）"),
            format!(" {sign} {amount} ({what})"),
        ));
    }
    let unit = unit(&standing.unit, &standing.meter, lang);
    let counted = amount(standing.counted_centiamount);
    let minimum = minimum(standing, lang);
    format!("{text} = {counted} {unit}{minimum}")
}

/// How the minimum came about; nothing where it is the stated one.
fn minimum(standing: &api::Standing, lang: Lang) -> String {
    if standing.min_centiamount == standing.stated_min_centiamount {
        return String::new();
    }
    let [min, prorated, stated] = [
        standing.min_centiamount,
        standing.prorated_min_centiamount,
        standing.stated_min_centiamount,
    ]
    .map(amount);
    let mut text = lang.pick(
        format!("；最低 {min}：规则 {stated}"),
        format!("; minimum {min}: stated {stated}"),
    );
    if standing.prorated_min_centiamount != standing.stated_min_centiamount {
        text.push_str(&lang.pick(
            format!("，按在岗时间和份额 {prorated}"),
            format!(", by time and share in post {prorated}"),
        ));
    }
    for exempted in &standing.exempted {
        let (index, by) = (exempted.index, amount(exempted.reduce_by_centiamount));
        text.push_str(&lang.pick(
            format!("，减免 {by}（第 {index} 条）"),
            format!(", exempted {by} (entry {index})"),
        ));
    }
    text
}

/// Positions, from 0 on, as numbers from 1 on: `1–3, 5`.
fn ranges(positions: &[u32]) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for &place in positions {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == place => *last = place,
            _ => runs.push((place, place)),
        }
    }
    let texts: Vec<String> = runs
        .into_iter()
        .map(|(first, last)| match last - first {
            0 => (first + 1).to_string(),
            _ => format!("{}–{}", first + 1, last + 1),
        })
        .collect();
    texts.join(", ")
}

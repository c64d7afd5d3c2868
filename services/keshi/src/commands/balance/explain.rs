//! The entries behind a balance, in such a way that a reader can add up to it.

use std::collections::BTreeMap;

use keshi_core::lang::Lang;
use keshi_proto::api::{self, Line, PolicyBalance};

use crate::commands::shared::{date, dates};
use crate::show::add;
use crate::show::table::{Align, Table, Width};
use crate::texts::names::{amount, meter, unit};

/// Lines, their totals, and what each requirement adds up to.
pub(super) fn render(policy: &PolicyBalance, balance: &api::Balance, lang: Lang, width: Width) -> String {
    if policy.lines.is_empty() && policy.standings.is_empty() {
        return lang.pick("  没有条目\n", "  no entries\n").to_owned();
    }
    let mut text = String::new();
    if policy.lines.is_empty() {
        add(&mut text, lang.pick("  没有条目\n", "  no entries\n"));
    } else {
        add(&mut text, lines(policy, lang, width));
        add(&mut text, totals(policy, balance, lang));
    }
    if !policy.standings.is_empty() {
        add(
            &mut text,
            lang.pick("\n  各项要求的合成：\n", "\n  what each requirement adds up to:\n"),
        );
        for standing in &policy.standings {
            add(&mut text, format!("    {}\n", sum(standing, &policy.lines, lang)));
        }
    }
    text
}

fn lines(policy: &PolicyBalance, lang: Lang, width: Width) -> String {
    let mut table = Table::new([
        (lang.pick("序", "no"), Align::Right),
        (lang.pick("日期", "date"), Align::Left),
        (lang.pick("事项", "what"), Align::Left),
        (lang.pick("种类", "kind"), Align::Left),
        (lang.pick("计量", "meter"), Align::Left),
        (lang.pick("申报", "asked"), Align::Right),
        (lang.pick("折算", "converted"), Align::Right),
        (lang.pick("依据", "rule"), Align::Left),
        (lang.pick("扣减", "cut by"), Align::Left),
        (lang.pick("计入", "counted"), Align::Right),
        (lang.pick("条目", "entry"), Align::Right),
        (lang.pick("说明", "note"), Align::Left),
    ])
    .indented(2);
    for (place, line) in (1..).zip(&policy.lines) {
        let number: u32 = place;
        table.row([
            number.to_string(),
            dates(line.from.as_ref(), line.to.as_ref()),
            line.what.clone(),
            lang.pick(&line.kind_zh, &line.kind).clone(),
            meter(&line.meter, lang),
            amount(line.asked_centiamount),
            amount(line.converted_centiamount),
            rule(line, policy.version),
            cuts(line, lang),
            amount(line.counted_centiamount),
            line.index.to_string(),
            note(line, lang),
        ]);
    }
    table.render(width)
}

/// What limits and caps took.
pub(super) fn cuts(line: &Line, lang: Lang) -> String {
    let cuts = line.cuts.iter();
    let cuts = cuts.map(|cut| format!("{} −{}", cut.rule_id, amount(cut.centiamount)));
    cuts.collect::<Vec<_>>().join(lang.pick("、", ", "))
}

/// The conversion; of another version than the section's also that.
pub(super) fn rule(line: &Line, version: u32) -> String {
    if line.rule_id.is_empty() || line.version == version || line.version == 0 {
        line.rule_id.clone()
    } else {
        format!("{}@{}", line.rule_id, line.version)
    }
}

/// Why a line counts nothing, and what else is to be said of it.
pub(super) fn note(line: &Line, lang: Lang) -> String {
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

/// Sums of one meter over all lines.
#[derive(Default)]
struct Sums {
    converted: i64,
    cut: i64,
    not_counted: i64,
    counted: i64,
    in_period: i64,
}

fn totals(policy: &PolicyBalance, balance: &api::Balance, lang: Lang) -> String {
    let mut meters: BTreeMap<usize, (&str, Sums)> = BTreeMap::new();
    for line in &policy.lines {
        let place = policy.meters.iter().position(|total| total.meter == line.meter);
        let (_, sums) = meters
            .entry(place.unwrap_or(usize::MAX))
            .or_insert_with(|| (&line.meter, Sums::default()));
        let counts = line.why_not_code.is_empty();
        let cut: i64 = if counts {
            line.cuts.iter().map(|cut| cut.centiamount).sum()
        } else {
            0
        };
        sums.converted += line.converted_centiamount;
        sums.cut += cut;
        sums.not_counted += if counts { 0 } else { line.converted_centiamount };
        sums.counted += line.counted_centiamount;
        if is_in(line, balance) {
            sums.in_period += line.counted_centiamount;
        }
    }
    let mut text = String::new();
    for (name, sums) in meters.into_values() {
        let unit = unit("", name, lang);
        let Sums {
            converted,
            cut,
            not_counted,
            counted,
            in_period,
        } = sums;
        let [converted, cut, not_counted, counted_text] = [converted, cut, not_counted, counted].map(amount);
        add(
            &mut text,
            lang.pick(
                format!(
                    "  合计 {}：折算 {converted} − 封顶扣减 {cut} − 未计 {not_counted} = 计入 {counted_text} {unit}",
                    meter(name, lang)
                ),
                format!(
                    "  total {}: converted {converted} − cut {cut} − not counted {not_counted} = counted {counted_text} {unit}",
                    meter(name, lang)
                ),
            ),
        );
        if in_period != counted {
            let (period, inside) = (&balance.period, amount(in_period));
            add(
                &mut text,
                lang.pick(
                    format!("，其中 {period} 期间内 {inside}"),
                    format!(", of it {inside} in {period}"),
                ),
            );
        }
        text.push('\n');
    }
    text
}

/// Whether the line falls into the period asked about.
fn is_in(line: &Line, balance: &api::Balance) -> bool {
    let key = |date: Option<&keshi_proto::event::Date>| date.map(|date| (date.year, date.month, date.day));
    let on = key(line.on.as_ref().or(line.to.as_ref()));
    key(balance.from.as_ref()) <= on && on <= key(balance.to.as_ref())
}

/// `R1 2022: lines 1–3, 5: 78 + carried in … 12 = 90`, and how the minimum came about where it is not the stated one.
fn sum(standing: &api::Standing, lines: &[Line], lang: Lang) -> String {
    let of_lines: i64 = standing
        .line_positions
        .iter()
        .filter_map(|&place| lines.get(usize::try_from(place).ok()?))
        .map(|line| line.counted_centiamount)
        .sum();
    let numbers = ranges(&standing.line_positions);
    let mut text = format!("{} {}  ", standing.requirement_id, standing.period);
    add(
        &mut text,
        match standing.line_positions.as_slice() {
            [] if standing.adjustments.is_empty() => lang.pick("没有条目", "no lines").to_owned(),
            [] => "0".to_owned(),
            _ => lang.pick(
                format!("第 {numbers} 笔 {}", amount(of_lines)),
                format!("lines {numbers}: {}", amount(of_lines)),
            ),
        },
    );
    for adjustment in &standing.adjustments {
        let sign = if adjustment.centiamount < 0 { '−' } else { '+' };
        let amount = amount(adjustment.centiamount).replace('-', "");
        let what = lang.pick(&adjustment.text_zh, &adjustment.text_en);
        add(
            &mut text,
            lang.pick(
                format!(" {sign} {amount}（{what}）"),
                format!(" {sign} {amount} ({what})"),
            ),
        );
    }
    let unit = unit(&standing.unit, &standing.meter, lang);
    add(&mut text, format!(" = {} {unit}", amount(standing.counted_centiamount)));
    add(&mut text, minimum(standing, lang));
    text
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
        add(
            &mut text,
            lang.pick(
                format!("，按在岗时间和份额 {prorated}"),
                format!(", by time and share in post {prorated}"),
            ),
        );
    }
    for exempted in &standing.exempted {
        let (index, by) = (exempted.index, amount(exempted.reduce_by_centiamount));
        add(
            &mut text,
            lang.pick(
                format!("，减免 {by}（第 {index} 条）"),
                format!(", exempted {by} (entry {index})"),
            ),
        );
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

//! The entries behind a balance, in such a way that a reader can add up to it.

use std::collections::BTreeMap;

use keshi_core::lang::Lang;
use keshi_proto::api::{self, PolicyBalance};

use keshi_words::line::{cuts, is_in, note, rule, sum};

use crate::commands::shared::dates;
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

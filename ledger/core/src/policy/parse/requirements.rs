//! Reading `[[requirement]]`.

use super::values::{filter, id, number, one_of, share};
use crate::codes::{LessonType, Post};
use crate::document::{Reader, TableReader};
use crate::hours::Hours;
use crate::ids::RuleId;
use crate::period::Kind;
use crate::policy::size::{CARRIES_MAX, REQUIREMENTS_MAX};
use crate::policy::{Cap, Carry, Ceiling, Fraction, Meter, OnlyIf, Prorate, Requirement, Substitution};

/// A requirement and its place in the text.
pub(super) type Placed = (Requirement, usize);

pub(super) fn read<'t>(reader: &mut Reader<'t>, table: &mut TableReader<'t>, has_cycle: bool) -> Vec<Placed> {
    let mut requirements: Vec<Placed> = Vec::new();
    for mut row in reader.tables_at_most(table, "requirement", REQUIREMENTS_MAX) {
        let at = row.at();
        let requirement = requirement(reader, &mut row, has_cycle);
        reader.done(row);
        let Some(requirement) = requirement else { continue };
        if requirements.iter().any(|(other, _)| other.id == requirement.id) {
            let id = requirement.id;
            reader.report(
                at,
                format!("要求 {id} 出现两次"),
                format!("requirement {id} stands twice"),
            );
        }
        requirements.push((requirement, at));
    }
    let mut carrying = requirements
        .iter()
        .filter(|(requirement, _)| requirement.carry.is_some());
    if let Some(&(_, at)) = carrying.nth(CARRIES_MAX) {
        reader.report(
            at,
            format!("至多 {CARRIES_MAX} 项要求可写 carry"),
            format!("at most {CARRIES_MAX} requirements may have carry"),
        );
    }
    requirements
}

/// The kind of period under `key`; a cycle only where the document has one.
pub(super) fn period<'t>(
    reader: &mut Reader<'t>,
    row: &mut TableReader<'t>,
    key: &str,
    has_cycle: bool,
) -> Option<Kind> {
    let (text, at) = reader.needed_string(row, key)?;
    let kind = reader.word(key, &text, at, Kind::WORDS, Kind::from_word)?;
    if kind == Kind::Cycle && !has_cycle {
        reader.report(
            at,
            "文件没有 [cycle]，不能按周期计算",
            "the document has no [cycle] to count by",
        );
        return None;
    }
    Some(kind)
}

fn requirement<'t>(reader: &mut Reader<'t>, row: &mut TableReader<'t>, has_cycle: bool) -> Option<Requirement> {
    let id = id(reader, row, "id", RuleId::new);
    let meter = meter(reader, row);
    let period = period(reader, row, "period", has_cycle);
    let share_of = min_share_of(reader, row);
    let min = match share_of {
        Some(_) => Some((Hours::ZERO, row.at())),
        None => reader.amount(row, "min"),
    };
    if min.is_none() && !row.has("min_share_of") {
        reader.missing(row, "min");
    }
    let target = reader.amount(row, "target");
    if let (Some((min, _)), Some((target, at))) = (min, target)
        && target < min
    {
        reader.report(at, "target 小于 min", "target is below min");
    }
    let filter = filter(reader, row, "where");
    let lesson_words: Vec<&str> = LessonType::ALL.iter().map(|kind| kind.zh()).collect();
    let types = reader
        .words(row, "types", &lesson_words, LessonType::from_word)
        .unwrap_or_default();
    let only_if = only_if(reader, row);
    let skip_months = skip_months(reader, row, period);
    let prorate = prorate(reader, row, period);
    let then_record = reader.amount(row, "then_record");
    if let Some((_, at)) = then_record.filter(|_| period.is_some_and(|kind| kind != Kind::ProbationYear)) {
        reader.report(
            at,
            "then_record 只用于 probation_year",
            "then_record goes with period = \"probation_year\" only",
        );
    }
    if let (Some((min, _)), Some((_, at))) = (
        min,
        then_record.filter(|(record, _)| min.is_some_and(|(min, _)| *record > min)),
    ) {
        reader.report(
            at,
            format!("then_record 大于 min（{min}）"),
            format!("then_record is above min, which is {min}"),
        );
    }
    let carry = carry(reader, row, has_cycle);
    let unit = reader.string(row, "unit").map(|(unit, _)| unit);
    let text = reader.string(row, "text").map_or_else(String::new, |(text, _)| text);
    let meter = meter?;
    Some(Requirement {
        id: id?,
        meter,
        period: period?,
        min: min?.0,
        min_share_of: share_of,
        target: target.map(|(target, _)| target),
        filter,
        types,
        only_if,
        skip_months,
        prorate,
        then_record: then_record.map(|(amount, _)| amount),
        carry,
        unit: unit.unwrap_or_else(|| meter.unit_zh().to_owned()),
        text,
    })
}

fn meter<'t>(reader: &mut Reader<'t>, row: &mut TableReader<'t>) -> Option<Meter> {
    let (text, at) = reader.needed_string(row, "meter")?;
    reader.word("meter", &text, at, Meter::WORDS, Meter::from_word)
}

fn only_if<'t>(reader: &mut Reader<'t>, row: &mut TableReader<'t>) -> Option<OnlyIf> {
    let (text, at) = reader.string(row, "only_if")?;
    let words: Vec<&str> = Post::ALL.iter().map(|post| post.zh()).chain(["新教师"]).collect();
    reader.word("only_if", &text, at, &words, |word| match word {
        "新教师" => Some(OnlyIf::NewTeacher),
        word => Post::from_word(word).map(OnlyIf::Post),
    })
}

fn skip_months<'t>(reader: &mut Reader<'t>, row: &mut TableReader<'t>, period: Option<Kind>) -> Vec<u32> {
    let at = row.at();
    let month = |text: &str| text.parse::<u32>().ok().filter(|month| (1..=12).contains(month));
    let months = reader.words(row, "skip_months", &["1", "…", "12"], month);
    if months.is_some() && period.is_some_and(|kind| kind != Kind::Month) {
        reader.report(
            at,
            "skip_months 只用于 month",
            "skip_months goes with period = \"month\" only",
        );
    }
    months.unwrap_or_default()
}

fn prorate<'t>(reader: &mut Reader<'t>, row: &mut TableReader<'t>, period: Option<Kind>) -> Prorate {
    let at = row.at();
    let words = &[
        ("month", Prorate::Month),
        ("teaching_week", Prorate::TeachingWeek),
        ("none", Prorate::None),
    ];
    let given = one_of(reader, row, "prorate", words);
    let fits = match given {
        Some(Prorate::TeachingWeek) => period == Some(Kind::Semester),
        Some(Prorate::Month) => !matches!(period, Some(Kind::Semester | Kind::ProbationYear | Kind::Month)),
        _ => true,
    };
    if !fits && period.is_some() {
        reader.report(
            at,
            "prorate 与 period 不配：学期按 teaching_week，其余按 month 或 none",
            "prorate does not fit the period: a semester goes by teaching_week, years and cycles by month, all by none",
        );
    }
    given.unwrap_or(match period {
        Some(Kind::CalendarYear) => Prorate::Month,
        Some(Kind::Semester) => Prorate::TeachingWeek,
        _ => Prorate::None,
    })
}

fn carry<'t>(reader: &mut Reader<'t>, row: &mut TableReader<'t>, has_cycle: bool) -> Option<Carry> {
    let mut carry = reader.table(row, "carry")?;
    let share = share(reader, &mut carry, "share").unwrap_or(Fraction::ONE);
    let max = reader.amount(&mut carry, "max").map(|(max, _): (Hours, _)| max);
    let filter = filter(reader, &mut carry, "where");
    let within_cycle = one_of(reader, &mut carry, "within", &[("cycle", true)]).unwrap_or(false);
    if within_cycle && !has_cycle {
        reader.report(
            carry.at(),
            "文件没有 [cycle]，结转不能限于周期内",
            "the document has no [cycle] for carry to stay within",
        );
    }
    let only_if_met = one_of(reader, &mut carry, "only_if", &[("met_without_grace", true)]).unwrap_or(false);
    let fills = if carry.has("fills") {
        id(reader, &mut carry, "fills", RuleId::new)
    } else {
        None
    };
    let expires_after = number(reader, &mut carry, "expires_after", 1, 100).unwrap_or(1);
    reader.done(carry);
    Some(Carry {
        share,
        max,
        filter,
        within_cycle,
        only_if_met,
        fills,
        expires_after,
    })
}

fn min_share_of<'t>(reader: &mut Reader<'t>, row: &mut TableReader<'t>) -> Option<(RuleId, Fraction)> {
    if !row.has("min_share_of") {
        return None;
    }
    let mut table = reader.table(row, "min_share_of")?;
    let requirement = id(reader, &mut table, "requirement", RuleId::new);
    if !table.has("share") {
        reader.missing(&table, "share");
    }
    let share = share(reader, &mut table, "share");
    reader.done(table);
    requirement.zip(share)
}

/// What requirements say of each other and of caps.
pub(super) fn check(reader: &mut Reader<'_>, rows: &[Placed], caps: &[Cap], substitutions: &[Substitution]) {
    for (row, at) in rows {
        if let Some((of, _)) = row.min_share_of {
            let base = rows.iter().map(|(base, _)| base).find(|base| base.id == of);
            let fits = base.is_some_and(|base| {
                base.min_share_of.is_none() && (base.meter, base.period) == (row.meter, row.period)
            });
            let substituted = substitutions
                .iter()
                .any(|other| [other.from, other.to].contains(&row.id));
            if !fits || row.target.is_some() || row.carry.is_some() || substituted {
                reader.report(
                    *at,
                    format!("{} 的 min_share_of 须指向 meter、period 相同且自有 min 的要求，且不与 target、carry、互补同用", row.id),
                    format!("min_share_of of {} must name a requirement of the same meter and period with a min of its own, and goes with no target, carry or substitution", row.id),
                );
            }
        }
        if let Some(fills) = row.carry.as_ref().and_then(|carry| carry.fills) {
            let cap = caps.iter().find(|cap| cap.id == fills);
            let fits = cap.is_some_and(|cap| {
                matches!(cap.ceiling, Ceiling::Amount(_)) && (cap.meter, cap.period) == (row.meter, row.period)
            });
            if !fits {
                reader.report(
                    *at,
                    format!("{} 的 carry.fills 须指向 meter、period 相同且有固定上限的封顶", row.id),
                    format!(
                        "carry.fills of {} must name a cap of the same meter and period with a fixed max",
                        row.id
                    ),
                );
            }
        }
    }
}

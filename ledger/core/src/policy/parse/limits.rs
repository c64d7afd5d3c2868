//! Reading `[[cap]]` and `[[substitution]]`.

use super::requirements::{Placed, period};
use super::values::{filter, id, parse_fraction};
use crate::document::{Reader, TableReader};
use crate::hours::Hours;
use crate::ids::RuleId;
use crate::period::Kind;
use crate::policy::size::{CAPS_MAX, ONE_OF_MAX, SUBSTITUTIONS_MAX};
use crate::policy::{Cap, Ceiling, Meter, OneOf, Requirement, Substitution};

pub(super) fn caps<'t>(
    reader: &mut Reader<'t>,
    table: &mut TableReader<'t>,
    requirements: &[Placed],
    has_cycle: bool,
) -> Vec<Cap> {
    let mut caps: Vec<Cap> = Vec::new();
    for mut row in reader.tables_at_most(table, "cap", CAPS_MAX) {
        let at = row.at();
        let cap = cap(reader, &mut row, requirements, has_cycle);
        reader.done(row);
        let Some(cap) = cap else { continue };
        if caps.iter().any(|other| other.id == cap.id) {
            let id = cap.id;
            reader.report(at, format!("封顶 {id} 出现两次"), format!("cap {id} stands twice"));
        }
        caps.push(cap);
    }
    caps
}

fn cap<'t>(
    reader: &mut Reader<'t>,
    row: &mut TableReader<'t>,
    requirements: &[Placed],
    has_cycle: bool,
) -> Option<Cap> {
    let at = row.at();
    let id = id(reader, row, "id", RuleId::new);
    let meter = match reader.string(row, "meter") {
        Some((text, at)) => reader.word("meter", &text, at, Meter::WORDS, Meter::from_word),
        None => Some(Meter::TrainingHours),
    };
    let kind = period(reader, row, "period", has_cycle);
    if kind == Some(Kind::ProbationYear) {
        reader.report(
            at,
            "封顶的 period 不能为 probation_year",
            "a cap's period cannot be probation_year",
        );
    }
    let own_filter = filter(reader, row, "where");
    let before = reader.count();
    let mut ceilings = Vec::new();
    ceilings.extend(reader.amount(row, "max").map(|(max, _)| Ceiling::Amount(max)));
    if let Some(mut share_of) = reader.table(row, "max_share_of") {
        ceilings.extend(share(reader, &mut share_of, requirements).map(Ceiling::Amount));
        reader.done(share_of);
    }
    if row.has("not_above") {
        ceilings.push(Ceiling::NotAbove(filter(reader, row, "not_above")));
    }
    let across_versions = reader.boolean(row, "across_versions").unwrap_or(false);
    let ceiling = ceilings.pop();
    if (ceiling.is_none() && reader.count() == before) || !ceilings.is_empty() {
        reader.report(
            at,
            "封顶须写 max、max_share_of、not_above 中的一个",
            "a cap needs one of max, max_share_of, not_above",
        );
    }
    Some(Cap {
        id: id?,
        meter: meter?,
        filter: own_filter,
        period: kind?,
        ceiling: ceiling?,
        across_versions,
    })
}

/// A share of a requirement's stated minimum, rounded down to the hundredth.
fn share<'t>(reader: &mut Reader<'t>, table: &mut TableReader<'t>, requirements: &[Placed]) -> Option<Hours> {
    let requirement = known(reader, table, "requirement", requirements);
    if !table.has("share") {
        reader.missing(table, "share");
    }
    let (text, at) = reader.number_text(table, "share")?;
    let share = parse_fraction(reader, "share", &text, at)?;
    let min = i128::from(requirement?.min.hundredths());
    let part = min * i128::from(share.numerator()) / i128::from(share.denominator());
    let part = i64::try_from(part).ok();
    if part.is_none() {
        reader.report(at, "share 过大", "share is too large");
    }
    part.map(Hours::from_hundredths)
}

/// The requirement that a key names.
fn known<'t, 'r>(
    reader: &mut Reader<'t>,
    table: &mut TableReader<'t>,
    key: &str,
    requirements: &'r [Placed],
) -> Option<&'r Requirement> {
    let (text, at) = reader.needed_string(table, key)?;
    let ids: Vec<&str> = requirements
        .iter()
        .map(|(requirement, _)| requirement.id.as_str())
        .collect();
    reader.word(key, &text, at, &ids, |text| {
        let mut known = requirements.iter().map(|(requirement, _)| requirement);
        known.find(|requirement| requirement.id.as_str() == text)
    })
}

pub(super) fn substitutions<'t>(
    reader: &mut Reader<'t>,
    table: &mut TableReader<'t>,
    requirements: &[Placed],
) -> Vec<Substitution> {
    let mut found: Vec<Substitution> = Vec::new();
    for mut row in reader.tables_at_most(table, "substitution", SUBSTITUTIONS_MAX) {
        let at = row.at();
        let id = id(reader, &mut row, "id", RuleId::new);
        let from = known(reader, &mut row, "from", requirements);
        let to = known(reader, &mut row, "to", requirements);
        let max = reader.amount(&mut row, "max").map(|(max, _)| max);
        reader.done(row);
        let (Some(id), Some(from), Some(to)) = (id, from, to) else {
            continue;
        };
        if from.meter != to.meter || from.period != to.period {
            reader.report(
                at,
                format!("{} 与 {} 的 meter 或 period 不同，不能互补", from.id, to.id),
                format!("{} and {} are of different meters or periods", from.id, to.id),
            );
        }
        if found.iter().any(|other| other.id == id) {
            reader.report(
                at,
                format!("互补 {id} 出现两次"),
                format!("substitution {id} stands twice"),
            );
        }
        if reaches(&found, to.id, from.id) {
            reader.report(
                at,
                format!("互补成环：{} 已经（直接或间接）补充 {}", to.id, from.id),
                format!(
                    "a circle: {} already fills {}, directly or through others",
                    to.id, from.id
                ),
            );
        }
        found.push(Substitution {
            id,
            from: from.id,
            to: to.id,
            max,
        });
    }
    found
}

/// Whether surplus of `from` ends up, directly or through others, in `to`.
fn reaches(substitutions: &[Substitution], from: RuleId, to: RuleId) -> bool {
    let mut seen = vec![from];
    let mut next = 0;
    while let Some(&at) = seen.get(next) {
        if at == to {
            return true;
        }
        let onward = substitutions.iter().filter(|s| s.from == at).map(|s| s.to);
        let new: Vec<RuleId> = onward.filter(|id| !seen.contains(id)).collect();
        seen.extend(new);
        next += 1;
    }
    false
}

pub(super) fn one_of<'t>(reader: &mut Reader<'t>, table: &mut TableReader<'t>, requirements: &[Placed]) -> Vec<OneOf> {
    let mut found: Vec<OneOf> = Vec::new();
    for mut row in reader.tables_at_most(table, "one_of", ONE_OF_MAX) {
        let at = row.at();
        let id = id(reader, &mut row, "id", RuleId::new);
        let ids: Vec<&str> = requirements
            .iter()
            .map(|(requirement, _)| requirement.id.as_str())
            .collect();
        let known = |text: &str| {
            let mut known = requirements.iter().map(|(requirement, _)| requirement);
            known.find(|requirement| requirement.id.as_str() == text)
        };
        let named = reader.words(&mut row, "requirements", &ids, known).unwrap_or_default();
        reader.done(row);
        let Some(id) = id else { continue };
        let alike = named
            .windows(2)
            .all(|two| matches!(two, [one, other] if one.period == other.period));
        if named.len() < 2 || !alike {
            reader.report(
                at,
                format!("择一 {id} 须列出 period 相同的两项以上要求"),
                format!("one_of {id} must list two or more requirements over one kind of period"),
            );
        }
        if found.iter().any(|other| other.id == id) {
            reader.report(at, format!("择一 {id} 出现两次"), format!("one_of {id} stands twice"));
        }
        found.push(OneOf {
            id,
            requirements: named.iter().map(|requirement| requirement.id).collect(),
        });
    }
    found
}

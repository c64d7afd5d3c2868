//! What changed in a teacher's balance between two points of the log, or under two sets of policies.

mod cause;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use self::cause::Cause;

use super::{Balance, Line, Section, Standing};
use crate::hours::Hours;
use crate::ids::{PolicyId, RuleId, TeacherId};
use crate::period::Period;
use crate::policy::Meter;

/// What changed between two balances of one teacher.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Whose.
    pub teacher_id: TeacherId,
    /// The period, as the later balance has it.
    pub period: Period,
    /// Size of the earlier balance.
    pub before: u64,
    /// Size of the later balance.
    pub after: u64,
    /// The sections in which something changed, by policy id; the one without a policy first.
    pub sections: Vec<SectionDifference>,
}

/// What changed under one policy, or under none.
#[derive(Clone, Debug, PartialEq)]
pub struct SectionDifference {
    /// The policy; `None` for the totals of a time in which no policy is about her.
    pub policy: Option<PolicyId>,
    /// The version and name that the earlier section has; `None` if there is no such section.
    pub before: Option<Named>,
    /// Those of the later one.
    pub after: Option<Named>,
    /// Totals that changed: the meter, before, after.
    pub meters: Vec<(Meter, Hours, Hours)>,
    /// Requirements that stand otherwise, in the order of the later balance, then those that are gone.
    pub standings: Vec<StandingChange>,
    /// Lines that are new, gone or counted otherwise, by date then event id.
    pub lines: Vec<LineChange>,
}

/// A section's version and name; 0 and empty without a policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// The version in force at the period's end.
    pub version: u32,
    /// Its name.
    pub name: String,
}

/// A requirement of one period that stands otherwise. At least one side is there.
#[derive(Clone, Debug, PartialEq)]
pub struct StandingChange {
    /// How it stood.
    pub before: Option<Standing>,
    /// How it stands.
    pub after: Option<Standing>,
}

/// A line that is new, gone or counted otherwise. At least one side is there.
#[derive(Clone, Debug, PartialEq)]
pub struct LineChange {
    /// As it was.
    pub before: Option<Line>,
    /// As it is.
    pub after: Option<Line>,
    /// Why it changed.
    pub cause: Cause,
}

/// Compares two balances of one teacher in one period, both with their lines; `before` is the one of fewer entries.
///
/// A line is told by its entry, meter and day; one whose day changed is paired with what is left of its entry. That a line
/// counts the same under a newer version of its policy is no change.
pub fn difference(before: &Balance, after: &Balance) -> Difference {
    let mut sections: BTreeMap<Option<PolicyId>, (Option<&Section>, Option<&Section>)> = BTreeMap::new();
    for section in &before.sections {
        sections.entry(id_of(section)).or_default().0 = Some(section);
    }
    for section in &after.sections {
        sections.entry(id_of(section)).or_default().1 = Some(section);
    }
    let sections = sections
        .into_iter()
        .map(|(policy, (one, two))| section_difference(policy, one, two, before.size));
    Difference {
        teacher_id: after.teacher_id,
        period: after.period,
        before: before.size,
        after: after.size,
        sections: sections.filter(SectionDifference::is_some).collect(),
    }
}

fn id_of(section: &Section) -> Option<PolicyId> {
    section.policy.as_ref().map(|(id, ..)| *id)
}

fn named(section: &Section) -> Named {
    let policy = section.policy.as_ref();
    policy.map_or_else(Named::default, |(_, version, name)| Named {
        version: *version,
        name: name.clone(),
    })
}

fn section_difference(
    policy: Option<PolicyId>,
    before: Option<&Section>,
    after: Option<&Section>,
    size: u64,
) -> SectionDifference {
    let lines_of = |section: Option<&Section>| section.map_or_else(Vec::new, |section| section.lines.clone());
    SectionDifference {
        policy,
        before: before.map(named),
        after: after.map(named),
        meters: meters(before, after),
        standings: standings(before, after),
        lines: lines(lines_of(before), lines_of(after), size),
    }
}

impl SectionDifference {
    /// Whether anything changed.
    fn is_some(&self) -> bool {
        let same = self.meters.is_empty() && self.standings.is_empty() && self.lines.is_empty();
        !same || self.before.is_some() != self.after.is_some()
    }
}

fn meters(before: Option<&Section>, after: Option<&Section>) -> Vec<(Meter, Hours, Hours)> {
    let of = |section: Option<&Section>, meter| {
        let mut totals = section.iter().flat_map(|section| &section.meters);
        totals
            .find(|(of, _)| *of == meter)
            .map_or(Hours::ZERO, |(_, amount)| *amount)
    };
    let both = Meter::ALL
        .iter()
        .map(|&meter| (meter, of(before, meter), of(after, meter)));
    both.filter(|(_, one, two)| one != two).collect()
}

fn standings(before: Option<&Section>, after: Option<&Section>) -> Vec<StandingChange> {
    let key = |standing: &Standing| (standing.requirement.id, standing.period.from, standing.period.to);
    let mut earlier: BTreeMap<(RuleId, _, _), &Standing> = BTreeMap::new();
    for standing in before.iter().flat_map(|section| &section.standings) {
        earlier.insert(key(standing), standing);
    }
    let mut changes = Vec::new();
    for standing in after.iter().flat_map(|section| &section.standings) {
        let was = earlier.remove(&key(standing));
        if was.is_none_or(|was| !stands_alike(was, standing)) {
            changes.push(StandingChange {
                before: was.cloned(),
                after: Some(standing.clone()),
            });
        }
    }
    changes.extend(earlier.into_values().map(|was| StandingChange {
        before: Some(was.clone()),
        after: None,
    }));
    changes
}

/// Whether nothing that a reader sees is otherwise; which lines stand behind it is told by the lines.
fn stands_alike(one: &Standing, two: &Standing) -> bool {
    let seen = |standing: &Standing| {
        (
            standing.status,
            standing.counted,
            standing.missing,
            standing.min,
            standing.target,
        )
    };
    seen(one) == seen(two)
}

fn lines(before: Vec<Line>, after: Vec<Line>, size: u64) -> Vec<LineChange> {
    // Of one entry and meter there are several lines only where attribution is split; then their days tell them apart.
    let mut pairs: Vec<(Option<Line>, Option<Line>)> = Vec::new();
    let mut earlier: BTreeMap<(u64, Meter), Vec<Line>> = BTreeMap::new();
    for line in before {
        earlier.entry((line.index, line.meter)).or_default().push(line);
    }
    let mut unpaired = Vec::new();
    for line in after {
        let was = earlier.get_mut(&(line.index, line.meter)).and_then(|lines| {
            let place = lines.iter().position(|was| was.on == line.on)?;
            Some(lines.remove(place))
        });
        match was {
            Some(was) => pairs.push((Some(was), Some(line))),
            None => unpaired.push(line),
        }
    }
    for line in unpaired {
        let left = earlier.get_mut(&(line.index, line.meter));
        let was = left.filter(|lines| !lines.is_empty()).map(|lines| lines.remove(0));
        pairs.push((was, Some(line)));
    }
    pairs.extend(earlier.into_values().flatten().map(|was| (Some(was), None)));
    let changes = pairs.into_iter().filter_map(|(before, after)| {
        let cause = Cause::of(before.as_ref(), after.as_ref(), size)?;
        Some(LineChange { before, after, cause })
    });
    let mut changes: Vec<LineChange> = changes.collect();
    changes.sort_by_key(|change| {
        let line = change.after.as_ref().or(change.before.as_ref());
        line.map(|line| (line.on, line.event_id, line.meter))
    });
    changes
}

//! What does not fit together, in words.

use super::{Contradiction, Definition, Figures, Value};
use crate::ids::{FigureId, TeacherId};
use crate::lang::{Say, say};

/// Most people that one sentence names.
const NAMED_MAX: usize = 10;

impl Contradiction {
    /// The figure that it is about, if it is about one.
    pub const fn figure(&self) -> Option<FigureId> {
        match self {
            Self::Parts { figure, .. }
            | Self::Widens { figure, .. }
            | Self::NotBefore { figure, .. }
            | Self::NotedOtherwise { figure, .. }
            | Self::NotedTwice { figure, .. }
            | Self::OtherUnit { figure, .. }
            | Self::OfNothing { figure }
            | Self::UnderNoPolicy { figure, .. } => Some(*figure),
            Self::TooLarge { .. } => None,
        }
    }

    /// The entries that it names.
    pub fn entries(&self) -> Vec<u64> {
        match self {
            Self::NotedOtherwise { index, .. } | Self::OtherUnit { index, .. } => vec![*index],
            Self::NotedTwice {
                indices: (one, other), ..
            } => vec![*one, *other],
            Self::Parts { .. }
            | Self::Widens { .. }
            | Self::NotBefore { .. }
            | Self::OfNothing { .. }
            | Self::UnderNoPolicy { .. }
            | Self::TooLarge { .. } => Vec::new(),
        }
    }
}

fn ids(people: &[TeacherId]) -> (String, String) {
    let named: Vec<&str> = people.iter().take(NAMED_MAX).map(TeacherId::as_str).collect();
    let more = people.len().saturating_sub(NAMED_MAX);
    if more == 0 {
        return (named.join("、"), named.join(", "));
    }
    (
        format!("{} 等 {} 人", named.join("、"), people.len()),
        format!("{} and {more} more", named.join(", ")),
    )
}

impl Figures {
    fn called(&self, id: &FigureId) -> (String, Option<&Definition>) {
        let definition = self.definitions.definition(id);
        (
            definition.map_or_else(|| id.to_string(), |one| one.name.clone()),
            definition,
        )
    }

    fn exact(&self, id: &FigureId, value: Value) -> String {
        let (_, definition) = self.called(id);
        definition.map_or_else(String::new, |definition| definition.exact(value))
    }

    fn told(&self, id: &FigureId) -> String {
        self.figure(id)
            .map_or_else(String::new, |figure| self.exact(id, figure.value))
    }

    /// What does not fit, and what to look at.
    pub fn say(&self, found: &Contradiction) -> Say {
        match found {
            Contradiction::Parts { figure, total, parts } => {
                let (name, _) = self.called(figure);
                let (total, parts) = (self.exact(figure, *total), self.exact(figure, *parts));
                say(
                    format!("{name}为 {total}，各分项合计为 {parts}：两者应当相等，请核对口径"),
                    format!(
                        "{name} is {total} and its parts come to {parts}: they should be the same, check the definitions"
                    ),
                )
            }
            Contradiction::Widens { figure, before } => {
                let ((name, _), (wider, _)) = (self.called(figure), self.called(before));
                let (value, of) = (self.told(figure), self.told(before));
                say(
                    format!("{name}（{value}）多于它的上一步{wider}（{of}）：上一步可能漏报"),
                    format!(
                        "{name} ({value}) is more than the step before it, {wider} ({of}): that may not be fully posted"
                    ),
                )
            }
            Contradiction::NotBefore { figure, before, people } => {
                let ((name, _), (wider, _)) = (self.called(figure), self.called(before));
                let (zh, en) = ids(people);
                say(
                    format!("{name}中的 {zh} 不在上一步{wider}之中：上一步可能漏报"),
                    format!("{en} of {name} are not in the step before it, {wider}: that may not be fully posted"),
                )
            }
            Contradiction::NotedOtherwise { figure, index } => {
                let (name, _) = self.called(figure);
                let value = self.told(figure);
                say(
                    format!("第 {index} 条手填的{name}与台账计得的 {value} 不符"),
                    format!("what entry {index} says by hand of {name} is not what the ledger counts, {value}"),
                )
            }
            Contradiction::NotedTwice {
                figure,
                indices: (one, other),
            } => {
                let (name, _) = self.called(figure);
                say(
                    format!("{name}手填了两次，数值不同：第 {one} 条和第 {other} 条；请作废有误的一条"),
                    format!(
                        "{name} was typed in twice and differently, by entries {one} and {other}: void the wrong one"
                    ),
                )
            }
            Contradiction::OtherUnit { figure, index } => {
                let (name, definition) = self.called(figure);
                let unit = definition.map_or("", |one| one.unit.as_str());
                say(
                    format!("第 {index} 条手填的{name}单位与口径的“{unit}”不同：人次与人不能混用"),
                    format!("entry {index} gives {name} in another unit than the definitions' {unit}"),
                )
            }
            Contradiction::OfNothing { figure } => {
                let (name, _) = self.called(figure);
                say(
                    format!("{name}没有数值：分母为零，或所用的指标没有数值"),
                    format!("{name} has no value: it is a share of nothing, or of what has none"),
                )
            }
            Contradiction::UnderNoPolicy { figure, people } => {
                let (name, _) = self.called(figure);
                let (zh, en) = ids(people);
                say(
                    format!("{name}：{zh} 没有适用的规则，无从判断是否达标"),
                    format!("{name}: no policy says what is due of {en}"),
                )
            }
            Contradiction::TooLarge { people } => {
                let (zh, en) = ids(people);
                say(
                    format!("{zh} 的数额超出可计范围，未计入各项课时"),
                    format!("the amounts of {en} go beyond what can be counted, and are in no figure of training"),
                )
            }
        }
    }
}

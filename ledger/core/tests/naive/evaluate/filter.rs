//! `where`: which credits pass.

use keshi_core::codes::{Level, Post};

use super::credits::Credit;
use super::deeds::Deed;
use crate::facts::Id;
use crate::model::{Base, Conversion, Kind, Meter, Policy, Requirement, Where};

/// Traditional characters that the generated counties use, with their simplified forms.
const SIMPLIFIED: &[(char, char)] = &[
    ('選', '选'),
    ('線', '线'),
    ('師', '师'),
    ('學', '学'),
    ('論', '论'),
    ('著', '著'),
    ('過', '过'),
];

/// Without spaces and width, in simplified characters.
pub fn normal(text: &str) -> String {
    let narrow = |c: char| match c {
        '（' => '(',
        '）' => ')',
        other => SIMPLIFIED
            .iter()
            .find(|(traditional, _)| *traditional == other)
            .map_or(other, |(_, simplified)| *simplified),
    };
    text.chars().filter(|c| !c.is_whitespace()).map(narrow).collect()
}

fn among(values: &[Id], value: Option<Id>) -> bool {
    value.is_some_and(|value| values.iter().any(|one| normal(one) == normal(value)))
}

/// A deed before it is credited: its own level and category.
pub fn deed_passes(filter: &Where, deed: &Deed) -> bool {
    assert!(filter.conversions.is_empty());
    passes(filter, deed, deed.level, deed.category, None)
}

/// A credit: what its conversion takes it for.
pub fn credit_passes(filter: &Where, credit: &Credit<'_>) -> bool {
    let conversion = credit.conversion.map(|conversion| conversion.id.as_str());
    passes(filter, credit.deed, credit.level, credit.category, conversion)
}

fn passes(filter: &Where, deed: &Deed, level: Option<Level>, category: Option<Id>, conversion: Option<&str>) -> bool {
    let level_passes = filter.levels.is_empty() || level.is_some_and(|level| filter.levels.contains(&level));
    let mode_passes = filter.modes.is_empty() || deed.mode.is_some_and(|mode| filter.modes.contains(&mode));
    let category_passes = filter.categories.is_empty() || among(&filter.categories, category);
    let topic_passes = filter.topics.is_empty() || among(&filter.topics, deed.topic);
    let type_passes = filter.types.is_empty() || deed.word.is_some_and(|word| filter.types.contains(&word));
    let kind_passes = filter.kinds.is_empty() || filter.kinds.contains(&deed.kind);
    let conversion_passes = filter.conversions.is_empty()
        || conversion.is_some_and(|conversion| filter.conversions.iter().any(|id| id == conversion));
    level_passes && mode_passes && category_passes && topic_passes && type_passes && kind_passes && conversion_passes
}

/// Whether a requirement takes a credit, whatever its day.
pub fn required(requirement: &Requirement, credit: &Credit<'_>) -> bool {
    // Only a lesson has a 课型; a session's type is none.
    let lesson_type = credit.deed.word.filter(|_| credit.deed.kind == Kind::Given);
    let of_types = requirement.types.is_empty()
        || lesson_type.is_none_or(|word| requirement.types.iter().any(|kind| kind.zh() == word));
    credit.meter == requirement.meter && of_types && credit_passes(&requirement.filter, credit)
}

/// The first conversion for a meter that passes.
pub fn converts<'p>(
    policy: &'p Policy,
    deed: &Deed,
    meter: Meter,
    holds: impl Fn(Post) -> bool,
) -> Option<&'p Conversion> {
    policy.conversions.iter().find(|row| {
        let role_passes = match (row.roles.as_slice(), deed.kind) {
            ([], Kind::Award) => deed.role == Some("本人"),
            ([], _) => true,
            (roles, _) => deed.role.is_some_and(|role| roles.contains(&role)),
        };
        let event_passes = row.events.is_empty()
            || deed
                .word
                .is_some_and(|word| row.events.iter().any(|kind| kind.zh() == word));
        let award_passes = row.awards.is_empty() || deed.award.is_some_and(|award| row.awards.contains(&award));
        let work_passes = row.work_kinds.is_empty() || among(&row.work_kinds, deed.work_kind);
        // What counts lessons (talks) does not take an outreach of hers without any.
        let counts_something = match row.base {
            Base::Lessons => deed.lessons > 0,
            Base::Talks => deed.talks > 0,
            _ => true,
        };
        row.meter == meter
            && counts_something
            && row.kind == deed.kind
            && role_passes
            && event_passes
            && award_passes
            && work_passes
            && (row.posts.is_empty() || row.posts.iter().any(|post| holds(*post)))
            && deed_passes(&row.filter, deed)
    })
}

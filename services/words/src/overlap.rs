//! Pairs of attendance that may be one course posted twice, for people.

use keshi_core::lang::Lang;
use keshi_proto::api::{Overlap, OverlapEntry};

use crate::names::amount;
use crate::time::dates;

/// The columns' names.
pub const HEADINGS: [(&str, &str); 5] = [
    ("教师", "teacher"),
    ("一条", "one entry"),
    ("另一条", "the other"),
    ("提交者", "posted by"),
    ("核定", "decided by entry"),
];

/// One of the two: days, project, provider, hours.
pub fn side(entry: &OverlapEntry, lang: Lang) -> String {
    let hours = lang.pick(
        format!("{} 课时", amount(entry.present_centihours)),
        format!("{} hours", amount(entry.present_centihours)),
    );
    let parts = [
        format!("#{}", entry.index),
        dates(entry.from.as_ref(), entry.to.as_ref()),
        entry.project.clone(),
        entry.provider.clone(),
        entry.session_id.clone(),
        hours,
    ];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}

/// The cells of one pair, in the order of [`HEADINGS`].
pub fn row(overlap: &Overlap, lang: Lang) -> [String; 5] {
    let (first, second) = (
        overlap.first.clone().unwrap_or_default(),
        overlap.second.clone().unwrap_or_default(),
    );
    let posters = if first.poster == second.poster {
        first.poster.clone()
    } else {
        format!("{} / {}", first.poster, second.poster)
    };
    [
        format!("{} {}", overlap.name, overlap.teacher_id).trim().to_owned(),
        side(&first, lang),
        side(&second, lang),
        posters,
        overlap.accepted_by.map_or_else(String::new, |by| by.to_string()),
    ]
}

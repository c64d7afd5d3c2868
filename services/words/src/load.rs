//! A historical load (历史补录) as a row for people.

use keshi_core::lang::Lang;
use keshi_proto::api;

use crate::time::{dates, moment};

/// The columns' names.
pub const HEADINGS: [(&str, &str); 8] = [
    ("批次", "load"),
    ("期间", "period"),
    ("状态", "state"),
    ("有效条数", "entries"),
    ("开启", "opened"),
    ("结束", "closed"),
    ("原因", "reason"),
    ("批准依据", "authorised by"),
];

/// The cells of one load, in the order of [`HEADINGS`].
pub fn cells(load: &api::Load, lang: Lang) -> [String; 8] {
    let state = match load.closed {
        None => lang.pick("开启中", "open"),
        Some(_) => lang.pick("已结束", "closed"),
    };
    [
        load.load_id.clone(),
        dates(load.from.as_ref(), load.to.as_ref()),
        state.to_owned(),
        load.entries.to_string(),
        step(load.opened.as_ref()),
        step(load.closed.as_ref()),
        load.reason.clone(),
        load.authorised_by.clone(),
    ]
}

/// When and by whom; empty if not at all.
fn step(step: Option<&api::LoadStep>) -> String {
    step.map_or_else(String::new, |step| {
        let at = step.recorded_at.as_ref().map_or_else(String::new, moment);
        format!("{at} {}", step.poster)
    })
}

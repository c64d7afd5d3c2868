//! Rotation and secondment (轮岗, 交流, 借调, 支教), for people.

use keshi_core::codes::AssignmentNature;
use keshi_core::lang::Lang;
use keshi_proto::api::{ListRotationsResponse, Rotation, TermStanding};

use crate::names::count;
use crate::time::{date, span};

/// The columns' names.
pub const HEADINGS: [(&str, &str); 9] = [
    ("姓名", "name"),
    ("教师编号", "teacher id"),
    ("性质", "nature"),
    ("学校或科室", "school or unit"),
    ("起止", "from and until"),
    ("已满月数", "months done"),
    ("最少月数", "months due"),
    ("期满日", "due"),
    ("情况", "state"),
];

/// All standings, in their order on screen.
pub const STANDINGS: [TermStanding; 4] = [
    TermStanding::Fulfilled,
    TermStanding::Underway,
    TermStanding::EndsEarly,
    TermStanding::NoTerm,
];

/// How it stands.
pub const fn standing(standing: TermStanding, lang: Lang) -> &'static str {
    let (zh, en) = match standing {
        TermStanding::Unspecified => ("", ""),
        TermStanding::Fulfilled => ("已满", "fulfilled"),
        TermStanding::Underway => ("进行中", "on the way"),
        TermStanding::EndsEarly => ("未满", "ends early"),
        TermStanding::NoTerm => ("无最少期限", "no least time"),
    };
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

/// What sort of post it is.
pub fn nature(code: i32, lang: Lang) -> &'static str {
    AssignmentNature::from_code(code).map_or("", |nature| lang.pick(nature.zh(), nature.en()))
}

/// The cells of one, in the order of [`HEADINGS`].
pub fn row(rotation: &Rotation, lang: Lang) -> [String; 9] {
    let months = |months: i32| months.to_string();
    let due = rotation.months_due;
    [
        rotation.name.clone(),
        rotation.teacher_id.clone(),
        nature(rotation.nature, lang).to_owned(),
        rotation.place.clone(),
        span(rotation.from.as_ref(), rotation.to.as_ref()),
        months(rotation.months_done),
        if due == 0 { String::new() } else { months(due) },
        rotation.due.as_ref().map_or_else(String::new, |due| date(Some(due))),
        standing(rotation.standing(), lang).to_owned(),
    ]
}

/// How many posts stand how, in a sentence; empty if there are none.
pub fn counts(all: &ListRotationsResponse, lang: Lang) -> String {
    let of = |standing| all.counts.iter().find(|one| one.standing() == standing);
    let told = STANDINGS.into_iter().filter_map(|one| Some((one, of(one)?.posts)));
    let told = told.map(|(one, posts)| {
        let posts = count(posts.unsigned_abs());
        let standing = standing(one, lang);
        lang.pick(format!("{standing} {posts} 人次"), format!("{posts} {standing}"))
    });
    told.collect::<Vec<_>>().join(lang.pick("，", ", "))
}

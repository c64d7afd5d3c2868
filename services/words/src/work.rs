//! Works with their publications and prizes (成果), for people.

use keshi_core::codes::{Award, Level};
use keshi_core::lang::Lang;
use keshi_proto::api::{Work, WorkCount, WorkCredit, WorkEntry, WorkKind, WorkPerson};

use crate::names::{amount, count, unit};
use crate::time::date;
use crate::topic::level;

/// The columns' names of the list of entries.
pub const HEADINGS: [(&str, &str); 8] = [
    ("成果", "work"),
    ("日期", "day"),
    ("事项", "what"),
    ("级别", "level"),
    ("奖次", "prize"),
    ("评选、赛事或种类", "contest or kind"),
    ("作者", "authors"),
    ("计算", "what counts"),
];

/// The columns' names of the counts.
pub const COUNT_HEADINGS: [(&str, &str); 8] = [
    ("年份", "year"),
    ("事项", "what"),
    ("级别", "level"),
    ("一等", "first"),
    ("二等", "second"),
    ("三等", "third"),
    ("优秀", "excellent"),
    ("合计（件）", "works"),
];

/// All kinds of entries.
pub const KINDS: [WorkKind; 3] = [WorkKind::Awarded, WorkKind::Contest, WorkKind::Published];

/// What an entry says of a work.
pub fn kind(kind: WorkKind, lang: Lang) -> &'static str {
    use keshi_core::works::WorkKind as Known;
    match kind {
        WorkKind::Unspecified => "",
        WorkKind::Published => Known::Published.name(lang),
        WorkKind::Awarded => Known::Awarded.name(lang),
        WorkKind::Contest => Known::Contest.name(lang),
    }
}

/// The prize; empty where it is none.
pub fn award(code: i32, lang: Lang) -> &'static str {
    Award::from_code(code).map_or("", |award| lang.pick(award.zh(), award.en()))
}

/// The work's title, or its id where no entry gives one.
pub fn title(work: &Work) -> &str {
    if work.title.is_empty() { &work.id } else { &work.title }
}

/// Somebody of a work.
pub fn person(person: &WorkPerson, lang: Lang) -> String {
    let name = if person.name.is_empty() {
        &person.teacher_id
    } else {
        &person.name
    };
    let guides = if person.guides {
        lang.pick("（指导）", " (guides)")
    } else {
        ""
    };
    format!("{name}{guides}")
}

/// Whether the entry is the one that is counted as a 件, or why it is without effect.
pub fn counts(entry: &WorkEntry, lang: Lang) -> String {
    let why_not = lang.pick(&entry.why_not_zh, &entry.why_not_en);
    match entry.kind() {
        _ if !why_not.is_empty() => why_not.clone(),
        WorkKind::Published | WorkKind::Unspecified => String::new(),
        WorkKind::Awarded | WorkKind::Contest if entry.is_best => lang.pick("计件", "counted as a work").to_owned(),
        WorkKind::Awarded | WorkKind::Contest if entry.people.iter().all(|one| one.guides) => lang
            .pick("指导他人，不计件", "for guiding others, not counted")
            .to_owned(),
        WorkKind::Awarded | WorkKind::Contest => lang
            .pick("同一成果另有更高奖次，不计件", "not counted: the work has a higher one")
            .to_owned(),
    }
}

/// What an entry brings somebody in hours; empty where no policy says anything of such entries.
pub fn credit(of: &WorkCredit, lang: Lang) -> String {
    let why_not = lang.pick(&of.why_not_zh, &of.why_not_en);
    let policy = if of.policy_id.is_empty() {
        String::new()
    } else {
        format!(" {}", of.policy_id)
    };
    if !why_not.is_empty() {
        return format!("{why_not}{policy}");
    }
    let unit = unit("", &of.meter, lang);
    format!("{} {unit}{policy}", amount(of.counted_centiamount))
}

/// All that an entry brings its people, a text for each.
pub fn credits(entry: &WorkEntry, lang: Lang) -> Vec<String> {
    let of = |one: &WorkPerson| {
        let told: Vec<String> = one.credits.iter().map(|of| credit(of, lang)).collect();
        (!told.is_empty()).then(|| {
            format!(
                "{}{}{}",
                person(one, lang),
                lang.pick("：", ": "),
                told.join(lang.pick("；", "; "))
            )
        })
    };
    entry.people.iter().filter_map(of).collect()
}

/// The cells of an entry of a work, in the order of [`HEADINGS`]; the title on the first alone.
pub fn row(work: &Work, place: usize, lang: Lang) -> [String; 8] {
    let entry = work.entries.get(place).cloned().unwrap_or_default();
    let people: Vec<String> = entry.people.iter().map(|one| person(one, lang)).collect();
    let mut counted = vec![counts(&entry, lang)];
    counted.extend(credits(&entry, lang));
    counted.retain(|text| !text.is_empty());
    [
        if place == 0 {
            title(work).to_owned()
        } else {
            String::new()
        },
        date(entry.on.as_ref()),
        kind(entry.kind(), lang).to_owned(),
        level(entry.level, lang).to_owned(),
        award(entry.award, lang).to_owned(),
        entry.of.clone(),
        people.join(lang.pick("、", ", ")),
        counted.join(lang.pick("；", "; ")),
    ]
}

/// The numbers of a count, each with the prize that it is of; without one, the sum.
pub fn numbers(of: &WorkCount) -> [(Option<Award>, i64); 5] {
    let each = [
        (Award::First, of.first),
        (Award::Second, of.second),
        (Award::Third, of.third),
        (Award::Excellent, of.excellent),
    ];
    let sum = each.iter().map(|(_, number)| number).sum();
    let [first, second, third, excellent] = each.map(|(award, number)| (Some(award), number));
    [first, second, third, excellent, (None, sum)]
}

/// The cells of a count, in the order of [`COUNT_HEADINGS`].
pub fn count_row(of: &WorkCount, lang: Lang) -> [String; 8] {
    let [first, second, third, excellent, sum] = numbers(of).map(|(_, number)| count(number.unsigned_abs()));
    let level = Level::from_code(of.level).map_or("", |level| lang.pick(level.zh(), level.en()));
    [
        of.year.to_string(),
        kind(of.kind(), lang).to_owned(),
        level.to_owned(),
        first,
        second,
        third,
        excellent,
        sum,
    ]
}

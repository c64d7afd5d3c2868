//! Teaching inspections (教学视导), for people.

use keshi_core::codes::{FindingOutcome, InspectionAspect};
use keshi_core::lang::Lang;
use keshi_proto::api::{FindingCheck, FindingCount, FindingStanding, Inspection, InspectionFinding, Inspector};

use crate::names::count;
use crate::time::{date, dates};

/// The columns' names of a finding with its inspection.
pub const HEADINGS: [(&str, &str); 8] = [
    ("学校", "school"),
    ("日期", "days"),
    ("目的", "purpose"),
    ("方面", "aspect"),
    ("发现", "finding"),
    ("整改期限", "due"),
    ("复查", "checked"),
    ("状态", "standing"),
];

/// How a finding stands.
pub const fn standing(standing: FindingStanding, lang: Lang) -> &'static str {
    let (zh, en) = match standing {
        FindingStanding::Unspecified => ("", ""),
        FindingStanding::Noted => ("反馈", "noted"),
        FindingStanding::Requested => ("待整改", "to change"),
        FindingStanding::Overdue => ("逾期", "overdue"),
        FindingStanding::NotDone => ("未整改", "not changed"),
        FindingStanding::PartlyDone => ("部分整改", "partly changed"),
        FindingStanding::Done => ("已整改", "changed"),
    };
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

/// How many findings stand how, in one line; empty where there are none.
pub fn counts(counts: &[FindingCount], lang: Lang) -> String {
    let one = |of: &FindingCount| {
        let number = count(of.findings.unsigned_abs());
        format!("{} {number}", standing(of.standing(), lang))
    };
    counts.iter().map(one).collect::<Vec<_>>().join(lang.pick("，", ", "))
}

/// Somebody by her name, or by her id where that is not told.
pub fn inspector(one: &Inspector) -> &str {
    if one.name.is_empty() {
        &one.teacher_id
    } else {
        &one.name
    }
}

/// What the finding is about.
pub fn aspect(finding: &InspectionFinding, lang: Lang) -> &'static str {
    InspectionAspect::from_code(finding.aspect).map_or("", |one| lang.pick(one.zh(), one.en()))
}

/// One look at a finding: the day, what was seen, and by whom.
pub fn check(check: &FindingCheck, lang: Lang) -> String {
    let outcome = FindingOutcome::from_code(check.outcome).map_or("", |one| lang.pick(one.zh(), one.en()));
    let by = check.checked_by.as_ref().map_or("", inspector);
    [date(check.on.as_ref()), outcome.to_owned(), by.to_owned()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The cells of a finding, in the order of [`HEADINGS`]; without one, of an inspection that found nothing.
pub fn row(inspection: &Inspection, finding: Option<&InspectionFinding>, lang: Lang) -> [String; 8] {
    let checks = finding.into_iter().flat_map(|one| &one.checks);
    let checks: Vec<String> = checks.map(|one| check(one, lang)).collect();
    let school = if inspection.school_name.is_empty() {
        &inspection.school_id
    } else {
        &inspection.school_name
    };
    [
        school.clone(),
        dates(inspection.from.as_ref(), inspection.to.as_ref()),
        inspection.purpose.clone(),
        finding.map_or("", |one| aspect(one, lang)).to_owned(),
        finding.map_or_else(String::new, |one| one.text.clone()),
        finding.map_or_else(String::new, |one| date(one.due.as_ref())),
        checks.join(lang.pick("；", "; ")),
        finding.map_or("", |one| standing(one.standing(), lang)).to_owned(),
    ]
}

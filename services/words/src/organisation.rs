//! Groups of schools, subject bases, studios, linked schools and pools of experts, for people.

use keshi_core::lang::Lang;
use keshi_proto::api::{Organisation, OrganisationKind};
use keshi_proto::event::Date;

use crate::names::count;
use crate::time::date;

/// The columns' names.
pub const HEADINGS: [(&str, &str); 8] = [
    ("类别", "kind"),
    ("编号", "id"),
    ("名称", "name"),
    ("学科或称号", "subject or title"),
    ("负责人和成员", "lead and members"),
    ("学校", "schools"),
    ("期间场次", "sessions in the period"),
    ("起止", "from and until"),
];

/// The kind's name.
pub const fn kind(kind: OrganisationKind, lang: Lang) -> &'static str {
    match (kind, lang) {
        (OrganisationKind::Unspecified, _) => "",
        (OrganisationKind::Group, Lang::Zh) => "片区",
        (OrganisationKind::Group, Lang::En) => "group of schools",
        (OrganisationKind::Base, Lang::Zh) => "学科基地",
        (OrganisationKind::Base, Lang::En) => "subject base",
        (OrganisationKind::ResearchBase, Lang::Zh) => "教研基地",
        (OrganisationKind::ResearchBase, Lang::En) => "research base",
        (OrganisationKind::Studio, Lang::Zh) => "工作室",
        (OrganisationKind::Studio, Lang::En) => "studio",
        (OrganisationKind::LinkedSchools, Lang::Zh) => "联系点",
        (OrganisationKind::LinkedSchools, Lang::En) => "linked schools",
        (OrganisationKind::ExpertPool, Lang::Zh) => "专家库",
        (OrganisationKind::ExpertPool, Lang::En) => "expert pool",
    }
}

/// Until when somebody or something is part of it, in brackets; empty where no end is set.
pub fn term(until: Option<&Date>, lang: Lang) -> String {
    let until = until.map(|last| date(Some(last)));
    until.map_or_else(String::new, |last| {
        lang.pick(format!("（至 {last}）"), format!(" (until {last})"))
    })
}

/// The cells of one, in the order of [`HEADINGS`].
pub fn row(organisation: &Organisation, lang: Lang) -> [String; 8] {
    let comma = lang.pick("、", ", ");
    let members = organisation.members.iter().map(|member| {
        let name = if member.name.is_empty() {
            &member.teacher_id
        } else {
            &member.name
        };
        let leads = if member.leads {
            lang.pick("（负责）", " (leads)")
        } else {
            ""
        };
        let left = if member.has_left {
            lang.pick("（已离任）", " (has left)")
        } else {
            ""
        };
        let term = term(member.until.as_ref(), lang);
        format!("{name}{leads}{left}{term}")
    });
    let schools = organisation.schools.iter().map(|school| {
        let closed = if school.closed {
            lang.pick("（已撤并）", " (closed)")
        } else {
            ""
        };
        let name = if school.name.is_empty() {
            &school.school_id
        } else {
            &school.name
        };
        let term = term(school.until.as_ref(), lang);
        format!("{name}{closed}{term}")
    });
    let of = [organisation.subject.as_str(), organisation.title_zh.as_str()];
    let of: Vec<&str> = of.into_iter().filter(|text| !text.is_empty()).collect();
    let sessions = match organisation.kind() {
        OrganisationKind::Group
        | OrganisationKind::LinkedSchools
        | OrganisationKind::ExpertPool
        | OrganisationKind::Unspecified => String::new(),
        OrganisationKind::Base | OrganisationKind::ResearchBase | OrganisationKind::Studio => {
            count(organisation.sessions.unsigned_abs())
        }
    };
    let since = date(organisation.since.as_ref());
    let until = organisation
        .until
        .as_ref()
        .map_or_else(String::new, |last| date(Some(last)));
    [
        kind(organisation.kind(), lang).to_owned(),
        organisation.id.clone(),
        organisation.name.clone(),
        of.join(" "),
        members.collect::<Vec<_>>().join(comma),
        schools.collect::<Vec<_>>().join(comma),
        sessions,
        format!("{since} … {until}"),
    ]
}

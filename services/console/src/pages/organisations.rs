//! Groups of schools, subject bases, studios, linked schools and pools of experts, as they are on a day: all, and those of a
//! teacher or a school for the page about her or it.

use keshi_core::lang::Lang;
use keshi_proto::{api, date_to_wire};
use keshi_words::names::count;
use keshi_words::organisation::{HEADINGS, kind, row, term};
use keshi_words::time;
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use crate::ask::{Wrong, all_or, options};
use crate::extract::Question;
use crate::fault::Answer;
use crate::page::page;
use crate::table::{Set, Table, text};
use crate::visitor::Visitor;

const KINDS: [api::OrganisationKind; 6] = [
    api::OrganisationKind::Group,
    api::OrganisationKind::Base,
    api::OrganisationKind::ResearchBase,
    api::OrganisationKind::Studio,
    api::OrganisationKind::LinkedSchools,
    api::OrganisationKind::ExpertPool,
];

/// What is asked, as it stands in the address.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Asked {
    kind: String,
    on: String,
    period: String,
    school_id: String,
}

impl Asked {
    fn request(&self, lang: Lang) -> Result<api::ListOrganisationsRequest, Wrong> {
        let on = self.on.trim();
        let on = match on.parse() {
            Ok(day) => Some(date_to_wire(day)),
            Err(_) if on.is_empty() => None,
            Err(_) => {
                return Err(Wrong::field(
                    "on",
                    lang.pick("日期写作 2022-12-31", "write the day as 2022-12-31"),
                ));
            }
        };
        // What is no code is told by the services as one that there is not.
        let code = |text: &str| if text.is_empty() { 0 } else { text.parse().unwrap_or(-1) };
        Ok(api::ListOrganisationsRequest {
            on,
            at: None,
            kind: code(&self.kind),
            period: self.period.trim().to_owned(),
            school_id: self.school_id.trim().to_owned(),
            ..api::ListOrganisationsRequest::default()
        })
    }
}

pub(crate) async fn show(visitor: Visitor, Question(asked): Question<Asked>) -> Answer {
    let title = visitor.say("组织", "Organisations");
    let answer = match asked.request(visitor.lang) {
        Ok(request) => {
            let answer = visitor.api.ledger().list_organisations(visitor.api.call(request)).await;
            answer.map_err(Wrong::of)
        }
        Err(wrong) => Err(wrong),
    };
    let all = match answer {
        Ok(answer) => answer.into_inner(),
        Err(wrong) => return visitor.again(title, &wrong, &question(&visitor, &asked, &wrong)),
    };
    let lang = visitor.lang;
    let content = html! {
        (question(&visitor, &asked, &Wrong::default()))
        p.about {
            span { (lang.pick(format!("场次数按 {} 计", all.period), format!("sessions are those of {}", all.period))) }
            span { (lang.pick(format!("台账 {} 条", count(all.size)), format!("ledger of {} entries", count(all.size)))) }
        }
        (organisations(&all.organisations, lang))
    };
    Ok(page(&visitor, title, &content))
}

fn question(visitor: &Visitor, asked: &Asked, wrong: &Wrong) -> Markup {
    let kinds = all_or(visitor.lang, &KINDS, |one| {
        (i32::from(one).to_string(), kind(one, visitor.lang).to_owned())
    });
    html! {
        form.row.noprint method="get" action="/organisations" {
            (options(visitor.say("类别", "kind"), "kind", &kinds, &asked.kind))
            (wrong.text(visitor.say("按哪一天", "on which day"), "on", &asked.on, 10))
            (wrong.text(visitor.say("学校编号", "school id"), "school_id", &asked.school_id, 12))
            (wrong.text(visitor.say("场次期间", "period of the sessions"), "period", &asked.period, 12))
            button { (visitor.say("查看", "show")) }
        }
    }
}

fn organisations(all: &[api::Organisation], lang: Lang) -> Markup {
    let [kind, id, name, of, team, seats, sessions, days] = HEADINGS.map(|(zh, en)| lang.pick(zh, en));
    let mut table = Table::new([
        (kind, Set::Text),
        (id, Set::Text),
        (name, Set::Text),
        (of, Set::Text),
        (team, Set::Text),
        (seats, Set::Text),
        (sessions, Set::Number),
        (days, Set::Text),
        (lang.pick("条目", "entry"), Set::Number),
    ]);
    for organisation in all {
        let [kind, id, name, of, _, _, sessions, days] = row(organisation, lang);
        let ended = lang.pick("（已结束）", " (ended)");
        table.row([
            text(kind),
            text(id),
            html! { b { (name) } @if organisation.ended { (ended) } },
            text(of),
            members(&organisation.members, lang),
            schools(&organisation.schools, lang),
            text(sessions),
            html! { span.day { (days) } },
            html! { a href=(format!("/entries/{}", organisation.index)) { (organisation.index) } },
        ]);
    }
    html! {
        @if all.is_empty() {
            p.quiet { (lang.pick(
                "当日没有片区、基地、工作室、联系点或专家库。由县级审核员或管理员用接口 FormGroups、FormBases、FormStudios、LinkSchools、PoolExperts 或 keshi post 登记。",
                "there is none on that day. A county reviewer or admin posts them by FormGroups, FormBases, FormStudios, LinkSchools, PoolExperts or keshi post.",
            )) }
        }
        (table.render(lang.pick("组织", "organisations")))
    }
}

fn members(members: &[api::OrganisationMember], lang: Lang) -> Markup {
    html! {
        @for (place, member) in members.iter().enumerate() {
            @if place > 0 { (lang.pick("、", ", ")) }
            // Of whom the visitor may read nothing there is the id alone.
            @if member.name.is_empty() { (member.teacher_id) } @else {
                a href=(format!("/teachers/{}", member.teacher_id)) { (member.name) }
            }
            @if member.leads { (lang.pick("（负责）", " (leads)")) }
            @if member.has_left { b { (lang.pick("（已离任）", " (has left)")) } }
            (term(member.until.as_ref(), lang))
        }
    }
}

fn schools(schools: &[api::OrganisationSchool], lang: Lang) -> Markup {
    html! {
        @for (place, school) in schools.iter().enumerate() {
            @if place > 0 { (lang.pick("、", ", ")) }
            @if school.name.is_empty() { (school.school_id) } @else { (school.name) }
            @if school.closed { b { (lang.pick("（已撤并）", " (closed)")) } }
            (term(school.until.as_ref(), lang))
        }
    }
}

/// The organisations that the teacher is of today, for the page about her.
pub(crate) async fn of_teacher(visitor: &Visitor, teacher_id: &str, purpose: &str) -> Result<Markup, Wrong> {
    let request = api::ListOrganisationsRequest {
        teacher_id: teacher_id.to_owned(),
        purpose: purpose.to_owned(),
        ..api::ListOrganisationsRequest::default()
    };
    let answer = visitor.api.ledger().list_organisations(visitor.api.call(request)).await;
    let all = answer.map_err(Wrong::of)?.into_inner().organisations;
    let lang = visitor.lang;
    let mut table = Table::new(
        [
            ("类别", "kind"),
            ("名称", "name"),
            ("学科或称号", "subject or title"),
            ("身份", "as"),
            ("学校", "schools"),
            ("起止", "from and until"),
        ]
        .map(|(zh, en)| (lang.pick(zh, en), Set::Text)),
    );
    for organisation in &all {
        let [kind, _, name, of, _, _, _, span] = row(organisation, lang);
        let hers = organisation.members.first();
        let span = hers
            .filter(|hers| hers.since.is_some())
            .map_or(span, |hers| time::span(hers.since.as_ref(), hers.until.as_ref()));
        let leads = hers.is_some_and(|hers| hers.leads);
        table.row([
            text(kind),
            text(name),
            text(of),
            text(if leads {
                lang.pick("负责", "leads")
            } else {
                lang.pick("成员", "member")
            }),
            schools(&organisation.schools, lang),
            text(span),
        ]);
    }
    Ok(html! {
        @if !all.is_empty() {
            section {
                h2 { (lang.pick("组织", "organisations")) }
                (table.render(lang.pick("今天所在的组织", "organisations of today")))
            }
        }
    })
}

/// The organisations that the school is of today, for the page about it; nothing where she may not read them.
pub(crate) async fn of_school(visitor: &Visitor, school_id: &str, purpose: &str) -> Result<Markup, Wrong> {
    let request = api::ListOrganisationsRequest {
        school_id: school_id.to_owned(),
        purpose: purpose.to_owned(),
        ..api::ListOrganisationsRequest::default()
    };
    let answer = visitor.api.ledger().list_organisations(visitor.api.call(request)).await;
    let all = match answer.map_err(Wrong::of) {
        Ok(answer) => answer.into_inner().organisations,
        Err(wrong) if wrong.is_denied() => Vec::new(),
        Err(wrong) => return Err(wrong),
    };
    Ok(html! {
        @if !all.is_empty() {
            section {
                h2 { (visitor.say("组织", "organisations")) }
                (organisations(&all, visitor.lang))
            }
        }
    })
}

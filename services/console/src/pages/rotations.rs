//! Rotation and secondment: who fulfilled the least time, who ends early, who is on the way.

use keshi_core::codes::AssignmentNature;
use keshi_core::lang::Lang;
use keshi_proto::{api, date_to_wire};
use keshi_words::names::count;
use keshi_words::rotation::{HEADINGS, STANDINGS, counts, row, standing};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use crate::ask::{Wrong, all_or, day, options, turning};
use crate::extract::Question;
use crate::fault::Answer;
use crate::page::page;
use crate::table::{Set, Table, text};
use crate::visitor::Visitor;

/// Posts on a page.
const PAGE: i32 = 100;

/// What is asked, as it stands in the address.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Asked {
    standing: String,
    nature: String,
    school_id: String,
    on: String,
    purpose: String,
    page: String,
}

impl Asked {
    fn request(&self, visitor: &Visitor) -> Result<api::ListRotationsRequest, Wrong> {
        // What is no code is told by the services as one that there is not.
        let code = |text: &str| if text.is_empty() { 0 } else { text.parse().unwrap_or(-1) };
        Ok(api::ListRotationsRequest {
            on: day(visitor, "on", &self.on)?.map(date_to_wire),
            school_id: self.school_id.trim().to_owned(),
            nature: code(&self.nature),
            standing: code(&self.standing),
            page_size: PAGE,
            page_token: self.page.clone(),
            purpose: self.purpose.trim().to_owned(),
            ..api::ListRotationsRequest::default()
        })
    }
}

pub(crate) async fn show(visitor: Visitor, Question(asked): Question<Asked>) -> Answer {
    let title = visitor.say("轮岗交流", "Rotation and secondment");
    let answer = match asked.request(&visitor) {
        Ok(request) => {
            let answer = visitor.api.ledger().list_rotations(visitor.api.call(request)).await;
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
            @if !all.counts.is_empty() { b { (counts(&all, lang)) } }
            span { (lang.pick(format!("台账 {} 条", count(all.size)), format!("ledger of {} entries", count(all.size)))) }
        }
        @if all.rotations.is_empty() {
            p.quiet { (lang.pick(
                "没有所选的任职。轮岗、交流、借调、支教在任职（assignment_started）的“任职性质”中写明；最少月数由规则的 [[assignment_term]] 规定。",
                "there is no such post. A post says its nature (assignment_started, nature); [[assignment_term]] of a policy says the least months.",
            )) }
        }
        (table(&all.rotations, lang))
        (turning(&visitor, "/rotations", &asked, &all.next_page_token))
    };
    Ok(page(&visitor, title, &content))
}

fn question(visitor: &Visitor, asked: &Asked, wrong: &Wrong) -> Markup {
    let lang = visitor.lang;
    let standings = all_or(lang, &STANDINGS, |one| {
        (i32::from(one).to_string(), standing(one, lang).to_owned())
    });
    let natures = all_or(lang, AssignmentNature::ALL, |one| {
        (one.code().to_string(), lang.pick(one.zh(), one.en()).to_owned())
    });
    html! {
        form.row.noprint method="get" action="/rotations" {
            (options(visitor.say("情况", "state"), "standing", &standings, &asked.standing))
            (options(visitor.say("性质", "nature"), "nature", &natures, &asked.nature))
            (wrong.text(visitor.say("学校编号", "school id"), "school_id", &asked.school_id, 12))
            (wrong.text(visitor.say("按哪一天", "on which day"), "on", &asked.on, 10))
            (wrong.text(visitor.say("事由（记入查阅记录）", "purpose (noted in the log of reads)"), "purpose", &asked.purpose, 16))
            button { (visitor.say("查看", "show")) }
        }
    }
}

fn table(rotations: &[api::Rotation], lang: Lang) -> Markup {
    let [name, id, nature, place, span, done, months, due, state] = HEADINGS.map(|(zh, en)| lang.pick(zh, en));
    let mut table = Table::new([
        (name, Set::Text),
        (id, Set::Text),
        (nature, Set::Text),
        (place, Set::Text),
        (span, Set::Text),
        (done, Set::Number),
        (months, Set::Number),
        (due, Set::Text),
        (state, Set::Text),
        (lang.pick("条目", "entry"), Set::Number),
    ]);
    for rotation in rotations {
        let [name, id, nature, place, span, done, months, due, state] = row(rotation, lang);
        let early = rotation.standing() == api::TermStanding::EndsEarly;
        table.row([
            html! { a href=(format!("/teachers/{id}")) { @if name.is_empty() { (id) } @else { (name) } } },
            text(&id),
            text(nature),
            text(place),
            text(span),
            text(done),
            text(months),
            text(due),
            html! { @if early { b { (state) } } @else { (state) } },
            html! { a href=(format!("/entries/{}", rotation.index)) { (rotation.index) } },
        ]);
    }
    table.render(lang.pick("轮岗、交流、借调、支教", "posts away from the own school"))
}

/// The posts away that the teacher holds or held, for the page about her.
pub(crate) async fn of_teacher(visitor: &Visitor, teacher_id: &str, purpose: &str) -> Result<Markup, Wrong> {
    let request = api::ListRotationsRequest {
        teacher_id: teacher_id.to_owned(),
        page_size: PAGE,
        purpose: purpose.to_owned(),
        ..api::ListRotationsRequest::default()
    };
    let answer = visitor.api.ledger().list_rotations(visitor.api.call(request)).await;
    let all = answer.map_err(Wrong::of)?.into_inner();
    Ok(html! {
        @if !all.rotations.is_empty() {
            section {
                h2 { (visitor.say("轮岗交流", "rotation and secondment")) }
                (table(&all.rotations, visitor.lang))
            }
        }
    })
}

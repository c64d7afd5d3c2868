//! Works (成果): papers, results and lessons, each with its publications and prizes beside each other.

use keshi_core::codes::{Award, Level};
use keshi_core::lang::Lang;
use keshi_proto::api;
use keshi_words::names::count;
use keshi_words::topic::level;
use keshi_words::work::{
    COUNT_HEADINGS, HEADINGS, KINDS, award, count_row, counts as counted, credits, kind, numbers, person, title,
};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use crate::ask::{Wrong, address, all_or, options, turning};
use crate::extract::Question;
use crate::fault::Answer;
use crate::page::page;
use crate::table::{Set, Table, text};
use crate::visitor::Visitor;
use crate::who::id_of;

/// Works on a page.
const PAGE: i32 = 100;

/// What is asked, as it stands in the address.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Asked {
    year: String,
    kind: String,
    level: String,
    award: String,
    about: String,
    purpose: String,
    page: String,
}

impl Asked {
    async fn request(&self, visitor: &Visitor) -> Result<api::ListWorksRequest, Wrong> {
        // What is no code is told by the services as one that there is not.
        let code = |text: &str| if text.is_empty() { 0 } else { text.parse().unwrap_or(-1) };
        let year = match self.year.trim() {
            "" => 0,
            text => text
                .parse()
                .map_err(|_| Wrong::field("year", visitor.say("年份写作 2022", "write the year as 2022")))?,
        };
        let purpose = self.purpose.trim().to_owned();
        Ok(api::ListWorksRequest {
            at: None,
            year,
            kind: code(&self.kind),
            level: code(&self.level),
            award: code(&self.award),
            teacher_id: id_of(visitor, "about", &self.about, &purpose).await?,
            page_size: PAGE,
            page_token: self.page.clone(),
            purpose,
        })
    }
}

pub(crate) async fn show(visitor: Visitor, Question(asked): Question<Asked>) -> Answer {
    let heading = visitor.say("成果", "Works");
    let answer = match asked.request(&visitor).await {
        Ok(request) => {
            let answer = visitor.api.ledger().list_works(visitor.api.call(request)).await;
            answer.map_err(Wrong::of)
        }
        Err(wrong) => Err(wrong),
    };
    let all = match answer {
        Ok(answer) => answer.into_inner(),
        Err(wrong) => return visitor.again(heading, &wrong, &question(&visitor, &asked, &wrong)),
    };
    let lang = visitor.lang;
    let found = count(all.total.unsigned_abs());
    let content = html! {
        (question(&visitor, &asked, &Wrong::default()))
        p.about {
            b { (lang.pick(format!("{found} 项成果"), format!("{found} works"))) }
            span { (lang.pick(format!("台账 {} 条", count(all.size)), format!("ledger of {} entries", count(all.size)))) }
        }
        (counts(&all.counts, &asked, lang))
        (works(&all.works, lang))
        (turning(&visitor, "/works", &asked, &all.next_page_token))
    };
    Ok(page(&visitor, heading, &content))
}

fn question(visitor: &Visitor, asked: &Asked, wrong: &Wrong) -> Markup {
    let lang = visitor.lang;
    let kinds = all_or(lang, &KINDS, |one| {
        (i32::from(one).to_string(), kind(one, lang).to_owned())
    });
    let levels = all_or(lang, Level::ALL, |level| {
        (level.code().to_string(), lang.pick(level.zh(), level.en()).to_owned())
    });
    let awards = all_or(lang, Award::ALL, |award| {
        (award.code().to_string(), lang.pick(award.zh(), award.en()).to_owned())
    });
    html! {
        form.row.noprint method="get" action="/works" {
            (wrong.text(visitor.say("年份", "year"), "year", &asked.year, 6))
            (options(visitor.say("事项", "what"), "kind", &kinds, &asked.kind))
            (options(visitor.say("级别", "level"), "level", &levels, &asked.level))
            (options(visitor.say("奖次", "prize"), "award", &awards, &asked.award))
            (wrong.text(visitor.say("教师（编号或姓名）", "teacher (id or name)"), "about", &asked.about, 12))
            (wrong.text(visitor.say("事由（记入查阅记录）", "purpose (noted in the log of reads)"), "purpose", &asked.purpose, 16))
            button { (visitor.say("查看", "show")) }
        }
    }
}

/// 件 by year, kind and level; the works behind each number are one click away.
fn counts(counts: &[api::WorkCount], asked: &Asked, lang: Lang) -> Markup {
    let mut place = 0;
    let mut table = Table::new(COUNT_HEADINGS.map(|(zh, en)| {
        place += 1;
        (lang.pick(zh, en), if place <= 3 { Set::Text } else { Set::Number })
    }));
    for count in counts {
        let to = |award: Option<Award>, number: String| {
            let of = Asked {
                year: count.year.to_string(),
                kind: count.kind.to_string(),
                level: count.level.to_string(),
                award: award.map_or_else(String::new, |award| award.code().to_string()),
                page: String::new(),
                ..asked.clone()
            };
            html! { a href=(address("/works", &of)) { (number) } }
        };
        let [year, kind, level, first, second, third, excellent, sum] = count_row(count, lang);
        let [first, second, third, excellent, sum] = {
            let shown = [first, second, third, excellent, sum];
            let mut each = numbers(count).into_iter().zip(shown);
            std::array::from_fn(|_| {
                let cell = each.next();
                cell.map_or_else(Markup::default, |((award, number), shown)| {
                    if number == 0 { text(shown) } else { to(award, shown) }
                })
            })
        };
        table.row([
            text(year),
            text(kind),
            text(level),
            first,
            second,
            third,
            excellent,
            sum,
        ]);
    }
    html! {
        @if !counts.is_empty() {
            (table.render(lang.pick("获奖件数：同一成果同类奖一年只计最高的一项", "prizes: of a kind each work once a year, at its highest")))
        }
    }
}

fn works(works: &[api::Work], lang: Lang) -> Markup {
    let mut table = Table::new(HEADINGS.map(|(zh, en)| (lang.pick(zh, en), Set::Text)));
    for work in works {
        for (place, entry) in work.entries.iter().enumerate() {
            let on = keshi_words::time::date(entry.on.as_ref());
            let is_void = !entry.why_not_code.is_empty();
            table.marked(
                if is_void { "idle" } else { "" },
                [
                    html! { @if place == 0 { b { (title(work)) } } },
                    html! { a.day href=(format!("/entries/{}", entry.index)) { (on) } },
                    text(kind(entry.kind(), lang)),
                    text(level(entry.level, lang)),
                    text(award(entry.award, lang)),
                    text(&entry.of),
                    people(&entry.people, lang),
                    html! {
                        @let says = counted(entry, lang);
                        @if entry.is_best { b { (says) } } @else { (says) }
                        @for credit in credits(entry, lang) { " " small { (credit) } }
                    },
                ],
            );
        }
    }
    html! {
        @if works.is_empty() {
            p.quiet { (lang.pick(
                "没有所选的成果。发表、成果获奖、赛教获奖用“发表”“成果获奖”“参赛获奖”表导入，同一成果写同一名称。",
                "there is no such work. They are imported with the sheets 发表, 成果获奖 and 参赛获奖; one work has one title in all of them.",
            )) }
        }
        (table.render(lang.pick("同一成果的发表和各次获奖", "publications and prizes, work by work")))
    }
}

fn people(people: &[api::WorkPerson], lang: Lang) -> Markup {
    html! {
        @for (place, one) in people.iter().enumerate() {
            @if place > 0 { (lang.pick("、", ", ")) }
            a href=(format!("/teachers/{}", one.teacher_id)) { (person(one, lang)) }
        }
    }
}

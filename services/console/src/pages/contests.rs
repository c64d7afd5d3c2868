//! The competitions, level by level: the funnel of the first page, and the entries behind each of its numbers.

use keshi_core::codes::{Award, Level};
use keshi_core::lang::Lang;
use keshi_proto::api;
use keshi_words::names::{contest_step, count};
use keshi_words::time::date;
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use crate::ask::{Wrong, address, all_or, options, turning};
use crate::chart;
use crate::extract::Question;
use crate::fault::Answer;
use crate::page::page;
use crate::table::{Set, Table, text};
use crate::visitor::Visitor;

/// Records on a page.
const PAGE: i32 = 100;

/// The levels that lead from the county on: they are shown also where nothing is.
const LEVELS: [Level; 3] = [Level::County, Level::City, Level::Province];

/// In their order.
const STEPS: [api::ContestStep; 3] = [
    api::ContestStep::Recommended,
    api::ContestStep::TookPart,
    api::ContestStep::Won,
];

/// What is asked, as it stands in the address.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Asked {
    period: String,
    level: String,
    step: String,
    purpose: String,
    page: String,
}

impl Asked {
    fn request(&self) -> api::ListContestsRequest {
        // What is no code is told by the services as one that there is not.
        let code = |text: &str| if text.is_empty() { 0 } else { text.parse().unwrap_or(-1) };
        api::ListContestsRequest {
            period: self.period.trim().to_owned(),
            level: code(&self.level),
            step: code(&self.step),
            page_size: PAGE,
            page_token: self.page.clone(),
            purpose: self.purpose.trim().to_owned(),
            ..api::ListContestsRequest::default()
        }
    }
}

pub(crate) async fn show(visitor: Visitor, Question(asked): Question<Asked>) -> Answer {
    let title = visitor.say("赛教", "Competitions");
    let request = visitor.api.call(asked.request());
    let all = match visitor.api.ledger().list_contests(request).await {
        Ok(answer) => answer.into_inner(),
        Err(status) => {
            let wrong = Wrong::of(status);
            return visitor.again(title, &wrong, &question(&visitor, &asked, &wrong));
        }
    };
    let lang = visitor.lang;
    let found = count(all.total.unsigned_abs());
    let content = html! {
        (question(&visitor, &asked, &Wrong::default()))
        p.about {
            b { (lang.pick(format!("{found} 条"), format!("{found} entries"))) }
            span { (lang.pick(format!("台账 {} 条", count(all.size)), format!("ledger of {} entries", count(all.size)))) }
        }
        (funnel(&all.levels, asked.period.trim(), lang))
        (records(&all.records, asked.period.trim(), lang))
        (turning(&visitor, "/contests", &asked, &all.next_page_token))
    };
    Ok(page(&visitor, title, &content))
}

fn question(visitor: &Visitor, asked: &Asked, wrong: &Wrong) -> Markup {
    let lang = visitor.lang;
    let levels = all_or(lang, Level::ALL, |level| {
        (level.code().to_string(), lang.pick(level.zh(), level.en()).to_owned())
    });
    let steps = all_or(lang, &STEPS, |step| {
        (i32::from(step).to_string(), contest_step(step, lang).to_owned())
    });
    html! {
        form.row.noprint method="get" action="/contests" {
            (wrong.text(visitor.say("期间", "period"), "period", &asked.period, 12))
            (options(visitor.say("级别", "level"), "level", &levels, &asked.level))
            (options(visitor.say("环节", "step"), "step", &steps, &asked.step))
            (wrong.text(visitor.say("事由（记入查阅记录）", "purpose (noted in the log of reads)"), "purpose", &asked.purpose, 16))
            button { (visitor.say("查看", "show")) }
        }
    }
}

/// From the county on, level by level; each number leads to the entries behind it.
pub(super) fn funnel(levels: &[api::ContestLevel], period: &str, lang: Lang) -> Markup {
    let mut shown: Vec<api::ContestLevel> = levels.to_vec();
    for level in LEVELS.map(Level::code) {
        if !shown.iter().any(|known| known.level == level) {
            let none = api::ContestLevel {
                level,
                ..api::ContestLevel::default()
            };
            // The lower a level, the larger its code.
            let place = shown.iter().position(|known| known.level < level);
            shown.insert(place.unwrap_or(shown.len()), none);
        }
    }
    let most = shown
        .iter()
        .flat_map(numbers)
        .map(|(_, number)| number)
        .max()
        .unwrap_or(0);
    let [sent, took_part, won] = STEPS.map(|step| contest_step(step, lang));
    let mut table = Table::new([
        (lang.pick("级别", "level"), Set::Text),
        (sent, Set::Number),
        (took_part, Set::Number),
        (won, Set::Number),
    ]);
    for level in &shown {
        let [sent, took_part, won] = numbers(level).map(|(step, number)| {
            let said = count(number.unsigned_abs());
            let asked = Asked {
                period: period.to_owned(),
                level: level.level.to_string(),
                step: i32::from(step).to_string(),
                ..Asked::default()
            };
            html! {
                @if number == 0 { (said) } @else { a href=(address("/contests", &asked)) { (said) } (chart::meter(number, most, false, &said)) }
            }
        });
        table.row([html! { b { (named(level.level, lang)) } }, sent, took_part, won]);
    }
    table.render(lang.pick(
        "人次（每人每项赛事计一次）；逐级往下看",
        "teachers, each once in a competition; read down from level to level",
    ))
}

fn numbers(level: &api::ContestLevel) -> [(api::ContestStep, i64); 3] {
    let [sent, took_part, won] = STEPS;
    [
        (sent, level.recommended),
        (took_part, level.took_part),
        (won, level.won),
    ]
}

fn named(level: i32, lang: Lang) -> &'static str {
    Level::from_code(level).map_or("", |level| lang.pick(level.zh(), level.en()))
}

fn records(records: &[api::ContestRecord], period: &str, lang: Lang) -> Markup {
    let mut table = Table::new([
        (lang.pick("日期", "date"), Set::Text),
        (lang.pick("姓名", "name"), Set::Text),
        (lang.pick("学校", "school"), Set::Text),
        (lang.pick("级别", "level"), Set::Text),
        (lang.pick("环节", "step"), Set::Text),
        (lang.pick("赛事", "competition"), Set::Text),
        (lang.pick("奖次", "prize"), Set::Text),
        (lang.pick("条目", "entry"), Set::Number),
    ]);
    for record in records {
        let name = if record.name.is_empty() {
            &record.teacher_id
        } else {
            &record.name
        };
        let whose = address(&format!("/teachers/{}", record.teacher_id), &[("period", period)]);
        let award = Award::from_code(record.award).map_or("", |award| lang.pick(award.zh(), award.en()));
        let from = if record.competition.is_empty() && record.step() == api::ContestStep::Recommended {
            lang.pick("凭称号", "by a title")
        } else {
            &record.competition
        };
        table.row([
            text(date(record.on.as_ref())),
            html! { a href=(whose) { (name) } " " small { (record.teacher_id) } },
            text(record.school_names.join(lang.pick("、", ", "))),
            text(named(record.level, lang)),
            text(contest_step(record.step(), lang)),
            text(from),
            text(award),
            html! { a href=(format!("/entries/{}", record.index)) { (record.index) } },
        ]);
    }
    html! {
        @if records.is_empty() {
            p.quiet { (lang.pick("所选范围内没有条目：核对期间、级别和环节；新的由“导入”登记。", "no entry is in that range: check period, level and step; new ones come by an import.")) }
        }
        (table.render(lang.pick("条目", "entries")))
    }
}

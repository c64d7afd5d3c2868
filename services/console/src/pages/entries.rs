//! The entries of the ledger, in the order of the log.

use jiff::Timestamp;
use keshi_core::event::Fact;
use keshi_core::time::CHINA;
use keshi_proto::api;
use keshi_words::entry::{HEADINGS, cells};
use keshi_words::names::count;
use keshi_words::time::timestamp;
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use crate::ask::{Wrong, address, day, options, pages, tick};
use crate::extract::Question;
use crate::fault::Answer;
use crate::page::page;
use crate::table::{Set, Table, text};
use crate::visitor::Visitor;
use crate::who::id_of;

/// Entries on a page.
const PAGE: u64 = 100;

/// What is asked, as it stands in the address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Asked {
    about: String,
    kind: String,
    poster: String,
    since: String,
    late: String,
    undone: String,
    refused: String,
    from: String,
    purpose: String,
    page: String,
}

impl Asked {
    /// The question, about everybody.
    fn request(&self, visitor: &Visitor, from: u64) -> Result<api::ListEntriesRequest, Wrong> {
        let since = day(visitor, "since", &self.since)?;
        let begins = since.and_then(|day| CHINA.to_timestamp(day.at(0, 0, 0, 0)).ok());
        let filter = api::EntryFilter {
            late: !self.late.is_empty(),
            undone: !self.undone.is_empty(),
            refused: !self.refused.is_empty(),
            poster: self.poster.trim().to_owned(),
            recorded_since: begins.map(|at: Timestamp| timestamp(at)),
            kind: self.kind.clone(),
            submission_id: String::new(),
        };
        Ok(api::ListEntriesRequest {
            from_index: from,
            about_teacher_id: String::new(),
            page_size: i32::try_from(PAGE).unwrap_or(0),
            page_token: self.page.clone(),
            at: None,
            purpose: self.purpose.trim().to_owned(),
            filter: (filter != api::EntryFilter::default()).then_some(filter),
            in_words: true,
        })
    }

    /// Whether nothing is asked but to see the ledger: then the newest are of interest.
    fn is_open(&self) -> bool {
        let Self { purpose, .. } = self;
        *self
            == Self {
                purpose: purpose.clone(),
                ..Self::default()
            }
    }
}

pub(crate) async fn show(visitor: Visitor, Question(asked): Question<Asked>) -> Answer {
    let title = visitor.say("台账", "Ledger");
    let listed = match look(&visitor, &asked).await {
        Ok(listed) => listed,
        Err(wrong) => {
            let hint = visitor.say(
                "您可以查看有关一位教师的条目：请填她的姓名或编号。",
                "you may see what is about one teacher: fill in her name or id.",
            );
            let form = html! {
                @if wrong.is_denied() && asked.about.trim().is_empty() { p.hint { (hint) } }
                (question(&visitor, &asked, &wrong))
            };
            return visitor.again(title, &wrong, &form);
        }
    };
    let Listed { answer, from } = listed;
    let at = |asked: Asked| address("/entries", &asked);
    let later = (!answer.next_page_token.is_empty()).then(|| {
        at(Asked {
            page: answer.next_page_token.clone(),
            from: from.to_string(),
            ..asked.clone()
        })
    });
    let first = (!asked.is_open()).then(|| {
        at(Asked {
            page: String::new(),
            from: "0".to_owned(),
            ..asked.clone()
        })
    });
    let earlier = (asked.page.is_empty() && from > 0 && asked.about.is_empty()).then(|| {
        at(Asked {
            from: from.saturating_sub(PAGE).to_string(),
            ..asked.clone()
        })
    });
    let content = html! {
        (question(&visitor, &asked, &Wrong::default()))
        p.about { span { (visitor.lang.pick(format!("台账 {} 条", count(answer.size)), format!("ledger of {} entries", count(answer.size)))) } }
        @if answer.entries.is_empty() { (empty(&visitor, &answer)) }
        (list(&visitor, &answer))
        @if let Some(earlier) = earlier { p.noprint { a href=(earlier) { (visitor.say("较早的条目", "earlier entries")) } } }
        (pages(&visitor, first, later))
    };
    Ok(page(&visitor, title, &content))
}

/// A page, and the entry that it began to look from.
struct Listed {
    answer: api::ListEntriesResponse,
    from: u64,
}

async fn look(visitor: &Visitor, asked: &Asked) -> Result<Listed, Wrong> {
    let from = if asked.is_open() {
        let request = visitor.api.call(api::GetHeadRequest::default());
        let head = visitor.api.ledger().get_head(request).await.map_err(Wrong::of)?;
        head.into_inner().size.saturating_sub(PAGE)
    } else {
        match asked.from.trim() {
            "" => 0,
            text => text.parse().map_err(|_| {
                Wrong::field(
                    "from",
                    visitor.say("条目号应是整数", "an entry's number is a whole number"),
                )
            })?,
        }
    };
    let mut request = asked.request(visitor, from)?;
    request.about_teacher_id = id_of(visitor, "about", &asked.about, &asked.purpose).await?;
    let request = visitor.api.call(request);
    let answer = visitor.api.ledger().list_entries(request).await.map_err(Wrong::of)?;
    Ok(Listed {
        answer: answer.into_inner(),
        from,
    })
}

fn question(visitor: &Visitor, asked: &Asked, wrong: &Wrong) -> Markup {
    let lang = visitor.lang;
    let mut kinds = vec![(String::new(), lang.pick("全部", "all").to_owned())];
    kinds.extend(Fact::KINDS.iter().map(|kind| {
        let zh = Fact::kind_in_zh(kind).unwrap_or(kind);
        ((*kind).to_owned(), lang.pick(zh.to_owned(), kind.replace('_', " ")))
    }));
    html! {
        form.row.noprint method="get" action="/entries" {
            (wrong.text(visitor.say("有关教师（姓名或编号）", "about this teacher (name or id)"), "about", &asked.about, 10))
            (options(visitor.say("事项", "kind"), "kind", &kinds, &asked.kind))
            (wrong.text(visitor.say("提交者", "posted by"), "poster", &asked.poster, 12))
            (wrong.day(visitor.say("入账不早于", "recorded since"), "since", &asked.since))
            (wrong.text(visitor.say("从第几条起", "from entry"), "from", &asked.from, 7))
            (tick(visitor.say("补登", "posted late"), "late", !asked.late.is_empty()))
            (tick(visitor.say("已作废或已更正", "voided or corrected"), "undone", !asked.undone.is_empty()))
            (tick(visitor.say("不予入账或冲突", "refused or conflicting"), "refused", !asked.refused.is_empty()))
            (wrong.text(visitor.say("事由（记入查阅记录）", "purpose (noted in the log of reads)"), "purpose", &asked.purpose, 16))
            button { (visitor.say("查看", "show")) }
        }
    }
}

fn empty(visitor: &Visitor, answer: &api::ListEntriesResponse) -> Markup {
    let says = if answer.size == 0 {
        visitor.say(
            "台账还是空的；先导入学校、教师和规则",
            "the ledger is empty yet; import schools, teachers and a policy first",
        )
    } else if answer.next_page_token.is_empty() {
        visitor.say("没有符合条件的条目", "no entry is of that kind")
    } else {
        visitor.say(
            "这一段没有符合条件的条目，请看下一页",
            "none in this part of the ledger; look at the next page",
        )
    };
    html! { p.quiet { (says) } }
}

/// The entries as a table.
pub(super) fn list(visitor: &Visitor, answer: &api::ListEntriesResponse) -> Markup {
    let headings = HEADINGS.map(|(zh, en)| visitor.say(zh, en));
    let mut set = [Set::Text; 8];
    set[0] = Set::Number;
    let mut columns = headings.map(|name| (name, Set::Text));
    for (column, set) in columns.iter_mut().zip(set) {
        column.1 = set;
    }
    let mut table = Table::new(columns);
    for (entry, words) in answer.entries.iter().zip(&answer.words) {
        let [index, recorded, dates, kind, about, what, state, poster] = cells(entry, words, visitor.lang);
        let is_idle = entry.voided_by.is_some() || entry.corrected_by.is_some() || entry.reason.is_some();
        table.marked(
            if is_idle { "idle" } else { "" },
            [
                html! { a href=(format!("/entries/{}", entry.index)) { (index) } },
                text(recorded),
                text(dates),
                text(kind),
                text(about),
                text(what),
                text(state),
                text(poster),
            ],
        );
    }
    table.render(visitor.say("条目，先入账的在前", "entries, the earliest recorded first"))
}

//! A teacher's titles, and the next step.

use keshi_core::lang::Lang;
use keshi_proto::api;
use keshi_words::tier::{HEADINGS, row, waits};
use maud::{Markup, html};

use crate::table::{Set, Table, text};

pub(super) fn section(tier: &api::Tier, lang: Lang) -> Markup {
    html! {
        section {
            h2 { (lang.pick("称号", "titles")) }
            @if tier.titles.is_empty() { p.quiet { (lang.pick("现无称号", "no title at present")) } }
            (titles(&tier.titles, lang, lang.pick("有效的称号，高的在前", "titles in force, the highest first")))
            (titles(&tier.waiting, lang, lang.pick("待生效的称号", "titles that wait")))
            @for waits in tier.waiting.iter().map(|title| waits(title, lang)).filter(|text| !text.is_empty()) { p { (waits) } }
            @if let Some(next) = &tier.next {
                p { (lang.pick("下一步：", "next step: ")) b { (next.name_zh) } }
                @let missing = lang.pick(&next.missing_zh, &next.missing_en);
                @if !missing.is_empty() {
                    ul { @for lack in missing { li { (lang.pick("还缺：", "missing: ")) (lack) } } }
                }
            }
        }
    }
}

fn titles(titles: &[api::Title], lang: Lang, caption: &str) -> Markup {
    let [name, conferred, until, entry] = HEADINGS.map(|(zh, en)| lang.pick(zh, en));
    let columns = [
        (name, Set::Text),
        (conferred, Set::Text),
        (until, Set::Text),
        (entry, Set::Number),
    ];
    let mut table = Table::new(columns);
    for title in titles {
        let [name, conferred, until, index] = row(title);
        table.row([
            text(name),
            text(conferred),
            text(until),
            html! { a href=(format!("/entries/{}", title.index)) { (index) } },
        ]);
    }
    table.render(caption)
}

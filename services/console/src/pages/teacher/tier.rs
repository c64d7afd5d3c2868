//! A teacher's titles through their life, every next step, and what is missing for each.

use keshi_core::lang::Lang;
use keshi_proto::api;
use keshi_words::tier::{HEADINGS, missing, remarks, rows, rule};
use maud::{Markup, html};

use crate::table::{Set, Table, text};

pub(super) fn section(tier: &api::Tier, lang: Lang) -> Markup {
    html! {
        section {
            h2 { (lang.pick("称号", "titles")) }
            @if tier.titles.is_empty() { p.quiet { (lang.pick("现无称号", "no title at present")) } }
            (titles(tier, lang))
            @for remark in remarks(tier, lang) { p { (remark) } }
            @if !tier.steps.is_empty() { h3 { (lang.pick("下一步", "next steps")) } }
            @for step in &tier.steps {
                p {
                    b { (step.name_zh) }
                    @if !rule(step).is_empty() { " " a href="/policies" { small { (rule(step)) } } }
                    @if !step.text.is_empty() { br; span.quiet { (step.text) } }
                }
                ul { @for lack in missing(step, lang) { li { (lack) } } }
            }
        }
    }
}

fn titles(tier: &api::Tier, lang: Lang) -> Markup {
    let [name, conferred, until, state, entry] = HEADINGS.map(|(zh, en)| lang.pick(zh, en));
    let columns = [
        (name, Set::Text),
        (conferred, Set::Text),
        (until, Set::Text),
        (state, Set::Text),
        (entry, Set::Number),
    ];
    let mut table = Table::new(columns);
    for (_, [name, conferred, until, state, index]) in rows(tier, lang) {
        table.row([
            text(name),
            text(conferred),
            text(until),
            text(state),
            html! { a href=(format!("/entries/{index}")) { (index) } },
        ]);
    }
    table.render(lang.pick(
        "称号：有效的在前，高的在前",
        "titles: those in force first, the highest first",
    ))
}
